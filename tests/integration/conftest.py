"""Airflow for the tests that run a whole DAG: real, in this process; and object storage, real, beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servers.airflow_home import AirflowHome
from servers.object_store import ObjectStore
from tests.airflow_for_tests import airflow_home, airflow_warnings

HOME = airflow_home()


def pytest_collection_modifyitems(items: list[Any]) -> None:
    airflow_warnings(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def airflow_database() -> AirflowHome:
    """Airflow's own database, with the pool of the writers."""
    HOME.prepare_database()
    return HOME


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """One for all: who speaks S3 in this process keeps to the first address that it was given."""
    with ObjectStore() as started:
        yield started


@pytest.fixture
def bucket(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """An empty bucket that lets us do everything, and its address and key in our environment."""
    for name, value in object_store.environment().items():
        monkeypatch.setenv(name, value)
    yield object_store
    object_store.client.delete_bucket_policy(Bucket=object_store.bucket)
    for name in object_store.names():
        object_store.client.delete_object(Bucket=object_store.bucket, Key=name)
