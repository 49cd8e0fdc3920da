"""What the demo plays in: a store, an export, a configuration; all of it in folders of the project that git ignores."""

import os
import shlex
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import yaml
from reservplan.domain.days import days_between, local_day
from reservplan.settings import Settings, load

from servers.airflow_home import PROJECT, write_private
from servers.samba import SambaServer

RUN = PROJECT / ".run"
CONFIG = PROJECT / "config" / "reservplan.yaml"
FOLDER_CONFIG = RUN / "config" / "reservplan.yaml"
CONNECTION = "AIRFLOW_CONN_RESERVPLAN_SHARE"
TEAMS, DAYS_BACK, DAYS_AHEAD = 11, 3, 3


@dataclass(frozen=True)
class Scene:
    """The demo's places; `store` is `smb` or `folder`."""

    store: str

    @property
    def config(self) -> Path:
        """The configuration file that this demo uses."""
        return FOLDER_CONFIG if self.store == "folder" else CONFIG

    @property
    def samba(self) -> SambaServer:
        """The file server; started by `open_store`."""
        return SambaServer(RUN / "samba")

    def settings(self) -> Settings:
        """The demo's configuration, checked."""
        return load(self.config)

    def today(self) -> date:
        """The local day."""
        return local_day(datetime.now(UTC), self.settings().zone)

    def days(self) -> list[date]:
        """The days that the export covers, all of them published."""
        today = self.today()
        return list(days_between(today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)))

    def open_store(self) -> str:
        """Start the file server and make the folder; returns where it is, in words."""
        if self.store == "folder":
            self._write_folder_config()
            return f"A plain folder: {self.folder_on_disk()}"
        server = self.samba
        known = server.running
        if not known:
            # It stays, so that the command lines shown at the end work; `make down` ends it.
            server.start(detached=True)
        self._make_folders_on(server)
        write_private(self._smbclient_login(), f"username={server.user}\npassword={server.password}\n")
        os.environ[CONNECTION] = server.connection_json()
        return f"Samba {'runs' if known else 'started'} on {server.host}, port {server.port}"

    def folder_on_disk(self) -> Path:
        """Where the published copies lie on this machine's disk."""
        store = self.settings().stores[0]
        return Path(store.folder) if self.store == "folder" else self.samba.share_path / store.folder

    def smbclient_command(self) -> str:
        """A command line that lists the share; the password stays in its file."""
        server = self.samba
        folder = self.settings().stores[0].folder
        return shlex.join(
            ["smbclient", f"//{server.host}/{server.share}", f"--port={server.port}",
             f"--authentication-file={self._smbclient_login()}", f"--directory={folder}", "--command=ls"]
        )  # fmt: skip

    def write_export(self) -> tuple[Path, bool]:
        """Today's export, and whether it was written now; one that is there is left as it is, so nothing changes."""
        from reservplan.extract.demo import write_demo_export

        folder, today = Path(self.settings().source.path), self.today()
        before = {path: path.stat().st_mtime_ns for path in folder.glob("*")}
        file = write_demo_export(folder, teams=TEAMS, days_back=DAYS_BACK, days_ahead=DAYS_AHEAD, today=today)
        return file, before.get(file) != file.stat().st_mtime_ns

    def _make_folders_on(self, server: SambaServer) -> None:
        """What an office has its IT service do: a store never makes its own folder."""
        for store in self.settings().stores:
            if store.kind == "smb":
                (server.share_path / store.folder.strip("/")).mkdir(parents=True, exist_ok=True)

    def _smbclient_login(self) -> Path:
        return RUN / "samba" / "smbclient-login"

    def _write_folder_config(self) -> None:
        tree = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
        example = load(CONFIG)
        tree["source"]["path"] = example.source.path
        tree |= {"staging": example.staging, "archive": example.archive, "reports": example.reports}
        folder = RUN / "store" / example.stores[0].folder
        tree["stores"] = [{"name": "folder", "kind": "folder", "folder": str(folder)}]
        folder.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
        if not FOLDER_CONFIG.exists() or FOLDER_CONFIG.read_text(encoding="utf-8") != text:
            write_private(FOLDER_CONFIG, text)
