"""`reservplan erase` as a hand gives it: against a real share, by a pipe and at a terminal."""

import os
import pty
import select
import subprocess
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from pypdf import PdfReader

from servers.samba import SambaServer
from tests.integration.test_command import COMMAND
from tests.integration.test_publishing import open_elsewhere

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NUMBER, NAME, STREET = "87431", "Elsa Zachrisson", "Utkiksgatan 77"
HEADINGS = {
    "plan_date": "Datum", "team": "Grupp", "client_id": "Kundnr", "client_name": "Kund", "address": "Gata",
    "start": "Start", "minutes": "Längd", "employee_name": "Medarbetare",
}  # fmt: skip


@dataclass
class Office:
    """One group with two clients today, its export, and a folder on a real share as the only store."""

    root: Path
    copies: Path
    environment: dict[str, str]

    @property
    def command(self) -> list[str]:
        return [str(COMMAND), "--config", str(self.root / "reservplan.yaml")]

    @property
    def today(self) -> date:
        return datetime.now(STOCKHOLM).date()

    def save(self, clients: dict[str, tuple[str, str]]) -> None:
        lines = [
            f"{self.today};Ullared;{number};{name};{street};{8 + n:02}:00;20;Tuva Lind"
            for n, (number, (name, street)) in enumerate(clients.items())
        ]
        (self.root / "exports" / "Plan.csv").write_text("\n".join([";".join(HEADINGS.values()), *lines, ""]), "utf-8")

    def run(self, *arguments: str, typed: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments], capture_output=True, text=True, check=False, input=typed, timeout=120,
            env=self.environment,
        )  # fmt: skip

    def list_of_today(self) -> Path:
        return self.copies / f"{self.today:%y%m%d} Brukarschema Ullared.pdf"

    def telling(self) -> list[str]:
        """The lists on the share that name her."""
        lists = self.copies.glob("*.pdf")
        return sorted(p.name for p in lists if any("Zachrisson" in page.extract_text() for page in PdfReader(p).pages))


EVERYBODY = {NUMBER: (NAME, STREET), "10001": ("Kund Ett", "Provgatan 1"), "10002": ("Kund Två", "Provgatan 2")}
OTHERS = {number: who for number, who in EVERYBODY.items() if number != NUMBER}


@pytest.fixture(scope="module")
def office(samba: SambaServer, tmp_path_factory: pytest.TempPathFactory) -> Office:
    tmp_path = tmp_path_factory.mktemp("erase")
    folder = f"Radering {tmp_path.name}"
    made = Office(tmp_path, samba.share_path / folder, {
        **{key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "RESERVPLAN"))},
        "AIRFLOW_CONN_RESERVPLAN_SHARE": samba.connection_json(),
    })  # fmt: skip
    made.copies.mkdir()
    (tmp_path / "exports").mkdir()
    store = {"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": folder}
    settings = {
        "organisation": "Falkenbergs kommun", "teams": ["Ullared"], "window": {"days_back": 14, "days_ahead": 0},
        "source": {"kind": "files", "path": "exports", "columns": HEADINGS, "protected": "not_in_source"},
        "stores": [store], "staging": "staging", "archive": "archive", "reports": "reports",
    }  # fmt: skip
    (tmp_path / "reservplan.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    made.save(EVERYBODY)
    assert made.run("snapshot").returncode == 0
    made.save(OTHERS)
    assert made.list_of_today().name in made.telling()
    return made


def test_at_a_terminal_the_id_is_asked_for_and_never_shown(office: Office) -> None:
    process, terminal = pty.fork()
    if process == 0:
        os.execve(office.command[0], [*office.command, "erase", "--dry-run"], office.environment)  # noqa: S606 - our own command
    shown = read_until(terminal, "syns inte): ")
    os.write(terminal, f"{NUMBER}\r".encode())
    shown += read_until(terminal, None)
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert "1 rader" in shown
    assert NUMBER not in shown


def test_an_open_file_on_a_share_is_named_and_cleared_when_it_is_closed(samba: SambaServer, office: Office) -> None:
    with open_elsewhere(samba, office.list_of_today()):
        first = office.run("erase", typed=f"{NUMBER}\n")
        still = office.list_of_today().name in office.telling()
        # This server refuses to replace an open file only within one session's own process.
        assert first.returncode == (1 if still else 0), first.stderr
        assert (office.list_of_today().name in first.stderr) == still
    assert NUMBER not in first.stdout + first.stderr
    assert "Zachrisson" not in first.stdout + first.stderr
    if still:
        second = office.run("erase", typed=f"{NUMBER}\n")
        assert second.returncode == 0, second.stderr
    assert office.telling() == []
    assert office.run("verify", "--deep").returncode == 0
    assert '"what":"erased"' in (office.copies / ".reservplan" / "deleted.jsonl").read_text("utf-8")


def read_until(terminal: int, words: str | None) -> str:
    """What a terminal shows until these words, or until its program ends."""
    shown = b""
    last = time.monotonic() + 60
    while time.monotonic() < last and not (words and words.encode() in shown):
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                break  # it has ended
    return shown.decode("utf-8", "replace")
