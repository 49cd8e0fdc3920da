"""From the lines of a month's looks to its numbers. Pure; every number is defined on the page itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from reservplan.domain.days import ONE_DAY, days_between, first_instant
from reservplan.history import EVERY, Line
from reservplan.settings import Settings, Team


class Mark(StrEnum):
    """A group's day: every look from `due_by` on found it whole on every store, or one did not, or nobody looked."""

    WHOLE = "whole"
    SHORT = "short"
    UNSEEN = "unseen"
    CLOSED = "closed"
    NONE = "none"  # the group had not begun, had ended, or the day is still to come


@dataclass(frozen=True)
class TeamMonth:
    """A group's month; `gap` is the longest unbroken time without a whole copy of the day."""

    team: str
    marks: tuple[Mark, ...]
    gap: timedelta

    def count(self, mark: Mark) -> int:
        """How many days have a mark."""
        return self.marks.count(mark)

    @property
    def perfect(self) -> bool:
        """Whether no look found it short; what nobody looked at is said of all."""
        return not self.count(Mark.SHORT) and not self.gap


@dataclass(frozen=True)
class Lasted:
    """An incident as far as the month had to do with it; `open_at_end` where it had not ended."""

    cause: str
    store: str
    severity: str
    lasted: timedelta
    open_at_end: bool


@dataclass(frozen=True)
class Reckoned:
    """The numbers of a month; `looked` is the time in which the watch was looking, of `period`."""

    days: tuple[date, ...]
    teams: tuple[TeamMonth, ...]
    incidents: tuple[Lasted, ...]
    days_seen: int
    days_overdue: int
    looked: timedelta
    period: timedelta
    healed: int


def reckon(lines: Sequence[Line], settings: Settings, first: date, now: datetime) -> Reckoned:
    """The month that begins on `first`, as far as it has come at `now`.

    `lines` may reach into other months: incidents begin there. A day that has not come to `due_by` has no mark.
    """
    last = (first + 31 * ONE_DAY).replace(day=1) - ONE_DAY
    days = tuple(days_between(first, last))
    began = first_instant(first, settings.zone).astimezone(UTC)
    ends = min(first_instant(last + ONE_DAY, settings.zone).astimezone(UTC), now.astimezone(UTC))
    looks = [look for line in lines if (look := _Look.of(line)) and began <= look.at < ends]
    teams = _teams(looks, settings)
    marks = {day: _DayMarks.of([look for look in looks if look.day == day], settings, day) for day in days}
    gaps = _gaps(looks, teams, settings, ends)
    return Reckoned(
        days=days,
        teams=tuple(
            TeamMonth(team, tuple(_mark(team, day, marks[day], settings, now) for day in days), gaps[team])
            for team in teams
        ),
        incidents=tuple(_incidents(lines, began, ends)),
        days_seen=len({look.day for look in looks if look.saw}),
        days_overdue=len({look.day for look in looks if look.overdue}),
        looked=_looked([look.at for look in looks], began, ends, settings),
        period=ends - began,
        healed=sum(look.healed for look in looks),
    )


@dataclass(frozen=True)
class _Look:
    """One round: groups that were short or closed at any store; `EVERY` in them for all. A store away is all short."""

    at: datetime
    day: date
    short: frozenset[str]
    shut: frozenset[str]
    saw: bool
    overdue: bool
    expecting: bool
    healed: int

    @classmethod
    def of(cls, line: Line) -> "_Look | None":
        """None where the line is none of a look, or nobody can say of which day."""
        if "stores" not in line or "day" not in line:
            return None
        stores: Mapping[str, Any] = line["stores"]
        away = any(store.get("away") for store in stores.values())
        seen = [store for store in stores.values() if not store.get("away")]
        return cls(
            at=datetime.fromisoformat(line["at"]),
            day=date.fromisoformat(line["day"]),
            short=frozenset({EVERY} if away else ()) | _names(store.get("short", ()) for store in seen),
            shut=_names(store.get("shut", ()) for store in seen),
            saw=bool(seen),
            overdue=any(store.get("overdue") for store in seen),
            # Before a store's first seal nothing is expected there, and nothing shown.
            expecting=away or any(store.get("today") for store in seen),
            healed=line.get("healed", 0),
        )


def _names(found: Iterable[str | Sequence[str]]) -> frozenset[str]:
    return frozenset(name for names in found for name in ([names] if isinstance(names, str) else names))


@dataclass(frozen=True)
class _DayMarks:
    seen: bool
    short: frozenset[str]
    shut: frozenset[str]

    @classmethod
    def of(cls, looks: Sequence[_Look], settings: Settings, day: date) -> "_DayMarks":
        due = datetime.combine(day, settings.schedule.due_by, tzinfo=settings.zone).astimezone(UTC)
        late = [look for look in looks if look.at >= due and look.expecting]
        return cls(
            bool(late),
            frozenset().union(*(look.short for look in late)),
            frozenset().union(*(look.shut for look in late)),
        )


def _mark(team: str, day: date, found: _DayMarks, settings: Settings, now: datetime) -> Mark:
    known = _known(team, settings)
    due = datetime.combine(day, settings.schedule.due_by, tzinfo=settings.zone)
    if now < due or (known is not None and not known.expected_on(day)):
        return Mark.NONE
    if known is not None and known.closed_on(day):
        return Mark.CLOSED
    if not found.seen:
        return Mark.UNSEEN
    if team in found.short:
        return Mark.SHORT
    if found.shut & {team, EVERY}:
        return Mark.CLOSED
    return Mark.SHORT if EVERY in found.short else Mark.WHOLE


def _teams(looks: Iterable[_Look], settings: Settings) -> tuple[str, ...]:
    """Those of the settings, and those that fell short in the month and are not in the settings any more."""
    named = {name for look in looks for name in look.short} - {EVERY}
    return tuple(dict.fromkeys([*(team.name for team in settings.teams), *sorted(named)]))


def _known(team: str, settings: Settings) -> Team | None:
    return next((one for one in settings.teams if one.name == team), None)


def _owed(team: Team | None, day: date) -> bool:
    return team is None or (team.expected_on(day) and not team.closed_on(day))


def _gaps(looks: Sequence[_Look], teams: Sequence[str], settings: Settings, ends: datetime) -> dict[str, timedelta]:
    """By group the longest time from a look that found it short to the next that did not; closed days have none."""
    longest = dict.fromkeys(teams, timedelta(0))
    since: dict[str, datetime] = {}
    known = {team: _known(team, settings) for team in teams}
    owed = {day: {team for team in teams if _owed(known[team], day)} for day in {look.day for look in looks}}
    for look in looks:
        shut = owed[look.day] if EVERY in look.shut else look.shut
        short = (owed[look.day] if EVERY in look.short else look.short & owed[look.day]) - shut
        for team in since.keys() - short:
            longest[team] = max(longest[team], look.at - since.pop(team))
        for team in short - since.keys():
            since[team] = look.at
    for team, began in since.items():
        longest[team] = max(longest[team], ends - began)
    return longest


def _looked(at: Sequence[datetime], began: datetime, ends: datetime, settings: Settings) -> timedelta:
    """The period without the times in which there was no look for longer than `silent_minutes`."""
    silent = timedelta(minutes=settings.watch.silent_minutes)
    between = [later - earlier for earlier, later in pairwise([began, *at, ends])]
    return (ends - began) - sum((gap for gap in between if gap > silent), timedelta(0))


def _incidents(lines: Iterable[Line], began: datetime, ends: datetime) -> Iterator[Lasted]:
    last: dict[tuple[str, str, str], Line] = {}
    for line in lines:
        if "incident" in line and datetime.fromisoformat(line["at"]) < ends:
            key = (line["cause"], line["store"], line["opened_at"])
            # Two watchers may tell the same; that it ended counts.
            if "closed_at" in line or key not in last:
                last[key] = line
    for (cause, store, opened), line in last.items():
        closed = datetime.fromisoformat(line["closed_at"]) if "closed_at" in line else None
        if closed is None or closed >= began:
            lasted = (closed or ends) - datetime.fromisoformat(opened)
            yield Lasted(cause, store, line["severity"], lasted, closed is None)
