"""Where reports lie: a folder or a bucket, a sub-folder a day, kept as long as the copies.

Addressed through universal-pathlib: whoever serves the pages reads what a worker on another machine wrote.
"""

import contextlib
import json
import re
from datetime import date
from typing import Literal

from reservplan.domain.errors import LastingError, StagingRefused
from reservplan.domain.names import parse_day
from reservplan.private_files import PrivateFiles
from reservplan.report.contents import Report
from reservplan.report.page import report_html
from reservplan.report.record import report_json
from reservplan.settings import Settings

Suffix = Literal["html", "json"]
_SUFFIXES = (".html", ".json")

# No separator and no leading dot: a name never leads out of its day's folder.
_NAME = re.compile(r"[0-9]{6}/[A-Za-z0-9_][A-Za-z0-9._-]*")


class Reports:
    """The reports that are kept at `base`, by name; a name begins with the local day of its run."""

    def __init__(self, base: str) -> None:
        self.files = PrivateFiles.at(base, "reports")

    def keep(self, report: Report, settings: Settings) -> str:
        """Write both forms; that of the same run is replaced. Returns its name."""
        record = json.dumps(report_json(report, settings), ensure_ascii=False, indent=1)
        self.files.write(f"{report.name}.json", record.encode())
        # The page last: who sees it finds the record beside it.
        self.files.write(f"{report.name}.html", report_html(report, settings).encode())
        return report.name

    def read(self, name: str, suffix: Suffix) -> bytes | None:
        """One form of a report; None where there is none, or no report can be named so.

        Raises:
            LastingError: who asks may not read it.
        """
        if day_of(name) is None:
            return None
        try:
            return self.files.read_or_none(f"{name}.{suffix}")
        except StagingRefused:
            if self.files.folder is None:
                raise
            raise LastingError(
                "The report is there, but may not be read here.",
                do="Let the web server run as the same user as the workers.",
            ) from None

    def names(self) -> list[str]:
        """Every report there is, the oldest day first."""
        return sorted({_report_of(file) for file in self._kept()})

    def prune(self, before: date) -> int:
        """Remove the reports of runs before a day; returns how many. What is not named like a report is left."""
        old = [file for file in self._kept() if (day := day_of(_report_of(file))) and day < before]
        with self.files.told():
            for file in old:
                (self.files.root / file).unlink(missing_ok=True)
        if self.files.folder is not None:
            for day_folder in {(self.files.folder / file).parent for file in old}:
                # Somebody else's file keeps its folder.
                with contextlib.suppress(OSError):
                    day_folder.rmdir()
        return len({_report_of(file) for file in old})

    def _kept(self) -> list[str]:
        days = [name for name in self.files.names() if parse_day(name)]
        return [file for day in days for file in self.files.names(day) if file.endswith(_SUFFIXES) and day_of(file)]


def day_of(name: str) -> date | None:
    """The local day of the run that a name tells of; None where it is no report's name."""
    return parse_day(name[:6]) if _NAME.fullmatch(name) else None


def _report_of(file: str) -> str:
    return file.rpartition(".")[0]
