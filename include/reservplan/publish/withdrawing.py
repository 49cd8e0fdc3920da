"""Taking back the copies of cells of which nothing may be shown any more; what is not ours stays where it is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from reservplan.domain.errors import ReservplanError
from reservplan.domain.manifest import CellEntry, Intent, whole_second
from reservplan.domain.names import OWN_FOLDER, intent_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileToWrite, Outcome, Store
from reservplan.domain.standing import FileState, Standing
from reservplan.store.inspection import DayOnStore, artifact_path, inspect
from reservplan.store.manifests import replace_manifest

_GONE = (Outcome.DONE, Outcome.MISSING)


def withdraw(store: Store, layout: str, cells: Collection[Cell], run_id: str, *, at: datetime) -> dict[Cell, list[str]]:
    """Remove our files of these cells from the opened store, under its lock; returns their paths, by cell.

    First the files, then what the records say of them, so that it is safe to repeat. A file that somebody has edited,
    or has open, stays and stays on record; a day whose records cannot be read is left alone.

    Raises StoreBusy, StoreFull, StoreUnreachable or StoreRefused.
    """
    gone: dict[Cell, list[str]] = {}
    with store.lock(run_id):
        for plan_date, day in inspect(store, layout, cells).items():
            for cell in sorted(cell for cell in cells if cell.plan_date == plan_date):
                standing = day.standing(cell.team)
                if not isinstance(standing, ReservplanError):
                    gone[cell] = _remove(store, layout, standing)
            if not day.blocks:
                teams = {cell.team: gone[cell] for cell in gone if cell.plan_date == plan_date}
                _tell_manifest(store, day, teams, whole_second(at))
                _tell_intent(store, day, teams, whole_second(at))
    return gone


def _remove(store: Store, layout: str, standing: Standing) -> list[str]:
    paths = []
    for name, state in standing.files.items():
        info = standing.listed.get(name)
        if info is None or state is FileState.EDITED:
            continue
        path = artifact_path(layout, standing.cell.team, info.name)
        if store.remove(path, info).outcome in _GONE:
            paths.append(path)
    return paths


def _tell_manifest(store: Store, day: DayOnStore, gone: Mapping[str, Sequence[str]], at: datetime) -> None:
    """The manifest without what is gone."""
    if day.manifest is None:
        return
    cells = {team: left for team, entry in day.manifest.cells.items() if (left := _left(day, team, entry, gone))}
    if cells == day.manifest.cells:
        return
    replace_manifest(store, day.manifest, day.manifest.model_copy(update={"cells": cells}), at)


def _left(day: DayOnStore, team: str, entry: CellEntry, gone: Mapping[str, Sequence[str]]) -> CellEntry | None:
    """The record of those of a cell's files that lie there still; None where none does."""
    if team not in gone:
        return entry
    away = {path.rpartition("/")[2] for path in gone[team]}
    listed = day.standings[team].listed
    artifacts = tuple(a for a in entry.artifacts if a.name in listed and listed[a.name].name not in away)
    return entry.model_copy(update={"content": "", "artifacts": artifacts}) if artifacts else None


def _tell_intent(store: Store, day: DayOnStore, gone: Mapping[str, Sequence[str]], at: datetime) -> None:
    """The intent without cells of which nothing is left: an interrupted run's files are gone with the others."""
    if day.intent is None:
        return
    cells = {team: one for team, one in day.intent.cells.items() if _left(day, team, one.entry, gone)}
    if cells:
        if cells != day.intent.cells:
            content = Intent(plan_date=day.plan_date, cells=cells).to_bytes()
            store.write([FileToWrite(intent_name(day.plan_date), content, at)])
    elif (info := store.list_folder(OWN_FOLDER).get(intent_name(day.plan_date).rpartition("/")[2])) is not None:
        store.remove(intent_name(day.plan_date), info)
