"""Reading back everything that the manifests of a store name, and comparing it with what they say."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from reservplan.domain.errors import ManifestUnreadable
from reservplan.domain.names import OWN_FOLDER, Format, manifest_name, parse_manifest_name
from reservplan.domain.papers import PAPERS_NAME
from reservplan.domain.ports import Store
from reservplan.domain.standing import opens
from reservplan.domain.words import say
from reservplan.settings import Settings, StoreSettings
from reservplan.store.inspection import artifact_path, read_records
from reservplan.store.papers import record_of
from reservplan.store.reading import read_what_opens

# Contents are held in memory this many at a time.
FILES_READ_AT_ONCE = 64


@dataclass(frozen=True)
class VerifyFault:
    """A file that is not what its manifest says, or a manifest that cannot be read.

    `code` is `missing`, `busy`, `differs`, `broken`, `does_not_open` or `record`; `words` say it to the users.
    """

    path: str
    code: str
    words: str


@dataclass(frozen=True)
class Verified:
    """How much was read back, and what was wrong with it."""

    files: int
    bytes: int
    faults: tuple[VerifyFault, ...]


def verify(store: Store, store_settings: StoreSettings, settings: Settings, *, deep: bool = False) -> Verified:
    """Open the store, read back every file that its records name and compare the hash; `deep` opens each too.

    Its records are the manifests, and the one of start page, routine and week packs.

    Raises:
        StoreUnreachable, StoreRefused: the store cannot be read.
    """
    with store:
        days = sorted(day for day in map(parse_manifest_name, store.list_folder(OWN_FOLDER)) if day is not None)
        read, found = _verify_days(store, store_settings.layout, days, deep=deep)
        if any(found.values()):
            # A run that seals while we read makes its own new files look wrong: what is wrong stays wrong.
            again, found_again = _verify_days(
                store, store_settings.layout, [day for day in days if found[day]], deep=deep
            )
            read.update(again)
            found.update(found_again)
        papers, of_papers = _verify_papers(store, deep=deep)
        if of_papers:
            again_papers, of_papers = _verify_papers(store, deep=deep)
            papers.update(again_papers)
    read.update(papers)
    faults = (
        VerifyFault(path, code, _words(settings, code, detail))
        for each in (*(found[day] for day in days), of_papers)
        for path, code, detail in each
    )
    return Verified(len(read), sum(read.values()), tuple(faults))


def _words(settings: Settings, code: str, detail: str) -> str:
    return detail or say(settings.language, f"watch.verify_{code}")


_Fault = tuple[str, str, str]


def _verify_days(
    store: Store, layout: str, days: Sequence[date], *, deep: bool
) -> tuple[dict[str, int], dict[date, list[_Fault]]]:
    """The sizes of the files that were read, by path, and each day's faults: path, code, words of an error."""
    sizes: dict[str, int] = {}
    faults: dict[date, list[_Fault]] = {}
    for plan_date, record in read_records(store, days).items():
        faults[plan_date] = [(manifest_name(plan_date), "record", str(record.fault))] if record.fault else []
        if record.manifest is None:
            continue
        named = {
            artifact_path(layout, team, artifact.name): artifact
            for team, entry in record.manifest.cells.items()
            for artifact in entry.artifacts
        }
        for path, content in _contents(store, list(named)):
            if isinstance(content, bytes):
                sizes[path] = len(content)
            code = _fault_of(named[path].sha256, named[path].format, content, deep=deep)
            if code:
                faults[plan_date].append((path, code, ""))
    return sizes, faults


def _verify_papers(store: Store, *, deep: bool) -> tuple[dict[str, int], list[_Fault]]:
    """The sizes of the papers that were read, by path, and their faults."""
    try:
        named = {entry.path: entry for entry in record_of(store).papers}
    except ManifestUnreadable as fault:
        return {}, [(PAPERS_NAME, "record", str(fault))]
    sizes: dict[str, int] = {}
    faults: list[_Fault] = []
    for path, content in _contents(store, list(named)):
        if isinstance(content, bytes):
            sizes[path] = len(content)
        fmt = Format.PDF if path.endswith(".pdf") else None
        if code := _fault_of(named[path].sha256, fmt, content, deep=deep):
            faults.append((path, code, ""))
    return sizes, faults


class _Busy:
    """Somebody has the file open so that nobody else may read it."""


def _contents(store: Store, paths: Sequence[str]) -> Iterator[tuple[str, bytes | _Busy | None]]:
    for start in range(0, len(paths), FILES_READ_AT_ONCE):
        some = paths[start : start + FILES_READ_AT_ONCE]
        contents = read_what_opens(store, some)
        yield from ((path, contents[path] if path in contents else _Busy()) for path in some)


def _fault_of(expected_sha256: str, fmt: Format | None, content: bytes | _Busy | None, *, deep: bool) -> str:
    """What is wrong with a file; without a format, as a page has none, its hash tells all."""
    if content is None:
        return "missing"
    if isinstance(content, _Busy):
        return "busy"
    if sha256(content).hexdigest() != expected_sha256:
        return "differs" if fmt is None or opens(fmt, content) else "broken"
    if deep and fmt is not None and not (opens(fmt, content) and _opens_deeply(fmt, content)):
        return "does_not_open"
    return ""


def _opens_deeply(fmt: Format, content: bytes) -> bool:
    return _pdf_is_whole(content) if fmt is Format.PDF else _workbook_is_whole(content)


_XREF_TABLE = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_STARTXREF = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")


def _pdf_is_whole(content: bytes) -> bool:
    """Whether its end points to its table of objects: a file that was cut or glued does not."""
    end = _STARTXREF.search(content[-1024:])
    return end is not None and _XREF_TABLE.match(content, int(end[1])) is not None


def _workbook_is_whole(content: bytes) -> bool:
    """Whether every row of every sheet can be read."""
    from openpyxl import load_workbook  # heavy

    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True)
        rows: Iterable[object] = (row for sheet in workbook.worksheets for row in sheet.iter_rows(values_only=True))
        return bool(workbook.worksheets) and sum(1 for _ in rows) >= 0
    except Exception:
        # It lets out whatever its parsers raise, and their texts may quote what stands in a cell.
        return False
