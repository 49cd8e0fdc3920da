"""`make up`: all of Airflow with its web pages on this machine; runs the snapshot there and stays until `make down`."""

import argparse
import os
import shlex
import sys
import time
import urllib.error
from pathlib import Path

from reservplan.domain.errors import ReservplanError

from demo.results import Results, files_on_disk, report
from demo.scene import CONNECTION, RUN, Scene
from servers.airflow_api import AirflowRefused
from servers.airflow_home import LOGIN, PROJECT, AirflowHome, write_private
from servers.samba import SambaError
from servers.standalone import AirflowServer, ServerError

# Not the home of `make run`: two Airflows on one SQLite file lock each other out.
HOME = RUN / "airflow-up"
DAGS = sorted(file.stem for file in (PROJECT / "dags").glob("reservplan_*.py"))


def main(arguments: list[str] | None = None) -> int:
    """Start, run once, and leave it running; 0 when every cell lies whole on the store."""
    parser = argparse.ArgumentParser(prog="make up", description=__doc__)
    parser.add_argument("--store", choices=("smb", "folder"), default="smb")
    scene = Scene(parser.parse_args(arguments).store)
    try:
        return play(scene)
    except (ReservplanError, SambaError, ServerError, AirflowRefused, urllib.error.URLError) as error:
        print(f"make up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nmake up: interrupted; what was published is whole. `make down` ends what still runs.", file=sys.stderr)
        return 1


def play(scene: Scene) -> int:
    """Prepare, start, run, tell."""
    began = time.monotonic()
    home = AirflowHome(HOME, scene.config)
    server = AirflowServer(home)
    home.enter()
    print(f"Store    {scene.open_store()}", flush=True)
    scene.write_export()
    if server.running:
        print("Airflow  runs already", flush=True)
    else:
        print("Airflow  starts, which takes about half a minute …", flush=True)
        home.prepare_database_apart()
        server.start()
    days, before = scene.days(), files_on_disk(scene)
    print("Airflow  runs reservplan_snapshot", flush=True)
    state = server.run_dag("reservplan_snapshot", {"date_from": days[0].isoformat(), "date_to": days[-1].isoformat()})
    for dag_id in DAGS:
        server.unpause(dag_id)
    results = Results.read(scene)
    report(scene, results, before)
    print(f"\nAirflow's pages  {server.address}  (login {LOGIN}, password {home.secrets()['password']})")
    print(f"Its commands, as in the runbooks, after:  . {write_environment(home).relative_to(PROJECT)}")
    print("It stays, and follows its schedule, until `make down`.")
    if state == "success" and results.whole:
        print(f"Every group has every day. {time.monotonic() - began:.0f} s in all.")
        return 0
    print(f"{results.shortfall(state)} The log: {server.log_file}", file=sys.stderr)
    return 1


def write_environment(home: AirflowHome) -> Path:
    """A file for the shell, after which `airflow` and `reservplan` mean the demo's; holds its secrets."""
    names = home.environment()
    if CONNECTION in os.environ:
        names[CONNECTION] = os.environ[CONNECTION]
    lines = [f"export {name}={shlex.quote(value)}" for name, value in names.items()]
    lines.append(f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH")
    file = home.folder / "environment"
    write_private(file, "\n".join(lines) + "\n")
    return file


if __name__ == "__main__":
    sys.exit(main())
