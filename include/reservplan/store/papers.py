"""What the record of a store's papers says, and what lies under their paths; for who keeps and who removes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


def listed(store: Store, paths: Iterable[str]) -> dict[str, FileInfo]:
    """Those of the paths under which a file lies, also where its name is in other letters' case."""
    asked = list(paths)
    found = {
        f"{folder}/{name}" if folder else name: info
        for folder in sorted({path.rpartition("/")[0] for path in asked})
        for name, info in store.list_folder(folder).items()
    }
    folded = {path.casefold(): info for path, info in found.items()}
    infos = {path: found.get(path) or folded.get(path.casefold()) for path in asked}
    return {path: info for path, info in infos.items() if info is not None}


@dataclass(frozen=True)
class OnShelf:
    """The recorded papers as they lie there: `ours`, each by the record that it follows, and the paths that are empty.

    A path is also empty where the file under it is known by another name: the two differ in letters' case only.
    """

    ours: tuple[PaperEntry, ...]
    gone: tuple[PaperEntry, ...]


def on_shelf(store: Store, record: Papers) -> OnShelf:
    """All recorded papers, looked at."""
    known = {entry.path: entry for entry in (*record.intended, *record.papers)}
    files = listed(store, known)
    looks = {path: look_at(store, record, path, files.get(path)) for path in known}
    follows = {path: entry for path, (_, entry) in looks.items()}
    return OnShelf(
        ours=tuple(entry for path, entry in follows.items() if entry is not None and entry.path == path),
        gone=tuple(
            known[path]
            for path, (there, entry) in looks.items()
            if there is There.NOTHING or (entry is not None and entry.path != path)
        ),
    )


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
