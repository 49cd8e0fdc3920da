"""Rows below the table that are no visits: totals, and headings repeated at a page break."""

import re
from dataclasses import dataclass

from reservplan.extract.cells import cell_text
from reservplan.extract.layout import TeamNames
from reservplan.extract.sheets import Cells
from reservplan.extract.tables import Table, fold

_LABEL = re.compile(r"(?:(?:del)?(?:summa|totalt|total|totalsumma)|s:a|antal (?:besök|rader))\b", re.IGNORECASE)
_VISITS = re.compile(r"\bbesök\b|\bvisits\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.,])(\d{1,6})(?![\d.,])")


@dataclass(frozen=True)
class Total:
    """A totals row: of which group (None: of all), and how many visits it counts (None: something else)."""

    team: str | None
    visits: int | None


def total_of(row: Cells, teams: TeamNames) -> Total | None:
    """What a totals row says, or None where the row is none."""
    shown = [text for text in map(cell_text, row) if text]
    label = next((n for n, text in enumerate(shown) if _LABEL.match(text)), None)
    if label is None:
        return None
    return Total(_team(shown, teams), _count(shown, label))


def _count(shown: list[str], label: int) -> int | None:
    # Only a number that is said to count visits: a total of minutes is none.
    for n, text in enumerate(shown):
        if not _VISITS.search(text):
            continue
        beside = [text, *shown[n + 1 : n + 2], *(shown[n - 1 : n] if n > label else [])]
        for candidate in beside:
            if found := _NUMBER.search(candidate):
                return int(found[1])
    return None


def _team(shown: list[str], teams: TeamNames) -> str | None:
    for text in shown:
        if (left := _beside_label(text)) and (found := teams.known(left)):
            return found
    return None


def _beside_label(text: str) -> str:
    return _NUMBER.sub(" ", _VISITS.sub(" ", _LABEL.sub(" ", text))).strip(" :,.-–()")


def names_nobody(text: str) -> bool:
    """Whether a cell in a column of names or ids is blank or nothing but the label of a total."""
    return not text or (_LABEL.match(text) is not None and not _beside_label(text))


def repeats_headings(row: Cells, table: Table) -> bool:
    """Whether the row holds the headings once more."""
    return [fold(cell) for cell in row if cell] == [fold(cell) for cell in table.headings if cell]
