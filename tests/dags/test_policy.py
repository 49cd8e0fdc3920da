"""What every DAG must be; each failure says what to mend and why."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from reservplan_airflow.dag_defaults import PUBLISH_POOL
from reservplan_airflow.notifiers import RunFailed

from tests.airflow_for_tests import dags_folder

DAGS = {f"reservplan_{name}" for name in ("snapshot", "refresh", "retain", "watch", "verify", "drill")}
WRITERS = {"publish", "seal", "shelf", "settle", "remove"}
Read = Callable[..., dict[str, Any]]


def test_there_are_these_dags_and_no_other(read_dags: Read) -> None:
    assert set(read_dags()) == DAGS, "An empty folder gives no DAGs and no errors: the exact set is the proof."


@pytest.mark.parametrize("dag_id", sorted(DAGS))
def test_each_dag_has_a_file_of_its_name_that_is_wiring_only(dag_id: str) -> None:
    file = dags_folder() / f"{dag_id}.py"
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) < 80, f"{file.name} has {len(lines)} lines: move what is not wiring to reservplan_airflow."


@pytest.mark.parametrize("dag_id", sorted(DAGS))
class TestEachDag:
    def test_runs_by_the_local_clock(self, read_dags: Read, dag_id: str) -> None:
        timetable = read_dags()[dag_id].timetable
        assert type(timetable).__name__ == "CronTriggerTimetable", "Its runs have no length; one a tick, also at DST."
        assert str(timetable.timezone) == "Europe/Stockholm", "05:00 must be 05:00 on the planners' wall, all year."

    def test_neither_catches_up_nor_runs_twice_at_once(self, read_dags: Read, dag_id: str) -> None:
        dag = read_dags()[dag_id]
        assert dag.catchup is False, "After a stop the missed runs would all start; missed days are backfilled by hand."
        assert dag.max_active_runs == 1, "Two runs would compete for the same files."

    def test_ends_before_the_next_run_begins(self, read_dags: Read, dag_id: str) -> None:
        dag = read_dags()[dag_id]
        gap = {"refresh": 4, "watch": 0.5}.get(dag_id.removeprefix("reservplan_"), 23)
        assert dag.dagrun_timeout, "A run that hangs would keep every later one waiting, in silence."
        assert dag.dagrun_timeout < timedelta(hours=gap)

    def test_limits_every_task(self, read_dags: Read, dag_id: str) -> None:
        dag = read_dags()[dag_id]
        for task in dag.tasks:
            if task.task_type == "EmptyOperator":
                continue
            assert task.execution_timeout, f"{task.task_id} may hang for ever: give it an execution_timeout."
            assert task.execution_timeout <= dag.dagrun_timeout, f"{task.task_id} may take longer than its run."

    def test_tells_when_it_fails(self, read_dags: Read, dag_id: str) -> None:
        dag = read_dags()[dag_id]
        callbacks = dag.on_failure_callback
        for callback in callbacks if isinstance(callbacks, list) else [callbacks]:
            assert isinstance(callback, RunFailed), "A run that took too long would end without a word."
        for task in dag.tasks:
            if task.is_teardown:
                continue
            callbacks = task.on_failure_callback
            found = callbacks if isinstance(callbacks, list) else [callbacks]
            assert [type(it) for it in found] == [RunFailed], f"{task.task_id} would fail silently."

    def test_writes_to_few_stores_at_a_time(self, read_dags: Read, dag_id: str) -> None:
        for task in read_dags()[dag_id].tasks:
            if task.task_id in WRITERS:
                assert task.pool == PUBLISH_POOL, f"{task.task_id}: runs of a backfill would fill every worker."

    def test_says_on_its_page_what_when_again_and_what_if(self, read_dags: Read, dag_id: str) -> None:
        doc = read_dags()[dag_id].doc_md or ""
        for part in ("**When:**", "**By hand:**", "**Safe to run again:**", "**When it fails:**"):
            assert part in doc, f"{dag_id}'s docstring lacks {part}: it is what the operations team reads at night."

    def test_has_an_owner_and_the_tag(self, read_dags: Read, dag_id: str) -> None:
        dag = read_dags()[dag_id]
        assert "reservplan" in dag.tags
        assert {task.owner for task in dag.tasks} == {"reservplan"}


@pytest.mark.parametrize("dag_id", sorted(DAGS - {"reservplan_snapshot"}))
def test_only_the_snapshot_can_be_backfilled(read_dags: Read, dag_id: str) -> None:
    dags = read_dags()
    assert "backfill" not in {kind.value for kind in dags[dag_id].allowed_run_types}
    assert not dags["reservplan_snapshot"].allowed_run_types


def test_the_look_waits_for_nothing_that_writes(read_dags: Read) -> None:
    dag = read_dags()["reservplan_watch"]
    assert dag.get_task("look").upstream_task_ids == {"accept_request"}, "A store that hangs must not blind the watch."
    assert dag.get_task("settle").upstream_task_ids == {"accept_request"}
    assert not dag.get_task("settle").downstream_task_ids


def test_the_schedule_is_the_settings(read_dags: Read) -> None:
    dags = read_dags(timezone="Europe/Helsinki", schedule={"snapshot": "15 4 * * *", "due_by": "05:00"})
    dag = dags["reservplan_snapshot"]
    assert dag.timetable.expression == "15 4 * * *"
    assert str(dag.timetable.timezone) == "Europe/Helsinki"
    assert dag.get_task("extract").retries == 9, "Tries of five minutes from 04:15 to 05:00."


def test_snapshot_tells_the_products_steps_in_order(read_dags: Read) -> None:
    dag = read_dags()["reservplan_snapshot"]
    steps = ["accept_request", "extract", "validate", "compare", "render", "publish", "seal", "shelf", "whole"]
    for earlier, later in pairwise(steps):
        assert later in dag.get_task(earlier).downstream_task_ids
    clear = dag.get_task("clear_staging")
    assert clear.is_teardown
    assert clear.upstream_task_ids >= {"archive", "report", "whole"}, "Staging must not be emptied while it is read."
    assert "shelf" in dag.get_task("report").upstream_task_ids
    assert "validate" in dag.get_task("archive").upstream_task_ids, "What was read is kept although a store is away."


@pytest.mark.parametrize("dag_id", ["reservplan_snapshot", "reservplan_refresh"])
def test_each_store_goes_its_own_way_and_the_run_fails_with_any_of_them(read_dags: Read, dag_id: str) -> None:
    dag = read_dags()[dag_id]
    for task_id in ("publish", "seal", "shelf"):
        task = dag.get_task(task_id)
        group = task.get_closest_mapped_task_group()
        assert group is not None, f"{task_id} would wait for every store, also for one that is away for an hour."
        assert group.group_id == "each_store"
        assert "whole" in task.downstream_task_ids, f"A run whose {task_id} has failed would be green."


def test_the_same_tasks_refresh_during_the_day(read_dags: Read) -> None:
    dags = read_dags()
    shapes = [
        {task.task_id: sorted(task.downstream_task_ids) for task in dags[dag_id].tasks}
        for dag_id in ("reservplan_snapshot", "reservplan_refresh")
    ]
    assert shapes[0] == shapes[1]


def test_reading_the_dags_loads_nothing_heavy(configure: Callable[..., Path]) -> None:
    configure()
    code = (
        "import sys, time\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        f"begun = time.process_time()\nbag = DagBag({str(dags_folder())!r})\n"
        "heavy = {'pandas', 'great_expectations', 'typst', 'openpyxl', 'smbprotocol', 'pyarrow', 'holidays'}\n"
        "print(len(bag.dags), time.process_time() - begun, sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=dags_folder().parent
    )
    count, seconds, heavy = done.stdout.splitlines()[-1].split(" ", 2)
    assert int(count) == len(DAGS)
    assert heavy == "[]", "Every task process reads its DAG file anew: import heavy things inside task bodies only."
    assert float(seconds) < 10
