"""A stick with exFAT, as far as a machine can have one without hardware: an image, a loop device, the driver in fuse.

It needs root, and a machine that has loop devices and fuse. The driver is a process of its own, which can be killed:
so a stick is pulled in the middle of whatever is being written.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import psutil

from servers.samba import PROGRAM_PATH

DRIVER = "mount.exfat-fuse"
MEGABYTE = 1024 * 1024
END_SECONDS = 5.0
POLL_SECONDS = 0.01


class StickError(RuntimeError):
    """The stick cannot be made or mounted here; the text says why."""


class ExfatStick:
    """One stick, mounted at `folder` below `base`; everything it has lies there, and goes with it."""

    def __init__(self, base: Path, megabytes: int = 64) -> None:
        self.base = base
        self.folder = base / "stick"
        self._image = base / "image"
        self._megabytes = megabytes
        self._device = ""

    def __enter__(self) -> Self:
        self.base.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        with self._image.open("wb") as image:
            image.truncate(self._megabytes * MEGABYTE)
        _run("mkfs.exfat", str(self._image))
        self._device = _run("losetup", "--find", "--show", str(self._image)).strip()
        try:
            self.put_in_again()
        except BaseException:
            self._take_away()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(StickError):
            _run("umount", str(self.folder))
        self.pull()
        self._take_away()

    def _take_away(self) -> None:
        with contextlib.suppress(StickError):
            _run("losetup", "--detach", self._device)
        self._image.unlink(missing_ok=True)

    def put_in_again(self) -> None:
        """Mount what lies on the stick."""
        _run(DRIVER, self._device, str(self.folder))

    def pull(self) -> None:
        """Take the stick away, whatever is being written: what the driver still had in memory is lost."""
        for driver in self._drivers():
            with contextlib.suppress(psutil.NoSuchProcess):
                driver.send_signal(signal.SIGKILL)
                _wait_for_the_end_of(driver)
        with contextlib.suppress(StickError):
            _run("umount", "--lazy", str(self.folder))

    def _drivers(self) -> list[psutil.Process]:
        """Our own driver's process: nobody else's has our device."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if self._device and process.cmdline()[:2] == [DRIVER, self._device]:
                    found.append(process)
        return found


def _wait_for_the_end_of(driver: psutil.Process) -> None:
    """It may stay a zombie for as long as its parent likes; its files are closed by then."""
    deadline = time.monotonic() + END_SECONDS
    while driver.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


@cache
def why_no_stick() -> str:
    """Why this machine can have no such stick; empty where it can. Tried, not only looked up."""
    if os.geteuid() != 0:
        return "a stick needs root"
    try:
        with TemporaryDirectory() as folder, ExfatStick(Path(folder) / "stick", megabytes=4) as stick:
            (stick.folder / "tried").write_bytes(b"")
    except (StickError, OSError, subprocess.SubprocessError) as error:
        return str(error)
    return ""


def _run(program: str, *arguments: str) -> str:
    found = shutil.which(program, path=PROGRAM_PATH)
    if found is None:
        raise StickError(f"{program} is not there (packages exfat-fuse, exfatprogs)")
    # By its bare name, by which its process is found again.
    done = subprocess.run(
        [program, *arguments], executable=found, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise StickError(f"{program}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout
