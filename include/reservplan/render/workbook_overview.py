"""The overview as a sheet: a column for every five minutes, a bar of joined cells for each visit."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from reservplan.render.show_overview import SEPARATOR
from reservplan.render.workbook_package import Row, Sheet
from reservplan.render.workbook_paper import (
    PAGE_POINTS,
    SHEET_CHARACTERS,
    height_of,
    lines_of,
    pages_of,
    title_row,
)

# Excel draws columns in whole pixels, seven to a character: a width between two would move every visit to the left.
PIXELS = 7
# What a page may hold when print makes it a twelfth smaller: 6.5 points stay 6.
SHRUNK_POINTS = PAGE_POINTS * 13 / 12
AXIS_POINTS = 14.25
WORDS_POINTS = 6.5
NAME_POINTS = 9
WORDS_LINE_POINTS = 8.25
NARROWEST_GAP_CELLS = 20
# Frames that touch would look like a double staffing.
GAP_POINTS = 2.25
WIDTH_WITHOUT_CHART = 12


def overview_sheets(document: Mapping[str, Any]) -> list[Sheet]:
    """The one sheet: the title, then each employee below a time axis; over several pages no employee is split."""
    drawn = document["sheet"]
    columns = drawn["columns"]
    width = columns + 1 if columns else WIDTH_WITHOUT_CHART
    sheet = Sheet(document["word"], (drawn["name_width"], *_pixel_widths(columns, drawn["width"])))
    sheet.rows.append(title_row(document, width))
    # With several time axes none of them may stay above the rows of another.
    one_axis = len(drawn["blocks"]) == 1
    sheet.frozen, sheet.repeated = ("B3", "1:2") if one_axis else ("B2", "1:1")
    sheet.headings, sheet.headed = ("A2", 2) if one_axis else ("", 1)

    axes = [_axis(document, block) for block in drawn["blocks"]]
    pieces = [
        (number, _employee(shown, drawn, columns))
        for number, block in enumerate(drawn["blocks"])
        for shown in block["rows"]
    ]
    pieces.append((len(axes) - 1, [_words(text, width) for text in _texts(document)]))
    heights = [_height(rows) for _, rows in pieces]
    room = PAGE_POINTS - sheet.rows[0].height - _height(axes)
    sheet.one_page = sum(heights) <= room + SHRUNK_POINTS - PAGE_POINTS
    pages = [range(len(pieces))] if sheet.one_page else pages_of(heights, room)
    _fill(sheet, axes, ([pieces[index] for index in page] for page in pages))
    return [sheet]


def _texts(document: Mapping[str, Any]) -> Iterable[str]:
    return filter(None, (document["no_visits"], document["legend"], " ".join(document["idle"])))


def _fill(sheet: Sheet, axes: Sequence[Row], pages: Iterable[Sequence[tuple[int, Sequence[Row]]]]) -> None:
    """Put each page's rows below their axis; where there is but one, it is repeated above every page."""
    for page in pages:
        sheet.break_here()
        drawn = 0 if sheet.headed == 2 and len(sheet.rows) > 1 else None
        for number, rows in page:
            if number != drawn and axes:
                sheet.rows.append(axes[number])
                drawn = number
            sheet.rows.extend(rows)


def _pixel_widths(columns: int, width: float) -> list[float]:
    """Widths in characters that are whole pixels, and together as wide as asked for."""
    edges = [round(column * width * PIXELS) for column in range(columns + 1)]
    return [round((right - left) / PIXELS, 4) for left, right in pairwise(edges)]


def _axis(document: Mapping[str, Any], block: Mapping[str, Any]) -> Row:
    each = document["sheet"]["cells_an_hour"]
    cells = [(1, block["title"] or document["label_name"], "block")]
    spans = []
    for index, hour in enumerate(block["hours"]):
        first = 2 + index * each
        cells += [(first, hour, "hour"), *((column, "", "hour_rest") for column in range(first + 1, first + each))]
        spans.append((first, first + each - 1))
    lines = len(lines_of(block["title"], document["sheet"]["name_width"], NAME_POINTS, bold=True))
    return Row(AXIS_POINTS if lines < 2 else height_of(lines, NAME_POINTS), cells, spans)


def _employee(shown: Mapping[str, Any], drawn: Mapping[str, Any], columns: int) -> list[Row]:
    """A row for each lane; what the numbers in the bars stand for beside them where it has room, else below."""
    beside = _beside(shown, drawn, columns)
    whose = f"{shown['name']}\n{shown['sub']}".strip()
    named = height_of(len(lines_of(whose, drawn["name_width"], NAME_POINTS, bold=True)), NAME_POINTS)
    rows = []
    for number, lane in enumerate(shown["lanes"]):
        cells = dict.fromkeys(range(2, columns + 2, drawn["cells_an_hour"]), ("", "hour_line"))
        cells[1] = (whose if number == 0 else "", "name")
        texts = [(bar["first"], bar["last"], bar["text"], bar["kind"]) for bar in lane]
        if number == 0:
            texts += [(first, last, text, "small") for first, last, text in beside]
        for first, last, text, look in texts:
            cells |= {2 + cell: (text if cell == first else "", look) for cell in range(first, last + 1)}
        spans = [(2 + first, 2 + last) for first, last, _, _ in texts]
        height = max(shown["points"], named) if number == 0 else shown["points"]
        rows.append(Row(height, [(column, *cells[column]) for column in sorted(cells)], spans))
    if shown["explained"] and not beside:
        lines = len(lines_of(shown["explained"], SHEET_CHARACTERS - drawn["name_width"], WORDS_POINTS))
        below = [(1, "", "small"), (2, shown["explained"], "small")]
        rows.append(Row(round(lines * WORDS_LINE_POINTS + 1.5, 2), below, [(2, columns + 1)]))
    else:
        rows.append(Row(GAP_POINTS, [(1, "", "small")]))
    return rows


_Stretch = tuple[int, int, str]


def _beside(shown: Mapping[str, Any], drawn: Mapping[str, Any], columns: int) -> list[_Stretch]:
    """The explanations in the free stretches of the first lane, first and last cell of each; none if they lack room."""
    lines = int(shown["points"] / WORDS_LINE_POINTS)
    left = shown["explained"].split(SEPARATOR) if shown["explained"] else []
    placed = []
    for first, last in _gaps(shown["lanes"][0], columns):
        count = _how_many_fit(left, (last - first + 1) * drawn["width"], lines)
        if count:
            placed.append((first, last, SEPARATOR.join(left[:count])))
            left = left[count:]
    return [] if left else placed


def _how_many_fit(items: Sequence[str], characters: float, lines: int) -> int:
    def lines_for(count: int) -> int:
        return len(lines_of(SEPARATOR.join(items[:count]), characters, WORDS_POINTS))

    return bisect_right(range(len(items) + 1), lines, key=lines_for) - 1


def _gaps(lane: Iterable[Mapping[str, Any]], columns: int) -> Iterable[tuple[int, int]]:
    """Stretches without a bar that are worth writing in, a cell's width from the bars."""
    free_from = 0
    for first, last in [*sorted((bar["first"], bar["last"]) for bar in lane), (columns, columns)]:
        if first - free_from >= NARROWEST_GAP_CELLS + 2:
            yield free_from + 1, first - 2
        free_from = max(free_from, last + 1)


def _words(text: str, width: int) -> Row:
    lines = len(lines_of(text, SHEET_CHARACTERS, WORDS_POINTS))
    return Row(max(12.0, height_of(lines, WORDS_POINTS)), [(1, text, "small")], [(1, width)])


def _height(rows: Iterable[Row]) -> float:
    return sum(row.height for row in rows)
