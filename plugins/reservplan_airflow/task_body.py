"""What every task body has in common: quiet libraries, one line with its counts, and faults that name no person."""

import functools
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowException
from reservplan.domain.errors import LastingError, PassingError, ReservplanError

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("reservplan.step")

MOST_CHARACTERS = 1000

# smbprotocol logs user, share and file names of every request, Great Expectations dozens of lines at import.
# Airflow's own setting for levels does not reach them.
TALKATIVE = ("smbprotocol", "great_expectations")


class UnexpectedPassing(PassingError):
    """The machine, not the product, said no: memory, disk, network. Its own words are withheld."""


class UnexpectedLasting(LastingError):
    """A fault in the program. Its own words are withheld, because they may quote a row of the plan."""


def in_airflow(**settings: Any) -> Callable[[Callable[P, R]], Any]:
    """Make a body a task; `settings` are those of Airflow's `@task`."""

    def decorate(body: Callable[P, R]) -> Any:
        # A dict is one value: Airflow would keep each of its keys as an XCom of its own.
        return task(multiple_outputs=False, **settings)(step(body))

    return decorate


def step(body: Callable[P, R]) -> Callable[P, R]:
    """Wrap a task body: silence libraries, log its counts, and let no foreign exception's text out."""

    @functools.wraps(body)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        log.info("%s …", body.__name__)
        try:
            result = body(*args, **kwargs)
        except AirflowException:
            raise
        except Exception as error:
            told = error if isinstance(error, ReservplanError) else without_words(error)
            log.error("%s failed: %s", body.__name__, clipped(str(told)))
            # `from None`: Airflow logs the cause too, and its text may hold what stands in a cell of the export.
            raise told from None
        log.info("%s: %s", body.__name__, in_words(result))
        return result

    return wrapped


def without_words(error: Exception) -> ReservplanError:
    """The fault by its type and the lines of our own code that it passed, without its text."""
    if isinstance(error, FileNotFoundError):
        return UnexpectedLasting(
            f"A file that an earlier task left is gone ({_places(error)}).",
            do="The run's staging folder was emptied when it ended: clear the whole run, from its first task.",
        )
    kind = UnexpectedPassing if isinstance(error, OSError | MemoryError) else UnexpectedLasting
    return kind(
        f"{type(error).__name__} at {_places(error)}.",
        do="Run the same days by hand with the command `reservplan snapshot`; tell the maintainer this line.",
    )


def clipped(text: str) -> str:
    """The text as far as a person reads it; a fault that meets every cell names hundreds."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} … ({len(text)} characters in all)"


def _places(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "reservplan" in frame.filename and "site-packages" not in frame.filename]
    return " ← ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed((ours or frames)[-4:]))


def in_words(result: Any) -> str:
    """A step's result on one line: counts by name, or how many."""
    if isinstance(result, dict):
        shown = (f"{key.replace('_', ' ')} {value}" for key, value in result.items() if not isinstance(value, list))
        return ", ".join(shown) or "nothing to do"
    if isinstance(result, list) and result and isinstance(result[0], dict):
        sums = {key: sum(item[key] for item in result) for key in result[0] if key != "number"}
        return f"{len(result)} to do: {in_words(sums)}"
    if isinstance(result, list):
        return ", ".join(map(str, result)) or "nothing to do"
    return "done" if result is None else str(result)
