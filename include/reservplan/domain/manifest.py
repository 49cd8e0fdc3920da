"""What a store says it holds: the manifest, written last, and the intent, written first.

Readers ignore fields that they do not know and refuse a newer `schema`.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, ValidationError

from reservplan.domain.days import utc_text
from reservplan.domain.errors import ManifestUnreadable
from reservplan.domain.names import ADOPTED, Format, Kind, artifact_name, parse_artifact_name, team_key
from reservplan.domain.verdict import Reason, Verdict

SCHEMA = 1


def whole_second(instant: datetime) -> datetime:
    """The instant in UTC without a fraction: manifests and file times hold whole seconds, so they compare equal."""
    return instant.astimezone(UTC).replace(microsecond=0)


def even_second(instant: datetime) -> datetime:
    """The instant in UTC cut to an even second: FAT32 keeps no other, and a file's time must be as it was given."""
    cut = whole_second(instant)
    return cut.replace(second=cut.second // 2 * 2)


Instant = Annotated[AwareDatetime, AfterValidator(whole_second), PlainSerializer(utc_text, when_used="json")]


class Origin(StrEnum):
    """What asked for the copy; it never changes what publishing decides."""

    SCHEDULED = "scheduled"
    REFRESH = "refresh"
    MANUAL = "manual"
    BACKFILL = "backfill"
    HEALING = "healing"


# Begins the id of a run that the watch has asked for, so that it is seen to be what it is.
HEALING_PREFIX = "healing__"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ArtifactEntry(_Model):
    """One file: `mtime` is the one that we set, `captured_at` its own (an older file may stay where it is open)."""

    kind: Kind
    format: Format
    name: str
    bytes: int
    sha256: str
    mtime: Instant
    captured_at: Instant
    stands_in_for: str | None = None


class CellEntry(_Model):
    """One cell as it was published and read back.

    `content` is a hash over plan, template version, verdict, reasons and marks: the same content is left untouched.
    `source_sha256` is a hash over the whole input and the settings, which tells that nothing changed before reading it.
    `by_hour` counts the visits that begin in each of the day's 24 hours. `changed_since` is the capture with which the
    paper's own list of changes compares; None where it has none.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    origin: Origin
    captured_at: Instant
    read_at: Instant
    confirmed_at: Instant
    published_at: Instant
    visits: int
    unassigned: int
    employees: int
    cancelled: int = 0
    by_hour: tuple[int, ...] = ()
    content: str
    changed_since: Instant | None = None
    source_sha256: str = ""
    artifacts: tuple[ArtifactEntry, ...] = ()

    @property
    def true_at(self) -> datetime:
        """The latest instant at which the content was known to be true."""
        return max(self.captured_at, self.confirmed_at)


class Manifest(_Model):
    """`.reservplan/{yymmdd}.json`: every entry means published and read back."""

    # `schema` is the field's fixed name on the store; pydantic's own attribute of that name is shadowed on purpose.
    schema_: int = Field(default=SCHEMA, alias="schema")
    plan_date: date
    sealed_at: Instant
    run_id: str
    cells: dict[str, CellEntry] = {}

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON as it lies on the store."""
        return (self.model_dump_json(by_alias=True, indent=1) + "\n").encode()


class Intended(_Model):
    """A cell that is about to be written, and by which run.

    `earlier` are entries of runs that were interrupted before, oldest first, while any of their files lies there:
    without them a second interruption would make our own files look foreign.
    """

    run_id: str
    written_at: Instant
    entry: CellEntry
    earlier: tuple[CellEntry, ...] = ()


class Intent(_Model):
    """`.reservplan/{yymmdd}.intent.json`: names and hashes about to be written, before the first rename."""

    schema_: int = Field(default=SCHEMA, alias="schema")
    plan_date: date
    cells: dict[str, Intended] = {}

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON as it lies on the store."""
        return (self.model_dump_json(by_alias=True, indent=1) + "\n").encode()


_Record = TypeVar("_Record", Manifest, Intent)


def _read(kind: type[_Record], content: bytes, plan_date: date, where: str) -> _Record:
    try:
        record = kind.model_validate_json(content)
    except ValidationError as error:
        schema = _schema_of(content)
        if schema is not None and schema > SCHEMA:
            raise _newer(where, schema) from None
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ManifestUnreadable(
            f"{where} cannot be read ({field}: {first['type']}).", do="See docs/runbooks/manifest-damaged.md."
        ) from None
    if record.schema_ > SCHEMA:
        raise _newer(where, record.schema_)
    if record.plan_date != plan_date:
        raise ManifestUnreadable(
            f"{where} speaks of {record.plan_date}, not of {plan_date}.", do="See docs/runbooks/manifest-damaged.md."
        )
    if not all(_is_of(artifact, plan_date, team) for team, artifact in _named(record)):
        raise ManifestUnreadable(
            f"{where} names a file that cannot be its group's of that day.",
            do="See docs/runbooks/manifest-damaged.md.",
        )
    return record


def _named(record: "Manifest | Intent") -> Iterator[tuple[str, ArtifactEntry]]:
    for team, told in record.cells.items():
        entries = [told] if isinstance(told, CellEntry) else [told.entry, *told.earlier]
        yield from ((team, artifact) for entry in entries for artifact in entry.artifacts)


def _is_of(artifact: ArtifactEntry, plan_date: date, team: str) -> bool:
    """Whether a run of ours could have written that name for the team: any other would be removed as ours one day."""
    if artifact.name == artifact_name(plan_date, artifact.kind, team, artifact.format):
        return True
    parsed = parse_artifact_name(artifact.name)
    return (
        parsed is not None
        and parsed.suffix != ADOPTED
        and (parsed.plan_date, parsed.kind, parsed.format) == (plan_date, artifact.kind, artifact.format)
        and team_key(parsed.team) == team_key(team)
    )


def _schema_of(content: bytes) -> int | None:
    try:
        value = json.loads(content).get("schema")
    except (ValueError, AttributeError):
        return None
    return value if isinstance(value, int) else None


def _newer(where: str, schema: int) -> ManifestUnreadable:
    return NewerManifest(
        f"{where} has schema {schema}; this version knows {SCHEMA}.",
        do="Nothing was touched. Upgrade Reservplan here to the version that wrote it.",
    )


class NewerManifest(ManifestUnreadable):
    """Written by a newer version: nothing on the store may be touched."""


def read_manifest(content: bytes, plan_date: date, where: str) -> Manifest:
    """Parse a manifest; `where` names the file in errors.

    Raises:
        NewerManifest: it was written by a newer version.
        ManifestUnreadable: it is damaged or speaks of another day.
    """
    return _read(Manifest, content, plan_date, where)


def read_intent(content: bytes, plan_date: date, where: str) -> Intent:
    """Parse an intent; raises as `read_manifest` does."""
    return _read(Intent, content, plan_date, where)
