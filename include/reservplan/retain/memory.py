"""What retention remembers on the store itself: `.reservplan/retention.json`, the day of its last run."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reservplan.domain.errors import ManifestUnreadable
from reservplan.domain.names import OWN_FOLDER

MEMORY_NAME = f"{OWN_FOLDER}/retention.json"
SCHEMA = 1


class Memory(BaseModel):
    """The local day of the last retention that was done; a jumped clock is told by it."""

    # `schema` is the field's fixed name on the store; pydantic's own attribute of that name is shadowed on purpose.
    schema_: int = Field(default=SCHEMA, alias="schema", le=SCHEMA)
    last_run: date

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON as it lies on the store."""
        return (self.model_dump_json(by_alias=True) + "\n").encode()


def read_last_run(content: bytes | None) -> date | None:
    """The local day of the last run; None where there was none.

    Raises:
        ManifestUnreadable: the file is damaged, or a newer version wrote it.
    """
    if content is None:
        return None
    try:
        return Memory.model_validate_json(content).last_run
    except ValidationError:
        raise ManifestUnreadable(
            f"{MEMORY_NAME} cannot be read, or was written by a newer version.",
            do="Upgrade Reservplan, or, when today's date is right here, remove that file.",
        ) from None
