"""Which copies to ask for again by itself: those that are gone or damaged, and that a run can make. Pure.

Never while a run is active, at most once a pause for each cell, and given up after some tries, so that a cell that no
run can mend is told once and not asked for for ever.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from reservplan.domain.alerts import Severity
from reservplan.domain.days import Window
from reservplan.domain.errors import RequestRefused
from reservplan.domain.names import parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.words import say, short_day_words
from reservplan.settings import Settings
from reservplan.telling import some
from reservplan.watch.expected import window_of
from reservplan.watch.looking import Coverage
from reservplan.watch.memory import Memory
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.states import CellCoverage, State, urgent

# What one run is asked for travels between tasks as a small value; the rest is asked for by the next look.
MOST_CHARACTERS_ASKED = 3000
# Stands for all groups of a day; no group can be called so.
ALL_TEAMS = "*"
DAYS_KEY = "healing"
_WHOLE = (State.OK, State.REMARKS, State.STALE)


class Try(NamedTuple):
    """How often a cell was asked for since it was last well, and when last."""

    tries: int
    asked_at: datetime


Tried = Mapping[Cell, Try]
_MAY_BE_BEHIND = (State.OK, State.REMARKS, State.STALE)
_DAYS = TypeAdapter(list[date])
_OF_DAY = TypeAdapter(dict[str, tuple[int, AwareDatetime]])


@dataclass(frozen=True)
class HealingPlan:
    """What to ask for now; `asked` says the same in the words of a run's request.

    `given_up` are, by store, the cells that were asked for as often as allowed and are still not there. `tried` is what
    to remember, with what is asked for now. `left` counts cells that had no room in this request.
    """

    cells: tuple[Cell, ...] = ()
    asked: tuple[str, ...] = ()
    given_up: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    tried: Tried = field(default_factory=dict)
    left: int = 0


def plan_healing(
    coverages: Sequence[Coverage],
    tried: Tried,
    settings: Settings,
    now: datetime,
    *,
    run_active: bool,
    behind: Collection[str] = (),
) -> HealingPlan:
    """Decide what to ask for, from what lies on the stores and what was asked for before. Nothing is done here.

    `run_active` says that a run is writing or waits to: it may make what is missing, and it is looked at afterwards.
    `behind` names stores that were away at the look before: runs may have passed them by, so that what they hold from
    today on is asked for anew.
    """
    # In local time an hour would be two in the night of a clock change.
    now = now.astimezone(UTC)
    lent = {cell for found in coverages for cell, covered in found.cells.items() if covered.state in _WHOLE}
    wanted = {found.store: _wanted(found, lent, behind=found.store in behind) for found in coverages}
    ill = {cell for cells in wanted.values() for cell in cells}
    window = window_of(settings, now)
    # Of a store that could not be looked at, or is being written, nobody knows whether the cell is well again.
    unsure = any(not found.reachable or found.writing for found in coverages)
    kept = {cell: each for cell, each in tried.items() if cell.plan_date in window and (unsure or cell in ill)}
    if not settings.watch.heal:
        return HealingPlan(tried=kept)
    pause = timedelta(minutes=settings.watch.heal_pause_minutes)
    rested = {cell for cell in ill if cell not in kept or abs(now - kept[cell].asked_at) >= pause}
    spent = {cell for cell in rested if cell in kept and kept[cell].tries >= settings.watch.heal_tries}
    ready = _in_order(rested - spent, window) if not run_active else []
    cells, asked = as_asked(ready, settings)
    again = {cell: Try(kept[cell].tries + 1 if cell in kept else 1, now) for cell in cells}
    return HealingPlan(
        cells=cells,
        asked=asked,
        given_up={
            found.store: gone for found in coverages if (gone := _given_up(found, wanted[found.store], spent, lent))
        },
        tried=kept | again,
        left=len(ready) - len(cells),
    )


def heals(covered: CellCoverage, lent: Collection[Cell] = ()) -> bool:
    """Whether a run can make the cell's copy again, as far as can be told; `lent` are cells that some store has."""
    if covered.state is State.DAMAGED:
        # Without a file's name it is the day's record that cannot be read: a run leaves such a day alone.
        return bool(covered.files)
    # What was read, and of which nothing could be made, would come to nothing once more.
    can_be_had = covered.true_at is not None or covered.latest is None or covered.cell in lent
    return covered.state is State.MISSING and can_be_had


def healing_problems(plan: HealingPlan, settings: Settings, now: datetime) -> tuple[Problem, ...]:
    """What was asked for in vain as often as allowed: one problem a store."""
    return tuple(_not_healed(store, cells, settings, now) for store, cells in plan.given_up.items())


def as_asked(cells: Sequence[Cell], settings: Settings) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """The first of the cells that have room in one request, and the request: `2026-11-22 Ullared`, `2026-11-22 *`."""
    of_day: dict[date, list[Cell]] = {}
    for cell in cells:
        of_day.setdefault(cell.plan_date, []).append(cell)
    taken: list[Cell] = []
    asked: list[str] = []
    room = MOST_CHARACTERS_ASKED
    for some_cells, text in _requests(of_day, settings):
        room -= _room(text)
        if room < 0:
            break
        taken += some_cells
        asked.append(text)
    return tuple(taken), tuple(asked)


def cells_of(asked: Iterable[str], settings: Settings, window: Window) -> tuple[Cell, ...]:
    """The cells that a request names, each once, day by day.

    Raises:
        RequestRefused: it names what cannot be asked for. What was typed is not repeated: it may be anything.
    """
    asked = list(asked)
    if sum(map(_room, asked)) > MOST_CHARACTERS_ASKED:
        raise RequestRefused(
            f"{len(asked)} single copies are too many for one run.",
            do="Write a day with * for all of its groups, or ask for fewer at a time.",
        )
    cells: set[Cell] = set()
    for text in asked:
        day, _, team = text.strip().partition(" ")
        plan_date = _day(day, window)
        cells.update(Cell(plan_date, name) for name in _teams(team, plan_date, settings))
    order = [team.name for team in settings.teams]
    return tuple(sorted(cells, key=lambda cell: (cell.plan_date, order.index(cell.team))))


def recall_tried(memory: Memory) -> dict[Cell, Try]:
    """What was asked for before; what cannot be read any more is asked for anew."""
    tried: dict[Cell, Try] = {}
    try:
        for plan_date in _DAYS.validate_python(memory.get(DAYS_KEY) or []):
            of_day = _OF_DAY.validate_python(memory.get(_key(plan_date)) or {})
            tried |= {Cell(plan_date, team): Try(*each) for team, each in of_day.items()}
    except ValidationError:
        return {}
    return tried


def remember_tried(memory: Memory, before: Tried, after: Tried) -> None:
    """Keep what was asked for, a value for each day; one that is past, or well again, is forgotten."""
    days_before, days_after = _by_day(before), _by_day(after)
    for plan_date in sorted(days_before.keys() | days_after.keys()):
        if days_before.get(plan_date) != days_after.get(plan_date):
            memory.set(_key(plan_date), days_after.get(plan_date))
    if days_before.keys() != days_after.keys():
        memory.set(DAYS_KEY, [plan_date.isoformat() for plan_date in sorted(days_after)])


def _wanted(found: Coverage, lent: Collection[Cell], *, behind: bool) -> tuple[Cell, ...]:
    """The cells of a store that a run could make again; none where that cannot be told now."""
    if not found.reachable or found.writing:
        return ()
    today = found.window.today
    ill = [
        cell
        for cell, covered in found.cells.items()
        if heals(covered, lent) or (behind and cell.plan_date >= today and covered.state in _MAY_BE_BEHIND)
    ]
    return tuple(dict.fromkeys([*ill, *(cell for cell in _stood_in(found) if cell in found.cells)]))


def _stood_in(found: Coverage) -> Iterator[Cell]:
    """The cells of which a copy lies beside a file that was open."""
    for path in found.stand_ins:
        named = parse_artifact_name(path.rpartition("/")[2])
        if named is not None:
            yield Cell(named.plan_date, named.team)


def _given_up(
    found: Coverage, wanted: Iterable[Cell], spent: Collection[Cell], lent: Collection[Cell]
) -> tuple[Cell, ...]:
    """Not those that only a stand-in is wanted of: that a file is open is told by itself."""
    return tuple(cell for cell in wanted if cell in spent and heals(found.cells[cell], lent))


def _in_order(cells: Iterable[Cell], window: Window) -> list[Cell]:
    """Today and the days to come first, then the past, the latest first: as somebody will print them."""
    today = window.today
    return sorted(cells, key=lambda cell: (cell.plan_date < today, abs(cell.plan_date - today), cell.team))


def _requests(of_day: Mapping[date, Sequence[Cell]], settings: Settings) -> Iterator[tuple[Sequence[Cell], str]]:
    for plan_date, cells in of_day.items():
        open_teams = {t.name for t in settings.teams if t.expected_on(plan_date) and not t.closed_on(plan_date)}
        if len(cells) > 1 and open_teams <= {cell.team for cell in cells}:
            yield cells, f"{plan_date} {ALL_TEAMS}"
            continue
        for cell in cells:
            yield [cell], f"{plan_date} {cell.team}"


def _room(text: str) -> int:
    """What one copy takes up in a request."""
    return len(text) + len('"", ')


def _day(text: str, window: Window) -> date:
    try:
        plan_date = date.fromisoformat(text)
    except ValueError:
        raise RequestRefused(
            "One of the asked copies has no date.", do="Write each as 2026-11-22 and the group, or * for all groups."
        ) from None
    if plan_date not in window:
        raise RequestRefused(
            f"{plan_date} is not among the days that are kept, {window.first} to {window.last}.",
            do="Ask for days among these.",
        )
    return plan_date


def _teams(text: str, plan_date: date, settings: Settings) -> tuple[str, ...]:
    if text == ALL_TEAMS:
        return tuple(team.name for team in settings.teams if team.expected_on(plan_date))
    names = tuple(team.name for team in settings.teams)
    if text not in names:
        raise RequestRefused(
            "One of the asked copies is of a group that is not in the settings.",
            do=f"The groups are {', '.join(sorted(names))}.",
        )
    return (text,)


def _key(plan_date: date) -> str:
    return f"{DAYS_KEY}_{plan_date}"


def _by_day(tried: Tried) -> dict[date, dict[str, list[object]]]:
    found: dict[date, dict[str, list[object]]] = {}
    for cell, each in sorted(tried.items()):
        found.setdefault(cell.plan_date, {})[cell.team] = [each.tries, each.asked_at.isoformat()]
    return found


def _not_healed(store: str, cells: Sequence[Cell], settings: Settings, now: datetime) -> Problem:
    language, window = settings.language, window_of(settings, now)
    of_day: dict[date, list[str]] = {}
    for cell in _in_order(cells, window):
        of_day.setdefault(cell.plan_date, []).append(cell.team)
    words = tuple(
        say(
            language,
            "heal.given_up",
            store=store,
            day=short_day_words(language, plan_date),
            teams=some(teams, language),
            tries=settings.watch.heal_tries,
        )
        for plan_date, teams in of_day.items()
    )
    soon = any(urgent(cell.plan_date, window) for cell in cells)
    return Problem(Cause.NOT_HEALED, store, Severity.CRITICAL if soon else Severity.INFO, words, tuple(cells))
