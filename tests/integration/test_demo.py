"""`make up` and `make down` in a copy of the project: the runbooks' commands work on what they leave running."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.airflow_home import PROJECT

PARTS = ("config", "dags", "demo", "include", "plugins", "servers")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    for part in PARTS:
        shutil.copytree(PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    yield tmp_path
    demo(tmp_path, "down")


def demo(project: Path, command: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"demo.{command}", *arguments],
        cwd=project, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shell(project: Path, command: str) -> str:
    done = subprocess.run(
        ["sh", "-ec", f". .run/airflow-up/environment; {command}"],
        cwd=project, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_up_leaves_running_takes_the_runbooks_commands_and_down_leaves_nothing(project: Path) -> None:
    told = demo(project, "up", "--store", "folder")
    assert "Every group has every day." in told
    assert ". .run/airflow-up/environment" in told
    assert (project / ".run" / "airflow-up" / "environment").stat().st_mode & 0o777 == 0o600
    days = "--from-date 2026-11-20T00:00:00+01:00 --to-date 2026-11-21T23:59:59+01:00"
    planned = shell(project, f"airflow backfill create --dag-id reservplan_snapshot {days} --dry-run")
    assert "2026-11-20" in planned
    assert '"good": true' in shell(project, "reservplan status --json")
    cut_off = project / ".run" / "staging" / "run-snapshot__manual"
    cut_off.mkdir(parents=True)
    (cut_off / ".reservplan-run").write_text('{"run_id": "snapshot__manual", "made_at": "2126-11-22T05:00:00Z"}')
    ended = demo(project, "down")
    assert "Ended Airflow." in ended
    # With ours perhaps a run of the schedule, which begins when its DAG is unpaused.
    assert "Runs that were under way: " in ended
    assert list(cut_off.parent.iterdir()) == []
    assert "Nothing of the demo runs." in demo(project, "down")
