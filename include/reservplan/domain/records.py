"""The small files that a store keeps about its cells beside the manifests, under `.reservplan/`."""

import json
from datetime import date
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reservplan.domain.plan import Cell

SCHEMA = 1

OfCell = TypeVar("OfCell", bound=BaseModel)


class CellRecords(BaseModel, Generic[OfCell]):
    """One record a cell, by plan_date and team; readers ignore fields that they do not know."""

    # `schema` is the field's fixed name on the store; pydantic's own attribute of that name is shadowed on purpose.
    schema_: int = Field(default=SCHEMA, alias="schema")
    cells: dict[date, dict[str, OfCell]] = {}

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON as it lies on the store, days in order."""
        ordered = self.model_copy(update={"cells": dict(sorted(self.cells.items()))})
        return (ordered.model_dump_json(by_alias=True, indent=1) + "\n").encode()

    def by_cell(self) -> dict[Cell, OfCell]:
        """The same by cell."""
        return {Cell(day, team): record for day, teams in self.cells.items() for team, record in teams.items()}

    def updated(self, changes: dict[Cell, OfCell | None], first: date) -> Self:
        """These with the changes, None taking a cell out; without days before `first`."""
        cells = {day: dict(teams) for day, teams in self.cells.items()}
        for cell, record in changes.items():
            teams = cells.setdefault(cell.plan_date, {})
            teams.pop(cell.team, None)
            if record is not None:
                teams[cell.team] = record
        kept = {day: teams for day, teams in cells.items() if teams and day >= first}
        return self.model_copy(update={"cells": kept})

    @classmethod
    def read(cls, content: bytes | None) -> Self | None:
        """The records; none yet where there is no file or a damaged one, None where a newer version wrote them.

        They say what is usual and why; a damaged file is begun anew rather than stopping anything.
        """
        if content is None:
            return cls()
        try:
            if json.loads(content)["schema"] > SCHEMA:
                return None
            return cls.model_validate_json(content)
        except (ValidationError, ValueError, KeyError, TypeError):
            return cls()
