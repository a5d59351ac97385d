"""An answer that takes longer than max.poll.interval.ms: nobody is evicted, nothing comes again.

usage: slow_handler_test.py [--build DIR] [--documents 200]

One real broker whose clients may be silent for 6 s at most; a model server that answers some
questions after 13 s. The workers stay in their groups meanwhile (no partition is taken over, every
record is handed to a stage once, every log has one record a document), each question is asked once,
and the results are those of a local run with a quick model server.
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bad_input_test import PORT, write_job, write_sites
from cluster_kit import Commands
from kafka_broker import brokers
from results import differences
from scripted_llm import scripted_llm
from support import Checks, Run, add_build_option, folder, run_command, sites, xunfang

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'bench'))
from pipeline import read_metrics, total

CITIES = {name: f'127.0.7.{number}' for number, name in enumerate(
    '上海 南京 无锡 苏州 杭州 合肥'.split(), 1)}
JOB = 'bad-input'
ADMIN = '127.0.0.1:18098'
SILENCE_MS = 6000
SLOW_MS = 13000
SLOW_QUESTIONS = 3
TIMEOUT = 120
LLM = '''llm:
  endpoint: {endpoint}
  model: toy
  on_failure: dead
  timeout: 30s
  patience: 60s
  ask:
    - {{task: visit, from: 1, to: 99}}
    - {{task: purpose, from: 1, to: 99}}
'''


class Tester:
    def __init__(self, given, where, checks):
        self.given, self.where, self.checks = given, where, checks
        self.metrics = []

    def path(self, *parts):
        return os.path.join(self.where, *parts)

    def write_job(self, name, model):
        """The address of the server is part of the job."""
        os.makedirs(self.path(name))
        job = write_job(self.path(name), CITIES)
        with open(job, 'a', encoding='utf-8') as file:
            file.write(LLM.format(endpoint=model.endpoint))
        return job

    def run(self, name, model, *options):
        """Runs the job, watching its metrics; the questions that were asked."""
        command = run_command(self.given.build, self.write_job(name, model),
                              self.path(name, 'data'), self.path(name, 'out'))
        run = Run([*command, '--admin', ADMIN, *options], self.path(name + '.log'))
        status = None
        for _ in range(TIMEOUT * 2):
            status = run.wait(0.5)
            if status is not None:
                break
            self.metrics = read_metrics(ADMIN) or self.metrics
        run.close()
        if not self.checks.check(f'{name}: the run ends', status == 0, f'status {status}'):
            with open(self.path(name + '.log'), encoding='utf-8', errors='replace') as file:
                print(file.read()[-3000:])
        return model.log()

    def quick(self):
        """On the local bus; titles of what was asked about."""
        with scripted_llm(self.given.build, self.path('quick-llm'), (), '--slots', 32) as model:
            log = self.run('quick', model)
        found = [re.search(r'标题：(.+)\n', line['about']) for line in log]
        return sorted({match.group(1) for match in found if match})

    def slow(self, kafka, titles):
        script = [(f'标题：{title}\n', [f'slow {SLOW_MS}']) for title in titles]
        bus = (f'{kafka.url}/slow?max.poll.interval.ms={SILENCE_MS}'
               f'&session.timeout.ms={SILENCE_MS}')
        with scripted_llm(self.given.build, self.path('slow-llm'), script, '--slots',
                          32) as model:
            log = self.run('slow', model, '--bus', bus)
        self.check_questions(log)
        self.check_logs(Commands(self.given.build, bus).jobs()[JOB])
        self.checks.check('results of a quick model server on the local bus',
                          differences(self.path('quick', 'out'), self.path('slow', 'out')) == [])

    def check_questions(self, log):
        late = [line for line in log if line['behaviour'] == 'slow']
        self.checks.check('late answers count', len(late) >= SLOW_QUESTIONS
                          and all(line['whole'] for line in late),
                          f'{len(late)} of {len(log)} took {SLOW_MS / 1000:.0f} s')
        asked = {line['question'] for line in log}
        self.checks.check('every question is asked once', len(asked) == len(log),
                          f'{len(log)} requests for {len(asked)} questions')

    def check_logs(self, line):
        """What the stages say, and what stands in the logs in the end."""
        documents = line['documents']
        self.checks.check('one report a document', line['reports'] == documents > 0,
                          f'{line["reports"]} for {documents}')
        for stage in ('classifier', 'extractor'):
            def count(what, stage=stage):
                return total(self.metrics, f'xunfang_stage_{what}_total', stage=stage)
            self.checks.check(f'{stage}: no eviction, no redelivery',
                              count('records') == documents and count('takeovers') == 0,
                              f'{count("records"):.0f} records for {documents} documents, '
                              f'{count("takeovers"):.0f} partitions taken over')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=200)
    given = parser.parse_args()
    xunfang(given.build)
    checks = Checks()
    with folder(given.keep) as where:
        tester = Tester(given, where, checks)
        serve = ['--sites', write_sites(where, CITIES), '--documents', given.documents,
                 '--port', PORT]
        with brokers(given.build) as kafka, sites(given.build, *serve):
            titles = tester.quick()
            if checks.check('enough is asked', len(titles) >= SLOW_QUESTIONS, len(titles)):
                tester.slow(kafka, titles[:SLOW_QUESTIONS])
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
