#!/usr/bin/env python3
"""The demo job on a cluster of seven hosts: every csv as a local run writes it, bytewise.

usage: cluster_test.py [--build DIR] [--documents 600] [--destroy worker-3 broker-2 …]

Three brokers, the sites and three worker hosts (PLACES) are network hosts of their own. The job
runs undisturbed; then once for each host of --destroy, which is destroyed with its disk in the
middle of it and replaced by an empty one after it. Each time: csv files, `verify`, courtesy and
repeats in the sites' own log, and that the work was really spread.
"""
import argparse
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'system'))
import courtesy
import hosts
from results import differences
from support import Checks, add_build_option, wait_for
from world import World, prepare

PLACES = {
    'worker-1': ('frontier', 'crawler', 'classifier', 'aggregator'),
    'worker-2': ('frontier', 'crawler', 'extractor', 'aggregator'),
    'worker-3': ('crawler', 'classifier', 'extractor'),
}
DELAY_MS = 20
CRAWL_DELAY = {f'{hosts.NET}.2.34': 50.0}  # what robots.txt of 黄山 asks for
LEASE_MS = 25000  # the longest lease, and as long as the bus may take for what came of it
TIMEOUT_S = 600
READY_S = 60
DISTURB_AT = 0.4  # of the requests of an undisturbed job


def add_workers(world, host):
    world.add_worker_host(int(host.rpartition('-')[2]))
    for program in PLACES[host]:
        world.start_worker(host, program)


def handled(world, process):
    """Records that the stages of a worker, and of its children, have read."""
    return sum(value for series, value in world.metrics(process).items()
               if series.startswith('xunfang_stage_records'))


class ClusterTest:
    def __init__(self, world, given, checks):
        self.world, self.given, self.checks = world, given, checks
        self.reference = os.path.join(world.folder, 'local')
        self.undisturbed = 0  # requests of a job
        self.work = {}  # worker → records it has handled
        self.ended = {}  # worker → its last words

    def run_local(self):
        job = self.world.write_job('local')
        status = self.world.run_locally(job, self.reference)
        self.undisturbed = self.world.requests_made()
        self.checks.check('local run', status == 0, f'status {status}, {self.undisturbed} requests')
        return status == 0

    def begin(self):
        self.world.start_brokers()
        for host in PLACES:
            add_workers(self.world, host)

    def check_ready(self):
        """Before the first job frontiers and crawlers have no topics to be ready for."""
        end = time.monotonic() + READY_S
        waiting = self.world.running()
        while waiting and time.monotonic() < end:
            waiting = {name: worker for name, worker in waiting.items()
                       if not self.world.ready(worker)}
            time.sleep(0.2)
        self.checks.check(f'{len(self.world.running())} workers are ready', not waiting,
                          {name: self.world.ask(worker, '/readyz')
                           for name, worker in waiting.items()})

    def see_work(self):
        """Children of stewards take their numbers along when they end."""
        for name, worker in self.world.running().items():
            self.work[name] = max(self.work.get(name, 0), handled(self.world, worker))

    def restart_ended(self):
        """As the operator's supervisor does. What their last words were: name → text."""
        words = {}
        for name, worker in list(self.world.workers.items()):
            if not worker.alive() and worker.host is self.world.hosts.get(worker.host.name):
                words[name] = worker.output()[-500:]
                self.world.restart_worker(name)
        return words

    def wait_sealed(self, name):
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            self.see_work()
            self.ended.update(self.restart_ended())
            if self.world.sealed(name):
                return True
            time.sleep(0.3)
        return False

    def compare(self, name):
        out = os.path.join(self.world.folder, name + '.out')
        done = self.world.command('report', name, '--out', out)
        different = differences(self.reference, out)
        self.checks.check(f'{name}: report', done.returncode == 0, done.stderr[-500:])
        self.checks.check(f'{name}: every csv as in the local run',
                          not [one for one in different if one.endswith('.csv')], different)
        done = self.world.command('verify', name)
        failed = [line for line in done.stdout.splitlines() if not json.loads(line)['ok']]
        self.checks.check(f'{name}: verify', done.returncode == 0 and not failed,
                          done.stderr[-500:] + ' '.join(failed)[:1000])

    def look_at_requests(self, name, before, disturbed_ms):
        """All jobs' courtesy, and whether this one fetched twice more than a dead crawler had in
        its hands: only what was fetched within a lease of its death."""
        requests = courtesy.read_log(self.world.requests)
        early = courtesy.violations(requests, DELAY_MS, CRAWL_DELAY)
        self.checks.check(f'{name}: courtesy', not early, f'{len(early)} too early, smallest gap '
                          f'{courtesy.smallest_gap(requests)} ms {early[:3]}')
        fetched = {}
        for start, _, host, method, target, status in requests[before:]:
            if method == 'GET' and status == 200:
                fetched.setdefault((host, target), []).append(start)
        repeated = [sorted(times) for times in fetched.values() if len(times) > 1]
        needless = [times for times in repeated if disturbed_ms is None or
                    not disturbed_ms - LEASE_MS < times[0] < disturbed_ms]
        self.checks.check(f'{name}: no page twice, but what died with a crawler', not needless,
                          f'{len(repeated)} of {len(fetched)}' + ''.join(
                              f'; {[round(one - (disturbed_ms or 0)) for one in times]} ms'
                              for times in needless[:5]))

    def run_job(self, name, disturb=None, may_end=False):
        before, disturbed_ms = self.world.requests_made(), None
        self.ended = {}
        began = time.monotonic()
        self.world.submit(self.world.write_job(name))
        if disturb is not None:
            disturbed_ms = disturb(before)
        sealed = self.wait_sealed(name)
        self.checks.check(f'{name}: done', sealed, f'{time.monotonic() - began:.1f} s')
        self.checks.check(f'{name}: no worker ended by itself', may_end or not self.ended,
                          ''.join(f'\n{one}: {text}' for one, text in self.ended.items()))
        if sealed:
            self.look_at_requests(name, before, disturbed_ms)
            self.compare(name)

    def run_undisturbed(self):
        self.run_job('undisturbed')
        idle = [name for name in self.world.workers if self.work.get(name, 0) == 0]
        self.checks.check('undisturbed: everybody worked', not idle, self.work)
        self.check_ready()

    def run_destroyed(self, host):
        programs = PLACES.get(host, ())
        self.work.clear()

        def all_at_work():
            """Early on nothing has come through to the extractors."""
            self.see_work()
            return sum(1 for name, worker in self.world.running().items()
                       if worker.host.name == host and self.work[name] > 0) == len(programs)

        def destroy(before):
            goal = before + self.undisturbed * DISTURB_AT
            wait_for(lambda: self.world.requests_made() >= goal and all_at_work(), TIMEOUT_S)
            self.checks.check(f'{host} works, and is destroyed with its disk', all_at_work(),
                              self.work)
            self.world.hosts[host].destroy()
            return time.time() * 1000

        # Who cannot read what it must know while a broker is missed may end, and is started again.
        self.run_job('without-' + host, destroy, may_end=not programs)
        if programs:
            add_workers(self.world, host)
        else:
            self.world.replace_broker(int(host.rpartition('-')[2]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=600)
    parser.add_argument('--destroy', nargs='*', default=['worker-3'],
                        choices=[*PLACES, 'broker-1', 'broker-2', 'broker-3'])
    given = parser.parse_args()

    def run(folder):
        checks = Checks()
        with World(folder, given.build) as world:
            world.start_sites(given.documents)
            test = ClusterTest(world, given, checks)
            if test.run_local():
                test.begin()
                test.run_undisturbed()
                for host in given.destroy:
                    test.run_destroyed(host)
        return checks.finish()

    prepare(given.build)
    sys.exit(hosts.inside(run, given.keep))


if __name__ == '__main__':
    main()
