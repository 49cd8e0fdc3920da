"""Retention under Airflow, on a real folder: plan, guard, then exactly that."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reservplan.domain.errors import DeletionRefused
from reservplan.retain import plan_for, require_confirmed
from reservplan.settings import load
from reservplan_airflow.notifiers import Failure, alert_of

from servers.airflow_home import read_dag
from tests.unit.retain.shelf import Shelf, days

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def two_stores(configure: Callable[..., Path]) -> Path:
    """Two empty stores beside the configuration."""
    folder = configure(stores=[{"name": name, "kind": "folder", "folder": name} for name in ("first", "second")]).parent
    for name in ("first", "second"):
        (folder / name).mkdir()
    return folder


def states(run: Any) -> dict[tuple[str, int], str]:
    return {(ti.task_id, ti.map_index): str(ti.state) for ti in run.get_task_instances()}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_nothing_to_remove_is_a_good_day(two_stores: Path) -> None:
    run = read_dag("reservplan_retain").test()
    assert str(run.state) == "success"
    assert {states(run)[task, index] for task in ("plan", "guard", "remove") for index in (0, 1)} == {"success"}
    assert two_stores.is_dir()


def test_a_dry_run_shows_the_plan_and_removes_nothing(two_stores: Path) -> None:
    (two_stores / "first" / "somebody's own.txt").write_text("x")
    before = files(two_stores)
    run = read_dag("reservplan_retain").test(run_conf={"dry_run": True})
    assert str(run.state) == "success"
    assert states(run)["plan", 0] == "success"
    assert states(run)["remove", 0] == "skipped"
    assert files(two_stores) == before


def test_a_store_that_is_away_keeps_no_other_from_its_retention(two_stores: Path) -> None:
    (two_stores / "first").rmdir()
    run = read_dag("reservplan_retain").test()
    found = states(run)
    assert found["plan", 0] == "failed"
    assert found["plan", 1] == "success"
    assert "success" in {state for (task, _), state in found.items() if task == "remove"}
    assert str(run.state) == "failed"


def test_a_refused_plan_is_told_with_its_command_and_only_that_with_its_code_is_done(two_stores: Path) -> None:
    now = datetime.now(UTC)
    settings = load(two_stores / "reservplan.yaml")
    shelves = [Shelf(two_stores / store.name, now=now) for store in settings.stores]
    for shelf in shelves:
        shelf.put_days([*days(-30, -21, shelf.today), *days(0, 3, shelf.today)])
    with shelves[0].store() as store:
        plan = plan_for(store, settings.stores[0], settings, now)
    with pytest.raises(DeletionRefused) as refused:
        require_confirmed(plan, "")
    alert = alert_of(Failure("reservplan_retain", "scheduled", "guard", (), refused.value), settings)
    assert alert.subject == "Reservplan: gallringen vägrar"
    text = " ".join(alert.plain.split())
    assert "10 dagar skulle tas bort på en gång" in text
    assert f"reservplan retain --store first --apply --confirm {plan.code}" in text
    assert "docs/runbooks/retention-refused.md" in text
    before = shelves[1].names()
    found = states(read_dag("reservplan_retain").test(run_conf={"confirm": f"{'0' * 14} {plan.code}"}))
    assert (found["guard", 0], found["remove", 0], found["guard", 1]) == ("success", "success", "failed")
    assert {name[:6] for name in shelves[0].names()} == {f"{day:%y%m%d}" for day in days(0, 3, shelves[0].today)}
    assert shelves[1].names() == before
