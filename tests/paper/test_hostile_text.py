"""What people and systems write into plans, days of unusual size, and what comes out: a golden text for each.

After a change that is meant: `make golden`, and read the difference.
"""

import io
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader
from reservplan.domain.names import Format, Kind
from reservplan.domain.plan import Unreadable

from tests.paper.conftest import Printed, nobody_at_work, one_visit, printed, sixty_visits, told_apart
from tests.unit.render.conftest import DAY, TEAM, Build, a_day

GOLDEN = Path(__file__).parent / "golden"


def of(text: str, **more: str) -> Build:
    """A text in every field that people write in."""
    build = Build()
    fields = ("client_name", "address", "activities", "access", "note", "route")
    build.shift("07:00", "16:00", text, phone="070-1740605")
    build.visit("08:00", 30, text, **dict.fromkeys(fields, text), **more)
    build.visit("09:00", 30, **dict.fromkeys(fields, text))
    return build


def protected() -> Build:
    build = Build()
    build.visit(
        "08:00", 30, "A.B.", client_name="Skyddad uppgift – kontakta Enhetschef", client_id="p1", protected=True,
        employee_protected=True, activities="Medicin",
    )  # fmt: skip
    return build


def unreadable() -> Build:
    build = of("Bo")
    for row in range(3, 9):
        build.unreadable.append(Unreadable(DAY, TEAM, "plan.csv", row, f"kl. {row}::", "time", "start"))
    return build


def unreadable_among_many_unassigned() -> Build:
    build = nobody_at_work()
    build.unreadable.extend(
        Unreadable(DAY, TEAM, "plan.csv", row, f"kl. {row}::", "time", "start") for row in range(2, 90)
    )
    return build


def many_notes() -> Build:
    build = Build()
    for hour in range(7, 12):
        build.visit(f"{hour:02d}:00", 30, "Bo", client_name="Å", note="Hunden är snäll men skäller. " * 11)
    return build


CASES: dict[str, Callable[[], Build]] = {
    "markup": lambda: of('<b>Åsa</b> #panic("x") $x^2$ *fet* `kod` &amp; \\n {name}'),
    "formulas": lambda: of("=cmd|' /C calc'!A0"),
    "numbers that are none": lambda: of("+46-1 #REF! _x0041_"),
    "control characters": lambda: of("Bo\x0b\x1f\x00 Ek\ufeff\u200b"),
    "turned round": lambda: of("\u202eevil\u202c \u2066Bo\u2069"),
    "emoji": lambda: of("🧸 Björn 👩‍🚒"),
    "Arabic": lambda: of("محمد الخطيب"),
    "Chinese": lambda: of("李小龍"),
    "Hebrew": lambda: of("שלום"),
    "combining": lambda: of("A\u030asa Z" + "\u0301" * 9),
    "one letter": lambda: of("Å"),
    "one long word": lambda: of("Ö" * 120),
    "long notes": many_notes,
    "protected": protected,
    "rows that could not be read": unreadable,
    "rows that could not be read, many without employee": unreadable_among_many_unassigned,
    "60 visits for one": sixty_visits,
    "60 employees": lambda: told_apart(a_day(60, 1, nights=False, days=(DAY,))),
    "nobody at work": nobody_at_work,
    "one visit": one_visit,
    "no visits": Build,
}


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    return printed({name: build() for name, build in CASES.items()}, tmp_path_factory.mktemp("hostile"))


def told(day: Printed) -> str:
    """The text of the list's pages, of the overview, and of the sheets' cells, line by line."""
    lines = []
    for kind in Kind:
        for number, page in enumerate(PdfReader(io.BytesIO(day.files[kind, Format.PDF])).pages, start=1):
            lines += [f"--- {kind.value}, page {number}", *page.extract_text().replace("\u200b", "").splitlines()]
        for sheet in openpyxl.load_workbook(io.BytesIO(day.files[kind, Format.XLSX])).worksheets:
            lines.append(f"--- {kind.value}, sheet {sheet.title}")
            for row in sheet.iter_rows():
                cells = [str(cell.value).replace("\n", " / ") for cell in row if cell.value]
                lines += [" | ".join(cells)] if cells else []
    # Glyphs that a fallback font joins come back from the reader as control characters; the sheets have them all.
    readable = ("".join(c for c in line if unicodedata.category(c) != "Cc") for line in lines)
    return "\n".join(" ".join(line.split()) for line in readable) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_it_comes_out_as_it_was_agreed(days: dict[str, Printed], name: str, request: pytest.FixtureRequest) -> None:
    file = GOLDEN / f"{name}.txt"
    if request.config.getoption("--write-golden", default=False):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(told(days[name]), encoding="utf-8")
    assert told(days[name]) == file.read_text(encoding="utf-8")


def test_nothing_invisible_or_turned_round_reaches_paper_or_sheet(days: dict[str, Printed]) -> None:
    for day in days.values():
        cells = (
            str(cell.value).replace("\n", "")
            for kind in Kind
            for sheet in openpyxl.load_workbook(io.BytesIO(day.files[kind, Format.XLSX])).worksheets
            for row in sheet.iter_rows()
            for cell in row
        )
        shown = {c for text in (*(sheet.text for sheet in (*day.list, *day.overview)), *cells) for c in text}
        assert not {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co")}


def test_rows_that_could_not_be_read_stand_on_page_one(days: dict[str, Printed]) -> None:
    front = days["rows that could not be read"].list[0].text
    assert "Kunde inte läsas" in front
    assert all(f"rad {row}" in front for row in range(3, 9))
    among_many = days["rows that could not be read, many without employee"].list
    assert all(f"rad {row}," in among_many[0].text for row in range(2, 90))
    assert "Ej tilldelade besök" in among_many[1].text


def test_hostile_text_leaves_no_margin_and_covers_no_other(days: dict[str, Printed]) -> None:
    for name, day in days.items():
        for sheet in (*day.list, *day.overview):
            assert list(sheet.overlaps()) == [], name
            assert all(word.right <= sheet.width - 26 for word in sheet.words), name


def test_a_golden_that_differs_is_found(days: dict[str, Printed]) -> None:
    day = days["one letter"]
    other = replace(day, files=days["emoji"].files)
    assert told(other) != told(day)
