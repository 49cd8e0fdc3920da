"""What can be told of a cell from before: its earlier copy, what it usually has, and what somebody has accepted.

Pure, and without a person: ids are matched here and only counted on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from reservplan.domain.days import ONE_DAY, first_instant
from reservplan.domain.history import EarlierCopy, History
from reservplan.domain.plan import Cell, Plan, Status
from reservplan.domain.usual import Usual, usual_of
from reservplan.memory import give_memory_back
from reservplan.settings import Settings
from reservplan.validate.numbered import numbered

CELL = ["plan_date", "team"]
# An id whose client is another is another visit.
_IN_CELL = [*CELL, "visit_id", "client_id"]
_OF_CLIENT = [*CELL, "client_id"]
_IN_TIME = [*CELL, "start", "end"]


class Met(NamedTuple):
    """What has become of `earlier` visits: gone, no longer protected, `shifted` all by `shifted_by` minutes."""

    earlier: int
    gone: int
    unprotected: int = 0
    shifted: int = 0
    shifted_by: int = 0


@dataclass(frozen=True)
class Compared:
    """One cell against before: what has become of the `earlier` visits, all 0 where there is no earlier copy.

    `empty_hours` are those in which none of the usual `missed_in_hours` visits begins.
    """

    met: Met
    earlier: int
    usual: Usual
    empty_hours: tuple[int, ...]
    missed_in_hours: int


def compare(
    plan: Plan,
    facts: pd.DataFrame,
    by_hour: Mapping[Cell, Sequence[int]],
    history: History,
    before: pd.DataFrame | None,
    settings: Settings,
) -> list[Compared]:
    """One for each row of `facts`, in that order."""
    cells = [Cell(*row) for row in facts[CELL].itertuples(index=False, name=None)]
    limits = settings.thresholds
    active_from = {team.name: team.active_from for team in settings.teams}
    usual = usual_of(cells, history.counts, active_from, settings.holidays, limits.usual_samples)
    met = {} if before is None else met_by_cell(before, plan)
    return [
        _compared(cell, now, cancelled, by_hour.get(cell, ()), usual[cell], history.copies.get(cell), met, settings)
        for cell, now, cancelled in zip(cells, facts["visits"].tolist(), facts["cancelled"].tolist(), strict=True)
    ]


def _compared(
    cell: Cell,
    now: int,
    cancelled: int,
    by_hour: Sequence[int],
    usual: Usual,
    copy: EarlierCopy | None,
    met: Mapping[Cell, Met],
    settings: Settings,
) -> Compared:
    if copy is None:
        became = Met(earlier=0, gone=0)
    else:
        by_counts = max(0, copy.visits + copy.cancelled - now - cancelled)
        became = met.get(cell, Met(earlier=copy.visits, gone=by_counts))
    empty = empty_hours(cell, now, by_hour, usual, settings.thresholds.usual_hour_visits, settings.zone)
    return Compared(
        met=became,
        earlier=became.earlier,
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


def met_by_cell(before: pd.DataFrame, plan: Plan) -> dict[Cell, Met]:
    """What has become of the visits of each earlier copy in `before`."""
    met: dict[Cell, Met] = {}
    # A day at a time: whoever compares texts copies them.
    for day in before["plan_date"].unique():
        earlier = before[before["plan_date"] == day]
        there = plan.visits.loc[plan.visits["plan_date"] == day, [*_IN_CELL, "start", "end", "protected", "status"]]
        met |= _met_on_day(earlier, there)
        give_memory_back()
    return met


def _met_on_day(earlier: pd.DataFrame, there: pd.DataFrame) -> dict[Cell, Met]:
    """The same of one day's rows: of the copy, and of the plan whatever their status."""
    own, theirs = numbered(_IN_CELL, earlier, there)
    planned = there["status"] == Status.PLANNED.value
    named = earlier["visit_id"] != ""
    left = earlier[~(named & np.isin(own, theirs))]
    new = there[planned & ~((there["visit_id"] != "") & np.isin(theirs, own))]
    gone, unprotected = _gone(left, new), _unprotected(left, new)
    shifted = _shifted(earlier[named], own[named], there.loc[planned, "start"], theirs[planned])
    there_were = earlier.groupby(CELL).size()
    return {
        Cell(*key): Met(int(many), int(gone.get(key, 0)), int(unprotected.get(key, 0)), *shifted.get(key, (0, 0)))
        for key, many in zip(there_were.index, there_were, strict=True)
    }


def _gone(left: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """How many visits of each cell are neither there (or cancelled) nor replaced.

    Of what is `left`, as many of a client's as there are `new` ones of the same client are not gone but moved, or have
    got new ids.
    """
    lost = left.groupby(_OF_CLIENT).size()
    replaced = new.groupby(_OF_CLIENT).size().reindex(lost.index, fill_value=0)
    return (lost - replaced).clip(lower=0).groupby(CELL).sum()


def _unprotected(left: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """How many protected visits of each cell seem to have got a name; their ids are stand-ins, so times must tell."""
    hidden = left[left["protected"]]
    at, times = numbered(_IN_TIME, hidden, new[~new["protected"]])
    return hidden[np.isin(at, times)].groupby(CELL).size()


def _shifted(
    earlier: pd.DataFrame, own: np.ndarray, starts: pd.Series, planned: np.ndarray
) -> dict[tuple[Any, ...], tuple[int, int]]:
    """By cell: how many visits that are met again begin by the same span later, the commonest, and it in minutes."""
    first = ~pd.Index(planned).duplicated()
    at = pd.Index(planned[first]).get_indexer(own)
    again = earlier.loc[at >= 0, [*CELL, "start"]].reset_index(drop=True)
    span = starts[first].iloc[at[at >= 0]].reset_index(drop=True) - again["start"]
    sizes = again.assign(span=span)[span != timedelta(0)].groupby([*CELL, "span"]).size()
    shifted: dict[tuple[Any, ...], tuple[int, int]] = {}
    for (day, team, later), count in sizes.items():
        minutes = round(later / timedelta(minutes=1))
        shifted[day, team] = max(shifted.get((day, team), (0, 0)), (int(count), minutes))
    return shifted


def hours_of(visits: pd.DataFrame) -> dict[Cell, tuple[int, ...]]:
    """How many visits begin in each of 24 local hours, by cell; both two-o'clock hours of autumn are one."""
    hours = visits["start"].dt.hour
    counted = visits.groupby([visits["plan_date"], visits["team"], hours]).size().unstack(fill_value=0)
    counted = counted.reindex(columns=range(24), fill_value=0)
    return {Cell(*key): tuple(map(int, row)) for key, row in zip(counted.index, counted.to_numpy(), strict=True)}
