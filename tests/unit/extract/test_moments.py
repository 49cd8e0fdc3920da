"""Every odd way of writing a date, a clock time or a length, and the nights on which the clock is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.extract.moments import (
    Clock,
    Placed,
    Unplaceable,
    parse_clock,
    parse_day,
    parse_minutes,
    place,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = date(2026, 11, 22)
LONGEST = 24 * 60


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-22",
        "20261122",
        "22/11 2026",
        "22/11/2026",
        "22.11.2026",
        "2026/11/22",
        "261122",
        " 2026-11-22 ",
        "2026-11-22\u00a0",
        "22 november 2026",
        "sön 22 nov 2026",
        "söndag den 22 november 2026",
        "2026-11-22 00:00:00",
        "2026-11-22T00:00",
        46348,
        46348.0,
        "46348",
        20261122.0,
        date(2026, 11, 22),
        datetime(2026, 11, 22, 8, 5),  # noqa: DTZ001 - a spreadsheet's moments have no zone
    ],
)
def test_a_date_is_read_however_it_is_written(cell: object) -> None:
    assert parse_day(cell) == DAY


@pytest.mark.parametrize(
    "cell",
    ["", "2026-13-01", "2026-02-30", "11/22/2026", "22/11", "Ullared", "Summa", 12.0, 0.5, True, None, "1234567"],
)
def test_what_is_no_date_gives_none(cell: object) -> None:
    assert parse_day(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "08:05",
        "8:05",
        "8.05",
        "08.05",
        "0805",
        "805",
        "8:5",
        "08:05:00",
        "08.05.00",
        "kl 8:05",
        "Kl. 08.05",
        "\u00a008:05",
        8.05,
        805.0,
        805,
        0.336805555555556,
        "0,336806",
        "0.33681",
        time(8, 5),
        time(8, 4, 59, 999_999),
        timedelta(hours=8, minutes=5),
        datetime(1899, 12, 31, 8, 5),  # noqa: DTZ001 - a spreadsheet's moments have no zone
    ],
)
def test_a_clock_time_is_read_however_it_is_written(cell: object) -> None:
    assert parse_clock(cell, STOCKHOLM) == Clock(8 * 3600 + 5 * 60)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-22 08:05",
        "2026-11-22T08:05:00",
        "22/11 2026 8.05",
        "20261122 08:05",
        datetime(2026, 11, 22, 8, 5),  # noqa: DTZ001 - a spreadsheet's moments have no zone
        46348.336805555556,
        "2026-11-22T08:05:00+01:00",
        "2026-11-22T07:05:00Z",
        "2026-11-22 kl 08:05",
    ],
)
def test_a_start_with_its_date_carries_the_day_too(cell: object) -> None:
    assert parse_clock(cell, STOCKHOLM) == Clock(8 * 3600 + 5 * 60, DAY)


@pytest.mark.parametrize(
    "cell", ["", "25:00", "08:60", "8", "30", "8.5", "08:05-08:35", "förmiddag", 5.0, 30, 25.5, True, None, "24:01"]
)
def test_an_unclear_clock_time_gives_none(cell: object) -> None:
    assert parse_clock(cell, STOCKHOLM) is None


@pytest.mark.parametrize(("cell", "seconds"), [(0.0, 0), ("00:00", 0), ("24:00", 86400), (0.25, 21600), ("0.25", 1500)])
def test_midnight_and_fractions_are_told_from_hours_and_minutes(cell: object, seconds: int) -> None:
    assert parse_clock(cell, STOCKHOLM) == Clock(seconds)


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("30", 30),
        ("30,0", 30),
        ("30.0", 30),
        ("30.00", 30),
        ("7,5", 7.5),
        (30.0, 30),
        (30, 30),
        ("30 min", 30),
        ("1:15", 75),
        ("0:45", 45),
        ("01:15:00", 75),
        ("1 tim 15 min", 75),
        ("1 h", 60),
        ("1h15", 75),
        ("2 timmar", 120),
        (time(1, 15), 75),
        (timedelta(minutes=75), 75),
        (0.0520833333, 75),
        ("90", 90),
        ("0", 0),
    ],
)
def test_a_length_is_read_however_it_is_written(cell: object, minutes: float) -> None:
    assert parse_minutes(cell) == minutes


@pytest.mark.parametrize("cell", ["", "1.15", "1:75", "en halvtimme", "-30", True, None, datetime(2026, 11, 22, 1, 15)])  # noqa: DTZ001 - a spreadsheet's moments have no zone
def test_an_unclear_length_gives_none(cell: object) -> None:
    assert parse_minutes(cell) is None


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d/%m %Y", "%d/%m/%Y"]))
def test_every_day_survives_every_way_of_writing(day: date, form: str) -> None:
    assert parse_day(day.strftime(form)) == day


@given(st.integers(0, 1439), st.sampled_from(["{h:02d}:{m:02d}", "{h}.{m:02d}", "{h:02d}{m:02d}", "fraction"]))
def test_every_minute_survives_every_way_of_writing(minute: int, form: str) -> None:
    cell = minute / 1440 if form == "fraction" else form.format(h=minute // 60, m=minute % 60)
    assert parse_clock(cell, STOCKHOLM) == Clock(minute * 60)


def _clock(text: str) -> Clock:
    clock = parse_clock(text, STOCKHOLM)
    assert clock
    return clock


def _placed(day: date, start: str, end: str | None = None, minutes: float | None = None) -> Placed | Unplaceable:
    return place(day, _clock(start), _clock(end) if end else None, minutes, STOCKHOLM, LONGEST)


def _instants(placed: Placed | Unplaceable) -> tuple[str, str]:
    assert isinstance(placed, Placed)
    return tuple(  # type: ignore[return-value]
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(STOCKHOLM).isoformat(" ", "minutes")
        for us in (placed.start_us, placed.end_us)
    )


BACK, FORTH = date(2026, 10, 25), date(2026, 3, 29)


@pytest.mark.parametrize(
    ("day", "start", "end", "minutes", "expected", "moved"),
    [
        pytest.param(
            DAY, "08:05", None, 30, ("2026-11-22 08:05+01:00", "2026-11-22 08:35+01:00"), False, id="a length"
        ),
        pytest.param(
            DAY, "08:05", "08:35", None, ("2026-11-22 08:05+01:00", "2026-11-22 08:35+01:00"), False, id="an end"
        ),
        pytest.param(
            DAY,
            "23:30",
            "00:15",
            None,
            ("2026-11-22 23:30+01:00", "2026-11-23 00:15+01:00"),
            False,
            id="an end past midnight",
        ),
        pytest.param(
            DAY, "23:30", "24:00", None, ("2026-11-22 23:30+01:00", "2026-11-23 00:00+01:00"), False, id="24:00"
        ),
        pytest.param(
            DAY,
            "23:30",
            None,
            45,
            ("2026-11-22 23:30+01:00", "2026-11-23 00:15+01:00"),
            False,
            id="a length past midnight",
        ),
        pytest.param(
            BACK,
            "02:30",
            None,
            30,
            ("2026-10-25 02:30+02:00", "2026-10-25 02:00+01:00"),
            False,
            id="02:30 comes twice: the first, a length is elapsed",
        ),
        pytest.param(
            BACK,
            "02:30",
            "02:50",
            None,
            ("2026-10-25 02:30+02:00", "2026-10-25 02:50+02:00"),
            False,
            id="both in the first hour",
        ),
        pytest.param(
            BACK,
            "02:45",
            "02:15",
            None,
            ("2026-10-25 02:45+02:00", "2026-10-25 02:15+01:00"),
            False,
            id="the end is in the second hour",
        ),
        pytest.param(
            BACK,
            "01:45",
            "03:15",
            None,
            ("2026-10-25 01:45+02:00", "2026-10-25 03:15+01:00"),
            False,
            id="over the whole change, wall clock",
        ),
        pytest.param(
            BACK,
            "01:30",
            None,
            120,
            ("2026-10-25 01:30+02:00", "2026-10-25 02:30+01:00"),
            False,
            id="over the change, elapsed",
        ),
        pytest.param(
            FORTH,
            "02:30",
            None,
            30,
            ("2026-03-29 03:30+02:00", "2026-03-29 04:00+02:00"),
            True,
            id="02:30 never comes: an hour forward",
        ),
        pytest.param(
            FORTH,
            "02:15",
            "02:45",
            None,
            ("2026-03-29 03:15+02:00", "2026-03-29 03:45+02:00"),
            True,
            id="neither start nor end comes",
        ),
        pytest.param(
            FORTH,
            "02:30",
            "03:00",
            None,
            ("2026-03-29 03:30+02:00", "2026-03-29 04:00+02:00"),
            True,
            id="the moved start passes its end: the length is kept",
        ),
        pytest.param(
            FORTH,
            "01:45",
            "02:15",
            None,
            ("2026-03-29 01:45+01:00", "2026-03-29 03:15+02:00"),
            True,
            id="the end never comes",
        ),
        pytest.param(
            FORTH,
            "01:30",
            None,
            60,
            ("2026-03-29 01:30+01:00", "2026-03-29 03:30+02:00"),
            False,
            id="elapsed over the lost hour",
        ),
    ],
)
def test_clock_times_become_instants(
    day: date, start: str, end: str | None, minutes: float | None, expected: tuple[str, str], moved: bool
) -> None:
    placed = _placed(day, start, end, minutes)
    assert _instants(placed) == expected
    assert isinstance(placed, Placed)
    assert placed.moved is moved
    assert placed.plan_date == day


@pytest.mark.parametrize(
    ("start", "end", "minutes", "code"),
    [
        ("08:05", "08:05", None, "end_not_after_start"),
        ("08:05", None, 0, "end_not_after_start"),
        ("08:05", None, 0.5, "too_short"),
        ("08:05", None, 1441, "too_long"),
        ("2026-11-22 08:05", "2026-11-22 07:05", None, "end_not_after_start"),
        ("2026-11-22 08:05", "2026-11-24 07:05", None, "too_long"),
    ],
)
def test_times_that_give_no_visit_say_why(start: str, end: str | None, minutes: float | None, code: str) -> None:
    placed = _placed(DAY, start, end, minutes)
    assert isinstance(placed, Unplaceable)
    assert placed.code == code


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 1439), st.integers(0, 1439).map(str), st.booleans()
)
def test_a_visit_always_ends_after_it_begins_and_within_a_day_and_an_hour(
    day: date, start: int, other: str, given_end: bool
) -> None:
    end, minutes = (Clock(int(other) * 60), None) if given_end else (None, float(other))
    placed = place(day, Clock(start * 60), end, minutes, STOCKHOLM, 25 * 60)
    if isinstance(placed, Placed):
        assert 60_000_000 <= placed.end_us - placed.start_us <= 25 * 3600 * 1_000_000
        assert placed.plan_date == day
    else:
        assert start == int(other) or int(other) == 0


@pytest.mark.parametrize(
    "cell",
    ["0001-01-01", "9999-12-31", "1999-12-31", "2100-01-01", date(1, 1, 1), datetime(9999, 12, 31), "x 00:00" * 5000],  # noqa: DTZ001 - a spreadsheet's moments have no zone
)
def test_a_day_that_no_plan_can_have_is_no_date(cell: object) -> None:
    assert parse_day(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1950-01-01 08:05",
        datetime(9999, 12, 31, 23, 59, 59, 900_000),  # noqa: DTZ001 - a spreadsheet's moments have no zone
        datetime(1, 1, 1, tzinfo=UTC),
        float("inf"),
        float("-inf"),
        float("nan"),
        -5.5,
    ],
)
def test_a_moment_that_no_plan_can_have_is_no_time(cell: object) -> None:
    assert parse_clock(cell, STOCKHOLM) is None


@pytest.mark.parametrize("cell", [1e305, float("inf"), float("-inf"), float("nan"), 10_081, timedelta.max])
def test_a_length_without_bounds_is_none(cell: object) -> None:
    assert parse_minutes(cell) is None
