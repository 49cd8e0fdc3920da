"""A slip in the configuration never makes a DAG vanish: the first task of every run says what is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reservplan.domain.errors import SettingsError

from servers.airflow_home import read_dag
from tests.dags.test_policy import DAGS

BROKEN: dict[str, dict[str, Any]] = {
    "a typing mistake in a key": {"timezon": "Europe/Stockholm"},
    "an unknown time zone": {"timezone": "Europe/Stokholm"},
    "a cron line of six fields": {"schedule": {"snapshot": "0 0 5 * * *"}},
    "an hour that no clock has": {"schedule": {"snapshot": "0 25 * * *"}},
    "no groups": {"teams": []},
}
FIRST = {
    "reservplan_snapshot": "accept_request",
    "reservplan_refresh": "accept_request",
    "reservplan_retain": "accept_request",
    "reservplan_watch": "accept_request",
    "reservplan_verify": "accept_request",
    "reservplan_drill": "accept_request",
}


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN)
def test_all_dags_stay_with_their_default_times(
    read_dags: Callable[..., dict[str, Any]], changes: dict[str, Any]
) -> None:
    dags = read_dags(**changes)
    assert set(dags) == DAGS
    assert dags["reservplan_snapshot"].timetable.expression == "0 5 * * *"


@pytest.mark.parametrize("text", ["teams: [Ullared", "\x00", "- a list", ""], ids=["syntax", "binary", "list", "empty"])
def test_all_dags_stay_when_the_file_is_no_configuration(
    read_dags: Callable[..., dict[str, Any]], configure: Callable[..., Path], text: str
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    from tests.airflow_for_tests import dags_folder

    read_dags()
    configure().write_text(text, encoding="utf-8")
    bag = DagBag(str(dags_folder()))
    assert bag.import_errors == {}
    assert set(bag.dags) == DAGS


@pytest.mark.parametrize("dag_id", sorted(DAGS))
@pytest.mark.usefixtures("database")
def test_the_first_task_fails_with_the_settings_words(
    configure: Callable[..., Path], dag_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    configure(timezone="Europe/Stokholm")
    run = read_dag(dag_id).test()
    states = {ti.task_id: str(ti.state) for ti in run.get_task_instances()}
    assert str(run.state) == "failed"
    assert states[FIRST[dag_id]] == "failed"
    assert not [task for task, state in states.items() if state == "success" and task != "clear_staging"]
    assert "timezone: 'Europe/Stokholm' is no time zone" in caplog.text


def test_a_schedule_that_no_clock_follows_is_refused_with_its_key(configure: Callable[..., Path]) -> None:
    from reservplan_airflow.configuration import load_settings

    configure(schedule={"retain": "0 25 * * *"})
    with pytest.raises(SettingsError, match=r"schedule\.retain"):
        load_settings()
