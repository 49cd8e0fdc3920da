"""The `check` before the first run, and whenever something is odd, from settings to clock.

Every line is ok, or says what to do. Nothing is published; on a store only the lock file is touched, whose time stamp
tells the store's clock.
"""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from reservplan.domain.days import days_for_run, local_day
from reservplan.domain.errors import ReservplanError
from reservplan.domain.judgement import Judgement, Marks
from reservplan.domain.plan import Cell, Unreadable
from reservplan.domain.ports import Store
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import say
from reservplan.private_files import PrivateFiles
from reservplan.settings import Settings, StoreSettings
from reservplan.side_by_side import side_by_side

# A run stages about 250 kB a cell; 60 groups and four days need 60 MB. Below this something else will fail first.
LEAST_FREE_BYTES = 500_000_000


class Level(StrEnum):
    """ok; a warning, which stops nothing; a fault, which stops the copies."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at."""

    level: Level
    subject: str
    text: str


def check(settings: Settings, open_store: Callable[[StoreSettings], Store], now: datetime) -> Iterator[Line]:
    """Look at everything that a run needs, one line after the other; no fault stops the next look."""
    yield from _settings(settings)
    yield from _source(settings, now)
    for lines in side_by_side(settings.stores, lambda store: list(_store(settings, store, open_store))):
        if isinstance(lines, Exception):
            raise lines
        yield from lines
    yield from _channels(settings)
    yield from _heartbeat(settings)
    yield from _fonts(settings, now)
    yield from _disk(settings)


def _settings(settings: Settings) -> Iterator[Line]:
    language = settings.language
    text = say(language, "check.settings", teams=len(settings.teams), stores=len(settings.stores))
    yield Line(Level.OK, "settings", text)
    if settings.source.kind == "files" and settings.source.protected is None:
        yield Line(Level.WARNING, "settings", say(language, "check.protected"))
    if not settings.alerts.critical:
        yield Line(Level.WARNING, "settings", say(language, "check.alerts"))


def _source(settings: Settings, now: datetime) -> Iterator[Line]:
    from reservplan.extract import read_plan

    language = settings.language
    today = local_day(now, settings.zone)
    asked = days_for_run(today, settings.window.days_ahead)
    try:
        plan = read_plan(settings, asked, now)
    except ReservplanError as error:
        yield Line(Level.FAULT, "source", str(error))
        return
    covered = {cell.plan_date for cell in plan.sources}
    text = say(language, "check.source", label=plan.label, rows=len(plan.visits), days=len(covered), asked=len(asked))
    yield Line(Level.OK if len(covered) == len(asked) else Level.WARNING, "source", text)
    if today not in covered and any(team.expected_on(today) and not team.closed_on(today) for team in settings.teams):
        yield Line(Level.FAULT, "source", say(language, "check.today"))
    if plan.too_old:
        yield Line(Level.FAULT, "source", plan.too_old)
    if plan.unreadable:
        text = say(language, "check.unreadable", count=len(plan.unreadable), rows=_rows_of(plan.unreadable))
        yield Line(Level.WARNING, "source", text)
    if plan.unknown_teams:
        yield Line(Level.WARNING, "source", say(language, "check.unknown", teams=", ".join(plan.unknown_teams)))
    with_visits = set(plan.visits["team"])
    if without := [team.name for team in settings.teams if team.name not in with_visits]:
        level = Level.WARNING if with_visits & {team.name for team in settings.teams} else Level.FAULT
        yield Line(level, "source", say(language, "check.without", teams=", ".join(without)))


def _rows_of(unreadable: tuple[Unreadable, ...]) -> str:
    shown = [f"{row.row} ({row.column})" for row in unreadable[:5]]
    return ", ".join(shown) + (" …" if len(unreadable) > len(shown) else "")


def _store(settings: Settings, store: StoreSettings, open_store: Callable[[StoreSettings], Store]) -> Iterator[Line]:
    language = settings.language
    subject = f"store {store.name}"
    try:
        with open_store(store) as opened:
            with opened.lock("check"):
                files = opened.list_folder()
            skew = opened.clock() - datetime.now(UTC)
            free = opened.free_bytes()
            place = opened.place
    except ReservplanError as error:
        yield Line(Level.FAULT, subject, str(error))
        return
    yield Line(Level.OK, subject, say(language, "check.store", place=place, files=len(files)))
    if free is not None:
        level = Level.OK if free > LEAST_FREE_BYTES else Level.WARNING
        yield Line(level, subject, say(language, "check.free", megabytes=free // 1_000_000))
    late = abs(skew) > timedelta(minutes=settings.thresholds.clock_skew_minutes)
    text = say(language, "check.clock_off" if late else "check.clock", seconds=round(abs(skew.total_seconds())))
    yield Line(Level.WARNING if late else Level.OK, subject, text)


def _channels(settings: Settings) -> Iterator[Line]:
    """No alert is sent: whether one arrives only its receiver can tell. Connections may be where only Airflow sees."""
    from reservplan.channels import channel_from_environment

    for name in dict.fromkeys((*settings.alerts.critical, *settings.alerts.info)):
        subject = f"alerts {name}"
        try:
            facts = channel_from_environment(name)
        except ReservplanError as error:
            yield Line(Level.WARNING, subject, str(error))
            continue
        yield Line(Level.OK, subject, say(settings.language, "check.channel", kind=facts.kind))


def _heartbeat(settings: Settings) -> Iterator[Line]:
    from reservplan.connection_variables import given_connection

    name = settings.watch.heartbeat
    if not name:
        return
    subject = f"heartbeat {name}"
    try:
        found = given_connection(name, "https://monitor.example.se/ping/reservplan")
    except ReservplanError as error:
        yield Line(Level.WARNING, subject, str(error))
        return
    works = found.kind in ("http", "https") and bool(found.host)
    text = say(settings.language, "check.heartbeat" if works else "check.heartbeat_kind")
    yield Line(Level.OK if works else Level.WARNING, subject, text)


def _fonts(settings: Settings, now: datetime) -> Iterator[Line]:
    """Draw an empty day in the renderer's own interpreter: fonts, typesetting and the worker in one look."""
    from reservplan.plan_sources import empty_plan
    from reservplan.render import as_json, render_documents, show_cell

    cell = Cell(local_day(now, settings.zone), settings.teams[0].name)
    nothing = Judgement(Verdict.COMPLETE, (), visits=0, unassigned=0, cancelled=0, employees=0, captured_at=now)
    document = show_cell(
        empty_plan(settings.timezone, now), cell, nothing, settings, Marks(now, created_afterwards=False)
    )
    files: list[int] = []
    try:
        failed = render_documents({cell: as_json(document)}, lambda *drawn: files.append(len(drawn[-1])), workers=1)
    except ReservplanError as error:
        yield Line(Level.FAULT, "fonts", str(error))
        return
    for text in failed.values():
        yield Line(Level.FAULT, "fonts", text)
    if not failed:
        yield Line(Level.OK, "fonts", say(settings.language, "check.fonts", files=len(files)))


def _disk(settings: Settings) -> Iterator[Line]:
    places = {
        "staging": settings.staging,
        "archive": settings.archive,
        "reports": settings.reports,
        "watch.folder": settings.watch.folder,
    }
    for key, place in places.items():
        yield _place(settings, key, place)
    if "://" not in settings.staging:
        folder = Path(settings.staging)
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
        level = Level.OK if free > LEAST_FREE_BYTES else Level.FAULT
        text = say(settings.language, "check.free", megabytes=free // 1_000_000)
        yield Line(level, "disk", f"{settings.staging}: {text}")


def _place(settings: Settings, key: str, place: str) -> Line:
    """Put, read, list and remove a small file there, as a run does with its own."""
    trial = PrivateFiles.at(place, key).below(f"check-{secrets.token_hex(8)}")
    try:
        trial.write("trial/file", b"x")
        trial.read("trial/file")
        trial.names("trial")
        trial.remove_all()
    except ReservplanError as error:
        return Line(Level.FAULT, key, str(error))
    return Line(Level.OK, key, say(settings.language, "check.place", place=place))
