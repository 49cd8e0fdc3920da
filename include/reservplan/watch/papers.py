"""Start page, routine and week packs as they lie on a store. Read only where size and time leave a doubt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reservplan.domain.errors import ManifestUnreadable
from reservplan.domain.names import is_paper_name, parse_week_pack_name
from reservplan.domain.papers import PaperEntry, Papers
from reservplan.domain.ports import FileInfo, Store
from reservplan.store.papers import There, look_at, record_of


@dataclass(frozen=True)
class PaperSeen:
    """A recorded paper that lies there; `first` is the oldest day that a week pack holds, None of other papers."""

    path: str
    there: There
    first: date | None = None


@dataclass(frozen=True)
class PapersSeen:
    """What lies there of them: those on record, and the paths of files under their names that are not.

    `fault` says why the record cannot be read; then nothing is said of any.
    """

    recorded: tuple[PaperSeen, ...] = ()
    unknown: tuple[str, ...] = ()
    fault: ManifestUnreadable | None = None

    @property
    def edited(self) -> tuple[PaperSeen, ...]:
        """Those that somebody has changed, or has open for himself."""
        return tuple(paper for paper in self.recorded if paper.there is There.NOT_OURS)


def papers_seen(store: Store, listed: Mapping[str, FileInfo]) -> PapersSeen:
    """Look at the papers among the `listed` files, and at those on record in other folders.

    Raises StoreUnreachable or StoreRefused.
    """
    try:
        record = record_of(store)
    except ManifestUnreadable as fault:
        return PapersSeen(fault=fault)
    # On shares and sticks one name in other letters' case is the same file.
    known = {entry.path.casefold(): entry for entry in (*record.papers, *record.intended)}
    found = {**_elsewhere(store, record, listed), **listed}
    names = {path: known.get(path.casefold()) for path in sorted(found)}
    return PapersSeen(
        recorded=tuple(_seen(store, record, entry, found[path]) for path, entry in names.items() if entry is not None),
        unknown=tuple(
            path for path, entry in names.items() if entry is None and is_paper_name(path.rpartition("/")[2])
        ),
    )


def _elsewhere(store: Store, record: Papers, listed: Mapping[str, FileInfo]) -> dict[str, FileInfo]:
    """The files in folders that only the record names: of a group that the settings know no more."""
    looked_in = {_folder(path) for path in listed}
    folders = {_folder(entry.path) for entry in (*record.papers, *record.intended)} - looked_in
    return {
        f"{folder}/{name}": info for folder in folders if folder for name, info in store.list_folder(folder).items()
    }


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _seen(store: Store, record: Papers, entry: PaperEntry, info: FileInfo) -> PaperSeen:
    there, _ = look_at(store, record, entry.path, info)
    is_pack = parse_week_pack_name(entry.path.rpartition("/")[2]) is not None
    return PaperSeen(entry.path, there, min(entry.plan_dates, default=None) if is_pack else None)
