"""The records of the logs, decoded from proto/*.proto alone: none of the product's code is used.

protoc makes Python modules of the files at run time, in a folder of the caller's.
"""
import glob
import hashlib
import importlib
import os
import struct
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROTO = os.path.join(ROOT, 'proto')
PAYLOADS = {'urls': ('url', 'UrlRecord'), 'leases': ('lease', 'Lease'),
            'control': ('control', 'ControlRecord'), 'pages': ('page', 'Page'),
            'answers': ('answer', 'AnswerRecord'), 'documents': ('document', 'Document'),
            'visits': ('document', 'Visit'), 'reports': ('document', 'Report')}
NONE, PASSED, DROPPED, DEAD = range(4)


class Wire:
    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        files = sorted(glob.glob(os.path.join(PROTO, '*.proto')))
        subprocess.run(['protoc', '-I', PROTO, '--python_out', folder, *files], check=True)
        sys.path.insert(0, folder)
        self.modules = {name: importlib.import_module(name + '_pb2')
                        for name in ('envelope', *sorted({m for m, _ in PAYLOADS.values()}))}
        self.envelope = self.modules['envelope'].Envelope

    def type(self, kind):
        module, name = PAYLOADS[kind]
        return getattr(self.modules[module], name)

    def message(self, module, name):
        return getattr(self.modules[module], name)


class Entry:
    """One record of a log, decoded. `message` is None if the payload makes no sense or is empty."""
    __slots__ = ('topic', 'kind', 'partition', 'offset', 'envelope', 'message')

    def __init__(self, place, kind, envelope, message):
        self.topic, self.partition, self.offset = place
        self.kind, self.envelope, self.message = kind, envelope, message

    @property
    def id(self):
        return self.envelope.id

    @property
    def place(self):
        return f'{self.topic}/{self.partition}@{self.offset}'

    def __str__(self):
        return f'{self.place} id {self.id.hex()}'


def kind_of(topic):
    """urls, leases, control, pages, …: the last word of a topic's name."""
    return topic.rpartition('.')[2]


def decode(wire, place, value):
    """The record as an Entry; None if it is no envelope."""
    kind = kind_of(place[0])
    envelope = wire.envelope()
    try:
        envelope.ParseFromString(value)
    except Exception:  # whatever protobuf calls it in its several implementations
        return None
    message = wire.type(kind)()
    try:
        message.ParseFromString(envelope.payload)
    except Exception:
        message = None
    return Entry(place, kind, envelope, message)


def _field(digest, data):
    digest.update(struct.pack('>Q', len(data)))
    digest.update(data)


def request_id(request):
    """Hash of method, canonical URL, hash of the body, fetch number."""
    digest = hashlib.sha256()
    _field(digest, request.method.encode())
    _field(digest, request.url.encode())
    _field(digest, hashlib.sha256(request.body).digest())
    digest.update(struct.pack('>Q', request.fetch_number))
    return digest.digest()[:16]
