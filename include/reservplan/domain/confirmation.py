"""The code with which a person confirms one certain deletion plan, and the command that takes it. Pure.

The code is the beginning of a hash over all that the plan does: it fits this very plan, and no other one.
"""

import shlex
from collections.abc import Sequence

# More than twelve, which could be taken for an identity number where they are all decimal.
CODE_DIGITS = 14


def code_of(digest: str) -> str:
    """What a person types."""
    return digest[:CODE_DIGITS]


def confirms(given: str, digest: str) -> bool:
    """Whether what somebody typed is the code of the plan with this digest; more digits than needed are fine."""
    return len(given) >= CODE_DIGITS and digest.startswith(given.lower())


def confirm_command(code: str, which: Sequence[str], config: str = "") -> str:
    """The whole command, as it is typed; `which` are the options that say what it is about."""
    before = ["--config", config] if config else []
    return shlex.join(["reservplan", *before, "retain", *which, "--apply", "--confirm", code])
