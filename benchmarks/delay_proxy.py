"""A network of another length on this machine: a TCP proxy that holds back what it passes on.

Each direction is delayed by half of the round trip. Nothing is reordered, and any number of bytes may be under way, so
that it costs time and no throughput, unless a rate is given. Connecting is not delayed. `DelayProxy` runs it in a
process of its own, so that its processor time is no client's, and no client's work delays it further:
`python -m benchmarks.delay_proxy HOST PORT ROUND_TRIP_MS MEGABITS_A_SECOND`.
"""

import asyncio
import contextlib
import selectors
import subprocess
import sys
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

LISTENING_HOST = "127.0.0.1"
# More than real networks hold, so that it never limits; without any, a server that is stopped would fill memory.
MOST_BYTES_UNDER_WAY = 64 * 1024 * 1024
START_SECONDS = 10.0
STOP_SECONDS = 5.0


class DelayProxy:
    """The proxy as a process in a session of its own; `with` starts and ends it.

    `megabits_a_second` limits each direction of each connection; 0: no limit.
    """

    host = LISTENING_HOST

    def __init__(self, host: str, port: int, round_trip_ms: float, *, megabits_a_second: float = 0) -> None:
        self._target = [host, str(port), str(round_trip_ms), str(megabits_a_second)]
        self._child: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.delay_proxy", *self._target],
            # It ends when its input does, so that it never outlives a parent that was killed.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
        )
        assert self._child.stdout is not None  # noqa: S101 - opened with PIPE
        # Empty where it could not start; what it said stands on stderr.
        self.port = int(self._child.stdout.readline() or 0)
        if not self.port:
            self.__exit__(None, None, None)
            raise RuntimeError("the delay proxy did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        child, self._child = self._child, None
        if child is None or child.stdin is None or child.stdout is None:
            return
        child.stdin.close()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


class _Side(asyncio.Protocol):
    """One end of a connection: what it hears is passed on to the other end when its time has come."""

    def __init__(self, delay_seconds: float, bytes_a_second: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._delay_seconds = delay_seconds
        self._bytes_a_second = bytes_a_second
        self._sent_until = 0.0
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._bytes_under_way = 0
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self.other: _Side | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._hold(data)
        self._bytes_under_way += len(data)
        if self._bytes_under_way > MOST_BYTES_UNDER_WAY and self._transport is not None:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._hold(b"")
        return True

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        self._hold(b"")

    def joined(self, other: "_Side") -> None:
        """The other end is there: what has waited for it goes on."""
        self.other = other
        self._pass_on()

    def _hold(self, data: bytes) -> None:
        """Note when it is due; b'' ends the connection."""
        now = self._loop.time()
        if self._bytes_a_second:
            now = self._sent_until = max(now, self._sent_until) + len(data) / self._bytes_a_second
        self._under_way.append((now + self._delay_seconds, data))
        if self._timer is None:
            self._timer = self._loop.call_at(self._under_way[0][0], self._pass_on)

    def _pass_on(self) -> None:
        self._timer = None
        if self.other is None:
            return
        now = self._loop.time()
        due = []
        while self._under_way and self._under_way[0][0] <= now:
            due.append(self._under_way.popleft()[1])
        self._bytes_under_way -= sum(map(len, due))
        if self.other._transport is not None:
            self.other._transport.writelines(due)
            if b"" in due:
                self.other._transport.close()
        if self._transport is not None and self._bytes_under_way <= MOST_BYTES_UNDER_WAY:
            self._transport.resume_reading()
        if self._under_way and self._timer is None:
            self._timer = self._loop.call_at(self._under_way[0][0], self._pass_on)


async def _serve(host: str, port: int, delay_seconds: float, bytes_a_second: float) -> None:
    loop = asyncio.get_running_loop()

    async def connected(client: _Side) -> None:
        server = _Side(delay_seconds, bytes_a_second)
        server.other = client
        try:
            await loop.create_connection(lambda: server, host, port)
        except OSError:
            assert client._transport is not None  # noqa: S101 - it has just connected
            client._transport.abort()
            return
        client.joined(server)

    class Client(_Side):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            calls.add(call := asyncio.ensure_future(connected(self)))
            call.add_done_callback(calls.discard)

    calls: set[asyncio.Future[None]] = set()
    server = await loop.create_server(lambda: Client(delay_seconds, bytes_a_second), LISTENING_HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin, ended.set)
    await ended.wait()


def main(host: str, port: str, round_trip_ms: str, megabits_a_second: str) -> None:
    """Print the port on which it listens, and pass on until the input ends."""
    # epoll waits in whole milliseconds, which would make 2.5 of them 3; select waits in microseconds.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    with contextlib.suppress(KeyboardInterrupt), contextlib.closing(loop):
        loop.run_until_complete(
            _serve(host, int(port), float(round_trip_ms) / 2000, float(megabits_a_second) * 125_000)
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
