"""What the nightly deep check found, told with what is seen at each look until it is mended. Pure.

A file that has changed without its size and time looks as we wrote it; only who reads it back knows.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from reservplan.domain.alerts import Severity
from reservplan.domain.names import is_paper_name, parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.words import say
from reservplan.settings import Settings
from reservplan.store.inspection import DayOnStore
from reservplan.telling import some
from reservplan.watch.findings import MOST_FILES_NAMED, Finding, Seen, findings
from reservplan.watch.looking import Coverage
from reservplan.watch.states import CellCoverage, State
from reservplan.watch.verifying import Verified

# What is missing, open or a record is seen by every look.
SEEN_BY_READING_ONLY = ("differs", "broken", "does_not_open")


class FileFault(BaseModel):
    """A file that is not what its record says; `code` as of a `VerifyFault`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    code: str


class VerifiedNote(BaseModel):
    """What a deep check of one store found; `at` is when it began."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    files: int
    faults: tuple[FileFault, ...] = ()

    @classmethod
    def of(cls, found: Verified, at: datetime) -> Self:
        """What is to be kept of a check that began at an aware instant."""
        faults = tuple(FileFault(path=fault.path, code=fault.code) for fault in found.faults)
        return cls(at=at.astimezone(UTC), files=found.files, faults=faults)


def with_verified(found: Coverage, note: VerifiedNote | None, settings: Settings) -> Coverage:
    """The look with what the last deep check knows better: such cells are damaged, and found to be.

    A cell whose files were written since, or that a person edited since, is as the look says.
    """
    if note is None or not found.reachable or found.writing:
        return found
    broken = dict(_broken(found, note))
    papers = tuple(_broken_papers(found, note))
    told = _told(found, broken, settings) + _papers_told(found, papers, settings)
    if not told:
        return found
    ordered = sorted((*told, *found.findings), key=lambda finding: finding.severity is not Severity.CRITICAL)
    return replace(found, cells={**found.cells, **broken}, findings=tuple(ordered))


def _broken(found: Coverage, note: VerifiedNote) -> Iterator[tuple[Cell, CellCoverage]]:
    names: dict[Cell, list[str]] = {}
    for fault in note.faults:
        name = fault.path.rpartition("/")[2]
        artifact = parse_artifact_name(name)
        if artifact is not None and fault.code in SEEN_BY_READING_ONLY:
            names.setdefault(Cell(artifact.plan_date, artifact.team), []).append(name)
    for cell, files in names.items():
        covered = found.cells.get(cell)
        if covered is not None and _still_stands(covered, note.at):
            yield cell, replace(covered, state=State.DAMAGED, files=tuple(sorted(files)), held_back=False)


def _still_stands(covered: CellCoverage, at: datetime) -> bool:
    if covered.state in (State.MISSING, State.DAMAGED, State.EDITED):
        return False
    return covered.written_at is not None and covered.written_at <= at


def _told(found: Coverage, broken: dict[Cell, CellCoverage], settings: Settings) -> tuple[Finding, ...]:
    # Its records were readable, or the cells would be damaged without us.
    seen = Seen({cell.plan_date: DayOnStore(cell.plan_date) for cell in broken})
    return findings(found.store, broken.values(), seen, settings, found.window, found.looked_at)


def _broken_papers(found: Coverage, note: VerifiedNote) -> Iterator[str]:
    """Papers that belong to no cell, without those of which the look has something to say itself."""
    told = {path for finding in found.findings for path in finding.paths}
    for fault in note.faults:
        is_paper = is_paper_name(fault.path.rpartition("/")[2])
        if is_paper and fault.code in SEEN_BY_READING_ONLY and fault.path not in told:
            yield fault.path


def _papers_told(found: Coverage, papers: tuple[str, ...], settings: Settings) -> tuple[Finding, ...]:
    if not papers:
        return ()
    names = some(papers, settings.language, MOST_FILES_NAMED)
    words = say(settings.language, "heal.paper_damaged", store=found.store, names=names)
    return (Finding("damaged", Severity.INFO, words, paths=papers),)
