"""Local calendar days: plan_date, today and the window, in the configured time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """The days that must have copies: today - days_back … today + days_ahead, both ends included."""

    today: date
    days_back: int
    days_ahead: int

    @property
    def first(self) -> date:
        """The oldest plan_date that is kept."""
        return self.today - timedelta(days=self.days_back)

    @property
    def last(self) -> date:
        """The farthest plan_date that is expected."""
        return self.today + timedelta(days=self.days_ahead)

    def __contains__(self, plan_date: date) -> bool:
        return self.first <= plan_date <= self.last

    def __iter__(self) -> Iterator[date]:
        return days_between(self.first, self.last)


def days_between(first: date, last: date) -> Iterator[date]:
    """Each day from first to last, both included; none when last is before first."""
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The local calendar day of an aware instant."""
    return require_aware(instant).astimezone(zone).date()


def require_aware(instant: datetime) -> datetime:
    """The instant itself; a naive one is a programming error, because its day is unknown."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("an aware datetime is needed, got a naive one")
    return instant


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight at which the day begins, as an aware local datetime."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def days_for_run(today: date, days_ahead: int) -> list[date]:
    """What a snapshot of `today` captures: today … today + days_ahead."""
    return list(days_between(today, today + timedelta(days=days_ahead)))


def utc_text(instant: datetime) -> str:
    """ISO 8601 in UTC with seconds and a Z, as manifests hold it."""
    return require_aware(instant).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
