"""`make run`: one whole day through real Airflow in this process, onto a real store, and what then lies there.

Exit status 0 only when every cell that the export covers lies whole on the store.
"""

import argparse
import contextlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reservplan.domain.errors import ReservplanError

from demo.results import Results, files_on_disk, report
from demo.scene import RUN, Scene
from servers.airflow_home import PROJECT, AirflowHome, read_dag
from servers.samba import SambaError

# Lines of these loggers are for people; everything else goes to the log file.
TOLD = "reservplan"
# Not worth a line to somebody who waits.
UNTOLD = ("accept_request", "name_stores", "clear_staging")


def main(arguments: list[str] | None = None) -> int:
    """Play the demo; 0 done and whole, 1 something fell short or could not run (said in words)."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--store", choices=("smb", "folder"), default="smb")
    scene = Scene(parser.parse_args(arguments).store)
    try:
        return play(scene)
    except (ReservplanError, SambaError) as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nmake run: interrupted; what was published is whole. `make down` ends what still runs.", file=sys.stderr
        )
        return 1


def play(scene: Scene) -> int:
    """Prepare, run, read back, tell."""
    began = time.monotonic()
    home = AirflowHome(RUN / "airflow", scene.config)
    home.enter()
    print(f"Store    {scene.open_store()}", flush=True)
    export, written = scene.write_export()
    print(f"Export   {_short(export)} ({'written now' if written else 'as before'})", flush=True)
    log_file = RUN / "airflow" / "run.log"
    print(f"Airflow  runs reservplan_snapshot; its whole log: {_short(log_file)}", flush=True)
    before = files_on_disk(scene)
    state, steps = run_snapshot(scene, home, log_file)
    print(f"Airflow  {state} after {time.monotonic() - began:.0f} s", flush=True)
    results = Results.read(scene)
    report(scene, results, before, steps)
    if state == "success" and results.whole:
        print(f"\nEvery group has every day. {time.monotonic() - began:.0f} s in all.")
        return 0
    print(f"\n{results.shortfall(state)} The log: {_short(log_file)}", file=sys.stderr)
    return 1


def run_snapshot(scene: Scene, home: AirflowHome, log_file: Path) -> tuple[str, dict[str, float]]:
    """Run the DAG to its end; returns its state and the seconds of each task. Its progress is told on the terminal."""
    days = scene.days()
    with into_file(log_file) as terminal:
        home.prepare_database()
        tell_progress(terminal)
        dag = read_dag("reservplan_snapshot")
        run = dag.test(run_conf={"date_from": days[0].isoformat(), "date_to": days[-1].isoformat()})
        steps: dict[str, float] = {}
        for ti in sorted(run.get_task_instances(), key=lambda ti: (ti.start_date is None, ti.start_date)):
            if ti.duration:
                steps[ti.task_id] = steps.get(ti.task_id, 0.0) + ti.duration
        return str(getattr(run.state, "value", run.state)), steps


@contextlib.contextmanager
def into_file(path: Path) -> Iterator[Any]:
    """Send all that this process prints, and its children, to a file; gives the terminal for people's lines."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(os.dup(saved[0]), "w", encoding="utf-8") as terminal:
        try:
            os.dup2(target, 1)
            os.dup2(target, 2)
            yield terminal
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, kept in zip((1, 2), saved, strict=True):
                os.dup2(kept, number)
                os.close(kept)
            os.close(target)


def tell_progress(terminal: Any) -> None:
    """Show the lines of the product and its tasks on the terminal as they come, with the seconds since the start."""
    began = time.monotonic()

    class Progress(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno == logging.INFO and record.getMessage().startswith(UNTOLD):
                return
            print(f"  {time.monotonic() - began:6.1f} s  {record.getMessage()}", file=terminal, flush=True)

    logger = logging.getLogger(TOLD)
    logger.setLevel(logging.INFO)
    logger.addHandler(Progress())


def _short(path: Path) -> str:
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
