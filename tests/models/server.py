"""A llama.cpp server on a loopback port, for tests: start, kill, count what it answered."""
import contextlib
import os
import signal
import subprocess
import time
import urllib.request

READY_TIMEOUT = 120
CONTEXT = 4096
SLOTS = 2
THREADS = '1'  # they wait for each other at every layer: beside other work two are far slower


class ModelServer:
    """One server at a time on the same port; each life has a log of its own."""

    def __init__(self, model, port, folder):
        self.model, self.port, self.folder = model, port, folder
        self.child = None
        self.lives = 0

    def url(self):
        return f'http://127.0.0.1:{self.port}/v1'

    def log_path(self, life):
        return os.path.join(self.folder, f'model-server-{life}.log')

    def command(self):
        return [self.model.server, '--model', self.model.weights, '--host', '127.0.0.1', '--port',
                str(self.port), '--ctx-size', str(CONTEXT * SLOTS), '--parallel', str(SLOTS),
                '--threads', THREADS, '--threads-batch', THREADS, '--no-webui']

    def start(self, wait=True):
        self.lives += 1
        with open(self.log_path(self.lives), 'wb') as log:
            self.child = subprocess.Popen(self.command(), stdout=log, stderr=log,
                                          stdin=subprocess.DEVNULL, start_new_session=True)
        if wait:
            self.wait_ready()

    def healthy(self):
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{self.port}/health', timeout=2) as got:
                return got.status == 200
        except OSError:
            return False

    def wait_ready(self):
        end = time.monotonic() + READY_TIMEOUT
        while not self.healthy():
            if self.child.poll() is not None or time.monotonic() > end:
                raise RuntimeError('the model server did not start: ' + self.log_path(self.lives))
            time.sleep(0.1)

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def answered(self):
        """Questions answered to the end in all lives: the server prints their timing."""
        total = 0
        for life in range(1, self.lives + 1):
            with open(self.log_path(life), encoding='utf-8', errors='replace') as log:
                total += sum('print_timing' in line and 'total time' in line for line in log)
        return total


class ScriptedServer(ModelServer):
    """The scripted server of tests/llm instead: equal questions, equal answers."""

    def question_log(self, life):
        return os.path.join(self.folder, f'questions-{life}.jsonl')

    def command(self):
        return [self.model.server, '--port', str(self.port), '--slots', '4', '--latency', '300',
                '--orphan', '--log', self.question_log(self.lives)]

    def answered(self):
        total = 0
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}/stats', timeout=30):
            pass  # what it ended before stands in the log now
        for life in range(1, self.lives + 1):
            with open(self.question_log(life), encoding='utf-8') as log:
                total += sum('"status":200' in line.replace(' ', '') for line in log)
        return total


@contextlib.contextmanager
def serving(model, port, folder):
    server = (ModelServer if model.weights else ScriptedServer)(model, port, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
