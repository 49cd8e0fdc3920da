"""The list as sheets: one row a visit on the first, what else stands on page 1 of the paper on the second."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reservplan.render.lettering import hold_postal_place
from reservplan.render.show import CHANGES, STAMP
from reservplan.render.workbook_looks import SMALL_POINTS, TEXT_POINTS
from reservplan.render.workbook_package import Row, Sheet, letters
from reservplan.render.workbook_paper import MOST_POINTS, PAGE_POINTS, height_of, lines_of, pages_of, title_row

# Label, width in characters, look and size of the text; the widths together must not pass SHEET_CHARACTERS.
_COLUMNS = (
    ("employee", 14.0, "who", 10), ("shift", 11.0, "thin", SMALL_POINTS), ("start", 6.6, "time", 11),
    ("end", 6.6, "time", 11), ("client_phone", 17.2, "bold", TEXT_POINTS), ("address", 17.0, "text", TEXT_POINTS),
    ("activities", 16.4, "text", TEXT_POINTS), ("details", 20.6, "text", TEXT_POINTS),
    ("done_from", 8.0, "text", TEXT_POINTS), ("done_to", 8.0, "text", TEXT_POINTS),
    ("deviation", 13.4, "text", TEXT_POINTS), ("signature", 9.0, "text", TEXT_POINTS),
)  # fmt: skip
_WIDTHS = tuple(column[1] for column in _COLUMNS)
_LOOKS = tuple(column[2] for column in _COLUMNS)
HEAD_POINTS = 24.0
# Room to write in: the most that lets an employee's day stand on as few pages as the least would.
ROW_POINTS = (34.5, 31.5, 28.5, 26.25)
THIN_ROW_POINTS = 13.5
FREE_ROWS = 2
FREE_ROWS_LAST = 12
# A text of more lines goes on in a row of its own: no row can be as high as it would need.
MOST_LINES = int(MOST_POINTS / 12) - 1
INFORMATION_WIDTHS = (40.0, 52.0, 24.0, 20.0)
# What print may shrink to one page: 9 points stay 8.
INFORMATION_POINTS = PAGE_POINTS * 9 / 8


def list_sheets(document: Mapping[str, Any]) -> list[Sheet]:
    """The sheet of visits and the sheet of information."""
    return [_visits(document), _information(document)]


# --- the visits


def _visits(document: Mapping[str, Any]) -> Sheet:
    labels, front = document["labels"], document["front"]
    sheet = Sheet(document["word"], _WIDTHS, frozen="A3", repeated="1:2", headings="A2", headed=2)
    sheet.rows.append(title_row(document, len(_COLUMNS)))
    sheet.rows.append(Row(HEAD_POINTS, [(n, labels[name], "head") for n, (name, *_) in enumerate(_COLUMNS, start=1)]))
    room = PAGE_POINTS - sum(row.height for row in sheet.rows)
    unassigned = labels["unassigned"].upper()
    unreadable = labels["unreadable_short"].upper()
    loose = [
        *((_texts(visit, unassigned, f"{labels['taken_by']}:"), visit["other"]) for visit in front["unassigned"]),
        *(([unreadable, "", "", "", text], False) for text in front["unreadable"]),
        *([([labels["no_visits"]], False)] if document["empty"] else []),
    ]
    _section(sheet, loose, room)
    for employee in document["employees"]:
        sheet.break_here()
        _section(sheet, _of_employee(employee), room, free=[employee["name"]])
    # Rows for what comes by hand stay in sight whatever is filtered.
    sheet.filtered = f"A2:{letters(len(_COLUMNS))}{max(3, len(sheet.rows))}"
    sheet.break_here()
    sheet.rows.append(_row([labels["added"]], ROW_POINTS[-1]))
    sheet.rows.extend(_row([], ROW_POINTS[0]) for _ in range(FREE_ROWS_LAST))
    return sheet


_Line = tuple[Sequence[str], bool]


def _section(sheet: Sheet, lines: Iterable[_Line], room: float, free: Sequence[str] = ()) -> None:
    """Lines that begin on a new page, evenly over as few pages as they need, and free rows where the last has room."""
    whole = [part for line in lines for part in _parted(*line)]
    if not whole:
        return
    needed = [(_points_of(texts, thin), thin) for texts, thin in whole]
    tried = [[max(points, THIN_ROW_POINTS if thin else least) for points, thin in needed] for least in ROW_POINTS]
    fewest = len(pages_of(tried[-1], room))
    heights, pages = next((one, laid) for one in tried if len(laid := pages_of(one, room)) == fewest)
    for page in pages:
        sheet.break_here()
        sheet.rows.extend(_row(whole[number][0], heights[number], whole[number][1]) for number in page)
    left = room - sum(heights[number] for number in pages[-1])
    if free:
        sheet.rows.extend(_row(free, ROW_POINTS[-1]) for _ in range(min(FREE_ROWS, int(left / ROW_POINTS[-1]))))


def _of_employee(employee: Mapping[str, Any]) -> Iterable[_Line]:
    for part in employee["parts"]:
        shift = "\n".join(filter(None, (part["heading"] or employee["shift"], employee["phone"])))
        for visit in part["rows"]:
            yield _texts(visit, employee["name"], "" if visit["other"] else shift), visit["other"]


def _texts(visit: Mapping[str, Any], employee: str, shift: str) -> list[str]:
    priority = visit["priority"].upper() if visit["urgent"] else visit["priority"]
    # A narrow cell breaks between these, never inside them.
    planned = (part.replace(" ", "\u00a0") for part in (priority, visit["route"]))
    at_the_door = " · ".join(filter(None, (visit["access"], *planned)))
    details = (visit["after_midnight"], *visit["marks"], visit["double"], at_the_door, visit["note"])
    return [
        employee,
        shift,
        visit["start"],
        visit["end"],
        "\n".join(part for part in (visit["client"], visit["phone"]) if part),
        hold_postal_place(visit["address"]),
        visit["activities"],
        "\n".join(part for part in details if part),
    ]


def _parted(texts: Sequence[str], thin: bool) -> list[_Line]:
    """The line, and where a text is longer than a row can be high, more lines in which it goes on."""
    if max(map(len, texts)) < MOST_LINES * 4:
        return [(texts, thin)]
    broken = [_broken(text, column, thin) for column, text in enumerate(texts)]
    most = max(map(len, broken))
    if most <= MOST_LINES:
        return [(texts, thin)]
    parts = [["\n".join(lines[first : first + MOST_LINES]) for lines in broken] for first in range(0, most, MOST_LINES)]
    return [([texts[0], *part[1:]], thin) for part in parts]


def _broken(text: str, column: int, thin: bool) -> Sequence[str]:
    _, width, look, points = _COLUMNS[column]
    return lines_of(text, width, SMALL_POINTS if thin else points, look in ("who", "bold", "time")) if text else ()


def _points_of(texts: Sequence[str], thin: bool) -> float:
    """The height that the texts need."""
    heights = [0.0]
    for column, text in enumerate(texts):
        if (lines := len(_broken(text, column, thin))) > 1:
            heights.append(height_of(lines, SMALL_POINTS if thin else _COLUMNS[column][3]))
    return max(heights)


def _row(texts: Sequence[str], height: float, thin: bool = False) -> Row:
    """A row of the list: never joined cells, so that it can be sorted and filtered."""
    filled = (*texts, *("",) * (len(_COLUMNS) - len(texts)))
    return Row(
        height,
        [
            (n, text, "thin" if thin else look)
            for n, (text, look) in enumerate(zip(filled, _LOOKS, strict=True), start=1)
        ],
    )


# --- the information


def _information(document: Mapping[str, Any]) -> Sheet:
    """Verdict, what to do, whom to call, changes, staff: all that page 1 of the paper says besides visits."""
    heading = [_words(text, look) for look, text in _heading(document)]
    staff = list(_staff(document))
    sheet = Sheet(document["labels"]["information"], INFORMATION_WIDTHS, repeated=f"1:{len(heading)}")
    sheet.headed = len(heading)
    sheet.rows = [*heading, *(_words(text, look) for look, text in _advice(document))]
    sheet.one_page = sum(row.height for row in (*sheet.rows, *staff)) <= INFORMATION_POINTS
    if sheet.one_page or not staff:
        sheet.rows.extend(staff)
        return sheet
    head, *people = staff
    room = PAGE_POINTS - sum(row.height for row in (*heading, head))
    for page in pages_of([row.height for row in people], room):
        sheet.break_here()
        sheet.rows += [head, *(people[number] for number in page)]
    return sheet


def _words(text: str, look: str) -> Row:
    points = {"huge": 22.0, "large": 16.0}.get(look, 10.0)
    lines = len(lines_of(text, sum(INFORMATION_WIDTHS), points, look != "plain"))
    columns = len(INFORMATION_WIDTHS)
    return Row(
        height_of(lines, points), [(1, text, look), *((n, "", look) for n in range(2, columns + 1))], [(1, columns)]
    )


def _heading(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What stands on every page, line by line, each with its look."""
    yield "huge", document["day"]
    yield "large", document["team"]
    yield "plain_bold", f"{document['word']} · {document[STAMP]['captured']}"
    yield from (("large", band) for band in document["sheet_bands"])


def _advice(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What stands once."""
    front, labels = document["front"], document["labels"]
    yield "plain_bold", f"{document['verdict']}: {front['verdict_says']}"
    yield from (("plain", f"– {reason}") for reason in front["reasons"])
    yield "plain_bold", front["counts"]
    if document["empty"]:
        yield "large", labels["no_visits"]
    yield "plain", ""
    yield "plain_bold", labels["do"]
    yield from (("plain", f"{number}. {step}") for number, step in enumerate(front["steps"], start=1))
    yield "plain", ""
    yield "plain_bold", labels["call"]
    yield "plain", f"– {front['try_first']} {front['other_page']}"
    yield from (("plain", _call(call)) for call in front["calls"])
    yield "plain", ""
    if changes := document.get(CHANGES):
        yield "plain_bold", changes["heading"]
        yield from (("plain", f"{line['time']}   {line['who']}:  {line['what']}") for line in changes["lines"])
        if changes["rest"]:
            yield "plain", changes["rest"]
        yield "plain", ""
    if front["unreadable"]:
        yield "plain_bold", front["unreadable_heading"]
        yield "plain", labels["unreadable_do"]
        yield "plain", "  ·  ".join(front["unreadable"])
        yield "plain", ""


def _staff(document: Mapping[str, Any]) -> Iterable[Row]:
    labels, staff = document["labels"], document["front"]["staff"]
    if not staff:
        return
    heads = (labels["staff"], labels["shift"], labels["phone"], "")
    yield Row(15.0, [(column, text, "head") for column, text in enumerate(heads, start=1)])
    for person in staff:
        visits = " + ".join(filter(None, (person["visits"], person["after_midnight"])))
        texts = [person["name"], person["shift"], person["phone"], visits]
        sized = zip(texts, INFORMATION_WIDTHS, ("bold", "text", "text", "text"), strict=True)
        lines = max(len(lines_of(text, width, TEXT_POINTS, look == "bold")) for text, width, look in sized)
        cells = [(column, text, "bold" if column == 1 else "text") for column, text in enumerate(texts, start=1)]
        yield Row(height_of(lines, TEXT_POINTS), cells)


def _call(call: Mapping[str, str]) -> str:
    whom = ", ".join(part for part in (f"{call['name']} {call['phone']}".strip(), call["more"]) if part)
    return f"– {call['when']} {whom}"
