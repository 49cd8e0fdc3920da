"""The watch's memory in files: the contract that it shares with Airflow's, and what only files have."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from reservplan.domain.errors import StoreBusy
from reservplan.watch.memory import FileMemory, Memory

from tests.unit.watch.memory_contract import CONTRACT, is_had_by_one_at_a_time

HOLDS_ITS_TURN = """
import sys, time
from reservplan.watch.memory import FileMemory
with FileMemory(sys.argv[1]).turn():
    print("has it", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "watch"


@pytest.fixture
def memory(folder: Path) -> FileMemory:
    return FileMemory(str(folder))


@pytest.mark.parametrize("promise", CONTRACT)
def test_it_keeps_what_every_memory_promises(memory: FileMemory, promise: Callable[[Memory], None]) -> None:
    promise(memory)


def test_one_at_a_time_has_it(memory: FileMemory, folder: Path) -> None:
    is_had_by_one_at_a_time(memory, FileMemory(str(folder)))


def test_what_was_set_is_there_for_the_next_process(memory: FileMemory, folder: Path) -> None:
    memory.set("outbox", {"letters": [1]})
    assert FileMemory(str(folder)).get("outbox") == {"letters": [1]}


def test_only_we_may_read_it(memory: FileMemory, folder: Path) -> None:
    with memory.turn():
        memory.set("outbox", {})
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder / "memory").iterdir()}
    assert modes == {"outbox.json": 0o600, "lock": 0o600}
    assert stat.S_IMODE((folder / "memory").stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b'{"half', b"\xff\xfe"])
def test_a_value_that_cannot_be_read_is_none(memory: FileMemory, folder: Path, content: bytes) -> None:
    memory.set("outbox", {})
    (folder / "memory" / "outbox.json").write_bytes(content)
    assert memory.get("outbox") is None


def test_a_turn_ends_with_a_process_that_is_killed(memory: FileMemory, folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS_ITS_TURN, str(folder)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"has it\n"
        with pytest.raises(StoreBusy), memory.turn():
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    with memory.turn():
        pass
