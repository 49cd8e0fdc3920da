"""The overview (Översiktsschema): employees as rows, time as columns, visits as boxes, laid out to the millimetre.

Every visit's time and client can be read: in its box, running into free time on the right of it, or as a number that
the row explains. Boxes of one employee that overlap in time are stacked. Nothing is set smaller than 6 points.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

from reservplan.domain.days import ONE_DAY, first_instant
from reservplan.domain.words import say, short_day_words
from reservplan.render.lettering import Style, cut_to, line_mm, width_mm, wrap
from reservplan.render.show_list import clock_span, counted, shifts_in_words
from reservplan.render.team_day import Shift, TeamDay, Visit, Worker
from reservplan.settings import Settings

# The page, in millimetres: A4 landscape inside margins of 10 mm, less header and footer (see common.typ).
CHART_MM = 239.0
NAME_MM = 38.0
PAGE_MM = 210 - 14.5 - 19.5
BAND_MM = 5.0
AXIS_MM = 5.2
LEGEND_MM = 3.4
GAP_MM = 0.15
NARROWEST_GAP_MM = 20.0
GAP_TEXT_MM = 1.0
SEPARATOR = " · "

SMALL_POINTS = 6.0
# A long name is set smaller before it is cut: two that begin alike must not become one.
NAME_POINTS = (8.0, 7.0, SMALL_POINTS)
PAD_MM = 0.45
SMALL_LINE_MM = line_mm(SMALL_POINTS)


@dataclass(frozen=True)
class Density:
    """How high a box is drawn, and how many lines of which size it holds."""

    lines: int
    points: float

    @property
    def lane_mm(self) -> float:
        """The height of a box with its frame."""
        return round(self.lines * line_mm(self.points) + 0.4, 2)


# The first that lets all rows fit on as few pages as the last one does is taken.
DENSITIES = (Density(4, 7.0), Density(3, 6.5), Density(3, 6.0), Density(2, 6.5), Density(2, 6.0))

DAY_HOURS = (6, 22)
# One axis may be this long before the hours get too narrow to read: then nights have an axis of their own.
LONGEST_AXIS_HOURS = 18
# Visits that are in nobody's shift are the night's at these hours.
NIGHT_UNTIL, NIGHT_FROM = 5, 22


@dataclass(frozen=True)
class Line:
    """A line of text in a box."""

    text: str
    bold: bool

    def runs_over(self, box: "Box", density: Density) -> bool:
        """Whether it crosses the right edge of its box."""
        style = Style.NARROW_BOLD if self.bold else Style.NARROW
        return PAD_MM + width_mm(self.text, density.points, style) > box.width


class Bar(NamedTuple):
    """A visit in time: elapsed minutes since the day's local midnight; the letter of its occasion, if it has one."""

    visit: Visit
    start: float
    end: float
    letter: str


class Box(NamedTuple):
    """A bar on the chart: x and width in millimetres from its left edge, lane from the row's top; `room` for text."""

    visit: Visit
    letter: str
    x: float
    width: float
    lane: int
    room: float
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Row:
    """An employee's line of the chart (or the unassigned visits'), before it is drawn; its bars in time order."""

    name: str
    sub: str
    bars: tuple[Bar, ...]
    worker: Worker | None = None


@dataclass(frozen=True)
class Block:
    """Rows that share a time axis of whole hours, given in minutes from the day's local midnight."""

    title: str
    first: int
    last: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Scale:
    """How a chart turns time into place: `step` rounds boxes outwards to whole cells of a sheet (0: not at all)."""

    first: int
    last: int
    width: float
    density: Density
    step: int = 0
    runs_over: bool = True
    plain: Style = Style.NARROW
    bold: Style = Style.NARROW_BOLD

    def x(self, minute: float) -> float:
        """Millimetres from the chart's left edge."""
        return (min(max(minute, self.first), self.last) - self.first) * self.width / (self.last - self.first)

    def minutes(self, millimetres: float) -> float:
        """How much time a width stands for."""
        return millimetres * (self.last - self.first) / self.width


@dataclass(frozen=True)
class Note:
    """A line of what a row explains; millimetres from the row's top left."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class LaidRow:
    """A row with its boxes in place."""

    name: str
    sub: str
    boxes: tuple[Box, ...]
    lanes: int
    explained: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    notes_below: int = 0


def show_overview(day: TeamDay, settings: Settings, banded: bool) -> dict[str, Any]:
    """What is the overview's own: pages for the PDF and a sheet of small cells for the workbook."""
    language = settings.language
    blocks = _blocks(day, first_instant(day.cell.plan_date, settings.zone), language)
    idle = _without_visits(day, language)
    room = PAGE_MM - (BAND_MM if banded else 0) - LEGEND_MM - len(idle) * SMALL_LINE_MM
    legend = "  ".join(
        say(language, f"paper.legend_{name}") for name in ("double", "number", "other", "repeat") if _needs(day, name)
    )
    return {
        "pages": _pages(blocks, room, language),
        "sheet": _sheet(blocks, language),
        "legend": legend,
        "idle": idle,
        "idle_heading": say(language, "paper.staff_without_visits"),
        "no_visits": "" if blocks else say(language, "paper.no_visits"),
        "label_name": say(language, "paper.employee"),
    }


def _needs(day: TeamDay, name: str) -> bool:
    """Whether the day holds what a line of the legend explains."""
    visits = [*day.unassigned, *(visit for worker in day.workers for visit in worker.visits)]
    has: dict[str, Callable[[Visit], bool]] = {
        "double": lambda visit: bool(visit.double_staffing_id),
        "number": lambda visit: not visit.other,
        "other": lambda visit: visit.other,
        "repeat": lambda visit: visit.repeat,
    }
    return any(has[name](visit) for visit in visits)


def _without_visits(day: TeamDay, language: str) -> list[str]:
    """Staff who have a shift but no visit, as lines of small text."""
    names = [
        f"{worker.name} {shifts_in_words(worker, language)}".strip() for worker in day.workers if not worker.visits
    ]
    if not names:
        return []
    heading = say(language, "paper.staff_without_visits")
    return wrap(f"{heading} {', '.join(names)}", NAME_MM + CHART_MM - 4, SMALL_POINTS + 1, Style.REGULAR)


# --- which rows, on which axis


def _blocks(day: TeamDay, midnight: datetime, language: str) -> list[Block]:
    """One block, or up to three where nights would make the axis too long: last night, the day, the coming night."""
    rows = _rows(day, midnight, language)
    bars = [bar for row in rows for bar in row.bars]
    if not bars:
        return []
    whole = _axis(bars, DAY_HOURS)
    if whole[1] - whole[0] <= LONGEST_AXIS_HOURS * 60:
        return [Block("", *whole, tuple(rows))]
    nights = _Nights(day)
    yesterday, tomorrow = (short_day_words(language, day.cell.plan_date + days) for days in (-ONE_DAY, ONE_DAY))
    parts = (
        (say(language, "paper.night_from", day=yesterday), nights.is_last, _last_night, (0, 7)),
        ("", nights.is_neither, _of_the_day, DAY_HOURS),
        (say(language, "paper.night_to", day=tomorrow), nights.is_coming, _coming_night, (21, 31)),
    )
    blocks = []
    for title, belongs, shifts_of, hours in parts:
        chosen = [
            replace(row, bars=own, sub=_sub(own, row.worker, shifts_of, language))
            for row in rows
            if (own := tuple(filter(belongs, row.bars)))
        ]
        if chosen:
            axis = _axis([bar for row in chosen for bar in row.bars], hours)
            blocks.append(Block(title, *axis, tuple(chosen)))
    return blocks


class _Nights:
    """Which bars belong to last night and which to the coming one; no shift of the day or evening is torn apart."""

    def __init__(self, day: TeamDay) -> None:
        self._last = {visit.visit_id for worker in day.workers for visit in worker.from_last_night}
        self._of_today = {visit.visit_id: worker for worker in day.workers for visit in worker.today}

    def is_last(self, bar: Bar) -> bool:
        """Whether it lies in the night that began yesterday."""
        return bar.visit.visit_id in self._last or (bar.start < NIGHT_UNTIL * 60 and not self._in_shift(bar.visit))

    def is_coming(self, bar: Bar) -> bool:
        """Whether it lies in the night that begins today."""
        worker = self._of_today.get(bar.visit.visit_id)
        if bar.visit.repeat or (worker is not None and worker.in_coming_night(bar.visit)):
            return True
        return bar.start >= NIGHT_FROM * 60 and not self._in_shift(bar.visit)

    def _in_shift(self, visit: Visit) -> bool:
        worker = self._of_today.get(visit.visit_id)
        return worker is not None and worker.in_shift(visit)

    def is_neither(self, bar: Bar) -> bool:
        """Whether it is the day's."""
        return not self.is_last(bar) and not self.is_coming(bar)


def _rows(day: TeamDay, midnight: datetime, language: str) -> list[Row]:
    of_workers = [worker.visits for worker in day.workers if worker.visits]
    letters = _letters(visit for visits in (day.unassigned, *of_workers) for visit in visits)

    def bars(visits: Iterable[Visit]) -> tuple[Bar, ...]:
        return tuple(sorted((_bar(visit, midnight, letters) for visit in visits), key=lambda bar: bar[1:3]))

    def row(name: str, visits: Iterable[Visit], worker: Worker | None = None) -> Row:
        placed = bars(visits)
        return Row(name, _sub(placed, worker, _all_shifts, language), placed, worker)

    rows = [row(worker.name, worker.visits, worker) for worker in day.workers if worker.visits]
    if day.unassigned:
        rows.insert(0, row(say(language, "paper.unassigned").upper(), day.unassigned))
    return rows


def _bar(visit: Visit, midnight: datetime, letters: Mapping[str, str]) -> Bar:
    shared = visit.double_staffing_id and not visit.other
    return Bar(
        visit,
        _minute(visit.start, midnight),
        _minute(visit.end, midnight),
        letters.get(_occasion(visit), "") if shared else "",
    )


_ShiftsOf = Callable[[Worker], Sequence[Shift]]


def _last_night(worker: Worker) -> Sequence[Shift]:
    return [worker.night_from] if worker.night_from else []


def _of_the_day(worker: Worker) -> Sequence[Shift]:
    return [shift for shift in worker.shifts if not shift.is_night]


def _coming_night(worker: Worker) -> Sequence[Shift]:
    # Somebody's evening may go on after midnight without being a night.
    return [shift for shift in worker.shifts if shift.is_night] or worker.shifts


def _all_shifts(worker: Worker) -> Sequence[Shift]:
    return [*_last_night(worker), *worker.shifts]


def _sub(bars: Iterable[Bar], worker: Worker | None, shifts_of: _ShiftsOf, language: str) -> str:
    """Below the name: the shifts in which these bars lie, and the phone; of unassigned visits how many they are."""
    if worker is None:
        return counted([bar.visit for bar in bars], language)
    times = dict.fromkeys(clock_span(shift.start, shift.end) for shift in shifts_of(worker))
    return "  ".join(part for part in (", ".join(times), worker.phone) if part)


def _axis(bars: Sequence[Bar], hours: tuple[int, int]) -> tuple[int, int]:
    """The hours given, extended to whole hours around all bars, in minutes."""
    first, last = min(bar.start for bar in bars), max(bar.end for bar in bars)
    return int(min(hours[0] * 60, first // 60 * 60)), int(max(hours[1] * 60, -(-last // 60) * 60))


def _minute(instant: datetime, midnight: datetime) -> float:
    """Elapsed minutes since local midnight: both hours of an autumn night have a place of their own."""
    return (instant.timestamp() - midnight.timestamp()) / 60


def _letters(visits: Iterable[Visit]) -> dict[str, str]:
    """A letter for each occasion with several employees, in time order: A … Z, AA …"""
    first: dict[str, float] = {}
    for visit in visits:
        if visit.double_staffing_id and not visit.other:
            key, start = _occasion(visit), visit.start.timestamp()
            first[key] = min(first.get(key, start), start)
    names = _letter_names()
    return {key: next(names) for key in sorted(first, key=lambda key: (first[key], key))}


def _occasion(visit: Visit) -> str:
    return f"{visit.plan_date.isoformat()} {visit.double_staffing_id}"


def _letter_names() -> Iterator[str]:
    # Without I and O, which look like digits.
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    for number in count():
        before, last = divmod(number, len(alphabet))
        yield (alphabet[before - 1] if before else "") + alphabet[last]


# --- boxes in a row


def _lay_row(row: Row, scale: Scale, language: str) -> LaidRow:
    boxes = _place(row.bars, scale)
    numbers = count(1)
    written: list[Box] = []
    explained: list[str] = []
    for box in boxes:
        lines = _text_that_fits(box, scale)
        if lines is None:
            number = next(numbers)
            lines = (Line(" ".join(part for part in (box.letter, str(number)) if part), bold=True),)
            explained.append(f"{number}: {box.visit.start:%H:%M} {_client(box.visit)}")
        written.append(box._replace(lines=lines))
    explained += _elsewhere(boxes, language)
    return LaidRow(row.name, row.sub, tuple(written), max(box.lane for box in boxes) + 1, tuple(explained))


def _place(bars: Iterable[Bar], scale: Scale) -> list[Box]:
    """Boxes side by side, or in a lane below where they would touch; each learns how far its text may run."""
    free_from: list[float] = []
    places: list[tuple[Bar, int, float, float]] = []
    for bar in bars:
        start, end = bar.start, bar.end
        if scale.step:
            start, end = start // scale.step * scale.step, -(-end // scale.step) * scale.step
            end = max(end, start + scale.step)
        # A number must always find room, or a visit of five minutes could not be told at all.
        number_mm = width_mm(f"{bar.letter} 88".strip(), scale.density.points, scale.bold) + 1
        taken_until = end if bar.visit.other or not scale.runs_over else max(end, start + scale.minutes(number_mm))
        lane = next((n for n, free in enumerate(free_from) if free <= start), len(free_from))
        if lane == len(free_from):
            free_from.append(0)
        free_from[lane] = taken_until
        places.append((bar, lane, round(scale.x(start), 2), scale.x(end)))
    following: dict[int, float] = {}
    boxes = []
    for bar, lane, x, right in reversed(places):
        width = round(right - x, 2)
        room = following.get(lane, scale.width) - x if scale.runs_over else width
        following[lane] = x
        boxes.append(Box(bar.visit, bar.letter, x, width, lane, room))
    return boxes[::-1]


def _text_that_fits(box: Box, scale: Scale) -> tuple[Line, ...] | None:
    """Time and client in as few lines as the room allows; None where only a number fits."""
    room = box.room - 2 * PAD_MM
    time = f"{box.letter} {box.visit.start:%H:%M}".strip()
    if box.visit.other:
        text = _client(box.visit)
        fits = width_mm(text, SMALL_POINTS, scale.plain) <= room
        return (Line(text, bold=False),) if fits else ()
    if width_mm(time, scale.density.points, scale.bold) > room:
        return None
    client = _client(box.visit)
    for names in _ways_to_break(client, room, scale):
        if len(names) < scale.density.lines:
            return (Line(time, bold=True), *(Line(name, bold=False) for name in names))
    return None


def _ways_to_break(client: str, room: float, scale: Scale) -> Iterable[list[str]]:
    lines = wrap(client, room, scale.density.points, scale.plain)
    whole_words = set(client.split())
    # On paper a name is broken between words only; a sheet's own wrapping breaks inside them, and is forced to.
    if not scale.runs_over or all(word in whole_words for line in lines for word in line.split()):
        yield lines


def _client(visit: Visit) -> str:
    return (visit.activities or visit.client) if visit.other else visit.client


def _elsewhere(boxes: Iterable[Box], language: str) -> list[str]:
    """Colleagues of another team, and colleagues that are missing: their box is not on this chart."""
    words = []
    for box in boxes:
        if not box.letter:
            continue
        away = [f"{colleague.name} ({colleague.team})" for colleague in box.visit.colleagues if colleague.team]
        if not box.visit.colleagues:
            away = [say(language, "paper.colleague_missing")]
        if away:
            words.append(f"{box.letter}: {', '.join(away)}")
    return words


# --- pages of the PDF


def _pages(blocks: Sequence[Block], room: float, language: str) -> list[dict[str, Any]]:
    """As few pages as can be read, rows as high as these pages allow, evenly shared out."""
    if not blocks:
        return []
    tightest = DENSITIES[-1]
    laid = _lay_blocks(blocks, tightest, language)
    fewest = len(_fill(laid, tightest, room))
    density, pages = tightest, _fill(laid, tightest, room)
    for roomier in DENSITIES[:-1]:
        if _least_height(blocks, roomier) > fewest * room:
            continue
        tried = _lay_blocks(blocks, roomier, language)
        filled = _fill(tried, roomier, room)
        if len(filled) == fewest:
            density, laid, pages = roomier, tried, filled
            break
    shared = max(_height(page, laid, density) for page in pages)
    even = (_fill(laid, density, shared * part / 20) for part in range(10, 20))
    best = next((filled for filled in even if len(filled) == fewest), pages)
    return [_draw_page(page, blocks, laid, density) for page in best]


def _least_height(blocks: Sequence[Block], density: Density) -> float:
    """What the rows need even if none has two lanes; tells without laying out that a density cannot do."""
    return sum(AXIS_MM + len(block.rows) * (density.lane_mm + GAP_MM) for block in blocks)


_Place = tuple[int, int]


def _lay_blocks(blocks: Sequence[Block], density: Density, language: str) -> list[list[LaidRow]]:
    laid = []
    for block in blocks:
        scale = Scale(block.first, block.last, CHART_MM, density)
        laid.append([_explained(_lay_row(row, scale, language), density) for row in block.rows])
    return laid


def _explained(row: LaidRow, density: Density) -> LaidRow:
    """What the row explains, beside the boxes where stretches of the row are free for it, else below them."""
    lines = int(row.lanes * density.lane_mm / SMALL_LINE_MM)
    left = list(row.explained)
    notes: list[Note] = []
    for x, width in sorted(_gaps(row, density), key=lambda gap: -gap[1]):
        for line in range(lines):
            text, left = _first_that_fit(left, width)
            if text:
                notes.append(Note(round(x, 2), round(0.1 + line * SMALL_LINE_MM, 2), text))
    if not left:
        return replace(row, notes=tuple(notes))
    below = wrap(SEPARATOR.join(row.explained), CHART_MM - 2, SMALL_POINTS, Style.NARROW)
    top = row.lanes * density.lane_mm
    placed = (Note(GAP_TEXT_MM, round(top + n * SMALL_LINE_MM, 2), text) for n, text in enumerate(below))
    return replace(row, notes=tuple(placed), notes_below=len(below))


def _first_that_fit(items: list[str], width: float) -> tuple[str, list[str]]:
    """As many of the items as one line holds, joined, and those that are left."""
    for count_of_items in range(len(items), 0, -1):
        text = SEPARATOR.join(items[:count_of_items])
        if width_mm(text, SMALL_POINTS, Style.NARROW) <= width:
            return text, items[count_of_items:]
    return "", items


def _gaps(row: LaidRow, density: Density) -> Iterable[tuple[float, float]]:
    """Stretches of the row without a box or its text: where each begins and how wide it is, a margin taken off."""
    free_from = 0.0
    ends = sorted((box.x, _right_edge(box, density)) for box in row.boxes)
    for x, end in [*ends, (CHART_MM, CHART_MM)]:
        if x - free_from > NARROWEST_GAP_MM:
            yield free_from + GAP_TEXT_MM, x - free_from - 2 * GAP_TEXT_MM
        free_from = max(free_from, end)


def _right_edge(box: Box, density: Density) -> float:
    widths = [
        width_mm(line.text, density.points, Style.NARROW_BOLD if line.bold else Style.NARROW) for line in box.lines
    ]
    return box.x + max([box.width, *(width + PAD_MM for width in widths)])


def _row_mm(row: LaidRow, density: Density) -> float:
    return row.lanes * density.lane_mm + row.notes_below * SMALL_LINE_MM + GAP_MM


def _fill(laid: list[list[LaidRow]], density: Density, room: float) -> list[list[_Place]]:
    """Which rows stand on which page; a row higher than a page has one for itself."""
    pages: list[list[_Place]] = [[]]
    left = room
    for number, rows in enumerate(laid):
        axis_drawn = False
        for index, row in enumerate(rows):
            needed = _row_mm(row, density) + (0 if axis_drawn else AXIS_MM)
            if needed > left and pages[-1]:
                pages.append([])
                left = room
                needed = _row_mm(row, density) + AXIS_MM
            pages[-1].append((number, index))
            left -= needed
            axis_drawn = True
    return pages


def _height(page: Sequence[_Place], laid: list[list[LaidRow]], density: Density) -> float:
    rows = sum(_row_mm(laid[number][index], density) for number, index in page)
    return rows + AXIS_MM * len({number for number, _ in page}) + 0.01


def _draw_page(
    page: Sequence[_Place], blocks: Sequence[Block], laid: list[list[LaidRow]], density: Density
) -> dict[str, Any]:
    drawn = []
    y = 0.0
    for number in sorted({number for number, _ in page}):
        block = blocks[number]
        scale = Scale(block.first, block.last, CHART_MM, density)
        top = y
        y += AXIS_MM
        rows = []
        for index in (index for block_number, index in page if block_number == number):
            row = laid[number][index]
            rows.append(_draw_row(row, y, density))
            y += _row_mm(row, density)
        drawn.append(
            {
                "title": block.title,
                "y": round(top, 2),
                "height": round(y - top, 2),
                "hours": [
                    {"x": round(scale.x(minute), 2), "text": f"{minute // 60 % 24:02d}"}
                    for minute in range(block.first, block.last + 1, 60)
                ],
                "rows": rows,
            }
        )
    line = round(line_mm(density.points), 3)
    return {"blocks": drawn, "height": round(y, 2), "points": density.points, "line": line}


def _draw_row(row: LaidRow, y: float, density: Density) -> dict[str, Any]:
    width, lane = NAME_MM - 1.5, density.lane_mm
    sub_lines = max(1, int((_row_mm(row, density) - 3.1) / SMALL_LINE_MM))
    points = next((p for p in NAME_POINTS if width_mm(row.name, p, Style.NARROW_BOLD) <= width), NAME_POINTS[-1])
    return {
        "name": cut_to(row.name, width, points, Style.NARROW_BOLD),
        "name_points": points,
        "sub": wrap(row.sub, width, SMALL_POINTS, Style.NARROW)[:sub_lines],
        "y": round(y, 2),
        "height": round(_row_mm(row, density), 2),
        "boxes": [
            {
                "x": box.x,
                "y": round(box.lane * lane, 2),
                "width": max(box.width, 0.4),
                "height": round(lane - 0.25, 2),
                "kind": _kind(box),
                "lines": [
                    {"text": line.text, "bold": line.bold, "over": line.runs_over(box, density)} for line in box.lines
                ],
            }
            for box in row.boxes
        ],
        "notes": [{"x": note.x, "y": note.y, "text": note.text} for note in row.notes],
    }


def _kind(box: Box) -> str:
    if box.visit.other:
        return "other"
    if box.visit.repeat:
        return "repeat"
    return "double" if box.letter else "visit"


# --- the sheet of the workbook

# Minutes a cell: visits are planned to five minutes, and coarser cells would make neighbours overlap.
CELL_MINUTES = 5
# A sheet prints 148 characters wide; a character is 1.87 mm.
SHEET_CHARACTERS = 148.0
SHEET_NAME_CHARACTERS = 22.0
CHARACTER_MM = 1.87
SHEET_DENSITY = Density(3, 6.5)


def _sheet(blocks: Sequence[Block], language: str) -> dict[str, Any]:
    """Rows of five-minute cells: each bar covers whole cells, its text wraps inside it."""
    if not blocks:
        return {"columns": 0, "width": 1.0, "name_width": SHEET_NAME_CHARACTERS, "cells_an_hour": 0, "blocks": []}
    columns = max((block.last - block.first) // CELL_MINUTES for block in blocks)
    width = (SHEET_CHARACTERS - SHEET_NAME_CHARACTERS) / columns
    return {
        "columns": columns,
        "width": round(width, 3),
        "name_width": SHEET_NAME_CHARACTERS,
        "cells_an_hour": 60 // CELL_MINUTES,
        "blocks": [_sheet_block(block, width * CHARACTER_MM, language) for block in blocks],
    }


def _bar_text(box: Box) -> str:
    """Time on a line of its own; the name, never the pieces of it, wraps by itself."""
    first, *names = (line.text for line in box.lines) if box.lines else ("",)
    return f"{first}\n{_client(box.visit)}" if names else first


def _sheet_block(block: Block, cell_mm: float, language: str) -> dict[str, Any]:
    cells = (block.last - block.first) // CELL_MINUTES
    scale = Scale(
        block.first, block.last, cells * cell_mm, SHEET_DENSITY, CELL_MINUTES, False, Style.REGULAR, Style.BOLD
    )
    laid = [_lay_row(row, scale, language) for row in block.rows]
    return {
        "title": block.title,
        "hours": [f"{minute // 60 % 24:02d}" for minute in range(block.first, block.last, 60)],
        "rows": [
            {
                "name": row.name,
                "sub": row.sub,
                "points": round(SHEET_DENSITY.lane_mm * 72 / 25.4 + 2, 1),
                "lanes": [
                    [
                        {
                            "first": round(box.x / cell_mm),
                            "last": round((box.x + box.width) / cell_mm) - 1,
                            "kind": _kind(box),
                            "text": _bar_text(box),
                        }
                        for box in row.boxes
                        if box.lane == lane
                    ]
                    for lane in range(row.lanes)
                ],
                "explained": SEPARATOR.join(row.explained),
                "explained_lines": len(
                    wrap(SEPARATOR.join(row.explained), cells * cell_mm - 3, SMALL_POINTS + 1, Style.REGULAR)
                ),
            }
            for row in laid
        ],
    }
