"""The watch puts back what somebody deletes on the share, by a run that is seen to be what it is."""

from typing import Any

import pytest

from tests.operation.deployment import SNAPSHOT, Office, wait_until

WATCH = "reservplan_watch"


def healing_runs(office: Office) -> list[dict[str, Any]]:
    """The runs that the watch has asked for."""
    return [run for run in office.api.runs(SNAPSHOT) if run["dag_run_id"].startswith("healing__")]


@pytest.mark.long
def test_a_list_that_is_deleted_on_the_share_is_put_back_and_nothing_else_is_touched(office: Office) -> None:
    run_id, _ = office.run()
    office.assert_success(run_id)
    before = {name: held for name, held in office.state().items() if not name.startswith(".")}
    gone = sorted(name for name in before if "schema Ullared" in name and name.startswith(f"{office.day(0):%y%m%d}"))
    assert len(gone) == 4
    for name in gone:
        (office.copies / name).unlink()

    office.run(dag_id=WATCH)
    (healing,) = wait_until(lambda: healing_runs(office), "the watch has not asked for a run")
    assert healing["run_type"] == "operator_triggered"
    assert healing["conf"] == {"cells": [f"{office.day(0)} Ullared"]}
    office.assert_success(healing["dag_run_id"])

    after = {name: held for name, held in office.state().items() if not name.startswith(".")}
    assert {name: digest for name, (_, digest) in after.items()} == {
        name: digest for name, (_, digest) in before.items()
    }
    assert {name: held for name, held in after.items() if name not in gone} == {
        name: held for name, held in before.items() if name not in gone
    }
    origins = {team: cell["origin"] for team, cell in office.manifest(office.day(0))["cells"].items()}
    assert origins == {"Ullared": "healing", "Vessigebro": "manual"}

    run_id, state = office.run(dag_id=WATCH)
    assert state == "success"
    assert len(healing_runs(office)) == 1
