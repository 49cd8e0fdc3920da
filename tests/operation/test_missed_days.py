"""An outage of days is repaired with the runbook's one command, while somebody runs the DAG by hand.

Five days ago a run captured that day and the next, and nothing has run since; what it left of the next day is lost. So
of the four missed days the archive knows one, the export still knows two, and of one nobody knows anything. One
backfill and one run by hand are played once; the tests judge what is left of them on the share.
"""

import json
import os
import re
import shlex
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml
from reservplan import cli
from reservplan.domain.names import OWN_FOLDER, parse_artifact_name
from reservplan.extract.demo import write_demo_export
from reservplan.store.folder import FolderStore

from servers.airflow_api import span_of
from servers.airflow_home import PROJECT
from tests.operation.deployment import DAGS, RUN_SECONDS, SNAPSHOT, TEAMS, Deployment, Office, wait_until

RUNBOOK = PROJECT / "docs" / "runbooks" / "backfill.md"
WRITERS = ("publish", "seal", "shelf")
_BLOCK = re.compile(r"^```sh\n(airflow backfill create.*?)^```", re.DOTALL | re.MULTILINE)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\+00:00|Z)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def runbook_command(first: date, last: date, *, says: str = "") -> list[str]:
    """The runbook's first command, or the first that says so, to the letter, but for its days."""
    blocks = _BLOCK.findall(RUNBOOK.read_text(encoding="utf-8"))
    block = next((block for block in blocks if says in block), None)
    assert block, f"{RUNBOOK.name} has no block of sh that begins with `airflow backfill create` and has `{says}`."
    words = shlex.split(block.replace("\\\n", " "), comments=True)
    for option, day in (("--from-date", first), ("--to-date", last)):
        at = words.index(option) + 1
        words[at], replaced = _DATE.subn(day.isoformat(), words[at])
        assert replaced == 1, f"{option} in {RUNBOOK.name} holds no day."
    return words[1:]


def on_the_servers_own_disk(office: Office) -> Path:
    """The office's settings for a command at the file server itself: the same files, and no share between."""
    tree = yaml.safe_load(office.deployment.config.read_text(encoding="utf-8"))
    tree["stores"] = [{"name": "share", "kind": "folder", "folder": str(office.copies)}]
    place = office.folder / "on-disk.yaml"
    place.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return place


def at_the_server(office: Office, *command: str) -> int:
    """Give a command there; what it does about signals ends with it."""
    handlers = {ending: signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGHUP)}
    try:
        return cli.main(["--config", str(on_the_servers_own_disk(office)), *command])
    finally:
        for ending, handler in handlers.items():
            signal.signal(ending, handler)


def live_through(office: Office, day: date) -> None:
    """The morning run of a day that is past, with the export and the clock of that day."""
    morning = datetime(day.year, day.month, day.day, 5, tzinfo=office.zone)
    saved = write_demo_export(office.exports, teams=len(TEAMS), days_back=0, days_ahead=1, today=day)
    os.utime(saved, (morning.timestamp() - 900, morning.timestamp() - 900))
    with time_machine.travel(morning), pytest.MonkeyPatch.context() as patch:
        patch.setattr(FolderStore, "clock", lambda _: datetime.now(UTC))
        assert at_the_server(office, "snapshot") == 0
    saved.unlink()


def lose(office: Office, day: date) -> None:
    """Nothing of the day is on the share any more."""
    for path in (*office.copies.glob(f"{day:%y%m%d} *"), *(office.copies / OWN_FOLDER).glob(f"{day:%y%m%d}.*")):
        path.unlink()


def status(office: Office, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What `reservplan status --json` says of the store."""
    capsys.readouterr()
    at_the_server(office, "status", "--json")
    (store,) = json.loads(capsys.readouterr().out)["stores"]
    return dict(store)


@dataclass(frozen=True)
class Played:
    """What has happened: the run by hand, those of the backfill by their day, and all of their tasks.

    `watched` are the states of a watch before and of one after it, `lived` what lay there of the day before the outage.
    """

    office: Office
    lived: dict[str, tuple[int, str]]
    watched: tuple[str, str]
    queued_while_paused: list[str]
    by_hand: dict[str, Any]
    backfilled: dict[date, dict[str, Any]]
    tasks: list[dict[str, Any]]

    @property
    def runs(self) -> list[dict[str, Any]]:
        return [self.by_hand, *self.backfilled.values()]


def runs_of_backfill(office: Office) -> dict[date, dict[str, Any]]:
    """The runs of backfills, by the local day that each stands for."""
    return {
        datetime.fromisoformat(run["logical_date"]).astimezone(office.zone).date(): run
        for run in office.api.runs(SNAPSHOT)
        if run["run_type"] == "backfill"
    }


def wait_for_all(office: Office, since: datetime | None = None) -> dict[date, dict[str, Any]]:
    """Wait for the end of every run of the backfill; with `since`, of those that have begun after it."""

    def ended() -> dict[date, dict[str, Any]]:
        runs = runs_of_backfill(office)
        done = all(
            run["state"] in ("success", "failed")
            and (since is None or datetime.fromisoformat(run["start_date"]) > since)
            for run in runs.values()
        )
        return runs if runs and done else {}

    found: dict[date, dict[str, Any]] = wait_until(ended, "the backfill has not ended", 2 * RUN_SECONDS)
    return found


@pytest.fixture(scope="module")
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    office = Office(deployment, tmp_path_factory.mktemp("missed"), "Missade dagar")
    office.configure()
    try:
        yield play(office)
    finally:
        deployment.calm()


def play(office: Office) -> Played:
    """The runbook's backfill of a paused DAG, then a run by hand beside it, until all have ended."""
    api = office.api
    live_through(office, office.day(-5))
    lose(office, office.day(-4))
    lived = office.state()
    # It reaches a day further back, for the nights.
    office.export(days_back=1)
    office.deployment.services.command(*runbook_command(office.day(-4), office.day(-1)))
    # Of a DAG that is paused nothing begins: another DAG's run, asked for later, has come to its end meanwhile.
    _, before = office.run(dag_id="reservplan_watch")
    queued = [run["state"] for run in runs_of_backfill(office).values()]
    by_hand = office.start()
    backfilled = wait_for_all(office)
    api.wait_for_run(SNAPSHOT, by_hand, RUN_SECONDS)
    run = api.run(SNAPSHOT, by_hand)
    tasks = [
        task
        for dag_id in DAGS
        for one in api.runs(dag_id)
        if one["run_after"] >= run["run_after"] or one["run_type"] == "backfill"
        for task in api.tasks(dag_id, one["dag_run_id"])
    ]
    _, after = office.run(dag_id="reservplan_watch")
    wait_until(lambda: at_rest(office), "a run is still at work")
    return Played(office, lived, (before, after), queued, run, backfilled, tasks)


def at_rest(office: Office) -> bool:
    """Pause the DAG once nothing runs: the schedule's own run of today, which may begin by then, is none of ours."""
    if office.deployment.runs_under_way() or office.staged():
        return False
    office.api.set_paused(SNAPSHOT, True)
    if office.deployment.runs_under_way():
        office.api.set_paused(SNAPSHOT, False)
        return False
    return True


def test_runs_of_a_paused_dag_wait(played: Played) -> None:
    assert played.queued_while_paused == ["queued"] * 4


def test_the_day_that_the_archive_knows_is_what_was_captured_before_the_outage(played: Played) -> None:
    office = played.office
    day, captured = office.day(-4), office.day(-5)
    office.assert_whole([day])
    for team, cell in office.manifest(day)["cells"].items():
        at = datetime.fromisoformat(cell["captured_at"]).astimezone(office.zone)
        assert (at.date(), f"{at:%H:%M}", cell["origin"]) == (captured, "04:45", "backfill")
        page = " ".join(office.page(day, team).split())
        assert f"Hämtat {captured.day} " in page
        assert "EFTERSKAPAD" not in page


def test_of_the_day_that_nobody_knows_nothing_is_invented_and_status_says_so(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    office = played.office
    unknown = office.day(-3)
    assert played.backfilled[unknown]["state"] == "success"
    assert not [cell for cell in office.cells() if cell[0] == unknown]
    (finding,) = status(office, capsys)["findings"]
    assert {cell["plan_date"] for cell in finding["cells"]} == {str(unknown)}
    assert "varken i arkivet eller i underlaget" in finding["words"]


def test_the_watch_is_red_before_and_green_after_and_every_other_day_is_whole(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    assert played.watched == ("failed", "success")
    office = played.office
    states = {cell["plan_date"]: cell["state"] for cell in status(office, capsys)["cells"]}
    assert set(states) == {str(office.day(n)) for n in range(-5, 2)}
    assert {day for day, state in states.items() if state not in ("ok", "remarks")} == {str(office.day(-3))}


def test_what_lay_there_before_the_outage_is_untouched(played: Played) -> None:
    of_that_day = {name: kept for name, kept in played.lived.items() if f"{played.office.day(-5):%y%m%d}" in name}
    assert len(of_that_day) > 4 * len(TEAMS)
    assert of_that_day.items() <= played.office.state().items()


def test_the_days_that_the_export_still_knows_are_made_afterwards_each_by_its_own_run(played: Played) -> None:
    office = played.office
    missed = [office.day(-2), office.day(-1)]
    every = [office.day(n) for n in range(-4, 0)]
    assert {day: run["state"] for day, run in played.backfilled.items()} == dict.fromkeys(every, "success")
    office.assert_whole(missed)
    for day in missed:
        manifest = office.manifest(day)
        assert manifest["run_id"] == f"snapshot__{played.backfilled[day]['dag_run_id']}"
        assert {cell["origin"] for cell in manifest["cells"].values()} == {"backfill"}
        for team in TEAMS:
            assert "EFTERSKAPAD" in office.page(day, team)


def test_the_run_by_hand_beside_it_captured_its_own_days(played: Played) -> None:
    office = played.office
    assert played.by_hand["state"] == "success"
    days = [office.day(0), office.day(1)]
    office.assert_whole(days)
    for day in days:
        assert office.manifest(day)["run_id"] == f"snapshot__{played.by_hand['dag_run_id']}"
        assert {cell["origin"] for cell in office.manifest(day)["cells"].values()} == {"manual"}
        assert not any("EFTERSKAPAD" in office.page(day, team) for team in TEAMS)
    assert {day for day, _ in office.cells()} == {office.day(n) for n in (-5, -4, -2, -1, 0, 1)}
    assert all(parse_artifact_name(name) for name in office.names())


def test_runs_that_meet_at_the_store_wait_for_their_turn_and_none_is_put_off(played: Played) -> None:
    spans = sorted(span_of(run) for run in played.runs)
    together = [b for a, b in combinations(spans, 2) if a[1] > b[0]]
    assert together, "Runs that came one after the other prove nothing."
    writers = [task for task in played.tasks if task["task_id"] in WRITERS and task["pid"]]
    assert len(writers) == len(WRITERS) * len(played.runs)
    assert {task["try_number"] for task in writers} == {1}


@pytest.mark.long
def test_the_same_backfill_again_changes_nothing(played: Played) -> None:
    office = played.office

    backfills = office.deployment.backfills
    wait_until(lambda: all(one["completed_at"] for one in backfills()), "Airflow holds the first for unfinished")
    before = office.state()
    begun = max(datetime.fromisoformat(run["end_date"]) for run in played.backfilled.values())
    office.api.set_paused(SNAPSHOT, False)
    again = runbook_command(office.day(-4), office.day(-1), says="--reprocess-behavior completed")
    office.deployment.services.command(*again)
    # The runs are there already: they are cleared, and begin anew.
    runs = wait_for_all(office, since=begun)
    assert {run["state"] for run in runs.values()} == {"success"}
    assert office.state() == before
    office.assert_tidy()


@pytest.mark.long
def test_a_bare_last_day_would_leave_that_day_out(played: Played) -> None:
    office = played.office
    first, last = office.day(-2), office.day(-1)

    def days_of(*command: str) -> set[date]:
        # Days that have a run already, as these have by now, are told only when they shall be done again.
        again = ("--dry-run", "--reprocess-behavior", "completed")
        told = office.deployment.services.command(*command, *again).partition("Runs to be attempted:")[2]
        return {datetime.fromisoformat(at).astimezone(office.zone).date() for at in _INSTANT.findall(told)}

    assert days_of(*runbook_command(first, last)) == {first, last}
    bare = ("backfill", "create", "--dag-id", SNAPSHOT, "--from-date", str(first), "--to-date", str(last))
    assert days_of(*bare) == {first}
