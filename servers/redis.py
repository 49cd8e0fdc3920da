"""A Redis of our own on loopback, from the machine's packages: the broker between the scheduler and its workers."""

import os
import secrets
import shutil
import socket
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from servers.own_session import OwnSession
from servers.ports import HOST, free_ports

START_SECONDS = 20.0
POLL_SECONDS = 0.05
REQUEST_SECONDS = 5.0


class RedisError(RuntimeError):
    """The server is not there or does not start; the text says what to do or shows its log."""


class RedisServer:
    """One server with a password, in a folder of its own below the system's temporary folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="reservplan-redis-"))
        self.port = 0
        self.password = secrets.token_urlsafe(18)
        self._session = OwnSession(self.folder / "server.json", self.folder / "server.log")

    @property
    def url(self) -> str:
        """Its address with the password, as Celery writes it."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    @property
    def log_file(self) -> Path:
        """What the server printed."""
        return self._session.log_file

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            raise RedisError("redis-server is not on this machine. Please run: sudo apt-get install redis-server")
        (self.port,) = free_ports(1)
        settings = self.folder / "redis.conf"
        settings.touch(mode=0o600)
        # The password stands in a file: a command line is everybody's to read. Nothing is kept on disk.
        lines = [f"bind {HOST}", f"port {self.port}", f"requirepass {self.password}", 'save ""', "appendonly no"]
        settings.write_text("\n".join([*lines, ""]), encoding="utf-8")
        self._session.start([program, settings], {"PATH": os.environ.get("PATH", os.defpath)}, self.folder)
        self._wait_until_ready()

    def stop(self) -> None:
        """End it; a broker that comes back has forgotten everything."""
        self._session.stop()

    def remove(self) -> None:
        """End it and take away all that it has."""
        self._session.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._session.running:
            try:
                with socket.create_connection((HOST, self.port), timeout=REQUEST_SECONDS) as link:
                    link.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                    if b"+PONG" in link.recv(100):
                        return
            except OSError:
                pass
            time.sleep(POLL_SECONDS)
        tail = self._session.log_tail()
        self._session.kill()
        raise RedisError(f"Redis does not answer on port {self.port}. The end of its log:\n{tail}")
