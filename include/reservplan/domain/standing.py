"""What lies on a store for a cell, judged against what our manifest and intent say of it."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reservplan.domain.manifest import ArtifactEntry, CellEntry
from reservplan.domain.names import ARTIFACTS, Format, Kind
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileInfo, Over

Slot = tuple[Kind, Format]


class FileState(StrEnum):
    """One recorded file against its cell's entry."""

    WHOLE = "whole"
    OLDER = "older"  # ours and whole, but of another copy than the entry: publishing was interrupted
    DAMAGED = "damaged"  # does not open, or its hash differs though its mtime is ours
    EDITED = "edited"  # differs, opens, and its mtime is not ours
    MISSING = "missing"


WHOLE_STATES = (FileState.WHOLE, FileState.OLDER)


class CellState(StrEnum):
    """Our copy of a cell: none of its files is there; some are missing or damaged; all are there."""

    NOTHING = "nothing"
    DAMAGED = "damaged"
    WHOLE = "whole"


@dataclass(frozen=True)
class Standing:
    """What lies on a store for one cell.

    `entry` is the record that the files follow (None where nothing is recorded); its `content` is empty where some
    files are of another copy. `files` is the state of each recorded file by name and `records` the record that it
    matches, else the one it was judged by; both also name files of records before the entry that lie there still.
    `foreign` are files under the cell's own four names that no record knows, `listed` everything under its names.
    `unsealed` says that the entry stands in the intent only: a run was interrupted between publish and seal. `pending`
    are entries of interrupted runs of which at least one file lies there, oldest first.
    """

    cell: Cell
    state: CellState
    entry: CellEntry | None = None
    files: Mapping[str, FileState] = field(default_factory=dict)
    records: Mapping[str, ArtifactEntry] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    listed: Mapping[str, FileInfo] = field(default_factory=dict)
    unsealed: bool = False
    pending: tuple[CellEntry, ...] = ()

    @property
    def edited(self) -> tuple[str, ...]:
        """Names of ours under which somebody else's changes lie."""
        return tuple(name for name, state in self.files.items() if state is FileState.EDITED)

    @property
    def superseded(self) -> tuple[str, ...]:
        """Names that lie there still although the entry no longer names them: ours to remove, once it is sealed."""
        named = {artifact.name for artifact in self.entry.artifacts} if self.entry else set()
        return tuple(name for name, state in self.files.items() if name not in named and state is not FileState.EDITED)

    def held(self) -> frozenset[Slot]:
        """The artifacts of which a whole copy of ours lies there, under whatever name."""
        return frozenset(
            (record.kind, record.format) for name, record in self.records.items() if self.files[name] in WHOLE_STATES
        )

    def taken(self, name: str) -> bool:
        """Whether somebody else's content lies under a name, so that it must not be written."""
        if name not in self.records:
            return name.casefold() in {listed.casefold() for listed in self.listed}
        return self.files[name] is FileState.EDITED

    def over(self, name: str) -> FileInfo | Over:
        """What a file of that name may be put over: what was seen there, in whatever letters' case, else nothing."""
        folded = name.casefold()
        same = (info for info in self.listed.values() if info.name.casefold() == folded)
        return self.listed.get(name) or next(same, Over.NOTHING)

    @property
    def lacking(self) -> frozenset[Slot]:
        """The artifacts of which no whole copy of ours lies there."""
        return frozenset(ARTIFACTS) - self.held()


def looks_untouched(entry: ArtifactEntry, info: FileInfo) -> bool:
    """Whether size and mtime are those that we gave the file, so that its content need not be read."""
    return info.size_bytes == entry.bytes and info.mtime == entry.mtime


# What Office saves where somebody has given the workbook a password: no longer a zip, and nothing to be written over.
_WITH_A_PASSWORD = bytes.fromhex("d0cf11e0a1b11ae1")


def opens(fmt: Format, content: bytes) -> bool:
    """Whether the bytes are a whole file of that format, as far as can be told without rendering it."""
    if fmt is Format.PDF:
        return content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]
    if content.startswith(_WITH_A_PASSWORD):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.testzip() is None and "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError):
        return False


def stands(entry: CellEntry, states: Mapping[str, FileState]) -> bool:
    """Whether all that an entry names lies there.

    A file that could not be replaced is excused by its stand-in, an edited one by ours beside it.
    """
    whole = [artifact for artifact in entry.artifacts if states[artifact.name] is FileState.WHOLE]
    excused = {artifact.stands_in_for for artifact in whole}
    held = {(artifact.kind, artifact.format) for artifact in whole}
    return bool(whole) and all(
        artifact in whole
        or artifact.name in excused
        or (states[artifact.name] is FileState.EDITED and (artifact.kind, artifact.format) in held)
        for artifact in entry.artifacts
    )
