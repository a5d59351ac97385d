"""What the logs say about one job: its records by kind, its requests and what became of them."""
from collections import defaultdict

from wire import decode, kind_of, request_id

ARTICLE, LIST, ROBOTS = range(3)
OK, MOVED, NOT_FOUND, REFUSED, TRY_AGAIN, TOO_LARGE, BLOCKED, BAD_ADDRESS, UNREADABLE, NOT_SENT = \
    range(10)
NOT_FINAL = (TRY_AGAIN, NOT_SENT, BLOCKED)


class Findings:
    """What is broken: invariant → texts, each with the place of a record where there is one."""

    def __init__(self):
        self.found = defaultdict(list)

    def add(self, invariant, text, entry=None):
        self.found[invariant].append(text if entry is None else f'{text}: {entry}')

    def count(self):
        return sum(map(len, self.found.values()))

    def lines(self, each=10):
        for invariant, texts in sorted(self.found.items()):
            yield from (f'{invariant} {text}' for text in texts[:each])
            if len(texts) > each:
                yield f'{invariant} … and {len(texts) - each} more'


class Job:
    """One run of a job. Records of other jobs in the shared logs are passed over."""

    def __init__(self, wire, logs, name, run='main'):
        self.name, self.run = name, run
        self.garbage = []
        self.indexes = {}
        self.entries = defaultdict(list)
        self.submitted = self.seeded = None
        self.seals = []
        self.all_leases = []  # other jobs' too: their requests go to the same hosts
        for topic in sorted(logs.topics):
            if topic in ('urls', 'leases', 'control') or self._owns(topic):
                self._read(wire, logs, topic)
        self._read_control()
        self._read_urls()

    def _owns(self, topic):
        return topic in (f'{self.name}.pages', f'{self.name}.answers') or \
            topic.startswith(f'{self.name}.{self.run}.')

    def _read(self, wire, logs, topic):
        for partition, offset, key, value in logs.records(topic):
            entry = decode(wire, (topic, partition, offset), value)
            if topic == 'leases' and entry is not None and entry.message is not None:
                self.all_leases.append(entry)
            if entry is None or entry.message is None:
                self.garbage.append(f'{topic}/{partition}@{offset}')
            elif topic == 'control' or entry.envelope.job == self.name:
                self.entries[kind_of(topic)].append(entry)
            if entry is not None and entry.envelope.key != key:
                self.garbage.append(f'{topic}/{partition}@{offset}: key is not the envelope\'s')

    def _mine(self, message):
        return message.job == self.name and message.run == self.run

    def _read_control(self):
        for entry in self.entries['control']:
            kind = entry.message.WhichOneof('kind')
            message = getattr(entry.message, kind) if kind else None
            if kind == 'submitted' and self._mine(message):
                self.submitted = self.submitted or message
            elif kind == 'seeded' and self._mine(message):
                self.seeded = self.seeded or message
            elif kind == 'sealed' and self._mine(message):
                self.seals.append(entry)

    def _read_urls(self):
        self.links = {}                   # id → Entry of the first link
        self.seeds = {}                   # id → Entry, of links without a parent
        self.known = {}                   # id → Entry that first named it
        self.final = {}                   # id → (Entry, fetch or None) of its first end
        self.results = defaultdict(list)  # lease → Entries
        self.sends = defaultdict(list)    # id → (Entry, fetch) of everything that was sent
        for entry in self.entries['urls']:
            kind = entry.message.WhichOneof('kind')
            if kind == 'link':
                self._take_link(entry)
            elif kind == 'result':
                self._take_result(entry)
            elif kind == 'verdict' and entry.message.verdict.request.kind != ROBOTS:
                self.final.setdefault(entry.message.verdict.request_id, (entry, None))

    def _take_link(self, entry):
        link = entry.message.link
        if link.request.kind == ROBOTS:
            return
        self.links.setdefault(entry.id, entry)
        self.known.setdefault(entry.id, entry)
        if not link.parent:
            self.seeds.setdefault(entry.id, entry)

    def _take_result(self, entry):
        result = entry.message.result
        self.results[result.lease].append(entry)
        for fetch in result.fetches:
            if fetch.outcome != NOT_SENT:
                self.sends[fetch.request_id].append((entry, fetch))
            if fetch.request.kind == ROBOTS:
                continue
            if fetch.outcome not in NOT_FINAL:
                self.final.setdefault(fetch.request_id, (entry, fetch))
            for link in fetch.links:
                if link.request.kind != ROBOTS:
                    self.known.setdefault(request_id(link.request), entry)
            for hit in fetch.hits:
                self.known.setdefault(hit.request_id, entry)

    def seal(self):
        """The first of the newest generation; None before it."""
        newest = max((e.message.sealed.generation for e in self.seals), default=0)
        return next((e for e in self.seals if e.message.sealed.generation == newest), None)

    def fetched(self, kinds=(ARTICLE, LIST)):
        """id → Entry of the result, of requests of these kinds that ended well."""
        return {key: entry for key, (entry, fetch) in self.final.items()
                if fetch is not None and fetch.outcome == OK and fetch.request.kind in kinds}

    def by_id(self, kind):
        """id → Entries in log order, partition by partition."""
        if kind not in self.indexes:
            found = self.indexes[kind] = defaultdict(list)
            for entry in self.entries[kind]:
                found[entry.id].append(entry)
        return self.indexes[kind]

    def items(self):
        """id → Entries of the leases it stands in."""
        found = defaultdict(list)
        for entry in self.entries['leases']:
            for item in entry.message.items:
                found[item.request_id].append(entry)
        return found
