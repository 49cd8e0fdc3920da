"""A folder that behaves as FAT does, for whatever machine: no hard links, no modes, two-second times, folded case.

A rename is three changes of the disk: the file that lies there goes, the name is taken out, the name is written anew.
The stick may be pulled before any change. What had not been flushed by then is torn; names that had not been flushed
are as they were, on room that others have taken meanwhile, or as they were to be.
"""

import contextlib
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any

import pytest

_REAL = {name: getattr(os, name) for name in (
    "open", "close", "write", "pwrite", "ftruncate", "fsync", "stat", "unlink", "mkdir", "rmdir", "replace", "scandir",
    "listdir", "utime", "statvfs",
)}  # fmt: skip
_REAL_OPEN = io.open


class FatFolder:
    """The folder at `root`; only what is done below it is as on FAT."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.gone = self.pulled = False
        # Whether names that had not been flushed are as they were, after a pull, or as they were to be.
        self.undoes = True
        self._left: int | None = None
        # A driver does one thing at a time, so that nobody on the machine sees a rename half done.
        self._one_at_a_time = RLock()
        self._handles: dict[int, Path] = {}
        self._torn: set[int] = set()
        self._ghosts: dict[Path, bytes] = {}
        for name in ("open", "stat", "unlink", "mkdir", "rmdir", "scandir", "listdir", "statvfs", "replace", "utime"):
            patch.setattr(os, name, self._by_path(name))
        for name in ("write", "pwrite", "ftruncate", "fsync"):
            patch.setattr(os, name, self._by_handle(name))
        patch.setattr(os, "close", self._close)
        patch.setattr(os, "link", self._link)
        patch.setattr(os, "rename", os.replace)
        patch.setattr(os, "chmod", lambda *_, **__: None)
        patch.setattr(io, "open", self._open_file)

    def pull_after(self, changes: int) -> None:
        """Take the stick away after that many changes more, before the next; what lies there is flushed."""
        self.pulled, self._left = False, changes
        self._torn, self._ghosts = set(), {}

    def put_in_again(self) -> None:
        self.gone, self._left = False, None

    # --- what the calls become

    def _by_path(self, name: str) -> Callable[..., Any]:
        own = getattr(self, f"_{name}", _REAL[name])

        def call(path: Any, *arguments: Any, **named: Any) -> Any:
            if not (path in self._handles if isinstance(path, int) else self._is_ours(path)):
                return _REAL[name](path, *arguments, **named)
            named.pop("dir_fd", None)
            with self._one_at_a_time:
                self._check()
                return own(path if isinstance(path, int) else self._found(Path(path)), *arguments, **named)

        return call

    def _by_handle(self, name: str) -> Callable[..., Any]:
        def call(handle: int, *arguments: Any) -> Any:
            if handle not in self._handles:
                return _REAL[name](handle, *arguments)
            with self._one_at_a_time:
                self._check()
                self._change()
                if name == "fsync":
                    return self._flushed(handle)
                self._torn.add(os.fstat(handle).st_ino)
                self._ghosts = {path: bytes(len(content)) for path, content in self._ghosts.items()}
                return _REAL[name](handle, *arguments)

        return call

    def _is_ours(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and Path(path).is_relative_to(self.root)

    def _check(self) -> None:
        if self.gone:
            raise OSError(errno.ENODEV, "the stick is gone")

    def _found(self, path: Path) -> Path:
        """The path as its names are spelled on the stick."""
        found = self.root
        for part in path.relative_to(self.root).parts:
            names: list[str] = []
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                names = _REAL["listdir"](found)
            spelled = [name for name in names if name.casefold() == part.casefold()]
            found /= part if part in names or not spelled else spelled[0]
        return found

    def _change(self) -> None:
        """One change of the disk is about to be made."""
        if self._left is None:
            return
        if self._left == 0:
            self._lose()
            self._check()
        self._left -= 1

    def _lose(self) -> None:
        for path in self.root.rglob("*"):
            if _REAL["stat"](path).st_ino in self._torn and path.is_file():
                with _REAL_OPEN(path, "r+b") as file:
                    file.truncate(path.stat().st_size // 2)
        for path, content in self._ghosts.items() if self.undoes else ():
            with _REAL_OPEN(path, "wb") as file:
                file.write(content)
        self._torn, self._ghosts = set(), {}
        self.gone = self.pulled = True

    def _flushed(self, handle: int) -> None:
        folder = self._handles[handle]
        self._torn.discard(os.fstat(handle).st_ino)
        self._ghosts = {path: content for path, content in self._ghosts.items() if path.parent != folder}

    def _open(self, path: Path, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT and not path.exists():
            self._change()
        handle: int = _REAL["open"](path, flags, *mode)
        self._handles[handle] = path
        return handle

    def _close(self, handle: int) -> None:
        self._handles.pop(handle, None)
        _REAL["close"](handle)

    def _open_file(self, path: Any, *arguments: Any, **named: Any) -> Any:
        if not self._is_ours(path):
            return _REAL_OPEN(path, *arguments, **named)
        with self._one_at_a_time:
            self._check()
            return _REAL_OPEN(self._found(Path(path)), *arguments, **named)

    def _link(self, *_: Any, **__: Any) -> None:
        self._check()
        raise OSError(errno.EPERM, "no links here")

    def _unlink(self, path: Path) -> None:
        content = self._content(path)
        self._change()
        self._torn.discard(_REAL["stat"](path).st_ino)
        _REAL["unlink"](path)
        self._ghosts[path] = content

    def _mkdir(self, path: Path, mode: int = 0o777) -> None:
        self._change()
        _REAL["mkdir"](path, mode)

    def _utime(self, path: Path | int, times: tuple[float, float] | None = None, **ns: Any) -> None:
        self._change()
        _REAL["utime"](path, times and tuple(second // 2 * 2 for second in times), **ns)

    def _replace(self, source: Path, target: Any) -> None:
        lies_there = self._found(Path(target))
        target = self._found(Path(target).parent) / Path(target).name
        if lies_there.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder")
        if lies_there.exists():
            self._unlink(lies_there)
        content, found = self._content(source), _REAL["stat"](source)
        is_torn = found.st_ino in self._torn
        self._change()
        self._torn.discard(found.st_ino)
        _REAL["unlink"](source)
        self._change()
        with _REAL_OPEN(target, "wb") as file:
            file.write(content)
        if is_torn:
            self._torn.add(_REAL["stat"](target).st_ino)
        _REAL["utime"](target, ns=(found.st_atime_ns, found.st_mtime_ns))

    def _content(self, path: Path) -> bytes:
        with _REAL_OPEN(path, "rb") as file:
            return bytes(file.read())
