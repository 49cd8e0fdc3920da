"""The day of 23 hours and the day of 25: times that never come and times that come twice, dates, ages and deadlines."""

from datetime import date, datetime, timedelta

import pytest

from tests.time.office import Office, local, ordinary, row

DAY = timedelta(days=1)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
BOTH = [pytest.param(SPRING, id="23 hours"), pytest.param(AUTUMN, id="25 hours")]


def test_a_time_that_never_comes_moves_an_hour_forward_with_a_remark_and_is_counted(office: Office) -> None:
    lines = [*ordinary(SPRING, SPRING + DAY), row(SPRING, "02:30", "30", who="Nils Natt")]
    done = office.captured(local("2026-03-29 05:00"), lines)
    assert (done.status, done.err) == (0, "")
    entry = office.entry(SPRING)
    assert (entry.verdict, entry.visits) == ("remarks", 5)
    assert [(reason.code, reason.count) for reason in entry.reasons] == [("moved_clock", 1)]
    paper = office.paper(SPRING)
    assert "SÖNDAG 29 MARS 2026 · vecka 13" in paper
    assert "03:30–04:00 Kund0230" in paper
    assert "omställning till sommartid" in paper
    assert office.entry(SPRING + DAY).reasons == ()


def test_a_length_is_elapsed_time_and_an_end_is_wall_clock_over_the_hour_that_is_skipped(office: Office) -> None:
    lines = [
        *ordinary(SPRING, SPRING + DAY),
        row(SPRING, "01:30", "60", client="Längd", who="Nils Natt"),
        row(SPRING, "01:40", "03:20", client="Slut", who="Siv Natt"),
    ]
    office.captured(local("2026-03-29 05:00"), lines)
    paper = office.paper(SPRING)
    assert "01:30–03:30 Längd" in paper
    assert "01:40–03:20 Slut" in paper
    assert office.entry(SPRING).verdict == "complete"


def test_a_time_that_comes_twice_is_the_first_unless_its_visit_would_end_before_it_begins(office: Office) -> None:
    lines = [
        *ordinary(AUTUMN, AUTUMN + DAY),
        row(AUTUMN, "02:30", "20", client="Första", who="Nils Natt"),
        row(AUTUMN, "02:50", "02:10", client="Över", who="Siv Natt"),
        row(AUTUMN, "01:30", "120", client="Lång", who="Arne Natt"),
    ]
    done = office.captured(local("2026-10-25 05:00"), lines)
    assert (done.status, done.err) == (0, "")
    paper = office.paper(AUTUMN)
    assert "02:30–02:50 sommartid Första" in paper
    assert "02:50–02:10 sommartid Över" in paper
    assert "01:30–02:30 Lång" in paper
    assert (office.entry(AUTUMN).visits, office.entry(AUTUMN).verdict) == (7, "complete")


@pytest.mark.parametrize(("first", "second"), [
    pytest.param("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", id="local times with their offsets"),
    pytest.param("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", id="times in UTC"),
])  # fmt: skip
def test_instants_tell_both_half_past_two_apart_and_both_stand_in_order(
    office: Office, first: str, second: str
) -> None:
    lines = [
        *ordinary(AUTUMN, AUTUMN + DAY),
        row(AUTUMN, second, "20", client="Andra", who="Nils Natt"),
        row(AUTUMN, first, "20", client="Första", who="Nils Natt"),
    ]
    office.captured(local("2026-10-25 05:00"), lines)
    paper = office.paper(AUTUMN)
    assert 0 < paper.find("02:30–02:50 sommartid Första") < paper.find("02:30–02:50 vintertid Andra")
    assert office.entry(AUTUMN).visits == 6


@pytest.mark.parametrize(("when", "today"), [
    pytest.param(local("2026-03-29 00:30"), SPRING, id="half past midnight of the short day"),
    pytest.param(local("2026-10-25 00:30"), AUTUMN, id="half past midnight of the long day"),
    pytest.param(local("2026-10-25 02:30", fold=1), AUTUMN, id="the second half past two"),
    pytest.param(local("2026-10-25 23:30"), AUTUMN, id="the long day's last hour"),
])  # fmt: skip
def test_today_is_the_local_day_at_every_hour_of_the_change(office: Office, when: datetime, today: date) -> None:
    done = office.captured(when, ordinary(today, today + DAY))
    assert (done.status, done.err) == (0, "")
    assert office.days() == [f"{today:%y%m%d}", f"{today + DAY:%y%m%d}"]
    assert office.coverage(when)["today"] == today.isoformat()
    assert "EFTERSKAPAD" not in office.paper(today)


@pytest.mark.parametrize("today", BOTH)
def test_the_farthest_day_is_due_at_six_by_the_wall_clock(office: Office, today: date) -> None:
    farthest = (today + DAY).isoformat()
    assert office.states(local(f"{today} 05:59"))[farthest] == "not_due"
    assert office.states(local(f"{today} 06:01"))[farthest] == "missing"
    office.captured(local(f"{today} 06:10"), ordinary(today, today + DAY))
    assert set(office.states(local(f"{today} 06:15")).values()) == {"ok"}


@pytest.mark.parametrize(("today", "fresh", "stale"), [
    pytest.param(SPRING, "07:29", "07:31", id="23 hours"),
    pytest.param(AUTUMN, "05:29", "05:31", id="25 hours"),
])  # fmt: skip
def test_a_copy_grows_stale_after_fourteen_hours_that_passed_not_by_the_wall_clock(
    office: Office, today: date, fresh: str, stale: str
) -> None:
    office.captured(local(f"{today - DAY} 16:45"), ordinary(today - DAY, today))
    assert office.states(local(f"{today} {fresh}"))[today.isoformat()] == "ok"
    assert office.states(local(f"{today} {stale}"))[today.isoformat()] == "stale"


@pytest.mark.parametrize("today", BOTH)
def test_a_copy_past_the_window_is_overdue_an_hour_after_its_retention_of_that_day(office: Office, today: date) -> None:
    old = today - 15 * DAY
    office.captured(local(f"{old} 05:00"), ordinary(old, old + DAY))
    office.captured(local(f"{today} 05:00"), ordinary(today, today + DAY))

    def codes(at: str) -> list[str]:
        return [finding["code"] for finding in office.coverage(local(f"{today} {at}"))["findings"]]

    assert "overdue" not in codes("06:29")
    assert "overdue" in codes("06:31")
    assert office.at(local(f"{today} 06:40"), "retain", "--apply").status == 0
    assert "overdue" not in codes("06:45")


def test_yesterdays_copy_still_vouches_for_retention_on_the_long_day(office: Office) -> None:
    """Today's snapshot is late: what vouches is yesterday's copy of today, 25 and three quarter hours old by then."""
    old = AUTUMN - 15 * DAY
    office.captured(local(f"{old} 05:00"), ordinary(old, old + DAY))
    office.captured(local("2026-10-24 05:00"), ordinary(AUTUMN - DAY, AUTUMN))
    done = office.at(local("2026-10-25 05:30"), "retain", "--apply")
    assert (done.status, done.err) == (0, "")
    assert f"{old:%y%m%d}" not in office.days()
