"""What lies on a store for a cell, judged against what our manifest and intent say of it."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from reservplan.domain.manifest import ArtifactEntry, CellEntry
from reservplan.domain.names import ARTIFACTS, BESIDE, Format, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileInfo


class FileState(StrEnum):
    """One file against its entry."""

    WHOLE = "whole"
    DAMAGED = "damaged"  # does not open, or its hash differs though its mtime is ours
    EDITED = "edited"  # differs, opens, and its mtime is not ours
    MISSING = "missing"


class CellState(StrEnum):
    """A cell on a store, the worst first that decides what publishing may do."""

    NOTHING = "nothing"
    DAMAGED = "damaged"
    WHOLE = "whole"


@dataclass(frozen=True)
class Standing:
    """What lies on a store for one cell.

    `entry` is what our records say of it (None where nothing does); `edited` and `foreign` are bare names under which
    somebody else's content lies; `files` is each artifact's state by name.
    """

    cell: Cell
    state: CellState
    entry: CellEntry | None = None
    edited: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    files: Mapping[str, FileState] = field(default_factory=dict)
    unsealed: bool = False


def looks_untouched(entry: ArtifactEntry, info: FileInfo) -> bool:
    """Whether size and mtime are those that we gave the file, so that its content need not be read."""
    return info.size_bytes == entry.bytes and info.mtime == entry.mtime


def file_state(entry: ArtifactEntry, info: FileInfo | None, content: bytes | None) -> FileState:
    """Judge one file; `content` is needed only where `looks_untouched` says no."""
    if info is None:
        return FileState.MISSING
    if content is None:
        if not looks_untouched(entry, info):
            raise ValueError("the content is needed to judge a file whose size or mtime differs")
        return FileState.WHOLE
    if sha256(content).hexdigest() == entry.sha256:
        return FileState.WHOLE
    if info.mtime == entry.mtime or not opens(entry.format, content):
        return FileState.DAMAGED
    return FileState.EDITED


def opens(fmt: Format, content: bytes) -> bool:
    """Whether the bytes are a whole file of that format, as far as can be told without rendering it."""
    if fmt is Format.PDF:
        return content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.testzip() is None and "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, EOFError, OSError, ValueError):
        return False


def own_names(cell: Cell) -> tuple[str, ...]:
    """The four names that a cell's copies have."""
    return tuple(artifact_name(cell.plan_date, kind, cell.team, fmt) for kind, fmt in ARTIFACTS)


def beside_names(cell: Cell) -> tuple[str, ...]:
    """The four names beside somebody else's files."""
    return tuple(artifact_name(cell.plan_date, kind, cell.team, fmt, BESIDE) for kind, fmt in ARTIFACTS)


def true_since(entry: CellEntry) -> datetime:
    """The instant that "later" compares: the greater of captured_at and confirmed_at."""
    return entry.true_at


def worst(states: Iterable[FileState]) -> CellState:
    """What a cell is when its files are in these states; an edited file is whole, in somebody else's hands."""
    found = set(states)
    if not found or found == {FileState.MISSING}:
        return CellState.NOTHING
    if FileState.DAMAGED in found or FileState.MISSING in found:
        return CellState.DAMAGED
    return CellState.WHOLE
