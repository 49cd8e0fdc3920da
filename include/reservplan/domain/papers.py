"""What a store holds besides the copies of its cells: `.reservplan/papers.json`, by path, with what is under way."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from reservplan.domain.errors import ManifestUnreadable
from reservplan.domain.manifest import Instant, NewerManifest
from reservplan.domain.names import OWN_FOLDER

PAPERS_NAME = f"{OWN_FOLDER}/papers.json"
PAPERS_BACKUP_NAME = f"{PAPERS_NAME}.bak"
SCHEMA = 1


def _downwards(path: str) -> str:
    if any(part in ("", ".", "..") for part in path.split("/")) or {"\\", "\0"} & set(path):
        raise ValueError("a path on a store goes downwards, with forward slashes")
    return path


StorePath = Annotated[str, AfterValidator(_downwards)]


class PaperEntry(BaseModel):
    """One file; `content` is a hash over what it shows, so that the same is left untouched.

    `wanted` is the path that it should have: another one where a file that is not ours lies there. `team` and
    `plan_dates` tell whose days a week pack holds.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: StorePath
    wanted: StorePath
    bytes: int
    sha256: str
    mtime: Instant
    content: str
    team: str = ""
    plan_dates: tuple[date, ...] = ()


class Papers(BaseModel):
    """`papers` were published and read back; `intended` are about to be written, noted before the first byte.

    A file is ours if its hash stands in either.
    """

    # `schema` is the field's fixed name on the store; pydantic's own attribute of that name is shadowed on purpose.
    schema_: int = Field(default=SCHEMA, alias="schema")
    papers: tuple[PaperEntry, ...] = ()
    intended: tuple[PaperEntry, ...] = ()

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON as it lies on the store."""
        return (self.model_dump_json(by_alias=True, indent=1) + "\n").encode()

    def of_path(self, path: str) -> tuple[PaperEntry, ...]:
        """All that is known of a path, what is about to be written first.

        On shares and sticks one name in other letters' case is the same file: what is known of that comes last.
        """
        known = [entry for entry in (*self.intended, *self.papers) if entry.path.casefold() == path.casefold()]
        return tuple(sorted(known, key=lambda entry: entry.path != path))

    def without(self, paths: Iterable[str]) -> "Papers":
        """These without what stands on the paths."""
        away = set(paths)
        return Papers(
            papers=tuple(entry for entry in self.papers if entry.path not in away),
            intended=tuple(entry for entry in self.intended if entry.path not in away),
        )


def read_papers(content: bytes | None) -> Papers:
    """The record; an empty one where there is none.

    Raises:
        NewerManifest: a newer version wrote it: nothing may be touched.
        ManifestUnreadable: it is damaged.
    """
    if content is None:
        return Papers()
    try:
        papers = Papers.model_validate_json(content)
    except ValidationError:
        papers = None
    if (papers.schema_ if papers else _schema_of(content)) > SCHEMA:
        raise NewerManifest(
            f"{PAPERS_NAME} was written by a newer version of Reservplan.",
            do="Nothing was touched. Upgrade Reservplan here to the version that wrote it.",
        )
    if papers is None:
        raise ManifestUnreadable(f"{PAPERS_NAME} is damaged.", do="See docs/runbooks/manifest-damaged.md.")
    return papers


def _schema_of(content: bytes) -> int:
    try:
        return int(json.loads(content)["schema"])
    except (ValueError, KeyError, TypeError):
        return 0
