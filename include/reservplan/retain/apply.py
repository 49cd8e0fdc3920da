"""Removing exactly what a plan lists, then saying so in the records; every step can be interrupted and repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reservplan.domain.days import require_aware
from reservplan.domain.errors import LastingError
from reservplan.domain.manifest import CellEntry, Intent, Manifest, whole_second
from reservplan.domain.names import OWN_FOLDER, backup_name, intent_name, manifest_name
from reservplan.domain.papers import PAPERS_BACKUP_NAME, PAPERS_NAME
from reservplan.domain.ports import FileInfo, FileOutcome, FileToWrite, Outcome, Store
from reservplan.domain.words import say
from reservplan.retain.memory import MEMORY_NAME, Memory
from reservplan.retain.plan import Kept, OldDay, Removal, RetentionFacts, RetentionPlan, plan_retention
from reservplan.retain.reading import read_facts
from reservplan.settings import StoreSettings
from reservplan.store.papers import record_of

_GONE = (Outcome.DONE, Outcome.MISSING)


@dataclass(frozen=True)
class RetentionResult:
    """What was removed, what the plan kept, and which files and records could not be removed or written.

    `failed` stays on record, so that the next run tries again; `bytes` is the size of what was removed.
    """

    removed: tuple[Removal, ...] = ()
    kept: tuple[Kept, ...] = ()
    failed: tuple[FileOutcome, ...] = ()
    bytes: int = 0


def apply_retention(
    store: Store, store_settings: StoreSettings, plan: RetentionPlan, *, now: datetime
) -> RetentionResult:
    """Do what the plan says on the opened store, under its lock; safe to repeat after an interruption.

    `now` is the aware present. The store is read anew and planned anew first.

    Raises:
        LastingError: a guard refuses the plan, or it is no longer what the store gives; nothing was removed.
        StoreBusy, StoreUnreachable, StoreRefused, StoreFull: the rest is done by the next run.
    """
    _refuse(plan)
    with store.lock("retain"):
        facts = read_facts(store, store_settings, plan.window, plan.fresh_days)
        anew = plan_retention(
            facts,
            plan.window,
            plan.thresholds,
            require_aware(now),
            language=plan.language,
            include_edited=plan.include_edited,
        )
        _refuse(anew)
        if anew.digest != plan.digest:
            raise LastingError(
                say(plan.language, "retain.changed", store=plan.store), do=say(plan.language, "retain.do_changed")
            )
        outcomes = [store.remove(removal.path, removal.expected) for removal in plan.remove]
        gone = [outcome.path for outcome in outcomes if outcome.outcome in _GONE]
        written_at = whole_second(now)
        failed = [*_not_gone(outcomes), *_tidy(store, facts.days, plan, gone, written_at)]
        failed += _tidy_papers(store, facts, gone, written_at)
        # The very last: whoever is interrupted before has not run.
        memory = FileToWrite(MEMORY_NAME, Memory(last_run=plan.window.today).to_bytes(), written_at)
        failed += _not_done(store.write([memory]))
    removed = tuple(r for r, outcome in zip(plan.remove, outcomes, strict=True) if outcome.outcome is Outcome.DONE)
    return RetentionResult(removed, plan.keep, tuple(failed), sum(r.expected.size_bytes for r in removed))


def _refuse(plan: RetentionPlan) -> None:
    if plan.refusals:
        raise LastingError(
            " ".join(refusal.words for refusal in plan.refusals), do=say(plan.language, "retain.nothing_removed")
        )


def _not_gone(outcomes: Sequence[FileOutcome]) -> list[FileOutcome]:
    return [outcome for outcome in outcomes if outcome.outcome not in _GONE]


def _not_done(outcomes: Sequence[FileOutcome]) -> list[FileOutcome]:
    return [outcome for outcome in outcomes if outcome.outcome is not Outcome.DONE]


def _tidy(
    store: Store, days: Sequence[OldDay], plan: RetentionPlan, gone: Sequence[str], written_at: datetime
) -> list[FileOutcome]:
    """Let the records of the plan's days say what lies there still; returns those that could not be changed."""
    listed = store.list_folder(OWN_FOLDER) if plan.tidied else {}
    return [
        fault
        for day in days
        if day.plan_date in plan.tidied
        for fault in _tidy_day(store, day, gone, listed, written_at)
    ]


def _tidy_papers(store: Store, facts: RetentionFacts, gone: Sequence[str], written_at: datetime) -> list[FileOutcome]:
    """Let the record of the papers forget the week packs that are gone, also those that somebody else took away."""
    away = {*facts.papers_gone, *({paper.path for paper in facts.papers} & set(gone))}
    if not away:
        return []
    before = record_of(store)
    records = ((PAPERS_BACKUP_NAME, before), (PAPERS_NAME, before.without(away)))
    return _not_done(store.write([FileToWrite(name, record.to_bytes(), written_at) for name, record in records]))


def _tidy_day(
    store: Store, day: OldDay, gone: Sequence[str], listed: Mapping[str, FileInfo], written_at: datetime
) -> list[FileOutcome]:
    sealed, intended = day.remaining(gone)
    faults: list[FileOutcome] = []
    if not intended:
        faults += _remove_records(store, [intent_name(day.plan_date)], listed)
    elif day.intent is not None and intended != day.intent.cells:
        content = Intent(plan_date=day.plan_date, cells=intended).to_bytes()
        faults += _not_done(store.write([FileToWrite(intent_name(day.plan_date), content, written_at)]))
    if not sealed:
        # The manifest last: without it the one before would be taken for it, and refuse the next run.
        faults += _remove_records(store, [backup_name(day.plan_date), manifest_name(day.plan_date)], listed)
    elif day.manifest is not None and sealed != day.manifest.cells:
        faults += _write_manifest(store, day.manifest, sealed, written_at)
    return faults


def _write_manifest(
    store: Store, before: Manifest, sealed: Mapping[str, CellEntry], written_at: datetime
) -> list[FileOutcome]:
    """The manifest with fewer entries; the one before is put by first, as the seal does."""
    after = before.model_copy(update={"cells": dict(sealed)})
    for name, manifest in ((backup_name(before.plan_date), before), (manifest_name(before.plan_date), after)):
        if faults := _not_done(store.write([FileToWrite(name, manifest.to_bytes(), written_at)])):
            return faults
    return []


def _remove_records(store: Store, paths: Sequence[str], listed: Mapping[str, FileInfo]) -> list[FileOutcome]:
    """Remove records in this order; one that stays keeps those after it."""
    for path in paths:
        info = listed.get(path.removeprefix(f"{OWN_FOLDER}/"))
        if info is not None and (faults := _not_gone([store.remove(path, info)])):
            return faults
    return []
