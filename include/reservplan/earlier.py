"""The captures that earlier copies were made of: what validation counts as gone, and what the paper calls changed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from reservplan.archive import Archive
from reservplan.domain.errors import ReservplanError
from reservplan.domain.history import EarlierCopy
from reservplan.domain.manifest import whole_second
from reservplan.domain.plan import Cell, Plan, Status
from reservplan.plan_sources import captures_of

if TYPE_CHECKING:
    import pandas as pd

    from reservplan.render import Before


class EarlierCaptures:
    """Captures by the copies that were made of them, as far as the archive still has them."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def visits(self, copies: Mapping[Cell, EarlierCopy], plan: Plan) -> "pd.DataFrame | None":
        """The planned visits with which the plan's are compared (`validate.BEFORE_COLUMNS`); None where none are known.

        Those of a copy that was made of this very capture are those before it: judged again it is judged as before.
        """
        import pandas as pd

        from reservplan.validate import BEFORE_COLUMNS

        frames = []
        since = {cell: changed_since(copy, plan.captured_at(cell)) for cell, copy in copies.items()}
        known = {cell: at for cell, at in since.items() if at is not None}
        for plan_date, of_capture, earlier in self._found(known):
            visits = earlier.visits
            of_cells = (visits["plan_date"] == plan_date) & visits["team"].isin([c.team for c in of_capture])
            planned = visits["status"] == Status.PLANNED.value
            frames.append(visits.loc[of_cells & planned, list(BEFORE_COLUMNS)])
        return pd.concat(frames, ignore_index=True) if frames else None

    def with_each(
        self, cells: Sequence[Cell], since: Mapping[Cell, datetime | None]
    ) -> "Iterator[tuple[Cell, Before | None]]":
        """The cells, each with the capture that its list of changes compares with; one capture is read at a time."""
        from reservplan.render import Before

        compared = {cell: at for cell in cells if (at := since[cell]) is not None}
        left = dict.fromkeys(cells)
        for _, of_capture, earlier in self._found(compared):
            for cell in of_capture:
                yield cell, Before(earlier, compared[cell])
                del left[cell]
        for cell in left:
            yield cell, Before(None, compared[cell]) if cell in compared else None

    def _found(self, copies: Mapping[Cell, datetime]) -> Iterator[tuple[date, tuple[Cell, ...], Plan]]:
        """What the archive gives: where it does not, verdicts go by the counts, and the paper lists no changes."""
        for plan_date in sorted({cell.plan_date for cell in copies}):
            of_day = {cell: at for cell, at in copies.items() if cell.plan_date == plan_date}
            captures = []
            with suppress(ReservplanError):
                captures = captures_of(of_day, {plan_date: self.archive.captures(plan_date)})
            for capture, cells in captures:
                # Each by itself: a damaged one says nothing of the groups of the others.
                with suppress(ReservplanError):
                    yield plan_date, cells, self.archive.plan(capture)


def copies_before(plan: Plan, cells: Sequence[Cell], copies: Mapping[Cell, EarlierCopy]) -> dict[Cell, EarlierCopy]:
    """The cells' copies but those of a later capture than the plan's: it lacks nothing by what came after it.

    One of the very capture of which somebody was taken out is as if they had never stood on it.
    """
    known = {cell: copies[cell] for cell in cells if cell in copies}
    times = {cell: whole_second(plan.captured_at(cell)) for cell in known}
    return {
        cell: replace(copy, visits=max(0, copy.visits - plan.erased(cell))) if copy.captured_at == times[cell] else copy
        for cell, copy in known.items()
        if copy.captured_at <= times[cell]
    }


def changed_since(copy: EarlierCopy | None, captured_at: datetime) -> datetime | None:
    """With which capture one of `captured_at` is compared; None where there is none before it.

    That of the copy; where it is the copy's own, made again, the one that the copy was compared with.
    """
    captured_at = whole_second(captured_at)
    if copy is None or copy.captured_at > captured_at:
        return None
    return copy.changed_since if copy.captured_at == captured_at else copy.captured_at
