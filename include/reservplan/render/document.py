"""Draws a document as PDF/A with typst: own fonts only, the same bytes for the same document on any machine."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from reservplan.domain.errors import RenderError
from reservplan.domain.names import Kind, PaperKind
from reservplan.render.lettering import FONT_FOLDER, hold_postal_place, soft
from reservplan.render.list_layout import lay_out
from reservplan.render.show import STAMP

TEMPLATE_FOLDER = Path(__file__).parent / "templates"
# typst remembers the last ten compilations, 400 MB of lists; as many empty ones push them out.
_COMPILATIONS_REMEMBERED = 11
# Never broken: instants, and what the overview's layout has measured already.
_IN_FULL = (STAMP, "pages")
# What the templates' columns leave for text, by what stands in them.
_COLUMN_MM = {
    "marks": 23.0, "priority": 23.0, "route": 22.0,
    "client": 58.0, "address": 58.0, "phone": 30.0,
    "activities": 43.0,
    "double": 59.0, "access": 59.0, "note": 59.0,
    "who": 46.0, "what": 62.0,
    # Their names are set half as large again.
    "employees": 150.0, "organisation": 120.0, "value": 50.0,
    "staff": 30.0, "reasons": 62.0, "calls": 40.0,
}  # fmt: skip
_WIDEST_COLUMN_MM = 250.0


def draw_pdf(document: dict[str, Any]) -> bytes:
    """The document of one kind, a cell's or a paper's, as PDF/A-1b (tagged: A-1a); for one thread a process."""
    captured_at = datetime.fromisoformat(document[STAMP]["captured_at"])
    tagged = bool(document.get("tagged"))
    pdf = _compiler(_template_of(document["kind"])).compile(
        sys_inputs={"data": json.dumps(_drawn(document), ensure_ascii=False)},
        format="pdf",
        timestamp=captured_at,
        # PDF 1.4, so that old printers read a stick, too.
        pdf_standards=["a-1a" if tagged else "a-1b"],
        pdf_tags=tagged,
    )
    for _ in range(_COMPILATIONS_REMEMBERED):
        _empty_compiler().compile(b"#[]", format="pdf", timestamp=captured_at)
    if not isinstance(pdf, bytes):
        raise RenderError("typst gave no PDF.", do="See that the version of typst is the one in requirements.txt.")
    return pdf


def draw_template(name: str, document: dict[str, Any], at: datetime) -> bytes:
    """What a template that is neither a cell's nor a paper's makes of a document, as PDF; `at` is aware."""
    pdf = _compiler(name).compile(
        sys_inputs={"data": json.dumps(document, ensure_ascii=False)}, format="pdf", timestamp=at.replace(microsecond=0)
    )
    if not isinstance(pdf, bytes):
        raise RenderError("typst gave no PDF.", do="See that the version of typst is the one in requirements.txt.")
    return pdf


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])


def _template_of(kind: str) -> str:
    return Kind(kind).value if kind in set(Kind) else PaperKind(kind).value


@cache
def _compiler(name: str) -> typst.Compiler:
    template = TEMPLATE_FOLDER / f"{name}.typ"
    return typst.Compiler(str(template), root=str(TEMPLATE_FOLDER), font_paths=_fonts(), ignore_system_fonts=True)


@cache
def _empty_compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)


def _drawn(document: dict[str, Any]) -> dict[str, Any]:
    """What the template is given: the list's visits laid out, everything else to flow by itself."""
    if document["kind"] != Kind.LIST:
        return dict(_breakable(document))
    front = {**document["front"], "unassigned": []}
    # The compact form flows: how much of it a side holds is for typst to find out.
    employees = document["employees"] if "compact" in document else []
    return {**_breakable({**document, "front": front, "employees": employees}), **lay_out(document)}


def _breakable(value: Any, column_mm: float = _WIDEST_COLUMN_MM) -> Any:
    """The document with places to break in words that are wider than the column that they stand in."""
    if isinstance(value, str):
        return soft(value, column_mm)
    if isinstance(value, dict):
        broken = {
            key: item if key in _IN_FULL else _breakable(item, _COLUMN_MM.get(key, column_mm))
            for key, item in value.items()
        }
        if isinstance(address := broken.get("address"), str):
            broken["address"] = hold_postal_place(address)
        return broken
    if isinstance(value, list):
        return [_breakable(item, column_mm) for item in value]
    return value
