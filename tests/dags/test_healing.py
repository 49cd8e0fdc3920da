"""A run for certain copies: asked for by hand or by the watch, and seen to be what it is."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunLink
from reservplan.domain.errors import RequestRefused
from reservplan.domain.manifest import Origin
from reservplan.domain.plan import Cell
from reservplan.settings import Settings
from reservplan_airflow.healing import request_for
from reservplan_airflow.run_context import as_passed_on, request_passed_on
from reservplan_airflow.xcom import fault_of

from servers.airflow_home import read_dag
from tests.dags.conftest import CONFIGURATION
from tests.dags.test_run_context import NOW, SETTINGS, asked, run

PAST = date(2026, 11, 20)


def test_certain_copies_are_asked_for_and_no_others() -> None:
    request = asked(run("manual", None), cells=["2026-11-20 Ullared", "2026-11-22 *"])
    assert request.cells == (
        Cell(PAST, "Ullared"), Cell(date(2026, 11, 22), "Ullared"), Cell(date(2026, 11, 22), "Vessigebro"),
    )  # fmt: skip
    assert (request.plan_dates, request.origin) == ((PAST, date(2026, 11, 22)), Origin.MANUAL)


def test_a_run_that_the_watch_asked_for_says_so_in_its_id_and_in_the_manifest() -> None:
    wanted = request_for(["2026-11-20 Ullared"], NOW)
    assert wanted["trigger_run_id"].startswith("healing__2026-11-22T040000Z-")
    made = run("operator_triggered")
    made.run_id = wanted["trigger_run_id"]
    assert asked(made, **wanted["conf"]).origin is Origin.HEALING


@pytest.mark.parametrize("beside", [{"date_from": "2026-11-20"}, {"date_to": "2026-11-20"}, {"teams": ["Ullared"]}])
def test_certain_copies_and_days_or_groups_exclude_each_other(beside: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused):
        asked(run("manual", None), cells=["2026-11-20 Ullared"], **beside)


def test_a_backfill_is_of_whole_days() -> None:
    with pytest.raises(RequestRefused):
        asked(run("backfill"), cells=["2026-11-20 Ullared"])


def test_a_request_for_all_that_there_is_stays_small_between_tasks() -> None:
    many = Settings.model_validate({**CONFIGURATION, "teams": [f"Grupp {n:03}" for n in range(300)]})
    days = [f"2026-11-{day:02} *" for day in range(8, 26)]
    made = asked_of(many, cells=days)
    passed = as_passed_on(made, {"cells": days})
    assert len(made.cells) == 5400
    assert fault_of(passed) is None
    assert request_passed_on(passed, many) == made
    assert request_passed_on(as_passed_on(asked(run()), {}), SETTINGS) == asked(run())


def asked_of(settings: Settings, **params: Any) -> Any:
    from reservplan_airflow.run_context import snapshot_request

    return snapshot_request(run("manual", None), params, settings, NOW)


def test_more_single_copies_than_one_run_can_be_asked_for_are_refused() -> None:
    with pytest.raises(RequestRefused, match="too many"):
        asked(
            run("manual", None), cells=[f"2026-11-{day:02} {'x' * 200} {n}" for day in range(9, 25) for n in range(9)]
        )


@pytest.mark.usefixtures("database")
def test_a_copy_of_a_group_that_nobody_knows_is_refused_before_anything_is_kept_of_it(
    configure: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    configure()
    today = datetime.now(UTC).date()
    made = read_dag("reservplan_snapshot").test(run_conf={"cells": [f"{today} Berit Ek"]})
    [first] = [ti for ti in made.get_task_instances() if ti.task_id == "accept_request"]
    assert str(first.state) == "failed"
    assert first.xcom_pull(task_ids="accept_request") is None
    assert "of a group that is not in the settings" in caplog.text
    assert "Berit" not in caplog.text


@pytest.mark.parametrize("key", ["trigger_run_id", TriggerDagRunLink().xcom_key])
def test_what_airflow_keeps_of_a_run_that_a_task_started_is_its_id_and_its_page(key: str) -> None:
    assert fault_of("healing__2026-11-22T040000Z-abc123", key) is None
    assert fault_of("a" * 300, key) is not None
