"""What was deleted, when and why, without any person: `.reservplan/deleted.jsonl`, one JSON object a line, for a year.

Lines that cannot be read, or that a newer version wrote, are left out here and kept there, byte by byte.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reservplan.domain.days import require_aware
from reservplan.domain.manifest import Instant
from reservplan.domain.names import OWN_FOLDER

DELETED_NAME = f"{OWN_FOLDER}/deleted.jsonl"
SCHEMA = 1
# A year and the day that a leap year has more.
KEPT_DAYS = 366


class What(StrEnum):
    """What kind of thing was deleted."""

    COPIES = "copies"
    PAPERS = "papers"  # week packs
    LEFTOVERS = "leftovers"  # temporary files of runs that were cut off
    CAPTURES = "captures"  # the archive
    REPORTS = "reports"
    STAGING = "staging"
    ERASED = "erased"  # one client's rows


class Deletion(BaseModel):
    """One deletion: `count` things of a kind, as far as they share day, group and reason.

    `why` is a code. `files` are their names, where they are files; no such name holds a person. `by` is
    the first digits of the deletion plan's digest, or the id of the run; `confirmed` names the guards that refused that
    plan, for which a person answered.
    """

    # `schema` is the field's fixed name in the record; pydantic's own attribute of that name is shadowed on purpose.
    schema_: int = Field(default=SCHEMA, alias="schema", le=SCHEMA)
    at: Instant
    what: What
    why: str
    count: int
    by: str = ""
    confirmed: tuple[str, ...] = ()
    plan_date: date | None = None
    team: str | None = None
    size_bytes: int = 0
    files: tuple[str, ...] = ()

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def to_line(self) -> bytes:
        """UTF-8 JSON in one line, as it lies there."""
        return self.model_dump_json(by_alias=True, exclude_defaults=True).encode() + b"\n"


def read_deletions(content: bytes | None) -> tuple[Deletion, ...]:
    """All deletions that can be read, in the order in which they were noted."""
    found = (_parsed(line) for line in _lines(content))
    return tuple(deletion for deletion in found if deletion is not None)


def with_deletions(content: bytes | None, deletions: Iterable[Deletion], *, at: datetime) -> bytes:
    """The record with these at its end, and without what was noted more than a year before `at`."""
    oldest = require_aware(at) - timedelta(days=KEPT_DAYS)
    kept = [line for line in _lines(content) if (noted := _parsed(line)) is None or noted.at >= oldest]
    return b"".join(kept) + b"".join(deletion.to_line() for deletion in deletions)


def _lines(content: bytes | None) -> Iterator[bytes]:
    """Each line with its end, also where the last one was cut off."""
    for line in (content or b"").split(b"\n"):
        if line.strip():
            yield line + b"\n"


def _parsed(line: bytes) -> Deletion | None:
    try:
        return Deletion.model_validate(json.loads(line))
    except (ValidationError, ValueError, RecursionError):
        return None
