"""What a problem means for whoever prints today or tomorrow: which lists are there, how old, and where else. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from reservplan.domain.alerts import Severity
from reservplan.domain.days import ONE_DAY, local_day
from reservplan.domain.names import Kind, parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.words import say
from reservplan.settings import Settings
from reservplan.telling import contact_words, some
from reservplan.watch.looking import Coverage
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.states import CellCoverage, State
from reservplan.watch.subjects import cells_of, day_name, moment_name, teams_words

# What a cell of such a problem is, where nobody says.
STATE_OF: Mapping[Cause, State] = {
    Cause.NOT_SAVED: State.STALE,
    Cause.MISSING: State.MISSING,
    Cause.NOT_HEALED: State.MISSING,
    Cause.DAMAGED: State.DAMAGED,
    Cause.EDITED: State.EDITED,
    Cause.INCOMPLETE: State.INCOMPLETE,
}
_CLASS_OF = {
    State.MISSING: "missing",
    State.DAMAGED: "damaged",
    State.EDITED: "edited",
    State.INCOMPLETE: "incomplete",
    State.STALE: "old",
}
_NOT_TO_PRINT = ("missing", "damaged")
# The same for every day, whatever the cells are.
_OF_CAUSE = (Cause.OPEN, Cause.RECORD, Cause.RETENTION, Cause.UNKNOWN_TEAM)


class Effects:
    """What can be printed now, as far as the looks at the stores tell."""

    def __init__(self, problem: Problem, settings: Settings, now: datetime, coverages: Sequence[Coverage]) -> None:
        self._problem = problem
        self._settings = settings
        self._now = now
        self._today = local_day(now, settings.zone)
        self._here = next((found for found in coverages if found.store == problem.store), None)
        self._elsewhere = [found for found in coverages if found.store != problem.store and found.reachable]

    def covered(self, cell: Cell) -> CellCoverage | None:
        """The cell as it was seen on the problem's store."""
        return self._here.cells.get(cell) if self._here else None

    def words(self) -> tuple[str, ...]:
        """A sentence for each, the most urgent first."""
        cause = self._problem.cause
        if cause is Cause.STORE_AWAY:
            return tuple(self._of_store_away())
        if cause in _OF_CAUSE:
            return (self._say(f"effect_{cause}"),)
        if cause is Cause.RUN_FAILED and self._problem.note is not None:
            return (say(self._settings.language, f"mail.effect_{self._problem.note.job}"),)
        critical = self._problem.severity is Severity.CRITICAL
        return tuple(self._of_days()) or (self._say("effect_look" if critical else "effect_none"),)

    def _say(self, key: str, **values: object) -> str:
        planner = contact_words(self._settings.contacts.planner)
        return say(self._settings.language, f"alert.{key}", planner=planner, **values)

    def _of_store_away(self) -> Iterator[str]:
        store = next((one for one in self._settings.stores if one.name == self._problem.store), None)
        yield self._say("effect_away", called=store.called if store else self._problem.store)
        cells = [Cell(self._today, team.name) for team in self._settings.teams if team.expected_on(self._today)]
        today = day_name(self._today, self._settings, self._now)
        elsewhere = [self._say("effect_elsewhere", day=today, **values) for values in self._other_stores(cells)]
        yield from elsewhere or [self._say("effect_nowhere")]
        if self._settings.routine.kept_at:
            yield self._say("effect_kept", kept_at=self._settings.routine.kept_at)

    def _of_days(self) -> Iterator[str]:
        """What is to be said of both days is said once."""
        days_of: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
        for day in (self._today, self._today + ONE_DAY):
            for key, values in self._of_day(day):
                days_of.setdefault((key, tuple(values.items())), []).append(day_name(day, self._settings, self._now))
        between = f" {self._say('and')} "
        for (key, items), days in days_of.items():
            yield self._say(key, day=between.join(days), **dict(items))

    def _of_day(self, day: date) -> Iterator[tuple[str, dict[str, str]]]:
        of_class: dict[str, list[Cell]] = {}
        for cell in self._concerned(day):
            of_class.setdefault(self._class(cell), []).append(cell)
        for kind, cells in of_class.items():
            if not kind:
                continue
            values = {"teams": self._teams(cells), "captured": self._captured(cells)}
            yield f"effect_{kind}", {**values, "files": self._files(cells)} if kind == "partly" else values
            if kind in _NOT_TO_PRINT:
                elsewhere = self._other_stores(cells)
                yield from (("effect_elsewhere", found) for found in elsewhere)
                if not elsewhere and day == self._today:
                    yield self._instead(day, cells), {}

    def _concerned(self, day: date) -> Iterator[Cell]:
        named = [cell for cell in cells_of(self._problem) if cell.plan_date == day]
        if self._problem.cause is Cause.NOT_SAVED and not cells_of(self._problem) and self._here:
            named = [cell for cell in self._here.cells if cell.plan_date == day]
        yield from named

    def _class(self, cell: Cell) -> str:
        """Which sentence fits; empty where nothing is to be said of the cell."""
        covered = self.covered(cell)
        if covered is None:
            state = STATE_OF.get(self._problem.cause)
            return _CLASS_OF[state] if state else ""
        if covered.state is State.MISSING and covered.files and not _list_is_gone(covered.files):
            return "partly"
        if covered.held_back or (self._problem.cause is Cause.NOT_SAVED and covered.state in (State.OK, State.REMARKS)):
            return "old"
        return _CLASS_OF.get(covered.state, "")

    def _instead(self, day: date, cells: Sequence[Cell]) -> str:
        before = [self.covered(Cell(day - ONE_DAY, cell.team)) for cell in cells]
        there = all(one is None or one.state not in (State.MISSING, State.DAMAGED) for one in before)
        return "effect_instead" if there else "effect_nothing_before"

    def _other_stores(self, cells: Sequence[Cell]) -> list[dict[str, str]]:
        """Where else their lists can be printed, and of whom."""
        found = []
        for store in self._elsewhere:
            whole = [cell for cell in cells if _can_be_printed(store.cells.get(cell))]
            if whole:
                instants = [store.cells[cell].true_at for cell in whole]
                captured = self._moment([at for at in instants if at is not None])
                called = _called(store.store, self._settings)
                found.append({"called": called, "teams": self._teams(whole), "captured": captured})
        return found

    def _captured(self, cells: Sequence[Cell]) -> str:
        seen = [self.covered(cell) for cell in cells]
        return self._moment([one.true_at for one in seen if one is not None and one.true_at is not None])

    def _moment(self, instants: Sequence[datetime]) -> str:
        """`, hämtad i går kl. 05:00`; of several, the oldest. Empty where nobody knows."""
        if not instants:
            return ""
        moment = moment_name(min(instants), self._settings, self._now)
        if len(set(instants)) > 1:
            moment = say(self._settings.language, "watch.or_later", moment=moment)
        return self._say("fetched", moment=moment)

    def _teams(self, cells: Sequence[Cell]) -> str:
        if len(cells) == len(self._settings.teams) > 1:
            return self._say("every_team", count=len(cells))
        return teams_words([cell.team for cell in cells], self._settings)

    def _files(self, cells: Sequence[Cell]) -> str:
        seen = [self.covered(cell) for cell in cells]
        return some([name for one in seen if one for name in one.files], self._settings.language, 2)


def _list_is_gone(files: Sequence[str]) -> bool:
    """Whether nothing is left from which a list could be printed."""
    named = (parse_artifact_name(name) for name in files)
    return len({one.format for one in named if one is not None and one.kind is Kind.LIST}) > 1


def _can_be_printed(covered: CellCoverage | None) -> bool:
    return covered is not None and covered.state in (State.OK, State.REMARKS, State.STALE)


def _called(store: str, settings: Settings) -> str:
    called = next((one.called for one in settings.stores if one.name == store), store)
    return store if called == store else f"{store} ({called})"
