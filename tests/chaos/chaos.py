#!/usr/bin/env python3
"""A cluster that nobody is kind to: one job a round, faults drawn by a seed, checks from outside.

usage: chaos.py [--build DIR] [--seed N] [--rounds M] [--first K] [--documents 1000] [--out DIR]

Three brokers, the sites and three worker hosts in network namespaces (tests/cluster), for all
rounds. In each a new job is submitted, faults (faults.py) happen to workers, hosts and brokers, and
when the job is sealed its logs, commits and the sites' log of requests are checked (check.py), and
its results compared with those of an undisturbed run on one machine. Round 0 is left alone.
A round's faults follow from seed and number: --seed N --first K --rounds 1 does round K again.

OUT gets summary.jsonl (a line a round), summary.txt, and of each round that failed its evidence
(for check.py --evidence) and the output of every process. Exit 1 if a round failed.
"""
import argparse
import contextlib
import filecmp
import json
import os
import random
import re
import shutil
import struct
import sys
import time
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ('cluster', 'kafka', 'system'):
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), folder))
import check  # first: it finds the Python that has the packages
import bounds
import hosts
import leader
import manners
from evidence import Evidence
from faults import FAULTS, Scene, draw
from hosts import family, program
from job import Findings
from logs import NAMES, Cluster, Ledger
from recorder import Recorder
from results import result_files
from wire import Wire
from world import World, prepare

WORKERS = (('worker-1', 'frontier'), ('worker-2', 'frontier'), ('worker-1', 'crawler'),
           ('worker-2', 'crawler'), ('worker-3', 'crawler'), ('worker-2', 'classifier'),
           ('worker-3', 'classifier'), ('worker-3', 'extractor'), ('worker-1', 'extractor'),
           ('worker-1', 'aggregator'), ('worker-3', 'aggregator'))
SETTINGS = '?session.timeout.ms=6000&heartbeat.interval.ms=1000'
CHANGES = ((r'request_timeout: .*', 'request_timeout: 1s'),)
PARTITIONS = ('--partitions', '4', '--url-partitions', '8')
GIVE_UP_S = 150
COMPARED = ('.csv', '.json', '.jsonl')
BROKEN = re.compile(r'broken invariant|killed by signal (?!9\b)\d+|AddressSanitizer|runtime error')
BUSY_S = 5  # faults begin within this; half of what round 0 takes


class ChaosWorld(World):
    def __init__(self, folder, build):
        super().__init__(folder, build)
        self.regulars = ()
        self.read_up_to = {}

    @property
    def bus(self):
        return super().bus + SETTINGS

    def start_regulars(self):
        for host, kind in WORKERS:
            self.start_worker(host, kind)
        self.regulars = tuple(self.workers)

    def restart_worker(self, name, environment=None):
        """The same command on the same host; `environment` in the place of the old one."""
        if environment is not None:
            self.workers[name].environment = environment
        return super().restart_worker(name)

    def start_extra(self, host, kind):
        return self.start_worker(host, kind)

    def lead(self, topic, partition, number):
        """This broker leads the partition from now on."""
        others = [b.number for b in self.brokers if b.number != number]
        with contextlib.suppress(OSError, struct.error):
            leader.lead(self.servers.split(',')[number - 1], topic, partition, [number, *others])

    def replace_host(self, name, workers):
        """An empty host for a destroyed one, with the same workers."""
        number = int(name.rpartition('-')[2])
        host = self.add_worker_host(number)
        for worker in workers:
            self.workers[worker].host = host
            self.restart_worker(worker)

    def mend_workers(self, held):
        """What ended by itself is started again, as a supervisor would: name → exit status."""
        ended = {name: self.workers[name].wait(0) for name in self.regulars
                 if not self.workers[name].alive() and name not in held
                 and self.workers[name].host.name not in held}
        for name in ended:
            self.restart_worker(name)
        return ended

    def broken_lines(self):
        """What the workers' output says about mistakes of the program, since the last call."""
        folder = os.path.join(self.folder, 'logs')
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding='utf-8', errors='replace') as file:
                file.seek(self.read_up_to.get(name, 0))
                for line in iter(file.readline, ''):
                    if BROKEN.search(line):
                        yield f'{name}: {line.strip()[:200]}'
                self.read_up_to[name] = file.tell()

    def pids(self):
        """pid → program of every process of ours."""
        found = {}
        for process in list(self.workers.values()):
            for pid in family(process.pid) if process.alive() else ():
                if program(pid).startswith('xunfang'):
                    found[pid] = program(pid)
        return found


# ---- results ----

def compare(reference, out, findings):
    expected, found = result_files(reference, COMPARED), result_files(out, COMPARED)
    for name in sorted(set(expected) | set(found)):
        if name not in found or name not in expected:
            findings.add('results', f'{name} is {"missing" if name in expected else "too many"}')
        elif not filecmp.cmp(expected[name], found[name], shallow=False):
            findings.add('results', f'{name} differs')


# ---- a round ----

class Round:
    def __init__(self, chaos, number):
        self.chaos, self.world, self.number = chaos, chaos.world, number
        self.name = f'chaos-{chaos.given.seed}-{number}'
        self.plan = []
        if number > 0:
            self.plan = draw(random.Random(f'{chaos.given.seed}-{number}'), chaos.busy_s,
                             chaos.given.only)
        self.base = time.monotonic()
        self.scene = Scene(self.world, random.Random(f'{chaos.given.seed}-{number}-how'), self.base)
        self.kinds, self.ended = [], []
        self.faults_end = time.time()

    def run(self):
        findings = Findings()
        job = self.world.write_job(self.name, CHANGES)
        recorder = Recorder(self.chaos.cluster, self.name, self.chaos.positions, self.world.pids)
        submitted = self.world.command('submit', job, *PARTITIONS)
        if submitted.returncode != 0:
            findings.add('submit', (submitted.stdout + submitted.stderr)[-500:])
        recorder.submitted.set()
        self.base = self.scene.base = time.monotonic()
        self._play(recorder, findings)
        took = time.monotonic() - self.base
        if not recorder.sealed():
            findings.add('I6', f'job {self.name} is not done after {took:.0f} s')
        recorder.finish()
        for line in self.world.broken_lines():
            findings.add('crash', line)
        evidence = self._gather(recorder)
        found, job, figures = check.check(self.chaos.wire, evidence, self.name)
        for invariant, texts in found.found.items():
            findings.found[invariant] += texts
        out = os.path.join(self.chaos.folder, 'out')
        shutil.rmtree(out, ignore_errors=True)
        told = self.world.command('report', self.name, '--out', out)
        if told.returncode not in (0, 3):
            findings.add('results', told.stderr[-500:])
        else:
            compare(self.chaos.reference, out, findings)
        self.chaos.carry(evidence, job)
        return findings, evidence, {
            'round': self.number, 'seed': self.chaos.given.seed, 'job': self.name,
            'faults': self.scene.told, 'kinds': self.kinds, 'ended': self.ended,
            'seconds': round(took, 1),
            'whole_s': round(time.monotonic() - self.base, 1),
            'samples': len(recorder.samples), 'sample_troubles': recorder.troubles, **figures}

    def _mend(self, findings):
        """A worker may end when the bus refuses it, with a status; never by a signal of its own."""
        for name, status in self.world.mend_workers(self.scene.busy).items():
            self.ended.append(name)
            if status is not None and status < 0:
                findings.add('crash', f'{name} was ended by signal {-status}')

    def _play(self, recorder, findings):
        """Until the job is sealed and every fault has ended."""
        waiting = list(self.plan)
        active = []  # [due, generator]
        while time.monotonic() - self.base < GIVE_UP_S:
            now = time.monotonic()
            sealed = recorder.sealed()
            if sealed and not active:
                return
            while waiting and not sealed and now - self.base >= waiting[0][0]:
                self.kinds.append(waiting.pop(0)[1])
                active.append([now, FAULTS[self.kinds[-1]][1](self.scene)])
            for item in [one for one in active if one[0] <= now]:
                try:
                    item[0] = time.monotonic() + next(item[1])
                except StopIteration:
                    active.remove(item)
                    self.faults_end = time.time()
            self._mend(findings)
            time.sleep(0.05)

    def _gather(self, recorder):
        recorder.find_topics()
        evidence = Evidence(self.chaos.cluster.read(recorder.starts))
        evidence.seen = recorder.seen
        evidence.samples = self.chaos.last_sample + recorder.samples
        evidence.processes = recorder.processes
        evidence.disks = {name: bounds.disk_mb(host.disk)
                          for name, host in self.world.hosts.items() if name.startswith('worker-')}
        evidence.stops = self.scene.stops
        evidence.robots = self.chaos.robots
        evidence.leased_before = self.chaos.leased_before
        evidence.requests, self.chaos.log_at = manners.read_log(self.world.requests,
                                                                self.chaos.log_at)
        evidence.earlier = self.chaos.earlier
        evidence.faults_end_ms = self.faults_end * 1000
        return evidence


# ---- all rounds ----

class Chaos:
    def __init__(self, given, folder, world):
        self.given, self.folder, self.world = given, folder, world
        self.wire = Wire(os.path.join(folder, 'generated'))
        self.reference = os.path.join(folder, 'reference')
        self.positions, self.log_at = {}, 0
        self.ledger = Ledger()      # of all rounds
        self.earlier = []           # the last request of each host before this round
        self.last_sample = []
        self.leased_before = manners.leased(())
        self.busy_s = BUSY_S
        self.robots = {}
        self.rows, self.failed = [], []

    def begin(self):
        world = self.world
        world.start_sites(self.given.documents)
        start = time.monotonic()
        status = world.run_locally(world.write_job('undisturbed', CHANGES), self.reference)
        print(f'undisturbed run on one machine: status {status}, '
              f'{time.monotonic() - start:.1f} s, '
              f'{len(result_files(self.reference, COMPARED))} files',
              flush=True)
        if status != 0:
            sys.exit(1)
        world.start_brokers(settings=('leader.imbalance.check.interval.seconds=5',
                                      'leader.imbalance.per.broker.percentage=0'))
        world.add_worker_hosts(3)
        world.start_regulars()
        self.cluster = Cluster(world.bus)
        self.robots = manners.fetch_robots(
            f'http://{hosts.NET}.2.{k}:18080' for k in range(1, 42))
        time.sleep(1.5)
        self.log_at = manners.read_log(world.requests)[1]

    def carry(self, evidence, job):
        """What the next round must know of this one."""
        self.ledger.add(evidence.logs)
        for topic, partition in evidence.logs.high:
            if topic in NAMES:
                items = evidence.logs.topics[topic][partition]
                self.positions[topic, partition] = items[-1][0] + 1 if items else \
                    self.positions.get((topic, partition), 0)
        latest = {request.host: request for request in
                  sorted(self.earlier + evidence.requests, key=lambda r: r.end)}
        self.earlier = list(latest.values())
        self.leased_before = manners.leased(
            e for e in job.entries['leases'] if e.message.id not in job.results)
        if evidence.samples:
            last = evidence.samples[-1]
            shared = {place: offset for place, offset in last['commits'].items()
                      if place[0] in ('frontier', 'crawler')}
            self.last_sample = [{'time': last['time'], 'before': {}, 'after': {},
                                 'commits': shared}]

    def round(self, number):
        findings, evidence, row = Round(self, number).run()
        row['findings'] = list(findings.lines())
        self.rows.append(row)
        with open(os.path.join(self.given.out, 'summary.jsonl'), 'a', encoding='utf-8') as file:
            file.write(json.dumps(row, ensure_ascii=False) + '\n')
        print(line_of(row), flush=True)
        if number == 0:
            self.busy_s = min(8, max(2, row['seconds'] / 2))
        if findings.count():
            self.failed.append(number)
            self._tell_failure(findings, evidence, row)

    def _tell_failure(self, findings, evidence, row):
        for line in findings.lines():
            print('    ' + line)
        print(f'    FAILED: --seed {self.given.seed} --first {row["round"]} --rounds 1', flush=True)
        keep = os.path.join(self.given.out, f'{row["job"]}')
        os.makedirs(keep, exist_ok=True)
        evidence.save(os.path.join(keep, 'evidence'))
        shutil.copytree(os.path.join(self.folder, 'logs'), os.path.join(keep, 'logs'),
                        dirs_exist_ok=True)

    def check_everything(self):
        """Every record of every round still stands where it stood."""
        places = sorted(self.ledger.sums)
        wrong = []
        for topic in sorted({topic for topic, _ in places}):
            wrong += self.ledger.compare(self.cluster.read(
                {place: 0 for place in places if place[0] == topic}))
        records = sum(map(len, self.ledger.sums.values()))
        print(f'{records} records in {len(places)} partitions read again: {len(wrong)} wrong',
              flush=True)
        if wrong:
            self.failed.append('everything')
            print('    I1 another record than before, or none: ' + ', '.join(wrong[:10]))

    def finish(self):
        self.check_everything()
        self.cluster.close()
        text = summary_text(self.given, self.rows, self.failed)
        print(text)
        with open(os.path.join(self.given.out, 'summary.txt'), 'a', encoding='utf-8') as file:
            file.write(text + '\n')


def line_of(row):
    state = f'{len(row["findings"])} FINDINGS' if row['findings'] else 'ok'
    faults = ', '.join(row['faults']) or 'no fault'
    repeated = '/'.join(str(row.get(f'repeated_{kind}', '?'))
                        for kind in ('pages', 'documents', 'visits', 'reports'))
    checking = row['whole_s'] - row['seconds']
    return (f'round {row["round"]}: {state}, {row["seconds"]} s (+{checking:.0f} s to check); '
            f'{faults}; {row.get("documents")} documents, {row.get("sent")} requests, '
            f'{row.get("leases")} leases ({row.get("lost_leases")} lost), repeats {repeated}, '
            f'silence {row.get("silence", 0):.0f} s, done {row.get("rest", 0):.0f} s after the '
            f'last fault, short intervals {row.get("excused", 0)}'
            + (f', ended by themselves: {", ".join(row["ended"])}' if row['ended'] else ''))


def peaks_text(rows):
    """The most that any process of a program, and any worker host, ever had."""
    top = {}
    for row in rows:
        for name, values in row.get('peaks', {}).items():
            for what, value in values.items():
                key = name.removeprefix('xunfang-'), what
                top[key] = max(top.get(key, 0), value)
    memory = {name: value for (name, what), value in top.items() if what == 'rss_mb'}
    disk = max((row.get('disk_mb', 0) for row in rows), default=0)
    return (', '.join(f'{name} {value:.0f} MB' for name, value in sorted(memory.items()))
            + f'; files {max((v for (_, w), v in top.items() if w == "fds"), default=0)}, threads '
            f'{max((v for (_, w), v in top.items() if w == "threads"), default=0)}, '
            f'disk of a host {disk} MB')


def summary_text(given, rows, failed):
    """Figures of all rounds of this call."""
    def total(name):
        return sum(row.get(name) or 0 for row in rows)
    kinds = Counter(kind for row in rows for kind in row['kinds'])
    seconds = sorted(row['seconds'] for row in rows)
    lines = [f'seed {given.seed}, {len(rows)} rounds from {given.first}, {len(failed)} failed'
             + (f': {failed}' if failed else '')]
    if rows:
        lines += [
            f'seconds a round: median {seconds[len(seconds) // 2]}, longest {seconds[-1]}',
            f'documents {total("documents")}, requests {total("sent")}, leases {total("leases")} '
            f'({total("lost_leases")} lost), short intervals excused {total("excused")}',
            'repeats on the wire: ' + ', '.join(f'{kind} {total("repeated_" + kind)}' for kind in
                                               ('pages', 'documents', 'visits', 'reports')),
            'peaks: ' + peaks_text(rows),
            'faults: ' + ', '.join(f'{kind} {count}' for kind, count in sorted(kinds.items()))]
    return '\n'.join(lines)


def run(given):
    def main(folder):
        with ChaosWorld(folder, given.build) as world:
            chaos = Chaos(given, folder, world)
            chaos.begin()
            chaos.round(0)
            for number in range(given.first, given.first + given.rounds):
                if given.minutes and time.monotonic() - given.start > given.minutes * 60:
                    break
                chaos.round(number)
            chaos.finish()
            return 1 if chaos.failed else 0
    return main


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--build', default=os.environ.get('XUNFANG_BUILD', 'build/release'))
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--first', type=int, default=1)
    parser.add_argument('--documents', type=int, default=1000)
    parser.add_argument('--minutes', type=float, help='begin no round after so long')
    parser.add_argument('--only', nargs='+', choices=FAULTS, help='faults to draw from')
    parser.add_argument('--out', default='out/chaos')
    given = parser.parse_args()
    given.out = os.path.abspath(given.out)
    given.start = time.monotonic()
    os.makedirs(given.out, exist_ok=True)
    return given


if __name__ == '__main__':
    options = arguments()
    prepare(options.build)
    sys.exit(hosts.inside(run(options)))
