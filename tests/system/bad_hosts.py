"""Hosts that misbehave on every request, for bad_input_test.py: one thread a connection."""
import contextlib
import socket
import struct
import threading
import time

DRIP_SECONDS = 0.2
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4000\r\n\r\n'


def reset(connection):
    """RST instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def drip(connection):
    """A byte now and then, for longer than anybody should wait."""
    for byte in ANSWER + b'x' * 4000:
        connection.sendall(bytes([byte]))
        time.sleep(DRIP_SECONDS)


def silence(connection):
    """No byte at all."""
    time.sleep(3600)


def nonsense(connection):
    """Bytes that are no HTTP."""
    connection.sendall(b'\x00\xff\x00\xff not http\r\n\r\n')


class BadHost:
    """Listens on address:port and treats every connection with `manner`."""

    def __init__(self, address, port, manner):
        self.manner = manner
        self.connections = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(10)
            if connection.recv(65536):
                self.manner(connection)

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def bad_host(address, port, manner):
    host = BadHost(address, port, manner)
    try:
        yield host
    finally:
        host.close()
