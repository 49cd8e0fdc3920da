"""Airflow for the tests that run a whole DAG: real, in this process."""

from pathlib import Path
from typing import Any

import pytest

from servers.airflow_home import AirflowHome
from tests.airflow_for_tests import airflow_home, airflow_warnings

HOME = airflow_home()


def pytest_collection_modifyitems(items: list[Any]) -> None:
    airflow_warnings(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def airflow_database() -> AirflowHome:
    """Airflow's own database, with the pool of one slot."""
    HOME.prepare_database()
    return HOME
