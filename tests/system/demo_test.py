"""The demo: results against the truth, `verify`, memory of all processes, a second run.

usage: demo_test.py [--build DIR] [--documents 4000]
"""
import argparse
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import (ROOT, Checks, add_build_option, finish, folder, run_command, sites,
                     write_truth, xunfang)

DELAY_MS = 20
LIMIT_MB = 400
TIMEOUT = 300
HERE = os.path.dirname(os.path.abspath(__file__))


def run_measured(command, log):
    """(exit status of the run within the memory limit, peak of the PSS sum in MB)"""
    with open(log, 'wb') as file:
        done = subprocess.run([sys.executable, os.path.join(HERE, 'memory.py'), '--limit-mb',
                               str(LIMIT_MB), *command], stdout=subprocess.PIPE, stderr=file,
                              timeout=TIMEOUT, check=False)
    lines = done.stdout.decode().strip().splitlines()
    return done.returncode, json.loads(lines[-1])['peak_mb'] if lines else None


def verify(build, data):
    """Exit status and the names of the checks that failed."""
    done = subprocess.run([xunfang(build), 'verify', 'demo', '--data', data],
                          stdout=subprocess.PIPE, check=False)
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, len(checks), [c['check'] for c in checks if not c['ok']]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--documents', type=int, default=4000)
    given = parser.parse_args()
    checks = Checks()
    serve = ['--cities', 41, '--documents', given.documents, '--seed', 7, '--port', 18080,
             '--address', '127.0.2']
    with folder(given.keep) as where:
        truth, log, out, data = (os.path.join(where, name)
                                 for name in ('truth.jsonl', 'log.tsv', 'out', 'data'))
        command = run_command(given.build, os.path.join(ROOT, 'jobs', 'demo.yaml'), data, out)
        write_truth(given.build, truth, *serve)
        with sites(given.build, *serve, '--log', log):
            status, peak = run_measured(command, os.path.join(where, 'run.log'))
        checks.check('run within the memory limit', status == 0,
                     f'status {status}, all processes together at most {peak} MB PSS')
        done = subprocess.run([sys.executable, os.path.join(HERE, 'demo_check.py'), out, truth,
                               '--log', log, '--delay-ms', str(DELAY_MS)], check=False)
        checks.check('results against the truth', done.returncode == 0)
        status, count, failed = verify(given.build, data)
        checks.check(f'verify: {count} checks', status == 0 and count > 20 and not failed, failed)
        status = finish(command, os.path.join(where, 'again.log'), TIMEOUT)
        checks.check('a complete job needs no site to be reported again', status == 0, status)
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
