#!/usr/bin/env python3
"""The whole pipeline at full speed: requests and documents per second, CPU per item by stage.

usage: pipeline.py BUILD [--documents N] [--cities N] [--seed N] [--kafka] [--rounds N]
                   [--partitions N]

Serves simulated sites on loopback, runs a job over them without a delay, and reads the metrics of
all processes until the end. With --kafka each round runs it on the local bus and then on one Kafka
broker of this machine; the ratio is of the two of one round, and the middle one counts. Figures are
of a machine that may be busy: compare ratios.
"""
import argparse
import collections
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'system'))
from kafka_broker import brokers
from support import descendants, role

SAMPLE = re.compile(r'^(\w+)(?:\{([^}]*)\})? (\S+)$')


def read_metrics(address):
    """[(name, {label: value}, number)], or None while nobody answers."""
    try:
        with urllib.request.urlopen(f'http://{address}/metrics', timeout=2) as answer:
            text = answer.read().decode()
    except OSError:
        return None
    samples = []
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match:
            labels = dict(re.findall(r'(\w+)="([^"]*)"', match.group(2) or ''))
            samples.append((match.group(1), labels, float(match.group(3))))
    return samples


def total(samples, name, **wanted):
    return sum(value for sample, labels, value in samples
               if sample == name and all(labels.get(k) == v for k, v in wanted.items()))


@contextlib.contextmanager
def serve_sites(given):
    """The simulated sites, while the block runs."""
    sites = subprocess.Popen([f'{given.build}/tests/sites/xunfang-sites', '--cities', given.cities,
                              '--documents', given.documents, '--seed', given.seed, '--port',
                              '18080', '--address', '127.0.2'], stdout=subprocess.PIPE, text=True)
    try:
        if 'ready' not in sites.stdout.readline():
            sys.exit('the simulated sites did not start')
        yield sites
    finally:
        sites.terminate()
        sites.wait()
        sites.stdout.close()


def write_job(folder):
    """The demo job without its delay, nor the one that a site asks for."""
    with open(os.path.join(ROOT, 'jobs', 'demo.yaml'), encoding='utf-8') as file:
        text = file.read()
    text = re.sub(r'delay: \S+', 'delay: 0s', text)
    text = re.sub(r'robots: \S+', 'robots: ignore-for-tests', text)
    path = os.path.join(folder, 'job.yaml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def run_job(build, folder, job, bus='local', partitions='4'):
    """Runs to the end; (seconds to the seal, to the end, the last metrics seen)."""
    command = [f'{build}/bin/xunfang', 'run', job, '--data', f'{folder}/data', '--out',
               f'{folder}/out', '--admin', '127.0.0.1:18099', '--bus', bus, '--partitions',
               partitions, '--url-partitions', partitions]
    begun = time.monotonic()
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    last, busy_until = [], begun
    while run.poll() is None:
        samples = read_metrics('127.0.0.1:18099')
        if samples:
            last, busy_until = samples, time.monotonic()
        time.sleep(0.25)
    if run.returncode not in (0, 3):
        sys.exit(f'run ended with status {run.returncode}')
    return busy_until - begun, time.monotonic() - begun, last


# process, the counter of its items, its label, what an item is
STAGES = [
    ('log', 'xunfang_log_appended_records_total', {}, 'records'),
    ('frontier', 'xunfang_stage_records_total', {'stage': 'frontier'}, 'records'),
    ('crawler', 'xunfang_fetches_total', {}, 'requests'),
    ('classifier', 'xunfang_stage_records_total', {'stage': 'classifier'}, 'documents'),
    ('extractor', 'xunfang_stage_records_total', {'stage': 'extractor'}, 'documents'),
    ('aggregator', 'xunfang_stage_records_total', {'stage': 'aggregator'}, 'records'),
]


def print_table(title, measured):
    """Documents a second."""
    seconds, whole, samples = measured
    requests = total(samples, 'xunfang_fetches_total')
    documents = total(samples, 'xunfang_progress', what='documents')
    print(f'{title}: {seconds:.1f} s to the seal, {whole:.1f} s with the report: '
          f'{requests / seconds:.0f} requests/s, {documents / seconds:.0f} documents/s')
    print(f'{"process":12}{"items":>10} {"of":10}{"CPU s":>8}{"CPU ms/item":>13}{"RSS MB":>8}')
    for process, name, labels, kind in STAGES:
        count = total(samples, name, **labels)
        cpu = total(samples, 'xunfang_process_cpu_seconds_total', process=process)
        rss = total(samples, 'xunfang_process_resident_bytes', process=process)
        print(f'{process:12}{count:10.0f} {kind:10}{cpu:8.2f}{1000 * cpu / max(count, 1):13.3f}'
              f'{rss / 1e6:8.1f}', flush=True)
    return documents / seconds


class Broker:
    """What a run costs the one broker."""

    def __init__(self, kafka, folder):
        self.folder = folder
        self.pid = next(pid for pid in descendants(kafka.child.pid) if role(pid) == 'java')
        self.cpu = 0.0

    def mark(self):
        with open(f'/proc/{self.pid}/stat', encoding='ascii') as file:
            fields = file.read().rpartition(')')[2].split()
        before = self.cpu
        self.cpu = (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
        return self.cpu - before

    def log_bytes(self, prefix):
        """The last words of the topics' names → bytes of their records, compressed."""
        sizes = collections.Counter()
        for base, _, names in os.walk(self.folder):
            topic = os.path.basename(base).rpartition('-')[0]
            if topic.startswith(prefix + '.'):
                sizes[topic.rpartition('.')[2]] += sum(os.path.getsize(os.path.join(base, name))
                                                       for name in names if name.endswith('.log'))
        return sizes

    def print(self, prefix, documents):
        cpu, sizes = self.mark(), self.log_bytes(prefix)
        print(f'broker      {cpu:.2f} CPU s, {1000 * cpu / documents:.3f} ms a document; bytes a '
              'document: ' + ', '.join(f'{name} {size / documents:.0f}'
                                       for name, size in sorted(sizes.items())))


def compare(given, folder):
    """The two buses in turn; a broker is slower while its Java is new, so one round is lost."""
    job, logs = write_job(folder), os.path.join(folder, 'kafka')
    with brokers(given.build, '--data', logs) as kafka:
        broker = Broker(kafka, logs)
        ratios = []
        for number in range(given.rounds + 1):
            rates = []
            broker.mark()
            for title, bus in (('local', 'local'), ('Kafka', f'{kafka.url}/round-{number}')):
                data = os.path.join(folder, f'{number}-{title}')
                os.mkdir(data)
                rates.append(print_table(title, run_job(given.build, data, job, bus,
                                                        given.partitions)))
                shutil.rmtree(data)
            broker.print(f'round-{number}', int(given.documents))
            ratios.append(rates[1] / rates[0])
            print(f'Kafka ÷ local: {ratios[-1]:.2f}' + (', not counted' if number == 0 else ''))
    counted = sorted(ratios[1:])
    print(f'{given.documents} documents: Kafka ÷ local {statistics.median(counted):.2f} '
          f'({counted[0]:.2f} to {counted[-1]:.2f})')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('build')
    parser.add_argument('--documents', default='20000')
    parser.add_argument('--cities', default='41')
    parser.add_argument('--seed', default='7')
    parser.add_argument('--kafka', action='store_true')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--partitions', default='4', help='of each log, on both')
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='xunfang-bench-') as folder, serve_sites(given):
        if given.kafka:
            compare(given, folder)
        else:
            print_table('local', run_job(given.build, folder, write_job(folder)))


if __name__ == '__main__':
    main()
