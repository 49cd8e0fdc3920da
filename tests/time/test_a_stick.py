"""The whole job on a stick, day by day: what lies where, what is left of a day that has passed, and a stick pulled."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from servers.exfat_stick import ExfatStick, why_no_stick
from tests.time.office import ULLARED, Office, local, ordinary

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 2)
TUESDAY = MONDAY + DAY
WEDNESDAY = TUESDAY + DAY


@pytest.fixture
def stick(office: Office, tmp_path: Path) -> Iterator[Path]:
    """The office's only store: an exFAT where the machine can have one, else a folder."""
    if why_no_stick():
        office.configure(stores=[_store(office.copies)], window={"days_back": 1, "days_ahead": 1})
        yield office.copies
        return
    with ExfatStick(tmp_path / "exfat") as stick:
        office.configure(stores=[_store(stick.folder)], window={"days_back": 1, "days_ahead": 1})
        yield stick.folder


def _store(folder: Path) -> dict[str, str]:
    return {"name": "stick", "kind": "folder", "folder": str(folder), "layout": "stick"}


def _files(stick: Path) -> list[str]:
    """What somebody sees who opens the stick."""
    return sorted(str(path.relative_to(stick)) for path in stick.rglob("*") if path.is_file() and _is_shown(path))


def _is_shown(path: Path) -> bool:
    return ".reservplan" not in path.parts


def _of(day: date) -> list[str]:
    return [
        f"Ullared/Excel/{day:%y%m%d} Brukarschema Ullared.xlsx",
        f"Ullared/Excel/{day:%y%m%d} Översiktsschema Ullared.xlsx",
        f"Ullared/{day:%y%m%d} Brukarschema Ullared.pdf",
        f"Ullared/{day:%y%m%d} Översiktsschema Ullared.pdf",
    ]


def _papers(week: str) -> list[str]:
    return ["00 LÄS MIG FÖRST.html", "Säkerhetsrutiner vid driftstopp.pdf", f"Ullared/{week} Brukarschema Ullared.pdf"]


def test_a_stick_is_filled_and_whole_and_its_start_page_leads_to_every_file(office: Office, stick: Path) -> None:
    done = office.captured(local(f"{MONDAY} 05:00"), ordinary(MONDAY, TUESDAY))
    assert (done.status, done.err) == (0, "")
    assert _files(stick) == sorted([*_of(MONDAY), *_of(TUESDAY), *_papers("26v45")])
    for path in stick.rglob("*.pdf"):
        assert path.read_bytes().startswith(b"%PDF-1.4"), path.name

    page = (stick / "00 LÄS MIG FÖRST.html").read_text(encoding="utf-8")
    links = {unquote(link) for link in re.findall(r'href="([^#"][^"]*)"', page) if not link.startswith("tel:")}
    assert {link for link in links if not (stick / link).is_file()} == set()
    assert {*_of(MONDAY), *_of(TUESDAY)} <= links

    states = office.states(local(f"{MONDAY} 05:10"))
    assert set(states.values()) == {"ok"}
    verified = office.at(local(f"{MONDAY} 05:11"), "verify", "--deep")
    assert (verified.status, verified.err) == (0, "")
    assert "11 fil" in verified.out


@pytest.mark.long
def test_a_stick_is_mended_by_the_next_run_and_emptied_of_days_past(office: Office, stick: Path) -> None:
    assert office.captured(local(f"{MONDAY} 05:00"), ordinary(MONDAY, TUESDAY)).status == 0
    before = {name: (stick / name).stat().st_mtime_ns for name in _files(stick)}
    assert office.at(local(f"{MONDAY} 05:15"), "snapshot").status == 0
    assert {name: (stick / name).stat().st_mtime_ns for name in _files(stick)} == before

    (stick / _of(MONDAY)[0]).unlink()
    (stick / ULLARED / f"{MONDAY:%y%m%d} Brukarschema Ullared.xlsx").write_bytes(b"kopierad hit")
    assert office.at(local(f"{MONDAY} 05:20"), "snapshot").status == 0
    assert (stick / _of(MONDAY)[0]).is_file()
    (stick / ULLARED / f"{MONDAY:%y%m%d} Brukarschema Ullared.xlsx").unlink()

    for day in (TUESDAY, TUESDAY + DAY):
        office.captured(local(f"{day} 05:00"), ordinary(day, day + DAY))
    done = office.at(local(f"{WEDNESDAY} 05:30"), "retain", "--apply")
    assert (done.status, done.err) == (0, "")
    # The pack of the week held Monday's list; the next run makes it anew, without.
    left = [name for name in _files(stick) if "26v45" not in name]
    assert left == sorted([*_of(TUESDAY), *_of(WEDNESDAY), *_of(WEDNESDAY + DAY), *_papers("26v45")[:2]])
    assert not list(stick.rglob(".rp-*"))
    assert set(office.states(local(f"{WEDNESDAY} 05:40")).values()) == {"ok"}
