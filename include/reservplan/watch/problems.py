"""From what was found at every store to problems: one a cause and store, however many copies it concerns. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from reservplan.domain.alerts import Severity
from reservplan.domain.plan import Cell
from reservplan.domain.run_notes import RunNote


class Cause(StrEnum):
    """Why something is not as it should be; each has its own words, and a runbook."""

    STORE_AWAY = "store_away"  # it cannot be reached, or refuses us
    NOT_SAVED = "not_saved"  # nothing was sealed by `due_by`, the copies grow old, the latest capture is too old
    MISSING = "missing"  # files of ours are gone, though they were sealed
    DAMAGED = "damaged"  # a file is not what we wrote, and nobody edited it
    EDITED = "edited"  # somebody changed a file
    INCOMPLETE = "incomplete"  # what was read is not whole, or was held back for that
    OPEN = "open"  # a newer copy lies beside a file that is open
    RECORD = "record"  # a manifest or another record cannot be read
    RETENTION = "retention"  # retention refused, or could not remove what it planned to
    OVERDUE = "overdue"  # what is older than the window still lies there
    CLOCK = "clock"  # the store's clock differs from ours
    STRAY = "stray"  # files under our names that are not ours, leftovers, unsealed cells
    UNKNOWN_TEAM = "unknown_team"  # a group that the settings do not know
    NOT_HEALED = "not_healed"  # asked for again as often as allowed, and still not there
    RUN_FAILED = "run_failed"  # a run failed, and no other problem tells of it
    AIRFLOW = "airflow"  # a part of Airflow itself is not well


@dataclass(frozen=True)
class Problem:
    """All of one cause at one store; `store` is empty where it is none's.

    `words` tell what was found, in the users' language, the gravest first. `heals` says that the watch asks for these
    cells again by itself. `note` is the failed run that explains it, where one does.
    """

    cause: Cause
    store: str
    severity: Severity
    words: tuple[str, ...]
    cells: tuple[Cell, ...] = ()
    paths: tuple[str, ...] = ()
    heals: bool = False
    note: RunNote | None = None

    @property
    def key(self) -> str:
        """What makes it the same problem in the next round."""
        return f"{self.cause}:{self.store}"

    @property
    def teams(self) -> tuple[str, ...]:
        """The groups that it concerns, each once."""
        return tuple(dict.fromkeys(cell.team for cell in self.cells))
