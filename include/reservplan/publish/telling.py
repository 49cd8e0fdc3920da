"""What of a run did not get where it should on a store, in words; pure."""

from collections.abc import Iterable, Mapping

from reservplan.domain.plan import Cell
from reservplan.domain.words import say
from reservplan.publish.writing import Published
from reservplan.telling import some


def held_files(published: Iterable[Published]) -> list[str]:
    """The paths of all files that could not be replaced: open, protected, or saved by somebody meanwhile."""
    return [path for done in published for path in done.held]


def shortfalls_in_words(store: str, published: Mapping[Cell, Published], language: str) -> list[str]:
    """A line for each way of falling short: which cells, why, and which files somebody should close."""
    by_code: dict[str, dict[Cell, Published]] = {}
    for cell, done in published.items():
        if done.short:
            by_code.setdefault(done.short, {})[cell] = done
    return [
        f"{store}: {some([str(cell) for cell in cells], language)}: {say(language, f'publish.{code}')}"
        + (f": {some(files, language)}" if (files := held_files(cells.values())) else "")
        for code, cells in by_code.items()
    ]
