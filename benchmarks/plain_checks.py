"""The checks of `reservplan.validate` as somebody would write them with pandas alone: a frame in, verdicts out.

No named expectations, no words, no counts in reasons; nothing is kept from a person's name but by luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import holidays
import numpy as np
import pandas as pd
from reservplan.domain.plan import Cell

if TYPE_CHECKING:
    from benchmarks.many_groups import Given

CELL = ["plan_date", "team"]
PERSON = ["team", "employee_id"]
ID = [*CELL, "visit_id", "client_id"]
DOUBLE = [*CELL, "double_staffing_id"]
HOURS = [f"h{n}" for n in range(24)]
INCOMPLETE = [
    "no_visits", "rows_unreadable_many", "visits_gone_many", "times_shifted", "unprotected", "in_two_places_many",
    "far_fewer_than_usual", "far_more_than_usual",
]  # fmt: skip


@dataclass(frozen=True)
class Remembered:
    """What the stores know, as frames: `counts` with `h0` … `h23` for the hours, `copies` of the asked cells."""

    counts: pd.DataFrame
    copies: pd.DataFrame


def checked(given: "Given", cells: Sequence[Cell], remembered: Remembered) -> dict[str, list[Any]]:
    """Verdict and codes of every cell, as `benchmarks.many_groups` compares them."""
    plan, limits = given.plan, given.settings.thresholds
    index = pd.MultiIndex.from_tuples(cells, names=CELL)
    asked = plan.visits[plan.visits.set_index(CELL).index.isin(index)]
    visits = asked[asked["status"] == "planned"]

    def count(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby(CELL).size().reindex(index, fill_value=0)

    total = count(visits)
    broken = pd.DataFrame(index=index)
    unreadable = pd.DataFrame([(row.plan_date, row.team) for row in plan.unreadable], columns=CELL)
    faulty = count(visits[_is_faulty(visits, limits.longest_visit_hours)]) + count(unreadable)
    few = (total * limits.unreadable_rows_share).clip(lower=1)
    closed = [(team := given.settings.team(cell.team)) is not None and team.closed_on(cell.plan_date) for cell in cells]
    broken["no_visits"] = (total == 0) & ~np.array(closed)
    broken["rows_unreadable"] = (faulty > 0) & (faulty <= few)
    broken["rows_unreadable_many"] = faulty > few
    known = [team.name for team in given.settings.teams]
    copies = remembered.copies.set_index(CELL).reindex(index, fill_value=0)
    cancelled = count(asked[asked["status"] == "cancelled"])
    gone = (copies["visits"] + copies["cancelled"] - total - cancelled).clip(lower=0)
    gone = _gone(given.before, asked, visits).reindex(index).fillna(gone).where(copies["visits"] > 0, 0)
    broken["visits_gone_many"] = (total > 0) & (gone > copies["visits"] * limits.gone_incomplete_share)
    some = (total > 0) & (gone > (copies["visits"] * limits.gone_remark_share).clip(lower=limits.gone_remark_visits))
    shifted = _shifted(given.before, visits).reindex(index, fill_value=0)
    copied = copies["visits"] > 0
    broken["times_shifted"] = copied & (shifted > copies["visits"] * limits.times_shifted_share)
    broken["unprotected"] = copied & (_unprotected(given.before, visits).reindex(index, fill_value=0) > 0)
    broken["visits_gone"] = some & ~broken["visits_gone_many"]
    usual = _usual(remembered.counts, index, given.settings.holidays)
    tells, median = usual["samples"] >= limits.usual_samples, usual["visits"]
    broken["far_fewer_than_usual"] = (total > 0) & (total < median * limits.usual_incomplete_below) & tells
    fewer = (total > 0) & (total < median * limits.usual_remark_below)
    broken["fewer_than_usual"] = fewer & ~broken["far_fewer_than_usual"]
    many = (median > 0) & (total - median > limits.gone_remark_visits)
    broken["far_more_than_usual"] = many & (total > median * limits.usual_incomplete_above) & tells
    more = many & (total > median * limits.usual_remark_above)
    broken["more_than_usual"] = more & ~broken["far_more_than_usual"]
    by_hour = visits.groupby([*CELL, visits["start"].dt.hour]).size().unstack(fill_value=0)
    by_hour = by_hour.reindex(index=index, columns=range(24), fill_value=0).set_axis(HOURS, axis=1)
    empty = (usual[HOURS] >= limits.usual_hour_visits) & (by_hour == 0)
    broken["hours_empty"] = empty.any(axis=1) & (total > 0) & tells
    broken["unknown_team"] = ~index.get_level_values("team").isin(known)
    broken["unassigned_many"] = count(visits[visits["employee_id"] == ""]) > total * limits.unassigned_share
    broken["staffed_alone"] = _staffed_alone(visits).reindex(index, fill_value=False)
    in_two_places = count(_in_two_places(visits))
    most = (total * limits.in_two_places_share).clip(lower=limits.gone_remark_visits)
    broken["in_two_places_many"] = in_two_places > most
    broken["in_two_places"] = (in_two_places > 0) & ~broken["in_two_places_many"]
    broken["outside_shift"] = count(_outside_shift(visits, plan.shifts)) > 0
    for name in sorted({name for source in plan.sources.values() for name in source.counts}):
        broken[name] = [plan.sources[cell].counts.get(name, 0) > 0 for cell in cells]
    return _verdicts(broken, cells)


def _gone(before: pd.DataFrame, asked: pd.DataFrame, visits: pd.DataFrame) -> pd.Series:
    """Of each copy's visits those that are no more, less the client's new ones; absent where the copy is not known."""
    known = before.merge(asked[ID], how="left", on=ID, indicator=True)
    lost = known[known["_merge"] == "left_only"].groupby([*CELL, "client_id"]).size()
    fresh = visits[ID].merge(before[ID], how="left", on=ID, indicator=True)
    new = fresh[fresh["_merge"] == "left_only"].groupby([*CELL, "client_id"]).size()
    gone = (lost - new.reindex(lost.index, fill_value=0)).clip(lower=0).groupby(CELL).sum()
    return gone.reindex(pd.MultiIndex.from_frame(before[CELL].drop_duplicates()), fill_value=0)


def _shifted(before: pd.DataFrame, visits: pd.DataFrame) -> pd.Series:
    """How many visits of each cell have moved by the span by which most have."""
    both = before.merge(visits[[*ID, "start"]], on=ID, suffixes=("", "_now"))
    span = both["start_now"] - both["start"]
    return both[span != pd.Timedelta(0)].groupby([*CELL, span]).size().groupby(CELL).max()


def _unprotected(before: pd.DataFrame, visits: pd.DataFrame) -> pd.Series:
    """Protected visits that are gone, and another begins and ends when they did, of somebody who is not protected."""
    hidden = before[before["protected"]].merge(visits[ID], how="left", on=ID, indicator=True)
    fresh = visits.merge(before[ID], how="left", on=ID, indicator=True)
    fresh = fresh[(fresh["_merge"] == "left_only") & ~fresh["protected"]]
    times = [*CELL, "start", "end"]
    met = hidden[hidden["_merge"] == "left_only"].drop(columns="_merge").merge(fresh[times].drop_duplicates(), on=times)
    return met.groupby(CELL).size()


def _usual(counts: pd.DataFrame, index: pd.MultiIndex, country: str) -> pd.DataFrame:
    """The median of what each cell's group had on such days before, of the day and of each hour, and of how many."""
    free = holidays.country_holidays(country, years=range(2025, 2028), categories=("public", "de_facto"))

    def kinds(days: pd.Series) -> list[int]:
        return [6 if day in free else day.weekday() for day in days]

    earlier = counts[counts["verdict"] != "incomplete"].rename(columns={"plan_date": "day"})
    earlier = earlier.assign(kind=kinds(earlier["day"]))
    cells = index.to_frame(index=False)
    pairs = cells.assign(kind=kinds(cells["plan_date"])).merge(earlier, on=["team", "kind"])
    grouped = pairs[pairs["day"] < pairs["plan_date"]].groupby(CELL)
    usual = grouped[["visits", *HOURS]].median()
    return usual.assign(samples=grouped.size()).reindex(index).fillna(0)


def _is_faulty(visits: pd.DataFrame, longest_hours: float) -> pd.Series:
    length = visits["end"] - visits["start"]
    faulty: pd.Series = (
        (visits["visit_id"] == "")
        | visits.duplicated(["plan_date", "visit_id"])
        | (visits["client_id"] == "")
        | (visits["client_name"] == "")
        | visits["start"].isna()
        | visits["end"].isna()
        | (length < pd.Timedelta(minutes=1))
        | (length > pd.Timedelta(hours=longest_hours))
        | (visits["start"].dt.date != visits["plan_date"])
    )
    return faulty


def _in_two_places(visits: pd.DataFrame) -> pd.DataFrame:
    work = visits[visits["employee_id"] != ""].sort_values([*PERSON, "start", "end"])
    until = work.groupby(PERSON)["end"].cummax()
    return work[work["start"] < until.groupby([work[key] for key in PERSON]).shift()]


def _outside_shift(visits: pd.DataFrame, shifts: pd.DataFrame) -> pd.DataFrame:
    pairs = visits.reset_index(names="row")[["row", *PERSON, "start", "end"]].merge(
        shifts[[*PERSON, "start", "end"]], on=PERSON, suffixes=("", "_of_shift")
    )
    inside = pairs[(pairs["start"] >= pairs["start_of_shift"]) & (pairs["end"] <= pairs["end_of_shift"])]
    return visits[visits.index.isin(pairs["row"]) & ~visits.index.isin(inside["row"])]


def _staffed_alone(visits: pd.DataFrame) -> pd.Series:
    double = visits[visits["double_staffing_id"] != ""].sort_values([*DOUBLE, "start", "end"])
    before = double.groupby(DOUBLE)
    until = before["end"].cummax().groupby([double[key] for key in DOUBLE]).shift()
    double["met"] = (
        (double["start"] < until)
        & (double["employee_id"] != before["employee_id"].shift())
        & (double["employee_id"] != "")
    )
    return ~double.groupby(DOUBLE)["met"].any().groupby(CELL).all()


def _verdicts(broken: pd.DataFrame, cells: Sequence[Cell]) -> dict[str, list[Any]]:
    codes = broken.columns.to_numpy()
    verdicts = {}
    for cell, row in zip(cells, broken.to_numpy(dtype=bool), strict=True):
        found = sorted(codes[row])
        worst = "incomplete" if set(found) & set(INCOMPLETE) else "remarks" if found else "complete"
        verdicts[str(cell)] = [worst, found]
    return verdicts
