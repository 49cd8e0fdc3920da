"""What may be removed from a store, decided purely: the plan with a reason for every file, and the guards' refusals."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from reservplan.domain.confirmation import code_of
from reservplan.domain.days import Window, require_aware, utc_text
from reservplan.domain.names import parse_artifact_name
from reservplan.domain.ports import FileInfo
from reservplan.domain.standing import FileState
from reservplan.retain.facts import Leftover, OldFile, RetentionFacts
from reservplan.retain.guards import CONFIRMABLE, Refusal, refusals
from reservplan.settings import Thresholds


class FileReason(StrEnum):
    """Why a file past the window is removed or kept."""

    OLD = "old"  # ours, untouched, older than the window
    EDITED = "edited"  # somebody changed it, or has it open for himself
    DAMAGED = "damaged"  # neither size and time nor content are ours, and it does not open
    FOREIGN = "foreign"  # no record names it
    OTHER_DAY = "other_day"  # a record of this day names it, its own name tells another day


@dataclass(frozen=True)
class Removal:
    """A file to remove, if it is still the `expected` one."""

    plan_date: date
    team: str
    path: str
    expected: FileInfo
    reason: str
    paper: bool = False


@dataclass(frozen=True)
class Kept:
    """A file of a day past the window that stays, and why."""

    path: str
    reason: str
    plan_date: date


@dataclass(frozen=True)
class RetentionPlan:
    """What a retention does to one store.

    `tidied` are the days whose records will say less, or go; `leftovers` the temporary files that go. The rest is what
    the plan was made with, so that it can be made again right before it is done: `digest` then tells whether it is
    still the same.
    """

    store: str
    window: Window
    thresholds: Thresholds
    remove: tuple[Removal, ...] = ()
    keep: tuple[Kept, ...] = ()
    tidied: tuple[date, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    fresh_days: tuple[date, ...] = ()
    folders: tuple[str, ...] = ()
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
    def confirmable(self) -> bool:
        """Whether a person can answer for all that the guards say against it."""
        return {refusal.code for refusal in self.refusals} <= CONFIRMABLE

    @property
    def code(self) -> str:
        """With which a person confirms this very plan."""
        return code_of(self.digest)

    @property
    def digest(self) -> str:
        """Sha256 over what is removed, kept, tidied and refused.

        The instant of planning is no part of it, nor are our own temporary files: they come and go with every run
        that writes, and publishing removes them unasked.
        """
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
    for paper in facts.papers:
        reason = _REASON_OF_STATE[paper.state]
        if _goes(reason, include_edited=include_edited):
            removals.append(Removal(paper.first, paper.team, paper.path, paper.info, reason, paper=True))
        else:
            keep.append(Kept(paper.path, reason, paper.first))
    keep.extend(_unknown(facts, window, removals, keep))
    gone = {removal.path for removal in removals}
    plan_dates = sorted({removal.plan_date for removal in removals})
    return RetentionPlan(
        store=facts.store,
        window=window,
        thresholds=thresholds,
        remove=tuple(sorted(removals, key=lambda r: (r.plan_date, r.path))),
        keep=tuple(sorted(keep, key=lambda kept: kept.path)),
        tidied=tuple(sorted(day.plan_date for day in days if not day.fault and day.records_change(gone))),
        leftovers=facts.leftovers,
        refusals=tuple(refusals(facts, plan_dates, window, thresholds, require_aware(now), language)),
        fresh_days=facts.fresh_days,
        folders=facts.folders,
        language=language,
        include_edited=include_edited,
    )


def _unknown(
    facts: RetentionFacts, window: Window, removals: Iterable[Removal], keep: Iterable[Kept]
) -> Iterator[Kept]:
    """Files under names of old days of which no record tells, such as one that somebody has put back."""
    named = {path.casefold() for path in (*(one.path for one in removals), *(one.path for one in keep))}
    for stray in facts.strays:
        if stray.plan_date < window.first and stray.path.casefold() not in named:
            yield Kept(stray.path, FileReason.FOREIGN, stray.plan_date)


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
