"""A folder for exports, and settings that read them: a few lines of CSV are enough for most tests."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from reservplan.domain.plan import Plan
from reservplan.extract import read_plan
from reservplan.settings import Settings

DAY = date(2026, 11, 22)
COLUMNS = {
    "plan_date": "Datum",
    "team": "Grupp",
    "visit_id": "Id",
    "client_id": "Kundnr",
    "client_name": "Kund",
    "start": "Start",
    "minutes": "Längd",
    "employee_name": "Medarbetare",
    "note": "Notering",
    "status": "Status",
}
HEADINGS = tuple(COLUMNS.values())


@dataclass
class Desk:
    """Where a planner saves exports, and what reads them."""

    folder: Path
    archive: Path

    def settings(self, **source: Any) -> Settings:
        """Settings whose source is this folder; `source` overrides its keys, `_top` those above it."""
        top = source.pop("_top", {})
        source = {"kind": "files", "path": str(self.folder), "columns": COLUMNS, **source}
        return Settings.model_validate(
            {
                "organisation": "Provkommun",
                "teams": ["Ullared", "Vessigebro"],
                "source": {"values": {"status": {"Inställt": "cancelled", "Planerat": "planned"}}, **source},
                "stores": [{"name": "share", "kind": "folder", "folder": "/nowhere"}],
                "archive": str(self.archive),
                **top,
            }
        )

    def save(self, text: str | bytes, name: str = "export.csv", *, hours_old: float = 1.0) -> Path:
        """Save a file as if some time ago, so that no reading waits for it to settle."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        self.age(place, hours_old)
        return place

    def age(self, place: Path, hours_old: float) -> None:
        """Set when a file was saved."""
        saved = (datetime.now(UTC) - timedelta(hours=hours_old)).timestamp()
        os.utime(place, (saved, saved))

    def read(self, settings: Settings | None = None, days: Sequence[date] = (DAY,)) -> Plan:
        """Read the plan now."""
        return read_plan(settings or self.settings(), days, datetime.now(UTC))

    def read_saved(self, text: str, **source: Any) -> Plan:
        """Save a text and read it."""
        self.save(text)
        return self.read(self.settings(**source))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty folder for exports."""
    folder = tmp_path / "exports"
    folder.mkdir()
    return Desk(folder, tmp_path / "archive")


@pytest.fixture
def line() -> Callable[..., str]:
    """One line of CSV with sound values; keywords replace cells by our column's name."""
    return make_line


def make_line(**cells: str) -> str:
    """A visit's line, `None`-free, in the order of `HEADINGS`."""
    sound = {
        "plan_date": "2026-11-22",
        "team": "Ullared",
        "visit_id": "",
        "client_id": "0042",
        "client_name": "Elsa Ekdahl",
        "start": "08:05",
        "minutes": "30",
        "employee_name": "Tuva Lindholm",
        "note": "",
        "status": "",
    }
    sound.update(cells)
    return ";".join(sound.values())


def table(*lines: str) -> str:
    """Lines below the usual headings."""
    return "\r\n".join([";".join(HEADINGS), *lines]) + "\r\n"
