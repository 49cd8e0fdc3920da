"""The run's staging folder: only we may read it, and it is gone when the run is over."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from pydantic import TypeAdapter
from reservplan.domain.errors import StagingRefused, StagingUnreachable
from reservplan.private_files import PrivateFiles
from reservplan.staging import LEFTOVER_HOURS, Staging, clear_leftovers

RUN = "snapshot__scheduled__2026-11-22T04:00:00+00:00"


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


LONG_AGO = datetime.now(UTC) - timedelta(hours=LEFTOVER_HOURS + 1)


def make_old(folder: Path) -> None:
    for path in (folder, *folder.iterdir()):
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))


def test_only_we_may_read_what_is_staged_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Staging.of_run(str(tmp_path / "deep" / "staging"), RUN).write("rendered/a.pdf", b"x")
    finally:
        os.umask(before)
    made = [*sorted((tmp_path / "deep").rglob("*")), tmp_path / "deep"]
    assert {rights(path) for path in made if path.is_dir()} == {0o700}
    assert {rights(path) for path in made if path.is_file()} == {0o600}


def test_a_run_id_becomes_a_name_that_every_file_system_takes(tmp_path: Path) -> None:
    Staging.of_run(str(tmp_path), RUN).write("a", b"")
    (folder,) = tmp_path.iterdir()
    assert not set(folder.name) & set(':+/\\?*"<>|')


def test_what_was_put_is_got_and_a_missing_file_is_none(tmp_path: Path) -> None:
    staging = Staging.of_run(str(tmp_path), RUN)
    staging.put("days.json", TypeAdapter(list[int]), [1, 2])
    assert staging.get("days.json", TypeAdapter(list[int])) == [1, 2]
    assert staging.read_or_none("nothing") is None
    assert list(staging.names("nowhere")) == []


def test_a_place_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place, key in (("file/below", "reports"), ("file/below", "archive")):
        files = PrivateFiles.at(str(tmp_path / place), key)
        for write in (files.write, files.write_whole):
            with pytest.raises(StagingRefused) as refused:
                write("a.json", b"x")
            assert str(tmp_path / place) in str(refused.value)
            assert key.capitalize() in str(refused.value)
            assert f"correct `{key}` in the settings" in str(refused.value)


def test_a_full_disk_is_said_to_be_full_and_may_pass() -> None:
    files = PrivateFiles.at("/dev", "archive")
    with pytest.raises(StagingUnreachable, match=r"Archive at /dev cannot be written \(ENOSPC\)\. Make room"):
        files.write("full", b"x")


def test_clearing_removes_the_runs_folder_only_and_may_be_repeated(tmp_path: Path) -> None:
    one, other = (Staging.of_run(str(tmp_path), name) for name in ("one", "other"))
    for staging in (one, other):
        staging.write("rendered/a.pdf", b"x")
    one.clear()
    one.clear()
    assert [path.name for path in tmp_path.iterdir()] == [other.root.name]


@pytest.mark.parametrize("base", ["staging", "memory://bucket/old"])
def test_the_folder_of_a_run_that_was_killed_long_ago_is_removed_and_a_recent_one_stays(
    tmp_path: Path, base: str
) -> None:
    base = base if "://" in base else str(tmp_path / base)
    with time_machine.travel(LONG_AGO, tick=False):
        Staging.of_run(base, "killed").write("a", b"x")
    Staging.of_run(base, "running").write("a", b"x")
    assert clear_leftovers(base) == 1
    assert Staging.of_run(base, "killed").read_or_none("a") is None
    assert Staging.of_run(base, "running").read("a") == b"x"


@pytest.mark.parametrize("base", ["staging", "memory://bucket/leftovers"])
def test_what_a_run_left_goes_as_soon_as_somebody_knows_that_the_run_has_ended(tmp_path: Path, base: str) -> None:
    base = base if "://" in base else str(tmp_path / base)
    for name in ("killed", "running"):
        Staging.of_run(base, name).write("rendered/a.pdf", b"x")
    assert clear_leftovers(base, {"killed": True, "running": False}.__getitem__) == 1
    assert Staging.of_run(base, "killed").read_or_none("rendered/a.pdf") is None
    assert Staging.of_run(base, "running").read("rendered/a.pdf") == b"x"


HOLD = """
import sys, time
from reservplan.staging import Staging
staging = Staging.of_run(sys.argv[1], "in-one-go")
with staging.held():
    staging.write("visits.parquet", b"x")
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_folder_of_a_command_is_anothers_only_once_its_process_has_been_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == b"held\n"
        # Only its process decides, whatever somebody else believes to know.
        assert clear_leftovers(str(tmp_path), lambda _: True) == 0
        command.kill()
    assert len(list(tmp_path.iterdir())) == 1, "Killed, it could not clear its folder itself."
    assert clear_leftovers(str(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_has_ended_by_itself_leaves_nothing(tmp_path: Path) -> None:
    staging = Staging.of_run(str(tmp_path), RUN)

    def fail() -> None:
        with staging.held():
            staging.write("visits.parquet", b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_mark_that_was_cut_off_is_believed_only_when_it_is_old(tmp_path: Path) -> None:
    Staging.of_run(str(tmp_path), "cut").write("a", b"")
    (tmp_path / "run-cut" / ".reservplan-run").write_bytes(b"")
    assert clear_leftovers(str(tmp_path), lambda _: True) == 0
    make_old(tmp_path / "run-cut")
    assert clear_leftovers(str(tmp_path)) == 1


def test_an_old_folder_that_is_not_a_runs_is_never_removed(tmp_path: Path) -> None:
    for name in ("Gamla rutiner", "run-loppet", ".git"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "viktig.txt").write_text("x")
        make_old(tmp_path / name)
    assert clear_leftovers(str(tmp_path)) == 0
    assert len(list(tmp_path.rglob("viktig.txt"))) == 3


@pytest.mark.parametrize("base", ["nowhere", "memory://nowhere"])
def test_where_nothing_was_ever_staged_there_is_nothing_to_clear(tmp_path: Path, base: str) -> None:
    assert clear_leftovers(base if "://" in base else str(tmp_path / base)) == 0


def test_the_same_code_works_on_object_storage() -> None:
    staging = Staging.of_run("memory://bucket/staging", RUN)
    staging.write("published/share/0.json", b"{}")
    assert list(staging.names("published/share")) == ["published/share/0.json"]
    assert staging.read("published/share/0.json") == b"{}"
    staging.clear()
    assert staging.read_or_none("published/share/0.json") is None
