#!/usr/bin/env python3
"""The scripted model server over its socket: every behaviour, slots, queue, key, counts.

usage: test_server.py SERVER
"""
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = None
SCHEMA = {'type': 'object', 'properties': {'label': {'type': 'string', 'enum': ['yes', 'no']}}}


class Server:
    def __init__(self, *options, script=None):
        self.folder = tempfile.TemporaryDirectory()
        command = [PROGRAM, *options, '--log', self.path('log')]
        if script is not None:
            with open(self.path('script'), 'w', encoding='utf-8') as file:
                for match, then in script.items():
                    file.write(json.dumps({'match': match, 'then': then}) + '\n')
            command += ['--script', self.path('script')]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.status = self.process.wait(10)
        self.process.stdout.close()
        self.folder.cleanup()

    def request(self, method, path, body=None, headers=None, timeout=10):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def ask(self, text='q', headers=None, timeout=10, schema=SCHEMA):
        body = {'model': 'm', 'messages': [{'role': 'user', 'content': text}],
                'response_format': {'type': 'json_schema',
                                    'json_schema': {'name': 'x', 'schema': schema}}}
        return self.request('POST', '/v1/chat/completions', body, headers, timeout)

    def words(self, text='q'):
        status, _, body = self.ask(text)
        assert status == 200, status
        choice = json.loads(body)['choices'][0]
        return choice['message']['content'], choice['finish_reason']

    def stats(self):
        return json.loads(self.request('GET', '/stats')[2])

    def log(self):
        self.stats()  # the server is one thread: what was answered before is logged now
        with open(self.path('log'), encoding='utf-8') as file:
            return [json.loads(line) for line in file]


class Answers(unittest.TestCase):
    def test_documents(self):
        with Server() as server:
            self.assertEqual(server.request('GET', '/health')[0], 200)
            self.assertEqual(json.loads(server.request('GET', '/v1/models')[2])['object'], 'list')
            self.assertEqual(server.request('GET', '/nothing')[0], 404)
            self.assertEqual(server.request('DELETE', '/stats')[0], 405)
            self.assertEqual(server.request('POST', '/v1/chat/completions', {})[0], 400)
            self.assertEqual(server.stats()['requests'], 0)

    def test_a_form_is_followed(self):
        with Server() as server:
            content, finish = server.words()
            self.assertIn(json.loads(content)['label'], ['yes', 'no'])
            self.assertEqual(finish, 'stop')
            self.assertEqual(server.words(), (content, finish))
            self.assertEqual({server.words(f'q{i}')[0] for i in range(20)},
                             {'{"label":"yes"}', '{"label":"no"}'})
            stats = server.stats()
            self.assertEqual((stats['requests'], stats['answered']), (22, 22))
            self.assertEqual(stats['distinct'], 21)

    def test_embeddings(self):
        with Server() as server:
            body = {'model': 'm', 'input': ['a', 'b', 'a']}
            status, _, reply = server.request('POST', '/v1/embeddings', body)
            vectors = [d['embedding'] for d in json.loads(reply)['data']]
            self.assertEqual(status, 200)
            self.assertEqual([len(v) for v in vectors], [16, 16, 16])
            self.assertEqual(vectors[0], vectors[2])
            self.assertNotEqual(vectors[0], vectors[1])

    def test_one_connection_many_questions(self):
        with Server() as server:
            connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=10)
            for _ in range(5):
                connection.request('POST', '/v1/chat/completions',
                                   json.dumps({'messages': [{'role': 'user', 'content': 'x'}]}))
                self.assertEqual(connection.getresponse().read()[:1], b'{')
            connection.close()


class Misbehaves(unittest.TestCase):
    def test_statuses(self):
        with Server(script={'': ['429 2', '500', '503', 'ok']}) as server:
            status, headers, _ = server.ask()
            self.assertEqual((status, headers['Retry-After']), (429, '2'))
            status, headers, _ = server.ask()
            self.assertEqual((status, 'Retry-After' in headers), (500, False))
            self.assertEqual([server.ask()[0] for _ in range(3)], [503, 200, 200])
            self.assertEqual(server.stats()['answered'], 2)
            self.assertEqual([line['status'] for line in server.log()], [429, 500, 503, 200, 200])

    def test_words(self):
        script = {'': [{'text': '中文'}, 'empty', 'no-content', 'no-schema', 'wrong-label',
                       'truncated']}
        with Server(script=script) as server:
            self.assertEqual(server.words(), ('中文', 'stop'))
            self.assertEqual(server.words(), ('', 'stop'))
            self.assertEqual(server.words(), (None, 'stop'))
            self.assertTrue(server.words()[0].startswith('Sure!'))
            self.assertEqual(json.loads(server.words()[0]), {'label': 'no such label'})
            content, finish = server.words()
            self.assertEqual(finish, 'length')
            self.assertRaises(ValueError, json.loads, content)

    def test_broken_frames(self):
        with Server(script={'': ['garbage', 'noise', 'cut', 'reset']}) as server:
            status, _, body = server.ask()
            self.assertEqual(status, 200)
            self.assertRaises(ValueError, json.loads, body)
            self.assertRaises(http.client.BadStatusLine, server.ask)
            self.assertRaises(http.client.IncompleteRead, server.ask)
            self.assertRaises(ConnectionResetError, server.ask)
            self.assertEqual([line['whole'] for line in server.log()], [True, True, True, False])

    def test_no_end(self):
        with Server(script={'h': ['hang'], 'd': ['drip'], 'e': ['endless']}) as server:
            self.assertRaises(TimeoutError, server.ask, 'h', timeout=0.5)
            with socket.create_connection(('127.0.0.1', server.port)) as endless:
                body = json.dumps({'messages': [{'role': 'user', 'content': 'e'}]})
                endless.sendall(f'POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {len(body)}'
                                f'\r\n\r\n{body}'.encode())
                got = 0
                while got < 20_000_000:
                    got += len(endless.recv(1 << 20))
            with socket.create_connection(('127.0.0.1', server.port)) as drip:
                body = body.replace('"e"', '"d"')
                drip.sendall(f'POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {len(body)}'
                             f'\r\n\r\n{body}'.encode())
                end = time.monotonic() + 0.6
                pieces = 0
                while time.monotonic() < end:
                    pieces += len(drip.recv(1 << 20)) > 0
                self.assertGreater(pieces, 4)
            self.assertEqual(server.ask('ok')[0], 200)
            stats = server.stats()
            self.assertEqual((stats['gone'], stats['in_flight'], stats['busy']), (3, 0, 0))

    def test_slots_and_queue(self):
        with Server('--slots', '2', '--queue', '3', '--latency', '300') as server:
            results = []
            threads = [threading.Thread(target=lambda i=i: results.append(server.ask(f'{i}')[0]))
                       for i in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(results), [200] * 5 + [503] * 3)
            stats = server.stats()
            self.assertEqual((stats['refused'], stats['answered']), (3, 5))
            self.assertGreaterEqual(stats['most_in_flight'], 5)
            self.assertGreaterEqual(stats['busy_slot_us'], 5 * 300_000)
            self.assertLessEqual(stats['busy_slot_us'],
                                 2 * (stats['last_us'] - stats['first_us']))

    def test_a_client_that_leaves_frees_its_place(self):
        with Server('--slots', '1', script={'h': ['hang']}) as server:
            holder = socket.create_connection(('127.0.0.1', server.port))
            body = json.dumps({'messages': [{'role': 'user', 'content': 'h'}]})
            holder.sendall(f'POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {len(body)}'
                           f'\r\n\r\n{body}'.encode())
            self.assertRaises(TimeoutError, server.ask, 'queued', timeout=0.5)
            holder.close()
            self.assertEqual(server.ask('next')[0], 200)

    def test_key(self):
        with Server('--key', 'sesame') as server:
            self.assertEqual(server.ask()[0], 401)
            self.assertEqual(server.ask(headers={'Authorization': 'Bearer wrong'})[0], 401)
            good = {'Authorization': 'Bearer sesame'}
            self.assertEqual(server.ask(headers=good)[0], 200)
            self.assertEqual(server.ask('sesame', headers=good)[0], 400)
            self.assertEqual(server.stats()['with_key'], 1)
            self.assertTrue(server.log()[0]['key'])
            with open(server.path('log'), encoding='utf-8') as file:
                self.assertNotIn('sesame', file.read())

    def test_what_is_no_request(self):
        with Server() as server:
            for text in [b'hello\r\n\r\n', b'GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n',
                         b'x' * 70000]:
                with socket.create_connection(('127.0.0.1', server.port)) as raw:
                    raw.sendall(text + b'\r\n\r\n')
                    self.assertIn(b'400', raw.recv(4096))

    def test_command_line(self):
        def status(*options):
            return subprocess.run([PROGRAM, *options], capture_output=True, check=False,
                                  timeout=10).returncode
        self.assertEqual(status('--slots', '0'), 2)
        self.assertEqual(status('--port', '70000'), 2)
        self.assertEqual(status('--script', '/nonexistent'), 1)
        self.assertEqual(status('--log', '/nonexistent/log'), 1)
        self.assertEqual(status('--help'), 0)


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop(1)
    unittest.main()
