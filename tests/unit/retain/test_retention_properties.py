"""Whatever lies on a store: what goes and what stays is all there is, and the window is never touched."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reservplan.domain.deletions import DELETED_NAME
from reservplan.domain.errors import DeletionRefused, StoreUnreachable
from reservplan.domain.names import ARTIFACTS, Format, Kind, artifact_name, parse_artifact_name, parse_week_pack_name
from reservplan.domain.plan import Cell
from reservplan.papers.keeping import Paper, keep_papers
from reservplan.settings import Thresholds
from reservplan.store.inspection import artifact_path

from tests.unit.publish.site import rendered
from tests.unit.retain.shelf import TODAY, Shelf

TEAM = "Ullared"
FIRST = TODAY - timedelta(days=14)
UNTOUCHED, EDITED, DAMAGED, GONE, FOREIGN, TOUCHED = "untouched", "edited", "damaged", "gone", "foreign", "touched"
FATES = st.sampled_from([UNTOUCHED, UNTOUCHED, UNTOUCHED, EDITED, DAMAGED, GONE, FOREIGN, TOUCHED])
# A day's records: sealed, begun only, or nothing but the files.
RECORDS = st.sampled_from(["manifest", "manifest", "manifest", "intent", "none"])
DAYS = st.dictionaries(
    st.integers(-20, 6), st.tuples(RECORDS, st.lists(FATES, min_size=4, max_size=4)), min_size=1, max_size=6
)


@dataclass(frozen=True)
class Story:
    """A store: its layout, its days, its week packs (first day and length), and what lies there besides."""

    layout: str
    days: dict[int, tuple[str, list[str]]]
    packs: dict[int, str]
    temps: int
    last_run_days_ago: int | None


STORIES = st.builds(
    Story,
    layout=st.sampled_from(["flat", "by-team", "stick"]),
    days=DAYS,
    packs=st.dictionaries(st.integers(-4, 0), st.sampled_from([UNTOUCHED, EDITED, GONE]), max_size=2),
    temps=st.integers(0, 2),
    last_run_days_ago=st.sampled_from([None, 1, 1, 1, 9, -2]),
)


def told(story: Story, root: Path) -> Shelf:
    """The store as the story has it."""
    shelf = Shelf(root, layout=story.layout, changes={"thresholds": Thresholds(most_dates_removed_at_once=4)})
    for offset, (records, fates) in story.days.items():
        put_day(shelf, offset, records, fates)
    if 0 not in story.days:
        put_day(shelf, 0, "manifest", [UNTOUCHED] * 4)
    for week, fate in story.packs.items():
        put_pack(shelf, week, fate)
    for n in range(story.temps):
        shelf.put_file(f".rp-run-{n}.tmp", b"half a fi")
    if story.last_run_days_ago is not None:
        last_run = TODAY - timedelta(days=story.last_run_days_ago)
        shelf.put_file(".reservplan/retention.json", json.dumps({"schema": 1, "last_run": f"{last_run}"}).encode())
    return shelf


def put_day(shelf: Shelf, offset: int, records: str, fates: list[str]) -> None:
    cell = Cell(TODAY + timedelta(days=offset), TEAM)
    entry = shelf.put_cell(cell)
    if records == "manifest":
        shelf.put_manifest(cell.plan_date, {TEAM: entry})
    elif records == "intent":
        shelf.put_intent(cell.plan_date, {TEAM: entry})
    for (kind, fmt), fate in zip(ARTIFACTS, fates, strict=True):
        meet(shelf, cell, kind, fmt, fate)


def meet(shelf: Shelf, cell: Cell, kind: Kind, fmt: Format, fate: str) -> None:
    """What becomes of one file."""
    path = artifact_path(shelf.layout, cell.team, artifact_name(cell.plan_date, kind, cell.team, fmt))
    if fate == EDITED:
        shelf.put_file(path, rendered(cell, fmt, kind, "by hand"))
    elif fate == DAMAGED:
        shelf.put_file(path, b"half a fi")
    elif fate == GONE:
        (shelf.root / path).unlink()
    elif fate == TOUCHED:
        shelf.put_file(path, (shelf.root / path).read_bytes())
    elif fate == FOREIGN:
        name = artifact_name(cell.plan_date, kind, "Okome", fmt)
        shelf.put_file(artifact_path(shelf.layout, cell.team, name), b"%PDF-1.7\n%%EOF\n")


def put_pack(shelf: Shelf, week: int, fate: str) -> None:
    monday = TODAY - timedelta(days=TODAY.weekday()) + timedelta(weeks=week)
    held = tuple(monday + timedelta(days=n) for n in range(7))
    path = f"{monday:%y}v{monday.isocalendar()[1]:02d} Brukarschema {TEAM}.pdf"
    with shelf.store() as store, store.lock("run"):
        keep_papers(
            store, [Paper(path, "content", TEAM, held)], lambda asked: [dict.fromkeys(asked, b"%PDF-1.7 pack")],
            at=shelf.now,
        )  # fmt: skip
    if fate == EDITED:
        shelf.put_file(path, b"%PDF-1.7 with notes")
    elif fate == GONE:
        (shelf.root / path).unlink()


def is_past(path: str) -> bool:
    """Whether a file's name tells of days before the window; of a week pack, whether it holds one."""
    name = path.rpartition("/")[2]
    if (named := parse_artifact_name(name)) is not None:
        return named.plan_date < FIRST
    pack = parse_week_pack_name(name)
    return pack is not None and pack.monday < FIRST


def is_temp(path: str) -> bool:
    return path.endswith(".tmp")


@settings(max_examples=15, deadline=None)
@given(STORIES)
def test_what_goes_and_what_stays_is_all_there_is_and_the_window_is_not_in_it(story: Story) -> None:
    with TemporaryDirectory() as folder:
        all_there_is(told(story, Path(folder)))


@settings(max_examples=15, deadline=None)
@given(STORIES, st.integers(0, 30))
def test_exactly_the_plan_is_done_and_once_is_as_good_as_twice(story: Story, steps: int) -> None:
    with TemporaryDirectory() as folder:
        exactly_the_plan(told(story, Path(folder)), steps)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(STORIES, st.integers(0, 30))
def test_through_hundreds_of_stores_the_plan_is_whole_and_exactly_done(story: Story, steps: int) -> None:
    with TemporaryDirectory() as folder:
        shelf = told(story, Path(folder))
        all_there_is(shelf)
        exactly_the_plan(shelf, steps)


def all_there_is(shelf: Shelf) -> None:
    plan = shelf.plan()
    removed = [removal.path for removal in plan.remove]
    kept = [kept.path for kept in plan.keep]
    assert len({*removed, *kept}) == len(removed) + len(kept), "named twice"
    assert {*removed, *kept} == {path for path in shelf.names() if is_past(path)}
    assert {leftover.path for leftover in plan.leftovers} == {path for path in shelf.names() if is_temp(path)}
    assert all(day < FIRST for day in (*plan.plan_dates, *plan.tidied))
    assert plan.digest == shelf.plan().digest, "the same store gives the same code"


def exactly_the_plan(shelf: Shelf, steps: int) -> None:
    before = shelf.names()
    plan = shelf.plan()
    if plan.refusals:
        with pytest.raises(DeletionRefused):
            shelf.apply(plan)
        assert shelf.names() == before
        if not plan.confirmable:
            return
    listed = {removal.path for removal in plan.remove}
    left = {path for path in before if not is_temp(path)} - listed
    try:
        result = shelf.apply(plan, confirm=plan.code if plan.refusals else "", breaks_after=steps)
        assert {removal.path for removal in result.removed} == listed
    except StoreUnreachable:
        assert before - shelf.names() <= listed | {path for path in before if is_temp(path)}
        rest = shelf.plan()
        # What is left of a confirmed plan is another plan, which somebody confirms anew.
        shelf.apply(rest, confirm=rest.code if rest.refusals else "")
    assert shelf.names() == left
    record = shelf.root / DELETED_NAME
    once = record.read_bytes() if record.exists() else b""
    again = shelf.plan()
    assert (again.remove, again.tidied, again.leftovers, again.refusals) == ((), (), (), ())
    assert set(again.keep) == {kept for kept in plan.keep if kept.path in left}
    shelf.apply(again)
    assert shelf.names() == left
    assert (record.read_bytes() if record.exists() else b"") == once, "the second time has nothing to note"
    ours = {name.rpartition("/")[2] for name in listed}
    assert ours <= {name for one in shelf.noted() for name in one.files}
