"""The watch's memory in Airflow's asset state store, in real runs."""

from pathlib import Path
from typing import Any

import pytest

from tests.airflow_for_tests import airflow_home

airflow_home()

DAG_FILE = """
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk import dag, task
from reservplan.domain.errors import StoreBusy
from reservplan_airflow.watch_memory import LONGEST_TURN, WATCH_MEMORY, AssetMemory

from tests.unit.watch.memory_contract import CONTRACT, is_had_by_one_at_a_time


@dag("watch_memory_contract", schedule=None)
def contract():
    @task(inlets=[WATCH_MEMORY])
    def look(asset_state_store=None, dag_run=None):
        memory, other = (AssetMemory(asset_state_store[WATCH_MEMORY]) for _ in range(2))
        match dag_run.conf["round"]:
            case "first":
                # Another was killed longer ago than any round takes.
                memory.set("turn", {"token": "x", "at": (datetime.now(UTC) - LONGEST_TURN).isoformat()})
                for promise in CONTRACT:
                    promise(memory)
                is_had_by_one_at_a_time(memory, other)
                memory.set("told", ["Ätran"])
            case "killed":
                assert memory.get("told") == ["Ätran"]
                # What a round leaves behind that ends without a word.
                memory.set("turn", {"token": "x", "at": datetime.now(UTC).isoformat()})
            case "right after":
                with pytest.raises(StoreBusy), memory.turn():
                    pass

    look()


contract()
"""


@pytest.fixture
def contract_dag(tmp_path: Path, database: None) -> Any:  # noqa: ARG001
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "watch_memory_contract.py").write_text(DAG_FILE, encoding="utf-8")
    bag = DagBag(str(tmp_path / "dags"))
    assert bag.import_errors == {}
    # A run wants its DAG in the database, and this one does not lie with the others.
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, "dags-folder", None)
    return bag.dags["watch_memory_contract"]


def test_what_one_run_remembers_the_next_reads_and_a_killed_one_keeps_its_turn_for_a_while(
    contract_dag: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def run(which: str) -> str:
        return str(contract_dag.test(run_conf={"round": which}).state)

    assert run("first") == "success", caplog.text
    assert run("killed") == "success", caplog.text
    assert run("right after") == "success", caplog.text
