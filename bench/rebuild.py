#!/usr/bin/env python3
"""How fast a frontier and an aggregator rebuild their state from the logs of one Kafka broker.

usage: rebuild.py BUILD [--documents 20000] [--cities 41] [--seed 7] [--rounds 3] [--job JOB.yaml]

Runs the pipeline's job over the broker and adds one document, so that the job is open again. Then
each of the two is started with an empty data folder, as on a machine that takes over, until it has
caught up. The rate is its own (xunfang_fold_replay_rate).
With --job that job is only submitted, and the frontier reads its seeds.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import pipeline
from kafka_broker import brokers

FOLDS = {'frontier': [], 'aggregator': ['--job', 'demo']}
ADMIN = '127.0.0.1:18200'
TIMEOUT = 120
ONE_MORE = {'id': 'late', 'title': '苏州市党政代表团赴南京市学习考察', 'date': '2019-05-09',
            'site_city': '苏州', 'body': '5月8日，苏州市委书记率党政代表团赴南京市学习考察。'}


def run_and_open(given, url, folder):
    job = pipeline.write_job(folder)
    with pipeline.serve_sites(given):
        pipeline.run_job(given.build, folder, job, url)
    subprocess.run([f'{given.build}/bin/xunfang', 'ingest', job, '--bus', url], check=True,
                   input=json.dumps(ONE_MORE, ensure_ascii=False).encode(),
                   stderr=subprocess.DEVNULL)


def submit(given, url):
    begun = time.monotonic()
    subprocess.run([f'{given.build}/bin/xunfang', 'submit', given.job, '--bus', url], check=True)
    print(f'submitted in {time.monotonic() - begun:.1f} s', flush=True)


def rebuild(given, url, name, data):
    """(records, records a second, seconds until it was ready, CPU seconds, resident bytes)"""
    begun = time.monotonic()
    worker = subprocess.Popen([f'{given.build}/libexec/xunfang/xunfang-{name}', '--bus', url,
                               '--data', data, '--admin', ADMIN, '--log-level', 'error',
                               *FOLDS[name]])
    try:
        records = 0
        while records == 0 and time.monotonic() < begun + TIMEOUT:
            time.sleep(0.05)
            samples = pipeline.read_metrics(ADMIN) or []
            records = pipeline.total(samples, 'xunfang_fold_replayed_total', stage=name)
        seconds = time.monotonic() - begun
        with open(f'/proc/{worker.pid}/stat', encoding='ascii') as file:
            fields = file.read().rpartition(')')[2].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
        rate = pipeline.total(samples, 'xunfang_fold_replay_rate', stage=name)
        resident = sum(value for name, _, value in samples
                       if name == 'xunfang_process_resident_bytes')
        return records, rate, seconds, cpu, resident
    finally:
        worker.terminate()
        worker.wait()


def size_of(folder):
    return sum(os.path.getsize(os.path.join(base, name))
               for base, _, names in os.walk(folder) for name in names)


def measure(given, url, folder, names):
    for name in names:
        rates = []
        for number in range(given.rounds):
            data = os.path.join(folder, f'{name}-{number}')
            os.mkdir(data)
            records, rate, seconds, cpu, resident = rebuild(given, url, name, data)
            rates.append(rate)
            print(f'{name:10} {records:8.0f} records in {seconds:5.1f} s from its start, '
                  f'{rate:8.0f} records/s while reading, {1000 * cpu / records:.3f} CPU ms and '
                  f'{size_of(data) / records:.0f} bytes of state a record, '
                  f'{resident / 1e6:.0f} MB resident', flush=True)
        print(f'{name:10} {statistics.median(rates):.0f} records/s')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('build')
    parser.add_argument('--documents', default='20000')
    parser.add_argument('--cities', default='41')
    parser.add_argument('--seed', default='7')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--job')
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='xunfang-bench-') as folder:
        with brokers(given.build) as kafka:
            url = kafka.url + '/rebuild'
            if given.job is None:
                run_and_open(given, url, folder)
            else:
                submit(given, url)
            measure(given, url, folder, list(FOLDS) if given.job is None else ['frontier'])


if __name__ == '__main__':
    main()
