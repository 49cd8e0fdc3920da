"""Looking at a store: its clock, its records, its listing. Reads; the only thing it makes is the clock's probe."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import monotonic

from reservplan.domain.acceptance import ACCEPTED_NAME, Acceptance, Accepted
from reservplan.domain.counts import COUNTS_NAME, Counts
from reservplan.domain.days import Window
from reservplan.domain.errors import ReservplanError, StoreRefused
from reservplan.domain.manifest import Manifest
from reservplan.domain.names import (
    ADOPTED,
    OWN_FOLDER,
    is_stand_in,
    is_temp_name,
    parse_artifact_name,
    parse_manifest_name,
)
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileInfo, Store
from reservplan.domain.shortfalls import SHORTFALLS_NAME, Shortfall, Shortfalls
from reservplan.domain.standing import WHOLE_STATES, FileState
from reservplan.settings import Settings, StoreSettings
from reservplan.store.inspection import DayOnStore, artifact_path, folders_of, inspect, read_records
from reservplan.watch.expected import expected, window_of
from reservplan.watch.findings import Finding, Seen, findings, unreachable
from reservplan.watch.papers import papers_seen
from reservplan.watch.states import CellCoverage, State, being_written, states

_RECORD = re.compile(r"^(\d{6}\.)(?:json|json\.bak|intent\.json)$")


@dataclass(frozen=True)
class Coverage:
    """What one store holds of what it should hold, at `looked_at`.

    `cells` has every expected cell, day by day; none where the store could not be reached. `findings` begin with the
    critical ones. `files` and `bytes` count what lies there of the window's recorded copies. `sealed_at` is the latest
    seal of a day from today on, None where there is none. `writing` says that a run is at work there, `refused` that
    the store could not be looked at though it answers: it does not let us in.
    """

    store: str
    place: str
    looked_at: datetime
    window: Window
    cells: Mapping[Cell, CellCoverage]
    findings: tuple[Finding, ...]
    files: int = 0
    bytes: int = 0
    sealed_at: datetime | None = None
    writing: bool = False
    refused: bool = False

    @property
    def reachable(self) -> bool:
        """Whether the store could be looked at."""
        return not any(finding.code == "unreachable" for finding in self.findings)

    @property
    def good(self) -> bool:
        """Whether nothing falls short; files that are not ours are named, but take nothing from our copies."""
        return all(finding.code == "stray" for finding in self.findings)

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """Paths of copies that lie beside files that were open."""
        return tuple(path for finding in self.findings if finding.code == "stand_in" for path in finding.paths)

    @property
    def oldest(self) -> CellCoverage | None:
        """The copy from today on whose content was last known to be true longest ago."""
        known = [(c.true_at, c) for c in self.cells.values() if c.true_at and c.cell.plan_date >= self.window.today]
        return min(known, key=lambda pair: pair[0])[1] if known else None

    @property
    def critical(self) -> tuple[str, ...]:
        """In words, what somebody who prints today or tomorrow would miss."""
        return tuple(finding.words for finding in self.findings if finding.severity == "critical")


def coverage(store: Store, store_settings: StoreSettings, settings: Settings, now: datetime) -> Coverage:
    """Open the store, look at it as it is now and close it; a store that cannot be reached is a finding, no error.

    `now` is the aware present.
    """
    window = window_of(settings, now)
    began = monotonic()
    try:
        with store:
            # The clock first, and without the time that connecting took: waiting is no difference between two clocks.
            ahead = store.clock() - now - timedelta(seconds=monotonic() - began)
            seen, cells = _look_carefully(store, store_settings, settings, window, now)
    except ReservplanError as fault:
        finding = unreachable(store_settings.name, fault, settings)
        refused = isinstance(fault, StoreRefused)
        return Coverage(store_settings.name, store.place, now, window, {}, (finding,), refused=refused)
    seen = replace(seen, clock_ahead=ahead)
    found = findings(store_settings.name, cells.values(), seen, settings, window, now)
    sizes = _sizes(seen.days)
    return Coverage(
        store=store_settings.name,
        place=store.place,
        looked_at=now,
        window=window,
        cells=cells,
        findings=found,
        files=len(sizes),
        bytes=sum(sizes),
        sealed_at=_sealed_at(seen.days, window),
        writing=seen.writing,
    )


def _sealed_at(days: Mapping[date, DayOnStore], window: Window) -> datetime | None:
    sealed = [m.sealed_at for plan_date, m in _manifests(days).items() if plan_date >= window.today]
    return max(sealed, default=None)


def _sizes(days: Mapping[date, DayOnStore]) -> list[int]:
    """The sizes in bytes of the recorded files that lie there."""
    return [
        standing.listed[name].size_bytes
        for day in days.values()
        for standing in day.standings.values()
        for name, state in standing.files.items()
        if state is not FileState.MISSING
    ]


def _look_carefully(
    store: Store, store_settings: StoreSettings, settings: Settings, window: Window, now: datetime
) -> tuple[Seen, dict[Cell, CellCoverage]]:
    """Look again where something seems wrong.

    A run that seals between our reading the records and our listing the files makes its own new files look damaged.
    """
    seen, cells = _look(store, store_settings, settings, window, now)
    papers_in_doubt = seen.papers.edited or seen.papers.unknown
    if seen.leftovers or papers_in_doubt or any(cell.state in (State.DAMAGED, State.EDITED) for cell in cells.values()):
        before = set(seen.leftovers)
        seen, cells = _look(store, store_settings, settings, window, now)
        seen = replace(seen, leftovers=tuple(path for path in seen.leftovers if path in before))
    return seen, cells


def _look(
    store: Store, store_settings: StoreSettings, settings: Settings, window: Window, now: datetime
) -> tuple[Seen, dict[Cell, CellCoverage]]:
    layout = store_settings.layout
    writing = store.locked()
    listed = _listed(store, store_settings, settings)
    recorded = _recorded_days(path for path in listed if path.startswith(f"{OWN_FOLDER}/"))
    old_records = read_records(store, sorted(day for day in recorded if day < window.first))
    old_cells = [Cell(day, team) for day, record in old_records.items() for team in _teams(record)]
    old = {**old_records, **inspect(store, layout, old_cells)} if old_cells else old_records
    days = inspect(store, layout, [Cell(day, team.name) for day in window for team in settings.teams])
    memory = _memory(store)
    wanted = expected(settings, now, _manifests({**old, **days}), memory.counts, memory.accepted)
    writing = writing or store.locked()
    cells = states(days, wanted, settings, now, writing=writing, shortfalls=memory.shortfalls)
    inspected = {*days, *recorded}
    return Seen(
        days=days,
        old=old,
        leftovers=tuple(path for path in listed if is_temp_name(path.rpartition("/")[2])),
        unknown=tuple(path for path in listed if _is_unknown(path, inspected)),
        papers=papers_seen(store, listed),
        renamed=_renamed(listed, settings, window),
        stand_ins=tuple(sorted(_stand_ins(days.values(), layout))),
        writing=writing or any(being_written(day, now) for day in days.values()),
    ), cells


def _listed(store: Store, store_settings: StoreSettings, settings: Settings) -> dict[str, FileInfo]:
    """All files in the folders that we use, by path."""
    of_teams = (folder for team in settings.teams for folder in folders_of(store_settings.layout, team.name))
    folders = {"", OWN_FOLDER, *of_teams}
    found = {
        f"{folder}/{name}" if folder else name: info
        for folder in folders
        for name, info in store.list_folder(folder).items()
    }
    return dict(sorted(found.items()))


def _recorded_days(paths: Iterator[str]) -> set[date]:
    """The days of which a manifest, the one before or an intent lies there."""
    matches = (_RECORD.match(path.removeprefix(f"{OWN_FOLDER}/")) for path in paths)
    found = (parse_manifest_name(f"{match[1]}json") for match in matches if match is not None)
    return {day for day in found if day is not None}


def _teams(record: DayOnStore) -> set[str]:
    return {*(record.manifest.cells if record.manifest else ()), *(record.intent.cells if record.intent else ())}


def _manifests(days: Mapping[date, DayOnStore]) -> dict[date, Manifest]:
    return {plan_date: day.manifest for plan_date, day in days.items() if day.manifest is not None}


@dataclass(frozen=True)
class _Memory:
    """What the store remembers beside its manifests: counts, what readings lacked, and cells accepted as empty."""

    counts: Counts
    shortfalls: Mapping[Cell, Shortfall]
    accepted: Mapping[Cell, Acceptance]


def _memory(store: Store) -> _Memory:
    contents = store.read_many([COUNTS_NAME, SHORTFALLS_NAME, ACCEPTED_NAME])
    accepted = (Accepted.read(contents[ACCEPTED_NAME]) or Accepted()).by_cell()
    return _Memory(
        # A newer version's records are none to us: they only say which days had copies, and why some have none.
        counts=Counts.read(contents[COUNTS_NAME]) or Counts(),
        shortfalls=(Shortfalls.read(contents[SHORTFALLS_NAME]) or Shortfalls()).by_cell(),
        accepted={cell: acceptance for cell, acceptance in accepted.items() if not acceptance.visits},
    )


def _renamed(listed: Iterable[str], settings: Settings, window: Window) -> tuple[str, ...]:
    """Names under which files of the window lie, although the settings give the group another."""
    named = [one for path in listed if (one := parse_artifact_name(path.rpartition("/")[2])) is not None]
    theirs = {one.team for one in named if one.plan_date in window and one.team in settings.source.teams}
    return tuple(sorted(team for team in theirs if settings.team(team) is None))


def _stand_ins(days: Iterable[DayOnStore], layout: str) -> Iterator[str]:
    for day in days:
        for team, standing in day.standings.items():
            for name, state in standing.files.items():
                if is_stand_in(name) and state in WHOLE_STATES:
                    yield artifact_path(layout, team, name)


def _is_unknown(path: str, inspected: set[date]) -> bool:
    """Whether a file has one of our names, of a day that no inspection looks at."""
    named = parse_artifact_name(path.rpartition("/")[2])
    return named is not None and named.plan_date not in inspected and named.suffix != ADOPTED
