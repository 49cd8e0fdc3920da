"""When the DAGs run, how long a run may take, and how often a passing fault is tried again.

Everything follows from the settings' cron lines and `due_by`; where the settings are broken, from their defaults.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from airflow.sdk import CronTriggerTimetable
from croniter import croniter
from reservplan.settings import Schedule, Settings

from reservplan_airflow.configuration import settings_or_none

DEFAULT_TIMEZONE = "Europe/Stockholm"
RETRY_DELAY = timedelta(minutes=5)
# Where no due_by limits the retries (by day, by hand): an hour, after which the next run or a person is due.
USUAL_RETRIES = 12
LONGEST_RUN = timedelta(hours=6)
# Local midnight of a day without a clock change; wall-clock gaps are what the cron line says.
_REFERENCE = datetime(2022, 6, 20)  # noqa: DTZ001 - wall clock on purpose
_TICKS_LOOKED_AT = 200


@dataclass(frozen=True)
class Timing:
    """One DAG's times: its timetable, how long a run may take, and the retries of a passing fault."""

    timetable: CronTriggerTimetable
    run_timeout: timedelta
    retries: int


def timing(name: str, settings: Settings | None) -> Timing:
    """The times of a DAG by its name in the settings' `schedule`; defaults where settings is None."""
    schedule = settings.schedule if settings else Schedule()
    cron = getattr(schedule, name)
    due_by = schedule.due_by if name == "snapshot" else None
    return Timing(
        timetable=CronTriggerTimetable(cron, timezone=settings.timezone if settings else DEFAULT_TIMEZONE),
        run_timeout=run_timeout(cron),
        retries=retries_until(cron, due_by, run_timeout(cron)),
    )


def timing_now(name: str) -> Timing:
    """The times of a DAG by the settings as they are; never raises."""
    return timing(name, settings_or_none())


def run_timeout(cron: str) -> timedelta:
    """Nine tenths of the shortest gap between two runs, so that one run ends before the next begins; at most 6 h."""
    ticks = croniter(cron, _REFERENCE)
    times: list[datetime] = [ticks.get_next(datetime) for _ in range(_TICKS_LOOKED_AT)]
    shortest = min(later - earlier for earlier, later in pairwise(times))
    if shortest > timedelta(hours=1):
        # Clocks go forward once a year: only 23 hours lie between two daily runs then.
        shortest = max(shortest - timedelta(hours=1), shortest / 2)
    return min(shortest * 0.9, LONGEST_RUN)


def retries_until(cron: str, due_by: time | None, longest: timedelta) -> int:
    """How many tries of five minutes fit between the day's first tick and `due_by`, and into the run's own time."""
    first: datetime = croniter(cron, _REFERENCE - timedelta(seconds=1)).get_next(datetime)
    minutes_left = 0
    if due_by is not None:
        minutes_left = (due_by.hour - first.hour) * 60 + due_by.minute - first.minute
    wanted = minutes_left // 5 if minutes_left >= 5 else USUAL_RETRIES
    return max(0, min(wanted, int(longest / 2 / RETRY_DELAY)))
