"""The tests' own Airflow: entered before anything imports airflow, one for the whole test session."""

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from servers.airflow_home import PROJECT, AirflowHome


@functools.cache
def airflow_home() -> AirflowHome:
    """Enter a new, empty Airflow in a temporary folder; every later call gives the same."""
    folder = Path(tempfile.mkdtemp(prefix="reservplan-airflow-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = AirflowHome(folder, folder / "no-configuration.yaml")
    home.enter()
    # Tests of the product ask for the default configuration; those of DAGs name their own.
    del os.environ["RESERVPLAN_CONFIG"]
    return home


def airflow_warnings(items: list[Any], folder: Path) -> None:
    """Airflow and its web framework warn of each other's plans; only ours are errors."""
    for item in items:
        if item.path.is_relative_to(folder):
            item.add_marker(pytest.mark.filterwarnings("ignore:::airflow"))
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))


def dags_folder() -> Path:
    """Where the DAG files lie."""
    return PROJECT / "dags"
