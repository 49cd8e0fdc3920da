"""How many visits each cell had: `.reservplan/counts.json`, kept longer than the copies, without personal data.

Each cell's files are noted there too, by the beginnings of their hashes: a manifest that is lost then makes no file of
ours look like somebody else's.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, Field

from reservplan.domain.names import OWN_FOLDER
from reservplan.domain.records import CellRecords
from reservplan.domain.verdict import Verdict

COUNTS_NAME = f"{OWN_FOLDER}/counts.json"
# Eight samples of a weekday: enough for a median that a holiday does not move.
WEEKS_KEPT = 8


class Count(BaseModel):
    """The visits of one cell as it was last published or confirmed; `by_hour` those that begin in each of 24 hours.

    `files` are its files then, as `file_mark` shortens their hashes.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    visits: int
    verdict: Verdict
    by_hour: tuple[int, ...] = Field(default=(), exclude_if=lambda hours: not hours)
    files: tuple[str, ...] = Field(default=(), exclude_if=lambda files: not files)


class Counts(CellRecords[Count]):
    """The counts of the last `WEEKS_KEPT` weeks."""

    def files_of(self, plan_date: date) -> frozenset[str]:
        """The marks of all files that were ours of that day."""
        return frozenset(mark for count in self.cells.get(plan_date, {}).values() for mark in count.files)


def file_mark(sha256: str) -> str:
    """Enough of a file's hash to know the file again."""
    return sha256[:16]


def file_marks(hashes: Iterable[str]) -> tuple[str, ...]:
    """The marks of some files, in order."""
    return tuple(sorted(map(file_mark, hashes)))


def oldest_counted(today: date) -> date:
    """The first day whose counts are kept."""
    return today - timedelta(weeks=WEEKS_KEPT)
