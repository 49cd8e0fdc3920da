"""Reservplan on two Celery workers that share no disk: each has all that it needs in a folder of its own.

They meet in the database, the broker, the share, and the bucket that holds staging and the key for pseudonyms. A
worker's interpreter is its own as well, so that its renderers find its own copy of the product and no other.
"""

import contextlib
import os
import shutil
import signal
import socket
import sys
import sysconfig
import threading
import time
import venv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import yaml

from servers.airflow_home import PROJECT, AirflowHome, read_settings
from servers.airflow_services import AirflowServices
from servers.object_store import ObjectStore
from servers.own_session import OwnSession
from servers.ports import HOST, free_ports
from servers.postgres import PostgresServer
from servers.redis import RedisServer
from servers.samba import SambaServer
from tests.operation.deployment import QUICKER
from tests.operation.looking import Onlooker

SOURCES = ("dags", "plugins", "include", "config")
CONCURRENCY = 2

# 600 s: a task that a killed worker had taken from the broker but not begun is queued again. The broker itself gives it
# to another worker only after a day (`visibility_timeout`), which must be longer than any task.
QUEUED_AGAIN = {
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
}


@dataclass
class Worker:
    """One worker's machine: `folder` is all of its disk."""

    name: str
    folder: Path
    environment: dict[str, str]
    starts: int = 0

    @classmethod
    def install(cls, name: str, folder: Path, site: dict[str, str], tree: dict[str, Any], exports: Path) -> Self:
        """Copy the project and the exports there, and make an interpreter that knows that copy only."""
        for source in SOURCES:
            shutil.copytree(
                PROJECT / source,
                folder / "project" / source,
                ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"),
            )
        # With their times: the newest export wins, and how old it is decides too.
        shutil.copytree(exports, folder / "exports")
        for part in ("tmp", "user", "work"):
            (folder / part).mkdir(mode=0o700)
        config = folder / "project" / "config" / "site.yaml"
        config.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
        (port,) = free_ports(1)
        environment = site | {
            "PATH": os.pathsep.join([str(folder / "venv" / "bin"), os.environ.get("PATH", os.defpath)]),
            "HOME": str(folder / "user"),
            "TMPDIR": str(folder / "tmp"),
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "project" / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(folder / "project" / "plugins"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(port),
            "RESERVPLAN_CONFIG": str(config),
        }
        made = cls(name, folder, environment)
        made._make_interpreter()
        return made

    def start(self) -> None:
        """Start it; it takes its name from nobody else."""
        # Its log server would listen on all of the machine's addresses; the tests read its logs from its disk.
        arguments = ("celery", "worker", "--celery-hostname", self.name, "--skip-serve-logs")
        command = [self.python, "-m", "airflow", *arguments, "--concurrency", str(CONCURRENCY)]
        self.session.start(command, self.environment, self.folder / "work")
        self.starts += 1

    def kill(self) -> None:
        """End it and all that it does, at once."""
        for _ in range(2):
            for process in self.processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
        self.session.kill()

    def processes(self) -> list[psutil.Process]:
        """Its own living processes, its tasks and their renderers."""
        found = {process.pid: process for process in self.session.processes()}
        for process in list(found.values()):
            with contextlib.suppress(psutil.NoSuchProcess):
                found |= {child.pid: child for child in process.children(recursive=True)}
        return list(found.values())

    def tasks_of(self, run_id: str) -> Counter[str]:
        """How many instances of each task of a run it has done, by the logs on its disk."""
        logs = (self.folder / "logs").glob(f"dag_id=*/run_id={run_id}/task_id=*/**/attempt=*.log")
        parts = (path.relative_to(self.folder / "logs").parts for path in logs)
        return Counter(part[2].removeprefix("task_id=") for part in parts)

    @property
    def ready(self) -> bool:
        """Whether it takes tasks since its last start."""
        printed = self.session.log_file.read_text(encoding="utf-8", errors="replace")
        return printed.count(f"{self.name} ready.") == self.starts

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "venv" / "bin" / "python"

    @cached_property
    def session(self) -> OwnSession:
        """What runs of it."""
        return OwnSession(self.folder / "worker.json", self.folder / "worker.log")

    def _make_interpreter(self) -> None:
        venv.create(self.folder / "venv", with_pip=False, symlinks=True)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = self.folder / "venv" / "lib" / version / "site-packages"
        # The libraries are those of the tests. Their folder's own .pth files are not read, so that the copy is not
        # hidden by the product that is installed there.
        lines = [str(self.folder / "project" / "include"), sysconfig.get_path("purelib")]
        (packages / "site.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")


class Site:
    """All of it: what the workers meet in, Airflow's services, and the workers."""

    def __init__(self, folder: Path, samba: SambaServer, tree: dict[str, Any], exports: Path) -> None:
        self.folder = folder
        self.samba = samba
        self.tree = tree
        self.exports = exports
        self.database = PostgresServer()
        self.broker = RedisServer()
        self.bucket = ObjectStore()
        self.workers: list[Worker] = []
        self._stack = contextlib.ExitStack()

    @cached_property
    def services(self) -> AirflowServices:
        """Scheduler, DAG processor and API; none of them knows share or bucket."""
        home = AirflowHome(self.folder / "control", self.folder / "control.yaml", self.database.url)
        return AirflowServices(home, self._common())

    def start(self) -> None:
        """Start everything and wait until both workers take tasks."""
        for server in (self.database, self.broker, self.bucket):
            self._stack.enter_context(server)
        tree = self.tree | {
            "staging": self.bucket.staging,
            "archive": f"s3://{self.bucket.bucket}/archive",
            "reports": f"s3://{self.bucket.bucket}/reports",
        }
        (self.folder / "control.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
        self._stack.callback(self.services.kill)
        self.services.prepare()
        self.services.start()
        for name in ("worker-one", "worker-two"):
            worker = Worker.install(name, self.folder / name, self._worker_environment(), tree, self.exports)
            self.workers.append(worker)
            self._stack.callback(worker.kill)
            worker.start()
        self.wait_until_ready()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def worker_of(self, pid: int) -> Worker:
        """The worker of which a process is."""
        return next(w for w in self.workers if pid in {process.pid for process in w.processes()})

    def _common(self) -> dict[str, str]:
        return {
            **QUICKER,
            **QUEUED_AGAIN,
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CELERY__BROKER_URL": self.broker.url,
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{self.database.url}",
            "AIRFLOW__CELERY__SYNC_PARALLELISM": "1",
        }

    def _worker_environment(self) -> dict[str, str]:
        settings = read_settings(PROJECT / "config" / "airflow.env")
        made = {name: value for name, value in self.services.environment.items() if not name.startswith("RESERVPLAN_")}
        share = {"AIRFLOW_CONN_RESERVPLAN_SHARE": self.samba.connection_json()}
        return settings | made | share | self.bucket.environment()

    def wait_until_ready(self, seconds: float = 180.0) -> None:
        """Wait until both workers take tasks."""
        deadline = time.monotonic() + seconds
        while not all(worker.ready for worker in self.workers):
            if gone := [worker for worker in self.workers if not worker.session.running]:
                raise RuntimeError(f"{gone[0].name} has ended:\n{gone[0].session.log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Not both workers are ready:\n{self.workers[-1].session.log_tail()}")
            time.sleep(0.2)


class Overheard:
    """Everything that is said to a Redis, as it reports it itself."""

    def __init__(self, broker: RedisServer) -> None:
        self._link = socket.create_connection((HOST, broker.port))
        self._link.sendall(f"AUTH {broker.password}\r\nMONITOR\r\n".encode())
        self._heard: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def content(self) -> bytes:
        """All of it so far."""
        return b"".join(self._heard)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._link.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._link.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while heard := self._link.recv(1 << 16):
                self._heard.append(heard)


class RenderersSeen(Onlooker):
    """Looks again and again which programs render."""

    pause_seconds = 2.0

    def __init__(self, site: Site) -> None:
        self.programs: set[str] = set()
        self._site = site

    def look(self) -> None:
        """Look at each worker's processes."""
        self.programs.update(self._renderers())

    def _renderers(self) -> Iterator[str]:
        for worker in self._site.workers:
            for process in worker.processes():
                with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    command = process.cmdline()
                    if "reservplan.render.worker" in command:
                        yield command[0]
