"""What every task body has in common: quiet libraries, one line with its counts, and faults that name no person."""

import functools
import logging
import resource
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from airflow.sdk import BaseOperatorLink, task
from airflow.sdk.exceptions import AirflowException
from reservplan.domain.unexpected import without_words

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("reservplan.step")

MOST_CHARACTERS = 1000

# smbprotocol logs user, share and file names of every request, Great Expectations dozens of lines at import.
# Airflow's own setting for levels does not reach them.
TALKATIVE = ("smbprotocol", "great_expectations")


def in_airflow(*, links: tuple[BaseOperatorLink, ...] = (), **settings: Any) -> Callable[[Callable[P, R]], Any]:
    """Make a body a task, with links on its page; `settings` are those of Airflow's `@task`."""

    def decorate(body: Callable[P, R]) -> Any:
        # A dict is one value: Airflow would keep each of its keys as an XCom of its own.
        made = task(multiple_outputs=False, **settings)(step(body))
        return linked(made, links) if links else made

    return decorate


def linked(made: Callable[P, Any], links: tuple[BaseOperatorLink, ...]) -> Callable[P, Any]:
    """The same task with links on its page, which Airflow's decorator does not take."""

    @functools.wraps(made)
    def called(*args: P.args, **kwargs: P.kwargs) -> Any:
        result = made(*args, **kwargs)
        result.operator.operator_extra_links = links
        return result

    return called


def step(body: Callable[P, R]) -> Callable[P, R]:
    """Wrap a task body: silence libraries, log its counts, and let no foreign exception's text out."""

    @functools.wraps(body)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        # A core dump would hold the names of clients.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        log.info("%s …", body.__name__)
        try:
            result = body(*args, **kwargs)
        except AirflowException:
            raise
        except Exception as error:
            told = without_words(error)
            log.error("%s failed: %s", body.__name__, clipped(str(told)))
            # `from None`: Airflow logs the cause too, and its text may hold what stands in a cell of the export.
            raise told from None
        except BaseException as stopped:
            # A time-out may come while another fault is being handled, which Airflow would log along with it.
            raise stopped from None
        log.info("%s: %s", body.__name__, in_words(result))
        return result

    return wrapped


def clipped(text: str) -> str:
    """The text as far as a person reads it; a fault that meets every cell names hundreds."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} … ({len(text)} characters in all)"


def in_words(result: Any) -> str:
    """A step's result on one line: counts by name, or how many."""
    if isinstance(result, dict):
        shown = (f"{key.replace('_', ' ')} {value}" for key, value in result.items() if not isinstance(value, list))
        return ", ".join(shown) or "nothing to do"
    if isinstance(result, list) and result and isinstance(result[0], dict):
        counts = [key for key, value in result[0].items() if key != "number" and isinstance(value, int)]
        sums = {key: sum(item[key] for item in result) for key in counts}
        return f"{len(result)} to do: {in_words(sums)}" if sums else f"{len(result)} to do"
    if isinstance(result, list):
        return ", ".join(map(str, result)) or "nothing to do"
    return "done" if result is None else str(result)
