"""What one program costs: wall time, processor time, and the peak memory of each of its processes.

A program runs in a session of its own. All processes of that session are looked at every few milliseconds, and of each
the kernel's own high-water mark of resident memory is kept (`VmHWM`): a peak between two looks is not missed.
"""

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time

LOOK_SECONDS = 0.02
PROCESSES = Path("/proc")
KIBIBYTE = 1024

# By process id and command line: the high-water mark in bytes.
Peaks = dict[tuple[int, str], int]
Work = Callable[[], None]


@dataclass(frozen=True)
class Cost:
    """What a program has cost; memory in bytes, of the program itself and of the largest that it started (0: none)."""

    wall_seconds: float
    cpu_seconds: float
    own_bytes: int
    workers_bytes: int
    printed: str = ""

    @property
    def peak_bytes(self) -> int:
        """The peak of the largest of all its processes."""
        return max(self.own_bytes, self.workers_bytes)


class ProgramFailed(RuntimeError):
    """A measured program ended with an error; the text shows the end of what it printed."""


def measure(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> Cost:
    """Run a program to its end in a session of its own; what it prints to stdout is kept.

    Raises:
        ProgramFailed: it ended with another status than 0.
    """
    with open(folder / "stderr", "w+", encoding="utf-8", errors="replace") as complaints:
        began = monotonic()
        process = subprocess.Popen(
            list(map(str, command)), env=dict(environment), cwd=folder, start_new_session=True,
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints,
        )  # fmt: skip
        with watched(lambda: session_members(process.pid)) as peaks, process:
            assert process.stdout is not None  # noqa: S101 - opened with PIPE
            printed = process.stdout.read()
            # Not Popen's own wait: this one tells the processor time of the program and of all that it waited for.
            _, status, usage = os.wait4(process.pid, 0)
            seconds = monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complaints.seek(0)
            said = (printed + complaints.read())[-2000:]
            raise ProgramFailed(f"{' '.join(map(str, command[:4]))} … ended with {process.returncode}:\n{said}")
    # A child that has not become its own program yet still shows its parent's command line, and its parent's memory.
    own = {line: peak for (pid, line), peak in peaks.items() if pid == process.pid}
    others = [peak for (_, line), peak in peaks.items() if line not in own]
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Cost(seconds, cpu_seconds, max(own.values(), default=0), max(others, default=0), printed)


def print_cost(work: Work) -> None:
    """Do it here, and print as JSON what it cost without the start of the process and its imports."""
    began, began_cpu = monotonic(), process_time()
    work()
    seconds, cpu_seconds = monotonic() - began, process_time() - began_cpu
    seen = _high_water_mark(os.getpid())
    peak_bytes = seen[1] if seen else 0
    print(json.dumps({"work_seconds": seconds, "work_cpu_seconds": cpu_seconds, "peak_bytes": peak_bytes}))


@contextlib.contextmanager
def watched(members: Callable[[], Iterator[int]]) -> Iterator[Peaks]:
    """Keep the high-water marks of the processes that `members` names, while the body runs."""
    peaks: Peaks = {}
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_SECONDS):
            for pid in members():
                if (seen := _high_water_mark(pid)) is not None:
                    line, peak = seen
                    peaks[pid, line] = max(peak, peaks.get((pid, line), 0))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()


def session_members(session: int) -> Iterator[int]:
    """The processes of a session now."""
    for entry in PROCESSES.iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getsid(int(entry.name)) == session:
                    yield int(entry.name)


def descendants(roots: Sequence[int]) -> Iterator[int]:
    """Those processes and all that they have started, in whatever session."""
    parents: dict[int, int] = {}
    for entry in PROCESSES.iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                # What follows the command's name, which may hold spaces: its state and its parent.
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    members = set(roots) & parents.keys()
    while new := {pid for pid, parent in parents.items() if parent in members} - members:
        members |= new
    yield from members


def _high_water_mark(pid: int) -> tuple[str, int] | None:
    """Command line and peak in bytes; None where it has ended."""
    with contextlib.suppress(OSError):
        line = (PROCESSES / str(pid) / "cmdline").read_bytes().decode(errors="replace")
        for entry in (PROCESSES / str(pid) / "status").read_text().splitlines():
            if entry.startswith("VmHWM:"):
                return line, int(entry.split()[1]) * KIBIBYTE
    return None
