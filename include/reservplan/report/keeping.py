"""Where reports lie: a folder or a bucket, a sub-folder a day, kept as long as the copies.

Addressed through universal-pathlib: whoever serves the pages reads what a worker on another machine wrote.
"""

import contextlib
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from upath import UPath

from reservplan.report.contents import Report
from reservplan.report.page import report_html
from reservplan.report.record import report_json
from reservplan.settings import Settings
from reservplan.staging import _children, _root, _told, _write_private

Suffix = Literal["html", "json"]
_SUFFIXES = (".html", ".json")

# No separator and no leading dot: a name never leads out of its day's folder.
_NAME = re.compile(r"[0-9]{6}/[A-Za-z0-9_][A-Za-z0-9._-]*")


class Reports:
    """The reports that are kept at `base`, by name; a name begins with the local day of its run."""

    def __init__(self, base: str) -> None:
        self.root = _root(base)

    def keep(self, report: Report, settings: Settings) -> str:
        """Write both forms; that of the same run is replaced. Returns its name."""
        name = report.name
        record = json.dumps(report_json(report, settings), ensure_ascii=False, indent=1)
        self._write(f"{name}.json", record.encode())
        # The page last: who sees it finds the record beside it.
        self._write(f"{name}.html", report_html(report, settings).encode())
        return name

    def read(self, name: str, suffix: Suffix) -> bytes | None:
        """One form of a report; None where there is none, or no report can be named so."""
        if day_of(name) is None:
            return None
        path = self.root / f"{name}.{suffix}"
        with _told(self.root):
            try:
                return bytes(path.read_bytes())
            except (FileNotFoundError, IsADirectoryError):
                return None

    def names(self) -> list[str]:
        """Every report there is, the oldest day first."""
        return sorted({_named(file) for file in self._files()})

    def prune(self, before: date) -> int:
        """Remove the reports of runs before a day; returns how many. What is not named like a report is left."""
        old = [file for file in self._files() if (day := day_of(_named(file))) and day < before]
        with _told(self.root):
            for file in old:
                file.unlink(missing_ok=True)
            for folder in {file.parent for file in old if isinstance(file, Path)}:
                # Somebody else's file keeps its folder.
                with contextlib.suppress(OSError):
                    folder.rmdir()
        return len({_named(file) for file in old})

    def _files(self) -> list[UPath]:
        days = [folder for folder in _children(self.root) if _day(folder.name)]
        return [file for day in days for file in _children(day) if file.suffix in _SUFFIXES and day_of(_named(file))]

    def _write(self, name: str, content: bytes) -> None:
        path = self.root / name
        if isinstance(path, Path):
            _write_private(path, content)
            return
        with _told(self.root):
            self.root.fs.pipe_file(path.path, content)


def day_of(name: str) -> date | None:
    """The local day of the run that a name tells of; None where it is no report's name."""
    return _day(name[:6]) if _NAME.fullmatch(name) else None


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        return None


def _named(file: UPath) -> str:
    return f"{file.parent.name}/{file.name.removesuffix(file.suffix)}"
