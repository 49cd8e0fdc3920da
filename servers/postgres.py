"""A PostgreSQL of our own on loopback, from the machine's packages: the metadata database of a production-like Airflow.

PostgreSQL refuses to be run by root; where we are root, it runs as the user that Debian's package has made.
"""

import csv
import io
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from servers.own_session import OwnSession
from servers.ports import HOST, free_ports

START_SECONDS = 30.0
POLL_SECONDS = 0.1
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
DEBIAN_USER = "postgres"
DATABASE = USER = "airflow"

# A database of one test run need not outlive a power cut, and 60 processes may ask at once.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "listen_addresses": HOST,
}


class PostgresError(RuntimeError):
    """The server is not there or does not start; the text says what to do or shows its log."""


class PostgresServer:
    """One server with one database, in a folder of its own below the system's temporary folder."""

    def __init__(self) -> None:
        # Not below the caller's folder: the user postgres must be able to walk there, and nobody may look in.
        self.folder = Path(tempfile.mkdtemp(prefix="reservplan-pg-"))
        self.port = 0
        self._password = secrets.token_urlsafe(18)
        self._user = DEBIAN_USER if os.geteuid() == 0 else None
        self._session = OwnSession(self.folder.with_suffix(".json"), self.folder.with_suffix(".log"))

    @property
    def url(self) -> str:
        """Its address as SQLAlchemy writes it, with login and password."""
        return f"postgresql+psycopg2://{USER}:{self._password}@{HOST}:{self.port}/{DATABASE}"

    @property
    def password(self) -> str:
        """The password of the database's only user."""
        return self._password

    @property
    def log_file(self) -> Path:
        """What the server printed."""
        return self._session.log_file

    @property
    def files(self) -> Path:
        """The folder of its raw files."""
        return self.folder / "cluster"

    def start(self) -> None:
        """Make the database where there is none, and start the server."""
        (self.port,) = free_ports(1)
        if not self.files.exists():
            self._make()
        options = {**SETTINGS, "port": str(self.port), "unix_socket_directories": str(self.folder)}
        command: list[str | Path] = [_program("postgres"), "-D", self.files]
        command += [f"--{name}={value}" for name, value in options.items()]
        self._session.start(command, self._environment(), self.folder, user=self._user)
        self._wait_until_ready()

    def stop(self) -> None:
        """End it; its files stay."""
        self._session.stop()

    def remove(self) -> None:
        """End it and take away all that it has."""
        # Gently: killed, it would leave its shared memory behind.
        self._session.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._session.record_file.unlink(missing_ok=True)
        self._session.log_file.unlink(missing_ok=True)

    def dump(self) -> str:
        """Everything in the database, as SQL text."""
        return self._run("pg_dump", "--inserts", DATABASE)

    def query(self, sql: str, database: str = DATABASE) -> list[list[str]]:
        """The rows of a query, each value as text."""
        output = self._run("psql", "--no-psqlrc", "--csv", "--tuples-only", f"--command={sql}", database)
        return list(csv.reader(io.StringIO(output)))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()

    def _make(self) -> None:
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password, encoding="utf-8")
        if self._user:
            entry = pwd.getpwnam(self._user)
            for path in (self.folder, password_file):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        self._run(
            "initdb", f"--pgdata={self.files}", f"--username={USER}", f"--pwfile={password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", user=self._user,
        )  # fmt: skip

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._session.running:
            try:
                names = self.query("SELECT datname FROM pg_database", "postgres")
            except PostgresError:
                time.sleep(POLL_SECONDS)
                continue
            if [DATABASE] not in names:
                self._run("createdb", DATABASE)
            return
        tail = self._session.log_tail()
        self._session.kill()
        raise PostgresError(f"PostgreSQL does not answer on port {self.port}. The end of its log:\n{tail}")

    def _run(self, name: str, *arguments: str, user: str | None = None) -> str:
        # The password goes by the environment: a command line is everybody's to read.
        login = {"PGHOST": HOST, "PGPORT": str(self.port), "PGUSER": USER, "PGPASSWORD": self._password}
        done = subprocess.run(
            [_program(name), *arguments], capture_output=True, text=True, check=False,
            env=self._environment() | login, cwd=self.folder, user=user, group=user, extra_groups=[] if user else None,
        )  # fmt: skip
        if done.returncode:
            raise PostgresError(f"{name} failed ({done.returncode}): {done.stderr.strip()}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _program(name: str) -> Path:
    """The newest of Debian's, which leaves the server's own programs out of the PATH; else the one of the PATH."""
    versions = sorted(DEBIAN_PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]), reverse=True)
    found = versions[0] if versions else shutil.which(name)
    if found is None:
        raise PostgresError(f"{name} is not on this machine. Please run: sudo apt-get install postgresql")
    return Path(found)
