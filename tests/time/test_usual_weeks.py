"""What is usual is what the same weekday had in the weeks before: over leap day, year's end and both clock changes."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from reservplan.domain.counts import COUNTS_NAME, Count, Counts
from reservplan.domain.verdict import Verdict

from tests.time.office import ULLARED, Office, local, ordinary, row

DAY = timedelta(days=1)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def remember(office: Office, today: date, same_weekday: int, others: int, by_hour: Sequence[int] = ()) -> None:
    """Eight weeks of counts on the store, as earlier runs leave them."""
    office.configure(window={"days_back": 14, "days_ahead": 0}, holidays="")
    cells = {}
    for day in (today - n * DAY for n in range(1, 57)):
        visits = same_weekday if day.weekday() == today.weekday() else others
        cells[day] = {ULLARED: Count(visits=visits, verdict=Verdict.COMPLETE, by_hour=tuple(by_hour))}
    place = office.copies / COUNTS_NAME
    place.parent.mkdir()
    place.write_bytes(Counts(cells=cells).to_bytes())


@pytest.mark.parametrize("today", [
    pytest.param(date(2028, 2, 29), id="the leap day"),
    pytest.param(date(2028, 3, 7), id="a week after the leap day"),
    pytest.param(date(2027, 1, 11), id="a week after week 53"),
    pytest.param(SPRING, id="the short day"),
])  # fmt: skip
def test_half_of_what_the_weekday_usually_has_is_incomplete_whatever_other_days_have(
    office: Office, today: date
) -> None:
    remember(office, today, same_weekday=20, others=8)
    done = office.captured(local(f"{today} 05:00"), ordinary(today, visits=8))
    assert done.status == 1
    entry = office.entry(today)
    assert (entry.verdict, [reason.code for reason in entry.reasons]) == ("incomplete", ["far_fewer_than_usual"])
    assert "20" in done.err


def test_what_the_weekday_usually_has_is_complete_though_other_days_have_three_times_as_many(office: Office) -> None:
    remember(office, date(2028, 2, 29), same_weekday=20, others=60)
    done = office.captured(local("2028-02-29 05:00"), ordinary(date(2028, 2, 29), visits=20))
    assert (done.status, done.err, office.entry(date(2028, 2, 29)).verdict) == (0, "", "complete")


def test_the_hour_that_spring_skips_is_not_missed(office: Office) -> None:
    """Every night between two and three a round of five; in that night it is done an hour later, with a remark."""
    usual = [0] * 24
    usual[2], usual[8] = 5, 5
    remember(office, SPRING, same_weekday=10, others=10, by_hour=usual)
    night = [row(SPRING, f"02:{minute}", "5", who="Nils Natt") for minute in (10, 20, 30, 40, 50)]
    morning = [row(SPRING, f"08:{minute}", "5") for minute in (10, 20, 30, 40, 50)]
    office.captured(local("2026-03-29 05:00"), [*night, *morning])
    entry = office.entry(SPRING)
    assert [reason.code for reason in entry.reasons] == ["moved_clock"]
    assert (entry.by_hour[2], entry.by_hour[3], entry.by_hour[8]) == (0, 5, 5)


def test_both_hours_of_autumn_are_counted_as_one_hour_and_every_visit_once(office: Office) -> None:
    times = ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")
    lines = [row(AUTUMN, at, "20", client=f"Kund{n}", who="Nils Natt") for n, at in enumerate(times)]
    remember(office, AUTUMN, same_weekday=6, others=6)
    office.captured(local("2026-10-25 05:00"), [*ordinary(AUTUMN), *lines])
    entry = office.entry(AUTUMN)
    assert (entry.by_hour[2], sum(entry.by_hour), entry.visits) == (2, 6, 6)
