"""Faults that nobody foresaw, told without their own words: those may quote a row of the plan."""

import traceback
from pathlib import Path

from reservplan.domain.errors import LastingError, PassingError, ReservplanError


class UnexpectedPassing(PassingError):
    """The machine, not the product, said no: memory, disk, network. Its own words are withheld."""


class UnexpectedLasting(LastingError):
    """A fault in the program. Its own words are withheld."""


def without_words(error: Exception) -> ReservplanError:
    """The fault by its type and the lines of our own code that it passed, without its text; our own as they are."""
    if isinstance(error, ReservplanError):
        return error
    if isinstance(error, FileNotFoundError):
        return UnexpectedLasting(
            f"A file that an earlier step left is gone ({_places(error)}).",
            do="The run's staging folder was emptied meanwhile: do the whole run again, from its first step.",
        )
    kind = UnexpectedPassing if isinstance(error, OSError | MemoryError) else UnexpectedLasting
    return kind(
        f"{type(error).__name__} at {_places(error)}.",
        do="Do it again; if it comes back, tell the maintainer this line. Its own words are withheld.",
    )


def at_store(name: str, error: Exception) -> str:
    """The fault in words that begin with the store's name, once."""
    text = str(without_words(error))
    return text if text.startswith(f"{name}: ") else f"{name}: {text}"


def _places(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "reservplan" in frame.filename and "site-packages" not in frame.filename]
    return " ← ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed((ours or frames)[-4:]))
