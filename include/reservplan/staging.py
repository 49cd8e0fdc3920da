"""The run's own folder between its steps: plan frames, judgements, documents and rendered files.

Addressed through universal-pathlib, so that the same code works on a local folder and on object storage when workers
share no disk. Locally the folder is 0700 and every file 0600: it holds what the paper holds. On object storage the
bucket's own rules hold, and faults are told without the library's words, which may quote a whole request.
"""

import contextlib
import fcntl
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from upath import UPath

from reservplan.private_files import PrivateFiles

T = TypeVar("T")

# No run takes longer than this: an older folder belongs to nobody, also where nobody can say whether its run has ended.
LEFTOVER_HOURS = 12

# The base may be any folder, so only a folder with our name and our mark in it is ever taken for a leftover.
_RUN_PREFIX = "run-"
_MARK = ".reservplan-run"


class RunMark(BaseModel):
    """Whose a staging folder is; a later run asks it whether anybody still needs the folder."""

    run_id: str
    made_at: AwareDatetime
    # A run in one process keeps the mark locked as long as it lives; one of several tasks has no such process.
    held: bool = False


class Staging(PrivateFiles):
    """One run's files by relative name; made at the first write, gone after `clear()`."""

    def __init__(self, root: UPath, run_id: str) -> None:
        super().__init__(root, "staging")
        self.run_id = run_id
        self._marked = False

    @classmethod
    def of_run(cls, base: str, run_id: str) -> "Staging":
        """The staging folder of a run; run ids hold characters that are no file name everywhere."""
        root = PrivateFiles.at(base, "staging").root
        return cls(root / (_RUN_PREFIX + re.sub(r"[^A-Za-z0-9._-]", "-", run_id)), run_id)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While it lasts, and this process lives, no other run takes the folder for a leftover; then it is cleared."""
        with contextlib.ExitStack() as stack:
            stack.callback(self.clear)
            if self.folder is not None:
                # Locked while it is still empty, which says nothing to others: never held but not locked.
                super().write(_MARK, b"")
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
        super().write(name, content)

    def write_all(self, contents: Mapping[str, bytes]) -> None:
        """Put several files; object storage takes them side by side, which is as many times as quick."""
        if not contents:
            return
        first, *others = contents
        # The first makes the mark, and says whether there is a bucket at all.
        self.write(first, contents[first])
        super().write_all({name: contents[name] for name in others})

    def put(self, name: str, kind: TypeAdapter[T], value: T) -> None:
        """Put a typed value as JSON."""
        self.write(name, kind.dump_json(value))

    def get(self, name: str, kind: TypeAdapter[T]) -> T:
        """A typed value put by an earlier step."""
        return kind.validate_json(self.read(name))

    def clear(self) -> None:
        """Remove the run's folder; nothing to remove is fine."""
        self._marked = False
        self.remove_all()

    def _mark(self, *, held: bool = False) -> None:
        mark = RunMark(run_id=self.run_id, made_at=datetime.now(UTC), held=held)
        super().write(_MARK, mark.model_dump_json().encode())
        self._marked = True

    @property
    def _place(self) -> str:
        """The place that the setting names: this run's own part of it says nothing to a person."""
        return re.sub(r"//[^/@]*@", "//", str(self.root.parent))


def leftovers(base: str, has_ended: Callable[[str], bool] | None = None) -> list[str]:
    """The names of staging folders of runs that were killed.

    `has_ended` says whether the run of an id is over, where somebody knows; a run in one process tells by its lock.
    """
    place = PrivateFiles.at(base, "staging")
    return [name for name in place.names() if _is_leftover(place.root / name, has_ended)]


def clear_leftovers(
    base: str, has_ended: Callable[[str], bool] | None = None, only: Sequence[str] | None = None
) -> int:
    """Remove the staging folders of runs that were killed, or of these `only`; returns how many."""
    place = PrivateFiles.at(base, "staging")
    names = leftovers(base, has_ended) if only is None else only
    for name in names:
        Staging(place.root / name, "").clear()
    return len(names)


def runs_at_work(base: str) -> int:
    """How many runs have a staging folder: those at work, and those that were killed and not found out yet."""
    place = PrivateFiles.at(base, "staging")
    return sum((place.root / name).name.startswith(_RUN_PREFIX) for name in place.names())


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
