"""The cover of a week pack: which days and captures the file holds, on which pages, and which are missing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from reservplan.domain.days import utc_text
from reservplan.domain.names import PaperKind, nfc
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import date_words, day_words, moment_words, say, week_words
from reservplan.render.lettering import clean
from reservplan.render.show import STAMP
from reservplan.settings import Settings

# A file needs a time that no clock gives: the same papers are the same bytes.
NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_SUNDAY = timedelta(days=6)


@dataclass(frozen=True)
class WeekDay:
    """One day of the pack; `missing` says by a code why it has no pages, "" where it has.

    `too_old` says that the export was old already when it was read.
    """

    plan_date: date
    first_page: int | None
    last_page: int | None
    captured_at: datetime | None
    verdict: Verdict | None
    created_afterwards: bool
    missing: str
    too_old: bool = False


@dataclass(frozen=True)
class WeekCover:
    """The week of one group from its monday on; `blanks_first_page` is where the forms to fill in begin."""

    team: str
    monday: date
    days: tuple[WeekDay, ...]
    blanks_first_page: int


def show_week_cover(cover: WeekCover, settings: Settings) -> dict[str, Any]:
    """All texts of the cover, final and cleaned."""
    language = settings.language
    captures = [day.captured_at for day in cover.days if day.captured_at is not None]
    held = sum(not day.missing for day in cover.days)
    return {
        "kind": PaperKind.WEEK.value,
        "language": language,
        STAMP: {"captured_at": utc_text(max(captures, default=NO_TIME))},
        "title": f"{week_words(language, cover.monday).capitalize()} {say(language, 'paper.list')} {_team(cover)}",
        "author": clean(settings.organisation),
        "week": week_words(language, cover.monday).upper(),
        "dates": say(
            language,
            "week.dates",
            first=date_words(language, cover.monday),
            last=date_words(language, cover.monday + _SUNDAY),
        ),
        "team": _team(cover),
        "holds": say(language, "week.holds", count=held),
        "labels": {name: say(language, f"week.label_{name}") for name in ("captured", "day", "pages", "verdict")},
        "days": [_day(day, settings) for day in cover.days],
        "blanks": say(language, "week.blanks"),
        "blanks_pages": say(language, "week.pages_from", first=cover.blanks_first_page),
        "steps_heading": say(language, "week.steps"),
        "steps": [say(language, f"week.step_{number}") for number in (1, 2, 3, 4, 5)],
        "footer": f"{clean(settings.organisation, 50)} · {say(language, 'paper.footer_return')}",
    }


def _team(cover: WeekCover) -> str:
    return clean(nfc(cover.team))


def _day(day: WeekDay, settings: Settings) -> dict[str, Any]:
    language = settings.language
    name = day_words(language, day.plan_date).capitalize()
    if day.missing or day.first_page is None:
        why = say(language, f"week.missing_{day.missing}") if day.missing else ""
        return {"day": name, "missing": why, "pages": "", "captured": "", "verdict": "", "whole": False}
    more = {"old": day.too_old, "afterwards": day.created_afterwards}
    marks = [say(language, f"week.{mark}") for mark, holds in more.items() if holds]
    verdict = [say(language, f"paper.verdict_{day.verdict.value}")] if day.verdict is not None else []
    return {
        "day": name,
        "missing": "",
        "pages": say(language, _pages_key(day), first=day.first_page, last=day.last_page),
        "captured": moment_words(language, day.captured_at, settings.zone) if day.captured_at else "",
        "verdict": " · ".join((*verdict, *marks)),
        "whole": day.verdict is not None and day.verdict.whole,
    }


def _pages_key(day: WeekDay) -> str:
    return "week.page" if day.first_page == day.last_page else "week.pages"
