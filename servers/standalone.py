"""The demo's running Airflow: `airflow standalone` in a session of its own, found and ended by its id."""

import contextlib
import os
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from servers.airflow_api import ENDED, AirflowApi, AirflowRefused
from servers.airflow_home import LOGIN, PROJECT, AirflowHome, write_private
from servers.own_session import OwnSession
from servers.ports import HOST, free_ports

START_SECONDS = 180.0
RUN_SECONDS = 900.0
QUEUED_SECONDS = 10.0
DAGS = len(list((PROJECT / "dags").glob("reservplan_*.py")))


class ServerError(RuntimeError):
    """Airflow did not start or does not answer; the text says where its log is."""


@dataclass(frozen=True)
class AirflowServer:
    """One `airflow standalone` of a home."""

    home: AirflowHome

    @property
    def log_file(self) -> Path:
        """What all its parts print."""
        return self.session.log_file

    @property
    def address(self) -> str:
        """Of its web pages; empty where it never ran."""
        with contextlib.suppress(FileNotFoundError):
            return self._address_file.read_text(encoding="utf-8")
        return ""

    @property
    def running(self) -> bool:
        """Whether the process that we started is alive."""
        return self.session.running

    def start(self) -> None:
        """Start it, detached from this terminal, and wait until every part of it is healthy."""
        port, worker_port, trigger_port = free_ports(3)
        address = f"http://{HOST}:{port}"
        environment = os.environ | {
            # SQLite takes few writers at once: more than two tasks side by side and it locks.
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__API__HOST": HOST,
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__BASE_URL": address,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(worker_port),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(trigger_port),
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "20",
            # Its parts are started by name.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        }
        write_private(self._address_file, address)
        self.log_file.unlink(missing_ok=True)
        program = Path(sys.executable).parent / "airflow"
        self.session.start([program, "standalone"], environment, self.home.folder)
        self._wait_until_healthy()

    def stop(self) -> bool:
        """End all its processes; False where none runs."""
        return self.session.stop()

    def run_dag(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Trigger a DAG, tell each task as it ends, and wait for the end of all; returns the run's state.

        Raises:
            ServerError: Airflow refuses, or the run does not end.
        """
        try:
            self.api.set_paused(dag_id, False)
            run_id = self.api.trigger(dag_id, conf)
            return self._follow(dag_id, run_id)
        except AirflowRefused as error:
            raise ServerError(f"{error}. See {self.log_file}.") from None

    def unpause(self, dag_id: str) -> None:
        """Let the DAG follow its schedule."""
        self.api.set_paused(dag_id, False)

    @property
    def api(self) -> AirflowApi:
        """Its interface, as its administrator."""
        return AirflowApi(self.address, LOGIN, self.home.secrets()["password"])

    @cached_property
    def session(self) -> OwnSession:
        """The session of all its parts."""
        return OwnSession(self.home.folder / "server.json", self.home.folder / "standalone.log")

    @property
    def _address_file(self) -> Path:
        return self.home.folder / "address"

    def _follow(self, dag_id: str, run_id: str) -> str:
        began = time.monotonic()
        deadline = began + RUN_SECONDS
        seen: set[str] = set()
        told = False
        while time.monotonic() < deadline:
            tasks = self.api.tasks(dag_id, run_id)
            for task in sorted(tasks, key=lambda task: task["end_date"] or ""):
                if task["end_date"] and (line := f"{task['task_id']}: {task['state']}") not in seen:
                    seen.add(line)
                    print(f"  {line} ({task['duration'] or 0:.1f} s)", flush=True)
            state = str(self.api.run(dag_id, run_id)["state"])
            if state in ENDED:
                return state
            if state == "queued" and not told and time.monotonic() > began + QUEUED_SECONDS:
                print(
                    "  waits for a run that is under way; the next try of one that failed may be minutes off",
                    flush=True,
                )
                told = True
            time.sleep(1)
        raise ServerError(f"The run has not ended after {RUN_SECONDS:.0f} s. See {self.log_file}.")

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.running:
            with contextlib.suppress(AirflowRefused, OSError, KeyError, ValueError):
                # The address answers long before all DAGs are read.
                if not self.api.unhealthy_parts() and len(self.api.dag_ids()) == DAGS:
                    return
            time.sleep(1)
        tail = self.session.log_tail()
        self.stop()
        raise ServerError(f"Airflow did not become healthy. The end of {self.log_file}:\n{tail}")
