"""How the settings say that an export is to be read, worked out once: headings, groups, values, other rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reservplan.domain.names import team_key, team_name_fault
from reservplan.extract.moments import spaced
from reservplan.settings import OtherRows, Settings, Source

Protection = tuple[str, ...] | Literal["not_in_source"] | None


@dataclass(frozen=True)
class Layout:
    """The mapping of one table; `columns` is our column: their headings, `key` where the settings have it."""

    columns: Mapping[str, Sequence[str]]
    protected: Sequence[str] = ()
    employee_protected: Sequence[str] = ()
    other_rows: OtherRows | None = None
    key: str = "source"

    @property
    def headings(self) -> dict[str, str]:
        """Every heading that must be there, and the key of the settings that asks for it."""
        asked = [(f"columns.{ours}", heading) for ours, headings in self.columns.items() for heading in headings]
        asked += [("protected", heading) for heading in self.protected]
        asked += [("employee_protected", heading) for heading in self.employee_protected]
        asked += [("other_rows.column", self.other_rows.column)] if self.other_rows else []
        keys: dict[str, str] = {}
        for key, heading in asked:
            keys.setdefault(heading, f"{self.key}.{key}")
        return keys

    def column_name(self, ours: str) -> str:
        """Their heading of one of our columns, for messages; ours where it is not mapped."""
        return " + ".join(self.columns.get(ours, (ours,)))


def visit_layout(source: Source) -> Layout:
    """The mapping of the table of visits."""
    columns = {ours: headings for ours, headings in source.columns.items() if not ours.endswith("protected")}
    return Layout(
        columns,
        _headings(source.protected) + source.columns.get("protected", ()),
        _headings(source.employee_protected) + source.columns.get("employee_protected", ()),
        source.other_rows,
    )


def _headings(given: Protection) -> tuple[str, ...]:
    return given if isinstance(given, tuple) else ()


@dataclass(frozen=True)
class TeamFound:
    """What a group's name in the source means: ours, whether the settings know it, or to be left out."""

    name: str
    known: bool = True
    ignored: bool = False


class TeamNames:
    """Their names of groups against ours; letter case and kinds of spaces make no difference."""

    def __init__(self, settings: Settings) -> None:
        self._ours = {team_key(team.name): TeamFound(team.name) for team in settings.teams}
        self._ours |= {team_key(theirs): TeamFound(ours) for theirs, ours in settings.source.teams.items()}
        self._ours |= {team_key(name): TeamFound(name, ignored=True) for name in settings.source.ignore_teams}

    def find(self, text: str) -> TeamFound | None:
        """The group that a text names, under one spelling for all; None where no group can be named so."""
        name = spaced(text)
        key = team_key(name)
        if key not in self._ours:
            if team_name_fault(name):
                return None
            self._ours[key] = TeamFound(name, known=False)
        return self._ours[key]

    def known(self, text: str) -> str | None:
        """Our name of a group that the settings know, or None."""
        found = self._ours.get(team_key(spaced(text)))
        return found.name if found and found.known and not found.ignored else None
