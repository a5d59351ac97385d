#!/usr/bin/env python3
"""The whole pipeline at full speed: requests and documents per second, CPU per item by stage.

usage: pipeline.py BUILD [--documents N] [--cities N] [--seed N]

Serves simulated sites on loopback, runs a job over them without a delay, and reads the metrics of
all processes until the end. Figures are of one run on a machine that may be busy: compare ratios.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SAMPLE = re.compile(r'^(\w+)\{([^}]*)\} (\S+)$')


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
            labels = dict(re.findall(r'(\w+)="([^"]*)"', match.group(2)))
            samples.append((match.group(1), labels, float(match.group(3))))
    return samples


def total(samples, name, **wanted):
    return sum(value for sample, labels, value in samples
               if sample == name and all(labels.get(k) == v for k, v in wanted.items()))


def write_job(folder):
    """The demo job without its delay."""
    with open(os.path.join(ROOT, 'jobs', 'demo.yaml'), encoding='utf-8') as file:
        text = file.read()
    text = re.sub(r'delay: \S+', 'delay: 0s', text)
    path = os.path.join(folder, 'job.yaml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def run_job(build, folder, job):
    """Runs to the end; (seconds, the last metrics seen)."""
    command = [f'{build}/bin/xunfang', 'run', job, '--data', f'{folder}/data', '--out',
               f'{folder}/out', '--admin', '127.0.0.1:18099']
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


def print_table(seconds, whole, samples):
    requests = total(samples, 'xunfang_fetches_total')
    documents = total(samples, 'xunfang_progress', what='documents')
    print(f'{seconds:.1f} s to the seal, {whole:.1f} s with the report: '
          f'{requests / seconds:.0f} requests/s, {documents / seconds:.0f} documents/s')
    print(f'{"process":12}{"items":>10} {"of":10}{"CPU s":>8}{"CPU ms/item":>13}{"RSS MB":>8}')
    for process, name, labels, kind in STAGES:
        count = total(samples, name, **labels)
        cpu = total(samples, 'xunfang_process_cpu_seconds_total', process=process)
        rss = total(samples, 'xunfang_process_resident_bytes', process=process)
        print(f'{process:12}{count:10.0f} {kind:10}{cpu:8.2f}{1000 * cpu / max(count, 1):13.3f}'
              f'{rss / 1e6:8.1f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('build')
    parser.add_argument('--documents', default='20000')
    parser.add_argument('--cities', default='41')
    parser.add_argument('--seed', default='7')
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='xunfang-bench-')
    sites = subprocess.Popen([f'{options.build}/tests/sites/xunfang-sites', '--cities',
                              options.cities, '--documents', options.documents, '--seed',
                              options.seed, '--port', '18080', '--address', '127.0.2'],
                             stdout=subprocess.PIPE, text=True)
    try:
        if 'ready' not in sites.stdout.readline():
            sys.exit('the simulated sites did not start')
        print_table(*run_job(options.build, folder, write_job(folder)))
    finally:
        sites.terminate()
        sites.wait()
        shutil.rmtree(folder)


if __name__ == '__main__':
    main()
