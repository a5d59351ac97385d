#!/usr/bin/env python3
"""Do four workers do the work of four? Each may use a fifth of a core, over one Kafka broker.

usage: workers.py BUILD [--stage classifier|extractor] [--share 0.2] [--workers 1 4]
                  [--documents 5000] [--copies 40] [--partitions 8] [--seconds 30]

The workers share one processor, whose fifths they are given; the broker and all else have the
others. So one worker alone is not quicker for processors that share a core and rest.

A job over simulated sites makes the stage's input log, which is copied into Kafka several times
over; then so many workers read it, each in a cgroup of its own. Counted are the records of all of
them together from when the last has begun until the first has nothing more to do, at most for
--seconds. Needs root.
"""
import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time

import pipeline
from kafka_broker import brokers
from support import skip, wait_for

INPUT = {'classifier': 'documents', 'extractor': 'visits'}
ADMIN_PORT = 18200
PERIOD_US = 100000
WORKERS_CPU = min(os.sched_getaffinity(0))
START_TIMEOUT = 60
SAMPLE_S = 0.5
IDLE_SAMPLES = 2  # so long without a record: a worker has read all of its partitions
CGROUP_V1 = '/sys/fs/cgroup/cpu'
CGROUP_V2 = '/sys/fs/cgroup'


@contextlib.contextmanager
def cpu_share(name, cores):
    """A cgroup whose processes together get so much of a core; the file that takes their pids."""
    old = os.path.isdir(CGROUP_V1)
    folder = os.path.join(CGROUP_V1 if old else CGROUP_V2, f'xunfang-bench-{os.getpid()}-{name}')
    quota = int(cores * PERIOD_US)
    try:
        os.mkdir(folder)
    except OSError as error:
        skip(f'no cgroup to be had: {error}')
    try:
        # The weight is for what else runs on the machine: it should not be measured.
        limits = ([('cpu.cfs_period_us', PERIOD_US), ('cpu.cfs_quota_us', quota),
                   ('cpu.shares', 64 * 1024)] if old
                  else [('cpu.max', f'{quota} {PERIOD_US}'), ('cpu.weight', 10000)])
        for file, value in limits:
            with open(os.path.join(folder, file), 'w', encoding='ascii') as setting:
                setting.write(str(value))
        yield os.path.join(folder, 'cgroup.procs')
    finally:
        os.rmdir(folder)


class Worker:
    def __init__(self, given, url, folder, number, members):
        def join():
            with open(members, 'w', encoding='ascii') as file:
                file.write(str(os.getpid()))
            os.sched_setaffinity(0, {WORKERS_CPU})
        self.stage, self.address = given.stage, f'127.0.0.1:{ADMIN_PORT + number}'
        command = [f'{given.build}/libexec/xunfang/xunfang-{given.stage}', '--bus', url,
                   '--data', os.path.join(folder, f'worker-{number}'), '--job', 'demo',
                   '--admin', self.address, '--log-level', 'warn']
        self.child = subprocess.Popen(command, preexec_fn=join)

    def records(self):
        samples = pipeline.read_metrics(self.address) or []
        return pipeline.total(samples, 'xunfang_stage_records_total', stage=self.stage)

    def cpu(self):
        with open(f'/proc/{self.child.pid}/stat', encoding='ascii') as file:
            fields = file.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def close(self):
        self.child.terminate()
        self.child.wait()


def sample(workers):
    return time.monotonic(), [worker.records() for worker in workers], sum(
        worker.cpu() for worker in workers)


def watch(workers, seconds):
    """Samples from when all work until one has no more, or the time is over."""
    if not wait_for(lambda: all(worker.records() > 0 for worker in workers), START_TIMEOUT):
        sys.exit('a worker has nothing to do: more partitions?')
    samples = [sample(workers)]
    while samples[-1][0] < samples[0][0] + seconds:
        time.sleep(SAMPLE_S)
        samples.append(sample(workers))
        before = samples[-1 - IDLE_SAMPLES:][0][1]
        if len(samples) > IDLE_SAMPLES and any(
                now == then for now, then in zip(samples[-1][1], before)):
            return samples[:-IDLE_SAMPLES]
    return samples


def measure(given, url, folder, count):
    """Records a second of `count` workers."""
    with contextlib.ExitStack() as stack:
        workers = []
        for number in range(count):
            members = stack.enter_context(cpu_share(number, given.share))
            workers.append(stack.enter_context(contextlib.closing(
                Worker(given, url, folder, number, members))))
        samples = watch(workers, given.seconds)
    (begun, first, cpu), (ended, last, cpu_then) = samples[0], samples[-1]
    records = sum(last) - sum(first)
    rate = records / (ended - begun)
    each = ', '.join(f'{b - a:.0f}' for a, b in zip(first, last))
    print(f'{count} × {given.share} core: {rate:7.0f} records/s over {ended - begun:.1f} s, '
          f'{(cpu_then - cpu) / (ended - begun):.2f} cores, '
          f'{1000 * (cpu_then - cpu) / records:.3f} CPU ms a record ({each})', flush=True)
    return rate


def prepare(given, folder):
    """The logs of a whole run on the local bus."""
    with pipeline.serve_sites(given):
        pipeline.run_job(given.build, folder, pipeline.write_job(folder))


def copy_log(given, folder, url):
    log = subprocess.Popen([f'{given.build}/libexec/xunfang/xunfang-log', '--data',
                            f'{folder}/data', '--log-level', 'warn'])
    try:
        subprocess.run([f'{given.build}/bench/log_copy', f'local:{folder}/data', url, 'demo',
                        'main', str(given.partitions), str(given.copies), INPUT[given.stage]],
                       check=True)
    finally:
        log.terminate()
        log.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('build')
    parser.add_argument('--stage', default='classifier', choices=INPUT)
    parser.add_argument('--share', type=float, default=0.2)
    parser.add_argument('--workers', type=int, nargs='+', default=[1, 4])
    parser.add_argument('--seconds', type=float, default=30)
    parser.add_argument('--documents', default='5000')
    parser.add_argument('--cities', default='41')
    parser.add_argument('--seed', default='7')
    parser.add_argument('--copies', default='40')
    parser.add_argument('--partitions', default='8')
    given = parser.parse_args()
    rates = []
    os.sched_setaffinity(0, os.sched_getaffinity(0) - {WORKERS_CPU} or {WORKERS_CPU})
    with tempfile.TemporaryDirectory(prefix='xunfang-bench-') as folder:
        prepare(given, folder)
        with brokers(given.build) as kafka:
            for count in given.workers:
                url = f'{kafka.url}/workers-{count}'
                copy_log(given, folder, url)
                rates.append(measure(given, url, folder, count))
    for count, rate in zip(given.workers[1:], rates[1:]):
        print(f'{given.stage}: {count} do {rate / rates[0]:.2f} × the work of {given.workers[0]}')


if __name__ == '__main__':
    main()
