"""The Store port: the only way in which the product touches a place where copies lie.

Paths are relative to the store's folder, with forward slashes, in NFC. Adapters translate every fault of their
library into `reservplan.domain.errors` and set a time limit on every request. None keeps a connection at construction:
`with store:` connects and closes.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self, runtime_checkable


@dataclass(frozen=True)
class FileInfo:
    """A file as a listing shows it; `mtime` is aware, cut to whole seconds.

    `spelled` is the name as it really stands there, where that is not in NFC; empty else.
    """

    name: str
    size_bytes: int
    mtime: datetime
    spelled: str = ""


class Over(StrEnum):
    """What a file may be put over, where it is not one certain file."""

    ANYTHING = "anything"  # whatever lies there is ours: our own records
    NOTHING = "nothing"  # the name must be free


@dataclass(frozen=True)
class FileToWrite:
    """A whole file to be put under `path`, with the mtime it shall have.

    `over` is what may lie there: a file as a listing showed it, which somebody may have saved anew meanwhile.
    """

    path: str
    content: bytes
    mtime: datetime
    over: FileInfo | Over = Over.ANYTHING


class Outcome(StrEnum):
    """What became of one file."""

    DONE = "done"
    BUSY = "busy"  # open elsewhere; the old file is untouched
    DENIED = "denied"  # no permission, or a folder in the way; the old file is untouched
    CHANGED = "changed"  # not the file that was expected; untouched
    MISSING = "missing"
    FAILED = "failed"  # what came back differs from what was sent; the old file is untouched


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file; `detail` names no person."""

    path: str
    outcome: Outcome
    detail: str = ""


@runtime_checkable
class Store(Protocol):
    """A place where copies lie: an SMB share, a folder, a stick."""

    @property
    def name(self) -> str:
        """The store's name in the settings."""

    @property
    def place(self) -> str:
        r"""Where it is, for people: `\\\\host\\share\\folder` or a path; no secrets."""

    def __enter__(self) -> Self:
        """Connect, and see that the folder is there; it is never made. Raises StoreUnreachable or StoreRefused."""

    def __exit__(self, *exception: object) -> None:
        """Close, without hanging and without hiding the exception under way."""

    def lock(self, holder: str) -> AbstractContextManager[None]:
        """Hold `.reservplan/lock` open (made where it is missing, with its hidden folder).

        Raises StoreBusy where somebody else holds it. The server, not a time stamp, frees it when the holder dies.
        """

    def locked(self) -> bool:
        """Whether somebody holds the lock now."""

    def list_folder(self, path: str = "") -> Mapping[str, FileInfo]:
        """The files (no folders) directly in a folder, by NFC name; empty where the folder is missing."""

    def read(self, path: str) -> bytes:
        """The whole content. Raises FileNotFoundError (path only) where there is none."""

    def read_many(self, paths: Sequence[str]) -> Mapping[str, bytes | None]:
        """The contents by path, None where there is none; one round trip of many where the adapter can."""

    def write(self, files: Iterable[FileToWrite]) -> Sequence[FileOutcome]:
        """Put each file whole or not at all; outcomes in the argument's order.

        A temp in the same folder is flushed, read back and compared, then renamed over. What is not what the file may
        be put `over` stays, with the outcome CHANGED: a free name is taken only while it is free, another file is
        looked at right before. One file's fault never stops another; missing folders are made.

        Raises StoreFull or StoreUnreachable when the rest cannot be tried; files already done are done.
        """

    def rename(self, old: str, new: str) -> FileOutcome:
        """Rename where `new` does not exist yet."""

    def remove(self, path: str, expected: FileInfo) -> FileOutcome:
        """Remove the file only if nobody has it open and size and mtime are the expected.

        Checked on the very handle that deletes, where the store can.
        """

    def remove_leftovers(self, path: str = "") -> int:
        """Remove our temporary files in a folder (only under the lock); returns how many."""

    def clock(self) -> datetime:
        """The store's own clock, aware; read from a file that it stamps."""

    def free_bytes(self) -> int | None:
        """The room left, where the store tells."""
