"""Manifests that are to say less than before, for whoever takes files away."""

from datetime import datetime

from reservplan.domain.manifest import Manifest
from reservplan.domain.names import backup_name, manifest_name
from reservplan.domain.ports import FileOutcome, FileToWrite, Outcome, Store


def replace_manifest(store: Store, before: Manifest, after: Manifest, at: datetime) -> list[FileOutcome]:
    """Write a day's manifest anew, the one before put by first; returns what could not be written, and stopped it.

    The caller holds the store's lock. Raises StoreFull or StoreUnreachable.
    """
    for name, manifest in ((backup_name(before.plan_date), before), (manifest_name(before.plan_date), after)):
        (outcome,) = store.write([FileToWrite(name, manifest.to_bytes(), at)])
        if outcome.outcome is not Outcome.DONE:
            return [outcome]
    return []
