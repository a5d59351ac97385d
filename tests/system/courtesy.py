"""Reads the request log of the sites (tests/sites/request_log.h): gaps, overlaps, repeats.

usage: courtesy.py LOG --delay-ms N [--delay-of HOST=MS …]     exit 1 if a request came too early
"""
import argparse
import sys
from collections import Counter, defaultdict


def read_log(path):
    """Requests as (start ms, end ms, host name, method, target, status)."""
    requests = []
    with open(path, encoding='utf-8', errors='replace') as file:
        for line in file:
            fields = line.rstrip('\n').split('\t')
            if len(fields) == 7:
                requests.append((float(fields[0]), float(fields[1]), fields[2].split(':')[0],
                                 fields[3], fields[4], int(fields[5])))
    return requests


def gaps(requests):
    """host name → list of (ms from the end of one request to the start of the next, target)."""
    by_host = defaultdict(list)
    for request in requests:
        by_host[request[2]].append(request)
    result = {}
    for host, items in by_host.items():
        items.sort()
        result[host] = [(b[0] - a[1], b[4]) for a, b in zip(items, items[1:])]
    return result


def violations(requests, delay_ms, own_delays):
    """(host, gap, target) of requests that came before their time; negative gaps overlap."""
    found = []
    for host, items in gaps(requests).items():
        delay = max(delay_ms, own_delays.get(host, 0))
        found += [(host, gap, target) for gap, target in items if gap < delay]
    return found


def repeats(requests):
    """How often each (host, GET target) was answered with 200, where more than once."""
    counts = Counter((r[2], r[4]) for r in requests if r[3] == 'GET' and r[5] == 200)
    return {key: count for key, count in counts.items() if count > 1}


def smallest_gap(requests):
    return min((gap for items in gaps(requests).values() for gap, _ in items), default=None)


def parse_delays(texts):
    return {host: float(ms) for host, _, ms in (text.partition('=') for text in texts)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('log')
    parser.add_argument('--delay-ms', type=float, required=True)
    parser.add_argument('--delay-of', action='append', default=[], metavar='HOST=MS')
    given = parser.parse_args()
    requests = read_log(given.log)
    early = violations(requests, given.delay_ms, parse_delays(given.delay_of))
    print(f'{len(requests)} requests, smallest gap {smallest_gap(requests)} ms, '
          f'{len(early)} too early')
    for host, gap, target in early[:20]:
        print(f'{host}: {gap:.3f} ms before {target}')
    sys.exit(1 if early else 0)


if __name__ == '__main__':
    main()
