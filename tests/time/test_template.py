"""A day beyond the copies: the same weekday of the latest whole week, marked as a MALL wherever one looks."""

import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from pypdf import PdfReader
from reservplan.domain.names import is_paper_name, parse_artifact_name
from reservplan.plan_sources import empty_plan
from reservplan.template import moved

from tests.time.office import COLUMNS, STOCKHOLM, ULLARED, Done, Office, as_once, local, ordinary, row

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 9)
NOW = local("2026-11-17 06:40")


def week(monday: date) -> list[date]:
    return [monday + n * DAY for n in range(7)]


def visits_of(day: date) -> list[str]:
    """The day's visits, each with a client of her own and a later one on later weekdays, and a night."""
    by_day = [
        row(day, f"{7 + n:02d}:{5 * day.weekday():02d}", "20", client=f"Kund{day.weekday()}x{n}") for n in range(4)
    ]
    return [*by_day, row(day, "23:30", "60", client=f"Natt{day.weekday()}x", who="Nils Natt")]


@pytest.fixture(scope="module")
def first_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first office that has a whole week is kept for the others."""
    return tmp_path_factory.mktemp("week") / "office"


@pytest.fixture
def archived(office: Office, first_office: Path) -> Office:
    """An office whose two captures hold the week of MONDAY between them."""
    office.configure(window={"days_back": 14, "days_ahead": 3})

    def capture_twice() -> None:
        lines = [line for day in [MONDAY - DAY, *week(MONDAY), MONDAY + 7 * DAY] for line in visits_of(day)]
        for first in (MONDAY, MONDAY + 3 * DAY):
            done = office.captured(local(f"{first} 05:00"), lines)
            assert (done.status, done.err) == (0, "")

    as_once(office, first_office, capture_twice)
    return office


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Where the operator wants the template."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


def ask(office: Office, desk: Path, day: date, *more: str, at: datetime = NOW) -> Done:
    return office.at(at, "template", "--team", ULLARED, "--date", str(day), "--folder", str(desk), *more)


def pages(pdf: Path) -> list[str]:
    return [page.extract_text().replace("\u200b", "") for page in PdfReader(pdf).pages]


def cells(workbook: Path) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(workbook):
        yield from (str(cell.value) for row_ in sheet.iter_rows() for cell in row_ if cell.value is not None)


def test_it_is_the_same_weekday_of_the_whole_week_and_says_so_on_every_page(archived: Office, desk: Path) -> None:
    before = sorted(path.name for path in archived.copies.rglob("*"))
    tuesday = date(2026, 11, 24)
    done = ask(archived, desk, tuesday)
    assert (done.status, done.err) == (0, "")
    assert "tisdag 10 november" in done.out
    files = sorted(desk.iterdir())
    assert [file.name for file in files] == [
        "MALL Brukarschema Ullared 2026-11-24.pdf",
        "MALL Brukarschema Ullared 2026-11-24.xlsx",
        "MALL Översiktsschema Ullared 2026-11-24.pdf",
        "MALL Översiktsschema Ullared 2026-11-24.xlsx",
    ]
    assert all(str(file) in done.out for file in files)
    assert not any(parse_artifact_name(file.name) or is_paper_name(file.name) for file in files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert sorted(path.name for path in archived.copies.rglob("*")) == before

    for file in files[::2]:
        for page in pages(file):
            assert "MALL" in page
            assert "TISDAG 24 NOVEMBER 2026 · vecka 48" in page
            assert "KOMPLETT" not in page
            assert "tisdag 10 november" in page
        assert PdfReader(file).metadata.title.startswith("MALL")  # type: ignore[union-attr]
    said = Counter(" ".join(pages(files[0])).split())
    assert [said[f"Kund1x{n}"] for n in range(4)] == [1, 1, 1, 1]
    # A night's visit stands once, in the night's own place.
    assert said["Natt1x"] == 1
    assert not [word for word in said if word.startswith("Kund") and not word.startswith("Kund1x")]
    assert {"07:05–07:25", "10:05–10:25"} <= set(said)
    for workbook in files[1::2]:
        for sheet in openpyxl.load_workbook(workbook):
            told = [str(cell.value) for row_ in sheet.iter_rows() for cell in row_ if cell.value is not None]
            assert any("MALL" in value for value in told), sheet.title
            assert not any("KOMPLETT" in value for value in told), sheet.title
            assert "MALL" in str(sheet.oddHeader.center.text or sheet.oddHeader.left.text), sheet.title


def test_in_english_it_is_a_template(archived: Office, desk: Path) -> None:
    archived.configure(window={"days_back": 14, "days_ahead": 3}, language="en")
    done = ask(archived, desk, date(2026, 11, 24))
    assert (done.status, done.err) == (0, "")
    assert "Tuesday 10 November" in done.out
    for page in pages(desk / "MALL Brukarschema Ullared 2026-11-24.pdf"):
        assert "TEMPLATE" in page
        assert "COMPLETE" not in page


def test_times_are_those_on_the_wall_on_both_sides_of_a_change_of_clocks(office: Office, desk: Path) -> None:
    sunday, changed = date(2026, 10, 18), date(2026, 10, 25)
    lines = [*ordinary(sunday, sunday + DAY), row(sunday, "02:30", "20", who="Nils Natt")]
    office.captured(local("2026-10-18 05:00"), lines)
    done = ask(office, desk, changed, at=local("2026-10-19 12:00"))
    assert (done.status, done.err) == (0, "")
    paper = " ".join(" ".join(pages(desk / "MALL Brukarschema Ullared 2026-10-25.pdf")).split())
    assert "SÖNDAG 25 OKTOBER 2026" in paper
    assert "08:00–08:20 Kund0800" in paper
    # That hour comes twice: which of the two is meant is said.
    assert "02:30–02:50 sommartid Kund0230" in paper
    assert "Veckan är inte komplett" in done.out


def shown(instant: datetime) -> str:
    return f"{instant.astimezone(STOCKHOLM):%H:%M}" + (" vintertid" if instant.astimezone(STOCKHOLM).fold else "")


@pytest.mark.parametrize(("base", "times", "on", "says"), [
    pytest.param("2026-03-15", ("02:30", "02:50"), "2026-03-29", ("03:30", "03:50"), id="an hour that never comes"),
    pytest.param("2026-03-15", ("01:50", "02:10"), "2026-03-29", ("01:50", "03:10"), id="an end in it"),
    pytest.param("2026-03-15", ("02:30", "03:10"), "2026-03-29", ("03:30", "04:10"), id="a start moved past its end"),
    pytest.param("2026-03-15", ("02:50", "03:50"), "2026-03-29", ("03:50", "04:50"), id="a start moved onto its end"),
    pytest.param("2026-10-18", ("02:50", "03:10"), "2026-10-25", ("02:50", "03:10"), id="an hour that comes twice"),
    pytest.param("2026-10-25", ("02:50", "02:10+"), "2026-11-01", ("02:50", "03:10"), id="of both such hours"),
    pytest.param("2026-10-25", ("02:10", "02:10+"), "2026-11-01", ("02:10", "03:10"), id="of one to the other"),
    pytest.param("2026-10-25", ("02:10+", "02:50+"), "2026-11-01", ("02:10", "02:50"), id="of the second"),
])  # fmt: skip
def test_no_visit_is_without_length_in_a_night_of_a_change_of_clocks(
    base: str, times: tuple[str, str], on: str, says: tuple[str, str]
) -> None:
    plain = empty_plan("Europe/Stockholm", NOW)
    start, end = (local(f"{base} {time.rstrip('+')}", fold=time.endswith("+")) for time in times)
    frame = plain.shifts.reindex([0]).assign(plan_date=[date.fromisoformat(base)])
    frame = frame.assign(**{name: pd.Series([at]).astype(plain.shifts[name].dtype)
                            for name, at in (("start", start), ("end", end))})  # fmt: skip
    days = (date.fromisoformat(on) - date.fromisoformat(base)).days
    later = moved(replace(plain, visits=frame, shifts=frame), days, STOCKHOLM)
    for found in (later.visits, later.shifts):
        assert (found["plan_date"][0], found["start"].dtype) == (date.fromisoformat(on), frame["start"].dtype)
        assert found["end"].dtype == frame["end"].dtype
        assert (shown(found["start"][0]), shown(found["end"][0])) == says


def test_a_public_holiday_is_planned_as_a_sunday(archived: Office, desk: Path) -> None:
    christmas_eve = date(2026, 12, 24)
    assert christmas_eve.weekday() == 3
    done = ask(archived, desk, christmas_eve)
    assert (done.status, done.err) == (0, "")
    assert "söndag 15 november" in done.out
    assert "Kund6x0" in " ".join(pages(desk / "MALL Brukarschema Ullared 2026-12-24.pdf"))


def test_a_day_without_visits_is_no_template_but_takes_nothing_from_its_week(archived: Office, desk: Path) -> None:
    tuesday = MONDAY + 8 * DAY
    for first in (tuesday - DAY, tuesday + 3 * DAY):
        days = [first + n * DAY for n in range(4)]
        archived.captured(local(f"{first} 05:00"), [line for day in days if day != tuesday for line in visits_of(day)])
        if tuesday in days:
            of_day = ("--team", ULLARED, "--date", f"{tuesday}")
            accepted = archived.at(local(f"{first} 05:20"), "accept", *of_day, "--why", "studiedag")
            assert accepted.status == 0, accepted.err
    later = local("2026-11-24 06:40")
    assert "tisdag 10 november" in ask(archived, desk, date(2026, 12, 1), at=later).out
    wednesday = ask(archived, desk, date(2026, 12, 2), at=later)
    assert (wednesday.status, wednesday.out.splitlines()[0]) == (0, "Mallen bygger på onsdag 18 november 2026.")


def test_a_day_on_which_the_group_is_closed_now_is_no_template(archived: Office, desk: Path) -> None:
    """What a Sunday was when the group still worked on Sundays says nothing of a public holiday now."""
    archived.configure(window={"days_back": 14, "days_ahead": 3}, teams=[{"name": ULLARED, "closed": ["sun"]}])
    done = ask(archived, desk, date(2026, 12, 25))
    assert done.status != 0
    assert "2026-12-25 is a public holiday, planned as a Sunday, and Ullared is closed on Sundays" in done.err
    assert "Friday that is no holiday" in done.err
    assert list(desk.iterdir()) == []


@pytest.mark.parametrize(("team", "says"), [
    ({"closed": ["tue"]}, "Ullared is closed on Tuesdays: 2026-11-24 has no visits"),
    ({"active_until": "2026-11-23"}, "Ullared has no visits on 2026-11-24: see active_from and active_until"),
])  # fmt: skip
def test_a_day_on_which_the_group_does_not_work_is_refused(
    archived: Office, desk: Path, team: dict[str, Any], says: str
) -> None:
    archived.configure(window={"days_back": 14, "days_ahead": 3}, teams=[{"name": ULLARED, **team}])
    done = ask(archived, desk, date(2026, 11, 24))
    assert done.status != 0
    assert says in done.err
    assert list(desk.iterdir()) == []


def test_a_day_of_a_whole_week_is_taken_before_a_later_one_of_a_week_with_gaps(archived: Office, desk: Path) -> None:
    tuesday = date(2026, 11, 17)
    archived.captured(local(f"{tuesday} 05:00"), [line for n in range(4) for line in visits_of(tuesday + n * DAY)])
    done = ask(archived, desk, date(2026, 11, 24))
    assert "tisdag 10 november" in done.out
    assert "fredag 13 november" in ask(archived, desk, date(2026, 11, 27)).out


@pytest.mark.parametrize(
    "worked_in", ["Brukarschema Ullared 2026-11-24.xlsx", "Översiktsschema Ullared 2026-11-24.pdf"]
)
def test_a_template_in_which_somebody_may_have_worked_is_never_overwritten(
    archived: Office, desk: Path, worked_in: str
) -> None:
    (desk / "Anteckningar.txt").write_text("min egen", encoding="utf-8")
    (desk / f"MALL {worked_in}").write_text("genomgången", encoding="utf-8")
    done = ask(archived, desk, date(2026, 11, 24))
    assert done.status != 0
    assert done.out == "", "nothing is drawn for nothing"
    assert f"Already in that folder: MALL {worked_in}." in done.err
    assert "--folder, or remove" in done.err
    assert sorted(file.name for file in desk.iterdir()) == ["Anteckningar.txt", f"MALL {worked_in}"]
    assert (desk / f"MALL {worked_in}").read_text(encoding="utf-8") == "genomgången"
    assert ask(archived, desk, date(2026, 11, 25)).status == 0, "another day's names are free"


def refusals() -> list[Any]:
    return [
        pytest.param({"--team": "Skogstorp"}, "The groups are Ullared", id="another group"),
        pytest.param({"--date": "2026-11-16"}, "is past", id="a day that is past"),
        pytest.param({"--date": "2026-11-19"}, "has copies|have copies", id="a day that has copies"),
        pytest.param({"--folder": "desk/none"}, "not there", id="no folder"),
        pytest.param({"--folder": "copies"}, "must never lie beside a plan", id="the store"),
        pytest.param({"--folder": "copies/Ullared"}, "must never lie beside a plan", id="inside the store"),
        pytest.param({"--folder": "stick"}, "must never lie beside a plan", id="another's store"),
    ]


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(("changed", "says"), refusals())
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    archived: Office, changed: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archived.copies / "Ullared").mkdir()
    (archived.root / "stick" / ".reservplan").mkdir(parents=True)
    before = sorted(archived.root.rglob("*"))
    monkeypatch.chdir(archived.root)
    asked = {"--team": ULLARED, "--date": "2026-11-24", "--folder": "desk"} | changed
    done = archived.at(NOW, "template", *[word for pair in asked.items() for word in pair])
    assert done.status != 0
    assert any(part in done.err for part in says.split("|")), done.err
    assert sorted(archived.root.rglob("*")) == before


def test_without_any_whole_copy_of_such_a_day_it_says_what_to_do(office: Office, desk: Path) -> None:
    none = ask(office, desk, date(2026, 11, 24))
    assert none.status != 0
    assert "The archive holds no whole copy of Ullared for a day like 2026-11-24" in none.err
    assert "Use the latest list" in none.err
    assert list(desk.iterdir()) == []


def test_who_is_protected_since_that_day_is_hidden_also_where_others_are_told_of_her(
    office: Office, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {"client_id": "Kundnr", "address": "Gata", "phone": "Telefon", "access": "Nyckel", "note": "Anm"}
    for column, heading in more.items():
        monkeypatch.setitem(COLUMNS, column, heading)
    monkeypatch.setitem(COLUMNS, "route", "Skydd")
    tuesday = MONDAY + DAY
    office.configure(
        window={"days_back": 14, "days_ahead": 3},
        source={
            "columns": {name: heading for name, heading in COLUMNS.items() if name != "route"},
            "protected": "Skydd",
        },
        contacts={"protected": {"name": "Enhetschef", "phone": "0346-88 60 00"}},
    )

    def lines(day: date, mark: str) -> list[str]:
        return [
            f"{row(day, '08:00', client='Elsa Ekdahl')};71;Provgatan 4;0346-123456;kod 4711;Har hund;{mark}",
            f"{row(day, '09:00', client='Bo Berg')};72;Bygatan 5;0346-654321;kod 1234;Granne till Elsa Ekdahl;",
        ]

    for first, mark in ((tuesday, ""), (tuesday + 2 * DAY, "ja")):
        office.captured(local(f"{first} 05:00"), [line for n in range(4) for line in lines(first + n * DAY, mark)])
    done = ask(office, desk, date(2026, 11, 24))
    assert (done.status, done.err) == (0, "")
    assert "tisdag 10 november" in done.out
    assert "Elsa" in office.paper(tuesday), "that copy was made before"
    files = sorted(desk.iterdir())
    for said in [*(" ".join(pages(file)) for file in files[::2]), *(" ".join(cells(file)) for file in files[1::2])]:
        assert not [word for word in ("Elsa", "Ekdahl", "Provgatan", "123456", "4711", "hund") if word in said]
        assert "Skyddad uppgift" in said
        assert "Bo Berg" in said
    on_paper = " ".join(" ".join(pages(files[0])).split())
    assert "Skyddad uppgift – kontakta Enhetschef, 0346-88 60 00" in on_paper
    assert "Granne till ******" in on_paper
    assert "Bygatan 5" in on_paper


def damage(office: Office, day: date, *, newest_only: bool = False) -> None:
    files = sorted((office.root / "archive" / "captures" / f"{day:%y%m%d}").glob("*.visits.parquet"))
    for file in files[-1:] if newest_only else files:
        file.write_bytes(b"PAR1")


def test_in_place_of_a_damaged_capture_the_next_older_is_taken_then_the_next_day(archived: Office, desk: Path) -> None:
    tuesday = MONDAY + DAY
    archived.captured(local(f"{tuesday} 11:00"), [line for n in range(4) for line in visits_of(tuesday + n * DAY)[1:]])
    damage(archived, tuesday, newest_only=True)
    done = ask(archived, desk, date(2026, 11, 24))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Mallen bygger på tisdag 10 november 2026. Bättre kopior i arkivet är skadade (1):")
    assert "Kund1x0" in " ".join(pages(desk / "MALL Brukarschema Ullared 2026-11-24.pdf")), "of the one before"

    archived.captured(local("2026-11-17 05:00"), [line for n in range(4) for line in visits_of(MONDAY + (8 + n) * DAY)])
    damage(archived, tuesday)
    done = ask(archived, desk, date(2026, 12, 1))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(
        "Mallen bygger på tisdag 17 november 2026. Veckan är inte komplett i arkivet: ingen komplett vecka har en "
        "sådan dag som går att läsa. Bättre kopior i arkivet är skadade (2):"
    )


def test_where_every_capture_is_damaged_nothing_is_promised(archived: Office, desk: Path) -> None:
    damage(archived, MONDAY + DAY)
    done = ask(archived, desk, date(2026, 11, 24))
    assert (done.status != 0, done.out) == (True, "")
    assert "Every whole copy of Ullared in the archive for a day like 2026-11-24 is damaged" in done.err
    assert "is asked instead" not in done.err
    assert list(desk.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_said_and_no_half_file_stays(
    archived: Office, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = ask(archived, desk, date(2026, 11, 24))
    assert done.status != 0
    assert "could not be written (No space left on device)" in done.err
    assert list(desk.iterdir()) == []
