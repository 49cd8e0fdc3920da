"""A private place of ours: a folder of this machine (0700, its files 0600), or object storage.

Addressed through universal-pathlib, so that the same code works on both. On object storage the bucket's own rules hold,
and faults are told without the library's words, which may quote a whole request.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from upath import UPath

from reservplan.domain.errors import ReservplanError, SettingsError, StagingRefused, StagingUnreachable

# What a site installs beside Reservplan for its kind of object storage.
_LIBRARIES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs"}

HALF_WRITTEN = ".half"
# What passes, or what somebody must make room for; everything else of a disk lasts until rights or settings change.
_PASSING = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.EMFILE, errno.ENFILE}


class PrivateFiles:
    """Files by relative name below a root; `key` is the setting that names the place, for messages."""

    def __init__(self, root: UPath, key: str) -> None:
        self.root = root
        self.key = key
        # On this machine's disk rights are set and whole trees removed; elsewhere the bucket's own rules hold.
        self.folder: Path | None = root if isinstance(root, Path) else None

    @classmethod
    def at(cls, base: str, key: str) -> "PrivateFiles":
        """The place that a setting names.

        Raises:
            SettingsError: an address of a kind that is not known.
        """
        # Other workers write there too: what a library remembers of a listing may be wrong at once.
        try:
            root = UPath(base, use_listings_cache=False) if "://" in base else UPath(base)
        except ValueError:
            raise SettingsError(
                f"{key}: {base.partition(':')[0]}:// is no kind of object storage that is known.",
                do=f"Write for example {key}: s3://bucket/reservplan.",
            ) from None
        return cls(root, key)

    def below(self, name: str) -> "PrivateFiles":
        """A folder of this place as one of its own."""
        return PrivateFiles(self.root / name, self.key)

    def write(self, name: str, content: bytes) -> None:
        """Put a file; only we may read it."""
        if self.folder is not None:
            with self._on_disk(writing=True):
                _write_private(self.folder / name, content)
            return
        with self.told():
            try:
                self.root.fs.pipe_file(self._path(name), content)
            except FileNotFoundError:
                raise StagingRefused(
                    f"There is no bucket for {self.key} at {self._place}.",
                    do=f"Make it, or correct `{self.key}` in the settings.",
                ) from None

    def write_whole(self, name: str, content: bytes) -> None:
        """Put a file that is there whole or not at all, also where we are killed meanwhile."""
        if self.folder is None:
            # Object storage writes whole or not.
            self.write(name, content)
            return
        path = self.folder / name
        half = path.with_name(f"{path.name}.{secrets.token_hex(4)}{HALF_WRITTEN}")
        with self._on_disk(writing=True):
            try:
                _write_private(half, content)
                half.replace(path)
            except BaseException:
                half.unlink(missing_ok=True)
                raise

    def append_lines(self, name: str, content: bytes) -> None:
        """Add whole lines at a file's end; what a power cut left of a line before stays one of its own.

        Object storage cannot add: there the file is written anew, and one of two writers at once is lost.
        """
        if self.folder is None:
            before = self.read_or_none(name) or b""
            self.write(name, before + (b"\n" if before and not before.endswith(b"\n") else b"") + content)
            return
        with self._on_disk(writing=True):
            path = self.folder / name
            _make_private_folder(path.parent)
            with open(path, "ab+", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
                if end := file.seek(0, os.SEEK_END):
                    file.seek(end - 1)
                    content = content if file.read(1) == b"\n" else b"\n" + content
                file.write(content)

    def tighten(self) -> None:
        """Take from others the rights to a folder that is ours alone; none yet, or not on this disk, is fine."""
        if self.folder is not None and self.folder.is_dir() and self.folder.stat().st_mode & 0o077:
            with self._on_disk():
                self.folder.chmod(0o700)

    def remove_old(self, names: Sequence[str], before: datetime) -> int:
        """Remove those that were last written before an instant; returns how many. Only on this machine's disk."""
        if self.folder is None:
            return 0
        paths = [self.folder / name for name in names]
        old = [path for path in paths if path.is_file() and path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def remove(self, names: Sequence[str]) -> None:
        """Remove files one by one in this order; one that is not there is fine."""
        for name in names:
            if self.folder is not None:
                with self._on_disk():
                    (self.folder / name).unlink(missing_ok=True)
                continue
            with self.told(), contextlib.suppress(FileNotFoundError):
                self.root.fs.rm_file(self._path(name))

    def write_all(self, contents: Mapping[str, bytes]) -> None:
        """Put several files; object storage takes them side by side, which is as many times as quick."""
        if self.folder is not None:
            for name, content in contents.items():
                self.write(name, content)
            return
        with self.told():
            self.root.fs.pipe({self._path(name): content for name, content in contents.items()})

    def read(self, name: str) -> bytes:
        """A file's content; FileNotFoundError where there is none."""
        if self.folder is not None:
            with self._on_disk():
                return (self.folder / name).read_bytes()
        with self.told():
            # One request, where opening the file would ask for its size first.
            return bytes(self.root.fs.cat_file(self._path(name)))

    def read_or_none(self, name: str) -> bytes | None:
        """A file's content, or None."""
        try:
            return self.read(name)
        except FileNotFoundError:
            return None

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """The content of several files, in that order; FileNotFoundError where there is none of one."""
        if self.folder is not None or not names:
            return [self.read(name) for name in names]
        with self.told():
            # Not `cat`, which takes a group's name with brackets in it for a pattern.
            return list(self.root.fs.cat_ranges([self._path(name) for name in names], None, None, on_error="raise"))

    def names(self, folder: str = "") -> list[str]:
        """The relative names of what lies directly in a folder, sorted; none where it is missing."""
        where = self.root / folder if folder else self.root
        before = f"{folder}/" if folder else ""
        if isinstance(where, Path):
            with self._on_disk():
                return sorted(f"{before}{child.name}" for child in where.iterdir()) if where.is_dir() else []
        with self.told():
            try:
                found = where.fs.ls(where.path, detail=False)
            except FileNotFoundError:
                # There a folder is only the common beginning of names.
                return []
        return sorted(before + name.rstrip("/").rpartition("/")[2] for name in found)

    def remove_all(self) -> None:
        """Remove the place with all that is in it; nothing to remove is fine.

        Raises:
            StagingRefused: object storage lets us write but not remove.
        """
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        with self.told(), contextlib.suppress(FileNotFoundError):
            self.root.fs.rm(self.root.path, recursive=True)
        # Many are removed with one request, and a refusal of single ones is no error to every library.
        if left := self.names():
            raise StagingRefused(
                f"{self._named} lets us write but not remove: files are still there ({len(left)} names).",
                do=f"Remove {self.root.name} there by hand, and let our key delete.",
            )

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """What object storage says, as a fault of ours; that there is no such file is an answer."""
        try:
            yield
        except (FileNotFoundError, ReservplanError):
            raise
        except ImportError:
            raise SettingsError(
                f"What speaks {self.root.protocol}:// is not installed, so nothing can be kept at {self._place}.",
                do=f"Install {_LIBRARIES.get(self.root.protocol, 'its library')} beside Reservplan, on every worker.",
            ) from None
        except Exception as error:
            if isinstance(error, PermissionError) or "Credentials" in type(error).__name__:
                raise StagingRefused(
                    f"{self._named} refuses us ({type(error).__name__}).",
                    do="See that its key is in every worker's environment, and may list, put, get and delete there.",
                ) from None
            raise StagingUnreachable(
                f"{self._named} does not answer ({type(error).__name__}).",
                do="See that the object storage is up, and that every worker reaches it.",
            ) from None

    @contextlib.contextmanager
    def _on_disk(self, *, writing: bool = False) -> Iterator[None]:
        """What this machine's disk says, as a fault that names the place; to a reader no such file is an answer."""
        try:
            yield
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not writing:
                raise
            kind = StagingUnreachable if error.errno in _PASSING else StagingRefused
            raise kind(
                f"{self._named} cannot be {'written' if writing else 'used'} ({_name_of(error)}).",
                do="Make room on that disk."
                if error.errno in (errno.ENOSPC, errno.EDQUOT)
                else f"Let Reservplan's account own that folder, or correct `{self.key}` in the settings.",
            ) from None

    @property
    def _named(self) -> str:
        return f"{self.key.capitalize()} at {self._place}"

    @property
    def _place(self) -> str:
        """The address as the settings give it, without a login that somebody has written into it."""
        return re.sub(r"//[^/@]*@", "//", str(self.root))

    def _path(self, name: str) -> str:
        return str((self.root / name).path)


def _name_of(error: OSError) -> str:
    """`EACCES`, as whoever runs the machine knows it."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)


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
