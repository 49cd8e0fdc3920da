"""XCom that takes references and counts, and refuses the rest.

What a task returns is kept in Airflow's database and shown on its pages, for months and to everybody with a login.
Set by `[core] xcom_backend`; see config/airflow.env.
"""

import json
import re
from typing import Any

from airflow.sdk.bases.xcom import BaseXCom
from reservplan.domain.errors import LastingError

MOST_CHARACTERS = 4096
MOST_TEXT_CHARACTERS = 200
DEEPEST = 4
RETURN_VALUE = "return_value"
# Of a run that a task has started Airflow itself keeps the id, and the address of its page.
RUN_STARTED = ("trigger_run_id", "_link_TriggerDagRunLink")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Ten or twelve digits that may be a Swedish identity number: date (day 61-91 in a coordination number), then four.
_IDENTITY_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:18|19|20)\d{2}|\d{2})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
    r"[-+ ]?\d{4}(?![0-9A-Za-z])"
)


class XComRefused(LastingError):
    """A task returned what must not be kept in Airflow's database; the value is not repeated."""


class StrictXCom(BaseXCom):
    """Airflow's own XCom behind a gate."""

    @staticmethod
    def serialize_value(
        value: Any,
        *,
        key: str | None = None,
        task_id: str | None = None,
        dag_id: str | None = None,
        run_id: str | None = None,
        map_index: int | None = None,
    ) -> Any:
        """Serialise the value, or raise XComRefused."""
        if fault := fault_of(value, key or RETURN_VALUE):
            raise XComRefused(
                f"{dag_id}.{task_id} returned a value that {fault}.",
                do="Return references and counts only, and leave the rest in staging.",
            )
        return BaseXCom.serialize_value(
            value, key=key, task_id=task_id, dag_id=dag_id, run_id=run_id, map_index=map_index
        )


def fault_of(value: Any, key: str = RETURN_VALUE) -> str | None:
    """Why a value may not be kept, in words that do not repeat it; None where it may."""
    if key not in (RETURN_VALUE, *RUN_STARTED):
        return "has a key of its own; only what a task returns is kept"
    if fault := _fault_of_part(value, depth=0):
        return fault
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > MOST_CHARACTERS:
        return f"is {len(text)} characters long; at most {MOST_CHARACTERS} are references and counts"
    return None


def _fault_of_part(part: Any, depth: int) -> str | None:
    if depth > DEEPEST:
        return f"is nested deeper than {DEEPEST} levels"
    # Exact types: a subclass may serialise with whatever else it carries.
    if part is None or type(part) in (bool, int):
        return _fault_of_text(str(part)) if type(part) is int else None
    if type(part) is str:
        return _fault_of_text(part)
    if type(part) is list:
        return next((fault for item in part if (fault := _fault_of_part(item, depth + 1))), None)
    if type(part) is dict:
        return _fault_of_dict(part, depth)
    return f"holds a {type(part).__name__}; only dict, list, str, int, bool and None are kept"


def _fault_of_dict(part: dict[Any, Any], depth: int) -> str | None:
    for name, item in part.items():
        if type(name) is not str or not _FIELD_NAME.fullmatch(name):
            return "has a key that is no field name (lower case, digits, _)"
        if fault := _fault_of_part(item, depth + 1):
            return fault
    return None


def _fault_of_text(text: str) -> str | None:
    if len(text) > MOST_TEXT_CHARACTERS:
        return f"holds a text of {len(text)} characters; at most {MOST_TEXT_CHARACTERS} are a reference"
    if "\n" in text:
        return "holds a text of several lines"
    if _IDENTITY_NUMBER.search(text):
        return "holds what may be an identity number"
    return None
