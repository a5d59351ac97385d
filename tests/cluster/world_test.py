#!/usr/bin/env python3
"""The hosts and networks that the cluster tests stand on, without brokers.

usage: world_test.py [--build DIR]
"""
import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'system'))
import hosts
from support import Checks, add_build_option, wait_for
from world import SITES_PORT, World

PORT = 7000
WAIT_S = 20
# Answers every connection with a line, and every line after it.
ECHO = ('import socketserver\n'
        'class Echo(socketserver.BaseRequestHandler):\n'
        '    def handle(self):\n'
        '        self.request.sendall(b"hello\\n")\n'
        '        while (x := self.request.recv(100)):\n'
        '            self.request.sendall(x)\n'
        'socketserver.ThreadingTCPServer.allow_reuse_address = True\n'
        f'socketserver.ThreadingTCPServer(("", {PORT}), Echo).serve_forever()\n')


def answers(host, address='127.0.0.1', timeout=0.5):
    try:
        with host.connect(PORT, address, timeout) as client:
            return client.recv(100) == b'hello\n'
    except OSError:
        return False


def start_echo(host, name):
    process = host.start(name, [sys.executable, '-c', ECHO])
    wait_for(lambda: answers(host), WAIT_S)
    return process


def try_network(checks, network):
    a, b = network.hosts['a'], network.hosts['b']
    checks.check('own network', os.readlink('/proc/self/ns/net') != os.environ['OUTSIDE'])
    checks.check('a host reaches another', answers(a, b.address))
    checks.check('loopback is the host\'s own', answers(b) and not answers(a))
    client = a.connect(PORT, b.address, 0.5)
    client.recv(100)
    b.cut()
    client.sendall(b'x')
    lost = False
    try:
        client.recv(1)
    except socket.timeout:
        lost = True
    checks.check('a cut host hears nothing', lost and not answers(a, b.address))
    checks.check('… and goes on by itself', answers(b))
    b.mend()
    client.settimeout(WAIT_S)
    checks.check('a mended one gets what was lost', client.recv(1) == b'x')
    client.close()


def try_processes(checks, network, process):
    b = network.hosts['b']
    process.freeze()
    checks.check('a frozen process says nothing', not answers(b))
    process.thaw()
    checks.check('… and goes on', wait_for(lambda: answers(b), WAIT_S))
    shell = b.start('shell', ['bash', '-c', 'trap "" TERM; sleep 600 & wait'])
    wait_for(lambda: len(hosts.family(shell.pid)) == 2, WAIT_S)
    everyone = hosts.family(shell.pid)
    checks.check('processes of a host', set(everyone + [process.pid]) <= set(b.pids()),
                 b.programs())
    checks.check('a deaf one is stopped by force', shell.stop(0.2) is None)
    checks.check('a killed one takes its children along',
                 not any(hosts.program(pid) for pid in everyone))


def try_disks(checks, network, process):
    b = network.hosts['b']
    path = os.path.join(b.disk, 'file')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('x')
    checks.check('a disk of its own', os.stat(b.disk).st_dev !=
                 os.stat(network.hosts['a'].disk).st_dev)
    b.power_off()
    checks.check('power cut: all dead, the disk stays',
                 not process.alive() and not b.pids() and os.path.exists(path))
    b.destroy()
    b = network.add_host('b', b.address)
    checks.check('destroyed: the disk is gone', not os.path.exists(path))
    start_echo(b, 'echo')
    checks.check('another host in its place', answers(network.hosts['a'], b.address))


def try_sites(checks, network_folder, build):
    with World(network_folder, build) as world:
        world.start_sites(100)
        a = world.add_worker_host(1)
        answered = 0
        for site in (1, 41):
            with a.connect(SITES_PORT, f'{hosts.NET}.2.{site}') as client:
                client.sendall(b'GET /robots.txt HTTP/1.0\r\nHost: x\r\n\r\n')
                answered += client.recv(9)[:5] == b'HTTP/'
        world.sites.stop()
        with open(world.requests, encoding='utf-8') as file:
            checks.check('sites with addresses of their own, and their log',
                         answered == 2 and len(file.readlines()) == 2)
        with open(world.write_job('other', [('(?m)^  delay: .*', '  delay: 50ms')]),
                  encoding='utf-8') as file:
            text = file.read()
        checks.check('a job for them', 'job: other' in text and 'delay: 50ms' in text)


def leftovers(mark):
    """What still runs with this word in its command line, anywhere."""
    done = subprocess.run(['pgrep', '-f', mark], capture_output=True, text=True, check=False)
    return done.stdout.split()


def try_death(checks, number):
    """A test that dies leaves no process; its folder goes too, at the latest with the next test."""
    mark = str(10**8 + os.getpid() * 10 + number % 10)
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, __file__, '--leave', mark]
        environment = {**os.environ, 'TMPDIR': place}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              env=environment) as child:
            started = child.stdout.readline().strip() == 'running' and len(leftovers(mark)) > 1
            child.send_signal(number)
            child.wait(WAIT_S)
        gone = wait_for(lambda: not leftovers(mark), WAIT_S)
        checks.check(f'signal {number}: no process is left', started and gone, leftovers(mark))
        if number == signal.SIGKILL:
            subprocess.run([sys.executable, __file__, '--leave', ''], env=environment, check=True)
        checks.check(f'signal {number}: no folder is left', os.listdir(place) == [],
                     os.listdir(place))


def leave(mark):
    """Something to die in the middle of."""
    def main(folder):
        host = hosts.Network(folder).add_host('a', f'{hosts.NET}.0.2')
        if mark:
            host.start('sleep', ['sleep', mark])
            print('running', flush=True)
            time.sleep(WAIT_S * 2)
    return hosts.inside(main)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    parser.add_argument('--leave', help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.leave is not None:
        sys.exit(leave(given.leave))
    os.environ['OUTSIDE'] = os.readlink('/proc/self/ns/net')

    def try_all(folder):
        checks = Checks()
        network = hosts.Network(folder)
        for number, name in enumerate(('a', 'b'), 2):
            network.add_host(name, f'{hosts.NET}.0.{number}')
        process = start_echo(network.hosts['b'], 'echo')
        try_network(checks, network)
        try_processes(checks, network, process)
        try_disks(checks, network, process)
        return checks.finish()

    def try_world(folder):
        checks = Checks()
        try_sites(checks, folder, given.build)
        return checks.finish()

    status = hosts.inside(try_all, given.keep) or hosts.inside(try_world, given.keep)
    if status == 0:
        checks = Checks()
        for number in (signal.SIGTERM, signal.SIGKILL):
            try_death(checks, number)
        status = checks.finish()
    sys.exit(status)


if __name__ == '__main__':
    main()
