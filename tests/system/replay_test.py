"""Replays: the same bytes from stored logs, with the sites gone; what another codebook changes.

usage: replay_test.py [--build DIR] [--documents 400] [--seed 1]

A demo job runs once. Then, without any site to ask: replays from each stage, of a replay, killed
with kill -9 and started again; one with another codebook, which `compare` must tell; refusals; and
an ingest into the source, which the earlier replays must not see.
"""
import argparse
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results import differences
from support import (ROOT, Checks, Run, add_build_option, finish, folder, run_command, sites,
                     xunfang)

TIMEOUT = 240
KILLS = 3
STAGES = ('parse', 'classify', 'extract', 'aggregate')
KEPT = '会见'  # the only keyword that the other codebook has


class Tester:
    def __init__(self, given, where, checks):
        self.given, self.where, self.checks = given, where, checks
        self.random = random.Random(given.seed)
        self.data = os.path.join(where, 'data')
        self.job = os.path.join(ROOT, 'jobs', 'demo.yaml')

    def out(self, run):
        return os.path.join(self.where, run + '.out')

    def command(self, run, stage, *more):
        return [xunfang(self.given.build), 'replay', 'demo', '--from', stage, '--as', run,
                '--data', self.data, '--out', self.out(run), *more]

    def ask(self, *words):
        """Exit status, standard output and error of a command on the data folder."""
        done = subprocess.run([xunfang(self.given.build), *words, '--data', self.data],
                              capture_output=True, text=True, timeout=TIMEOUT, check=False)
        return done.returncode, done.stdout, done.stderr

    def crawl(self):
        """The source run, and how long it took; afterwards nobody answers any more."""
        with sites(self.given.build, '--documents', self.given.documents):
            status = finish(run_command(self.given.build, self.job, self.data, self.out('main')),
                            os.path.join(self.where, 'main.log'), TIMEOUT)
        return self.checks.check('the source run', status == 0, f'status {status}')

    def replay(self, run, stage, *more):
        return finish(self.command(run, stage, *more), os.path.join(self.where, run + '.log'),
                      TIMEOUT)

    def check_equal(self, title, run, status, reference='main'):
        different = differences(self.out(reference), self.out(run))
        self.checks.check(title, status == 0 and not different,
                          f'status {status}, different: {different[:5]}')

    def compare(self, first, second):
        status, out, err = self.ask('compare', 'demo', first, second, '--json')
        if status != 0:
            print(err)
        return json.loads(out) if status == 0 else {}

    def verify(self, run):
        status, out, _ = self.ask('verify', 'demo', '--run', run)
        failed = [check['check'] for check in map(json.loads, out.splitlines()) if not check['ok']]
        self.checks.check(f'verify {run}', status == 0 and not failed, failed)

    # ---- parts ----

    def each_stage(self):
        for stage in STAGES:
            run = 'from-' + stage
            self.check_equal(f'replay from {stage}: the same bytes', run, self.replay(run, stage))
            self.verify(run)
            self.checks.check(f'compare main {run}: nothing differs',
                              self.compare('main', run).get('same') is True)
        status = self.replay('chain', 'extract', '--run', 'from-classify')
        self.check_equal('a replay of a replay: the same bytes', 'chain', status)
        status = self.replay('chain-of-pages', 'extract', '--run', 'from-parse')
        self.check_equal('one of a replay from the pages', 'chain-of-pages', status)
        self.verify('chain')

    def killed(self):
        """kill -9 of all processes at once, some times; then the same command until it is done."""
        for number in range(KILLS):
            run = Run(self.command('killed', 'parse'), os.path.join(self.where, 'killed.log'))
            run.wait(self.random.uniform(0.3, 0.8 + 0.4 * number))
            run.close()
        status = self.replay('killed', 'parse')
        self.check_equal(f'killed {KILLS} times, then again: the same bytes', 'killed', status)
        self.verify('killed')

    def other_codebook(self):
        """A job file that differs in its codebook, which screens by one word alone."""
        job, codebook = (os.path.join(self.where, name) for name in ('other.yaml', 'few.yaml'))
        path = os.path.join(ROOT, 'codebooks', 'visits', 'codebook.yaml')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        with open(codebook, 'w', encoding='utf-8') as file:
            file.write(with_keyword(text, KEPT))
        self.copy_job(job, 'codebook: visits', 'codebook: few.yaml')
        status = self.replay('other', 'classify', '--with', job)
        found = self.compare('main', 'other')
        ends = {(end['from'], end['to']): end['documents']
                for end in found.get('documents', {}).get('ends', [])}
        self.checks.check('another codebook: compare tells what it changed',
                          status == 0 and found.get('same') is False and
                          ends.get(('event', 'dictionary'), 0) > 0 and
                          {to for _, to in ends} == {'dictionary'} and
                          found['events']['only'][0] > 0 and found['pairs'],
                          f'status {status}, {ends}, events {found.get("events")}')
        self.verify('other')
        status, out, _ = self.ask('compare', 'demo', 'main', 'other')
        self.checks.check('compare: a table for people',
                          status == 0 and 'event      → dictionary' in out and
                          'nothing differs' not in out)

    def copy_job(self, path, old, new):
        with open(self.job, encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace(old, new))

    def refusals(self):
        job = os.path.join(self.where, 'changed.yaml')
        self.copy_job(job, 'delay: 20ms', 'delay: 30ms')
        cases = [
            ('another stage under the same name', ('--from', 'extract', '--as', 'from-classify'),
             "run 'from-classify' exists"),
            ('another crawl', ('--from', 'classify', '--as', 'new', '--with', job), 'crawl.delay'),
            ('no such source', ('--from', 'classify', '--as', 'new', '--run', 'none'), "'none'"),
            ('no such stage', ('--from', 'crawl', '--as', 'new'), "--from 'crawl'"),
            ('the name of its source', ('--from', 'classify', '--as', 'main'), 'name of its own'),
        ]
        for title, words, message in cases:
            status, _, err = self.ask('replay', 'demo', *words)
            self.checks.check('refused: ' + title, status == 2 and message in err, err.strip())
        status, _, err = self.ask('run', self.job, '--run', 'from-classify')
        self.checks.check('refused: run of a replay', status == 2 and 'is a replay' in err)

    def ingest(self):
        """The source goes on; a replay stays with what it was pinned to."""
        line = json.dumps({'id': 'late', 'title': '苏州市党政代表团赴南京市学习考察',
                           'date': '2019-05-09', 'site_city': '苏州',
                           'body': '5月8日，苏州市委书记率党政代表团赴南京市学习考察，'
                                   '南京市委书记会见了代表团一行。'}, ensure_ascii=False)
        done = subprocess.run([xunfang(self.given.build), 'ingest', self.job, '--data', self.data],
                              input=line + '\n', capture_output=True, text=True, timeout=TIMEOUT,
                              check=False)
        status, _, err = self.ask('replay', 'demo', '--from', 'classify', '--as', 'new')
        self.checks.check('refused: a source that is not complete',
                          done.returncode == 0 and status == 2 and 'not complete' in err,
                          err.strip())
        again = self.replay('from-classify', 'classify')
        self.check_equal('a replay stays with its generation', 'from-classify', again, 'chain')
        self.verify('from-classify')
        status = finish(run_command(self.given.build, self.job, self.data, self.out('main')),
                        os.path.join(self.where, 'main.log'), TIMEOUT)
        self.checks.check('the source with one more document', status == 0 and
                          differences(self.out('main'), self.out('chain')) != [])
        self.check_equal('a new replay has it too', 'late', self.replay('late', 'classify'))
        self.verify('late')


def with_keyword(text, word):
    """The codebook with this word alone in its list `keywords`."""
    begin = text.index('keywords:')
    return text[:begin] + f'keywords: [{word}' + text[text.index(']', begin):]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=400)
    parser.add_argument('--seed', type=int, default=1)
    given = parser.parse_args()
    xunfang(given.build)
    checks = Checks()
    with folder(given.keep) as where:
        tester = Tester(given, where, checks)
        if tester.crawl():
            tester.each_stage()
            tester.killed()
            tester.other_codebook()
            tester.refusals()
            tester.ingest()
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
