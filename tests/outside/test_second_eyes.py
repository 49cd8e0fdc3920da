"""The second pair of eyes, started as cron would, on a real folder, a real Samba and a real mail server."""

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from servers.samba import SambaServer
from tests.mailbox import Inbox, text_of

OUTSIDE = Path(__file__).parents[2] / "outside"
NOW = datetime(2026, 12, 1, 7, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
PDF = b"%PDF-1.4\n" + b"x" * 2000

_spec = spec_from_file_location("second_eyes", OUTSIDE / "second_eyes.py")
assert _spec
assert _spec.loader
second_eyes = module_from_spec(_spec)
_spec.loader.exec_module(second_eyes)


class Site:
    """The copies of two groups, looked at ten minutes ago, and the settings that lead there."""

    def __init__(self, base: Path, copies: Path, inbox: Inbox) -> None:
        self.base, self.copies, self.inbox = base, copies, inbox
        (copies / ".reservplan").mkdir(parents=True)
        self.looked(NOW - timedelta(minutes=10))
        self.records("261201", "Ullared", "Vessigebro")
        for group in ("Ullared", "Vessigebro"):
            (copies / f"261201 Brukarschema {group}.pdf").write_bytes(PDF)
        self.settings(str(copies))

    def looked(self, at: datetime, **more: object) -> None:
        tree = {"schema": 1, "looked_at": at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ"), **more}
        (self.copies / ".reservplan/watch.json").write_text(json.dumps(tree))

    def records(self, day: str, *groups: str) -> None:
        (self.copies / f".reservplan/{day}.json").write_text(json.dumps({"cells": {group: {} for group in groups}}))

    def settings(self, path: str, *more: str) -> None:
        lines = [
            "[copies]",
            f"path = {path}",
            f"state = {self.base / 'told.json'}",
            *more,
            "[mail]",
            "host = 127.0.0.1",
        ]
        lines += [f"port = {self.inbox.port}", "tls = none", "from = eyes@example.org", "to = drift@example.org"]
        (self.base / "eyes.ini").write_text("\n".join([*lines, "[contacts]", "it = IT-service, 0346-88 55 55", ""]))

    def look(self, now: datetime = NOW, *options: str) -> int:
        code: int = second_eyes.main([str(self.base / "eyes.ini"), *options], now)
        return code


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as inbox:
        yield inbox


@pytest.fixture
def site(tmp_path: Path, inbox: Inbox) -> Site:
    return Site(tmp_path, tmp_path / "Besöksplanering ALLA grupper", inbox)


def test_when_all_is_well_nobody_is_told(site: Site) -> None:
    assert site.look() == 0
    assert site.inbox.mails == []


def test_a_silent_watch_is_told_once_reminded_daily_and_told_when_it_is_back(site: Site) -> None:
    site.looked(NOW - timedelta(hours=3))
    assert [site.look(NOW + timedelta(minutes=15 * turn)) for turn in range(3)] == [1, 1, 1]
    assert site.inbox.subjects == ["Ingen har kontrollerat kopiorna sedan 2026-12-01 04:00"]
    text = text_of(site.inbox.mails[0][1])
    assert "Gör så här" in text
    assert "IT-service, 0346-88 55 55" in text

    site.records("261202", "Ullared")
    (site.copies / "261202 Brukarschema Ullared.pdf").write_bytes(PDF)
    assert site.look(NOW + timedelta(days=1)) == 1
    assert len(site.inbox.mails) == 2

    site.looked(NOW + timedelta(days=1))
    assert site.look(NOW + timedelta(days=1, minutes=15)) == 0
    assert site.inbox.subjects[2] == "Löst: kopiorna kontrolleras och finns"
    assert site.look(NOW + timedelta(days=1, minutes=20)) == 0
    assert len(site.inbox.mails) == 3


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4 cut", b"<html>" + b"x" * 2000, None], ids=["empty", "cut", "other", "gone"]
)
def test_a_group_without_a_whole_list_of_today_is_told_after_due_by(site: Site, content: bytes | None) -> None:
    path = site.copies / "261201 Brukarschema Vessigebro.pdf"
    path.write_bytes(content) if content is not None else path.unlink()

    site.looked(NOW - timedelta(hours=2))
    assert site.look(NOW - timedelta(hours=1, minutes=5)) == 0
    site.looked(NOW)
    assert site.look() == 1
    assert site.inbox.subjects == ["Dagens lista saknas eller är trasig: Vessigebro"]


def test_a_missing_list_is_not_called_well_at_midnight(site: Site) -> None:
    (site.copies / "261201 Brukarschema Ullared.pdf").unlink()
    site.look()
    site.looked(NOW + timedelta(hours=18))
    site.look(NOW + timedelta(hours=18))
    assert len(site.inbox.mails) == 1


def test_a_group_that_today_lacks_but_had_a_list_a_week_ago_is_missed(site: Site) -> None:
    site.records("261124", "Ullared", "Ätran")
    assert site.look() == 1
    assert site.inbox.subjects == ["Dagens lista saknas eller är trasig: Ätran"]


@pytest.mark.parametrize(
    "name", ["261201 Brukarschema Ullared (ny 0512).pdf", "261201 Brukarschema Ullared (Reservplan).pdf"]
)
def test_a_list_that_stands_in_counts(site: Site, name: str) -> None:
    (site.copies / "261201 Brukarschema Ullared.pdf").rename(site.copies / name)
    assert site.look() == 0


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"looked_at": 5}'])
def test_a_trace_that_says_nothing_counts_as_silence(site: Site, content: str) -> None:
    (site.copies / ".reservplan/watch.json").write_text(content)
    assert site.look() == 1
    assert site.inbox.subjects[0].startswith("Ingen har kontrollerat")


def test_a_trace_of_a_later_version_is_trusted(site: Site) -> None:
    site.looked(NOW, schema=9, unheard_of={"a": 1})
    assert site.look() == 0


def test_a_look_in_the_future_is_a_clock_that_is_wrong(site: Site) -> None:
    site.looked(NOW + timedelta(hours=1))
    assert site.look() == 1
    assert site.inbox.subjects == ["En klocka går fel: senaste kontrollen 2026-12-01 08:00"]


def test_a_folder_that_is_away_is_told_and_is_not_taken_for_the_end_of_another_fault(site: Site) -> None:
    site.looked(NOW - timedelta(hours=3))
    site.look()
    away = site.copies.rename(site.base / "away")
    assert site.look(NOW + timedelta(minutes=15)) == 1
    assert site.inbox.subjects[1].startswith("Mappen med kopior går inte att nå")
    away.rename(site.copies)
    assert site.look(NOW + timedelta(minutes=30)) == 1
    assert len(site.inbox.mails) == 2


def test_while_the_mail_server_is_down_nothing_counts_as_told(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.looked(NOW - timedelta(hours=3))
    port, site.inbox.port = site.inbox.port, 1
    site.settings(str(site.copies))
    assert site.look() == 2
    assert "the next run tries again" in capsys.readouterr().err
    site.inbox.port = port
    site.settings(str(site.copies))
    assert site.look() == 1
    assert len(site.inbox.mails) == 1


def test_what_is_said_in_several_lines_is_mailed_with_a_subject_of_one(site: Site) -> None:
    site.settings("//127.0.0.1/share", f"credentials = {site.base / 'none'}", "port = 1")
    with pytest.MonkeyPatch.context() as patch:
        (site.base / "smbclient").write_text("#!/bin/sh\necho 'first line'\necho 'second line'\nexit 1\n")
        (site.base / "smbclient").chmod(0o755)
        patch.setenv("PATH", str(site.base), prepend=":")
        assert site.look() == 1
    assert site.inbox.subjects == ["Mappen med kopior går inte att nå: first line second line"]


def test_an_airflow_that_answers_something_else_is_told(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer_once, args=(server, b"SSH-2.0-other\r\n"))
        thread.start()
        site.settings(str(site.copies), f"airflow = http://127.0.0.1:{server.getsockname()[1]}/")
        assert site.look() == 1
        thread.join()
    assert site.inbox.subjects[0].startswith("Airflow mår inte bra: BadStatusLine")


def _answer_once(server: socket.socket, answer: bytes) -> None:
    client, _ = server.accept()
    with client:
        client.recv(65536)
        client.sendall(answer)


def test_a_fault_that_nobody_thought_of_does_not_count_as_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(second_eyes, "look", lambda *_: 1 / 0)
    assert site.look() == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_dry_run_prints_and_remembers_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.looked(NOW - timedelta(hours=3))
    assert site.look(NOW, "--dry-run") == 1
    assert "Ingen har kontrollerat" in capsys.readouterr().out
    assert site.inbox.mails == []
    assert not (site.base / "told.json").exists()


def test_a_share_is_read_by_smbclient(samba: SambaServer, tmp_path: Path, inbox: Inbox) -> None:
    site = Site(tmp_path, samba.share_path / "Besöksplanering ögon", inbox)
    login = tmp_path / "login"
    login.write_text(f"username = {samba.user}\npassword = {samba.password}\n")
    address = f"//{samba.host}/{samba.share}/Besöksplanering ögon"
    site.settings(address, f"credentials = {login}", f"port = {samba.port}")
    assert site.look() == 0

    (site.copies / "261201 Brukarschema Ullared.pdf").write_bytes(b"")
    site.looked(NOW - timedelta(hours=3))
    assert site.look() == 1
    assert site.inbox.subjects == ["Ingen har kontrollerat kopiorna sedan 2026-12-01 04:00 (+1)"]
    assert "Ullared" in text_of(site.inbox.mails[0][1])

    login.write_text(f"username = {samba.user}\npassword = wrong\n")
    assert site.look(NOW + timedelta(minutes=15)) == 1
    assert "NT_STATUS_LOGON_FAILURE" in site.inbox.subjects[1] + text_of(site.inbox.mails[1][1])
    shutil.rmtree(site.copies)


def test_it_starts_by_itself_and_broken_settings_are_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", OUTSIDE / "second_eyes.py", tmp_path / "none.ini"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "none.ini" in done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_the_units_are_what_systemd_reads(tmp_path: Path) -> None:
    units = [shutil.copy(path, tmp_path) for path in OUTSIDE.glob("reservplan-second-eyes.*")]
    service = tmp_path / "reservplan-second-eyes.service"
    service.write_text(service.read_text().replace("/opt/reservplan-second-eyes/README.md", "/dev/null"))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert "reservplan-second-eyes" not in done.stderr, done.stderr
    assert done.returncode == 0


def test_records_without_any_group_are_no_sign_that_all_is_well(site: Site) -> None:
    site.records("261201")
    assert site.look() == 1
    assert site.inbox.subjects == ["Ingen förteckning över grupper går att läsa: 0"]
