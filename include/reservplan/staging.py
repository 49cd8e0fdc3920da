"""The run's own folder between its steps: plan frames, judgements, documents and rendered files.

Addressed through universal-pathlib, so that the same code works on a local folder and on object storage when workers
share no disk. Locally the folder is 0700 and every file 0600: it holds what the paper holds. On object storage the
bucket's own rules hold, and faults are told without the library's words, which may quote a whole request.
"""

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from upath import UPath

from reservplan.domain.errors import ReservplanError, SettingsError, StagingRefused, StagingUnreachable

T = TypeVar("T")

# No run takes longer than this: an older folder belongs to nobody, also where nobody can say whether its run has ended.
LEFTOVER_HOURS = 12

# The base may be any folder, so only a folder with our name and our mark in it is ever taken for a leftover.
_RUN_PREFIX = "run-"
_MARK = ".reservplan-run"

# What a site installs beside Reservplan for its kind of object storage.
_LIBRARIES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs"}


class RunMark(BaseModel):
    """Whose a staging folder is; a later run asks it whether anybody still needs the folder."""

    run_id: str
    made_at: AwareDatetime
    # A run in one process keeps the mark locked as long as it lives; one of several tasks has no such process.
    held: bool = False


class Staging:
    """One run's files by relative name; made at the first write, gone after `clear()`."""

    def __init__(self, root: UPath, run_id: str) -> None:
        self.root = root
        self.run_id = run_id
        # On this machine's disk rights are set and whole trees removed; elsewhere the bucket's own rules hold.
        self.folder: Path | None = root if isinstance(root, Path) else None
        self._marked = False

    @classmethod
    def of_run(cls, base: str, run_id: str) -> "Staging":
        """The staging folder of a run; run ids hold characters that are no file name everywhere."""
        return cls(_root(base) / (_RUN_PREFIX + re.sub(r"[^A-Za-z0-9._-]", "-", run_id)), run_id)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While it lasts, and this process lives, no other run takes the folder for a leftover; then it is cleared."""
        with contextlib.ExitStack() as stack:
            stack.callback(self.clear)
            if self.folder is not None:
                # Locked while it is still empty, which says nothing to others: never held but not locked.
                self._put(_MARK, b"")
                lock = stack.enter_context(open(self.folder / _MARK, "rb"))
                # Where the disk knows no locks, age alone tells.
                with contextlib.suppress(OSError):
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            self._mark(held=True)
            yield

    def write(self, name: str, content: bytes) -> None:
        """Put a file; only we may read it."""
        if not self._marked and self.read_or_none(_MARK) is None:
            self._mark()
        self._marked = True
        self._put(name, content)

    def write_all(self, contents: Mapping[str, bytes]) -> None:
        """Put several files; object storage takes them side by side, which is as many times as quick."""
        if self.folder is not None or not contents:
            for name, content in contents.items():
                self.write(name, content)
            return
        first, *others = contents
        # The first makes the mark, and says whether there is a bucket at all.
        self.write(first, contents[first])
        with _told(self.root):
            self.root.fs.pipe({self._key(name): contents[name] for name in others})

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """The content of several files, in that order; FileNotFoundError where there is none of one."""
        if self.folder is not None or not names:
            return [self.read(name) for name in names]
        with _told(self.root):
            # Not `cat`, which takes a group's name with brackets in it for a pattern.
            return list(self.root.fs.cat_ranges([self._key(name) for name in names], None, None, on_error="raise"))

    def read(self, name: str) -> bytes:
        """A file's content; FileNotFoundError where there is none."""
        if self.folder is not None:
            return (self.folder / name).read_bytes()
        with _told(self.root):
            # One request, where opening the file would ask for its size first.
            return bytes(self.root.fs.cat_file(self._key(name)))

    def read_or_none(self, name: str) -> bytes | None:
        """A file's content, or None."""
        try:
            return self.read(name)
        except FileNotFoundError:
            return None

    def put(self, name: str, kind: TypeAdapter[T], value: T) -> None:
        """Put a typed value as JSON."""
        self.write(name, kind.dump_json(value))

    def get(self, name: str, kind: TypeAdapter[T]) -> T:
        """A typed value put by an earlier step."""
        return kind.validate_json(self.read(name))

    def names(self, folder: str) -> Iterator[str]:
        """The names of the files in a sub-folder, sorted."""
        yield from sorted(f"{folder}/{child.name}" for child in _children(self.root / folder))

    def clear(self) -> None:
        """Remove the run's folder; nothing to remove is fine."""
        self._marked = False
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        with _told(self.root), contextlib.suppress(FileNotFoundError):
            self.root.fs.rm(self.root.path, recursive=True)
        # Many are removed with one request, and a refusal of single ones is no error to every library.
        if left := _children(self.root):
            raise StagingRefused(
                f"Staging at {_place(self.root)} lets us write but not remove: the run's files are still there"
                f" ({len(left)} names).",
                do=f"Remove {self.root.name} there by hand, and let our key delete.",
            )

    def _mark(self, *, held: bool = False) -> None:
        mark = RunMark(run_id=self.run_id, made_at=datetime.now(UTC), held=held)
        self._put(_MARK, mark.model_dump_json().encode())
        self._marked = True

    def _put(self, name: str, content: bytes) -> None:
        if self.folder is not None:
            _write_private(self.folder / name, content)
            return
        with _told(self.root):
            try:
                self.root.fs.pipe_file(self._key(name), content)
            except FileNotFoundError:
                raise StagingRefused(
                    f"There is no bucket for staging at {_place(self.root)}.",
                    do="Make it, or correct `staging` in the settings.",
                ) from None

    def _key(self, name: str) -> str:
        return str((self.root / name).path)


def _root(base: str) -> UPath:
    # Other workers write there too: what a library remembers of a listing may be wrong at once.
    try:
        return UPath(base, use_listings_cache=False) if "://" in base else UPath(base)
    except ValueError:
        raise SettingsError(
            f"staging: {base.partition(':')[0]}:// is no kind of object storage that is known.",
            do="Write for example staging: s3://bucket/reservplan.",
        ) from None


@contextlib.contextmanager
def _told(where: UPath) -> Iterator[None]:
    """What object storage says, as a fault of ours; that there is no such file is an answer."""
    try:
        yield
    except (FileNotFoundError, ReservplanError):
        raise
    except ImportError:
        raise SettingsError(
            f"What speaks {where.protocol}:// is not installed, so nothing can be staged at {_place(where)}.",
            do=f"Install {_LIBRARIES.get(where.protocol, 'its library')} beside Reservplan, on every worker.",
        ) from None
    except Exception as error:
        if isinstance(error, PermissionError) or "Credentials" in type(error).__name__:
            raise StagingRefused(
                f"Staging at {_place(where)} refuses us ({type(error).__name__}).",
                do="See that its key is in every worker's environment, and may list, put, get and delete there.",
            ) from None
        raise StagingUnreachable(
            f"Staging at {_place(where)} does not answer ({type(error).__name__}).",
            do="See that the object storage is up, and that every worker reaches it.",
        ) from None


def _place(where: UPath) -> str:
    """The address as the settings give it, without a login that somebody has written into it."""
    return re.sub(r"//[^/@]*@", "//", str(where.parent if where.name.startswith(_RUN_PREFIX) else where))


def _children(folder: UPath) -> list[UPath]:
    if isinstance(folder, Path):
        return list(folder.iterdir()) if folder.is_dir() else []
    with _told(folder):
        try:
            names = folder.fs.ls(folder.path, detail=False)
        except FileNotFoundError:
            # There a folder is only the common beginning of names.
            return []
    return [folder / name.rstrip("/").rpartition("/")[2] for name in names]


def _write_private(path: Path, content: bytes) -> None:
    _make_private_folder(path.parent)
    # The mode is given at creation: chmod afterwards would leave a moment in which others can read.
    with open(path, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(content)


def _make_private_folder(folder: Path) -> None:
    # mkdir(parents=True) would give the folders between the default mode, readable by others.
    if not folder.exists():
        _make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def clear_leftovers(base: str, has_ended: Callable[[str], bool] | None = None) -> int:
    """Remove the staging folders of runs that were killed; returns how many.

    `has_ended` says whether the run of an id is over, where somebody knows; a run in one process tells by its lock.
    """
    leftovers = [folder for folder in _children(_root(base)) if _is_leftover(folder, has_ended)]
    for folder in leftovers:
        Staging(folder, "").clear()
    return len(leftovers)


def _is_leftover(folder: UPath, has_ended: Callable[[str], bool] | None) -> bool:
    path = folder / _MARK
    if not folder.name.startswith(_RUN_PREFIX) or _is_another_kind(path):
        return False
    limit = datetime.now(UTC) - timedelta(hours=LEFTOVER_HOURS)
    try:
        mark = RunMark.model_validate_json(Staging(folder, "").read(_MARK))
    except ValidationError:
        # Empty or cut off: it is being written, or its writer was killed then. Object storage writes whole or not.
        return isinstance(path, Path) and path.stat().st_mtime < limit.timestamp()
    except FileNotFoundError:
        # Its run has cleared it since.
        return False
    if mark.made_at < limit:
        return True
    return _is_let_go(path) if mark.held else has_ended is not None and has_ended(mark.run_id)


def _is_another_kind(mark: UPath) -> bool:
    """Whether a link or a folder lies where a mark should: nothing of ours."""
    return isinstance(mark, Path) and (mark.parent.is_symlink() or not mark.is_file())


def _is_let_go(path: UPath) -> bool:
    """Whether the process that held the mark has ended; one on object storage cannot be asked."""
    if not isinstance(path, Path):
        return False
    try:
        with open(path, "rb") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
