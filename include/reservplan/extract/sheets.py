"""An export's bytes as rows of cells, exactly as a spreadsheet shows them: row 1 is the first.

Text files give text; workbooks give text, numbers, dates and times. Nothing is interpreted here.
"""

import csv
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from reservplan.extract.exports import Export
from reservplan.extract.faults import ExportFault

Cells = list[object]
DELIMITERS = (";", "\t", ",", "|")
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
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
    """Delimited text as rows; where a quotation mark does not close, only that line is lost, and said so."""
    whole = text.endswith(("\n", "\r"))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return Sheet("", cast("list[Cells]", list(reader)), ends_with_newline=whole, is_text=True)
    except csv.Error:
        rows, broken = _line_by_line(text, delimiter)
        return Sheet("", rows, broken, ends_with_newline=whole, is_text=True)


def _line_by_line(text: str, delimiter: str) -> tuple[list[Cells], frozenset[int]]:
    rows: list[Cells] = []
    broken = set()
    for n, line in enumerate(text.splitlines()):
        try:
            row: list[str] = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            row = line.split(delimiter)
            broken.add(n)
        rows.append([*row])
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
