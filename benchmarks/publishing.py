"""Publishing over networks of several lengths, beside what else puts files on a share; all in one run, in turns.

`python -m benchmarks.publishing` prints its tables; `--keep` puts them into docs/benchmarks.md. To try something out:
`--ways write,mput --round-trips 0,5`.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from benchmarks import report
from benchmarks.delay_proxy import DelayProxy
from benchmarks.our_publishing import write_files
from benchmarks.results import (
    AS_IT_IS,
    EXACT,
    HOOK_SAFE,
    MPUT,
    NETWORK,
    OTHERWISE,
    SEALING,
    UNCHANGED,
    UNREAD,
    UNSYNCED,
    WRITE,
    Machine,
    Results,
    Row,
)
from benchmarks.site import CONNECTION
from servers.airflow_home import PROJECT, write_private
from servers.samba import SambaServer

FILES, FILE_BYTES = 2000, 60_000
ROUND_TRIPS_MS = (0.0, 5.0, 20.0)
ROUNDS = 2
DEPTH = 16
SERVER_SECONDS = 5.0
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where a way puts which files: through which port, into which folder of the share."""

    samba: SambaServer
    port: int
    files: Path
    folder: str
    base: Path
    depth: int = DEPTH

    @property
    def on_disk(self) -> Path:
        """The folder as the server has it."""
        return self.samba.share_path / self.folder


@dataclass(frozen=True)
class Way:
    """One way of putting files on a share: its program, and how many files it is given at each round trip.

    The slowest get fewer where they would take minutes: what counts is files a second, and a fuller folder would only
    make them slower. `again` goes into the folder that the way before has left.
    """

    name: str
    command: Callable[[Place], list[str | Path]]
    files: Mapping[float, int] = field(default_factory=dict)
    of_ours: bool = False
    again: bool = False
    writes: bool = True


def _ours(way: str) -> Callable[[Place], list[str | Path]]:
    return lambda at: [
        sys.executable, "-m", "benchmarks.our_publishing", way, at.files, at.folder, str(at.depth)
    ]  # fmt: skip


def _obvious(way: str) -> Callable[[Place], list[str | Path]]:
    return lambda at: [sys.executable, "-m", "benchmarks.obvious", way, at.files, at.folder]


def _mput(at: Place) -> list[str | Path]:
    login = at.base / "smbclient-login"
    write_private(login, f"username={at.samba.user}\npassword={at.samba.password}\n")
    return [
        _program("smbclient"), f"//{at.samba.host}/{at.samba.share}", f"--port={at.port}",
        f"--authentication-file={login}", f"--directory={at.folder}",
        f"--command=prompt OFF; lcd {at.files}; mput *",
    ]  # fmt: skip


def _rclone(transfers: int) -> Callable[[Place], list[str | Path]]:
    return lambda at: [
        _program("rclone"), "copy", "--config=", f"--transfers={transfers}", at.files,
        f"place:{at.samba.share}/{at.folder}",
    ]  # fmt: skip


WAYS: Mapping[str, Way] = {
    WRITE: Way("ours: files, verified and flushed", _ours("write"), of_ours=True),
    "replace": Way("ours: the same over what lies there", _ours("write"), of_ours=True, again=True),
    "publish": Way("ours: publish and seal cells", _ours("publish_and_seal"), of_ours=True),
    UNCHANGED: Way("ours: the same again, unchanged", _ours("publish_and_seal"), of_ours=True, again=True),
    MPUT: Way("smbclient mput", _mput, {5: 300, 20: 150}),
    "rclone": Way("rclone copy", _rclone(4), {0: 1000, 5: 300, 20: 100}),
    "rclone16": Way("rclone copy, 16 at once", _rclone(16), {0: 1000, 5: 500, 20: 200}),
    "hook": Way("SambaHook.push_from_local", _obvious("samba_hook"), {0: 500, 5: 200, 20: 100}),
    HOOK_SAFE: Way("SambaHook made safe", _obvious("samba_hook_made_safe"), {0: 200, 5: 80, 20: 40}),
}


@dataclass(frozen=True)
class Measured:
    """What one run of a way has cost."""

    seconds: float
    cpu_seconds: float
    server_seconds: float
    peak_bytes: int = 0


@dataclass
class Network:
    """A Samba of this machine, reached at several round trips, and the files to be put there."""

    base: Path
    samba: SambaServer
    files: int
    ports: Mapping[float, int]

    def source(self, files: int) -> Path:
        """A folder with so many of the files."""
        whole, part = self.base / f"files-{self.files}", self.base / f"files-{files}"
        if not whole.exists():
            write_files(whole, self.files, FILE_BYTES)
        if not part.exists():
            part.mkdir()
            for file in sorted(whole.iterdir())[:files]:
                os.link(file, part / file.name)
        return part

    def count(self, way: Way, round_trip_ms: float) -> int:
        """How many files a way is given."""
        return min(self.files, way.files.get(round_trip_ms, self.files))

    def place(self, way: Way, round_trip_ms: float, folder: str, depth: int = DEPTH) -> Place:
        """Where a way works."""
        (self.samba.share_path / folder).mkdir(exist_ok=True)
        source = self.source(self.count(way, round_trip_ms))
        return Place(self.samba, self.ports[round_trip_ms], source, folder, self.base, depth)

    def run(self, way: Way, at: Place) -> Measured:
        """Run it once, and see that what lies there is what was to be put."""
        before = _server_seconds(self.samba)
        measured = _run(way.command(at), _environment(at))
        server_seconds = _server_seconds(self.samba) - before
        expected = {file.name: file.stat().st_size for file in at.files.iterdir()} if way.writes else {}
        there = {file.name: file.stat().st_size for file in at.on_disk.iterdir() if file.is_file()}
        if there != expected:
            raise RuntimeError(f"{way.name}: of {len(expected)} files {len(there)} lie there, not all whole")
        return Measured(measured.seconds, measured.cpu_seconds, server_seconds, measured.peak_bytes)


@dataclass(frozen=True)
class Otherwise:
    """Our files with one thing otherwise, which shows what that thing costs."""

    name: str
    way: str = WRITE
    round_trip_ms: float = 0.0
    share_lines: Sequence[str] = ()
    depth: int = DEPTH


OTHER_DEPTHS = (8, 32, 64)
NO_FSYNC, CASE_SENSITIVE = "strict sync = no", "case sensitive = yes"
OTHERWISES: Sequence[Otherwise] = (
    Otherwise(AS_IT_IS),
    Otherwise(UNREAD, "write_unread"),
    Otherwise(UNSYNCED, share_lines=(NO_FSYNC,)),
    Otherwise(EXACT, share_lines=(CASE_SENSITIVE,)),
    Otherwise("both", share_lines=(NO_FSYNC, CASE_SENSITIVE)),
    Otherwise("mput, Samba does not look for other spellings", MPUT, share_lines=(CASE_SENSITIVE,)),
    Otherwise(SEALING, "sealing"),
    Otherwise("no server: a folder on this disk", "on_this_disk"),
    *(
        Otherwise(f"{depth} files under way at once", round_trip_ms=round_trip_ms, depth=depth)
        for round_trip_ms in ROUND_TRIPS_MS
        for depth in OTHER_DEPTHS
    ),
)
WAYS_OTHERWISE: Mapping[str, Way] = {
    "write_unread": Way("", _ours("write_unread"), of_ours=True),
    "sealing": Way("", _ours("sealing"), of_ours=True, writes=False),
    "on_this_disk": Way("", lambda at: _ours("on_this_disk")(replace(at, folder=str(at.on_disk))), of_ours=True),
}


@contextlib.contextmanager
def network(files: int, round_trips_ms: Sequence[float]) -> Iterator[Network]:
    """A Samba with a proxy for each round trip, in a temporary folder."""
    with contextlib.ExitStack() as opened:
        base = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="reservplan-network-")))
        samba = opened.enter_context(SambaServer(base / "smb"))
        ports = {0.0: samba.port}
        for round_trip_ms in filter(None, round_trips_ms):
            proxy = opened.enter_context(DelayProxy(samba.host, samba.port, round_trip_ms))
            ports[round_trip_ms] = proxy.port
        yield Network(base, samba, files, ports)


def measure_ways(
    there: Network, names: Sequence[str], round_trips_ms: Sequence[float], rounds: int, tell: Tell
) -> list[Row]:
    """Each way at each round trip, in turns, so that a slow moment of the machine meets all."""
    kept = _Kept(NETWORK, there, tell)
    for number in range(rounds):
        for round_trip_ms in round_trips_ms:
            folder = ""
            for name in names:
                # A folder of its own, and nothing is removed before the end: file systems make new files slowly where
                # many have just been removed.
                folder = folder if WAYS[name].again else f"{name} {number} {round_trip_ms:g}"
                kept.measure(name, WAYS[name].name, round_trip_ms, folder)
    return kept.rows()


def measure_otherwise(there: Network, round_trips_ms: Sequence[float], tell: Tell) -> list[Row]:
    """Ours with one thing otherwise each time; once, because what it shows is processor time."""
    kept = _Kept(OTHERWISE, there, tell)
    for number, one in enumerate(OTHERWISES):
        if one.round_trip_ms not in round_trips_ms:
            continue
        if tuple(there.samba.share_lines) != tuple(one.share_lines):
            there.samba.stop()
            there.samba.share_lines = one.share_lines
            there.samba.start()
        kept.measure(one.way, one.name, one.round_trip_ms, f"otherwise {number}", one.depth)
    return kept.rows()


@dataclass
class _Kept:
    """What has been measured of each row, all rounds."""

    table: str
    network: Network
    tell: Tell
    measured: dict[tuple[float, str], list[Measured]] = field(default_factory=dict)
    without: dict[tuple[float, str], Row] = field(default_factory=dict)

    def measure(self, key: str, name: str, round_trip_ms: float, folder: str, depth: int = DEPTH) -> None:
        """Run a way once; one that this machine lacks is a row that says so."""
        way = WAYS.get(key) or WAYS_OTHERWISE[key]
        files = self.network.count(way, round_trip_ms)
        rounds = self.measured.setdefault((round_trip_ms, name), [])
        plain = Row(
            self.table, 0, name, of_ours=way.of_ours, files=files, file_bytes=FILE_BYTES, round_trip_ms=round_trip_ms,
            way=key,
        )  # fmt: skip
        try:
            rounds.append(one := self.network.run(way, self.network.place(way, round_trip_ms, folder, depth)))
        except FileNotFoundError as error:
            self.without[round_trip_ms, name] = replace(plain, missing=str(error))
            return
        self.without[round_trip_ms, name] = plain
        self.tell(
            f"  {round_trip_ms:3g} ms  {name:48} {files / one.seconds:7.0f} files/s; processor a file: "
            f"client {1000 * one.cpu_seconds / files:5.2f} ms, smbd {1000 * one.server_seconds / files:5.2f} ms"
        )

    def rows(self) -> list[Row]:
        """A row for each, with the middle of its rounds."""
        return [_middle(row, self.measured[key]) for key, row in self.without.items()]


def _middle(row: Row, rounds: Sequence[Measured]) -> Row:
    if not rounds:
        return row
    return replace(
        row,
        work_seconds=statistics.median(one.seconds for one in rounds),
        cpu_seconds=statistics.median(one.cpu_seconds for one in rounds),
        server_seconds=statistics.median(one.server_seconds for one in rounds),
        own_bytes=max(one.peak_bytes for one in rounds),
    )


def _run(command: Sequence[str | Path], environment: Mapping[str, str]) -> Measured:
    """Run a program; ours and Python's say themselves what the work has cost without the start of the process."""
    began = time.monotonic()
    process = subprocess.Popen(
        list(map(str, command)), env=dict(environment), cwd=environment["HOME"], start_new_session=True, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    with process:
        assert process.stdout is not None  # noqa: S101 - opened with PIPE
        printed = process.stdout.read()
        # Not Popen's own wait: this one tells the processor time.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command[:4]))} … ended with {process.returncode}:\n{printed[-2000:]}")
    with contextlib.suppress(IndexError, ValueError, KeyError, TypeError):
        told = json.loads(printed.strip().splitlines()[-1])
        return Measured(told["work_seconds"], told["work_cpu_seconds"], 0.0, told["peak_bytes"])
    return Measured(seconds, usage.ru_utime + usage.ru_stime, 0.0)


def _server_seconds(samba: SambaServer) -> float:
    """The processor time of all clients' server processes that have ended, and of the server itself."""
    deadline = time.monotonic() + SERVER_SECONDS
    while samba.sessions() and time.monotonic() < deadline:
        time.sleep(0.02)
    # A process that has left its connection still has to end, and to be collected by its parent.
    time.sleep(0.1)
    leader = next(process for process in samba.processes() if os.getsid(process.pid) == process.pid)
    return float(sum(psutil.Process(leader.pid).cpu_times()[:4]))


def _environment(at: Place) -> dict[str, str]:
    facts = json.loads(at.samba.connection_json()) | {"port": at.port}
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "LANG": "C.UTF-8", "HOME": str(at.base), "AIRFLOW_HOME": str(at.base / "airflow-home"),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "include")]), "PYTHONDONTWRITEBYTECODE": "1",
        CONNECTION: json.dumps(facts),
        "RCLONE_CONFIG_PLACE_TYPE": "smb", "RCLONE_CONFIG_PLACE_HOST": at.samba.host,
        "RCLONE_CONFIG_PLACE_PORT": str(at.port), "RCLONE_CONFIG_PLACE_USER": at.samba.user,
        "RCLONE_CONFIG_PLACE_PASS": _obscured(at.samba.password),
    }  # fmt: skip


def _obscured(password: str) -> str:
    """As rclone wants it; empty where rclone is not on this machine."""
    with contextlib.suppress(FileNotFoundError):
        done = subprocess.run(
            [_program("rclone"), "obscure", "-"], input=password, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()
    return ""


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not on this machine")
    return found


def print_at_once(line: str) -> None:
    """To somebody who waits."""
    print(line, flush=True)


def measure(
    names: Sequence[str] = tuple(WAYS),
    round_trips_ms: Sequence[float] = ROUND_TRIPS_MS,
    *,
    rounds: int = ROUNDS,
    files: int = FILES,
    otherwise: bool = True,
    tell: Tell = print_at_once,
) -> list[Row]:
    """All rows of both tables."""
    with network(files, round_trips_ms) as there:
        rows = measure_ways(there, names, round_trips_ms, rounds, tell)
        if otherwise:
            rows += measure_otherwise(there, round_trips_ms, tell)
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, keep where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publishing", description=__doc__)
    parser.add_argument("--ways", default=",".join(WAYS), help="some of: %(default)s")
    parser.add_argument("--round-trips", default=",".join(f"{ms:g}" for ms in ROUND_TRIPS_MS), help="in ms")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--keep", action="store_true", help="all of it, into docs/benchmarks.md in place of the last")
    asked = parser.parse_args(arguments)
    os.umask(0o077)
    machine = Machine.here(("smbprotocol", "apache-airflow-providers-samba"))
    names = tuple(WAYS) if asked.keep else asked.ways.split(",")
    round_trips_ms = ROUND_TRIPS_MS if asked.keep else [float(ms) for ms in asked.round_trips.split(",")]
    whole = len(names) == len(WAYS)
    rows = measure(names, round_trips_ms, rounds=asked.rounds, files=asked.files, otherwise=whole)
    for table in (NETWORK, OTHERWISE):
        print(f"\n{report.TITLES[table]}\n{report.markdown(table, [row for row in rows if row.table == table])}")
    if asked.keep:
        last = Results.from_json(report.KEPT.read_text(encoding="utf-8"))
        kept = [row for row in last.rows if row.table not in (NETWORK, OTHERWISE)]
        apart = replace(machine, load_at_end=os.getloadavg())
        results = replace(last, rows=[*kept, *rows], network_machine=apart)
        write_private(report.KEPT, results.to_json())
        for file in report.write(results):
            print(f"Written: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
