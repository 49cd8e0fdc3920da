"""Which week packs a store should hold, and which of its lists each joins: decided purely, of what lies there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from reservplan.domain.days import Window, days_between
from reservplan.domain.manifest import ArtifactEntry, CellEntry
from reservplan.domain.names import Format, Kind, WeekPackName
from reservplan.domain.plan import Cell
from reservplan.domain.standing import WHOLE_STATES, Standing
from reservplan.settings import Team
from reservplan.store.inspection import DayOnStore, artifact_path

_SUNDAY = timedelta(days=6)


@dataclass(frozen=True)
class PackDay:
    """One day of a pack: the list as it lies there, or why there is none (a code, `missing`).

    `captured_at` is the list's own, aware: its file may be older than the cell's others.
    """

    plan_date: date
    path: str = ""
    sha256: str = ""
    captured_at: datetime | None = None
    entry: CellEntry | None = None
    missing: str = ""


@dataclass(frozen=True)
class Pack:
    """The lists of one group and ISO week; `path` is where their one file should lie."""

    team: str
    monday: date
    path: str
    days: tuple[PackDay, ...]

    @property
    def held(self) -> tuple[PackDay, ...]:
        """The days of which there is a list."""
        return tuple(day for day in self.days if day.path)

    def without(self, paths: Collection[str]) -> "Pack":
        """The same, as if the lists under these paths were not there."""
        lost = (PackDay(day.plan_date, missing="not_there") if day.path in paths else day for day in self.days)
        return replace(self, days=tuple(lost))


def mondays(window: Window) -> list[date]:
    """The first days of the weeks that today and the days ahead lie in."""
    ahead = days_between(window.today, window.last)
    return sorted({day - timedelta(days=day.weekday()) for day in ahead})


def days_of_packs(window: Window) -> list[date]:
    """The days of these weeks that may have copies."""
    weeks = (days_between(monday, monday + _SUNDAY) for monday in mondays(window))
    return [day for week in weeks for day in week if day >= window.first]


def packs(
    days: Mapping[date, DayOnStore],
    teams: Sequence[Team],
    window: Window,
    layout: str,
    without_visits: Collection[Cell] = (),
) -> list[Pack]:
    """The packs of which at least one day is there; of `without_visits` somebody has said that they have none."""
    wanted = [_pack(days, team, monday, window, layout, without_visits) for monday in mondays(window) for team in teams]
    return [pack for pack in wanted if pack.held]


def _pack(
    days: Mapping[date, DayOnStore],
    team: Team,
    monday: date,
    window: Window,
    layout: str,
    without_visits: Collection[Cell],
) -> Pack:
    week = days_between(monday, monday + _SUNDAY)
    return Pack(
        team.name,
        monday,
        artifact_path(layout, team.name, str(WeekPackName(monday, team.name))),
        tuple(_day(days.get(plan_date), plan_date, team, window, layout, without_visits) for plan_date in week),
    )


def _day(
    day: DayOnStore | None,
    plan_date: date,
    team: Team,
    window: Window,
    layout: str,
    without_visits: Collection[Cell],
) -> PackDay:
    # Its copies go with the window, and a pack lives no longer than what it holds.
    if plan_date < window.first:
        return PackDay(plan_date, missing="past")
    standing = day.standings.get(team.name) if day is not None else None
    if standing is not None and standing.entry is not None:
        if (found := _list_of(standing.entry, standing)) is not None:
            path = artifact_path(layout, team.name, found.name)
            return PackDay(plan_date, path, found.sha256, found.captured_at, standing.entry)
        return PackDay(plan_date, missing="edited" if standing.edited else "not_there")
    if plan_date > window.last:
        return PackDay(plan_date, missing="not_due")
    closed = team.closed_on(plan_date) or not team.expected_on(plan_date)
    closed = closed or Cell(plan_date, team.name) in without_visits
    return PackDay(plan_date, missing="closed" if closed else "not_there")


def _list_of(entry: CellEntry, standing: Standing) -> ArtifactEntry | None:
    """The record of the latest list that lies there whole; a stand-in may be newer than the file that it stands for."""
    lists = (
        standing.records[artifact.name]
        for artifact in entry.artifacts
        if (artifact.kind, artifact.format) == (Kind.LIST, Format.PDF)
        and standing.files.get(artifact.name) in WHOLE_STATES
    )
    # What stands in for a file is better than that file, also where an older capture is the whole one.
    return max(lists, key=lambda artifact: (artifact.stands_in_for is not None, artifact.captured_at), default=None)
