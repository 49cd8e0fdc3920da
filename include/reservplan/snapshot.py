"""The main job, step by step: extract → validate → compare → render → publish → seal → shelf; and archive, report.

Each step reads what the one before left in the run's staging folder and leaves its own there, so that the same code
runs in one go from the command and as separate tasks under an orchestrator. A step returns counts only. Stores are
asked side by side, and in one go written so too; an orchestrator writes each by tasks of its own.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from reservplan.domain.days import Window, days_between, days_for_run, local_day
from reservplan.domain.errors import (
    RenderError,
    RequestRefused,
    ReservplanError,
    SettingsError,
    SourceError,
    StoreBusy,
)
from reservplan.domain.history import EarlierCopy, History
from reservplan.domain.judgement import Judgement, Marks
from reservplan.domain.manifest import Origin
from reservplan.domain.names import ARTIFACTS, Format, Kind
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.unexpected import at_store, without_words
from reservplan.domain.words import say
from reservplan.memory import give_memory_back
from reservplan.publish import Action, Decision, Offer, Published
from reservplan.run_files import Batch, BatchCells, Drawn, Part, Remembered, RunFiles
from reservplan.run_stores import Answers, RunStores, StoreOpener
from reservplan.settings import Settings, StoreSettings
from reservplan.side_by_side import side_by_side, stop_if_ended
from reservplan.staging import Staging, clear_leftovers
from reservplan.telling import advice, alike, grave, some

if TYPE_CHECKING:
    from reservplan.archive import Archive
    from reservplan.earlier import EarlierCaptures
    from reservplan.report import ReportedCell
    from reservplan.store.inspection import DayOnStore

T = TypeVar("T")
Say = Callable[[str], None]
Counts = dict[str, int]

# A mapped task costs about half a second of the orchestrator's own time, a cell 0.2 s of rendering: at 100 cells a
# batch that share is small, and a retry repeats little.
CELLS_IN_A_BATCH = 100
# Another run writes for seconds to minutes at a time.
TURN_PAUSE_SECONDS = 5.0


class SnapshotRequest(BaseModel):
    """What one run is asked to do; `today` is fixed once, so that a run across midnight stays one day's run.

    Where `cells` are given, it is these and no others, also of groups that the settings do not know.
    """

    model_config = ConfigDict(frozen=True)

    run_id: str
    today: date
    started_at: AwareDatetime
    plan_dates: tuple[date, ...]
    teams: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    origin: Origin
    force: bool = False
    from_archive: bool = False


def asked_days(
    first: date | None, last: date | None, window: Window, *, with_days_ahead: bool = True
) -> tuple[date, ...]:
    """The plan_dates that a run captures.

    Today means today … today + days_ahead, unless those are not wanted; a past or coming day means that day only, each
    day of a range by itself.

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
    if window.today in asked and with_days_ahead:
        asked.update(days_for_run(window.today, window.days_ahead))
    return tuple(sorted(asked))


class Snapshot:
    """One run: its settings, its request, its staging folder, and how to open a store.

    Where somebody else is writing to a store, its turn is waited for so many seconds.
    """

    def __init__(
        self,
        settings: Settings,
        request: SnapshotRequest,
        open_store: StoreOpener,
        say: Say = lambda _: None,
        *,
        turn_seconds: float = 0.0,
    ) -> None:
        self.settings = settings
        self.request = request
        self.open_store = open_store
        self.say = say
        self.turn_seconds = turn_seconds
        self.staging = Staging.of_run(settings.staging, request.run_id)
        self.files = RunFiles(self.staging)
        self.stores = RunStores(settings.stores, lambda store: self.open_store(store), self.files)

    def run(
        self,
        then: "Callable[[Snapshot], None] | None" = None,
        at_last: "Callable[[Snapshot], None] | None" = None,
    ) -> "Result":
        """All steps in one go, and the staging folder emptied whatever happens.

        `then` is done between the verdicts and all that follows from them, `at_last` when every store has had its turn.

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
            if then is not None:
                then(self)
            # Before any store is needed: what was read must outlive a share that is away.
            self._do_what_can_be("archive", self.archive, result)
            batches = result.timed("compare", self.compare)
            result.fell_short += self.alarms()
            for batch in batches:
                self._do_what_can_be("render", lambda: self.render(batch), result)  # noqa: B023 - done at once
            for of_store in side_by_side(self.settings.stores, lambda store: self._run_store(store.name, batches)):
                result.add(of_store)
            if at_last is not None:
                at_last(self)
            self._do_what_can_be("report", self.report, result)
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

        Past days come from the archive where it holds them whole, everything else from the export.

        Raises:
            SourceNotReady: no export yet, one still growing, or (with `insist_on_fresh`) one that is too old.
            SourceError: an export that cannot be used.
        """
        from reservplan.extract import input_fingerprint
        from reservplan.reading import Reading

        self.refuse_unknown_teams()
        reading = Reading(self.settings, self.request, self.files, input_fingerprint(self.settings))
        # Whoever asks for certain cells wants all that shows them looked at, papers too.
        skips = not (self.request.force or self._in_doubt)
        if skips and self._nothing_changed(reading.made_of):
            self.files.put_unchanged()
            return {"unchanged": 1, "cells": len(reading.made_of)}
        return {"unchanged": 0, **reading.stage(insist_on_fresh=insist_on_fresh)}

    def validate(self) -> Counts:
        """Judge every cell by itself and by what the stores remember; an incomplete one does not stop the run."""
        if self.files.unchanged:
            return {}
        parts = self.files.parts()
        history = self._recall([cell for part in parts for cell in part.cells])
        found: dict[Cell, Judgement] = {}
        for part in parts:
            found |= self._judge(part, history)
        judgements = {cell: found[cell] for cell in sorted(found, key=lambda cell: (cell.plan_date, self._order(cell)))}
        self.files.put_judgements(judgements)
        self.files.put_remembered(Remembered(list(history.copies.items()), history.stores))
        counts = {"cells": len(judgements)}
        for judgement in judgements.values():
            counts[judgement.verdict.value] = counts.get(judgement.verdict.value, 0) + 1
        return counts

    def archive(self) -> Counts:
        """Keep what was read of the export, so that its days can be made again without it."""
        if self.files.unchanged:
            return {}
        judgements = self.files.judgements()
        raw_sha256 = self.files.input_sha256()
        kept = 0
        for part in self.files.parts():
            # Where the export could not be read its part covers nothing.
            covered = (
                {} if part.archived else {cell: judgements[cell] for cell in part.cells if judgements[cell].covered}
            )
            if covered:
                kept += self._archive.keep(self.files.plan(part), covered, raw_sha256, self.settings.zone)
        return {"kept": kept}

    def compare(self) -> list[Batch]:
        """Lay out every cell and ask every store what it lacks; only cells that some store lacks are rendered.

        A store that cannot be asked counts as lacking all of them: it may be back when its turn to be written comes.

        Raises:
            ReservplanError: no store at all could be asked.
        """
        if self.files.unchanged:
            return []
        offers = self._lay_out()
        filled = self._filled(offers)
        offers = [filled.get(offer.cell, offer) for offer in offers]
        self._require_something(offers)
        self.files.put_offers(offers)
        lacking: set[Cell] = set()
        alarms: list[str] = []
        for name, decisions in self._compared(offers).items():
            if isinstance(decisions, ReservplanError):
                lacking |= {offer.cell for offer in offers if offer.visits}
                continue
            lacking |= {cell for cell, decision in decisions.items() if decision.writes}
            alarms += self._in_words(name, {cell: d.code for cell, d in decisions.items() if d.alarm and not d.writes})
        self.files.put_texts("alarms", alarms)
        # What another store gave is drawn already.
        return self._batches([offer.cell for offer in offers], lacking - filled.keys())

    def alarms(self) -> list[str]:
        """What fell short before anything was written, in words: cells that are incomplete or were kept."""
        if self.files.unchanged:
            return []
        judgements = self.files.judgements().items()
        lines = self.files.texts("notes")
        told: set[str] = set()
        for group in alike({cell: grave(judgement.reasons) for cell, judgement in judgements}):
            lines += group.lines(self.settings.language)
            lines += filter(None, [advice(self.settings, [code for code in group.codes if code not in told])])
            told |= set(group.codes)
        return lines + self.files.texts("alarms")

    def render(self, batch: Batch) -> Counts:
        """Render a batch's cells that some store lacks; a cell that cannot be rendered stops no other.

        Raises:
            RenderError: some cells failed, after all others are done; the text names them.
        """
        from reservplan.render import render_documents

        documents = self.files.documents(self.files.cells_of(batch).lacking)
        drawn: dict[Cell, Drawn] = {}

        def write(cell: Cell, kind: Kind, fmt: Format, content: bytes) -> None:
            files = drawn.setdefault(cell, {})
            files[kind, fmt] = content
            if len(files) == len(ARTIFACTS):
                self.files.put_drawn(cell, drawn.pop(cell))

        failed = render_documents(documents, write, progress=self._progress("rendered"))
        if failed:
            raise RenderError("; ".join(f"{cell}: {text}" for cell, text in failed.items()))
        return {"rendered": len(documents)}

    def publish(self, store_name: str, batches: Sequence[Batch]) -> Counts:
        """Write the batches' cells to one store, whole or not at all, never worse; the seal makes them count.

        Tried again after a fault, it goes on where it was: what an earlier try has written whole is left alone.
        """
        settings = self._store(store_name)
        left = [batch for batch in batches if not self._is_done(self.files.published_of(store_name, batch).values())]
        if left:
            with self.stores.opened(settings) as store:
                for batch in left:
                    published = self._in_turn(lambda: self._publish(store, settings, batch))  # noqa: B023 - done at once
                    self.files.put_published(store_name, batch, published)
                    stop_if_ended()
        return _count_published(self.files.published(store_name).values())

    def seal(self, store_name: str) -> Counts:
        """Read back what one store holds now and write its manifests; what fell short is said by `shortfalls`."""
        from reservplan.publish import held_files, seal, shortfall_of, shortfalls_in_words

        published = self.files.published(store_name)
        settings = self._store(store_name)
        now, run_id, language = self._now(), self.request.run_id, self.settings.language
        judged = {
            offer.cell: shortfall_of(offer, published[offer.cell].decision, run_id, now, language=language)
            for offer in (self.files.offers(published) if published else ())
        }
        with self.stores.opened(settings) as store:
            sealed = self._in_turn(
                lambda: seal(
                    store,
                    settings,
                    published.values(),
                    run_id,
                    sealed_at=now,
                    judged=judged,
                    kept_from=self.window.first,
                )
            )
        short = shortfalls_in_words(store_name, published, language)
        short += self._in_words(store_name, sealed.failures)
        if not sealed.noted:
            short.append(f"{store_name}: {self._say('publish.not_noted')}")
        self.files.put_texts(f"short/{store_name}", short)
        self.files.put_texts(f"held/{store_name}", held_files(published.values()))
        return {
            "cells": sealed.cells,
            "files": sealed.files,
            "bytes": sealed.bytes,
            "confirmed": sealed.confirmed,
            "short": len(short),
        }

    def shelf(self, store_name: str) -> Counts:
        """Bring one store's start page, routine and week packs up to date with what it holds now."""
        from reservplan.shelf import fill_shelf

        if self.files.unchanged:
            return {}
        settings = self._store(store_name)
        with self.stores.opened(settings) as store:
            shelved = self._in_turn(
                lambda: fill_shelf(store, settings, self.settings, self.window, self.request.run_id, at=self._now())
            )
        short = [
            f"{store_name}: {path}: {self._say(f'papers.{short.code}')}{short.why and f' ({short.why})'}"
            for path, short in shelved.short.items()
        ]
        self.files.put_texts(f"short_papers/{store_name}", short)
        held = [path for path, short in shelved.short.items() if short.code == "open"]
        self.files.put_texts(f"held_papers/{store_name}", held)
        return {"written": shelved.written, "left": shelved.left, "short": len(short)}

    def shortfalls(self, store_name: str) -> list[str]:
        """What could not be written to a store or sealed there, in words."""
        return self.files.texts(f"short/{store_name}")

    def papers_short(self, store_name: str) -> list[str]:
        """Which papers of a store are not as they should be, in words."""
        return self.files.texts(f"short_papers/{store_name}")

    def held(self, store_name: str) -> list[str]:
        """Paths of a store's copies that could not be replaced: open, protected, or saved by somebody meanwhile."""
        return self.files.texts(f"held/{store_name}")

    def papers_held(self, store_name: str) -> list[str]:
        """Paths of a store's papers that are open."""
        return self.files.texts(f"held_papers/{store_name}")

    def report(self) -> Counts:
        """Write the run's validation report, for people and for programs."""
        from reservplan.report import Report, Reports

        parts = [] if self.files.unchanged else self.files.parts()
        cells = list(self._reported(parts))
        report = Report(
            run_id=self.request.run_id,
            made_at=self._now(),
            started_at=self.request.started_at,
            today=self.request.today,
            origin=self.request.origin,
            source_label=", ".join(dict.fromkeys(part.label for part in parts if part.label)),
            cells=tuple(cells),
            notes=tuple(self.files.texts("notes")),
        )
        name = Reports(self.settings.reports).keep(report, self.settings)
        self.say(f"  what was found stands in {self.settings.reports}/{name}.html")
        return {"cells": len(cells)}

    @property
    def judged(self) -> bool:
        """Whether the run has come so far that there is something to report."""
        return self.files.unchanged or self.files.has_judgements

    def _reported(self, parts: Sequence[Part]) -> "Iterator[ReportedCell]":
        """Every cell with its verdict, and what became of it on each store that could be written."""
        from reservplan.report import Outcome, ReportedCell

        if not parts:
            return
        archived = {cell for part in parts if part.archived for cell in part.cells}
        published = {store.name: self.files.published(store.name) for store in self.settings.stores}
        for cell, judgement in self.files.judgements().items():
            outcomes = tuple(
                Outcome(store, done[cell].decision.code, _shortness(done[cell]))
                for store, done in published.items()
                if cell in done
            )
            yield ReportedCell(cell, judgement, "archive" if cell in archived else "export", outcomes)

    def clear(self) -> None:
        """Empty the run's staging folder."""
        self.staging.clear()

    @property
    def _archive(self) -> "Archive":
        from reservplan.archive import Archive

        return Archive(self.settings.archive)

    @property
    def _earlier(self) -> "EarlierCaptures":
        from reservplan.earlier import EarlierCaptures

        return EarlierCaptures(self._archive)

    @property
    def window(self) -> Window:
        """The days that are kept, as of the run's today."""
        return Window(self.request.today, self.settings.window.days_back, self.settings.window.days_ahead)

    @property
    def _in_doubt(self) -> bool:
        """Whether the run is for certain cells: then something is wrong with them that size and time may not show."""
        return bool(self.request.cells)

    def _now(self) -> datetime:
        return datetime.now(self.settings.zone)

    def _say(self, key: str, **values: object) -> str:
        return say(self.settings.language, key, **values)

    def _store(self, name: str) -> StoreSettings:
        for store in self.settings.stores:
            if store.name == name:
                return store
        raise SettingsError(f"stores: there is no store {name!r} any more.", do="Start a new run.")

    def _do_what_can_be(self, step: str, body: "Callable[[], Counts]", result: "Result") -> None:
        """A step whose fault is said, and keeps nothing else from the stores."""
        try:
            result.timed(step, body)
        except Exception as error:
            result.fell_short.append(str(without_words(error)))

    def _run_store(self, store_name: str, batches: Sequence[Batch]) -> "Result":
        """One store from publish to shelf; its fault is its own, and is said with what came of the rest."""
        result = Result()
        steps: list[tuple[str, Callable[[], Counts]]] = [
            ("publish", lambda: self.publish(store_name, batches)),
            # Also after a fault: what was written before it counts only once it is sealed.
            ("seal", lambda: self.seal(store_name)),
            ("shelf", lambda: self.shelf(store_name)),
        ]
        for step, body in steps:
            stop_if_ended()
            try:
                result.timed(step, body)
            except Exception as error:
                result.fell_short.append(at_store(store_name, error))
                if not self.files.has_published(store_name):
                    # It has not even been reached: each further step would wait for it as long again.
                    break
        result.fell_short += [*self.shortfalls(store_name), *self.papers_short(store_name)]
        result.held[store_name] = [*self.held(store_name), *self.papers_held(store_name)]
        return result

    def _publish(self, store: Store, settings: StoreSettings, batch: Batch) -> dict[Cell, Published]:
        from reservplan.publish import publish

        # Publishing asks for all four of a cell one after the other.
        drawn = lru_cache(maxsize=1)(self.files.drawn)

        def content_of(cell: Cell, kind: Kind, fmt: Format) -> bytes | None:
            stop_if_ended()
            return drawn(cell).get((kind, fmt))

        return publish(
            store,
            settings,
            self.files.offers(self.files.cells_of(batch).cells),
            content_of,
            self.request.run_id,
            self.window,
            published_at=self._now(),
            zone=self.settings.zone,
            force=self.request.force,
            deep=self._in_doubt,
            language=self.settings.language,
            most_gone_share=self.settings.thresholds.gone_incomplete_share,
            progress=self._progress(f"written to {settings.name}"),
        )

    @staticmethod
    def _is_done(published: Collection[Published]) -> bool:
        """Whether a batch has been written with nothing left to be tried again."""
        return bool(published) and not any(_shortness(done) for done in published)

    def _in_turn(self, body: Callable[[], T]) -> T:
        """Do it on a store when nobody else is writing there; another run is waited for as long as this one may."""
        last = time.monotonic() + self.turn_seconds
        while True:
            try:
                return body()
            except StoreBusy as busy:
                if time.monotonic() >= last:
                    raise
                self.say(f"  waits: {busy.what}")
            time.sleep(TURN_PAUSE_SECONDS)

    def _order(self, cell: Cell) -> tuple[int, str]:
        """Groups in the order of the settings, those that they do not know last."""
        names = [team.name for team in self.settings.teams]
        return (names.index(cell.team) if cell.team in names else len(names), cell.team)

    def _nothing_changed(self, hashes: Mapping[Cell, str]) -> bool:
        """Whether every store holds every asked cell, whole, made of this very input by these very settings."""
        from reservplan.publish import unchanged
        from reservplan.shelf import is_filled
        from reservplan.store.inspection import inspect

        if not hashes or not all(hashes.values()) or any(cell.plan_date not in self.window for cell in hashes):
            return False

        def holds_all(settings: StoreSettings, store: Store) -> bool:
            if not is_filled(store, self.request.today):
                return False
            days = inspect(store, settings.layout, hashes).values()
            return all(unchanged(day, hashes) and not self._too_old_by_now(day, hashes) for day in days)

        # A fault is said by the step that needs the store.
        return all(answer is True for answer in self.stores.ask(holds_all).values())

    def _too_old_by_now(self, day: "DayOnStore", cells: Iterable[Cell]) -> bool:
        """The same input may have been fresh when it was read and be too old now: then it must be judged anew."""
        if day.plan_date < self.request.today:
            return False
        limit = self.request.started_at - timedelta(hours=self.settings.source.max_age_hours)
        entries = (day.entry(cell.team) for cell in cells if cell.plan_date == day.plan_date)
        return any(entry is None or entry.true_at < limit for entry in entries)

    def _recall(self, cells: Sequence[Cell]) -> History:
        """What the stores remember of the cells; of one that is away nothing is known, and publishing minds that."""
        from reservplan.store.history import read_history, together

        answers = self.stores.ask(lambda _, store: read_history(store, cells))
        # A fault is said by the step that needs the store.
        return together([answer for answer in answers.values() if isinstance(answer, History)])

    def _judge(self, part: Part, history: History) -> dict[Cell, Judgement]:
        from reservplan.earlier import copies_before
        from reservplan.validate import judge_seen, look

        plan = self.files.plan(part)
        copies = copies_before(plan, part.cells, history.copies)
        before = self._earlier.visits(copies, plan)
        seen = look(plan, self.settings, part.cells, replace(history, copies=copies), before)
        # Great Expectations takes as much memory as the plan: not both at once.
        del plan
        give_memory_back()
        return judge_seen(seen, self.settings)

    def _lay_out(self) -> list[Offer]:
        """Decide what every cell shows, stage it, and offer it by the hash of its content."""
        judgements = self.files.judgements()
        remembered = self.files.remembered()
        copies = dict(remembered.copies)
        offers: dict[Cell, Offer] = {}
        for part in self.files.parts():
            offers |= self._lay_out_part(part, judgements, copies, remembered.stores)
        return [offers[cell] for cell in judgements]

    def _lay_out_part(
        self,
        part: Part,
        judgements: Mapping[Cell, Judgement],
        copies: Mapping[Cell, EarlierCopy],
        stores: tuple[str, ...],
    ) -> dict[Cell, Offer]:
        from reservplan.earlier import changed_since
        from reservplan.render import as_json, content_hash, show_cell

        plan = self.files.plan(part)
        since = {cell: changed_since(copies.get(cell), judgements[cell].captured_at) for cell in part.cells}
        offers: dict[Cell, Offer] = {}
        documents: dict[Cell, bytes] = {}
        for cell, before in self._earlier.with_each(part.cells, since):
            judgement = judgements[cell]
            afterwards = local_day(judgement.captured_at, self.settings.zone) > cell.plan_date
            marks = Marks(judgement.captured_at, afterwards)
            document = show_cell(plan, cell, judgement, self.settings, marks, before)
            documents[cell] = as_json(document)
            if len(documents) == CELLS_IN_A_BATCH:
                self.files.put_documents(documents)
                documents.clear()
                give_memory_back()
            offers[cell] = Offer(
                cell=cell,
                verdict=judgement.verdict,
                captured_at=judgement.captured_at,
                # Of an archived capture too: what tells a copy from the future is the clock of now.
                read_at=self.request.started_at,
                origin=self.request.origin,
                visits=judgement.visits,
                content=content_hash(document),
                reasons=judgement.reasons,
                unassigned=judgement.unassigned,
                employees=judgement.employees,
                covered=judgement.covered,
                closed=judgement.closed,
                cancelled=judgement.cancelled,
                by_hour=judgement.by_hour,
                changed_since=since[cell],
                compared_with=stores,
                source_sha256=part.source_sha256,
                erased=plan.erased(cell),
            )
        self.files.put_documents(documents)
        return offers

    def _filled(self, offers: Sequence[Offer]) -> dict[Cell, Offer]:
        """What a store holds whole of the cells that are in doubt and that the source cannot give."""
        from reservplan.filling import filled

        # Where the archive alone is to be believed, a store may hold what was taken out of it: a person's rows.
        fills = self._in_doubt and not self.request.from_archive
        return filled(offers, self.stores, self.files) if fills else {}

    def _require_something(self, offers: Sequence[Offer]) -> None:
        """Raise the export's fault where it could not be read and nothing else knows anything of what is asked."""
        unread = self.files.texts("unread")
        if unread and self._in_doubt and not any(offer.covered for offer in offers):
            what, do = unread
            raise SourceError(what, do=do)

    def _compared(self, offers: Sequence[Offer]) -> Answers[Mapping[Cell, Decision]]:
        """What publishing would do on each store.

        Raises:
            ReservplanError: no store at all could be asked.
        """
        from reservplan.publish import compare

        def compare_with(settings: StoreSettings, store: Store) -> Mapping[Cell, Decision]:
            return compare(
                store,
                settings,
                offers,
                self.window,
                zone=self.settings.zone,
                force=self.request.force,
                deep=self._in_doubt,
                most_gone_share=self.settings.thresholds.gone_incomplete_share,
            )

        answers = self.stores.ask(compare_with)
        if not any(isinstance(answer, Mapping) for answer in answers.values()):
            # Nothing is lost by waiting for one that hung a while ago.
            answers = self.stores.ask(compare_with, also_silent=True)
        faults = [answer for answer in answers.values() if isinstance(answer, ReservplanError)]
        if len(faults) == len(answers):
            raise faults[0]
        return answers

    def _in_words(self, store: str, codes: Mapping[Cell, str] | Mapping[str, str]) -> list[str]:
        """A line for each code: what became of these cells on the store."""
        cells: dict[str, list[str]] = {}
        for cell, code in codes.items():
            cells.setdefault(code, []).append(str(cell))
        language = self.settings.language
        return [f"{store}: {some(names, language)}: {self._say(f'publish.{code}')}" for code, names in cells.items()]

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
            of_batch = BatchCells(group, [cell for cell in group if cell in lacking])
            batch = Batch(number=number, cells=len(group), lacking=len(of_batch.lacking))
            self.files.put_batch(batch, of_batch)
            batches.append(batch)
        return batches

    def _progress(self, what: str) -> Callable[[int, int], None]:
        """Say every tenth of the way: enough to see that it moves, few enough to read."""

        def progress(done: int, total: int) -> None:
            stop_if_ended()
            if done == total or done * 10 // total > (done - 1) * 10 // total:
                self.say(f"  {what}: {done} of {total}")

        return progress


@dataclass
class Result:
    """What a run in one go did: counts and seconds by step, and what fell short, in words.

    Of a step that is done at several stores side by side the counts are added up, the seconds are the slowest store's.
    `held` are paths, by store, of files that somebody may have open.
    """

    counts: dict[str, Counts] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    fell_short: list[str] = field(default_factory=list)
    held: dict[str, list[str]] = field(default_factory=dict)

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

    def add(self, of_store: "Result | Exception") -> None:
        """Take in what was done at one store, beside the others."""
        if isinstance(of_store, Exception):
            self.fell_short.append(str(without_words(of_store)))
            return
        for step, seconds in of_store.seconds.items():
            self.seconds[step] = max(self.seconds.get(step, 0.0), seconds)
            self.counts[step] = _add_up([self.counts.get(step, {}), of_store.counts.get(step, {})])
        self.fell_short += of_store.fell_short
        self.held |= of_store.held


def _shortness(done: Published) -> str:
    """Why a cell fell short on a store, also where nothing was tried: a day's record cannot be used, say."""
    waits = done.decision.action is Action.WAIT
    return done.short or (done.decision.code if waits else "")


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
