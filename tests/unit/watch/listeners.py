"""Real listeners on loopback that answer well, wrongly, slowly or not at all."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers.ports import HOST


class Monitor(ThreadingHTTPServer):
    """Answers every address with `status` and `body`, and keeps what was asked."""

    daemon_threads = True

    def __init__(self, status: int = 200, body: bytes = b"OK", headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.status, self.body, self.headers = status, body, headers
        self.asked: list[str] = []
        self.given = b""
        super().__init__((HOST, 0), _Answering)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"


class _Answering(BaseHTTPRequestHandler):
    server: Monitor

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        for name, value in self.server.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_POST(self) -> None:
        self.server.given += self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal of the tests."""


@contextmanager
def monitor(status: int = 200, body: bytes = b"OK", headers: tuple[tuple[str, str], ...] = ()) -> Iterator[Monitor]:
    with Monitor(status, body, headers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def listener(says: bytes = b"", *, drip_seconds: float = 0) -> Iterator[str]:
    """The address of one who takes a call and says these bytes: at once and hangs up, one by one, or nothing at all."""
    ended = threading.Event()
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            server.settimeout(0.05)
            calls = []
            while not ended.is_set():
                try:
                    call, _ = server.accept()
                except TimeoutError:
                    continue
                calls.append(call)
                threading.Thread(target=talk, args=(call,), daemon=True).start()
            for call in calls:
                call.close()

        def talk(call: socket.socket) -> None:
            try:
                call.recv(4096)
                if drip_seconds:
                    for byte in says:
                        call.sendall(bytes([byte]))
                        if ended.wait(drip_seconds):
                            return
                elif says:
                    call.sendall(says)
                    call.close()
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://{HOST}:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()
