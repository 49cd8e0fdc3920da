"""A store to publish to, and what may happen to it, with the words that tests of publishing share."""

import io
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reservplan.domain.errors import StoreUnreachable
from reservplan.domain.names import ARTIFACTS, Format, Kind, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileInfo, FileOutcome, FileToWrite, Outcome, Store
from reservplan.domain.standing import Standing
from reservplan.publish import Offer, Published, Sealed, publish, seal
from reservplan.settings import StoreSettings
from reservplan.store.folder import FolderStore
from reservplan.store.inspection import DayOnStore, inspect

from tests.unit.publish.cells import WINDOW

STOCKHOLM = ZoneInfo("Europe/Stockholm")
QUARTER_PAST_FIVE = datetime(2022, 6, 21, 5, 15, tzinfo=STOCKHOLM)


def rendered(cell: Cell, fmt: Format, kind: Kind, text: str) -> bytes:
    """A file that opens, with the same bytes for the same text."""
    shown = f"{cell} {kind} {text}".encode()
    if fmt is Format.PDF:
        return b"%PDF-1.7\n" + shown + b"\n%%EOF\n"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml", (1980, 1, 1, 0, 0, 0)), shown)
    return file.getvalue()


@dataclass
class Site:
    """A store under a folder, and publishing to it, a quarter of an hour later each time."""

    root: Path
    store: Store
    settings: StoreSettings
    at: datetime = QUARTER_PAST_FIVE
    rendered_cells: set[Cell] = field(default_factory=set)

    def publish(
        self, *offers: Offer, run_id: str = "run", store: Store | None = None, **how: Any
    ) -> dict[Cell, Published]:
        """Publish offers whose text is their content and capture."""
        by_cell = {offer.cell: offer for offer in offers}

        def content_of(cell: Cell, kind: Kind, fmt: Format) -> bytes:
            self.rendered_cells.add(cell)
            offer = by_cell[cell]
            return rendered(cell, fmt, kind, f"{offer.content} {offer.captured_at}")

        how = {"published_at": self.at, "content_of": content_of, "window": WINDOW, "zone": STOCKHOLM, **how}
        self.at += timedelta(minutes=15)
        with store or self.store as opened:
            return publish(opened, self.settings, offers, run_id=run_id, **how)

    def seal(
        self, published: Mapping[Cell, Published], run_id: str = "run", store: Store | None = None, **how: Any
    ) -> Sealed:
        with store or self.store as opened:
            return seal(opened, self.settings, published.values(), run_id, sealed_at=self.at, **how)

    def run(self, *offers: Offer, run_id: str = "run", **how: Any) -> Sealed:
        """Publish and seal."""
        return self.seal(self.publish(*offers, run_id=run_id, **how), run_id)

    def day(self, *cells: Cell) -> DayOnStore:
        with self.store as opened:
            (day,) = inspect(opened, self.settings.layout, cells).values()
        return day

    def standing(self, cell: Cell) -> Standing:
        return self.day(cell).standings[cell.team]

    def path(self, cell: Cell, kind: Kind = Kind.LIST, fmt: Format = Format.PDF, suffix: str = "") -> Path:
        return self.root / artifact_name(cell.plan_date, kind, cell.team, fmt, suffix)

    def holds(self, offer: Offer, suffix: str = "") -> bool:
        """Whether all four files of the cell are exactly those of the offer."""
        text = f"{offer.content} {offer.captured_at}"
        paths = {slot: self.path(offer.cell, *slot, suffix) for slot in ARTIFACTS}
        return all(
            path.is_file() and path.read_bytes() == rendered(offer.cell, fmt, kind, text)
            for (kind, fmt), path in paths.items()
        )

    def names(self) -> list[str]:
        """The files on the store's root, without our own folder."""
        return sorted(path.name for path in self.root.iterdir() if path.is_file())

    def record(self, name: str) -> Any:
        """A file of our own folder, as JSON."""
        return json.loads((self.root / ".reservplan" / name).read_text())

    def own_names(self) -> set[str]:
        return {path.name for path in (self.root / ".reservplan").iterdir()} - {"lock"}

    def put(self, path: Path, content: bytes, at: datetime | None = None) -> None:
        """Somebody saves a file by hand, at a time that is not ours."""
        path.write_bytes(content)
        stamp = (at or self.at + timedelta(seconds=77)).timestamp()
        os.utime(path, (stamp, stamp))


def site_at(root: Path, **changes: Any) -> Site:
    root.mkdir(exist_ok=True)
    settings = StoreSettings(name="share", kind="folder", folder=str(root), **changes)
    return Site(root, FolderStore(settings.name, settings.folder), settings)


class Wrapped:
    """A store whose files can be held open, or whose connection breaks after so many changes."""

    def __init__(self, store: Store, *, held: Iterable[str] = (), breaks_after: int | None = None) -> None:
        self.store = store
        self.held = set(held)
        self.left = breaks_after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def __enter__(self) -> "Wrapped":
        self.store.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.store.__exit__(*exception)

    def lock(self, holder: str) -> AbstractContextManager[None]:
        return self.store.lock(holder)

    def write(self, files: Iterable[FileToWrite]) -> Sequence[FileOutcome]:
        return [outcome for file in files for outcome in self._write(file)]

    def _write(self, file: FileToWrite) -> Iterator[FileOutcome]:
        if file.path in self.held:
            yield FileOutcome(file.path, Outcome.BUSY)
            return
        self._count()
        yield from self.store.write([file])

    def remove(self, path: str, expected: FileInfo) -> FileOutcome:
        if path in self.held:
            return FileOutcome(path, Outcome.BUSY)
        self._count()
        return self.store.remove(path, expected)

    def rename(self, old: str, new: str) -> FileOutcome:
        self._count()
        return self.store.rename(old, new)

    def _count(self) -> None:
        if self.left == 0:
            raise StoreUnreachable("The share does not answer.")
        if self.left is not None:
            self.left -= 1


def on(offer: Offer, day: date | None = None, team: str | None = None) -> Offer:
    """The same offer for another day or team."""
    return replace(offer, cell=Cell(day or offer.cell.plan_date, team or offer.cell.team))
