"""The proxy that stands for a longer network: it delays, passes on everything in its order, and ends with its user."""

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from benchmarks.delay_proxy import DelayProxy

BLOCK = bytes(range(256)) * 256


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that gives back what it gets, and closes when its client does; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer(client: socket.socket) -> None:
            with client:
                while heard := client.recv(65536):
                    client.sendall(heard)

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=[client], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def connect(proxy: DelayProxy) -> socket.socket:
    client = socket.create_connection((proxy.host, proxy.port), timeout=20)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def receive(client: socket.socket, size: int) -> bytes:
    parts = []
    while size > 0 and (part := client.recv(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def test_an_answer_takes_at_least_the_round_trip(echo: int) -> None:
    with DelayProxy("127.0.0.1", echo, 40) as proxy, closing(connect(proxy)) as client:
        for _ in range(3):
            asked = time.monotonic()
            client.sendall(b"x")
            assert client.recv(1) == b"x"
            assert time.monotonic() - asked >= 0.040


def test_what_is_under_way_at_once_comes_whole_and_in_order(echo: int) -> None:
    blocks = [number.to_bytes(4, "big") + BLOCK for number in range(150)]
    with DelayProxy("127.0.0.1", echo, 20) as proxy, closing(connect(proxy)) as client:
        sender = threading.Thread(target=lambda: [client.sendall(block) for block in blocks])
        sender.start()
        came = hashlib.sha256(receive(client, sum(map(len, blocks))))
        sender.join()
    assert came.hexdigest() == hashlib.sha256(b"".join(blocks)).hexdigest()


def test_a_rate_limits_each_direction(echo: int) -> None:
    with DelayProxy("127.0.0.1", echo, 0, megabits_a_second=8) as proxy, closing(connect(proxy)) as client:
        began = time.monotonic()
        client.sendall(bytes(300_000))
        assert len(receive(client, 300_000)) == 300_000
        assert time.monotonic() - began >= 0.3


def test_who_closes_is_closed_at_the_other_end_when_all_has_come(echo: int) -> None:
    with DelayProxy("127.0.0.1", echo, 10) as proxy, closing(connect(proxy)) as client:
        client.sendall(b"the last words")
        assert receive(client, 14) == b"the last words"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""


def test_a_server_that_is_away_is_a_connection_that_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        DelayProxy("127.0.0.1", port, 5) as proxy,
        closing(connect(proxy)) as client,
        suppress(ConnectionResetError),
    ):
        assert client.recv(1) == b""


def test_it_ends_with_its_user(echo: int) -> None:
    with DelayProxy("127.0.0.1", echo, 5) as proxy:
        child = proxy._child
        assert child is not None
        assert child.poll() is None
    assert child.returncode == 0
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
