"""An Airflow of the demo's or the tests' own, in one folder: settings, secrets, database, logs.

Nothing of another Airflow on the machine reaches it, and it reaches nothing outside its folder.
"""

import base64
import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
SETTINGS_FILE = PROJECT / "config" / "airflow.env"
LOGIN = "admin"


@dataclass(frozen=True)
class AirflowHome:
    """The folder, the Reservplan configuration that its runs use, and its database: in the folder, if not named."""

    folder: Path
    config: Path
    database_url: str = ""

    def environment(self) -> dict[str, str]:
        """Every setting of this Airflow, as environment variables; secrets are made at first use."""
        made = self.secrets()
        return {
            **read_settings(SETTINGS_FILE),
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.database_url or f"sqlite:///{self.folder / 'airflow.db'}",
            "AIRFLOW__CORE__FERNET_KEY": made["fernet_key"],
            "AIRFLOW__API_AUTH__JWT_SECRET": made["jwt_secret"],
            "AIRFLOW__API__SECRET_KEY": made["secret_key"],
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{LOGIN}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.folder / "passwords.json"),
            "RESERVPLAN_CONFIG": str(self.config),
        }

    def enter(self) -> None:
        """Make this process, and those that it starts, use this Airflow; before anything imports airflow."""
        for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "AIRFLOW__", "RESERVPLAN_"))]:
            del os.environ[name]
        os.environ.update(self.environment())

    def prepare_database(self) -> None:
        """Make the database where it is missing, and the pool of the writers; only after `enter()`."""
        from airflow.models.pool import Pool
        from airflow.utils.db import initdb
        from reservplan_airflow.dag_defaults import PUBLISH_POOL, PUBLISH_SLOTS

        initdb()
        Pool.create_or_update_pool(PUBLISH_POOL, slots=PUBLISH_SLOTS, description="Writers", include_deferred=False)

    def prepare_database_apart(self) -> None:
        """The same in a process of its own, for one that is to stay free of Airflow."""
        code = "import sys; from pathlib import Path; from servers.airflow_home import AirflowHome; "
        code += "AirflowHome(Path(sys.argv[1]), Path(sys.argv[2])).prepare_database()"
        with open(self.folder / "prepare.log", "wb") as log:
            subprocess.run(
                [sys.executable, "-c", code, str(self.folder), str(self.config)],
                cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT / "plugins")},
                stdout=log, stderr=subprocess.STDOUT, check=True,
            )  # fmt: skip

    def secrets(self) -> dict[str, str]:
        """The keys and the password of this Airflow, random, made once, readable by nobody else."""
        path = self.folder / "secrets.json"
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = {
                "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "jwt_secret": secrets.token_urlsafe(64),
                "secret_key": secrets.token_urlsafe(32),
                "password": secrets.token_urlsafe(9),
            }
            write_private(self.folder / "passwords.json", json.dumps({LOGIN: made["password"]}))
            write_private(path, json.dumps(made))
        found: dict[str, str] = json.loads(path.read_text())
        return found


def read_dag(dag_id: str) -> Any:
    """The DAG as Airflow reads it, but without waiting for what may pass: somebody looks on. Only after `enter()`."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    if bag.import_errors:
        raise RuntimeError(f"Airflow cannot read {', '.join(Path(file).name for file in bag.import_errors)}.")
    dag = bag.dags[dag_id]
    for task in dag.tasks:
        if hasattr(task, "partial_kwargs"):
            task.partial_kwargs["retries"] = 0
        else:
            task.retries = 0
    return dag


def read_settings(file: Path) -> dict[str, str]:
    """The `NAME=value` lines of a file; comments and empty lines are left out."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read, not even for a moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(text)
