"""The line between us and a file server: it counts what passes, and something happens after so many bytes."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

PIECE_BYTES = 65536
Happening = Callable[[], object]


class Wire:
    """Passes bytes on between its own port and the server's.

    `after` lets something happen when so many more bytes have passed, in either direction; meanwhile nothing passes,
    so that it happens at exactly that byte.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._passing = threading.RLock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._mute: set[socket.socket] = set()
        self._left: int | None = None
        self._happening: Happening = _nothing
        self.passed_bytes = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._listen()

    def after(self, count: int, happening: Happening) -> None:
        """Let something happen once, when `count` more bytes have passed."""
        with self._passing:
            self._left, self._happening = count, happening

    def forget(self) -> None:
        """Let nothing happen any more."""
        self.after(0, _nothing)
        with self._passing:
            self._left = None

    def cut(self) -> None:
        """Both sides learn at once that the other is gone; they can connect again."""
        for pair in self._pairs:
            _end(*pair)
        self._pairs.clear()

    def silence(self) -> None:
        """Neither side hears of the other any more, as when a cable is pulled; new connections work."""
        for pair in self._pairs:
            self._mute.update(pair)

    def stay_away(self) -> None:
        """Cut, and refuse to connect until `come_back`."""
        _end(self._listener)
        self._listener.close()
        self.cut()

    def come_back(self) -> None:
        """Whole again."""
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._listen()

    def close(self) -> None:
        """End it."""
        self.stay_away()
        _end(*self._mute)
        for each in self._mute:
            each.close()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._server_port), timeout=10)
                except OSError:
                    client.close()
                    continue
                for each in (client, server):
                    each.settimeout(None)
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pairs.append((client, server))
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while (data := source.recv(PIECE_BYTES)) and source not in self._mute:
                for part in self._parts(data):
                    sink.sendall(part)
        if source not in self._mute:
            _end(source, sink)
            source.close()

    def _parts(self, data: bytes) -> Iterator[bytes]:
        """The piece; or its two parts where something happens in the middle of it."""
        with self._passing:
            self.passed_bytes += len(data)
            if self._left is not None and self._left <= len(data):
                at, self._left = self._left, None
                try:
                    yield data[:at]
                finally:
                    self._happening()
                data = data[at:]
            elif self._left is not None:
                self._left -= len(data)
        if data:
            yield data


def _nothing() -> None:
    """Nothing happens."""


def _end(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
