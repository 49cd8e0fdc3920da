"""What retention sees on a store, before anything is decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from reservplan.domain.manifest import CellEntry, Intended, Intent, Manifest
from reservplan.domain.papers import PaperEntry
from reservplan.domain.ports import FileInfo
from reservplan.domain.standing import FileState


@dataclass(frozen=True)
class OldFile:
    """A file of a day past the window that a record names and that lies there.

    `name` is what the record calls it (the listing may write it with other letters' case).
    """

    team: str
    name: str
    path: str
    info: FileInfo
    state: FileState


@dataclass(frozen=True)
class OldDay:
    """A plan_date before the window of which records lie on the store; `fault` says why they cannot be trusted.

    `foreign` are the paths of files under the day's names that no record knows.
    """

    plan_date: date
    manifest: Manifest | None = None
    intent: Intent | None = None
    files: tuple[OldFile, ...] = ()
    foreign: tuple[str, ...] = ()
    fault: str = ""

    def vanished(self) -> dict[str, list[str]]:
        """By team the names that manifest or intent have and that do not lie there."""
        there = {(file.team, file.name) for file in self.files}
        recorded = [*self.manifest.cells.items()] if self.manifest else []
        for team, intended in self.intent.cells.items() if self.intent else ():
            recorded += [(team, entry) for entry in (intended.entry, *intended.earlier)]
        missing: dict[str, list[str]] = {}
        for team, entry in recorded:
            names = missing.setdefault(team, [])
            names += [a.name for a in entry.artifacts if (team, a.name) not in there and a.name not in names]
        return {team: names for team, names in missing.items() if names}

    def remaining(self, gone: Iterable[str] = ()) -> tuple[dict[str, CellEntry], dict[str, Intended]]:
        """What manifest and intent are to say once the files of the paths `gone` are removed: of what lies there."""
        away = set(gone)
        there = {(file.team, file.name) for file in self.files if file.path not in away}
        sealed = {
            team: _only(entry, team, there) for team, entry in (self.manifest.cells if self.manifest else {}).items()
        }
        intended = {
            team: found
            for team, found in (self.intent.cells if self.intent else {}).items()
            if any(_only(entry, team, there).artifacts for entry in (found.entry, *found.earlier))
        }
        return {team: entry for team, entry in sealed.items() if entry.artifacts}, intended

    def records_change(self, gone: Iterable[str] = ()) -> bool:
        """Whether the records say more than will lie there."""
        sealed, intended = self.remaining(gone)
        if not sealed and not intended:
            return True
        return sealed != dict(self.manifest.cells if self.manifest else {}) or intended != dict(
            self.intent.cells if self.intent else {}
        )


def _only(entry: CellEntry, team: str, there: set[tuple[str, str]]) -> CellEntry:
    artifacts = tuple(artifact for artifact in entry.artifacts if (team, artifact.name) in there)
    return entry if artifacts == entry.artifacts else entry.model_copy(update={"artifacts": artifacts})


@dataclass(frozen=True)
class OldPaper:
    """A week pack that holds a day past the window; `first` is its oldest day."""

    first: date
    team: str
    path: str
    info: FileInfo
    state: FileState


@dataclass(frozen=True)
class Stray:
    """A file under a name of a day past the window, whoever put it there; `plan_date` is the day in its name."""

    plan_date: date
    path: str


@dataclass(frozen=True)
class Leftover:
    """A temporary file of ours: of a run that was cut off, unless somebody is writing now."""

    path: str
    info: FileInfo


@dataclass(frozen=True)
class RetentionFacts:
    """What was seen on a store: the days past the window, and all that the guards need.

    `papers` are the week packs that hold any of these days, `papers_gone` the records of those that are gone.
    `folders` are those that were listed: all that groups have now, or had as far as records tell. `strays` are the
    files in them under names of days past the window, those of `days` too; `leftovers` are our temporary ones.
    `fresh_days` are the days of which a whole copy must have been sealed lately (today, unless every group is closed),
    `fresh_at` the latest instant at which such a copy was known to be true. `kept_dates` are the days from today on
    that have a manifest. `last_run` is the local day of the last retention, None where there was none; `fault` says
    that this or a record of `fresh_days` could not be read.
    """

    store: str
    clock: datetime
    days: tuple[OldDay, ...] = ()
    papers: tuple[OldPaper, ...] = ()
    papers_gone: tuple[PaperEntry, ...] = ()
    folders: tuple[str, ...] = ()
    strays: tuple[Stray, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    fresh_days: tuple[date, ...] = ()
    fresh_at: datetime | None = None
    kept_dates: tuple[date, ...] = ()
    last_run: date | None = None
    fault: str = ""
