"""Copies of an office's groups and days, one generation after the other, each with bytes of its own."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from random import Random

from reservplan.domain.names import ARTIFACTS, Format, Kind, artifact_name
from reservplan.domain.plan import Cell
from reservplan.publish import Offer

from tests.unit.publish.cells import FIVE, TODAY, offer

TEAMS = ("Ullared", "Vessigebro", "Ätran", "Hjärtasjö natt")
CELLS = tuple(Cell(TODAY + timedelta(days=ahead), team) for ahead in range(3) for team in TEAMS)
FILE_BYTES = 60_000


@dataclass(frozen=True)
class Generation:
    """What one reading of the plan gives; the next is read a second later and differs in every file."""

    number: int
    cells: tuple[Cell, ...] = CELLS
    file_bytes: int = FILE_BYTES

    def next(self) -> "Generation":
        """The one that is read after it."""
        return replace(self, number=self.number + 1)

    @property
    def captured_at(self) -> datetime:
        """When it was read."""
        return FIVE + timedelta(seconds=self.number)

    @property
    def offers(self) -> Sequence[Offer]:
        """What publishing is offered."""
        content = f"generation {self.number}"
        return [
            offer(cell=cell, captured_at=self.captured_at, content=content, source_sha256=content)
            for cell in self.cells
        ]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Every file by its name."""
        return {
            artifact_name(cell.plan_date, kind, cell.team, fmt): self.content_of(cell, kind, fmt)
            for cell in self.cells
            for kind, fmt in ARTIFACTS
        }

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The hash of every file by its name."""
        return {name: sha256(content).hexdigest() for name, content in self.files.items()}

    def content_of(self, cell: Cell, kind: Kind, fmt: Format) -> bytes:
        """A file that opens, as hard to compress as a real one."""
        body = Random(f"{self.number} {cell} {kind} {fmt}").randbytes(self.file_bytes)  # noqa: S311 - no secret
        if fmt is Format.PDF:
            return b"%PDF-1.7\n" + body + b"\n%%EOF\n"
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo("xl/workbook.xml", (1980, 1, 1, 0, 0, 0)), body)
        return file.getvalue()
