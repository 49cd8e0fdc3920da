"""A refused plan is done only where somebody confirms this very plan, and only once."""

import json
from datetime import timedelta

import pytest
from reservplan.domain.errors import DeletionRefused
from reservplan.domain.names import Format, Kind
from reservplan.domain.plan import Cell
from reservplan.retain import how_to_confirm, retention_table

from tests.unit.publish.site import rendered
from tests.unit.retain.shelf import TODAY, Shelf, days

OLD = TODAY - timedelta(days=15)


def after_a_month_away(shelf: Shelf) -> None:
    """The last retention was a month ago; this morning's snapshot is there."""
    shelf.put_days([*days(-44, -28), *days(0, 3)])
    remember(shelf, "2022-05-22")


def remember(shelf: Shelf, last_run: str) -> None:
    shelf.put_file(".reservplan/retention.json", json.dumps({"schema": 1, "last_run": last_run}).encode())


def edit_one(shelf: Shelf) -> None:
    shelf.put_file(shelf.path(OLD).name, rendered(Cell(OLD, "Ullared"), Format.PDF, Kind.LIST, "edited"))


def test_after_a_month_away_the_plan_is_refused_and_done_with_its_code(shelf):
    after_a_month_away(shelf)
    plan = shelf.plan()
    assert [refusal.code for refusal in plan.refusals] == ["pause", "many"]
    with pytest.raises(DeletionRefused) as refused:
        shelf.apply(plan)
    assert f"reservplan retain --store share --apply --confirm {plan.code}" in str(refused.value)
    assert len(shelf.apply(plan, confirm=plan.code).removed) == 17 * 8
    assert {one.confirmed for one in shelf.noted()} == {("pause", "many")}
    assert shelf.plan().refusals == ()
    assert {name[:6] for name in shelf.names()} == {f"{day:%y%m%d}" for day in days(0, 3)}


def test_a_code_is_for_one_plan_and_the_refusal_names_the_next(shelf):
    after_a_month_away(shelf)
    before = shelf.plan()
    shelf.put_days([days(-45, -45)[0]])
    plan = shelf.plan()
    assert plan.code != before.code
    with pytest.raises(DeletionRefused, match=f"annan plan.*--confirm {plan.code}"):
        shelf.apply(plan, confirm=before.code)
    assert {name[:6] for name in shelf.names()} >= {f"{day:%y%m%d}" for day in days(-45, -28)}


@pytest.mark.parametrize("given", ["", "3", "0" * 64])
def test_nothing_but_the_code_confirms(shelf, given):
    after_a_month_away(shelf)
    plan = shelf.plan()
    before = shelf.names()
    with pytest.raises(DeletionRefused):
        shelf.apply(plan, confirm=given or plan.code[:11])
    assert shelf.names() == before


def test_a_code_works_once(shelf):
    after_a_month_away(shelf)
    plan = shelf.plan()
    shelf.apply(plan, confirm=plan.code)
    after_a_month_away(shelf)
    shelf.now += timedelta(days=1)
    with pytest.raises(DeletionRefused):
        shelf.apply(shelf.plan(), confirm=plan.code)


def test_a_plan_that_nothing_refuses_is_not_done_with_the_code_of_another(shelf):
    shelf.put_days([OLD, TODAY])
    with pytest.raises(DeletionRefused, match="annan plan"):
        shelf.apply(shelf.plan(), confirm="0" * 14)
    assert shelf.path(OLD).exists()


@pytest.mark.parametrize("last_run", ["2022-06-22", "2022-06-10"])
def test_a_calendar_that_jumped_is_confirmed_by_who_knows_the_day(shelf, last_run):
    shelf.put_days([OLD, TODAY])
    remember(shelf, last_run)
    plan = shelf.plan()
    assert plan.confirmable
    assert len(shelf.apply(plan, confirm=plan.code).removed) == 8
    assert shelf.plan().refusals == ()


def test_old_copies_without_a_fresh_one_go_when_somebody_says_so(shelf):
    shelf.put_days([OLD])
    shelf.put_days([TODAY], true_at=shelf.now - timedelta(hours=27))
    plan = shelf.plan()
    assert [refusal.code for refusal in plan.refusals] == ["stale"]
    assert len(shelf.apply(plan, confirm=plan.code).removed) == 8


def wrong_clock(shelf: Shelf) -> None:
    shelf.put_days([OLD, TODAY])
    shelf.clock_off = timedelta(hours=1)


def damaged_record(shelf: Shelf) -> None:
    shelf.put_days([OLD, TODAY])
    shelf.put_file(f".reservplan/{OLD:%y%m%d}.json", b"{")


def nothing_to_print(shelf: Shelf) -> None:
    shelf.put_days([OLD, TODAY - timedelta(days=1)])


@pytest.mark.parametrize("fault", [wrong_clock, damaged_record, nothing_to_print])
def test_what_a_person_cannot_know_is_never_confirmed(shelf, fault):
    fault(shelf)
    plan = shelf.plan()
    assert not plan.confirmable
    assert "--confirm" not in retention_table(plan, "sv")
    with pytest.raises(DeletionRefused, match="ingen bekräfta"):
        shelf.apply(plan, confirm=plan.code)
    assert shelf.path(OLD).exists()


def test_a_guard_that_speaks_up_after_the_code_was_given_stops_it(shelf):
    after_a_month_away(shelf)
    plan = shelf.plan()
    before = shelf.names()
    shelf.clock_off = timedelta(hours=1)
    with pytest.raises(DeletionRefused, match="klocka"):
        shelf.apply(plan, confirm=plan.code)
    assert shelf.names() == before


def test_the_command_is_written_as_it_is_typed(shelf):
    shelf.put_days([*days(-20, -15), TODAY])
    edit_one(shelf)
    plan = shelf.plan(include_edited=True)
    (told,) = how_to_confirm(plan, "/srv/our plan/reservplan.yaml")
    assert (
        "reservplan --config '/srv/our plan/reservplan.yaml' retain --store share --include-edited --apply "
        f"--confirm {plan.code}" in told
    )
    assert shelf.plan().code != plan.code
