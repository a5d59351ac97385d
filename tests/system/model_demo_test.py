"""The demo with a real language model: asked once, never again, whatever is killed.

usage: model_demo_test.py [--build DIR] [--documents 300] [--rounds 2] [--seed 1] [--share 5 10]
                          [--model small|big|scripted]

An undisturbed run; `verify`; a replay, which may ask nothing; a replay with another model's name,
which asks its own questions only; then a run whose workers and model server are killed at random
until the same command ends well: no question answered twice but those that were in flight at a
kill, and the same bytes in every csv: as an undisturbed replay of the same answers, and with the
scripted server, which answers equal questions alike, as the undisturbed run.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'models')]
import fetch
import server
from results import differences
from support import (ROOT, Checks, Run, add_build_option, descendants, finish, folder, program,
                     role, run_command, sites, skip, xunfang)

PORT = 18098
CONCURRENCY = 4  # of the job
WORKERS = 2  # that ask: one classifier, one extractor
TIMEOUT = 3600
AGAIN_MAX = 3
JOB = 'demo-llm'
OTHER_NAME = 'another-name'


def write_job(path, port, model):
    """The demo's job with a language model, at this test's server."""
    with open(os.path.join(ROOT, 'jobs', JOB + '.yaml'), encoding='utf-8') as file:
        text = file.read()
    text, found = re.subn(r'(?m)^(  endpoint:).*\n(  model:).*$',
                          rf'\1 http://127.0.0.1:{port}/v1\n\2 {model}', text)
    if found != 1:
        raise ValueError(f'jobs/{JOB}.yaml: no endpoint and model')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


class Tester:
    def __init__(self, given, where, models, checks):
        self.given, self.where, self.models, self.checks = given, where, models, checks
        self.random = random.Random(given.seed)
        self.duration = 0.0

    def path(self, name):
        return os.path.join(self.where, name)

    def log(self, name):
        return self.path(name + '.log')

    def command(self, name):
        return run_command(self.given.build, self.path('demo-llm.yaml'), self.path(name + '.data'),
                           self.path(name + '.out'))

    def query(self, *words):
        done = subprocess.run([xunfang(self.given.build), *words], capture_output=True, text=True,
                              timeout=TIMEOUT, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def account(self, name):
        """What the model cost so far, as `status` tells it."""
        _, lines = self.query('status', JOB, '--data', self.path(name + '.data'), '--json')
        return lines[0]

    def verify(self, name, *more):
        status, lines = self.query('verify', JOB, '--data', self.path(name + '.data'), *more)
        failed = [line['check'] for line in lines if not line['ok']]
        self.checks.check(f'verify {name} {" ".join(more)}', status == 0 and lines and not failed,
                          f'{len(lines)} checks, failed: {failed}')

    def undisturbed(self):
        start = time.monotonic()
        status = finish(self.command('reference'), self.log('reference'), TIMEOUT)
        self.duration = time.monotonic() - start
        told = self.account('reference')
        model = told['model']
        share = 100 * told['asked_documents'] / told['documents']
        low, high = self.given.share
        self.checks.check('undisturbed run', status == 0, f'status {status}, {self.duration:.0f} s')
        self.checks.check('share of documents asked about', low <= share <= high,
                          f'{share:.1f} % of {told["documents"]}; {model}')
        self.checks.check('as many answers as the server gave',
                          self.models.answered() == model['calls'] > 0,
                          f'{self.models.answered()} answered, {model["calls"]} calls')
        self.verify('reference')

    def replay(self, name, source, *more):
        """Questions the server answered during a replay, and whether the results differ."""
        before = self.models.answered()
        status = finish([xunfang(self.given.build), 'replay', JOB, '--from', 'classify', '--as',
                         name, '--data', self.path(source + '.data'), '--out',
                         self.path(name + '.out'), *more], self.log(name), TIMEOUT)
        self.checks.check(f'replay as {name}', status == 0, f'status {status}')
        return self.models.answered() - before

    def replays(self):
        asked = self.replay('again', 'reference')
        different = differences(self.path('reference.out'), self.path('again.out'))
        self.checks.check('a replay asks nothing and gives the same bytes',
                          asked == 0 and not different, f'{asked} asked, different: {different}')
        self.verify('reference', '--run', 'again')
        first = self.account('reference')['model']
        other = write_job(self.path('other.yaml'), PORT, OTHER_NAME)
        asked = self.replay('other', 'reference', '--with', other)
        both = self.account('reference')['model']
        self.checks.check('another model name asks its own questions only',
                          0 < asked == both['calls'] - first['calls'],
                          f'{asked} asked, {both["replies"] - first["replies"]} replies')
        asked = self.replay('other-again', 'reference', '--with', other)
        self.checks.check('and those once', asked == 0, asked)

    def kill_something(self, run):
        """What was killed; the model server comes back after a while, workers by themselves."""
        what = self.random.choice(('everything', 'classifier', 'extractor', 'model server'))
        if what == 'everything':
            run.kill_all()
        elif what == 'model server':
            self.models.kill()
            time.sleep(self.random.uniform(0, 3))
            self.models.start(wait=False)
        else:
            for pid in descendants(run.child.pid):
                if role(pid) == 'xunfang-' + what or role(pid) == what:
                    os.kill(pid, 9)
        return what

    def finish_killed(self, run):
        """The same command again until it ends well, at most AGAIN_MAX times."""
        status = run.wait(TIMEOUT)
        run.close()
        for _ in range(AGAIN_MAX):
            if status == 0:
                break
            status = finish(self.command('killed'), self.log('killed'), TIMEOUT)
        return status

    def disturbed(self):
        before, killed = self.models.answered(), []
        run = Run(self.command('killed'), self.log('killed'))
        for _ in range(self.given.rounds):
            if run.wait(self.random.uniform(0.1, 0.8) * self.duration) is not None:
                break
            killed.append(self.kill_something(run))
            if killed[-1] == 'everything':
                run.close()
                run = Run(self.command('killed'), self.log('killed'))
        status = self.finish_killed(run)
        answered = self.models.answered() - before
        keys = self.account('killed')['model']['replies']
        limit = keys + len(killed) * CONCURRENCY * WORKERS
        self.checks.check('killed: ' + ', '.join(killed), status == 0 and killed != [], status)
        self.checks.check('no question answered twice but those in flight', answered <= limit,
                          f'{answered} answered, {keys} keys, {len(killed)} kills')
        self.verify('killed')
        self.compare_killed()

    def compare_killed(self):
        """A real model asked twice may answer otherwise; what it answered is used alike."""
        asked = self.replay('calm', 'killed')
        different = differences(self.path('calm.out'), self.path('killed.out'))
        self.checks.check('same bytes as an undisturbed replay of the same answers',
                          asked == 0 and not different, f'{asked} asked, different: {different}')
        different = differences(self.path('reference.out'), self.path('killed.out'))
        if self.models.model.weights:
            print(f'     {len(different)} files differ from the undisturbed run, '
                  'by what the model itself answered otherwise')
        else:
            self.checks.check('same bytes as the undisturbed run', not different, different)


def find_model(given):
    if given.model == 'scripted':
        scripted = program(given.build, 'tests', 'llm', 'xunfang-scripted-llm')
        return fetch.Model('scripted', scripted, '')
    try:
        return fetch.ensure(given.model)
    except fetch.Unavailable as cause:
        skip(f'no model: {cause}')
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=300)
    parser.add_argument('--rounds', type=int, default=2)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--model', choices=[*sorted(fetch.MODELS), 'scripted'], default='small')
    parser.add_argument('--share', type=float, nargs=2, default=[5, 10], metavar=('LOW', 'HIGH'))
    given = parser.parse_args()
    xunfang(given.build)
    model = find_model(given)
    checks = Checks()
    with folder(given.keep) as where, server.serving(model, PORT, where) as models, \
            sites(given.build, '--documents', given.documents):
        write_job(os.path.join(where, 'demo-llm.yaml'), PORT, model.name)
        tester = Tester(given, where, models, checks)
        tester.undisturbed()
        tester.replays()
        if given.rounds > 0:
            tester.disturbed()
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
