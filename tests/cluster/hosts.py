"""Hosts in network namespaces, private to one test: nothing is left of them when it ends or dies.

inside(main)   Runs main(folder) in a PID, mount and network namespace of its own and returns its
               exit status, 77 where namespaces are not allowed. `folder` is new and empty. When the
               caller dies, by kill -9 too, the kernel ends every process, network and mount in
               there; the folder goes at once or, after a kill -9, with the next test.
Network        A switch: add_host(name, address) joins a host to it by a cable of its own. The test
               itself sits at the switch (10.77.0.1) and reaches every host.
Host           A network namespace, and a disk: a folder that is a file system of its own in memory.
               start, run, connect; cut, mend; power_off, destroy; programs.
Process        kill, freeze, thaw, each for the process and all its descendants (one=True: for it
               alone); alive, wait, output.
"""
import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

SKIPPED = 77
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x10000000, 0x20000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG = 1
PREFIX = 'xunfang-cluster-'
NET, PREFIX_BITS = '10.77', 16
SWITCH = f'{NET}.0.1'
DISK_MB = 4096
SHUTDOWN_S = 10

libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f'{name}: {os.strerror(number)}')


def mount(source, target, kind, flags=0, data=''):
    _call('mount', source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags),
          data.encode())


# ---- the private place ----

def _sweep():
    """Removes the folders of tests that were killed; a living one holds the lock of its folder."""
    for name in os.listdir(tempfile.gettempdir()):
        path = os.path.join(tempfile.gettempdir(), name)
        if not name.startswith(PREFIX):
            continue
        with contextlib.suppress(OSError):
            lock = os.open(os.path.join(path, 'lock'), os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)


def _new_folder():
    folder = tempfile.mkdtemp(prefix=PREFIX)
    lock = os.open(os.path.join(folder, 'lock'), os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock


def _become_root():
    """Somebody else than root gets the right to make namespaces by a user namespace."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        return
    _call('unshare', CLONE_NEWUSER)
    maps = {'setgroups': 'deny', 'uid_map': f'0 {user} 1', 'gid_map': f'0 {group} 1'}
    for name, text in maps.items():
        with open(f'/proc/self/{name}', 'w', encoding='ascii') as file:
            file.write(text)


def _run_main(main, folder):
    """Exit status of main, as the interpreter would make it."""
    try:
        status = main(folder)
    except SystemExit as end:
        status = end.code
    except BaseException:  # pylint: disable=broad-except
        traceback.print_exc()
        status = 1
    if isinstance(status, str):
        print(status, file=sys.stderr)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return int(status or 0)


def _init(main, folder):
    """PID 1 of the namespace: lets go of the dead until main ends, and everything with it."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _call('unshare', CLONE_NEWNS | CLONE_NEWNET)
    mount('none', '/', '', MS_REC | MS_PRIVATE)
    mount('proc', '/proc', 'proc')
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os._exit(_run_main(main, folder) & 0xff)
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)


def _between(main, folder, say):
    """Makes the PID namespace, which is for the children of who makes it, and waits for its first
    process; tells the number of that one."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        _become_root()
        _call('unshare', CLONE_NEWPID)
        child = os.fork()
        if child == 0:
            _init(main, folder)
    except OSError as error:
        print(f'skipped: no namespaces here ({error})', flush=True)
        return SKIPPED
    os.write(say, str(child).encode())
    os.close(say)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _outside(between, first):
    """Waits; a signal to us ends everything."""
    def end(number, _frame):
        if first:
            os.kill(first, signal.SIGKILL)
        os.waitpid(between, 0)
        raise SystemExit(128 + number)
    before = {number: signal.signal(number, end)
              for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    status = os.waitstatus_to_exitcode(os.waitpid(between, 0)[1])
    for number, handler in before.items():
        signal.signal(number, handler)
    return status


def inside(main, keep=False):
    _sweep()
    folder, lock = _new_folder()
    try:
        sys.stdout.flush()
        listen, say = os.pipe()
        between = os.fork()
        if between == 0:
            os.close(listen)
            os._exit(_between(main, folder, say) & 0xff)
        os.close(say)
        first = int(os.read(listen, 20) or 0)
        os.close(listen)
        return _outside(between, first)
    finally:
        if keep:
            print('kept: ' + folder)
            os.unlink(os.path.join(folder, 'lock'))
        else:
            shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


# ---- processes ----

def _parents():
    table = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f'/proc/{name}/stat', encoding='utf-8') as file:
                table[int(name)] = int(file.read().rpartition(')')[2].split()[1])
    return table


def family(pid):
    """The process and all that come from it, ancestors first."""
    table = _parents()
    found = [pid]
    for one in found:
        found += sorted(child for child, parent in table.items() if parent == one)
    return found


def program(pid):
    """Base name of what runs there; '' if it is gone."""
    with contextlib.suppress(OSError), open(f'/proc/{pid}/cmdline', 'rb') as file:
        return os.path.basename(file.read().split(b'\0')[0].decode(errors='replace'))
    return ''


def await_gone(pids):
    """A process of many threads lets go of its ports only when the last of them is gone."""
    while any(os.path.exists(f'/proc/{pid}') for pid in pids):
        time.sleep(0.005)


class Process:
    """Something started on a host. Its output, standard error with it, is appended to `log`."""

    def __init__(self, host, name, command, log, environment=None):
        self.host, self.name, self.log = host, name, log
        self.command, self.environment = command, environment
        words = ['nsenter', f'--net=/proc/{os.getpid()}/fd/{host.namespace}', '--', *command]
        with open(log, 'ab') as output:
            self.child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=output,
                                          stderr=output, start_new_session=True,
                                          env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child.poll() is None

    def wait(self, timeout):
        """Exit status, or None if it still runs."""
        try:
            return self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def signal(self, number, one=False):
        if self.alive():
            for pid in [self.pid] if one else family(self.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

    def kill(self, one=False):
        """Back when they are gone, their ports and files with them."""
        victims = [self.pid] if one else family(self.pid)
        self.signal(signal.SIGKILL, one)
        self.child.wait()
        await_gone(victims)

    def stop(self, timeout=SHUTDOWN_S):
        """SIGTERM, as an operator would; exit status, or None if it had to be killed."""
        self.signal(signal.SIGTERM, one=True)
        status = self.wait(timeout)
        if status is None:
            self.kill()
        return status

    def freeze(self, one=False):
        self.signal(signal.SIGSTOP, one)

    def thaw(self, one=False):
        self.signal(signal.SIGCONT, one)

    def output(self):
        with open(self.log, encoding='utf-8', errors='replace') as file:
            return file.read()


# ---- network ----

def ip(*words, namespace=None):
    command = ['ip', *words]
    if namespace is not None:
        command = ['nsenter', f'--net=/proc/{os.getpid()}/fd/{namespace}', '--', *command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(' '.join(command) + ': ' + done.stdout.strip())


def _enter(namespace):
    _call('setns', namespace, CLONE_NEWNET)


def _own_namespace():
    return os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)


@contextlib.contextmanager
def _visit(namespace):
    """This thread is in that network namespace while the block runs."""
    home = _own_namespace()
    try:
        _enter(namespace)
        yield
    finally:
        _enter(home)
        os.close(home)


def _new_namespace():
    home = _own_namespace()
    try:
        _call('unshare', CLONE_NEWNET)
        return _own_namespace()
    finally:
        _enter(home)
        os.close(home)


def _card(address):
    """One that follows from the address: who knows a destroyed host finds its successor."""
    return '02:00:' + ':'.join(f'{int(part):02x}' for part in address.split('.'))


class Host:
    def __init__(self, network, number, name, addresses):
        self.network, self.name, self.addresses = network, name, list(addresses)
        self.address = self.addresses[0]
        self.cable = f'cable{number}'
        self.disk = os.path.join(network.folder, 'disks', name)
        self.namespace = _new_namespace()
        self.processes = []
        os.makedirs(self.disk, exist_ok=True)
        mount('disk', self.disk, 'tmpfs', data=f'size={DISK_MB}m,mode=700')
        ip('link', 'add', 'eth0', 'address', _card(self.address), 'type', 'veth', 'peer', 'name',
           self.cable, 'netns', str(os.getpid()), namespace=self.namespace)
        for one in self.addresses:
            ip('addr', 'add', f'{one}/{PREFIX_BITS}', 'dev', 'eth0', namespace=self.namespace)
        for device in ('lo', 'eth0'):
            ip('link', 'set', device, 'up', namespace=self.namespace)
        ip('link', 'set', self.cable, 'master', 'switch', 'up')

    def start(self, name, command, environment=None):
        """Begins a program here; its output goes to FOLDER/logs/NAME.log."""
        log = os.path.join(self.network.folder, 'logs', name + '.log')
        process = Process(self, name, [str(word) for word in command], log, environment)
        self.processes.append(process)
        return process

    def run(self, command, timeout=120, environment=None):
        """Runs a program here to its end: subprocess.CompletedProcess with text."""
        words = ['nsenter', f'--net=/proc/{os.getpid()}/fd/{self.namespace}', '--', *command]
        return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout, check=False,
                              env={**os.environ, **(environment or {})})

    def connect(self, port, address='127.0.0.1', timeout=5):
        """A TCP connection made from here, so loopback is the host's own."""
        with _visit(self.namespace):
            client = socket.socket()
        client.settimeout(timeout)
        try:
            client.connect((address, port))
        except OSError:
            client.close()
            raise
        return client

    def pids(self):
        """Every process on this host, descendants of what was started included."""
        own = os.fstat(self.namespace).st_ino
        found = []
        for name in os.listdir('/proc'):
            if name.isdigit():
                with contextlib.suppress(OSError):
                    if os.stat(f'/proc/{name}/ns/net').st_ino == own:
                        found.append(int(name))
        return sorted(found)

    def programs(self):
        """pid → program name of every process here."""
        return {pid: program(pid) for pid in self.pids()}

    def cut(self):
        """Pulls the cable: what is sent is lost, nobody is told."""
        ip('link', 'set', self.cable, 'down')

    def mend(self):
        ip('link', 'set', self.cable, 'up')

    def freeze(self):
        for pid in self.pids():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in self.pids():
            os.kill(pid, signal.SIGCONT)

    def power_off(self):
        """Every process of the host dies at once, as by a power cut; the disk stays."""
        gone = []
        while victims := self.pids():
            for pid in victims:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            gone += victims
            time.sleep(0.005)
        for process in self.processes:
            process.child.wait()
        await_gone(gone)

    def destroy(self):
        """The host is gone, and its disk with it; its name and addresses may be given again."""
        self.power_off()
        ip('link', 'del', self.cable)
        os.close(self.namespace)
        subprocess.run(['umount', '-l', self.disk], check=True)
        del self.network.hosts[self.name]


class Network:
    def __init__(self, folder):
        self.folder = folder
        self.hosts = {}
        self.made = 0
        for name in ('disks', 'logs'):
            os.makedirs(os.path.join(folder, name))
        ip('link', 'set', 'lo', 'up')
        ip('link', 'add', 'switch', 'type', 'bridge')
        ip('addr', 'add', f'{SWITCH}/{PREFIX_BITS}', 'dev', 'switch')
        ip('link', 'set', 'switch', 'up')

    def add_host(self, name, *addresses):
        self.made += 1
        if name in self.hosts:
            raise ValueError(f'there is a host {name}')
        self.hosts[name] = Host(self, self.made, name, addresses)
        return self.hosts[name]
