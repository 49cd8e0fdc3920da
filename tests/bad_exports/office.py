"""An office of three groups whose copies of yesterday and this morning lie on the store when a bad export arrives."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import time_machine
from reservplan.domain.counts import COUNTS_NAME, Counts
from reservplan.domain.errors import ReservplanError
from reservplan.domain.judgement import Judgement
from reservplan.domain.manifest import CellEntry, Manifest, Origin, read_manifest
from reservplan.domain.names import OWN_FOLDER, manifest_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.verdict import Reason, Verdict
from reservplan.extract.demo import COLUMNS, OTHER_ROWS, VALUES
from reservplan.settings import Settings, StoreSettings
from reservplan.snapshot import Snapshot, SnapshotRequest
from reservplan.store import open_store
from reservplan.store.folder import FolderStore

from tests.bad_exports.history import usual_counts
from tests.bad_exports.mutations import TEAMS, Arrival, Expected, File, Good

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SEED = 7
TODAY = date(2026, 11, 18)
TOMORROW = TODAY + timedelta(days=1)
CELLS = tuple(Cell(day, team) for day in (TODAY, TOMORROW) for team in TEAMS)
OLDER_SAVED = timedelta(minutes=15)

# What lies in a folder: each file's hash and mtime.
Contents = dict[str, tuple[str, int]]
StoreOpener = Callable[[StoreSettings], Store]


def at_five(day: date) -> datetime:
    """When the scheduled run of a day begins."""
    return datetime(day.year, day.month, day.day, 5, tzinfo=STOCKHOLM)


# A run during the day, when the copies of the morning have long been there.
NOON = at_five(TODAY) + timedelta(hours=6)


def good_export(now: datetime = NOON) -> Good:
    return Good(now.date(), now, SEED)


@dataclass(frozen=True)
class Outcome:
    """What a run made of an export: what was said, and what lay on the store before and afterwards."""

    error: str
    judgements: Mapping[Cell, Judgement]
    said: tuple[str, ...]
    before: Contents
    after: Contents
    entries_before: Mapping[Cell, CellEntry]
    entries_after: Mapping[Cell, CellEntry]

    def became(self, good: "Outcome") -> Expected:
        """The verdict of the worst cell; `good` is what the good export of the same moment became."""
        if self.error:
            return Expected.STOPPED
        verdicts = {self.judgements[cell].verdict for cell in self.judgements if self.new_reasons(cell, good)}
        if Verdict.INCOMPLETE in verdicts:
            return Expected.INCOMPLETE
        if Verdict.REMARKS in verdicts:
            return Expected.REMARKS
        same = all(self.entries_after[cell].content == good.entries_after[cell].content for cell in CELLS)
        return Expected.UNDERSTOOD if same else Expected.MISSED

    def new_reasons(self, cell: Cell, good: "Outcome") -> tuple[Reason, ...]:
        """The reasons that the good export would not have had."""
        had = {reason.code for reason in good.judgements[cell].reasons} if cell in good.judgements else set()
        return tuple(reason for reason in self.judgements[cell].reasons if reason.code not in had)

    def files_of(self, cell: Cell, contents: Contents) -> Contents:
        """The paper of a cell."""
        return {
            name: what
            for name, what in contents.items()
            if name.startswith(f"{cell.plan_date:%y%m%d} ") and Path(name).stem.endswith(f" {cell.team}")
        }

    @property
    def untouched(self) -> set[Cell]:
        """The cells whose paper is, byte for byte, what it was."""
        return {cell for cell in CELLS if self.files_of(cell, self.before) == self.files_of(cell, self.after)}

    @property
    def messages(self) -> str:
        """Everything that anybody is told, of whatever cell."""
        reasons = (reason.text for judgement in self.judgements.values() for reason in judgement.reasons)
        return "\n".join([self.error, *self.said, *reasons])


@dataclass
class Office:
    """Settings, exports and one store below `root`; `open_store` opens it, and its files lie at `share`."""

    root: Path
    share: Path
    store: StoreSettings
    open_store: StoreOpener

    @classmethod
    def with_folder(cls, root: Path) -> "Office":
        """An office whose store is a plain folder."""
        share = root / "share"
        store = StoreSettings(name="share", kind="folder", folder=str(share))
        return cls(root, share, store, lambda settings: open_store(settings, None))

    def settings(self, arrival: Arrival | None = None, teams: Sequence[str] = TEAMS) -> Settings:
        changes = dict(arrival.source) if arrival else {}
        source = {
            "kind": "files", "columns": COLUMNS, "protected": "not_in_source", "values": VALUES,
            "other_rows": {"column": "Insatser", "values": OTHER_ROWS}, **changes,
        }  # fmt: skip
        return Settings.model_validate({
            "organisation": "Falkenbergs kommun", "teams": list(teams), "window": {"days_back": 14, "days_ahead": 1},
            "source": {**source, "path": f"{self.root / 'exports'}/{changes.get('path', '')}"},
            "stores": [self.store], "staging": str(self.root / "staging"), "archive": str(self.root / "archive"),
            "reports": str(self.root / "reports"),
        })  # fmt: skip

    def arrives(self, arrival: Arrival, now: datetime) -> None:
        """The files of an export take the place of those that were there."""
        exports = self.root / "exports"
        shutil.rmtree(exports, ignore_errors=True)
        exports.mkdir(parents=True)
        for file in arrival.files:
            (exports / file.name).write_bytes(file.content)
            saved_at = (file.saved_at or now - OLDER_SAVED).timestamp()
            os.utime(exports / file.name, (saved_at, saved_at))

    def run(self, arrival: Arrival, now: datetime = NOON) -> Outcome:
        """An export arrives, and the whole job is done at that moment."""
        self.arrives(arrival, now)
        request = SnapshotRequest(
            run_id=f"manual-{now:%Y%m%dT%H%M}", today=now.date(), started_at=now,
            plan_dates=(now.date(), now.date() + timedelta(days=1)), origin=Origin.REFRESH,
        )  # fmt: skip
        judgements: dict[Cell, Judgement] = {}
        before, entries_before = self.contents(), self.entries()
        error, said = "", ()
        with at(now):
            snapshot = Snapshot(self.settings(arrival), request, self.open_store)
            try:
                result = snapshot.run(then=lambda run: judgements.update(run.files.judgements()))
                said = tuple(result.fell_short)
            except ReservplanError as fault:
                error = str(fault)
        return Outcome(error, judgements, said, before, self.contents(), entries_before, self.entries())

    def contents(self) -> Contents:
        """Every file on the store, also our own."""
        return {
            path.relative_to(self.share).as_posix(): (sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in sorted(self.share.rglob("*"))
            if path.is_file()
        }

    def manifest(self, day: date) -> Manifest | None:
        place = self.share / manifest_name(day)
        return read_manifest(place.read_bytes(), day, "the store") if place.exists() else None

    def entries(self) -> dict[Cell, CellEntry]:
        """What the manifests say of the groups."""
        manifests = {day: self.manifest(day) for day in (TODAY, TOMORROW)}
        return {
            cell: manifest.cells[cell.team]
            for cell in CELLS
            if (manifest := manifests[cell.plan_date]) is not None and cell.team in manifest.cells
        }

    def remember(self, counts: Counts) -> None:
        """Lay the counts of earlier weeks on the store."""
        (self.share / OWN_FOLDER).mkdir(parents=True, exist_ok=True)
        (self.share / COUNTS_NAME).write_bytes(counts.to_bytes())

    def publish_the_good(self) -> None:
        """Publish yesterday's good export and this morning's, each in its own run."""
        self.share.mkdir(parents=True, exist_ok=True)
        self.remember(usual_counts(TEAMS, [TODAY - timedelta(days=1), TODAY, TOMORROW], SEED))
        for day in (TODAY - timedelta(days=1), TODAY):
            now = at_five(day)
            outcome = self.run(Arrival((File(good_export(now).content()),)), now)
            assert not outcome.error, outcome.error
            assert not outcome.said, outcome.said

    def copied_to(self, root: Path) -> "Office":
        """The same office once more, with a store of its own to be spoilt; for plain folders."""
        shutil.copytree(self.root, root)
        return Office.with_folder(root)


@contextmanager
def at(now: datetime) -> Iterator[None]:
    """The clock stands at a moment and goes on from there, that of a folder's store too."""
    with time_machine.travel(now), patch.object(FolderStore, "clock", lambda _: datetime.now(UTC)):
        yield
