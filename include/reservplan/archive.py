"""Every capture of the plan, kept day by day as long as the copies: for missed days, and for days without the export.

`{archive}/captures/{yymmdd}/{capture_id}.visits.parquet`, `.shifts.parquet`, `.plan.json` and last `.json`, with which
alone the capture counts. It holds what the paper holds, and is never on a store.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from math import ceil
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from reservplan.domain.days import Window, utc_text
from reservplan.domain.errors import LastingError, StagingRefused
from reservplan.domain.judgement import Judgement
from reservplan.domain.names import parse_day
from reservplan.domain.plan import Cell, Plan
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import moment_words, say
from reservplan.plan_files import BESIDES, PLAN_FILES, plan_from_files, plan_of_day, plan_to_files
from reservplan.private_files import HALF_WRITTEN, PrivateFiles

CAPTURES = "captures"
SCHEMA = 1
# A site whose machines stood still for longer begins anew by hand: until then a clock that jumped looks the same.
FRESH = timedelta(days=2)
# No run takes longer.
LEFT = timedelta(hours=12)


class ArchiveDamaged(LastingError):
    """A capture is not as it was written."""


class ArchivedCell(BaseModel):
    """What a capture knew of one group: when that was true, how whole it was, how many visits."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    captured_at: AwareDatetime
    verdict: Verdict
    visits: int


class Capture(BaseModel):
    """What one capture knew of one plan_date, by group; only groups that the source covered.

    `captured_at` is the latest of its groups', `source` the export's name, `raw_sha256` a hash over the input's files;
    `files` has the hashes of the capture's own by name, `size_bytes` is what they take.
    """

    # `schema` is the field's fixed name in the archive; pydantic's own attribute of that name is shadowed on purpose.
    schema_: int = Field(default=SCHEMA, alias="schema")
    plan_date: date
    capture_id: str
    captured_at: AwareDatetime
    read_at: AwareDatetime
    source: str
    raw_sha256: str
    cells: Mapping[str, ArchivedCell]
    files: Mapping[str, str] = {}
    size_bytes: int = 0

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Archive:
    """The captures at `base`, a folder or a bucket."""

    def __init__(self, base: str) -> None:
        self.files = PrivateFiles.at(base, "archive")

    def keep(self, plan: Plan, judgements: Mapping[Cell, Judgement], raw_sha256: str, zone: ZoneInfo) -> int:
        """Keep what a plan says of the judged days; returns how many days had something new.

        A day whose newest capture is of the same instant and says the same is not kept twice.
        """
        days = sorted({cell.plan_date for cell in judgements})
        self.files.below(CAPTURES).tighten()
        for day in days:
            self._remove_leftovers(day)
        return sum(self._keep_day(plan, day, judgements, raw_sha256, zone) for day in days)

    def captures(self, plan_date: date) -> list[Capture]:
        """A day's captures, the latest first; what a newer version has written is left out, and left alone."""
        listed = [name for name in self.files.names(_folder(plan_date)) if name.endswith(".json")]
        told = [name for name in listed if not name.endswith(f".{BESIDES}")]
        found = [capture for name in told if (capture := self._read(name)) is not None]
        return sorted(found, key=lambda one: (one.captured_at, one.read_at, one.capture_id), reverse=True)

    def plan(self, capture: Capture) -> Plan:
        """The plan of that day, as far as the capture knew it.

        Raises:
            ArchiveDamaged: a file is gone, or is not what was written.
        """
        stem = _stem(capture.plan_date, capture.capture_id)
        contents = {name: self.files.read_or_none(f"{stem}.{name}") for name in PLAN_FILES}
        whole = {name: content for name, content in contents.items() if content is not None}
        if _hashes(whole) != dict(capture.files):
            raise ArchiveDamaged(
                f"The archived capture {stem} is damaged.",
                do="An older one or the export is asked instead. Restore the archive's disk, or remove that capture.",
            )
        try:
            return plan_from_files(whole)
        except Exception as error:
            # The words of a reader may quote what it reads.
            raise ArchiveDamaged(
                f"The archived capture {stem} cannot be read ({type(error).__name__}).",
                do="An older one or the export is asked instead. See that every worker has the same Reservplan.",
            ) from None

    def days(self) -> list[date]:
        """The days of which anything is kept, in order."""
        return sorted(
            day for name in self.files.names(CAPTURES) if (day := parse_day(name.rpartition("/")[2])) is not None
        )

    def remove(self, plan_date: date) -> int:
        """Remove all of a day; returns how many files there were."""
        folder = self.files.below(_folder(plan_date))
        count = len(folder.names())
        folder.remove_all()
        if left := folder.names():
            raise StagingRefused(
                f"The archive's day {plan_date:%y%m%d} is not removed: {len(left)} of {count} files are left.",
                do="See that the archive and all in it belong to the account that runs Reservplan.",
            )
        return count

    def put_instead(self, capture: Capture, plan: Plan, cells: Mapping[str, ArchivedCell]) -> Capture:
        """Put a changed plan in a capture's place; it counts before the old one goes, so doing it again is safe.

        The new one is made of no input that anybody could have again.
        """
        new = self._write(plan, capture.model_copy(update={"cells": cells, "raw_sha256": ""}))
        if new.capture_id != capture.capture_id:
            stem = _stem(capture.plan_date, capture.capture_id)
            # First the one without which the others are nothing.
            self.files.remove([f"{stem}.json", *(f"{stem}.{name}" for name in PLAN_FILES)])
        return new

    def remove_unfinished(self, plan_date: date) -> int:
        """Remove what no capture of a day counts, however new; returns how many files.

        Only for who knows that no run is writing.
        """
        left = self._unfinished(plan_date)
        self.files.remove(left)
        return len(left)

    def _remove_leftovers(self, plan_date: date) -> None:
        """Remove what a killed run has left of a day.

        Only what is old, for another run may be writing. On object storage it goes with its day.
        """
        self.files.remove_old(self._unfinished(plan_date), datetime.now(UTC) - LEFT)

    def _unfinished(self, plan_date: date) -> list[str]:
        """A day's files without the last one of their capture, and half-written ones."""
        names = self.files.names(_folder(plan_date))
        stems = {name.removesuffix(".json") for name in names if not name.endswith(f".{BESIDES}")}
        ours = [name for name in names if name.endswith((HALF_WRITTEN, *PLAN_FILES))]
        return [name for name in ours if not any(name == f"{stem}.{of}" for stem in stems for of in PLAN_FILES)]

    def _keep_day(
        self, plan: Plan, plan_date: date, judgements: Mapping[Cell, Judgement], raw_sha256: str, zone: ZoneInfo
    ) -> bool:
        cells = {
            cell.team: ArchivedCell(captured_at=one.captured_at, verdict=one.verdict, visits=one.visits)
            for cell, one in judgements.items()
            if cell.plan_date == plan_date
        }
        of_day = plan_of_day(plan, plan_date, zone)
        hashes = _hashes(plan_to_files(of_day))
        frames = {name: digest for name, digest in hashes.items() if name.endswith(".parquet")}
        for there in self.captures(plan_date):
            if there.cells == cells and frames.items() <= there.files.items():
                return False
        capture = Capture(
            plan_date=plan_date,
            capture_id="",
            captured_at=max(one.captured_at for one in cells.values()),
            read_at=plan.read_at,
            source=PurePath(plan.label).name,
            raw_sha256=raw_sha256,
            cells=cells,
        )
        self._write(of_day, capture)
        return True

    def _write(self, plan: Plan, capture: Capture) -> Capture:
        """Write a capture of this plan under the name that follows from it; the file by which it counts comes last."""
        contents = plan_to_files(plan)
        hashes = _hashes(contents)
        digest = sha256("".join(hashes.values()).encode()).hexdigest()[:12]
        named = capture.model_copy(
            update={
                "capture_id": f"{capture.captured_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest}",
                "files": hashes,
                "size_bytes": sum(map(len, contents.values())),
            }
        )
        stem = _stem(named.plan_date, named.capture_id)
        for name, content in contents.items():
            self.files.write_whole(f"{stem}.{name}", content)
        self.files.write_whole(f"{stem}.json", named.model_dump_json(by_alias=True, indent=1).encode())
        return named

    def _read(self, name: str) -> Capture | None:
        content = self.files.read_or_none(name)
        try:
            capture = Capture.model_validate_json(content or b"")
        except ValidationError:
            return None
        return capture if capture.schema_ <= SCHEMA else None


def _hashes(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: sha256(content).hexdigest() for name, content in contents.items()}


def _folder(plan_date: date) -> str:
    return f"{CAPTURES}/{plan_date:%y%m%d}"


def _stem(plan_date: date, capture_id: str) -> str:
    return f"{_folder(plan_date)}/{capture_id}"


@dataclass(frozen=True)
class ArchiveRemoval:
    """Which days' captures go, and the codes of why nothing goes after all (`archive.refused_<code>`)."""

    days: tuple[date, ...]
    refusals: tuple[str, ...] = ()


def plan_removal(
    days: Iterable[date], window: Window, newest_read_at: datetime | None, now: datetime, most_days: int
) -> ArchiveRemoval:
    """What is older than the window goes, as the copies do; pure.

    Refused where that would be many days at once, or where nothing was read lately: both look like a clock that has
    jumped.
    """
    old = tuple(sorted(day for day in days if day < window.first))
    refusals = []
    if len(old) > most_days:
        refusals.append("many")
    if old and (newest_read_at is None or abs(now - newest_read_at) > FRESH):
        refusals.append("stale")
    return ArchiveRemoval(old, tuple(refusals))


_COLUMNS = ("day", "captured", "read", "whole", "visits", "size", "source")


def archive_table(captures: Sequence[Capture], language: str, zone: ZoneInfo) -> str:
    """A line a capture, in the order in which they are given."""
    if not captures:
        return say(language, "archive.empty")
    rows = [tuple(say(language, f"archive.{name}") for name in _COLUMNS)]
    for capture in captures:
        verdicts = [cell.verdict for cell in capture.cells.values()]
        rows.append(
            (
                f"{capture.plan_date:%y%m%d}",
                moment_words(language, capture.captured_at, zone),
                moment_words(language, capture.read_at, zone),
                f"{sum(verdict.whole for verdict in verdicts)}/{len(verdicts)}",
                str(sum(cell.visits for cell in capture.cells.values())),
                f"{ceil(capture.size_bytes / 1000)} kB",
                capture.source,
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def archive_json(captures: Sequence[Capture]) -> dict[str, Any]:
    """The same for programs; instants in UTC."""
    return {
        "captures": [
            {
                "plan_date": capture.plan_date.isoformat(),
                "captured_at": utc_text(capture.captured_at),
                "read_at": utc_text(capture.read_at),
                "source": capture.source,
                "raw_sha256": capture.raw_sha256,
                "bytes": capture.size_bytes,
                "cells": {
                    team: {"captured_at": utc_text(cell.captured_at), "verdict": cell.verdict, "visits": cell.visits}
                    for team, cell in capture.cells.items()
                },
            }
            for capture in captures
        ]
    }
