"""Extract: from an export, or the demo's generator, to the plan. Nothing but the plan's columns ever leaves here."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from reservplan.domain.days import days_between, local_day
from reservplan.domain.errors import ReservplanError
from reservplan.domain.plan import Plan
from reservplan.settings import Settings


def read_plan(settings: Settings, plan_dates: Sequence[date], read_at: datetime) -> Plan:
    """Read the plan of all teams for the asked days, and one margin day at both ends for nights.

    `read_at` is aware. What cannot be read of single rows, or of one file among several, stands in the plan.

    Raises:
        SourceNotReady: there is no export yet, or it is being written, locked or empty.
        SourceError: the export is there and cannot be used.
    """
    from reservplan.extract.capture import capture  # pandas is heavy; `input_fingerprint` does without it

    return capture(settings, plan_dates, read_at)


def input_fingerprint(settings: Settings) -> str | None:
    """A hash over name, mtime and bytes of every file that a reading would use; None where it cannot be known.

    It looks at the window's days only, so that a day that has passed out of it does not count as a change.
    """
    from reservplan.extract.demo import fingerprint as demo_fingerprint
    from reservplan.extract.exports import Export, find_exports, fingerprint, newest_of_each

    now = datetime.now(UTC)
    if settings.source.kind == "demo":
        return demo_fingerprint(settings, now)
    today = local_day(now, settings.zone)
    margin = timedelta(days=1)
    window = set(
        days_between(
            today - timedelta(days=settings.window.days_back) - margin,
            today + timedelta(days=settings.window.days_ahead) + margin,
        )
    )
    paths = [settings.source.path]
    if settings.source.shifts and settings.source.shifts.path:
        paths.append(settings.source.shifts.path)
    used: list[Export] = []
    try:
        for path in paths:
            found = find_exports(path)
            if "{" in settings.source.title and path == settings.source.path:
                used += found
            else:
                groups = newest_of_each(found).items()
                used += [exports[0] for (_, day), exports in groups if day is None or day in window]
    except ReservplanError:
        return None
    return fingerprint(used) if used else None
