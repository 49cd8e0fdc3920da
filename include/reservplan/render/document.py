"""Draws a document as PDF/A with typst: own fonts only, the same bytes for the same document on any machine."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from reservplan.domain.errors import RenderError
from reservplan.domain.names import Kind
from reservplan.render.lettering import FONT_FOLDER, soft
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
    "staff": 30.0, "reasons": 62.0, "calls": 95.0,
}  # fmt: skip
_WIDEST_COLUMN_MM = 250.0


def draw_pdf(document: dict[str, Any]) -> bytes:
    """The document of one kind as a PDF/A-2b file; one process may call it from one thread only."""
    captured_at = datetime.fromisoformat(document[STAMP]["captured_at"])
    pdf = _compiler(Kind(document["kind"])).compile(
        sys_inputs={"data": json.dumps(_breakable(document), ensure_ascii=False)},
        format="pdf",
        timestamp=captured_at,
        pdf_standards=["a-2b"],
        pdf_tags=False,
    )
    for _ in range(_COMPILATIONS_REMEMBERED):
        _empty_compiler().compile(b"#[]", format="pdf", timestamp=captured_at)
    if not isinstance(pdf, bytes):
        raise RenderError("typst gave no PDF.", do="See that the version of typst is the one in requirements.txt.")
    return pdf


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])


@cache
def _compiler(kind: Kind) -> typst.Compiler:
    template = TEMPLATE_FOLDER / f"{kind.value}.typ"
    return typst.Compiler(str(template), root=str(TEMPLATE_FOLDER), font_paths=_fonts(), ignore_system_fonts=True)


@cache
def _empty_compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)


def _breakable(value: Any, column_mm: float = _WIDEST_COLUMN_MM) -> Any:
    """The document with places to break in words that are wider than the column that they stand in."""
    if isinstance(value, str):
        return soft(value, column_mm)
    if isinstance(value, dict):
        return {
            key: item if key in _IN_FULL else _breakable(item, _COLUMN_MM.get(key, column_mm))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_breakable(item, column_mm) for item in value]
    return value
