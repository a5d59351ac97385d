#!/usr/bin/env python3
"""The checker itself: finds nothing in a good job, and every invariant when it is broken once.

usage: check_test.py
"""
import copy
import shutil
import sys
import tempfile

import check
from logs import Ledger
from manners import Request, Robots, Stop, read_log
from sample import HOST, JOB, RUN, Sample
from wire import Wire, decode

DOCUMENTS, VISITS, REPORTS = (f'{JOB}.{RUN}.{kind}' for kind in ('documents', 'visits', 'reports'))
PAGES = f'{JOB}.pages'
BREAKS = []


def breaks(invariant, words):
    """The function breaks the evidence: a finding of the invariant has these words."""
    def register(function):
        BREAKS.append((invariant, words, function))
        return function
    return register


def items_of(evidence, topic):
    """The list of records of the first partition that has some."""
    return next(items for _, items in sorted(evidence.logs.topics[topic].items()) if items)


def drop(evidence, topic, wanted=lambda entry: True):
    """Takes one record out and closes the gap, as if it had never been written."""
    for partition, items in sorted(evidence.logs.topics[topic].items()):
        for index, item in enumerate(items):
            entry = decode(evidence.wire, (topic, partition, item[0]), item[2])
            if wanted(entry):
                del items[index]
                items[:] = [(offset, *rest) for offset, (_, *rest) in enumerate(items)]
                evidence.logs.high[topic, partition] -= 1
                return
    raise AssertionError('nothing to drop')


def change(evidence, topic, edit, wanted=lambda entry: True, copy_of=False):
    """Edits one record's envelope and payload in place, or as a repeat behind the last."""
    for partition, items in sorted(evidence.logs.topics[topic].items()):
        for index, item in enumerate(items):
            entry = decode(evidence.wire, (topic, partition, item[0]), item[2])
            if wanted(entry):
                edit(entry)
                entry.envelope.payload = entry.message.SerializeToString()
                value = entry.envelope.SerializeToString()
                if copy_of:
                    items.append((len(items), item[1], value, item[3] + 1))
                    evidence.logs.high[topic, partition] += 1
                else:
                    items[index] = (item[0], item[1], value, item[3])
                return
    raise AssertionError('nothing to change')


def kind(name):
    return lambda entry: entry.message.WhichOneof('kind') == name


def nothing(_entry):
    pass


# ---- I1 ----

@breaks('I1', 'begins at 3')
def retention(e):
    e.logs.low['urls', 0] = 3


@breaks('I1', 'is followed by')
def hole(e):
    del items_of(e, 'urls')[4]


@breaks('I1', 'its end is')
def short_log(e):
    del items_of(e, 'urls')[-1]


@breaks('I1', 'another record now')
def rewritten(e):
    e.seen = copy.deepcopy(e.logs)
    item = items_of(e, PAGES)[0]
    items_of(e, PAGES)[0] = (item[0], item[1], item[2] + b'\x82\x06\x01x', item[3])


@breaks('I1', 'was read before and is gone')
def lost_tail(e):
    e.seen = copy.deepcopy(e.logs)
    drop(e, REPORTS)


@breaks('I1', 'has no page')
def no_page(e):
    drop(e, PAGES)


@breaks('I1', 'has no document')
def no_document(e):
    drop(e, DOCUMENTS)


@breaks('I1', 'is not sealed')
def no_seal(e):
    drop(e, 'control', kind('sealed'))


@breaks('I1', 'sealed up to')
def seal_too_far(e):
    def further(entry):
        entry.message.sealed.ranges[0].ends[0] += 5
    change(e, 'control', further, kind('sealed'))


@breaks('I1', 'no record')
def garbage(e):
    item = items_of(e, VISITS)[0]
    items_of(e, VISITS)[0] = (item[0], item[1], b'\xff\xff', item[3])


@breaks('I1', 'is not there')
def no_source(e):
    def elsewhere(entry):
        entry.envelope.sources[-1].offset = 77
    change(e, VISITS, elsewhere)


# ---- I2 ----

@breaks('I2', 'has no end')
def no_end(e):
    drop(e, 'urls', kind('verdict'))


@breaks('I2', 'seeds announced')
def seeds(e):
    def more(entry):
        entry.message.seeded.seeds = 3
    change(e, 'control', more, kind('seeded'))


@breaks('I2', 'never seeded')
def unseeded(e):
    drop(e, 'control', kind('seeded'))


@breaks('I2', 'nobody named')
def end_of_nothing(e):
    def other(entry):
        entry.message.verdict.request_id = b'0123456789abcdef'
    change(e, 'urls', other, kind('verdict'), copy_of=True)


@breaks('I2', 'without a link')
def unlinked(e):
    drop(e, 'urls', lambda entry: kind('link')(entry) and entry.message.link.parent)


@breaks('I2', 'no outcome of the classifier')
def unclassified(e):
    drop(e, VISITS)


@breaks('I2', 'no outcome of the extractor')
def unextracted(e):
    drop(e, REPORTS)


@breaks('I2', 'without a document')
def outcome_of_nothing(e):
    def other(entry):
        entry.envelope.id = b'0123456789abcdef'
    change(e, REPORTS, other, copy_of=True)


@breaks('I2', 'dead (crash)')
def dead(e):
    def die(entry):
        entry.envelope.outcome, entry.envelope.reason = 3, 'crash'
    change(e, REPORTS, die)


@breaks('I2', 'of another request')
def other_request(e):
    def other(entry):
        entry.message.result.fetches[0].request.url += 'x'
    change(e, 'urls', other, kind('result'))


# ---- I3 ----

@breaks('I3', 'of one input')
def two_outcomes(e):
    def other(entry):
        entry.message.purpose = 'learning'
    change(e, VISITS, other, copy_of=True)


@breaks('I3', 'and again')
def lease_twice(e):
    change(e, 'leases', nothing, copy_of=True)


@breaks('I3', 'was worked on 2 times')
def worked_twice(e):
    def later(entry):
        entry.message.result.fetches[0].sent_ms += 500
    change(e, 'urls', later, kind('result'), copy_of=True)


@breaks('I3', 'which was never given')
def no_lease(e):
    drop(e, 'leases', lambda entry: entry.message.id == b'lease-more-00000')


@breaks('I3', 'documents of 2 leases')
def document_twice(e):
    change(e, DOCUMENTS, nothing, copy_of=True)
    change(e, DOCUMENTS, nothing, copy_of=True)


@breaks('I3', 'times and was leased')
def sent_twice(e):
    first = e.requests[0]
    e.requests.append(first._replace(start=first.start + 1e5, end=first.end + 1e5))


@breaks('I3', 'was never asked for at the server')
def never_sent(e):
    del e.requests[-1]


@breaks('I3', 'does not stand in')
def other_item(e):
    def other(entry):
        entry.message.items[0].request_id = b'0123456789abcdef'
    change(e, 'leases', other)


@breaks('I3', 'its source')
def wrong_source(e):
    def other(entry):
        entry.envelope.id = b'0123456789abcdef'
    change(e, REPORTS, other)


# ---- I4 ----

@breaks('I4', 'after the request before')
def too_early(e):
    e.requests[3] = e.requests[3]._replace(start=e.requests[2].end + 19)


@breaks('I4', 'after the request before')
def overlap(e):
    e.requests[3] = e.requests[3]._replace(start=e.requests[2].end - 1)


@breaks('I4', 'after the request before')
def two_early_one_stop(e):
    for index in (3, 5):
        e.requests[index] = e.requests[index]._replace(start=e.requests[index - 1].end + 1)
    e.stops = [Stop(e.requests[0].start, e.requests[-1].end, 'crawler')]


@breaks('I4', 'after the request before')
def stop_long_before(e):
    e.requests[3] = e.requests[3]._replace(start=e.requests[2].end + 1)
    e.stops = [Stop(e.requests[0].start - 60000, e.requests[0].start - 50000, 'crawler')]


@breaks('I4', 'after the request before')
def crawl_delay(e):
    e.robots = {HOST: Robots('User-agent: *\nCrawl-delay: 0.05\n')}


@breaks('I4', 'after the request before')
def early_after_last_round(e):
    first = e.requests[0]
    e.earlier = [first._replace(start=first.start - 15, end=first.start - 10)]


@breaks('I4', 'expired')
def after_expiry(e):
    def earlier(entry):
        entry.message.expires_ms = 1
    change(e, 'leases', earlier)


# ---- I5 ----

@breaks('I5', 'disallows')
def disallowed(e):
    last = e.requests[-1]
    e.requests.append(Request(last.end + 50, last.end + 55, HOST, 'GET', '/admin/x', 200))


@breaks('I5', 'is no host of the job')
def foreign_host(e):
    last = e.requests[-1]
    e.requests.append(Request(last.end + 50, last.end + 55, '10.9.9.9', 'GET', '/', 200))


@breaks('I5', 'a lease for')
def foreign_lease(e):
    def other(entry):
        entry.message.items[0].request.url = 'http://10.9.9.9/'
    change(e, 'leases', other)


# ---- I6, I7, I8 ----

@breaks('I6', 'nothing happened for')
def standstill(e):
    items = items_of(e, 'control')
    items[-1] = (*items[-1][:3], items[-1][3] + 90000)


@breaks('I7', 'rss_mb')
def memory(e):
    e.processes[0]['processes']['xunfang-crawler']['rss_mb'] = 5000


@breaks('I7', 'fds')
def descriptors(e):
    e.processes[0]['processes']['xunfang-crawler']['fds'] = 5000


@breaks('I7', 'MB on disk')
def disk(e):
    e.disks = {'worker-1': 5000}


@breaks('I8', 'went back')
def backwards(e):
    e.samples[1]['commits']['frontier', 'urls', 0] = 1


@breaks('I8', 'behind the end')
def beyond(e):
    e.samples[1]['commits']['frontier', 'urls', 0] = 1000


@breaks('I8', 'with no outcome of')
def skipped(e):
    """The commit was made when its outcome was not written yet."""
    for place in e.samples[0]['after']:
        if place[0] == REPORTS:
            e.samples[0]['after'][place] = 0


@breaks('I8', 'before it was claimed')
def unclaimed(e):
    for sample in e.samples:
        sample['commits']['crawler', 'leases', 0] = 1


# ---- running ----

def run_break(wire, row):
    invariant, words, function = row
    evidence = Sample(wire).evidence()
    evidence.seen = copy.deepcopy(evidence.logs) if function is retention else None
    evidence.wire = wire
    function(evidence)
    found = check.check(wire, evidence, JOB)[0].found.get(invariant, [])
    if any(words in text for text in found):
        return True
    print(f'FAIL {function.__name__}: no finding {invariant} "… {words} …", only {found[:3]}')
    return False


def robots_rules():
    """(robots.txt, target, allowed)"""
    rows = [('', '/a', True), ('User-agent: *\nDisallow: /a', '/ab', False),
            ('User-agent: *\nDisallow: /a\nAllow: /ab', '/abc', True),
            ('User-agent: *\nDisallow: /*.pdf$', '/x.pdf', False),
            ('User-agent: *\nDisallow: /*.pdf$', '/x.pdf?y', True),
            ('\ufeffUser-agent: B\nDisallow: /\n\nuser-agent: *\nDisallow: /u # x', '/v', True),
            ('User-agent: xunfang\nDisallow: /p\nUser-agent: *\nDisallow: /', '/q', True),
            ('User-agent: a\nUser-agent: xunfang\nDisallow: /p', '/p', False)]
    wrong = [row for row in rows if Robots(row[0]).allows(row[1]) != row[2]]
    for row in wrong:
        print(f'FAIL robots {row}')
    return not wrong


def good_job(wire):
    findings, job, figures = check.check(wire, Sample(wire).evidence(), JOB)
    for line in findings.lines():
        print('FAIL a good job: ' + line)
    right = (figures['documents'], figures['lost_leases'], figures['requests']) == (5, 1, 8)
    if not right:
        print(f'FAIL figures {figures}')
    return findings.count() == 0 and right and len(job.seeds) == 2


def excused_stop(wire):
    """One short interval after a stop is no finding."""
    evidence = Sample(wire).evidence()
    evidence.requests[3] = evidence.requests[3]._replace(start=evidence.requests[2].end + 1)
    evidence.stops = [Stop(evidence.requests[2].start, evidence.requests[2].end, 'crawler')]
    findings, _, figures = check.check(wire, evidence, JOB)
    if findings.count() or figures['excused'] != 1:
        print(f'FAIL an excused stop: {list(findings.lines())} {figures}')
    return findings.count() == 0 and figures['excused'] == 1


def request_log(folder):
    """A line that is not whole yet is left for the next reading."""
    path = folder + '/requests.tsv'
    with open(path, 'wb') as file:
        file.write(b'1.5\t2.5\ta:1\tGET\t/x\t200\t10\n3.0\t4.0\ta:1\tGE')
    requests, at = read_log(path)
    good = requests == [Request(1.5, 2.5, 'a', 'GET', '/x', 200)] and at == 26
    with open(path, 'ab') as file:
        file.write(b'T\t/y\t0\t0\n')
    good = good and [r.target for r in read_log(path, at)[0]] == ['/y']
    print('' if good else 'FAIL request log', end='')
    return good


def ledger(wire):
    """Another record, or none, is found where something was read before."""
    book = Ledger()
    book.add(Sample(wire).logs)
    book.add(Sample(wire).logs)
    good, bad, short = (Sample(wire).logs for _ in range(3))
    bad.topics['leases'][0][1] = (1, b'x', b'y', 0)
    del short.topics['urls'][0][5:]
    found = [list(book.compare(one)) for one in (good, bad, short)]
    if found != [[], ['leases/0@1'], ['urls/0@5']]:
        print(f'FAIL ledger {found}')
    return found == [[], ['leases/0@1'], ['urls/0@5']]


def main():
    folder = tempfile.mkdtemp(prefix='xunfang-check-')
    try:
        wire = Wire(folder)
        results = [good_job(wire), excused_stop(wire), robots_rules(), request_log(folder),
                   ledger(wire)]
        results += [run_break(wire, row) for row in BREAKS]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f'{sum(results)} passed, {len(results) - sum(results)} failed')
    sys.exit(0 if all(results) else 1)


if __name__ == '__main__':
    main()
