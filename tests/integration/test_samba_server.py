"""The file server that the other tests lean on is itself what it claims to be."""

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import psutil
import pytest
from smbprotocol.connection import Connection
from smbprotocol.exceptions import AccessDenied
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from servers.samba import SambaError, SambaServer

NAME = "220621 Översiktsschema Ullared.xlsx"
CONTENT = "brukare åäö".encode()


SMBCLIENT = shutil.which("smbclient") or "smbclient"


def smbclient(server: SambaServer, *commands: str, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """Debian's own client, so that the server is not judged by the library that Reservplan uses."""
    return subprocess.run(
        [
            SMBCLIENT,
            f"//{server.host}/{server.share}",
            f"--port={server.port}",
            f"--user={server.user}%{server.password}",
            "--command=" + "; ".join(commands),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=timeout,
    )


def connect_to_share(server: SambaServer, *, encrypted: bool) -> None:
    """What smbclient cannot: it encrypts as soon as the server wants it, whatever it was told."""
    connection = Connection(uuid4(), server.host, server.port)
    connection.connect()
    try:
        session = Session(connection, server.user, server.password, require_encryption=False)
        session.connect()
        session.encrypt_data = encrypted
        TreeConnect(session, rf"\\{server.host}\{server.share}").connect()
    finally:
        connection.disconnect(close=False)


def test_a_file_with_a_swedish_name_comes_back_as_it_was_put(samba: SambaServer, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(CONTENT)

    done = smbclient(samba, f'put {tmp_path}/out "{NAME}"', f'get "{NAME}" {tmp_path}/back')

    assert done.returncode == 0, done.stdout
    assert (samba.share_path / NAME).read_bytes() == CONTENT
    assert (tmp_path / "back").read_bytes() == CONTENT


def test_a_client_that_does_not_encrypt_is_refused(samba: SambaServer) -> None:
    connect_to_share(samba, encrypted=True)

    with pytest.raises(AccessDenied):
        connect_to_share(samba, encrypted=False)


def test_a_wrong_password_is_refused(samba: SambaServer, tmp_path: Path) -> None:
    stranger = SambaServer(tmp_path, port=samba.port)

    assert stranger.password != samba.password
    assert "NT_STATUS_LOGON_FAILURE" in smbclient(stranger, "ls").stdout


def test_json_and_uri_name_the_same_connection(samba: SambaServer) -> None:
    stated = json.loads(samba.connection_json())
    uri = urlsplit(samba.connection_uri())

    assert stated["conn_type"] == uri.scheme == "samba"
    assert (stated["host"], stated["port"]) == (uri.hostname, uri.port) == ("127.0.0.1", samba.port)
    assert stated["schema"] == uri.path.removeprefix("/") == samba.share
    assert (stated["login"], stated["password"]) == (uri.username, unquote(uri.password or ""))


def test_stop_ends_every_process_also_of_a_connected_client(tmp_path: Path) -> None:
    server = SambaServer(tmp_path).start()
    with socket.create_connection((server.host, server.port)):
        while not server.sessions():
            time.sleep(0.02)
        processes = server.processes()
        server.stop()

    assert len(processes) > 1
    # One that has ended may wait to be collected by its parent.
    assert [it for it in processes if it.is_running() and it.status() != psutil.STATUS_ZOMBIE] == []
    assert not server.running


def test_a_restart_keeps_password_port_and_files(tmp_path: Path) -> None:
    with SambaServer(tmp_path) as first:
        (first.share_path / NAME).write_bytes(CONTENT)
    with SambaServer(tmp_path) as second:
        assert (second.password, second.port) == (first.password, first.port)
        assert NAME in smbclient(second, "ls").stdout


def test_only_its_owner_can_read_the_password(samba: SambaServer) -> None:
    assert (samba.base / "password").stat().st_mode & 0o777 == 0o600
    assert samba.base.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("detached", [True, False], ids=["detached it stays", "else it ends"])
def test_the_server_when_its_parent_is_killed(tmp_path: Path, detached: bool) -> None:
    code = (
        "import os, sys; from servers.samba import SambaServer;"
        f"SambaServer(sys.argv[1]).start(detached={detached}); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, cwd=Path(__file__).parents[2])
    server = SambaServer(tmp_path)

    if detached:
        assert smbclient(server, "ls").returncode == 0
        server.stop()
    else:
        deadline = time.monotonic() + 5
        while server.running and time.monotonic() < deadline:
            time.sleep(0.02)
    assert not server.running


def test_a_record_that_names_a_strangers_process_harms_nobody(tmp_path: Path) -> None:
    server = SambaServer(tmp_path).start()
    server.stop()
    record = json.loads((tmp_path / "server.json").read_text())
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as stranger:
        (tmp_path / "server.json").write_text(json.dumps(record | {"pid": stranger.pid}))
        SambaServer(tmp_path).stop()

        assert stranger.poll() is None
        stranger.kill()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger, pytest.raises(SambaError, match="is taken"):
        SambaServer(tmp_path, port=stranger.getsockname()[1]).start()


def test_a_server_that_dies_at_once_shows_its_log(tmp_path: Path) -> None:
    server = SambaServer(tmp_path, global_lines=["smb ports = 99999"])

    with pytest.raises(SambaError, match="The end of its log"):
        server.start()
    assert not server.running


def test_a_full_disk_says_so_until_there_is_room(tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(bytes(3_000_000))
    with SambaServer(tmp_path / "samba") as server:
        server.limit_file_bytes(2_000_000)
        assert "NT_STATUS_DISK_FULL" in smbclient(server, f"put {big} big").stdout

        server.limit_file_bytes(None)
        assert "NT_STATUS" not in smbclient(server, f"put {big} big").stdout


def test_a_read_only_share_can_be_read_and_not_written(tmp_path: Path) -> None:
    with SambaServer(tmp_path, read_only=True) as server:
        (server.share_path / NAME).write_bytes(CONTENT)

        assert NAME in smbclient(server, "ls").stdout
        assert "NT_STATUS_ACCESS_DENIED" in smbclient(server, f"put {tmp_path}/smb.conf other").stdout


def test_a_paused_server_answers_nobody_until_it_goes_on(tmp_path: Path) -> None:
    with SambaServer(tmp_path) as server:
        server.pause()
        with pytest.raises(subprocess.TimeoutExpired):
            smbclient(server, "ls", timeout=1)
        server.resume()
        assert smbclient(server, "ls").returncode == 0


def test_a_killed_server_can_be_started_again(tmp_path: Path) -> None:
    with SambaServer(tmp_path) as server:
        server.kill()
        assert not server.running
        server.start()
        assert smbclient(server, "ls").returncode == 0


def test_a_dropped_client_is_cut_off_and_comes_back(samba: SambaServer) -> None:
    with socket.create_connection((samba.host, samba.port)) as client:
        client.settimeout(10)
        while not samba.sessions():
            time.sleep(0.02)
        samba.drop_sessions()
        assert client.recv(1) == b""
    assert smbclient(samba, "ls").returncode == 0
