"""A folder that is mounted here, a USB stick too, as a Store.

Published files get the permissions that the process's umask gives new files: those who print must be able to read
them, so set the umask (or the folder's default ACL) as the office needs it.

A file system without hard links is taken for FAT32 or exFAT, on which a rename may lose both files when the stick is
pulled: there every file that replaces another lies twice until it is in place, see `second_copy`.

What POSIX cannot do: it does not tell whether somebody has a file open, so nothing is ever busy on a local disk, and
between the look at a file and its removal or replacement there is a moment (a few microseconds). A mount that hangs,
hangs us too; the task's own time limit ends that.
"""

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from reservplan.domain.errors import (
    LastingError,
    ReservplanError,
    StoreBusy,
    StoreFull,
    StoreRefused,
    StoreUnreachable,
)
from reservplan.domain.names import LOCK_NAME, OWN_FOLDER, is_temp_name
from reservplan.domain.ports import FileInfo, FileOutcome, FileToWrite, Outcome, Over
from reservplan.store import second_copy
from reservplan.store.naming import LockNote, Spellings, describe_holder, parts_of, temp_name
from reservplan.store.second_copy import SecondCopy, is_second_copy

LOCK_PATH = f"{OWN_FOLDER}/{LOCK_NAME}"
# Whoever only asks `locked()` holds the lock for an instant too.
LOCK_PAUSES_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4)

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BUSY = {errno.EBUSY, errno.ETXTBSY}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_IN_THE_WAY = {errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP}
_NAME = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ}
_CANNOT_LOCK = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}
_CANNOT_SYNC = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS}


class FolderStore:
    """The Store port on a mounted folder."""

    def __init__(self, name: str, folder: str | Path) -> None:
        self._name = name
        self._root = Path(folder)
        self._device: int | None = None
        self._links: bool | None = None
        self._run = "run"
        self._spellings = Spellings()

    @property
    def name(self) -> str:
        """The store's name in the settings."""
        return self._name

    @property
    def place(self) -> str:
        """The folder's path."""
        return str(self._root)

    def __enter__(self) -> Self:
        """Check that the folder is there; it is never made: an empty mount point must not be filled."""
        self._device = self._links = None
        self._device = self._look().st_dev
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing is held open."""
        self._device = None

    @contextlib.contextmanager
    def _locked_by(self, holder: str) -> Iterator[None]:
        self._make_folder((OWN_FOLDER,))
        with self._translated():
            handle = os.open(self._root / LOCK_PATH, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            if not self._flock(handle, fcntl.LOCK_EX, LOCK_PAUSES_SECONDS):
                raise StoreBusy(
                    f"{self._name}: {describe_holder(os.pread(handle, 4096, 0))} is writing there.",
                    do="Wait until it is done; nothing has been changed.",
                )
            with self._translated():
                os.ftruncate(handle, 0)
                os.pwrite(handle, LockNote(holder).to_bytes(), 0)
            self._run = holder
            self._put_back()
            yield
        finally:
            os.close(handle)

    def lock(self, holder: str) -> AbstractContextManager[None]:
        """Hold `.reservplan/lock`, with what a pulled stick lost put back; the kernel frees it when the process ends.

        Raises:
            StoreBusy: somebody else holds it; the text says which run.
            StoreRefused: no permission, or the mount cannot lock.
        """
        return self._locked_by(holder)

    def locked(self) -> bool:
        """Whether somebody holds the lock now."""
        self._look()
        try:
            handle = os.open(self._root / LOCK_PATH, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._fault(error) from None
        try:
            return not self._flock(handle, fcntl.LOCK_SH, ())
        finally:
            os.close(handle)

    def _flock(self, handle: int, kind: int, pauses: Sequence[float]) -> bool:
        for pause in (*pauses, None):
            try:
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if pause is None:
                    break
                time.sleep(pause)
            except OSError as error:
                if error.errno not in _CANNOT_LOCK:
                    raise self._fault(error) from None
                raise StoreRefused(
                    f"{self._name}: the mount at {self._root} cannot lock files.",
                    do="Mount it with locking, or use the share itself with kind: smb.",
                ) from None
            else:
                return True
        return False

    def list_folder(self, path: str = "") -> Mapping[str, FileInfo]:
        """The files directly in a folder, by NFC name; symbolic links are no files of ours."""
        self._look()
        try:
            with os.scandir(self._root.joinpath(*parts_of(path))) as entries:
                found = [info for entry in entries if (info := _info(entry)) is not None]
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise self._fault(error) from None
        return self._spellings.listing("/".join(parts_of(path)), found)

    def read(self, path: str) -> bytes:
        """The whole content; FileNotFoundError names the path only."""
        content = self._content(path)
        if content is None:
            raise FileNotFoundError(path)
        return content

    def read_many(self, paths: Sequence[str]) -> Mapping[str, bytes | None]:
        """The contents by path, None where there is none."""
        return {path: self._content(path) for path in paths}

    def _content(self, path: str) -> bytes | None:
        self._look()
        try:
            return self._real(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise self._fault(error) from None

    def write(self, files: Iterable[FileToWrite]) -> Sequence[FileOutcome]:
        """Put each file whole or not at all; see the port."""
        outcomes = []
        touched: set[Path] = set()
        second = SecondCopy(self._root / OWN_FOLDER)
        try:
            for file in files:
                outcomes.append(self._put(file, second))
                if outcomes[-1].outcome is Outcome.DONE:
                    self._spellings.written(file.path)
                    touched.add(self._root.joinpath(*parts_of(file.path)).parent)
        finally:
            for folder in touched:
                _sync_folder(folder)
            with contextlib.suppress(OSError):
                second.release()
        return outcomes

    def _put(self, file: FileToWrite, second: SecondCopy) -> FileOutcome:
        parts = parts_of(file.path)
        target = self._root.joinpath(*parts)
        temp = target.with_name(temp_name(self._run))
        try:
            self._make_folder(parts[:-1])
            if _is_no_file(target):
                return FileOutcome(file.path, Outcome.DENIED, "a folder, a link or a special file is in the way")
            _write_through(temp, file)
            if temp.read_bytes() != file.content:
                return FileOutcome(file.path, Outcome.FAILED, "what was read back differs from what was written")
            return self._move(temp, target, file, second)
        except OSError as error:
            return self._outcome(file.path, error)
        except LastingError as error:
            return FileOutcome(file.path, Outcome.DENIED, error.what)
        finally:
            with contextlib.suppress(OSError):
                temp.unlink(missing_ok=True)

    def _move(self, temp: Path, target: Path, file: FileToWrite, second: SecondCopy) -> FileOutcome:
        """Put the whole temp under its name, if what lies there may go."""
        changed = FileOutcome(file.path, Outcome.CHANGED, "somebody has saved a file there meanwhile")
        has_links = self._has_links(temp)
        there = _lies_under(target)
        if there is not None and not _may_go(there, target, file):
            return changed
        if there is not None and not has_links:
            self._replace_with_care(temp, target, file, second)
        elif file.over is Over.NOTHING and there is None and has_links:
            # A link never replaces, whoever takes the name in this moment.
            try:
                os.link(temp, target)
            except FileExistsError:
                return changed
        else:
            os.replace(temp, target)
        return FileOutcome(file.path, Outcome.DONE)

    def _has_links(self, temp: Path) -> bool:
        """Whether the file system has hard links; those that have none keep no journal either."""
        if self._links is None:
            probe = temp.with_name(temp_name("links"))
            try:
                os.link(temp, probe)
            except OSError:
                self._links = False
            else:
                self._links = True
                probe.unlink()
        return self._links

    def _replace_with_care(self, temp: Path, target: Path, file: FileToWrite, second: SecondCopy) -> None:
        """Rename where a rename may lose both files: the content lies twice until the name is on the stick.

        Whoever reads on this machine sees old or new, unless the driver hides the name in the instant of the rename;
        on a stick that was pulled it may be missing until the next run.
        """
        self._make_folder((OWN_FOLDER,))
        second.hold(file)
        # From here until the names are on the stick themselves, what comes of them is not known.
        second.needed = True
        try:
            os.replace(temp, target)
        except OSError as error:
            if _lies_under(target) is None:
                raise self._fault(error) from None
            second.needed = False
            raise
        try:
            second_copy.sync_folder(target.parent)
        except OSError as error:
            if error.errno not in _CANNOT_SYNC:
                raise self._fault(error) from None
        second.needed = False

    def _put_back(self) -> None:
        """Put back what a pulled stick lost while it was being replaced; what cannot be now, by the next who locks."""
        folder = self._root / OWN_FOLDER
        for path in (folder / name for name in self._temps(folder) if is_second_copy(name)):
            with contextlib.suppress(OSError, StoreFull):
                file = second_copy.from_bytes(path.read_bytes())
                if file is None or self._is_there(file) or self._put_alone(file).outcome is Outcome.DONE:
                    path.unlink()

    def _is_there(self, file: FileToWrite) -> bool:
        try:
            return _lies_under(self._root.joinpath(*parts_of(file.path))) is not None
        except ValueError:
            return True  # no path of a store: nothing that we wrote

    def _put_alone(self, file: FileToWrite) -> FileOutcome:
        """Put a file where nothing lies, with its name on the disk."""
        outcome = self._put(file, SecondCopy(self._root / OWN_FOLDER))
        _sync_folder(self._root.joinpath(*parts_of(file.path)).parent)
        return outcome

    def rename(self, old: str, new: str) -> FileOutcome:
        """Rename where `new` does not exist yet; outcome of the old path."""
        self._look()
        source, target = self._real(old), self._root.joinpath(*parts_of(new))
        try:
            # A hard link never replaces, a rename would.
            os.link(source, target, follow_symlinks=False)
            source.unlink()
        except FileExistsError:
            return FileOutcome(old, Outcome.DENIED, "there is a file of the new name already")
        except FileNotFoundError:
            return FileOutcome(old, Outcome.MISSING)
        except OSError:
            return self._copy_and_remove(old, new)
        self._spellings.written(new)
        _sync_folder(target.parent)
        return FileOutcome(old, Outcome.DONE)

    def _copy_and_remove(self, old: str, new: str) -> FileOutcome:
        """Rename where a rename may lose the file, which may be somebody else's; safe to repeat."""
        source, target = self._real(old), self._root.joinpath(*parts_of(new))
        try:
            found = source.lstat()
            there = _lies_under(target)
            if there is not None and os.path.samestat(found, there):
                return FileOutcome(old, Outcome.DENIED, "the names differ in their letters' case only")
            content = source.read_bytes()
        except FileNotFoundError:
            return FileOutcome(old, Outcome.MISSING)
        except OSError as error:
            return self._outcome(old, error)
        at = _whole_second(found)
        put = self._put_alone(FileToWrite(new, content, at, Over.NOTHING))
        if put.outcome is Outcome.CHANGED:
            return FileOutcome(old, Outcome.DENIED, "there is a file of the new name already")
        if put.outcome is not Outcome.DONE:
            return FileOutcome(old, put.outcome, put.detail)
        removed = self.remove(old, FileInfo(source.name, found.st_size, at))
        self._spellings.written(new)
        return removed

    def remove(self, path: str, expected: FileInfo) -> FileOutcome:
        """Remove the file only if size and mtime are the expected; checked on the open file just before."""
        self._look()
        target = self._real(path)
        try:
            handle = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                found = os.fstat(handle)
                if stat.S_ISDIR(found.st_mode):
                    return FileOutcome(path, Outcome.DENIED, "it is a folder")
                if (found.st_size, _whole_second(found)) != (expected.size_bytes, expected.mtime):
                    return FileOutcome(path, Outcome.CHANGED)
                if os.lstat(target).st_ino != found.st_ino:
                    return FileOutcome(path, Outcome.CHANGED)
                target.unlink()
            finally:
                os.close(handle)
        except FileNotFoundError:
            return FileOutcome(path, Outcome.MISSING)
        except OSError as error:
            return self._outcome(path, error)
        _sync_folder(target.parent)
        return FileOutcome(path, Outcome.DONE)

    def remove_leftovers(self, path: str = "") -> int:
        """Remove our temporary files in a folder, and for the store's own folder also in `.reservplan`."""
        self._look()
        folders = [self._root.joinpath(*parts_of(path))] + ([self._root / OWN_FOLDER] if not path else [])
        removed = 0
        for folder in folders:
            for name in self._temps(folder):
                # It is the only copy left where whoever locked could not put it back.
                if is_second_copy(name):
                    continue
                with contextlib.suppress(OSError):
                    (folder / name).unlink()
                    removed += 1
        return removed

    def _temps(self, folder: Path) -> list[str]:
        try:
            return [name for name in os.listdir(folder) if is_temp_name(name)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise self._fault(error) from None

    def clock(self) -> datetime:
        """The time that the file system stamps on a new file of ours."""
        self._make_folder((OWN_FOLDER,))
        probe = self._root / OWN_FOLDER / temp_name("clock")
        try:
            with self._translated():
                handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                try:
                    return datetime.fromtimestamp(os.fstat(handle).st_mtime, UTC)
                finally:
                    os.close(handle)
        finally:
            with contextlib.suppress(OSError):
                probe.unlink(missing_ok=True)

    def free_bytes(self) -> int | None:
        """The room left for us."""
        self._look()
        with self._translated():
            room = os.statvfs(self._root)
        return room.f_bavail * room.f_frsize

    def _real(self, path: str) -> Path:
        return self._root.joinpath(*self._spellings.real(path))

    def _look(self) -> os.stat_result:
        """That the folder is there and still the same mount: a stick that was pulled leaves an empty folder behind."""
        try:
            found = self._root.stat()
        except OSError as error:
            raise self._missing(f"({errno.errorcode.get(error.errno or 0, 'unknown')})") from None
        if not stat.S_ISDIR(found.st_mode):
            raise self._missing("(it is no folder)")
        if self._device not in (None, found.st_dev):
            raise self._missing("any more (the mount or the stick is gone)")
        return found

    def _missing(self, why: str) -> StoreUnreachable:
        return StoreUnreachable(
            f"{self._name}: the folder {self._root} is not there {why}.",
            do="Mount it or put the stick in. Reservplan never makes it, so that no copy lands on this machine's disk.",
        )

    def _make_folder(self, parts: Sequence[str]) -> None:
        self._look()
        folder = self._root
        for part in parts:
            folder = folder / part
            if folder.is_dir():
                continue
            with self._translated():
                try:
                    folder.mkdir()
                except FileExistsError:
                    if not folder.is_dir():
                        raise StoreRefused(
                            f"{self._name}: a file lies where the folder {part} should be.", do="Move the file."
                        ) from None

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._fault(error) from None

    def _outcome(self, path: str, error: OSError) -> FileOutcome:
        """What an error means for one file; raised where it is no fault of this file."""
        code = error.errno
        if code in _BUSY:
            return FileOutcome(path, Outcome.BUSY, "open elsewhere")
        if code in _DENIED:
            return FileOutcome(path, Outcome.DENIED, "no permission")
        if code in _IN_THE_WAY:
            return FileOutcome(path, Outcome.DENIED, "something else of that name is in the way")
        if code in _NAME:
            return FileOutcome(path, Outcome.DENIED, "the name is not possible there")
        raise self._fault(error) from None

    def _fault(self, error: OSError) -> ReservplanError:
        code = errno.errorcode.get(error.errno or 0, "unknown")
        if error.errno in _FULL:
            return StoreFull(
                f"{self._name}: no room left at {self._root} ({code}).",
                do="Make room or raise the quota. The copies that lay there lie there still.",
            )
        if error.errno in _DENIED:
            return StoreRefused(
                f"{self._name}: no permission at {self._root} ({code}).",
                do="Give the account that runs Reservplan the right to change files in that folder.",
            )
        return StoreUnreachable(
            f"{self._name}: {self._root} does not answer as it should ({code}).",
            do="Look at the mount, the network or the stick; it is tried again by itself.",
        )


def _info(entry: os.DirEntry[str]) -> FileInfo | None:
    try:
        if not entry.is_file(follow_symlinks=False):
            return None
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None  # gone since the listing began
    return FileInfo(entry.name, found.st_size, _whole_second(found))


def _is_no_file(target: Path) -> bool:
    """Whether something lies there that no listing shows, so that nobody has looked whose it is."""
    there = _lies_under(target)
    return there is not None and not stat.S_ISREG(there.st_mode)


def _lies_under(target: Path) -> os.stat_result | None:
    """What lies under a name, a link itself and not what it points to; None where nothing does."""
    try:
        return target.lstat()
    except FileNotFoundError:
        return None


def _may_go(there: os.stat_result, target: Path, file: FileToWrite) -> bool:
    """Whether what lies under the name is what the file may be put over, or the very same."""
    if file.over is Over.ANYTHING:
        return True
    if isinstance(file.over, FileInfo) and (there.st_size, _whole_second(there)) == (
        file.over.size_bytes,
        file.over.mtime,
    ):
        return True
    return target.read_bytes() == file.content


def _whole_second(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime_ns // 1_000_000_000, UTC)


def _write_through(temp: Path, file: FileToWrite) -> None:
    """Write, set the mtime and flush to the disk itself; a reader is then given what the disk has, not the memory."""
    handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        second_copy.write_all(handle, file.content)
        second = int(file.mtime.timestamp())
        os.utime(handle, (second, second))
        os.fsync(handle)
        if hasattr(os, "posix_fadvise"):
            with contextlib.suppress(OSError):
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    """Make renames survive a power cut; network mounts that cannot do it say so, and that is no fault."""
    with contextlib.suppress(OSError):
        second_copy.sync_folder(folder)
