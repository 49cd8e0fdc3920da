"""A store with copies of many days, and retention on it, with the words that tests of retention share."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reservplan.domain.deletions import DELETED_NAME, Deletion, read_deletions
from reservplan.domain.manifest import ArtifactEntry, CellEntry, Intended, Intent, Manifest, Origin
from reservplan.domain.names import ARTIFACTS, Format, Kind, artifact_name, intent_name, manifest_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.verdict import Verdict
from reservplan.retain import RetentionPlan, RetentionResult, apply_retention, plan_for
from reservplan.settings import Settings, Source, StoreSettings, Team
from reservplan.store.folder import FolderStore
from reservplan.store.inspection import artifact_path

from tests.unit.publish.site import Wrapped, rendered

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2022, 6, 21, 5, 30, tzinfo=STOCKHOLM)
TODAY = NOW.date()
TEAMS = ("Ullared", "Vessigebro")


class Shared(Wrapped):
    """A store with a clock of its own, where files can be held open and the connection can break."""

    def __init__(self, store: Store, clock: datetime, **how: Any) -> None:
        super().__init__(store, **how)
        self.time = clock

    def clock(self) -> datetime:
        return self.time


@dataclass
class Shelf:
    """A folder store, written to by hand as publishing would, at a time that the test chooses."""

    root: Path
    now: datetime = NOW
    clock_off: timedelta = timedelta()
    layout: str = "flat"
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(STOCKHOLM).date()

    @property
    def store_settings(self) -> StoreSettings:
        return StoreSettings(name="share", kind="folder", folder=str(self.root), layout=self.layout)

    @property
    def settings(self) -> Settings:
        plain = {
            "organisation": "Falkenbergs kommun",
            "teams": tuple(Team(name=team) for team in TEAMS),
            "source": Source(kind="demo"),
            "stores": (self.store_settings,),
        }
        return Settings(**{**plain, **self.changes})

    def store(self, **how: Any) -> Shared:
        return Shared(FolderStore("share", self.root), self.now + self.clock_off, **how)

    def plan(self, **how: Any) -> RetentionPlan:
        with self.store() as opened:
            return plan_for(opened, self.store_settings, self.settings, self.now, **how)

    def apply(self, plan: RetentionPlan, confirm: str = "", **how: Any) -> RetentionResult:
        with self.store(**how) as opened:
            return apply_retention(opened, self.store_settings, plan, now=self.now, confirm=confirm)

    def noted(self) -> tuple[Deletion, ...]:
        """What the store's own record says was deleted."""
        record = self.root / DELETED_NAME
        return read_deletions(record.read_bytes() if record.is_file() else None)

    def retain(self, **how: Any) -> RetentionResult:
        return self.apply(self.plan(**how))

    def put_days(self, days: Iterable[date], teams: Iterable[str] = TEAMS, **changes: Any) -> None:
        for day in days:
            entries = {team: self.put_cell(Cell(day, team), **changes) for team in teams}
            self.put_manifest(day, entries)

    def put_cell(self, cell: Cell, suffix: str = "", **changes: Any) -> CellEntry:
        """The four files of a cell, and the entry that names them; captured at five on its own day, or just now."""
        true_at = changes.pop("true_at", min(_five(cell.plan_date), self.now - timedelta(minutes=10)))
        artifacts = []
        for kind, fmt in ARTIFACTS:
            name = artifact_name(cell.plan_date, kind, cell.team, fmt, suffix)
            content = rendered(cell, fmt, kind, suffix)
            self.put_file(artifact_path(self.layout, cell.team, name), content, true_at)
            artifacts.append(
                ArtifactEntry(kind=kind, format=fmt, name=name, bytes=len(content), mtime=true_at,
                              sha256=sha256(content).hexdigest(), captured_at=true_at)
            )  # fmt: skip
        plain = CellEntry(
            verdict=Verdict.COMPLETE, origin=Origin.SCHEDULED, captured_at=true_at, read_at=true_at,
            confirmed_at=true_at, published_at=true_at, visits=9, unassigned=0, employees=2, content="as-is",
            artifacts=tuple(artifacts),
        )  # fmt: skip
        return plain.model_copy(update=changes)

    def put_manifest(self, day: date, entries: dict[str, CellEntry]) -> None:
        manifest = Manifest(plan_date=day, sealed_at=_five(self.today), run_id="run", cells=entries)
        self.put_file(manifest_name(day), manifest.to_bytes())

    def put_intent(self, day: date, entries: dict[str, CellEntry]) -> None:
        at = _five(self.today)
        cells = {team: Intended(run_id="run", written_at=at, entry=entry) for team, entry in entries.items()}
        self.put_file(intent_name(day), Intent(plan_date=day, cells=cells).to_bytes())

    def put_file(self, path: str, content: bytes, at: datetime | None = None) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        stamp = (at or datetime(2022, 6, 2, 10, 11, 12, tzinfo=UTC)).timestamp()
        os.utime(file, (stamp, stamp))
        return file

    def path(self, day: date, team: str = "Ullared", kind: Kind = Kind.LIST, fmt: Format = Format.PDF) -> Path:
        return self.root / artifact_path(self.layout, team, artifact_name(day, kind, team, fmt))

    def names(self) -> set[str]:
        """Every file but those in our own folder, as paths below the root."""
        files = {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}
        return {name for name in files if not name.startswith(".reservplan/")}

    def own_names(self) -> set[str]:
        return {path.name for path in (self.root / ".reservplan").iterdir()} - {"lock"}


def days(first: int, last: int, today: date = TODAY) -> list[date]:
    """Today + first … today + last."""
    return [today + timedelta(days=n) for n in range(first, last + 1)]


def _five(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=STOCKHOLM)
