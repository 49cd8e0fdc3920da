"""What is down, and whom to call, by the routine: from what answers and what does not. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from reservplan.domain.words import WORDS, say
from reservplan.watch.problems import Cause

if TYPE_CHECKING:
    from reservplan.settings import Settings
    from reservplan.watch.problems import Problem


class Answer(StrEnum):
    """How an address, a store or a source behaved when it was asked."""

    OK = "ok"
    REFUSED = "refused"  # nobody listens there, or it says no
    SILENT = "silent"  # no answer within the time limit
    WRONG = "wrong"  # it answers, with something else than it should; of a store: it does not let us in
    UNKNOWN_NAME = "unknown_name"  # its name leads nowhere
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class Probed:
    """What answered: `stores` by name; `words` say more of what did not, by the same names, and of `source`."""

    source: Answer = Answer.NOT_ASKED
    own_site: Answer = Answer.NOT_ASKED
    outside: Answer = Answer.NOT_ASKED
    database: Answer = Answer.NOT_ASKED
    scheduler: Answer = Answer.NOT_ASKED
    stores: Mapping[str, Answer] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


class Call(StrEnum):
    """Whom to call: the key of a contact in the settings."""

    IT_SERVICE = "it_service"
    VENDOR = "vendor"
    PLANNER = "planner"
    OPERATIONS = "operations"


@dataclass(frozen=True)
class Diagnosis:
    """Why a problem is there, as far as can be told from outside.

    `words` are in the users' language, and empty where the alert says it anyhow.
    """

    code: str
    call: Call
    words: str


def diagnose(problem: Problem, probed: Probed, settings: Settings, now: datetime, *, run: str = "") -> Diagnosis:
    """The first row of the table that fits; `run` is why the day's snapshot has not come, where somebody could say.

    `now` is aware: the vendor's hours are told, and what to do while nobody answers there.
    """
    found = _Found(problem, probed)
    row = next(row for row in _TABLE if row.fits(found))
    language = settings.language
    sentences = [say(language, f"diagnosis.{row.code}")] if row.is_said else []
    if row.code in _OF_SOURCE and (words := probed.words.get("source")):
        sentences.append(words)
    if row.code in ("not_run", "run") and f"diagnosis.run_{run}" in WORDS:
        sentences.append(say(language, f"diagnosis.run_{run}"))
    if row.call is Call.VENDOR:
        sentences += _vendor_hours(settings, now)
    return Diagnosis(row.code, row.call, " ".join(sentences))


class _Found:
    """What the rows of the table ask."""

    def __init__(self, problem: Problem, probed: Probed) -> None:
        self.cause = problem.cause
        self.note = problem.note.code if problem.note else ""
        self.store = probed.stores.get(problem.store, Answer.NOT_ASKED)
        self.all_answers = probed.source is Answer.OK and probed.outside is Answer.OK
        self.source_is_down = _is_down(probed.source)
        self.outside_is_down = _is_down(probed.outside)
        self.outside_works = probed.outside is Answer.OK
        self.own_works = probed.own_site is Answer.OK
        self.airflow_is_down = _is_down(probed.database) or _is_down(probed.scheduler)

    @property
    def store_is_away(self) -> bool:
        return self.cause is Cause.STORE_AWAY

    @property
    def wants_source(self) -> bool:
        """Whether an export that does not come would explain it."""
        return self.cause in (Cause.NOT_SAVED, Cause.INCOMPLETE) or self.note in _NOTED_SOURCE


def _is_down(answer: Answer) -> bool:
    return answer not in (Answer.OK, Answer.NOT_ASKED)


@dataclass(frozen=True)
class _Row:
    """A code, whom to call, and when it fits; what the alert says anyhow is not said."""

    code: str
    call: Call
    fits: Callable[[_Found], bool]
    is_said: bool = True


_NOTED_SOURCE = ("source", "source_late")
_OF_SOURCE = ("internet", "internet_only", "source", "source_untold")
_TABLE: Sequence[_Row] = (
    # What lies at a store that is away matters to nobody until it is back.
    _Row("store_refused", Call.IT_SERVICE, lambda it: it.store_is_away and it.store is Answer.WRONG),
    _Row("store_refused", Call.IT_SERVICE, lambda it: it.store_is_away and it.note == "store_refused"),
    _Row("store_full", Call.IT_SERVICE, lambda it: it.store_is_away and it.note == "store_full"),
    _Row("store_internet", Call.IT_SERVICE, lambda it: it.store_is_away and it.outside_is_down and not it.own_works),
    _Row("store", Call.IT_SERVICE, lambda it: it.store_is_away and it.outside_works),
    _Row("store_away", Call.IT_SERVICE, lambda it: it.store_is_away, is_said=False),
    _Row("airflow", Call.OPERATIONS, lambda it: it.cause is Cause.AIRFLOW, is_said=False),
    # Why a run failed stands in its own words; only what they cannot know is added.
    _Row("settings", Call.OPERATIONS, lambda it: it.note == "settings"),
    _Row("store_full", Call.IT_SERVICE, lambda it: it.note == "store_full"),
    _Row("store_refused", Call.IT_SERVICE, lambda it: it.note == "store_refused"),
    _Row("staging", Call.IT_SERVICE, lambda it: it.note == "staging"),
    _Row("unwritten", Call.IT_SERVICE, lambda it: it.note == "unwritten" and it.cause is Cause.NOT_SAVED),
    _Row("internet_only", Call.IT_SERVICE, lambda it: _no_internet(it) and it.own_works),
    _Row("internet", Call.IT_SERVICE, lambda it: _no_internet(it)),
    _Row("source", Call.VENDOR, lambda it: it.wants_source and it.source_is_down and it.outside_works),
    _Row("source_untold", Call.VENDOR, lambda it: it.wants_source and it.source_is_down),
    _Row("source_read", Call.VENDOR, lambda it: it.note in _NOTED_SOURCE),
    _Row("airflow", Call.OPERATIONS, lambda it: it.cause is Cause.NOT_SAVED and it.airflow_is_down),
    _Row("it_service", Call.IT_SERVICE, lambda it: it.note in ("store", "record"), is_said=False),
    _Row("incomplete", Call.PLANNER, lambda it: it.cause is Cause.INCOMPLETE and it.all_answers),
    _Row("not_run", Call.OPERATIONS, lambda it: it.cause is Cause.NOT_SAVED and not it.note and it.all_answers),
    _Row("run", Call.OPERATIONS, lambda it: it.cause is Cause.NOT_SAVED and not it.note, is_said=False),
    _Row(
        "planner",
        Call.PLANNER,
        lambda it: it.cause in (Cause.INCOMPLETE, Cause.EDITED, Cause.OPEN, Cause.STRAY, Cause.UNKNOWN_TEAM),
        is_said=False,
    ),
    _Row(
        "it_service",
        Call.IT_SERVICE,
        lambda it: it.cause in (Cause.RETENTION, Cause.OVERDUE, Cause.CLOCK, Cause.RECORD),
        is_said=False,
    ),
    _Row("operations", Call.OPERATIONS, lambda _: True, is_said=False),
)


def _no_internet(it: _Found) -> bool:
    return it.wants_source and it.source_is_down and it.outside_is_down


# `vardagar 08–17`, `mån–fre 8.00-16.30`: days are told by their words, hours by the first two clock times.
_HOURS = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?\s*[-–]\s*(\d{1,2})(?:[.:](\d{2}))?")
_WORKING_DAYS = ("vardag", "mån–fre", "mån-fre", "måndag–fredag", "måndag-fredag", "weekday", "mon-fri", "mon–fri")
_SATURDAY = 5


def _vendor_hours(settings: Settings, now: datetime) -> list[str]:
    vendor = settings.contacts.vendor
    if not vendor.hours:
        return []
    key = "closed" if is_closed(vendor.hours, now.astimezone(settings.zone)) else "hours"
    return [say(settings.language, f"diagnosis.vendor_{key}", vendor=vendor.name, hours=vendor.hours)]


def is_closed(hours: str, now: datetime) -> bool:
    """Whether nobody answers at a local time, as far as the words for the hours can be read."""
    found = _HOURS.search(hours)
    if found is None:
        return False
    first, last = (int(found[n]) * 60 + int(found[n + 1] or 0) for n in (1, 3))
    working_days_only = any(word in hours.lower() for word in _WORKING_DAYS)
    if working_days_only and now.weekday() >= _SATURDAY:
        return True
    minutes = now.hour * 60 + now.minute
    # Hours that pass midnight, or that cannot be clock times, close nothing.
    return first < last <= 24 * 60 and not first <= minutes < last
