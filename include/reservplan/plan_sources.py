"""Where the plan of each cell comes from: the export, or a capture in the archive.

A day that is not past is read from the export. A past day comes from the newest capture that held it whole: it says
what was known when it could still be known. Only what no capture holds whole is asked of the export, which may know the
day still.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from reservplan.archive import Capture
from reservplan.domain.manifest import whole_second
from reservplan.domain.plan import SHIFT_COLUMNS, VISIT_COLUMNS, Cell, Plan

if TYPE_CHECKING:
    import pandas as pd


# Captures of one run have one id on all of its days.
Key = tuple[date, str]


@dataclass(frozen=True)
class Choice:
    """Which capture speaks for which cells, what must be asked of the export, and what to take where that fails.

    `second_best` are captures that hold a cell, but not whole: better than nothing where the export lacks it.
    """

    archived: Mapping[Key, tuple[Cell, ...]] = field(default_factory=dict)
    exported: tuple[Cell, ...] = ()
    second_best: Mapping[Cell, Key] = field(default_factory=dict)
    captures: Mapping[Key, Capture] = field(default_factory=dict)

    def next_best(self, wanted: Iterable[Cell]) -> dict[Key, tuple[Cell, ...]]:
        """The captures that hold something of these cells, which nothing holds whole."""
        found: dict[Key, list[Cell]] = {}
        for cell in wanted:
            if cell in self.second_best:
                found.setdefault(self.second_best[cell], []).append(cell)
        return {key: tuple(cells) for key, cells in found.items()}

    def older(self, damaged: Key, cells: Iterable[Cell]) -> dict[Key, tuple[Cell, ...]]:
        """In place of a capture that turns out to be damaged, the next older ones that hold its cells whole."""
        of_day = [key for key in self.captures if key[0] == damaged[0]]
        rest = of_day[of_day.index(damaged) + 1 :]
        found: dict[Key, list[Cell]] = {}
        for cell in cells:
            held = ((key, self.captures[key].cells.get(cell.team)) for key in rest)
            whole = next((key for key, archived in held if archived and archived.verdict.whole), None)
            if whole is not None:
                found.setdefault(whole, []).append(cell)
        return {key: tuple(of_key) for key, of_key in found.items()}


def choose(
    cells: Sequence[Cell],
    captures: Mapping[date, Sequence[Capture]],
    today: date,
    *,
    from_archive: bool = False,
    archived_since: datetime | None = None,
) -> Choice:
    """Decide for every cell; `captures` has those of each day, newest first. Pure.

    `from_archive` takes days that are not past from the archive too, as when the export cannot be read;
    `archived_since` does so where the capture is not older, and else where the export lacks the cell.
    """
    archived: dict[Key, list[Cell]] = {}
    exported: list[Cell] = []
    second_best: dict[Cell, Key] = {}
    for cell in cells:
        holding = [capture for capture in captures.get(cell.plan_date, ()) if cell.team in capture.cells]
        whole = [capture for capture in holding if capture.cells[cell.team].verdict.whole]
        lacking = [capture for capture in holding if capture.cells[cell.team].visits]
        fresh = bool(whole) and archived_since is not None and whole[0].captured_at >= archived_since
        if cell.plan_date >= today and not (from_archive or fresh):
            exported.append(cell)
            if archived_since is not None and (whole or lacking):
                second_best[cell] = _key((whole or lacking)[0])
        elif whole:
            archived.setdefault(_key(whole[0]), []).append(cell)
        else:
            exported.append(cell)
            if lacking:
                second_best[cell] = _key(lacking[0])
    known = {_key(capture): capture for of_day in captures.values() for capture in of_day}
    return Choice({key: tuple(found) for key, found in archived.items()}, tuple(exported), second_best, known)


def captures_of(
    copies: Mapping[Cell, datetime], captures: Mapping[date, Sequence[Capture]]
) -> list[tuple[Capture, tuple[Cell, ...]]]:
    """The captures that copies were made of, with their cells; `copies` says when each was captured.

    A cell whose capture is not in the archive (any more) is absent.
    """
    found: dict[Key, tuple[Capture, list[Cell]]] = {}
    for cell, captured_at in copies.items():
        for capture in captures.get(cell.plan_date, ()):
            archived = capture.cells.get(cell.team)
            if archived is not None and whole_second(archived.captured_at) == whole_second(captured_at):
                found.setdefault(_key(capture), (capture, []))[1].append(cell)
                break
    return [(capture, tuple(cells)) for capture, cells in found.values()]


def _key(capture: Capture) -> Key:
    return capture.plan_date, capture.capture_id


def empty_plan(timezone: str, read_at: datetime, label: str = "") -> Plan:
    """A plan that covers nothing, with the columns and types of one that does."""
    return Plan(_empty(VISIT_COLUMNS, timezone), _empty(SHIFT_COLUMNS, timezone), (), {}, read_at, label)


def _empty(columns: Mapping[str, str], timezone: str) -> "pd.DataFrame":
    import pandas as pd

    types = {"datetime": f"datetime64[us, {timezone}]", "string": "str", "bool": "bool", "date": "object"}
    return pd.DataFrame({name: pd.Series(dtype=types[kind]) for name, kind in columns.items()})
