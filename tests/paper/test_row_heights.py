"""A row whose height is told to typst is as high as typst would have made it."""

from pathlib import Path
from typing import Any

import pytest
from reservplan.domain.plan import Cell
from reservplan.render import document, show_cell
from reservplan.render.document import draw_pdf

from tests.paper.conftest import one_visit, usual
from tests.paper.sheets import Sheet, sheets_of
from tests.unit.render.conftest import DAY, PLAIN, TEAM, Build, judged, make_settings

# Pairs that kerning moves apart or together, and the widest and narrowest letters.
KERNED = ("AV", "LT", "Wa", "rv", "i", "M", "Å ", "f ")


def around_the_edge() -> Build:
    """Texts that end just before, at and just after the edge of their column."""
    build = Build()
    fields = ("client_name", "address", "activities", "access", "note", "route")
    for number in range(96):
        field, pair = fields[number % 6], KERNED[number // 6 % 8]
        text = (pair * 90)[: 14 + number % 31 * (3 if pair == "i" else 1)]
        build.visit(f"{6 + number // 6:02d}:{number % 6 * 10:02d}", 10, "Bo Ek", priority="Prio 3", **{field: text})
    return build


def list_of(build: Build) -> dict[str, Any]:
    cell = Cell(DAY, TEAM)
    shown: dict[str, Any] = show_cell(build.plan(), cell, judged(build, cell), make_settings(), PLAIN)["list"]
    return shown


def lines(sheets: list[Sheet]) -> list[list[tuple[str, int, int]]]:
    return [[(word.text, round(word.left), round(word.top)) for word in sheet.words] for sheet in sheets]


@pytest.mark.parametrize("build", [around_the_edge, usual, one_visit])
def test_known_heights_change_no_page(build: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = list_of(build())
    told = sheets_of(draw_pdf(shown), tmp_path)
    asked: list[float] = []

    def measure_all(row: Any, least_mm: float) -> float:
        asked.append(known_height(row, least_mm))
        return 0.0

    known_height = document.known_height
    monkeypatch.setattr(document, "known_height", measure_all)
    measured = sheets_of(draw_pdf(shown), tmp_path)
    assert lines(told) == lines(measured)
    known = sum(height > 0 for height in asked)
    assert known > 0
    # Where texts run over the edge the rest is measured.
    assert build is not around_the_edge or known < len(asked)
