"""What the latest reading of a cell lacked: `.reservplan/shortfalls.json`, so that whoever looks learns why.

A manifest tells of the copy that lies there; where a whole copy was kept, or nothing could be published, the reasons
would be lost with the run.
"""

from pydantic import BaseModel, ConfigDict

from reservplan.domain.manifest import Instant
from reservplan.domain.names import OWN_FOLDER
from reservplan.domain.records import CellRecords
from reservplan.domain.verdict import Reason

SHORTFALLS_NAME = f"{OWN_FOLDER}/shortfalls.json"


class Shortfall(BaseModel):
    """A cell whose latest reading was incomplete; `decision` is what publishing did with it (`publish.<code>`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reasons: tuple[Reason, ...]
    visits: int
    captured_at: Instant
    judged_at: Instant
    run_id: str
    decision: str


class Shortfalls(CellRecords[Shortfall]):
    """The shortfalls of the window's days."""
