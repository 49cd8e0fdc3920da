"""Draws a document as an .xlsx workbook: the same content as the paper, to sort, filter and print.

No text is ever a formula, no file is written to disk on the way, and the same document gives the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from reservplan.domain.names import Kind
from reservplan.render.lettering import Style, wrap
from reservplan.render.show import CHANGES, STAMP

FONT = "Arial"
CHARACTER_MM = 1.87
POINTS_PER_LINE = 1.22
A4 = 9
# What Excel takes in one cell.
MOST_CHARACTERS = 32767
MM_PER_INCH = 25.4
FREE_ROWS = 2
# Printed on one page up to here; more would get too small.
MOST_ROWS_OF_INFORMATION = 55
# What an A4 page holds below the margins at full size, less a twelfth that print may shrink (6.5 points stay 6).
PAGE_POINTS = 540.0
FREE_ROWS_LAST = 12
VISIT_ROW_POINTS = 26.0
# What a page of the list holds below its repeated headings.
LIST_PAGE_POINTS = 436.0

# Columns of the list: label, width in characters (their sum must not pass 148 or print gets smaller).
_LIST_COLUMNS = (
    ("employee", 13.0), ("shift", 11.2), ("start", 6.5), ("end", 6.5), ("client_phone", 18.0), ("address", 18.0),
    ("activities", 18.0), ("details", 21.0), ("done_from", 7.5), ("done_to", 7.5), ("deviation", 12.0),
    ("signature", 8.5),
)  # fmt: skip

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def draw_xlsx(document: Mapping[str, Any]) -> bytes:
    """The document of one kind as an .xlsx file."""
    sheet = _ListSheet(document) if document["kind"] == Kind.LIST.value else _OverviewSheet(document)
    sheet.draw()
    return _saved(sheet.workbook)


class _Sheets:
    """A workbook under way: its styles, and cells put without openpyxl's guesses about what a text may mean."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.workbook = Workbook()
        # Widths are counted in digits of the first font: with one that everybody has, print comes out as wide anywhere.
        self.workbook._fonts = IndexedList([Font(name=FONT, size=10)])
        captured_at = datetime.fromisoformat(document[STAMP]["captured_at"]).astimezone(UTC).replace(tzinfo=None)
        properties = self.workbook.properties
        properties.creator = properties.lastModifiedBy = document["author"]
        properties.title = document["title"]
        properties.created = properties.modified = captured_at
        self.sheet: Worksheet = self.workbook.worksheets[0]
        self._styles: dict[str, StyleArray] = {}

    def style(self, name: str, **properties: Any) -> None:
        """Define a style once; cells only point to it."""
        prototype = WriteOnlyCell(self.sheet)
        prototype.number_format = "@"
        for attribute, value in properties.items():
            setattr(prototype, attribute, value)
        self._styles[name] = prototype._style

    def put(self, row: int, column: int, text: str, style: str, sheet: Worksheet | None = None) -> None:
        """Put a text. Never `cell.value = text`: that makes a formula of `=cmd|…` and an error of `#REF!`."""
        target = sheet or self.sheet
        cell = Cell(target, row=row, column=column)
        cell._style = self._styles[style]
        if text:
            cell._value = _safe(text)
            cell.data_type = "s"
        target._cells[row, column] = cell

    def span(self, row: int, first: int, last: int, sheet: Worksheet | None = None) -> None:
        """Join cells; `merge_cells` would build an object for each of them."""
        if last > first:
            (sheet or self.sheet).merged_cells.ranges.add(
                CellRange(min_row=row, max_row=row, min_col=first, max_col=last)
            )

    def page(self, sheet: Worksheet, one_page: bool) -> None:
        """A4 landscape, as wide as the paper, with the same words on every page as the PDF has."""
        document = self.document
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = A4
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 1 if one_page else 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_options.horizontalCentered = True
        margins = sheet.page_margins
        margins.left = margins.right = 10 / MM_PER_INCH
        margins.top, margins.bottom = 17 / MM_PER_INCH, 15 / MM_PER_INCH
        margins.header = margins.footer = 10 / MM_PER_INCH
        shouted = "  ·  ".join(document["bands"])
        sheet.oddHeader.left.text = _header(f"{document['day']}   {document['team']}", bold=True)
        sheet.oddHeader.center.text = _header(shouted, bold=True) if shouted else None
        sheet.oddHeader.right.text = _header(f"{document[STAMP]['captured']} · {document['verdict']}")
        sheet.oddFooter.left.text = _header(document["footer"])
        page = document["page"].replace("&", "&&").replace("{page}", "&P").replace("{pages}", "&N")
        sheet.oddFooter.right.text = f'&"{FONT},Regular"&9 {page}'

    def title(self, columns: int) -> None:
        """The first row: day, group, verdict, when captured."""
        document = self.document
        parts = (document["day"], document["team"], document[STAMP]["captured"], document["verdict"])
        lines = ["   ·   ".join(parts), "   ·   ".join(document["bands"])]
        self.put(1, 1, "\n".join(filter(None, lines)), "title")
        self.span(1, 1, columns)
        self.sheet.row_dimensions[1].height = 38 if document["bands"] else 22


def _header(text: str, bold: bool = False) -> str:
    # A digit right after the size would be read as part of it; a space keeps them apart. && is a printed &.
    return f'&"{FONT},{"Bold" if bold else "Regular"}"&9 {text.replace("&", "&&")}'


class _ListSheet(_Sheets):
    """The list: one row a visit on the first sheet, what else stands on page 1 on the second."""

    def draw(self) -> None:
        self._define_styles()
        self.sheet.title = self.document["word"]
        labels = self.document["labels"]
        self.title(len(_LIST_COLUMNS))
        for column, (name, width) in enumerate(_LIST_COLUMNS, start=1):
            self.put(2, column, labels[name], "head")
            self.sheet.column_dimensions[_letter(column)].width = width
        self.sheet.row_dimensions[2].height = 22
        last = self._rows()
        self.sheet.freeze_panes = "A3"
        self.sheet.print_title_rows = "1:2"
        self.sheet.auto_filter.ref = f"A2:{_letter(len(_LIST_COLUMNS))}{last}"
        self.page(self.sheet, one_page=False)
        self._information(self.workbook.create_sheet(labels["information"]))

    def _define_styles(self) -> None:
        line = Side(style="thin", color="FF606060")
        grid = Border(left=line, right=line, top=line, bottom=line)
        text, title = Alignment(vertical="top", wrap_text=True), Alignment(vertical="center", wrap_text=True)
        self.style("title", font=Font(name=FONT, size=14, bold=True), alignment=title)
        self.style("head", font=Font(name=FONT, size=8, bold=True), border=grid, alignment=text,
                   fill=PatternFill("solid", fgColor="FFE0E0E0"))  # fmt: skip
        self.style("text", font=Font(name=FONT, size=9), border=grid, alignment=text)
        self.style("bold", font=Font(name=FONT, size=9, bold=True), border=grid, alignment=text)
        self.style("time", font=Font(name=FONT, size=11, bold=True), border=grid, alignment=text)
        self.style("thin", font=Font(name=FONT, size=8), border=grid, alignment=text)
        self.style("plain", font=Font(name=FONT, size=10), alignment=text)
        self.style("plain_bold", font=Font(name=FONT, size=10, bold=True), alignment=text)
        self.style("big", font=Font(name=FONT, size=16, bold=True), alignment=Alignment(vertical="center"))

    def _rows(self) -> int:
        labels, front = self.document["labels"], self.document["front"]
        row = 3
        for visit in front["unassigned"]:
            row = self._visit(row, labels["unassigned"].upper(), "", visit)
        for text in front["unreadable"]:
            row = self._line(row, [labels["unreadable_short"].upper(), "", "", "", text])
        for employee in self.document["employees"]:
            if row > 3:
                self.sheet.row_breaks.append(Break(id=row - 1))
            employee_from = row
            for part in employee["parts"]:
                for visit in part["rows"]:
                    row = self._visit(row, employee["name"], f"{employee['shift']}\n{employee['phone']}".strip(), visit)
            for _ in range(self._free_rows(employee_from, row)):
                row = self._line(row, [employee["name"]])
        if row > 3:
            self.sheet.row_breaks.append(Break(id=row - 1))
        for _ in range(FREE_ROWS_LAST):
            row = self._line(row, [])
        return row - 1

    def _free_rows(self, first: int, after: int) -> int:
        """How many free rows the employee's last page has room for: they never make a page of their own."""
        taken = sum(self.sheet.row_dimensions[row].height for row in range(first, after))
        return min(FREE_ROWS, int((LIST_PAGE_POINTS - taken % LIST_PAGE_POINTS) / VISIT_ROW_POINTS))

    def _visit(self, row: int, employee: str, shift: str, visit: Mapping[str, Any]) -> int:
        first = " · ".join(part for part in (*visit["marks"], visit["priority"], visit["route"]) if part)
        details = [first, visit["double"], visit["access"], visit["note"]]
        texts = [
            employee,
            shift,
            visit["start"],
            visit["end"],
            "\n".join(part for part in (visit["client"], visit["phone"]) if part),
            visit["address"],
            visit["activities"],
            "\n".join(part for part in details if part),
        ]
        if visit["other"]:
            texts[1] = ""
            return self._line(row, texts, "thin", least=13.0)
        return self._line(row, texts)

    def _line(self, row: int, texts: Sequence[str], style: str = "", least: float = VISIT_ROW_POINTS) -> int:
        styles = ("bold", "text", "time", "time", "bold")
        for column in range(1, len(_LIST_COLUMNS) + 1):
            text = texts[column - 1] if column <= len(texts) else ""
            self.put(row, column, text, style or (styles[column - 1] if column <= len(styles) else "text"))
        sized = zip(texts, (width for _, width in _LIST_COLUMNS), strict=False)
        most = max((_lines(text, width, 9) for text, width in sized), default=1)
        self.sheet.row_dimensions[row].height = min(400.0, max(least, most * 9 * POINTS_PER_LINE + 4))
        return row + 1

    def _information(self, sheet: Worksheet) -> None:
        """Verdict, what to do, whom to call, staff: all that page 1 of the paper says besides visits."""
        document, front, labels = self.document, self.document["front"], self.document["labels"]
        for column, width in enumerate((40.0, 52.0, 24.0, 20.0), start=1):
            sheet.column_dimensions[_letter(column)].width = width
        lines: list[tuple[str, str]] = [
            ("big", document["day"]),
            ("big", document["team"]),
            ("plain_bold", document[STAMP]["captured"]),
            *(("plain_bold", band) for band in document["bands"]),
            ("plain_bold", f"{document['verdict']}: {front['verdict_says']}"),
            *(("plain", f"– {reason}") for reason in front["reasons"]),
            ("plain_bold", front["counts"]),
            ("plain", ""),
            ("plain_bold", labels["do"]),
            *(("plain", f"{number}. {step}") for number, step in enumerate(front["steps"], start=1)),
            ("plain", ""),
            ("plain_bold", labels["call"]),
            *(("plain", _call(call)) for call in front["calls"]),
            ("plain", ""),
        ]
        if changes := document.get(CHANGES):
            lines += [
                ("plain_bold", changes["heading"]),
                *(("plain", f"{line['time']}   {line['who']}:  {line['what']}") for line in changes["lines"]),
                *([("plain", changes["rest"])] if changes["rest"] else []),
                ("plain", ""),
            ]
        if front["unreadable"]:
            lines += [
                ("plain_bold", front["unreadable_heading"]),
                ("plain", labels["unreadable_do"]),
                ("plain", "  ·  ".join(front["unreadable"])),
                ("plain", ""),
            ]
        row = 1
        for style, text in lines:
            self.put(row, 1, text, style, sheet)
            self.span(row, 1, 4, sheet)
            size = 16 if style == "big" else 10
            sheet.row_dimensions[row].height = min(400.0, _lines(text, 136, size) * size * 1.3 + 2)
            row += 1
        last = self._staff(sheet, row)
        self.page(sheet, one_page=last <= MOST_ROWS_OF_INFORMATION)

    def _staff(self, sheet: Worksheet, row: int) -> int:
        labels = self.document["labels"]
        for column, name in enumerate(("staff", "shift", "phone"), start=1):
            self.put(row, column, labels[name], "head", sheet)
        self.put(row, 4, "", "head", sheet)
        for person in self.document["front"]["staff"]:
            row += 1
            for column, name in enumerate(("name", "shift", "phone", "visits"), start=1):
                self.put(row, column, person[name], "bold" if column == 1 else "text", sheet)
            most = max(_lines(person["name"], 40, 9), _lines(person["shift"], 52, 9))
            sheet.row_dimensions[row].height = min(400.0, most * 9 * POINTS_PER_LINE + 3)
        return row + 1


class _OverviewSheet(_Sheets):
    """The overview: a column for each quarter of an hour, a bar for each visit."""

    def draw(self) -> None:
        self._define_styles()
        document, drawn = self.document, self.document["sheet"]
        self.sheet.title = document["word"]
        self._columns = drawn["columns"]
        self._width = self._columns + 1 if self._columns else 12
        self.title(self._width)
        self.sheet.column_dimensions["A"].width = drawn["name_width"]
        for column in range(2, self._columns + 2):
            self.sheet.column_dimensions[_letter(column)].width = drawn["width"]
        row = 2
        for block in drawn["blocks"]:
            row = self._axis(row, block)
            for shown in block["rows"]:
                row = self._row(row, shown)
        for text in filter(None, (document["no_visits"], document["legend"], " ".join(document["idle"]))):
            self.put(row, 1, text, "small")
            self.span(row, 1, self._width)
            self.sheet.row_dimensions[row].height = max(12.0, _lines(text, 140, 7) * 10.0)
            row += 1
        # With several time axes none of them may stay above the rows of another.
        one_axis = len(drawn["blocks"]) == 1
        self.sheet.freeze_panes = "B3" if one_axis else "B2"
        self.sheet.print_title_rows = "1:2" if one_axis else "1:1"
        height = sum(dimension.height or 15 for dimension in self.sheet.row_dimensions.values())
        self.page(self.sheet, one_page=height <= PAGE_POINTS)

    def _define_styles(self) -> None:
        hair, thin = Side(style="hair", color="FF909090"), Side(style="thin", color="FF000000")
        thick, dashed = Side(style="medium", color="FF000000"), Side(style="dashed", color="FF000000")
        inside, title = Alignment(vertical="top", wrap_text=True), Alignment(vertical="center", wrap_text=True)
        small, name = Font(name=FONT, size=6.5), Font(name=FONT, size=9, bold=True)
        self.style("title", font=Font(name=FONT, size=14, bold=True), alignment=title)
        self.style("hour", font=Font(name=FONT, size=9, bold=True), border=Border(bottom=thin, left=hair))
        self.style("hour_rest", font=small, border=Border(bottom=thin))
        self.style("block", font=name, border=Border(bottom=thin), alignment=inside)
        self.style("name", font=name, border=Border(top=hair), alignment=inside)
        self.style("hour_line", font=small, border=Border(left=hair))
        self.style("small", font=Font(name=FONT, size=7), alignment=inside)
        for kind, side in (("visit", thin), ("double", thick), ("repeat", dashed)):
            self.style(kind, font=small, alignment=inside, border=Border(left=side, right=side, top=side, bottom=side))
        self.style("other", font=small, alignment=inside, fill=PatternFill("solid", fgColor="FFE6E6E6"))

    def _axis(self, row: int, block: Mapping[str, Any]) -> int:
        self.put(row, 1, block["title"] or self.document["label_name"], "block")
        cells = self.document["sheet"]["cells_an_hour"]
        for index, hour in enumerate(block["hours"]):
            first = 2 + index * cells
            for column in range(first, first + cells):
                self.put(row, column, hour if column == first else "", "hour" if column == first else "hour_rest")
            self.span(row, first, first + cells - 1)
        self.sheet.row_dimensions[row].height = 14 if _lines(block["title"], 22, 9) < 2 else 26
        return row + 1

    def _row(self, row: int, shown: Mapping[str, Any]) -> int:
        for number, lane in enumerate(shown["lanes"]):
            self.put(row, 1, f"{shown['name']}\n{shown['sub']}".strip() if number == 0 else "", "name")
            for column in range(2, self._columns + 2, self.document["sheet"]["cells_an_hour"]):
                self.put(row, column, "", "hour_line")
            for bar in lane:
                for column in range(bar["first"], bar["last"] + 1):
                    self.put(row, 2 + column, bar["text"] if column == bar["first"] else "", bar["kind"])
                self.span(row, 2 + bar["first"], 2 + bar["last"])
            self.sheet.row_dimensions[row].height = shown["points"]
            row += 1
        if shown["explained"]:
            self.put(row, 1, "", "small")
            self.put(row, 2, shown["explained"], "small")
            self.span(row, 2, self._columns + 1)
            self.sheet.row_dimensions[row].height = shown["explained_lines"] * 9.5 + 1
            row += 1
        return row


def _call(call: Mapping[str, str]) -> str:
    whom = ", ".join(part for part in (f"{call['name']} {call['phone']}".strip(), call["more"]) if part)
    return f"– {call['when']} {whom}"


def _lines(text: str, characters: float, size: float) -> int:
    """How many lines a text takes in a column; a little too many rather than one too few."""
    available = characters * CHARACTER_MM - 1.5
    return sum(max(1, len(wrap(part, available, size, Style.REGULAR))) for part in text.split("\n"))


def _letter(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _safe(text: str) -> str:
    """Text as the file format can hold it: no control characters, and `_x0041_` stays what it is."""
    return _ESCAPE.sub("_x005F_", _CONTROL.sub("\ufffd", text))[:MOST_CHARACTERS]


class _SameBytesZip(zipfile.ZipFile):
    """Every member with the same stamp and system, whatever the clock and the machine."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        member = zipfile.ZipInfo(zinfo_or_arcname, (1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o600 << 16
        member.create_system = 3
        super().writestr(member, data)


class _InMemoryWriter(ExcelWriter):  # type: ignore[misc]
    """openpyxl's own writer puts every sheet in clear text into a temporary file; this one never does."""

    def write_worksheet(self, ws: Worksheet) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts = ws._charts
        ws._drawing.images = ws._images
        writer = WorksheetWriter(ws, out=io.BytesIO())
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], writer.out.getvalue())
        self.manifest.append(ws)


def _saved(workbook: Workbook) -> bytes:
    buffer = io.BytesIO()
    _InMemoryWriter(workbook, _SameBytesZip(buffer, "w", zipfile.ZIP_DEFLATED)).save()
    return buffer.getvalue()
