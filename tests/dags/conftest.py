"""Airflow for the tests of DAGs: real, in one process, with a database of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.airflow_for_tests import airflow_home, airflow_warnings, dags_folder

HOME = airflow_home()

CONFIGURATION = {
    "organisation": "Provkommun",
    "teams": ["Ullared", "Vessigebro"],
    "source": {
        "kind": "files",
        "path": "exports/",
        "protected": "not_in_source",
        "columns": {
            "plan_date": "Datum", "team": "Grupp", "client_name": "Namn", "start": "Starttid", "minutes": "Längd",
        },
    },
    "stores": [{"name": "folder", "kind": "folder", "folder": "store"}],
    "staging": "staging",
    "watch": {"folder": "watch"},
}  # fmt: skip


def pytest_collection_modifyitems(items: list[Any]) -> None:
    airflow_warnings(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def database() -> None:
    """Airflow's own database, with the pool of the writers."""
    HOME.prepare_database()


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a configuration with changes to its keys, and make it the one in force."""

    def write(**changes: Any) -> Path:
        file = tmp_path / "reservplan.yaml"
        file.write_text(yaml.safe_dump({**CONFIGURATION, **changes}, allow_unicode=True), encoding="utf-8")
        monkeypatch.setenv("RESERVPLAN_CONFIG", str(file))
        return file

    return write


@pytest.fixture
def read_dags(configure: Callable[..., Path]) -> Callable[..., dict[str, Any]]:
    """Read the DAG files as Airflow does, under a configuration with changes."""

    def read(**changes: Any) -> dict[str, Any]:
        from airflow.dag_processing.dagbag import DagBag

        configure(**changes)
        bag = DagBag(str(dags_folder()))
        assert bag.import_errors == {}, "A DAG file that cannot be read is a DAG that does not run."
        return dict(bag.dags)

    return read
