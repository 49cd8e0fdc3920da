"""What runs that were cut off have left on a store goes with the next retention, wherever it lies."""

from datetime import timedelta

import pytest
from reservplan.domain.deletions import What
from reservplan.domain.errors import StoreRefused
from reservplan.domain.ports import FileToWrite
from reservplan.retain import retention_table
from reservplan.store.inspection import folders_of
from reservplan.store.second_copy import to_bytes

from tests.unit.retain.shelf import TEAMS, TODAY, Shared, Shelf

OLD = TODAY - timedelta(days=15)
TEMP = ".rp-scheduled-2022-06-20-0123456789ab.tmp"


def put_leftovers(shelf: Shelf) -> set[str]:
    folders = {"", ".reservplan", *(folder for team in TEAMS for folder in folders_of(shelf.layout, team))}
    paths = {f"{folder}/{TEMP}".removeprefix("/") for folder in folders}
    for path in paths:
        shelf.put_file(path, b"half a fi")
    return paths


@pytest.mark.parametrize(("layout", "count"), [("flat", 2), ("by-team", 4), ("stick", 6)])
def test_temporary_files_go_from_every_folder_also_where_nothing_else_goes(shelf, layout, count):
    shelf.layout = layout
    shelf.put_days([TODAY])
    paths = put_leftovers(shelf)
    plan = shelf.plan()
    assert {leftover.path for leftover in plan.leftovers} == paths
    assert all(path in retention_table(plan, "sv") for path in paths)
    assert shelf.apply(plan).leftovers == count
    assert not list(shelf.root.rglob("*.tmp"))
    (noted,) = shelf.noted()
    assert (noted.what, noted.why, noted.count) == (What.LEFTOVERS, "leftover", count)


def test_a_group_that_is_configured_no_more_has_its_folder_looked_at_as_long_as_a_record_names_it(shelf):
    shelf.layout = "by-team"
    shelf.put_days([TODAY], ["Okome"])
    shelf.put_file(f"Okome/{TEMP}", b"half a fi")
    assert [leftover.path for leftover in shelf.plan().leftovers] == [f"Okome/{TEMP}"]


def test_while_somebody_writes_the_temporary_files_are_his(shelf):
    shelf.put_days([TODAY])
    put_leftovers(shelf)
    with shelf.store() as writer, writer.lock("snapshot"):
        assert shelf.plan().leftovers == ()


def test_the_second_copy_of_what_a_pulled_stick_lost_is_put_back_and_never_removed(shelf):
    shelf.put_days([OLD, TODAY])
    lost = shelf.path(TODAY)
    content = lost.read_bytes()
    kept = to_bytes(FileToWrite(lost.name, content, shelf.now))
    shelf.put_file(".reservplan/.rp-second-copy-0123456789ab.tmp", kept)
    lost.unlink()
    plan = shelf.plan()
    assert plan.leftovers == ()
    shelf.apply(plan)
    assert lost.read_bytes() == content


def test_temporary_files_neither_bind_a_plan_nor_stop_it(shelf):
    shelf.put_days([OLD, TODAY])
    put_leftovers(shelf)
    plan = shelf.plan()
    (shelf.root / TEMP).unlink()
    shelf.put_file(f".reservplan/{TEMP}", b"written anew since")
    shelf.put_file(".rp-another-0123456789ab.tmp", b"half a fi")
    result = shelf.apply(plan)
    assert (len(result.removed), result.leftovers, result.failed) == (8, 0, ())
    assert len(list(shelf.root.rglob("*.tmp"))) == 2


def test_where_a_guard_refuses_they_stay_too(shelf):
    shelf.put_days([TODAY])
    put_leftovers(shelf)
    shelf.clock_off = timedelta(hours=1)
    with pytest.raises(Exception, match="klocka"):
        shelf.apply(shelf.plan())
    assert len(list(shelf.root.rglob("*.tmp"))) == 2


class Closed(Shared):
    """A share of which one folder may not be listed."""

    def list_folder(self, path=""):
        if path == "Vessigebro":
            raise StoreRefused("share: no permission at Vessigebro.", do="Give the account the right to read it.")
        return self.store.list_folder(path)


def test_a_folder_that_cannot_be_listed_never_looks_empty(shelf, monkeypatch):
    shelf.layout = "by-team"
    shelf.put_days([OLD, TODAY])
    plan = shelf.plan()
    before, own = shelf.names(), shelf.own_names()
    open_store = shelf.store
    monkeypatch.setattr(shelf, "store", lambda **how: Closed(open_store().store, shelf.now, **how))
    with pytest.raises(StoreRefused, match="Vessigebro"):
        shelf.plan()
    with pytest.raises(StoreRefused, match="Vessigebro"):
        shelf.apply(plan)
    assert (shelf.names(), shelf.own_names()) == (before, own)


def test_a_file_put_back_by_hand_is_named_though_no_record_tells_of_its_day(shelf):
    shelf.put_days([TODAY])
    for name in ("220101 Brukarschema Ullared.pdf", "22v01 Brukarschema Ullared.pdf", "220608 Brukarschema Okome.pdf"):
        shelf.put_file(name, b"%PDF-1.7\n%%EOF\n")
    result = shelf.retain()
    assert [(kept.path, kept.reason) for kept in result.kept] == [
        ("220101 Brukarschema Ullared.pdf", "foreign"), ("22v01 Brukarschema Ullared.pdf", "foreign"),
    ]  # fmt: skip
    assert (shelf.root / "220101 Brukarschema Ullared.pdf").exists()
