"""An office of two groups whose copies of yesterday and this morning lie on the store when a bad export arrives."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import time_machine
from pypdf import PdfReader
from reservplan.domain.counts import COUNTS_NAME, Counts
from reservplan.domain.errors import ReservplanError
from reservplan.domain.judgement import Judgement
from reservplan.domain.manifest import CellEntry, Manifest, Origin, read_manifest
from reservplan.domain.names import OWN_FOLDER, Format, Kind, artifact_name, manifest_name, parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.verdict import Reason, Verdict
from reservplan.domain.words import cell_words, sentences
from reservplan.extract.demo import COLUMNS, OTHER_ROWS, VALUES
from reservplan.settings import Settings, StoreSettings
from reservplan.snapshot import Snapshot, SnapshotRequest
from reservplan.store import open_store
from reservplan.store.folder import FolderStore

from servers.samba import SambaServer
from tests.bad_exports.history import usual_counts
from tests.bad_exports.mutations import TEAMS, Arrival, Expected, File, Good
from tests.store_contract.places import facts_of

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


def good_export(now: datetime) -> Good:
    return Good(now.date(), now, SEED)


def good_arrival(now: datetime) -> Arrival:
    """The good export as it lies in the folder."""
    return Arrival((File(good_export(now).content()),))


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
    report: str = ""
    # The first page of the first list that was replaced.
    paper: str = ""

    def became(self, good: "Outcome") -> Expected:
        """The verdict of the worst cell; `good` is what the good export of the same moment became."""
        if self.error:
            return Expected.STOPPED
        worst = self.worst(good)
        if worst is not None:
            return Expected(self.judgements[worst].verdict.value)
        return Expected.MISSED if self.replaced else Expected.UNDERSTOOD

    def new_reasons(self, cell: Cell, good: "Outcome") -> tuple[Reason, ...]:
        """The reasons that the good export would not have had."""
        had = {reason.code for reason in good.judgements[cell].reasons} if cell in good.judgements else set()
        return tuple(reason for reason in self.judgements[cell].reasons if reason.code not in had)

    def told(self, good: "Outcome") -> str:
        """What is said of the worst cell, the first of equals."""
        worst = self.worst(good)
        if self.error or worst is None:
            return self.error
        reasons = self.new_reasons(worst, good)
        return f"{cell_words('sv', worst)}: {sentences(reason.text for reason in reasons)}"

    def worst(self, good: "Outcome") -> Cell | None:
        """The first cell of the worst verdict; None where none is worse than that of the good export."""
        order = (Verdict.INCOMPLETE, Verdict.REMARKS)
        ranked = [(order.index(j.verdict), cell) for cell, j in self.judgements.items() if self.new_reasons(cell, good)]
        return min(ranked)[1] if ranked else None

    def files_of(self, cell: Cell, contents: Contents) -> Contents:
        """The paper of a cell."""
        return {
            name: what
            for name, what in contents.items()
            if (parsed := parse_artifact_name(name)) and (parsed.plan_date, parsed.team) == cell
        }

    @property
    def untouched(self) -> set[Cell]:
        """The cells whose paper is, byte for byte, what it was."""
        return {cell for cell in CELLS if self.files_of(cell, self.before) == self.files_of(cell, self.after)}

    @property
    def replaced(self) -> list[Cell]:
        """The cells whose paper is another than before, or was not there."""
        return [cell for cell in CELLS if cell not in self.untouched]

    @property
    def whole(self) -> bool:
        """Whether all paper that the store's records name lies there, byte for byte."""
        artifacts = [artifact for entry in self.entries_after.values() for artifact in entry.artifacts]
        return all(self.after.get(artifact.name, ("", 0))[0] == artifact.sha256 for artifact in artifacts)

    @property
    def messages(self) -> str:
        """Everything that anybody is told, of whatever cell."""
        reasons = (reason.text for judgement in self.judgements.values() for reason in judgement.reasons)
        return "\n".join([self.error, *self.said, *reasons, self.report])


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

    @classmethod
    def with_share(cls, root: Path, server: SambaServer, folder: str) -> "Office":
        """An office whose store is a folder on a file server."""
        store = StoreSettings(name="share", kind="smb", connection="reservplan_share", folder=folder)
        return cls(root, server.share_path / folder, store, lambda settings: open_store(settings, facts_of(server)))

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
                error = str(fault).replace(f"{self.root}/", "")
        outcome = Outcome(
            error, judgements, said, before, self.contents(), entries_before, self.entries(), self.reports()
        )
        return replace(outcome, paper=self.paper(outcome.replaced[0])) if outcome.replaced else outcome

    def reports(self) -> str:
        """The validation reports of all runs so far."""
        files = (path for path in (self.root / "reports").rglob("*") if path.is_file())
        return "\n".join(path.read_text(encoding="utf-8") for path in files)

    def paper(self, cell: Cell) -> str:
        """The text on the first page of a cell's list, each stretch of white space one space."""
        pages = PdfReader(self.share / artifact_name(cell.plan_date, Kind.LIST, cell.team, Format.PDF)).pages
        return " ".join(pages[0].extract_text().replace("\u200b", "").split())

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
            outcome = self.run(good_arrival(now), now)
            assert not outcome.error, outcome.error
            assert not outcome.said, outcome.said

    def copied_to(self, other: "Office") -> "Office":
        """The same office once more, with a store of its own to be spoilt; on the disk, also where it is a share's."""
        shutil.copytree(self.root, other.root, dirs_exist_ok=True)
        shutil.copytree(self.share, other.share, dirs_exist_ok=True)
        return other


@contextmanager
def at(now: datetime) -> Iterator[None]:
    """The clock stands at a moment and goes on from there, that of a folder's store too."""
    with time_machine.travel(now), patch.object(FolderStore, "clock", lambda _: datetime.now(UTC)):
        yield
