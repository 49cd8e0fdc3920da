"""Week 53, the leap day, the year's end: headings, names, windows, and the weeks that validation compares with."""

from datetime import date, timedelta

import pytest

from tests.time.office import Office, local, ordinary

DAY = timedelta(days=1)


@pytest.mark.parametrize(("today", "headings"), [
    pytest.param(date(2026, 12, 27), [
        "SÖNDAG 27 DECEMBER 2026 · vecka 52", "MÅNDAG 28 DECEMBER 2026 · vecka 53",
    ], id="into week 53"),
    pytest.param(date(2026, 12, 31), [
        "TORSDAG 31 DECEMBER 2026 · vecka 53", "FREDAG 1 JANUARI 2027 · vecka 53", "LÖRDAG 2 JANUARI 2027 · vecka 53",
        "SÖNDAG 3 JANUARI 2027 · vecka 53", "MÅNDAG 4 JANUARI 2027 · vecka 1",
    ], id="over the year's end and out of week 53"),
    pytest.param(date(2028, 2, 28), [
        "MÅNDAG 28 FEBRUARI 2028 · vecka 9", "TISDAG 29 FEBRUARI 2028 · vecka 9", "ONSDAG 1 MARS 2028 · vecka 9",
    ], id="over the leap day"),
    pytest.param(date(2027, 2, 28), [
        "SÖNDAG 28 FEBRUARI 2027 · vecka 8", "MÅNDAG 1 MARS 2027 · vecka 9",
    ], id="a year without a leap day"),
])  # fmt: skip
def test_every_page_says_its_day_and_the_week_of_the_calendar_on_the_wall(
    office: Office, today: date, headings: list[str]
) -> None:
    office.configure(window={"days_back": 14, "days_ahead": len(headings) - 1})
    days = [today + n * DAY for n in range(len(headings))]
    done = office.captured(local(f"{today} 05:00"), ordinary(*days))
    assert (done.status, done.err) == (0, "")
    assert office.days() == [f"{day:%y%m%d}" for day in days]
    for day, heading in zip(days, headings, strict=True):
        for kind in ("Brukarschema", "Översiktsschema"):
            assert all(heading in " ".join(page.split()) for page in office.pages(day, kind))


@pytest.mark.parametrize(("today", "removed", "kept"), [
    pytest.param(date(2028, 3, 14), "280228", "280229", id="the leap day is the first that stays"),
    pytest.param(date(2028, 3, 15), "280229", "280301", id="the leap day goes", marks=pytest.mark.long),
    pytest.param(date(2027, 1, 10), "261226", "261227", id="over the year's end", marks=pytest.mark.long),
])  # fmt: skip
def test_the_window_reaches_two_weeks_back_whatever_the_calendar_does(
    office: Office, today: date, removed: str, kept: str
) -> None:
    old = today - 15 * DAY
    office.captured(local(f"{old} 05:00"), ordinary(old, old + DAY))
    office.captured(local(f"{today} 05:00"), ordinary(today, today + DAY))
    expected = sorted(office.states(local(f"{today} 06:30")))
    assert (expected[0], expected[-1]) == ((today - 14 * DAY).isoformat(), (today + DAY).isoformat())
    assert len(expected) == 16
    assert office.days()[:2] == [removed, kept]
    assert office.at(local(f"{today} 05:30"), "retain", "--apply").status == 0
    assert office.days() == [kept, f"{today:%y%m%d}", f"{today + DAY:%y%m%d}"]


def test_a_day_of_the_old_year_is_made_afterwards_in_the_new(office: Office) -> None:
    day = date(2026, 12, 30)
    office.captured(local("2027-01-02 05:00"), ordinary(day, date(2027, 1, 2), date(2027, 1, 3)), "--date", f"{day}")
    assert office.days() == ["261230"]
    paper = office.paper(day)
    assert "EFTERSKAPAD" in paper
    assert "Hämtat 2 januari 2027 kl. 04:45" in paper
