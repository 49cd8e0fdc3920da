"""Settling: a copy that stands in beside a file that was open takes that file's place as soon as it can.

Nothing is rendered: the stand-in's own bytes are put under the name that it stands in for, and the seal removes it.
The cell's `content` stays empty, so that the next run compares all four files with the plan once more.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import islice

from reservplan.domain.days import Window
from reservplan.domain.errors import StoreBusy
from reservplan.domain.manifest import ArtifactEntry, CellEntry, Intended, Intent, whole_second
from reservplan.domain.names import intent_name, is_stand_in, stood_in_for
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileOutcome, FileToWrite, Outcome, Store
from reservplan.domain.standing import FileState, Slot, Standing
from reservplan.publish.decision import Action, Decision
from reservplan.publish.sealing import seal_locked
from reservplan.publish.writing import Published
from reservplan.settings import StoreSettings
from reservplan.store.inspection import FILES_READ_AT_ONCE, DayOnStore, artifact_path, inspect, read_records
from reservplan.store.reading import read_what_opens


@dataclass(frozen=True)
class Settled:
    """How many stand-ins have given way to the file they stood in for, and the paths of those files that still wait."""

    settled: int = 0
    waiting: tuple[str, ...] = ()


def settle(store: Store, store_settings: StoreSettings, window: Window, run_id: str, *, at: datetime) -> Settled:
    """Settle what can be, on the opened store; `at` is aware and local.

    Where no manifest of the window names a stand-in, that is all that is read. While somebody else writes there,
    nothing is done. Raises StoreFull, StoreUnreachable or StoreRefused; what was under way is the next run's to seal.
    """
    records = read_records(store, list(window))
    cells = [cell for day in records.values() for cell in _with_stand_ins(day)]
    if not cells:
        return Settled()
    try:
        with store.lock(run_id):
            days = inspect(store, store_settings.layout, cells)
            return _Settling(store, store_settings, days, run_id, at).settle()
    except StoreBusy:
        return Settled()


def _with_stand_ins(day: DayOnStore) -> Iterator[Cell]:
    """The cells that may be settled; a record in doubt, or a run that is not done, is the next run's to mend."""
    for team, entry in day.manifest.cells.items() if day.manifest and day.fault is None else ():
        if day.intended(team) is None and any(is_stand_in(artifact.name) for artifact in entry.artifacts):
            yield Cell(day.plan_date, team)


def settled(standing: Standing, entry: CellEntry, held: Collection[str] = ()) -> CellEntry:
    """The record as it is when every stand-in that may has taken its own name, but for the `held` names. Pure.

    It may where nothing else lies under that name than the copy of ours that it was to replace, or a broken one, or
    nothing: that it is the better one was decided when it was written.
    """
    artifacts = list(entry.artifacts)
    for slot, own in _own_files(standing, entry).items():
        if own.name in held:
            continue
        of_slot = [artifact for artifact in artifacts if (artifact.kind, artifact.format) == slot]
        edited = [artifact for artifact in of_slot if standing.files[artifact.name] is FileState.EDITED]
        first = artifacts.index(of_slot[0])
        others = [artifact for artifact in artifacts if artifact not in of_slot]
        artifacts = [*others[:first], own, *edited, *others[first:]]
    return entry.model_copy(update={"artifacts": tuple(artifacts)})


def _own_files(standing: Standing, entry: CellEntry) -> dict[Slot, ArtifactEntry]:
    """By artifact, what shall lie under its own name: what stands in for it, else what lies there."""
    found: dict[Slot, ArtifactEntry] = {}
    whole = [artifact for artifact in entry.artifacts if standing.files[artifact.name] is FileState.WHOLE]
    # One that stands in for nothing any more is only to be removed.
    for stand_in in sorted((a for a in whole if is_stand_in(a.name)), key=lambda a: a.stands_in_for is not None):
        own = stood_in_for(stand_in.name)
        there = next((artifact for artifact in whole if artifact.name == own), None)
        if there is not None and stand_in.stands_in_for is None:
            found[stand_in.kind, stand_in.format] = there
        elif stand_in.stands_in_for and not standing.taken(own) and not (there and _may_be_worse(entry)):
            found[stand_in.kind, stand_in.format] = stand_in.model_copy(update={"name": own, "stands_in_for": None})
    return found


def _may_be_worse(entry: CellEntry) -> bool:
    """Whether stand-ins may be of a worse copy than the files: made for one that was broken, and is whole again."""
    return any(reason.code == "mended_partly" for reason in entry.reasons)


@dataclass(frozen=True)
class _Sitting:
    """One cell under settling: what lies there, what its manifest says, and what was sent."""

    standing: Standing
    sealed: CellEntry
    outcomes: tuple[FileOutcome, ...] = ()
    held: tuple[str, ...] = ()

    @property
    def cell(self) -> Cell:
        return self.standing.cell

    @property
    def entry(self) -> CellEntry:
        """The record as it shall be, and after the writing as it has turned out."""
        return settled(self.standing, self.sealed, self.held)

    def moves(self) -> Iterator[tuple[ArtifactEntry, ArtifactEntry]]:
        """Each stand-in whose bytes are to be written, and the record under its own name."""
        for own in self.entry.artifacts:
            same = (a for a in self.sealed.artifacts if a.stands_in_for == own.name and a.sha256 == own.sha256)
            if own not in self.sealed.artifacts and (stand_in := next(same, None)) is not None:
                yield stand_in, own


class _Settling:
    """One store's settling, under its lock."""

    def __init__(
        self, store: Store, store_settings: StoreSettings, days: Mapping[date, DayOnStore], run_id: str, at: datetime
    ) -> None:
        self.store = store
        self.store_settings = store_settings
        self.days = days
        self.intents = {day.plan_date: day.intent for day in days.values() if day.intent is not None}
        self.run_id = run_id
        self.at = at

    def settle(self) -> Settled:
        """Intent, files, seal, as a run does it."""
        found = list(self._found())
        wanted = [sitting for sitting in found if sitting.entry != sitting.sealed]
        intended = self._intend(wanted)
        ready = [sitting for sitting in wanted if sitting.cell.plan_date in intended]
        done = self._write(ready)
        self._intend([sitting for sitting in done if sitting.held and sitting.entry != sitting.sealed])
        if done:
            seal_locked(self.store, self.store_settings, map(_published, done), self.run_id, sealed_at=self.at)
        after = {sitting.cell: sitting.entry for sitting in done}
        entries = [(sitting.cell, after.get(sitting.cell, sitting.sealed)) for sitting in found]
        waiting = tuple(
            artifact_path(self.store_settings.layout, cell.team, stood_in_for(a.name))
            for cell, entry in entries
            for a in entry.artifacts
            if is_stand_in(a.name)
        )
        before = sum(is_stand_in(a.name) for sitting in found for a in sitting.sealed.artifacts)
        return Settled(before - len(waiting), waiting)

    def _found(self) -> Iterator[_Sitting]:
        for day in self.days.values():
            for team, standing in day.standings.items():
                sealed = day.entry(team)
                if sealed is not None and day.intended(team) is None:
                    yield _Sitting(standing, sealed)

    def _intend(self, sittings: Sequence[_Sitting]) -> set[date]:
        """Write what the cells shall be into their days' intents; returns the days whose intent lies there."""
        intents: dict[date, Intent] = {}
        for sitting in sittings:
            day = sitting.cell.plan_date
            there = intents.get(day) or self.intents.get(day) or Intent(plan_date=day)
            intended = Intended(run_id=self.run_id, written_at=self.at, entry=sitting.entry)
            intents[day] = Intent(plan_date=day, cells={**there.cells, sitting.cell.team: intended})
        files = [FileToWrite(intent_name(day), it.to_bytes(), whole_second(self.at)) for day, it in intents.items()]
        written = {it.path for it in self.store.write(files) if it.outcome is Outcome.DONE} if files else set()
        done = {day: intent for day, intent in intents.items() if intent_name(day) in written}
        self.intents.update(done)
        return set(done)

    def _write(self, sittings: Sequence[_Sitting]) -> list[_Sitting]:
        """Put the stand-ins' bytes under their own names, some at a time; the cells as they have turned out."""
        moves = iter([(sitting, *move) for sitting in sittings for move in sitting.moves()])
        outcomes: dict[Cell, list[FileOutcome]] = {}
        held: dict[Cell, list[str]] = {}
        while batch := list(islice(moves, FILES_READ_AT_ONCE)):
            files = self._files(batch)
            told = dict(zip(files, self.store.write(files.values()), strict=True))
            for sitting, _, own in batch:
                outcome = told.get((sitting.cell, own.name))
                outcomes.setdefault(sitting.cell, []).extend([outcome] if outcome else [])
                if outcome is None or outcome.outcome is not Outcome.DONE:
                    held.setdefault(sitting.cell, []).append(own.name)
        return [
            replace(one, outcomes=tuple(outcomes.get(one.cell, ())), held=tuple(held.get(one.cell, ())))
            for one in sittings
        ]

    def _files(
        self, batch: Sequence[tuple[_Sitting, ArtifactEntry, ArtifactEntry]]
    ) -> dict[tuple[Cell, str], FileToWrite]:
        """The files to write, by cell and name; a stand-in that is not as recorded any more is left where it is."""
        layout = self.store_settings.layout
        paths = [artifact_path(layout, sitting.cell.team, stand_in.name) for sitting, stand_in, _ in batch]
        contents = read_what_opens(self.store, paths)
        files: dict[tuple[Cell, str], FileToWrite] = {}
        for path, (sitting, stand_in, own) in zip(paths, batch, strict=True):
            content = contents.get(path)
            if content is not None and sha256(content).hexdigest() == stand_in.sha256:
                target = artifact_path(layout, sitting.cell.team, own.name)
                over = sitting.standing.over(own.name)
                files[sitting.cell, own.name] = FileToWrite(target, content, own.mtime, over)
        return files


def _published(sitting: _Sitting) -> Published:
    """The cell as the seal takes it; where nothing moved, its intent is all that goes."""
    moved = sitting.entry != sitting.sealed
    decision = Decision(Action.REPLACE, "settled") if moved else Decision(Action.LEAVE, "unchanged")
    return Published(sitting.cell, decision, sitting.entry, sitting.outcomes)
