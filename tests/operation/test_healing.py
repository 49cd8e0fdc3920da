"""The watch puts back what somebody deletes on the share, by a run that is seen to be what it is."""

from typing import Any

import pytest
from reservplan.domain.names import START_PAGE_NAME, TRACE_PAGE_NAME

from tests.operation.deployment import SNAPSHOT, Office, wait_until

WATCH = "reservplan_watch"


def healing_runs(office: Office) -> list[dict[str, Any]]:
    """The runs that the watch has asked for."""
    return [run for run in office.api.runs(SNAPSHOT) if run["dag_run_id"].startswith("healing__")]


def copies_of(office: Office) -> dict[str, tuple[int, str]]:
    """All that lies there but our own folder, and the start page: it shows the last look once there has been one."""
    state = office.state().items()
    return {name: held for name, held in state if not name.startswith(".") and name != START_PAGE_NAME}


@pytest.mark.long
def test_a_list_that_is_deleted_on_the_share_is_put_back_and_nothing_else_is_touched(office: Office) -> None:
    run_id, _ = office.run()
    office.assert_success(run_id)
    before = copies_of(office)
    gone = sorted(name for name in before if "schema Ullared" in name and name.startswith(f"{office.day(0):%y%m%d}"))
    assert len(gone) == 4
    for name in gone:
        (office.copies / name).unlink()

    office.run(dag_id=WATCH)
    (healing,) = wait_until(lambda: healing_runs(office), "the watch has not asked for a run")
    assert healing["run_type"] == "operator_triggered"
    assert healing["conf"] == {"cells": [f"{office.day(0)} Ullared"]}
    office.assert_success(healing["dag_run_id"])

    after = copies_of(office)
    assert {name: digest for name, (_, digest) in after.items()} == {
        name: digest for name, (_, digest) in before.items()
    }
    assert {name: held for name, held in after.items() if name not in gone} == {
        name: held for name, held in before.items() if name not in gone
    }
    assert TRACE_PAGE_NAME in (office.copies / START_PAGE_NAME).read_text(encoding="utf-8")
    origins = {team: cell["origin"] for team, cell in office.manifest(office.day(0))["cells"].items()}
    assert origins == {"Ullared": "healing", "Vessigebro": "manual"}

    run_id, state = office.run(dag_id=WATCH)
    assert state == "success"
    assert len(healing_runs(office)) == 1
