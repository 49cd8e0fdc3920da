"""Small file systems of our own on this machine: one that gets full, one with a quota. Both need root."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

Fill = Callable[[bool], None]
BALLAST = "ballast"
QUOTA_PROGRAMS = ("mkfs.btrfs", "btrfs")


def can_mount() -> bool:
    """Whether this machine lets us mount."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True)
        if done.returncode == 0:
            _run("umount", folder)
    return done.returncode == 0


def can_protect() -> bool:
    """Whether this machine lets us make a file that not even root may change."""
    with tempfile.NamedTemporaryFile() as file:
        done = [subprocess.run(["chattr", sign, file.name], capture_output=True).returncode for sign in ("+i", "-i")]
    return not any(done)


def has_quota() -> bool:
    """Whether a file system with a quota can be made."""
    return can_mount() and all(map(shutil.which, QUOTA_PROGRAMS))


@contextlib.contextmanager
def protected(file: Path) -> Iterator[None]:
    """A file that nobody may change, replace or remove."""
    _run("chattr", "+i", file)
    try:
        yield
    finally:
        _run("chattr", "-i", file)


@contextlib.contextmanager
def disk_that_fills(folder: Path, size_bytes: int) -> Iterator[Fill]:
    """A disk of that size; others fill it to the last byte, or make room again."""
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", folder)
    ballast = folder / BALLAST

    def fill(full: bool) -> None:
        if not full:
            ballast.unlink(missing_ok=True)
            return
        with ballast.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(65536))
                file.flush()

    try:
        yield fill
    finally:
        _run("umount", "--lazy", folder)


@contextlib.contextmanager
def disk_with_quota(folder: Path) -> Iterator[Fill]:
    """A disk with room for all, where the folder's quota is set below what it holds already, or lifted again."""
    folder.mkdir(parents=True, exist_ok=True)
    image, whole = folder.with_name("disk.img"), folder.with_name("disk")
    whole.mkdir()
    with image.open("wb") as file:
        file.truncate(256 * 1024 * 1024)
    _run("mkfs.btrfs", "--quiet", image)
    with contextlib.ExitStack() as stack:
        _run("mount", "-o", "loop", image, whole)
        stack.callback(_run, "umount", "--lazy", whole)
        _run("btrfs", "quota", "enable", whole)
        _run("btrfs", "subvolume", "create", whole / "share")
        _run("mount", "--bind", whole / "share", folder)
        stack.callback(_run, "umount", "--lazy", folder)

        def limit(full: bool) -> None:
            # The quota counts what is committed.
            _run("btrfs", "filesystem", "sync", whole)
            # By the first subvolume's number: beyond its quota a folder takes not even this command.
            _run("btrfs", "qgroup", "limit", "1M" if full else "none", "0/256", whole)

        yield limit


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
