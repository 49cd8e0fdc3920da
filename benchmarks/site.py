"""What one size of the benchmark plays in: a folder with an export, a configuration and a Samba of its own."""

import os
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from reservplan.domain.manifest import Origin
from reservplan.extract.demo import demo_team_names, write_demo_export
from reservplan.settings import Settings, load
from reservplan.snapshot import SnapshotRequest
from reservplan.staging import Staging

from servers.airflow_home import PROJECT, write_private
from servers.samba import SambaServer

ZONE = ZoneInfo("Europe/Stockholm")
DAYS = 4
RUN_ID = "benchmark"
EXAMPLE = PROJECT / "config" / "reservplan.yaml"
CONNECTION = "AIRFLOW_CONN_RESERVPLAN_SHARE"
SHARE_FOLDER = "Besöksplanering ALLA grupper"


@dataclass(frozen=True)
class Site:
    """One size: so many groups, today and the three days ahead."""

    folder: Path
    teams: int
    samba: SambaServer

    @property
    def cells(self) -> int:
        """How many cells a run captures."""
        return self.teams * DAYS

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "reservplan.yaml"

    @cached_property
    def today(self) -> date:
        """The local day, fixed once."""
        return datetime.now(ZONE).date()

    @cached_property
    def settings(self) -> Settings:
        """The configuration, checked."""
        return load(self.config)

    @cached_property
    def export(self) -> Path:
        """The export as the planning system would save it; written at first use."""
        return write_demo_export(
            self.folder / "exports", teams=self.teams, days_back=0, days_ahead=DAYS - 1, today=self.today
        )

    def prepare(self, share_folder: str = SHARE_FOLDER, source: Path | None = None) -> None:
        """Write configuration and export; another folder on the share is a store where nothing lies yet."""
        tree = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
        tree["teams"] = demo_team_names(self.teams)
        tree["window"]["days_ahead"] = DAYS - 1
        tree["source"]["path"] = str(source or self.export)
        tree["stores"][0]["folder"] = share_folder
        # Once a year: nothing but what the benchmark asks for runs.
        tree["schedule"] |= dict.fromkeys(("snapshot", "refresh", "retain", "watch"), "0 5 1 7 *")
        tree |= {name: str(self.folder / name) for name in ("staging", "archive", "reports")}
        (self.samba.share_path / share_folder).mkdir(parents=True, exist_ok=True)
        write_private(self.config, yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))
        self.__dict__.pop("settings", None)

    def write_request(self) -> Path:
        """The request of a run over all cells, as a file."""
        request = SnapshotRequest(
            run_id=RUN_ID,
            today=self.today,
            started_at=datetime.now(UTC),
            plan_dates=tuple(self.today + timedelta(days=ahead) for ahead in range(DAYS)),
            origin=Origin.MANUAL,
        )
        place = self.folder / "request.json"
        write_private(place, request.model_dump_json())
        return place

    def staged(self, what: str) -> Path:
        """A folder or file that the run of `write_request` has staged."""
        folder = Staging.of_run(self.settings.staging, RUN_ID).folder
        assert folder is not None  # noqa: S101 - staging of the benchmark is always local
        return Path(folder) / what

    @property
    def environment(self) -> dict[str, str]:
        """What a measured program gets; nothing of the environment of the one who starts it but what finds programs."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "plugins")]),
            "PYTHONDONTWRITEBYTECODE": "1",
            CONNECTION: self.samba.connection_json(),
        }
