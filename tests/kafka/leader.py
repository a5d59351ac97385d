#!/usr/bin/env python3
"""Moves the leadership of a partition while its brokers live, which librdkafka has no call for.

usage: leader.py HOST:PORT TOPIC PARTITION BROKER[,BROKER…]

The partition's replicas are to be these brokers, the first of them its leader. They are replicas
already, in another order, so nothing is copied. Plain text, no password.
"""
import socket
import struct
import sys
import time

REASSIGN, ELECT = 45, 43  # AlterPartitionReassignments v0, ElectLeaders v1
PREFERRED = 0
NOT_NEEDED = 84
PATIENCE_MS = 20000


def text(value):
    return struct.pack('>h', len(value)) + value.encode()


def short_text(value):
    return bytes([len(value) + 1]) + value.encode()


def read_all(connection, size):
    data = b''
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise OSError('the broker hangs up')
        data += more
    return data


def ask(server, kind, version, header_end, body):
    """The answer behind its correlation number."""
    host, _, port = server.rpartition(':')
    head = struct.pack('>hhi', kind, version, 1) + text('leader') + header_end
    with socket.create_connection((host, int(port)), PATIENCE_MS / 1000) as connection:
        connection.sendall(struct.pack('>i', len(head + body)) + head + body)
        size, = struct.unpack('>i', read_all(connection, 4))
        return read_all(connection, size)[4:]


def reassign(server, topic, partition, brokers):
    replicas = bytes([len(brokers) + 1]) + b''.join(struct.pack('>i', one) for one in brokers)
    body = (struct.pack('>i', PATIENCE_MS) + bytes([2]) + short_text(topic) + bytes([2])
            + struct.pack('>i', partition) + replicas + bytes(3))
    answer = ask(server, REASSIGN, 0, bytes(1), body)
    # Behind one byte of tags: throttle, error, text; topics, a name, partitions, number, error.
    code, = struct.unpack_from('>h', answer, 5)
    if code == 0:
        code, = struct.unpack_from('>h', answer, 8 + 1 + len(short_text(topic)) + 1 + 4)
    return code


def elect(server, topic, partition):
    body = (struct.pack('>bi', PREFERRED, 1) + text(topic) + struct.pack('>ii', 1, partition)
            + struct.pack('>i', PATIENCE_MS))
    answer = ask(server, ELECT, 1, b'', body)
    code, topics = struct.unpack_from('>hi', answer, 4)
    if code == 0 and topics > 0:
        code, = struct.unpack_from('>h', answer, 10 + len(text(topic)) + 4 + 4)
    return 0 if code == NOT_NEEDED else code


def lead(server, topic, partition, brokers):
    """A replica that is behind, after its start, cannot lead yet: asked again until it can."""
    end = time.monotonic() + PATIENCE_MS / 1000
    code = -1
    while code and time.monotonic() < end:
        code = reassign(server, topic, partition, brokers) or elect(server, topic, partition)
        time.sleep(0.1 if code else 0)
    if code:
        raise OSError(f'{topic}/{partition} is not led by {brokers[0]}: Kafka error {code}')


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    lead(sys.argv[1], sys.argv[2], int(sys.argv[3]), [int(one) for one in sys.argv[4].split(',')])
