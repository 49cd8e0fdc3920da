"""The record of deletions on a store, for everything that deletes there."""

from collections.abc import Sequence
from datetime import datetime

from reservplan.domain.deletions import DELETED_NAME, Deletion, with_deletions
from reservplan.domain.errors import StoreBusy, StoreFull, StoreRefused
from reservplan.domain.manifest import whole_second
from reservplan.domain.ports import FileOutcome, FileToWrite, Outcome, Store


def note_deletions(store: Store, deletions: Sequence[Deletion], *, at: datetime) -> list[FileOutcome]:
    """Add what was deleted to the store's own record, and forget there what is older than a year.

    The caller holds the store's lock. What was deleted is gone whatever becomes of its note: a record that cannot be
    read or written is returned as failed, is left as it was, and must be said by the caller.

    Raises StoreUnreachable.
    """
    try:
        before = store.read_many([DELETED_NAME])[DELETED_NAME]
        after = with_deletions(before, deletions, at=at)
        if after == (before or b""):
            return []
        (outcome,) = store.write([FileToWrite(DELETED_NAME, after, whole_second(at))])
    except StoreBusy:
        return [FileOutcome(DELETED_NAME, Outcome.BUSY, "open elsewhere")]
    except StoreRefused:
        return [FileOutcome(DELETED_NAME, Outcome.DENIED, "no permission")]
    except StoreFull:
        return [FileOutcome(DELETED_NAME, Outcome.FAILED, "no room left")]
    return [] if outcome.outcome is Outcome.DONE else [outcome]
