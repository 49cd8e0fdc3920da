"""Retention looks at a store: the days past the window, and what its guards need to know. Reads, removes nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from reservplan.domain.days import Window, days_between, local_day
from reservplan.domain.errors import ManifestUnreadable
from reservplan.domain.names import (
    OWN_FOLDER,
    is_temp_name,
    parse_artifact_name,
    parse_manifest_name,
    parse_week_pack_name,
)
from reservplan.domain.papers import PaperEntry, Papers
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileInfo, Store
from reservplan.domain.standing import CellState, FileState, Standing
from reservplan.retain.facts import Leftover, OldDay, OldFile, OldPaper, RetentionFacts, Stray
from reservplan.retain.memory import MEMORY_NAME, read_last_run
from reservplan.retain.plan import RetentionPlan, plan_retention
from reservplan.settings import Settings, StoreSettings
from reservplan.store.inspection import DayOnStore, artifact_path, folders_of, inspect, read_records
from reservplan.store.papers import There, listed, look_at, record_of
from reservplan.store.second_copy import is_second_copy

_RECORD = re.compile(r"^(\d{6}\.)(?:json|json\.bak|intent\.json)$")


def plan_for(
    store: Store, store_settings: StoreSettings, settings: Settings, now: datetime, *, include_edited: bool = False
) -> RetentionPlan:
    """Look at the opened store and decide what may go.

    `now` is the aware present (not the instant for which a run was scheduled). Raises as `read_retention` does.
    """
    facts = read_retention(store, store_settings, settings, now)
    return plan_retention(
        facts,
        window_of(settings, now),
        settings.thresholds,
        now,
        language=settings.language,
        include_edited=include_edited,
    )


def read_retention(store: Store, store_settings: StoreSettings, settings: Settings, now: datetime) -> RetentionFacts:
    """What lies on the opened store, as far as retention is concerned.

    Raises StoreUnreachable or StoreRefused, also where a single folder cannot be listed: it must never look empty. A
    record that cannot be read is a fault among the facts.
    """
    window = window_of(settings, now)
    folders = _folders(store, store_settings.layout, [team.name for team in settings.teams])
    return read_facts(store, store_settings, window, fresh_days(settings, window), folders)


def window_of(settings: Settings, now: datetime) -> Window:
    """The days that are kept, seen from the local day of `now`."""
    return Window(local_day(now, settings.zone), settings.window.days_back, settings.window.days_ahead)


def fresh_days(settings: Settings, window: Window) -> tuple[date, ...]:
    """The days of which a fresh copy must be there: today; where every group is closed today, any day ahead too."""
    today = window.today
    if any(team.expected_on(today) and not team.closed_on(today) for team in settings.teams):
        return (today,)
    return tuple(days_between(today, window.last))


def read_facts(
    store: Store, store_settings: StoreSettings, window: Window, checked: Sequence[date], folders: Sequence[str]
) -> RetentionFacts:
    """The facts for a window; `checked` are the days of which a fresh copy must be there, `folders` all that we use."""
    # The clock first: reading a slow share may take minutes, which are no difference between two clocks.
    clock = store.clock()
    recorded = _recorded_days(store)
    old = sorted(day for day in recorded if day < window.first)
    memory, memory_fault = _last_run(store)
    fresh = _inspected(store, store_settings.layout, [day for day in checked if day in recorded])
    papers, papers_fault = _papers(store)
    there = listed(store, [entry.path for entry in _past(papers, window)])
    strays, leftovers = _found_in(store, folders, window)
    faults = [memory_fault, papers_fault, *(str(day.fault) for day in fresh if day.fault is not None)]
    return RetentionFacts(
        store=store_settings.name,
        clock=clock,
        days=tuple(_old_day(day, store_settings.layout) for day in _inspected(store, store_settings.layout, old)),
        papers=tuple(_old_papers(store, papers, there, window)),
        papers_gone=tuple(entry for entry in _past(papers, window) if entry.path not in there),
        folders=tuple(folders),
        strays=tuple(strays),
        leftovers=tuple(leftovers),
        fresh_days=tuple(checked),
        fresh_at=max(_true_instants(fresh), default=None),
        kept_dates=tuple(sorted(day for day, sealed in recorded.items() if sealed and day >= window.today)),
        last_run=memory,
        fault=" ".join(fault for fault in faults if fault),
    )


def _recorded_days(store: Store) -> dict[date, bool]:
    """The days of which a manifest, the one before or an intent lies there, and whether it is a manifest."""
    days: dict[date, bool] = {}
    for name in store.list_folder(OWN_FOLDER):
        match = _RECORD.match(name)
        day = parse_manifest_name(f"{match[1]}json") if match else None
        if day is not None:
            days[day] = days.get(day, False) or parse_manifest_name(name) is not None
    return days


def _folders(store: Store, layout: str, teams: Iterable[str]) -> list[str]:
    """Every folder in which we put anything, of groups of today and of those that a record still names."""
    recorded = _recorded_days(store) if layout != "flat" else {}
    named = {team for day in read_records(store, sorted(recorded)).values() for team in _teams(day)}
    return sorted({"", OWN_FOLDER, *(folder for team in {*teams, *named} for folder in folders_of(layout, team))})


def _found_in(store: Store, folders: Iterable[str], window: Window) -> tuple[list[Stray], list[Leftover]]:
    """What lies in the folders under names of days past the window, and our temporary files.

    While somebody writes, the latter are his.
    """
    strays: list[Stray] = []
    leftovers: list[Leftover] = []
    writing = store.locked()
    for folder in folders:
        for name, info in store.list_folder(folder).items():
            path = f"{folder}/{name}" if folder else name
            if is_second_copy(name):
                continue  # the only copy left, until whoever locks the store has put it back
            if is_temp_name(name):
                leftovers.extend([] if writing else [Leftover(path, info)])
            elif (day := _last_day(name)) is not None and day < window.first:
                strays.append(Stray(day, path))
    return sorted(strays, key=lambda stray: stray.path), sorted(leftovers, key=lambda leftover: leftover.path)


def _last_day(name: str) -> date | None:
    """The last day of which a file of that name tells; None where it is no name of ours."""
    if (named := parse_artifact_name(name)) is not None:
        return named.plan_date
    pack = parse_week_pack_name(name)
    return pack.monday + timedelta(days=6) if pack else None


def _last_run(store: Store) -> tuple[date | None, str]:
    try:
        return read_last_run(store.read_many([MEMORY_NAME])[MEMORY_NAME]), ""
    except ManifestUnreadable as fault:
        return None, str(fault)


def _papers(store: Store) -> tuple[Papers, str]:
    try:
        return record_of(store), ""
    except ManifestUnreadable as fault:
        return Papers(), str(fault)


def _past(papers: Papers, window: Window) -> list[PaperEntry]:
    """The week packs that hold a day before the window, also those that an interrupted run wrote."""
    entries = {entry.path: entry for entry in (*papers.papers, *papers.intended)}
    return [
        entry
        for path, entry in sorted(entries.items())
        if parse_week_pack_name(path.rpartition("/")[2]) and entry.plan_dates and min(entry.plan_dates) < window.first
    ]


_STATE_OF_PAPER = {There.OURS: FileState.WHOLE, There.DAMAGED: FileState.DAMAGED, There.NOT_OURS: FileState.EDITED}


def _old_papers(store: Store, papers: Papers, there: Mapping[str, FileInfo], window: Window) -> Iterator[OldPaper]:
    for entry in _past(papers, window):
        if (info := there.get(entry.path)) is not None:
            state, _ = look_at(store, papers, entry.path, info)
            yield OldPaper(min(entry.plan_dates), entry.team, entry.path, info, _STATE_OF_PAPER[state])


def _inspected(store: Store, layout: str, plan_dates: Sequence[date]) -> list[DayOnStore]:
    """The days with a standing for every team that their records name."""
    records = read_records(store, plan_dates) if plan_dates else {}
    cells = [Cell(day.plan_date, team) for day in records.values() for team in _teams(day)]
    looked_at = inspect(store, layout, cells) if cells else {}
    return [looked_at.get(plan_date, day) for plan_date, day in records.items()]


def _teams(day: DayOnStore) -> list[str]:
    return sorted({*(day.manifest.cells if day.manifest else ()), *(day.intent.cells if day.intent else ())})


def _true_instants(days: Iterable[DayOnStore]) -> Iterator[datetime]:
    """When each copy was true that the manifest calls whole and that lies there whole."""
    for day in days:
        for team, standing in day.standings.items():
            sealed = day.entry(team)
            if sealed is not None and sealed.verdict.whole and standing.state is CellState.WHOLE:
                yield sealed.true_at


def _old_day(day: DayOnStore, layout: str) -> OldDay:
    files: dict[str, OldFile] = {}
    foreign = set(day.strays)
    for team, standing in day.standings.items():
        foreign.update(artifact_path(layout, team, info.name) for info in standing.listed.values())
        for file in _files(team, standing, layout):
            before = files.get(file.path)
            # Two teams whose names differ in letters' case only may both name a file: it is ours if either says so.
            if before is None or _RANK[file.state] < _RANK[before.state]:
                files[file.path] = file
    return OldDay(
        day.plan_date,
        day.manifest,
        day.intent,
        tuple(files[path] for path in sorted(files)),
        tuple(sorted(foreign - set(files))),
        str(day.fault) if day.fault is not None else "",
    )


_RANK = {FileState.WHOLE: 0, FileState.OLDER: 0, FileState.EDITED: 1, FileState.DAMAGED: 2}


def _files(team: str, standing: Standing, layout: str) -> Iterator[OldFile]:
    for name, state in standing.files.items():
        if state is not FileState.MISSING:
            info = standing.listed[name]
            yield OldFile(team, name, artifact_path(layout, team, info.name), info, state)
