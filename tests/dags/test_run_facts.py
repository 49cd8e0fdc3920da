"""What a real task learns from Airflow of the runs that save copies, and of the address outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.airflow_for_tests import airflow_home, dags_folder

airflow_home()

DAG_FILE = """
from datetime import datetime

from airflow.sdk import dag, task


@dag("asks_for_runs", schedule=None)
def asks_for_runs():
    @task
    def ask(ti=None, dag_run=None):
        from reservplan_airflow.configuration import load_settings
        from reservplan_airflow.run_facts import snapshot_active, why_not_saved

        settings = load_settings()
        why = [why_not_saved(ti, settings, datetime.fromisoformat(now)) for now in dag_run.conf["at"]]
        return [*why, snapshot_active(ti)]

    ask()


asks_for_runs()
"""
# The schedule's own 05:00 in Stockholm.
TICK = datetime(2026, 11, 24, 4, tzinfo=UTC)
NOW = TICK + timedelta(hours=2)
DAY = timedelta(days=1)


@pytest.fixture
def asks(tmp_path: Path, database: None, configure: Callable[..., Path]) -> Any:  # noqa: ARG001
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

    configure()
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "asks_for_runs.py").write_text(DAG_FILE, encoding="utf-8")
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(DagBag(str(dags_folder())), "dags-folder", None)
    bag = DagBag(str(tmp_path / "dags"))
    assert bag.import_errors == {}
    sync_bag_to_db(bag, "dags-folder", None)

    def ask(*at: datetime) -> list[Any]:
        run = bag.dags["asks_for_runs"].test(run_conf={"at": [now.isoformat() for now in at]})
        assert run.state == "success"
        [ti] = run.get_task_instances()
        return list(ti.xcom_pull(task_ids="ask"))

    return ask


@contextmanager
def a_run(state: str, dag_id: str = "reservplan_snapshot", at: datetime | None = TICK) -> Iterator[None]:
    """A run in Airflow's own database, in that state."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        session.add(
            DagRun(
                dag_id=dag_id,
                run_id=f"manual__{dag_id}.{state}",
                logical_date=at,
                run_after=TICK,
                run_type="scheduled",
                state=state,
            )
        )
    try:
        yield
    finally:
        _remove_runs(dag_id)


@contextmanager
def paused() -> Iterator[None]:
    _pause(paused=True)
    try:
        yield
    finally:
        _pause(paused=False)


def _pause(*, paused: bool) -> None:
    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session

    with create_session() as session:
        session.get(DagModel, "reservplan_snapshot").is_paused = paused


def _remove_runs(dag_id: str) -> None:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.dag_id == dag_id))


def test_a_task_is_told_why_the_days_snapshot_has_not_come(asks: Any) -> None:
    _pause(paused=False)
    with a_run("failed", at=TICK - DAY), a_run("success"):
        assert asks(NOW - DAY, NOW, NOW + DAY) == ["failed", "", "never", False]
    with a_run("queued"):
        assert asks(NOW) == ["queued", True]
    with a_run("running"):
        assert asks(NOW) == ["running", True]
    with paused(), a_run("running", "reservplan_refresh", at=None):
        assert asks(NOW) == ["paused", True]


def test_the_address_outside_is_read_from_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    from reservplan.domain.errors import SettingsError
    from reservplan.settings import Settings, Watch
    from reservplan_airflow.connections import heartbeat_address

    settings = Settings.model_construct(watch=Watch(heartbeat="outside"))
    assert heartbeat_address(Settings.model_construct(watch=Watch())) == ""
    monkeypatch.setenv("AIRFLOW_CONN_OUTSIDE", "https://monitor.example.org/ping/abc")
    assert heartbeat_address(settings) == "https://monitor.example.org/ping/abc"
    monkeypatch.setenv("AIRFLOW_CONN_OUTSIDE", '{"conn_type": "http", "host": "https://monitor.example.org/ping/abc"}')
    assert heartbeat_address(settings) == "https://monitor.example.org/ping/abc"
    monkeypatch.delenv("AIRFLOW_CONN_OUTSIDE")
    with pytest.raises(SettingsError, match="has no connection outside"):
        heartbeat_address(settings)
