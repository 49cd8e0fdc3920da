"""What a sheet's page holds, and what a row of a sheet needs of it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import ceil
from typing import Any

from reservplan.render.lettering import Style, wrap
from reservplan.render.show import STAMP
from reservplan.render.workbook_package import Row

# A sheet prints this wide at full size; what is wider is printed smaller.
SHEET_CHARACTERS = 148.0
CHARACTER_MM = 1.87
# A4 landscape inside the margins is 504, less what programs and printers disagree about.
PAGE_POINTS = 498.0
# Excel rounds rows to whole pixels of the screen: heights that are such already print as they were counted.
PIXEL_POINTS = 0.75
TITLE_POINTS = 24.0
BAND_POINTS = 18.0
# No row of a sheet can be higher than 409 points.
MOST_POINTS = 399.0


@lru_cache(maxsize=20_000)
def lines_of(text: str, characters: float, points: float, bold: bool = False) -> Sequence[str]:
    """The text as it breaks in a column; rather a line too many than one too few."""
    available = characters * CHARACTER_MM - 1.5
    style = Style.BOLD if bold else Style.REGULAR
    return [line for part in text.split("\n") for line in wrap(part, available, points, style) or [""]]


def height_of(lines: int, points: float) -> float:
    """What lines of a size take, as Excel counts it on the screen; print takes less."""
    return min(MOST_POINTS, ceil((lines * (points * 1.25 + 0.75) + 1) / PIXEL_POINTS) * PIXEL_POINTS)


def title_row(document: Mapping[str, Any], columns: int) -> Row:
    """The first row, on every page: day, group, when captured, verdict, and what must be shouted."""
    parts = (document["day"], document["team"], document[STAMP]["captured"], document["verdict"])
    told = filter(None, ("   ·   ".join(parts), "   ·   ".join(document["sheet_bands"])))
    lines = [line for text in told for line in lines_of(text, SHEET_CHARACTERS, 14, bold=True)]
    height = TITLE_POINTS + BAND_POINTS * (len(lines) - 1)
    cells = [(1, "\n".join(lines), "title"), *((column, "", "title") for column in range(2, columns + 1))]
    return Row(min(MOST_POINTS, height), cells, [(1, columns)])


def pages_of(heights: Sequence[float], room: float) -> list[list[int]]:
    """Which rows stand on which page: as few pages as can be, and each about as full as the others."""
    pages = _filled(heights, room)
    if len(pages) == 1:
        return pages
    even = (_filled(heights, room * part / 20) for part in range(8, 20))
    return next((tried for tried in even if len(tried) == len(pages)), pages)


def _filled(heights: Iterable[float], room: float) -> list[list[int]]:
    pages: list[list[int]] = [[]]
    left = room
    for number, height in enumerate(heights):
        if height > left and pages[-1]:
            pages.append([])
            left = room
        pages[-1].append(number)
        left -= height
    return pages
