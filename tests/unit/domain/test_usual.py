"""What a group usually has on such a day: which days are of one kind, and which of them count."""

from datetime import date, timedelta

import pytest
from reservplan.domain.counts import Count, Counts
from reservplan.domain.plan import Cell
from reservplan.domain.usual import SUNDAY, Usual, is_holiday, kind_of_day, usual_of
from reservplan.domain.verdict import Verdict

DAY = timedelta(days=1)
TUESDAY = date(2026, 11, 24)


def count(visits: int, verdict: Verdict = Verdict.COMPLETE, by_hour: tuple[int, ...] = ()) -> Count:
    return Count(visits=visits, verdict=verdict, by_hour=by_hour)


def counts(**days: Count | int) -> Counts:
    made = {name: one if isinstance(one, Count) else count(one) for name, one in days.items()}
    return Counts(cells={date.fromisoformat(name[1:].replace("_", "-")): {"Ullared": c} for name, c in made.items()})


def usual(day: date, given: Counts, **more: object) -> Usual:
    known: dict[str, object] = {"active_from": {}, "country": "SE", "hour_samples": 3, **more}
    cell = Cell(day, "Ullared")
    return usual_of([cell], given, **known)[cell]  # type: ignore[arg-type]


@pytest.mark.parametrize(("day", "kept"), [
    ("2026-06-19", True), ("2026-06-20", True), ("2026-12-24", True), ("2026-12-25", True), ("2026-12-31", True),
    ("2026-01-06", True), ("2026-05-14", True), ("2026-11-24", False), ("2026-06-21", False), ("2028-02-29", False),
])  # fmt: skip
def test_swedish_holidays_with_the_eves_that_everybody_keeps(day: str, kept: bool) -> None:
    assert is_holiday(date.fromisoformat(day), "SE") is kept
    assert not is_holiday(date.fromisoformat(day), "")


def test_a_holiday_is_a_sunday() -> None:
    midsummer_eve = date(2026, 6, 19)
    assert midsummer_eve.weekday() == 4
    assert kind_of_day(midsummer_eve, "SE") == SUNDAY
    assert kind_of_day(midsummer_eve, "") == 4
    assert kind_of_day(midsummer_eve + 2 * DAY, "SE") == SUNDAY


def test_the_same_weekday_of_the_weeks_before_in_order() -> None:
    given = counts(_2026_11_17=210, _2026_11_10=204, _2026_11_03=221, _2026_11_16=90, _2026_11_23=95)
    found = usual(TUESDAY, given)
    assert (found.visits, found.median, found.holiday) == ((204, 210, 221), 210, False)


def test_a_day_counts_neither_itself_nor_days_after_it_nor_copies_that_were_incomplete() -> None:
    given = counts(_2026_11_24=1, _2026_12_01=2, _2026_11_17=count(3, Verdict.INCOMPLETE),
                   _2026_11_10=count(204, Verdict.REMARKS))  # fmt: skip
    assert usual(TUESDAY, given).visits == (204,)


def test_what_was_before_the_group_began_anew_does_not_count() -> None:
    given = counts(_2026_11_17=210, _2026_11_10=104)
    assert usual(TUESDAY, given, active_from={"Ullared": date(2026, 11, 11)}).visits == (210,)


def test_a_holiday_is_compared_with_sundays_and_counts_as_one() -> None:
    sundays = {"_2026_05_31": 120, "_2026_06_07": 122, "_2026_06_14": 124}
    midsummer = usual(date(2026, 6, 19), counts(**sundays, _2026_06_12=210))
    assert (midsummer.visits, midsummer.holiday) == ((120, 122, 124), True)
    # The Friday after is no holiday, and Midsummer Eve is no Friday.
    friday = usual(date(2026, 6, 26), counts(**sundays, _2026_06_12=210, _2026_06_19=121))
    assert (friday.visits, friday.holiday) == ((210,), False)
    sunday = usual(date(2026, 6, 21), counts(**sundays, _2026_06_19=121))
    assert sunday.visits == (120, 121, 122, 124)


def test_a_new_group_has_nothing_usual() -> None:
    found = usual(TUESDAY, Counts())
    assert (found.visits, found.median, found.by_hour) == ((), 0, ())


def test_hours_need_as_many_samples_as_a_verdict() -> None:
    hours = tuple(10 if hour == 8 else 0 for hour in range(24))
    two = counts(_2026_11_17=count(10, by_hour=hours), _2026_11_10=count(10, by_hour=hours), _2026_11_03=10)
    assert usual(TUESDAY, two).by_hour == ()
    three = counts(**{f"_2026_11_{day}": count(10, by_hour=hours) for day in ("17", "10", "03")})
    assert usual(TUESDAY, three).by_hour == tuple(map(float, hours))
