"""A shift over midnight: each visit stands unmarked on its own day's paper, and marked once on the other's."""

from datetime import date, timedelta

import pytest

from tests.time.office import Office, local, ordinary, row

DAY = timedelta(days=1)
MARK = "efter midnatt"
LONG = {"marks": pytest.mark.long}
# Clock time, minutes, and whether the calendar has turned since the shift began.
OF_A_NIGHT = (("21:30", "30", False), ("23:45", "30", False), ("01:15", "30", True), ("05:30", "45", True))


def nights(first: date, last: date, dated_by: str, who: str = "Nils Natt") -> list[str]:
    """The rows of every night that begins on these days, dated as the source does."""
    lines = []
    for n in range((last - first).days + 1):
        begun = first + n * DAY
        for start, minutes, after in OF_A_NIGHT:
            dated = begun + DAY if after and dated_by == "calendar" else begun
            lines.append(row(dated, start, minutes, who=who, visit=f"{begun:%d%m}-{start}"))
    return lines


def of(pages: list[str], who: str) -> str:
    """An employee's own page."""
    (page,) = [page for page in pages if f"\n{who} " in page and "Personal\n" not in page]
    return " ".join(page.split())


@pytest.mark.parametrize(("day", "tomorrow", "yesterday", "dated_by"), [
    pytest.param(date(2026, 11, 25), "torsdag 26 november", "tisdag 24 november", "calendar", id="any night"),
    pytest.param(date(2026, 3, 28), "söndag 29 mars", "fredag 27 mars", "shift", id="the night to summer time"),
    pytest.param(date(2026, 10, 24), "söndag 25 oktober", "fredag 23 oktober", "calendar", id="to winter time", **LONG),
    pytest.param(date(2028, 2, 28), "tisdag 29 februari", "söndag 27 februari", "shift", id="to a leap day", **LONG),
    pytest.param(date(2026, 12, 31), "fredag 1 januari", "onsdag 30 december", "calendar", id="new year", **LONG),
])  # fmt: skip
def test_a_nights_visits_stand_unmarked_on_the_day_they_begin_and_marked_on_the_day_the_shift_began(
    office: Office, day: date, tomorrow: str, yesterday: str, dated_by: str
) -> None:
    office.configure(source={"night_dated_by": dated_by})
    lines = [*ordinary(day - DAY, day, day + DAY, day + 2 * DAY), *nights(day - 2 * DAY, day + 2 * DAY, dated_by)]
    done = office.captured(local(f"{day} 05:00"), lines)
    assert (done.status, done.err) == (0, "")

    first, second = of(office.pages(day), "Nils Natt"), of(office.pages(day + DAY), "Nils Natt")
    before, _, after = first.partition(f"{MARK}, {tomorrow}")
    # Last night's visits, then this evening's, then what comes after midnight once more.
    assert f"nattpass från {yesterday} 21:30–06:15" in before
    assert [before.count(span) for span in ("01:15–01:45", "05:30–06:15", "21:30–22:00", "23:45–00:15")] == [1] * 4
    assert [after.count(span) for span in ("01:15–01:45", "05:30–06:15")] == [1, 1]
    assert not any(span in after for span in ("21:30–22:00", "23:45–00:15"))
    unmarked, _, _ = second.partition(f"{MARK},")
    assert [unmarked.count(span) for span in ("01:15–01:45", "05:30–06:15")] == [1, 1]

    # Repeats are not counted: four by day, and of two nights two visits each.
    assert [office.entry(one).visits for one in (day, day + DAY)] == [8, 8]
    assert "8 besök, 3 medarbetare" in office.paper(day)
    assert "4 besök + 2 efter midnatt" in first


def test_a_night_of_the_last_day_that_is_asked_for_reaches_into_the_day_after(office: Office) -> None:
    day = date(2026, 11, 25)
    office.captured(local(f"{day} 05:00"), [*ordinary(day, day + DAY), *nights(day, day + 2 * DAY, "calendar")])
    last = of(office.pages(day + DAY), "Nils Natt")
    assert f"{MARK}, fredag 27 november" in last
    assert last.count("01:15–01:45") == 2


def test_both_datings_of_the_same_nights_give_the_same_paper(office: Office) -> None:
    day = date(2026, 10, 24)
    papers = []
    for dated_by in ("calendar", "shift"):
        office.configure(source={"night_dated_by": dated_by})
        office.captured(local(f"{day} 05:00"), [*ordinary(day), *nights(day - DAY, day + DAY, dated_by)], "--force")
        papers.append(
            [office.pages(one, kind) for one in (day, day + DAY) for kind in ("Brukarschema", "Översiktsschema")]
        )
    assert papers[0] == papers[1]


def test_whoever_reads_shift_dates_as_the_calendar_s_would_find_the_night_a_day_early(office: Office) -> None:
    """What the setting is for: the same export, read both ways, gives two different days to the same visit."""
    day = date(2026, 11, 25)
    lines = [*ordinary(day, day + DAY), row(day, "22:00", who="Nils Natt"), row(day, "01:15", who="Nils Natt")]
    counted = []
    for dated_by in ("shift", "calendar"):
        office.configure(source={"night_dated_by": dated_by})
        office.captured(local(f"{day} 05:00"), lines, "--force")
        counted.append([office.entry(one).visits for one in (day, day + DAY)])
    assert counted == [[5, 5], [6, 4]]


def test_an_unassigned_visit_after_midnight_stands_on_the_night_staffs_list_too_and_is_counted_once(
    office: Office,
) -> None:
    day = date(2026, 11, 25)
    lines = [
        *ordinary(day, day + DAY),
        *nights(day, day, "calendar"),
        row(day + DAY, "03:10", "20", client="Ingens Kund", who=""),
    ]
    office.captured(local(f"{day} 05:00"), lines)
    fronts = [" ".join(office.pages(one)[0].split()) for one in (day, day + DAY)]
    assert [front.count("Ingens Kund") for front in fronts] == [1, 1]
    assert f"03:10–03:30 {MARK}, torsdag 26 november Ingens Kund" in fronts[0]
    assert MARK not in fronts[1]
    assert [office.entry(one).unassigned for one in (day, day + DAY)] == [0, 1]
