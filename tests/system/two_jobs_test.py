"""Two jobs on the same sites at the same time: one clock per host, and each has its turn.

usage: two_jobs_test.py [--build DIR] [--documents 300] [--delay-ms 80]

One real broker; a frontier, two crawlers and stewards of the other programs serve both jobs, which
were submitted before any of them began. From the sites' own log: no host is asked before its delay
is over, whoever asks. A lease is work for 2 s, then the other job has its turn: in the first half
of a host's log many addresses stand twice. Each has the results of a local run of it alone, and
passes `verify`.
"""
import argparse
import collections
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import courtesy
from bad_input_test import PORT, write_job, write_sites
from cluster_kit import Commands, Workers
from kafka_broker import brokers
from results import differences
from support import Checks, add_build_option, finish, folder, run_command, sites, xunfang

CITIES = {name: f'127.0.8.{number}' for number, name in enumerate(
    '上海 南京 无锡 苏州 杭州 合肥'.split(), 1)}
JOBS = ('first', 'second')
LOCAL_TIMEOUT = 120
SEAL_TIMEOUT = 120
EARLIEST_END = 0.6   # of the one's time the other must have taken
TOGETHER_MIN = 0.25  # of the addresses in the first half of a host's log: both jobs had them
BUSY_MIN = 100       # pages of a host of which that can be said: several leases for each job


class Tester:
    def __init__(self, given, where, checks):
        self.given, self.where, self.checks = given, where, checks
        self.jobs = {name: self.write_job(name) for name in JOBS}

    def path(self, *parts):
        return os.path.join(self.where, *parts)

    def write_job(self, name):
        os.makedirs(self.path(name))
        path = write_job(self.path(name), CITIES, f'{self.given.delay_ms}ms')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace('job: bad-input', f'job: {name}'))
        return path

    def alone(self):
        """What one of them finds by itself; they differ in their names only."""
        name = JOBS[0]
        status = finish(run_command(self.given.build, self.jobs[name], self.path('alone.data'),
                                    self.path('alone.out')), self.path('alone.log'),
                        LOCAL_TIMEOUT)
        return self.checks.check('a local run alone', status == 0, f'status {status}')

    def together(self, bus):
        commands = Commands(self.given.build, bus)
        for name in JOBS:
            status, _, err = commands.call('submit', self.jobs[name])
            self.checks.check(f'{name}: submitted', status == 0, err.strip())
        with Workers(self.given.build, bus, self.path('workers'), {'crawler': 2}) as workers:
            seals = commands.wait_for_seals(JOBS, SEAL_TIMEOUT)
            self.checks.check('both are sealed', len(seals) == len(JOBS),
                              {name: f'{took:.1f} s' for name, took in seals.items()})
            self.checks.check('no worker ended by itself', not workers.dead(), workers.dead())
        if len(seals) == len(JOBS):
            self.checks.check('neither is done long before the other',
                              min(seals.values()) >= EARLIEST_END * max(seals.values()))
            self.check_results(commands)

    def check_results(self, commands):
        for name in JOBS:
            out = self.path(name + '.out')
            status, _, err = commands.call('report', name, '--out', out)
            different = differences(self.path('alone.out'), out) if status == 0 else err
            self.checks.check(f'{name}: the results of a local run alone', not different, different)
            status, text, err = commands.call('verify', name)
            failed = [line['check'] for line in map(json.loads, text.splitlines())
                      if not line['ok']]
            self.checks.check(f'{name}: verify', status == 0 and not failed, failed or err)

    def check_log(self, log):
        requests = courtesy.read_log(log)
        early = courtesy.violations(requests, self.given.delay_ms, {})
        self.checks.check('one clock a host', requests != [] and not early,
                          f'{len(early)} of {len(requests)} too early, smallest gap '
                          f'{courtesy.smallest_gap(requests):.1f} ms, {early[:3]}')
        by_host = collections.defaultdict(list)
        for request in sorted(requests):
            if request[3] == 'GET' and request[5] == 200:
                by_host[request[2]].append(request[4])
        shares = {host: together_share(targets) for host, targets in by_host.items()
                  if len(targets) >= BUSY_MIN}
        self.checks.check('both jobs have their turns on every busy host',
                          len(shares) > 1 and min(shares.values()) >= TOGETHER_MIN,
                          {host: f'{share:.2f}' for host, share in sorted(shares.items())})


def together_share(targets):
    """Of the addresses in the first half of these requests, how many were fetched twice there."""
    counts = collections.Counter(targets[:len(targets) // 2])
    return sum(count > 1 for count in counts.values()) / max(1, len(counts))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=300)
    parser.add_argument('--delay-ms', type=int, default=80)
    given = parser.parse_args()
    xunfang(given.build)
    checks = Checks()
    with folder(given.keep) as where:
        tester = Tester(given, where, checks)
        serve = ['--sites', write_sites(where, CITIES), '--documents', given.documents,
                 '--port', PORT]
        log = os.path.join(where, 'requests.tsv')
        with brokers(given.build) as kafka:
            with sites(given.build, *serve):
                alone = tester.alone()
            if alone:
                with sites(given.build, *serve, '--log', log):
                    tester.together(f'{kafka.url}/two')
                tester.check_log(log)
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
