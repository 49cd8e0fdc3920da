"""What the tests of the deployment import of Airflow must not look for a home of its own."""

from pathlib import Path
from typing import Any

from tests.airflow_for_tests import airflow_home, airflow_warnings

airflow_home()


def pytest_collection_modifyitems(items: list[Any]) -> None:
    airflow_warnings(items, Path(__file__).parent)
