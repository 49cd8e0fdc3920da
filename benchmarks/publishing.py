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
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.delay_proxy import DelayProxy
from benchmarks.our_publishing import write_files
from benchmarks.results import NETWORK, Row
from benchmarks.site import CONNECTION
from servers.airflow_home import PROJECT, write_private
from servers.samba import SambaServer

FILES, FILE_BYTES = 2000, 60_000
ROUND_TRIPS_MS = (0.0, 5.0, 20.0)
ROUNDS = 2
DEPTH = 16
SERVER_SECONDS = 5.0


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
    "write": Way("ours: every file verified and flushed", _ours("write"), of_ours=True),
    "publish": Way("ours: publish and seal", _ours("publish_and_seal"), of_ours=True),
    "unchanged": Way("ours: the same again, unchanged", _ours("publish_and_seal"), of_ours=True, again=True),
    "mput": Way("smbclient mput", _mput, {5: 500, 20: 200}),
    "rclone": Way("rclone copy", _rclone(4), {5: 500, 20: 200}),
    "rclone16": Way("rclone copy, 16 at once", _rclone(16), {5: 1000, 20: 500}),
    "hook": Way("SambaHook.push_from_local", _obvious("samba_hook"), {0: 1000, 5: 300, 20: 150}),
    "hook_safe": Way("SambaHook made safe", _obvious("samba_hook_made_safe"), {0: 500, 5: 150, 20: 60}),
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
        expected = {file.name: file.stat().st_size for file in at.files.iterdir()}
        there = {file.name: file.stat().st_size for file in at.on_disk.iterdir() if file.is_file()}
        if there != expected:
            raise RuntimeError(f"{way.name}: of {len(expected)} files {len(there)} lie there, not all whole")
        return Measured(measured.seconds, measured.cpu_seconds, server_seconds, measured.peak_bytes)


@contextlib.contextmanager
def network(files: int, round_trips_ms: Sequence[float], share_lines: Sequence[str] = ()) -> Iterator[Network]:
    """A Samba with a proxy for each round trip, in a temporary folder."""
    with contextlib.ExitStack() as opened:
        base = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="reservplan-network-")))
        samba = opened.enter_context(SambaServer(base / "smb", share_lines=share_lines))
        ports = {0.0: samba.port}
        for round_trip_ms in filter(None, round_trips_ms):
            proxy = opened.enter_context(DelayProxy(samba.host, samba.port, round_trip_ms))
            ports[round_trip_ms] = proxy.port
        yield Network(base, samba, files, ports)


def measure_ways(
    there: Network, names: Sequence[str], round_trips_ms: Sequence[float], rounds: int, tell: Callable[[str], None]
) -> list[Row]:
    """Each way at each round trip, in turns, so that a slow moment of the machine meets all; the middle of the rounds."""
    measured: dict[tuple[float, str], list[Measured]] = {}
    missing: dict[tuple[float, str], str] = {}
    for number in range(rounds):
        for round_trip_ms in round_trips_ms:
            folder = ""
            for name in names:
                way = WAYS[name]
                if not way.again:
                    _emptied(there.samba)
                    folder = f"{name} {number} {round_trip_ms:g}"
                key = (round_trip_ms, name)
                try:
                    one = there.run(way, there.place(way, round_trip_ms, folder))
                except FileNotFoundError as error:
                    missing[key] = str(error)
                    continue
                measured.setdefault(key, []).append(one)
                count = there.count(way, round_trip_ms)
                tell(f"{round_trip_ms:4g} ms  {way.name:40} {count / one.seconds:8.0f} files/s  "
                     f"client {1000 * one.cpu_seconds / count:5.2f} ms  smbd {1000 * one.server_seconds / count:5.2f} ms")  # fmt: skip
    return [
        _row(WAYS[name], round_trip_ms, there.count(WAYS[name], round_trip_ms), measured.get(key), missing.get(key, ""))
        for round_trip_ms in round_trips_ms
        for name in names
        for key in [(round_trip_ms, name)]
    ]


def _row(way: Way, round_trip_ms: float, files: int, rounds: Sequence[Measured] | None, missing: str) -> Row:
    if not rounds:
        return Row(NETWORK, 0, way.name, missing=missing, of_ours=way.of_ours, round_trip_ms=round_trip_ms)
    middle = {
        name: statistics.median(getattr(one, name) for one in rounds)
        for name in ("seconds", "cpu_seconds", "server_seconds")
    }
    return Row(
        NETWORK, 0, way.name, middle["seconds"], cpu_seconds=middle["cpu_seconds"],
        server_seconds=middle["server_seconds"], own_bytes=max(one.peak_bytes for one in rounds),
        of_ours=way.of_ours, files=files, bytes=files * FILE_BYTES, round_trip_ms=round_trip_ms,
    )  # fmt: skip


def _emptied(samba: SambaServer) -> None:
    for folder in samba.share_path.iterdir():
        shutil.rmtree(folder)


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


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publishing", description=__doc__)
    parser.add_argument("--ways", default=",".join(WAYS), help="some of: %(default)s")
    parser.add_argument("--round-trips", default=",".join(f"{ms:g}" for ms in ROUND_TRIPS_MS), help="in ms")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--files", type=int, default=FILES)
    asked = parser.parse_args(arguments)
    os.umask(0o077)
    round_trips_ms = [float(ms) for ms in asked.round_trips.split(",")]
    with network(asked.files, round_trips_ms) as there:
        rows = measure_ways(
            there, asked.ways.split(","), round_trips_ms, asked.rounds, lambda line: print(line, flush=True)
        )
    for row in rows:
        print(row.round_trip_ms, row.name, f"{row.files / row.work_seconds:.0f}" if not row.missing else row.missing)
    return 0


if __name__ == "__main__":
    sys.exit(main())
