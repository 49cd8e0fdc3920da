"""The watch and retention on the real file server: what lies there decides, and only what is ours and old goes."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from reservplan.domain.deletions import DELETED_NAME, read_deletions
from reservplan.domain.errors import StoreBusy
from reservplan.domain.names import OWN_FOLDER, Kind
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Outcome
from reservplan.retain import apply_retention, plan_for
from reservplan.settings import StoreSettings, Team
from reservplan.store import open_store
from reservplan.store.connection import connection_from_environment
from reservplan.watch import State, coverage, verify

from servers.samba import SambaServer
from tests.integration.test_publishing import open_elsewhere, site_on
from tests.unit.publish.cells import CELL, FIVE, offer
from tests.unit.publish.site import STOCKHOLM
from tests.unit.watch.lookout import DAY, Lookout

FRESH = timedelta(minutes=10)


class Share(Lookout):
    """A folder of the share: written on the server's disk, looked at over SMB, at this very moment."""

    @property
    def store_settings(self) -> StoreSettings:
        return StoreSettings(name="share", kind="smb", connection="reservplan_share", folder=self.root.name)

    def store(self, **_how: object):  # type: ignore[no-untyped-def,override]
        return open_store(self.store_settings, connection_from_environment("reservplan_share"))

    def fill_days(self, first: int, last: int) -> None:
        for n in range(first, last + 1):
            true_at = self.now - FRESH + min(n, 0) * DAY
            self.put_days([self.today + n * DAY], ["Ullared", "Ätran"], true_at=true_at)


@pytest.fixture
def share(samba: SambaServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Share:
    monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", samba.connection_json())
    root = samba.share_path / f"Bevakning {request.node.name[:60]}"
    root.mkdir()
    made = Share(root, now=datetime.now(UTC))
    made.changes = {"teams": (Team(name="Ullared"), Team(name="Ätran"))}
    return made


def cut_with_our_time(file: Path) -> None:
    before = file.stat()
    file.write_bytes(file.read_bytes()[:20])
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_each_fault_on_the_share_is_told_apart_and_verified(share: Share) -> None:
    share.fill_days(-14, 3)
    found = share.look()
    assert (found.good, found.findings, len(found.cells)) == (True, (), 36)
    share.path(share.today).unlink()
    share.put_file(share.path(share.today + DAY, "Ätran").name, b"%PDF-1.7\nby hand\n%%EOF\n")
    cut_with_our_time(share.path(share.today - DAY, "Ätran", Kind.OVERVIEW))
    wrong = {cell: c.state for cell, c in share.look().cells.items() if c.state is not State.OK}
    assert wrong == {
        Cell(share.today, "Ullared"): State.MISSING,
        Cell(share.today + DAY, "Ätran"): State.EDITED,
        Cell(share.today - DAY, "Ätran"): State.DAMAGED,
    }
    assert len(share.look().critical) == 1
    checked = verify(share.store(), share.store_settings, share.settings)
    assert [fault.code for fault in checked.faults] == ["broken", "missing", "differs"]
    assert checked.files == 36 * 4 - 1


def test_while_the_server_says_that_somebody_writes_nothing_is_called_damaged(share: Share) -> None:
    share.fill_days(0, 3)
    cut_with_our_time(share.path(share.today))
    with share.store() as writer, writer.lock("a run"):
        assert share.state(share.today) is State.OK
    assert share.state(share.today) is State.DAMAGED


def test_what_was_really_published_and_sealed_is_ok(samba: SambaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_on(samba, "Bevakning publicerat", monkeypatch)
    site.run(offer())
    share = Share(site.root, now=FIVE.astimezone(STOCKHOLM) + timedelta(hours=5))
    share.changes = {"teams": (Team(name="Ullared"),)}
    assert share.state(CELL.plan_date) is State.OK
    assert share.codes()[-1] == "clock", "the test's June is not the server's day"


def test_a_server_that_is_down_is_a_finding_and_soon_told(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = SambaServer(tmp_path_factory.mktemp("smbd"))
    monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", server.connection_json().replace('"port": 0', '"port": 9'))
    share = Share(server.share_path / "Mapp", now=datetime.now(UTC))
    begun = time.monotonic()
    found = coverage(share.store(), share.store_settings, share.settings, share.now)
    assert [finding.code for finding in found.findings] == ["unreachable"]
    assert server.password not in share.table()
    assert time.monotonic() - begun < 30


def test_retention_removes_what_is_old_and_ours_and_the_watch_agrees(share: Share) -> None:
    share.fill_days(-16, 3)
    old = share.today - 15 * DAY
    edited = share.put_file(share.path(old).name, b"%PDF-1.7\nby hand\n%%EOF\n")
    own = share.put_file(f"{old:%y%m%d} Brukarschema Egen.xlsx", b"a planner's own")
    other = share.put_file("Instruktion.docx", b"not ours")
    for folder in ("", f"{OWN_FOLDER}/"):
        share.put_file(f"{folder}.rp-run-0123456789ab.tmp", b"half a fi")
    before = set(share.root.glob("2*"))
    with share.store() as store:
        plan = plan_for(store, share.store_settings, share.settings, share.now)
        assert (plan.refusals, len(plan.remove), len(plan.keep)) == ((), 15, 2)
        result = apply_retention(store, share.store_settings, plan, now=share.now)
    assert (len(result.removed), result.leftovers, result.failed) == (15, 2, ())
    assert not list(share.root.rglob("*.tmp"))
    noted = read_deletions((share.root / DELETED_NAME).read_bytes())
    assert {name for one in noted for name in one.files} == {removal.path for removal in plan.remove}
    assert before - set(share.root.glob("2*")) == {share.root / removal.path for removal in plan.remove}
    assert edited.exists()
    assert own.exists()
    assert other.exists()
    records = {path.name for path in (share.root / OWN_FOLDER).glob("*.json")}
    assert f"{old:%y%m%d}.json" in records, "the edited file stays on record"
    assert f"{old - DAY:%y%m%d}.json" not in records
    assert {covered.state for covered in share.look().cells.values()} == {State.OK}
    assert all(
        fault.path == edited.name for fault in verify(share.store(), share.store_settings, share.settings).faults
    )
    with share.store() as store:
        assert plan_for(store, share.store_settings, share.settings, share.now).remove == ()


def test_a_file_that_somebody_reads_stays_on_record_and_goes_the_next_time(samba: SambaServer, share: Share) -> None:
    share.fill_days(-15, 3)
    held = share.path(share.today - 15 * DAY)
    with share.store() as store:
        plan = plan_for(store, share.store_settings, share.settings, share.now)
        with open_elsewhere(samba, held):
            result = apply_retention(store, share.store_settings, plan, now=share.now)
        assert [(fault.path, fault.outcome) for fault in result.failed] == [(held.name, Outcome.BUSY)]
        assert held.exists()
        again = plan_for(store, share.store_settings, share.settings, share.now)
        assert [removal.path for removal in again.remove] == [held.name]
        assert apply_retention(store, share.store_settings, again, now=share.now).failed == ()
    assert not held.exists()
    assert share.look().good


def test_while_a_run_writes_retention_waits_for_another_time(share: Share) -> None:
    share.fill_days(-15, 3)
    with share.store() as store, share.store() as other, other.lock("a run"):
        plan = plan_for(store, share.store_settings, share.settings, share.now)
        with pytest.raises(StoreBusy):
            apply_retention(store, share.store_settings, plan, now=share.now)
    assert share.path(share.today - 15 * DAY).exists()
