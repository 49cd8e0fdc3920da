"""A password that is no longer right is tried once by a whole run of the command, not at each of its steps."""

import json
from pathlib import Path

from reservplan.extract.demo import write_demo_export

from servers.samba import SambaServer
from tests.integration.test_command import Office

VARIABLE = "AIRFLOW_CONN_RESERVPLAN_SHARE"


def test_a_run_tries_a_wrong_password_once_and_fills_its_other_store(tmp_path: Path) -> None:
    with SambaServer(tmp_path / "samba") as server:
        server.lock_account_after(100)
        office = Office(tmp_path)
        office.copies.mkdir()
        office.configure(
            stores=[
                {"name": "share", "kind": "smb", "connection": "reservplan_share"},
                {"name": "disk", "kind": "folder", "folder": "copies"},
            ]
        )
        write_demo_export(tmp_path / "exports", teams=2, days_back=0, days_ahead=1, today=office.today, seed=1)
        stale = {**json.loads(server.connection_json()), "password": "Fel-losenord-1"}
        done = office.run("snapshot", **{VARIABLE: json.dumps(stale)})
        assert done.returncode == 1, done.stderr
        assert "refuses the login" in done.stderr
        assert "Fel-losenord-1" not in done.stdout + done.stderr
        assert office.files()
        assert server.wrong_passwords() == 1
