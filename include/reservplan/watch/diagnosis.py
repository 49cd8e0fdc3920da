"""What is down, and whom to call, by the routine: from what answers and what does not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Answer(StrEnum):
    """How an address, a store or a source behaved when it was asked."""

    OK = "ok"
    REFUSED = "refused"  # nobody listens there, or it says no
    SILENT = "silent"  # no answer within the time limit
    WRONG = "wrong"  # it answers, with something else than it should
    UNKNOWN_NAME = "unknown_name"  # its name leads nowhere
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class Probed:
    """What answered: `stores` by name; `words` say more of what did not, by the same names, and of `source`."""

    source: Answer = Answer.NOT_ASKED
    own_site: Answer = Answer.NOT_ASKED
    outside: Answer = Answer.NOT_ASKED
    database: Answer = Answer.NOT_ASKED
    scheduler: Answer = Answer.NOT_ASKED
    stores: Mapping[str, Answer] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


class Call(StrEnum):
    """Whom to call: the key of a contact in the settings."""

    IT_SERVICE = "it_service"
    VENDOR = "vendor"
    PLANNER = "planner"
    OPERATIONS = "operations"


@dataclass(frozen=True)
class Diagnosis:
    """Why a problem is there, as far as can be told from outside; `words` in the users' language."""

    code: str
    call: Call
    words: str
