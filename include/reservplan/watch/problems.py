"""From what was found at every store to problems: one a cause and store, however many copies it concerns. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from reservplan.domain.alerts import Severity
from reservplan.domain.days import ONE_DAY, local_day
from reservplan.domain.plan import Cell
from reservplan.domain.run_notes import RunNote
from reservplan.domain.words import moment_words, say
from reservplan.settings import Settings
from reservplan.watch.expected import fires
from reservplan.watch.findings import Finding
from reservplan.watch.looking import Coverage
from reservplan.watch.states import CellCoverage, State


class Cause(StrEnum):
    """Why something is not as it should be; each has its own words, and a runbook."""

    STORE_AWAY = "store_away"  # it cannot be reached, or refuses us
    NOT_SAVED = "not_saved"  # nothing was sealed by `due_by`, the copies grow old, the latest capture is too old
    MISSING = "missing"  # files of ours are gone, though they were sealed
    DAMAGED = "damaged"  # a file is not what we wrote, and nobody edited it
    EDITED = "edited"  # somebody changed a file
    INCOMPLETE = "incomplete"  # what was read is not whole, or was held back for that
    OPEN = "open"  # a newer copy lies beside a file that is open
    RECORD = "record"  # a manifest or another record cannot be read
    RETENTION = "retention"  # retention refused, or could not remove what it planned to
    OVERDUE = "overdue"  # what is older than the window still lies there
    CLOCK = "clock"  # the store's clock differs from ours
    STRAY = "stray"  # files under our names that are not ours, leftovers, unsealed cells
    UNKNOWN_TEAM = "unknown_team"  # a group that the settings do not know
    NOT_HEALED = "not_healed"  # asked for again as often as allowed, and still not there
    RUN_FAILED = "run_failed"  # a run failed, and no other problem tells of it
    AIRFLOW = "airflow"  # a part of Airflow itself is not well


@dataclass(frozen=True)
class Problem:
    """All of one cause at one store; `store` is empty where it is none's, and the job of a run that failed.

    `words` tell what was found, in the users' language, the gravest first. `heals` says that the watch asks for these
    cells again by itself. `note` is the failed run that explains it, where one does.
    """

    cause: Cause
    store: str
    severity: Severity
    words: tuple[str, ...]
    cells: tuple[Cell, ...] = ()
    paths: tuple[str, ...] = ()
    heals: bool = False
    note: RunNote | None = None

    @property
    def key(self) -> str:
        """What makes it the same problem in the next round."""
        return f"{self.cause}:{self.store}"

    @property
    def teams(self) -> tuple[str, ...]:
        """The groups that it concerns, each once."""
        return tuple(dict.fromkeys(cell.team for cell in self.cells))


def problems(
    coverages: Sequence[Coverage], notes: Sequence[RunNote], settings: Settings, now: datetime
) -> tuple[Problem, ...]:
    """What is not as it should be at an aware instant, the critical first.

    `coverages` are the looks at all stores, `notes` those of failed runs, each of which is told once: as the reason of
    a problem, or as one of its own.
    """
    snapshots = _Snapshots.at(now, settings)
    found = [problem for seen in coverages for problem in _of_store(seen, notes, settings, snapshots)]
    found = _with_retention(found, notes)
    sealed = {seen.store: seen.sealed_at for seen in coverages if seen.reachable}
    explained = [_explained(problem, notes, sealed.get(problem.store)) for problem in found]
    explained += _unexplained(explained, notes, list(sealed.values()))
    return tuple(sorted(explained, key=lambda problem: problem.severity is not Severity.CRITICAL))


_CAUSE_OF = {
    "missing": Cause.MISSING,
    "damaged": Cause.DAMAGED,
    "edited": Cause.EDITED,
    "incomplete": Cause.INCOMPLETE,
    "held_back": Cause.INCOMPLETE,
    "stale": Cause.NOT_SAVED,
    "stand_in": Cause.OPEN,
    "record": Cause.RECORD,
    "overdue": Cause.OVERDUE,
    "clock": Cause.CLOCK,
    "stray": Cause.STRAY,
    "unsealed": Cause.STRAY,
    "unknown_team": Cause.UNKNOWN_TEAM,
}
# What the watch asks for again by itself.
_HEALED = (Cause.MISSING, Cause.DAMAGED, Cause.OPEN)
_SAVING = ("snapshot", "refresh")
_RETENTION_CODES = ("retention", "unremoved")
# What a failed run of any job, or one that saves, is the reason of, by its note's code.
_EXPLAINS: Mapping[str, tuple[Cause, ...]] = {
    "store": (Cause.STORE_AWAY,),
    "store_refused": (Cause.STORE_AWAY,),
    "late": (Cause.STORE_AWAY,),
    "record": (Cause.RECORD,),
}
_SAVING_EXPLAINS: Mapping[str, tuple[Cause, ...]] = {
    "unwritten": (Cause.NOT_SAVED, Cause.STORE_AWAY, Cause.OPEN, Cause.MISSING, Cause.DAMAGED),
    "store_full": (Cause.NOT_SAVED, Cause.OPEN, Cause.MISSING, Cause.DAMAGED),
}
# A schedule of once a month is the rarest that is looked for.
_LONGEST_PAUSE = 32 * ONE_DAY


@dataclass(frozen=True)
class _Snapshots:
    """The latest snapshots by the schedule, as instants in UTC.

    `due` is the first of its day, the latest of those whose copies are due at `now`; `begun` the latest of all, due or
    not. Both are None where the schedule knows of none lately.
    """

    now: datetime
    due: datetime | None
    begun: datetime | None

    @classmethod
    def at(cls, now: datetime, settings: Settings) -> "_Snapshots":
        # Hours are counted in UTC: in local time one of them would be two in the night of a clock change.
        now = now.astimezone(UTC)
        firsts: dict[date, datetime] = {}
        for tick in fires(
            settings.schedule.snapshot, local_day(now, settings.zone) - _LONGEST_PAUSE, now, settings.zone
        ):
            firsts.setdefault(local_day(tick, settings.zone), tick)
        due_at = _last_due_at(now, settings)
        due = [tick for tick in firsts.values() if tick <= due_at]
        return cls(now, max(due, default=None), max(firsts.values(), default=None))


def _last_due_at(now: datetime, settings: Settings) -> datetime:
    today = local_day(now, settings.zone)
    instants = (datetime.combine(day, settings.schedule.due_by, settings.zone) for day in (today, today - ONE_DAY))
    return next(at for at in (instant.astimezone(UTC) for instant in instants) if at <= now)


@dataclass
class _Gathered:
    """What findings say of one cause."""

    severity: Severity = Severity.INFO
    words: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def add(self, severity: Severity, words: str = "", cells: Iterable[Cell] = (), paths: Iterable[str] = ()) -> None:
        if severity is Severity.CRITICAL:
            self.severity = severity
        self.words += [words] if words else []
        self.cells += cells
        self.paths += paths


def _of_store(seen: Coverage, notes: Sequence[RunNote], settings: Settings, snapshots: _Snapshots) -> Iterator[Problem]:
    """The problems of one store; where it is away, that alone."""
    if not seen.reachable:
        words = tuple(finding.words for finding in seen.findings)
        yield Problem(Cause.STORE_AWAY, seen.store, Severity.CRITICAL, words)
        return
    for cause, gathered in _gathered(seen, notes, settings, snapshots).items():
        # A paper that belongs to no cell is not asked for: every snapshot makes it.
        healed = cause is Cause.OPEN or (cause in _HEALED and bool(gathered.cells))
        yield Problem(
            cause,
            seen.store,
            gathered.severity,
            tuple(dict.fromkeys(gathered.words)),
            _in_order(gathered.cells, seen.window.today),
            tuple(dict.fromkeys(gathered.paths)),
            heals=settings.watch.heal and healed,
        )


def _gathered(
    seen: Coverage, notes: Sequence[RunNote], settings: Settings, snapshots: _Snapshots
) -> dict[Cause, _Gathered]:
    saved = _saved_since(snapshots.due, seen, settings)
    gathered: dict[Cause, _Gathered] = {}
    not_saved = [] if saved and not _has_failed(seen, notes, settings, snapshots) else [""]
    not_saved += _old_capture(seen, settings, snapshots.now)
    for words in not_saved:
        gathered.setdefault(Cause.NOT_SAVED, _Gathered()).add(Severity.CRITICAL, words)
    for finding in seen.findings:
        for cause, cells in _causes(finding, seen, settings, snapshots, saved=saved):
            if finding.code == "unsealed" and Cause.NOT_SAVED in gathered:
                # What an interrupted run left unsealed is why nothing was saved.
                cause = Cause.NOT_SAVED
            paths = finding.paths if len(cells) == len(finding.cells) else _files(cells, seen)
            gathered.setdefault(cause, _Gathered()).add(finding.severity, finding.words, cells, paths)
    return gathered


def _causes(
    finding: Finding, seen: Coverage, settings: Settings, snapshots: _Snapshots, *, saved: bool
) -> Iterator[tuple[Cause, list[Cell]]]:
    """Why a finding is there; its cells may look alike for different causes."""
    if not finding.cells:
        yield _CAUSE_OF[finding.code], []
        return
    by_cause: dict[Cause, list[Cell]] = {}
    for cell in finding.cells:
        covered = seen.cells[cell]
        cause = _cause_of(finding.code, covered, saved=saved)
        if not (cause is Cause.NOT_SAVED and _is_being_renewed(covered, settings, snapshots)):
            by_cause.setdefault(cause, []).append(cell)
    yield from by_cause.items()


def _cause_of(code: str, covered: CellCoverage, *, saved: bool) -> Cause:
    if covered.state is State.DAMAGED and not covered.files:
        # It is the day's record that cannot be read.
        return Cause.RECORD
    if covered.state is State.STALE and covered.why:
        return Cause.INCOMPLETE
    if covered.state is State.MISSING and covered.true_at is None:
        # It was never made: what was read of it is not whole, or the run that makes it has not come.
        if covered.why:
            return Cause.INCOMPLETE
        return Cause.MISSING if saved else Cause.NOT_SAVED
    return _CAUSE_OF[code]


def _is_being_renewed(covered: CellCoverage, settings: Settings, snapshots: _Snapshots) -> bool:
    """Whether a copy grew too old only after the day's snapshot had begun, which has its time until `due_by`."""
    begun = snapshots.begun
    if begun is None or begun == snapshots.due or covered.state is not State.STALE or covered.true_at is None:
        return False
    # A copy of a time to come is not old, but of a time that nobody knows.
    return timedelta() <= begun - covered.true_at <= timedelta(hours=settings.stale_hours)


def _saved_since(tick: datetime | None, seen: Coverage, settings: Settings) -> bool:
    """Whether the snapshot of an instant, or any later run, has been at the store."""
    ahead = [covered for cell, covered in seen.cells.items() if cell.plan_date >= seen.window.today]
    if tick is None or not ahead:
        return True
    if seen.sealed_at is not None and seen.sealed_at >= tick:
        return True
    # A run that held everything back seals nothing, and notes what it read.
    if any(covered.latest is not None and covered.latest.judged_at >= tick for covered in ahead):
        return True
    # Where all groups are closed on its farthest day, a run that finds the others unchanged has nothing to seal.
    farthest = local_day(tick, settings.zone) + timedelta(days=settings.window.days_ahead)
    closed = all(covered.state is State.CLOSED for covered in ahead if covered.cell.plan_date == farthest)
    return closed and not any(covered.is_finding for covered in ahead)


def _has_failed(seen: Coverage, notes: Sequence[RunNote], settings: Settings, snapshots: _Snapshots) -> bool:
    """Whether the day's snapshot has ended and saved nothing here: to wait for `due_by` would help nobody."""
    begun = snapshots.begun
    if begun is None or _saved_since(begun, seen, settings):
        return False
    return any(note.job == "snapshot" and note.failed_at >= begun for note in notes)


def _old_capture(seen: Coverage, settings: Settings, now: datetime) -> Iterator[str]:
    """In words, that the latest capture of today is older than it may be; what is held back is told as incomplete."""
    stale = timedelta(hours=settings.stale_hours)
    renewed = [
        covered.true_at
        for cell, covered in seen.cells.items()
        if cell.plan_date == seen.window.today
        and covered.true_at is not None
        and not covered.why
        # What a closed group left behind is renewed by nothing.
        and not (covered.state in (State.OK, State.REMARKS) and now - covered.true_at > stale)
    ]
    newest = max(renewed, default=None)
    if newest is not None and now - newest > timedelta(hours=settings.watch.latest_capture_hours):
        yield say(
            settings.language,
            "watch.latest_capture",
            store=seen.store,
            moment=moment_words(settings.language, newest, settings.zone),
            hours=f"{settings.watch.latest_capture_hours:g}",
        )


def _files(cells: Iterable[Cell], seen: Coverage) -> list[str]:
    return [name for cell in cells for name in seen.cells[cell].files]


def _in_order(cells: Iterable[Cell], today: date) -> tuple[Cell, ...]:
    """Today first, then the days to come, then the past, the latest first; groups as they were found."""
    return tuple(sorted(dict.fromkeys(cells), key=lambda cell: (cell.plan_date < today, abs(cell.plan_date - today))))


def _with_retention(found: Sequence[Problem], notes: Sequence[RunNote]) -> list[Problem]:
    """The problems with what retention refused; what is too old lies there for that reason."""
    refused = next((note for note in notes if note.job == "retain" and note.code in _RETENTION_CODES), None)
    if refused is None:
        return list(found)
    overdue = [problem for problem in found if problem.cause is Cause.OVERDUE]
    words = tuple(words for problem in overdue for words in problem.words)
    paths = tuple(path for problem in overdue for path in problem.paths)
    retention = Problem(Cause.RETENTION, "", Severity.CRITICAL, words, paths=paths, note=refused)
    return [retention, *(problem for problem in found if problem not in overdue)]


def _explained(problem: Problem, notes: Sequence[RunNote], sealed_at: datetime | None) -> Problem:
    """The problem with the failed run that is its reason, if one is: the day's snapshot before others."""
    if problem.note is not None:
        return problem
    reasons = [note for note in notes if _explains(note, problem, sealed_at)]
    reasons.sort(key=lambda note: (note.job != "snapshot", note.job != "refresh"))
    return replace(problem, note=reasons[0]) if reasons else problem


def _explains(note: RunNote, problem: Problem, sealed_at: datetime | None) -> bool:
    causes = _EXPLAINS.get(note.code, ())
    if note.job in _SAVING:
        causes += _SAVING_EXPLAINS.get(note.code, (Cause.NOT_SAVED,))
    is_past = problem.cause is Cause.NOT_SAVED and sealed_at is not None and sealed_at >= note.failed_at
    return problem.cause in causes and not is_past


def _unexplained(
    found: Sequence[Problem], notes: Sequence[RunNote], sealed: Sequence[datetime | None]
) -> Iterator[Problem]:
    """Each failed run of which no problem tells; its job stands for the store, so that each is one incident."""
    told = {problem.note.job for problem in found if problem.note is not None}
    for note in notes:
        # A later run has saved everywhere: what kept this one from it has passed.
        is_past = note.job in _SAVING and bool(sealed) and all(at is not None and at >= note.failed_at for at in sealed)
        explained = note.job in told or is_past or any(_explains(note, problem, None) for problem in found)
        if not explained:
            yield Problem(Cause.RUN_FAILED, note.job, Severity.INFO, (), note=note)
