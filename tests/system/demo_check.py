"""Compares the results of a run on simulated sites with the truth.

usage: demo_check.py OUT TRUTH [--log REQUESTS --delay-ms 20]

Funnel equal up to `screened`; events by the contract's rules: precision, recall, swapped
directions, Σ|ΔW|/ΣW; every reachable document collected, once; courtesy in the sites' own log.
"""
import argparse
import csv
import os
import sys
from collections import Counter, defaultdict
from urllib.parse import urlsplit

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import courtesy
import rules
from support import Checks

CRAWL_DELAY = {'127.0.2.34': 50.0}  # what robots.txt of 黄山 asks for
LIMITS = {'precision': 0.97, 'recall': 0.97, 'swapped': 0.01, 'weight': 0.06}


def read_csv(folder, name):
    with open(os.path.join(folder, name), encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file))


def check_funnel(checks, out, truth, given):
    found = {row['stage']: int(row['count']) for row in read_csv(out, 'funnel.csv')}
    for stage, count in rules.funnel(truth, given.first, given.last).items():
        checks.check(f'funnel {stage}', found.get(stage) == count,
                     f'{found.get(stage)}, truth {count}')
    visits = [d for d in rules.screened(truth, given.first, given.last) if d['is_visit']]
    print(f'     funnel visits: {found.get("visits")}, truth {len(visits)}')


def check_lists(checks, out, truth):
    """Hits of every list; lists of several publishers of a city are compared by their sum."""
    expected, found = Counter(), Counter()
    states = Counter()
    for item in truth.lists:
        expected[item['site_city'], item['query']] += item['hits']
    for row in read_csv(out, 'lists.csv'):
        found[row['site_city'], row['query_city']] += int(row['collected'])
        states[row['state']] += 1
    wrong = [key for key in set(expected) | set(found) if expected[key] != found[key]]
    checks.check('collected hits of every list', not wrong,
                 f'{len(wrong)} of {len(expected)} lists differ, e.g. ' + ', '.join(
                     f'{a}→{b} {found[a, b]}/{expected[a, b]}' for a, b in sorted(wrong)[:5]))
    print('     states of lists: ' + ', '.join(f'{k} {v}' for k, v in sorted(states.items())))


def check_events(checks, out, truth, given):
    region = set(truth.meta['cities'])
    found = Counter()
    for row in read_csv(out, 'events.csv'):
        if row['origin'] in region and row['host'] in region:
            found[row['origin'], row['host'], row['date']] += 1
    documents = [d for d in rules.screened(truth, given.first, given.last) if d['is_visit']]
    expected = rules.expected_events(documents)
    result = rules.scores(found, expected)
    result['weight'] = rules.weight_error(found, expected)
    print(f'     events: {result["found"]}, by the rules {result["expected"]}, '
          f'really {len(rules.true_events(documents))}')
    for name, limit in LIMITS.items():
        good = result[name] >= limit if limit > 0.5 else result[name] <= limit
        checks.check(f'events {name}', good, f'{result[name]:.4f}, limit {limit}')
    if given.verbose:
        for title, events in (('missing', expected - found), ('too many', found - expected)):
            for event in sorted(events.elements())[:given.verbose]:
                print(f'     {title}: ' + ' '.join(event))


def check_network(checks, out):
    """network.csv must be the sums of events.csv."""
    events, network = Counter(), Counter()
    for row in read_csv(out, 'events.csv'):
        events[row['origin'], row['host']] += 1
    for row in read_csv(out, 'network.csv'):
        network[row['origin'], row['host']] = int(row['visits'])
    checks.check('network.csv sums events.csv', events == network,
                 f'{sum(network.values())} visits on {len(network)} links')


def check_requests(checks, truth, given):
    requests = courtesy.read_log(given.log)
    early = courtesy.violations(requests, given.delay_ms, given.delays)
    checks.check('courtesy', not early, f'{len(early)} of {len(requests)} requests too early, '
                 f'smallest gap {courtesy.smallest_gap(requests):.3f} ms')
    for host, gap, target in early[:5]:
        print(f'     {host}: {gap:.3f} ms before {target}')
    fetched = defaultdict(int)
    for _, _, host, method, target, status in requests:
        if method == 'GET' and status == 200:
            fetched[host, target] += 1
    counts = Counter()
    for document in truth.documents:
        url = urlsplit(document['url'])
        counts[min(2, fetched[url.hostname, url.path])] += 1
    checks.check('every reachable document fetched', counts[0] == 0, f'{counts[0]} missing')
    if not given.repeats:
        checks.check('no document fetched twice', counts[2] == 0, f'{counts[2]} repeated')


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('out')
    parser.add_argument('truth')
    parser.add_argument('--from', dest='first', default='2010-01-01')
    parser.add_argument('--to', dest='last', default='2023-12-31')
    parser.add_argument('--log', help='the request log of the sites')
    parser.add_argument('--delay-ms', type=float, default=20)
    parser.add_argument('--repeats', action='store_true',
                        help='processes were killed or sites failed: documents may come twice')
    parser.add_argument('--no-crawl-delay', action='store_true',
                        help='the sites are not the 41 of the demo')
    parser.add_argument('--verbose', type=int, default=0, metavar='N', help='print N wrong events')
    given = parser.parse_args()
    given.delays = {} if given.no_crawl_delay else CRAWL_DELAY
    return given


def main():
    given = arguments()
    truth = rules.Truth(given.truth)
    checks = Checks()
    check_funnel(checks, given.out, truth, given)
    check_lists(checks, given.out, truth)
    check_events(checks, given.out, truth, given)
    check_network(checks, given.out)
    if given.log:
        check_requests(checks, truth, given)
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
