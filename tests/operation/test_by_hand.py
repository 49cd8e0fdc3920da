"""Runs by hand, as an operator triggers them: with the form filled in, and filled in wrongly."""

from typing import Any

import pytest

from servers.airflow_api import AirflowRefused
from tests.operation.deployment import SNAPSHOT, TEAMS, Office, names_of, wait_until


def test_a_run_by_hand_publishes_today_and_the_days_ahead_and_force_only_what_is_asked(office: Office) -> None:
    run_id = office.start()
    office.assert_success(run_id)
    days = [office.day(0), office.day(1)]
    assert office.cells() == {(day, team) for day in days for team in TEAMS}
    office.assert_whole(days)
    for day in days:
        manifest = office.manifest(day)
        assert manifest["run_id"] == f"snapshot__{run_id}"
        assert {cell["origin"] for cell in manifest["cells"].values()} == {"manual"}

    before = office.state()
    one_cell = {"date_from": days[1].isoformat(), "teams": [TEAMS[1]], "force": True}
    office.assert_success(office.start(one_cell))
    after = office.state()
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name for name in changed if "/" not in name} == set(names_of(days[1], TEAMS[1]))
    assert f".reservplan/{days[0]:%y%m%d}.json" not in changed
    office.assert_whole(days)


@pytest.mark.long
def test_days_and_groups_are_those_of_the_form_and_no_others(office: Office) -> None:
    asked = {"date_from": office.day(-2).isoformat(), "date_to": office.day(-1).isoformat(), "teams": [TEAMS[1]]}
    office.assert_success(office.start(asked))
    days = [office.day(-2), office.day(-1)]
    assert office.cells() == {(day, TEAMS[1]) for day in days}
    office.assert_whole(days, TEAMS[1:])
    assert all("EFTERSKAPAD" in office.page(day, TEAMS[1]) for day in days)


# Key by key: what is asked for, the task that refuses it, and its words.
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown key": ({"team": "Ullared"}, "accept_request", "unknown parameters: 'team' (meant teams?)"),
    "an unknown group": ({"teams": ["Ulared"]}, "accept_request", "Did you mean Ullared?"),
    "a range turned round": (
        {"date_from": "2026-11-22", "date_to": "2026-11-20"}, "accept_request", "is before the first",
    ),
    "days that are not kept": (
        {"date_to": "2126-11-22"}, "accept_request", "2126-11-22 is not among the days that are kept",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("conf", "task_id", "says"), [
    pytest.param(*case, id=name, marks=[pytest.mark.long] if name != "an unknown group" else [])
    for name, case in WRONG.items()
])  # fmt: skip
def test_what_is_asked_for_wrongly_is_refused_in_words_and_touches_nothing(
    office: Office, conf: dict[str, Any], task_id: str, says: str
) -> None:
    run_id, state = office.run(conf)
    assert state == "failed"
    assert says in office.api.task_log(SNAPSHOT, run_id, task_id)
    assert list(office.copies.iterdir()) == []
    assert office.staged() == []
    [note] = wait_until(office.notes, "nothing is left for the watch to tell")
    assert (note["job"], note["run_id"], note["task_id"]) == ("snapshot", run_id, task_id)
    assert says in note["what"] + note["do"]
    assert office.deployment.inbox.mails == []


@pytest.mark.parametrize("conf", [
    pytest.param({"date_from": "2026-13-01"}, id="no day"),
    pytest.param({"date_from": 20261101}, id="a number", marks=pytest.mark.long),
    pytest.param({"teams": "Ullared"}, id="no list", marks=pytest.mark.long),
    pytest.param({"force": "perhaps"}, id="neither yes nor no", marks=pytest.mark.long),
])  # fmt: skip
def test_what_is_no_value_for_the_form_is_refused_by_airflow_before_there_is_a_run(
    office: Office, conf: dict[str, Any]
) -> None:
    before = {run["dag_run_id"] for run in office.api.runs(SNAPSHOT)}
    with pytest.raises(AirflowRefused) as refused:
        office.start(conf)
    assert 400 <= refused.value.status < 500
    assert {run["dag_run_id"] for run in office.api.runs(SNAPSHOT)} == before
