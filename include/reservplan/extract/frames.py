"""From readings to the two typed frames of the plan: whitelist, types, unique ids, shifts derived from visits."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from reservplan.domain.plan import SHIFT_COLUMNS, VISIT_COLUMNS, Status
from reservplan.extract.pseudonyms import digest_id
from reservplan.extract.rows import Reading

# Two visits of one person further apart are two shifts: a split day (7–11 and 16–21) is one, two nights are not.
SHIFT_GAP_HOURS = 8


def visit_frame(readings: Sequence[Reading], zone_name: str) -> pd.DataFrame:
    """All readings as one frame with exactly the columns and types of the plan; their columns of text are used up.

    Ids are made where there are none, rows that are there twice are kept once, and an id that two different rows of a
    day share is changed on the later one; the readings' counts say so.
    """
    frame = _frame(readings, VISIT_COLUMNS, zone_name)
    owners = np.repeat(np.arange(len(readings)), [len(r.plan_dates) for r in readings])
    _give_visit_ids(frame)
    frame, owners = _without_copies(frame, owners, readings)
    _part_equal_ids(frame, owners, readings)
    return frame


def shift_frame(readings: Sequence[Reading], zone_name: str) -> pd.DataFrame:
    """The shifts of a table of their own; the readings' columns of text are used up."""
    return _frame(readings, SHIFT_COLUMNS, zone_name)


def _frame(readings: Sequence[Reading], types: dict[str, str], zone_name: str) -> pd.DataFrame:
    def joined(part: Callable[[Reading], Sequence[Any]]) -> list[Any]:
        return list(chain.from_iterable(map(part, readings)))

    special = {
        "plan_date": lambda: pd.Series(joined(lambda r: r.plan_dates), dtype=object),
        "team": lambda: pd.Series(joined(lambda r: r.teams_of_rows), dtype="str"),
        "start": lambda: _instants(joined(lambda r: r.starts), zone_name),
        "end": lambda: _instants(joined(lambda r: r.ends), zone_name),
        "protected": lambda: pd.Series(joined(lambda r: r.protected), dtype=bool),
        "employee_protected": lambda: pd.Series(joined(lambda r: r.employee_protected), dtype=bool),
    }

    def text(name: str) -> pd.Series:
        # Taken out: else the texts are there twice when the last column is made.
        return pd.Series(joined(lambda r: r.columns.pop(name)), dtype="str")

    return pd.DataFrame({name: special[name]() if name in special else text(name) for name in types})


def _instants(microseconds: Sequence[int], zone_name: str) -> pd.Series:
    utc = pd.DatetimeIndex(np.array(microseconds, dtype="datetime64[us]"), tz="UTC")
    return pd.Series(utc.tz_convert(zone_name))


def _give_visit_ids(frame: pd.DataFrame) -> None:
    """Ids where the source gives none: stable as long as group, day, client, start and employee are.

    Equal rows with an employee get the same id (they are one visit written twice); equal rows without one may be a
    double staffing that nobody has yet, and those of protected clients of whom nothing is known may be two clients:
    they are numbered.
    """
    without = (frame["visit_id"] == "").to_numpy()
    if not without.any():
        return
    rows = frame[without]
    # An other row has no client: what it is tells it from the next.
    who = rows["client_id"].where(rows["client_id"] != "", rows["activities"])
    starts = rows["start"].dt.tz_convert("UTC").dt.tz_localize(None).astype("int64").astype(str)
    bases = list(zip(rows["team"], rows["plan_date"].astype(str), who, starts, rows["employee_id"], strict=True))
    numbers = _numbers_of_equals(rows, bases)
    frame.loc[without, "visit_id"] = [
        digest_id("v", *base, str(number)) for base, number in zip(bases, numbers, strict=True)
    ]


def _numbers_of_equals(rows: pd.DataFrame, bases: Sequence[tuple[str, ...]]) -> list[int]:
    """0 for a row that is alone with its base, else its number among them; a copy has its original's number."""
    often = Counter(bases)
    anonymous = set(np.flatnonzero(rows["protected"] & (rows["client_id"] == "")))
    seen: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    numbers = []
    for n, base in enumerate(bases):
        number = 0
        if often[base] > 1:
            before = seen.setdefault(base, [])
            whole = tuple(rows.iloc[n])
            is_sure = base[-1] and n not in anonymous
            number = before.index(whole) if is_sure and whole in before else len(before)
            before.append(whole)
        numbers.append(number)
    return numbers


def _without_copies(
    frame: pd.DataFrame, owners: np.ndarray, readings: Sequence[Reading]
) -> tuple[pd.DataFrame, np.ndarray]:
    doubled = frame["visit_id"].duplicated(keep=False)
    if not doubled.any():
        return frame, owners
    copies = frame[doubled].duplicated(keep="first")
    dropped = copies.index[copies]
    _count(frame.loc[dropped], owners[dropped], readings, "duplicates")
    kept = ~frame.index.isin(dropped)
    return frame[kept].reset_index(drop=True), owners[kept]


def _part_equal_ids(frame: pd.DataFrame, owners: np.ndarray, readings: Sequence[Reading]) -> None:
    later = frame.duplicated(["plan_date", "visit_id"], keep="first")
    if not later.any():
        return
    at = frame.index[later]
    taken = set(zip(frame["plan_date"], frame["visit_id"], strict=True))
    for n in at:
        day, given = frame.at[n, "plan_date"], str(frame.at[n, "visit_id"])
        number = 2
        while (day, f"{given}-{number}") in taken:
            number += 1
        taken.add((day, f"{given}-{number}"))
        frame.at[n, "visit_id"] = f"{given}-{number}"
    _count(frame.loc[at], owners[at], readings, "duplicate_id")


def _count(rows: pd.DataFrame, owners: np.ndarray, readings: Sequence[Reading], what: str) -> None:
    for owner, day, team in zip(owners, rows["plan_date"], rows["team"], strict=True):
        readings[owner].count_cell(day, team, what)


def shifts_from_visits(visits: pd.DataFrame) -> pd.DataFrame:
    """A shift for each unbroken stretch of an employee's work, on the day on which it begins."""
    is_work = (visits["employee_id"] != "") & (visits["status"] != Status.CANCELLED.value)
    # Only what a shift is made of: the texts are nine tenths of the frame, and sorting copies it.
    work = visits.loc[is_work, ["plan_date", "team", "employee_id", "employee_name", "start", "end"]]
    work = work.sort_values(["team", "employee_id", "start"], kind="stable")
    person = work["team"] + "\0" + work["employee_id"]
    until = work["end"].groupby(person).cummax()
    gap = work["start"] - until.groupby(person).shift()
    number = (gap.isna() | (gap > pd.Timedelta(hours=SHIFT_GAP_HOURS))).cumsum()
    shifts = (
        work.groupby(number)
        .agg(
            plan_date=("plan_date", "first"),
            team=("team", "first"),
            employee_id=("employee_id", "first"),
            employee_name=("employee_name", "first"),
            start=("start", "first"),
            end=("end", "max"),
        )
        .reset_index(drop=True)
    )
    shifts["phone"] = pd.Series([""] * len(shifts), dtype="str")
    return shifts[list(SHIFT_COLUMNS)]
