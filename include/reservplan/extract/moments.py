"""Dates, clock times and lengths as exports write them: one value in, one meaning out, or None where it is unclear.

A value is what a cell holds: text, a number, or a date or time that the spreadsheet program itself stored. Numbers and
texts are told apart, because 0.25 in a date-and-time cell is 06:00 while the text "0.25" is 00:25.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from reservplan.domain.names import nfc
from reservplan.domain.words import MONTH_NAMES

DAY_SECONDS = 86_400
# Day 0 of the serial numbers of spreadsheets (their leap-year bug of 1900 lies before any date in use).
SERIAL_ORIGIN = date(1899, 12, 30)
# What lies outside is no date of a plan; at the ends of the calendar a night's next day cannot even be reckoned.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
FIRST_SERIAL, LAST_SERIAL = (FIRST_DAY - SERIAL_ORIGIN).days, (LAST_DAY - SERIAL_ORIGIN).days
# A length beyond a week, or one that is no finite number, is a slip.
MOST_MINUTES = 7 * 24 * 60
# No way of writing a date or time is longer; a cell may hold a whole page.
LONGEST_MOMENT = 60
# A cell with a time only is stored as a moment of about this year.
YEAR_OF_BARE_TIMES = 1950

_MONTHS = {name[:3].casefold(): n for names in MONTH_NAMES.values() for n, name in enumerate(names, start=1)}


class Clock(NamedTuple):
    """A wall clock time in seconds after midnight, with its own day where the source wrote both in one.

    `fold` is 1 where an offset from UTC told that the second of two equal clock times is meant.
    """

    seconds: int
    day: date | None = None
    fold: int = 0


def spaced(text: str) -> str:
    """The text in NFC with single ordinary spaces, none at the ends (non-breaking spaces become ordinary)."""
    if not text.isascii():
        text = nfc(text).replace("\ufeff", "").replace("\u200b", "")
    return " ".join(text.split())


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing that can be seen."""
    if isinstance(value, str):
        return not value or (not value[0].isalnum() and not spaced(value))
    return value is None


def parse_day(value: object) -> date | None:
    """The day that a cell means: `2026-11-22`, `20261122`, `22/11 2026`, `22 nov 2026`, a serial number, a date."""
    if isinstance(value, datetime):
        return _of_a_plan(value.date())
    if isinstance(value, date):
        return _of_a_plan(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _day_of_number(float(value))
    if isinstance(value, str) and len(value) <= LONGEST_MOMENT:
        return _day_of_text(spaced(value))
    return None


def _of_a_plan(day: date) -> date | None:
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _day_of_number(number: float) -> date | None:
    if FIRST_SERIAL <= number < LAST_SERIAL + 1:
        return SERIAL_ORIGIN + timedelta(days=int(number))
    return _day_of_text(str(int(number))) if number.is_integer() and number > LAST_SERIAL else None


_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})(?:\2| )([0-9]{4})")
_WITH_MONTH_NAME = re.compile(r"(?:[^\W\d]+\.?,? )?(?:den )?([0-9]{1,2})[. ]+([^\W\d]{3,})\.? ([0-9]{4})")


def _day_of_text(text: str) -> date | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return _real_day(match[1], match[3], match[4])
    if match := _DAY_FIRST.fullmatch(text):
        return _real_day(match[4], match[3], match[1])
    if re.fullmatch(r"[0-9]{8}", text):
        return _real_day(text[:4], text[4:6], text[6:])
    if re.fullmatch(r"[0-9]{6}", text):
        return _real_day("20" + text[:2], text[2:4], text[4:])
    if re.fullmatch(r"[0-9]{5}", text):
        return _day_of_number(float(text))
    if match := _WITH_MONTH_NAME.fullmatch(text):
        month = _MONTHS.get(match[2][:3].casefold())
        return _real_day(match[3], str(month), match[1]) if month else None
    # A date cell that was exported with the midnight at which it begins.
    if match := re.fullmatch(r"(.+)[ T]0?0[:.]00(?:[:.]00(?:\.0+)?)?", text):
        return _day_of_text(match[1])
    return None


def _real_day(year: str, month: str, day: str) -> date | None:
    try:
        return _of_a_plan(date(int(year), int(month), int(day)))
    except ValueError:
        return None


def parse_clock(value: object, zone: ZoneInfo) -> Clock | None:
    """The clock time that a cell means: `08:05`, `8.05`, `0805`, `kl 8:05`, a fraction of a day, a time; maybe a day.

    `zone` turns an instant with an offset into local wall time.
    """
    if isinstance(value, datetime):
        return _clock_of_datetime(value, zone)
    if isinstance(value, time):
        return Clock(_to_whole_second(value.hour, value.minute, value.second, value.microsecond))
    if isinstance(value, timedelta):
        return _clock_of_seconds(value.total_seconds())
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _clock_of_number(float(value))
    if isinstance(value, str) and len(value) <= LONGEST_MOMENT:
        return _clock_of_text(spaced(value), zone)
    return None


def _clock_of_datetime(value: datetime, zone: ZoneInfo) -> Clock | None:
    is_bare = value.tzinfo is None and value.year < YEAR_OF_BARE_TIMES
    if not is_bare and _of_a_plan(value.date()) is None:
        return None
    fold = 0
    if value.tzinfo is not None:
        value = value.astimezone(zone)
        fold = value.fold
    value = (value.replace(tzinfo=None) + timedelta(microseconds=500_000)).replace(microsecond=0)
    seconds = _to_whole_second(value.hour, value.minute, value.second, 0)
    return Clock(seconds, None if is_bare else value.date(), fold)


def _to_whole_second(hour: int, minute: int, second: int, microsecond: int) -> int:
    # Spreadsheets store 08:05 as a fraction that may come back as 08:04:59.999.
    return round(hour * 3600 + minute * 60 + second + microsecond / 1e6)


def _clock_of_seconds(seconds: float) -> Clock | None:
    return Clock(round(seconds)) if 0 <= seconds <= DAY_SECONDS else None


def _clock_of_number(number: float) -> Clock | None:
    if 0 <= number <= 1:
        return Clock(_fraction_to_seconds(number))
    if FIRST_SERIAL <= number < LAST_SERIAL + 1:
        days, fraction = divmod(number, 1)
        return Clock(_fraction_to_seconds(fraction), SERIAL_ORIGIN + timedelta(days=int(days)))
    if number.is_integer():
        # 0805 that lost its leading zero. One or two digits may be hours or minutes: unclear.
        return _clock_of_digits(f"{int(number):04d}") if 100 <= number <= 2400 else None
    return (
        _clock_of_digits(f"{number:05.2f}".replace(".", "")) if 0 <= number < 24 and _has_two_decimals(number) else None
    )


def _has_two_decimals(number: float) -> bool:
    return abs(number * 100 - round(number * 100)) < 1e-6


def _fraction_to_seconds(fraction: float) -> int:
    return round(fraction * 24 * 60) * 60


def _clock_of_digits(digits: str) -> Clock | None:
    return _clock(int(digits[:2]), int(digits[2:]))


def _clock(hour: int, minute: int, second: int = 0) -> Clock | None:
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    return Clock(hour * 3600 + minute * 60 + second)


_CLOCK = re.compile(r"(?:kl\.? ?)?([0-9]{1,2})(?::([0-9]{1,2})|\.([0-9]{2}))(?:[:.]([0-9]{2})(?:[.,]0+)?)?")
_DIGITS = re.compile(r"(?:kl\.? ?)?([0-9]{3,4})")
_FRACTION = re.compile(r"0?[.,]([0-9]{3,})")


def _clock_of_text(text: str, zone: ZoneInfo) -> Clock | None:
    text = text.casefold()
    if match := _CLOCK.fullmatch(text):
        return _clock(int(match[1]), int(match[2] or match[3]), int(match[4] or 0))
    if match := _DIGITS.fullmatch(text):
        return _clock_of_digits(match[1].zfill(4))
    if match := _FRACTION.fullmatch(text):
        return Clock(_fraction_to_seconds(float(f"0.{match[1]}")))
    return _clock_with_day(text, zone)


def _clock_with_day(text: str, zone: ZoneInfo) -> Clock | None:
    if re.search(r"t[0-9:.]+(?:z|[+-][0-9:]{4,6})$", text):
        try:
            return _clock_of_datetime(datetime.fromisoformat(text.upper()), zone)
        except ValueError:
            return None
    match = re.fullmatch(r"(.*[0-9])(?:t| (?:kl\.? ?)?)([0-9:.]+)", text)
    if match is None or (day := _day_of_text(match[1])) is None:
        return None
    clock = _CLOCK.fullmatch(match[2]) and _clock_of_text(match[2], zone)
    return Clock(clock.seconds, day) if clock else None


def parse_minutes(value: object) -> float | None:
    """The length that a cell means, in minutes: `30`, `30,0`, `1:15`, `1 tim 15 min`, a duration, a fraction of a day.

    A text such as `1.15` is unclear (a minute and a bit, or an hour and a quarter) and gives None, as does a number
    that is not finite or beyond a week.
    """
    minutes = _minutes_of(value)
    return minutes if minutes is not None and abs(minutes) <= MOST_MINUTES else None


def _minutes_of(value: object) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds() / 60
    if isinstance(value, datetime):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 60 if value.year < YEAR_OF_BARE_TIMES else None
    if isinstance(value, time):
        return _to_whole_second(value.hour, value.minute, value.second, value.microsecond) / 60
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        # No visit is shorter than a minute: such a number is a time cell without its format.
        return _fraction_to_seconds(value) / 60 if 0 < value < 1 else float(value)
    if isinstance(value, str) and len(value) <= LONGEST_MOMENT:
        return _minutes_of_text(spaced(value).casefold())
    return None


_NUMBER = r"([0-9]{1,4}(?:,[0-9]+|\.[0-9]|\.0+)?)"
_MINUTES = re.compile(_NUMBER + r" ?(?:m|min|min\.|minuter|minutes)?")
_HOURS_AND_MINUTES = re.compile(
    r"([0-9]{1,2}) ?(?:t|h|tim|tim\.|timme|timmar|hours?)(?: (?:och )?| ?)(?:([0-9]{1,2}) ?(?:m|min|min\.|minuter)?)?"
)


def _minutes_of_text(text: str) -> float | None:
    if match := re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::00)?", text):
        return int(match[1]) * 60 + int(match[2]) if int(match[2]) < 60 else None
    if match := _MINUTES.fullmatch(text):
        return float(match[1].replace(",", "."))
    if match := _HOURS_AND_MINUTES.fullmatch(text):
        return int(match[1]) * 60 + int(match[2] or 0)
    return None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_US = 60_000_000


class Placed(NamedTuple):
    """A visit's two instants in microseconds of UTC, its local day, and whether a clock time had to be moved."""

    start_us: int
    end_us: int
    plan_date: date
    moved: bool


class Unplaceable(NamedTuple):
    """Why two times give no visit: a code of `Unreadable`, and which of start and end is at fault."""

    code: str
    column: str


def place(
    day: date, start: Clock, end: Clock | None, minutes: float | None, zone: ZoneInfo, longest_minutes: float
) -> Placed | Unplaceable:
    """Turn wall clock times of a day into instants.

    A length is elapsed time; a given end is wall clock and, where it is not after the start, the next day's. A clock
    time that comes twice is the first unless that puts the end before the start, or its offset says the second; one
    that never comes moves an hour forward.
    """
    begins = _wall(start.day or day, start.seconds)
    began, moved = _instant(begins, zone, start.fold)
    if end is None:
        if minutes is None or minutes <= 0:
            return Unplaceable("end_not_after_start", "minutes")
        ended = began + round(minutes * MINUTE_US)
    else:
        found = _end_of(begins, began, moved, end, zone)
        if found is None:
            return Unplaceable("end_not_after_start", "end")
        ended, end_moved = found
        moved = moved or end_moved
    if ended - began < MINUTE_US:
        return Unplaceable("too_short", "end" if end else "minutes")
    if ended - began > longest_minutes * MINUTE_US:
        return Unplaceable("too_long", "end" if end else "minutes")
    return Placed(began, ended, _local_day(began, zone) if moved else begins.date(), moved)


def _wall(day: date, seconds: int) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001 - wall clock, no zone yet


# A plan names each clock time of a day for many visits.
@lru_cache(maxsize=100_000)
def _instant(wall: datetime, zone: ZoneInfo, fold: int) -> tuple[int, bool]:
    """The instant of a wall clock time, and whether that time does not exist that day (then an hour later)."""
    instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    moved = instant.astimezone(zone).replace(tzinfo=None, fold=0) != wall
    return (instant - _EPOCH) // timedelta(microseconds=1), moved


def _local_day(microseconds: int, zone: ZoneInfo) -> date:
    return (_EPOCH + timedelta(microseconds=microseconds)).astimezone(zone).date()


def _end_of(begins: datetime, began: int, start_moved: bool, end: Clock, zone: ZoneInfo) -> tuple[int, bool] | None:
    ends = _wall(end.day or begins.date(), end.seconds)
    if ends == begins and end.fold == 0:
        return None
    if start_moved and begins < ends:
        ended, _ = _instant(ends, zone, 0)
        # The start was moved past its end: the visit keeps the length that the clock times gave it.
        return (ended if ended > began else began + (ends - begins) // timedelta(microseconds=1)), True
    for fold in range(end.fold, 2):
        ended, end_moved = _instant(ends, zone, fold)
        if ended > began:
            return ended, end_moved
    if end.day is not None:
        return None
    return _instant(ends + timedelta(days=1), zone, 0)
