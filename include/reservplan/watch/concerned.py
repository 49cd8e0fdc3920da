"""Which groups and days a problem concerns, and how each is: a table where it can be read, else counts. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from reservplan.domain.days import local_day
from reservplan.domain.plan import Cell
from reservplan.domain.words import say
from reservplan.settings import Settings
from reservplan.watch.effects import STATE_OF, Effects
from reservplan.watch.letter import Section, Table
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.states import State
from reservplan.watch.subjects import MOST_IN_SUBJECT, cells_of, day_name, spans_words, teams_words

# A table has so many groups, and so many days side by side.
MOST_GROUPS = 15
MOST_DAYS = 3


class Concerned:
    """The copies of a problem, as far as the look at its store knows them."""

    def __init__(self, problem: Problem, effects: Effects, settings: Settings, now: datetime) -> None:
        self._problem = problem
        self._effects = effects
        self._settings = settings
        self._now = now
        self._today = local_day(now, settings.zone)

    def _say(self, key: str, **values: object) -> str:
        return say(self._settings.language, f"alert.{key}", **values)

    def section(self) -> Section | None:
        """Each group and day; of many groups only how many, day by day."""
        cells = cells_of(self._problem)
        if not cells or (self._problem.cause not in STATE_OF and self._problem.cause is not Cause.OPEN):
            return None
        heading = self._say("copies")
        teams = list(dict.fromkeys(cell.team for cell in cells))
        days = sorted({cell.plan_date for cell in cells}, key=lambda day: (day < self._today, day))
        if len(teams) > MOST_GROUPS:
            return Section(heading, tuple(self._day_lines(days, cells)))
        states = {cell: self._state(cell) for cell in cells}
        good = frozenset({say(self._settings.language, f"watch.state_{State.OK}"), ""})
        if len(days) <= MOST_DAYS:
            head = (self._say("group"), *(self._day_head(day) for day in days))
            rows = tuple((team, *(self._cell_words(Cell(day, team), states) for day in days)) for team in teams)
            return Section(heading, table=Table(head, rows, good))
        rows = tuple((team, self._team_line(team, states)) for team in teams)
        return Section(heading, table=Table((self._say("group"), self._say("days")), rows, good))

    def _day_head(self, day: date) -> str:
        return day_name(day, self._settings, self._now)

    def _state(self, cell: Cell) -> str:
        covered = self._effects.covered(cell)
        if covered is not None and covered.held_back:
            return self._say("state_held_back")
        state = covered.state if covered is not None else STATE_OF.get(self._problem.cause)
        return say(self._settings.language, f"watch.state_{state}") if state else self._say("state_open")

    def _cell_words(self, cell: Cell, states: Mapping[Cell, str]) -> str:
        if cell in states:
            return states[cell]
        covered = self._effects.covered(cell)
        return say(self._settings.language, f"watch.state_{covered.state}") if covered else ""

    def _team_line(self, team: str, states: Mapping[Cell, str]) -> str:
        by_state: dict[str, list[date]] = {}
        for cell, words in states.items():
            if cell.team == team:
                by_state.setdefault(words, []).append(cell.plan_date)
        return "; ".join(f"{words} {spans_words(days, self._settings)}" for words, days in by_state.items())

    def _day_lines(self, days: Sequence[date], cells: Sequence[Cell]) -> Iterator[str]:
        """Days of which the same is to be said stand on one line."""
        days_of: dict[str, list[date]] = {}
        for day in days:
            days_of.setdefault(self._groups_of_day(day, cells), []).append(day)
        for words, those in days_of.items():
            yield f"{', '.join(self._day_head(day) for day in those)}: {words}"

    def _groups_of_day(self, day: date, cells: Sequence[Cell]) -> str:
        by_state: dict[str, list[str]] = {}
        for cell in cells:
            if cell.plan_date == day:
                by_state.setdefault(self._state(cell), []).append(cell.team)
        return "; ".join(
            f"{state} {self._say('groups', count=len(teams))} ({teams_words(teams, self._settings, MOST_IN_SUBJECT)})"
            for state, teams in by_state.items()
        )
