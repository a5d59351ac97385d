"""A region of one's own: the example job beside the project, its four sites served in its shapes.

usage: example_job_test.py [--build DIR] [--documents 60] [--job FILE]

The job waits a second between requests, so this takes about half a minute.
"""
import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import (ROOT, Checks, add_build_option, finish, folder, run_command, sites, skip,
                     write_truth, xunfang)

PORT = 18090
DELAY_MS = 1000
TIMEOUT = 300
HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=60)
    parser.add_argument('--job',
                        default=os.path.join(ROOT, '..', 'shared', 'example-job', 'job.yaml'))
    given = parser.parse_args()
    if not os.path.exists(given.job):
        skip(f'no {given.job}')
    xunfang(given.build)
    checks = Checks()
    serve = ['--sites', os.path.join(ROOT, 'tests', 'sites', 'example-job.tsv'), '--port', PORT,
             '--documents', given.documents]
    with folder(given.keep) as where:
        truth, log, out = (os.path.join(where, name) for name in ('truth.jsonl', 'log.tsv', 'out'))
        write_truth(given.build, truth, *serve)
        with sites(given.build, *serve, '--log', log):
            status = finish(run_command(given.build, given.job, os.path.join(where, 'data'), out),
                            os.path.join(where, 'run.log'), TIMEOUT)
        if not checks.check('xunfang run', status == 0, f'status {status}'):
            with open(os.path.join(where, 'run.log'), encoding='utf-8', errors='replace') as file:
                print(file.read()[-3000:])
        else:
            done = subprocess.run([sys.executable, os.path.join(HERE, 'demo_check.py'), out, truth,
                                   '--log', log, '--delay-ms', str(DELAY_MS), '--no-crawl-delay'],
                                  check=False)
            checks.check('results against the truth', done.returncode == 0)
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
