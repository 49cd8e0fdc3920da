"""How many visits each cell had: `.reservplan/counts.json`, kept longer than the copies, without personal data."""

import json
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reservplan.domain.names import OWN_FOLDER
from reservplan.domain.verdict import Verdict

COUNTS_NAME = f"{OWN_FOLDER}/counts.json"
# Eight samples of a weekday: enough for a median that a holiday does not move.
WEEKS_KEPT = 8
SCHEMA = 1


class Count(BaseModel):
    """The visits of one cell as it was last published or confirmed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    visits: int
    verdict: Verdict


class Counts(BaseModel):
    """The counts by plan_date and team; readers ignore fields that they do not know."""

    # `schema` is the field's fixed name on the store; pydantic's own attribute of that name is shadowed on purpose.
    schema_: int = Field(default=SCHEMA, alias="schema")
    cells: dict[date, dict[str, Count]] = {}

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON as it lies on the store, days in order."""
        ordered = self.model_copy(update={"cells": dict(sorted(self.cells.items()))})
        return (ordered.model_dump_json(by_alias=True, indent=1) + "\n").encode()

    def with_counts(self, new: dict[date, dict[str, Count]], today: date) -> "Counts":
        """These and the new ones, without days that are too old to be kept."""
        first = today - timedelta(weeks=WEEKS_KEPT)
        cells = {day: {**self.cells.get(day, {}), **new.get(day, {})} for day in {*self.cells, *new} if day >= first}
        return self.model_copy(update={"cells": cells})


def read_counts(content: bytes | None) -> Counts | None:
    """The counts; none yet where there is no file or a damaged one, None where a newer version wrote them.

    They only tell what is usual, so a damaged file is begun anew rather than stopping anything.
    """
    if content is None:
        return Counts()
    try:
        if json.loads(content)["schema"] > SCHEMA:
            return None
        return Counts.model_validate_json(content)
    except (ValidationError, ValueError, KeyError, TypeError):
        return Counts()
