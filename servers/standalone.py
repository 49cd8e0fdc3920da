"""The demo's running Airflow: `airflow standalone` in a session of its own, found and ended by its id."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from servers.airflow_home import LOGIN, AirflowHome, write_private

HOST = "127.0.0.1"
START_SECONDS = 180.0
STOP_SECONDS = 20.0
RUN_SECONDS = 900.0
REQUEST_SECONDS = 30.0
LOG_TAIL_CHARACTERS = 1500


class ServerError(RuntimeError):
    """Airflow did not start or does not answer; the text says where its log is."""


@dataclass(frozen=True)
class _Record:
    """What `server.json` remembers: the process, when it was born (ids are used again), and its port."""

    pid: int
    born: float
    port: int


@dataclass(frozen=True)
class AirflowServer:
    """One `airflow standalone` of a home."""

    home: AirflowHome

    @property
    def log_file(self) -> Path:
        """What all its parts print."""
        return self.home.folder / "standalone.log"

    @property
    def address(self) -> str:
        """Of its web pages."""
        record = self._record()
        return f"http://{HOST}:{record.port}" if record else ""

    @property
    def running(self) -> bool:
        """Whether the process that we started is alive."""
        return bool(self._family())

    def start(self) -> None:
        """Start it, detached from this terminal, and wait until every part of it is healthy."""
        port, worker_port, trigger_port = free_ports(3)
        environment = os.environ | {
            # SQLite takes few writers at once: more than two tasks side by side and it locks.
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__API__HOST": HOST,
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(worker_port),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(trigger_port),
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "20",
            # Its parts are started by name.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        }
        with open(self.log_file, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as log:
            child = subprocess.Popen(
                [str(Path(sys.executable).parent / "airflow"), "standalone"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=environment, cwd=self.home.folder, start_new_session=True,
            )  # fmt: skip
        record = _Record(child.pid, psutil.Process(child.pid).create_time(), port)
        write_private(self._record_path, json.dumps(asdict(record)))
        self._wait_until_healthy()

    def stop(self) -> bool:
        """End all its processes; False where none runs."""
        family = self._family()
        # All of the session: a signal to the first alone would leave its parts behind.
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
            for process in self._family() or family:
                try:
                    process.send_signal(number)
                except psutil.NoSuchProcess:
                    continue
            _, family_left = psutil.wait_procs(family, timeout=seconds)
            if not family_left:
                break
        self._record_path.unlink(missing_ok=True)
        return bool(family)

    def run_dag(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Trigger a DAG and wait for its end; returns the run's state."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})
        run = self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        path = f"/api/v2/dags/{dag_id}/dagRuns/{urllib.parse.quote(run['dag_run_id'])}"
        deadline = time.monotonic() + RUN_SECONDS
        seen: set[str] = set()
        while time.monotonic() < deadline:
            tasks = self._ask("GET", f"{path}/taskInstances?limit=200")["task_instances"]
            for task in sorted(tasks, key=lambda task: task["end_date"] or ""):
                if task["end_date"] and (line := f"{task['task_id']}: {task['state']}") not in seen:
                    seen.add(line)
                    print(f"  {line} ({task['duration'] or 0:.1f} s)", flush=True)
            state: str = self._ask("GET", path)["state"]
            if state in ("success", "failed"):
                return state
            time.sleep(1)
        raise ServerError(f"The run has not ended after {RUN_SECONDS:.0f} s. See {self.log_file}.")

    def unpause(self, dag_id: str) -> None:
        """Let the DAG follow its schedule."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if path != "/auth/token":
            login = {"username": LOGIN, "password": self.home.secrets()["password"]}
            headers["Authorization"] = f"Bearer {self._ask('POST', '/auth/token', login)['access_token']}"
        request = urllib.request.Request(  # noqa: S310 - our own address on loopback
            self.address + path, method=method, headers=headers, data=json.dumps(body).encode() if body else None
        )
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ServerError(f"Airflow answers {error.code} to {method} {path}. See {self.log_file}.") from None

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.running:
            try:
                health = self._ask("GET", "/api/v2/monitor/health")
                parts = [health[name]["status"] for name in ("metadatabase", "scheduler", "dag_processor")]
                # The address answers long before all DAGs are read.
                dags = self._ask("GET", "/api/v2/dags?dag_id_pattern=reservplan_")["total_entries"]
                if set(parts) == {"healthy"} and dags == 4:
                    return
            except (ServerError, urllib.error.URLError, OSError, KeyError, ValueError):
                pass
            time.sleep(1)
        tail = self.log_file.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]
        self.stop()
        raise ServerError(f"Airflow did not become healthy. The end of {self.log_file}:\n{tail}")

    @property
    def _record_path(self) -> Path:
        return self.home.folder / "server.json"

    def _record(self) -> _Record | None:
        try:
            return _Record(**json.loads(self._record_path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _family(self) -> list[psutil.Process]:
        """The living processes of the session that we started."""
        record = self._record()
        if record is None or not _is_ours(record):
            return []
        return [process for process in psutil.process_iter() if _session_of(process) == record.pid]


def _is_ours(record: _Record) -> bool:
    try:
        return abs(psutil.Process(record.pid).create_time() - record.born) < 1
    except psutil.NoSuchProcess:
        return False


def _session_of(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except (ProcessLookupError, PermissionError):
        return None


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
