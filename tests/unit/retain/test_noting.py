"""What retention removed is noted on the store: what, when and why, once, also where it was interrupted."""

from collections import Counter
from datetime import timedelta

import pytest
from reservplan.domain.deletions import DELETED_NAME, What
from reservplan.domain.errors import StoreUnreachable
from reservplan.domain.names import Format, Kind
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Outcome

from tests.unit.publish.site import rendered
from tests.unit.retain.shelf import NOW, TODAY, Shelf
from tests.unit.retain.test_retention import files_of, put_packs

OLD = TODAY - timedelta(days=15)


def told(shelf: Shelf) -> list[tuple[str, str, str | None, int]]:
    return [(one.what.value, one.why, one.team, one.count) for one in shelf.noted()]


def test_each_day_and_group_is_noted_with_its_reason_and_the_plan(shelf):
    shelf.put_days([OLD, TODAY])
    put_packs(shelf, ("22v23 Brukarschema Ullared.pdf", (OLD,)))
    shelf.put_file(shelf.path(OLD).name, rendered(Cell(OLD, "Ullared"), Format.PDF, Kind.LIST, "edited"))
    plan = shelf.plan(include_edited=True)
    shelf.apply(plan)
    assert told(shelf) == [
        ("copies", "edited", "Ullared", 1), ("copies", "old", "Ullared", 3), ("papers", "old", "Ullared", 1),
        ("copies", "old", "Vessigebro", 4),
    ]  # fmt: skip
    assert {one.by for one in shelf.noted()} == {plan.code}
    assert {one.at for one in shelf.noted()} == {NOW}
    assert sum(one.size_bytes for one in shelf.noted()) == plan.bytes
    assert {name for one in shelf.noted() if one.what is What.COPIES for name in one.files} == files_of(OLD)


def test_an_interruption_at_any_step_leaves_every_file_noted_once(shelf):
    for steps in range(30):
        (shelf.root / DELETED_NAME).unlink(missing_ok=True)
        shelf.put_days([OLD, TODAY])
        try:
            shelf.apply(shelf.plan(), breaks_after=steps)
        except StoreUnreachable:
            shelf.retain()
        else:
            break
        noted = Counter(name for one in shelf.noted() for name in one.files)
        assert noted == Counter(files_of(OLD)), steps
    assert steps == 8 + 1 + 1 + 1


def test_what_somebody_took_away_before_is_noted_as_gone(shelf):
    shelf.put_days([OLD, TODAY])
    shelf.path(OLD).unlink()
    shelf.retain()
    gone = [one.files for one in shelf.noted() if one.why == "gone"]
    assert gone == [(shelf.path(OLD).name,)]


def test_what_an_interruption_took_of_a_day_that_was_only_begun_is_noted_though_its_intent_stays(shelf):
    shelf.put_days([TODAY])
    shelf.put_intent(OLD, {"Ullared": shelf.put_cell(Cell(OLD, "Ullared"))})
    edited = shelf.path(OLD, fmt=Format.XLSX).name
    shelf.put_file(edited, rendered(Cell(OLD, "Ullared"), Format.XLSX, Kind.LIST, "edited"))
    with pytest.raises(StoreUnreachable):
        shelf.apply(shelf.plan(), breaks_after=1)
    for _ in range(2):
        shelf.retain()
    noted = Counter(name for one in shelf.noted() for name in one.files)
    assert noted == Counter(files_of(OLD, ["Ullared"]) - {edited})


@pytest.mark.parametrize("kind", ["folder", "held"])
def test_where_it_cannot_be_noted_that_is_said_and_the_manifests_remember_until_it_can(shelf, kind):
    shelf.put_days([OLD, TODAY])
    if kind == "folder":
        (shelf.root / DELETED_NAME).mkdir()
    result = shelf.apply(shelf.plan(), held={DELETED_NAME} if kind == "held" else ())
    (failed,) = result.failed
    assert (failed.path, failed.outcome in (Outcome.DENIED, Outcome.BUSY)) == (DELETED_NAME, True)
    assert len(result.removed) == 8
    assert f"{OLD:%y%m%d}.json" in shelf.own_names()
    if kind == "folder":
        (shelf.root / DELETED_NAME).rmdir()
    assert shelf.retain().failed == ()
    assert {name for one in shelf.noted() for name in one.files} == files_of(OLD)
    assert {one.why for one in shelf.noted()} == {"gone"}
    assert f"{OLD:%y%m%d}.json" not in shelf.own_names()
