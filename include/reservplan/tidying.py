"""Retention of what we keep ourselves: captures and reports go with the copies of their day.

Planned, guarded, then done, as on the stores; by the archive's own dates, because a store may be away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reservplan.archive import Archive, ArchiveRemoval, plan_removal
from reservplan.domain.days import Window, local_day
from reservplan.domain.words import say
from reservplan.report import Reports
from reservplan.settings import Settings


@dataclass(frozen=True)
class Tidying:
    """What is to go; `first` is the oldest day that is kept."""

    first: date
    removal: ArchiveRemoval

    def in_words(self, settings: Settings) -> list[str]:
        """The plan with its reasons, as people read it."""
        language = settings.language
        if not self.removal.days:
            return [say(language, "archive.kept", first=self.first)]
        days = ", ".join(f"{day:%y%m%d}" for day in self.removal.days)
        refused = [say(language, "retain.refused", words=words) for words in self.refusals(settings)]
        return [say(language, "archive.removes", days=days), *refused]

    def refusals(self, settings: Settings) -> list[str]:
        """Why nothing of it is done; none where it may be done."""
        values = {"days": len(self.removal.days), "limit": settings.thresholds.most_dates_removed_at_once}
        return [say(settings.language, f"archive.refused_{code}", **values) for code in self.removal.refusals]


def plan_tidying(settings: Settings, now: datetime) -> Tidying:
    """Decide what of the archive is too old; nothing is touched."""
    window = Window(local_day(now, settings.zone), settings.window.days_back, settings.window.days_ahead)
    archive = Archive(settings.archive)
    days = archive.days()
    most = settings.thresholds.most_dates_removed_at_once
    return Tidying(window.first, plan_removal(days, window, _newest(archive, days), now, most))


def tidy(settings: Settings, tidying: Tidying) -> tuple[int, int]:
    """Remove exactly what the plan lists, and the reports of those days; returns how many files and reports."""
    archive = Archive(settings.archive)
    files = sum(archive.remove(day) for day in tidying.removal.days)
    return files, Reports(settings.reports).prune(tidying.first)


def _newest(archive: Archive, days: Sequence[date]) -> datetime | None:
    """When the latest capture was read: captures of one run lie on all of its days."""
    read = [capture.read_at for day in days[-3:] for capture in archive.captures(day)]
    return max(read, default=None)
