"""What a reader finds on the paper and in the sheets: every visit, once, with its time, client and employee."""

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from reservplan.domain.names import Format, Kind

from tests.paper.conftest import DAYS, Printed
from tests.paper.sheets import MM, Sheet, pictures_of, type_sizes
from tests.unit.render.conftest import DAY

MARGIN = 9.4 * MM


@pytest.fixture(params=[*DAYS, "in English", "compact"])
def day(
    request: pytest.FixtureRequest,
    swedish: dict[str, Printed],
    english: dict[str, Printed],
    compact: dict[str, Printed],
) -> Printed:
    others = {"in English": english, "compact": compact}
    return others[request.param]["a usual day"] if request.param in others else swedish[request.param]


def span(visit: dict[str, Any]) -> str:
    return f"{visit['start']:%H:%M}–{visit['end']:%H:%M}"


def pages_with(sheets: tuple[Sheet, ...], client: str) -> list[int]:
    return [n for n, sheet in enumerate(sheets) for _ in sheet.by_text.get(client, ())]


def pages_of_employee(day: Printed, name: str) -> list[int]:
    """Where the paper says whose visits these are: in a line that begins with the whole name."""
    return [n for n, sheet in enumerate(day.list) if n and name in sheet.text]


def test_each_visit_stands_once_on_the_list_on_a_page_of_who_does_it(day: Printed) -> None:
    for visit in day.visits:
        pages = pages_with(day.list, visit["client_name"])
        assert len(pages) == 1, visit["client_name"]
        sheet = day.list[pages[0]]
        (client,) = sheet.by_text[visit["client_name"]]
        times = [word for word in sheet.by_text[span(visit)] if abs(word.middle - client.middle) < 2]
        assert any(0 < client.left - time.left < 40 * MM for time in times)
        if visit["employee_name"]:
            assert pages[0] in pages_of_employee(day, visit["employee_name"])
        else:
            assert "tilldelade" in sheet.text or "nassigned" in sheet.text


def test_each_visit_stands_once_on_the_overview_in_the_row_of_who_does_it(day: Printed) -> None:
    for visit in day.visits:
        pages = pages_with(day.overview, visit["client_name"])
        assert len(pages) == 1, visit["client_name"]
        sheet = day.overview[pages[0]]
        (client,) = sheet.by_text[visit["client_name"]]
        assert _row_name(day, sheet, client.middle) == (visit["employee_name"] or _unassigned(day))
        assert f"{visit['start']:%H:%M}" in sheet.text


def _unassigned(day: Printed) -> str:
    return str(day.document["list"]["labels"]["unassigned"]).upper()


def _row_name(day: Printed, sheet: Sheet, height: float) -> str:
    """The name at the left of the row in which the height lies."""
    names = {v["employee_name"] for v in day.build.visits if v["employee_name"]} | {_unassigned(day)}
    above = [text for top, text in sheet.left_lines if top <= height + 1]
    found = next(text for text in reversed(above) if any(text.startswith(name) for name in names))
    return next(name for name in sorted(names, key=len, reverse=True) if found.startswith(name))


def test_each_visit_is_one_row_of_the_list_in_excel(day: Printed) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(day.files[Kind.LIST, Format.XLSX])).worksheets[0]
    rows = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]
    for visit in day.visits:
        (row,) = [row for row in rows if any(visit["client_name"] in cell.split() for cell in row)]
        joined = " ".join(row)
        assert f"{visit['start']:%H:%M}" in joined
        assert f"{visit['end']:%H:%M}" in joined
        assert (visit["employee_name"] or _unassigned(day)) in joined


def test_each_visit_stands_once_on_the_overview_in_excel(day: Printed) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(day.files[Kind.OVERVIEW, Format.XLSX])).worksheets[0]
    text = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    words = re.findall(r"Åke\d+ö", text.replace("\n", " "))
    for visit in day.visits:
        assert words.count(visit["client_name"]) == 1, visit["client_name"]


def test_the_counts_on_page_one_can_be_checked_against_the_paper(day: Printed) -> None:
    front = day.list[0].text
    assert re.search(rf"\b{len(day.visits)} (besök|visits)", front)
    staff = {v["employee_name"] for v in day.visits if v["employee_name"]}
    assert re.search(rf"\b{len(staff)} (medarbetare|employees)", front)
    if day.document["list"]["front"]["staff"]:
        unassigned = sum(not visit["employee_name"] for visit in day.visits)
        told = str(day.document["list"]["front"]["staff_sum"])
        assert [int(n) for n in re.findall(r"\d+", told)] == [len(day.visits) - unassigned, unassigned, len(day.visits)]


def test_every_page_says_day_and_week_large_and_its_number(day: Printed) -> None:
    for pages in (day.list, day.overview):
        for number, sheet in enumerate(pages, start=1):
            heads = [word for word in sheet.words if word.text in ("ONSDAG", "WEDNESDAY")]
            assert heads, number
            assert max(word.bottom - word.top for word in heads) > 14
            assert re.search(r"(vecka|week) 25", sheet.text)
            assert re.search(rf"(Sida {number} av|Page {number} of) {len(pages)}", sheet.text)


def test_no_word_leaves_the_page_or_lies_over_another(day: Printed) -> None:
    for pages in (day.list, day.overview):
        for sheet in pages:
            outside = [
                word.text
                for word in sheet.words
                if word.left < MARGIN or word.top < MARGIN - 1
                or word.right > sheet.width - MARGIN or word.bottom > sheet.height - MARGIN + 1
            ]  # fmt: skip
            assert outside == []
            assert list(sheet.overlaps()) == []


def test_no_type_is_too_small(day: Printed) -> None:
    assert min(type_sizes(day.files[Kind.OVERVIEW, Format.PDF])) >= 6
    sizes = type_sizes(day.files[Kind.LIST, Format.PDF])
    compact = "compact" in day.document["list"]
    assert min(sizes) >= (6 if compact else 7.5)


def test_no_page_of_the_list_holds_one_lonely_line(day: Printed) -> None:
    # The last page is empty on purpose: rows to write in.
    for sheet in day.list[:-1]:
        rows = {round(word.middle / 3) for word in sheet.words if 20 * MM < word.middle < sheet.height - 16 * MM}
        assert len(rows) >= 4


@pytest.mark.parametrize("form", ["swedish", "compact"])
def test_no_page_of_a_night_is_without_the_day_of_its_visits(form: str, request: pytest.FixtureRequest) -> None:
    day = request.getfixturevalue(form)["a long night"]
    after_midnight = {v["client_name"] for v in day.build.visits if v["plan_date"] != DAY}
    pages = [sheet for sheet in day.list if after_midnight & set(sheet.by_text)]
    assert len(pages) > 1
    for sheet in pages:
        assert "efter midnatt, torsdag 23 juni" in sheet.text
        assert "Bo Natt" in sheet.text
    assert "6 besök + 60 efter midnatt" in pages[0].text


def test_there_are_as_many_pages_as_expected(swedish: dict[str, Printed], compact: dict[str, Printed]) -> None:
    counts = {name: (len(day.list), len(day.overview)) for name, day in swedish.items()}
    working = {v["employee_name"] for v in swedish["a usual day"].visits if v["employee_name"]}
    assert counts["one visit"] == (3, 1)
    assert counts["60 visits for one"][1] == 1
    # A front of two pages where the staff is many, a page each, a last one; each overview page takes 28 or more.
    assert counts["a usual day"][1] == 1
    assert 0 <= counts["a usual day"][0] - (len(working) + 2) <= 3
    assert counts["60 employees"][1] <= 3
    assert len(compact["a usual day"].list) <= 2 + -(-len(working) // 4) + 2


def test_the_print_is_black_on_white_within_its_margins(swedish: dict[str, Printed], tmp_path: Path) -> None:
    for kind in Kind:
        for picture in pictures_of(
            swedish["a usual day"].files[kind, Format.PDF], tmp_path, "-f", "1", "-l", "2", "-gray"
        ):
            edge = round(9 / 25.4 * 72)
            inner = picture.crop((edge, edge, picture.width - edge, picture.height - edge))
            outer = picture.copy()
            outer.paste(255, (edge, edge, picture.width - edge, picture.height - edge))
            assert outer.getextrema() == (255, 255)
            assert inner.getextrema()[0] < 60


def test_rings_and_dots_are_printed(swedish: dict[str, Printed], tmp_path: Path) -> None:
    """The ink above an A is there where a ring belongs: clipped, Åke would be read as Ake."""
    day = swedish["one visit"]
    sheet = day.list[1]
    (word,) = [word for word in sheet.words if word.text.startswith("Åke")]
    (picture,) = pictures_of(day.files[Kind.LIST, Format.PDF], tmp_path, "-f", "2", "-l", "2", "-gray", dpi=288)
    scale = 288 / 72
    letter = (word.right - word.left) / len(word.text)
    box = (word.left, word.top - 1, word.left + letter, word.top + (word.bottom - word.top) * 0.22)
    ring = picture.crop(tuple(round(value * scale) for value in box))
    assert ring.getextrema()[0] < 128
