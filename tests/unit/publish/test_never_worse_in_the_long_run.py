"""Whatever happens to a folder in whatever order, what people saved stays and no copy of ours gets worse."""

import re
import tempfile
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reservplan.domain.errors import StoreUnreachable
from reservplan.domain.names import ARTIFACTS, artifact_name, parse_artifact_name
from reservplan.domain.standing import CellState, Slot
from reservplan.domain.verdict import Verdict
from reservplan.publish import Offer, settle

from tests.unit.publish.cells import CELL, FIVE, HOUR, WINDOW, offer
from tests.unit.publish.site import Site, Wrapped, site_at

OWN = [artifact_name(CELL.plan_date, kind, CELL.team, fmt) for kind, fmt in ARTIFACTS]
NEWEST = offer(captured_at=FIVE + 100 * HOUR, content="complete newest")


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    verdict = draw(st.sampled_from([Verdict.COMPLETE, Verdict.INCOMPLETE]))
    content = f"{verdict} {draw(st.integers(0, 2))}"
    captured_at = FIVE + draw(st.integers(0, 4)) * HOUR
    return offer(verdict=verdict, content=content, captured_at=captured_at)


published = st.tuples(
    st.just("publish"), offers(), st.lists(st.sampled_from(OWN), max_size=2), st.none() | st.integers(0, 9)
)
settling = st.tuples(st.just("settle"), st.lists(st.sampled_from(OWN), max_size=2), st.none() | st.integers(0, 7))
by_hand = st.tuples(st.sampled_from(["save", "remove", "damage", "touch"]), st.integers(0, 20))
events = st.lists(published | published | settling | by_hand, max_size=14)
policies = st.sampled_from(["beside", "adopt"])


@settings(deadline=None, max_examples=60)
@given(events, policies)
def test_what_people_saved_stays_and_no_copy_of_ours_gets_worse(story, on_foreign):
    live_through(story, on_foreign)


@pytest.mark.long
@settings(deadline=None, max_examples=3000)
@given(events, policies)
def test_through_thousands_of_stories_nothing_is_lost_and_nothing_gets_worse(story, on_foreign):
    live_through(story, on_foreign)


def live_through(story, on_foreign: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = site_at(Path(folder) / "share", on_foreign=on_foreign)
        saved: set[bytes] = set()
        numbers = count()
        for event in story:
            if event[0] in ("publish", "settle"):
                before = best_copies(site)
                (run if event[0] == "publish" else settle_what_can_be)(site, *event[1:])
                after = best_copies(site)
                assert all(after[slot] >= best for slot, best in before.items())
            else:
                something_by_hand(site, saved, next(numbers), *event)
            assert saved <= {path.read_bytes() for path in site.root.iterdir() if path.is_file()}
        the_next_run_makes_all_good(site, saved)


def run(site: Site, new: Offer, held: list[str], breaks_after: int | None) -> None:
    store = Wrapped(site.store, held=held, breaks_after=breaks_after)
    with suppress(StoreUnreachable):
        site.seal(site.publish(new, store=store), store=store)


def settle_what_can_be(site: Site, held: list[str], breaks_after: int | None) -> None:
    site.at += timedelta(minutes=15)
    with suppress(StoreUnreachable), Wrapped(site.store, held=held, breaks_after=breaks_after) as store:
        settle(store, site.settings, WINDOW, "watch", at=site.at)


def something_by_hand(site: Site, saved: set[bytes], number: int, what: str, which: int) -> None:
    files = [path for path in sorted(site.root.iterdir()) if path.is_file()]
    path = files[which % len(files)] if files else site.root / OWN[which % len(OWN)]
    theirs = path.is_file() and path.read_bytes() in saved
    if what == "save":
        if theirs:
            saved.discard(path.read_bytes())
        content = b"%%PDF-1.7 by hand %d %%%%EOF" % number
        if path.suffix == ".xlsx":
            # A workbook must open, or it counts as damaged: take the bytes of one that does.
            path = path.with_suffix(".pdf")
            saved.difference_update({path.read_bytes()} if path.is_file() else set())
        site.put(path, content)
        saved.add(content)
    elif what == "remove" and path.is_file():
        saved.discard(path.read_bytes())
        path.unlink()
    elif what == "damage" and path.is_file() and not theirs:
        site.put(path, path.read_bytes()[:-9])
    elif what == "touch" and path.is_file():
        site.put(path, path.read_bytes())


def best_copies(site: Site) -> dict[Slot, tuple[bool, str]]:
    """For each artifact the best whole copy of ours, under any name."""
    best: dict[Slot, tuple[bool, str]] = {}
    for path in site.root.iterdir():
        name = parse_artifact_name(path.name)
        content = path.read_bytes() if path.is_file() else b""
        shown = re.search(rb"(complete|incomplete) \S+ (\d{4}-\S+ \S+)", content)
        if name is None or shown is None or not content.endswith((b"%%EOF\n", b"\0\0")):
            continue
        slot = name.kind, name.format
        best[slot] = max(best.get(slot, (False, "")), (shown[1] == b"complete", shown[2][:19].decode()))
    return best


def the_next_run_makes_all_good(site: Site, saved: set[bytes]) -> None:
    site.at += timedelta(hours=1)
    for _ in range(2):
        sealed = site.run(NEWEST, run_id="last")
    assert sealed.failures == {}
    standing = site.standing(CELL)
    assert (standing.state, standing.entry.content, standing.unsealed) == (CellState.WHOLE, NEWEST.content, False)
    assert not standing.lacking
    assert "220621.intent.json" not in site.own_names()
    left = {path.name: path.read_bytes() for path in site.root.iterdir() if path.is_file()}
    recorded = {artifact.name for artifact in standing.entry.artifacts}
    assert all(name in recorded or content in saved for name, content in left.items() if not is_refuse(content))


def is_refuse(content: bytes) -> bool:
    """Cut short by hand where no record spoke of it: nobody's, so it is left alone."""
    return not content.endswith((b"EOF", b"%%EOF\n", b"\0\0"))
