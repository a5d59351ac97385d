"""A cluster on one machine: brokers, sites and workers on hosts of their own (hosts.py).

    def main(folder):
        with World(folder, build) as world:
            world.start_sites(documents=600)
            world.start_brokers()                      # three, each on its host
            world.add_worker_hosts(3)                  # 'worker-1' …
            world.start_worker('worker-1', 'crawler')  # a Process named 'crawler-1'
            job = world.write_job('demo')
            world.command('submit', job)               # on the operator's host, over Kafka
    prepare(build)
    sys.exit(hosts.inside(main))

Hosts      broker-N 10.77.0.1N, sites 10.77.0.20 with site K at 10.77.2.K, operator 10.77.0.30,
           worker-N 10.77.1.N. world.hosts['worker-1'] is a hosts.Host: cut, mend, freeze, thaw,
           power_off, destroy.
Brokers    world.brokers[0 … 2]: a Broker: kill, start (on the same disk), freeze, thaw;
           replace_broker after its host was destroyed. world.bus is what --bus wants,
           world.servers what a Kafka client wants; the test can reach them.
Sites      start_sites, world.requests: their request log, over all starts.
Workers    start_worker(host, program, *words) gives them names and the bus; workers of a host share
           its folder --data. world.workers: name → hosts.Process, ended ones too; standard error is
           in FOLDER/logs/NAME.log. `metrics` and `ready` ask one.
Threads    Start things from the main thread: a broker dies with the thread that started it.
"""
import contextlib
import json
import os
import re
import socket
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'kafka'))
import artifacts
import hosts

BROKER_PORT = 9092
ADMIN_PORT = 9200
SITES_PORT = 18080
SITES_MAX = 41
READY_S = 120
# A killed broker is missed, and may come back, after four seconds, not nine.
BROKER_SETTINGS = ('broker.session.timeout.ms=4000', 'broker.heartbeat.interval.ms=500')
BROKERS_PY = os.path.join(ROOT, 'tests', 'kafka', 'brokers.py')


class Broker:
    """One broker on its host, by tests/kafka/brokers.py; its log stays on the host's disk."""

    def __init__(self, world, number, settings):
        self.world, self.number, self.settings = world, number, settings
        self.name = f'broker-{number}'
        self.host = world.network.add_host(self.name, broker_address(number))
        self.command = [sys.executable, BROKERS_PY, '--jars', world.jars, '--data', self.host.disk,
                        '--hosts', ','.join(broker_address(n) for n in range(1, world.size + 1)),
                        '--only', number]
        for one in (*BROKER_SETTINGS, *settings):
            self.command += ['--set', one]
        self.process = None

    def begin(self):
        """Starts it and does not wait; again after a kill: on the same disk."""
        self.process = self.host.start(self.name, self.command)

    def wait(self, timeout=READY_S):
        """Until it takes connections."""
        for _ in range(int(timeout / 0.1)):
            if not self.process.alive():
                break
            with contextlib.suppress(OSError):
                self.host.connect(BROKER_PORT, self.host.address, 1).close()
                return
            time.sleep(0.1)
        raise RuntimeError(f'{self.name} does not start: {self.process.output()[-2000:]}')

    def start(self, timeout=READY_S):
        self.begin()
        self.wait(timeout)

    def kill(self):
        self.process.kill()

    def freeze(self):
        self.process.freeze()

    def thaw(self):
        self.process.thaw()

    def alive(self):
        return self.process is not None and self.process.alive()


def absolute(build):
    return build if os.path.isabs(build) else os.path.join(ROOT, build)


def prepare(build):
    """Before hosts.inside, which has no way out to fetch Kafka: ends the test if there is none."""
    jars = os.path.join(absolute(build), 'kafka')
    if not artifacts.ensure(jars):
        print('skipped: no Kafka in ' + jars)
        sys.exit(hosts.SKIPPED)


def broker_address(number):
    return f'{hosts.NET}.0.{10 + number}'


class World:
    def __init__(self, folder, build):
        self.folder = folder
        self.build = absolute(build)
        self.jars = os.path.join(self.build, 'kafka')
        self.network = hosts.Network(folder)
        self.hosts = self.network.hosts
        self.brokers, self.size, self.workers = [], 0, {}
        self.sites = None
        self.requests = os.path.join(folder, 'requests.tsv')
        self.xunfang = self.program('bin', 'xunfang')
        self.operator = self.network.add_host('operator', f'{hosts.NET}.0.30')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Kills everything that runs; hosts.inside does the rest."""
        for host in self.hosts.values():
            host.power_off()

    def program(self, *parts):
        path = os.path.join(self.build, *parts)
        if not os.access(path, os.X_OK):
            print(f'skipped: {path} is not built')
            sys.exit(hosts.SKIPPED)
        return path

    # ---- brokers ----

    def start_brokers(self, count=3, settings=()):
        self.size = count
        self.brokers = [Broker(self, number, settings) for number in range(1, count + 1)]
        for broker in self.brokers:
            broker.begin()
        for broker in self.brokers:
            broker.wait()

    def replace_broker(self, number):
        """Another one in the place of a destroyed one: it copies everything from the others."""
        self.brokers[number - 1] = Broker(self, number, self.brokers[number - 1].settings)
        self.brokers[number - 1].start()

    @property
    def servers(self):
        return ','.join(f'{broker.host.address}:{BROKER_PORT}' for broker in self.brokers)

    @property
    def bus(self):
        return 'kafka://' + self.servers

    # ---- sites ----

    def start_sites(self, documents, seed=7, cities=SITES_MAX, more=()):
        """Again after world.sites.kill(): the same sites, the same log."""
        if 'sites' not in self.hosts:
            addresses = [f'{hosts.NET}.2.{k}' for k in range(1, SITES_MAX + 1)]
            self.network.add_host('sites', f'{hosts.NET}.0.20', *addresses)
        self.sites = self.hosts['sites'].start('sites', [
            self.program('tests', 'sites', 'xunfang-sites'), '--cities', cities, '--documents',
            documents, '--seed', seed, '--port', SITES_PORT, '--address', f'{hosts.NET}.2',
            '--log', self.requests, '--truth', os.path.join(self.folder, 'truth.jsonl'), *more])
        for _ in range(READY_S * 10):
            with contextlib.suppress(OSError):
                socket.create_connection((f'{hosts.NET}.2.{cities}', SITES_PORT), 1).close()
                return self.sites
            if not self.sites.alive():
                break
            time.sleep(0.1)
        raise RuntimeError('the sites do not start: ' + self.sites.output()[-2000:])

    def write_job(self, name='demo', changes=()):
        """The shipped demo job under this name, its sites at their addresses here. `changes` are
        (pattern, replacement) pairs for the text of the job. Path of the job file."""
        folder = os.path.join(self.folder, 'jobs')
        os.makedirs(folder, exist_ok=True)
        texts = {}
        for kind in ('jobs', 'regions'):
            with open(os.path.join(ROOT, kind, 'demo.yaml'), encoding='utf-8') as file:
                texts[kind] = file.read().replace('127.0.2.', f'{hosts.NET}.2.')
        texts['jobs'] = re.sub(r'(?m)^job: .*', f'job: {name}', texts['jobs'])
        texts['jobs'] = re.sub(r'(?m)^region: .*', 'region: region.yaml', texts['jobs'])
        for pattern, replacement in changes:
            texts['jobs'], count = re.subn(pattern, replacement, texts['jobs'])
            if count == 0:
                raise ValueError(f'nothing in the job matches {pattern}')
        for path, kind in ((f'{name}.yaml', 'jobs'), ('region.yaml', 'regions')):
            with open(os.path.join(folder, path), 'w', encoding='utf-8') as file:
                file.write(texts[kind])
        return os.path.join(folder, f'{name}.yaml')

    # ---- workers ----

    def add_worker_hosts(self, count=3):
        for number in range(1, count + 1):
            self.add_worker_host(number)

    def add_worker_host(self, number):
        """Also in the place of a destroyed one, with an empty disk."""
        return self.network.add_host(f'worker-{number}', f'{hosts.NET}.1.{number}')

    def start_worker(self, host, program, *words, environment=None):
        """A worker of the cluster: without --job among the words, one for every open job."""
        host = self.hosts[host]
        same = [name for name in self.workers if name.rpartition('-')[0] == program]
        name = f'{program}-{len(same) + 1}'
        here = sum(1 for one in same if self.workers[one].host is host)
        admin = f'{host.address}:{ADMIN_PORT + len(self.workers)}'
        process = host.start(name, [
            self.xunfang, program, '--bus', self.bus, '--data', data_of(host), '--index', here,
            '--admin', admin, *words], environment)
        process.admin = admin
        self.workers[name] = process
        return process

    def restart_worker(self, name):
        """The same command on the same host, after it ended."""
        old = self.workers[name]
        process = old.host.start(name, old.command, old.environment)
        process.admin = old.admin
        self.workers[name] = process
        return process

    def running(self, program=''):
        """Workers of this program that live, by name."""
        return {name: process for name, process in self.workers.items()
                if name.startswith(program) and process.alive()}

    def ask(self, process, path):
        """(HTTP status, text) of a worker's admin endpoint, cut off or not; (0, '') if none."""
        address, _, port = process.admin.partition(':')
        try:
            with process.host.connect(int(port), address) as client:
                client.sendall(f'GET {path} HTTP/1.0\r\n\r\n'.encode())
                answer = b''
                while piece := client.recv(65536):
                    answer += piece
        except OSError:
            return 0, ''
        head, _, body = answer.decode(errors='replace').partition('\r\n\r\n')
        return int(head.split()[1]), body

    def ready(self, process):
        return self.ask(process, '/readyz')[0] == 200

    def metrics(self, process):
        """'name{labels}' → number."""
        found = {}
        for line in self.ask(process, '/metrics')[1].splitlines():
            if line and not line.startswith('#'):
                series, _, value = line.rpartition(' ')
                found[series] = float(value)
        return found

    # ---- the operator ----

    def command(self, *words, timeout=300, bus=None):
        """Runs a command of xunfang on the operator's host: subprocess.CompletedProcess."""
        return self.operator.run([self.xunfang, *words, '--bus', bus or self.bus, '--data',
                                  data_of(self.operator)], timeout)

    def submit(self, job):
        done = self.command('submit', job)
        if done.returncode != 0:
            raise RuntimeError('submit: ' + done.stderr)

    def jobs(self):
        """(job, run) → what `xunfang jobs` tells of it; empty if the bus does not answer."""
        done = self.command('jobs', '--json')
        rows = map(json.loads, done.stdout.splitlines() if done.returncode == 0 else [])
        return {(row['job'], row['run']): row for row in rows}

    def sealed(self, name, run='main'):
        return self.jobs().get((name, run), {}).get('sealed') is not None

    def wait_sealed(self, name, timeout):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.sealed(name):
                return True
            time.sleep(0.5)
        return False

    def requests_made(self):
        if not os.path.exists(self.requests):
            return 0
        with open(self.requests, 'rb') as file:
            return sum(1 for _ in file)

    def run_locally(self, job, out, timeout=600):
        """The undisturbed run on one machine, a host of its own: exit status."""
        host = self.hosts.get('local') or self.network.add_host('local', f'{hosts.NET}.0.40')
        done = host.run([self.xunfang, 'run', job, '--data', data_of(host), '--out', out], timeout)
        with open(os.path.join(self.folder, 'logs', 'local.log'), 'a', encoding='utf-8') as file:
            file.write(done.stdout + done.stderr)
        return done.returncode


def data_of(host):
    return os.path.join(host.disk, 'xunfang')
