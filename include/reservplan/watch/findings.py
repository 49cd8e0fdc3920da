"""From what was seen on a store to findings: what should not be, how urgent it is, and what to do about it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from reservplan.domain.days import Window
from reservplan.domain.errors import ReservplanError
from reservplan.domain.names import parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.standing import FileState
from reservplan.domain.words import say, short_day_words
from reservplan.settings import Contact, Settings
from reservplan.store.inspection import DayOnStore
from reservplan.watch.expected import overdue_from
from reservplan.watch.states import CellCoverage, State, lies_ahead, urgent

# A text names so many groups, or files; the rest are counted, and stand in the table and in the JSON.
MOST_TEAMS_NAMED = 5
MOST_FILES_NAMED = 2


class Severity(StrEnum):
    """critical: somebody who prints today or tomorrow would miss something; info: everything else."""

    CRITICAL = "critical"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """A fact that should not be, about one state of one day, or about the store.

    `code` is the state, or `unreachable`, `clock`, `record`, `overdue`, `unsealed`, `unknown_team`, `stray`; `words`
    say in the users' language what is so, what it means and what to do. No person is named.
    """

    code: str
    severity: Severity
    words: str
    cells: tuple[Cell, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What was seen on a store besides its cells' states.

    `clock_ahead` is the store's clock minus ours. `days` are those of the window, `old` those before it of which a
    record lies there; `leftovers` are paths of our temporary files, `unknown` those of files under our names of days
    that have no record. `writing` says that a run is at work there.
    """

    days: Mapping[date, DayOnStore]
    old: Mapping[date, DayOnStore] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    writing: bool = False
    clock_ahead: timedelta = timedelta()


def unreachable(store: str, fault: ReservplanError, settings: Settings) -> Finding:
    """Nobody can read or print anything there, and we cannot tell what it holds."""
    it_service = _contact(settings.contacts.it_service)
    words = say(settings.language, "watch.unreachable", store=store, fault=fault, it_service=it_service)
    return Finding("unreachable", Severity.CRITICAL, words)


def findings(
    store: str, cells: Iterable[CellCoverage], seen: Seen, settings: Settings, window: Window, now: datetime
) -> tuple[Finding, ...]:
    """All findings of a reachable store, the critical ones first."""
    by_cell = list(_of_cells(store, cells, seen, settings, window, now))
    told = {cell.plan_date for finding in by_cell for cell in finding.cells}
    found = [*by_cell, *_of_store(store, seen, told, settings, now)]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.CRITICAL))


_WORSE_TODAY = (State.MISSING, State.DAMAGED, State.INCOMPLETE, State.STALE)


def _of_cells(
    store: str, cells: Iterable[CellCoverage], seen: Seen, settings: Settings, window: Window, now: datetime
) -> Iterator[Finding]:
    """One finding for all groups that are in the same state on the same day."""
    alike: dict[tuple[date, State, bool], list[CellCoverage]] = {}
    for covered in cells:
        if covered.state.is_finding:
            ahead = covered.state is State.STALE and _lies_ahead(covered, settings, now)
            alike.setdefault((covered.cell.plan_date, covered.state, ahead), []).append(covered)
    order = list(State)
    for (plan_date, state, ahead), group in sorted(alike.items(), key=lambda item: _rank(item[0], order)):
        # An edited file was edited on purpose: what its reader needs is in it, as far as we can tell.
        critical = urgent(plan_date, window) and state in _WORSE_TODAY
        # Where the record cannot be read, the copies may be whole: print them, and a snapshot would mend nothing.
        unjudged = seen.days[plan_date].blocks
        words = say(
            settings.language,
            "watch.found_unjudged" if unjudged else f"watch.found_{'future' if ahead else state}",
            store=store,
            day=short_day_words(settings.language, plan_date),
            teams=_some([_team_words(covered) for covered in group], settings.language, MOST_TEAMS_NAMED),
            hours=_hours_since(group, now),
            planner=_contact(settings.contacts.planner),
            fault=seen.days[plan_date].fault,
        )
        yield Finding(
            state.value,
            Severity.CRITICAL if critical else Severity.INFO,
            words,
            tuple(covered.cell for covered in group),
            tuple(file for covered in group for file in covered.files),
        )


def _rank(key: tuple[date, State, bool], order: Sequence[State]) -> tuple[date, int, bool]:
    plan_date, state, ahead = key
    return plan_date, order.index(state), ahead


def _lies_ahead(covered: CellCoverage, settings: Settings, now: datetime) -> bool:
    return covered.true_at is not None and lies_ahead(covered.true_at, settings, now)


def _team_words(covered: CellCoverage) -> str:
    if covered.state is State.INCOMPLETE and covered.reasons:
        return f"{covered.cell.team} ({covered.reasons[0].text.rstrip('.')})"
    return covered.cell.team


def _hours_since(group: Iterable[CellCoverage], now: datetime) -> int:
    return max((round((now - c.true_at) / timedelta(hours=1)) for c in group if c.true_at is not None), default=0)


def _of_store(store: str, seen: Seen, told: set[date], settings: Settings, now: datetime) -> Iterator[Finding]:
    """What is so whatever the cells are; `told` are days of which a finding of cells speaks already."""

    def found(code: str, paths: Sequence[str] = (), key: str = "", **values: object) -> Finding:
        words = say(
            settings.language,
            f"watch.{key or code}",
            store=store,
            count=len(paths),
            names=_some(paths, settings.language, MOST_FILES_NAMED),
            **values,
        )
        return Finding(code, Severity.INFO, words, paths=tuple(paths))

    if abs(seen.clock_ahead) > timedelta(minutes=settings.thresholds.clock_skew_minutes):
        minutes = round(abs(seen.clock_ahead) / timedelta(minutes=1))
        yield found("clock", minutes=minutes, it_service=_contact(settings.contacts.it_service))
    for day in (*seen.days.values(), *seen.old.values()):
        if day.fault is not None and not (day.blocks and day.plan_date in told):
            yield found("record", fault=day.fault)
    late, edited = _overdue(seen.old, settings, now)
    if late:
        yield found("overdue", late, days=settings.window.days_back)
    if edited:
        yield found("overdue", edited, "overdue_edited", days=settings.window.days_back)
    if (unsealed := _unsealed(seen.days)) and not seen.writing:
        yield found("unsealed", unsealed)
    if unknown_teams := _unknown_teams(seen.days, settings):
        yield found("unknown_team", unknown_teams)
    strays = [*seen.unknown, *(path for day in (*seen.days.values(), *seen.old.values()) for path in day.strays)]
    if strays:
        yield found("stray", sorted(_told(path, settings) for path in strays))
    if seen.leftovers and not seen.writing:
        yield found("stray", seen.leftovers, "leftovers")


def _told(path: str, settings: Settings) -> str:
    """A stray file's path as it may be told: staff may name a file by a person, so a strange group is left out."""
    folder, slash, name = path.rpartition("/")
    named = parse_artifact_name(name)
    if named is None or settings.team(named.team) is not None:
        return path
    return f"{folder}{slash}{replace(named, team='…')}"


def _overdue(old: Mapping[date, DayOnStore], settings: Settings, now: datetime) -> tuple[list[str], list[str]]:
    """The names of our files that retention should have removed by now, and of those that it leaves to a person."""
    late: list[str] = []
    edited: list[str] = []
    for plan_date, day in sorted(old.items()):
        if overdue_from(plan_date, settings, now) is None:
            continue
        for standing in day.standings.values():
            for name, state in sorted(standing.files.items()):
                if state in (FileState.EDITED, FileState.DAMAGED):
                    edited.append(name)
                elif state is not FileState.MISSING:
                    late.append(name)
    return late, edited


def _unsealed(days: Mapping[date, DayOnStore]) -> list[str]:
    return [str(standing.cell) for day in days.values() for standing in day.standings.values() if standing.unsealed]


def _unknown_teams(days: Mapping[date, DayOnStore], settings: Settings) -> list[str]:
    sealed = {team for day in days.values() if day.manifest is not None for team in day.manifest.cells}
    return sorted(team for team in sealed if settings.team(team) is None and team not in settings.source.ignore_teams)


def _some(names: Sequence[str], language: str, most: int) -> str:
    more = len(names) - most
    shown = ", ".join(names[:most])
    return say(language, "watch.and_more", names=shown, count=more) if more > 0 else shown


def _contact(contact: Contact) -> str:
    return " ".join(part for part in (contact.name, contact.phone) if part)
