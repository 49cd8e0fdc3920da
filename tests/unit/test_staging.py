"""The run's staging folder: only we may read it, and it is gone when the run is over."""

import os
import stat
import time
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from reservplan.staging import LEFTOVER_HOURS, Staging, clear_leftovers

RUN = "snapshot__scheduled__2026-11-22T04:00:00+00:00"


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def make_old(folder: Path) -> None:
    long_ago = time.time() - (LEFTOVER_HOURS + 1) * 3600
    os.utime(folder, (long_ago, long_ago))


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


def test_clearing_removes_the_runs_folder_only_and_may_be_repeated(tmp_path: Path) -> None:
    one, other = (Staging.of_run(str(tmp_path), name) for name in ("one", "other"))
    for staging in (one, other):
        staging.write("rendered/a.pdf", b"x")
    one.clear()
    one.clear()
    assert [path.name for path in tmp_path.iterdir()] == [other.root.name]


def test_the_folder_of_a_run_that_was_killed_long_ago_is_removed_and_a_recent_one_stays(tmp_path: Path) -> None:
    for name in ("killed", "running"):
        Staging.of_run(str(tmp_path), name).write("a", b"")
    assert clear_leftovers(str(tmp_path)) == 0
    make_old(tmp_path / "run-killed")
    assert clear_leftovers(str(tmp_path)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run-running"]


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
