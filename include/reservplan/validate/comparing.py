"""What can be told of a cell from before: its earlier copy, what it usually has, and what somebody has accepted.

Pure, and without a person: ids are matched here and only counted on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from reservplan.domain.days import ONE_DAY, first_instant
from reservplan.domain.history import EarlierCopy, History
from reservplan.domain.plan import Cell, Plan
from reservplan.domain.usual import Usual, usual_of
from reservplan.memory import give_memory_back
from reservplan.settings import Settings
from reservplan.validate.numbered import numbered

CELL = ["plan_date", "team"]
# An id whose client is another is another visit.
_IN_CELL = [*CELL, "visit_id", "client_id"]
_OF_CLIENT = [*CELL, "client_id"]


@dataclass(frozen=True)
class Compared:
    """One cell against before: `gone` visits of `earlier`, both 0 where there is no earlier copy.

    `empty_hours` are those in which none of the usual `missed_in_hours` visits begins.
    """

    gone: int
    earlier: int
    usual: Usual
    empty_hours: tuple[int, ...]
    missed_in_hours: int


def compare(
    plan: Plan,
    visits: pd.DataFrame,
    facts: pd.DataFrame,
    by_hour: Mapping[Cell, Sequence[int]],
    history: History,
    before: pd.DataFrame | None,
    settings: Settings,
) -> list[Compared]:
    """One for each row of `facts`, in that order; `visits` are the asked cells' planned ones."""
    cells = [Cell(*row) for row in facts[CELL].itertuples(index=False, name=None)]
    limits = settings.thresholds
    active_from = {team.name: team.active_from for team in settings.teams}
    usual = usual_of(cells, history.counts, active_from, settings.holidays, limits.usual_samples)
    matched = {} if before is None else gone_by_cell(before, plan, visits)
    return [
        _compared(cell, now, cancelled, by_hour.get(cell, ()), usual[cell], history.copies.get(cell), matched, settings)
        for cell, now, cancelled in zip(cells, facts["visits"].tolist(), facts["cancelled"].tolist(), strict=True)
    ]


def _compared(
    cell: Cell,
    now: int,
    cancelled: int,
    by_hour: Sequence[int],
    usual: Usual,
    copy: EarlierCopy | None,
    matched: Mapping[Cell, int],
    settings: Settings,
) -> Compared:
    gone = 0
    if copy is not None:
        by_counts = max(0, copy.visits + copy.cancelled - now - cancelled)
        gone = matched.get(cell, by_counts)
    empty = empty_hours(cell, now, by_hour, usual, settings.thresholds.usual_hour_visits, settings.zone)
    return Compared(
        gone=gone,
        earlier=copy.visits if copy else 0,
        usual=usual,
        empty_hours=empty,
        missed_in_hours=round(sum(usual.by_hour[hour] for hour in empty)),
    )


def empty_hours(
    cell: Cell, now: int, by_hour: Sequence[int], usual: Usual, least: int, zone: ZoneInfo
) -> tuple[int, ...]:
    """The hours in which nothing begins though usually at least so many visits do; none on days of clock changes."""
    length = first_instant(cell.plan_date + ONE_DAY, zone).timestamp() - first_instant(cell.plan_date, zone).timestamp()
    if not now or not usual.by_hour or length != timedelta(days=1).total_seconds():
        return ()
    return tuple(hour for hour, usually in enumerate(usual.by_hour) if usually >= least and not by_hour[hour])


def gone_by_cell(before: pd.DataFrame, plan: Plan, visits: pd.DataFrame) -> dict[Cell, int]:
    """How many visits of each earlier copy in `before` are gone: neither there (or cancelled) nor replaced.

    Matched by id; of what is left, as many of a client's as there are new ones of the same client are not gone but
    moved, or have got new ids.
    """
    gone: dict[Cell, int] = {}
    # A day at a time: whoever compares texts copies them.
    for day in before["plan_date"].unique():
        earlier = before[before["plan_date"] == day]
        there = plan.visits.loc[plan.visits["plan_date"] == day, _IN_CELL]
        now = visits.loc[visits["plan_date"] == day, _IN_CELL]
        gone |= _gone_of_day(earlier, there, now)
        give_memory_back()
    return gone


def _gone_of_day(earlier: pd.DataFrame, there: pd.DataFrame, now: pd.DataFrame) -> dict[Cell, int]:
    """The same of one day's rows: of the copy, of the plan whatever their status, and of the plan's planned visits."""
    left = earlier[~_known(earlier, there)].groupby(_OF_CLIENT).size()
    replaced = now[~_known(now, earlier)].groupby(_OF_CLIENT).size().reindex(left.index, fill_value=0)
    gone = (left - replaced).clip(lower=0).groupby(CELL).sum()
    counted = gone.reindex(pd.MultiIndex.from_frame(earlier[CELL].drop_duplicates()), fill_value=0)
    return {Cell(*key): int(number) for key, number in zip(counted.index.to_list(), counted.to_list(), strict=True)}


def _known(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """Whether each row's id is among the others' of the same cell, with the same client."""
    own, theirs = numbered(_IN_CELL, rows, others)
    return (rows["visit_id"] != "") & np.isin(own, theirs)


def hours_of(visits: pd.DataFrame) -> dict[Cell, tuple[int, ...]]:
    """How many visits begin in each of 24 local hours, by cell; both two-o'clock hours of autumn are one."""
    hours = visits["start"].dt.hour
    counted = visits.groupby([visits["plan_date"], visits["team"], hours]).size().unstack(fill_value=0)
    counted = counted.reindex(columns=range(24), fill_value=0)
    return {Cell(*key): tuple(map(int, row)) for key, row in zip(counted.index, counted.to_numpy(), strict=True)}
