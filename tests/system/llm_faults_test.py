"""A model server that hangs, resets, refuses and talks nonsense: every question has an end.

usage: llm_faults_test.py [--build DIR] [--documents 400] [--part PART …]

Parts: `commands` asks about labelled texts with `classify` and `extract`; the others run a job on
simulated sites: in `late` one answer comes after twice the bus's poll limit, in `builtin` and
`dead` (`on_failure`) each document that is asked about gets one kind of fault, or none. Counted at
the server: a bounded number of requests a question. Then the document has the built-in decision,
exactly as without a language model, or is dead with a reason; the others are answered meanwhile,
and no worker grows.
"""
import argparse
import collections
import json
import os
import re
import resource
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bad_input_test import PORT, read_csv, write_job, write_sites
from hostile_text_test import open_bands
from results import differences
from scripted_llm import scripted_llm
from support import (ROOT, Checks, Run, add_build_option, descendants, folder, role, run_command,
                     sites, xunfang)

CITIES = {name: f'127.0.6.{number}' for number, name in enumerate(
    '上海 南京 无锡 常州 苏州 杭州 宁波 湖州 合肥 滁州 宣城 六安'.split(), 1)}
JOB = 'bad-input'
TEXTS = os.path.join(ROOT, '..', 'shared', 'data', 'visits', 'dev.jsonl')
TIMEOUT = 240
CALLS_MAX = 4   # of one question
REPAIRED = 2    # calls of one whose answers do not fit
MEMORY_MAX_MB = 200
SLOW_MS = 13000  # twice the bus's poll limit, and more
BUSY = {429, 503}
WITH_GAPS = 3    # exit status of a run with dead documents
PARTS = ('commands', 'late', 'builtin', 'dead')

# What a server does, again and again, and the most requests that may cost for one question.
FAULTS = {
    'hang': CALLS_MAX, 'reset': CALLS_MAX + 1, '500': CALLS_MAX, '429 1': None, '503': None,
    'garbage': CALLS_MAX, 'noise': CALLS_MAX + 1, 'cut': CALLS_MAX, 'endless': CALLS_MAX,
    'drip': CALLS_MAX, 'no-content': CALLS_MAX, 'truncated': REPAIRED, 'wrong-label': REPAIRED,
    'no-schema': REPAIRED, 'empty': REPAIRED, '404': 1,
}


def read_lines(path):
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file]


class PeakMemory(threading.Thread):
    """The largest resident size of each program below a process, in MB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, collections.Counter(), threading.Event()

    def look(self):
        for pid in descendants(self.pid):
            try:
                with open(f'/proc/{pid}/status', encoding='utf-8') as file:
                    found = re.search(r'VmHWM:\s+(\d+)', file.read())
            except OSError:
                continue
            if found:
                name = role(pid)
                self.peak[name] = max(self.peak[name], int(found.group(1)) // 1024)

    def run(self):
        while not self.over.wait(0.1):
            self.look()

    def finish(self):
        self.over.set()
        self.join()
        return {name: self.peak[name] for name in ('xunfang-classifier', 'xunfang-extractor')}


class Tester:
    def __init__(self, given, where, checks):
        self.given, self.where, self.checks = given, where, checks
        os.makedirs(os.path.join(where, 'job'))
        self.plain_job = write_job(self.path('job'), CITIES)
        self.region = write_sites(where, CITIES)
        self.asked = None

    def path(self, *parts):
        return os.path.join(self.where, *parts)

    def model(self, name, script=()):
        return scripted_llm(self.given.build, self.path(name), script, '--slots', 32)

    # ---- commands ----

    def tell(self, command, lines, *options):
        """The command's output lines; exit status and what it used are checked."""
        text = ''.join(json.dumps(line, ensure_ascii=False) + '\n' for line in lines)
        done = subprocess.run([xunfang(self.given.build), command, *options], input=text.encode(),
                              capture_output=True, timeout=TIMEOUT, check=False)
        self.checks.check(f'{command} ends well', done.returncode == 0,
                          f'status {done.returncode} {done.stderr.decode()[-200:]}')
        return [json.loads(line) for line in done.stdout.splitlines()]

    def commands(self):
        if not os.path.exists(TEXTS):
            print('no ' + TEXTS)
            return
        lines, book = read_lines(TEXTS)[:80], ['--codebook', open_bands(self.where)]
        plain = self.tell('classify', lines, *book)
        with self.model('asked') as model:
            asked = self.tell('classify', lines, *book, '--llm', model.endpoint, '--model', 'toy')
        numbers = [n for n, line in enumerate(asked) if line['asked']]
        self.checks.check('enough are asked about', len(numbers) >= 3 * len(FAULTS),
                          f'{len(numbers)} of {len(lines)}')
        # A server that fails many in a row is away; here most of its answers are fine.
        bad = dict(zip(numbers[::3], FAULTS))
        script = [(lines[n]['body'][:40], [fault]) for n, fault in bad.items()]
        with self.model('classify', script) as model:
            told = self.tell('classify', lines, *book, '--llm', model.endpoint, '--model', 'toy',
                             '--timeout', '1s', '--patience', '20s')
            self.count_requests('classify', model, script)
        self.compare_lines(plain, asked, told, bad)
        events = self.tell('extract', lines, *book)
        with self.model('extract', [('', ['hang'])]) as model:
            told = self.tell('extract', lines, *book, '--llm', model.endpoint, '--model', 'toy',
                             '--timeout', '1s', '--patience', '5s')
        self.checks.check('extract: nobody answers, the same events',
                          [line['events'] for line in told] == [line['events'] for line in events])
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        self.checks.check('memory of the commands', peak < MEMORY_MAX_MB, f'{peak} MB')

    def compare_lines(self, plain, asked, told, bad):
        """Faulted lines as without a model, the others as with one that answers all."""
        def decision(line):
            return {name: line[name] for name in ('is_visit', 'p_visit', 'themes', 'purpose',
                                                  'decided_by')}
        wrong = {fault: decision(told[number]) for number, fault in bad.items()
                 if decision(told[number]) != decision(plain[number])}
        self.checks.check('classify: the built-in decision where no answer came', not wrong, wrong)
        wrong = [n for n in range(len(told)) if n not in bad
                 and decision(told[n]) != decision(asked[n])]
        self.checks.check('classify: the others are answered', not wrong, wrong)

    def count_requests(self, name, model, script):
        """Requests for one question: those about one text in one form."""
        log, counted, over = model.log(), collections.Counter(), {}
        for match, (fault,) in script:
            mine = [line for line in log if match in line['about']]
            counted[fault] += len(mine)
            questions = len({line['form'] for line in mine})
            tried = sum(line['status'] not in BUSY for line in mine)
            if FAULTS[fault] is not None and tried > FAULTS[fault] * questions:
                over[match] = f'{fault}: {tried} for {questions} questions'
        self.checks.check(f'{name}: requests are bounded', not over, over or dict(counted))
        missing = [fault for fault in FAULTS if counted[fault] == 0]
        self.checks.check(f'{name}: every fault was met', not missing, missing)

    # ---- runs ----

    def write_job(self, name, model, on_failure, timeout, patience):
        path = self.path('job', name + '.yaml')
        with open(self.plain_job, encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text + f'llm:\n  endpoint: {model.endpoint}\n  model: toy\n'
                       f'  on_failure: {on_failure}\n  timeout: {timeout}\n'
                       f'  patience: {patience}\n  ask:\n'
                       '    - {task: visit, from: 1, to: 99}\n'
                       '    - {task: purpose, from: 1, to: 99}\n')
        return path

    def run(self, name, job, expected=0):
        """Runs it; checks status, `verify` and memory."""
        os.makedirs(self.path(name), exist_ok=True)
        run = Run(run_command(self.given.build, job, self.path(name, 'data'),
                              self.path(name, 'out')), self.path(name + '.log'))
        memory = PeakMemory(run.child.pid)
        memory.start()
        start = time.monotonic()
        status = run.wait(TIMEOUT)
        peak = memory.finish()
        run.close()
        if not self.checks.check(f'{name}: the run ends', status == expected,
                                 f'status {status}, {time.monotonic() - start:.0f} s'):
            with open(self.path(name + '.log'), encoding='utf-8', errors='replace') as file:
                print(file.read()[-3000:])
        self.checks.check(f'{name}: memory of the workers',
                          max(peak.values()) < MEMORY_MAX_MB, peak)
        lines = self.query(name, 'verify')
        failed = [line['check'] for line in lines if not line['ok']]
        self.checks.check(f'{name}: verify', lines != [] and not failed, failed)

    def query(self, name, command, *options):
        done = subprocess.run([xunfang(self.given.build), command, JOB, '--data',
                               self.path(name, 'data'), *options], stdout=subprocess.PIPE,
                              timeout=TIMEOUT, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def titles(self):
        """Titles that are asked about where every question is answered."""
        if self.asked is None:
            with self.model('answered') as model:
                self.run('answered', self.write_job('answered', model, 'dead', '5s', '20s'))
                found = [re.search(r'标题：(.+)\n', line['about']) for line in model.log()]
            self.asked = sorted({match.group(1) for match in found if match})
        return self.asked

    def decisions(self, name):
        counts = collections.Counter()
        for row in read_csv(self.path(name, 'out'), 'decisions.csv'):
            for column in ('asked', 'answered', 'failed', 'refused'):
                counts[column] += int(row[column])
        return counts

    def builtin(self):
        """Nothing is ever answered; results are those of a job without a language model."""
        self.run('plain', self.plain_job)
        titles, faults = self.titles(), list(FAULTS)
        script = [(f'标题：{title}\n', [faults[n % len(faults)]])
                  for n, title in enumerate(titles)]
        script.append(('', ['hang']))
        with self.model('builtin', script) as model:
            self.run('builtin', self.write_job('builtin', model, 'builtin', '1s', '5s'))
            requests = model.stats()
        different = set(differences(self.path('plain', 'out'), self.path('builtin', 'out')))
        self.checks.check('builtin: the results of the built-in models',
                          different == {'decisions.csv'}, different)
        counts = self.decisions('builtin')
        self.checks.check('builtin: all that were asked failed',
                          counts['asked'] == counts['failed'] > len(FAULTS)
                          and counts['answered'] == 0, dict(counts))
        told = self.query('builtin', 'status', '--json')[0]['model']
        self.checks.check('builtin: calls are bounded',
                          told['replies'] == 0 and told['calls'] <= CALLS_MAX * counts['asked'],
                          f'{told["calls"]} calls, {requests["requests"]} requests')

    def late(self):
        """An answer that takes longer than a consumer may be silent is waited for."""
        script = [(f'标题：{self.titles()[0]}\n', [f'slow {SLOW_MS}'])]
        with self.model('late', script) as model:
            self.run('late', self.write_job('late', model, 'dead', '30s', '60s'))
            log = model.log()
        slow = [line for line in log if line['behaviour'] == 'slow']
        self.checks.check('late: the answer counts, and is asked for once',
                          slow != [] and all(line['whole'] for line in slow)
                          and len({line['question'] for line in log}) == len(log),
                          f'{len(slow)} of {len(log)} late')
        self.checks.check('late: same results as without delay',
                          differences(self.path('answered', 'out'), self.path('late', 'out')) == [])

    def dead(self):
        """Every fourth title is refused an answer."""
        bad = dict(zip(self.titles()[::4], FAULTS))
        script = [(f'标题：{title}\n', [fault]) for title, fault in bad.items()]
        with self.model('dead', script) as model:
            self.run('dead', self.write_job('dead', model, 'dead', '2s', '20s'), WITH_GAPS)
            self.count_requests('dead', model, script)
            log = model.log()
        self.who_is_dead(set(bad))
        ends = {kind: [line['asked_ms'] + line['took_ms'] for line in log
                       if line['behaviour'] == kind] for kind in ('hang', 'ok')}
        early = sum(end < max(ends['hang']) for end in ends['ok'])
        self.checks.check('dead: others are answered while some hang',
                          early > len(bad), f'{early} of {len(ends["ok"])}')

    def who_is_dead(self, bad):
        truth = {line['url']: line['title'] for line in read_lines(self.path('truth.jsonl'))
                 if line['type'] == 'document'}
        dead = self.query('dead', 'dead', '--json')
        titles = {truth[line['url']] for line in dead}
        self.checks.check('dead: exactly those without an answer', titles == bad,
                          f'{len(titles)} titles; not dead: {sorted(bad - titles)}, '
                          f'dead: {sorted(titles - bad)}')
        self.checks.check('dead: with a reason',
                          all(line['reason'].startswith('model: ') for line in dead),
                          collections.Counter(line['reason'][:60] for line in dead))
        counts = self.decisions('dead')
        self.checks.check('dead: the others are decided by the model',
                          counts['answered'] > 0 and counts['refused'] == 0, dict(counts))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=400)
    parser.add_argument('--part', nargs='+', default=PARTS, choices=PARTS)
    given = parser.parse_args()
    xunfang(given.build)
    checks = Checks()
    with folder(given.keep) as where:
        tester = Tester(given, where, checks)
        serve = ['--sites', tester.region, '--documents', given.documents, '--port', PORT,
                 '--truth', os.path.join(where, 'truth.jsonl')]
        with sites(given.build, *serve):
            for part in given.part:
                getattr(tester, part)()
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
