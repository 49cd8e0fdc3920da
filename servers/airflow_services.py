"""Airflow as an operations team runs it: its services side by side on one metadata database, in LocalExecutor.

Each service is a program in a session of its own whose output lies in a file of its own. They share one folder, and
write nothing outside it: temporary files, home and working folder are in there too, so that all of it can be searched.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from servers.airflow_api import AirflowApi, AirflowRefused
from servers.airflow_home import LOGIN, PROJECT, AirflowHome
from servers.own_session import OwnSession
from servers.ports import HOST, free_ports

START_SECONDS = 180.0
COMMAND_SECONDS = 180.0
POLL_SECONDS = 0.5
DAGS = len(list((PROJECT / "dags").glob("reservplan_*.py")))

# The log server of the scheduler's executor would listen on all of the machine's addresses; all read the same folder.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    "dag-processor": ("dag-processor",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
}


class ServicesError(RuntimeError):
    """A service or a command of Airflow failed; the text shows the end of what it printed."""


@dataclass(frozen=True)
class AirflowServices:
    """The services of one home; `settings` are environment variables that this deployment adds, connections too."""

    home: AirflowHome
    settings: Mapping[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the database's tables and the pool of the writers, with the commands of a first installation."""
        from reservplan_airflow.dag_defaults import PUBLISH_POOL, PUBLISH_SLOTS

        for name in ("tmp", "user", "work", "output"):
            (self.home.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.command("db", "migrate")
        self.command("pools", "set", PUBLISH_POOL, str(PUBLISH_SLOTS), "Writers")

    def start(self) -> None:
        """Start all services and wait until each is healthy and every DAG has been read."""
        for name, command in SERVICES.items():
            self.sessions[name].start((_program(), *command), self.environment, self.home.folder / "work")
        self._wait_until_healthy()

    def stop(self) -> None:
        """End all services, gently."""
        for session in self.sessions.values():
            session.stop()

    def kill(self) -> None:
        """End all services and tasks at once, as a power cut does."""
        for _ in range(2):
            # A second time: what was being started at the first is there now.
            for process in self.processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
            for session in self.sessions.values():
                session.kill()

    def processes(self) -> list[psutil.Process]:
        """Every living process of every service: tasks and render workers too, also those in sessions of their own."""
        found = {process.pid: process for session in self.sessions.values() for process in session.processes()}
        for process in list(found.values()):
            with contextlib.suppress(psutil.NoSuchProcess):
                found |= {child.pid: child for child in process.children(recursive=True)}
        return list(found.values())

    def command(self, *arguments: str, check: bool = True) -> str:
        """Run `airflow …` as a person does at a terminal of this deployment; returns all that it printed.

        Raises:
            ServicesError: it failed, and `check` is set.
        """
        done = subprocess.run(
            [_program(), *arguments], capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS,
            env=self.environment, cwd=self.home.folder / "work",
        )  # fmt: skip
        printed = done.stdout + done.stderr
        with open(self.home.folder / "output" / "commands.log", "a", encoding="utf-8") as log:
            log.write(printed)
        if check and done.returncode:
            raise ServicesError(f"airflow {' '.join(arguments)} failed ({done.returncode}):\n{printed[-3000:]}")
        return printed

    @cached_property
    def api(self) -> AirflowApi:
        """Its interface, as its administrator."""
        return AirflowApi(self.environment["AIRFLOW__API__BASE_URL"], LOGIN, self.home.secrets()["password"])

    @cached_property
    def sessions(self) -> dict[str, OwnSession]:
        """Each service by name."""
        output = self.home.folder / "output"
        return {name: OwnSession(self.home.folder / f"{name}.json", output / f"{name}.log") for name in SERVICES}

    @cached_property
    def environment(self) -> dict[str, str]:
        """All that a service of this deployment gets; nothing of the environment of the one who starts it."""
        (port,) = free_ports(1)
        address = f"http://{HOST}:{port}"
        folder = self.home.folder
        return {
            # Its parts are started by name.
            "PATH": os.pathsep.join([str(_program().parent), os.environ.get("PATH", os.defpath)]),
            "LANG": "C.UTF-8",
            "HOME": str(folder / "user"),
            "TMPDIR": str(folder / "tmp"),
            # What is imported is not kept as files in the project that is being watched.
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.home.environment(),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__API__HOST": HOST,
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__BASE_URL": address,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
            # New settings reach the schedule of a DAG at the next reading of its file.
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
            **self.settings,
        }

    def __enter__(self) -> Self:
        self.prepare()
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if gone := [name for name, session in self.sessions.items() if not session.running]:
                tail = self.sessions[gone[0]].log_tail()
                self.kill()
                raise ServicesError(f"Airflow's {gone[0]} has ended. The end of what it printed:\n{tail}")
            with contextlib.suppress(AirflowRefused, OSError, KeyError, ValueError):
                if not self.api.unhealthy_parts() and len(self.api.dag_ids()) == DAGS:
                    return
            time.sleep(POLL_SECONDS)
        self.kill()
        raise ServicesError(f"Airflow is not healthy after {START_SECONDS:.0f} s. See {self.home.folder / 'output'}.")


def _program() -> Path:
    return Path(sys.executable).parent / "airflow"
