"""Archives: a job out of a local bus, through a folder onto Kafka, and back: the same bytes.

usage: archive_test.py [--build DIR] [--documents 200]

A demo job runs on the local bus, and a replay of it. The job is archived; damaged copies of the
folder are refused by name; the whole one is restored onto a real broker, where report, verify,
trace and dead read it; archived there once more, and restored onto a second local bus. Without
Kafka only the local half is shown.
"""
import argparse
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kafka_broker import brokers
from results import differences
from support import ROOT, Checks, add_build_option, finish, folder, run_command, sites, xunfang

TIMEOUT = 300
RUNS = ('main', 'again')


class Tester:
    def __init__(self, given, where, checks):
        self.given, self.where, self.checks = given, where, checks

    def path(self, *names):
        return os.path.join(self.where, *names)

    def ask(self, *words):
        """Exit status, standard output and error of a command."""
        done = subprocess.run([xunfang(self.given.build), *words], capture_output=True, text=True,
                              timeout=TIMEOUT, check=False)
        return done.returncode, done.stdout, done.stderr

    def good(self, title, *words):
        status, out, err = self.ask(*words)
        self.checks.check(title, status == 0, f'status {status}: {err.strip()[-300:]}')
        return out

    def run_job(self):
        job = os.path.join(ROOT, 'jobs', 'demo.yaml')
        data, out = self.path('data'), self.path('main.out')
        with sites(self.given.build, '--documents', self.given.documents):
            status = finish(run_command(self.given.build, job, data, out), self.path('run.log'),
                            TIMEOUT)
        self.checks.check('the job', status == 0, f'status {status}')
        self.good('a replay of it', 'replay', 'demo', '--from', 'extract', '--as', 'again',
                  '--data', data, '--out', self.path('again.out'))

    # ---- reading a restored job ----

    def check_reports(self, title, *bus):
        for run in RUNS:
            out = self.path(f'{title}.{run}.out')
            self.good(f'{title}: report of {run}', 'report', 'demo', '--run', run, '--out', out,
                      *bus)
            different = differences(self.path(run + '.out'), out)
            self.checks.check(f'{title}: the same bytes of {run}', not different, different[:5])

    def check_reading(self, title, *bus):
        lines = self.good(f'{title}: verify', 'verify', 'demo', *bus).splitlines()
        failed = [line for line in map(json.loads, lines) if not line['ok']]
        self.checks.check(f'{title}: every check holds', lines and not failed, failed[:3])
        text = self.good(f'{title}: export', 'export', 'demo', '--format', 'jsonl', *bus)
        with open(self.path('main.out', 'events.jsonl'), encoding='utf-8') as events:
            self.checks.check(f'{title}: export tells the events', text == events.read())
        self.checks.check(f'{title}: nothing is dead', self.good(
            f'{title}: dead', 'dead', 'demo', *bus) == '')

    def check_trace(self, title, *bus):
        local = self.good('trace here', 'trace', 'demo', self.document(), '--data',
                          self.path('data'))
        there = self.good(f'{title}: trace', 'trace', 'demo', self.document(), *bus)
        # Offsets of urls are others; what happened is the same.
        self.checks.check(f'{title}: the same way through the logs',
                          len(local.splitlines()) == len(there.splitlines()) > 5,
                          f'{len(local.splitlines())} and {len(there.splitlines())} lines')

    def document(self):
        """The id of a document that reports an event."""
        path = self.path('main.out', 'results.sqlite')
        with contextlib.closing(sqlite3.connect(path)) as results:
            return results.execute('SELECT MIN(document_id) FROM reports').fetchone()[0]

    # ---- damage ----

    def check_refused(self, title, archive, *bus):
        """The error of a restore that must fail."""
        status, _, err = self.ask('archive', '--restore', archive, *bus)
        self.checks.check(title, status in (1, 2), f'status {status}: {err.strip()[-200:]}')
        return err

    def check_damage(self, archive):
        data = self.path('damaged.data')
        broken = self.path('broken')
        shutil.copytree(archive, broken)
        names = sorted(name for name in os.listdir(broken) if name.endswith('.zst'))
        flipped, cut, gone = names[0], names[len(names) // 2], names[-1]
        with open(os.path.join(broken, flipped), 'r+b') as file:
            file.seek(20)
            byte = file.read(1)
            file.seek(20)
            file.write(bytes([byte[0] ^ 1]))
        os.truncate(os.path.join(broken, cut), os.path.getsize(os.path.join(broken, cut)) - 1)
        os.unlink(os.path.join(broken, gone))
        os.makedirs(data)
        err = self.check_refused('a damaged archive is refused', broken, '--data', data)
        for name in (flipped, cut, gone):
            self.checks.check(f'… and {name} is named', name in err)
        with open(os.path.join(broken, 'manifest.json'), 'a', encoding='utf-8') as file:
            file.write(' ')
        err = self.check_refused('so is a changed manifest', broken, '--data', data)
        self.checks.check('… by its name', 'manifest.json is damaged' in err)

    def check_wrong_words(self, archive):
        data = self.path('data')
        for words in (('archive',), ('archive', 'demo'), ('archive', '--out', archive),
                      ('archive', 'demo', '--out', archive, '--restore', archive)):
            status, _, _ = self.ask(*words, '--data', data)
            self.checks.check(' '.join(words[:2]) + ': wrong usage', status == 2, status)
        status, _, err = self.ask('archive', 'demo', '--out', archive, '--data', data)
        self.checks.check('an archive is not overwritten', status == 1 and 'not empty' in err, err)
        status, _, err = self.ask('archive', 'nobody', '--out', archive + '2', '--data', data)
        self.checks.check('no such job', status == 1 and 'nobody' in err, err)

    # ---- parts ----

    def local_half(self):
        archive = self.path('archive')
        self.run_job()
        self.good('archive', 'archive', 'demo', '--out', archive, '--data', self.path('data'))
        done = subprocess.run(['sha256sum', '--check', '--quiet', 'manifest.json.sha256'],
                              cwd=archive, check=False)
        self.checks.check('sha256sum agrees', done.returncode == 0)
        self.check_damage(archive)
        self.check_wrong_words(archive)
        self.back('a second folder', archive, 'second.data')
        return archive

    def back(self, title, archive, data):
        bus = ('--data', self.path(data))
        os.makedirs(self.path(data))
        self.good(f'{title}: restore', 'archive', '--restore', archive, *bus)
        self.check_reports(title, *bus)
        err = self.check_refused(f'{title}: restored twice', archive, *bus)
        self.checks.check('… for the job is known', 'known here already' in err, err)

    def kafka_half(self, archive):
        with brokers(self.given.build) as kafka:
            bus = ('--bus', kafka.url)
            self.good('Kafka: restore', 'archive', '--restore', archive, *bus)
            self.check_reports('Kafka', *bus)
            self.check_reading('Kafka', *bus)
            self.check_trace('Kafka', *bus)
            again = self.path('archive-of-kafka')
            self.good('Kafka: archive', 'archive', 'demo', '--out', again, *bus)
        self.compare_archives(archive, again)
        self.back('back from Kafka', again, 'back.data')

    def compare_archives(self, first, second):
        """The job's own logs are the same files; urls and seals have other offsets."""
        files = []
        for archive in (first, second):
            with open(os.path.join(archive, 'manifest.json'), encoding='utf-8') as manifest:
                listed = json.load(manifest)['files']
            files.append({one['name']: one['sha256'] for one in listed
                          if one['topic'] not in ('control', 'urls')})
        self.checks.check('the same logs in both archives', files[0] == files[1] and files[0])


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=200)
    given = parser.parse_args()
    checks = Checks()
    with folder(given.keep) as where:
        tester = Tester(given, where, checks)
        archive = tester.local_half()
        if not checks.failed:
            tester.kafka_half(archive)
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
