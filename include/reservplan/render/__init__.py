"""Turns a judged plan into what the carer holds in her hand: lists and overviews as PDF and Excel files.

`show_cell` decides everything that is shown, purely; `render_documents` only draws it, in interpreters of its own.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from reservplan.render import show
from reservplan.render.pool import as_json, render_documents, render_papers
from reservplan.render.show import show_cell
from reservplan.render.show_blanks import show_blanks
from reservplan.render.show_changes import Before
from reservplan.render.show_routine import show_routine
from reservplan.render.show_week_cover import WeekCover, WeekDay, show_week_cover

__all__ = [
    "TEMPLATE_VERSION",
    "Before",
    "WeekCover",
    "WeekDay",
    "as_json",
    "content_hash",
    "paper_content_hash",
    "render_documents",
    "render_papers",
    "show_blanks",
    "show_cell",
    "show_routine",
    "show_week_cover",
    "template_version",
]

TEMPLATE_VERSION: str

_DRAWING = ("document.py", "lettering.py", "list_layout.py", "workbook*.py", "templates/*.typ", "fonts/*.ttf")


@cache
def template_version() -> str:
    """Changes when documents are drawn in another way, so that copies are made anew; also as `TEMPLATE_VERSION`."""
    folder = Path(__file__).parent
    digest = sha256()
    for path in sorted(path for pattern in _DRAWING for path in folder.glob(pattern)):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        if path.suffix != ".ttf":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def __getattr__(name: str) -> str:
    # Read when first asked for: importing this package touches no file.
    if name == "TEMPLATE_VERSION":
        return template_version()
    raise AttributeError(name)


def paper_content_hash(document: Mapping[str, Any]) -> str:
    """As `content_hash`, of a paper that belongs to no cell."""
    return show.content_hash({"paper": document}, template_version())


def content_hash(document: Mapping[str, Any]) -> str:
    """A SHA-256 over all that a cell's paper shows except its capture and its list of changes; same means untouched."""
    return show.content_hash(document, template_version())
