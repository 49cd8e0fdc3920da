"""The list's rows laid out to the millimetre: every line of text in its place, every row on its page.

Decided here rather than by typst, because what a page may end with is ours to say: no heading is left alone at its
foot, none begins with one last row, and whoever gets several sheets sees how many. It also takes half of the time: the
widths of all letters are known, and nothing has to be measured. Millimetres, from the top left of a row.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import ceil
from typing import Any, NamedTuple

from reservplan.render.lettering import (
    ASCENT_EM,
    ELLIPSIS,
    MM_PER_POINT,
    Style,
    hold_postal_place,
    line_mm,
    width_mm,
    wrap,
)

# A4 landscape inside its margins, less header and footer, and less the band where there is one: see common.typ. A hair
# less than there is, for heights are rounded, and a page that ran over would put its last row on one of its own.
PAGE_MM, WIDTH_MM, BAND_MM = 174.8, 277.0, 5.0

# How text is set, by what it is: points and cut. The template is told of them and has none of its own for these rows.
STYLES: Mapping[str, tuple[float, Style]] = {
    "name": (15.0, Style.BOLD),
    "facts": (10.5, Style.REGULAR),
    "sheet": (10.5, Style.BOLD),
    "title": (11.0, Style.BOLD),
    "time": (11.0, Style.BOLD),
    "part": (10.0, Style.BOLD),
    "client": (9.5, Style.BOLD),
    "plain": (9.0, Style.REGULAR),
    "strong": (9.0, Style.BOLD),
    "person": (8.5, Style.BOLD),
    "thin": (8.5, Style.REGULAR),
    "small": (8.0, Style.REGULAR),
    "mark": (8.0, Style.BOLD),
    "urgent": (8.0, Style.BOLD),
}

# Time, client, activities, details; then boxes to write in, by their labels.
TEXT_COLUMNS = (26.0, 61.0, 46.0, 62.0)
BOXES = (("done_from", 17.0), ("done_to", 17.0), ("deviation", 30.0), ("signature", 18.0))
UNASSIGNED_BOXES = (("taken_by", 30.0), ("done_from", 17.0), ("done_to", 17.0), ("signature", 18.0))

PAD_X_MM, PAD_Y_MM, THIN_PAD_MM, PART_PAD_MM, TITLE_PAD_MM, BELOW_NAME_MM = 1.2, 0.7, 0.3, 0.4, 1.2, 1.2
# Kerning may widen a line a little.
SLACK_MM = 0.3
# At least between a client's name and phone; around an urgent priority its frame; between an employee's name and facts.
SPACE_MM, FRAME_MM, NAME_GAP_MM = 1.0, 1.4, 4.0
# Kept free at the right of an employee's name for "blad 1 av 2".
SHEET_MM = 32.0

# A visit's row: two lines of text need the least, and a hand likes the most.
ROW_HEIGHTS_MM = tuple(9 + quarter / 4 for quarter in range(13))
UNASSIGNED_ROW_MM, FREE_ROW_MM = 10.0, 10.4
WANTED_FREE_ROWS, MOST_FREE_ROWS = 2, 4
ABOVE_FREE_MM, BELOW_FREE_MM = 1.2, 0.6
FREE_HEAD_MM = ABOVE_FREE_MM + line_mm(STYLES["mark"][0]) + BELOW_FREE_MM
# Fewer on the last of several pages would look like a slip of the printer.
FEWEST_ON_LAST_PAGE = 3

# The first page's table of staff, a third of the page wide. What is wider than its column is broken, for a column that
# grew would leave none for the names.
STAFF_MM, STAFF_MOST_MM = 89.0, {"times": 20.0, "phone": 25.0, "visits": 17.0}
STAFF_PAD_MM, STAFF_TOP_MM = 0.8, 0.25
# What a page surely holds below its head and the table's heading.
MOST_STAFF_MM = 150.0


class Line(NamedTuple):
    """A line of text: its top left, the name of its style."""

    x: float
    y: float
    style: str
    text: str


@dataclass(frozen=True)
class Row:
    """A row across the page: the name of the strokes around it, how high it must be, whether it is a visit's."""

    grid: str
    least_mm: float
    lines: tuple[Line, ...] = ()
    is_visit: bool = False

    def height(self, visit_mm: float) -> float:
        """As high as its text; a visit's at least so high that a hand can write in it."""
        return max(self.least_mm, visit_mm) if self.is_visit else self.least_mm

    def drawn(self, visit_mm: float = 0.0) -> dict[str, Any]:
        """What the template is told."""
        lines = [(round(line.x, 2), round(line.y, 2), line.style, line.text) for line in self.lines]
        return {"grid": self.grid, "height": round(self.height(visit_mm), 2), "lines": lines}


@dataclass(frozen=True)
class Placed:
    """An employee's row, the heading of the part in which it stands, and whether it is the first one there."""

    row: Row
    heading: Row | None
    is_first: bool


def lay_out(document: Mapping[str, Any]) -> dict[str, Any]:
    """The list's visits as rows: unassigned ones for the first page, and the employees' pages unless it is compact."""
    labels, front = document["labels"], document["front"]
    room = PAGE_MM - (BAND_MM if document["bands"] else 0)
    employees = [] if "compact" in document else document["employees"]
    return {
        "styles": {name: [points, style is Style.BOLD] for name, (points, style) in STYLES.items()},
        "grids": {
            "bare": None,
            "staff": None,
            "part": [],
            "thin": [TEXT_COLUMNS[0]],
            "visit": _edges(BOXES),
            "unassigned": _edges(UNASSIGNED_BOXES),
        },
        "unassigned_head": [
            _title(front["unassigned_heading"]).drawn(),
            _labels(labels, UNASSIGNED_BOXES, "unassigned").drawn(),
        ],
        "unassigned": [_unassigned(row, room).drawn() for row in front["unassigned"]],
        "staff": _staff(front["staff"]),
        "sheets": [{"name": one["name"], "pages": _pages(one, document, room)} for one in employees],
    }


def _edges(boxes: Sequence[tuple[str, float]]) -> list[float]:
    """Where the lines between the columns stand."""
    return list(accumulate((*TEXT_COLUMNS, *(width for _, width in boxes[:-1]))))


# --- staff on the first page


def _staff(staff: Sequence[Mapping[str, str]]) -> list[list[list[dict[str, Any]]]]:
    """Who works, person by person down three columns; in as few pieces as pages can hold whole.

    Three columns that a page ends would be read in the wrong order.
    """
    widths = {
        name: _column_mm([_width("thin", one[name]) for one in staff], most) for name, most in STAFF_MOST_MM.items()
    }
    people = [_person(one, widths) for one in staff]
    for count in range(1, len(people) + 1):
        pieces = [_thirds(piece) for piece in _even(people, ceil(len(people) / count))]
        if all(_height(column, 0.0) <= MOST_STAFF_MM for piece in pieces for column in piece):
            return [[[row.drawn() for row in column] for column in piece] for piece in pieces]
    return []


def _thirds(people: Sequence[Row]) -> list[Sequence[Row]]:
    return _even(people, ceil(len(people) / 3))


def _even(people: Sequence[Row], size: int) -> list[Sequence[Row]]:
    return [people[first : first + size] for first in range(0, len(people), size)]


def _column_mm(widths: Sequence[float], most: float) -> float:
    """As wide as the widest that is not too wide; those that are get broken."""
    inset = 2 * (STAFF_PAD_MM + SLACK_MM)
    usual = [width + inset for width in widths if width + inset <= most]
    return max(usual, default=most if any(widths) else 0.0)


def _person(one: Mapping[str, str], widths: Mapping[str, float]) -> Row:
    """Name, shifts, phone and number of visits; below them last night and what comes after midnight."""
    sizes = (STAFF_MM - sum(widths.values()), *widths.values())
    columns = [
        _Column(left + STAFF_PAD_MM, size - 2 * STAFF_PAD_MM, STAFF_TOP_MM)
        for left, size in zip(accumulate(sizes, initial=0.0), sizes, strict=False)
    ]
    named, times, phone, visits = columns
    named.add("person", one["name"])
    for shift in one["times"].split(" · "):
        times.add("thin", shift)
    phone.add("thin", one["phone"])
    visits.add_at_right("thin", one["visits"])
    for column in columns:
        column.cut(MOST_STAFF_MM / 2)
    below = _Column(STAFF_PAD_MM, STAFF_MM - 2 * STAFF_PAD_MM, max(column.bottom for column in columns))
    below.add("thin", " · ".join(filter(None, (one["night"], one["after_midnight"]))))
    return _row([*columns, below], STAFF_TOP_MM, "staff")


# --- an employee's pages


def _pages(employee: Mapping[str, Any], document: Mapping[str, Any], room: float) -> list[list[dict[str, Any]]]:
    """Each page's rows from its top: name and facts, labels, visits; after the last visit free rows."""
    name = _name(employee["name"], employee["facts"])
    columns = _labels(document["labels"], BOXES, "visit")
    room -= name.least_mm + columns.least_mm
    placed = list(_placed(employee, room, document["labels"]["after_midnight_short"]))
    starts, visit_mm = _break(placed, room)
    pages = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(placed)], strict=True), start=1):
        rows = _rows_of_page(placed[start:end])
        sheet = document["sheet"].format(number=number, count=len(starts)) if len(starts) > 1 else ""
        free = _free_rows(document["labels"]["added"], room - _height(rows, visit_mm)) if end == len(placed) else []
        pages.append([row.drawn(visit_mm) for row in (_with_sheet(name, sheet), columns, *rows, *free)])
    return pages


def _placed(employee: Mapping[str, Any], room: float, after_midnight: str) -> Iterator[Placed]:
    for part in employee["parts"]:
        heading = _heading(part["heading"]) if part["heading"] else None
        for number, row in enumerate(part["rows"]):
            yield Placed(_visit(row, room, after_midnight), heading, is_first=number == 0)


def _rows_of_page(placed: Sequence[Placed]) -> list[Row]:
    """The rows of a page; one that begins in the middle of a part says again which part it is."""
    rows: list[Row] = []
    for number, item in enumerate(placed):
        if item.heading is not None and (item.is_first or number == 0):
            rows.append(item.heading)
        rows.append(item.row)
    return rows


def _height(rows: Sequence[Row], visit_mm: float) -> float:
    return sum(row.height(visit_mm) for row in rows)


def _break(placed: Sequence[Placed], room: float) -> tuple[list[int], float]:
    """With which rows pages begin, and how high visits are: as few pages as can be, as roomy as these allow."""
    fewest = len(_starts(placed, room, ROW_HEIGHTS_MM[0]))
    # One page has free rows too where that can be; of several the last one has them as it comes.
    wanted = room - (FREE_HEAD_MM + WANTED_FREE_ROWS * FREE_ROW_MM if fewest == 1 else 0)
    roomier = bisect_right(ROW_HEIGHTS_MM, fewest, key=lambda visit_mm: len(_starts(placed, wanted, visit_mm)))
    visit_mm = ROW_HEIGHTS_MM[max(roomier - 1, 0)]
    return _with_company(placed, _starts(placed, room, visit_mm), room, visit_mm), visit_mm


def _starts(placed: Sequence[Placed], room: float, visit_mm: float) -> list[int]:
    """The first row of each page, where every page is filled as far as it goes."""
    starts = [0]
    left = room
    for number, item in enumerate(placed):
        needed = item.row.height(visit_mm)
        heading_mm = item.heading.least_mm if item.heading is not None else 0.0
        if number > starts[-1] and needed + (heading_mm if item.is_first else 0) > left:
            starts.append(number)
            left = room
        left -= needed + (heading_mm if item.is_first or number == starts[-1] else 0)
    return starts


def _with_company(placed: Sequence[Placed], starts: list[int], room: float, visit_mm: float) -> list[int]:
    """The same pages, but for a last one with next to nothing on it: rows of the page before join it."""
    earlier = len(placed) - FEWEST_ON_LAST_PAGE
    if len(starts) == 1 or not starts[-2] < earlier < starts[-1]:
        return starts
    fits = _height(_rows_of_page(placed[earlier:]), visit_mm) <= room
    return [*starts[:-1], earlier] if fits else starts


def _free_rows(words: str, left: float) -> list[Row]:
    """Rows for visits that come up, as far as the page has room for them: never a page of their own."""
    count = min(MOST_FREE_ROWS, int((left - FREE_HEAD_MM) / FREE_ROW_MM))
    if count <= 0:
        return []
    head = Row("bare", FREE_HEAD_MM, (Line(0.0, ABOVE_FREE_MM, "mark", words),))
    return [head, *[Row("visit", FREE_ROW_MM)] * count]


# --- what stands in a row


def _name(name: str, facts: str) -> Row:
    """Whose page it is: the name large, then shift, phone and number of visits; below it where they are long."""
    column = _Column(0.0, WIDTH_MM - SHEET_MM, top=0.0)
    column.add("name", name)
    column.add_beside("facts", facts, NAME_GAP_MM)
    return Row("bare", column.bottom + BELOW_NAME_MM, tuple(column.lines))


def _with_sheet(name: Row, sheet: str) -> Row:
    """The name of somebody who has several sheets, and at the right which of them this one is."""
    if not sheet:
        return name
    line = Line(WIDTH_MM - _width("sheet", sheet), _level("name", "sheet"), "sheet", sheet)
    return replace(name, lines=(*name.lines, line))


def _title(words: str) -> Row:
    column = _Column(0.0, WIDTH_MM, TITLE_PAD_MM)
    column.add("title", words)
    return Row("bare", column.bottom + TITLE_PAD_MM, tuple(column.lines))


def _heading(words: str) -> Row:
    column = _Column(PAD_X_MM, WIDTH_MM - 2 * PAD_X_MM, PART_PAD_MM)
    column.add("part", words)
    return Row("part", column.bottom + PART_PAD_MM, tuple(column.lines))


def _labels(labels: Mapping[str, str], boxes: Sequence[tuple[str, float]], grid: str) -> Row:
    columns = _columns(boxes)
    names = ("time", "client", "activities", "details", *(name for name, _ in boxes))
    for column, name in zip(columns, names, strict=True):
        column.add("mark", labels[name])
    return _row(columns, PAD_Y_MM, grid)


def _other(row: Mapping[str, Any]) -> Row:
    """A row that is no visit: printed thin, and nothing is to be written in it."""
    time = _cell(0.0, TEXT_COLUMNS[0], THIN_PAD_MM)
    time.add("thin", f"{row['start']}–{row['end']}")
    rest = _cell(TEXT_COLUMNS[0], WIDTH_MM - TEXT_COLUMNS[0], THIN_PAD_MM)
    rest.add("thin", " · ".join(filter(None, (row["activities"], row["client"], row["note"]))))
    return _row([time, rest], THIN_PAD_MM, "thin")


def _unassigned(row: Mapping[str, Any], room: float) -> Row:
    visit = _visit(row, room, row["after_midnight"])
    return visit if row["other"] else replace(visit, grid="unassigned", least_mm=max(visit.least_mm, UNASSIGNED_ROW_MM))


def _visit(row: Mapping[str, Any], room: float, after_midnight: str) -> Row:
    """A visit, in at most `room`, marked if it comes after midnight; a row that is none is printed thin."""
    if row["other"]:
        return _other(row)
    columns = _columns(())
    time, client, activities, details = columns
    time.add("time", f"{row['start']}–{row['end']}")
    _add_priority(time, row["priority"], row["route"], urgent=row["urgent"])
    for mark in (after_midnight if row["after_midnight"] else "", *row["marks"]):
        time.add("mark", mark)
    client.add("client", row["client"])
    client.add_at_right("plain", row["phone"])
    client.add("plain", hold_postal_place(row["address"]))
    activities.add("plain", row["activities"])
    details.add("strong", row["double"])
    details.add("strong", row["access"])
    details.add("small", row["note"])
    for column in columns:
        column.cut(room - PAD_Y_MM)
    return _row(columns, PAD_Y_MM, "visit", is_visit=True)


def _add_priority(column: "_Column", priority: str, route: str, *, urgent: bool) -> None:
    """Priority and route on a line, or below each other; an urgent priority stands in a frame."""
    if not urgent:
        column.add("small", " · ".join(filter(None, (priority, route))))
        return
    column.add("urgent", priority, less_mm=FRAME_MM)
    if route and not column.add_beside("small", f" · {route}", FRAME_MM, only_if_it_fits=True):
        column.add("small", route)


def _columns(boxes: Sequence[tuple[str, float]]) -> list["_Column"]:
    widths = (*TEXT_COLUMNS, *(width for _, width in boxes))
    lefts = accumulate(widths, initial=0.0)
    return [_cell(left, width, PAD_Y_MM) for left, width in zip(lefts, widths, strict=False)]


def _cell(left: float, width: float, top: float) -> "_Column":
    return _Column(left + PAD_X_MM, width - 2 * PAD_X_MM, top)


def _row(columns: Sequence["_Column"], pad_mm: float, grid: str, *, is_visit: bool = False) -> Row:
    lines = tuple(line for column in columns for line in column.lines)
    return Row(grid, max(column.bottom for column in columns) + pad_mm, lines, is_visit)


def _width(style: str, text: str) -> float:
    return width_mm(text, *STYLES[style])


def _level(larger: str, smaller: str) -> float:
    """How much lower smaller text begins, so that both stand on one line."""
    return (STYLES[larger][0] - STYLES[smaller][0]) * ASCENT_EM * MM_PER_POINT


class _Column:
    """Lines of text below each other, each as far as the width goes."""

    def __init__(self, left: float, width: float, top: float) -> None:
        self.left, self.right = left, left + width - SLACK_MM
        self.bottom = top
        self.lines: list[Line] = []

    def add(self, style: str, text: str, less_mm: float = 0.0) -> None:
        """The text on lines of its own; `less_mm` is taken off their width."""
        if not text:
            return
        points, cut = STYLES[style]
        for line in wrap(text, self.right - self.left - less_mm, points, cut):
            self.lines.append(Line(self.left, self.bottom, style, line))
            self.bottom += line_mm(points)

    def add_beside(self, style: str, text: str, gap_mm: float, *, only_if_it_fits: bool = False) -> bool:
        """The text after the last line, if it has room there; else below, unless that is not wanted."""
        if not text:
            return True
        last = self.lines[-1]
        x = last.x + _width(last.style, last.text) + gap_mm
        fits = x + _width(style, text) <= self.right
        if fits:
            self.lines.append(Line(x, last.y + _level(last.style, style), style, text))
        elif not only_if_it_fits:
            self.add(style, text)
        return fits

    def add_at_right(self, style: str, text: str) -> None:
        """The text at the right end of the last line where both have room, else at that of lines of its own."""
        if not text:
            return
        x = self.right - _width(style, text)
        last = self.lines[-1] if self.lines else None
        if last is not None and last.x + _width(last.style, last.text) + SPACE_MM <= x:
            self.lines.append(Line(x, last.y + _level(last.style, style), style, text))
            return
        first = len(self.lines)
        self.add(style, text)
        self.lines[first:] = [line._replace(x=self.right - _width(style, line.text)) for line in self.lines[first:]]

    def cut(self, bottom: float) -> None:
        """Leave out what is lower than the page, and say so by …; no text of a usual plan is so long."""
        if self.bottom <= bottom:
            return
        self.lines = [line for line in self.lines if line.y + line_mm(STYLES[line.style][0]) <= bottom]
        self.lines[-1] = self.lines[-1]._replace(text=self.lines[-1].text[:-1] + ELLIPSIS)
        self.bottom = bottom
