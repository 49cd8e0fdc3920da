"""What validation hands on for a cell, and the marks that its paper carries."""

from dataclasses import dataclass
from datetime import date, datetime

from reservplan.domain.verdict import Reason, Verdict


@dataclass(frozen=True)
class Judgement:
    """The verdict of a cell with its counts; `covered` says that the source knows the cell's day and team at all.

    `visits` counts planned visits that begin on plan_date (unmarked); `unassigned` those of them without an employee,
    `by_hour` those that begin in each of its 24 hours. `closed`: there are none, and none are expected.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    visits: int
    unassigned: int
    cancelled: int
    employees: int
    captured_at: datetime
    covered: bool = True
    closed: bool = False
    by_hour: tuple[int, ...] = ()


@dataclass(frozen=True)
class Marks:
    """What every page says of the copy besides its verdict; `template_of` is the day that a template is made of."""

    captured_at: datetime
    created_afterwards: bool
    drill: bool = False
    template_of: date | None = None
