"""Removing exactly what a plan lists, then saying so in the records; every step can be interrupted and repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reservplan.domain.days import require_aware
from reservplan.domain.deletions import DELETED_NAME, What, read_deletions
from reservplan.domain.errors import DeletionRefused, StoreBusy, StoreRefused
from reservplan.domain.manifest import Intent, whole_second
from reservplan.domain.names import OWN_FOLDER, backup_name, intent_name, manifest_name
from reservplan.domain.papers import PAPERS_BACKUP_NAME, PAPERS_NAME
from reservplan.domain.ports import FileInfo, FileOutcome, FileToWrite, Outcome, Store
from reservplan.domain.words import say
from reservplan.retain.confirming import require_confirmed
from reservplan.retain.facts import Leftover, OldDay, RetentionFacts
from reservplan.retain.memory import MEMORY_NAME, Memory
from reservplan.retain.noting import Vanished, deletions_of
from reservplan.retain.plan import Kept, Removal, RetentionPlan, plan_retention
from reservplan.retain.reading import read_facts
from reservplan.settings import StoreSettings
from reservplan.store.deletions import note_deletions
from reservplan.store.manifests import replace_manifest
from reservplan.store.papers import listed, record_of

_GONE = (Outcome.DONE, Outcome.MISSING)


@dataclass(frozen=True)
class RetentionResult:
    """What was removed, what the plan kept, and which files and records could not be removed or written.

    `failed` stays on record, so that the next run tries again; `leftovers` is how many temporary files went, `bytes`
    the size of the copies and papers that did.
    """

    removed: tuple[Removal, ...] = ()
    kept: tuple[Kept, ...] = ()
    failed: tuple[FileOutcome, ...] = ()
    leftovers: int = 0
    bytes: int = 0


def apply_retention(
    store: Store, store_settings: StoreSettings, plan: RetentionPlan, *, now: datetime, confirm: str = ""
) -> RetentionResult:
    """Do what the plan says on the opened store, under its lock; safe to repeat after an interruption.

    `now` is the aware present, `confirm` the code of a refused plan for which somebody answers. The store is read anew
    and planned anew first.

    Raises:
        DeletionRefused: a guard refuses the plan and nobody has confirmed it, or it is no longer what the store gives;
            nothing was removed.
        StoreBusy, StoreUnreachable, StoreRefused, StoreFull: the rest is done by the next run.
    """
    require_confirmed(plan, confirm)
    with store.lock("retain"):
        facts = read_facts(store, store_settings, plan.window, plan.fresh_days, plan.folders)
        _require_unchanged(plan, facts, now, confirm)
        outcomes = [store.remove(removal.path, removal.expected) for removal in plan.remove]
        leftovers = _remove_leftovers(store, plan.leftovers)
        removed = tuple(r for r, found in zip(plan.remove, outcomes, strict=True) if found.outcome is Outcome.DONE)
        gone = [outcome.path for outcome in outcomes if outcome.outcome in _GONE]
        written_at = whole_second(now)
        failed = _not_gone(outcomes)
        # Before the records forget what was there: whoever is interrupted here finds it missing, and notes it then.
        deletions = deletions_of(plan, removed, leftovers, _vanished(store, facts), written_at)
        if unnoted := note_deletions(store, deletions, at=written_at):
            failed += unnoted
        else:
            failed += _tidy(store, facts.days, plan, gone, written_at)
            failed += _tidy_papers(store, facts, gone, written_at)
        # The very last: whoever is interrupted before has not run.
        memory = FileToWrite(MEMORY_NAME, Memory(last_run=plan.window.today).to_bytes(), written_at)
        failed += _not_done(store.write([memory]))
    return RetentionResult(
        removed, plan.keep, tuple(failed), len(leftovers), sum(r.expected.size_bytes for r in removed)
    )


def _require_unchanged(plan: RetentionPlan, facts: RetentionFacts, now: datetime, confirm: str) -> None:
    anew = plan_retention(
        facts,
        plan.window,
        plan.thresholds,
        require_aware(now),
        language=plan.language,
        include_edited=plan.include_edited,
    )
    require_confirmed(anew, confirm)
    if anew.digest != plan.digest:
        raise DeletionRefused(
            say(plan.language, "retain.changed", store=plan.store), do=say(plan.language, "retain.do_changed")
        )


def _remove_leftovers(store: Store, leftovers: Sequence[Leftover]) -> list[Leftover]:
    """Remove those that are there still, untouched: under the lock nobody writes them. Returns which went."""
    there = listed(store, [leftover.path for leftover in leftovers])
    same = [leftover for leftover in leftovers if there.get(leftover.path) == leftover.info]
    return [one for one in same if store.remove(one.path, one.info).outcome is Outcome.DONE]


def _vanished(store: Store, facts: RetentionFacts) -> list[Vanished]:
    """What records of days past the window name, what does not lie there, and what nobody has noted yet."""
    found = [
        Vanished(What.COPIES, day.plan_date, team, tuple(names))
        for day in facts.days
        if not day.fault
        for team, names in day.vanished().items()
    ]
    found += [
        Vanished(What.PAPERS, min(gone.plan_dates), gone.team, (gone.path.rpartition("/")[2],))
        for gone in facts.papers_gone
    ]
    if not found:
        return []
    try:
        content = store.read_many([DELETED_NAME])[DELETED_NAME]
    except (StoreBusy, StoreRefused):
        # Noting them will say so.
        content = None
    noted = {(one.plan_date, one.team, name) for one in read_deletions(content) for name in one.files}
    return [one.without(noted) for one in found]


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
    away = {*(entry.path for entry in facts.papers_gone), *({paper.path for paper in facts.papers} & set(gone))}
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
        after = day.manifest.model_copy(update={"cells": dict(sealed)})
        faults += replace_manifest(store, day.manifest, after, written_at)
    return faults


def _remove_records(store: Store, paths: Sequence[str], listed: Mapping[str, FileInfo]) -> list[FileOutcome]:
    """Remove records in this order; one that stays keeps those after it."""
    for path in paths:
        info = listed.get(path.removeprefix(f"{OWN_FOLDER}/"))
        if info is not None and (faults := _not_gone([store.remove(path, info)])):
            return faults
    return []
