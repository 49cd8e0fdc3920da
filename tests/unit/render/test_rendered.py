"""What comes out: real PDF and Excel files, drawn by the real renderer, read back by other programs."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import psutil
import pytest
from reservplan.domain.errors import RenderError
from reservplan.domain.judgement import Marks
from reservplan.domain.names import Format, Kind
from reservplan.domain.plan import Cell, Unreadable
from reservplan.render import as_json, render_documents, show_cell

from .conftest import CAPTURED, CELL, DAY, INCOMPLETE, PLAIN, REMARK, TEAM, Build, a_day, judged, make_settings

Rendered = dict[tuple[Kind, Format], bytes]
ROOT = Path(__file__).parents[3]
HIDDEN = "Hemliga Brukarsson"


def shown(build: Build, marks: Marks = PLAIN, *reasons: Any, cell: Cell = CELL) -> dict[str, Any]:
    return show_cell(build.plan(), cell, judged(build, cell, *reasons), make_settings(), marks)


def render(documents: dict[Cell, dict[str, Any]], **options: Any) -> tuple[dict[Cell, Rendered], dict[Cell, str]]:
    rendered: dict[Cell, Rendered] = {}

    def write(cell: Cell, kind: Kind, fmt: Format, content: bytes) -> None:
        rendered.setdefault(cell, {})[kind, fmt] = content

    failed = render_documents({cell: as_json(document) for cell, document in documents.items()}, write, **options)
    return rendered, dict(failed)


def usual() -> Build:
    build = a_day(6, 12)
    build.unreadable.append(Unreadable(DAY, TEAM, "x.csv", 17, "8:3O", "time", "start"))
    return build


@pytest.fixture(scope="module")
def files() -> Rendered:
    """A usual day, incomplete, created afterwards and a drill: everything that a page can say."""
    marks = Marks(CAPTURED, created_afterwards=True, drill=True)
    rendered, failed = render({CELL: shown(usual(), marks, INCOMPLETE, REMARK)})
    assert failed == {}
    return rendered[CELL]


@pytest.fixture(scope="module")
def list_pages(files: Rendered) -> list[str]:
    return pages_of(files[Kind.LIST, Format.PDF])


def pages_of(content: bytes) -> list[str]:
    from pypdf import PdfReader

    return [page.extract_text().replace("\u200b", "") for page in PdfReader(io.BytesIO(content)).pages]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def cells_of(content: bytes, sheet: int = 0) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [list(row) for row in book.worksheets[sheet].iter_rows(values_only=True)]


# --- the PDF list


def test_the_first_page_says_day_group_capture_verdict_counts_and_whom_to_call(list_pages: list[str]) -> None:
    page = flat(list_pages[0])
    for words in (
        "ONSDAG 22 JUNI 2022 · vecka 25", "Ullared", "Hämtat 22 juni 2022 kl. 05:00", "OFULLSTÄNDIG",
        "4 rader kunde inte läsas", "3 ej tilldelade, 2 inställda", "Ej tilldelade besök (3)", "Kunde inte läsas (1)",
        "rad 17, tid ”8:3O”", "IT-service 0346-88 55 55", "IntraPhone 0200-44 30 00", "support@intraphone.suocrm.eu",
        "vardagar 08–17", "Ullared 0346-88 60 00", "070-1740605",
    ):  # fmt: skip
        assert words in page


def test_every_page_says_day_group_capture_marks_page_number_and_what_to_do_with_it(list_pages: list[str]) -> None:
    for number, text in enumerate(list_pages, start=1):
        page = flat(text)
        for words in (
            "ONSDAG 22 JUNI 2022 · vecka 25", "Ullared", "Hämtat 22 juni 2022 kl. 05:00", "ÖVNING", "OFULLSTÄNDIG",
            "EFTERSKAPAD", "SEKRETESS", "strimlas efter registrering", f"Sida {number} av {len(list_pages)}",
        ):  # fmt: skip
            assert words in page


def test_each_employee_begins_on_a_page_of_their_own_and_the_last_page_is_free_rows(list_pages: list[str]) -> None:
    names = [row["name"] for row in shown(usual())["list"]["employees"]]
    for name, page in zip(names, list_pages[1:-1], strict=True):
        assert re.search(f"{name} (pass|nattpass) ", flat(page))
    assert "Tillkomna besök" in list_pages[-1]
    assert not re.search(r"\d\d:\d\d–\d\d:\d\d", list_pages[-1])


def test_the_paper_is_pdf_a_that_old_printers_read_with_our_own_fonts_inside(files: Rendered) -> None:
    for kind in Kind:
        content = files[kind, Format.PDF]
        from pypdf import PdfReader

        reader = PdfReader(io.BytesIO(content))
        assert content.startswith(b"%PDF-1.4")
        claimed = reader.xmp_metadata.rdf_root.toxml()
        assert re.search(r"pdfaid:part>1<", claimed)
        assert re.search(r"pdfaid:conformance>B<", claimed)
        fonts = {
            str(font.get_object()["/BaseFont"])
            for page in reader.pages
            for font in page["/Resources"]["/Font"].values()
        }
        assert fonts
        assert all("Liberation" in name or "DejaVu" in name for name in fonts)


def test_name_and_table_heading_repeat_where_an_employee_runs_over_pages() -> None:
    build = Build()
    for number in range(60):
        build.visit(f"{6 + number // 4:02d}:{number % 4 * 15:02d}", 10, "Åsa Öhrnskog", client_name=f"Nr{number:02d}")
    rendered, _ = render({CELL: shown(build)})
    pages = pages_of(rendered[CELL][Kind.LIST, Format.PDF])[1:-1]
    assert len(pages) == 4
    assert all("Åsa Öhrnskog" in page and "Utfört från" in page for page in pages)
    text = flat(" ".join(pages))
    assert [text.count(f"Nr{number:02d}") for number in range(60)] == [1] * 60


def test_every_visit_stands_unmarked_exactly_once_on_paper_over_two_days_with_nights() -> None:
    build = a_day(3, 6)
    for row in build.visits:
        if row["status"] == "planned":
            row["client_name"] = f"Kund{row['visit_id']}x"
    tomorrow = Cell(DAY + timedelta(days=1), TEAM)
    rendered, _ = render({CELL: shown(build), tomorrow: shown(build, cell=tomorrow)})
    for kind, begins_twice in ((Kind.LIST, 8), (Kind.OVERVIEW, 8)):
        text = " ".join(flat(" ".join(pages_of(rendered[cell][kind, Format.PDF]))) for cell in (CELL, tomorrow))
        mine = [row for row in build.visits if row["status"] == "planned" and row["plan_date"] in (DAY, tomorrow[0])]
        seen = [text.count(row["client_name"]) for row in mine]
        assert sorted(set(seen)) == [1, 2]
        assert seen.count(2) == begins_twice
    # Each of the nights says it above its visits, and each of these again.
    listed = flat(" ".join(pages_of(rendered[CELL][Kind.LIST, Format.PDF])[1:]))
    nights = [employee for employee in shown(build)["list"]["employees"] if "efter midnatt" in employee["facts"]]
    assert listed.count("efter midnatt, torsdag 23 juni") >= len(nights) > 0
    assert listed.count("efter midnatt") >= 8 + 2 * len(nights)


# --- the workbooks


def test_no_text_is_ever_a_formula() -> None:
    hostile = ("=cmd|' /C calc'!A0", "+46-1", "-2+3", "@SUM(A1)", "#REF!", "_x0041_", "\x0b\x1f")
    build = Build()
    for number, text in enumerate(hostile):
        build.visit(f"{8 + number:02d}:00", 30, text, client_name=text, note=text, activities=text, address=text)
        build.visit(f"{8 + number:02d}:00", 30, "", client_name=text, note=text)
    rendered, failed = render({CELL: shown(build)})
    assert failed == {}
    for kind in Kind:
        content = rendered[CELL][kind, Format.XLSX]
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            sheets = [package.read(name) for name in package.namelist() if "worksheets/" in name]
        assert all(b"<f>" not in sheet and b't="e"' not in sheet for sheet in sheets)
        for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
            filled = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert {cell.data_type for cell in filled} == {"s"}
            assert {cell.number_format for cell in filled} == {"@"}
    values = {value for row in cells_of(rendered[CELL][Kind.LIST, Format.XLSX]) for value in row}
    assert set(hostile[:5]) <= values
    assert any("_x0041_" in str(value) for value in values)


def test_the_list_sheet_is_ready_to_filter_and_to_print(files: Rendered) -> None:
    sheet, information = openpyxl.load_workbook(io.BytesIO(files[Kind.LIST, Format.XLSX])).worksheets
    assert sheet.freeze_panes == "A3"
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.auto_filter.ref.startswith("A2:L")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (
        "landscape",
        9,
        1,
    )
    assert sum(column.width for column in sheet.column_dimensions.values()) <= 148
    employees = [row[0].value for row in sheet.iter_rows(min_row=3) if row[0].value]
    starts = [3 + n for n in range(1, len(employees)) if employees[n] != employees[n - 1]]
    breaks = [line.id + 1 for line in sheet.row_breaks.brk]
    assert set(starts) - {starts[0]} <= set(breaks)
    assert "EJ TILLDELAT" in employees
    assert "KUNDE INTE LÄSAS" in employees
    text = flat(" ".join(str(cell.value) for row in information.iter_rows() for cell in row if cell.value))
    for words in ("OFULLSTÄNDIG", "ÖVNING", "EFTERSKAPAD", "IT-service 0346-88 55 55", "Personal", "070-1740605"):
        assert words in text


def test_the_workbook_list_holds_the_same_visits_as_the_paper(files: Rendered, list_pages: list[str]) -> None:
    rows = cells_of(files[Kind.LIST, Format.XLSX])[2:]
    in_sheet = sorted(f"{row[2]}–{row[3]}" for row in rows if row[2] and row[4])
    on_paper = sorted(re.findall(r"\d\d:\d\d–\d\d:\d\d", "\n".join(list_pages)))
    assert len(in_sheet) == sum(not row["other"] for row in _list_rows())
    assert set(in_sheet) <= set(on_paper)


def _list_rows() -> list[dict[str, Any]]:
    listed = shown(usual())["list"]
    rows = [row for employee in listed["employees"] for part in employee["parts"] for row in part["rows"]]
    return [*listed["front"]["unassigned"], *rows]


def test_an_ampersand_in_a_name_is_printed_in_headers_and_footers() -> None:
    build = Build()
    build.visit("08:00", 30, "Bo", team="Öst & Väst 2")
    cell = Cell(DAY, "Öst & Väst 2")
    settings = make_settings(organisation="Kommun & Co", teams=["Öst & Väst 2"])
    document = show_cell(build.plan(), cell, judged(build, cell), settings, PLAIN)
    rendered, _ = render({cell: document})
    for kind in Kind:
        sheet = openpyxl.load_workbook(io.BytesIO(rendered[cell][kind, Format.XLSX])).worksheets[0]
        assert "Öst && Väst 2" in sheet.oddHeader.left.text
        assert "Kommun && Co" in sheet.oddFooter.left.text
        assert "Öst & Väst 2" in flat(pages_of(rendered[cell][kind, Format.PDF])[0])


def test_bars_on_the_overview_sheet_never_lie_over_each_other(files: Rendered) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(files[Kind.OVERVIEW, Format.XLSX])).worksheets[0]
    taken: set[tuple[int, int]] = set()
    for area in sheet.merged_cells.ranges:
        cells = {(row, column) for row, column in area.cells}
        assert not cells & taken
        taken |= cells


# --- extremes


def one_with_60_visits() -> Build:
    build = Build()
    for number in range(60):
        build.visit(f"{6 + number // 4:02d}:{number % 4 * 15:02d}", 45, "Bo", note="n" * 500)
    return build


def long_and_hostile() -> Build:
    texts = (
        "Åsa " + "Ö" * 296, "ord " * 75, '#panic("x") $x^2$ *fet* <script>alert(1)</script> #read("/etc/passwd")',
        "🧸 Björn", "محمد الخطيب", "李小龍", "\u202eevil", "שלום", "a\u0301" * 140, "Z" + "\u0301" * 60, "\n" * 400,
        "\x0b\x1f",
        "\\ // `x` @a _b_ = + - #", "&amp; & && &P &\"Arial\"", "{name} {page} %s",
    )  # fmt: skip
    build = Build()
    for number, text in enumerate(texts):
        everywhere = dict.fromkeys(("client_name", "address", "phone", "activities", "access", "note", "route"), text)
        build.visit(f"{7 + number:02d}:00", 20, text, **everywhere, double_staffing_id=text)
        build.visit(f"{7 + number:02d}:30", 20, "", **everywhere)
        build.shift("07:00", "16:00", text, phone=text)
    build.unreadable.append(Unreadable(DAY, TEAM, "x", 3, texts[0] * 9, "time", "start"))
    return build


def only_unassigned() -> Build:
    build = Build()
    for number in range(90):
        build.visit(f"{6 + number // 6:02d}:{number % 6 * 10:02d}", 10, note="Ring på. " * 50)
    return build


def all_at_once() -> Build:
    build = Build()
    for _ in range(40):
        build.visit("08:00", 5, "Bo", double_staffing_id="1", client_id="k")
    build.visit("00:00", 1440, "Bo")
    return build


EXTREMES: dict[str, Callable[[], Build]] = {
    "60 visits for one": one_with_60_visits,
    "40 employees": lambda: a_day(40, 13),
    "long and hostile texts": long_and_hostile,
    "no visits": Build,
    "only unassigned": only_unassigned,
    "all at once": all_at_once,
}


@pytest.fixture(scope="module")
def extremes() -> tuple[dict[str, Rendered], dict[str, str]]:
    cells = {Cell(DAY, f"Extrem {n}"): name for n, name in enumerate(EXTREMES)}
    documents = {cell: shown(EXTREMES[name]()) for cell, name in cells.items()}
    rendered, failed = render(documents)
    return {cells[c]: f for c, f in rendered.items()}, {cells[c]: text for c, text in failed.items()}


@pytest.mark.parametrize("name", EXTREMES)
def test_no_extreme_fails(extremes: tuple[dict[str, Rendered], dict[str, str]], name: str) -> None:
    rendered, failed = extremes
    assert name not in failed
    assert len(rendered[name]) == 4


def test_markup_in_names_is_printed_not_run(extremes: tuple[dict[str, Rendered], dict[str, str]]) -> None:
    text = flat(" ".join(pages_of(extremes[0]["long and hostile texts"][Kind.LIST, Format.PDF])))
    for words in ('#panic("x")', "<script>", "{name} {page} %s", "□ Björn"):
        assert words in text


def test_a_cell_without_visits_says_so_and_still_has_free_rows(
    extremes: tuple[dict[str, Rendered], dict[str, str]],
) -> None:
    pages = pages_of(extremes[0]["no visits"][Kind.LIST, Format.PDF])
    assert "Inga besök i planen." in pages[0]
    assert len(pages) == 2


# --- the same bytes, no traces


_AGAIN = """
import hashlib, json, os, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" and isinstance(args[2], int)
                 and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) else None)
from tests.unit.render.conftest import *
from tests.unit.render.test_rendered import usual
from reservplan.domain.names import ARTIFACTS
from reservplan.render import show_cell
from reservplan.render.worker import draw
marks = Marks(CAPTURED, created_afterwards=True, drill=True)
build = usual()
del opened[:]
document = show_cell(build.plan(), CELL, judged(build, CELL, INCOMPLETE, REMARK), make_settings(), marks)
digests = [hashlib.sha256(draw(fmt, document[kind.value])).hexdigest() for kind, fmt in ARTIFACTS]
print(json.dumps({"digests": digests, "opened": [str(name) for name in opened]}))
"""


def test_another_process_with_another_hash_seed_and_time_zone_gives_the_same_bytes_and_writes_no_file(
    files: Rendered, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"], "PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "TMPDIR": str(tmp_path),
        "HOME": str(tmp_path), "PYTHONPATH": f"{ROOT}:{ROOT / 'include'}", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    answer = subprocess.run(
        [sys.executable, "-c", _AGAIN], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = json.loads(answer.stdout)
    assert told["digests"] == [hashlib.sha256(content).hexdigest() for content in files.values()]
    assert told["opened"] == []
    assert list(tmp_path.iterdir()) == []


# --- the renderer's processes


def heavy() -> dict[str, Any]:
    """A document that takes many seconds to draw."""
    document = shown(a_day(90, 14, nights=False, days=(DAY,)))
    document["list"]["employees"] *= 16
    return document


def test_one_cells_fault_stops_no_other_and_its_text_names_nobody() -> None:
    build = Build()
    build.visit("08:00", 30, HIDDEN, client_name=HIDDEN)
    broken = shown(build)
    broken["overview"]["pages"][0]["blocks"][0]["rows"][0]["boxes"][0]["kind"] = HIDDEN
    bad, good = Cell(DAY, "Trasig"), Cell(DAY, "Hel")
    rendered, failed = render({bad: broken, good: shown(build)}, workers=1)
    assert set(rendered) == {good}
    assert set(failed) == {bad}
    assert "overview (pdf)" in failed[bad]
    assert HIDDEN not in failed[bad]


def test_a_cell_that_takes_too_long_is_reported_and_the_rest_is_drawn() -> None:
    build = Build()
    build.visit("08:00", 30, "Bo")
    slow, quick = Cell(DAY, "Lång"), Cell(DAY, "Kort")
    rendered, failed = render({slow: heavy(), quick: shown(build)}, workers=1, seconds_a_cell=3)
    assert failed == {slow: "Drawing took longer than 3 seconds."}
    assert set(rendered) == {quick}


def test_a_renderer_that_is_killed_is_reported_for_its_cell_and_the_rest_is_drawn() -> None:
    build = Build()
    build.visit("08:00", 30, "Bo")
    documents = {Cell(DAY, "Dödad"): heavy(), Cell(DAY, "Kvar"): shown(build)}
    before = {child.pid for child in psutil.Process().children()}

    def kill_the_first() -> None:
        for _ in range(500):
            for child in psutil.Process().children():
                if child.pid not in before and child.cpu_times().user > 0.9:
                    child.kill()
                    return
            time.sleep(0.01)

    killer = threading.Thread(target=kill_the_first)
    killer.start()
    rendered, failed = render(documents, workers=1)
    killer.join()
    assert list(rendered) == [Cell(DAY, "Kvar")]
    assert "SIGKILL" in failed[Cell(DAY, "Dödad")]


def test_renderers_get_no_secrets_and_are_gone_when_the_caller_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", "samba://user:password@host/share")
    build = Build()
    build.visit("08:00", 30, "Bo")
    documents = {Cell(DAY, f"Grupp {n}"): as_json(shown(build)) for n in range(6)}
    before = {child.pid for child in psutil.Process().children()}
    environments = []

    def interrupted(*_: object) -> None:
        children = [child for child in psutil.Process().children() if child.pid not in before]
        environments.extend(child.environ() for child in children)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_documents(documents, interrupted, workers=2)
    assert environments
    assert all(set(names) <= {"PATH", "LANG", "LD_LIBRARY_PATH", "RAYON_NUM_THREADS"} for names in environments)
    assert {child.pid for child in psutil.Process().children()} <= before


def test_progress_counts_every_cell() -> None:
    build = Build()
    build.visit("08:00", 30, "Bo")
    told: list[tuple[int, int]] = []
    render({Cell(DAY, f"Grupp {n}"): shown(build) for n in range(3)}, progress=lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_renderer_that_cannot_start_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RenderError, match=r"did not start .exit 1.*reservplan check"):
        render({CELL: {}})


def test_nothing_to_draw_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert render({}) == ({}, {})
