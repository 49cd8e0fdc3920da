"""How cells of the workbooks look: a font that every office program has, and black on white only.

A printer without greys turns a grey into dots: over the text that stands on it, and in place of a line.
"""

from typing import Any

from openpyxl.styles import Alignment, Border, Font, Side

FONT = "Arial"
TEXT_POINTS = 9.0
SMALL_POINTS = 8.0


def looks() -> dict[str, dict[str, Any]]:
    """What openpyxl sets on a cell of each look."""
    hair, thin, thick, dashed = (Side(style=style, color="FF000000") for style in ("hair", "thin", "medium", "dashed"))
    grid = Border(left=thin, right=thin, top=thin, bottom=thin)
    top, middle = Alignment(vertical="top", wrap_text=True), Alignment(vertical="center", wrap_text=True)

    def table(size: float, bold: bool = False) -> dict[str, Any]:
        return {"font": Font(name=FONT, size=size, bold=bold), "border": grid, "alignment": top}

    def plain(size: float, bold: bool = False) -> dict[str, Any]:
        return {"font": Font(name=FONT, size=size, bold=bold), "alignment": top}

    def bar(side: Side) -> dict[str, Any]:
        return plain(6.5) | {"border": Border(left=side, right=side, top=side, bottom=side)}

    return {
        "title": plain(14, bold=True) | {"alignment": middle},
        # the list
        "head": table(SMALL_POINTS, bold=True) | {"border": Border(left=thin, right=thin, top=thin, bottom=thick)},
        "text": table(TEXT_POINTS),
        "bold": table(TEXT_POINTS, bold=True),
        "who": table(10, bold=True),
        "time": table(11, bold=True),
        "thin": table(SMALL_POINTS),
        "plain": plain(10),
        "plain_bold": plain(10, bold=True),
        "large": plain(16, bold=True) | {"alignment": middle},
        "huge": plain(22, bold=True) | {"alignment": middle},
        # the overview
        "hour": {"font": Font(name=FONT, size=9, bold=True), "border": Border(bottom=thin, left=hair)},
        "hour_rest": {"font": Font(name=FONT, size=6.5), "border": Border(bottom=thin)},
        "block": plain(9, bold=True) | {"border": Border(bottom=thin)},
        "name": plain(9, bold=True) | {"border": Border(top=hair)},
        "hour_line": {"font": Font(name=FONT, size=6.5), "border": Border(left=hair)},
        "small": plain(6.5),
        "visit": bar(thin),
        "double": bar(thick),
        "repeat": bar(dashed),
        "other": plain(6.5) | {"border": Border(bottom=thin)},
    }
