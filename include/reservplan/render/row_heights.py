"""Which rows of the list need no measuring: all of their texts surely fit on lines of their own, and these in the row.

typst lays out a row twice where it must find the height first. Most rows are as high as a hand needs to write in them.
Sizes and insets are those of list.typ; a row that may not fit is left to be measured.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from reservplan.render.lettering import Style, line_mm, width_mm

# The columns' widths without their insets, less 0.3 mm: kerning may widen a line a little.
TIME_MM, WHO_MM, ACTIVITIES_MM, DETAILS_MM, OTHER_MM = 23.3, 58.3, 43.3, 59.3, 245.0
INSETS_MM = 1.4
THIN_POINTS, THIN_INSETS_MM = 8.5, 0.6
# Between a client's name and phone at least; around an urgent priority its frame's insets.
SPACE_MM, FRAME_MM = 1.0, 1.4
UNKNOWN_MM = 0.0

# A line of a cell: how wide its text runs and how high it is, in millimetres.
_Line = tuple[float, float]


def known_height(row: Mapping[str, Any], least_mm: float) -> float:
    """How high the row is in millimetres; 0 where it must be measured. `row` as the list's document has it."""
    if row["other"]:
        text = " · ".join(filter(None, (row["activities"], row["client"], row["note"])))
        fits = width_mm(text, THIN_POINTS, Style.REGULAR) <= OTHER_MM
        return line_mm(THIN_POINTS) + THIN_INSETS_MM if fits else UNKNOWN_MM
    room = least_mm - INSETS_MM
    columns = (
        (_time(row), TIME_MM),
        (_who(row), WHO_MM),
        (_activities(row), ACTIVITIES_MM),
        (_details(row), DETAILS_MM),
    )
    return least_mm if all(_fits(lines, width, room) for lines, width in columns) else UNKNOWN_MM


def _fits(lines: Iterator[_Line], width: float, room: float) -> bool:
    height = 0.0
    for line_width, line_height in lines:
        height += line_height
        if line_width > width or height > room:
            return False
    return True


def _line(text: str, points: float, style: Style) -> _Line:
    return width_mm(text, points, style), line_mm(points)


def _time(row: Mapping[str, Any]) -> Iterator[_Line]:
    yield _line(f"{row['start']}–{row['end']}", 11, Style.BOLD)
    if below := " · ".join(filter(None, (row["priority"], row["route"]))):
        width, height = _line(below, 8, Style.BOLD if row["urgent"] else Style.REGULAR)
        yield width + (FRAME_MM if row["urgent"] else 0), height
    yield from (_line(mark, 8, Style.BOLD) for mark in row["marks"])


def _who(row: Mapping[str, Any]) -> Iterator[_Line]:
    width, height = _line(row["client"], 9.5, Style.BOLD)
    yield width + SPACE_MM + width_mm(row["phone"], 9, Style.REGULAR), height
    if row["address"]:
        yield _line(row["address"], 9, Style.REGULAR)


def _activities(row: Mapping[str, Any]) -> Iterator[_Line]:
    yield _line(row["activities"], 9, Style.REGULAR)


def _details(row: Mapping[str, Any]) -> Iterator[_Line]:
    for name, points, style in (("double", 9, Style.BOLD), ("access", 9, Style.BOLD), ("note", 8, Style.REGULAR)):
        if row[name]:
            yield _line(row[name], points, style)
