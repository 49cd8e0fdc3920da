"""Times follow from the settings, and from their defaults where the settings are broken."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pendulum
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


@pytest.mark.parametrize(("day", "hours"), [(datetime(2026, 3, 29), 23), (datetime(2026, 10, 25), 25)])  # noqa: DTZ001
@pytest.mark.parametrize(("cron", "gap"), [("*/30 * * * *", timedelta(minutes=30)), ("0 11,16 * * *", None)])
def test_what_runs_often_leaves_no_gap_and_never_comes_twice_when_clocks_change(
    day: datetime, hours: int, cron: str, gap: timedelta | None
) -> None:
    zone = ZoneInfo("Europe/Stockholm")
    # Airflow asks its timetables with instants of pendulum.
    midnight, next_midnight = (
        pendulum.instance(one.replace(tzinfo=zone)).in_timezone("UTC") for one in (day, day + timedelta(days=1))
    )
    assert next_midnight - midnight == timedelta(hours=hours)
    restriction = TimeRestriction(earliest=midnight, latest=next_midnight - timedelta(seconds=1), catchup=True)
    timetable = CronTriggerTimetable(cron, timezone="Europe/Stockholm")
    ticks, last = [], None
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction):
        ticks.append(info.logical_date)
        last = info.data_interval
    if gap is None:
        assert [tick.astimezone(zone).hour for tick in ticks] == [11, 16]
    else:
        assert ticks == [midnight + n * gap for n in range(hours * 2)]
