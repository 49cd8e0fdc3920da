"""The workbooks: the same cells as openpyxl alone would write, and what an office program makes of them."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell import Cell as OpenpyxlCell
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.pagebreak import Break
from reservplan.domain.judgement import Marks
from reservplan.domain.names import Kind
from reservplan.domain.plan import Unreadable
from reservplan.render import show_cell
from reservplan.render.workbook import book_of, draw_xlsx
from reservplan.render.workbook_looks import looks
from reservplan.render.workbook_package import (
    MOST_CHARACTERS,
    MOST_OF_A_HEADER,
    Book,
    Row,
    Sheet,
    define_looks,
    framed,
    letters,
    packed,
    storable,
)
from reservplan.render.workbook_paper import MOST_POINTS, SHEET_CHARACTERS, pages_of

from .conftest import CAPTURED, CELL, DAY, INCOMPLETE, PLAIN, REMARK, TEAM, Build, a_day, judged, make_settings

ALL_MARKS = Marks(CAPTURED, created_afterwards=True, drill=True)


def documents(build: Build, marks: Marks = PLAIN, *reasons: Any, **changes: Any) -> dict[str, Any]:
    return show_cell(build.plan(), CELL, judged(build, CELL, *reasons), make_settings(**changes), marks)


def usual() -> Build:
    build = a_day(6, 12, days=(DAY,))
    build.unreadable.append(Unreadable(DAY, TEAM, "x.csv", 17, "8:3O", "time", "start"))
    return build


def one_visit() -> Build:
    build = Build()
    build.visit("08:00", 30, "Åsa Öhrnskog", client_name="Örjan Ärlig", address="Åvägen 1", note="Hund i hallen.")
    return build


def one_with_60_visits() -> Build:
    build = Build()
    for number in range(60):
        build.visit(f"{6 + number // 4:02d}:{number % 4 * 15:02d}", 10, "Bo Ek", client_name=f"Nr{number:02d}")
    return build


def with_long_texts() -> Build:
    build = Build()
    for number, text in enumerate(("Å" * 290, "ord " * 74, "Läkemedelsövertagande " * 13)):
        everywhere = dict.fromkeys(("client_name", "address", "phone", "activities", "access", "note"), text)
        build.visit(f"{7 + number:02d}:00", 20, "Bo Ek", **everywhere, double_staffing_id=text)
    return build


# --- the oracle


def by_openpyxl_alone(book: Book) -> bytes:
    """The same book with every cell, width, break and joined cell put by openpyxl and written by it."""
    workbook = framed(book)
    numbers = define_looks(workbook)
    for sheet, drawn in zip(book.sheets, workbook.worksheets, strict=True):
        for column, width in enumerate(sheet.widths, start=1):
            drawn.column_dimensions[letters(column)].width = width
        for number, row in enumerate(sheet.rows, start=1):
            drawn.row_dimensions[number].height = row.height
            for column, text, look in row.cells:
                cell = OpenpyxlCell(drawn, row=number, column=column)
                cell._style = workbook._cell_styles[numbers[look]]
                if text:
                    cell._value, cell.data_type = storable(text), "s"
                drawn._cells[number, column] = cell
            for first, last in row.spans:
                if last > first:
                    # `merge_cells` would take the frames of the cells behind the first one away.
                    drawn.merged_cells.ranges.add(CellRange(f"{letters(first)}{number}:{letters(last)}{number}"))
        for line in sheet.breaks:
            drawn.row_breaks.append(Break(id=line))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def read_back(content: bytes) -> list[dict[str, Any]]:
    """All that a sheet holds and how it is shown, as openpyxl reads it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        {
            "book": (_properties_of(book), {name: place.attr_text for name, place in book.defined_names.items()}),
            "title": sheet.title,
            "cells": {cell.coordinate: _looks_of(cell) for row in sheet.iter_rows() for cell in row},
            "extent": sheet.dimensions,
            "merged": sorted(str(area) for area in sheet.merged_cells.ranges),
            "heights": {number: dimension.height for number, dimension in sheet.row_dimensions.items()},
            "widths": _widths_of(sheet),
            "breaks": [(line.id, line.man) for line in sheet.row_breaks.brk],
            "frozen": sheet.freeze_panes,
            "filter": sheet.auto_filter.ref,
            "repeated": sheet.print_title_rows,
            "print": [sheet.page_setup, sheet.page_margins, sheet.print_options, sheet.sheet_properties],
            "words": [str(part) for part in (sheet.oddHeader, sheet.oddFooter)],
        }
        for sheet in book.worksheets
    ]


def _properties_of(book: Any) -> dict[str, Any]:
    # openpyxl's save stamps the moment of writing.
    return {name: value for name, value in dict(book.properties).items() if name != "modified"}


def _looks_of(cell: Any) -> tuple[Any, ...]:
    style = (cell.font, cell.border, cell.fill, cell.alignment, cell.number_format)
    return (cell.value, cell.data_type, *map(repr, style)) if cell.has_style else (cell.value, cell.data_type)


def _widths_of(sheet: Any) -> dict[int, float]:
    return {
        column: dimension.width
        for dimension in sheet.column_dimensions.values()
        for column in range(dimension.min, dimension.max + 1)
    }


def _same(left: bytes, right: bytes) -> None:
    for one, other in zip(read_back(left), read_back(right), strict=True):
        for name in one:
            assert repr(one[name]) == repr(other[name]) if name in ("book", "print") else one[name] == other[name], name


@pytest.mark.parametrize("kind", ["list", "overview"])
@pytest.mark.parametrize("build", [usual, one_visit, Build, with_long_texts])
def test_a_workbook_reads_back_as_the_one_that_openpyxl_alone_writes(build: Callable[[], Build], kind: str) -> None:
    book = book_of(documents(build(), ALL_MARKS, INCOMPLETE, REMARK)[kind])
    _same(packed(book), by_openpyxl_alone(book))


HOSTILE = (
    "=cmd|' /C calc'!A0", "+46-1", "-2+3", "@SUM(A1)", "#REF!", "_x0041_", "_x005F_x0041_", "a_x000D_b", "\x0b\x1f",
    "\ud800", "x\udfff", " before", "after ", "\ttab\t", "one\ntwo", "\n", "😀" * 20, "<b>&amp;</b>", "]]>", "&#65;",
    "'\"", "\ufffe\uffff", "\u202eevil", "محمد", "李小龍", "1", "1e5", "2022-06-22", "TRUE", "å" * 300,
)  # fmt: skip
HUGE = ("😀x" * 30_000, "x" * 40_000, "_x0041_" * 5_000)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(codec=None), max_size=40), st.from_regex(r"_x[0-9A-Fa-f]{4}_")
)
LOOKS = sorted(looks())


def _book(texts: Sequence[str], title: str = "Brukarschema Ullared", **changes: Any) -> Book:
    rows = [Row(20.0, [(1, text, LOOKS[n % len(LOOKS)]), (3, "", "text")], [(1, 2)]) for n, text in enumerate(texts)]
    sheet = Sheet("Brukarschema", [12.5, 12.5, 20.0], rows, breaks=[1], frozen="A2", repeated="1:1", filtered="A1:C9")
    book = Book(title, "Kommun", "sv", CAPTURED.replace(tzinfo=None), ("a", "", "b"), ("c", "", "{page}"), [sheet])
    return replace(book, **changes)


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=6))
def test_any_text_reads_back_as_openpyxl_alone_would_store_it_and_never_as_a_formula(texts: list[str]) -> None:
    book = _book(texts)
    content = packed(book)
    _same(content, by_openpyxl_alone(book))
    _only_texts(content, len(texts))


def _only_texts(content: bytes, rows: int) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(max_col=1)]
    assert len(cells) == rows
    for cell in cells:
        assert cell.value is None or cell.data_type == "s"
        assert cell.number_format == "@"
        assert len((cell.value or "").encode("utf-16-le")) <= 2 * MOST_CHARACTERS


def test_what_is_longer_than_a_cell_is_cut_where_excel_counts_its_characters() -> None:
    book = _book(HUGE)
    content = packed(book)
    _same(content, by_openpyxl_alone(book))
    _only_texts(content, len(HUGE))


def test_the_same_book_is_the_same_bytes_and_holds_no_formula() -> None:
    content = packed(_book(HOSTILE))
    assert content == packed(_book(HOSTILE))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = package.read("xl/worksheets/sheet1.xml")
    assert not re.search(rb"<f[ />]", xml)
    assert b't="e"' not in xml


# --- what stands around the cells


def test_a_workbook_has_title_language_author_and_headings_that_a_screen_reader_finds() -> None:
    for language in ("sv", "en"):
        shown = documents(usual(), language=language)["list"]
        book = openpyxl.load_workbook(io.BytesIO(draw_xlsx(shown)))
        assert book.properties.title == shown["title"]
        assert book.properties.language == language
        assert book.properties.creator == "Falkenbergs kommun"
        assert book.properties.created == CAPTURED.replace(tzinfo=None)
        assert book.defined_names["ColumnTitle"].attr_text == f"'{shown['word']}'!$A$2"
        assert book.sheetnames[0] == shown["word"]


def test_no_cells_are_joined_below_the_headings_of_the_list() -> None:
    visits = openpyxl.load_workbook(io.BytesIO(draw_xlsx(documents(usual())["list"]))).worksheets[0]
    assert [str(area) for area in visits.merged_cells.ranges] == ["A1:L1"]
    assert [cell.value for cell in visits[2]][:5] == ["Medarbetare", "Pass", "Start", "Slut", "Brukare, telefon"]


def test_the_filter_leaves_the_rows_for_added_visits_in_sight() -> None:
    visits = openpyxl.load_workbook(io.BytesIO(draw_xlsx(documents(usual())["list"]))).worksheets[0]
    last = int(re.fullmatch(r"A2:L(\d+)", visits.auto_filter.ref)[1])
    assert visits.cell(last + 1, 1).value == "Tillkomna besök"
    assert visits.cell(last, 1).value


def test_columns_are_whole_pixels_and_together_as_wide_as_the_paper() -> None:
    for build in (usual(), a_day(28, 10, nights=False, days=(DAY,)), Build()):
        shown = documents(build)
        for kind in Kind:
            sheet = book_of(shown[kind.value]).sheets[0]
            assert sum(sheet.widths) <= SHEET_CHARACTERS + 0.1
        cells = book_of(shown["overview"]).sheets[0].widths[1:]
        assert all(abs(width * 7 - round(width * 7)) < 0.01 for width in cells)


def test_a_header_never_gets_longer_than_excel_opens() -> None:
    words = ("&" * 400, "OFULLSTÄNDIG " * 40, "Hämtat " * 40)
    book = openpyxl.load_workbook(io.BytesIO(packed(_book(["a", "b"], header=words, footer=words))))
    sheet = book.worksheets[0]
    for part in (sheet.oddHeader, sheet.oddFooter):
        assert 150 < len(str(part).encode("utf-16-le")) / 2 <= MOST_OF_A_HEADER
        assert part.center.text.endswith("…")


def test_a_text_longer_than_a_row_can_be_high_goes_on_in_the_next_row() -> None:
    sheet = book_of(documents(with_long_texts())["list"]).sheets[0]
    assert max(row.height for row in sheet.rows) <= MOST_POINTS
    text = re.sub(r"\s", "", "".join(row.cells[7][1] for row in sheet.rows))
    assert text.count("Å") >= 2 * 290
    assert text.count("ord") >= 2 * 74
    assert text.count("Läkemedelsövertagande") >= 2 * 13


@given(st.lists(st.floats(10, 600), min_size=1, max_size=60))
def test_every_row_stands_on_one_page_in_order_and_no_page_is_too_full(heights: list[float]) -> None:
    pages = pages_of(heights, 450.0)
    assert [row for page in pages for row in page] == list(range(len(heights)))
    assert all(len(page) == 1 or sum(heights[row] for row in page) <= 450.0 for page in pages)


# --- what an office program makes of them

# LibreOffice gives no row less of its own accord, however small its text.
ONE_LINE_POINTS = 15.0


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, dict[str, bytes]], dict[str, Path]]:
    """Converts workbooks with LibreOffice, many at a time because its start costs most."""
    assert shutil.which("soffice"), "soffice is missing: install the packages of servers/packages.sh"
    profile = tmp_path_factory.mktemp("office")

    def convert(form: str, files: dict[str, bytes]) -> dict[str, Path]:
        folder = tmp_path_factory.mktemp("converted")
        for name, content in files.items():
            (folder / f"{name}.xlsx").write_bytes(content)
        command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", form]
        sources = [str(folder / f"{name}.xlsx") for name in files]
        subprocess.run([*command, "--outdir", str(folder / "out"), *sources], check=True, capture_output=True)
        return {path.stem: path for path in (folder / "out").iterdir()}

    return convert


PRINTED: dict[str, Callable[[], dict[str, Any]]] = {
    "normal": lambda: documents(a_day(17, 10, nights=False, days=(DAY,))),
    "one visit": lambda: documents(one_visit()),
    "60 employees": lambda: documents(a_day(60, 6, nights=False, days=(DAY,))),
    "60 visits for one": lambda: documents(one_with_60_visits()),
    "no visits": lambda: documents(Build()),
    "incomplete": lambda: documents(usual(), ALL_MARKS, INCOMPLETE, REMARK),
    "in English": lambda: documents(usual(), ALL_MARKS, INCOMPLETE, REMARK, language="en"),
    "long texts": lambda: documents(with_long_texts()),
}


@pytest.fixture(scope="module")
def shown() -> dict[str, dict[str, Any]]:
    return {name: make() for name, make in PRINTED.items()}


@pytest.fixture(scope="module")
def printed(
    office: Callable[[str, dict[str, bytes]], dict[str, Path]], shown: dict[str, dict[str, Any]]
) -> dict[str, list[str]]:
    """The text of each page that LibreOffice prints."""
    files = {f"{name} {kind}": draw_xlsx(made[kind.value]) for name, made in shown.items() for kind in Kind}
    texts = {}
    for name, path in office("pdf", files).items():
        text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout
        texts[name] = text.split("\f")[:-1]
    return texts


@pytest.mark.parametrize("name", PRINTED)
def test_libreoffice_prints_the_pages_that_were_laid_out(
    printed: dict[str, list[str]], shown: dict[str, dict[str, Any]], name: str
) -> None:
    for kind in Kind:
        sheets = book_of(shown[name][kind.value]).sheets
        assert len(printed[f"{name} {kind}"]) == sum(len(sheet.breaks) + 1 for sheet in sheets)


@pytest.mark.parametrize(
    ("name", "visits", "overview"),
    [
        ("normal", 1 + 17 + 2, 2),  # unassigned, employees, free rows, information
        ("one visit", 1 + 2, 1),
        ("60 employees", 1 + 60 + 1 + 3, 4),
        ("60 visits for one", 4 + 2, 1),
        ("no visits", 1 + 2, 1),
    ],
)
def test_how_many_pages_a_day_takes(printed: dict[str, list[str]], name: str, visits: int, overview: int) -> None:
    assert (len(printed[f"{name} list"]), len(printed[f"{name} overview"])) == (visits, overview)


@pytest.mark.parametrize("name", PRINTED)
def test_every_printed_page_says_day_group_capture_verdict_and_what_is_wrong(
    printed: dict[str, list[str]], shown: dict[str, dict[str, Any]], name: str
) -> None:
    for kind in Kind:
        document = shown[name][kind.value]
        pages = printed[f"{name} {kind}"]
        for number, page in enumerate(pages, start=1):
            flat = " ".join(page.split())
            stamp = document["stamp"]["captured"]
            for words in (document["day"], document["team"], stamp, document["verdict"], *document["sheet_bands"]):
                assert words in flat
            assert document["page"].replace("{page}", str(number)).replace("{pages}", str(len(pages))) in flat


def test_each_employees_pages_hold_no_one_elses_visits_and_say_the_name(
    printed: dict[str, list[str]], shown: dict[str, dict[str, Any]]
) -> None:
    names = [employee["name"] for employee in shown["60 employees"]["list"]["employees"]]
    pages = printed["60 employees list"][1:-4]
    assert all(name.split()[0] in page for name, page in zip(names, pages, strict=False))
    assert all("Bo Ek" in page for page in printed["60 visits for one list"][:-2])
    text = " ".join(printed["60 visits for one list"])
    assert [text.count(f"Nr{number:02d}") for number in range(60)] == [1] * 60


def test_libreoffice_reads_every_text_as_it_was_meant(
    office: Callable[[str, dict[str, bytes]], dict[str, Path]],
) -> None:
    texts = [text for text in HOSTILE if text.strip() and len(text) < 1000]
    book = _book(texts)
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false"
    read = {}
    for name, path in office(form, {"ours": packed(book), "openpyxl": by_openpyxl_alone(book)}).items():
        with path.open(encoding="utf-8", newline="") as stream:
            read[name] = [row[0] for row in csv.reader(stream)]
    meant = [re.sub(r"[\x00-\x08\x0b\x1f\ufffe\uffff\ud800-\udfff]", "\ufffd", text) for text in texts]
    assert read["ours"] == meant
    assert read["openpyxl"] == meant


def test_no_row_is_lower_than_libreoffice_needs_for_its_text(
    office: Callable[[str, dict[str, bytes]], dict[str, Path]], shown: dict[str, dict[str, Any]]
) -> None:
    free = {}
    for name in ("normal", "in English", "long texts", "incomplete"):
        content = draw_xlsx(shown[name]["list"])
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(buffer, "w") as copy:
            for member in package.namelist():
                # Without a height LibreOffice gives a row what it needs.
                copy.writestr(member, re.sub(rb' ht="[^"]*" customHeight="1"', b"", package.read(member)))
        free[name] = buffer.getvalue()
    for name, path in office("xlsx", free).items():
        needed = openpyxl.load_workbook(path).worksheets
        for sheet, measured in zip(book_of(shown[name]["list"]).sheets, needed, strict=True):
            for number, row in enumerate(sheet.rows, start=1):
                if not row.spans:
                    least = measured.row_dimensions[number].height or 0
                    assert row.height >= least or least <= ONE_LINE_POINTS, (name, number)
