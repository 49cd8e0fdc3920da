"""A town with its share, its mail server, and clocks that are the test's: the server's too."""

import logging
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from reservplan.store.smb import SmbStore

from servers.ports import HOST
from servers.samba import SambaServer
from tests.mailbox import Inbox
from tests.scenario.town import FOLDER, Town, local

FIRST_DAY = date(2026, 11, 2)


class _Page(BaseHTTPRequestHandler):
    """A page on the internet, which works all the while."""

    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def outside() -> Iterator[str]:
    """The address of a page outside."""
    with ThreadingHTTPServer((HOST, 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def town(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, outside: str
) -> Iterator[Town]:
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
        made.configure(watch={"folder": "watch", "probes": {"outside": outside}})
        yield made
    for ending, handler in handlers.items():
        signal.signal(ending, handler)
