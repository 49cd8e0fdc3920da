"""A message to the people who answer for the copies: how urgent it is, and its words; no person is named in it."""

from dataclasses import dataclass
from enum import StrEnum

MOST_SUBJECT_CHARACTERS = 60


class Severity(StrEnum):
    """critical: somebody who prints today or tomorrow would miss something; info: everything else."""

    CRITICAL = "critical"
    INFO = "info"


@dataclass(frozen=True)
class Alert:
    """A message before it has an address: one subject, and the same body as plain text and as HTML.

    The subject has at most `MOST_SUBJECT_CHARACTERS`. `short` is for telephones: what happened, what to do first, whom
    to call, in one message; where it is empty the subject must do.
    """

    subject: str
    plain: str
    html: str
    severity: Severity
    short: str = ""
