"""Bad input is normal input: each case ends in a clear message and the right exit status, with
everything else done.

usage: bad_input_test.py [--build DIR] [--case NAME …]
"""
import argparse
import csv
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bad_hosts
import rules
from support import (Checks, Run, add_build_option, finish, folder, run_command, sites,
                     wait_for, write_truth, xunfang)

PORT = 18091
GOOD = {'苏州': '127.0.3.1', '无锡': '127.0.3.2'}
BAD = {'宿州': '127.0.3.11', '六安': '127.0.3.12', '亳州': '127.0.3.13', '阜阳': '127.0.3.14'}
TIMEOUT = 420

JOB = '''job: bad-input
region: region.yaml
codebook: visits
period: {{from: 2010-01-01, to: 2023-12-31}}
crawl:
  contact: tests@example.org
  delay: {delay}
  request_timeout: 2s
  max_body: 1MiB
  robots: obey
  allow_private_addresses: true
'''
PLATFORM = '''platform: test-json
request:
  method: POST
  url: "{site}/api/query"
  content_type: application/json
  body: '{"words":"{keyword}","page":{page},"rows":10}'
  page: {first: 1, step: 1}
response:
  kind: json
  hits: ".data.rows[]"
  link: ".href"
  title: ".caption"
  date: ".pubtime"
  total: ".data.count"
'''


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def write_job(where, cities, delay='5ms'):
    """A job folder for these cities; returns the job file."""
    os.makedirs(os.path.join(where, 'platforms'), exist_ok=True)
    write(os.path.join(where, 'platforms', 'test-json.yaml'), PLATFORM)
    region = 'region: test\ncities:\n'
    for city, address in cities.items():
        region += (f'  - name: {city}\n    publishers:\n'
                   f'      - {{site: "http://{address}:{PORT}", platform: test-json}}\n')
    write(os.path.join(where, 'region.yaml'), region)
    return write(os.path.join(where, 'job.yaml'), JOB.format(delay=delay))


def write_sites(where, cities):
    """The simulator's list of sites."""
    lines = ''.join(f'{address}\t{city}\tjson-post\n' for city, address in cities.items())
    return write(os.path.join(where, 'sites.tsv'), lines)


def read_csv(folder_path, name):
    with open(os.path.join(folder_path, name), encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file))


class Tester:
    def __init__(self, build, where, checks):
        self.build, self.where, self.checks = build, where, checks

    def call(self, *arguments, text=''):
        done = subprocess.run([xunfang(self.build), *arguments], input=text.encode(),
                              capture_output=True, timeout=TIMEOUT, check=False)
        return (done.returncode, done.stdout.decode('utf-8', 'replace'),
                done.stderr.decode('utf-8', 'replace'))

    def path(self, *parts):
        path = os.path.join(self.where, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def refuses(self, name, job, *words):
        """`check` and `run` end with status 2 and an error that holds all the words."""
        for command in (['check', job], ['run', job, '--data', self.path('none', 'data')]):
            status, _, errors = self.call(*command)
            missing = [word for word in words if word not in errors]
            self.checks.check(f'{name}: {command[0]}', status == 2 and not missing,
                              f'status {status}, says: {errors.strip()[:200]}')

    # ---- files ----

    def edited(self, name, file, old, new):
        """A job folder with one file changed."""
        where = self.path(name, 'x')
        job = write_job(os.path.dirname(where), GOOD)
        path = os.path.join(os.path.dirname(where), file)
        with open(path, encoding='utf-8') as text:
            changed = text.read().replace(old, new)
        write(path, changed)
        return job

    def case_files(self):
        self.refuses('broken YAML',
                     self.edited('broken', 'job.yaml', 'crawl:', 'crawl: [\n'), 'job.yaml')
        self.refuses('unknown field',
                     self.edited('unknown', 'job.yaml', '  delay:', '  dealy:'), 'job.yaml:7',
                     'dealy')
        self.refuses('unit missing',
                     self.edited('unit', 'job.yaml', 'delay: 5ms', 'delay: 5'), 'job.yaml:7',
                     'delay')
        self.refuses('unknown field of a region',
                     self.edited('region', 'region.yaml', 'region: test', 'regoin: test'),
                     'region.yaml:1', 'regoin')
        self.refuses('unknown field of a platform',
                     self.edited('platform', 'platforms/test-json.yaml', '  kind:', '  knid:'),
                     'test-json.yaml:', 'knid')
        self.refuses('no such city',
                     self.edited('city', 'region.yaml', '苏州', '蘇洲'), 'region.yaml:3', '蘇洲')
        self.refuses('no such region',
                     self.edited('noregion', 'job.yaml', 'region.yaml', 'nowhere.yaml'),
                     'nowhere.yaml')
        self.refuses('missing job', os.path.join(self.where, 'no-such-job.yaml'),
                     'no-such-job.yaml')

    def case_usage(self):
        for arguments in (['run'], ['run', '--no-such-option', 'x.yaml'], ['no-such-command']):
            status, _, errors = self.call(*arguments)
            self.checks.check('usage: ' + ' '.join(arguments), status == 2 and errors.strip() != '',
                              f'status {status}: {errors.strip()[:120]}')

    def case_lines(self):
        good = json.dumps({'id': '1', 'title': '六安市党政代表团来苏考察', 'site_city': '苏州',
                           'body': '5月8日，六安市委书记王平率党政代表团来我市考察。'}, ensure_ascii=False)
        for command in ('classify', 'extract'):
            status, out, errors = self.call(command, text=f'{good}\nthis is no JSON\n{good}\n')
            self.checks.check(f'{command}: a line that is no JSON',
                              status == 1 and len(out.splitlines()) == 2 and '2' in errors,
                              f'status {status}, {len(out.splitlines())} lines: '
                              f'{errors.strip()[:120]}')

    # ---- hosts ----

    def served(self, name, cities, *more):
        """Folder, job and arguments of the simulator for the good cities."""
        where = os.path.dirname(self.path(name, 'x'))
        job = write_job(where, cities)
        serve = ['--sites', write_sites(where, GOOD), '--port', PORT, '--documents', 200, *more]
        write_truth(self.build, os.path.join(where, 'truth.jsonl'), *serve)
        return where, job, serve

    def run_job(self, where, job):
        status = finish(run_command(self.build, job, os.path.join(where, 'data'),
                                    os.path.join(where, 'out')),
                        os.path.join(where, 'run.log'), TIMEOUT)
        with open(os.path.join(where, 'run.log'), encoding='utf-8', errors='replace') as file:
            return status, file.read()

    def good_part_is_done(self, name, where, more=0):
        """Funnel equal to the truth; `more`: readable pages that the truth calls dead ends."""
        truth = rules.Truth(os.path.join(where, 'truth.jsonl'))
        expected = rules.funnel(truth, '2010-01-01', '2023-12-31')
        expected['documents'] += more
        expected['screened'] += more
        try:
            found = {row['stage']: int(row['count'])
                     for row in read_csv(os.path.join(where, 'out'), 'funnel.csv')}
        except OSError as problem:
            self.checks.check(f'{name}: everything else done', False, problem)
            return
        wrong = {stage: (found.get(stage), expected[stage])
                 for stage in ('hits', 'documents', 'screened')
                 if found.get(stage) != expected[stage]}
        self.checks.check(f'{name}: everything else done', not wrong, wrong or found)

    def case_hosts(self):
        where, job, serve = self.served('hosts', {**GOOD, **BAD})
        manners = (bad_hosts.reset, bad_hosts.drip, bad_hosts.nonsense)
        with sites(self.build, *serve):
            # The first bad city has no listener at all: it refuses.
            with bad_hosts.bad_host(BAD['六安'], PORT, manners[0]), \
                    bad_hosts.bad_host(BAD['亳州'], PORT, manners[1]), \
                    bad_hosts.bad_host(BAD['阜阳'], PORT, manners[2]):
                status, text = self.run_job(where, job)
        self.checks.check('bad hosts: gaps', status == 3, f'status {status}')
        self.checks.check('bad hosts: the output says where', 'lists.csv' in text,
                          text.strip()[-300:])
        self.good_part_is_done('bad hosts', where)
        rows = read_csv(os.path.join(where, 'out'), 'lists.csv')
        bad = [row for row in rows if row['site_city'] in BAD]
        named = all(row['reason'] and BAD[row['site_city']] in row['publisher'] for row in bad)
        self.checks.check('bad hosts: their lists have a reason', len(bad) == 20 and named,
                          {row['site_city']: row['reason'] for row in bad})

    def case_pages(self):
        """Passing 503, 429, resets and cuts; 200 MB, a gzip bomb, a wrong charset, a drip."""
        where, job, serve = self.served('pages', GOOD, '--faults')
        with sites(self.build, *serve):
            status, _ = self.run_job(where, job)
        self.checks.check('bad pages: ends', status in (0, 3), f'status {status}')
        # GBK under a header that says UTF-8 can be read all the same.
        self.good_part_is_done('bad pages', where, more=1)

    # ---- the machine ----

    def case_second_run(self):
        where, _, serve = self.served('second', GOOD)
        job = write_job(where, GOOD, delay='100ms')
        command = run_command(self.build, job, os.path.join(where, 'data'),
                              os.path.join(where, 'out'))
        with sites(self.build, *serve):
            first = Run(command, os.path.join(where, 'first.log'))
            try:
                wait_for(lambda: os.path.isdir(os.path.join(where, 'data')), 10)
                time.sleep(1)
                status, _, errors = self.call(*command[1:])
                self.checks.check('second run is refused',
                                  status == 1 and os.path.join(where, 'data') in errors,
                                  f'status {status}: {errors.strip()[:200]}')
                self.checks.check('first run goes on', first.wait(TIMEOUT) == 0)
            finally:
                first.close()
        self.good_part_is_done('second run', where)

    def case_full_disk(self):
        where, job, serve = self.served('disk', GOOD)
        disk = os.path.join(where, 'data')
        os.makedirs(disk)
        mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=34m', 'tmpfs', disk],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            print('skipped full disk: no right to mount a small one')
            return
        try:
            with sites(self.build, *serve):
                status, text = self.run_job(where, job)
                self.checks.check('full disk: a clear message',
                                  status == 1 and disk in text and
                                  ('space' in text or 'free' in text),
                                  f'status {status}: {text.strip()[-300:]}')
                subprocess.run(['mount', '-o', 'remount,size=512m', disk], check=True)
                status, text = self.run_job(where, job)
                self.checks.check('full disk: goes on when there is room', status == 0,
                                  f'status {status}: {text.strip()[-300:]}')
            self.good_part_is_done('full disk', where)
        finally:
            subprocess.run(['umount', '-l', disk], check=False)


CASES = ('files', 'usage', 'lines', 'hosts', 'pages', 'second_run', 'full_disk')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--case', nargs='+', choices=CASES, default=CASES)
    given = parser.parse_args()
    xunfang(given.build)
    checks = Checks()
    with folder(given.keep) as where:
        tester = Tester(given.build, where, checks)
        for case in given.case:
            getattr(tester, 'case_' + case)()
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
