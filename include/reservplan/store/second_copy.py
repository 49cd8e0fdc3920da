"""A second copy of the file that is being put in place, for file systems on which a rename may lose it.

FAT32 and exFAT keep no journal. A rename over another file removes that one, takes the new one's name out of its place
and writes it in another: a stick that is pulled in between holds neither. So the content lies twice until the rename is
on the stick itself, and whoever takes the lock next puts back what is missing.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from reservplan.domain.names import TEMP_PREFIX, is_temp_name
from reservplan.domain.ports import FileToWrite, Over
from reservplan.store.naming import temp_name

_RUN = "second-copy"


def is_second_copy(name: str) -> bool:
    """Whether a bare file name is one of a second copy."""
    return is_temp_name(name) and name.startswith(f"{TEMP_PREFIX}{_RUN}-")


def to_bytes(file: FileToWrite) -> bytes:
    """The file with what is needed to put it back, on a line of its own before the content."""
    said = {
        "path": file.path,
        "mtime": int(file.mtime.timestamp()),
        "sha256": sha256(file.content).hexdigest(),
    }
    return json.dumps(said).encode() + b"\n" + file.content


def from_bytes(stored: bytes) -> FileToWrite | None:
    """The file, to be put where nothing lies; None where the copy itself is torn: then the file is whole."""
    line, _, content = stored.partition(b"\n")
    try:
        said = json.loads(line)
        path, mtime, digest = said["path"], datetime.fromtimestamp(said["mtime"], UTC), said["sha256"]
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return None
    if not isinstance(path, str) or sha256(content).hexdigest() != digest:
        return None
    return FileToWrite(path, content, mtime, Over.NOTHING)


@dataclass
class SecondCopy:
    """One file in our own folder that holds each file in turn, while it is being put in place."""

    folder: Path
    path: Path | None = None
    needed: bool = False

    def hold(self, file: FileToWrite) -> None:
        """Have the content on the stick twice; raises OSError where that cannot be."""
        first = self.path is None
        if self.path is None:
            self.path = self.folder / temp_name(_RUN)
        # Written over in place: room given free and taken again would be one more thing that a pull can mix up.
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            stored = to_bytes(file)
            write_all(handle, stored)
            os.ftruncate(handle, len(stored))
            os.fsync(handle)
        finally:
            os.close(handle)
        if first:
            sync_folder(self.folder)

    def release(self) -> None:
        """Remove it, unless it is the only copy left."""
        if self.path is not None and not self.needed:
            self.path.unlink(missing_ok=True)
            sync_folder(self.folder)


def write_all(handle: int, content: bytes) -> None:
    """Write the whole content, however little is taken at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync_folder(folder: Path) -> None:
    """Have a folder's names on the disk itself; raises OSError where it cannot be done."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
