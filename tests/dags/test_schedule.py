"""Times follow from the settings, and from their defaults where the settings are broken."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from airflow.timetables.base import TimeRestriction
from airflow.timetables.trigger import CronTriggerTimetable
from reservplan_airflow.schedule import retries_until, run_timeout, timing


@pytest.mark.parametrize(
    ("cron", "longest"),
    [
        ("0 5 * * *", timedelta(hours=6)),
        ("0 11,16 * * *", timedelta(hours=4) * 0.9),
        ("*/30 * * * *", timedelta(minutes=27)),
        ("0 5 1 1 *", timedelta(hours=6)),
        ("* * * * *", timedelta(seconds=54)),
    ],
)
def test_a_run_is_shorter_than_the_gap_to_the_next(cron: str, longest: timedelta) -> None:
    assert run_timeout(cron) == longest


@pytest.mark.parametrize(
    ("cron", "due_by", "tries"),
    [
        ("0 5 * * *", time(6, 0), 12),
        ("30 5 * * *", time(6, 0), 6),
        ("0 5 * * *", time(9, 30), 36),
        ("0 7 * * *", time(6, 0), 12),
        ("*/30 * * * *", None, 2),
    ],
)
def test_what_may_pass_is_tried_until_the_copies_are_due(cron: str, due_by: time | None, tries: int) -> None:
    assert retries_until(cron, due_by, run_timeout(cron)) == tries


def test_broken_settings_leave_the_default_times() -> None:
    times = timing("snapshot", None)
    assert times.timetable.expression == "0 5 * * *"
    assert str(times.timetable.timezone) == "Europe/Stockholm"
    assert times.retries == 12


@pytest.mark.parametrize("cron", ["0 5 * * *", "30 2 * * *", "0 0 * * *"])
@pytest.mark.parametrize("first", [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)])
def test_each_local_day_has_one_run_also_when_clocks_change(cron: str, first: datetime) -> None:
    zone = ZoneInfo("Europe/Stockholm")
    timetable = CronTriggerTimetable(cron, timezone="Europe/Stockholm")
    days, last = [], None
    restriction = TimeRestriction(earliest=first, latest=first + timedelta(days=6), catchup=True)
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction):
        days.append(info.logical_date.astimezone(zone).date())
        last = info.data_interval
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert len(days) >= 5
