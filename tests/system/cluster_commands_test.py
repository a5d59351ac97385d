"""Commands on a cluster of one broker: jobs side by side, stewards, an operator's words, errors.

usage: cluster_commands_test.py [--build DIR] [--documents 60]

A reference run on a local bus comes first. Then, over one real broker, with workers started by
hand: two submitted jobs of which one is paused and resumed, reports like the local one, an ingest
beside another, a replay, a run that an operator pauses, cancel, purge, and what is said of wrong
words.
"""
import argparse
import contextlib
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kafka_broker import brokers
from results import differences
from support import (ROOT, Checks, Run, add_build_option, finish, folder, program, run_command,
                     sites, wait_for, xunfang)

TIMEOUT = 120
QUICK = 90
LINE = {'title': '苏州市党政代表团赴南京市学习考察', 'date': '2019-05-09', 'site_city': '苏州',
        'body': '5月8日，苏州市委书记率党政代表团赴南京市学习考察，南京市委书记会见了代表团一行。'}


class Worker:
    """A worker or steward started by hand; its own data folder."""

    def __init__(self, tester, kind):
        self.log = open(os.path.join(tester.where, kind + '.log'), 'wb')
        data = os.path.join(tester.where, kind)
        os.mkdir(data)
        self.child = subprocess.Popen(
            [program(tester.given.build, 'libexec', 'xunfang', 'xunfang-' + kind),
             '--bus', tester.url, '--data', data, '--die-with-parent'],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def close(self):
        self.child.terminate()
        try:
            return self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()
        finally:
            self.log.close()


class Tester:
    def __init__(self, given, where, checks):
        self.given, self.where, self.checks = given, where, checks
        self.url = None

    def path(self, name):
        return os.path.join(self.where, name)

    def job(self, name, old='', new=''):
        """A job file of this name: the demo's, with something else in it."""
        with open(os.path.join(ROOT, 'jobs', 'demo.yaml'), encoding='utf-8') as file:
            text = file.read().replace('job: demo', 'job: ' + name).replace(old, new)
        with open(self.path(name + '.yaml'), 'w', encoding='utf-8') as file:
            file.write(text)
        return self.path(name + '.yaml')

    def environment(self):
        return {**os.environ, 'XUNFANG_BUS': self.url or ''}

    def ask(self, *words, given=''):
        """Exit status, standard output and error of a command, on the cluster by its variable."""
        done = subprocess.run([xunfang(self.given.build), *words], input=given, text=True,
                              capture_output=True, timeout=TIMEOUT, check=False,
                              env=self.environment())
        return done.returncode, done.stdout, done.stderr

    def expect(self, title, wanted, words, *texts):
        """The command ends with this status, and its output or error holds these texts."""
        status, out, err = self.ask(*words)
        return self.checks.check(title, status == wanted and all(t in out + err for t in texts),
                                 f'status {status}: {(out + err).strip()[:300]}')

    def jobs(self):
        status, out, _ = self.ask('jobs', '--json')
        assert status == 0
        return {(line['job'], line['run']): line for line in map(json.loads, out.splitlines())}

    def sealed(self, job, run='main', generation=0):
        line = self.jobs().get((job, run))
        return bool(line and line['generation'] == generation and line['sealed'])

    def wait_sealed(self, job, run='main', generation=0):
        done = wait_for(lambda: self.sealed(job, run, generation), QUICK, 0.3)
        return self.checks.check(f'{job}.{run}, generation {generation}: sealed by the workers',
                                 done, '' if done else self.jobs().get((job, run)))

    def same_report(self, title, job, *more):
        out = self.path(job + '.out')
        status, _, err = self.ask('report', job, '--out', out, *more)
        different = differences(self.path('reference'), out)
        self.checks.check(title, status == 0 and not different,
                          f'status {status}, different: {different[:5]} {err.strip()[:200]}')

    # ---- parts ----

    def reference(self):
        status = finish(run_command(self.given.build, self.job('first'), self.path('local'),
                                    self.path('reference')), self.path('local.log'), TIMEOUT)
        return self.checks.check('the reference, on a local bus', status == 0, f'status {status}')

    def nobody_there(self):
        status, out, err = self.ask('jobs', '--bus', 'kafka://127.0.0.1:1?sasl.password=geheim')
        self.checks.check('no broker; no password in what is said',
                          status == 1 and 'no broker at' in err and '127.0.0.1:1' in err and
                          'geheim' not in out + err, err.strip())
        self.expect('no kind of bus', 2, ('jobs', '--bus', 'kafak://x'), "--bus 'kafak://x'")
        self.expect('a wrong setting', 2, ('jobs', '--bus', self.url + '?no.such=1'), 'no.such')
        self.expect('a fresh cluster has no jobs', 0, ('jobs',), 'submitted')
        self.expect('nor the one that is meant', 2, ('pause', 'first'), 'nor any other')

    def submit(self):
        first, second = self.path('first.yaml'), self.job('second')
        self.expect('submit', 0, ('submit', first, '--partitions', '4'), 'job first, run main',
                    '4 partitions, open')
        self.expect('submit again', 0, ('submit', first), '4 partitions, open')
        self.expect('another file under the name', 2,
                    ('submit', self.job('first', 'delay: 20ms', 'delay: 30ms')),
                    "changed since job 'first' was started")
        self.job('first')
        self.expect('a second job', 0, ('submit', second, '--partitions', '4'), 'job second')
        self.expect('pause', 0, ('pause', 'second'), 'job second, run main: paused')
        self.expect('pause what is paused', 0, ('pause', 'second'), 'as it was')
        lines = self.jobs()
        self.checks.check('jobs lists both, in the order of submission',
                          [(job, line['state'], line['sealed']) for (job, _), line in lines.items()]
                          == [('first', 'open', None), ('second', 'paused', None)], lines)
        self.expect('a job not there', 2, ('resume', 'secund'), "did you mean 'second'?")
        self.expect('a run not there', 2, ('cancel', 'second', '--run', 'mian'), "has 'main'")

    def work(self):
        self.wait_sealed('first')
        line = self.jobs()[('second', 'main')]
        self.checks.check('nobody worked on the paused one',
                          line['sealed'] is None and line['documents'] == 0, line)
        self.same_report('the report: the same bytes as on the local bus', 'first')
        self.expect('status', 0, ('status', 'first'), 'complete')
        self.expect('status of the paused one', 0, ('status', 'second'), 'run main: paused',
                    'waiting    0 for the classifier')
        self.expect('resume', 0, ('resume', 'second'), 'job second, run main: open')
        status, out, _ = self.ask('verify', 'first')
        self.checks.check('verify', status == 0 and out.count('"ok":true') > 20, status)
        self.expect('export', 0, ('export', 'first', '--format', 'csv'))
        self.expect('dead', 0, ('dead', 'first', '--bus', self.url))
        self.wait_sealed('second')

    def ingest(self):
        """Two at once: the second is told whose the first is; nothing of either is lost."""
        line = json.dumps({'id': 'late', **LINE}, ensure_ascii=False)
        slow = subprocess.Popen([xunfang(self.given.build), 'ingest', self.path('first.yaml')],
                                stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=self.environment())
        claimed = wait_for(lambda: self.jobs()[('first', 'main')]['adding'], QUICK, 0.2)
        status, _, err = self.ask('ingest', self.path('first.yaml'), given=line + '\n')
        self.checks.check('a second ingest waits for the first',
                          claimed and status == 1 and f':{slow.pid}, last heard' in err,
                          err.strip())
        _, said = slow.communicate(line + '\n', timeout=TIMEOUT)
        self.checks.check('the first one ends', '1 documents ingested' in said, said.strip())
        self.wait_sealed('first', generation=1)
        second = line.replace('"late"', '"later"').replace('5月8日', '5月7日')
        status, _, err = self.ask('ingest', self.path('first.yaml'), given=second + '\n')
        self.checks.check('and then the second', status == 0, err.strip())
        self.wait_sealed('first', generation=2)
        self.expect('ingest into a job that is not there', 2,
                    ('ingest', self.job('nobody')), "no job 'nobody' there")

    def replay(self):
        status, _, err = self.ask('replay', 'second', '--from', 'classify', '--as', 'again',
                                  '--data', self.path('replay'), '--out', self.path('again.out'))
        self.checks.check('replay', status == 0, err.strip()[-300:])
        status, out, _ = self.ask('compare', 'second', 'main', 'again', '--json')
        self.checks.check('compare: nothing differs',
                          status == 0 and json.loads(out).get('same') is True)
        self.expect('a replay of what is not there', 2,
                    ('replay', 'secnd', '--from', 'classify', '--as', 'x', '--data',
                     self.path('replay')), "did you mean 'second'?")

    def run_here(self):
        """`run` with workers of its own beside the others; an operator's word from elsewhere."""
        command = [*run_command(self.given.build, self.job('third', 'delay: 20ms', 'delay: 60ms'),
                                self.path('third'), self.path('third.out')), '--partitions', '4']
        run = Run(command, self.path('third.log'), self.environment())
        there = wait_for(lambda: self.jobs().get(('third', 'main'), {}).get('lists'), QUICK, 0.3)
        self.expect('pause a run from elsewhere', 0, ('pause', 'third'), 'paused')
        status = run.wait(QUICK)
        run.close()
        self.checks.check('the run ends, with gaps', there and status == 3, f'status {status}')
        self.expect('what to do then', 3, command[1:], 'xunfang resume third')
        self.ask('resume', 'third')
        status = finish_with(command, self.path('third.log'), self.environment())
        self.checks.check('resumed, the same command goes to the end', status == 0,
                          f'status {status}')
        self.same_report('its report', 'third')

    def end(self):
        self.ask('submit', self.job('fourth'), '--partitions', '4')
        self.expect('cancel', 0, ('cancel', 'fourth'), 'job fourth, run main: cancelled')
        self.expect('no way back', 2, ('resume', 'fourth'), 'is cancelled: that is for good')
        self.expect('cancelled: submit', 2, ('submit', self.path('fourth.yaml')), 'another name')
        self.expect('purge asks first', 2, ('purge', 'second'), 'would remove second.pages: 4',
                    '--yes')
        self.expect('nothing went', 0, ('status', 'second'), 'complete')
        self.expect('purge of a log that is read', 2, ('purge', 'second', '--run', 'main'),
                    'purge the whole job')
        self.expect('purge', 0, ('purge', 'second', '--yes'), 'removed second.pages: 4 partitions',
                    'removed second.main.documents', 'removed second.again.visits')
        self.expect('purged again: nothing is left', 0, ('purge', 'second', '--yes'), '')
        self.expect('a purged name is not given again', 2, ('submit', self.path('second.yaml')),
                    "job 'second' was purged here", 'another name')
        self.expect('run of a purged job', 2,
                    ('run', self.path('second.yaml'), '--data', self.path('x')), 'another name')
        self.expect('report of a purged job', 1, ('report', 'second', '--out', self.path('no.out')),
                    'was purged: its logs are gone')
        line = self.jobs()[('second', 'main')]
        self.checks.check('jobs tells it', line['state'] == 'purged' and line['reports'] is None,
                          line)
        self.same_report('the other job is as it was', 'third')


def finish_with(command, log, environment):
    run = Run(command, log, environment)
    try:
        return run.wait(TIMEOUT)
    finally:
        run.close()


def over_a_broker(tester):
    kinds = ('frontier', 'crawler', 'classifier', 'extractor', 'aggregator')
    with brokers(tester.given.build) as kafka:
        tester.url = kafka.url
        tester.nobody_there()
        tester.submit()
        with contextlib.ExitStack() as stack:
            workers = [Worker(tester, kind) for kind in kinds]
            stack.callback(lambda: [worker.close() for worker in workers])
            tester.work()
            tester.ingest()
            tester.replay()
            tester.run_here()
            tester.end()
            alive = [kind for kind, worker in zip(kinds, workers) if worker.child.poll() is None]
            tester.checks.check('all workers are still there', alive == list(kinds), alive)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=60)
    given = parser.parse_args()
    xunfang(given.build)
    checks = Checks()
    begin = time.monotonic()
    with folder(given.keep) as where:
        tester = Tester(given, where, checks)
        with sites(given.build, '--documents', given.documents):
            if tester.reference():
                over_a_broker(tester)
    print(f'{time.monotonic() - begin:.0f} s')
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
