"""Which copies should lie on a store now: the cells of the window, and when retention should have been there. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from reservplan.domain.acceptance import Acceptance
from reservplan.domain.counts import Counts
from reservplan.domain.days import Window, days_between, first_instant, local_day
from reservplan.domain.manifest import Manifest
from reservplan.domain.plan import Cell
from reservplan.settings import Settings


@dataclass(frozen=True)
class Expectation:
    """A cell that should be there; `due` is False while the snapshot that makes it may still be at work.

    `closed` says that the team has no visits that day, `accepted` that somebody said so of this one, perhaps before it
    was read: then no copy is no fault. `emptied_at` is when it was said of one that was read.
    """

    cell: Cell
    due: bool = True
    closed: bool = False
    accepted: bool = False
    emptied_at: datetime | None = None


def window_of(settings: Settings, now: datetime) -> Window:
    """The days that must have copies, seen from the local day of `now`."""
    return Window(local_day(now, settings.zone), settings.window.days_back, settings.window.days_ahead)


def expected(
    settings: Settings,
    now: datetime,
    manifests: Mapping[date, Manifest],
    counts: Counts,
    accepted: Mapping[Cell, Acceptance] = MappingProxyType({}),
) -> tuple[Expectation, ...]:
    """The cells of the window that must have a copy, day by day, teams in the order of the settings.

    `accepted` are those of which somebody has said that they have no visits, or that they may have none. A day before
    the store's first seal is expected only of a team that was sealed for it all the same (a backfill). `manifests` may
    hold days before the window too: they tell how long the store has been in use.
    """
    window = window_of(settings, now)
    begun = min([window.today, *_first_days(manifests, counts, settings)])
    farthest_due = now >= _due_at(settings, window.today)
    emptied = {cell: acceptance.accepted_at for cell, acceptance in accepted.items() if acceptance.visits == 0}
    return tuple(
        Expectation(
            Cell(plan_date, team.name),
            due=plan_date < window.last or farthest_due,
            closed=team.closed_on(plan_date),
            accepted=Cell(plan_date, team.name) in accepted,
            emptied_at=emptied.get(Cell(plan_date, team.name)),
        )
        for plan_date in window
        for team in settings.teams
        if team.expected_on(plan_date)
        and (plan_date >= begun or _was_sealed(Cell(plan_date, team.name), manifests, counts))
    )


def first_seal_day(manifests: Iterable[Manifest], zone: ZoneInfo) -> date | None:
    """The local day of the earliest seal that any manifest tells of; None where there is none."""
    instants = [at for m in manifests for at in (m.sealed_at, *(entry.published_at for entry in m.cells.values()))]
    return local_day(min(instants), zone) if instants else None


def _first_days(manifests: Mapping[date, Manifest], counts: Counts, settings: Settings) -> Iterator[date]:
    """Days by which the store was in use at the latest."""
    sealed = first_seal_day(manifests.values(), settings.zone)
    if sealed is not None:
        yield sealed
    # Retention takes the manifests of a long silence, the counts stay. A counted day may have been made afterwards, but
    # only while it was still in the window.
    if counts.cells:
        yield min(counts.cells) + timedelta(days=settings.window.days_back)


def _was_sealed(cell: Cell, manifests: Mapping[date, Manifest], counts: Counts) -> bool:
    manifest = manifests.get(cell.plan_date)
    # The counts outlive the manifests: a day whose manifest was lost must not look as if it had never been asked for.
    return cell.team in counts.cells.get(cell.plan_date, {}) or (manifest is not None and cell.team in manifest.cells)


def _due_at(settings: Settings, today: date) -> datetime:
    return datetime.combine(today, settings.schedule.due_by, settings.zone).astimezone(UTC)


def overdue_from(plan_date: date, settings: Settings, now: datetime) -> datetime | None:
    """The instant from which a day before the window should be gone: its retention's, and the grace after it.

    None where that retention has not come yet. `now` is aware.
    """
    too_old = plan_date + timedelta(days=settings.window.days_back + 1)
    retention = next(fires(settings.schedule.retain, too_old, now, settings.zone), None)
    if retention is None:
        return None
    late = retention + timedelta(hours=settings.thresholds.retention_late_hours)
    return late if late <= now else None


def fires(cron: str, first: date, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The instants at which a schedule fires, from the first day on and up to now, in order."""
    minutes, hours, days, months, weekdays = cron.split()
    at_hours, at_minutes = _numbers(hours, 0, 23), _numbers(minutes, 0, 59)
    for day in days_between(first, local_day(now, zone)):
        if not _is_day(day, days, months, weekdays):
            continue
        for hour in sorted(at_hours):
            for minute in sorted(at_minutes):
                # In UTC, where an hour is an hour also in the nights of the clock change; a time that the spring night
                # skips is the instant an hour later, as schedulers have it.
                instant = first_instant(day, zone).replace(hour=hour, minute=minute).astimezone(UTC)
                if instant <= now:
                    yield instant


def _is_day(day: date, days: str, months: str, weekdays: str) -> bool:
    if day.month not in _numbers(months, 1, 12, _MONTHS):
        return False
    in_month = day.day in _numbers(days, 1, 31)
    # Cron counts from Sunday, and takes 7 for it too.
    in_week = bool({day.isoweekday() % 7, day.isoweekday()} & _numbers(weekdays, 0, 7, _WEEKDAYS))
    # Where both are given, cron takes either.
    return in_month or in_week if days != "*" and weekdays != "*" else in_month and in_week


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def _numbers(field: str, lowest: int, highest: int, names: tuple[str, ...] = ()) -> set[int]:
    """What one field of a cron expression stands for: `*`, `5`, `1-5`, `*/15`, `mon-fri`, or several with commas."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = lowest if first == "*" else _number(first, lowest, names)
        end = _number(last, lowest, names) if last else highest if first == "*" or step else begin
        found.update(range(begin, end + 1, int(step or 1)))
    return found


def _number(text: str, lowest: int, names: tuple[str, ...]) -> int:
    name = text[:3].casefold()
    return names.index(name) + lowest if name in names else int(text)
