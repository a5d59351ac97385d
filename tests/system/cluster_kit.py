"""Workers of a cluster for system tests: every program once or more over one bus, jobs by name."""
import json
import os
import subprocess
import time

from support import program, xunfang

PROGRAMS = ('frontier', 'crawler', 'classifier', 'extractor', 'aggregator')
COMMAND_TIMEOUT = 120
DRAIN_TIMEOUT = 60


class Workers:
    """Runs while the block does. `counts`: program → how many, where not one."""

    def __init__(self, build, bus, where, counts=None):
        self.build, self.bus, self.where = build, bus, where
        self.children, self.logs = {}, []
        os.makedirs(where, exist_ok=True)
        for name in PROGRAMS:
            for number in range((counts or {}).get(name, 1)):
                self.start(name, number)

    def start(self, name, number=0):
        path = os.path.join(self.where, f'{name}-{number}')
        log = open(path + '.log', 'ab')
        self.logs.append(log)
        command = [program(self.build, 'libexec', 'xunfang', 'xunfang-' + name), '--bus', self.bus,
                   '--data', path, '--die-with-parent']
        self.children[name, number] = subprocess.Popen(command, stdout=log, stderr=log,
                                                       stdin=subprocess.DEVNULL)

    def dead(self):
        """Names of those that ended by themselves."""
        return [f'{name}-{number}' for (name, number), child in self.children.items()
                if child.poll() is not None]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            try:
                child.wait(DRAIN_TIMEOUT)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for log in self.logs:
            log.close()


class Commands:
    """`xunfang COMMAND … --bus URL`."""

    def __init__(self, build, bus):
        self.build, self.bus = build, bus

    def call(self, *words):
        """(exit status, standard output, standard error)"""
        done = subprocess.run([xunfang(self.build), *map(str, words), '--bus', self.bus],
                              capture_output=True, text=True, timeout=COMMAND_TIMEOUT, check=False)
        return done.returncode, done.stdout, done.stderr

    def jobs(self):
        """job → its line of `jobs --json` (of its run main)"""
        status, out, err = self.call('jobs', '--json')
        if status != 0:
            raise RuntimeError('jobs: ' + err)
        lines = [json.loads(line) for line in out.splitlines()]
        return {line['job']: line for line in lines if line['run'] == 'main'}

    def wait_for_seals(self, names, timeout):
        """job → seconds until its seal was seen; those without one are missing."""
        begun, seen = time.monotonic(), {}
        while len(seen) < len(names) and time.monotonic() < begun + timeout:
            time.sleep(0.5)
            now = time.monotonic() - begun
            for name, line in self.jobs().items():
                if name in names and line['sealed'] is not None:
                    seen.setdefault(name, now)
        return seen
