"""A MALL: what a day beyond the copies may look like, taken from the same weekday of the latest complete week.

For a long outage only, and on request. It is no plan: it lies under no plan's name, on no store, and looks like none.
"""

import os
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from reservplan.archive import Archive, ArchiveDamaged, Capture
from reservplan.domain.days import Window, days_between
from reservplan.domain.errors import LastingError, RenderError, RequestRefused
from reservplan.domain.judgement import Judgement, Marks
from reservplan.domain.names import ARTIFACTS, OWN_FOLDER, Format, Kind, template_name
from reservplan.domain.plan import Cell, Plan, Status, Unreadable
from reservplan.domain.standing import Slot
from reservplan.domain.usual import is_holiday, kind_of_day
from reservplan.domain.words import day_words, say, weekday_words
from reservplan.extract.mentions import Mentions
from reservplan.extract.protection import HIDDEN_OF_CLIENT, ID_COLUMNS, PRIORITIES, SPEAKS_OF_OTHERS
from reservplan.extract.pseudonyms import Pseudonyms
from reservplan.settings import Settings, Team

if TYPE_CHECKING:
    import pandas as pd

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Base:
    """The day that a template is made of, and whether the whole week around it is held whole for the group."""

    capture: Capture
    whole_week: bool

    @property
    def plan_date(self) -> date:
        """The day itself."""
        return self.capture.plan_date


def possible_bases(
    captures: Mapping[date, Sequence[Capture]], team: Team, target: date, country: str
) -> tuple[Base, ...]:
    """The whole days of the target's kind before it, the best first: of a week that is whole, then the latest.

    A public holiday is planned as a Sunday is: one is no template for an ordinary weekday, nor the other way round. A
    day without visits, closed or accepted as empty, is none either, but takes nothing from its week. A day's older
    captures follow its latest, which may turn out to be damaged. `captures` has each day's, the latest first. Pure.
    """
    whole = {day: found for day, of_day in captures.items() if (found := _whole(of_day, team.name))}
    kind = kind_of_day(target, country)
    alike = (day for day in whole if day < target and kind_of_day(day, country) == kind)
    worked = (day for day in alike if _has_visits(whole[day][0], team.name) and not team.closed_on(day))
    bases = [
        Base(capture, _week_is_whole(day, whole, team))
        for day in sorted(worked, reverse=True)
        for capture in whole[day]
        if _has_visits(capture, team.name)
    ]
    return tuple(sorted(bases, key=lambda base: not base.whole_week))


def _whole(captures: Sequence[Capture], team: str) -> list[Capture]:
    return [one for one in captures if team in one.cells and one.cells[team].verdict.whole]


def _has_visits(capture: Capture, team: str) -> bool:
    return capture.cells[team].visits > 0


def _week_is_whole(day: date, whole: Container[date], team: Team) -> bool:
    monday = day - timedelta(days=day.weekday())
    week = days_between(monday, monday + _WEEK - timedelta(days=1))
    return all(one in whole or team.closed_on(one) or not team.expected_on(one) for one in week)


def moved(plan: Plan, days: int, zone: ZoneInfo) -> Plan:
    """The plan as if it were so many days later, at the same times by the clock on the wall. Pure."""
    span = timedelta(days=days)
    return replace(
        plan,
        visits=_moved_frame(plan.visits, span, zone),
        shifts=_moved_frame(plan.shifts, span, zone),
        unreadable=tuple(_moved_row(row, span) for row in plan.unreadable),
        sources={Cell(cell.plan_date + span, cell.team): source for cell, source in plan.sources.items()},
    )


def _moved_row(row: Unreadable, span: timedelta) -> Unreadable:
    return replace(row, plan_date=row.plan_date + span) if row.plan_date else row


def _moved_frame(frame: "pd.DataFrame", span: timedelta, zone: ZoneInfo) -> "pd.DataFrame":
    start, end = _moved_clock(frame["start"], span, zone), _moved_clock(frame["end"], span, zone)
    # A change of clocks moves one of the two past the other: then the length tells when it ends, as extract has it.
    by_length = (start + (frame["end"] - frame["start"])).astype(end.dtype)
    return frame.assign(
        plan_date=[day + span for day in frame["plan_date"]], start=start, end=end.mask(end <= start, by_length)
    )


def _moved_clock(instants: "pd.Series", span: timedelta, zone: ZoneInfo) -> "pd.Series":
    import numpy as np

    walls = instants.dt.tz_convert(zone).dt.tz_localize(None) + span
    # Of an hour that comes twice the first, one that does not come an hour later: as extract reads clocks.
    first = np.ones(len(walls), dtype=bool)
    found = walls.dt.tz_localize(zone, ambiguous=first, nonexistent=timedelta(hours=1))
    return cast("pd.Series", found.astype(instants.dtype))


def hidden(plan: Plan, protected: Collection[str], settings: Settings, pseudonyms: Pseudonyms) -> Plan:
    """The plan without what may not be told any more of clients who are protected by now, as extract hides it.

    `protected` are the stand-ins of their ids.
    """
    visits = plan.visits
    if not protected:
        return plan
    since = visits["client_id"].map(lambda given: pseudonyms.of(ID_COLUMNS["client_id"], given)).isin(protected)
    of_them = visits[since]
    mentions = Mentions(of_them["client_name"], of_them["address"], of_them["phone"])
    told = {column: visits[column].map(lambda text: mentions.hide(text)[0]) for column in SPEAKS_OF_OTHERS}
    told["priority"] = told["priority"].where(~since | told["priority"].isin(PRIORITIES), "")
    contact = settings.contacts.protected
    whom = ", ".join(filter(None, [contact.name, contact.phone]))
    told["client_name"] = visits["client_name"].mask(
        since, say(settings.language, "extract.protected_client", whom=whom)
    )
    told |= {column: told.get(column, visits[column]).mask(since, "") for column in HIDDEN_OF_CLIENT}
    return replace(plan, visits=visits.assign(**told, protected=visits["protected"] | since))


def make_template(
    settings: Settings, team_name: str, target: date, folder: Path, window: Window, tell: Callable[[str], None]
) -> list[Path]:
    """Write the four files of a template into a folder of this machine; returns their paths.

    Raises:
        RequestRefused: a group or a day that makes no sense, a folder in which plans lie, or one that has such a file:
            somebody may have worked in it.
        LastingError: the archive has no such day that can be read, or the folder cannot be written to.
        RenderError: a file could not be made.
    """
    team = _asked_team(settings, team_name)
    _refuse_day(target, window)
    _refuse_day_off(target, team)
    _refuse_folder(settings, folder)
    paths = {(kind, fmt): folder / template_name(kind, team.name, target, fmt) for kind, fmt in ARTIFACTS}
    _refuse_taken(paths.values())
    archive = Archive(settings.archive)
    captures = {day: archive.captures(day) for day in archive.days()}
    bases = possible_bases(captures, team, target, settings.holidays)
    if not bases:
        raise _no_base(target, team, settings.holidays)
    base, plan = _first_readable(archive, bases, team, target)
    tell(_built_on(base, bases.index(base), settings))
    plan = hidden(plan, _protected_clients(archive, captures.values()), settings, Pseudonyms(settings.archive))
    drawn = _drawn(plan, base, team, target, settings)
    return [_put(path, drawn[artifact]) for artifact, path in paths.items()]


def _asked_team(settings: Settings, name: str) -> Team:
    team = settings.team(name)
    if team is None:
        raise RequestRefused(
            "The group asked for is not in the settings.",
            do=f"The groups are {', '.join(sorted(one.name for one in settings.teams))}.",
        )
    return team


def _refuse_day(target: date, window: Window) -> None:
    if target < window.today:
        raise RequestRefused(f"{target} is past.", do="Ask for a coming day; past days lie on the stores.")
    if target in window:
        raise RequestRefused(
            f"{target} is among the days that have copies, today to {window.last}.",
            do="Print that day's own list. If it is missing: reservplan snapshot --from-archive, or see the runbooks.",
        )


def _refuse_day_off(target: date, team: Team) -> None:
    if team.closed_on(target):
        raise RequestRefused(
            f"{team.name} is closed on {weekday_words('en', target)}s: {target} has no visits.",
            do="Ask for a day on which the group works. If it works that day after all, mend `closed` in the settings.",
        )
    if not team.expected_on(target):
        raise RequestRefused(
            f"By the settings {team.name} has no visits on {target}: see active_from and active_until.",
            do="Ask for the group that has its clients then, or mend the settings.",
        )


def _no_base(target: date, team: Team, country: str) -> LastingError:
    if is_holiday(target, country) and "sun" in team.closed:
        return LastingError(
            f"{target} is a public holiday, planned as a Sunday, and {team.name} is closed on Sundays.",
            do="Ask the planner whether the group works that day. If it does, ask for a template of a "
            f"{weekday_words('en', target)} that is no holiday, and go through every visit.",
        )
    return LastingError(
        f"The archive holds no whole copy of {team.name} for a day like {target}.",
        do="`reservplan archive list` shows what there is. Use the latest list, and go through every visit.",
    )


def _refuse_folder(settings: Settings, folder: Path) -> None:
    stores = {Path(store.folder).resolve() for store in settings.stores if store.kind == "folder"}
    here = folder.resolve()
    if not folder.is_dir():
        raise RequestRefused("The folder for the template is not there.", do="Make it, or name another with --folder.")
    if any(place in stores or (place / OWN_FOLDER).is_dir() for place in (here, *here.parents)):
        raise RequestRefused(
            "Copies of the plan lie in that folder: a template must never lie beside a plan.",
            do="Name another folder with --folder.",
        )


def _refuse_taken(paths: Iterable[Path]) -> None:
    if taken := [path.name for path in paths if os.path.lexists(path)]:
        raise RequestRefused(
            f"Already in that folder: {', '.join(taken)}. Somebody may have worked in it, so nothing was written.",
            do="Name another folder with --folder, or remove what nobody needs.",
        )


def _first_readable(archive: Archive, bases: Iterable[Base], team: Team, target: date) -> tuple[Base, Plan]:
    for base in bases:
        try:
            return base, archive.plan(base.capture)
        except ArchiveDamaged:
            continue
    raise LastingError(
        f"Every whole copy of {team.name} in the archive for a day like {target} is damaged.",
        do="Restore the archive's disk. Until then use the latest list, and go through every visit.",
    )


def _protected_clients(archive: Archive, captures: Iterable[Sequence[Capture]]) -> set[str]:
    """The stand-ins of the clients who are protected in the newest capture of any day."""
    found: set[str] = set()
    for of_day in captures:
        for capture in of_day:
            try:
                visits = archive.plan(capture).visits
            except ArchiveDamaged:
                continue
            found.update(visits.loc[visits["protected"], "client_id"])
            break
    return found


def _built_on(base: Base, damaged: int, settings: Settings) -> str:
    """Which day it is, and what is to be said of it; `damaged` better ones could not be read."""
    language = settings.language
    said = [say(language, "template.built_on", day=day_words(language, base.plan_date))]
    if not base.whole_week:
        said.append(say(language, "template.week_not_whole"))
    if damaged:
        said.append(say(language, "template.damaged", count=damaged))
    return " ".join(said)


def _drawn(plan: Plan, base: Base, team: Team, target: date, settings: Settings) -> dict[Slot, bytes]:
    from reservplan.render import as_json, render_documents, show_cell

    plan = moved(plan, (target - base.plan_date).days, settings.zone)
    cell = Cell(target, team.name)
    judgement = _judgement(plan, cell, base)
    marks = Marks(judgement.captured_at, created_afterwards=False, template_of=base.plan_date)
    document = show_cell(plan, cell, judgement, settings, marks)
    drawn: dict[Slot, bytes] = {}

    def take(_: Cell, kind: Kind, fmt: Format, content: bytes) -> None:
        drawn[kind, fmt] = content

    if failed := render_documents({cell: as_json(document)}, take):
        raise RenderError("; ".join(failed.values()), do="Run `reservplan check`.")
    return drawn


def _judgement(plan: Plan, cell: Cell, base: Base) -> Judgement:
    """The counts of the day as it was; its reasons spoke of that day and are not told again."""
    archived = base.capture.cells[cell.team]
    visits = plan.visits
    of_cell = visits[(visits["plan_date"] == cell.plan_date) & (visits["team"] == cell.team)]
    planned = of_cell[of_cell["status"] == Status.PLANNED.value]
    employees = planned["employee_id"].where(planned["employee_id"] != "", planned["employee_name"])
    return Judgement(
        verdict=archived.verdict,
        reasons=(),
        visits=len(planned),
        unassigned=int((employees == "").sum()),
        cancelled=int((of_cell["status"] == Status.CANCELLED.value).sum()),
        employees=employees[employees != ""].nunique(),
        captured_at=archived.captured_at,
    )


def _put(path: Path, content: bytes) -> Path:
    """Whole or not at all, and for nobody but its owner: it holds what the paper holds."""
    half = path.with_name(f".{token_hex(6)}.half")
    try:
        with open(half, "xb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(content)
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise LastingError(
            f"The template could not be written ({error.strerror}).", do="Name another folder with --folder."
        ) from None
    return path
