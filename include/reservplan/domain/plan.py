"""The plan as every source delivers it: two typed frames, and what could not be read.

Nothing outside these columns ever leaves `reservplan.extract`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

# Column: dtype. `datetime` is an aware local instant, datetime64[us, <zone>]; `string` is "" where there is nothing,
# never NA; plan_date is a `date` object.
VISIT_COLUMNS = {
    "plan_date": "date", "team": "string", "visit_id": "string",
    "client_id": "string", "client_name": "string",
    "start": "datetime", "end": "datetime",
    "employee_id": "string", "employee_name": "string", "route": "string", "activities": "string",
    "address": "string", "postal_code": "string", "city": "string", "phone": "string", "access": "string",
    "double_staffing_id": "string", "priority": "string", "note": "string",
    "protected": "bool", "employee_protected": "bool", "status": "string",
}  # fmt: skip
SHIFT_COLUMNS = {
    "plan_date": "date", "team": "string", "employee_id": "string", "employee_name": "string",
    "start": "datetime", "end": "datetime", "phone": "string",
}  # fmt: skip


class Status(StrEnum):
    """planned: counted and printed. cancelled: counted, not printed. other: no visit (rast, restid), printed only."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    OTHER = "other"


# Visits of somebody who was taken out of a capture afterwards, and all rows of theirs.
ERASED, ERASED_ROWS = "erased", "erased_rows"


class Cell(NamedTuple):
    """What must exist: one plan_date of one team."""

    plan_date: date
    team: str

    def __str__(self) -> str:
        return f"{self.plan_date:%y%m%d} {self.team}"


@dataclass(frozen=True)
class Unreadable:
    """A row that could not become a visit; it stands on page 1 of the paper.

    `plan_date` or `team` is None where the row does not say: then it belongs to every cell that it may concern.
    `row` counts from 1 as a spreadsheet shows it; `raw_time` is what stood in the time column, for paper only.
    """

    plan_date: date | None
    team: str | None
    file: str
    row: int
    raw_time: str
    code: str
    column: str


@dataclass(frozen=True)
class CellSource:
    """Where a cell's content comes from: when it was true and what the source itself says of it.

    `fault` holds words (no personal value) where the cell's own file could not be read; `counts` counts what was done
    to the rows, e.g. `masked`, `protected`, `moved_clock`, `unknown_status`, also afterwards (`ERASED`).
    `expected_visits` is the source's own total, where it gives one.
    """

    captured_at: datetime
    fault: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    expected_visits: int | None = None


@dataclass(frozen=True)
class Plan:
    """A capture of the plan, all asked teams and days plus one margin day at both ends (nights).

    `sources` holds every cell that the source covers, also one with no visits; a cell that is absent is not covered.
    `unknown_teams` are teams in the source that the settings do not know (their cells stand in `sources` too).
    """

    visits: pd.DataFrame
    shifts: pd.DataFrame
    unreadable: tuple[Unreadable, ...]
    sources: dict[Cell, CellSource]
    read_at: datetime
    label: str
    unknown_teams: tuple[str, ...] = ()
    too_old: str = ""

    def captured_at(self, cell: Cell) -> datetime:
        """When what is known of the cell was captured; of one that no source covers, when that was asked."""
        return self.sources[cell].captured_at if cell in self.sources else self.read_at

    def erased(self, cell: Cell) -> int:
        """How many of the cell's visits were taken out of this capture, since somebody is to be forgotten."""
        return self.sources[cell].counts.get(ERASED, 0) if cell in self.sources else 0

    def unreadable_of(self, cell: Cell) -> tuple[Unreadable, ...]:
        """The rows that could not be read and may belong to the cell, in their order."""
        # Not every row for every cell: where a whole export is unreadable that takes hours.
        keys = [(day, team) for day in (None, cell.plan_date) for team in (None, cell.team)]
        places = [place for key in keys for place in self._unreadable_places.get(key, ())]
        return tuple(self.unreadable[place] for place in sorted(places))

    @cached_property
    def _unreadable_places(self) -> dict[tuple[date | None, str | None], list[int]]:
        places: dict[tuple[date | None, str | None], list[int]] = {}
        for place, row in enumerate(self.unreadable):
            places.setdefault((row.plan_date, row.team), []).append(place)
        return places
