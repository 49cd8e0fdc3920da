"""The schedule as the settings say it, in local time, while every process runs in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.operation.deployment import SNAPSHOT, TEAMS, NeverCame, Office, quiet_schedule, wait_until

WATCH = "reservplan_watch"
# From the moment when settings are saved until Airflow knows the new hour: a reading of the DAGs.
NOTICE = timedelta(seconds=20)


def next_tick(office: Office, dag_id: str) -> datetime | None:
    """When Airflow means to run a DAG next."""
    at = office.api.ask("GET", f"/api/v2/dags/{dag_id}")["next_dagrun_logical_date"]
    return datetime.fromisoformat(at) if at else None


def schedule_for_the_next_minute(office: Office) -> datetime:
    """Let snapshot and watch run at the next local minute for which Airflow is told in time; returns it."""
    for _ in range(4):
        tick = (datetime.now(office.zone) + NOTICE + timedelta(minutes=1)).replace(second=0, microsecond=0)
        cron = f"{tick.minute} {tick.hour} * * *"
        office.configure(schedule={**quiet_schedule(tick), "snapshot": cron, "watch": cron})
        office.deployment.wait_until_parsed(since=datetime.now(UTC))
        for dag_id in (SNAPSHOT, WATCH):
            office.api.set_paused(dag_id, False)

        def knows(tick: datetime = tick) -> bool:
            return next_tick(office, SNAPSHOT) == next_tick(office, WATCH) == tick

        seconds_left = (tick - datetime.now(UTC)).total_seconds()
        try:
            wait_until(knows, f"Airflow does not know of {tick}", max(1.0, seconds_left - 2))
        except NeverCame:
            continue
        return tick
    raise NeverCame("Four times Airflow has not read a new schedule within a minute.")


def scheduled_run(office: Office, dag_id: str, tick: datetime) -> dict[str, Any] | None:
    """The run of that minute."""
    runs = [run for run in office.api.runs(dag_id) if run["logical_date"]]
    return next((run for run in runs if datetime.fromisoformat(run["logical_date"]) == tick), None)


@pytest.mark.long
def test_the_run_at_the_configured_local_minute_publishes_and_the_next_is_due_tomorrow(office: Office) -> None:
    tick = schedule_for_the_next_minute(office)
    local = tick.astimezone(office.zone)
    assert local.utcoffset() != timedelta(0), "A zone that is UTC's proves nothing."
    wait = (tick - datetime.now(UTC)).total_seconds() + 60
    run = wait_until(lambda: scheduled_run(office, SNAPSHOT, tick), f"no run at {local}", wait)
    assert run["run_type"] == "scheduled"
    office.assert_success(run["dag_run_id"])

    days = [office.day(0), office.day(1)]
    assert office.cells() == {(day, team) for day in days for team in TEAMS}
    office.assert_whole(days)
    for day in days:
        manifest = office.manifest(day)
        assert manifest["run_id"] == f"snapshot__{run['dag_run_id']}"
        assert {cell["origin"] for cell in manifest["cells"].values()} == {"scheduled"}

    tomorrow = (local.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=office.zone)
    assert next_tick(office, SNAPSHOT) == tomorrow
    # The watch has its own line in the settings, and follows it too.
    looked = wait_until(lambda: scheduled_run(office, WATCH, tick), f"no look at {local}", 60)
    assert looked["run_type"] == "scheduled"
    office.api.wait_for_run(WATCH, looked["dag_run_id"], 120)
    assert next_tick(office, WATCH) == tomorrow
