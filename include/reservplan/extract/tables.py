"""The rows below the headings: where the headings stand, which column is which, and what a title above them tells."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import chain, zip_longest

from reservplan.extract.exports import Export
from reservplan.extract.faults import ExportFault
from reservplan.extract.moments import is_blank, spaced
from reservplan.extract.patterns import Told, match_pattern
from reservplan.extract.sheets import Cells, Sheet, open_sheets
from reservplan.settings import Source

# Titles, print dates and blank lines above the headings are never more than this.
ROWS_TO_SEARCH = 20
# With so many headings recognised a row is the heading row.
ENOUGH_HEADINGS = 3


@dataclass(frozen=True)
class Table:
    """The rows of one export below its headings.

    `first_row` is the number of `rows[0]` in the spreadsheet; `at` is each folded heading's column; `width` the number
    of headed columns; `broken` are indices into `rows` of lines that could not be split into cells. `ends_short` says
    that the last line alone has too few cells and does not end.
    """

    file: str
    first_row: int
    rows: list[Cells]
    at: dict[str, int]
    headings: Cells
    told: Told
    broken: frozenset[int] = frozenset()
    strict_width: int | None = None
    ends_short: bool = False

    def column(self, heading: str) -> Cells:
        """A column's cells by its heading; "" where a row is too short."""
        return self._columns[self.at[fold(heading)]]

    @cached_property
    def _columns(self) -> list[Cells]:
        filled = zip_longest(self.headings, *self.rows, fillvalue="")
        return [list(cells[1:]) for cells in filled]


def fold(text: object) -> str:
    """What makes two headings the same: NFC, single ordinary spaces, letter case."""
    return spaced(text if isinstance(text, str) else str(text)).casefold()


def find_table(export: Export, content: bytes, source: Source, wanted: Mapping[str, str], sheet: str = "") -> Table:
    """The table of an export whose headings are `wanted`.

    Raises:
        ExportFault: the sheet or a heading is missing, a heading is there twice, or the file breaks off.
    """
    sheets = open_sheets(export, content, source.encoding, source.delimiter)
    if export.suffix in (".csv", ".txt"):
        chosen = _by_delimiter(sheets, wanted)
    else:
        chosen = _by_name(export, sheets, sheet, wanted)
    return _table(export, chosen, wanted, source.title)


def _by_delimiter(sheets: Iterator[Sheet], wanted: Mapping[str, str]) -> Sheet:
    first = next(sheets)
    return next((sheet for sheet in chain([first], sheets) if _complete(sheet, wanted)), first)


def _by_name(export: Export, sheets: Iterator[Sheet], name: str, wanted: Mapping[str, str]) -> Sheet:
    seen: list[Sheet] = []
    asked: Sheet | None = None
    for sheet in sheets:
        seen.append(sheet)
        if asked is None and (not name or fold(sheet.title) == fold(name)):
            asked = sheet
            if _complete(sheet, wanted):
                return sheet
    fitting = [n for n, sheet in enumerate(seen, start=1) if _complete(sheet, wanted)]
    if len(fitting) == 1:
        # Sheets may be named by employee: only a name that is almost the asked one is shown.
        alike = _alike([name], [seen[fitting[0] - 1].title]) if name else []
        raise ExportFault("other_sheet", file=export.name, sheet=name or "1", fitting=_listed(alike) or fitting[0])
    if asked is None:
        raise ExportFault("no_sheet", file=export.name, sheet=name or "1", sheets=len(seen))
    return asked


def _complete(sheet: Sheet, wanted: Mapping[str, str]) -> bool:
    row = _heading_row(sheet, wanted)
    return row is not None and not _missing(sheet.rows[row], wanted)


def _heading_row(sheet: Sheet, wanted: Mapping[str, str]) -> int | None:
    """The row among the first that holds most of the headings, the upper of equals; None where none holds any."""
    asked = {fold(heading) for heading in wanted}
    hits = [len(asked & {fold(cell) for cell in row}) for row in sheet.rows[:ROWS_TO_SEARCH]]
    best = max(hits, default=0)
    return hits.index(best) if best else None


def _missing(headings: Iterable[object], wanted: Iterable[str]) -> list[str]:
    there = {fold(heading) for heading in headings}
    return [heading for heading in dict.fromkeys(wanted) if fold(heading) not in there]


def _table(export: Export, sheet: Sheet, wanted: Mapping[str, str], title: str) -> Table:
    row = _heading_row(sheet, wanted)
    if row is None:
        if all(is_blank(cell) for cells in sheet.rows for cell in cells):
            raise ExportFault("no_rows", file=export.name)
        raise ExportFault("no_headings", file=export.name, wanted=_listed(wanted), rows=ROWS_TO_SEARCH)
    headings = sheet.rows[row]
    if missing := _missing(headings, wanted):
        raise _headings_missing(export.name, row + 1, headings, missing, wanted)
    folded = [fold(heading) for heading in headings]
    for heading in wanted:
        if folded.count(fold(heading)) > 1:
            raise ExportFault("heading_twice", file=export.name, row=row + 1, heading=heading)
    rows = sheet.rows[row + 1 :]
    width = max((n + 1 for n, heading in enumerate(folded) if heading), default=0)
    return Table(
        file=export.name,
        first_row=row + 2,
        rows=rows,
        at={heading: n for n, heading in reversed(list(enumerate(folded))) if heading},
        headings=headings,
        told=_told_above(sheet.rows[:row], title),
        broken=frozenset(n - row - 1 for n in sheet.broken if n > row),
        strict_width=width if sheet.is_text else None,
        ends_short=_ends_short(sheet, rows, len(headings)),
    )


def _headings_missing(
    file: str, row: int, headings: Cells, missing: Sequence[str], wanted: Mapping[str, str]
) -> ExportFault:
    asked = {fold(heading) for heading in wanted}
    if len(asked) - len(missing) < min(ENOUGH_HEADINGS, len(asked) - 1):
        return ExportFault("no_headings", file=file, wanted=_listed(wanted), rows=ROWS_TO_SEARCH)
    others = [spaced(str(h)) for h in headings if not is_blank(h) and fold(h) not in asked]
    return ExportFault(
        "heading_missing",
        file=file, row=row, missing=_listed(missing), others=len(others),
        alike=_listed(_alike(missing, others)) or "-", keys=", ".join(dict.fromkeys(wanted[one] for one in missing)),
    )  # fmt: skip


def _alike(asked: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those of the others that are almost an asked one; any other text may be a person's name."""
    folded = {fold(other): other for other in others}
    return [folded[match] for one in asked for match in get_close_matches(fold(one), folded)]


def _listed(headings: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(heading[:40] for heading in headings))


def _ends_short(sheet: Sheet, rows: list[Cells], width: int) -> bool:
    if not sheet.is_text or sheet.ends_with_newline or len(rows) < 2 or len(rows[-1]) >= width:
        return False
    return all(len(cells) >= width for cells in rows[:-1] if cells)


def _told_above(rows: Iterable[Cells], title: str) -> Told:
    if title:
        for cells in rows:
            for cell in cells:
                if isinstance(cell, str) and (told := match_pattern(title, cell, anywhere=True)):
                    return told
    return Told()
