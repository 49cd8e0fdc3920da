"""A plan as files, and back: its frames as parquet, which keeps types and time zones, the rest as JSON."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from reservplan.domain.days import ONE_DAY, first_instant
from reservplan.domain.plan import Cell, CellSource, Plan, Unreadable

if TYPE_CHECKING:
    import pandas as pd

PLAN_FILES = VISITS, SHIFTS, BESIDES = "visits.parquet", "shifts.parquet", "plan.json"
_PERSON = ["team", "employee_id"]


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

    Papers repeat the next day's visits in a night that has begun, with all who share them. Verdicts ask of whoever has
    a visit that day where else they are meanwhile, and whether they have any shift at all.
    """
    return replace(
        plan,
        visits=_visits_for(plan, plan_date, zone).reset_index(drop=True),
        shifts=_shifts_for(plan, plan_date, zone).reset_index(drop=True),
        unreadable=tuple(row for row in plan.unreadable if row.plan_date in (None, plan_date)),
        sources={cell: source for cell, source in plan.sources.items() if cell.plan_date == plan_date},
        # It may be a path, which is nobody's business after the run.
        label=PurePath(plan.label).name,
    )


def _visits_for(plan: Plan, plan_date: date, zone: ZoneInfo) -> "pd.DataFrame":
    visits, shifts = plan.visits, plan.shifts
    today, tomorrow = visits["plan_date"] == plan_date, visits["plan_date"] == plan_date + ONE_DAY
    ends = first_instant(plan_date + ONE_DAY, zone)
    nights = shifts[(shifts["plan_date"] == plan_date) & (shifts["end"] > ends)].groupby("team")["end"].max()
    # Not `map`, which makes numbers of no nights at all.
    night_ends = nights.reindex(visits["team"]).set_axis(visits.index)
    repeated = tomorrow & (visits["start"] < night_ends)
    shared = visits.loc[repeated, "double_staffing_id"]
    together = tomorrow & visits["double_staffing_id"].isin(shared[shared != ""])
    of_today = visits[today]
    # By instants, not by days: a row may stand on another day than the one on which it begins.
    meanwhile = (visits["end"] > of_today["start"].min()) & (visits["start"] <= of_today["start"].max())
    elsewhere = ~today & meanwhile & (visits["employee_id"] != "") & _is_of(visits, of_today)
    return cast("pd.DataFrame", visits[today | repeated | together | elsewhere])


def _shifts_for(plan: Plan, plan_date: date, zone: ZoneInfo) -> "pd.DataFrame":
    shifts = plan.shifts
    visits = plan.visits[plan.visits["plan_date"] == plan_date]
    today, yesterday = shifts["plan_date"] == plan_date, shifts["plan_date"] == plan_date - ONE_DAY
    passing = yesterday & (shifts["end"] > first_instant(plan_date, zone))
    at_work = _is_of(shifts, visits)
    around = at_work & (shifts["start"] <= visits["start"].max()) & (shifts["end"] >= visits["end"].min())
    kept = today | passing | around
    # One of another day says that somebody's shifts are known: a coming day's first, for past ones go sooner.
    others = shifts[at_work & ~_is_of(shifts, shifts[kept])]
    days = others["plan_date"].map(lambda day: (day < plan_date, abs(day - plan_date)))
    one_each = others.loc[days.sort_values(kind="stable").index].drop_duplicates(_PERSON)
    return cast("pd.DataFrame", shifts[kept | shifts.index.isin(one_each.index)])


def _is_of(rows: "pd.DataFrame", people: "pd.DataFrame") -> "pd.Series":
    """Which rows are of somebody who stands among `people`."""
    import pandas as pd

    known = pd.MultiIndex.from_frame(people[_PERSON])
    return pd.Series(pd.MultiIndex.from_frame(rows[_PERSON]).isin(known), index=rows.index)
