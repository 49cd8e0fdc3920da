"""A scheduler that comes late: which days its run captures, what was said meanwhile, and what lies there afterwards."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from reservplan.domain.names import parse_artifact_name
from reservplan.settings import load
from reservplan.snapshot import Snapshot
from reservplan.store import open_store
from reservplan_airflow.run_context import snapshot_request

from tests.time.office import Office, local, ordinary

DAY = timedelta(days=1)
TODAY = date(2026, 11, 25)


def copies(office: Office) -> dict[str, bytes]:
    """What lies there of groups and days, by name."""
    return {path.name: path.read_bytes() for path in office.copies.iterdir() if parse_artifact_name(path.name)}


def run_of_the_tick(office: Office, tick: datetime, now: datetime) -> None:
    """What a scheduled run of a tick does when the scheduler gets round to it."""
    dag_run = SimpleNamespace(
        dag_id="reservplan_snapshot", run_id="scheduled__x", run_type="scheduled", logical_date=tick.astimezone(UTC)
    )
    settings = load(str(office.root / "reservplan.yaml"))
    with time_machine.travel(now):
        request = snapshot_request(dag_run, {}, settings, datetime.now(UTC))
        assert Snapshot(settings, request, lambda store: open_store(store, None)).run().fell_short == []


@pytest.mark.parametrize("today", [
    TODAY,
    pytest.param(date(2026, 3, 29), marks=pytest.mark.long),
    pytest.param(date(2026, 10, 25), marks=pytest.mark.long),
])  # fmt: skip
def test_a_run_that_is_an_hour_and_a_half_late_is_of_the_same_day_and_all_is_well_after_it(
    office: Office, today: date
) -> None:
    office.captured(local(f"{today - DAY} 05:00"), ordinary(today - DAY, today))
    farthest = (today + DAY).isoformat()
    assert office.states(local(f"{today} 05:45"))[farthest] == "not_due"
    # Law 7: from six on its silence is said, though no run has failed.
    missed = office.coverage(local(f"{today} 06:20"))
    assert [cell["state"] for cell in missed["cells"] if cell["plan_date"] == farthest] == ["missing"]
    assert not missed["good"]
    office.export(ordinary(today, today + DAY, visits=5), local(f"{today} 04:45"))
    run_of_the_tick(office, local(f"{today} 05:00"), local(f"{today} 06:30"))
    after = office.coverage(local(f"{today} 06:35"))
    assert after["good"]
    assert {cell["plan_date"]: cell["visits"] for cell in after["cells"]} == {
        (today - DAY).isoformat(): 4, today.isoformat(): 5, farthest: 5,
    }  # fmt: skip
    assert office.entry(today).origin == "scheduled"
    assert "EFTERSKAPAD" not in office.paper(today)


def test_a_run_of_yesterdays_tick_after_midnight_is_of_yesterday_only_and_says_so(office: Office) -> None:
    office.export(ordinary(TODAY - DAY, TODAY, TODAY + DAY), local(f"{TODAY} 00:15"))
    run_of_the_tick(office, local(f"{TODAY - DAY} 05:00"), local(f"{TODAY} 00:30"))
    assert office.days() == [f"{TODAY - DAY:%y%m%d}"]
    assert "EFTERSKAPAD" in office.paper(TODAY - DAY)
    # The morning's own run makes today's; yesterday's stays as it is.
    kept = office.manifest(TODAY - DAY)
    run_of_the_tick(office, local(f"{TODAY} 05:00"), local(f"{TODAY} 05:00"))
    assert office.days() == [f"{day:%y%m%d}" for day in (TODAY - DAY, TODAY, TODAY + DAY)]
    assert office.manifest(TODAY - DAY) == kept
    assert "EFTERSKAPAD" not in office.paper(TODAY)


def test_a_late_run_of_yesterdays_tick_does_not_touch_what_the_day_itself_captured(office: Office) -> None:
    office.captured(local(f"{TODAY - DAY} 05:00"), ordinary(TODAY - DAY, TODAY))
    before = copies(office)
    office.export(ordinary(TODAY - DAY, TODAY), local(f"{TODAY - DAY} 04:45"))
    run_of_the_tick(office, local(f"{TODAY - DAY} 05:00"), local(f"{TODAY} 00:30"))
    assert copies(office) == before


def test_a_tick_just_before_midnight_that_starts_after_it_is_of_the_day_it_was_meant_for(office: Office) -> None:
    office.export(ordinary(TODAY - DAY, TODAY), local(f"{TODAY - DAY} 23:20"))
    run_of_the_tick(office, local(f"{TODAY - DAY} 23:30"), local(f"{TODAY} 00:30"))
    assert office.days() == [f"{TODAY - DAY:%y%m%d}"]
    assert "EFTERSKAPAD" not in office.paper(TODAY - DAY)
