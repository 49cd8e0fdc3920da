"""What a mounted folder does to us, and what we do then."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from reservplan.domain.errors import StoreBusy, StoreRefused, StoreUnreachable
from reservplan.domain.ports import FileInfo, Outcome

from .places import AT, NAME, Place, a_file, folder_place, put, temps

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def stick(tmp_path: Path) -> Place:
    place = folder_place(tmp_path / "minne")
    place.disk.mkdir()
    return place


def test_a_folder_that_is_not_mounted_is_unreachable_and_is_never_made(tmp_path: Path) -> None:
    place = folder_place(tmp_path / "saknas")
    with pytest.raises(StoreUnreachable, match="never makes it"), place.open():
        pytest.fail("opened what is not there")
    assert not place.disk.exists()


def test_a_file_instead_of_a_folder_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "fil").write_bytes(b"")
    with pytest.raises(StoreUnreachable, match="no folder"), folder_place(tmp_path / "fil").open():
        pytest.fail("opened a file")


def test_a_folder_that_goes_away_meanwhile_is_not_made_again(stick: Place) -> None:
    with stick.open() as store:
        stick.disk.rmdir()
        for work in (
            lambda: store.write([a_file()]),
            lambda: store.list_folder(),
            lambda: store.read_many([NAME]),
            lambda: store.remove(NAME, FileInfo(NAME, 1, AT)),
            lambda: store.clock(),
        ):
            with pytest.raises(StoreUnreachable):
                work()
    assert not stick.disk.exists()


def test_a_stick_that_was_pulled_leaves_a_folder_that_is_not_filled(
    stick: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stick.open() as store:
        monkeypatch.setattr(store, "_device", stick.disk.stat().st_dev + 1)  # as it was while the stick was mounted
        with pytest.raises(StoreUnreachable, match="gone"):
            store.write([a_file()])
    assert list(stick.disk.iterdir()) == []


FULL = textwrap.dedent(
    """
    import resource, sys
    from datetime import datetime, UTC
    from reservplan.domain.errors import StoreFull
    from reservplan.domain.ports import FileToWrite
    from reservplan.store.folder import FolderStore

    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    at = datetime(2022, 6, 21, tzinfo=UTC)
    taken = []
    def files():
        for name, size in (("liten.pdf", 10), ("stor.pdf", 200_000), ("annan.pdf", 10)):
            taken.append(name)
            yield FileToWrite(name, bytes(size), at)
    with FolderStore("stick", sys.argv[1]) as store:
        try:
            store.write(files())
        except StoreFull as full:
            print(full, taken)
    """
)


def test_a_full_disk_ends_the_batch_and_leaves_the_old_file(stick: Place) -> None:
    (stick.disk / "stor.pdf").write_bytes(b"gammal")
    said = subprocess.run(
        [sys.executable, "-c", FULL, str(stick.disk)], env=ENVIRONMENT, capture_output=True, text=True, check=True
    ).stdout
    assert "no room left" in said
    assert "annan.pdf" not in said
    assert (stick.disk / "stor.pdf").read_bytes() == b"gammal"
    assert (stick.disk / "liten.pdf").read_bytes() == bytes(10)
    assert temps(stick.disk) == []


PUBLISHER = textwrap.dedent(
    """
    import sys
    from datetime import datetime, UTC
    from reservplan.domain.ports import FileToWrite
    from reservplan.store.folder import FolderStore

    def files():
        for turn in range(10_000):
            for number in range(10):
                if turn == 1 and number == 5:
                    print("under way", flush=True)
                yield FileToWrite(f"{number}.pdf", bytes([65 + turn % 2]) * 400_000, datetime(2022, 6, 21, tzinfo=UTC))
    with FolderStore("stick", sys.argv[1]) as store, store.lock("dies"):
        store.write(files())
    """
)


def test_a_publisher_that_is_killed_leaves_whole_files_and_a_free_lock(stick: Place) -> None:
    publisher = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(stick.disk)], env=ENVIRONMENT, stdout=subprocess.PIPE
    )
    assert publisher.stdout is not None
    assert publisher.stdout.readline() == b"under way\n"
    with stick.open() as store:
        assert store.locked()
        with pytest.raises(StoreBusy, match="dies"), store.lock("next"):
            pytest.fail("two held the lock")
        publisher.send_signal(signal.SIGKILL)
        publisher.wait()
        publisher.stdout.close()
        assert not store.locked()
        with store.lock("next"):
            store.remove_leftovers()
        contents = store.read_many(sorted(store.list_folder()))
    assert {content and (len(content), len(set(content))) for content in contents.values()} == {(400_000, 1)}
    assert temps(stick.disk) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_denied_file_by_file(stick: Place) -> None:
    stick.disk.chmod(0o555)
    try:
        with stick.open() as store:
            assert put(store, a_file(), a_file("annan.pdf")) == [Outcome.DENIED] * 2
            with pytest.raises(StoreRefused, match="permission"), store.lock("run-1"):
                pytest.fail("locked what cannot be written")
    finally:
        stick.disk.chmod(0o755)


def test_a_name_that_the_file_system_refuses_is_denied(stick: Place) -> None:
    with stick.open() as store:
        assert put(store, a_file("å" * 128 + ".pdf"), a_file()) == [Outcome.DENIED, Outcome.DONE]


def test_a_symbolic_link_is_neither_listed_nor_followed_by_a_removal(stick: Place, tmp_path: Path) -> None:
    (tmp_path / "utanfor.pdf").write_bytes(b"nagon annans")
    (stick.disk / NAME).symlink_to(tmp_path / "utanfor.pdf")
    with stick.open() as store:
        assert store.list_folder() == {}
        info = (tmp_path / "utanfor.pdf").stat()
        assert store.remove(NAME, FileInfo(NAME, info.st_size, AT)).outcome is Outcome.DENIED
    assert (tmp_path / "utanfor.pdf").read_bytes() == b"nagon annans"


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("finns-inte.pdf")], ids=["pipe", "link"])
def test_a_link_or_a_special_file_under_our_name_is_never_replaced(stick: Place, make: Callable[[Path], None]) -> None:
    make(stick.disk / NAME)
    before = (stick.disk / NAME).lstat()
    with stick.open() as store:
        assert put(store, a_file(), a_file("annan.pdf")) == [Outcome.DENIED, Outcome.DONE]
    assert os.path.samestat((stick.disk / NAME).lstat(), before)
    assert temps(stick.disk) == []
