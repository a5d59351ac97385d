"""kill -9 everywhere, then the same command again: the results of an undisturbed run, bytewise.

usage: kill_test.py [--build DIR] [--documents 1500] [--seed 1] [--rounds 6] [--points all|NAME,…]
                    [--part PART …]

Parts: `roles` kills each program of a run in turn at random times; `all` kills every process at
once; `points` dies at every named crash point (CRASH_AT). After each, the same command runs until
it is done. Courtesy is read from the sites' own log, over all disturbed runs.
"""
import argparse
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import courtesy
from results import differences, result_files
from support import (ROOT, Checks, Run, add_build_option, descendants, finish, folder, role,
                     run_command, sites, wait_for, xunfang)

RUN_TIMEOUT = 240
CRASH_TIMEOUT = 60
AGAIN_MAX = 3
DELAY_MS = 20
CRAWL_DELAY = {'127.0.2.34': 50.0}


def programs_of(run):
    """pids of `xunfang run` itself and of everything below it."""
    return descendants(run.child.pid)


class Tester:
    def __init__(self, given, where, checks):
        self.given, self.where, self.checks = given, where, checks
        self.random = random.Random(given.seed)
        self.reference = os.path.join(where, 'reference')
        self.duration = 0.0
        self.number = 0

    def command(self, name):
        path = os.path.join(self.where, name)
        return run_command(self.given.build, self.given.job, path + '.data', path + '.out')

    def log(self, name):
        return os.path.join(self.where, name + '.log')

    def run_reference(self):
        path = os.path.join(self.where, 'undisturbed')
        start = time.monotonic()
        status = finish(self.command('undisturbed'), self.log('undisturbed'), RUN_TIMEOUT)
        self.duration = time.monotonic() - start
        self.reference = path + '.out'
        self.checks.check('undisturbed run', status == 0,
                          f'status {status}, {self.duration:.1f} s, '
                          f'{len(result_files(self.reference))} files')
        return status == 0

    def new_name(self, title):
        self.number += 1
        return f'{self.number:02}-{title}'

    def finish_and_compare(self, title, name, disturbed):
        """The same command again until it is done, at most AGAIN_MAX times."""
        status, times = disturbed, 0
        while status != 0 and times < AGAIN_MAX:
            status = finish(self.command(name), self.log(name), RUN_TIMEOUT)
            times += 1
        different = differences(self.reference, os.path.join(self.where, name) + '.out')
        self.checks.check(title, status == 0 and not different,
                          f'status {status} after {times} more, different: {different[:5]}')

    def kill_role(self, wanted):
        """Kills one program of this name at a random time, and again some time later."""
        name = self.new_name(wanted)
        run = Run(self.command(name), self.log(name))
        killed = 0
        try:
            for _ in range(2):
                time.sleep(self.random.uniform(0.1, max(0.3, self.duration * 0.6)))
                victims = [pid for pid in programs_of(run) if role(pid) == wanted]
                if victims:
                    os.kill(self.random.choice(victims), 9)
                    killed += 1
            status = run.wait(RUN_TIMEOUT)
        except ProcessLookupError:
            status = run.wait(RUN_TIMEOUT)
        finally:
            run.close()
        self.finish_and_compare(f'kill -9 {wanted} ({killed} times)', name, status)

    def roles(self):
        """Names of the programs of a run, from a run that is killed right away."""
        name = self.new_name('roles')
        run = Run(self.command(name), self.log(name))
        try:
            wait_for(lambda: len(programs_of(run)) >= 7, 10)
            time.sleep(0.5)
            return sorted({role(pid) for pid in programs_of(run)} - {''})
        finally:
            run.close()

    def kill_everything(self):
        name = self.new_name('all')
        for _ in range(1 + self.random.randrange(3)):
            run = Run(self.command(name), self.log(name))
            run.wait(self.random.uniform(0.2, max(0.5, self.duration)))
            run.close()
        self.finish_and_compare('kill -9 of all at once', name, None)

    def crash_once(self, point, nth):
        """True if a process died at the point; the results are compared either way."""
        name = self.new_name(point)
        run = Run(self.command(name), self.log(name), {'CRASH_AT': f'{point}:{nth}'})
        status = run.wait(CRASH_TIMEOUT + 2 * self.duration)
        run.close()
        with open(self.log(name), encoding='utf-8', errors='replace') as file:
            died = status != 0 or 'a process ended' in file.read()
        self.finish_and_compare(f'crash at {point}:{nth}' + ('' if died else ' (not reached)'),
                                name, status)
        return died

    def crash_at(self, point):
        nth = self.random.choice((1, 2, 5, 20))
        if not self.crash_once(point, nth) and nth > 1 and not self.crash_once(point, 1):
            self.checks.check(f'crash point {point} is ever passed', False)

    def points(self):
        if self.given.points != 'all':
            return self.given.points.split(',')
        done = subprocess.run([xunfang(self.given.build), 'crash-points'], capture_output=True,
                              text=True, check=True)
        return [line.split()[0] for line in done.stdout.splitlines() if line.strip()]

    def run_parts(self):
        if 'roles' in self.given.part:
            found = self.roles()
            self.checks.check('programs of a run', len(found) >= 6, ', '.join(found))
            for i in range(max(self.given.rounds, len(found))):
                self.kill_role(found[i % len(found)])
        if 'all' in self.given.part:
            for _ in range(self.given.rounds):
                self.kill_everything()
        if 'points' in self.given.part:
            for point in self.points():
                self.crash_at(point)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--job', default=os.path.join(ROOT, 'jobs', 'demo.yaml'))
    parser.add_argument('--documents', type=int, default=1500)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--rounds', type=int, default=6)
    parser.add_argument('--points', default='all')
    parser.add_argument('--part', nargs='+', choices=('roles', 'all', 'points'),
                        default=['roles', 'all', 'points'])
    return parser.parse_args()


def main():
    given = arguments()
    xunfang(given.build)
    checks = Checks()
    with folder(given.keep) as where:
        log = os.path.join(where, 'requests.tsv')
        with sites(given.build, '--documents', given.documents, '--log', log):
            tester = Tester(given, where, checks)
            if tester.run_reference():
                tester.run_parts()
        requests = courtesy.read_log(log)
        early = courtesy.violations(requests, DELAY_MS, CRAWL_DELAY)
        checks.check('courtesy over all runs', not early,
                     f'{len(early)} of {len(requests)} too early, smallest gap '
                     f'{courtesy.smallest_gap(requests)} ms')
        for host, gap, target in early[:10]:
            print(f'     {host}: {gap:.3f} ms before {target}')
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
