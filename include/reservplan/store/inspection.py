"""What lies on a store, read and judged against its own records; shared by publishing, retention and the watch.

Reads, never writes. One listing and the records of the asked days are enough where every file still has the size and
mtime that we gave it; only files that differ are read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256

from reservplan.domain.counts import COUNTS_NAME, Counts, file_mark
from reservplan.domain.errors import ManifestUnreadable, ReservplanError
from reservplan.domain.manifest import (
    ArtifactEntry,
    CellEntry,
    Intended,
    Intent,
    Manifest,
    NewerManifest,
    read_intent,
    read_manifest,
)
from reservplan.domain.names import (
    ADOPTED,
    ARTIFACTS,
    BESIDE,
    ArtifactName,
    Format,
    Kind,
    artifact_name,
    backup_name,
    intent_name,
    manifest_name,
    nfc,
    parse_artifact_name,
    team_key,
)
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileInfo, Store
from reservplan.domain.standing import CellState, FileState, Slot, Standing, looks_untouched, opens, stands
from reservplan.store.reading import read_what_opens

# Contents that must be read are held in memory this many at a time.
FILES_READ_AT_ONCE = 64
WORKBOOK_FOLDER = "Excel"


@dataclass(frozen=True)
class DayOnStore:
    """One plan_date on a store.

    `fault` says that a record could not be read. Where it `blocks`, nothing can be told of the day's files: there are
    no standings and nothing may be touched. Else the manifest is the one before, or none where the store remembers the
    hashes of our files (`from_backup`), or a damaged intent is left out; the next seal mends all of it.
    `standings` has the asked teams; `strays` are paths of files under the day's names that no record knows.
    """

    plan_date: date
    manifest: Manifest | None = None
    intent: Intent | None = None
    fault: ReservplanError | None = None
    blocks: bool = False
    from_backup: bool = False
    standings: Mapping[str, Standing] = field(default_factory=dict)
    strays: tuple[str, ...] = ()

    def standing(self, team: str) -> Standing | ReservplanError:
        """What publishing decides on: the team's standing, or why the day cannot be judged."""
        if self.blocks and self.fault is not None:
            return self.fault
        return self.standings[team]

    def entry(self, team: str) -> CellEntry | None:
        """What the manifest says of the team, if anything."""
        return self.manifest.cells.get(team) if self.manifest else None

    def intended(self, team: str) -> Intended | None:
        """What the intent says of the team, if anything."""
        return self.intent.cells.get(team) if self.intent else None


def inspect(store: Store, layout: str, cells: Iterable[Cell], *, deep: bool = False) -> Mapping[date, DayOnStore]:
    """Every asked day and cell as it stands on the store; `deep` reads every recorded file.

    Raises StoreUnreachable or StoreRefused; a record that cannot be read is the fault of its day alone.
    """
    teams_of: dict[date, list[str]] = {}
    for cell in cells:
        teams_of.setdefault(cell.plan_date, []).append(cell.team)
    days = read_records(store, sorted(teams_of))
    listing = _Listing(store, layout, teams_of)
    views = {
        plan_date: [_view(days[plan_date], Cell(plan_date, team), listing) for team in dict.fromkeys(teams)]
        for plan_date, teams in teams_of.items()
        if not days[plan_date].blocks
    }
    wanted = (path for day in views.values() for view in day for path in view.unclear(layout, deep=deep))
    looks = _read(store, wanted)
    views = _recognised(store, layout, views, looks)
    return {
        plan_date: _day(days[plan_date], views.get(plan_date, []), listing, looks) for plan_date in sorted(teams_of)
    }


def artifact_path(layout: str, team: str, name: str) -> str:
    """Where a file lies below the store's folder."""
    folder = _folder_for(layout, team, name)
    return nfc(f"{folder}/{name}") if folder else nfc(name)


def folders_of(layout: str, team: str) -> tuple[str, ...]:
    """The folders of a team's files below the store's folder; an empty text is the store's folder itself."""
    return tuple(dict.fromkeys(_folder_for(layout, team, f".{fmt}") for fmt in Format))


def _folder_for(layout: str, team: str, name: str) -> str:
    if layout == "flat":
        return ""
    # A stick is opened by whoever prints: the PDFs first, and nothing but them.
    of_workbooks = layout == "stick" and name.endswith(f".{Format.XLSX}")
    return nfc(f"{team}/{WORKBOOK_FOLDER}" if of_workbooks else team)


def own_names(cell: Cell, suffix: str = "") -> list[str]:
    """The four names of a cell's copies, with one suffix."""
    return [artifact_name(cell.plan_date, kind, cell.team, fmt, suffix) for kind, fmt in ARTIFACTS]


def read_records(store: Store, plan_dates: Sequence[date]) -> dict[date, DayOnStore]:
    """The manifests and intents of the days, without any listing."""
    contents = store.read_many([name(day) for day in plan_dates for name in (manifest_name, intent_name)])
    manifests = {day: _parse_manifest(contents[manifest_name(day)], day, manifest_name(day)) for day in plan_dates}
    doubtful = [day for day, (manifest, _) in manifests.items() if manifest is None]
    backups = store.read_many([backup_name(day) for day in doubtful]) if doubtful else {}
    contents = {**contents, **backups}
    days = {day: _records(day, *manifests[day], contents) for day in plan_dates}
    if blocked := [day for day, found in days.items() if found.blocks]:
        counts = _counts(store)
        # Where our files can be told by their hashes, a damaged manifest without one before it is but a lost one.
        known = [day for day in blocked if counts.files_of(day)]
        days.update((day, _records(day, *manifests[day], contents, blocking=False)) for day in known)
    return days


def _counts(store: Store) -> Counts:
    return Counts.read(store.read_many([COUNTS_NAME])[COUNTS_NAME]) or Counts()


def _records(
    plan_date: date,
    manifest: Manifest | None,
    fault: ManifestUnreadable | None,
    contents: Mapping[str, bytes | None],
    *,
    blocking: bool = True,
) -> DayOnStore:
    if manifest is None and not isinstance(fault, NewerManifest):
        before, _ = _parse_manifest(contents.get(backup_name(plan_date)), plan_date, backup_name(plan_date))
        if before is not None:
            manifest = before
            fault = ManifestUnreadable(
                f"{manifest_name(plan_date)} is {'missing' if fault is None else 'damaged'}; the one before is used.",
                do="See docs/runbooks/manifest-damaged.md.",
            )
    if fault is not None and manifest is None and (blocking or isinstance(fault, NewerManifest)):
        return DayOnStore(plan_date, fault=fault, blocks=True)
    intent, intent_fault = _parse_intent(contents[intent_name(plan_date)], plan_date)
    if isinstance(intent_fault, NewerManifest):
        return DayOnStore(plan_date, fault=intent_fault, blocks=True)
    return DayOnStore(plan_date, manifest, intent, fault or intent_fault, from_backup=fault is not None)


def _parse_manifest(
    content: bytes | None, plan_date: date, where: str
) -> tuple[Manifest | None, ManifestUnreadable | None]:
    if content is None:
        return None, None
    try:
        return read_manifest(content, plan_date, where), None
    except ManifestUnreadable as fault:
        return None, fault


def _parse_intent(content: bytes | None, plan_date: date) -> tuple[Intent | None, ManifestUnreadable | None]:
    if content is None:
        return None, None
    try:
        return read_intent(content, plan_date, intent_name(plan_date)), None
    except ManifestUnreadable as fault:
        return None, fault


class _Listing:
    """The files of the asked teams' folders, found by name whatever its letters' case.

    Shares and sticks hold one file for `Ullared.pdf` and `ullared.pdf`, so writing the one replaces the other.
    """

    def __init__(self, store: Store, layout: str, teams_of: Mapping[date, Iterable[str]]) -> None:
        self.layout = layout
        folders = {folder for teams in teams_of.values() for team in teams for folder in folders_of(layout, team)}
        self.by_folder = {folder: store.list_folder(folder) for folder in sorted(folders)}
        self._folded = {
            folder: {name.casefold(): info for name, info in files.items()} for folder, files in self.by_folder.items()
        }
        self._by_cell: dict[tuple[date, str], list[FileInfo]] = {}
        self._by_day: dict[date, list[str]] = {}
        # Most files are of other days: their first letters tell, long before their names are taken apart.
        asked = {f"{plan_date:%y%m%d} " for plan_date in teams_of}
        for folder, files in self.by_folder.items():
            for info in files.values():
                if info.name[:7] in asked and (parsed := parse_artifact_name(info.name)) is not None:
                    # In another folder it is none of the cell's, whatever its name says.
                    if folder.casefold() == _folder_for(layout, parsed.team, info.name).casefold():
                        self._by_cell.setdefault((parsed.plan_date, team_key(parsed.team)), []).append(info)
                    # A foreign file that was adopted lies there with our consent: no stray.
                    if parsed.suffix != ADOPTED:
                        path = f"{folder}/{info.name}" if folder else info.name
                        self._by_day.setdefault(parsed.plan_date, []).append(path)

    def find(self, team: str, name: str) -> FileInfo | None:
        """The file of that name; the exact one where several differ in case only."""
        folder = _folder_for(self.layout, team, name)
        return self.by_folder[folder].get(name) or self._folded[folder].get(name.casefold())

    def of_cell(self, cell: Cell) -> list[FileInfo]:
        """The files whose names parse as the cell's, with or without a suffix."""
        return self._by_cell.get((cell.plan_date, team_key(cell.team)), [])

    def of_day(self, plan_date: date) -> Sequence[str]:
        """The paths of all files whose names parse as the day's."""
        return self._by_day.get(plan_date, ())


@dataclass(frozen=True)
class _Look:
    """A file's content, as far as judging needs it; `opens` per format is known once it was read."""

    sha256: str
    opens: bool


@dataclass(frozen=True)
class _View:
    """A cell before its doubtful files are read: the records that may fit, newest first, and what is listed."""

    cell: Cell
    candidates: tuple[CellEntry, ...]
    sealed: CellEntry | None
    listed: Mapping[str, FileInfo]
    recognised: tuple[ArtifactEntry, ...] = ()

    def records(self) -> dict[str, list[ArtifactEntry]]:
        """Every recorded name with its records, newest first."""
        records: dict[str, list[ArtifactEntry]] = {}
        for candidate in self.candidates:
            for artifact in candidate.artifacts:
                records.setdefault(artifact.name, []).append(artifact)
        for artifact in self.recognised:
            records.setdefault(artifact.name, []).append(artifact)
        return records

    def unrecorded(self, layout: str, looks: Mapping[str, _Look | None]) -> dict[str, ArtifactName]:
        """By path, the cell's own names, also those beside, under which something lies that no record fits."""
        records = self.records()
        found = {}
        for name, info in self.listed.items():
            hashes = [record.sha256 for record in records.get(name, ())]
            if hashes and not looks:
                continue
            path = artifact_path(layout, self.cell.team, info.name)
            look = looks.get(path)
            if hashes and (look is None or look.sha256 in hashes):
                continue
            parsed = parse_artifact_name(name)
            if parsed is not None and str(parsed) == name and parsed.suffix in ("", BESIDE):
                found[path] = parsed
        return found

    def unclear(self, layout: str, *, deep: bool) -> Iterator[tuple[str, Format]]:
        """Paths of the files whose content decides which record they fit, with the format that they should open as."""
        for name, records in self.records().items():
            info = self.listed.get(name)
            if info is not None and (deep or _told_by_listing(records, info) is None):
                yield artifact_path(layout, self.cell.team, info.name), records[0].format


def _told_by_listing(records: Sequence[ArtifactEntry], info: FileInfo) -> str | None:
    """The hash of the one record that size and mtime fit; None where the content must be read.

    Two copies of one second may have the same size: then both fit, and the content tells.
    """
    hashes = {record.sha256 for record in records if looks_untouched(record, info)}
    return hashes.pop() if len(hashes) == 1 else None


def _view(day: DayOnStore, cell: Cell, listing: _Listing) -> _View:
    intended = day.intended(cell.team)
    sealed = day.entry(cell.team)
    found = [intended.entry, *reversed(intended.earlier)] if intended else []
    candidates = [*found, *([sealed] if sealed is not None else [])]
    unique = tuple(entry for n, entry in enumerate(candidates) if entry not in candidates[:n])
    names = [artifact.name for entry in unique for artifact in entry.artifacts]
    names += own_names(cell) + own_names(cell, BESIDE)
    listed = {name: info for name in names if (info := listing.find(cell.team, name)) is not None}
    seen = {info.name for info in listed.values()}
    listed.update({info.name: info for info in listing.of_cell(cell) if info.name not in seen})
    return _View(cell, unique, sealed, listed)


def _read(store: Store, wanted: Iterable[tuple[str, Format]]) -> dict[str, _Look | None]:
    """The doubtful files, a few at a time; None for one that vanished or that somebody holds open for himself."""
    asked = dict(wanted)
    looks: dict[str, _Look | None] = {}
    paths = list(asked)
    for start in range(0, len(paths), FILES_READ_AT_ONCE):
        some = paths[start : start + FILES_READ_AT_ONCE]
        contents = read_what_opens(store, some)
        for path in some:
            content = contents.get(path)
            opened = content is not None and opens(asked[path], content)
            looks[path] = None if content is None else _Look(sha256(content).hexdigest(), opened)
    return looks


def _recognised(
    store: Store, layout: str, views: dict[date, list[_View]], looks: dict[str, _Look | None]
) -> dict[date, list[_View]]:
    """The views, in which a file that no record fits is ours where the store remembers its hash.

    So our own files stay ours when a manifest is lost, or is an older one again. Adds to `looks` what had to be read.
    """
    unrecorded = {view.cell: view.unrecorded(layout, looks) for of_day in views.values() for view in of_day}
    if not any(unrecorded.values()):
        return views
    counts = _counts(store)
    marks = {plan_date: counts.files_of(plan_date) for plan_date in views}
    names = {path: name for cell, found in unrecorded.items() if marks[cell.plan_date] for path, name in found.items()}
    looks.update(_read(store, [(path, name.format) for path, name in names.items() if path not in looks]))

    def recognise(view: _View) -> _View:
        found = tuple(
            _found(name, view.listed[str(name)], look.sha256)
            for path, name in unrecorded[view.cell].items()
            if (look := looks.get(path)) is not None and file_mark(look.sha256) in marks[view.cell.plan_date]
        )
        return replace(view, recognised=found) if found else view

    return {plan_date: [recognise(view) for view in of_day] for plan_date, of_day in views.items()}


def _found(name: ArtifactName, info: FileInfo, sha256: str) -> ArtifactEntry:
    """The record of a file of which no other tells; it was captured no later than it was written."""
    return ArtifactEntry(
        kind=name.kind,
        format=name.format,
        name=str(name),
        bytes=info.size_bytes,
        sha256=sha256,
        mtime=info.mtime,
        captured_at=info.mtime,
    )


def _day(day: DayOnStore, views: Sequence[_View], listing: _Listing, looks: Mapping[str, _Look | None]) -> DayOnStore:
    if day.blocks:
        return day
    standings = {view.cell.team: _standing(view, listing.layout, looks) for view in views}
    known = {
        artifact_path(listing.layout, team, artifact.name).casefold()
        for team, entry in _all_entries(day)
        for artifact in entry.artifacts
    } | {
        artifact_path(listing.layout, view.cell.team, artifact.name).casefold()
        for view in views
        for artifact in view.recognised
    }
    strays = tuple(sorted(path for path in listing.of_day(day.plan_date) if path.casefold() not in known))
    return replace(day, standings=standings, strays=strays)


def _all_entries(day: DayOnStore) -> Iterator[tuple[str, CellEntry]]:
    if day.manifest is not None:
        yield from day.manifest.cells.items()
    if day.intent is not None:
        for team, intended in day.intent.cells.items():
            for entry in (intended.entry, *intended.earlier):
                yield team, entry


@dataclass(frozen=True)
class _File:
    """A recorded name: the hash of the record that lies there, or what is wrong with it."""

    record: ArtifactEntry
    sha256: str
    fault: FileState

    def state(self, expected: ArtifactEntry) -> FileState:
        """The file against one of its records."""
        if not self.sha256:
            return self.fault
        return FileState.WHOLE if self.sha256 == expected.sha256 else FileState.OLDER


def _standing(view: _View, layout: str, looks: Mapping[str, _Look | None]) -> Standing:
    cell = view.cell
    files = {
        name: _file(records, view.listed.get(name), looks, layout, cell.team)
        for name, records in view.records().items()
    }
    pending = tuple(entry for entry in reversed(view.candidates) if entry != view.sealed and _whole_files(entry, files))
    entry = _speaking_entry(view, files)
    states, records = _states(entry, files, view.listed)
    state = _cell_state(entry, states)
    unsealed = entry is not None and entry != view.sealed and _stands(entry, files)
    if entry is not None and FileState.OLDER in {states[artifact.name] for artifact in entry.artifacts}:
        entry = entry.model_copy(update={"content": ""})
    foreign = tuple(name for name in own_names(cell) if name in view.listed and name not in files)
    return Standing(cell, state, entry, states, records, foreign, view.listed, unsealed, pending)


def _file(
    records: Sequence[ArtifactEntry],
    info: FileInfo | None,
    looks: Mapping[str, _Look | None],
    layout: str,
    team: str,
) -> _File:
    if info is None:
        return _File(records[0], "", FileState.MISSING)
    path = artifact_path(layout, team, info.name)
    if path not in looks:
        found = _told_by_listing(records, info) or ""
        return _File(next(record for record in records if record.sha256 == found), found, FileState.WHOLE)
    look = looks[path]
    if look is None:
        # Somebody works in it right now: not ours to judge, still less to overwrite.
        return _File(records[0], "", FileState.EDITED)
    for record in records:
        if record.sha256 == look.sha256:
            return _File(record, look.sha256, FileState.WHOLE)
    ours = any(record.mtime == info.mtime for record in records)
    return _File(records[0], "", FileState.DAMAGED if ours or not look.opens else FileState.EDITED)


def _state(files: Mapping[str, _File], artifact: ArtifactEntry) -> FileState:
    return files[artifact.name].state(artifact)


def _stands(entry: CellEntry, files: Mapping[str, _File]) -> bool:
    return stands(entry, {artifact.name: _state(files, artifact) for artifact in entry.artifacts})


def _speaking_entry(view: _View, files: Mapping[str, _File]) -> CellEntry | None:
    """The newest record that stands, unless a file of a better one lies there too; else the best one with a file there.

    So a mixture of two copies, left by an interruption, is never replaced by one worse than the better of them.
    """
    present = {n: whole for n, entry in enumerate(view.candidates) if (whole := _whole_files(entry, files))}
    newest = next((n for n in present if _stands(view.candidates[n], files)), None)
    if newest is not None:
        named = {(artifact.name, artifact.sha256) for artifact in view.candidates[newest].artifacts}
        present = {n: whole for n, whole in present.items() if n == newest or whole - named}
    if not present:
        return view.sealed or next(iter(view.candidates), None)
    best = max(present, key=lambda n: (_measure(view.candidates[n]), n == newest, -n))
    return view.candidates[best]


def _whole_files(entry: CellEntry, files: Mapping[str, _File]) -> set[tuple[str, str]]:
    return {(a.name, a.sha256) for a in entry.artifacts if _state(files, a) is FileState.WHOLE}


def _measure(entry: CellEntry) -> tuple[bool, datetime]:
    """How hard a copy is to better: a whole one before an incomplete one, a later before an earlier."""
    return entry.verdict.whole, entry.true_at


def _states(
    entry: CellEntry | None, files: Mapping[str, _File], listed: Mapping[str, FileInfo]
) -> tuple[dict[str, FileState], dict[str, ArtifactEntry]]:
    """The state and the record of every name that the entry holds or that lies there by another record of ours."""
    expected = {artifact.name: artifact for artifact in entry.artifacts} if entry else {}
    states: dict[str, FileState] = {}
    records: dict[str, ArtifactEntry] = {}
    for name, file in files.items():
        if name in expected:
            states[name] = file.state(expected[name])
            records[name] = file.record if file.sha256 else expected[name]
        elif name in listed:
            states[name] = FileState.OLDER if file.sha256 else file.fault
            records[name] = file.record
    return states, records


def _cell_state(entry: CellEntry | None, states: Mapping[str, FileState]) -> CellState:
    """What the cell's own entry amounts to; an edited file is whole, in somebody else's hands."""
    found: dict[Slot, set[FileState]] = {}
    for artifact in entry.artifacts if entry else ():
        found.setdefault(_slot(artifact), set()).add(states[artifact.name])
    if not found or set().union(*found.values()) == {FileState.MISSING}:
        return CellState.NOTHING
    bad = {FileState.DAMAGED, FileState.MISSING}
    if any(slot not in found or bad & found[slot] for slot in ARTIFACTS):
        return CellState.DAMAGED
    return CellState.WHOLE


def _slot(artifact: ArtifactEntry) -> tuple[Kind, Format]:
    return artifact.kind, artifact.format
