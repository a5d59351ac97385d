#!/usr/bin/env python3
"""One to three Kafka brokers in KRaft mode, for as long as standard input is open.

usage: brokers.py --jars DIR [--brokers N | --hosts A,B,C --only K] [--data DIR]
                  [--tls DIR] [--sasl USER:PASSWORD] [--set NAME=VALUE]...

All brokers run here on loopback, on free ports; or, with --hosts, broker K of a cluster that has
one broker on each of these addresses, at port 9092 (9093 between the controllers): the same words
on every host but K, at the same time, since the first waits for a second. Broker K keeps what
stands in DIR/broker-K if it has been there before.

With --tls clients and brokers talk over TLS; DIR gets the certificates (certificates.py), or has
them already. With --sasl they give this name and password (PLAIN).

Prints "ready HOST:PORT,…" when all of them take connections. Then each line of standard input is a
command, answered by "done" when it is carried out:
  kill N    SIGKILL to broker N (from 1)          start N   starts it again on its data
  pause N   SIGSTOP                               resume N  SIGCONT
  lead N TOPIC PARTITION    a partition with a replica on every broker is led by N from now on
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
import certificates
import leader

READY_S = 120
PORTS = (9092, 9093)  # of a broker that has a host of its own: for clients, between controllers
HEAP = ['-Xmx384m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
# What differs from a server's defaults: small, quick to begin, and a group begins at once.
SETTINGS = {
    'process.roles': 'broker,controller',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'broker.session.timeout.ms': '4000',  # until the others know that a broker is dead
    'broker.heartbeat.interval.ms': '500',
    'log.cleaner.dedupe.buffer.size': '4194304',
    'log.segment.delete.delay.ms': '1000',
    'num.network.threads': '2',
    'num.io.threads': '4',
}


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def secure(options, hosts):
    """What guards the brokers' listener, as settings."""
    protocol = ('SASL_' if options.sasl else '') + ('SSL' if options.tls else 'PLAINTEXT')
    settings = {'listener.security.protocol.map': f'PLAINTEXT:{protocol},CONTROLLER:PLAINTEXT'}
    if options.tls:
        folder = os.path.abspath(options.tls)
        if not os.path.exists(os.path.join(folder, 'broker.pem')):
            certificates.make(folder, hosts)
        settings.update({
            'ssl.keystore.type': 'PEM', 'ssl.truststore.type': 'PEM',
            'ssl.keystore.location': os.path.join(folder, 'broker.pem'),
            'ssl.truststore.location': os.path.join(folder, 'ca.pem'),
        })
    if options.sasl:
        user, _, password = options.sasl.partition(':')
        settings.update({
            'sasl.enabled.mechanisms': 'PLAIN', 'sasl.mechanism.inter.broker.protocol': 'PLAIN',
            'listener.name.plaintext.plain.sasl.jaas.config':
                'org.apache.kafka.common.security.plain.PlainLoginModule required '
                f'username="{user}" password="{password}" user_{user}="{password}";',
        })
    return settings


def free_ports(count):
    """On loopback."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(('127.0.0.1', 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Broker:
    def __init__(self, number, cluster, host):
        self.number = number
        self.cluster = cluster
        self.host = host or '127.0.0.1'
        self.port, self.controller_port = PORTS if host else free_ports(2)
        self.folder = os.path.join(cluster.data, f'broker-{number}')
        self.process = None

    def java(self, *words):
        return ['java', *HEAP, '-cp', os.path.join(self.cluster.jars, '*'), *words]

    def configure(self, changes):
        replicas = str(min(3, len(self.cluster.brokers)))
        voters = ','.join(f'{b.number}@{b.host}:{b.controller_port}'
                          for b in self.cluster.brokers)
        settings = dict(SETTINGS)
        settings.update({
            'node.id': str(self.number),
            'listeners': f'PLAINTEXT://{self.host}:{self.port},'
                         f'CONTROLLER://{self.host}:{self.controller_port}',
            'controller.quorum.voters': voters,
            'log.dirs': os.path.join(self.folder, 'log'),
            'offsets.topic.replication.factor': replicas,
            'transaction.state.log.replication.factor': replicas,
            'transaction.state.log.min.isr': '1',
        })
        settings.update(changes)
        os.makedirs(self.folder, exist_ok=True)
        self.config = os.path.join(self.folder, 'server.properties')
        with open(self.config, 'w', encoding='utf-8') as file:
            file.writelines(f'{name}={value}\n' for name, value in sorted(settings.items()))

    def format(self, cluster_id):
        if os.path.exists(os.path.join(self.folder, 'log', 'meta.properties')):
            return
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
                socket.create_connection((self.host, self.port), 1).close()
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
    def __init__(self, jars, data, hosts, only):
        self.jars = jars
        self.data = data
        self.brokers = [Broker(number, self, host) for number, host in enumerate(hosts, 1)]
        self.here = [b for b in self.brokers if only in (None, b.number)]
        # Not as random as it might be: an id that begins with '-' would be taken for an option.
        name = uuid.uuid5(uuid.NAMESPACE_DNS, ','.join(hosts)) if only else uuid.uuid4()
        self.id = 'x' + base64.urlsafe_b64encode(name.bytes).decode()[1:22]

    def begin(self, changes):
        for broker in self.here:
            broker.configure(changes)
            broker.format(self.id)
        for broker in self.here:
            broker.start()
        for broker in self.here:
            broker.wait()

    def obey(self, line):
        word, number, *place = line.split()
        broker = next(b for b in self.here if b.number == int(number))
        if word == 'kill':
            broker.kill()
        elif word == 'start':
            broker.start()
            broker.wait()
        elif word in ('pause', 'resume'):
            broker.process.send_signal(signal.SIGSTOP if word == 'pause' else signal.SIGCONT)
        elif word == 'lead':
            others = [b.number for b in self.brokers if b is not broker]
            leader.lead(f'{broker.host}:{broker.port}', place[0], int(place[1]),
                        [broker.number, *others])
        else:
            sys.exit(f'unknown command {line!r}')

    def end(self):
        for broker in self.here:
            broker.kill()


def read_options():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--jars', required=True)
    parser.add_argument('--brokers', type=int, default=1, choices=(1, 2, 3))
    parser.add_argument('--hosts', type=lambda text: text.split(','))
    parser.add_argument('--only', type=int)
    parser.add_argument('--data')
    parser.add_argument('--tls')
    parser.add_argument('--sasl')
    parser.add_argument('--set', action='append', default=[])
    options = parser.parse_args()
    if (options.hosts is None) != (options.only is None):
        parser.error('--hosts and --only go together')
    return options


def main():
    options = read_options()
    die_with_parent()
    if not artifacts.ensure(options.jars):
        sys.exit(artifacts.SKIP)
    data = options.data or tempfile.mkdtemp(prefix='xunfang-kafka-')
    hosts = options.hosts or [''] * options.brokers
    cluster = Cluster(os.path.abspath(options.jars), data, hosts, options.only)
    try:
        cluster.begin({**secure(options, [b.host for b in cluster.brokers]),
                       **dict(one.split('=', 1) for one in options.set)})
        print('ready', ','.join(f'{b.host}:{b.port}' for b in cluster.here), flush=True)
        for line in sys.stdin:
            cluster.obey(line.strip())
            print('done', flush=True)
    finally:
        cluster.end()
        if options.data is None:
            shutil.rmtree(data, ignore_errors=True)


if __name__ == '__main__':
    main()
