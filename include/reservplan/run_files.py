"""What the steps of a run leave for each other in its staging folder, by name and type."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from reservplan.domain.history import EarlierCopy
from reservplan.domain.judgement import Judgement
from reservplan.domain.names import ARTIFACTS, Format, Kind
from reservplan.domain.plan import Cell, Plan
from reservplan.plan_files import PLAN_FILES, plan_from_files, plan_to_files
from reservplan.publish import Offer, Published, from_json, to_json
from reservplan.staging import Staging

Drawn = dict[tuple[Kind, Format], bytes]


class Batch(BaseModel):
    """A reference to some of the run's cells, small enough to hand from task to task."""

    model_config = ConfigDict(frozen=True)

    number: int
    cells: int
    lacking: int


@dataclass(frozen=True)
class BatchCells:
    """A batch's cells, and those of them that some store lacks."""

    cells: list[Cell]
    lacking: list[Cell]


@dataclass(frozen=True)
class Part:
    """One plan of a run: the export's, or an archived capture's, and the cells for which it speaks.

    `source_sha256` is a hash over all that decides what their copies show, empty where the input cannot be known.
    """

    number: int
    cells: tuple[Cell, ...]
    label: str
    archived: bool
    source_sha256: str


@dataclass(frozen=True)
class Remembered:
    """Of the stores' history, what is needed after the verdicts: the earlier copies, and which stores were asked."""

    copies: list[tuple[Cell, EarlierCopy]]
    stores: tuple[str, ...]


class Absence(StrEnum):
    """How a store was asked in vain."""

    LOGIN = "login"  # login or password refused
    REFUSED = "refused"  # anything else that lasts until somebody mends it
    SILENT = "silent"  # it let us wait for its answer


@dataclass(frozen=True)
class Away:
    """A store that was asked in vain: how, what is told of it, and when that was."""

    how: Absence
    what: str
    do: str
    asked_at: AwareDatetime


_PARTS = TypeAdapter(list[Part])
_BATCH = TypeAdapter(BatchCells)
_TEXTS = TypeAdapter(list[str])
_OFFERS = TypeAdapter(list[Offer])
_JUDGEMENTS = TypeAdapter(list[tuple[Cell, Judgement]])
_REMEMBERED = TypeAdapter(Remembered)
_AWAY = TypeAdapter(Away)


class RunFiles:
    """The run's files in its staging folder."""

    def __init__(self, staging: Staging) -> None:
        self.staging = staging

    def put_unchanged(self) -> None:
        """Nothing is to be done: neither input nor stores moved since the last seal."""
        self.staging.write("unchanged", b"")

    @property
    def unchanged(self) -> bool:
        """Whether nothing is to be done."""
        return self.staging.read_or_none("unchanged") is not None

    def put_plan(self, part: Part, plan: Plan) -> None:
        """Stage the plan of a part."""
        self.staging.write_all({f"plans/{part.number}/{name}": data for name, data in plan_to_files(plan).items()})

    def plan(self, part: Part) -> Plan:
        """The plan of a part, equal to the one that was staged."""
        return plan_from_files({name: self.staging.read(f"plans/{part.number}/{name}") for name in PLAN_FILES})

    def put_parts(self, parts: Sequence[Part]) -> None:
        """Stage which plans the run has."""
        self.staging.put("parts.json", _PARTS, list(parts))

    def parts(self) -> list[Part]:
        """The run's plans, those of the archive first."""
        return self.staging.get("parts.json", _PARTS)

    def put_input_sha256(self, sha256: str) -> None:
        """Stage the hash of the export's files; empty where it is not known."""
        self.staging.write("input.sha256", sha256.encode())

    def input_sha256(self) -> str:
        """The hash of the export's files."""
        return self.staging.read("input.sha256").decode()

    def put_judgements(self, judgements: Mapping[Cell, Judgement]) -> None:
        """Stage the verdicts."""
        self.staging.put("judgements.json", _JUDGEMENTS, list(judgements.items()))

    @property
    def has_judgements(self) -> bool:
        """Whether the verdicts have been staged."""
        return self.staging.read_or_none("judgements.json") is not None

    def judgements(self) -> dict[Cell, Judgement]:
        """The verdict of every cell."""
        judged = self.staging.get("judgements.json", _JUDGEMENTS)
        return dict(judged)

    def put_remembered(self, remembered: Remembered) -> None:
        """Stage what the stores remember."""
        self.staging.put("remembered.json", _REMEMBERED, remembered)

    def remembered(self) -> Remembered:
        """What the stores remember of earlier copies."""
        return self.staging.get("remembered.json", _REMEMBERED)

    def put_documents(self, documents: Mapping[Cell, bytes]) -> None:
        """Stage what cells show, as the renderers read it."""
        self.staging.write_all({f"documents/{cell}.json": content for cell, content in documents.items()})

    def documents(self, cells: Sequence[Cell]) -> dict[Cell, bytes]:
        """What the cells show."""
        staged = self.staging.read_all([f"documents/{cell}.json" for cell in cells])
        return dict(zip(cells, staged, strict=True))

    def put_offers(self, offers: Sequence[Offer]) -> None:
        """Stage what could be published."""
        self.staging.put("offers.json", _OFFERS, list(offers))

    def offers(self, cells: Iterable[Cell] | None = None) -> list[Offer]:
        """What could be published; of these cells only, where any are given."""
        offers = self.staging.get("offers.json", _OFFERS)
        asked = None if cells is None else set(cells)
        return [offer for offer in offers if asked is None or offer.cell in asked]

    def put_batch(self, batch: Batch, cells: BatchCells) -> None:
        """Stage the cells of a batch."""
        self.staging.put(f"batches/{batch.number}.json", _BATCH, cells)

    def cells_of(self, batch: Batch) -> BatchCells:
        """The cells of a batch."""
        return self.staging.get(f"batches/{batch.number}.json", _BATCH)

    def put_drawn(self, cell: Cell, files: Drawn) -> None:
        """Stage a cell's files as one: on object storage each costs a request, however small it is."""
        self.staging.write(f"rendered/{cell}.zip", _packed(files))

    def drawn(self, cell: Cell) -> Drawn:
        """A cell's files; none where it was not rendered whole."""
        content = self.staging.read_or_none(f"rendered/{cell}.zip")
        return {} if content is None else _unpacked(content)

    def put_published(self, store: str, batch: Batch, published: Mapping[Cell, Published]) -> None:
        """Stage what came of a batch on a store."""
        self.staging.write(f"published/{store}/{batch.number}.json", to_json(published))

    def published_of(self, store: str, batch: Batch) -> dict[Cell, Published]:
        """What came of a batch on a store; nothing where it has not been its turn."""
        content = self.staging.read_or_none(f"published/{store}/{batch.number}.json")
        return {} if content is None else from_json(content)

    def has_published(self, store: str) -> bool:
        """Whether any batch has come to a store."""
        return bool(self.staging.names(f"published/{store}"))

    def published(self, store: str) -> dict[Cell, Published]:
        """What came of every batch on a store so far."""
        return {
            cell: done
            for name in self.staging.names(f"published/{store}")
            for cell, done in from_json(self.staging.read(name)).items()
        }

    def put_away(self, store: str, away: Away) -> None:
        """Stage that a store was asked in vain."""
        self.staging.put(f"away/{store}.json", _AWAY, away)

    def away(self, store: str) -> Away | None:
        """When a store was last asked in vain, if it was."""
        content = self.staging.read_or_none(f"away/{store}.json")
        return None if content is None else _AWAY.validate_json(content)

    def put_texts(self, name: str, texts: Sequence[str]) -> None:
        """Stage lines for people."""
        self.staging.put(f"{name}.json", _TEXTS, list(texts))

    def texts(self, name: str) -> list[str]:
        """Lines for people; none where none were staged."""
        content = self.staging.read_or_none(f"{name}.json")
        return _TEXTS.validate_json(content) if content else []


def _packed(files: Drawn) -> bytes:
    """As they are, because PDF and workbook are packed already."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for (kind, fmt), content in files.items():
            archive.writestr(f"{kind.value}.{fmt.value}", content)
    return target.getvalue()


def _unpacked(content: bytes) -> Drawn:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {(kind, fmt): archive.read(f"{kind.value}.{fmt.value}") for kind, fmt in ARTIFACTS}
    except (zipfile.BadZipFile, KeyError):
        # Its renderer was killed while it wrote this: the cell is not rendered, the others are.
        return {}
