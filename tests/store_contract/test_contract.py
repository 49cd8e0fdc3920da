"""What every store does, whatever it is made of."""

import contextlib
import os
import threading
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from reservplan.domain.errors import StoreBusy, StoreRefused, StoreUnreachable
from reservplan.domain.names import OWN_FOLDER, is_temp_name
from reservplan.domain.ports import FileInfo, FileToWrite, Outcome, Over, Store

from .places import AT, NAME, Place, a_file, put, put_all, temps


def test_both_adapters_are_stores(store: Store) -> None:
    assert isinstance(store, Store)


def test_what_is_written_is_read_back_and_lies_on_the_disk(store: Store, place: Place) -> None:
    assert put(store, a_file()) == [Outcome.DONE]
    assert store.read(NAME) == b"innehall"
    assert (place.disk / NAME).read_bytes() == b"innehall"
    assert temps(place.disk) == []


def test_a_listing_shows_size_and_the_mtime_that_was_asked_for_to_the_second(store: Store) -> None:
    put(store, a_file(mtime=AT + timedelta(milliseconds=700)))
    assert store.list_folder() == {NAME: FileInfo(NAME, 8, AT)}


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 1024 * 1024, 5_000_001])
def test_files_of_any_size_arrive_whole(store: Store, size: int) -> None:
    content = os.urandom(size)
    assert put(store, a_file(content=content)) == [Outcome.DONE]
    assert store.read(NAME) == content


def test_outcomes_come_in_the_order_of_the_files(store: Store) -> None:
    files = [
        a_file(f"{number:03} {NAME}", bytes([number]) * (200_000 if number % 7 == 0 else 10)) for number in range(60)
    ]
    assert [outcome.path for outcome in store.write(iter(files))] == [file.path for file in files]
    contents = store.read_many([file.path for file in files])
    assert contents == {file.path: file.content for file in files}


def test_a_file_is_replaced_with_its_mtime(store: Store) -> None:
    put(store, a_file(content=b"gammal, och langre"))
    assert put(store, a_file(content=b"ny", mtime=AT + timedelta(days=1))) == [Outcome.DONE]
    assert store.read(NAME) == b"ny"
    assert store.list_folder()[NAME].mtime == AT + timedelta(days=1)


def test_a_name_that_is_to_be_free_is_taken_while_it_is(store: Store) -> None:
    assert put(store, a_file(over=Over.NOTHING)) == [Outcome.DONE]
    assert store.list_folder() == {NAME: FileInfo(NAME, 8, AT)}


def test_what_somebody_has_saved_under_a_name_that_was_free_stays(store: Store, place: Place) -> None:
    (place.disk / NAME).write_bytes(b"nagon annans")
    files = [a_file(over=Over.NOTHING), a_file("annan.pdf", over=Over.NOTHING)]
    changed, done = store.write(files)
    assert (changed.outcome, done.outcome) == (Outcome.CHANGED, Outcome.DONE)
    assert changed.detail == "somebody has saved a file there meanwhile"
    assert (place.disk / NAME).read_bytes() == b"nagon annans"
    assert temps(place.disk) == []


def test_the_very_file_that_was_listed_is_replaced(store: Store) -> None:
    put(store, a_file(content=b"gammal"))
    assert put(store, a_file(content=b"ny", over=store.list_folder()[NAME])) == [Outcome.DONE]
    assert store.read(NAME) == b"ny"


@pytest.mark.parametrize("later", [b"nagons egna tillagg", b"samman"], ids=["another size", "another time"])
def test_what_somebody_has_saved_since_the_listing_stays(store: Store, place: Place, later: bytes) -> None:
    put(store, a_file(content=b"gammal"))
    listed = store.list_folder()[NAME]
    (place.disk / NAME).write_bytes(later)
    assert put(store, a_file(content=b"ny", over=listed)) == [Outcome.CHANGED]
    assert store.read(NAME) == later
    assert temps(place.disk) == []


def test_a_file_that_is_gone_since_the_listing_is_put_there_again(store: Store, place: Place) -> None:
    put(store, a_file(content=b"gammal"))
    listed = store.list_folder()[NAME]
    (place.disk / NAME).unlink()
    assert put(store, a_file(content=b"ny", over=listed)) == [Outcome.DONE]
    assert store.read(NAME) == b"ny"


@pytest.mark.parametrize("over", [Over.NOTHING, FileInfo(NAME, 1, AT)], ids=["nothing", "another file"])
def test_the_very_content_may_lie_there_already(store: Store, over: FileInfo | Over) -> None:
    put(store, a_file())
    assert put(store, a_file(over=over)) == [Outcome.DONE]
    assert store.read(NAME) == b"innehall"


def test_a_published_file_can_be_read_by_those_who_print_it(store: Store, place: Place) -> None:
    put(store, a_file())
    umask = os.umask(0)
    os.umask(umask)
    assert (place.disk / NAME).stat().st_mode & 0o044 == 0o044 & ~umask


def test_a_store_whose_folder_is_missing_is_not_opened_and_nothing_is_made(place: Place) -> None:
    place.disk.rmdir()
    around = list(place.disk.parent.iterdir())
    # A mount may come back by itself; what is missing on a share that answers, somebody must make or name rightly.
    with pytest.raises({"folder": StoreUnreachable, "smb": StoreRefused}[place.kind]) as raised, place.open():
        pytest.fail("opened what is not there")
    assert place.disk.name in raised.value.what
    assert "is not there" in raised.value.what
    assert "never makes it" in raised.value.do
    assert list(place.disk.parent.iterdir()) == around


def test_a_file_where_the_stores_folder_should_be_is_not_opened(place: Place) -> None:
    place.disk.rmdir()
    place.disk.write_bytes(b"en fil")
    with pytest.raises((StoreUnreachable, StoreRefused)), place.open():
        pytest.fail("opened a file")
    assert place.disk.read_bytes() == b"en fil"


def test_a_folder_that_goes_away_while_the_store_is_open_is_not_made_again(place: Place) -> None:
    with place.open() as store:
        place.disk.rmdir()
        with pytest.raises((StoreUnreachable, StoreRefused), match="is not there"), store.lock("run-1"):
            pytest.fail("locked what is not there")
        with pytest.raises((StoreUnreachable, StoreRefused), match="is not there"):
            store.clock()
        with contextlib.suppress(StoreUnreachable):
            assert put(store, a_file(f"Ullared/{NAME}")) == [Outcome.FAILED]
    assert not place.disk.exists()


def test_missing_folders_below_the_stores_own_are_made(store: Store) -> None:
    assert put(store, a_file(f"Ullared/{NAME}"), a_file(f"Ullared/djupt/{NAME}")) == [Outcome.DONE] * 2
    assert set(store.list_folder("Ullared")) == {NAME}
    assert set(store.list_folder("Ullared/djupt")) == {NAME}
    assert store.list_folder() == {}


def test_folders_are_no_files_and_a_missing_folder_is_empty(store: Store, place: Place) -> None:
    (place.disk / "En mapp").mkdir()
    assert store.list_folder() == {}
    assert store.list_folder("finns inte") == {}


def test_what_is_missing_is_said_with_the_path_only(store: Store) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        store.read(f"Ullared/{NAME}")
    assert str(raised.value) == f"Ullared/{NAME}"


def test_reading_many_gives_none_for_the_missing(store: Store) -> None:
    put(store, a_file())
    assert store.read_many([NAME, "saknas.json", f"{OWN_FOLDER}/220621.json"]) == {
        NAME: b"innehall",
        "saknas.json": None,
        f"{OWN_FOLDER}/220621.json": None,
    }


def test_a_folder_in_the_way_is_denied_and_stops_no_other_file(store: Store, place: Place) -> None:
    (place.disk / NAME).mkdir()
    assert put(store, a_file(), a_file("annan.pdf")) == [Outcome.DENIED, Outcome.DONE]
    assert temps(place.disk) == []


def test_a_file_where_a_folder_should_be_is_denied(store: Store, place: Place) -> None:
    (place.disk / "Ullared").write_bytes(b"en fil")
    assert put(store, a_file(f"Ullared/{NAME}"), a_file("annan.pdf")) == [Outcome.DENIED, Outcome.DONE]
    assert (place.disk / "Ullared").read_bytes() == b"en fil"


@pytest.mark.parametrize("path", ["../ut.pdf", "a/../../ut.pdf", "/rot.pdf", "a//b.pdf", "a\\b.pdf"])
def test_a_path_never_leaves_the_store(store: Store, path: str) -> None:
    with pytest.raises(ValueError, match="downwards"):
        store.write([a_file(path)])


def test_our_own_folder_is_hidden_from_a_listing_but_can_be_listed(store: Store) -> None:
    put(store, a_file(f"{OWN_FOLDER}/220621.json"))
    assert store.list_folder() == {}
    assert set(store.list_folder(OWN_FOLDER)) == {"220621.json"}


def test_a_name_in_nfd_is_listed_read_and_removed_by_its_nfc_name(store: Store, place: Place) -> None:
    (place.disk / unicodedata.normalize("NFD", NAME)).write_bytes(b"fran en Mac")
    assert list(store.list_folder()) == [NAME]
    assert store.read(NAME) == b"fran en Mac"
    assert store.remove(NAME, store.list_folder()[NAME]).outcome is Outcome.DONE
    assert list(place.disk.iterdir()) == []


def test_where_both_forms_of_a_name_exist_the_nfc_one_is_the_file_and_the_other_is_seen(
    store: Store, place: Place
) -> None:
    other = unicodedata.normalize("NFD", NAME)
    (place.disk / other).write_bytes(b"fran en Mac")
    store.list_folder()
    put(store, a_file())
    listed = store.list_folder()
    assert listed.keys() == {NAME, other}
    assert listed[NAME] == FileInfo(NAME, 8, AT)
    assert store.read(NAME) == b"innehall"


def test_a_name_in_nfd_is_brought_into_nfc_by_renaming_it_to_itself(store: Store, place: Place) -> None:
    (place.disk / unicodedata.normalize("NFD", NAME)).write_bytes(b"fran en Mac")
    assert store.list_folder()[NAME].spelled
    assert store.rename(NAME, NAME).outcome is Outcome.DONE
    assert [path.name for path in place.disk.iterdir()] == [NAME]


def test_a_file_is_renamed_where_the_new_name_is_free(store: Store) -> None:
    put(store, a_file("gammal.pdf"))
    assert store.rename("gammal.pdf", NAME).outcome is Outcome.DONE
    assert store.list_folder() == {NAME: FileInfo(NAME, 8, AT)}


def test_renaming_never_replaces(store: Store) -> None:
    put(store, a_file("gammal.pdf", b"gammal"), a_file(NAME, b"ny"))
    assert store.rename("gammal.pdf", NAME).outcome is Outcome.DENIED
    assert store.read_many(["gammal.pdf", NAME]) == {"gammal.pdf": b"gammal", NAME: b"ny"}


def test_renaming_what_is_missing_says_so(store: Store) -> None:
    assert store.rename("saknas.pdf", NAME).outcome is Outcome.MISSING


def test_a_file_is_removed_if_it_is_the_expected_one(store: Store) -> None:
    put(store, a_file())
    assert store.remove(NAME, store.list_folder()[NAME]).outcome is Outcome.DONE
    assert store.list_folder() == {}


def test_a_file_that_was_changed_is_kept(store: Store, place: Place) -> None:
    put(store, a_file())
    expected = store.list_folder()[NAME]
    for other in (replace(expected, size_bytes=9), replace(expected, mtime=AT + timedelta(seconds=1))):
        assert store.remove(NAME, other).outcome is Outcome.CHANGED
    assert (place.disk / NAME).read_bytes() == b"innehall"


def test_removing_what_is_missing_or_a_folder_removes_nothing(store: Store, place: Place) -> None:
    (place.disk / "mapp").mkdir()
    assert store.remove("saknas.pdf", FileInfo("saknas.pdf", 1, AT)).outcome is Outcome.MISSING
    assert store.remove("mapp", FileInfo("mapp", 0, AT)).outcome is Outcome.DENIED
    assert (place.disk / "mapp").is_dir()


def test_leftovers_are_removed_and_nothing_else(store: Store, place: Place) -> None:
    (place.disk / OWN_FOLDER).mkdir()
    mine = [".rp-run-ab12.tmp", f"{OWN_FOLDER}/.rp-run-cd34.tmp"]
    others = [".rp-anteckning.txt", "~$plan.xlsx", "rp-x.tmp", "lista.pdf"]
    for name in (*mine, *others):
        (place.disk / name).write_bytes(b"x")
    with store.lock("run-1"):
        assert store.remove_leftovers() == 2
        assert store.remove_leftovers() == 0
    assert {entry.name for entry in place.disk.iterdir()} == {*others, OWN_FOLDER}
    assert store.remove_leftovers("finns inte") == 0


def test_only_one_can_hold_the_lock_and_the_other_is_told_who(place: Place) -> None:
    with place.open() as first, place.open() as second:
        with first.lock("scheduled__2022-06-21T05:00"):
            assert second.locked()
            with pytest.raises(StoreBusy, match="scheduled__2022-06-21T05:00"), second.lock("manual__1"):
                pytest.fail("two held the lock")
            assert first.list_folder() == {}
        assert not second.locked()
        with second.lock("manual__1"):
            assert first.locked()


def test_the_lock_is_free_after_a_failure_and_can_be_held_again(store: Store) -> None:
    assert not store.locked()
    with pytest.raises(RuntimeError, match="fel"), store.lock("run-1"):
        raise RuntimeError("fel")
    with store.lock("run-2"):
        pass
    assert not store.locked()


def test_asking_for_the_lock_disturbs_nobody_who_takes_it(place: Place) -> None:
    stop = threading.Event()

    def ask() -> None:
        with place.open() as watcher:
            while not stop.is_set():
                watcher.locked()
                # Without a pause the one who asks would hold the lock most of the time, as no watch ever does.
                time.sleep(0.002)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        with place.open() as store:
            for number in range(10):
                with store.lock(f"run-{number}"):
                    pass
    finally:
        stop.set()
        asking.join()


def test_the_clock_is_the_stores_and_leaves_nothing_behind(store: Store, place: Place) -> None:
    before = datetime.now(UTC)
    assert before - timedelta(seconds=2) <= store.clock() <= datetime.now(UTC) + timedelta(seconds=2)
    assert temps(place.disk) == []


def test_the_store_says_how_much_room_is_left(store: Store) -> None:
    free = store.free_bytes()
    assert free is not None
    assert free > 0


def test_files_are_taken_as_they_are_needed_and_not_all_at_once(store: Store, place: Place) -> None:
    on_disk_at_last: list[int] = []

    def files() -> Iterator[FileToWrite]:
        yield from (a_file(f"{number}.pdf") for number in range(150))
        on_disk_at_last.append(sum(not is_temp_name(name) for name in os.listdir(place.disk)))

    assert put_all(store, files()) == [Outcome.DONE] * 150
    assert on_disk_at_last[0] >= 100


def test_a_reader_never_sees_anything_but_old_or_new(store: Store, place: Place) -> None:
    names = [f"22062{number} Brukarschema Ullared.pdf" for number in range(6)]
    versions = [bytes([65 + number]) * 150_000 for number in range(2)]
    put(store, *(a_file(name, versions[0]) for name in names))
    torn: list[str] = []
    reads = 0
    stop = threading.Event()

    def look() -> None:
        nonlocal reads
        while not stop.is_set():
            for name in names:
                try:
                    if (place.disk / name).read_bytes() not in versions:
                        torn.append(name)
                except FileNotFoundError:
                    if not place.blinks:
                        torn.append(f"{name} was gone")
                reads += 1

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for turn in range(8):
            # A file that the reader has open on the server's own disk is no SMB handle: nothing is busy.
            assert put(store, *(a_file(name, versions[turn % 2]) for name in names)) == [Outcome.DONE] * len(names)
    finally:
        stop.set()
        looking.join()
    assert torn == []
    assert reads > 50
