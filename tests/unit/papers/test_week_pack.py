"""The week pack: the published pages behind a cover, with bookmarks, and the same bytes each time."""

import io

import pikepdf
import pytest
from pypdf import PdfReader
from reservplan.domain.plan import Cell
from reservplan.papers.week_pack import Section, join, page_count
from reservplan.render import show_cell
from reservplan.render.document import draw_pdf

from tests.unit.render.conftest import DAY, PLAIN, TEAM, a_day, judged, make_settings


def drawn(team: str) -> bytes:
    build, cell = a_day(2, 3), Cell(DAY, team)
    for row in build.visits:
        row["team"] = team
    return draw_pdf(show_cell(build.plan(), cell, judged(build, cell), make_settings(teams=[team]), PLAIN)["list"])


@pytest.fixture(scope="module")
def lists() -> list[bytes]:
    return [drawn(TEAM), drawn("Älvsered")]


@pytest.fixture(scope="module")
def pack(lists: list[bytes]) -> bytes:
    return join(Section("Vecka 25", lists[0]), [Section("Onsdag", lists[0]), Section("Torsdag", lists[1])])


def test_all_pages_stand_in_order_and_unchanged(pack: bytes, lists: list[bytes]) -> None:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pack)).pages]
    expected = [page.extract_text() for pdf in (lists[0], *lists) for page in PdfReader(io.BytesIO(pdf)).pages]
    assert pages == expected
    assert page_count(pack) == len(expected)


def test_bookmarks_lead_to_each_day_and_within_it_to_each_employee(pack: bytes, lists: list[bytes]) -> None:
    count = page_count(lists[0])
    with pikepdf.open(io.BytesIO(pack)) as document, document.open_outline() as outline:
        numbers = {page.obj.objgen: number for number, page in enumerate(document.pages)}
        found = {item.title: numbers[item.destination[0].objgen] for item in outline.root}
        assert found == {"Vecka 25": 0, "Onsdag": count, "Torsdag": 2 * count}
        of_wednesday = [numbers[child.destination[0].objgen] for child in outline.root[1].children]
    assert of_wednesday == sorted(of_wednesday)
    assert len(of_wednesday) >= 3
    assert all(count <= number < 2 * count for number in of_wednesday)


def test_it_is_still_an_archive_pdf_and_the_same_bytes_twice(pack: bytes, lists: list[bytes]) -> None:
    with pikepdf.open(io.BytesIO(pack)) as document:
        assert "/OutputIntents" in document.Root
        assert document.Root.Lang == "sv"
        with document.open_metadata() as metadata:
            assert metadata.pdfa_status == "1B"
    assert pack.startswith(b"%PDF-1.4")
    again = join(Section("Vecka 25", lists[0]), [Section("Onsdag", lists[0]), Section("Torsdag", lists[1])])
    assert again == pack
