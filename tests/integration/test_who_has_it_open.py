"""Who has a file open: told in the alert and to the one who typed the command, and found nowhere else."""

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import yaml

from servers.airflow_home import AirflowHome, read_dag
from servers.samba import SambaServer
from tests.integration.test_publishing import open_elsewhere
from tests.unit.store.test_owner_files import WHO, excels

COMMAND = Path(sys.executable).with_name("reservplan")
# In whatever encoding: what is looked for has no letters but ASCII's.
TRACES = (b"berg-Nilsson", "berg-Nilsson".encode("utf-16-le"))


@dataclass
class Office:
    """One group's copies of today on the share, and the configuration that made them."""

    root: Path
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def book(self) -> Path:
        today = datetime.now(ZoneInfo("Europe/Stockholm")).date()
        return self.folder / f"{today:%y%m%d} Brukarschema Ullared.xlsx"

    @property
    def owner_file(self) -> Path:
        return self.book.with_name(f"~${self.book.name}")

    def stand_ins(self) -> list[str]:
        return [path.name for path in self.folder.iterdir() if " (ny " in path.name]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "RESERVPLAN"))}
        return subprocess.run(
            [COMMAND, "--config", self.root / "reservplan.yaml", *arguments],
            capture_output=True, text=True, check=False, env=environment | self.variables, timeout=120,
        )  # fmt: skip


@pytest.fixture
def office(samba: SambaServer, tmp_path: Path) -> Office:
    folder = samba.share_path / f"Vem har filen {uuid4().hex[:8]}"
    folder.mkdir()
    tree = {
        "organisation": "Provkommun",
        "teams": ["Ullared"],
        "window": {"days_back": 14, "days_ahead": 0},
        "source": {"kind": "demo"},
        "stores": [{"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": folder.name}],
        "staging": "staging", "archive": "archive", "reports": "reports",
        "watch": {"folder": "watch"},
    }  # fmt: skip
    (tmp_path / "reservplan.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    made = Office(tmp_path, folder, {"AIRFLOW_CONN_RESERVPLAN_SHARE": samba.connection_json()})
    first = made.run("snapshot")
    assert first.returncode == 0, first.stderr
    return made


@contextlib.contextmanager
def excel_has_open(samba: SambaServer, office: Office) -> Iterator[None]:
    office.owner_file.write_bytes(excels())
    with open_elsewhere(samba, office.book), open_elsewhere(samba, office.owner_file):
        yield
    office.owner_file.unlink()


def traces_below(folder: Path, *but: Path) -> list[Path]:
    """The files below a folder in which the name is found."""
    files = (path for path in folder.rglob("*") if path.is_file() and path not in but)
    return [path for path in files if any(trace in path.read_bytes() for trace in TRACES)]


def test_the_command_says_who_and_the_next_run_mends_it_though_nothing_has_changed(
    samba: SambaServer, office: Office
) -> None:
    with excel_has_open(samba, office):
        done = office.run("snapshot", "--force")
        assert done.returncode == 1
        assert f"share: {office.book.name} är öppen hos {WHO}" in done.stderr
        assert WHO not in done.stdout
        assert len(office.stand_ins()) == 1
        status = office.run("status", "--json")
        assert status.returncode == 1
        assert WHO in status.stderr
        assert WHO not in status.stdout
        told = json.loads(status.stdout)["stores"][0]["findings"]
        assert [finding["paths"] for finding in told if finding["code"] == "stand_in"] == [office.stand_ins()]
        assert traces_below(office.root) == traces_below(office.folder, office.owner_file) == []
    mended = office.run("snapshot")
    assert (mended.returncode, mended.stderr) == (0, "")
    assert office.stand_ins() == []


@pytest.mark.long
def test_neither_note_nor_log_nor_database_says_who(
    samba: SambaServer, office: Office, airflow_database: AirflowHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESERVPLAN_CONFIG", str(office.root / "reservplan.yaml"))
    monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", samba.connection_json())
    with excel_has_open(samba, office):
        state, log = run_dag("reservplan_snapshot", {"force": True})
        assert state == "failed"
        assert len(list((office.root / "watch" / "notes").iterdir())) == 1
        assert office.book.name in log, "which file it was stands in the log"
        assert not any(trace in log.encode() for trace in TRACES)
        assert traces_below(airflow_database.folder) == traces_below(office.root) == []
        assert traces_below(office.folder, office.owner_file) == []
    assert len(office.stand_ins()) == 1
    state, _ = run_dag("reservplan_watch")
    assert office.stand_ins() == []
    assert state == "success"


def run_dag(dag_id: str, conf: dict[str, object] | None = None) -> tuple[str, str]:
    """A DAG's run to its end: its state, and all that was printed or logged meanwhile."""
    printed = io.StringIO()
    handler = logging.StreamHandler(printed)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            run = read_dag(dag_id).test(run_conf=conf)
    finally:
        logging.getLogger().removeHandler(handler)
    return str(run.state), printed.getvalue()
