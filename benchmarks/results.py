"""What was measured: a row for each thing, the machine on which it was, and both as text that can be kept."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

MEGABYTE = 1_000_000
# The largest process that is allowed, at the largest size.
MOST_BYTES = 500 * MEGABYTE
# Tables: the job as a whole, its steps, each beside the obvious way; and what is measured at a size of its own.
WHOLE, STEPS, BESIDE, MANY = "whole", "steps", "beside", "many"
# Publishing at several round trips beside what else there is, and what it would be if one thing were otherwise.
NETWORK, OTHERWISE = "network", "otherwise"
# One look of the watch, at several round trips; its own way.
WATCHING, LOOK = "watching", "coverage"
# The ways of publishing for which there are targets, by their names on the command line.
WRITE, UNCHANGED, MPUT, HOOK_SAFE = "write", "unchanged", "mput", "hook_safe"
# What is otherwise, by the rows' names.
AS_IT_IS, UNREAD, UNSYNCED = "as it is", "nothing read back", "Samba does not fsync"
EXACT, SEALING = "Samba does not look for other spellings", "client alone: reading, sealing and opening"
# A row of these has no cells.
WITHOUT_CELLS = frozenset({MANY, NETWORK, OTHERWISE, WATCHING})
# A look at 60 groups x 18 days over a round trip of 5 ms.
MOST_SECONDS_OF_LOOK, ROUND_TRIP_OF_LOOK = 10.0, 5.0
# A million visits validated at once: the largest process, and how many times as long as plain pandas it may take.
MOST_BYTES_OF_MANY = 1000 * MEGABYTE
MOST_TIMES_PANDAS = 8


@dataclass(frozen=True)
class Row:
    """One thing that was measured at one size.

    `work_seconds` is without the start of the process and its imports; `wall_seconds` with them. `own_bytes` is the
    peak of its process, `workers_bytes` that of the largest that it started. `ratio` says how many times as long as
    ours it worked, measured right after ours. `airflow_seconds` is Airflow's own part of `work_seconds`. `missing` says
    why it could not be measured: then nothing else counts. `server_seconds` is the processor time of Samba for `files`
    that were put at a round trip of `round_trip_ms`.
    """

    table: str
    cells: int
    name: str
    work_seconds: float = 0.0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    own_bytes: int = 0
    workers_bytes: int = 0
    ratio: float | None = None
    note: str = ""
    missing: str = ""
    airflow_seconds: float = 0.0
    of_ours: bool = True
    files: int = 0
    file_bytes: int = 0
    round_trip_ms: float = 0.0
    server_seconds: float = 0.0
    way: str = ""

    @property
    def peak_bytes(self) -> int:
        """The peak of the largest of its processes."""
        return max(self.own_bytes, self.workers_bytes)

    @property
    def files_a_second(self) -> float:
        """How fast files were put."""
        return self.files / self.work_seconds


@dataclass(frozen=True)
class Machine:
    """Where and when it was measured."""

    measured_at: str
    cores: int
    processor: str
    memory_gib: float
    system: str
    python: str
    versions: dict[str, str]
    load_at_start: tuple[float, ...]
    load_at_end: tuple[float, ...] = ()

    @classmethod
    def here(cls, packages: Sequence[str]) -> "Machine":
        """This machine now, with the versions of those packages."""
        return cls(
            measured_at=datetime.now().astimezone().isoformat(timespec="minutes"),
            cores=len(os.sched_getaffinity(0)),
            processor=_processor(),
            memory_gib=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3,
            system=_system(),
            python=platform.python_version(),
            versions={name: version(name) for name in packages},
            load_at_start=os.getloadavg(),
        )


@dataclass(frozen=True)
class Results:
    """One run of the benchmark; `network_machine`, `watching_machine` where a part was measured anew apart from it."""

    machine: Machine
    rows: list[Row] = field(default_factory=list)
    network_machine: Machine | None = None
    watching_machine: Machine | None = None

    def of(self, table: str, cells: int | None = None) -> list[Row]:
        """The rows of a table, of one size or of all."""
        return [row for row in self.rows if row.table == table and cells in (None, row.cells)]

    @property
    def sizes(self) -> list[int]:
        """The sizes at which the whole job was measured."""
        return sorted({row.cells for row in self.rows if row.table not in WITHOUT_CELLS})

    def to_json(self) -> str:
        """As it is kept, so that table and picture can be made again."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Results":
        """What `to_json` wrote."""
        tree = json.loads(text)
        apart = (tree.get(part) for part in ("network_machine", "watching_machine"))
        rows = [Row(**row) for row in tree["rows"]]
        return cls(Machine(**tree["machine"]), rows, *(Machine(**it) if it else None for it in apart))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform()
