"""What each expected cell amounts to on a store: one state, the first that fits. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from reservplan.domain.days import Window, local_day
from reservplan.domain.manifest import CellEntry, Intent
from reservplan.domain.names import ARTIFACTS
from reservplan.domain.plan import Cell
from reservplan.domain.shortfalls import Shortfall
from reservplan.domain.standing import WHOLE_STATES, FileState, Slot, Standing
from reservplan.domain.verdict import Reason, Verdict
from reservplan.settings import Settings
from reservplan.store.inspection import DayOnStore
from reservplan.telling import grave
from reservplan.watch.expected import Expectation

# A run of 60 groups writes and seals for some minutes; an older intent was left by one that was interrupted.
INTENT_FRESH = timedelta(hours=1)


class State(StrEnum):
    """A cell on a store; the first that fits, in this order."""

    MISSING = "missing"  # at least one of its four files is not there
    DAMAGED = "damaged"  # a file is not what we wrote, and nobody edited it; or the day's record cannot be read
    EDITED = "edited"  # somebody changed a file
    INCOMPLETE = "incomplete"
    STALE = "stale"  # a day not yet past, not confirmed for longer than `stale_hours`, or at a time still to come
    REMARKS = "remarks"
    OK = "ok"
    CLOSED = "closed"
    NOT_DUE = "not_due"

    @property
    def is_finding(self) -> bool:
        """Whether the state is one that should not be."""
        return self in (State.MISSING, State.DAMAGED, State.EDITED, State.INCOMPLETE, State.STALE)


@dataclass(frozen=True)
class CellCoverage:
    """One expected cell; `true_at` is when its content was last known to be true, None where no copy is recorded.

    `written_at` is when the newest of its recorded files was written. `files` names the files that make the state;
    `reasons` are those of the copy's verdict. `latest` is what the newest
    reading lacked, None where that was whole or is older than the copy. `held_back` says that a whole copy lies there
    for a day not yet past, and that it is older than that reading.
    """

    cell: Cell
    state: State
    true_at: datetime | None = None
    verdict: Verdict | None = None
    visits: int | None = None
    reasons: tuple[Reason, ...] = ()
    files: tuple[str, ...] = ()
    latest: Shortfall | None = None
    held_back: bool = False
    written_at: datetime | None = None

    @property
    def is_finding(self) -> bool:
        """Whether something about the cell should not be."""
        return self.held_back or self.state.is_finding

    @property
    def why(self) -> tuple[Reason, ...]:
        """What makes the newest reading, or the copy of it, incomplete; empty where nobody knows of anything."""
        incomplete = self.verdict is not None and not self.verdict.whole
        reasons = self.latest.reasons if self.latest else self.reasons if incomplete else ()
        return grave(reasons) or reasons


def states(
    days: Mapping[date, DayOnStore],
    expectations: Iterable[Expectation],
    settings: Settings,
    now: datetime,
    *,
    writing: bool = False,
    shortfalls: Mapping[Cell, Shortfall] = MappingProxyType({}),
) -> dict[Cell, CellCoverage]:
    """The state of every expected cell, in their order.

    `days` must hold the day of each (as `inspect` gives them), `writing` says that somebody holds the store's lock:
    meanwhile, and while a fresh intent lies there, nothing is called damaged or edited. `shortfalls` are what readings
    lacked, as the store has noted it.
    """
    today = local_day(now, settings.zone)
    found = (
        _cell(days[wanted.cell.plan_date], wanted, today, settings, now, writing=writing) for wanted in expectations
    )
    return {
        covered.cell: _with_latest(covered, shortfalls.get(covered.cell), today, settings, now) for covered in found
    }


def being_written(day: DayOnStore, now: datetime) -> bool:
    """Whether a run may be about to write or to seal the day."""
    return bool(_fresh_teams(day.intent, now))


def urgent(plan_date: date, window: Window) -> bool:
    """Whether somebody who prints today or tomorrow prints this day."""
    return window.today <= plan_date <= window.today + timedelta(days=1)


def lies_ahead(true_at: datetime, settings: Settings, now: datetime) -> bool:
    """Whether a time cannot be true yet: a wrong clock made it, and nobody knows how old the copy is."""
    return true_at - now > timedelta(minutes=settings.thresholds.clock_skew_minutes)


def _fresh_teams(intent: Intent | None, now: datetime) -> set[str]:
    cells = intent.cells.items() if intent else ()
    return {team for team, intended in cells if abs(now - intended.written_at) < INTENT_FRESH}


def _cell(
    day: DayOnStore, wanted: Expectation, today: date, settings: Settings, now: datetime, *, writing: bool
) -> CellCoverage:
    cell = wanted.cell
    standing = None if day.blocks else day.standings[cell.team]
    entry = standing.entry if standing else None
    state = State.DAMAGED
    files: tuple[str, ...] = ()
    if standing is not None:
        spared = writing or cell.team in _fresh_teams(day.intent, now)
        state, files = _of_files(standing, spared=spared)
        if state is State.OK and entry is not None:
            state = _of_copy(entry, wanted, today, settings, now)
        state = _excused(state, standing, wanted)
    if entry is None:
        return CellCoverage(cell, state, files=files)
    return CellCoverage(
        cell,
        state,
        entry.true_at,
        entry.verdict,
        entry.visits,
        entry.reasons,
        files,
        written_at=max((artifact.mtime for artifact in entry.artifacts), default=None),
    )


def _with_latest(
    covered: CellCoverage, shortfall: Shortfall | None, today: date, settings: Settings, now: datetime
) -> CellCoverage:
    """The cell with what its newest reading lacked; what an earlier reading than the copy's lacked is history."""
    if shortfall is None or covered.state is State.NOT_DUE:
        return covered
    if covered.state is State.CLOSED:
        # A run that finds the day closed notes nothing of it: rows came that nobody could read.
        unread = shortfall.decision == "no_visits"
        return replace(covered, state=State.MISSING, latest=shortfall) if unread else covered
    if covered.true_at is None:
        return replace(covered, latest=shortfall)
    # A copy whose time cannot be true yet was made by a wrong clock: nobody knows which of the two is older.
    ahead = lies_ahead(covered.true_at, settings, now)
    if shortfall.captured_at < covered.true_at and not ahead:
        return covered
    later = shortfall.captured_at > covered.true_at or ahead
    # A day that is over is read no more: its whole copy is the best that there will be.
    whole = covered.state in (State.OK, State.REMARKS) or (covered.state is State.STALE and not ahead)
    held_back = later and whole and covered.cell.plan_date >= today
    return replace(covered, latest=shortfall, held_back=held_back)


def _of_files(standing: Standing, *, spared: bool) -> tuple[State, tuple[str, ...]]:
    """The worst that the cell's files say; `ok` where all four are there as we wrote them."""
    found = _by_slot(standing)
    gone = {slot for slot in ARTIFACTS if found.get(slot, {FileState.MISSING}) == {FileState.MISSING}}
    if gone:
        return State.MISSING, _names(standing, {FileState.MISSING})
    if not spared:
        # A damaged file is a fault even where a whole one stands in beside it: it has the name that is looked for.
        for fault, state in ((FileState.DAMAGED, State.DAMAGED), (FileState.EDITED, State.EDITED)):
            if names := _names(standing, {fault}):
                return state, names
    return State.OK, ()


def _by_slot(standing: Standing) -> dict[Slot, set[FileState]]:
    found: dict[Slot, set[FileState]] = {}
    for name, record in standing.records.items():
        found.setdefault((record.kind, record.format), set()).add(standing.files[name])
    return found


def _names(standing: Standing, wanted: Collection[FileState]) -> tuple[str, ...]:
    return tuple(sorted(name for name, state in standing.files.items() if state in wanted))


def _of_copy(entry: CellEntry, wanted: Expectation, today: date, settings: Settings, now: datetime) -> State:
    """What the record says of a copy whose files are all there."""
    if not entry.verdict.whole:
        return State.INCOMPLETE
    # What a group leaves behind on a day that it closed is not renewed by anything.
    left = wanted.closed or (wanted.emptied_at is not None and entry.true_at <= wanted.emptied_at)
    renewed = wanted.cell.plan_date >= today and not left
    old = now - entry.true_at > timedelta(hours=settings.stale_hours)
    if renewed and (old or lies_ahead(entry.true_at, settings, now)):
        return State.STALE
    return State.REMARKS if entry.verdict is Verdict.REMARKS else State.OK


def _excused(state: State, standing: Standing, wanted: Expectation) -> State:
    """A cell of which nothing at all is there may be closed, or not due yet."""
    if state is State.MISSING and not set(standing.files.values()) & {
        *WHOLE_STATES,
        FileState.DAMAGED,
        FileState.EDITED,
    }:
        if (wanted.closed or wanted.accepted) and standing.entry is None:
            return State.CLOSED
        if not wanted.due:
            return State.NOT_DUE
    return state
