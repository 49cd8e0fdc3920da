"""A share and a folder as the stores of one run: what one of them does costs the other nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from reservplan import run_stores
from reservplan.commands.terminal import open_store
from reservplan.domain.manifest import Origin
from reservplan.domain.names import START_PAGE_NAME, parse_artifact_name
from reservplan.domain.ports import Store
from reservplan.settings import StoreSettings, load
from reservplan.snapshot import Result, Snapshot, SnapshotRequest

from servers.samba import SambaServer

TEAMS = ("Ullared", "Vessigebro")
FILES = 4 * len(TEAMS)
SHARE, OFFICE = "share", "office"


class TwoStores:
    """The settings of a share and a folder, and how often each was turned to."""

    def __init__(self, folder: Path, samba: SambaServer) -> None:
        self.samba = samba
        self.on_share, self.in_office = samba.share_path / folder.name, folder / OFFICE
        for place in (self.on_share, self.in_office):
            place.mkdir()
        self.staging = folder / "staging"
        self.config = folder / "reservplan.yaml"
        self.config.write_text(yaml.safe_dump({
            "organisation": "Falkenbergs kommun", "teams": list(TEAMS), "source": {"kind": "demo"},
            "stores": [
                {"name": SHARE, "kind": "smb", "connection": "reservplan_share", "folder": folder.name},
                {"name": OFFICE, "kind": "folder", "folder": str(self.in_office)},
            ],
            "staging": str(self.staging), "archive": str(folder / "archive"), "reports": str(folder / "reports"),
            "window": {"days_back": 14, "days_ahead": 0},
        }), encoding="utf-8")  # fmt: skip
        self.opened: list[str] = []

    def open(self, settings: StoreSettings) -> Store:
        self.opened.append(settings.name)
        return open_store(settings)

    def snapshot(self) -> Snapshot:
        settings, now = load(self.config), datetime.now(UTC)
        today = now.astimezone(settings.zone).date()
        request = SnapshotRequest(
            run_id=f"r{time.monotonic_ns()}", today=today, started_at=now, plan_dates=(today,), origin=Origin.MANUAL
        )
        return Snapshot(settings, request, self.open)

    def run(self) -> Result:
        self.opened.clear()
        return self.snapshot().run()

    def office_is_done(self) -> bool:
        return (self.in_office / START_PAGE_NAME).exists()


@pytest.fixture(scope="module")
def hanging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SambaServer]:
    """A file server of these tests' own, to be stopped in the middle."""
    with SambaServer(tmp_path_factory.mktemp("samba")) as server:
        yield server
        server.resume()


@pytest.fixture
def stores(hanging: SambaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoStores]:
    connect(monkeypatch, hanging, limit_seconds=120)
    yield TwoStores(tmp_path, hanging)
    hanging.resume()


def connect(patch: pytest.MonkeyPatch, samba: SambaServer, *, limit_seconds: float, **changes: Any) -> None:
    extra = {"connect_timeout_seconds": limit_seconds, "timeout_seconds": limit_seconds}
    connection = json.loads(samba.connection_json()) | {"extra": extra} | changes
    patch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", json.dumps(connection))


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if parse_artifact_name(path.name))


def wait_for(stores: TwoStores) -> None:
    deadline = time.monotonic() + 100
    while not stores.office_is_done() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_folder_is_sealed_while_the_share_hangs_and_the_share_goes_on_where_it_was(
    stores: TwoStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stores.snapshot()
    render = made.render

    def hang_afterwards(*given: Any) -> Any:
        rendered = render(*given)
        stores.samba.pause()
        watcher.start()
        return rendered

    def go_on_when_the_office_is_done() -> None:
        wait_for(stores)
        seen.append((copies(stores.on_share), stores.office_is_done()))
        stores.samba.resume()

    seen: list[tuple[list[str], bool]] = []
    monkeypatch.setattr(made, "render", hang_afterwards)
    watcher = threading.Thread(target=go_on_when_the_office_is_done)
    result = made.run()
    watcher.join()
    assert seen == [([], True)]
    assert not result.fell_short
    assert len(copies(stores.in_office)) == len(copies(stores.on_share)) == FILES
    assert result.counts["publish"] == {"publish": 2 * len(TEAMS)}


def test_a_share_that_hangs_all_along_costs_one_time_limit_and_is_caught_up_by_the_next_run(
    stores: TwoStores, hanging: SambaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, hanging, limit_seconds=2)
    monkeypatch.setattr(run_stores, "SILENT_SECONDS", 1.0)
    hanging.pause()
    result = stores.run()
    hanging.resume()
    assert stores.opened.count(SHARE) == 2, "Asked once, before anything; and once more when its turn came."
    assert [line for line in result.fell_short if not line.startswith(f"{SHARE}: ")] == []
    assert len(result.fell_short) == 1
    assert len(copies(stores.in_office)) == FILES
    assert copies(stores.on_share) == []
    before = {path: path.stat().st_mtime_ns for path in stores.in_office.iterdir() if path.is_file()}
    connect(monkeypatch, hanging, limit_seconds=60)
    assert not stores.run().fell_short
    assert copies(stores.on_share) == copies(stores.in_office)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_password_that_was_refused_is_tried_once_a_run(
    stores: TwoStores, hanging: SambaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, hanging, limit_seconds=20, password="wrong")  # noqa: S106
    result = stores.run()
    assert stores.opened.count(SHARE) == 1
    assert "refuses the login" in result.fell_short[0]
    assert len(copies(stores.in_office)) == FILES


def test_a_run_that_is_ended_while_a_share_hangs_ends_at_once_and_leaves_no_staging(
    stores: TwoStores, hanging: SambaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, hanging, limit_seconds=60)
    hanging.pause()
    code = "import sys; from reservplan.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "--config", str(stores.config), "snapshot", "--force"]
    # The share is asked what it lacks, and hangs; so the run hangs, with a thread of its own for each store.
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    assert running.stdout is not None
    while "asks the stores" not in running.stdout.readline():
        continue
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, complained = running.communicate(timeout=40)
    assert time.monotonic() - begun < 20
    assert running.returncode == 2
    assert "interrupted" in complained
    assert list(stores.staging.iterdir()) == []
