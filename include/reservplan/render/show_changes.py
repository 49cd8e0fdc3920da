"""The block on the list's first page that says what has changed since the previous copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reservplan.domain.plan import Cell, Plan
from reservplan.domain.words import moment_words, say
from reservplan.render.changes import Change, What, changes_between
from reservplan.render.show_list import clock_marks, clock_span
from reservplan.settings import Settings

# Beyond these they are only counted: page 1 must stay a page.
MOST_CHANGES = 14
# Where not all have room: who is no longer, or newly, to be visited comes before by whom, and that before when.
_GRAVEST_FIRST = (
    What.REMOVED, What.CANCELLED, What.ADDED, What.MOVED_AND_REASSIGNED, What.REASSIGNED, What.MOVED,
)  # fmt: skip


@dataclass(frozen=True)
class Before:
    """The capture of the copy that this one is to replace; `plan` is None where the archive has it no more."""

    plan: Plan | None
    captured_at: datetime


def show_changes(before: Before, plan: Plan, cell: Cell, settings: Settings) -> dict[str, Any]:
    """`heading`; `lines`, each with `time`, `who` and `what`; and `rest`, which says what no line does."""
    language = settings.language
    moment = moment_words(language, before.captured_at, settings.zone)
    if before.plan is None or not _comparable(before.plan, cell) or not _comparable(plan, cell):
        heading = say(language, "paper.changes_since", moment=moment)
        return {"heading": heading, "lines": [], "rest": say(language, "paper.changes_unknown")}
    changes = changes_between(before.plan, plan, cell, settings.zone)
    return {
        "heading": say(language, "paper.changes", moment=moment, count=len(changes)),
        "lines": [_line(change, language) for change in _told(changes)],
        "rest": _rest(len(changes), language),
    }


def _comparable(plan: Plan, cell: Cell) -> bool:
    """Whether the plan holds the cell; of one that could not be read every visit would seem to be gone, or new."""
    source = plan.sources.get(cell)
    return source is not None and not source.fault


def _told(changes: Sequence[Change]) -> list[Change]:
    """As many as have room, the gravest, in the order in which they are given."""
    ranked = sorted(range(len(changes)), key=lambda n: (_GRAVEST_FIRST.index(changes[n].what), n))
    return [changes[n] for n in sorted(ranked[:MOST_CHANGES])]


def _rest(count: int, language: str) -> str:
    if count == 0:
        return say(language, "paper.changes_none")
    return say(language, "paper.changes_more", count=count - MOST_CHANGES) if count > MOST_CHANGES else ""


def _line(change: Change, language: str) -> dict[str, str]:
    return {
        "time": " ".join((clock_span(change.start, change.end), *clock_marks(change.start, language))),
        "who": say(language, "paper.change_unnamed") if change.client is None else change.client,
        "what": ", ".join(_what(change, language)),
    }


def _what(change: Change, language: str) -> list[str]:
    if change.what in (What.ADDED, What.CANCELLED, What.REMOVED):
        return [say(language, f"paper.change_{change.what.value}")]
    parts = []
    if change.what is not What.REASSIGNED:
        parts.append(_moved(change, language))
    if change.what is not What.MOVED:
        parts.append(_reassigned(change, language))
    return parts


def _moved(change: Change, language: str) -> str:
    if change.was_start is not None and change.was_start.timestamp() != change.start.timestamp():
        was, now = _clock(change.was_start, language), _clock(change.start, language)
        return say(language, "paper.change_moved", was=was, now=now)
    was_end = _clock(change.was_end, language) if change.was_end else ""
    return say(language, "paper.change_end", was=was_end, now=_clock(change.end, language))


def _clock(instant: datetime, language: str) -> str:
    return " ".join((f"{instant:%H:%M}", *clock_marks(instant, language)))


def _reassigned(change: Change, language: str) -> str:
    if not change.employee:
        return say(language, "paper.change_unassigned", was=change.was_employee)
    if change.was_employee is None:
        return say(language, "paper.change_employee_only", now=change.employee)
    if not change.was_employee:
        return say(language, "paper.change_assigned", now=change.employee)
    return say(language, "paper.change_employee", now=change.employee, was=change.was_employee)
