"""What can be wrong with an export as a whole: one list, so that logs, alerts and paper say the same.

An `ExportFault` stays inside `extract`: it becomes a `SourceError` or `SourceNotReady` where nothing can be read, or
the words of `CellSource.fault` where it concerns some cells only. Values given to it are file, sheet and heading names,
row numbers and counts; never the content of a cell.
"""

from reservplan.domain.errors import ReservplanError, SourceError, SourceNotReady
from reservplan.domain.words import say

_PASSING = {"growing", "locked", "gone", "empty", "cut_off", "no_rows", "damaged_fresh"}


class ExportFault(Exception):
    """One export, or a part of it, cannot be used; `key` names the text in the catalogue."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)

    def words(self, language: str) -> str:
        """What is wrong, in the users' language."""
        return say(language, f"extract.fault_{self.key}", **self.values)

    def error(self, hint: str = "") -> ReservplanError:
        """The error that stops the reading; `hint` is what else the reader should know."""
        kind = SourceNotReady if self.key in _PASSING else SourceError
        return kind(
            self.words("en"), do=f"{say('en', f'extract.do_{self.key}', **self.values)}{' ' + hint if hint else ''}"
        )
