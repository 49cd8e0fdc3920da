"""What the record of a store's papers says, and what lies under their paths; for who keeps and who removes them."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256

from reservplan.domain.errors import ManifestUnreadable, StoreBusy, StoreRefused
from reservplan.domain.manifest import NewerManifest
from reservplan.domain.papers import PAPERS_BACKUP_NAME, PAPERS_NAME, PaperEntry, Papers, read_papers
from reservplan.domain.ports import FileInfo, Store


class There(StrEnum):
    """What lies under a path, against what our record says of it."""

    NOTHING = "nothing"
    OURS = "ours"
    DAMAGED = "damaged"
    NOT_OURS = "not_ours"  # nobody recorded it, or somebody has edited it


def record_of(store: Store) -> Papers:
    """What the store's record says; the one before where it is damaged.

    Raises:
        NewerManifest, ManifestUnreadable: neither can be read.
    """
    contents = store.read_many([PAPERS_NAME, PAPERS_BACKUP_NAME])
    try:
        main = contents[PAPERS_NAME]
        return read_papers(contents[PAPERS_BACKUP_NAME] if main is None else main)
    except NewerManifest:
        raise
    except ManifestUnreadable:
        if contents[PAPERS_BACKUP_NAME] is None:
            raise
        return read_papers(contents[PAPERS_BACKUP_NAME])


def look_at(store: Store, record: Papers, path: str, info: FileInfo | None) -> tuple[There, PaperEntry | None]:
    """What lies under a path that was listed as `info`; it is read only where size and time leave a doubt."""
    known = record.of_path(path)
    in_doubt = info is not None and known and not any(looks_untouched(entry, info) for entry in known)
    return what_is_there(known, info, _sha256(store, path) if in_doubt else None)


def _sha256(store: Store, path: str) -> str | None:
    try:
        content = store.read_many([path])[path]
    except (StoreBusy, StoreRefused):
        # Somebody works in it right now: not ours to judge, still less to overwrite.
        return None
    return None if content is None else sha256(content).hexdigest()


def what_is_there(
    known: Sequence[PaperEntry], info: FileInfo | None, content_sha256: str | None
) -> tuple[There, PaperEntry | None]:
    """What lies under a path and which record it follows, if any; pure.

    `content_sha256` is None where the file was not, or could not be, read.
    """
    if info is None:
        return There.NOTHING, None
    matching = (e for e in known if looks_untouched(e, info) or e.sha256 == content_sha256)
    if (entry := next(matching, None)) is not None:
        return There.OURS, entry
    # Its time is ours, its content is not: nobody edits a file without touching its time.
    damaged = any(entry.mtime == info.mtime for entry in known)
    return There.DAMAGED if damaged else There.NOT_OURS, None


def looks_untouched(entry: PaperEntry, info: FileInfo) -> bool:
    """Whether size and time are those that we gave the file, so that its content need not be read."""
    return (info.size_bytes, info.mtime) == (entry.bytes, entry.mtime)
