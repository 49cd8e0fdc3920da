"""Cells as clean text: what a person would read in the spreadsheet, with leading zeros and without stray spaces."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from reservplan.extract.moments import YEAR_OF_BARE_TIMES, is_blank, spaced
from reservplan.extract.sheets import Cells
from reservplan.extract.tables import Table, fold

# Several lines in one cell are one line on paper.
LINES_JOINED_BY = " / "


def cell_text(value: object) -> str:
    """A cell as one line of text; a whole number has no decimals."""
    if isinstance(value, str):
        lines = value.splitlines()
        if len(lines) == 1:
            return spaced(value)
        return LINES_JOINED_BY.join(line for line in map(spaced, lines) if line)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, datetime):
        return _moment_text(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value)


def _moment_text(value: datetime) -> str:
    if value.year < YEAR_OF_BARE_TIMES:
        return value.strftime("%H:%M")
    return str(value.date()) if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")


def texts(table: Table, headings: Sequence[str], values: Mapping[str, str] | None = None) -> list[str]:
    """A column of ours as text, their columns joined with a space; `values` translates whole folded texts."""
    columns = [_each(table.column(heading)) for heading in headings]
    joined = (
        columns[0] if len(columns) == 1 else [" ".join(filter(None, parts)) for parts in zip(*columns, strict=True)]
    )
    if not values:
        return joined
    translated = {text: values.get(fold(text), text) for text in set(joined)}
    return [translated[text] for text in joined]


def _each(column: Cells) -> list[str]:
    # Most columns repeat few values: each is cleaned once.
    cleaned = {value: cell_text(value) for value in set(column)}
    return list(map(cleaned.__getitem__, column))


def raw(table: Table, headings: Sequence[str]) -> Cells:
    """A column of dates or times: the cells themselves, or the joined texts of several columns."""
    return table.column(headings[0]) if len(headings) == 1 else [*texts(table, headings)]


def is_empty(row: Cells) -> bool:
    """Whether a row shows nothing."""
    return not any(row) or all(map(is_blank, row))


def first_name_first(name: str) -> str:
    """`Efternamn, Förnamn` as `Förnamn Efternamn`; any other name as it is."""
    last, comma, first = name.partition(",")
    last, first = last.strip(), first.strip()
    return f"{first} {last}" if comma and last and first and "," not in first else name
