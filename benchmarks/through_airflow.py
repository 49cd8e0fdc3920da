"""The whole job through a real Airflow: scheduler, PostgreSQL, LocalExecutor; and what of the time is Airflow's own.

`python -m benchmarks.through_airflow SITE SAMBA` starts the services, runs `reservplan_snapshot` once by hand, ends
them, and prints what it found as JSON. Our own time is read from the tasks' logs, from a body's first line to its last:
what remains of the run's wall time while no body of ours works is Airflow's.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from urllib.parse import quote

from benchmarks.measuring import descendants, watched
from benchmarks.site import CONNECTION
from servers.airflow_api import AirflowApi
from servers.airflow_home import AirflowHome
from servers.airflow_services import AirflowServices
from servers.postgres import PostgresServer
from servers.samba import SambaServer

DAG = "reservplan_snapshot"
RUN_SECONDS = 900.0
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class AirflowCost:
    """One run: its wall time, the part of it in which a body of ours worked, and the peak of its largest process."""

    wall_seconds: float
    own_seconds: float
    tasks: int
    tried_again: int
    largest_bytes: int


def covered_seconds(spans: Sequence[Span]) -> float:
    """The length of the time that at least one of the spans covers."""
    total, until = 0.0, None
    for begin, end in sorted(spans):
        start = begin if until is None else max(begin, until)
        total += max(0.0, (end - start).total_seconds())
        until = end if until is None else max(until, end)
    return total


def run_once(folder: Path, samba: SambaServer) -> AirflowCost:
    """Start everything, run the DAG, read what it cost, end everything."""
    with PostgresServer() as database:
        home = AirflowHome(folder / "airflow", folder / "reservplan.yaml", database.url)
        # For what is imported of Airflow here.
        home.enter()
        services = AirflowServices(home, {CONNECTION: samba.connection_json()})
        with services:
            services.api.set_paused(DAG, False)
            roots = [process.pid for process in services.processes()]
            with watched(lambda: descendants(roots)) as peaks:
                run_id = services.api.trigger(DAG)
                state = _wait(services.api, run_id)
            if state != "success":
                raise RuntimeError(f"Airflow's run ended as {state}.")
            return _cost(services.api, run_id, peaks)


def _wait(api: AirflowApi, run_id: str) -> str:
    """The state in which the run ends; an interface that is too busy to answer is asked again."""
    deadline = monotonic() + RUN_SECONDS
    while monotonic() < deadline:
        with contextlib.suppress(OSError):
            return api.wait_for_run(DAG, run_id, deadline - monotonic())
    raise TimeoutError(f"Airflow's run has not ended after {RUN_SECONDS:.0f} s.")


def _cost(api: AirflowApi, run_id: str, peaks: dict[tuple[int, str], int]) -> AirflowCost:
    run = api.run(DAG, run_id)
    wall = (datetime.fromisoformat(run["end_date"]) - datetime.fromisoformat(run["start_date"])).total_seconds()
    tasks = [task for task in api.tasks(DAG, run_id) if task["start_date"]]
    spans = [span for task in tasks for span in _spans_of_body(api, run_id, task)]
    # On a machine that is too busy a task may not start in time; its retry waits for minutes, and the row says so.
    tried_again = sum(int(task["try_number"]) > 1 for task in tasks)
    return AirflowCost(wall, covered_seconds(spans), len(tasks), tried_again, max(peaks.values()))


def _spans_of_body(api: AirflowApi, run_id: str, task: dict[str, object]) -> Iterator[Span]:
    """From the line with which a body begins to the last that it writes; none for a task without a body."""
    path = (
        f"/api/v2/dags/{DAG}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task['task_id']}/logs/{task['try_number']}"
    )
    content = api.ask("GET", f"{path}?full_content=true&map_index={task['map_index']}")["content"]
    lines = [line for line in content if isinstance(line, dict) and line.get("timestamp")]
    times = [
        datetime.fromisoformat(line["timestamp"])
        for line in lines
        if str(line["event"]).startswith((f"{task['task_id']} …", f"{task['task_id']}: "))
    ]
    if len(times) > 1:
        yield min(times), max(times)


def main(site: str, samba: str) -> None:
    """Run once and print the cost as JSON."""
    cost = run_once(Path(site), SambaServer(Path(samba)))
    print(json.dumps(asdict(cost)))


if __name__ == "__main__":
    os.umask(0o077)
    main(*sys.argv[1:])
