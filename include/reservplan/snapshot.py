"""The main job, step by step: extract → validate → compare → render → publish → seal.

Each step reads what the one before left in the run's staging folder and leaves its own there, so that the same code
runs in one go from the command and as separate tasks under an orchestrator. A step returns counts only.
"""

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import cache, lru_cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from reservplan.domain.days import Window, days_between, days_for_run, local_day
from reservplan.domain.errors import RenderError, RequestRefused, ReservplanError, SettingsError, SourceNotReady
from reservplan.domain.judgement import Judgement, Marks
from reservplan.domain.manifest import Origin
from reservplan.domain.names import ARTIFACTS, Format, Kind
from reservplan.domain.plan import Cell, CellSource, Plan, Unreadable
from reservplan.domain.ports import Store
from reservplan.domain.unexpected import at_store, without_words
from reservplan.domain.words import say
from reservplan.memory import give_memory_back
from reservplan.publish import Decision, Offer, Published
from reservplan.settings import Settings, StoreSettings
from reservplan.staging import Staging, clear_leftovers

if TYPE_CHECKING:
    import pandas as pd

    from reservplan.store.inspection import DayOnStore

T = TypeVar("T")
Say = Callable[[str], None]
StoreOpener = Callable[[StoreSettings], Store]
Counts = dict[str, int]

# A mapped task costs about half a second of the orchestrator's own time, a cell 0.2 s of rendering: at 100 cells a
# batch that share is small, and a retry repeats little.
CELLS_IN_A_BATCH = 100


class SnapshotRequest(BaseModel):
    """What one run is asked to do; `today` is fixed once, so that a run across midnight stays one day's run."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    today: date
    started_at: AwareDatetime
    plan_dates: tuple[date, ...]
    teams: tuple[str, ...] = ()
    origin: Origin
    force: bool = False


def asked_days(first: date | None, last: date | None, window: Window) -> tuple[date, ...]:
    """The plan_dates that a run captures.

    Today means today … today + days_ahead; a past or coming day means that day only, each day of a range by itself.

    Raises:
        RequestRefused: days in the wrong order, or not kept: doing nothing about them would look like success.
    """
    first = first or window.today
    last = last or first
    if last < first:
        raise RequestRefused(f"The last day, {last}, is before the first, {first}.", do="Turn them round.")
    if outside := [day for day in (first, last) if day not in window]:
        raise RequestRefused(
            f"{outside[0]} is not among the days that are kept, {window.first} to {window.last}.",
            do="Ask for days among these; `window` in the settings says how many there are.",
        )
    asked = set(days_between(first, last))
    if window.today in asked:
        asked.update(days_for_run(window.today, window.days_ahead))
    return tuple(sorted(asked))


class Batch(BaseModel):
    """A reference to some of the run's cells, small enough to hand from task to task."""

    model_config = ConfigDict(frozen=True)

    number: int
    cells: int
    lacking: int


class Snapshot:
    """One run: its settings, its request, its staging folder, and how to open a store."""

    def __init__(
        self, settings: Settings, request: SnapshotRequest, open_store: StoreOpener, say: Say = lambda _: None
    ) -> None:
        self.settings = settings
        self.request = request
        self.open_store = open_store
        self.say = say
        self.staging = Staging.of_run(settings.staging, request.run_id)

    def run(self) -> "Result":
        """All steps in one go, and the staging folder emptied whatever happens.

        Raises:
            ReservplanError: nothing could be done at all: no readable source, or no store reachable.
        """
        result = Result()
        clear_leftovers(self.settings.staging)
        with self.staging.held():
            self.say("  reads the plan")
            result.timed("extract", self.extract)
            self.say("  judges every group and day, and asks the stores what they lack")
            result.timed("validate", self.validate)
            batches = result.timed("compare", self.compare)
            result.fell_short += self.alarms()
            for batch in batches:
                self._render_what_can_be(batch, result)
            for store in self.settings.stores:
                self._run_store(store.name, batches, result)
        return result

    def refuse_unknown_teams(self) -> None:
        """Raise RequestRefused for groups that the settings lack, without repeating them: they may be anything."""
        known = {team.name for team in self.settings.teams}
        if unknown := [team for team in self.request.teams if team not in known]:
            near = get_close_matches(unknown[0], known, n=1)
            raise RequestRefused(
                f"Groups asked for that are not in the settings: {len(unknown)} of {len(self.request.teams)}.",
                do=f"Did you mean {near[0]}?" if near else f"The groups are {', '.join(sorted(known))}.",
            )

    def extract(self, *, insist_on_fresh: bool = False) -> Counts:
        """Read the plan of the asked days; `unchanged` where neither input nor stores moved since the last seal.

        Raises:
            SourceNotReady: no export yet, one still growing, or (with `insist_on_fresh`) one that is too old.
            SourceError: an export that cannot be used.
        """
        from reservplan.extract import input_fingerprint, read_plan

        self.refuse_unknown_teams()
        source_sha256 = self._source_sha256(input_fingerprint(self.settings))
        if not self.request.force and self._nothing_changed(source_sha256):
            self.staging.write("unchanged", b"")
            return {"unchanged": 1, "cells": len(self._asked_cells(()))}
        plan = read_plan(self.settings, self.request.plan_dates, self.request.started_at)
        if plan.too_old and insist_on_fresh:
            raise SourceNotReady(plan.too_old, do="Save a new export; until then it is looked for again.")
        save_plan(self.staging, plan)
        self.staging.write("source.sha256", source_sha256.encode())
        return {
            "unchanged": 0,
            "cells": len(self._asked_cells(plan.unknown_teams)),
            "rows": len(plan.visits),
            "unreadable": len(plan.unreadable),
        }

    def validate(self) -> Counts:
        """Judge every cell; an incomplete one does not stop the run."""
        from reservplan.validate import judge_seen, look

        if self._unchanged:
            return {}
        plan = load_plan(self.staging)
        cells = self._asked_cells(plan.unknown_teams)
        seen = look(plan, self.settings, cells)
        # Great Expectations takes as much memory as the plan: not both at once.
        del plan
        give_memory_back()
        judgements = judge_seen(seen, self.settings)
        self.staging.put("judgements.json", _JUDGEMENTS, list(judgements.items()))
        counts = {"cells": len(judgements)}
        for judgement in judgements.values():
            counts[judgement.verdict.value] = counts.get(judgement.verdict.value, 0) + 1
        return counts

    def compare(self) -> list[Batch]:
        """Lay out every cell and ask every store what it lacks; only cells that some store lacks are rendered.

        A store that cannot be asked counts as lacking all of them: it may be back when its turn to be written comes.

        Raises:
            ReservplanError: no store at all could be asked.
        """
        if self._unchanged:
            return []
        offers = self._lay_out()
        self.staging.put("offers.json", _OFFERS, offers)
        lacking: set[Cell] = set()
        alarms: list[str] = []
        faults: list[ReservplanError] = []
        for store in self.settings.stores:
            try:
                decisions = self._compare_with(store, offers)
            except ReservplanError as error:
                faults.append(error)
                lacking |= {offer.cell for offer in offers if offer.visits}
                continue
            lacking |= {cell for cell, decision in decisions.items() if decision.writes}
            alarms += [self._words_of(store, cell, d) for cell, d in decisions.items() if d.alarm and not d.writes]
        if len(faults) == len(self.settings.stores):
            raise faults[0]
        self.staging.put("alarms.json", _TEXTS, alarms)
        return self._batches([offer.cell for offer in offers], lacking)

    def alarms(self) -> list[str]:
        """What fell short before anything was written, in words: cells that are incomplete or were kept."""
        if self._unchanged:
            return []
        incomplete = [
            f"{cell}: {'; '.join(reason.text.rstrip('.') for reason in judgement.reasons)}"
            for cell, judgement in self.staging.get("judgements.json", _JUDGEMENTS)
            if not judgement.verdict.whole
        ]
        return incomplete + self.staging.get("alarms.json", _TEXTS)

    def render(self, batch: Batch) -> Counts:
        """Render a batch's cells that some store lacks; a cell that cannot be rendered stops no other.

        Raises:
            RenderError: some cells failed, after all others are done; the text names them.
        """
        from reservplan.render import render_documents

        cells = self._cells_of(batch).lacking
        staged = self.staging.read_all([_document_name(cell) for cell in cells])
        documents = dict(zip(cells, staged, strict=True))
        drawn: dict[Cell, _Drawn] = {}

        def write(cell: Cell, kind: Kind, fmt: Format, content: bytes) -> None:
            files = drawn.setdefault(cell, {})
            files[kind, fmt] = content
            if len(files) == len(ARTIFACTS):
                # All of a cell in one: on object storage each file costs a request, however small it is.
                self.staging.write(_rendered_name(cell), _packed(drawn.pop(cell)))

        failed = render_documents(documents, write, progress=self._progress("rendered"))
        if failed:
            raise RenderError("; ".join(f"{cell}: {text}" for cell, text in failed.items()))
        return {"rendered": len(cells)}

    def publish(self, store_name: str, batch: Batch) -> Counts:
        """Write a batch's cells to one store, whole or not at all, never worse; the seal makes them count."""
        from reservplan.publish import publish, to_json

        settings = self._store(store_name)
        cells = set(self._cells_of(batch).cells)
        offers = [offer for offer in self.staging.get("offers.json", _OFFERS) if offer.cell in cells]

        # Publishing asks for all four of a cell one after the other.
        @lru_cache(maxsize=1)
        def drawn(cell: Cell) -> _Drawn:
            content = self.staging.read_or_none(_rendered_name(cell))
            return {} if content is None else _unpacked(content)

        with self.open_store(settings) as store:
            published = publish(
                store,
                settings,
                offers,
                lambda cell, kind, fmt: drawn(cell).get((kind, fmt)),
                self.request.run_id,
                self._window,
                published_at=self._now(),
                zone=self.settings.zone,
                force=self.request.force,
                language=self.settings.language,
                progress=self._progress(f"written to {store_name}"),
            )
        self.staging.write(f"published/{store_name}/{batch.number}.json", to_json(published))
        return _count_published(published.values())

    def seal(self, store_name: str) -> Counts:
        """Read back what one store holds now and write its manifests; what fell short is said by `shortfalls`."""
        from reservplan.publish import from_json, seal

        published = {
            cell: done
            for name in self.staging.names(f"published/{store_name}")
            for cell, done in from_json(self.staging.read(name)).items()
        }
        settings = self._store(store_name)
        with self.open_store(settings) as store:
            sealed = seal(store, settings, published.values(), self.request.run_id, sealed_at=self._now())
        short = [
            self._words_of(settings, cell, done.decision, done.short) for cell, done in published.items() if done.short
        ]
        short += [f"{store_name}: {cell}: {self._say(f'publish.{code}')}" for cell, code in sealed.failures.items()]
        self.staging.put(f"short/{store_name}.json", _TEXTS, short)
        return {
            "cells": sealed.cells,
            "files": sealed.files,
            "bytes": sealed.bytes,
            "confirmed": sealed.confirmed,
            "short": len(short),
        }

    def shortfalls(self, store_name: str) -> list[str]:
        """What could not be written to a store or sealed there, in words."""
        content = self.staging.read_or_none(f"short/{store_name}.json")
        return _TEXTS.validate_json(content) if content else []

    def clear(self) -> None:
        """Empty the run's staging folder."""
        self.staging.clear()

    @property
    def _unchanged(self) -> bool:
        return self.staging.read_or_none("unchanged") is not None

    @property
    def _window(self) -> Window:
        return Window(self.request.today, self.settings.window.days_back, self.settings.window.days_ahead)

    def _now(self) -> datetime:
        return datetime.now(self.settings.zone)

    def _say(self, key: str, **values: object) -> str:
        return say(self.settings.language, key, **values)

    def _store(self, name: str) -> StoreSettings:
        for store in self.settings.stores:
            if store.name == name:
                return store
        raise SettingsError(f"stores: there is no store {name!r} any more.", do="Start a new run.")

    def _render_what_can_be(self, batch: Batch, result: "Result") -> None:
        """A cell that cannot be rendered is said, and keeps none of the others from the stores."""
        try:
            result.timed("render", lambda: self.render(batch))
        except Exception as error:
            result.fell_short.append(str(without_words(error)))

    def _run_store(self, store_name: str, batches: Sequence[Batch], result: "Result") -> None:
        """One store's fault is that store's: it is said, and the next one gets its copies."""

        def publish_all() -> Counts:
            return _add_up(self.publish(store_name, batch) for batch in batches)

        steps: list[tuple[str, Callable[[], Counts]]] = [
            ("publish", publish_all),
            # Also after a fault: what was written before it counts only once it is sealed.
            ("seal", lambda: self.seal(store_name)),
        ]
        for step, body in steps:
            try:
                result.timed(step, body)
            except Exception as error:
                result.fell_short.append(at_store(store_name, error))
        result.fell_short += self.shortfalls(store_name)

    def _asked_cells(self, unknown_teams: Sequence[str]) -> list[Cell]:
        """Every cell that the run must look at; groups that the settings do not know only when all are asked for."""
        teams = [team for team in self.settings.teams if not self.request.teams or team.name in self.request.teams]
        strangers = () if self.request.teams else unknown_teams
        return [
            Cell(day, name)
            for day in self.request.plan_dates
            for name in (*(team.name for team in teams if team.expected_on(day)), *strangers)
        ]

    def _source_sha256(self, input_sha256: str | None) -> str:
        """A hash over all that decides what the copies show; empty where the input cannot be known beforehand."""
        from reservplan.render import template_version

        if input_sha256 is None:
            return ""
        source = self.settings.source
        places = [source.path, source.shifts.path if source.shifts else ""]
        # Where the exports lie may differ from worker to worker; what their names tell does not.
        told_by_name = [re.sub(r"^[^{*?]*/", "", place) for place in places]
        rules = self.settings.model_dump_json(
            exclude={
                **dict.fromkeys(("staging", "archive", "schedule", "alerts", "stores"), True),
                "source": {"path": True, "shifts": {"path": True}},
            }
        )
        made_by = f"{rules}\n{told_by_name}\n{template_version()}\n{code_version()}"
        return sha256(f"{input_sha256}\n{made_by}".encode()).hexdigest()

    def _nothing_changed(self, source_sha256: str) -> bool:
        """Whether every store holds every asked cell, whole, made of this very input by these very settings."""
        from reservplan.publish import unchanged
        from reservplan.store.inspection import inspect

        cells = self._asked_cells(())
        if not source_sha256 or not cells or any(cell.plan_date not in self._window for cell in cells):
            return False
        for settings in self.settings.stores:
            try:
                with self.open_store(settings) as store:
                    days = inspect(store, settings.layout, cells)
            except ReservplanError:
                # Said by the step that needs the store.
                return False
            if not all(unchanged(day, cells, source_sha256) for day in days.values()):
                return False
            if any(self._too_old_by_now(day, cells) for day in days.values()):
                return False
        return True

    def _too_old_by_now(self, day: "DayOnStore", cells: Iterable[Cell]) -> bool:
        """The same input may have been fresh when it was read and be too old now: then it must be judged anew."""
        limit = self.request.started_at - timedelta(hours=self.settings.source.max_age_hours)
        entries = (day.entry(cell.team) for cell in cells if cell.plan_date == day.plan_date)
        return any(entry is None or entry.true_at < limit for entry in entries)

    def _lay_out(self) -> list[Offer]:
        """Decide what every cell shows, stage it, and offer it by the hash of its content."""
        from reservplan.render import as_json, content_hash, show_cell

        plan = load_plan(self.staging)
        source_sha256 = self.staging.read("source.sha256").decode()
        offers = []
        documents: dict[str, bytes] = {}
        for cell, judgement in self.staging.get("judgements.json", _JUDGEMENTS):
            afterwards = local_day(judgement.captured_at, self.settings.zone) > cell.plan_date
            document = show_cell(plan, cell, judgement, self.settings, Marks(judgement.captured_at, afterwards))
            documents[_document_name(cell)] = as_json(document)
            if len(documents) == CELLS_IN_A_BATCH:
                self.staging.write_all(documents)
                documents.clear()
            offers.append(
                Offer(
                    cell=cell,
                    verdict=judgement.verdict,
                    captured_at=judgement.captured_at,
                    read_at=plan.read_at,
                    origin=self.request.origin,
                    visits=judgement.visits,
                    content=content_hash(document),
                    reasons=judgement.reasons,
                    unassigned=judgement.unassigned,
                    employees=judgement.employees,
                    covered=judgement.covered,
                    closed=judgement.closed,
                    source_sha256=source_sha256,
                )
            )
        self.staging.write_all(documents)
        return offers

    def _compare_with(self, settings: StoreSettings, offers: Sequence[Offer]) -> Mapping[Cell, Decision]:
        from reservplan.publish import compare

        with self.open_store(settings) as store:
            return compare(store, settings, offers, self._window, zone=self.settings.zone, force=self.request.force)

    def _words_of(self, store: StoreSettings, cell: Cell, decision: Decision, short: str = "") -> str:
        return f"{store.name}: {cell}: {self._say(f'publish.{short or decision.code}')}"

    def _batches(self, cells: Sequence[Cell], lacking: set[Cell]) -> list[Batch]:
        """All cells in batches: one for a few, else at most `CELLS_IN_A_BATCH` of one day each."""
        if len(cells) <= CELLS_IN_A_BATCH:
            groups = [list(cells)] if cells else []
        else:
            by_day = groupby(sorted(cells), key=lambda cell: cell.plan_date)
            groups = [
                day[start : start + CELLS_IN_A_BATCH]
                for day in (list(group) for _, group in by_day)
                for start in range(0, len(day), CELLS_IN_A_BATCH)
            ]
        batches = []
        for number, group in enumerate(groups):
            staged = _BatchCells(group, [cell for cell in group if cell in lacking])
            self.staging.put(f"batches/{number}.json", _BATCH_CELLS, staged)
            batches.append(Batch(number=number, cells=len(group), lacking=len(staged.lacking)))
        return batches

    def _cells_of(self, batch: Batch) -> "_BatchCells":
        return self.staging.get(f"batches/{batch.number}.json", _BATCH_CELLS)

    def _progress(self, what: str) -> Callable[[int, int], None]:
        """Say every tenth of the way: enough to see that it moves, few enough to read."""

        def progress(done: int, total: int) -> None:
            if done == total or done * 10 // total > (done - 1) * 10 // total:
                self.say(f"  {what}: {done} of {total}")

        return progress


@dataclass
class Result:
    """What a run in one go did: counts and seconds by step, and what fell short, in words."""

    counts: dict[str, Counts] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    fell_short: list[str] = field(default_factory=list)

    def timed(self, step: str, body: Callable[[], T]) -> T:
        """Run one step and add up its time and its counts."""
        begun = time.monotonic()
        try:
            counts = body()
        finally:
            give_memory_back()
            self.seconds[step] = self.seconds.get(step, 0.0) + time.monotonic() - begun
        if isinstance(counts, dict):
            self.counts[step] = _add_up([self.counts.get(step, {}), counts])
        return counts


@dataclass(frozen=True)
class _BatchCells:
    """A batch's cells, and those of them that some store lacks."""

    cells: list[Cell]
    lacking: list[Cell]


_BATCH_CELLS = TypeAdapter(_BatchCells)
_TEXTS = TypeAdapter(list[str])
_OFFERS = TypeAdapter(list[Offer])
_JUDGEMENTS = TypeAdapter(list[tuple[Cell, Judgement]])


@dataclass(frozen=True)
class _BesidesFrames:
    """What a plan holds beside its frames, as it is staged."""

    unreadable: tuple[Unreadable, ...]
    sources: list[tuple[Cell, CellSource]]
    read_at: datetime
    label: str
    unknown_teams: tuple[str, ...]
    too_old: str


_BESIDES = TypeAdapter(_BesidesFrames)


def save_plan(staging: Staging, plan: Plan) -> None:
    """Stage a plan: its frames as parquet, the rest as JSON."""
    staging.write("visits.parquet", _to_parquet(plan.visits))
    staging.write("shifts.parquet", _to_parquet(plan.shifts))
    besides = _BesidesFrames(
        plan.unreadable, list(plan.sources.items()), plan.read_at, plan.label, plan.unknown_teams, plan.too_old
    )
    staging.put("plan.json", _BESIDES, besides)


def load_plan(staging: Staging) -> Plan:
    """The staged plan, equal to the one that was saved."""
    import pandas as pd

    besides = staging.get("plan.json", _BESIDES)
    return Plan(
        visits=pd.read_parquet(io.BytesIO(staging.read("visits.parquet"))),
        shifts=pd.read_parquet(io.BytesIO(staging.read("shifts.parquet"))),
        unreadable=besides.unreadable,
        sources=dict(besides.sources),
        read_at=besides.read_at,
        label=besides.label,
        unknown_teams=besides.unknown_teams,
        too_old=besides.too_old,
    )


def _to_parquet(frame: "pd.DataFrame") -> bytes:
    target = io.BytesIO()
    frame.to_parquet(target, index=False)
    return target.getvalue()


def _document_name(cell: Cell) -> str:
    return f"documents/{cell}.json"


def _rendered_name(cell: Cell) -> str:
    return f"rendered/{cell}.zip"


_Drawn = dict[tuple[Kind, Format], bytes]


def _packed(files: _Drawn) -> bytes:
    """A cell's files as one; as they are, because PDF and workbook are packed already."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for (kind, fmt), content in files.items():
            archive.writestr(f"{kind.value}.{fmt.value}", content)
    return target.getvalue()


def _unpacked(content: bytes) -> _Drawn:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {(kind, fmt): archive.read(f"{kind.value}.{fmt.value}") for kind, fmt in ARTIFACTS}
    except (zipfile.BadZipFile, KeyError):
        # Its renderer was killed while it wrote this: the cell is not rendered, the others are.
        return {}


def _add_up(several: Iterable[Counts]) -> Counts:
    total: Counts = {}
    for counts in several:
        for key, value in counts.items():
            total[key] = total.get(key, 0) + value
    return total


def _count_published(published: Iterable[Published]) -> Counts:
    counts: Counts = {}
    for done in published:
        counts[done.decision.action.value] = counts.get(done.decision.action.value, 0) + 1
        if done.short:
            counts["short"] = counts.get("short", 0) + 1
    return counts


@cache
def code_version() -> str:
    """Changes with the product's own code, so that a corrected rule or layout makes copies anew."""
    folder = Path(__file__).parent
    digest = sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
