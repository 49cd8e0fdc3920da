"""An office whose clock is the test's: the real command, a real folder as the store, and what lies there afterwards."""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
import yaml
from pypdf import PdfReader
from reservplan import cli
from reservplan.domain.manifest import CellEntry, Manifest, read_manifest
from reservplan.domain.names import manifest_name, parse_artifact_name

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ULLARED = "Ullared"
COLUMNS = {
    "plan_date": "Datum",
    "team": "Grupp",
    "visit_id": "Id",
    "client_name": "Kund",
    "start": "Start",
    "end": "Slut",
    "minutes": "Längd",
    "employee_name": "Medarbetare",
}


def local(text: str, fold: int = 0) -> datetime:
    """The aware instant of a wall clock time in Stockholm: `2026-10-25 02:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM, fold=fold)


def row(day: date, start: str, length: str = "30", *, client: str = "", who: str = "Tuva Lind", visit: str = "") -> str:
    """A visit's line; `length` is minutes, or with a colon the clock time at which it ends."""
    end, minutes = (length, "") if ":" in length else ("", length)
    client = client or f"Kund{start.replace(':', '')}"
    visit_id = visit or f"{day:%y%m%d}-{start}-{client}"
    return ";".join([f"{day}", ULLARED, visit_id, client, start, end, minutes, who])


def ordinary(*days: date, visits: int = 4) -> list[str]:
    """Some days' visits from eight on, one each half hour, by two employees."""
    clock = datetime(2000, 1, 1, 8)  # noqa: DTZ001 - a wall clock
    return [
        row(day, f"{clock + n * timedelta(minutes=30):%H:%M}", "20", who=("Tuva Lind", "Elias Ek")[n % 2])
        for day in days
        for n in range(visits)
    ]


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str


@dataclass
class Office:
    """One group, its export and its store; every command is given at an instant of the test's choice."""

    root: Path
    capsys: pytest.CaptureFixture[str]
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def copies(self) -> Path:
        return self.root / "copies"

    def configure(self, *, source: dict[str, Any] | None = None, **changes: Any) -> None:
        """Write the settings anew; `source` adds to its keys, the rest to those at the top."""
        self.changes = {
            "organisation": "Falkenbergs kommun",
            "teams": [ULLARED],
            "window": {"days_back": 14, "days_ahead": 1},
            "source": {
                "kind": "files", "path": "exports", "columns": COLUMNS, "protected": "not_in_source", **(source or {}),
            },
            "stores": [{"name": "disk", "kind": "folder", "folder": "copies"}],
            "staging": "staging",
            "archive": "archive",
            "reports": "reports",
            **changes,
        }  # fmt: skip
        (self.root / "reservplan.yaml").write_text(yaml.safe_dump(self.changes, allow_unicode=True), encoding="utf-8")

    def export(self, lines: Iterable[str], saved: datetime, name: str = "Planering.csv") -> None:
        """What the planning system saved at an instant, in place of what it saved before."""
        place = self.root / "exports" / name
        place.write_text("\r\n".join([";".join(COLUMNS.values()), *lines, ""]), encoding="utf-8")
        os.utime(place, (saved.timestamp(), saved.timestamp()))

    def at(self, when: datetime, *command: str) -> Done:
        """Give a command at an instant; the clock goes on from there."""
        self.capsys.readouterr()
        with time_machine.travel(when):
            status = cli.main(["--config", str(self.root / "reservplan.yaml"), *command])
        said = self.capsys.readouterr()
        return Done(status, said.out, said.err)

    def captured(self, when: datetime, lines: Iterable[str], *command: str) -> Done:
        """Save an export a quarter of an hour before an instant, and take a snapshot then."""
        self.export(lines, when.astimezone(ZoneInfo("UTC")) - timedelta(minutes=15))
        return self.at(when, "snapshot", *command)

    def coverage(self, when: datetime) -> dict[str, Any]:
        """What `status --json` says of the store."""
        (store,) = json.loads(self.at(when, "status", "--json").out)["stores"]
        return dict(store)

    def states(self, when: datetime) -> dict[str, str]:
        """The state of each expected day."""
        return {cell["plan_date"]: cell["state"] for cell in self.coverage(when)["cells"]}

    def days(self) -> list[str]:
        """The days of which files lie there, as their names begin."""
        return sorted({path.name[:6] for path in self.copies.iterdir() if parse_artifact_name(path.name)})

    def manifest(self, day: date) -> Manifest:
        return read_manifest((self.copies / manifest_name(day)).read_bytes(), day, "the store")

    def entry(self, day: date) -> CellEntry:
        return self.manifest(day).cells[ULLARED]

    def pages(self, day: date, kind: str = "Brukarschema") -> list[str]:
        """The text of each page of a day's paper."""
        pages = PdfReader(self.copies / f"{day:%y%m%d} {kind} {ULLARED}.pdf").pages
        return [page.extract_text().replace("\u200b", "") for page in pages]

    def paper(self, day: date, kind: str = "Brukarschema") -> str:
        """The text of a day's paper, each stretch of white space one space."""
        return " ".join(" ".join(self.pages(day, kind)).split())


def as_once(office: Office, kept: Path, prepare: Callable[[], None]) -> None:
    """Bring an office to a state that many tests begin with: prepared once, kept in a folder, copied from there."""
    if kept.is_dir():
        shutil.copytree(kept, office.root, dirs_exist_ok=True)
    else:
        prepare()
        shutil.copytree(office.root, kept)
