"""Airflow's own interface, asked as its pages and its operators ask it."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

REQUEST_SECONDS = 120.0
POLL_SECONDS = 0.5
ENDED = ("success", "failed")


class AirflowRefused(RuntimeError):
    """Airflow answered with an error; `status` is HTTP's, `answer` what it said."""

    def __init__(self, method: str, path: str, status: int, answer: str) -> None:
        super().__init__(f"Airflow answers {status} to {method} {path}")
        self.status = status
        self.answer = answer


class TooLate(RuntimeError):
    """What was waited for has not come; the text says what is there instead."""


@dataclass(frozen=True)
class AirflowApi:
    """The interface at an address, with a login of Airflow."""

    address: str
    login: str
    password: str

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer to one request, as JSON says it.

        Raises:
            AirflowRefused: it was understood, and refused.
            OSError: nobody answers.
        """
        headers = {"Content-Type": "application/json"}
        if path != "/auth/token":
            headers["Authorization"] = f"Bearer {self._token()}"
        request = urllib.request.Request(  # noqa: S310 - our own address on loopback
            self.address + path, method=method, headers=headers, data=json.dumps(body).encode() if body else None
        )
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            raise AirflowRefused(method, path, error.code, said) from None

    def unhealthy_parts(self, parts: Iterable[str] = ("metadatabase", "scheduler", "dag_processor")) -> list[str]:
        """Which of its parts do not report; the answer's own status is 200 even when all of them are dead."""
        health = self.ask("GET", "/api/v2/monitor/health")
        return [name for name in parts if health[name]["status"] != "healthy"]

    def dag_ids(self) -> list[str]:
        """The DAGs of Reservplan that Airflow has read."""
        return sorted(dag["dag_id"] for dag in self.ask("GET", "/api/v2/dags?dag_id_pattern=reservplan_")["dags"])

    def set_paused(self, dag_id: str, paused: bool) -> None:
        """Let the DAG follow its schedule, or not."""
        self.ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": paused})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run by hand; returns its id."""
        run = self.ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf or {}})
        return str(run["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """What Airflow knows of a run."""
        found: dict[str, Any] = self.ask("GET", _run_path(dag_id, run_id))
        return found

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """All runs of a DAG."""
        found: list[dict[str, Any]] = self.ask("GET", f"/api/v2/dags/{dag_id}/dagRuns?limit=200")["dag_runs"]
        return found

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """All task instances of a run."""
        path = f"{_run_path(dag_id, run_id)}/taskInstances?limit=500"
        found: list[dict[str, Any]] = self.ask("GET", path)["task_instances"]
        return found

    def clear(self, dag_id: str, run_id: str) -> None:
        """Run it again whole, as *Clear* does on its page."""
        self.ask("POST", f"{_run_path(dag_id, run_id)}/clear", {"dry_run": False, "only_failed": False})

    def task_log(self, dag_id: str, run_id: str, task_id: str, *, map_index: int = -1, try_number: int = 1) -> str:
        """The log of one try as its page shows it: one line a message."""
        path = f"{_run_path(dag_id, run_id)}/taskInstances/{task_id}/logs/{try_number}?full_content=true"
        content = self.ask("GET", f"{path}&map_index={map_index}")["content"]
        return "\n".join(line if isinstance(line, str) else str(line.get("event", "")) for line in content)

    def wait_for_run(self, dag_id: str, run_id: str, seconds: float) -> str:
        """Wait for the end of a run; returns its state.

        Raises:
            TooLate: it has not ended.
        """
        deadline = time.monotonic() + seconds
        state = ""
        while time.monotonic() < deadline:
            state = str(self.run(dag_id, run_id)["state"])
            if state in ENDED:
                return state
            time.sleep(POLL_SECONDS)
        tasks = {task["task_id"]: task["state"] for task in self.tasks(dag_id, run_id)}
        raise TooLate(f"{dag_id} {run_id} is {state} after {seconds:.0f} s: {tasks}")

    def wait_for_task(self, dag_id: str, run_id: str, task_id: str, states: Iterable[str], seconds: float) -> None:
        """Wait until some instance of a task is in one of the states.

        Raises:
            TooLate: none is.
        """
        wanted, deadline = set(states), time.monotonic() + seconds
        found: set[str] = set()
        while time.monotonic() < deadline:
            found = {task["state"] for task in self.tasks(dag_id, run_id) if task["task_id"] == task_id}
            if found & wanted:
                return
            time.sleep(POLL_SECONDS / 5)
        raise TooLate(f"{dag_id} {run_id}: {task_id} is {found or 'not there'} after {seconds:.0f} s")

    def _token(self) -> str:
        answer = self.ask("POST", "/auth/token", {"username": self.login, "password": self.password})
        return str(answer["access_token"])


def span_of(task: dict[str, Any]) -> tuple[datetime, datetime]:
    """From when to when a task instance that has ended ran."""
    return datetime.fromisoformat(task["start_date"]), datetime.fromisoformat(task["end_date"])


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"
