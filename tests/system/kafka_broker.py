"""Real Kafka brokers for system tests and benches: tests/kafka/brokers.py with commands."""
import contextlib
import os
import subprocess
import sys

from support import ROOT, SKIPPED, skip

READY_PREFIX = 'ready '


class Brokers:
    """One to three brokers on loopback; ended with the block, or with this process."""

    def __init__(self, build, count, options):
        build = build if os.path.isabs(build) else os.path.join(ROOT, build)
        script = os.path.join(ROOT, 'tests', 'kafka', 'brokers.py')
        command = [sys.executable, script, '--jars', os.path.join(build, 'kafka'),
                   '--brokers', str(count), *map(str, options)]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)
        ready = self.child.stdout.readline().strip()
        if not ready.startswith(READY_PREFIX):
            self.close()
            if self.child.returncode == SKIPPED:
                skip('no Kafka: it needs Java, Maven and its artifacts')
            raise RuntimeError('the brokers did not start')
        self.servers = ready[len(READY_PREFIX):]
        self.url = 'kafka://' + self.servers

    def tell(self, line):
        """A command of brokers.py: "kill 1", "start 1", "pause 1", "resume 1"."""
        self.child.stdin.write(line + '\n')
        self.child.stdin.flush()
        if self.child.stdout.readline().strip() != 'done':
            raise RuntimeError(f'the brokers did not obey: {line}')

    def close(self):
        self.child.stdin.close()
        self.child.wait()
        self.child.stdout.close()


@contextlib.contextmanager
def brokers(build, *options, count=1):
    """`options` are further ones of brokers.py, such as '--set', 'NAME=VALUE'."""
    kafka = Brokers(build, count, options)
    try:
        yield kafka
    finally:
        kafka.close()
