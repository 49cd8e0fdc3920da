"""A run by hand does what was asked for, or says why not; never something else in silence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import ParamValidationError
from reservplan.domain.errors import RequestRefused
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


def test_what_was_typed_is_repeated_only_where_it_is_almost_a_known_key() -> None:
    with pytest.raises(RequestRefused) as refusal:
        refuse_unknown({"Berit Ek": 1, "dates_from": "2026-11-22", "Ek": 2}, KNOWN)
    assert "'dates_from' (meant date_from?), 2 that are like none of the known" in refusal.value.what
    assert "Ek" not in str(refusal.value)


@pytest.mark.usefixtures("database")
def test_a_group_that_nobody_knows_is_refused_before_anything_is_kept_of_it(
    configure: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    configure()
    run = read_dag("reservplan_snapshot").test(run_conf={"teams": ["Berit Ek", "Ullared"]})
    [first] = [ti for ti in run.get_task_instances() if ti.task_id == "accept_request"]
    assert str(first.state) == "failed"
    assert first.xcom_pull(task_ids="accept_request") is None
    assert "Groups asked for that are not in the settings: 1 of 2." in caplog.text
    assert "Berit" not in caplog.text


@pytest.mark.parametrize(
    "dag_id",
    [
        "reservplan_snapshot",
        "reservplan_refresh",
        "reservplan_retain",
        "reservplan_watch",
        "reservplan_verify",
        "reservplan_drill",
    ],
)
@pytest.mark.usefixtures("database")
def test_each_dag_refuses_an_unknown_key_before_it_does_anything(
    configure: Callable[..., Path], dag_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = configure().parent
    run = read_dag(dag_id).test(run_conf={"Berit Ek": "Ullared"})
    states = {ti.task_id: str(ti.state) for ti in run.get_task_instances()}
    assert str(run.state) == "failed"
    assert states["accept_request"] == "failed"
    assert "unknown parameters: 1 that are like none of the known" in caplog.text
    assert "Berit" not in caplog.text, "What was typed may be anything, a person's name too."
    # That it was refused the watch tells, by a note; of its own fault it tells at once.
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    noted = set() if dag_id == "reservplan_watch" else {f"watch/notes/{dag_id.removeprefix('reservplan_')}.json"}
    assert left == {"reservplan.yaml", *noted}


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
