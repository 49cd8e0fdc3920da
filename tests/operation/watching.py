"""What is only there for a moment: processes, their environments, and files that runs make and remove again."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.operation.looking import Onlooker
from tests.operation.traces import Search

# Every so many looks the processes are looked at: to read them all takes longer.
LOOKS_A_LOOK_AT_PROCESSES = 5
RENDERER = b"reservplan.render.worker"


@dataclass
class Watch(Onlooker):
    """Looks at everything all the time, in a thread of its own, until it is left.

    `private` are folders in which only we may read anything, and `passing` those in which files come and go that must
    hold nothing; the latter, and what every process of this machine shows, are searched at once. `of` is the working
    folder of those processes that are the hunt's own.
    """

    of: Path
    private: Iterable[Path]
    passing: Iterable[Path]
    passing_search: Search
    process_search: Search
    seen: dict[str, str] = field(default_factory=dict)
    open_to_others: dict[str, str] = field(default_factory=dict)
    renderers: int = 0
    renderers_with_secrets: set[str] = field(default_factory=set)
    renderers_that_dump: set[str] = field(default_factory=set)
    pause_seconds: float = 0.02

    def __post_init__(self) -> None:
        self._known: set[object] = set()
        self._searched: set[object] = set()
        self._looks = 0

    def look(self) -> None:
        """Look at files, and at times at processes."""
        for folder in self.private:
            self._look_at_rights(folder)
        for folder in self.passing:
            self._look_at_passing(folder)
        if self._looks % LOOKS_A_LOOK_AT_PROCESSES == 0:
            self._look_at_processes()
        self._looks += 1

    def _look_at_rights(self, folder: Path) -> None:
        for path in (folder, *_below(folder)):
            with contextlib.suppress(FileNotFoundError):
                mode = path.lstat().st_mode
                wanted = 0o700 if stat.S_ISDIR(mode) else 0o600
                self.seen[str(path)] = stat.filemode(mode)
                if stat.S_IMODE(mode) != wanted:
                    self.open_to_others[str(path)] = stat.filemode(mode)

    def _look_at_passing(self, folder: Path) -> None:
        for path in _below(folder):
            with contextlib.suppress(OSError):
                told = path.lstat()
                key = (path, told.st_ino, told.st_size, told.st_mtime_ns)
                if stat.S_ISREG(told.st_mode) and key not in self._searched:
                    self._searched.add(key)
                    self.passing_search.look_into(path)

    def _look_at_processes(self) -> None:
        for pid in filter(str.isdecimal, os.listdir("/proc")):
            line = _read(f"/proc/{pid}/cmdline")
            environment = _read(f"/proc/{pid}/environ")
            key = (pid, line, environment)
            if not line or key in self._known:
                continue
            self._known.add(key)
            name = line.replace(b"\0", b" ").decode(errors="replace")[:60]
            self.process_search.look(line, f"the command line of {name}")
            self.process_search.look(environment, f"the environment of {name}")
            if RENDERER in line and environment and _folder_of(pid) == self.of:
                self._look_at_renderer(pid, environment)

    def _look_at_renderer(self, pid: str, environment: bytes) -> None:
        self.renderers += 1
        names = {item.partition(b"=")[0].decode() for item in environment.split(b"\0")}
        self.renderers_with_secrets |= {name for name in names if name.startswith("AIRFLOW")}
        limits = _read(f"/proc/{pid}/limits").decode()
        core = next((line.split() for line in limits.splitlines() if line.startswith("Max core file size")), None)
        if core and core[4:6] != ["0", "0"]:
            self.renderers_that_dump.add(" ".join(core))


def _below(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        yield from (Path(above, name) for name in (*folders, *names))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _folder_of(pid: str) -> Path | None:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None


def pids_of(what: Callable[[bytes], bool], pids: Iterable[int]) -> list[int]:
    """Those of the processes whose command line is such."""
    return [pid for pid in pids if what(_read(f"/proc/{pid}/cmdline"))]
