"""What validation says of a cell."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """complete: print it. remarks: print it, but read why. incomplete: something is missing."""

    COMPLETE = "complete"
    REMARKS = "remarks"
    INCOMPLETE = "incomplete"

    @property
    def whole(self) -> bool:
        """Whether the copy may be trusted to hold every visit."""
        return self is not Verdict.INCOMPLETE


class Reason(BaseModel):
    """Why a cell is not simply complete: a code for programs, a count, and words for the planner.

    `text` is in the users' language and names no person; `severity` is what the reason makes of the cell.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    count: int = 0
    text: str
    severity: Verdict = Verdict.REMARKS


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """The worst that any reason makes of the cell; complete where there is none."""
    severities = {reason.severity for reason in reasons}
    for verdict in (Verdict.INCOMPLETE, Verdict.REMARKS):
        if verdict in severities:
            return verdict
    return Verdict.COMPLETE
