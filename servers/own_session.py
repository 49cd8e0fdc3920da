"""A program in a session of its own, found and ended by its id, with all that it has started."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

STOP_SECONDS = 15.0
KILL_SECONDS = 10.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class _Record:
    """What the record file remembers: the process, and when it was born, because ids are used again."""

    pid: int
    born: float


class OwnSession:
    """One program; what it prints lies in `log_file`, readable by us alone.

    The record file lets another process find it: `OwnSession(record, log)` again, then `stop()`.
    """

    def __init__(self, record_file: Path, log_file: Path) -> None:
        self.record_file = record_file
        self.log_file = log_file
        self._child: subprocess.Popen[bytes] | None = None

    def start(
        self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, *, user: str | None = None
    ) -> None:
        """Start it; as `user`, where we are root and it must not be. What it printed before is kept."""
        with open(self.log_file, "ab", opener=lambda p, flags: os.open(p, flags, 0o600)) as log:
            self._child = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=dict(environment), cwd=folder, start_new_session=True,
                user=user, group=user, extra_groups=[] if user else None,
            )  # fmt: skip
        # A program that has ended already has no birth to be told by, and needs none.
        born = 0.0
        with contextlib.suppress(psutil.NoSuchProcess):
            born = psutil.Process(self._child.pid).create_time()
        self.record_file.write_text(json.dumps(asdict(_Record(self._child.pid, born))), encoding="utf-8")

    @property
    def running(self) -> bool:
        """Whether any process of the session is alive."""
        return bool(self.processes())

    def processes(self) -> list[psutil.Process]:
        """The living processes of the session, its first one among them while it lives."""
        record = self._record()
        if record is None or _is_another(record):
            return []
        return [process for process in psutil.process_iter() if _is_alive(process) and _session(process) == record.pid]

    def stop(self) -> bool:
        """End all of it, gently first; False where none runs."""
        return self._end((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, KILL_SECONDS))

    def kill(self) -> bool:
        """End all of it at once, as a power cut does; False where none runs."""
        return self._end((signal.SIGKILL, KILL_SECONDS))

    def log_tail(self, characters: int = 3000) -> str:
        """The end of what it printed."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")[-characters:]

    def _end(self, *steps: tuple[signal.Signals, float]) -> bool:
        found = bool(self.processes())
        for number, seconds in steps:
            deadline = time.monotonic() + seconds
            for process in self.processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
            # Asked anew each time: one that was just starting when the signal came is found at the next look.
            while self.processes() and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout=1)
        return found

    def _record(self) -> _Record | None:
        try:
            return _Record(**json.loads(self.record_file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def _is_another(record: _Record) -> bool:
    """Whether the id now names a stranger's process; the first may have ended while others of its session live."""
    try:
        return abs(psutil.Process(record.pid).create_time() - record.born) > 1
    except psutil.NoSuchProcess:
        return False


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except (ProcessLookupError, PermissionError):
        return None
