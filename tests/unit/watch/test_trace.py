"""What the watch leaves on a store it has looked at: on a folder, beside a run, and where it cannot."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reservplan.domain.errors import StoreRefused
from reservplan.domain.names import TRACE_NAME, TRACE_PAGE_NAME
from reservplan.store.folder import FolderStore
from reservplan.watch.trace import leave_trace

from tests.unit.watch.lookout import TEN, Lookout


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    (tmp_path / "copies").mkdir()
    return FolderStore("disk", tmp_path / "copies")


def test_programs_read_when_it_looked_and_when_it_looks_next(
    store: FolderStore, tmp_path: Path, lookout: Lookout
) -> None:
    with store:
        leave_trace(store, TEN, lookout.settings, good=False)
    told = json.loads((tmp_path / "copies" / TRACE_NAME).read_text())
    looked_at = TEN.astimezone(UTC)
    assert told == {
        "schema": 1, "looked_at": f"{looked_at:%Y-%m-%dT%H:%M:%SZ}", "next_look_at": "2022-06-21T08:30:00Z",
        "good": False, "silent_minutes": 90, "version": told["version"],
    }  # fmt: skip


def test_it_neither_waits_for_a_run_nor_keeps_one_waiting(store: FolderStore, tmp_path: Path, lookout: Lookout) -> None:
    with store, store.lock("a run"):
        leave_trace(FolderStore("disk", tmp_path / "copies"), TEN, lookout.settings, good=True)
    assert (tmp_path / "copies" / TRACE_NAME).is_file()


def test_a_place_where_it_cannot_write_is_said(store: FolderStore, tmp_path: Path, lookout: Lookout) -> None:
    (tmp_path / "copies" / TRACE_PAGE_NAME).mkdir(parents=True)
    with store, pytest.raises(StoreRefused, match=r"watch\.html could not be written"):
        leave_trace(store, TEN, lookout.settings, good=True)
    assert (tmp_path / "copies" / TRACE_NAME).is_file()


def test_it_is_nothing_that_the_watch_or_retention_has_to_do_with(lookout: Lookout) -> None:
    lookout.fill()
    before, planned = lookout.look(), lookout.plan()
    with lookout.store() as store:
        leave_trace(store, datetime.now(UTC), lookout.settings, good=True)
    assert lookout.look().findings == before.findings
    assert lookout.plan() == planned
