"""What a reader finds in a group's files: opened, read back and counted; names are read in memory and go no further.

Nothing here looks at our records: it sees what somebody sees who opens the files in an outage.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from reservplan.domain.manifest import CellEntry
from reservplan.domain.names import Format, Kind
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import day_heading, moment_words, say

_SPAN = re.compile(r"^\d\d:\d\d–\d\d:\d\d")
_CLOCK = re.compile(r"\d\d:\d\d")
# Columns of the list in Excel: shift or mark, start, end, client.
_MARK, _START, _END, _CLIENT = 1, 2, 3, 4
_HEAD_ROWS = 2


@dataclass(frozen=True)
class Looked:
    """What is looked for in a group's files."""

    day: date
    team: str
    language: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Paper:
    """A PDF as it was read: `faults` are codes of what is wrong."""

    pages: int = 0
    visits: int | None = None
    rows: int = 0
    verdict: Verdict | None = None
    text: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workbook:
    """A workbook as it was read; `visits` are those that count for the day, `rows` all with a time."""

    rows: int = 0
    visits: int = 0
    faults: tuple[str, ...] = ()


def read_paper(content: bytes, looked: Looked) -> Paper:
    """Open a PDF and read its text back."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        texts = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        # What a damaged file raises depends on where it is damaged.
        return Paper(faults=("not_opened",))
    if not any(text.strip() for text in texts):
        return Paper(len(texts), faults=("no_text",))
    return Paper(
        pages=len(texts),
        visits=_visits_told(texts[0], looked.language),
        rows=sum(bool(_SPAN.match(line)) for text in texts for line in text.splitlines()),
        verdict=_verdict_told(texts[0], looked.language),
        text=texts[0],
        faults=tuple(_page_faults(texts, looked)),
    )


def read_workbook(content: bytes, kind: Kind, looked: Looked) -> Workbook:
    """Open a workbook, and count the rows of its first sheet."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        rows = [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    except Exception:
        # It opens or it does not; which of a dozen libraries says so, in words that may quote a cell, is no matter.
        return Workbook(faults=("not_opened",))
    head = _plain(" ".join(str(cell) for row in rows[:1] for cell in row if cell))
    faults = [code for code, words in _heading_words(looked) if _plain(words) not in head]
    if kind is Kind.OVERVIEW:
        return Workbook(rows=sum(any(row) for row in rows[_HEAD_ROWS:]), faults=tuple(faults))
    timed = [row for row in rows[_HEAD_ROWS:] if _is_clock(row, _START) and _is_clock(row, _END)]
    repeat = say(looked.language, "paper.after_midnight_short")
    counted = [row for row in timed if row[_CLIENT] and not str(row[_MARK] or "").startswith(repeat)]
    return Workbook(len(timed), len(counted), tuple(faults))


def compare(paper: Paper, workbook: Workbook | None, entry: CellEntry | None) -> Iterator[str]:
    """What does not agree between the list on paper, the list in Excel, and the store's own record."""
    if paper.faults:
        return
    told = paper.visits
    if told is None:
        yield "no_count"
    elif entry is not None and told != entry.visits:
        yield "other_count"
    if workbook is not None and not workbook.faults:
        if told is not None and workbook.visits < told:
            yield "rows_gone"
        if paper.rows < workbook.rows:
            yield "visits_gone"
    if paper.verdict is None or (entry is not None and paper.verdict is not entry.verdict):
        yield "other_verdict"


def remarks(paper: Paper, entry: CellEntry | None, looked: Looked, now: datetime, stale_hours: float) -> Iterator[str]:
    """What a reader should know though the copy can be used."""
    if paper.verdict is Verdict.INCOMPLETE:
        yield "incomplete"
    if entry is None:
        yield "no_record"
        return
    if now - max(entry.captured_at, entry.confirmed_at or entry.captured_at) > timedelta(hours=stale_hours):
        yield "old"
    own = next((a for a in entry.artifacts if (a.kind, a.format) == (Kind.LIST, Format.PDF)), None)
    instant = own.captured_at if own else entry.captured_at
    captured = say(looked.language, "paper.captured", moment=moment_words(looked.language, instant, looked.zone))
    if _plain(captured) not in _plain(paper.text):
        yield "other_capture"


def _page_faults(texts: Sequence[str], looked: Looked) -> Iterator[str]:
    """What is wrong with the pages, each fault once."""
    plain = [_plain(text) for text in texts]
    for code, words in _heading_words(looked):
        if not all(_plain(words) in text for text in plain):
            yield code
    shown = [say(looked.language, "paper.page", page=n, pages=len(texts)) for n in range(1, len(texts) + 1)]
    if not all(_plain(words) in text for words, text in zip(shown, plain, strict=True)):
        yield "page_lost"


def _heading_words(looked: Looked) -> tuple[tuple[str, str], ...]:
    return ("other_day", day_heading(looked.language, looked.day)), ("other_group", looked.team)


def _visits_told(text: str, language: str) -> int | None:
    """The number on page 1, `169 besök, 15 medarbetare`; a reason that names visits is followed by no such number."""
    pattern = re.escape(say(language, "paper.visits", count="COUNT")).replace("COUNT", r"(\d+)")
    one = re.escape(say(language, "paper.visits_one"))
    found = re.search(rf"(?<!\S)(?:{pattern}|{one}),\s*\d+ ", text)
    return int(found[1] or 1) if found else None


def _verdict_told(text: str, language: str) -> Verdict | None:
    """The mark that stands beside the day; the first of the three words on the page."""
    places = {verdict: text.find(say(language, f"paper.verdict_{verdict.value}")) for verdict in Verdict}
    found = {verdict: place for verdict, place in places.items() if place >= 0}
    return min(found, key=lambda verdict: found[verdict]) if found else None


def _is_clock(row: Sequence[Any], column: int) -> bool:
    return len(row) > column and bool(_CLOCK.fullmatch(str(row[column] or "")))


def _plain(text: str) -> str:
    """Without spaces, line ends and the places where a long word may break."""
    return re.sub(r"[\s\u00a0\u00ad\u200b\u2060]+", "", text)
