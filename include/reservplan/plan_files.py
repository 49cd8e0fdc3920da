"""A plan as files, and back: its frames as parquet, which keeps types and time zones, the rest as JSON."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from reservplan.domain.days import ONE_DAY, first_instant
from reservplan.domain.plan import Cell, CellSource, Plan, Unreadable

if TYPE_CHECKING:
    import pandas as pd

PLAN_FILES = VISITS, SHIFTS, BESIDES = "visits.parquet", "shifts.parquet", "plan.json"


@dataclass(frozen=True)
class _BesidesFrames:
    """What a plan holds beside its frames."""

    unreadable: tuple[Unreadable, ...]
    sources: list[tuple[Cell, CellSource]]
    read_at: datetime
    label: str
    unknown_teams: tuple[str, ...]
    too_old: str


_BESIDES = TypeAdapter(_BesidesFrames)


def plan_to_files(plan: Plan) -> dict[str, bytes]:
    """The plan's files by name."""
    besides = _BesidesFrames(
        plan.unreadable, list(plan.sources.items()), plan.read_at, plan.label, plan.unknown_teams, plan.too_old
    )
    return {
        VISITS: _to_parquet(plan.visits),
        SHIFTS: _to_parquet(plan.shifts),
        BESIDES: _BESIDES.dump_json(besides),
    }


def plan_from_files(files: Mapping[str, bytes]) -> Plan:
    """The plan, equal to the one that was put into files."""
    import pandas as pd

    besides = _BESIDES.validate_json(files[BESIDES])
    return Plan(
        visits=pd.read_parquet(io.BytesIO(files[VISITS])),
        shifts=pd.read_parquet(io.BytesIO(files[SHIFTS])),
        unreadable=besides.unreadable,
        sources=dict(besides.sources),
        read_at=besides.read_at,
        label=besides.label,
        unknown_teams=besides.unknown_teams,
        too_old=besides.too_old,
    )


def _to_parquet(frame: "pd.DataFrame") -> bytes:
    target = io.BytesIO()
    frame.to_parquet(target, index=False)
    return target.getvalue()


def plan_of_day(plan: Plan, plan_date: date, zone: ZoneInfo) -> Plan:
    """The plan as far as one day's papers and verdicts need it, and no farther: days are kept and removed one by one.

    Of the day before: visits that end in it and shifts that pass midnight; of the day after: visits in a night that has
    begun, with all who share them. Shifts of both besides, of whoever has a visit that day.
    """
    begins, ends = first_instant(plan_date, zone), first_instant(plan_date + ONE_DAY, zone)
    visits, shifts = plan.visits, plan.shifts
    before, after = visits["plan_date"] == plan_date - ONE_DAY, visits["plan_date"] == plan_date + ONE_DAY
    today = visits["plan_date"] == plan_date
    nights = shifts.loc[(shifts["plan_date"] == plan_date) & (shifts["end"] > ends), "end"]
    in_a_night = after & (visits["start"] < (nights.max() if len(nights) else ends))
    shared = visits.loc[in_a_night, "double_staffing_id"]
    together = after & visits["double_staffing_id"].isin(shared[shared != ""])
    kept = visits[today | (before & (visits["end"] > begins)) | in_a_night | together]
    at_work = visits.loc[today & (visits["employee_id"] != ""), "employee_id"]
    of_today = shifts["plan_date"] == plan_date
    passing = (shifts["plan_date"] == plan_date - ONE_DAY) & (shifts["end"] > begins)
    near = shifts["plan_date"].isin([plan_date - ONE_DAY, plan_date + ONE_DAY])
    return replace(
        plan,
        visits=kept.reset_index(drop=True),
        shifts=shifts[of_today | passing | (near & shifts["employee_id"].isin(at_work))].reset_index(drop=True),
        unreadable=tuple(row for row in plan.unreadable if row.plan_date in (None, plan_date)),
        sources={cell: source for cell, source in plan.sources.items() if cell.plan_date == plan_date},
    )
