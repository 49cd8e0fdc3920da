"""From what was seen on a store to findings: what should not be, how urgent it is, and what to do about it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from reservplan.domain.alerts import Severity
from reservplan.domain.days import Window
from reservplan.domain.errors import ReservplanError
from reservplan.domain.names import parse_artifact_name, parse_week_pack_name
from reservplan.domain.plan import Cell
from reservplan.domain.standing import FileState
from reservplan.domain.words import moment_words, say, short_day_words
from reservplan.settings import Settings
from reservplan.store.inspection import DayOnStore
from reservplan.store.papers import There
from reservplan.telling import advice, alike, contact_words, some
from reservplan.watch.expected import overdue_from
from reservplan.watch.papers import PaperSeen, PapersSeen
from reservplan.watch.states import CellCoverage, State, lies_ahead, urgent

# A text names so many files; the rest are counted, and stand in the JSON.
MOST_FILES_NAMED = 2
# So many different reasons are told in full.
MOST_REASONS_TOLD = 2


@dataclass(frozen=True)
class Finding:
    """A fact that should not be, about one state of one day, or about the store.

    `code` is the state, or `held_back` (a whole copy is older than the newest reading, which is incomplete),
    `unreachable`, `clock`, `record`, `overdue`, `unsealed`, `stand_in` (a newer copy lies beside a file that was open),
    `unknown_team`, `stray`; `words` say in the users' language what is so, why, what it means and what to do. No person
    is named.
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
    that have no record. `papers` are those that belong to no cell. `renamed` are names that lie there and mean another
    group now. `stand_ins` are paths of copies beside files that were open. `writing` says that a run is at work there.
    """

    days: Mapping[date, DayOnStore]
    old: Mapping[date, DayOnStore] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    papers: PapersSeen = field(default_factory=PapersSeen)
    renamed: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    writing: bool = False
    clock_ahead: timedelta = timedelta()


def unreachable(store: str, fault: ReservplanError, settings: Settings) -> Finding:
    """Nobody can read or print anything there, and we cannot tell what it holds."""
    it_service = contact_words(settings.contacts.it_service)
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


HELD_BACK = "held_back"
_WORSE_TODAY = (State.MISSING, State.DAMAGED, State.INCOMPLETE, State.STALE, HELD_BACK)
_ORDER = (*State, HELD_BACK)


def _of_cells(
    store: str, cells: Iterable[CellCoverage], seen: Seen, settings: Settings, window: Window, now: datetime
) -> Iterator[Finding]:
    """One finding for all groups of which the same is to be said on the same day."""
    alike: dict[tuple[date, str, str], list[CellCoverage]] = {}
    for covered in cells:
        if covered.is_finding:
            code = HELD_BACK if covered.held_back else covered.state.value
            key = (covered.cell.plan_date, code, _told_as(covered, code, settings, now))
            alike.setdefault(key, []).append(covered)
    for (plan_date, code, told_as), group in sorted(alike.items(), key=lambda item: _rank(item[0])):
        # An edited file was edited on purpose: what its reader needs is in it, as far as we can tell.
        critical = urgent(plan_date, window) and code in _WORSE_TODAY
        # Where the record cannot be read, the copies may be whole: print them, and a snapshot would mend nothing.
        unjudged = seen.days[plan_date].blocks
        words = say(
            settings.language,
            "watch.found_unjudged" if unjudged else f"watch.found_{told_as}",
            store=store,
            day=short_day_words(settings.language, plan_date),
            teams=some([covered.cell.team for covered in group], settings.language),
            hours=_hours_since(group, now),
            since=_since(group, settings),
            why=_why(group, settings),
            planner=contact_words(settings.contacts.planner),
            fault=seen.days[plan_date].fault,
        )
        yield Finding(
            code,
            Severity.CRITICAL if critical else Severity.INFO,
            words,
            tuple(covered.cell for covered in group),
            tuple(file for covered in group for file in covered.files),
        )


def _rank(key: tuple[date, str, str]) -> tuple[date, int, bool]:
    plan_date, code, told_as = key
    return plan_date, _ORDER.index(code), told_as != code


def _told_as(covered: CellCoverage, code: str, settings: Settings, now: datetime) -> str:
    """Which words fit: what to do depends on why it is so."""
    if covered.state is State.STALE and _lies_ahead(covered, settings, now):
        return "future"
    # It was read, and nothing could be made of it: the same run once more would make nothing either.
    return f"{code}_read" if code in (State.MISSING, State.STALE) and covered.why else code


def _lies_ahead(covered: CellCoverage, settings: Settings, now: datetime) -> bool:
    return covered.true_at is not None and lies_ahead(covered.true_at, settings, now)


def _why(group: Iterable[CellCoverage], settings: Settings) -> str:
    """Why, and what to do about it, those of most groups first; the rest are counted. Empty, or after a space."""
    groups = alike({covered.cell: covered.why for covered in group})
    told: list[str] = []
    for one in groups[:MOST_REASONS_TOLD]:
        told += [*one.lines(settings.language, most=1), advice(settings, one.codes)]
    if rest := sum(len(one.texts) for one in groups[MOST_REASONS_TOLD:]):
        told.append(say(settings.language, "watch.more_reasons", count=rest))
    return "".join(f" {words}" for words in dict.fromkeys(told) if words)


def _since(group: Iterable[CellCoverage], settings: Settings) -> str:
    """When the copies were last known to be true; of several, the oldest."""
    instants = {covered.true_at for covered in group if covered.true_at is not None}
    if not instants:
        return ""
    words = moment_words(settings.language, min(instants), settings.zone)
    return say(settings.language, "watch.or_later", moment=words) if len(instants) > 1 else words


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
            names=some(paths, settings.language, MOST_FILES_NAMED),
            **values,
        )
        return Finding(code, Severity.INFO, words, paths=tuple(paths))

    if abs(seen.clock_ahead) > timedelta(minutes=settings.thresholds.clock_skew_minutes):
        minutes = round(abs(seen.clock_ahead) / timedelta(minutes=1))
        yield found("clock", minutes=minutes, it_service=contact_words(settings.contacts.it_service))
    for day in (*seen.days.values(), *seen.old.values()):
        if day.fault is not None and not (day.blocks and day.plan_date in told):
            yield found("record", fault=day.fault)
    if seen.papers.fault is not None:
        yield found("record", fault=seen.papers.fault)
    late, edited = _overdue(seen, settings, now)
    if late:
        yield found("overdue", late, days=settings.window.days_back)
    if edited:
        yield found("overdue", edited, "overdue_edited", days=settings.window.days_back)
    edited_papers = [paper.path for paper in seen.papers.edited if not _is_overdue(paper, settings, now)]
    if edited_papers and not seen.writing:
        yield found("edited", edited_papers, "edited_papers")
    if (unsealed := _unsealed(seen.days)) and not seen.writing:
        yield found("unsealed", unsealed)
    if seen.stand_ins and not seen.writing:
        yield found("stand_in", seen.stand_ins)
    if unknown_teams := _unknown_teams(seen.days, settings):
        yield found("unknown_team", unknown_teams)
    if seen.renamed:
        yield found("unknown_team", seen.renamed, "renamed_team")
    strays = [
        *seen.unknown,
        *seen.papers.unknown,
        *(path for day in (*seen.days.values(), *seen.old.values()) for path in day.strays),
    ]
    if strays:
        yield found("stray", sorted(_told(path, settings) for path in strays))
    if seen.leftovers and not seen.writing:
        yield found("stray", seen.leftovers, "leftovers")


def _told(path: str, settings: Settings) -> str:
    """A stray file's path as it may be told: staff may name a file by a person, so a strange group is left out."""
    folder, slash, name = path.rpartition("/")
    named = parse_artifact_name(name) or parse_week_pack_name(name)
    if named is None or settings.team(named.team) is not None:
        return path
    return f"{folder}{slash}{replace(named, team='…')}"


def _overdue(seen: Seen, settings: Settings, now: datetime) -> tuple[list[str], list[str]]:
    """The names of our files that retention should have removed by now, and of those that it leaves to a person."""
    late: list[str] = []
    edited: list[str] = []
    for plan_date, day in sorted(seen.old.items()):
        if overdue_from(plan_date, settings, now) is None:
            continue
        for standing in day.standings.values():
            for name, state in sorted(standing.files.items()):
                if state in (FileState.EDITED, FileState.DAMAGED):
                    edited.append(name)
                elif state is not FileState.MISSING:
                    late.append(name)
    for paper in seen.papers.recorded:
        if _is_overdue(paper, settings, now):
            (late if paper.there is There.OURS else edited).append(paper.path)
    return late, edited


def _is_overdue(paper: PaperSeen, settings: Settings, now: datetime) -> bool:
    """Whether it is a week pack that should have gone with the oldest day that it holds."""
    return paper.first is not None and overdue_from(paper.first, settings, now) is not None


def _unsealed(days: Mapping[date, DayOnStore]) -> list[str]:
    return [str(standing.cell) for day in days.values() for standing in day.standings.values() if standing.unsealed]


def _unknown_teams(days: Mapping[date, DayOnStore], settings: Settings) -> list[str]:
    sealed = {team for day in days.values() if day.manifest is not None for team in day.manifest.cells}
    known = {*settings.source.ignore_teams, *settings.source.teams}
    return sorted(team for team in sealed if settings.team(team) is None and team not in known)


def alarm_words(found: Sequence[str], language: str, most_characters: int) -> str:
    """As many findings as fit, each in full, and how many more there are; the first always, however long it is."""
    told, length = 0, 0
    for words in found:
        if told and length + len(words) > most_characters:
            break
        told, length = told + 1, length + len(words) + 1
    more = [say(language, "watch.more_findings", count=len(found) - told)] if told < len(found) else []
    return " ".join([*found[:told], *more])
