"""Somebody who reads the share while runs write it: under a published name there is a whole file or none."""

import io
import os
import zipfile
from pathlib import Path

from reservplan.domain.names import parse_artifact_name

from tests.operation.looking import Onlooker


class Reader(Onlooker):
    """Looks at a folder on the file server's own disk all the time, and opens each file that is new to it."""

    pause_seconds = 0.005

    def __init__(self, folder: Path) -> None:
        self.faults: list[str] = []
        self.looks = 0
        self.opened = 0
        self._folder = folder
        self._seen: set[tuple[str, int, int, int]] = set()

    def look(self) -> None:
        """Open what is new."""
        try:
            paths = [path for path in self._folder.iterdir() if parse_artifact_name(path.name)]
        except FileNotFoundError:
            return
        self.looks += 1
        for path in paths:
            try:
                told = path.stat()
                content = path.read_bytes() if self._is_new(path.name, told) else None
            except FileNotFoundError:
                continue
            if content is not None:
                self.opened += 1
                if not is_whole(path.suffix, content):
                    self.faults.append(f"{path.name}: {len(content)} bytes that do not open")

    def _is_new(self, name: str, told: os.stat_result) -> bool:
        key = (name, told.st_ino, told.st_size, told.st_mtime_ns)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def is_whole(suffix: str, content: bytes) -> bool:
    """Whether a file has its end: a PDF its mark, a workbook all of its parts."""
    if suffix == ".pdf":
        return content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return parts.testzip() is None
    except zipfile.BadZipFile:
        return False
