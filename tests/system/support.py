"""What the system tests share: programs, simulated sites, runs of jobs, watching processes."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED = 77
READY_TIMEOUT = 60


class Checks:
    """Collects findings; a test program ends with `sys.exit(checks.finish())`."""

    def __init__(self):
        self.failed = []
        self.passed = 0

    def check(self, name, holds, detail=''):
        print(('ok   ' if holds else 'FAIL ') + name + (f': {detail}' if detail != '' else ''),
              flush=True)
        if holds:
            self.passed += 1
        else:
            self.failed.append(name)
        return holds

    def finish(self):
        print(f'{self.passed} passed, {len(self.failed)} failed')
        return 1 if self.failed else 0


def skip(reason):
    print('skipped: ' + reason)
    sys.exit(SKIPPED)


def add_build_option(parser):
    parser.add_argument('--build', default=os.environ.get('XUNFANG_BUILD', 'build/release'),
                        help='build folder with bin/xunfang and tests/sites/xunfang-sites')
    parser.add_argument('--keep', action='store_true', help='keep the folder of the test')


def program(build, *parts):
    path = os.path.join(build if os.path.isabs(build) else os.path.join(ROOT, build), *parts)
    if not os.access(path, os.X_OK):
        skip(f'{path} is not built')
    return path


def xunfang(build):
    return program(build, 'bin', 'xunfang')


@contextlib.contextmanager
def folder(keep=False):
    path = tempfile.mkdtemp(prefix='xunfang-system-')
    try:
        yield path
    finally:
        if keep:
            print('kept: ' + path)
        else:
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def sites(build, *arguments):
    """Serves simulated sites while the block runs."""
    command = [program(build, 'tests', 'sites', 'xunfang-sites'), *map(str, arguments)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if child.stdout.readline().strip() != 'ready':
            raise RuntimeError('the sites did not start: ' + ' '.join(command))
        yield child
    finally:
        child.terminate()
        child.wait(READY_TIMEOUT)
        child.stdout.close()


def write_truth(build, path, *arguments):
    command = [program(build, 'tests', 'sites', 'xunfang-sites'), '--truth', path, '--truth-only']
    subprocess.run([*command, *map(str, arguments)], check=True)


def run_command(build, job, data, out):
    return [xunfang(build), 'run', job, '--data', data, '--out', out]


class Run:
    """A `xunfang run` in a process group of its own."""

    def __init__(self, command, log, environment=None):
        self.log = open(log, 'ab')
        self.child = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                      stdin=subprocess.DEVNULL, start_new_session=True,
                                      env={**os.environ, **(environment or {})})

    def wait(self, timeout):
        """Exit status, or None if it still runs."""
        try:
            return self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def kill_all(self):
        """kill -9 of every process of the run at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def close(self):
        if self.child.poll() is None:
            self.kill_all()
        self.log.close()


def finish(command, log, timeout):
    """Runs to the end; kills what takes longer. Exit status or None."""
    run = Run(command, log)
    try:
        return run.wait(timeout)
    finally:
        run.close()


def parents():
    """pid → parent pid of all processes."""
    table = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            with contextlib.suppress(OSError):
                with open(f'/proc/{name}/stat') as file:
                    table[int(name)] = int(file.read().rpartition(')')[2].split()[1])
    return table


def descendants(pid):
    """The process and all that come from it."""
    table = parents()
    family = {pid}
    grown = True
    while grown:
        more = {child for child, parent in table.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return sorted(family)


def role(pid):
    """The program's name: xunfang-crawler, …; '' if the process is gone."""
    with contextlib.suppress(OSError):
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            return os.path.basename(file.read().split(b'\0')[0].decode(errors='replace'))
    return ''


def pss_kb(pid):
    """Proportional set size; 0 if the process is gone."""
    with contextlib.suppress(OSError):
        with open(f'/proc/{pid}/smaps_rollup') as file:
            for line in file:
                if line.startswith('Pss:'):
                    return int(line.split()[1])
    return 0


def wait_for(condition, timeout, pause=0.05):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return False
