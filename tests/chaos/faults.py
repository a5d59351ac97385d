"""What can happen to a cluster: each fault is a row of FAULTS, drawn by a seed.

A fault is a generator: it does something, yields the seconds to wait, and undoes it. It tells what
it does by `told`; a round ends when all faults have ended.
"""
import contextlib
import os
import signal
import threading
import time

from hosts import family, program
from manners import Stop
from world import BROKER_PORT

SESSION_S = 6
JAVA = 'java'
_MAP = ('map-before-publish', 'map-after-publish', 'map-after-commit', 'mark-after-commit')
_FOLD = ('fold-before-publish', 'fold-after-publish', 'fold-after-state')
CRASH_POINTS = {
    'frontier': (*_FOLD, 'fold-before-send', 'fold-after-send'),
    'crawler': ('effect-before-claim', 'effect-after-claim', 'effect-before-result',
                'effect-after-result', 'fetch-before-send', 'fetch-after-response'),
    'classifier': _MAP, 'extractor': _MAP, 'aggregator': (*_FOLD, 'seal-before-publish')}


class Scene:
    """The world, the random numbers of the round, and what happened so far."""

    def __init__(self, world, random, base):
        self.world, self.random, self.base = world, random, base
        self.told = []
        self.stops = []
        self.busy = set()  # names of hosts, workers and brokers that a fault holds

    def tell(self, text):
        self.told.append(f'{text} @{time.monotonic() - self.base:.1f}')

    def pick(self, names):
        """One of them that no other fault holds; None if there is none."""
        free = sorted(set(names) - self.busy)
        if not free:
            return None
        name = self.random.choice(free)
        self.busy.add(name)
        return name

    def pick_worker(self, prefix=''):
        free = [name for name, process in self.world.running(prefix).items()
                if process.host.name not in self.busy and name in self.world.regulars]
        return self.pick(free)

    def pick_host(self):
        hosts = [name for name in self.world.hosts if name.startswith('worker-')]
        held = {self.world.workers[name].host.name for name in self.busy
                if name in self.world.workers}
        return self.pick(set(hosts) - held)

    def pick_broker(self):
        """Never a second one: two of three must live."""
        if any(name.startswith('broker-') for name in self.busy):
            return None
        name = self.pick([broker.name for broker in self.world.brokers])
        return None if name is None else self.broker(name)

    def broker(self, name):
        return next(b for b in self.world.brokers if b.name == name)

    def release(self, name):
        self.busy.discard(name)


def workers_of(scene, host):
    return [name for name in scene.world.regulars
            if scene.world.workers[name].host.name == host]


def is_crawler(pid):
    return program(pid).endswith('-crawler')


# ---- workers ----

def kill_worker(scene):
    """kill -9 of a worker with its children; a supervisor would start it again."""
    name = scene.pick_worker()
    if name is None:
        return
    scene.world.workers[name].kill()
    scene.tell(f'kill {name}')
    yield scene.random.uniform(0.2, 4)
    scene.world.restart_worker(name)
    scene.release(name)


def kill_child(scene):
    """kill -9 of a steward's child: the steward starts another."""
    name = scene.pick_worker(scene.random.choice(('classifier', 'extractor', 'aggregator')))
    if name is None:
        return
    children = family(scene.world.workers[name].pid)[1:]
    if children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(scene.random.choice(children), signal.SIGKILL)
            scene.tell(f'kill a child of {name}')
    scene.release(name)
    yield 0


def crash_worker(scene):
    """A worker, or a steward's child, dies at a named point of its code."""
    name = scene.pick_worker()
    if name is None:
        return
    point = scene.random.choice(CRASH_POINTS[name.rpartition('-')[0]])
    # Late enough that no record is the first of three lives: it would be taken for a killer.
    environment = {'CRASH_AT': f'{point}:{scene.random.randint(5, 40)}'}
    scene.world.workers[name].kill()
    scene.world.restart_worker(name, environment)
    scene.tell(f'crash {name} at {environment["CRASH_AT"]}')
    for _ in range(80):
        if not scene.world.workers[name].alive():
            break
        yield 0.1
    scene.world.workers[name].kill()
    scene.world.restart_worker(name, {})
    scene.release(name)


def freeze_worker(scene):
    """SIGSTOP beyond the session, and back: a zombie with an old share."""
    name = scene.pick_worker()
    if name is None:
        return
    process = scene.world.workers[name]
    crawlers = [pid for pid in family(process.pid) if is_crawler(pid)]
    start = time.time() * 1000
    process.freeze()
    length = scene.random.uniform(SESSION_S + 1, SESSION_S + 4)
    scene.tell(f'freeze {name} {length:.1f} s')
    yield length
    process.thaw()
    scene.stops += [Stop(start, time.time() * 1000, f'{name} {pid}') for pid in crawlers]
    scene.release(name)


def stop_worker(scene):
    """A worker leaves in order and comes back."""
    name = scene.pick_worker()
    if name is None:
        return
    process = scene.world.workers[name]
    process.signal(signal.SIGTERM, one=True)
    scene.tell(f'SIGTERM {name}')
    for _ in range(150):
        if not process.alive():
            break
        yield 0.1
    else:
        process.kill()
        scene.tell(f'{name} had to be killed')
    yield scene.random.uniform(0, 2)
    scene.world.restart_worker(name)
    scene.release(name)


def add_worker(scene):
    """One more for a while: two rebalances."""
    hosts = [name for name in scene.world.hosts if name.startswith('worker-')
             and name not in scene.busy]
    if not hosts:
        return
    kind = scene.random.choice(('crawler', 'classifier', 'extractor', 'frontier', 'aggregator'))
    process = scene.world.start_extra(scene.random.choice(hosts), kind)
    scene.tell(f'add a {kind}')
    yield scene.random.uniform(3, 9)
    if process.alive():
        if scene.random.random() < 0.5:
            process.kill()
        else:
            process.signal(signal.SIGTERM, one=True)
    for _ in range(100):
        if not process.alive():
            break
        yield 0.1
    process.kill()


# ---- hosts ----

def cut_host(scene):
    """The cable of a worker host is pulled, beyond the session or not."""
    name = scene.pick_host()
    if name is None:
        return
    scene.world.hosts[name].cut()
    length = scene.random.uniform(2, SESSION_S + 4)
    scene.tell(f'cut {name} {length:.1f} s')
    yield length
    scene.world.hosts[name].mend()
    scene.release(name)


def power_off_host(scene):
    """All of a host dies at once; its disk stays."""
    name = scene.pick_host()
    if name is None:
        return
    names = workers_of(scene, name)
    scene.world.hosts[name].power_off()
    scene.tell(f'power off {name}')
    yield scene.random.uniform(1, 5)
    for worker in names:
        scene.world.restart_worker(worker)
    scene.release(name)


def destroy_host(scene):
    """A host is gone with its disk; an empty one takes its place."""
    name = scene.pick_host()
    if name is None:
        return
    names = workers_of(scene, name)
    scene.world.hosts[name].destroy()
    scene.tell(f'destroy {name}')
    yield scene.random.uniform(1, 4)
    scene.world.replace_host(name, names)
    scene.release(name)


# ---- brokers ----

def kill_broker(scene):
    broker = scene.pick_broker()
    if broker is None:
        return
    broker.kill()
    scene.tell(f'kill {broker.name}')
    yield scene.random.uniform(1, 6)
    yield from start_broker(scene, broker)


def listens(broker):
    with contextlib.suppress(OSError):
        broker.host.connect(BROKER_PORT, broker.host.address, 1).close()
        return True
    return False


def start_broker(scene, broker):
    broker.begin()
    for _ in range(600):
        if listens(broker):
            break
        if not broker.alive():
            broker.begin()
        yield 0.2
    scene.release(broker.name)


def move_leaders(scene):
    """A broker is told to go: its partitions get other leaders, and it gets them back later."""
    broker = scene.pick_broker()
    if broker is None:
        return
    for pid in family(broker.process.pid):
        if program(pid) == JAVA:
            os.kill(pid, signal.SIGTERM)
    scene.tell(f'leaders off {broker.name}')
    for _ in range(40):
        if not any(program(pid) == JAVA for pid in broker.host.pids()):
            break
        yield 0.2
    broker.kill()
    yield from start_broker(scene, broker)


def lead(scene):
    """Partitions in use get another leader, nobody dies."""
    for topic in ('urls', 'leases'):
        partition = scene.random.randrange(2)
        number = 1 + scene.random.randrange(3)
        asking = threading.Thread(target=scene.world.lead, args=(topic, partition, number))
        asking.start()
        scene.tell(f'broker {number} leads {topic}/{partition}')
        while asking.is_alive():
            yield 0.2


def freeze_broker(scene):
    """Requests run into their time-outs; its partitions get other leaders meanwhile."""
    broker = scene.pick_broker()
    if broker is None:
        return
    broker.freeze()
    length = scene.random.uniform(2, 8)
    scene.tell(f'freeze {broker.name} {length:.1f} s')
    yield length
    broker.thaw()
    scene.release(broker.name)


def cut_broker(scene):
    broker = scene.pick_broker()
    if broker is None:
        return
    broker.host.cut()
    length = scene.random.uniform(2, 8)
    scene.tell(f'cut {broker.name} {length:.1f} s')
    yield length
    broker.host.mend()
    scene.release(broker.name)


def too_few_replicas(scene):
    """Two of three brokers stop: produce and commit fail until one is back."""
    first = scene.pick_broker()
    if first is None:
        return
    second = scene.random.choice([b for b in scene.world.brokers if b is not first])
    for broker in (first, second):
        broker.freeze()
    length = scene.random.uniform(2, 5)
    scene.tell(f'freeze {first.name} and {second.name} {length:.1f} s')
    yield length
    for broker in (first, second):
        broker.thaw()
    scene.release(first.name)


# name → (how often, what)
FAULTS = {
    'kill': (4, kill_worker), 'crash': (4, crash_worker), 'child': (2, kill_child),
    'freeze': (4, freeze_worker),
    'stop': (2, stop_worker), 'add': (2, add_worker), 'cut': (3, cut_host),
    'power': (1, power_off_host), 'destroy': (1, destroy_host), 'kill-broker': (3, kill_broker),
    'leaders': (1, move_leaders), 'lead': (2, lead), 'freeze-broker': (2, freeze_broker),
    'cut-broker': (2, cut_broker), 'replicas': (1, too_few_replicas),
}


def draw(random, busy_s, only=()):
    """[(seconds after the start, name)] for a round whose job is busy for about `busy_s`; `only`:
    of these kinds."""
    names = [name for name in FAULTS if not only or name in only]
    weights = [FAULTS[name][0] for name in names]
    count = random.choice((1, 2, 2, 3))
    return sorted((random.uniform(0.3, busy_s), random.choices(names, weights)[0])
                  for _ in range(count))
