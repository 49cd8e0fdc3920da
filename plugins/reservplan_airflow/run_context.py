"""From an Airflow run to a request of the product; the only place that derives days from a run.

`today` is fixed once, by the run's first task, and travels with the request: a run across midnight, or one whose last
task is tried again the next morning, stays one day's run. `ds` is never used: it is the day in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from reservplan.domain.days import Window, local_day
from reservplan.domain.errors import RequestRefused
from reservplan.domain.manifest import HEALING_PREFIX, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from reservplan.domain.plan import Cell
    from reservplan.settings import Settings
    from reservplan.snapshot import SnapshotRequest


DAG_PREFIX = "reservplan_"
UNENDED = ("queued", "running")


def snapshot_request(dag_run: Any, params: Mapping[str, Any], settings: Settings, now: datetime) -> SnapshotRequest:
    """What a run of snapshot or refresh is asked to do.

    A backfill, or a run whose logical date lies in the past, captures that local day only; any other run captures
    today and the days ahead, or the days that the form names.

    Raises:
        RequestRefused: days that make no sense, or are not kept.
    """
    from reservplan.snapshot import SnapshotRequest, asked_days

    today = local_day(now, settings.zone)
    window = Window(today, settings.window.days_back, settings.window.days_ahead)
    origin = origin_of(dag_run)
    first, last = _asked_day(params, "date_from"), _asked_day(params, "date_to")
    cells = _asked_cells(params, settings, window)
    if cells and (first or last or params.get("teams") or origin is Origin.BACKFILL):
        raise RequestRefused(
            "Single copies were asked for along with days or groups.", do="Leave either of them empty."
        )
    if origin is Origin.BACKFILL and (first or last):
        raise RequestRefused(
            "A backfill was given days of its own in date_from or date_to.",
            do="Leave them empty: each run of a backfill captures its own day.",
        )
    if not first and not last:
        first = min(day_of_run(dag_run, settings.zone) or today, today)
    return SnapshotRequest(
        # Two DAGs may start in the same second: the id names the DAG too, for staging and for intents on the store.
        run_id=f"{dag_run.dag_id.removeprefix(DAG_PREFIX)}__{dag_run.run_id}",
        today=today,
        started_at=now.astimezone(UTC),
        plan_dates=tuple(sorted({cell.plan_date for cell in cells})) or asked_days(first, last, window),
        teams=tuple(params.get("teams") or ()),
        cells=cells,
        origin=origin,
        force=bool(params.get("force")),
        from_archive=bool(params.get("from_archive")),
    )


def has_ended(run_id: str, ti: Any) -> bool:
    """Whether the run of a request's id is over, or is not known any more; `ti` asks Airflow."""
    name, _, of_dag = run_id.partition("__")
    return bool(ti.get_dr_count(dag_id=DAG_PREFIX + name, run_ids=[of_dag], states=list(UNENDED)) == 0)


def is_healing(run_id: str) -> bool:
    """Whether the watch asked for the run, which is about a few cells: it counts the tries, and tells."""
    return run_id.startswith(HEALING_PREFIX)


def day_of_run(dag_run: Any, zone: ZoneInfo) -> date | None:
    """The local day that a run stands for: that of its logical date; None where a run by hand has none."""
    return local_day(dag_run.logical_date, zone) if dag_run.logical_date else None


def origin_of(dag_run: Any) -> Origin:
    """What asked for the copies, by the type of the run, or by its id where the watch has asked."""
    run_type = getattr(dag_run.run_type, "value", dag_run.run_type)
    if run_type == "backfill":
        return Origin.BACKFILL
    if is_healing(dag_run.run_id):
        return Origin.HEALING
    if run_type != "scheduled":
        return Origin.MANUAL
    return Origin.REFRESH if dag_run.dag_id == "reservplan_refresh" else Origin.SCHEDULED


def as_passed_on(request: SnapshotRequest, params: Mapping[str, Any]) -> dict[str, Any]:
    """A request as it goes from task to task: single copies stand in it as short as they were asked for."""
    return {**request.model_dump(mode="json", exclude={"cells"}), "cells": list(params.get("cells") or ())}


def request_passed_on(passed: Mapping[str, Any], settings: Settings) -> SnapshotRequest:
    """The request that `as_passed_on` made short."""
    from reservplan.snapshot import SnapshotRequest

    today = date.fromisoformat(passed["today"])
    window = Window(today, settings.window.days_back, settings.window.days_ahead)
    return SnapshotRequest.model_validate({**passed, "cells": _asked_cells(passed, settings, window)})


def _asked_cells(params: Mapping[str, Any], settings: Settings, window: Window) -> tuple[Cell, ...]:
    if not params.get("cells"):
        return ()
    from reservplan.watch.healing import cells_of

    return cells_of(params["cells"], settings, window)


def _asked_day(params: Mapping[str, Any], name: str) -> date | None:
    value = params.get(name)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RequestRefused(f"{name} is no date.", do="Write it as 2026-11-22, and trigger it again.") from None
