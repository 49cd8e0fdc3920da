"""Where the list's rows stand: pure decisions, in millimetres."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from reservplan.render import list_layout
from reservplan.render.lettering import line_mm, width_mm
from reservplan.render.list_layout import FREE_ROW_MM, PAGE_MM, ROW_HEIGHTS_MM, STYLES, WIDTH_MM, lay_out

LABELS = dict.fromkeys(
    ("activities", "client", "details", "deviation", "done_from", "done_to", "signature", "taken_by", "time"), "label"
) | {"added": "Tillkomna besök", "after_midnight_short": "efter midnatt"}


def visit(number: int = 0, **texts: Any) -> dict[str, Any]:
    plain = dict.fromkeys(("priority", "phone", "address", "activities", "access", "double", "note", "route"), "")
    return {
        **plain, "start": f"{number % 24:02d}:00", "end": f"{number % 24:02d}:30", "client": f"Nr{number}", "marks": [],
        "after_midnight": "", "urgent": False, "other": False, **texts,
    }  # fmt: skip


def document(*parts: tuple[str, list[dict[str, Any]]], name: str = "Bo Ek", banded: bool = False) -> dict[str, Any]:
    employee = {"name": name, "facts": "pass", "parts": [{"heading": h, "rows": rows} for h, rows in parts]}
    front = {"unassigned": [], "unassigned_heading": "Ej tilldelade", "staff": []}
    return {
        "labels": LABELS, "sheet": "blad {number} av {count}", "front": front, "bands": ["ÖVNING"] if banded else [],
        "employees": [employee],
    }  # fmt: skip


def pages_of(*parts: tuple[str, list[dict[str, Any]]], **more: Any) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = lay_out(document(*parts, **more))["sheets"][0]["pages"]
    return pages


def words(row: dict[str, Any]) -> str:
    return " ".join(text for *_, text in row["lines"])


def visits_on(page: list[dict[str, Any]]) -> list[str]:
    return [text for row in page for _, _, style, text in row["lines"] if style == "client"]


def height(page: list[dict[str, Any]]) -> float:
    return sum(row["height"] for row in page)


def test_a_usual_day_fills_its_page_with_roomy_rows_and_leaves_two_to_write_in() -> None:
    [page] = pages_of(("", [visit(n) for n in range(11)]))
    of_visits = [row["height"] for row in page if visits_on([row])]
    assert set(of_visits) == {max(of_visits)}
    assert ROW_HEIGHTS_MM[0] < max(of_visits) <= ROW_HEIGHTS_MM[-1]
    free = [row for row in page if row["grid"] == "visit" and not row["lines"]]
    assert [row["height"] for row in free] == [FREE_ROW_MM] * 2
    assert "blad" not in words(page[0])


@pytest.mark.parametrize("banded", [False, True])
@pytest.mark.parametrize("count", [1, 15, 17, 18, 19, 35, 60])
def test_no_page_is_fuller_than_it_is_high_and_the_last_has_company(count: int, banded: bool) -> None:
    pages = pages_of(("", [visit(n) for n in range(count)]), banded=banded)
    assert [number for page in pages for number in visits_on(page)] == [f"Nr{n}" for n in range(count)]
    assert all(height(page) <= PAGE_MM - (list_layout.BAND_MM if banded else 0) for page in pages)
    assert len(pages) == 1 or len(visits_on(pages[-1])) >= 3
    told = [words(page[0]) for page in pages]
    assert len(pages) == 1 or [text[-len("blad 1 av 1") :] for text in told] == [
        f"blad {n} av {len(pages)}" for n in range(1, len(pages) + 1)
    ]


@pytest.mark.parametrize("before", range(10, 22))
def test_a_heading_is_never_the_last_on_a_page_and_stands_again_on_the_next(before: int) -> None:
    night = [visit(n, after_midnight="efter midnatt, torsdag 23 juni") for n in range(50, 60)]
    pages = pages_of(("", [visit(n) for n in range(before)]), ("efter midnatt, torsdag 23 juni", night))
    for page in pages:
        assert page[-1]["grid"] != "part"
        marked = [row for row in page if visits_on([row]) and "efter midnatt" in words(row)]
        assert not marked or any(row["grid"] == "part" for row in page[: page.index(marked[0])])


def test_what_is_no_visit_is_thin_and_has_no_boxes() -> None:
    [page] = pages_of(("", [visit(1), visit(2, other=True, client="", activities="Rast")]))
    [rest] = [row for row in page if row["grid"] == "thin"]
    assert words(rest) == "02:00–02:30 Rast"
    assert rest["height"] < 5


def test_a_text_that_would_not_fit_a_page_ends_in_dots() -> None:
    pages = pages_of(("", [visit(0, double="W" * 400, access="W" * 300, note="W" * 500)]))
    assert all(height(page) <= PAGE_MM for page in pages)
    assert "…" in " ".join(words(row) for page in pages for row in page)


TEXT = st.text(alphabet="AVWLTi -ÅÖ.·,01()", max_size=120).map(lambda text: " ".join(text.split()))
ROW = st.builds(
    visit,
    st.integers(0, 23),
    client=TEXT, phone=TEXT, address=TEXT, activities=TEXT, access=TEXT, note=TEXT, double=TEXT, route=TEXT,
    priority=st.sampled_from(["", "Prio 1"]), urgent=st.just(False), other=st.booleans(),
)  # fmt: skip


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=30), st.booleans())
def test_no_line_leaves_its_row_lies_over_another_or_leaves_the_page(rows: list[dict[str, Any]], urgent: bool) -> None:
    for row in rows:
        row["urgent"] = urgent and row["priority"] != ""
    for page in pages_of(("", rows)):
        assert height(page) <= PAGE_MM
        for row in page:
            boxes = [
                (x, y, x + width_mm(text, *STYLES[style]), y + line_mm(STYLES[style][0]))
                for x, y, style, text in row["lines"]
            ]
            assert all(x >= 0 and right <= WIDTH_MM + 0.1 for x, _, right, _ in boxes)
            assert all(y >= 0 and bottom <= row["height"] + 0.1 for _, y, _, bottom in boxes)
            for number, (x, y, right, bottom) in enumerate(boxes):
                for ax, ay, aright, abottom in boxes[number + 1 :]:
                    assert min(right, aright) - max(x, ax) < 0.1 or min(bottom, abottom) - max(y, ay) < 0.1
