"""Which files are the export: the newest in a folder, or the newest for each group and day that a name tells."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from pathlib import PurePosixPath

from upath import UPath

from reservplan.domain.errors import SourceNotReady
from reservplan.domain.names import nfc, team_key
from reservplan.extract.faults import ExportFault
from reservplan.extract.patterns import NOTHING_TOLD, Told, is_pattern, match_pattern

SUFFIXES = (".csv", ".txt", ".xlsx", ".xlsm", ".ods")
# A file that changed so recently is looked at twice, this long apart: it may still be growing.
FRESH_SECONDS = 10
BETWEEN_LOOKS_SECONDS = 0.4


@dataclass(frozen=True)
class Export:
    """One file as a listing shows it; `name` is what messages call it, `told` what its name says.

    `from_future` says that its own time could not be true, and was replaced by that of the reading.
    """

    path: UPath
    name: str
    mtime_ns: int
    size_bytes: int
    told: Told = NOTHING_TOLD
    from_future: bool = False

    @property
    def captured_at(self) -> datetime:
        """When its content was true, as far as anybody can tell: its mtime, aware."""
        return datetime.fromtimestamp(self.mtime_ns // 1_000_000_000, UTC)

    @property
    def key(self) -> tuple[str | None, date | None]:
        """What the file is the export of; None where its name does not say."""
        return (team_key(self.told.team) if self.told.team else None, self.told.plan_date)

    @property
    def suffix(self) -> str:
        """The format by the name's ending, in lower case."""
        return PurePosixPath(self.name).suffix.lower()


def find_exports(path: str) -> list[Export]:
    """Every file that may be an export, newest first; of the same age the last name first.

    Raises:
        SourceNotReady: the folder cannot be listed.
    """
    base, patterns = _split(path)
    try:
        found = list(_walk(base, patterns, "", NOTHING_TOLD))
    except (OSError, ValueError) as error:
        raise SourceNotReady(
            f"The exports' folder cannot be listed ({type(error).__name__}): {base}.",
            do="Check source.path, and that the folder is mounted and may be read.",
        ) from None
    return sorted(found, key=attrgetter("mtime_ns", "name"), reverse=True)


def _split(path: str) -> tuple[UPath, list[str]]:
    scheme, mark, rest = path.rpartition("://")
    parts = rest.split("/")
    fixed = next((n for n, part in enumerate(parts) if is_pattern(part)), len(parts))
    return UPath(scheme + mark + ("/".join(parts[:fixed]) or "/")), parts[fixed:]


def _walk(folder: UPath, patterns: list[str], above: str, told: Told) -> Iterator[Export]:
    if not patterns:
        yield from _files(folder, above, told)
        return
    for child in folder.iterdir():
        said = match_pattern(patterns[0], child.name)
        if said is None or _hidden(child.name) or (both := _agree(told, said)) is None:
            continue
        if len(patterns) > 1:
            if child.is_dir():
                yield from _walk(child, patterns[1:], f"{above}{nfc(child.name)}/", both)
        elif export := _look(child, above, both):
            yield export


def _files(place: UPath, above: str, told: Told) -> Iterator[Export]:
    if place.is_dir():
        for child in place.iterdir():
            if export := _look(child, above, told):
                yield export
    elif export := _look(place, above, told):
        yield export
    elif not place.exists():
        raise FileNotFoundError


def _agree(one: Told, other: Told) -> Told | None:
    if one.team and other.team and team_key(one.team) != team_key(other.team):
        return None
    if one.plan_date and other.plan_date and one.plan_date != other.plan_date:
        return None
    return Told(one.team or other.team, one.plan_date or other.plan_date)


def _hidden(name: str) -> bool:
    # `~$…` is the lock file that Office lays beside an open workbook.
    return name.startswith((".", "~"))


def _look(path: UPath, above: str, told: Told) -> Export | None:
    if _hidden(path.name) or not path.name.lower().endswith(SUFFIXES):
        return None
    try:
        if not path.is_file():
            return None
        stat = path.stat()
    except FileNotFoundError:
        return None  # removed between the listing and now
    mtime_ns = getattr(stat, "st_mtime_ns", None) or int(stat.st_mtime * 1e9)
    return Export(path, above + nfc(path.name), mtime_ns, stat.st_size, told)


def not_from_future(export: Export, read_at: datetime, skew_minutes: float) -> Export:
    """The export, as old as the reading (aware) where its own time lies more than the skew after it.

    For exports that were read already: `read_whole` compares the time with that of the file.
    """
    if export.captured_at <= read_at + timedelta(minutes=skew_minutes):
        return export
    return replace(export, mtime_ns=int(read_at.timestamp()) * 1_000_000_000, from_future=True)


def newest_of_each(exports: Iterable[Export]) -> dict[tuple[str | None, date | None], list[Export]]:
    """The exports of each group and day that their names tell, in the order given (newest first)."""
    groups: dict[tuple[str | None, date | None], list[Export]] = {}
    for export in exports:
        groups.setdefault(export.key, []).append(export)
    return groups


def wait_for_fresh(exports: Iterable[Export]) -> None:
    """Let a moment pass if any file changed just now, so that `read_whole` notices one that still grows."""
    now = time.time_ns()
    if any(now - export.mtime_ns < FRESH_SECONDS * 1_000_000_000 for export in exports):
        time.sleep(BETWEEN_LOOKS_SECONDS)


def read_whole(export: Export) -> bytes:
    """The file's content, unchanged since it was listed.

    Raises:
        ExportFault: it is locked, still growing, gone, or empty.
    """
    try:
        content = export.path.read_bytes()
        now = _look(export.path, "", export.told)
    except PermissionError:
        raise ExportFault("locked", file=export.name) from None
    except OSError as error:
        raise ExportFault("gone", file=export.name, error=type(error).__name__) from None
    if now is None:
        raise ExportFault("gone", file=export.name, error="FileNotFoundError")
    if replace(now, name=export.name) != export or len(content) != export.size_bytes:
        raise ExportFault("growing", file=export.name)
    if not content:
        raise ExportFault("empty", file=export.name)
    return content


def fingerprint(exports: Iterable[Export]) -> str | None:
    """A hash over names, mtimes and bytes; None where a file cannot be read now."""
    digest = hashlib.sha256()
    try:
        for export in sorted(exports, key=attrgetter("name")):
            content = export.path.read_bytes()
            digest.update(f"{export.name}\0{export.mtime_ns}\0{len(content)}\0".encode())
            digest.update(content)
    except OSError:
        return None
    return digest.hexdigest()
