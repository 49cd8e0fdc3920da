"""Taking one client out of the days to come: out of every capture in the archive, and out of the copies made of them.

What is gone is gone by that person's own rows. Each cell keeps the verdict that it had: for the carer nothing else has
changed, and never-worse counts the rows that were taken out as no loss. Safe to repeat, also after an interruption.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from reservplan.archive import Archive, Capture
from reservplan.domain.acceptance import ACCEPTED_NAME, Acceptance, Accepted
from reservplan.domain.days import days_between, local_day
from reservplan.domain.deletions import DELETED_NAME, Deletion, What, read_deletions
from reservplan.domain.errors import RequestRefused, ReservplanError
from reservplan.domain.judgement import Judgement
from reservplan.domain.manifest import whole_second
from reservplan.domain.names import OWN_FOLDER, nfc, parse_manifest_name, team_key
from reservplan.domain.papers import PaperEntry
from reservplan.domain.plan import ERASED, ERASED_ROWS, Cell, CellSource, Plan, Status
from reservplan.domain.ports import Outcome, Store
from reservplan.domain.standing import WHOLE_STATES, FileState, Standing
from reservplan.domain.unexpected import at_store
from reservplan.domain.verdict import Verdict, verdict_of
from reservplan.domain.words import cell_words, say
from reservplan.extract.mentions import Mentions
from reservplan.extract.protection import SPEAKS_OF_OTHERS, client_ids
from reservplan.extract.pseudonyms import Pseudonyms
from reservplan.papers.keeping import forget
from reservplan.publish.decision import WRITES
from reservplan.publish.withdrawing import withdraw
from reservplan.settings import Settings, StoreSettings
from reservplan.snapshot import Result, Say, Snapshot
from reservplan.staging import clear_leftovers, runs_at_work
from reservplan.store.deletions import note_deletions
from reservplan.store.history import record_accepted
from reservplan.store.inspection import artifact_path, inspect, read_records
from reservplan.store.papers import There, listed, look_at, record_of
from reservplan.telling import some

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
# What lies on a store for a cell, or why that cannot be told.
Found = Standing | ReservplanError
MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Sought:
    """Whom to take out, by the ids under which the plan may hold them, and from which day on."""

    ids: frozenset[str]
    first: date

    def rows(self, plan: Plan) -> "pd.Series":
        """Which rows of a plan are theirs."""
        visits = plan.visits
        return visits["client_id"].isin(self.ids) & (visits["plan_date"] >= self.first)


@dataclass(frozen=True)
class Erasure:
    """What is to be taken out: `captures` hold rows of the person, `rows` counts them by the cell that shows them.

    `begun` are cells of which rows were taken out before, with how many: an earlier erasure may not have come to every
    store. `whole` are those that the archive holds whole, `known` says of which instants it has captures. `damaged`
    names captures that cannot be read, `in_source` counts rows in the present export, None where it cannot be read.
    `mentions` counts other clients' rows whose free text has the person's name.
    """

    sought: Sought
    captures: tuple[Capture, ...]
    rows: Mapping[Cell, int]
    begun: Mapping[Cell, int]
    whole: frozenset[Cell]
    known: Mapping[Cell, frozenset[datetime]]
    damaged: tuple[str, ...]
    in_source: Mapping[date, int] | None
    mentions: Mapping[Cell, int]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells whose copies must be made anew, or looked at."""
        return tuple(sorted({*self.rows, *self.begun}))


def typed_id(text: str) -> str:
    """The id of which everything depends, out of what somebody has typed or piped.

    Raises:
        RequestRefused: none, or more than one.
    """
    lines = [line for line in map(str.split, text.splitlines()) if line]
    if len(lines) != 1 or len(text) > MOST_CHARACTERS:
        raise RequestRefused(
            "No id was given." if not lines else "That is not one id.",
            do="Give the id of one client, as the planning system writes it, on one line.",
        )
    return nfc(" ".join(lines[0]))


def plan_erasure(settings: Settings, typed: str, first: date, now: datetime, say_progress: Say) -> Erasure:
    """Look for the client in archive and export; nothing is touched."""
    pseudonyms = Pseudonyms(settings.archive)
    looking = _Looking(Archive(settings.archive), Sought(client_ids(typed, pseudonyms), first), say_progress)
    people = {who for _, plan in looking.plans() for who in _names(plan, looking.sought)}
    # Rows without an id have one that is made of name and address: the person's too.
    ids = looking.sought.ids.union(*(client_ids(";".join(who), pseudonyms) for who in people))
    looking = _Looking(looking.archive, Sought(ids, first), lambda _: None)
    # One word is many people's name.
    mentions = Mentions((name for name, _ in people if " " in name), (), ())
    return looking.found(_in_source(settings, looking.sought, now), mentions)


def _names(plan: Plan, sought: Sought) -> set[tuple[str, str]]:
    rows = plan.visits.loc[sought.rows(plan) & ~plan.visits["protected"], ["client_name", "address"]]
    return set(rows.itertuples(index=False, name=None))


def _in_source(settings: Settings, sought: Sought, now: datetime) -> dict[date, int] | None:
    """The person's rows in the present export, by day; None where it cannot be read now."""
    from reservplan.extract import read_plan

    last = local_day(now, settings.zone) + timedelta(days=settings.window.days_ahead)
    try:
        plan = read_plan(settings, list(days_between(sought.first, max(last, sought.first))), now)
    except Exception:
        # Whatever it is, the next run says so; its own words may quote a row.
        return None
    return dict(sorted(Counter(plan.visits.loc[sought.rows(plan), "plan_date"]).items()))


class _Looking:
    """A walk through the archive."""

    def __init__(self, archive: Archive, sought: Sought, say_progress: Say) -> None:
        self.archive = archive
        self.sought = sought
        self.say = say_progress
        self.damaged: list[str] = []

    def plans(self) -> Iterator[tuple[Capture, Plan]]:
        """Every capture that may hold days to come: a night's is repeated on the day before."""
        days = [day for day in self.archive.days() if day >= self.sought.first - timedelta(days=1)]
        for day in days:
            self.say(f"  looks through the archive: {day:%y%m%d}")
            for capture in self.archive.captures(day):
                try:
                    yield capture, self.archive.plan(capture)
                except ReservplanError as fault:
                    self.damaged.append(fault.what)

    def found(self, in_source: Mapping[date, int] | None, mentions: Mentions) -> Erasure:
        """All that is to be known before anything is done."""
        captures: list[Capture] = []
        rows: Counter[Cell] = Counter()
        begun: Counter[Cell] = Counter()
        mentioned: Counter[Cell] = Counter()
        whole: set[Cell] = set()
        known: dict[Cell, set[datetime]] = {}
        for capture, plan in self.plans():
            # The most that any one of a day's captures holds.
            rows |= (here := _by_cell(plan, self.sought.rows(plan), capture.plan_date))
            mentioned |= _by_cell(plan, _speaking(plan, self.sought, mentions), capture.plan_date)
            begun |= Counter({cell: source.counts.get(ERASED_ROWS, 0) for cell, source in plan.sources.items()})
            captures += [capture] if here else []
            for team, archived in capture.cells.items():
                cell = Cell(capture.plan_date, team)
                known.setdefault(cell, set()).add(whole_second(archived.captured_at))
                whole |= {cell} if archived.verdict.whole else set()
        return Erasure(
            sought=self.sought,
            captures=tuple(captures),
            rows=rows,
            begun=+begun,
            whole=frozenset(whole),
            known={cell: frozenset(times) for cell, times in known.items()},
            damaged=tuple(self.damaged),
            in_source=in_source,
            mentions=mentioned,
        )


def _by_cell(plan: Plan, rows: "pd.Series", plan_date: date) -> Counter[Cell]:
    """How many of the rows each cell of a capture shows: on the day before a night, also those after midnight."""
    return Counter(Cell(plan_date, team) for team in plan.visits.loc[rows, "team"])


def _speaking(plan: Plan, sought: Sought, mentions: Mentions) -> "pd.Series":
    """Which rows of other clients say the person's name in their free text."""
    visits = plan.visits
    said = visits["client_id"] != visits["client_id"]
    if not mentions:
        return said
    for column in SPEAKS_OF_OTHERS:
        speaking = {text for text in visits[column].unique() if mentions.hide(text)[1]}
        said |= visits[column].isin(speaking)
    return said & ~sought.rows(plan) & (visits["plan_date"] >= sought.first)


def without(plan: Plan, rows: "pd.Series", plan_date: date) -> Plan:
    """A capture's plan as if these rows had never been in it, with what its cells count of themselves; pure."""
    gone = plan.visits[rows]
    own = gone["plan_date"] == plan_date
    visits = _by_cell(plan, rows & (plan.visits["status"] == Status.PLANNED.value) & own.reindex(rows.index), plan_date)
    hidden = _by_cell(plan, rows & plan.visits["protected"] & own.reindex(rows.index), plan_date)
    all_rows = _by_cell(plan, rows, plan_date)
    sources = {
        cell: _mended(source, visits[cell], hidden[cell], all_rows[cell]) if all_rows[cell] else source
        for cell, source in plan.sources.items()
    }
    return replace(plan, visits=plan.visits[~rows].reset_index(drop=True), sources=sources)


def _mended(source: CellSource, visits: int, hidden: int, rows: int) -> CellSource:
    counts = Counter(source.counts)
    counts.update({ERASED: visits, ERASED_ROWS: rows})
    counts["protected"] -= hidden
    expected = source.expected_visits
    return replace(
        source,
        counts={what: count for what, count in counts.items() if count > 0},
        expected_visits=None if expected is None else expected - visits,
    )


@dataclass
class Erased:
    """What came of it: the files `withdrawn` where no visit was left, by store and cell, and the run that did the rest.

    `left` says in words what may still hold the person, and what to do about it; `away` that a store had no turn,
    `noted` that a store's record of deletions has more than before.
    """

    away: bool = False
    withdrawn: dict[str, Mapping[Cell, Sequence[str]]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    run: Result = field(default_factory=Result)
    noted: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was done on any store."""
        written = self.run.counts.get("publish", {})
        removed = any(paths for cells in self.withdrawn.values() for paths in cells.values())
        return self.noted or removed or any(written.get(action.value) for action in WRITES)


def erase(erasure: Erasure, snapshot: Snapshot) -> Erased:
    """Take the person out of the archive, make the cells anew of it, and note on each store what was done.

    Raises:
        ReservplanError: the archive cannot be written; what was done until then stays done.
    """
    settings, say_progress = snapshot.settings, snapshot.say
    clear_leftovers(settings.staging)
    others = runs_at_work(settings.staging)
    _clear_archive(Archive(settings.archive), erasure, say_progress, alone=not others)
    publishing = _Publishing(erasure, snapshot.request.started_at)
    result = publishing.result
    try:
        result.run = snapshot.run(then=publishing.settle, at_last=publishing.look)
    except ReservplanError as fault:
        result.run.fell_short.append(str(fault))
        result.away = True
    if result.away:
        result.left.append(say(settings.language, "erase.away"))
    if others or runs_at_work(settings.staging):
        result.left.append(say(settings.language, "erase.under_way"))
    return result


def _clear_archive(archive: Archive, erasure: Erasure, say_progress: Say, *, alone: bool) -> None:
    for number, capture in enumerate(erasure.captures, start=1):
        say_progress(f"  clears the archive: {number} of {len(erasure.captures)}")
        plan = archive.plan(capture)
        rows = erasure.sought.rows(plan)
        cleared = without(plan, rows, capture.plan_date)
        taken = {cell.team: cleared.erased(cell) - plan.erased(cell) for cell in cleared.sources}
        cells = {
            team: archived.model_copy(update={"visits": max(0, archived.visits - taken.get(team, 0))})
            for team, archived in capture.cells.items()
        }
        archive.put_instead(capture, cleared, cells)
    if alone:
        # An erasure that was killed may have left files of captures that count no more.
        for day in archive.days():
            archive.remove_unfinished(day)


class _Publishing:
    """What is done in the middle and at the end of the run that makes the cells anew."""

    def __init__(self, erasure: Erasure, at: datetime) -> None:
        self.erasure = erasure
        self.at = at
        self.result = Erased()

    def settle(self, run: Snapshot) -> None:
        """Let each cell keep the verdict that it had, and take away the copies of which no visit is left."""
        judgements = run.files.judgements()
        run.files.put_judgements({cell: self._as_it_was(cell, judgement) for cell, judgement in judgements.items()})
        if empty := [cell for cell, judgement in judgements.items() if not judgement.visits]:
            why = say(run.settings.language, "erase.accepted")
            accepted = {
                cell: Acceptance(why=why, accepted_at=self.at, visits=0, codes=("no_visits",))
                for cell in empty
                if cell in self.erasure.whole
            }
            answers = run.stores.ask(lambda settings, store: self._withdraw(run, settings, store, empty, accepted))
            self.result.withdrawn = self._without_faults(answers)

    def _as_it_was(self, cell: Cell, judgement: Judgement) -> Judgement:
        """What made a whole capture incomplete is what was taken out: for whoever reads, it is a remark."""
        if cell not in self.erasure.whole or judgement.verdict.whole:
            return judgement
        reasons = tuple(reason.model_copy(update={"severity": Verdict.REMARKS}) for reason in judgement.reasons)
        return replace(judgement, reasons=reasons, verdict=verdict_of(reasons))

    def _withdraw(
        self,
        run: Snapshot,
        settings: StoreSettings,
        store: Store,
        empty: Sequence[Cell],
        accepted: Mapping[Cell, Acceptance],
    ) -> Mapping[Cell, Sequence[str]]:
        there = (Accepted.read(store.read_many([ACCEPTED_NAME])[ACCEPTED_NAME]) or Accepted()).by_cell()
        if missing := {cell: one for cell, one in accepted.items() if cell not in there or there[cell].visits}:
            record_accepted(store, run.request.run_id, missing, run.window.first, self.at)
        gone = withdraw(store, settings.layout, empty, run.request.run_id, at=self.at)
        with store.lock(run.request.run_id):
            packs = _without_packs(store, empty, self.at)
        return {cell: [*paths, *packs.get(cell, ())] for cell, paths in gone.items()}

    def look(self, run: Snapshot) -> None:
        """Look at every store for what may still hold the person, and note there what was erased."""
        answers = run.stores.ask(lambda settings, store: self._look_at(run, settings, store))
        for name, lines in self._without_faults(answers).items():
            self.result.left += [f"{name}: {line}" for line in lines]

    def _look_at(self, run: Snapshot, settings: StoreSettings, store: Store) -> list[str]:
        language = run.settings.language
        days = inspect(store, settings.layout, self.erasure.cells)
        standings = {cell: days[cell.plan_date].standing(cell.team) for cell in self.erasure.cells}
        left = _left(run, settings, standings)
        lines = [line for cell in sorted(left) for line in left[cell]]
        lines += unchecked(store, self.erasure, language)
        lines += _packs_left(store, standings, language)
        clean = [cell for cell in self.erasure.cells if not left[cell]]
        return lines if self._note(run, settings, store, clean) else [*lines, say(language, "erase.not_noted")]

    def _note(self, run: Snapshot, settings: StoreSettings, store: Store, clean: Sequence[Cell]) -> bool:
        with store.lock(run.request.run_id):
            noted: Counter[Cell] = Counter()
            for one in read_deletions(store.read_many([DELETED_NAME])[DELETED_NAME]):
                if one.what is What.ERASED and one.plan_date is not None and one.team is not None:
                    noted[Cell(one.plan_date, one.team)] += one.count
            counts = {
                cell: self.erasure.rows.get(cell, 0) or self.erasure.begun.get(cell, 0) - noted[cell] for cell in clean
            }
            withdrawn = self.result.withdrawn.get(settings.name, {})
            deletions = [
                Deletion(
                    at=self.at,
                    what=What.ERASED,
                    why="erased",
                    count=count,
                    by=run.request.run_id,
                    plan_date=cell.plan_date,
                    team=cell.team,
                    files=tuple(withdrawn.get(cell, ())),
                )
                for cell, count in counts.items()
                if count > 0
            ]
            self.result.noted |= bool(deletions)
            return not deletions or not note_deletions(store, deletions, at=self.at)

    def _without_faults(self, answers: Mapping[str, T | ReservplanError]) -> dict[str, T]:
        """The answers of the stores that gave one; of the others it is said why not."""
        faults = {name: answer for name, answer in answers.items() if isinstance(answer, ReservplanError)}
        self.result.left += [at_store(name, fault) for name, fault in faults.items()]
        self.result.away |= bool(faults)
        return {name: answer for name, answer in answers.items() if not isinstance(answer, ReservplanError)}


def _left(run: Snapshot, settings: StoreSettings, standings: Mapping[Cell, Found]) -> dict[Cell, list[str]]:
    """By cell: the files under its names that are not the copies without the person, in words."""
    contents = {offer.cell: offer.content for offer in run.files.offers()}
    language = run.settings.language
    left: dict[Cell, list[str]] = {}
    for cell, standing in standings.items():
        if isinstance(standing, ReservplanError):
            left[cell] = [f"{cell}: {say(language, 'erase.left_day')}"]
            continue
        current = standing.entry is not None and standing.entry.content == contents.get(cell)
        left[cell] = [
            f"{artifact_path(settings.layout, cell.team, name)}: {say(language, f'erase.left_{code}')}"
            for name, code in _not_clean(standing, _made(run, cell), current=current)
        ]
    return left


def _made(run: Snapshot, cell: Cell) -> frozenset[str]:
    """The hashes of the files that the run has made of a cell."""
    from hashlib import sha256

    return frozenset(sha256(content).hexdigest() for content in run.files.drawn(cell).values())


def _not_clean(standing: Standing, made: frozenset[str], *, current: bool) -> Iterator[tuple[str, str]]:
    """The names under which something else lies than a copy without the person, each with why; pure.

    `made` are the hashes of such copies, `current` says that all that the cell's record names are.
    """
    named = {artifact.sha256 for artifact in standing.entry.artifacts} if standing.entry and current else frozenset()
    for name in sorted({*standing.listed, *standing.files}):
        state = standing.files.get(name)
        if state is FileState.MISSING:
            continue
        if state is None:
            yield name, "foreign"
        elif state is FileState.EDITED:
            yield name, "edited"
        elif state not in WHOLE_STATES or standing.records[name].sha256 not in {*made, *named}:
            yield name, "old"


def _without_packs(store: Store, empty: Collection[Cell], at: datetime) -> dict[Cell, list[str]]:
    """Remove our week packs that hold a list of these cells; returns their paths. What else they hold comes anew."""
    record = record_of(store)
    gone: dict[Cell, list[str]] = {}
    for entry in record.papers:
        held = _held(entry, empty)
        info = listed(store, [entry.path]).get(entry.path) if held else None
        if info is None or look_at(store, record, entry.path, info)[0] is There.NOT_OURS:
            continue
        if store.remove(entry.path, info).outcome in (Outcome.DONE, Outcome.MISSING):
            gone.setdefault(held[0], []).append(entry.path)
    if gone:
        forget(store, [path for paths in gone.values() for path in paths], at=at)
    return gone


def _held(entry: PaperEntry, cells: Collection[Cell]) -> list[Cell]:
    """Of which of the cells a week pack holds the list."""
    days = {(day, team_key(entry.team)) for day in entry.plan_dates}
    return sorted(cell for cell in cells if (cell.plan_date, team_key(cell.team)) in days)


def _packs_left(store: Store, standings: Mapping[Cell, Found], language: str) -> Iterator[str]:
    """Week packs that may hold the cells' lists as they were, in words; of one that is open the run itself says so."""
    record = record_of(store)
    entries = [entry for entry in (*record.papers, *record.intended) if _held(entry, standings)]
    paths = {path for entry in entries for path in (entry.path, entry.wanted)}
    withdrawn = [cell for cell, found in standings.items() if isinstance(found, Standing) and found.entry is None]
    for path, info in sorted(listed(store, paths).items()):
        there, entry = look_at(store, record, path, info)
        if there is There.NOT_OURS:
            yield f"{path}: {say(language, 'erase.left_edited')}"
        elif entry is None or _held(entry, withdrawn):
            yield f"{path}: {say(language, 'erase.left_old')}"


def unchecked(store: Store, erasure: Erasure, language: str) -> list[str]:
    """Cells of the opened store whose copies are of a reading that the archive does not have, in words."""
    days = [day for name in store.list_folder(OWN_FOLDER) if (day := parse_manifest_name(name)) is not None]
    records = read_records(store, sorted(day for day in days if day >= erasure.sought.first))
    cells = [
        Cell(day, team)
        for day, record in records.items()
        for team, entry in (record.manifest.cells.items() if record.manifest else ())
        if entry.captured_at not in erasure.known.get(Cell(day, team), ())
    ]
    return [f"{cell_words(language, cell)}: {say(language, 'erase.left_unknown')}" for cell in sorted(cells)]


def in_words(erasure: Erasure, language: str) -> list[str]:
    """What was found, cell by cell; of nobody by name."""
    lines = [
        f"{cell_words(language, cell)}: {say(language, 'erase.rows', count=count)}"
        for cell, count in sorted(erasure.rows.items())
    ]
    return [*lines, say(language, "erase.past", first=erasure.sought.first)]


def warnings(erasure: Erasure, language: str) -> list[str]:
    """What will bring the person back, or cannot be looked at."""
    lines = [f"{what} {say(language, 'erase.damaged')}" for what in erasure.damaged]
    if erasure.in_source:
        days = ", ".join(f"{day:%y%m%d}" for day in erasure.in_source)
        lines.append(say(language, "erase.in_source", count=sum(erasure.in_source.values()), days=days))
    if erasure.mentions:
        cells = some([str(cell) for cell in sorted(erasure.mentions)], language)
        lines.append(say(language, "erase.mentions", count=sum(erasure.mentions.values()), cells=cells))
    return lines
