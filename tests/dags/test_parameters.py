"""A run by hand does what was asked for, or says why not; never something else in silence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import ParamValidationError
from reservplan_airflow.faults import RequestRefused
from reservplan_airflow.params import refuse_unknown

from servers.airflow_home import read_dag

KNOWN = ("date_from", "date_to", "force", "teams")


def test_known_keys_pass() -> None:
    refuse_unknown({"teams": ["Ullared"], "force": True}, KNOWN)
    refuse_unknown(None, KNOWN)


def test_an_unknown_key_is_refused_with_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(RequestRefused) as refusal:
        refuse_unknown({"team": "Ullared"}, KNOWN)
    assert "'team' (meant teams?)" in refusal.value.what
    assert "date_from, date_to, force, teams" in refusal.value.do


@pytest.mark.parametrize(
    "dag_id", ["reservplan_snapshot", "reservplan_refresh", "reservplan_retain", "reservplan_watch"]
)
@pytest.mark.usefixtures("database")
def test_each_dag_refuses_an_unknown_key_before_it_does_anything(
    configure: Callable[..., Path], dag_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = configure().parent
    run = read_dag(dag_id).test(run_conf={"grupp": "Ullared"})
    states = {ti.task_id: str(ti.state) for ti in run.get_task_instances()}
    assert str(run.state) == "failed"
    assert states["accept_request"] == "failed"
    assert "unknown parameters: 'grupp'" in caplog.text
    assert [path.name for path in folder.iterdir()] == ["reservplan.yaml"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("date_from", "22/11 2026"), ("teams", "Ullared"), ("teams", [3]), ("force", "ja")],
)
def test_the_form_refuses_values_that_are_none(read_dags: Callable[..., dict[str, Any]], name: str, value: Any) -> None:
    params = read_dags()["reservplan_snapshot"].params
    with pytest.raises(ParamValidationError):
        params[name] = value


@pytest.mark.parametrize("value", [{}, {"date_from": "2026-11-22", "teams": ["Ullared"], "force": True}])
def test_the_form_takes_what_it_shows(read_dags: Callable[..., dict[str, Any]], value: Any) -> None:
    params = read_dags()["reservplan_snapshot"].params
    params.update(value)
    params.validate()


def test_the_form_proposes_the_groups_of_the_settings(read_dags: Callable[..., dict[str, Any]]) -> None:
    param = read_dags()["reservplan_snapshot"].params.get_param("teams")
    assert param.schema["examples"] == ["Ullared", "Vessigebro"]
