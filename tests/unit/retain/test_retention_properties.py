from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from reservplan.domain.errors import StoreUnreachable
from reservplan.domain.names import Format, Kind, artifact_name
from reservplan.domain.plan import Cell
from reservplan.settings import Thresholds

from tests.unit.publish.site import rendered
from tests.unit.retain.shelf import TODAY, Shelf

UNTOUCHED, EDITED, DAMAGED, GONE, FOREIGN = "untouched", "edited", "damaged", "gone", "foreign"
FATES = st.sampled_from([UNTOUCHED, UNTOUCHED, EDITED, DAMAGED, GONE, FOREIGN])
OFFSETS = st.dictionaries(st.integers(-20, 6), st.lists(FATES, min_size=4, max_size=4), min_size=1, max_size=6)


def fill(shelf: Shelf, fates_of: dict[int, list[str]]) -> None:
    """Copies of one group for the days, each file of which met with something."""
    for offset, fates in fates_of.items():
        day = TODAY + timedelta(days=offset)
        shelf.put_days([day], ["Ullared"])
        slots = [(kind, fmt) for kind in Kind for fmt in Format]
        for (kind, fmt), fate in zip(slots, fates, strict=True):
            meet(shelf, Cell(day, "Ullared"), kind, fmt, fate)
    if 0 not in fates_of:
        shelf.put_days([TODAY], ["Ullared"])


def meet(shelf: Shelf, cell: Cell, kind: Kind, fmt: Format, fate: str) -> None:
    name = artifact_name(cell.plan_date, kind, cell.team, fmt)
    if fate == EDITED:
        shelf.put_file(name, rendered(cell, fmt, kind, "by hand"))
    elif fate == DAMAGED:
        shelf.put_file(name, b"half a fi")
    elif fate == GONE:
        (shelf.root / name).unlink()
    elif fate == FOREIGN:
        shelf.put_file(artifact_name(cell.plan_date, kind, "Okome", fmt), b"%PDF-1.7\n%%EOF\n")


def generous(root: Path) -> Shelf:
    return Shelf(root, changes={"thresholds": Thresholds(most_dates_removed_at_once=20)})


def is_old(name: str) -> bool:
    return name < f"{TODAY - timedelta(days=14):%y%m%d}"


@settings(max_examples=20, deadline=None)
@given(OFFSETS)
def test_every_old_file_is_either_removed_or_kept_and_nothing_in_the_window_is_named(fates_of):
    with TemporaryDirectory() as folder:
        shelf = generous(Path(folder))
        fill(shelf, fates_of)
        plan = shelf.plan()
        removed = {removal.path for removal in plan.remove}
        kept = {kept.path for kept in plan.keep}
        assert not removed & kept
        assert removed | kept == {name for name in shelf.names() if is_old(name)}
        assert all(removal.plan_date < plan.window.first for removal in plan.remove)


@settings(max_examples=20, deadline=None)
@given(OFFSETS, st.integers(0, 30))
def test_exactly_what_the_plan_lists_goes_and_repeating_changes_nothing_even_after_an_interruption(fates_of, steps):
    with TemporaryDirectory() as folder:
        shelf = generous(Path(folder))
        fill(shelf, fates_of)
        before = shelf.names()
        plan = shelf.plan()
        if plan.refusals:
            # Today's own copy may have met with something; nothing may go then.
            assert [refusal.code for refusal in plan.refusals] == ["stale"]
            return
        try:
            shelf.apply(plan, breaks_after=steps)
        except StoreUnreachable:
            assert before - shelf.names() <= {removal.path for removal in plan.remove}
            shelf.retain()
        assert shelf.names() == before - {removal.path for removal in plan.remove}
        again = shelf.plan()
        assert (again.remove, again.tidied) == ((), ())
        assert set(again.keep) <= set(plan.keep)
        assert {kept for kept in plan.keep if kept.reason != "foreign"} <= set(again.keep)
