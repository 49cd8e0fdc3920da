"""The seal: read back what was published, and only then let the manifest say so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from reservplan.domain.counts import COUNTS_NAME, Count, Counts, file_marks, oldest_counted
from reservplan.domain.days import require_aware
from reservplan.domain.errors import ReservplanError
from reservplan.domain.manifest import CellEntry, Intended, Intent, Manifest, whole_second
from reservplan.domain.names import OWN_FOLDER, backup_name, intent_name, manifest_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileToWrite, Outcome, Store
from reservplan.domain.shortfalls import SHORTFALLS_NAME, Shortfall, Shortfalls
from reservplan.domain.standing import FileState, Standing, stands
from reservplan.publish.decision import Action
from reservplan.publish.noting import noted
from reservplan.publish.writing import Published
from reservplan.settings import StoreSettings
from reservplan.store.inspection import DayOnStore, artifact_path, inspect, read_records


@dataclass(frozen=True)
class Sealed:
    """What one seal made count: cells and files of this run, cells confirmed, and cells of interrupted runs taken up.

    `failures` names the cells that are not on the store as they were written, with a code: `not_as_written`,
    `superseded` (another run has written the cell since), `manifest_not_written`, `manifest_unreadable`.
    `noted` says whether the store knows what the readings lacked; the copies count also where it does not.
    """

    cells: int = 0
    files: int = 0
    bytes: int = 0
    confirmed: int = 0
    adopted: int = 0
    failures: Mapping[str, str] = field(default_factory=dict)
    noted: bool = True


def seal(
    store: Store,
    store_settings: StoreSettings,
    published: Iterable[Published],
    run_id: str,
    *,
    sealed_at: datetime,
    judged: Mapping[Cell, Shortfall | None] = MappingProxyType({}),
    kept_from: date = date.min,
) -> Sealed:
    """Make what lies there count, cell by cell; safe to repeat.

    Cells of interrupted runs on the same days, whose files all lie there, are sealed along. Manifests are written
    after the one before was put by, the intents are cleaned last. `judged` tells of each cell that was read what the
    reading lacked (None: nothing), and is noted whether or not the cell has anything to seal; notes of days before
    `kept_from` go. `sealed_at` is aware and local.

    Raises StoreBusy, StoreFull, StoreUnreachable or StoreRefused; repeating it is safe then too.
    """
    published = list(published)
    if not judged and not any(map(_concerns_the_seal, published)):
        return Sealed()
    with store.lock(run_id):
        sealed = seal_locked(store, store_settings, published, run_id, sealed_at=sealed_at)
        is_noted = _note_shortfalls(store, judged, _left(published), kept_from, sealed_at)
    return replace(sealed, noted=is_noted)


def seal_locked(
    store: Store, store_settings: StoreSettings, published: Iterable[Published], run_id: str, *, sealed_at: datetime
) -> Sealed:
    """The seal itself, under a lock that the caller holds."""
    cells = {done.cell: done for done in published if _concerns_the_seal(done)}
    days = _inspect_with_intended(store, store_settings.layout, cells)
    sealings = [_Sealing(day, {c: p for c, p in cells.items() if c.plan_date == day.plan_date}) for day in days]
    for sealing in sealings:
        _remove_superseded(store, store_settings.layout, sealing)
    not_written = _write_manifests(store, sealings, run_id, whole_second(require_aware(sealed_at)))
    counting = [sealing for sealing in sealings if sealing.day.plan_date not in not_written]
    _clean_intents(store, counting, whole_second(sealed_at))
    _count_visits(store, counting, sealed_at)
    return _sum_up(sealings, not_written)


def _concerns_the_seal(done: Published) -> bool:
    return done.written or (done.entry is not None and done.decision.action in (Action.CONFIRM, Action.LEAVE))


def _inspect_with_intended(store: Store, layout: str, cells: Iterable[Cell]) -> list[DayOnStore]:
    """The days of the cells, with those that interrupted runs intended besides."""
    asked = set(cells)
    for day in read_records(store, sorted({cell.plan_date for cell in asked})).values():
        asked.update(Cell(day.plan_date, team) for team in (day.intent.cells if day.intent else ()))
    return list(inspect(store, layout, sorted(asked)).values())


class _Sealing:
    """One day under the seal: decides at construction, from what lies there, what its manifest shall say."""

    def __init__(self, day: DayOnStore, published: Mapping[Cell, Published]) -> None:
        self.day = day
        self.published = published
        self.removed: set[tuple[str, str]] = set()
        self.entries = {} if day.blocks else self._entries_to_be()
        self.failures = {cell: code for cell in published if (code := self._failure(cell))}

    def _entries_to_be(self) -> dict[str, CellEntry]:
        entries = dict(self.day.manifest.cells) if self.day.manifest else {}
        for team, standing in self.day.standings.items():
            if standing.unsealed and standing.entry is not None:
                entries[team] = standing.entry
        for cell, done in self.published.items():
            there, moved = entries.get(cell.team), None if done.decision.writes else done.entry
            if there is not None and moved is not None and _is_copy(there, moved):
                entries[cell.team] = _confirmed(there, moved)
        return entries

    def _failure(self, cell: Cell) -> str:
        """Why a cell that was written does not count; empty where it does, or where only its record moves."""
        done = self.published[cell]
        if self.day.blocks:
            return "manifest_unreadable"
        if not done.written or done.entry is None:
            return ""
        if _is_copy(self.entries.get(cell.team), done.entry):
            # An earlier try may have sealed it: that it lay there then says nothing of now.
            standing = self.day.standings[cell.team]
            lies_there = standing.entry is not None and stands(standing.entry, standing.files)
            return "" if lies_there else "not_as_written"
        intended = self.day.intended(cell.team)
        return "not_as_written" if intended is None or _is_copy(intended.entry, done.entry) else "superseded"

    @property
    def sealed(self) -> list[Published]:
        """Those of this run that count from now on."""
        return [done for cell, done in self.published.items() if done.written and cell not in self.failures]

    @property
    def adopted(self) -> list[str]:
        """Teams whose copy an interrupted run left unsealed."""
        own = {done.cell.team for done in self.published.values() if done.written}
        return [team for team, standing in self.day.standings.items() if standing.unsealed and team not in own]

    @property
    def changed(self) -> bool:
        """Whether the manifest would say anything new."""
        if self.day.blocks:
            return False
        return self.day.from_backup or self.entries != (self.day.manifest.cells if self.day.manifest else {})

    def remaining_intent(self) -> dict[str, Intended]:
        """What is left to be sealed or mended: all but the cells that the manifest now tells in full."""
        cells = self.day.intent.cells if self.day.intent and not self.day.blocks else {}
        return {team: intended for team, intended in cells.items() if not self._told(team)}

    def _told(self, team: str) -> bool:
        """Whether all files of ours that lie there are named by the manifest that is to be."""
        standing, entry = self.day.standings[team], self.entries.get(team)
        named = {(a.name, a.sha256) for a in entry.artifacts} if entry else set()
        return all(
            (name, standing.records[name].sha256) in named
            for name, state in standing.files.items()
            if state is not FileState.MISSING and (team, name) not in self.removed
        )


def _is_copy(there: CellEntry | None, done: CellEntry) -> bool:
    """Whether a record speaks of the very files that were published, whatever has been confirmed since."""
    # The seal may have added old stand-ins that it could not remove.
    return there is not None and there.captured_at == done.captured_at and {*done.artifacts} <= {*there.artifacts}


def _confirmed(there: CellEntry, done: CellEntry) -> CellEntry:
    """The sealed record, known to be true later or to come of this input too."""
    return there.model_copy(
        update={
            "confirmed_at": max(there.confirmed_at, done.confirmed_at),
            "verdict": done.verdict,
            "reasons": done.reasons,
            "cancelled": done.cancelled,
            "by_hour": done.by_hour,
            "source_sha256": done.source_sha256,
        }
    )


def _remove_superseded(store: Store, layout: str, sealing: _Sealing) -> None:
    """Remove stand-ins and the like that a sealed copy replaces; an open one stays on record for the next run."""
    for team, standing in sealing.day.standings.items():
        entry = sealing.entries.get(team)
        if not standing.unsealed or entry is None:
            continue
        superseded = {name for name in standing.superseded if name in standing.listed}
        removed = {name for name in sorted(superseded) if _removed(store, layout, team, standing, name)}
        sealing.removed.update((team, name) for name in removed)
        # What is only left to be removed stands in for nothing any more.
        kept = [
            standing.records[name].model_copy(update={"stands_in_for": None}) for name in sorted(superseded - removed)
        ]
        edited = [standing.records[name] for name in standing.edited if name not in {a.name for a in entry.artifacts}]
        if kept or edited:
            # Without its content the entry differs from every offer, so that the next run writes and removes again.
            content = "" if kept else entry.content
            sealing.entries[team] = entry.model_copy(
                update={"content": content, "artifacts": (*entry.artifacts, *kept, *edited)}
            )


def _removed(store: Store, layout: str, team: str, standing: Standing, name: str) -> bool:
    info = standing.listed[name]
    outcome = store.remove(artifact_path(layout, team, info.name), info)
    return outcome.outcome in (Outcome.DONE, Outcome.MISSING)


def _write_manifests(store: Store, sealings: Sequence[_Sealing], run_id: str, sealed_at: datetime) -> set[date]:
    """First put by the manifests before, then write the new ones; returns the days that could not be."""
    changed = {sealing.day.plan_date: sealing for sealing in sealings if sealing.changed}
    before = [
        FileToWrite(backup_name(day), sealing.day.manifest.to_bytes(), sealed_at)
        for day, sealing in changed.items()
        if sealing.day.manifest is not None
    ]
    not_put_by = _not_done(store, before)
    manifests = [
        FileToWrite(
            manifest_name(day),
            Manifest(plan_date=day, sealed_at=sealed_at, run_id=run_id, cells=sealing.entries).to_bytes(),
            sealed_at,
        )
        for day, sealing in changed.items()
        if backup_name(day) not in not_put_by
    ]
    not_written = _not_done(store, manifests)
    return {day for day in changed if manifest_name(day) in not_written or backup_name(day) in not_put_by}


def _not_done(store: Store, files: Sequence[FileToWrite]) -> set[str]:
    outcomes = store.write(files) if files else ()
    return {file.path for file in files} - {o.path for o in outcomes if o.outcome is Outcome.DONE}


def _clean_intents(store: Store, sealings: Sequence[_Sealing], at: datetime) -> None:
    """Take out what the manifests now tell; an intent that cannot be cleaned is void, so nothing depends on it."""
    days = {sealing.day.plan_date: sealing for sealing in sealings if not sealing.day.blocks}
    remaining = {day: sealing.remaining_intent() for day, sealing in days.items()}
    shorter = [
        FileToWrite(intent_name(day), Intent(plan_date=day, cells=cells).to_bytes(), at)
        for day, cells in remaining.items()
        if cells and cells != _intended_cells(days[day].day)
    ]
    if shorter:
        store.write(shorter)
    # A damaged intent goes as well: what it said is lost either way.
    empty = [day for day, cells in remaining.items() if not cells and (days[day].day.intent or days[day].day.fault)]
    listed = store.list_folder(OWN_FOLDER) if empty else {}
    for path in map(intent_name, empty):
        if (info := listed.get(path.removeprefix(f"{OWN_FOLDER}/"))) is not None:
            store.remove(path, info)


def _intended_cells(day: DayOnStore) -> Mapping[str, Intended]:
    return day.intent.cells if day.intent else {}


def _count_visits(store: Store, sealings: Sequence[_Sealing], sealed_at: datetime) -> None:
    """Note how many visits the cells had that were published or confirmed now."""
    new: dict[Cell, Count | None] = {
        Cell(plan_date, team): Count(
            visits=entry.visits,
            verdict=entry.verdict,
            by_hour=entry.by_hour,
            files=file_marks(artifact.sha256 for artifact in entry.artifacts),
        )
        for team, plan_date, entry in _counted(sealings)
    }
    counts = Counts.read(store.read_many([COUNTS_NAME])[COUNTS_NAME]) if new else None
    if counts is None:
        return
    updated = counts.updated(new, oldest_counted(sealed_at.date()))
    if updated != counts:
        store.write([FileToWrite(COUNTS_NAME, updated.to_bytes(), whole_second(sealed_at))])


def _left(published: Iterable[Published]) -> dict[Cell, datetime]:
    """The cells whose copy stays although something was read, and for when each copy was last known to be true."""
    return {
        done.cell: done.entry.true_at
        for done in published
        if done.entry is not None and done.decision.action in (Action.LEAVE, Action.KEEP)
    }


def _note_shortfalls(
    store: Store,
    judged: Mapping[Cell, Shortfall | None],
    left: Mapping[Cell, datetime],
    kept_from: date,
    sealed_at: datetime,
) -> bool:
    """Note what the readings lacked; whatever hinders it, the copies are sealed."""
    try:
        there = Shortfalls.read(store.read_many([SHORTFALLS_NAME])[SHORTFALLS_NAME]) if judged else None
        if there is None:
            return not judged
        updated = noted(there, judged, left, kept_from)
        if updated == there:
            return True
        file = FileToWrite(SHORTFALLS_NAME, updated.to_bytes(), whole_second(sealed_at))
        return not _not_done(store, [file])
    except ReservplanError:
        return False


def _counted(sealings: Sequence[_Sealing]) -> Iterator[tuple[str, date, CellEntry]]:
    for sealing in sealings:
        teams = {
            done.cell.team
            for cell, done in sealing.published.items()
            if cell not in sealing.failures and (done.written or done.decision.action is Action.CONFIRM)
        }
        for team in sorted(teams.union(sealing.adopted)):
            if (entry := sealing.entries.get(team)) is not None:
                yield team, sealing.day.plan_date, entry


def _sum_up(sealings: Sequence[_Sealing], not_written: set[date]) -> Sealed:
    failures = {str(cell): code for sealing in sealings for cell, code in sealing.failures.items()}
    for sealing in sealings:
        if sealing.day.plan_date in not_written:
            failures |= {str(cell): "manifest_not_written" for cell in sealing.published}
    counting = [sealing for sealing in sealings if sealing.day.plan_date not in not_written]
    sealed = [done for sealing in counting for done in sealing.sealed]
    artifacts = [artifact for done in sealed if done.entry for artifact in done.entry.artifacts]
    confirmed = [
        done
        for sealing in counting
        for done in sealing.published.values()
        if done.decision.action is Action.CONFIRM and not sealing.day.blocks
    ]
    return Sealed(
        cells=len(sealed),
        files=len(artifacts),
        bytes=sum(artifact.bytes for artifact in artifacts),
        confirmed=len(confirmed),
        adopted=sum(len(sealing.adopted) for sealing in counting),
        failures=failures,
    )
