"""The scripted model server (tests/llm) for system tests: start, script, counts, log."""
import contextlib
import json
import os
import subprocess
import urllib.request

from support import program


class ScriptedLlm:
    """`script`: list of (text that stands in the question, behaviours)."""

    def __init__(self, build, where, script=(), *options):
        os.makedirs(where, exist_ok=True)
        self.log_path = os.path.join(where, 'llm.jsonl')
        script_path = os.path.join(where, 'llm.script')
        with open(script_path, 'w', encoding='utf-8') as file:
            for match, then in script:
                file.write(json.dumps({'match': match, 'then': then}, ensure_ascii=False) + '\n')
        command = [program(build, 'tests', 'llm', 'xunfang-scripted-llm'), '--script', script_path,
                   '--log', self.log_path, *map(str, options)]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = self.child.stdout.readline().split()
        if ready[:1] != ['ready']:
            raise RuntimeError('the model server did not start: ' + ' '.join(command))
        self.address = f'http://127.0.0.1:{ready[1]}'
        self.endpoint = self.address + '/v1'

    def stats(self):
        with urllib.request.urlopen(self.address + '/stats', timeout=30) as reply:
            return json.load(reply)

    def log(self):
        """Every question that ended, in the order of ending."""
        self.stats()  # the server is one thread: what it ended before stands in the log now
        with open(self.log_path, encoding='utf-8') as file:
            return [json.loads(line) for line in file]

    def close(self):
        self.child.terminate()
        self.child.wait(30)
        self.child.stdout.close()


@contextlib.contextmanager
def scripted_llm(build, where, script=(), *options):
    server = ScriptedLlm(build, where, script, *options)
    try:
        yield server
    finally:
        server.close()
