"""A store as the watch sees it, with the words that its tests share."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from reservplan.domain.plan import Cell
from reservplan.settings import Team
from reservplan.watch import Coverage, State, coverage, coverage_table

from tests.unit.retain.shelf import STOCKHOLM, Shelf

TEN = datetime(2022, 6, 21, 10, tzinfo=STOCKHOLM)
TODAY = TEN.date()
DAY = timedelta(days=1)
ULLARED = Cell(TODAY, "Ullared")


class Lookout(Shelf):
    """A shelf that is looked at, at ten unless the test says another time."""

    def fill(self, teams: Sequence[str] = ("Ullared",), **changes: Any) -> None:
        """Copies of the whole window."""
        self.now = TEN
        self.changes = {"teams": tuple(Team(name=team) for team in teams), **self.changes}
        self.put_days([TODAY + n * DAY for n in range(-14, 4)], teams, **changes)

    def look(self, at: datetime | None = None) -> Coverage:
        self.now = at or self.now
        return coverage(self.store(), self.store_settings, self.settings, self.now)

    def state(self, day: date = TODAY, team: str = "Ullared") -> State | None:
        """The state of a cell; None where it is not expected."""
        found = self.look().cells.get(Cell(day, team))
        return found.state if found else None

    def codes(self) -> list[str]:
        return [finding.code for finding in self.look().findings]

    def table(self) -> str:
        return coverage_table([self.look()], self.settings)
