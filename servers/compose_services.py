"""The services of docker-compose.yaml, run as processes of this machine: the very commands, environments and checks.

Only addresses and folders are replaced: what a container finds below /opt/reservplan and /opt/airflow lies in a
folder of ours, and what it finds by a service's name listens on loopback.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from servers.airflow_home import PROJECT
from servers.own_session import OwnSession

IN_IMAGE = "/opt/reservplan"
AIRFLOW_IN_IMAGE = "/opt/airflow"
# What the image gets from the project, as its Dockerfile copies it.
COPIED = ("dags", "plugins", "config", "deploy")
CHECK_SECONDS = 120.0


class ComposeError(RuntimeError):
    """docker-compose is not there or refuses the file; the text says what to do or what it said."""


def composed(project: Path, *, profiles: Sequence[str] = (), settings: Mapping[str, str] | None = None) -> Any:
    """The whole of a project's docker-compose.yaml as docker-compose understands it, environment files read in.

    Raises:
        ComposeError: it is missing, or refuses the file.
    """
    program = shutil.which("docker-compose")
    if program is None:
        raise ComposeError("docker-compose is not on this machine. Please run: sudo apt-get install docker-compose")
    chosen = [part for profile in profiles for part in ("--profile", profile)]
    done = subprocess.run(
        [program, "--project-directory", project, "--file", project / "docker-compose.yaml", *chosen, "config"],
        capture_output=True, text=True, check=False, cwd=project,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(project), **(settings or {})},
    )  # fmt: skip
    if done.returncode:
        raise ComposeError(f"docker-compose refuses the file: {done.stderr.strip()}")
    # It writes a dollar twice, as the file itself must.
    return yaml.safe_load(done.stdout.replace("$$", "$"))


@dataclass(frozen=True)
class ComposeService:
    """One service as a process; `replaced` are texts of its container and what they are here, longest first."""

    name: str
    service: Mapping[str, Any]
    folder: Path
    replaced: Mapping[str, str]

    @property
    def command(self) -> list[str]:
        """What it runs."""
        return [self.here(part) for part in self.service["command"]]

    @property
    def environment(self) -> dict[str, str]:
        """What it knows: all that its container knows, and where programs lie here."""
        given = {key: self.here(str(value or "")) for key, value in self.service["environment"].items()}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        own = {"PATH": path, "LANG": "C.UTF-8", "HOME": str(self.folder), "HOSTNAME": os.uname().nodename}
        return own | {"PYTHONDONTWRITEBYTECODE": "1"} | given

    def start(self) -> None:
        """Start it in a session of its own."""
        self.session.start(self.command, self.environment, self.folder)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run it to its end, for a service that does one thing."""
        return subprocess.run(
            self.command, capture_output=True, text=True, check=False, env=self.environment, cwd=self.folder
        )

    def check(self) -> bool:
        """Whether its health check, as the file gives it, finds it healthy."""
        kind, *words = self.service["healthcheck"]["test"]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        done = subprocess.run(
            [self.here(word) for word in command],
            capture_output=True, text=True, check=False, env=self.environment, cwd=self.folder, timeout=CHECK_SECONDS,
        )  # fmt: skip
        return done.returncode == 0

    @cached_property
    def session(self) -> OwnSession:
        """What runs of it, and its output."""
        return OwnSession(self.folder / f"{self.name}.json", self.folder / f"{self.name}.log")

    def here(self, text: str) -> str:
        """A text of the container with our addresses and folders in it."""
        for theirs, ours in self.replaced.items():
            text = text.replace(theirs, ours)
        return text


@dataclass(frozen=True)
class ComposeSite:
    """A copy of what the image gets, with secrets of its own, in one folder; and its services."""

    folder: Path

    def install(self) -> None:
        """Copy what the image gets, make the secrets with the project's own script, and what the image makes."""
        for name in COPIED:
            shutil.copytree(PROJECT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(PROJECT / "docker-compose.yaml", self.folder)
        for name in (".run/exports", ".run/staging", ".run/archive", ".run/reports", "airflow/logs"):
            (self.folder / name).mkdir(mode=0o700, parents=True)
        subprocess.run(
            [self.folder / "deploy" / "make-secrets.sh"], stdin=subprocess.DEVNULL, capture_output=True, check=True
        )

    def services(self, replaced: Mapping[str, str], profiles: Sequence[str] = ()) -> dict[str, ComposeService]:
        """The services by name; `replaced` gives addresses of containers and ours."""
        settings = {"RESERVPLAN_EXPORTS": str(self.folder / ".run" / "exports")}
        tree = composed(self.folder, profiles=profiles, settings=settings)
        folders = {IN_IMAGE: str(self.folder), AIRFLOW_IN_IMAGE: str(self.folder / "airflow")}
        return {
            name: ComposeService(name, service, self.folder, {**replaced, **folders})
            for name, service in tree["services"].items()
        }
