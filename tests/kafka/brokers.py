#!/usr/bin/env python3
"""One to three Kafka brokers in KRaft mode on loopback, for as long as standard input is open.

usage: brokers.py --jars DIR [--brokers N] [--data DIR] [--set NAME=VALUE]...

Prints "ready HOST:PORT,…" when all of them take connections. Then each line of standard input is a
command, answered by "done" when it is carried out:
  kill N    SIGKILL to broker N (from 1)          start N   starts it again on its data
  pause N   SIGSTOP                               resume N  SIGCONT
At the end of the input the brokers are killed and the data folder, unless given, removed. Exit 77
if Java or the artifacts cannot be had.
"""
import argparse
import base64
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

import artifacts

READY_S = 120
HEAP = ['-Xmx384m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
# What differs from a server's defaults: small, quick to begin, and a group begins at once.
SETTINGS = {
    'process.roles': 'broker,controller',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'log.cleaner.dedupe.buffer.size': '4194304',
    'log.segment.delete.delay.ms': '1000',
    'num.network.threads': '2',
    'num.io.threads': '4',
}


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(('127.0.0.1', 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Broker:
    def __init__(self, number, cluster):
        self.number = number
        self.cluster = cluster
        self.port, self.controller_port = free_ports(2)
        self.folder = os.path.join(cluster.data, f'broker-{number}')
        self.process = None

    def java(self, *words):
        return ['java', *HEAP, '-cp', os.path.join(self.cluster.jars, '*'), *words]

    def configure(self, changes):
        replicas = str(min(3, len(self.cluster.brokers)))
        voters = ','.join(f'{b.number}@127.0.0.1:{b.controller_port}'
                          for b in self.cluster.brokers)
        settings = dict(SETTINGS)
        settings.update({
            'node.id': str(self.number),
            'listeners': f'PLAINTEXT://127.0.0.1:{self.port},'
                         f'CONTROLLER://127.0.0.1:{self.controller_port}',
            'controller.quorum.voters': voters,
            'log.dirs': os.path.join(self.folder, 'log'),
            'offsets.topic.replication.factor': replicas,
            'transaction.state.log.replication.factor': replicas,
            'transaction.state.log.min.isr': '1',
        })
        settings.update(changes)
        os.makedirs(self.folder)
        self.config = os.path.join(self.folder, 'server.properties')
        with open(self.config, 'w', encoding='utf-8') as file:
            file.writelines(f'{name}={value}\n' for name, value in sorted(settings.items()))

    def format(self, cluster_id):
        subprocess.run(self.java('kafka.tools.StorageTool', 'format', '-t', cluster_id,
                                 '-c', self.config),
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        with open(os.path.join(self.folder, 'output'), 'ab') as output:
            self.process = subprocess.Popen(self.java('kafka.Kafka', self.config),
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            preexec_fn=die_with_parent)

    def wait(self):
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        with open(os.path.join(self.folder, 'output'), encoding='utf-8') as output:
            sys.exit(f'broker {self.number} does not start:\n{output.read()[-3000:]}')

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Cluster:
    def __init__(self, jars, data):
        self.jars = jars
        self.data = data
        self.brokers = []

    def begin(self, count, changes):
        # Not as random as it might be: an id that begins with '-' would be taken for an option.
        cluster_id = 'x' + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        for number in range(1, count + 1):
            self.brokers.append(Broker(number, self))
        for broker in self.brokers:
            broker.configure(changes)
            broker.format(cluster_id)
        for broker in self.brokers:
            broker.start()
        for broker in self.brokers:
            broker.wait()

    def obey(self, line):
        word, _, number = line.partition(' ')
        broker = self.brokers[int(number) - 1]
        if word == 'kill':
            broker.kill()
        elif word == 'start':
            broker.start()
            broker.wait()
        elif word in ('pause', 'resume'):
            broker.process.send_signal(signal.SIGSTOP if word == 'pause' else signal.SIGCONT)
        else:
            sys.exit(f'unknown command {line!r}')

    def end(self):
        for broker in self.brokers:
            broker.kill()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--jars', required=True)
    parser.add_argument('--brokers', type=int, default=1, choices=(1, 2, 3))
    parser.add_argument('--data')
    parser.add_argument('--set', action='append', default=[])
    options = parser.parse_args()
    die_with_parent()
    if not artifacts.ensure(options.jars):
        sys.exit(artifacts.SKIP)
    data = options.data or tempfile.mkdtemp(prefix='xunfang-kafka-')
    cluster = Cluster(os.path.abspath(options.jars), data)
    try:
        cluster.begin(options.brokers, dict(one.split('=', 1) for one in options.set))
        print('ready', ','.join(f'127.0.0.1:{b.port}' for b in cluster.brokers), flush=True)
        for line in sys.stdin:
            cluster.obey(line.strip())
            print('done', flush=True)
    finally:
        cluster.end()
        if options.data is None:
            shutil.rmtree(data, ignore_errors=True)


if __name__ == '__main__':
    main()
