"""One capture of the plan: choose the exports, read them, and say which cells they cover and how well."""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from reservplan.domain.days import ONE_DAY, first_instant
from reservplan.domain.errors import SourceNotReady
from reservplan.domain.plan import Cell, CellSource, Plan, Unreadable
from reservplan.domain.words import say
from reservplan.extract import demo
from reservplan.extract.exports import Export, find_exports, newest_of_each, not_from_future, read_whole, wait_for_fresh
from reservplan.extract.faults import ExportFault
from reservplan.extract.frames import shift_frame, shifts_from_visits, visit_frame
from reservplan.extract.layout import Layout, TeamNames, visit_layout
from reservplan.extract.patterns import NOTHING_TOLD, Told
from reservplan.extract.protection import protect
from reservplan.extract.pseudonyms import Pseudonyms
from reservplan.extract.rows import EVENING_START, LAST_NIGHT_START, Asked, Reading, RowReader
from reservplan.extract.tables import find_table
from reservplan.extract.totals import total_of
from reservplan.memory import give_memory_back
from reservplan.settings import NightDating, Settings, ShiftSource

# Of rows that are all of one kind a message names so many.
MOST_ROWS_NAMED = 3


@dataclass(frozen=True)
class Captured:
    """An export that was read; `content` only where a table of shifts is still to be read of it."""

    export: Export
    told: Told
    reading: Reading
    content: bytes

    @property
    def captured_at(self) -> datetime:
        """When its content was true."""
        return self.export.captured_at


@dataclass(frozen=True)
class Failed:
    """An export that could not be read."""

    export: Export
    told: Told
    fault: ExportFault


def capture(settings: Settings, plan_dates: Iterable[date], read_at: datetime) -> Plan:
    """See `reservplan.extract.read_plan`."""
    pseudonyms = Pseudonyms(settings.archive)
    asked = Asked(settings, frozenset(plan_dates), TeamNames(settings), pseudonyms)
    # All that was read is freed before the collector wakes up: else it walks every cell of the export once.
    with _collector_at_rest():
        return _captured_plan(asked, read_at)


def _captured_plan(asked: Asked, read_at: datetime) -> Plan:
    if asked.settings.source.kind == "demo":
        return plan_of(asked, [_demo(asked, read_at)], [], read_at, "demo")
    captured, failed = read_exports(asked)
    skew = asked.settings.thresholds.clock_skew_minutes
    captured = [replace(one, export=not_from_future(one.export, read_at, skew)) for one in captured]
    failed = [replace(one, export=not_from_future(one.export, read_at, skew)) for one in failed]
    return plan_of(asked, captured, failed, read_at, _label(asked.settings, captured))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the collector of cycles from walking a million cells again and again; a fifth of the time is saved."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _label(settings: Settings, captured: Sequence[Captured]) -> str:
    return captured[0].export.name if len(captured) == 1 else f"{len(captured)} × {settings.source.path}"


def _demo(asked: Asked, read_at: datetime) -> Captured:
    settings = demo.as_files(asked.settings)
    asked = replace(asked, settings=settings)
    export, content = demo.export_in_memory(settings, asked.kept, read_at)
    return _read_one(asked, export, content)


def read_exports(asked: Asked) -> tuple[list[Captured], list[Failed]]:
    """Read the newest export of every group and day that is asked for; one that fails stops no other.

    Raises:
        SourceNotReady, SourceError: there is none, or none can be read.
    """
    source = asked.settings.source
    found = find_exports(source.path)
    if not found:
        raise SourceNotReady(
            f"There is no export in {source.path}.",
            do="Save the plan from the planning system there; .csv, .txt, .xlsx, .xlsm and .ods are read.",
        )
    if "{" in source.title:
        return _read_titled(asked, found)
    chosen = {key: exports for key, exports in newest_of_each(found).items() if key[1] is None or key[1] in asked.kept}
    if not any(key[1] is None or key[1] in asked.days for key in chosen):
        days = sorted(key[1] for key in newest_of_each(found) if key[1])
        raise SourceNotReady(
            f"There is no export for the asked days ({_span(asked.days)}); the exports are for {_span(days)}.",
            do="Save the plan of these days from the planning system.",
        )
    wait_for_fresh(exports[0] for exports in chosen.values())
    captured: list[Captured] = []
    failed: list[Failed] = []
    for exports in chosen.values():
        newest = exports[0]
        try:
            captured.append(_read_one(asked, newest, read_whole(newest)))
        except ExportFault as fault:
            if newest.key == (None, None) or len(chosen) == 1:
                raise fault.error(_older(exports[1:])) from None
            failed.append(Failed(newest, newest.told, fault))
    if not captured:
        raise failed[0].fault.error() from None
    return captured, failed


def _older(exports: Sequence[Export]) -> str:
    return f"An older export is there and was not used: {exports[0].name}." if exports else ""


def _span(days: Iterable[date]) -> str:
    ordered = sorted(days)
    return f"{ordered[0]} – {ordered[-1]}" if ordered else "no day"


def _read_titled(asked: Asked, found: Sequence[Export]) -> tuple[list[Captured], list[Failed]]:
    """Exports whose group or day stands above the headings: each must be opened to know what it is the export of."""
    wait_for_fresh(found)
    newest: dict[Told, Captured] = {}
    failed: list[Failed] = []
    for export in found:
        try:
            one = _read_one(asked, export, read_whole(export))
        except ExportFault as fault:
            failed.append(Failed(export, export.told, fault))
            continue
        if one.told.plan_date is None or one.told.plan_date in asked.kept:
            newest.setdefault(_titled_key(asked, one.told), one)
    if not newest:
        raise (failed[0].fault if failed else ExportFault("no_rows", file=found[0].name)).error() from None
    # Whatever a broken file was the export of, one that is older than all that are used is not missed.
    oldest_used = min(one.export.mtime_ns for one in newest.values())
    return list(newest.values()), [one for one in failed if one.export.mtime_ns >= oldest_used]


def _titled_key(asked: Asked, told: Told) -> Told:
    team = asked.teams.find(told.team) if told.team else None
    return replace(told, team=team.name if team else told.team)


def _read_one(asked: Asked, export: Export, content: bytes) -> Captured:
    source = asked.settings.source
    layout = visit_layout(source)
    table = find_table(export, content, source, layout.headings, source.sheet)
    if table.ends_short and total_of(table.rows[-1], asked.teams) is None:
        raise ExportFault("cut_off", file=export.name, row=table.first_row + len(table.rows) - 1)
    told = Told(export.told.team or table.told.team, export.told.plan_date or table.told.plan_date)
    _require_told(source.title, told, layout, export)
    reading = RowReader(table, layout, told, asked).read()
    # A table is larger than what is read of it, and the frames are still to come.
    del table
    give_memory_back()
    if told.plan_date is None and not reading.days:
        raise _nothing_read(export, reading)
    shifts = asked.settings.source.shifts
    return Captured(export, told, reading, content if shifts and not shifts.path else b"")


def _nothing_read(export: Export, reading: Reading) -> ExportFault:
    if not reading.unreadable:
        return ExportFault("no_rows", file=export.name)
    shown = [
        f"{row.row} ({row.column})" if row.column else str(row.row) for row in reading.unreadable[:MOST_ROWS_NAMED]
    ]
    return ExportFault("unreadable_rows", file=export.name, count=len(reading.unreadable), rows=", ".join(shown))


def _require_told(title: str, told: Told, layout: Layout, export: Export) -> None:
    for field, value in (("team", told.team), ("plan_date", told.plan_date)):
        if "{" + field in title and value is None and field not in layout.columns:
            raise ExportFault("no_title", file=export.name, title=title)


def plan_of(
    asked: Asked, captured: Sequence[Captured], failed: Sequence[Failed], read_at: datetime, label: str
) -> Plan:
    """Put what was read together: one plan, and which cells it covers."""
    settings = asked.settings
    readings = [one.reading for one in captured]
    shift_readings, missed = _shifts(asked, captured)
    protect(readings, shift_readings, settings, asked.pseudonyms)
    visits = visit_frame(readings, settings.timezone)
    shifts = shift_frame(shift_readings, settings.timezone) if shift_readings else shifts_from_visits(visits)
    unreadable = [u for r in [*readings, *shift_readings] for u in r.unreadable] + missed
    unreadable += [_whole_file(one) for one in failed if one.told == NOTHING_TOLD]
    sources = _sources(asked, captured, failed)
    return Plan(
        visits=visits,
        shifts=shifts,
        unreadable=tuple(unreadable),
        sources=sources,
        read_at=read_at,
        label=label,
        unknown_teams=tuple(sorted({t.name for r in readings for t in r.teams if not t.known})),
        too_old=_too_old(settings, captured, read_at),
    )


def _whole_file(failed: Failed) -> Unreadable:
    """A file that hides whose it is may concern every cell, so every cell says so."""
    return Unreadable(None, None, failed.export.name, 1, "", f"file_{failed.fault.key}", "")


def _sources(asked: Asked, captured: Sequence[Captured], failed: Sequence[Failed]) -> dict[Cell, CellSource]:
    sources: dict[Cell, CellSource] = {}
    counts: dict[Cell, Counter[str]] = {}
    for one in captured:
        for cell, counter in one.reading.counts.items():
            counts.setdefault(cell, Counter()).update(counter)
        for cell, rows in _of_other_cells(asked, one).items():
            counts.setdefault(cell, Counter())["other_file"] += rows
    for one in captured:
        cells = _covered(asked, one)
        totals = _expected_visits(asked, one, cells)
        for cell in cells:
            # Where two exports cover a cell, what is on paper is as old as the older of them.
            if one.export.from_future:
                counts.setdefault(cell, Counter())["future_time"] += 1
            before = sources.get(cell)
            captured_at = min(before.captured_at, one.captured_at) if before else one.captured_at
            sources[cell] = CellSource(captured_at, "", dict(counts.get(cell, {})), totals.get(cell))
    for lost in failed:
        words = lost.fault.words(asked.settings.language)
        for cell in _cells_of_failed(asked, lost):
            before = sources.get(cell)
            sources[cell] = replace(before, fault=words) if before else CellSource(lost.export.captured_at, words)
    return dict(sorted(sources.items()))


def _configured(asked: Asked) -> set[str]:
    return {team.name for team in asked.settings.teams}


def _teams_of(asked: Asked, told: Told) -> set[str]:
    if told.team is None:
        return _configured(asked)
    found = asked.teams.find(told.team)
    return {found.name} if found and not found.ignored else set()


def _of_other_cells(asked: Asked, one: Captured) -> Counter[Cell]:
    """Rows of cells that the file's own name or title does not tell: saved under a wrong name it mixes two plans."""
    told, reading = one.told, one.reading
    teams = _teams_of(asked, told)
    return Counter(
        Cell(day, team)
        for day, team, start in zip(reading.plan_dates, reading.teams_of_rows, reading.starts, strict=True)
        if (told.team and team not in teams)
        or (told.plan_date and not _is_day_of(told.plan_date, day, start, asked.settings.zone))
    )


def _is_day_of(told: date, day: date, start_us: int, zone: ZoneInfo) -> bool:
    """Whether a visit is of the told day, or may belong to a night that begins or ends on it."""
    local = datetime.fromtimestamp(start_us // 1_000_000, zone)
    seconds = local.hour * 3600 + local.minute * 60
    is_early, is_late = seconds < LAST_NIGHT_START, seconds >= EVENING_START
    return day == told or (is_early and day - told == ONE_DAY) or (is_late and told - day == ONE_DAY)


def _covered(asked: Asked, one: Captured) -> list[Cell]:
    teams = _teams_of(asked, one.told)
    if one.told.team is None:
        teams |= {team.name for team in one.reading.teams}
    if one.told.plan_date:
        days = asked.days & {one.told.plan_date}
    else:
        first, last = min(one.reading.days), max(one.reading.days)
        days = frozenset(day for day in asked.days if first <= day <= last)
    return [Cell(day, team) for day in days for team in teams]


def _cells_of_failed(asked: Asked, failed: Failed) -> list[Cell]:
    if failed.told == NOTHING_TOLD:
        return []
    days = {failed.told.plan_date} if failed.told.plan_date else set(asked.days)
    if failed.told.plan_date and asked.settings.source.night_dated_by is NightDating.SHIFT:
        days.add(failed.told.plan_date + ONE_DAY)  # the file also held what comes after midnight
    return [Cell(day, team) for day in days if day in asked.days for team in _teams_of(asked, failed.told)]


def _expected_visits(asked: Asked, one: Captured, cells: Sequence[Cell]) -> dict[Cell, int]:
    """The source's own totals, each where it can only mean one cell."""
    days = {one.told.plan_date} if one.told.plan_date else one.reading.days
    teams = {one.told.team} if one.told.team else {team.name for team in one.reading.teams}
    if len(days) != 1:
        return {}
    expected = {}
    for total in one.reading.totals:
        for cell in cells:
            whole = total.team is None and len(teams) == 1
            named = _teams_of(asked, Told(total.team)) if total.team else teams
            if total.visits is not None and (whole or total.team) and cell.team in named and cell.plan_date in days:
                expected[cell] = total.visits
    return expected


def _shifts(asked: Asked, captured: Sequence[Captured]) -> tuple[list[Reading], list[Unreadable]]:
    """The tables of shifts, and what is missed; without any, the visits tell who works when."""
    shifts = asked.settings.source.shifts
    if shifts is None:
        return [], []
    try:
        return _read_shifts(asked, shifts, captured), []
    except ExportFault as fault:
        # Without them the lists are still whole; every cell says that something could not be read.
        return [], [Unreadable(None, None, str(fault.values.get("file", "")), 1, "", f"shifts_{fault.key}", "")]


def _read_shifts(asked: Asked, shifts: ShiftSource, captured: Sequence[Captured]) -> list[Reading]:
    if not shifts.path:
        return [_shift_rows(asked, shifts, one.export, one.content, one.told) for one in captured]
    try:
        listed = newest_of_each(find_exports(shifts.path))
    except SourceNotReady:
        listed = {}
    found = [exports[0] for key, exports in listed.items() if key[1] is None or key[1] in asked.kept]
    if not found:
        raise ExportFault("no_shifts", file=shifts.path)
    wait_for_fresh(found)
    return [_shift_rows(asked, shifts, export, read_whole(export), export.told) for export in found]


def _shift_rows(asked: Asked, shifts: ShiftSource, export: Export, content: bytes, told: Told) -> Reading:
    columns = dict(shifts.columns)
    employee_protected = columns.pop("employee_protected", ())
    layout = Layout(columns, employee_protected=employee_protected, key="source.shifts")
    table = find_table(export, content, asked.settings.source, layout.headings, shifts.sheet)
    return RowReader(table, layout, told, asked, needs_client=False).read()


def _too_old(settings: Settings, captured: Sequence[Captured], read_at: datetime) -> str:
    """Words where even the newest export is older than allowed; one group's old export must not hold up the others."""
    age_hours = min(_age(one, read_at, settings.zone) for one in captured).total_seconds() / 3600
    limit = settings.source.max_age_hours
    if age_hours <= limit:
        return ""
    # "26 hours old; at most 26" would look like a mistake of ours.
    hours = max(round(age_hours), int(limit) + 1)
    return say(settings.language, "extract.too_old", hours=hours, limit=f"{limit:g}")


def _age(one: Captured, read_at: datetime, zone: ZoneInfo) -> timedelta:
    """How old an export is; that of a single past day does not grow old after it."""
    day = one.told.plan_date
    return (min(read_at, first_instant(day + ONE_DAY, zone)) if day else read_at) - one.captured_at
