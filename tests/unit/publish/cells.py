"""Cells for the tests of publishing: entries, standings and offers with a word or two each."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from reservplan.domain.days import Window
from reservplan.domain.manifest import ArtifactEntry, CellEntry, Origin
from reservplan.domain.names import ARTIFACTS, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.standing import CellState, FileState, Standing
from reservplan.domain.verdict import Verdict
from reservplan.publish.decision import Offer

TODAY = date(2022, 6, 21)
WINDOW = Window(TODAY, days_back=14, days_ahead=3)
CELL = Cell(TODAY, "Ullared")
FIVE = datetime(2022, 6, 21, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def offer(**changes: object) -> Offer:
    """A complete offer of 212 visits, captured at five, read four hours later and compared with what the share has."""
    plain = Offer(
        cell=CELL, verdict=Verdict.COMPLETE, captured_at=FIVE, read_at=FIVE + 4 * HOUR, origin=Origin.SCHEDULED,
        visits=212, content="as-is", unassigned=3, employees=17, source_sha256="input",
        compared_with=("share",),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def entry(cell: Cell = CELL, **changes: object) -> CellEntry:
    """A complete copy of 212 visits, captured and confirmed at five, with its four files."""
    artifacts = tuple(
        ArtifactEntry(kind=kind, format=fmt, name=artifact_name(cell.plan_date, kind, cell.team, fmt), bytes=3,
                      sha256=sha256(b"old").hexdigest(), mtime=FIVE, captured_at=FIVE)
        for kind, fmt in ARTIFACTS
    )  # fmt: skip
    plain = CellEntry(
        verdict=Verdict.COMPLETE, origin=Origin.SCHEDULED, captured_at=FIVE, read_at=FIVE, confirmed_at=FIVE,
        published_at=FIVE, visits=212, unassigned=3, employees=17, content="as-is", source_sha256="input",
        artifacts=artifacts,
    )  # fmt: skip
    return plain.model_copy(update=changes)


def nothing() -> Standing:
    """A store that has never seen the cell."""
    return Standing(CELL, CellState.NOTHING)


def whole(**changes: object) -> Standing:
    """A whole copy; `changes` are those of its entry."""
    return of_files(entry(**changes), [FileState.WHOLE] * 4)


def of_files(recorded: CellEntry, states: list[FileState], state: CellState | None = None) -> Standing:
    """A copy whose four files are in the given states."""
    files = {artifact.name: found for artifact, found in zip(recorded.artifacts, states, strict=True)}
    broken = {FileState.DAMAGED, FileState.MISSING} & set(states)
    found = state or (CellState.DAMAGED if broken else CellState.WHOLE)
    return Standing(CELL, found, recorded, files, {artifact.name: artifact for artifact in recorded.artifacts})
