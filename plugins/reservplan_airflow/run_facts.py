"""What Airflow knows of the runs that save copies: whether one is at work, and why the day's has not come.

It is for the words of an alert, and for not asking twice; what lies on the stores is never told from it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from reservplan.settings import Settings

SNAPSHOT, REFRESH = "reservplan_snapshot", "reservplan_refresh"
# The rarest schedule that is looked for is one of once a month.
LONGEST_PAUSE = timedelta(days=32)


def snapshot_active(ti: Any) -> bool:
    """Whether a run that saves copies is at work, or waits for it."""
    return any(_count(ti, dag_id, ("running", "queued")) for dag_id in (SNAPSHOT, REFRESH))


def why_not_saved(ti: Any, settings: Settings, now: datetime) -> str:
    """Why the day's snapshot has saved nothing, as far as Airflow can say; empty where it went well or was not due.

    `paused`, `running` (it hangs, or waits), `queued` (nobody takes it), `never` (no run was made), `failed`.
    """
    from reservplan.domain.days import local_day
    from reservplan.watch.expected import fires

    if ti.get_dag(SNAPSHOT).is_paused:
        return "paused"
    for state in ("running", "queued"):
        if _count(ti, SNAPSHOT, (state,)):
            return state
    ticks = list(fires(settings.schedule.snapshot, local_day(now - LONGEST_PAUSE, settings.zone), now, settings.zone))
    if not ticks:
        return ""
    if not _count(ti, SNAPSHOT, (), at=ticks[-1]):
        return "never"
    return "failed" if _count(ti, SNAPSHOT, ("failed",), at=ticks[-1]) else ""


def _count(ti: Any, dag_id: str, states: Sequence[str], at: datetime | None = None) -> int:
    # A list that is empty would be none at all to Airflow, and count every run.
    return int(ti.get_dr_count(dag_id, logical_dates=[at] if at else None, states=list(states) or None))
