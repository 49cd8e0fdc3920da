"""Our ways of putting a folder of files on a store, in a process of their own, as `benchmarks.obvious` does others'.

`python -m benchmarks.our_publishing WAY FILES FOLDER DEPTH`: the files are those of `write_files`, FOLDER is on the
share (for `on_this_disk`: a path). Prints as JSON how long it worked; connecting is work.
"""

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from reservplan.domain.days import Window
from reservplan.domain.manifest import Origin
from reservplan.domain.names import ARTIFACTS, Format, Kind, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileToWrite, Outcome, Over, Store
from reservplan.domain.verdict import Verdict
from reservplan.publish import Offer, publish, seal
from reservplan.settings import StoreSettings
from reservplan.store import open_store, smb_messages, smb_steps
from reservplan.store.connection import connection_from_environment
from reservplan.store.folder import FolderStore

from benchmarks.measuring import Work, print_cost

ZONE = ZoneInfo("Europe/Stockholm")
TODAY = date(2022, 6, 21)
CAPTURED_AT = datetime(2022, 6, 21, 3, tzinfo=UTC)
DAYS = 4
RUN_ID = "benchmark"
CONNECTION = "reservplan_share"


def cells_of(files: int) -> Iterator[Cell]:
    """So many cells that they have that many files, four each."""
    for number in range(files // len(ARTIFACTS)):
        team, ahead = divmod(number, DAYS)
        yield Cell(TODAY + timedelta(days=ahead), f"Grupp {team + 1:03}")


def write_files(folder: Path, files: int, size_bytes: int) -> None:
    """Files under our names, each with bytes of its own that cannot be compressed; the same each time."""
    folder.mkdir(parents=True)
    random_bytes = random.Random(1)  # noqa: S311 - content, no secret
    for cell in cells_of(files):
        for slot in ARTIFACTS:
            (folder / _name(cell, *slot)).write_bytes(random_bytes.randbytes(size_bytes))


def _name(cell: Cell, kind: Kind, fmt: Format) -> str:
    return artifact_name(cell.plan_date, kind, cell.team, fmt)


def write(files: str, folder: str, depth: int) -> Work:
    """Each file whole or not at all, over what a listing shows, under the lock: what a store does for publishing."""
    return partial(_write, open_store(_settings(folder, depth), connection_from_environment(CONNECTION)), Path(files))


def on_this_disk(files: str, folder: str, _depth: int) -> Work:
    """The same into a folder of this machine: written, fsynced, read back, renamed over."""
    return partial(_write, FolderStore("folder", folder), Path(files))


def write_unread(files: str, folder: str, depth: int) -> Work:
    """The same, but one byte is read back of each file, and compared with nothing: what reading back costs."""
    whole = write(files, folder, depth)
    read = smb_messages.read

    def read_one_byte(_size: int, *where: Any) -> smb_messages.Message:
        return read(1, *where)

    def work() -> None:
        with (
            patch.object(smb_messages, "read", read_one_byte),
            patch.object(smb_steps, "_compare", lambda _answer, _content: None),
        ):
            whole()

    return work


def sealing(files: str, _folder: str, _depth: int) -> Work:
    """What a client that encrypts cannot do without: reading each file, sealing it, and opening what comes back."""
    cipher, nonce = AESGCM(bytes(16)), bytes(12)

    def work() -> None:
        for file in Path(files).iterdir():
            cipher.decrypt(nonce, cipher.encrypt(nonce, file.read_bytes(), None), None)

    return work


def publish_and_seal(files: str, folder: str, depth: int) -> Work:
    """All that a run does with rendered cells: looks, decides, intent, files, manifests, counts."""
    settings = _settings(folder, depth)
    store = open_store(settings, connection_from_environment(CONNECTION))
    source = Path(files)
    offers = [_offer(cell) for cell in cells_of(len(list(source.iterdir())))]

    def content_of(cell: Cell, kind: Kind, fmt: Format) -> bytes:
        return (source / _name(cell, kind, fmt)).read_bytes()

    def work() -> None:
        now = datetime.now(ZONE)
        window = Window(TODAY, days_back=14, days_ahead=DAYS - 1)
        with store:
            published = publish(store, settings, offers, content_of, RUN_ID, window, published_at=now, zone=ZONE)
            sealed = seal(store, settings, published.values(), RUN_ID, sealed_at=now)
        if sealed.failures or any(done.short for done in published.values()):
            raise RuntimeError(f"{len(sealed.failures)} cells were not published")

    return work


WAYS: Mapping[str, Callable[[str, str, int], Work]] = {
    way.__name__: way for way in (write, write_unread, sealing, on_this_disk, publish_and_seal)
}


def _settings(folder: str, depth: int) -> StoreSettings:
    return StoreSettings(name="share", kind="smb", connection=CONNECTION, folder=folder, depth=depth)


def _write(store: Store, source: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    with store, store.lock(RUN_ID):
        there = store.list_folder()
        outcomes = store.write(
            FileToWrite(file.name, file.read_bytes(), now, there.get(file.name, Over.NOTHING))
            for file in sorted(source.iterdir())
        )
    if failed := [outcome for outcome in outcomes if outcome.outcome is not Outcome.DONE]:
        raise RuntimeError(f"{len(failed)} files were not written: {failed[0]}")


def _offer(cell: Cell) -> Offer:
    return Offer(
        cell=cell, verdict=Verdict.COMPLETE, captured_at=CAPTURED_AT, read_at=CAPTURED_AT, origin=Origin.SCHEDULED,
        visits=212, content=f"content of {cell}", unassigned=3, employees=17, by_hour=(9,) * 24,
        source_sha256="input", compared_with=("share",),
    )  # fmt: skip


def main(way: str, files: str, folder: str, depth: str) -> None:
    """Prepare, then work, and print what it cost."""
    print_cost(WAYS[way](files, folder, int(depth)))


if __name__ == "__main__":
    main(*sys.argv[1:])
