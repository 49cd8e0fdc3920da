"""Incomplete cells that somebody has said are right as they are: `.reservplan/accepted.json`."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from reservplan.domain.names import OWN_FOLDER
from reservplan.domain.records import CellRecords

ACCEPTED_NAME = f"{OWN_FOLDER}/accepted.json"


class Acceptance(BaseModel):
    """One cell as it was accepted; `why` is for the store alone, never for logs, paper or alerts.

    `codes` names the rules that made it incomplete: of others nobody has said anything. `visits` is how many there
    were: an export that has lost more since is judged anew. None where nothing had been read of the day yet: as 0, that
    there are none; where some come all the same, they are judged as any others.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    why: str
    accepted_at: AwareDatetime
    visits: int | None = None
    codes: tuple[str, ...] = ()


class Accepted(CellRecords[Acceptance]):
    """The acceptances of the window's days."""
