"""Windows and local days, over both DST nights, leap days and year ends."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.domain.days import Window, days_between, first_instant, local_day, utc_text
from reservplan.domain.errors import RequestRefused
from reservplan.snapshot import asked_days

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60), st.integers(0, 14))
def test_the_window_has_both_its_ends_and_today(today: date, back: int, ahead: int) -> None:
    window = Window(today, back, ahead)
    days = list(window)
    assert len(days) == back + ahead + 1
    assert today in window
    assert window.first in window
    assert window.last in window
    assert window.first - timedelta(days=1) not in window
    assert window.last + timedelta(days=1) not in window


@pytest.mark.parametrize(("instant", "day"), [
    (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),
    (datetime(2026, 3, 29, 22, 30, tzinfo=UTC), date(2026, 3, 30)),
    (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
    (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 1, 1)),
    (datetime(2028, 2, 28, 23, 30, tzinfo=UTC), date(2028, 2, 29)),
], ids=["spring night", "after spring", "autumn evening", "new year", "leap day"])  # fmt: skip
def test_an_instant_belongs_to_its_local_day(instant: datetime, day: date) -> None:
    assert local_day(instant, STOCKHOLM) == day


def test_a_naive_instant_has_no_day() -> None:
    with pytest.raises(ValueError, match="aware"):
        local_day(datetime(2026, 1, 1), STOCKHOLM)  # noqa: DTZ001 - the fault under test


def test_dst_days_are_23_and_25_hours_long() -> None:
    def hours(day: date) -> float:
        following = first_instant(day + timedelta(days=1), STOCKHOLM)
        return (following.astimezone(UTC) - first_instant(day, STOCKHOLM).astimezone(UTC)).total_seconds() / 3600

    assert (hours(date(2026, 3, 29)), hours(date(2026, 10, 25)), hours(date(2026, 6, 21))) == (23, 25, 24)


def test_instants_are_written_in_utc() -> None:
    assert utc_text(datetime(2022, 6, 21, 5, 2, 11, tzinfo=STOCKHOLM)) == "2022-06-21T03:02:11Z"


TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(("first", "last", "days"), [
    (None, None, [22, 23, 24, 25]), (date(2026, 11, 22), None, [22, 23, 24, 25]), (date(2026, 11, 20), None, [20]),
    (date(2026, 11, 24), None, [24]), (date(2026, 11, 20), date(2026, 11, 21), [20, 21]),
    (date(2026, 11, 21), date(2026, 11, 22), [21, 22, 23, 24, 25]),
], ids=["nothing asked", "today", "a past day", "a coming day", "past days", "past days and today"])  # fmt: skip
def test_today_means_the_days_ahead_too_and_a_past_day_itself_only(
    first: date | None, last: date | None, days: list[int]
) -> None:
    assert [day.day for day in asked_days(first, last, Window(TODAY, 14, 3))] == days


@pytest.mark.parametrize(("first", "last", "said"), [
    (date(2026, 11, 21), date(2026, 11, 20), "The last day, 2026-11-20, is before the first, 2026-11-21."),
    (None, date(2026, 11, 21), "The last day, 2026-11-21, is before the first, 2026-11-22."),
    (date(2026, 11, 7), None, "2026-11-07 is not among the days that are kept, 2026-11-08 to 2026-11-25."),
    (date(2026, 11, 7), date(2026, 11, 9), "2026-11-07 is not among the days that are kept"),
    (None, date(2036, 11, 22), "2036-11-22 is not among the days that are kept"),
    (date(1, 1, 1), date.max, "0001-01-01 is not among the days that are kept"),
])  # fmt: skip
def test_days_in_the_wrong_order_or_that_are_not_kept_are_refused_with_those_that_are(
    first: date | None, last: date | None, said: str
) -> None:
    with pytest.raises(RequestRefused, match=re.escape(said)):
        asked_days(first, last, Window(TODAY, 14, 3))


def test_no_days_lie_between_a_day_and_the_one_before() -> None:
    assert list(days_between(TODAY, TODAY - timedelta(days=1))) == []
