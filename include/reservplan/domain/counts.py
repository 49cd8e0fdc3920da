"""How many visits each cell had: `.reservplan/counts.json`, kept longer than the copies, without personal data."""

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, Field

from reservplan.domain.names import OWN_FOLDER
from reservplan.domain.records import CellRecords
from reservplan.domain.verdict import Verdict

COUNTS_NAME = f"{OWN_FOLDER}/counts.json"
# Eight samples of a weekday: enough for a median that a holiday does not move.
WEEKS_KEPT = 8


class Count(BaseModel):
    """The visits of one cell as it was last published or confirmed; `by_hour` those that begin in each of 24 hours."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    visits: int
    verdict: Verdict
    by_hour: tuple[int, ...] = Field(default=(), exclude_if=lambda hours: not hours)


class Counts(CellRecords[Count]):
    """The counts of the last `WEEKS_KEPT` weeks."""


def oldest_counted(today: date) -> date:
    """The first day whose counts are kept."""
    return today - timedelta(weeks=WEEKS_KEPT)
