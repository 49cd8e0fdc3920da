"""What may be removed from a store, decided purely: the plan with its reasons, and the guards that refuse it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from reservplan.domain.days import Window, require_aware, utc_text
from reservplan.domain.manifest import CellEntry, Intended, Intent, Manifest
from reservplan.domain.names import parse_artifact_name
from reservplan.domain.ports import FileInfo
from reservplan.domain.standing import FileState
from reservplan.domain.words import day_words, say
from reservplan.settings import Thresholds

# Retention runs half an hour after the snapshot of the same day; a day of 25 hours and a late export still count.
FRESH_FOR = timedelta(hours=26)
# Longer than a weekend and a holiday: whoever was away so long, or whose clock jumped, is asked to look.
LONGEST_PAUSE = timedelta(days=4)


class FileReason(StrEnum):
    """Why a file past the window is removed or kept."""

    OLD = "old"  # ours, untouched, older than the window
    EDITED = "edited"  # somebody changed it, or has it open for himself
    DAMAGED = "damaged"  # neither size and time nor content are ours, and it does not open
    FOREIGN = "foreign"  # no record names it
    OTHER_DAY = "other_day"  # a record of this day names it, its own name tells another day


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
class RetentionFacts:
    """What was seen on a store: the days past the window, and all that the guards need.

    `papers` are the week packs that hold any of these days, `papers_gone` the recorded paths where none lies any more.
    `fresh_days` are the days of which a whole copy must have been sealed lately (today, unless every group is closed),
    `fresh_at` the latest instant at which such a copy was known to be true. `kept_dates` are the days from today on
    that have a manifest. `last_run` is the local day of the last retention, None where there was none; `fault` says
    that this or a record of `fresh_days` could not be read.
    """

    store: str
    clock: datetime
    days: tuple[OldDay, ...] = ()
    papers: tuple[OldPaper, ...] = ()
    papers_gone: tuple[str, ...] = ()
    fresh_days: tuple[date, ...] = ()
    fresh_at: datetime | None = None
    kept_dates: tuple[date, ...] = ()
    last_run: date | None = None
    fault: str = ""


@dataclass(frozen=True)
class Removal:
    """A file to remove, if it is still the `expected` one."""

    plan_date: date
    team: str
    path: str
    expected: FileInfo
    reason: str


@dataclass(frozen=True)
class Kept:
    """A file of a day past the window that stays, and why: a `FileReason`, or the store's outcome where it failed."""

    path: str
    reason: str
    plan_date: date


class Refusal(NamedTuple):
    """A guard that refuses the plan; `words` say what is wrong and what to do, in the users' language."""

    code: str
    words: str


@dataclass(frozen=True)
class RetentionPlan:
    """What a retention does to one store.

    `tidied` are the days whose records will say less, or go. The rest is what the plan was made with, so that it can
    be made again right before it is done: `digest` then tells whether it is still the same.
    """

    store: str
    window: Window
    thresholds: Thresholds
    remove: tuple[Removal, ...] = ()
    keep: tuple[Kept, ...] = ()
    tidied: tuple[date, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    fresh_days: tuple[date, ...] = ()
    language: str = "sv"
    include_edited: bool = False

    @property
    def bytes(self) -> int:
        """The size of all that is to be removed."""
        return sum(removal.expected.size_bytes for removal in self.remove)

    @property
    def plan_dates(self) -> tuple[date, ...]:
        """The days of which anything is removed."""
        return tuple(sorted({removal.plan_date for removal in self.remove}))

    @property
    def digest(self) -> str:
        """Sha256 over what is removed, kept, tidied and refused; the instant of planning is no part of it."""
        said = {
            "store": self.store,
            "today": self.window.today.isoformat(),
            "first_kept": self.window.first.isoformat(),
            "remove": [
                [r.path, r.expected.size_bytes, utc_text(r.expected.mtime), r.team, r.plan_date.isoformat(), r.reason]
                for r in self.remove
            ],
            "keep": [[kept.path, kept.reason] for kept in self.keep],
            "tidied": [day.isoformat() for day in self.tidied],
            "refusals": [refusal.code for refusal in self.refusals],
        }
        return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def plan_retention(
    facts: RetentionFacts,
    window: Window,
    thresholds: Thresholds,
    now: datetime,
    *,
    language: str = "sv",
    include_edited: bool = False,
) -> RetentionPlan:
    """Decide what goes and what stays of the days before the window, and whether the plan looks wrong. Pure.

    `now` is aware. With `include_edited` files of ours that somebody changed, or that are damaged, go as well.
    """
    days = [day for day in facts.days if day.plan_date < window.first]
    removals: list[Removal] = []
    keep: list[Kept] = []
    for day in days:
        for file in day.files:
            reason = _reason(file, day.plan_date)
            if _goes(reason, include_edited=include_edited) and not day.fault:
                removals.append(Removal(day.plan_date, file.team, file.path, file.info, reason))
            else:
                keep.append(Kept(file.path, reason, day.plan_date))
        keep.extend(Kept(path, FileReason.FOREIGN, day.plan_date) for path in day.foreign)
    gone = {removal.path for removal in removals}
    for paper in facts.papers:
        reason = _REASON_OF_STATE[paper.state]
        if _goes(reason, include_edited=include_edited):
            removals.append(Removal(paper.first, paper.team, paper.path, paper.info, reason))
        else:
            keep.append(Kept(paper.path, reason, paper.first))
    return RetentionPlan(
        store=facts.store,
        window=window,
        thresholds=thresholds,
        remove=tuple(sorted(removals, key=lambda r: (r.plan_date, r.path))),
        keep=tuple(sorted(keep, key=lambda kept: kept.path)),
        tidied=tuple(sorted(day.plan_date for day in days if not day.fault and day.records_change(gone))),
        refusals=tuple(_refusals(facts, days, removals, window, thresholds, require_aware(now), language)),
        fresh_days=facts.fresh_days,
        language=language,
        include_edited=include_edited,
    )


_REASON_OF_STATE: Mapping[FileState, FileReason] = {
    FileState.WHOLE: FileReason.OLD,
    FileState.OLDER: FileReason.OLD,
    FileState.EDITED: FileReason.EDITED,
    FileState.DAMAGED: FileReason.DAMAGED,
}


def _reason(file: OldFile, plan_date: date) -> FileReason:
    named = parse_artifact_name(file.info.name)
    # A record that names another day's file would otherwise take a day inside the window with it.
    if named is None or named.plan_date != plan_date:
        return FileReason.OTHER_DAY
    return _REASON_OF_STATE[file.state]


def _goes(reason: FileReason, *, include_edited: bool) -> bool:
    return reason is FileReason.OLD or (include_edited and reason in (FileReason.EDITED, FileReason.DAMAGED))


def _refusals(
    facts: RetentionFacts,
    days: Iterable[OldDay],
    removals: Iterable[Removal],
    window: Window,
    thresholds: Thresholds,
    now: datetime,
    language: str,
) -> Iterator[Refusal]:
    def refuse(code: str, **values: object) -> Refusal:
        return Refusal(code, say(language, f"retain.refused_{code}", store=facts.store, **values))

    if faults := [fault for fault in (facts.fault, *(day.fault for day in days)) if fault]:
        yield refuse("record", faults=" ".join(dict.fromkeys(faults)))
    # A wrong day makes the wrong window, and would be remembered: these hold even where nothing is removed.
    if (apart := abs(facts.clock - now)) > timedelta(minutes=thresholds.clock_skew_minutes):
        limit = f"{thresholds.clock_skew_minutes:g}"
        yield refuse("clock", minutes=round(apart / timedelta(minutes=1)), limit=limit)
    if facts.last_run is not None and (code := _jump(facts.last_run, window.today)):
        yield refuse(code, today=day_words(language, window.today), last=day_words(language, facts.last_run))
    # What follows protects what is about to go; where nothing goes, a refusal would only be noise.
    plan_dates = {removal.plan_date for removal in removals}
    if not plan_dates:
        return
    if not facts.kept_dates:
        yield refuse("empty")
    if not _is_fresh(facts, thresholds, now):
        yield refuse("stale", hours=FRESH_FOR // timedelta(hours=1))
    if len(plan_dates) > thresholds.most_dates_removed_at_once:
        yield refuse("many", days=len(plan_dates), limit=thresholds.most_dates_removed_at_once)


def _jump(last_run: date, today: date) -> str:
    """The code of a calendar that went back, or made too long a step since the last run; empty where neither."""
    if today < last_run:
        return "backwards"
    return "pause" if today - last_run > LONGEST_PAUSE else ""


def _is_fresh(facts: RetentionFacts, thresholds: Thresholds, now: datetime) -> bool:
    if facts.fresh_at is None:
        return False
    # What claims to be captured later than now comes of a clock that was wrong.
    return -timedelta(minutes=thresholds.clock_skew_minutes) <= now - facts.fresh_at <= FRESH_FOR
