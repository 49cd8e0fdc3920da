"""An SMB share as a Store: encrypted, every file verified on the server before it takes the old one's place."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self, TypeVar

from reservplan.domain.errors import ReservplanError, StoreBusy, StoreFull, StoreRefused, StoreUnreachable
from reservplan.domain.names import LOCK_NAME, OWN_FOLDER, is_temp_name, nfc
from reservplan.domain.ports import FileInfo, FileOutcome, FileToWrite, Outcome
from reservplan.store import smb_status as status
from reservplan.store import smb_steps as steps
from reservplan.store.connection import ConnectionFacts
from reservplan.store.naming import LockNote, Spellings, describe_holder, parts_of, temp_name
from reservplan.store.smb_link import Link, LinkLost, connect
from reservplan.store.smb_messages import Listed
from reservplan.store.smb_pipeline import Pipeline, Work, run_on
from reservplan.store.smb_steps import Names, Placed, Refused, Steps

T = TypeVar("T")

# An antivirus program or an indexer opens new files for a moment; a person for longer than it pays to wait.
BUSY_PAUSES_SECONDS = (0.0, 1.0, 2.0, 4.0)
# All that is waited for open files while a store is open: a run of many batches is not held up by each of them.
MOST_PATIENCE_SECONDS = 15.0
READ_PAUSES_SECONDS = (0.1, 0.5)
# Whoever only asks `locked()` opens the lock file for an instant too.
LOCK_PAUSES_SECONDS = (0.05, 0.2, 0.5)
# A note of fixed length, so that a shorter one never leaves the end of a longer one behind.
LOCK_NOTE_BYTES = 512


@dataclass
class _Lock:
    """The lock that we hold: its handle on the present link, and what we wrote there."""

    file_id: bytes
    note: bytes
    run: str


class SmbStore:
    """The Store port on an SMB 3.1.1 share.

    One private connection for each store that is open. It survives a cut: it connects again up to five times, takes its
    lock again, and does again what was not acknowledged.
    """

    def __init__(self, name: str, folder: str, facts: ConnectionFacts, *, depth: int) -> None:
        self._name = name
        self._facts = facts
        self._base = parts_of(nfc(folder).replace("\\", "/").strip("/"))
        self._depth = depth
        self._pipeline: Pipeline | None = None
        self._lock: _Lock | None = None
        self._patience_seconds = MOST_PATIENCE_SECONDS
        self._spellings = Spellings()

    @property
    def name(self) -> str:
        """The store's name in the settings."""
        return self._name

    @property
    def place(self) -> str:
        r"""The UNC path, `\\host\share\folder`."""
        return "\\\\" + "\\".join((self._facts.host, self._facts.share, *self._base))

    def __enter__(self) -> Self:
        """Connect, and check that the folder is there; it is never made: nobody would look for copies in a new one.

        Raises:
            StoreUnreachable: no such host, no answer, not now.
            StoreRefused: wrong login, no such share, no encryption. Tried once: accounts get locked. Or no such folder.
        """
        self._patience_seconds = MOST_PATIENCE_SECONDS
        self._open()
        try:
            if self._base:
                self._checked(self._one(partial(steps.look_for_folder, self._base)))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Sign out within seconds, or close without."""
        pipeline, self._pipeline, self._lock = self._pipeline, None, None
        if pipeline is not None:
            pipeline.link.close()

    def _open(self) -> Pipeline:
        self._pipeline = Pipeline(connect(self._facts), self._connect_again, name=self._name, depth=self._depth)
        return self._pipeline

    def _connect_again(self, lost: Link) -> Link:
        """A new link in place of a lost one, holding the lock if the lost one did."""
        lost.drop()
        link = connect(self._facts, previous_session=lost.session_id)
        try:
            if self._lock is not None:
                self._lock_again(link, self._lock)
        except BaseException:
            link.drop()
            raise
        return link

    def _lock_again(self, link: Link, lock: _Lock) -> None:
        taken = run_on(link, partial(steps.take_lock, self._lock_path, lock.note, base=len(self._base), again=True))
        if isinstance(taken, Refused):
            if taken.status in status.BUSY:
                # Most likely our own handle of before, which the server has not let go of yet.
                raise StoreUnreachable(
                    f"{self._name}: the connection was lost, and the lock is not free yet.",
                    do="It is tried again by itself.",
                )
            raise self._refusal(taken.status)
        file_id, before = taken
        if before != lock.note:
            raise StoreBusy(
                f"{self._name}: while the connection was lost, {describe_holder(before)} was writing there.",
                do="It is tried again by itself; the copies that lie there are whole.",
            )
        lock.file_id = file_id

    def _run(self, work: Iterable[Work[T]]) -> Iterator[tuple[int, T]]:
        pipeline = self._pipeline
        if pipeline is None:
            raise RuntimeError("a store is used inside `with store:`")
        if not pipeline.link.is_ours:
            # A forked child: the parent keeps its connection and its lock.
            self._lock = None
            pipeline = self._open()
        return pipeline.run(work)

    def _one(self, work: Work[T]) -> T:
        return next(result for _, result in self._run([work]))

    def lock(self, holder: str) -> AbstractContextManager[None]:
        """Hold `.reservplan/lock` open; the server frees it when our connection ends.

        Raises:
            StoreBusy: somebody else holds it; the text says which run.
            StoreRefused: no right to write there.
        """
        return self._locked_by(holder)

    @contextlib.contextmanager
    def _locked_by(self, holder: str) -> Iterator[None]:
        note = LockNote(holder).to_bytes().ljust(LOCK_NOTE_BYTES)
        self._lock = _Lock(self._take_lock(note), note, holder)
        try:
            yield
        finally:
            held, self._lock = self._lock, None
            if held is not None and self._pipeline is not None:
                # Where the link is lost the lock is free already; and an error under way must not be hidden.
                with contextlib.suppress(LinkLost):
                    run_on(self._pipeline.link, partial(steps.close_handle, held.file_id))

    def _take_lock(self, note: bytes) -> bytes:
        take = partial(steps.take_lock, self._lock_path, note, base=len(self._base))
        for pause in (*LOCK_PAUSES_SECONDS, None):
            taken = self._one(take)
            if not isinstance(taken, Refused):
                return taken[0]
            if taken.status not in status.BUSY:
                raise self._refusal(taken.status)
            if pause is not None:
                time.sleep(pause)
        content = self._one(partial(steps.read_file, self._lock_path))
        raise StoreBusy(
            f"{self._name}: {describe_holder(content if isinstance(content, bytes) else b'')} is writing there.",
            do="Wait until it is done; nothing has been changed.",
        )

    def locked(self) -> bool:
        """Whether somebody holds the lock now."""
        return self._checked(self._one(partial(steps.look_at_lock, self._lock_path)))

    def list_folder(self, path: str = "") -> Mapping[str, FileInfo]:
        """The files directly in a folder, by NFC name, from one sweep; empty where the folder is missing."""
        found = self._checked(self._one(partial(steps.list_folder, self._names(path))), path)
        files = (FileInfo(entry.name, entry.size_bytes, entry.mtime) for entry in found if entry.is_file)
        return self._spellings.listing("/".join(parts_of(path)), files)

    def read(self, path: str) -> bytes:
        """The whole content; FileNotFoundError names the path only."""
        content = self.read_many([path])[path]
        if content is None:
            raise FileNotFoundError(path)
        return content

    def read_many(self, paths: Sequence[str]) -> Mapping[str, bytes | None]:
        """The contents by path, None where there is none; many requests under way at once.

        Raises:
            StoreBusy, StoreRefused: one of them is there and cannot be read; the text names it.
        """
        contents: dict[str, bytes | Refused | None] = dict.fromkeys(paths)
        wanted = list(contents)
        for pause in (*READ_PAUSES_SECONDS, None):
            for number, content in self._run([partial(steps.read_file, self._real(path)) for path in wanted]):
                contents[wanted[number]] = content
            wanted = [path for path in wanted if _is_busy(contents[path])]
            if pause is None or not wanted:
                break
            time.sleep(pause)
        return {path: self._checked(content, path) for path, content in contents.items()}

    def write(self, files: Iterable[FileToWrite]) -> Sequence[FileOutcome]:
        """Put each file whole or not at all; see the port.

        Files that are open elsewhere are tried again when all others are done, with growing pauses.
        """
        outcomes: dict[int, FileOutcome] = {}
        busy = self._write_each(enumerate(files), outcomes)
        for pause in BUSY_PAUSES_SECONDS:
            if busy and pause <= self._patience_seconds:
                self._patience_seconds -= pause
                time.sleep(pause)
                busy = self._write_each(iter(busy), outcomes)
        return [outcomes[number] for number in sorted(outcomes)]

    def _write_each(
        self, files: Iterator[tuple[int, FileToWrite]], outcomes: dict[int, FileOutcome]
    ) -> list[tuple[int, FileToWrite]]:
        """Note each file's outcome by its number; returns those that are open elsewhere."""
        busy: list[tuple[int, FileToWrite]] = []
        temps: dict[int, list[Names]] = {}
        full = False

        def work() -> Iterator[Work[tuple[int, FileToWrite, Placed]]]:
            for number, file in files:
                yield partial(self._place, number, file, temps)
                if full:
                    return

        for _, (number, file, placed) in self._run(work()):
            outcomes[number] = FileOutcome(file.path, placed.outcome, placed.detail)
            full = full or placed.full
            if placed.outcome is Outcome.BUSY:
                busy.append((number, file))
            elif placed.outcome is Outcome.DONE:
                self._spellings.written(file.path)
        self._remove_all(temp for begun in temps.values() for temp in begun[:-1])
        if full:
            raise self._no_room()
        return busy

    def _place(
        self, number: int, file: FileToWrite, temps: dict[int, list[Names]]
    ) -> Steps[tuple[int, FileToWrite, Placed]]:
        """One file's steps; begun again after a cut it takes another temp, and the one before may lie there."""
        target = self._names(file.path)
        temp = (*target[:-1], temp_name(self._lock.run if self._lock else "run"))
        temps.setdefault(number, []).append(temp)
        placed = yield from steps.place(target, temp, file, base=len(self._base))
        return number, file, placed

    def _remove_all(self, paths: Iterable[Names]) -> int:
        """Remove files of ours, whatever they hold; returns how many there were."""
        removals = [partial(steps.remove_file, path, None) for path in paths]
        return sum(outcome is Outcome.DONE for _, (outcome, _) in self._run(removals))

    def rename(self, old: str, new: str) -> FileOutcome:
        """Rename where `new` does not exist yet; outcome of the old path."""
        outcome, detail = self._one(partial(steps.rename_file, self._real(old), self._names(new)))
        if outcome is Outcome.DONE:
            self._spellings.written(new)
        return FileOutcome(old, outcome, detail)

    def remove(self, path: str, expected: FileInfo) -> FileOutcome:
        """Remove the file only if nobody has it open and the handle that removes it shows the expected file."""
        outcome, detail = self._one(partial(steps.remove_file, self._real(path), expected))
        return FileOutcome(path, outcome, detail)

    def remove_leftovers(self, path: str = "") -> int:
        """Remove our temporary files in a folder, and for the store's own folder also in `.reservplan`."""
        folders = [self._names(path)] + ([self._names(OWN_FOLDER)] if not path else [])
        leftovers: list[Names] = []
        for _, (folder, found) in self._run([partial(_list_with_folder, folder) for folder in folders]):
            leftovers += [(*folder, it.name) for it in self._checked(found) if it.is_file and is_temp_name(it.name)]
        return self._remove_all(leftovers)

    def clock(self) -> datetime:
        """The server's time, from a file that it makes for us and that goes away at once."""
        probe = (*self._names(OWN_FOLDER), temp_name("clock"))
        return self._checked(self._one(partial(steps.stamp, probe, base=len(self._base))))

    def free_bytes(self) -> int | None:
        """The room left for the login, quotas counted, where the server tells."""
        return self._one(partial(steps.free_room, self._base))

    @property
    def _lock_path(self) -> Names:
        return (*self._base, OWN_FOLDER, LOCK_NAME)

    def _names(self, path: str) -> Names:
        return (*self._base, *parts_of(path))

    def _real(self, path: str) -> Names:
        return (*self._base, *self._spellings.real(path))

    def _checked(self, result: T | Refused, path: str = "") -> T:
        if isinstance(result, Refused):
            raise self._refusal(result.status, path)
        return result

    def _refusal(self, code: int, path: str = "") -> ReservplanError:
        """What a refusal means that is no single file's outcome."""
        where = self.place + (f"\\{path}" if path else "")
        if code in status.FULL:
            return self._no_room()
        if code in status.BUSY:
            return StoreBusy(f"{self._name}: {where} is open elsewhere.", do="It is tried again by itself.")
        if code in status.MISSING:
            return StoreRefused(
                f"{self._name}: the folder {self.place} is not there.",
                do="Make it on the share, or mend `folder` in the settings. Reservplan never makes it, so that no copy "
                "lands where nobody looks.",
            )
        if code == status.PATH_NOT_COVERED:
            return StoreRefused(
                f"{self._name}: {where} lies on another server (DFS).",
                do="Put that server and its share into the connection; Windows shows them under Properties, DFS.",
            )
        if code in status.DENIED or code in status.IN_THE_WAY or code in status.BAD_NAME:
            _, why = status.outcome_of(code)
            return StoreRefused(
                f"{self._name}: {where} cannot be used: {why}.",
                do="Have the account given the right to change files there, or mend `folder` in the settings.",
            )
        return StoreUnreachable(
            f"{self._name}: the file server answers 0x{code:08X} for {where}.", do="It is tried again by itself."
        )

    def _no_room(self) -> StoreFull:
        return StoreFull(
            f"{self._name}: no room left at {self.place}.",
            do="Make room or raise the quota. The copies that lay there lie there still.",
        )


def _is_busy(content: bytes | Refused | None) -> bool:
    return isinstance(content, Refused) and content.status in status.BUSY


def _list_with_folder(folder: Names) -> Steps[tuple[Names, list[Listed] | Refused]]:
    return folder, (yield from steps.list_folder(folder))
