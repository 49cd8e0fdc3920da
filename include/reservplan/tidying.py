"""Retention of what we keep ourselves: captures and reports go with the copies of their day, and what dead runs left.

Planned, guarded, then done, as on the stores; by the archive's own dates, because a store may be away. What went is
noted in the archive, as on a store.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from reservplan.archive import Archive, plan_removal
from reservplan.domain.confirmation import code_of, confirm_command, confirms
from reservplan.domain.days import Window, local_day
from reservplan.domain.deletions import Deletion, What, with_deletions
from reservplan.domain.errors import DeletionRefused
from reservplan.domain.manifest import whole_second
from reservplan.domain.words import say
from reservplan.report import Reports, day_of
from reservplan.settings import Settings
from reservplan.staging import clear_leftovers, leftovers

DELETED_NAME = "deleted.jsonl"
# That nothing was captured lately nobody can answer for: what is there is then the last that a MALL can be made of.
CONFIRMABLE = frozenset({"many"})
OLD, LEFTOVER = "old", "leftover"


@dataclass(frozen=True)
class Tidying:
    """What is to go: days of captures, reports and staging folders by name; `first` is the oldest day that is kept.

    `refusals` are the codes of the guards that say no. Staging folders are of no concern to them, nor to the code with
    which a person confirms the rest: they come and go with every run.
    """

    first: date
    captures: tuple[date, ...] = ()
    reports: tuple[str, ...] = ()
    staging: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        """The days of which anything goes."""
        of_reports = (day_of(name) for name in self.reports)
        return tuple(sorted({*self.captures, *(day for day in of_reports if day is not None)}))

    @property
    def confirmable(self) -> bool:
        """Whether a person can answer for all that the guards say against it."""
        return set(self.refusals) <= CONFIRMABLE

    @property
    def digest(self) -> str:
        """Sha256 over what goes, and what speaks against it."""
        days = [day.isoformat() for day in (self.first, *self.captures)]
        said = [days, list(self.reports), list(self.refusals)]
        return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def in_words(self, settings: Settings, config: str = "") -> list[str]:
        """The plan with its reasons, as people read it."""
        language = settings.language
        days = ", ".join(f"{day:%y%m%d}" for day in self.days)
        plan = say(language, "archive.removes" if days else "archive.kept", days=days, first=self.first)
        staging = say(language, "archive.removes_staging", count=len(self.staging), names=", ".join(self.staging))
        refused = [say(language, "retain.refused", words=words) for words in self.refusals_in_words(settings)]
        return [plan, *([staging] if self.staging else []), *refused, *self.how_to_confirm(settings, config)]

    def refusals_in_words(self, settings: Settings) -> list[str]:
        """Why it is not done; none where it may be done."""
        values = {"days": len(self.days), "limit": settings.thresholds.most_dates_removed_at_once}
        return [say(settings.language, f"archive.refused_{code}", **values) for code in self.refusals]

    def how_to_confirm(self, settings: Settings, config: str = "") -> list[str]:
        """How a refused plan can be confirmed, with the exact command, or that it cannot be."""
        if not self.refusals:
            return []
        if not self.confirmable:
            return [say(settings.language, "retain.not_confirmable")]
        code = code_of(self.digest)
        command = confirm_command(code, ["--archive"], config)
        return [say(settings.language, "retain.confirm", command=command, code=code)]


@dataclass(frozen=True)
class Tidied:
    """What went: files of captures, reports, and folders of staging."""

    files: int
    reports: int
    staging: int


def plan_tidying(settings: Settings, now: datetime, has_ended: Callable[[str], bool] | None = None) -> Tidying:
    """Decide what is too old, or left behind; nothing is touched. `has_ended` says whether a run of an id is over."""
    window = Window(local_day(now, settings.zone), settings.window.days_back, settings.window.days_ahead)
    archive = Archive(settings.archive)
    captured = archive.days()
    reports = [name for name in Reports(settings.reports).names() if (day := day_of(name)) and day < window.first]
    days = {*captured, *(day for name in reports if (day := day_of(name)))}
    most = settings.thresholds.most_dates_removed_at_once
    removal = plan_removal(days, window, _newest(archive, captured), now, most)
    return Tidying(
        first=window.first,
        captures=tuple(day for day in removal.days if day in captured),
        reports=tuple(sorted(reports)),
        staging=tuple(sorted(leftovers(settings.staging, has_ended))),
        refusals=removal.refusals,
    )


def tidy(settings: Settings, tidying: Tidying, *, now: datetime, confirm: str = "") -> Tidied:
    """Remove exactly what the plan lists; `confirm` is the code of a refused plan for which somebody answers.

    Raises:
        DeletionRefused: a guard refuses the plan and nobody has confirmed it; nothing was removed.
    """
    require_confirmed(settings, tidying, confirm)
    archive = Archive(settings.archive)
    files = 0
    for day in tidying.captures:
        count = archive.remove(day)
        files += count
        _note(archive, [_deletion(What.CAPTURES, now, OLD, count, day, tidying)], now)
    reports = Reports(settings.reports).prune(tidying.first)
    of_days = Counter(day_of(name) for name in tidying.reports)
    _note(archive, [_deletion(What.REPORTS, now, OLD, count, day, tidying) for day, count in of_days.items()], now)
    staging = clear_leftovers(settings.staging, only=tidying.staging)
    _note(archive, [_deletion(What.STAGING, now, LEFTOVER, staging)], now)
    return Tidied(files, reports, staging)


def require_confirmed(settings: Settings, tidying: Tidying, given: str) -> None:
    """That no guard refuses the plan, or that somebody who may has confirmed it; else raises DeletionRefused."""
    fits = confirms(given, tidying.digest)
    if (given and not fits) or (tidying.refusals and not (fits and tidying.confirmable)):
        other = [say(settings.language, "archive.other_plan")] if given and not fits else []
        raise DeletionRefused(
            " ".join([*other, *tidying.refusals_in_words(settings)]),
            do=" ".join([say(settings.language, "retain.nothing_removed"), *tidying.how_to_confirm(settings)]),
        )


def _deletion(
    what: What, now: datetime, why: str, count: int, day: date | None = None, plan: Tidying | None = None
) -> Deletion:
    by, confirmed = (code_of(plan.digest), plan.refusals) if plan else ("", ())
    return Deletion(at=whole_second(now), what=what, why=why, by=by, confirmed=confirmed, plan_date=day, count=count)


def _note(archive: Archive, deletions: Sequence[Deletion], now: datetime) -> None:
    """Add what went to the archive's own record, right after it went."""
    done = [deletion for deletion in deletions if deletion.count]
    if done:
        archive.files.write_whole(DELETED_NAME, with_deletions(archive.files.read_or_none(DELETED_NAME), done, at=now))


def _newest(archive: Archive, days: Sequence[date]) -> datetime | None:
    """When the latest capture was read: captures of one run lie on all of its days."""
    read = [capture.read_at for day in days[-3:] for capture in archive.captures(day)]
    return max(read, default=None)
