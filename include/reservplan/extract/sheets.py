"""An export's bytes as rows of cells, exactly as a spreadsheet shows them: row 1 is the first.

Text files give text; workbooks give text, numbers, dates and times. Nothing is interpreted here.
"""

import csv
import io
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from reservplan.extract.exports import Export
from reservplan.extract.faults import ExportFault
from reservplan.extract.moments import parse_day

Cells = list[object]
DELIMITERS = (";", "\t", ",", "|")
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
# A note of more lines than this is none; a quotation mark was left open.
MOST_LINES_OF_A_ROW = 50
_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")
# A workbook that breaks off is most often one that is being copied; older than this it stays broken.
STILL_COPYING_SECONDS = 15 * 60


@dataclass(frozen=True)
class Sheet:
    """Rows of cells; `broken` are the indices of lines whose quotation marks do not close."""

    title: str
    rows: list[Cells]
    broken: frozenset[int] = frozenset()
    ends_with_newline: bool = True
    is_text: bool = False


def open_sheets(export: Export, content: bytes, encoding: str, delimiter: str) -> Iterator[Sheet]:
    """Every way in which the file may be meant: its sheets in order, or its text by each delimiter, the set one first.

    Raises:
        ExportFault: it is no workbook, it is broken, or its text has another encoding.
    """
    if export.suffix in (".csv", ".txt"):
        text = decode(content, encoding, export.name)
        for mark in dict.fromkeys([delimiter, *DELIMITERS]):
            yield read_text(text, mark)
    else:
        yield from _read_workbook(export, content)


def decode(content: bytes, encoding: str, name: str) -> str:
    """The text, by its byte order mark, else strict UTF-8, else cp1252; or by the encoding that the settings name.

    UTF-8 read as cp1252 succeeds and gives nonsense, therefore in this order.
    """
    try:
        if encoding != "auto":
            return content.decode(encoding).removeprefix("\ufeff")
        if content.startswith(b"\xef\xbb\xbf"):
            return content.decode("utf-8-sig")
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content.decode("cp1252")
    except LookupError:
        raise ExportFault("unknown_encoding", file=name, encoding=encoding) from None
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise ExportFault("encoding", file=name, row=row) from None


def read_text(text: str, delimiter: str) -> Sheet:
    """Delimited text as rows; where a quotation mark does not close, only that line is lost, and said so.

    A mark that is left open closes at the next one, lines below: that is seen by the rows that its cell then holds.
    """
    whole = text.endswith(("\n", "\r"))
    try:
        reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        rows = _sharing_cells(reader)
        has_breaks = reader.line_num > len(rows)
    except csv.Error:
        rows, has_breaks = [], True
    broken: frozenset[int] = frozenset()
    if has_breaks:
        lines = list(_lines(text))
        width = _usual_width(line.count(delimiter) + 1 for line in lines)
        if not rows or any(_swallows_a_row(row, delimiter, width) for row in rows if _has_break(row)):
            rows, broken = _row_by_row(lines, delimiter, width)
    return Sheet("", rows, broken, ends_with_newline=whole, is_text=True)


def _lines(text: str) -> Iterator[str]:
    # As io.StringIO(text, newline="") gives them, but that takes four bytes for every character.
    return (line[0] for line in _LINE.finditer(text))


def _sharing_cells(rows: Iterable[list[str]]) -> list[Cells]:
    """The rows with equal cells as one object: most columns repeat few values, and an export has millions of cells."""
    shared: dict[str, str] = {}
    share = shared.setdefault
    return [[share(cell, cell) for cell in row] for row in rows]


def _usual_width(widths: Iterable[int]) -> int:
    """How many cells most lines have, the more of equals; titles and blank lines do not count."""
    often = Counter(width for width in widths if width > 1)
    return max(often, key=lambda width: (often[width], width), default=1)


def _has_break(row: Cells) -> bool:
    # Few rows have one: all cells at once is the quickest way to pass by the others.
    text = "".join(cast("list[str]", row))
    return "\n" in text or "\r" in text


def _swallows_a_row(row: Cells, delimiter: str, width: int) -> bool:
    """Whether a cell of several lines holds what looks like rows of their own."""
    for n, cell in enumerate(row):
        below = str(cell).splitlines()[1:]
        # The last of a cell's lines goes on with the cells to its right.
        beside = len(row) - n - 1
        if any(_begins_a_row(line, delimiter, width) for line in below[:-1]) or (
            below and _begins_a_row(below[-1], delimiter, width - beside)
        ):
            return True
    return False


def _begins_a_row(line: str, delimiter: str, width: int) -> bool:
    first, found, _ = line.partition(delimiter)
    return bool(found) and (line.count(delimiter) + 1 >= width or parse_day(first) is not None)


def _row_by_row(lines: Sequence[str], delimiter: str, width: int) -> tuple[list[Cells], frozenset[int]]:
    rows: list[Cells] = []
    broken = set()
    at = 0
    while at < len(lines):
        reader = csv.reader(lines[at : at + MOST_LINES_OF_A_ROW], delimiter=delimiter, strict=True)
        try:
            row: Cells = [*next(reader, [])]
            is_broken = _swallows_a_row(row, delimiter, width)
        except csv.Error:
            is_broken = True
        if is_broken:
            row = [*lines[at].rstrip("\r\n").split(delimiter)]
            broken.add(len(rows))
        rows.append(row)
        at += 1 if is_broken else reader.line_num
    return rows, frozenset(broken)


def _read_workbook(export: Export, content: bytes) -> Iterator[Sheet]:
    name = export.name
    if content.startswith(OLE_MAGIC):
        raise ExportFault("password", file=name)
    if not content.startswith(b"PK"):
        raise ExportFault("no_workbook", file=name, suffix=export.suffix)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for title in book.sheet_names:
            rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            yield Sheet(title, cast("list[Cells]", rows))
    except PasswordError:
        raise ExportFault("password", file=name) from None
    except CalamineError:
        age = time.time() - export.mtime_ns / 1e9
        raise ExportFault("damaged_fresh" if age < STILL_COPYING_SECONDS else "damaged", file=name) from None
