"""A stick that is pulled, full or of another mind about letters and clocks; on a real exFAT, and on a folder as FAT is.

The folder is pulled before each change of the disk in turn, with all that had not been flushed torn or undone. The
exFAT is pulled at random moments, by the death of its driver.
"""

import contextlib
import os
import random
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from reservplan.domain.errors import ReservplanError, StoreFull, StoreUnreachable
from reservplan.domain.names import OWN_FOLDER, Format
from reservplan.domain.ports import FileInfo, FileToWrite, Outcome, Over, Store
from reservplan.domain.standing import CellState, FileState, opens
from reservplan.store import second_copy
from reservplan.store.folder import FolderStore
from reservplan.store.inspection import inspect

from servers.exfat_stick import ExfatStick, why_no_stick
from tests.unit.publish.cells import CELL, FIVE, HOUR, TODAY, offer
from tests.unit.publish.site import Site, site_at

from .fat import FatFolder
from .places import AT, NAME, a_file, put, temps

OLD, NEW = b"gammal " * 900, b"den nya " * 1100
LISTED = f"Ullared/{NAME}"
NAMES = (LISTED, f"Ullared/Excel/{NAME}", f"{OWN_FOLDER}/220621.json")
FRESH = "Ullared/220622 Brukarschema Ullared.pdf"
FOLDERS = ("", "Ullared", "Ullared/Excel")
# More than any of the works below has.
ENOUGH = 10_000


@pytest.fixture
def fat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FatFolder:
    (tmp_path / "stick").mkdir()
    return FatFolder(tmp_path / "stick", monkeypatch)


@pytest.fixture(params=[True, False], ids=["names as they were", "names as they were to be"])
def pulled_fat(request: pytest.FixtureRequest, fat: FatFolder) -> FatFolder:
    """What had not been flushed of its names when it was pulled is undone, or done."""
    fat.undoes = request.param
    return fat


def pulled_at_every_change(fat: FatFolder) -> Iterator[int]:
    """The stick, empty, once for each change that the work makes; it ends when the work ends before the pull."""
    for changes in range(ENOUGH):
        shutil.rmtree(fat.root)
        fat.root.mkdir()
        yield changes
        if not fat.pulled:
            return


def written(fat: FatFolder, *files: FileToWrite) -> None:
    """Write, as far as the stick lets us."""
    with contextlib.suppress(ReservplanError, OSError), FolderStore("stick", fat.root) as store, store.lock("run"):
        store.write(files)


def mended(root: Path) -> None:
    """What every run begins with."""
    with FolderStore("stick", root) as store, store.lock("next"):
        for folder in FOLDERS:
            store.remove_leftovers(folder)


def contents(root: Path, names: tuple[str, ...] = (*NAMES, FRESH)) -> dict[str, bytes | None]:
    return {name: (root / name).read_bytes() if (root / name).is_file() else None for name in names}


def test_a_stick_pulled_at_any_change_of_the_disk_has_no_torn_file_and_loses_none(pulled_fat: FatFolder) -> None:
    fat = pulled_fat
    pulls = lost_until_mended = 0
    for changes in pulled_at_every_change(fat):
        written(fat, *(a_file(name, OLD) for name in NAMES))
        fat.pull_after(changes)
        written(fat, *(a_file(name, NEW) for name in (*NAMES, FRESH)))
        fat.put_in_again()
        seen = contents(fat.root)
        assert set(seen.values()) <= {OLD, NEW, None}, changes
        assert sum(seen[name] is None for name in NAMES) <= 1, changes
        mended(fat.root)
        healed = contents(fat.root)
        assert {healed[name] for name in NAMES} <= {OLD, NEW}, changes
        assert healed[FRESH] in (NEW, None)
        assert temps(fat.root) == [], changes
        pulls += fat.pulled
        lost_until_mended += None in [seen[name] for name in NAMES]
    assert contents(fat.root) == dict.fromkeys((*NAMES, FRESH), NEW)
    # The pulls must have come where they hurt.
    assert pulls > 40
    assert fat.undoes or lost_until_mended >= len(NAMES)


def test_a_stick_pulled_again_while_it_is_mended_loses_nothing(fat: FatFolder) -> None:
    written(fat, a_file(LISTED, OLD))
    (fat.root / OWN_FOLDER / ".rp-second-copy-0123456789ab.tmp").write_bytes(second_copy.to_bytes(a_file(FRESH, NEW)))
    before = fat.root.with_name("before")
    shutil.copytree(fat.root, before)
    for changes in pulled_at_every_change(fat):
        shutil.copytree(before, fat.root, dirs_exist_ok=True)
        fat.pull_after(changes)
        with contextlib.suppress(ReservplanError, OSError):
            mended(fat.root)
        fat.put_in_again()
        mended(fat.root)
        assert contents(fat.root, (LISTED, FRESH)) == {LISTED: OLD, FRESH: NEW}, changes
        assert temps(fat.root) == []


def test_somebody_elses_file_that_is_renamed_is_there_under_one_name_whenever_the_stick_is_pulled(
    pulled_fat: FatFolder,
) -> None:
    fat = pulled_fat
    for changes in pulled_at_every_change(fat):
        (fat.root / "deras.pdf").write_bytes(OLD)
        fat.pull_after(changes)
        with contextlib.suppress(ReservplanError, OSError), FolderStore("stick", fat.root) as store:
            store.rename("deras.pdf", "deras (tidigare).pdf")
        fat.put_in_again()
        assert OLD in contents(fat.root, ("deras.pdf", "deras (tidigare).pdf")).values(), changes
        with FolderStore("stick", fat.root) as store:
            store.rename("deras.pdf", "deras (tidigare).pdf")
        mended(fat.root)
        names = sorted(path.name for path in fat.root.iterdir() if path.is_file())
        assert names == ["deras (tidigare).pdf"], changes


def test_what_was_lost_is_not_put_back_over_what_somebody_has_put_there_since(fat: FatFolder) -> None:
    written(fat, a_file(LISTED, OLD))
    copy = fat.root / OWN_FOLDER / ".rp-second-copy-0123456789ab.tmp"
    copy.write_bytes(second_copy.to_bytes(a_file(LISTED, NEW)))
    mended(fat.root)
    assert (fat.root / LISTED).read_bytes() == OLD
    assert not copy.exists()


@pytest.mark.parametrize(
    "stored",
    [b"", b"{}\n", b"halv", b'{"path": "../ut.pdf", "mtime": 1, "sha256": "00"}\n', b"\xff\n", b"[1]\nx",
     second_copy.to_bytes(a_file(FRESH, NEW))[:-1], second_copy.to_bytes(a_file("../ut.pdf", NEW))],
)  # fmt: skip
def test_a_second_copy_that_is_torn_or_leads_elsewhere_is_removed(fat: FatFolder, stored: bytes) -> None:
    written(fat, a_file(LISTED, OLD))
    (fat.root / OWN_FOLDER / ".rp-second-copy-0123456789ab.tmp").write_bytes(stored)
    mended(fat.root)
    assert contents(fat.root, (LISTED, FRESH)) == {LISTED: OLD, FRESH: None}
    assert temps(fat.root) == []
    assert not (fat.root.parent / "ut.pdf").exists()


def test_where_the_second_copy_cannot_be_put_back_yet_it_is_kept(fat: FatFolder) -> None:
    (fat.root / "Ullared").write_bytes(b"en fil i vagen")
    (fat.root / OWN_FOLDER).mkdir()
    (fat.root / OWN_FOLDER / ".rp-second-copy-0123456789ab.tmp").write_bytes(second_copy.to_bytes(a_file(LISTED, NEW)))
    mended(fat.root)
    assert len(temps(fat.root)) == 1
    (fat.root / "Ullared").unlink()
    mended(fat.root)
    assert contents(fat.root, (LISTED,)) == {LISTED: NEW}
    assert temps(fat.root) == []


# --- a whole publishing, seal and all


def _pulled_while_publishing(fat: FatFolder, every: int) -> int:
    """Pull the stick at every so manieth change of a new copy's publishing and seal; how often it was pulled."""
    site = site_at(fat.root, layout="stick")
    site.run(offer())
    before = fat.root.with_name("before")
    shutil.copytree(fat.root, before)
    newer = offer(captured_at=FIVE + HOUR, content="newer")
    for pulls, changes in enumerate(range(every // 2, ENOUGH, every)):
        shutil.rmtree(fat.root)
        shutil.copytree(before, fat.root)
        fat.pull_after(changes)
        with contextlib.suppress(ReservplanError, OSError):
            site.run(newer, run_id="pulled")
        if not fat.pulled:
            return pulls
        fat.put_in_again()
        _nothing_is_torn(site)
        site.run(newer, run_id="next")
        standing = site.standing(CELL)
        assert (standing.state, standing.unsealed, standing.entry and standing.entry.content) == (
            CellState.WHOLE, False, "newer",
        ), changes  # fmt: skip
        assert set(standing.files.values()) == {FileState.WHOLE}
        assert standing.foreign == ()
        assert temps(fat.root) == []
        assert not list(fat.root.rglob("*(*)*")), "nothing stands in, nothing is beside"
        assert not list((fat.root / OWN_FOLDER).glob("*.intent.json"))
    raise AssertionError("the work never ended")


def _nothing_is_torn(site: Site) -> None:
    for path in site.root.glob("Ullared/**/*.*"):
        if not path.name.endswith(".tmp"):
            assert opens(Format(path.suffix.removeprefix(".")), path.read_bytes()), path.name


def test_the_run_after_a_pulled_stick_makes_the_cell_whole_and_leaves_nothing_behind(fat: FatFolder) -> None:
    assert _pulled_while_publishing(fat, every=17) >= 5


@pytest.mark.long
def test_the_run_after_a_stick_pulled_at_every_change_makes_the_cell_whole_and_leaves_nothing_behind(
    pulled_fat: FatFolder,
) -> None:
    assert _pulled_while_publishing(pulled_fat, every=1) > 80


# --- a real exFAT


@pytest.fixture
def own_stick(tmp_path: Path) -> Iterator[ExfatStick]:
    """One of the test's own, to be pulled and filled."""
    if why := why_no_stick():
        pytest.skip(f"{why}; a folder that behaves as FAT stands in for it")
    with ExfatStick(tmp_path / "exfat", megabytes=8) as stick:
        yield stick


def _version(turn: int, name: str) -> bytes:
    return f"{turn:06} {name}\n".encode() * 2500


def _turn_of(content: bytes, name: str) -> int:
    assert content, f"{name} is lost"
    turn = int(content[:6])
    assert content == _version(turn, name), f"{name} is torn"
    return turn


def _pulled_at_random_moments(stick: ExfatStick, times: int) -> None:
    draw = random.Random(6)  # noqa: S311 - the same moments at every run
    turn = least = 0
    mended(stick.folder)
    for _ in range(times):
        writer = _Writer(stick.folder, turn, least)
        writer.start()
        time.sleep(0.15 + draw.random() / 4)
        stick.pull()
        writer.join()
        stick.put_in_again()
        turn, least = writer.turn, _look_and_mend(stick.folder, writer.least)
    assert turn > times


class _Writer(threading.Thread):
    """Writes new versions until the stick is gone; `least` is the one that every name has, or a later one."""

    def __init__(self, root: Path, turn: int, least: int) -> None:
        super().__init__()
        self._root = root
        self.turn, self.least = turn, least

    def run(self) -> None:
        with (
            contextlib.suppress(StoreUnreachable, OSError),
            FolderStore("stick", self._root) as store,
            store.lock("pulled"),
        ):
            while True:
                self.turn += 1
                store.write([FileToWrite(name, _version(self.turn, name), AT) for name in NAMES])
                self.least = self.turn


def _look_and_mend(root: Path, least: int) -> int:
    """See that nothing is torn or older than it was; the version that every name has at least."""
    for name, content in contents(root, NAMES).items():
        assert content is None or _turn_of(content, name) >= least
    mended(root)
    healed = contents(root, NAMES)
    assert temps(root) == []
    if least == 0 and None in healed.values():
        return 0  # pulled before the names were there at all
    turns = [_turn_of(content or b"", name) for name, content in healed.items()]
    assert min(turns) >= least
    return min(turns)


def test_a_real_stick_pulled_in_the_middle_has_no_torn_file_and_loses_none(own_stick: ExfatStick) -> None:
    _pulled_at_random_moments(own_stick, times=3)


@pytest.mark.long
def test_a_real_stick_pulled_a_hundred_times_has_no_torn_file_and_loses_none(own_stick: ExfatStick) -> None:
    _pulled_at_random_moments(own_stick, times=100)


def test_a_stick_that_is_gone_is_unreachable_and_its_empty_folder_is_not_filled(own_stick: ExfatStick) -> None:
    with FolderStore("stick", own_stick.folder) as store:
        own_stick.pull()
        for work in (
            lambda: put(store, a_file()),
            lambda: store.list_folder(),
            lambda: store.rename(NAME, "ny.pdf"),
            lambda: store.remove(NAME, FileInfo(NAME, 1, AT)),
        ):
            with pytest.raises(StoreUnreachable):
                work()
    assert list(own_stick.folder.iterdir()) == []


def test_a_full_stick_ends_the_batch_and_what_lay_there_lies_there_still(own_stick: ExfatStick) -> None:
    with FolderStore("stick", own_stick.folder) as store, store.lock("run"):
        put(store, *(a_file(name, OLD) for name in NAMES))
        free = store.free_bytes()
        assert free
        (own_stick.folder / "bilder.zip").write_bytes(bytes(free - 12_000))
        with pytest.raises(StoreFull, match="lie there still"):
            store.write([a_file(name, NEW * 3) for name in NAMES])
        assert contents(own_stick.folder, NAMES) == dict.fromkeys(NAMES, OLD)
        (own_stick.folder / "bilder.zip").unlink()
        assert put(store, *(a_file(name, NEW * 3) for name in NAMES)) == [Outcome.DONE] * 3
    assert temps(own_stick.folder) == []


# --- letters and clocks


@pytest.fixture(params=["exfat", "fat"])
def root(request: pytest.FixtureRequest) -> Path:
    if request.param == "fat":
        return request.getfixturevalue("fat").root
    root = request.getfixturevalue("exfat_stick").folder / uuid4().hex[:8]
    root.mkdir()
    return root


def test_a_name_in_other_letters_case_is_the_same_file(root: Path) -> None:
    with FolderStore("stick", root) as store:
        put(store, a_file("ULLARED/220621 Brukarschema ULLARED.pdf", OLD))
        path = "Ullared/220621 Brukarschema Ullared.pdf"
        assert put(store, a_file(path, NEW, over=Over.NOTHING)) == [Outcome.CHANGED]
        assert store.rename("ULLARED/220621 Brukarschema ULLARED.pdf", path).outcome is Outcome.DENIED
        assert store.read(path) == OLD
        assert put(store, a_file(path, NEW)) == [Outcome.DONE]
        assert len(store.list_folder("Ullared")) == 1
        assert store.read(path) == NEW


class Noting:
    """A store that counts the files that are read."""

    def __init__(self, store: Store) -> None:
        self.store, self.read = store, 0

    def list_folder(self, path: str = "") -> object:
        return self.store.list_folder(path)

    def read_many(self, paths: list[str]) -> object:
        self.read += sum(not path.startswith(OWN_FOLDER) for path in paths)
        return self.store.read_many(paths)


def _looked_at(site: Site) -> tuple[dict[str, FileState], int]:
    with site.store as store:
        noting = Noting(store)
        standing = inspect(noting, "stick", [CELL])[TODAY].standings["Ullared"]  # type: ignore[arg-type]
    return dict(standing.files), noting.read


def test_files_on_a_stick_are_known_by_their_time_also_when_they_were_written_at_an_odd_second(root: Path) -> None:
    site = site_at(root, layout="stick")
    site.at = site.at.replace(second=33, microsecond=700_000)
    site.run(offer())
    states, read = _looked_at(site)
    assert list(states.values()) == [FileState.WHOLE] * 4
    assert read == 0


@pytest.mark.parametrize("hours", [1, -1], ids=["an hour later", "an hour earlier"])
def test_times_that_a_change_of_the_clocks_has_shifted_cost_a_reading_and_no_wrong_verdict(
    root: Path, hours: int
) -> None:
    site = site_at(root, layout="stick")
    site.run(offer())
    files = sorted(root.glob("Ullared/**/*.*"))
    for path in files:
        os.utime(path, (path.stat().st_mtime + hours * 3600,) * 2)
    states, read = _looked_at(site)
    assert (list(states.values()), read) == ([FileState.WHOLE] * 4, 4)
    files[0].write_bytes(files[0].read_bytes()[:40])
    os.utime(files[0], (files[1].stat().st_mtime,) * 2)
    assert _looked_at(site)[0][files[0].name] is FileState.DAMAGED
    site.run(offer())
    assert list(_looked_at(site)[0].values()) == [FileState.WHOLE] * 4
    with site.store as store:
        info = store.list_folder("Ullared")[files[1].name]
        assert store.remove(f"Ullared/{files[1].name}", info).outcome is Outcome.DONE
