"""Problems that last: each is told once when it opens, again when it gets worse or a day has passed, once when it ends.

Pure: from what is remembered and what was found now to what is to be remembered and told.
"""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from reservplan.domain.alerts import Severity
from reservplan.watch.problems import Cause, Problem


class Incident(BaseModel):
    """A problem that was there at an earlier look, as it is remembered between rounds.

    `told_at` is None while nobody was told: it may pass by itself, or the hour is quiet. `teams` and `cells` are the
    groups and the number of copies that were told last.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    cause: Cause
    store: str
    severity: Severity
    opened_at: AwareDatetime
    seen_at: AwareDatetime
    told_at: AwareDatetime | None = None
    teams: tuple[str, ...] = ()
    cells: int = 0

    @property
    def key(self) -> str:
        """The key of its problem."""
        return f"{self.cause}:{self.store}"


class Turn(StrEnum):
    """What happened to an incident that somebody is to be told of."""

    OPENED = "opened"
    WORSE = "worse"
    REMINDED = "reminded"
    CLOSED = "closed"


@dataclass(frozen=True)
class Event:
    """Something to tell: `problem` is None where it has ended."""

    turn: Turn
    incident: Incident
    problem: Problem | None = None
