"""One real deployment for all tests of operation: started once, ended by its ids.

`deployment` is what runs; `office` gives each test a folder of its own on the share, with settings in force and an
export, and leaves every DAG paused and nothing under way.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.airflow_for_tests import airflow_home, airflow_warnings
from tests.operation.deployment import Deployment, Office, deployed

# What is imported of Airflow here must not look for a home of its own.
airflow_home()


def pytest_collection_modifyitems(items: list[Any]) -> None:
    airflow_warnings(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Everything that runs; prepared as a first installation is."""
    folder = tmp_path_factory.mktemp("deployment")
    with deployed(folder, tmp_path_factory.mktemp("files")) as made:
        Office(made, folder, "Först").configure()
        with made.services:
            yield made


@pytest.fixture
def office(deployment: Deployment, tmp_path: Path) -> Iterator[Office]:
    """A folder of the test's own on the share, with settings in force and an export of yesterday and onwards."""
    made = Office(deployment, tmp_path, f"Besöksplanering {tmp_path.name}")
    made.configure()
    made.export()
    deployment.inbox.mails.clear()
    yield made
    deployment.calm()
