"""Reservplan as an operations team has it: PostgreSQL, Airflow's services, a file and a mail server, one configuration.

`Deployment` is what runs; `Office` is what one test has of it: a folder of its own on the share, its own exports and
its own settings.
"""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import yaml
from reservplan.domain.names import (
    OWN_FOLDER,
    Format,
    Kind,
    artifact_name,
    is_paper_name,
    is_temp_name,
    parse_artifact_name,
)
from reservplan.extract.demo import write_demo_export

from servers.airflow_api import AirflowApi, AirflowRefused
from servers.airflow_home import PROJECT, AirflowHome
from servers.airflow_services import AirflowServices
from servers.postgres import PostgresServer
from servers.samba import SambaServer
from tests.mailbox import Inbox

TEAMS = ("Ullared", "Vessigebro")
DAGS = (
    "reservplan_drill", "reservplan_refresh", "reservplan_retain", "reservplan_snapshot", "reservplan_verify",
    "reservplan_watch",
)  # fmt: skip
SNAPSHOT = "reservplan_snapshot"
MAIL_CONNECTION = "drift"

# Machines may be slow: a limit only says when to stop waiting for what does not come.
RUN_SECONDS = 300.0
PARSE_SECONDS = 180.0
POLL_SECONDS = 0.2

# Of what a deployment in use has, only the waiting is shorter here; a test that needs one of these says so.
QUICKER = {
    # 300 s: a task that has not been heard of so long is taken for dead. Less would end the living on a slow machine.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    # 300 s: how often tasks are looked for whose scheduler is dead; once at a scheduler's start as well.
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    # 30 s: how often a DAG that has changed is written to the database.
    "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "1",
    # As in use: a reading costs seconds of a core, and a test that needs one asks for it.
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
    # 1 s: how long the scheduler rests when it has found nothing to do.
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
}


class NeverCame(AssertionError):
    """What a test waited for has not come."""


def wait_until(holds: Callable[[], Any], what: str, seconds: float = RUN_SECONDS) -> Any:
    """Ask until the answer is true, and return it; `what` says what has not come otherwise."""
    deadline = time.monotonic() + seconds
    while not (answer := holds()):
        if time.monotonic() > deadline:
            raise NeverCame(f"After {seconds:.0f} s: {what}. The last answer: {answer!r}")
        time.sleep(POLL_SECONDS)
    return answer


def zone_away_from_midnight(now: datetime | None = None) -> ZoneInfo:
    """The municipality's zone, or its neighbour's shortly before midnight, so that today stays today for an hour."""
    here = ZoneInfo("Europe/Stockholm")
    return here if (now or datetime.now(UTC)).astimezone(here).hour < 23 else ZoneInfo("Europe/Helsinki")


@dataclass
class Deployment:
    """What runs; the services read their configuration from `config` whenever they read a DAG or begin a task."""

    folder: Path
    database: PostgresServer
    samba: SambaServer
    services: AirflowServices
    inbox: Inbox
    zone: ZoneInfo

    @property
    def config(self) -> Path:
        """The configuration in force."""
        return self.services.home.config

    @property
    def api(self) -> AirflowApi:
        """Airflow's interface."""
        return self.services.api

    def write_config(self, content: bytes) -> None:
        """Put a configuration in force, whole at once: the services may read it at any moment."""
        new = self.config.with_suffix(".new")
        new.write_bytes(content)
        new.replace(self.config)

    def wait_until_parsed(self, since: datetime) -> list[dict[str, Any]]:
        """Have every DAG file read anew, as *Reparse* on its page does, and wait until each has been since then.

        Returns what Airflow knows of them.
        """
        for dag in self.dags():
            # Refused where somebody has asked already.
            with contextlib.suppress(AirflowRefused):
                self.api.ask("PUT", f"/api/v2/parseDagFile/{dag['file_token']}")

        def read_again() -> bool:
            times = [dag["last_parsed_time"] for dag in self.dags()]
            return bool(times) and all(at and datetime.fromisoformat(at) > since for at in times)

        wait_until(read_again, "not every DAG has been read again", PARSE_SECONDS)
        return self.dags()

    def dags(self) -> list[dict[str, Any]]:
        """What Airflow knows of our DAGs, also of those that it does not find any more."""
        return list(self.api.ask("GET", "/api/v2/dags?dag_id_pattern=reservplan_&exclude_stale=false")["dags"])

    def import_errors(self) -> list[dict[str, Any]]:
        """The DAG files that Airflow could not read."""
        return list(self.api.ask("GET", "/api/v2/importErrors")["import_errors"])

    def calm(self) -> None:
        """End whatever runs or waits, and pause every DAG, so that the next test begins with nothing under way."""
        for dag_id in DAGS:
            for backfill in self.backfills(dag_id):
                if backfill["completed_at"] is None:
                    self.api.ask("PUT", f"/api/v2/backfills/{backfill['id']}/cancel")
        for dag_id, run in self.runs_under_way():
            # A run that is failed by hand still empties its staging, which it does not while its DAG is paused.
            self.api.set_paused(dag_id, False)
            self.api.ask("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run, safe='')}", {"state": "failed"})
        wait_until(lambda: not self.runs_under_way(), "a run that was failed by hand has not ended")
        wait_until(lambda: not self.tasks_at_work(), "a task of a run that has ended is still at work")
        for dag_id in DAGS:
            self.api.set_paused(dag_id, True)

    def backfills(self, dag_id: str = SNAPSHOT) -> list[dict[str, Any]]:
        """All backfills of a DAG."""
        return list(self.api.ask("GET", f"/api/v2/backfills?dag_id={dag_id}")["backfills"])

    def let_pass(self, run_id: str, minutes: int) -> None:
        """Make the tasks of a run that wait for their next try believe that these minutes have passed."""
        where = f"WHERE run_id = '{run_id}' AND state = 'up_for_retry'"
        self.database.query(f"UPDATE task_instance SET end_date = end_date - interval '{minutes} minutes' {where}")  # noqa: S608

    def let_services_be_missed(self, minutes: int) -> None:
        """Make the services that were killed look as if they had been gone so long; only while none runs."""
        self.database.query(f"UPDATE job SET latest_heartbeat = latest_heartbeat - interval '{minutes} minutes'")  # noqa: S608

    def runs_under_way(self) -> list[tuple[str, str]]:
        """DAG and id of each run that waits or runs."""
        rows = self.database.query("SELECT dag_id, run_id FROM dag_run WHERE state IN ('queued', 'running')")
        return [(dag_id, run_id) for dag_id, run_id in rows]

    def tasks_at_work(self) -> list[list[str]]:
        """The task instances that Airflow believes to be at work."""
        return self.database.query(
            "SELECT dag_id, task_id, pid FROM task_instance WHERE state IN ('queued', 'running')"
        )


@contextlib.contextmanager
def deployed(
    folder: Path, files: Path, settings: Mapping[str, str] | None = None, **connection: Any
) -> Iterator[Deployment]:
    """All servers, and services that are ready to be started, once a configuration is in force.

    `files` is the file server's own folder, `settings` are environment variables that this deployment has besides, and
    `connection` is what the share's connection has in its extra.
    """
    with SambaServer(files) as samba, Inbox() as inbox, PostgresServer() as database:
        home = AirflowHome(folder / "airflow", folder / "reservplan.yaml", database.url)
        share = json.loads(samba.connection_json()) | {"extra": connection}
        services = AirflowServices(
            home,
            {
                **QUICKER,
                "AIRFLOW_CONN_RESERVPLAN_SHARE": json.dumps(share),
                f"AIRFLOW_CONN_{MAIL_CONNECTION.upper()}": inbox.connection_json(["drift@example.org"]),
                "AIRFLOW_CONN_SMTP_DEFAULT": inbox.connection_json("drift@example.org"),
                **(settings or {}),
            },
        )
        yield Deployment(folder, database, samba, services, inbox, zone_away_from_midnight())


@dataclass
class Office:
    """One test's part of the deployment: a folder on the share, exports, staging and settings."""

    deployment: Deployment
    folder: Path
    share_folder: str
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def api(self) -> AirflowApi:
        """Airflow's interface."""
        return self.deployment.api

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone; the services themselves run in UTC."""
        return self.deployment.zone

    @property
    def today(self) -> date:
        """The local day."""
        return datetime.now(self.zone).date()

    @property
    def copies(self) -> Path:
        """The store's folder on the file server's own disk."""
        return self.deployment.samba.share_path / self.share_folder

    @property
    def exports(self) -> Path:
        """Where exports are saved."""
        return self.folder / "exports"

    @property
    def staging(self) -> Path:
        """Where runs keep their files between their steps."""
        return self.folder / "staging"

    def day(self, offset: int) -> date:
        """The local day so many days from today."""
        return self.today + timedelta(days=offset)

    def configure(self, **changes: Any) -> None:
        """Put the office's settings in force, with changes to their keys; the folder on the share is made."""
        self.copies.mkdir(exist_ok=True)
        tree = yaml.safe_load((PROJECT / "config" / "reservplan.yaml").read_text(encoding="utf-8"))
        tree |= {
            "timezone": str(self.zone),
            "teams": list(TEAMS),
            "window": {"days_back": 14, "days_ahead": 1},
            "schedule": quiet_schedule(datetime.now(self.zone)),
            "stores": [
                {"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": self.share_folder},
            ],
            "alerts": {"critical": [MAIL_CONNECTION]},
            "staging": str(self.staging),
            "archive": str(self.folder / "archive"),
            "reports": str(self.folder / "reports"),
            "watch": {"folder": str(self.folder / "watch")},
        }
        tree["source"] |= {"path": str(self.exports), "teams": {}}
        tree |= self.changes | changes
        self.deployment.write_config(yaml.safe_dump(tree, allow_unicode=True).encode())

    def export(self, *, teams: int = len(TEAMS), days_back: int = 3, days_ahead: int = 3) -> Path:
        """Save an export of the demo's plan, as true as now."""
        saved = write_demo_export(
            self.exports, teams=teams, days_back=days_back, days_ahead=days_ahead, today=self.today
        )
        os.utime(saved)
        return saved

    def run(self, conf: dict[str, Any] | None = None, *, dag_id: str = SNAPSHOT) -> tuple[str, str]:
        """Trigger a run and wait for its end; returns its id and its state."""
        run_id = self.start(conf, dag_id=dag_id)
        return run_id, self.api.wait_for_run(dag_id, run_id, RUN_SECONDS)

    def start(self, conf: dict[str, Any] | None = None, *, dag_id: str = SNAPSHOT) -> str:
        """Trigger a run; returns its id."""
        self.api.set_paused(dag_id, False)
        return self.api.trigger(dag_id, conf)

    def assert_success(self, run_id: str, *, dag_id: str = SNAPSHOT) -> None:
        """Wait for the end of a run that must succeed; where it has not, tell what its failed tasks say."""
        state = self.api.wait_for_run(dag_id, run_id, RUN_SECONDS)
        failed = [task for task in self.api.tasks(dag_id, run_id) if task["state"] == "failed"]
        said = {
            task["task_id"]: self.api.task_log(
                dag_id, run_id, task["task_id"], map_index=task["map_index"], try_number=task["try_number"]
            )[-1000:]
            for task in failed
        }
        assert state == "success", said

    def names(self) -> set[str]:
        """The names of all files in the store's folder but start page, routine and week packs; our own folder not."""
        return {path.name for path in self.copies.iterdir() if path.is_file() and not is_paper_name(path.name)}

    def cells(self) -> set[tuple[date, str]]:
        """The days and groups of which anything lies there."""
        found = (parse_artifact_name(name) for name in self.names())
        return {(name.plan_date, name.team) for name in found if name}

    def state(self) -> dict[str, tuple[int, str]]:
        """Each file below the store's folder with its mtime in ns and a hash of its bytes; the lock not."""
        return {
            str(path.relative_to(self.copies)): (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest())
            for path in sorted(self.copies.rglob("*"))
            if path.is_file() and path.name != "lock"
        }

    def manifest(self, day: date) -> dict[str, Any]:
        """The manifest of a day as it lies there."""
        found: dict[str, Any] = json.loads(
            (self.copies / OWN_FOLDER / f"{day:%y%m%d}.json").read_text(encoding="utf-8")
        )
        return found

    def intents(self) -> list[str]:
        """The intents that lie there."""
        return sorted(path.name for path in self.copies.glob(f"{OWN_FOLDER}/*.intent.json"))

    def temp_names(self) -> list[str]:
        """Our temporary names that lie anywhere on the store."""
        return sorted(str(path) for path in self.copies.rglob("*") if is_temp_name(path.name))

    def notes(self) -> list[dict[str, Any]]:
        """What failed runs have left for the watch to tell."""
        return [json.loads(path.read_text("utf-8")) for path in sorted((self.folder / "watch").glob("notes/*.json"))]

    def staged(self) -> list[str]:
        """What lies in staging."""
        return sorted(path.name for path in self.staging.iterdir()) if self.staging.is_dir() else []

    def assert_whole(self, days: Sequence[date], teams: Sequence[str] = TEAMS) -> None:
        """Each of these cells lies there whole and is told by its manifest, and nothing is left half done."""
        for day in days:
            cells = self.manifest(day)["cells"]
            for team in teams:
                told = {artifact["name"]: artifact for artifact in cells[team]["artifacts"]}
                assert set(told) == set(names_of(day, team)), f"{day} {team}"
                for name, artifact in told.items():
                    content = (self.copies / name).read_bytes()
                    assert (len(content), sha256(content).hexdigest()) == (artifact["bytes"], artifact["sha256"]), name
        self.assert_tidy()

    def assert_tidy(self) -> None:
        """No run has left anything: no intent, no temporary file, nothing in staging."""
        left = [*self.intents(), *self.temp_names(), *self.staged()]
        assert left == [], left

    def page(self, day: date, team: str, kind: Kind = Kind.LIST) -> str:
        """The text of a printed list or overview, as a program that is not ours reads it."""
        file = self.copies / artifact_name(day, kind, team, Format.PDF)
        return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


def names_of(day: date, team: str) -> Iterator[str]:
    """The four names of a cell."""
    return (artifact_name(day, kind, team, fmt) for kind in Kind for fmt in Format)


def quiet_schedule(now: datetime) -> dict[str, str]:
    """Hours that are far from now: a test that wants a scheduled run says when."""
    hour = (now.hour + 12) % 24
    # After two at night, so that the hour is of the same day in UTC, and is there on both nights when clocks change.
    hour = hour if hour >= 4 else 5
    return {
        "snapshot": f"0 {hour} * * *",
        "refresh": f"10 {hour} * * *",
        "retain": f"20 {hour} * * *",
        "watch": f"30 {hour} * * *",
        "verify": f"40 {hour} * * *",
        "due_by": f"{hour:02d}:59",
    }
