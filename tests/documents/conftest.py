"""Airflow's own parser of commands reads the commands in the documents."""

from pathlib import Path
from typing import Any

from tests.airflow_for_tests import airflow_home, airflow_warnings

airflow_home()


def pytest_collection_modifyitems(items: list[Any]) -> None:
    airflow_warnings(items, Path(__file__).parent)
