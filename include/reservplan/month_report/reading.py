"""A month as it is kept in the watch's folder: its looks, its incidents, its drills."""

from dataclasses import dataclass
from datetime import date, datetime

from reservplan.domain.days import ONE_DAY, local_day
from reservplan.domain.errors import RequestRefused
from reservplan.domain.words import say
from reservplan.drill_records import Drilled, DrillRecords
from reservplan.history import months, read_lines
from reservplan.month_report.reckoning import Reckoned, reckon
from reservplan.settings import Settings


class NoHistory(RequestRefused):
    """Nothing is kept of the month that was asked for."""


@dataclass(frozen=True)
class Month:
    """What the page tells; `running` where the month is not over at `made_at`."""

    first: date
    made_at: datetime
    running: bool
    reckoned: Reckoned
    drills: tuple[Drilled, ...]


def read_month(settings: Settings, first: date, now: datetime) -> Month:
    """The month that begins on `first`.

    Raises:
        NoHistory: nobody looked in that month.
    """
    folder = settings.watch.folder
    last = (first + 31 * ONE_DAY).replace(day=1) - ONE_DAY
    # By UTC the month begins in the one before; incidents too.
    lines = read_lines(folder, first - ONE_DAY, last)
    if not any("day" in line and first.isoformat() <= line["day"] <= last.isoformat() for line in lines):
        kept = ", ".join(months(folder)) or "–"
        raise NoHistory(
            say(settings.language, "month.none", month=f"{first:%Y-%m}"),
            do=say(settings.language, "month.none_do", kept=kept),
        )
    drills = (one for one in DrillRecords(folder).all() if first <= local_day(one.drilled_at, settings.zone) <= last)
    running = local_day(now, settings.zone) <= last
    return Month(first, now, running, reckon(lines, settings, first, now), tuple(drills))
