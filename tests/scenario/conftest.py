"""A town with its share, its mail server, and clocks that are the test's: the server's too."""

import logging
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from reservplan.store.smb import SmbStore

from servers.samba import SambaServer
from tests.mailbox import Inbox
from tests.scenario.town import FOLDER, Town, local

FIRST_DAY = date(2026, 11, 2)


@pytest.fixture
def town(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Before its first morning: settings, an empty share, nobody has saved anything."""
    monkeypatch.setattr(SmbStore, "clock", lambda _: datetime.now(UTC))
    handlers = {ending: signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGHUP)}
    logging.getLogger("smbprotocol").setLevel(logging.WARNING)
    (tmp_path / "exports").mkdir()
    with SambaServer(tmp_path / "smb") as samba, Inbox() as inbox:
        monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", samba.connection_json())
        monkeypatch.setenv("AIRFLOW_CONN_DRIFT", inbox.connection_json("drift@example.org"))
        (samba.share_path / FOLDER).mkdir()
        made = Town(tmp_path, samba, inbox, capsys, local(FIRST_DAY, "04:45"))
        made.configure(watch={"folder": "watch", "probes": {"outside": "http://127.0.0.1:1/"}})
        yield made
    for ending, handler in handlers.items():
        signal.signal(ending, handler)
