"""What speaks against a deletion plan, each with what it protects; and which of it a person can answer for. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from reservplan.domain.days import Window
from reservplan.domain.words import day_words, say
from reservplan.retain.facts import RetentionFacts
from reservplan.settings import Thresholds

# Retention runs half an hour after the snapshot of the same day; a day of 25 hours and a late export still count.
FRESH_FOR = timedelta(hours=26)
# Longer than a weekend and a holiday: whoever was away so long, or whose clock jumped, is asked to look.
LONGEST_PAUSE = timedelta(days=4)
# Whoever has read the plan can say that these are right. That a clock is wrong, that a record says something else than
# it says, or that there will be something to print tomorrow, nobody can: docs/decisions/0018-confirming-a-deletion.md.
CONFIRMABLE = frozenset({"backwards", "pause", "stale", "many"})


class Refusal(NamedTuple):
    """A guard that refuses the plan; `words` say what is wrong, what it protects and what to do."""

    code: str
    words: str


def refusals(
    facts: RetentionFacts,
    plan_dates: Sequence[date],
    window: Window,
    thresholds: Thresholds,
    now: datetime,
    language: str,
) -> Iterator[Refusal]:
    """Why files of `plan_dates` should not go after all."""

    def refuse(code: str, **values: object) -> Refusal:
        return Refusal(code, say(language, f"retain.refused_{code}", store=facts.store, **values))

    if faults := [fault for fault in (facts.fault, *_faults(facts, window)) if fault]:
        yield refuse("record", faults=" ".join(dict.fromkeys(faults)))
    # A wrong day makes the wrong window, and would be remembered: these hold even where nothing is removed.
    if (apart := abs(facts.clock - now)) > timedelta(minutes=thresholds.clock_skew_minutes):
        limit = f"{thresholds.clock_skew_minutes:g}"
        yield refuse("clock", minutes=round(apart / timedelta(minutes=1)), limit=limit)
    if facts.last_run is not None and (code := _jump(facts.last_run, window.today)):
        yield refuse(code, today=day_words(language, window.today), last=day_words(language, facts.last_run))
    # What follows protects what is about to go; where nothing goes, a refusal would only be noise.
    if not plan_dates:
        return
    if not facts.kept_dates:
        yield refuse("empty")
    if not _is_fresh(facts, thresholds, now):
        yield refuse("stale", hours=FRESH_FOR // timedelta(hours=1))
    if len(plan_dates) > thresholds.most_dates_removed_at_once:
        yield refuse("many", days=len(plan_dates), limit=thresholds.most_dates_removed_at_once)


def _faults(facts: RetentionFacts, window: Window) -> list[str]:
    return [day.fault for day in facts.days if day.plan_date < window.first]


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
