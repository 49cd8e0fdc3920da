"""The run's own folder between its steps: plan frames, judgements, documents and rendered files.

Addressed through universal-pathlib, so that the same code works on a local folder and on object storage when workers
share no disk. Locally the folder is 0700 and every file 0600: it holds what the paper holds.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter
from upath import UPath

T = TypeVar("T")

# A run that was killed leaves its folder; no run takes longer than this, so an older folder belongs to nobody.
LEFTOVER_HOURS = 12

# The base may be any folder, so only a folder with our name and our mark in it is ever taken for a leftover.
_RUN_PREFIX = "run-"
_MARK = ".reservplan-run"


class Staging:
    """One run's files by relative name; made at the first write, gone after `clear()`."""

    def __init__(self, root: UPath) -> None:
        self.root = root
        # On this machine's disk rights are set and whole trees removed; elsewhere the bucket's own rules hold.
        self.folder: Path | None = root if isinstance(root, Path) else None

    @classmethod
    def of_run(cls, base: str, run_id: str) -> "Staging":
        """The staging folder of a run; run ids hold characters that are no file name everywhere."""
        return cls(UPath(base) / (_RUN_PREFIX + re.sub(r"[^A-Za-z0-9._-]", "-", run_id)))

    def write(self, name: str, content: bytes) -> None:
        """Put a file; only we may read it."""
        if self.folder is None:
            (self.root / name).write_bytes(content)
            return
        if not (self.folder / _MARK).exists():
            _write_private(self.folder / _MARK, b"")
        _write_private(self.folder / name, content)

    def read(self, name: str) -> bytes:
        """A file's content; FileNotFoundError where there is none."""
        return (self.root / name).read_bytes()

    def read_or_none(self, name: str) -> bytes | None:
        """A file's content, or None."""
        try:
            return self.read(name)
        except FileNotFoundError:
            return None

    def put(self, name: str, kind: TypeAdapter[T], value: T) -> None:
        """Put a typed value as JSON."""
        self.write(name, kind.dump_json(value))

    def get(self, name: str, kind: TypeAdapter[T]) -> T:
        """A typed value put by an earlier step."""
        return kind.validate_json(self.read(name))

    def names(self, folder: str) -> Iterator[str]:
        """The names of the files in a sub-folder, sorted."""
        path = self.root / folder
        if path.exists():
            yield from sorted(f"{folder}/{child.name}" for child in path.iterdir())

    def clear(self) -> None:
        """Remove the run's folder; nothing to remove is fine."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        elif self.root.exists():
            self.root.fs.rm(self.root.path, recursive=True)


def _write_private(path: Path, content: bytes) -> None:
    _make_private_folder(path.parent)
    # The mode is given at creation: chmod afterwards would leave a moment in which others can read.
    with open(path, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(content)


def _make_private_folder(folder: Path) -> None:
    # mkdir(parents=True) would give the folders between the default mode, readable by others.
    if not folder.exists():
        _make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def clear_leftovers(base: str, now: float | None = None) -> int:
    """Remove local staging folders of runs that were killed long ago; returns how many."""
    root = UPath(base)
    if not isinstance(root, Path) or not root.is_dir():
        return 0
    limit = (now or time.time()) - LEFTOVER_HOURS * 3600
    old = [
        child
        for child in root.glob(f"{_RUN_PREFIX}*")
        if (child / _MARK).is_file() and not child.is_symlink() and child.stat().st_mtime < limit
    ]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)
