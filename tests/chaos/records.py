"""I1, I2, I3 and the logs' part of I5, from the records alone."""
from urllib.parse import urlsplit

from job import LIST, NOT_FINAL, NOT_SENT, ROBOTS
from wire import DEAD, DROPPED, NONE, PASSED, request_id

SKEW_MS = 1000  # between clocks, and between a look at one and the send: who leases waits for it
STEPS = (('pages', 'documents'), ('documents', 'visits'), ('visits', 'reports'))


# ---- I1: what was acknowledged is there ----

def check_offsets(logs, findings):
    """Every log is whole: from offset 0, without a gap."""
    for (topic, partition), low in sorted(logs.low.items()):
        if low != 0:
            findings.add('I1', f'{topic}/{partition} begins at {low}: what was before is gone')
        items = logs.topics[topic].get(partition, [])
        for before, after in zip(items, items[1:]):
            if after[0] != before[0] + 1:
                findings.add('I1', f'{topic}/{partition}: {before[0]} is followed by {after[0]}')
        end = logs.high[topic, partition]
        if items and items[-1][0] != end - 1:
            findings.add('I1', f'{topic}/{partition} ends at {items[-1][0]}, its end is {end}')


def check_seen(seen, logs, findings):
    """What somebody has read before stands there now, byte by byte. `seen`: an older Logs."""
    for topic, partitions in sorted(seen.topics.items()):
        for partition, items in sorted(partitions.items()):
            now = {item[0]: item for item in logs.topics.get(topic, {}).get(partition, [])}
            for item in items:
                if item[0] not in now:
                    findings.add('I1', f'{topic}/{partition}@{item[0]} was read before and is gone')
                elif now[item[0]] != item:
                    findings.add('I1', f'{topic}/{partition}@{item[0]} is another record now')


def check_seal(job, logs, findings):
    seal = job.seal()
    if seal is None:
        findings.add('I1', f'job {job.name} is not sealed')
        return
    for span in seal.message.sealed.ranges:
        for partition, end in enumerate(span.ends):
            if end > logs.high.get((span.topic, partition), 0):
                findings.add('I1', f'sealed up to {span.topic}/{partition}@{end}, which is not '
                             'there', seal)


def check_results_stored(job, findings):
    """A result is published after its pages and documents: who sees the one finds the others."""
    pages, documents = job.by_id('pages'), job.by_id('documents')
    for key, entry in job.fetched().items():
        if key not in pages:
            findings.add('I1', f'{key.hex()} was fetched and has no page', entry)
    for key, entry in job.fetched(kinds=(0,)).items():
        if key not in documents:
            findings.add('I1', f'{key.hex()} was fetched and has no document', entry)


def check_sources(job, findings):
    """The source a record names is a record with its id."""
    places = {(e.topic, e.partition, e.offset): e for kind in ('pages', 'documents', 'visits')
              for e in job.entries[kind]}
    for before, kind in STEPS:
        for entry in job.entries[kind]:
            source = source_of(entry)
            if source is None:
                continue  # an ingested document comes from outside
            origin = places.get(source)
            if origin is None or origin.kind != before:
                findings.add('I1', f'its source {source[0]}/{source[1]}@{source[2]} is not there',
                             entry)
            elif origin.id != entry.id:
                findings.add('I3', f'its source {origin.place} has id {origin.id.hex()}', entry)


def source_of(entry):
    if not entry.envelope.sources:
        return None
    last = entry.envelope.sources[-1]
    return last.topic, last.partition, last.offset


# ---- I2: nothing gets lost on the way ----

def check_requests(job, findings):
    if job.seeded is None:
        findings.add('I2', f'job {job.name} was never seeded')
    elif job.seeded.seeds != len(job.seeds):
        findings.add('I2', f'{job.seeded.seeds} seeds announced, {len(job.seeds)} in urls')
    for key, entry in job.known.items():
        if key not in job.final:
            findings.add('I2', f'request {key.hex()} has no end, named by', entry)
        elif key not in job.links and job.final[key][1] is not None:
            findings.add('I2', f'{key.hex()} was fetched without a link', job.final[key][0])
    for key, (entry, _) in job.final.items():
        if key not in job.known:
            findings.add('I2', f'an end of {key.hex()}, which nobody named', entry)
    for key, sent in job.sends.items():
        for entry, fetch in sent:
            if request_id(fetch.request) != key:
                findings.add('I2', f'result {key.hex()} is of another request', entry)


def check_outcomes(job, findings):
    """Each document has an outcome in every stage, and each outcome a document."""
    ids = {kind: job.by_id(kind) for kind in ('documents', 'visits', 'reports')}
    expected = set(ids['documents'])
    for kind, name in (('visits', 'classifier'), ('reports', 'extractor')):
        for key in expected - set(ids[kind]):
            findings.add('I2', f'no outcome of the {name}', ids['documents'][key][0])
        for key in set(ids[kind]) - expected:
            findings.add('I2', f'an outcome of the {name} without a document', ids[kind][key][0])
        for entries in ids[kind].values():
            if entries[0].envelope.outcome == NONE:
                findings.add('I2', f'no outcome in the record of the {name}', entries[0])
    fetched = job.fetched(kinds=(0,))
    for key in expected - set(fetched):
        if ids['documents'][key][0].envelope.generation == 0:
            findings.add('I2', 'a document of no ok fetch', ids['documents'][key][0])


def check_dead(job, findings):
    for kind in ('documents', 'visits', 'reports'):
        for entries in job.by_id(kind).values():
            if all(e.envelope.outcome == DEAD for e in entries):
                findings.add('I2', f'dead ({entries[0].envelope.reason})', entries[0])


# ---- I3: one effect ----

def check_repeats(job, findings):
    """An outcome may stand there twice, but of one input there is one outcome."""
    for kind in ('visits', 'reports'):
        first = {}
        for entry in job.entries[kind]:
            source = source_of(entry), entry.envelope.generation
            told = entry.envelope.outcome, entry.envelope.reason, entry.envelope.payload
            before = first.setdefault(source, (told, entry))
            if before[0] != told:
                findings.add('I3', f'another outcome than {before[1].place} of one input', entry)
    for entries in job.by_id('reports').values():
        good = {(e.envelope.outcome, e.envelope.payload) for e in entries
                if e.envelope.outcome in (PASSED, DROPPED)}
        texts = {d.envelope.payload for d in job.by_id('documents').get(entries[0].id, ())}
        if len(good) > 1 and len(texts) == 1:
            findings.add('I3', f'{len(good)} different outcomes of one text', entries[-1])


def check_leases(job, findings):
    """A lease is given once, worked on at most once, and only leases make pages."""
    granted = {}
    for entry in job.entries['leases']:
        before = granted.setdefault(entry.message.id, entry)
        if before is not entry:
            findings.add('I3', f'lease {entry.message.id.hex()} given at {before.place} and again',
                         entry)
    for lease, entries in job.results.items():
        told = {e.envelope.payload for e in entries}
        if len(told) > 1:
            findings.add('I3', f'lease {lease.hex()} was worked on {len(told)} times', entries[-1])
        if lease not in granted:
            findings.add('I3', f'a result of lease {lease.hex()}, which was never given',
                         entries[0])
        else:
            _check_items(granted[lease], entries[0], findings)
    items = job.items()
    for kind in ('pages', 'documents'):
        for key, entries in job.by_id(kind).items():
            if entries[0].envelope.generation == 0 and len(entries) > len(items.get(key, ())):
                findings.add('I3', f'{len(entries)} {kind} of {len(items.get(key, ()))} leases',
                             entries[-1])


def _check_items(lease, result, findings):
    items = {item.request_id for item in lease.message.items}
    for fetch in result.message.result.fetches:
        if fetch.request_id not in items:
            findings.add('I3', f'{fetch.request_id.hex()} does not stand in {lease.place}', result)
        if fetch.outcome != NOT_SENT and fetch.sent_ms >= lease.message.expires_ms + SKEW_MS:
            findings.add('I4', f'{fetch.request_id.hex()} sent after {lease.place} expired', result)


def check_answers(job, findings):
    """A reply ends a claim; a claim has one end; what a record was made from stands there."""
    claims, ended, replied = set(), {}, set()
    for entry in job.entries['answers']:
        kind = entry.message.WhichOneof('kind')
        one = getattr(entry.message, kind) if kind else None
        if kind == 'claim':
            claims.add((entry.id, one.speaker.life, one.speaker.number))
        elif kind in ('reply', 'failure', 'release'):
            key = (entry.id, one.life, one.claim)
            if key not in claims:
                findings.add('I3', f'a {kind} without a claim', entry)
            if ended.setdefault(key, kind) != kind:
                findings.add('I3', f'a {kind} of a claim that ended as {ended[key]}', entry)
            if kind == 'reply':
                replied.add(entry.id)
    for kind in ('visits', 'reports'):
        for entry in job.entries[kind]:
            for key in entry.message.consulted.answers:
                if key not in replied:
                    findings.add('I3', f'answer {key.hex()} is in no log', entry)


# ---- I5: the job's hosts only ----

def check_scope(job, hosts, findings):
    for entry in job.entries['leases']:
        for item in entry.message.items:
            host = urlsplit(item.request.url).hostname
            if host not in hosts:
                findings.add('I5', f'a lease for {item.request.url}', entry)
            if host != entry.message.host:
                findings.add('I5', f'{item.request.url} in a lease of {entry.message.host}', entry)


def check_all(job, logs, hosts, findings):
    for place in job.garbage:
        findings.add('I1', f'no record: {place}')
    check_offsets(logs, findings)
    check_seal(job, logs, findings)
    for check in (check_results_stored, check_sources, check_requests, check_outcomes, check_dead,
                  check_repeats, check_leases, check_answers):
        check(job, findings)
    check_scope(job, hosts, findings)


def summary(job):
    """Counts for the progress line and the summary: what the job did, what it repeated."""
    kinds = ('pages', 'documents', 'visits', 'reports')
    repeats = {kind: len(job.entries[kind]) - len(job.by_id(kind)) for kind in kinds}
    unfinished = {e.message.id for e in job.entries['leases']} - set(job.results)
    again = sum(1 for sent in job.sends.values() for _, fetch in sent
                if fetch.outcome in NOT_FINAL and fetch.request.kind != ROBOTS)
    return {'requests': len(job.final), 'documents': len(job.by_id('documents')),
            'lists': sum(1 for e in job.seeds.values() if e.message.link.request.kind == LIST),
            'leases': len(job.entries['leases']), 'lost_leases': len(unfinished),
            'seals': len(job.seals), 'tried_again': again,
            **{f'repeated_{kind}': count for kind, count in repeats.items()}}
