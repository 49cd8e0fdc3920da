"""What a store remembers of earlier captures, read for validation, and what somebody has accepted, written there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from reservplan.domain.acceptance import ACCEPTED_NAME, Acceptance, Accepted
from reservplan.domain.counts import COUNTS_NAME, Count, Counts
from reservplan.domain.errors import ManifestUnreadable, StoreRefused
from reservplan.domain.history import EarlierCopy, History
from reservplan.domain.manifest import whole_second
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileToWrite, Outcome, Store
from reservplan.store.inspection import read_records


def read_history(store: Store, cells: Iterable[Cell]) -> History:
    """What one store knows of the asked cells, and all its counts.

    The records of whole copies count, whatever lies there of their files: they say what there was to do that day.

    Raises StoreUnreachable or StoreRefused.
    """
    asked = sorted(set(cells))
    days = read_records(store, sorted({cell.plan_date for cell in asked}))
    own = store.read_many([COUNTS_NAME, ACCEPTED_NAME])
    accepted = (Accepted.read(own[ACCEPTED_NAME]) or Accepted()).by_cell()
    entries = {cell: days[cell.plan_date].entry(cell.team) for cell in asked}
    copies = {
        cell: EarlierCopy(
            visits=entry.visits,
            cancelled=entry.cancelled,
            captured_at=entry.captured_at,
            true_at=entry.true_at,
            content=entry.content,
            changed_since=entry.changed_since,
        )
        for cell, entry in entries.items()
        if entry is not None and entry.verdict.whole
    }
    return History(
        copies=copies,
        counts=Counts.read(own[COUNTS_NAME]) or Counts(),
        accepted={cell: accepted[cell] for cell in asked if cell in accepted},
        stores=(store.name,),
    )


def together(histories: Sequence[History]) -> History:
    """One history of several stores': the copy that was last known to be true, and what was accepted last.

    Counts of the same cell are those of the first store that has them.
    """
    copies: dict[Cell, EarlierCopy] = {}
    counts: dict[date, dict[str, Count]] = {}
    accepted: dict[Cell, Acceptance] = {}
    for history in histories:
        for cell, copy in history.copies.items():
            if cell not in copies or copy.true_at > copies[cell].true_at:
                copies[cell] = copy
        for cell, acceptance in history.accepted.items():
            if cell not in accepted or acceptance.accepted_at > accepted[cell].accepted_at:
                accepted[cell] = acceptance
        for plan_date, teams in history.counts.cells.items():
            counts[plan_date] = {**teams, **counts.get(plan_date, {})}
    stores = tuple(name for history in histories for name in history.stores)
    return History(copies, Counts(cells=counts), accepted, stores)


def record_accepted(store: Store, holder: str, accepted: Mapping[Cell, Acceptance], first: date, at: datetime) -> None:
    """Add what was accepted to the store's own list, which keeps the days from `first` on.

    Raises:
        StoreBusy, StoreFull, StoreUnreachable, StoreRefused: nothing was recorded there.
        ManifestUnreadable: a newer version has written the list.
    """
    with store.lock(holder):
        there = Accepted.read(store.read_many([ACCEPTED_NAME])[ACCEPTED_NAME])
        if there is None:
            raise ManifestUnreadable(
                f"{store.name}: {ACCEPTED_NAME} was written by a newer version.",
                do="Nothing was recorded there. Upgrade Reservplan here to the version that wrote it.",
            )
        content = there.updated(dict(accepted), first).to_bytes()
        (outcome,) = store.write([FileToWrite(ACCEPTED_NAME, content, whole_second(at))])
    if outcome.outcome is not Outcome.DONE:
        raise StoreRefused(
            f"{store.name}: {ACCEPTED_NAME} could not be written ({outcome.outcome.value}).",
            do="See that the account may write in the folder .reservplan there.",
        )
