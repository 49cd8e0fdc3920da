"""The store's clock travels too: that of a folder is the machine's own, which the kernel would tell."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reservplan.store.folder import FolderStore

from tests.time.office import Office


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office with an empty store."""
    monkeypatch.setattr(FolderStore, "clock", lambda _: datetime.now(UTC))
    handlers = {ending: signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGHUP)}
    for name in ("exports", "copies"):
        (tmp_path / name).mkdir()
    made = Office(tmp_path, capsys)
    made.configure()
    yield made
    for ending, handler in handlers.items():
        signal.signal(ending, handler)
