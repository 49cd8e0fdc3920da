"""One look of the watch at a whole store, over networks of several lengths, beside the obvious ways of looking.

`python -m benchmarks.watching` prints its table; `--keep` puts it into docs/benchmarks.md. One way by itself, in a
process of its own: `python -m benchmarks.watching --way coverage CONFIG`.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import yaml
from reservplan.domain.days import Window, local_day
from reservplan.domain.manifest import Origin
from reservplan.domain.names import ARTIFACTS, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.verdict import Verdict
from reservplan.publish import Offer, publish, seal
from reservplan.settings import Settings, StoreSettings, load
from reservplan.store import open_store
from reservplan.store.connection import connection_from_environment
from reservplan.store.folder import FolderStore

from benchmarks import report
from benchmarks.delay_proxy import DelayProxy
from benchmarks.measuring import Work, print_cost
from benchmarks.publishing import print_at_once
from benchmarks.results import LOOK, WATCHING, Machine, Results, Row
from benchmarks.site import CONNECTION, SHARE_FOLDER
from servers.airflow_home import PROJECT, write_private
from servers.samba import SambaServer

GROUPS, DAYS_BACK, DAYS_AHEAD = 60, 14, 3
ROUND_TRIPS_MS = (0.0, 5.0, 20.0)
FILE_BYTES = 2000
RUN_ID = "benchmark"
# Asking for each file takes minutes over a long network: a part of them tells.
MOST_STATED = 400


def coverage(config: str) -> Work:
    """Ours: every state of every cell, from the manifests and one listing."""
    from reservplan.watch import coverage as look

    settings = load(Path(config))
    (of_store,) = settings.stores

    def work() -> None:
        found = look(
            open_store(of_store, connection_from_environment(of_store.connection)), of_store, settings,
            datetime.now(UTC),
        )  # fmt: skip
        if len(found.cells) != cells_of(settings) or any(cell.state != "ok" for cell in found.cells.values()):
            raise RuntimeError(f"{len(found.cells)} cells, not all ok: {found.findings[:1]}")

    return work


def listing(config: str) -> Work:
    """The folder listed by the hook of Airflow's Samba provider, the names compared; no manifest, no size, no age."""
    from airflow.providers.samba.hooks.samba import SambaHook

    names = set(_names(load(Path(config))))

    def work() -> None:
        with SambaHook("reservplan_share") as hook:
            if missing := names - set(hook.listdir(SHARE_FOLDER)):
                raise RuntimeError(f"{len(missing)} are missing")

    return work


def each_file(config: str) -> Work:
    """Size and time of each file asked for by the same hook: of some, told for all."""
    from airflow.providers.samba.hooks.samba import SambaHook

    names = _names(load(Path(config)))[:MOST_STATED]

    def work() -> None:
        with SambaHook("reservplan_share") as hook:
            if not all(hook.stat(f"{SHARE_FOLDER}/{name}").st_size for name in names):
                raise RuntimeError("empty files")

    return work


WAYS: Mapping[str, tuple[str, Callable[[str], Work]]] = {
    LOOK: ("ours: the state of every cell", coverage),
    "listing": ("SambaHook.listdir, names only", listing),
    "each_file": ("SambaHook.stat of each file", each_file),
}


def cells_of(settings: Settings) -> int:
    """How many cells the window has."""
    return len(settings.teams) * (settings.window.days_back + 1 + settings.window.days_ahead)


def _names(settings: Settings) -> list[str]:
    return [artifact_name(cell.plan_date, kind, cell.team, fmt) for cell in _cells(settings) for kind, fmt in ARTIFACTS]


def _cells(settings: Settings) -> list[Cell]:
    today = local_day(datetime.now(UTC), settings.zone)
    window = Window(today, settings.window.days_back, settings.window.days_ahead)
    return [Cell(day, team.name) for day in window for team in settings.teams]


def prepare(base: Path, samba: SambaServer, groups: int) -> Path:
    """A store on which every cell of the window lies as a run leaves it; returns the configuration."""
    tree = yaml.safe_load((PROJECT / "config" / "reservplan.yaml").read_text(encoding="utf-8"))
    tree["teams"] = [f"Grupp {number + 1:03}" for number in range(groups)]
    tree["window"] = {"days_back": DAYS_BACK, "days_ahead": DAYS_AHEAD}
    tree |= {name: str(base / name) for name in ("staging", "archive", "reports")}
    tree["watch"] = {"folder": str(base / "watch")}
    config = base / "reservplan.yaml"
    write_private(config, yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))
    settings = load(config)
    (samba.share_path / SHARE_FOLDER).mkdir()
    # Through the server's own disk: how it came there is not what is measured.
    store, of_store = FolderStore("share", samba.share_path / SHARE_FOLDER), settings.stores[0]
    by_day: dict[date, list[Cell]] = {}
    for cell in _cells(settings):
        by_day.setdefault(cell.plan_date, []).append(cell)
    for day, cells in by_day.items():
        _publish_day(store, of_store, settings, day, cells)
    return config


def _publish_day(
    store: FolderStore, of_store: StoreSettings, settings: Settings, day: date, cells: Sequence[Cell]
) -> None:
    now = datetime.now(settings.zone)
    offers = [
        Offer(
            cell=cell, verdict=Verdict.COMPLETE, captured_at=now - timedelta(minutes=1), read_at=now,
            origin=Origin.SCHEDULED, visits=212, content=f"content of {cell}", unassigned=3, employees=17,
            by_hour=(9,) * 24, source_sha256="input", compared_with=("share",),
        )
        for cell in cells
    ]  # fmt: skip
    window = Window(local_day(now, settings.zone), DAYS_BACK, DAYS_AHEAD)
    with store:
        published = publish(
            store, of_store, offers, lambda *_: bytes(FILE_BYTES), f"{RUN_ID}-{day}", window, published_at=now,
            zone=settings.zone,
        )  # fmt: skip
        seal(store, of_store, published.values(), f"{RUN_ID}-{day}", sealed_at=now)


def measure(
    round_trips_ms: Sequence[float] = ROUND_TRIPS_MS,
    groups: int = GROUPS,
    tell: Callable[[str], None] = print_at_once,
) -> list[Row]:
    """A row for each way at each round trip."""
    rows: list[Row] = []
    with contextlib.ExitStack() as opened:
        base = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="reservplan-look-")))
        samba = opened.enter_context(SambaServer(base / "smb"))
        config = prepare(base, samba, groups)
        settings = load(config)
        files = cells_of(settings) * len(ARTIFACTS)
        for round_trip_ms in round_trips_ms:
            port = samba.port
            if round_trip_ms:
                port = opened.enter_context(DelayProxy(samba.host, samba.port, round_trip_ms)).port
            for way, (name, _) in WAYS.items():
                told = _run(way, config, samba, port, base)
                share = max(1.0, files / MOST_STATED) if way == "each_file" else 1.0
                row = Row(
                    WATCHING, 0, name, work_seconds=told["work_seconds"] * share,
                    cpu_seconds=told["work_cpu_seconds"] * share, own_bytes=int(told["peak_bytes"]),
                    of_ours=way == LOOK, files=files, round_trip_ms=round_trip_ms, way=way,
                )  # fmt: skip
                rows.append(row)
                tell(f"  {round_trip_ms:3g} ms  {name:40} {row.work_seconds:7.2f} s")
    return rows


def _run(way: str, config: Path, samba: SambaServer, port: int, base: Path) -> dict[str, float]:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(base),
        "AIRFLOW_HOME": str(base / "airflow-home"), "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "include")]),
        CONNECTION: json.dumps(json.loads(samba.connection_json()) | {"port": port}),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.watching", "--way", way, str(config)],
        env=environment, cwd=base, capture_output=True, text=True, check=False, start_new_session=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{way} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, keep where asked; or do one way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watching", description=__doc__)
    parser.add_argument("--way", nargs=2, metavar=("WAY", "CONFIG"), help="do one of them here, and print its cost")
    parser.add_argument("--groups", type=int, default=GROUPS)
    parser.add_argument("--keep", action="store_true", help="into docs/benchmarks.md in place of the last")
    asked = parser.parse_args(arguments)
    if asked.way:
        way, config = asked.way
        print_cost(WAYS[way][1](config))
        return 0
    os.umask(0o077)
    machine = Machine.here(("smbprotocol", "apache-airflow-providers-samba"))
    rows = measure(groups=asked.groups)
    print(f"\n{report.markdown(WATCHING, rows)}")
    if asked.keep:
        last = Results.from_json(report.KEPT.read_text(encoding="utf-8"))
        kept = [row for row in last.rows if row.table != WATCHING]
        results = replace(last, rows=[*kept, *rows], watching_machine=replace(machine, load_at_end=os.getloadavg()))
        write_private(report.KEPT, results.to_json())
        for file in report.write(results):
            print(f"Written: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
