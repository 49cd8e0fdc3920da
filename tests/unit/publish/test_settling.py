"""Stand-ins that take their own name without a new run: what lies there before and after, on a real folder."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from reservplan.domain.errors import StoreUnreachable
from reservplan.domain.names import Format, Kind
from reservplan.domain.standing import CellState
from reservplan.domain.verdict import Verdict
from reservplan.publish import Settled, settle

from tests.unit.publish.cells import CELL, FIVE, HOUR, TODAY, WINDOW, offer
from tests.unit.publish.site import Site, Wrapped, on, rendered

PLAIN = "220621 Brukarschema Ullared.pdf"
WORKBOOK = "220621 Brukarschema Ullared.xlsx"
LATER = offer(captured_at=FIVE + HOUR, content="later")


def settled(site: Site, store: object = None) -> Settled:
    site.at += timedelta(minutes=15)
    with store or site.store as opened:
        return settle(opened, site.settings, WINDOW, "watch", at=site.at)


def stand_ins(site: Site) -> list[str]:
    return [name for name in site.names() if "(ny " in name]


def with_stand_ins(site: Site, *held: str) -> Site:
    """The morning's copy, and beside the files that were open the later one."""
    site.run(offer())
    store = Wrapped(site.store, held=held or [PLAIN])
    site.seal(site.publish(LATER, store=store), store=store)
    assert len(stand_ins(site)) == len(held or [PLAIN])
    return site


def test_a_stand_in_takes_its_own_name_and_goes(site: Site) -> None:
    with_stand_ins(site)
    assert settled(site) == Settled(1, ())
    assert site.holds(LATER)
    assert stand_ins(site) == []
    standing = site.standing(CELL)
    assert (standing.state, standing.unsealed, standing.foreign, standing.edited) == (CellState.WHOLE, False, (), ())
    first = standing.entry.artifacts[0]
    assert (first.name, first.stands_in_for, first.captured_at) == (PLAIN, None, FIVE + HOUR)
    assert "220621.intent.json" not in site.own_names()


def test_the_next_run_finds_the_very_bytes_and_writes_none_of_them(site: Site) -> None:
    with_stand_ins(site)
    settled(site)
    before = {name: (site.root / name).stat().st_mtime_ns for name in site.names()}
    assert site.run(LATER).failures == {}
    assert {name: (site.root / name).stat().st_mtime_ns for name in site.names()} == before
    assert site.standing(CELL).entry.content == "later"


def test_while_the_file_stays_open_everything_stays(site: Site) -> None:
    with_stand_ins(site)
    before, manifest = site.names(), site.record("220621.json")
    assert settled(site, Wrapped(site.store, held=[PLAIN])) == Settled(0, (PLAIN,))
    assert (site.names(), site.record("220621.json")) == (before, manifest)
    assert "220621.intent.json" not in site.own_names()
    assert settled(site) == Settled(1, ())


def test_each_file_is_settled_by_itself(site: Site) -> None:
    with_stand_ins(site, PLAIN, WORKBOOK)
    other = with_stand_ins_of(site, "Ätran")
    assert settled(site, Wrapped(site.store, held=[WORKBOOK])) == Settled(2, (WORKBOOK,))
    assert site.path(CELL).read_bytes() == rendered(CELL, Format.PDF, Kind.LIST, f"later {FIVE + HOUR}")
    assert stand_ins(site) == ["220621 Brukarschema Ullared (ny 0530).xlsx"]
    assert site.holds(other)
    assert settled(site) == Settled(1, ())
    assert site.holds(LATER)


def with_stand_ins_of(site: Site, team: str):  # type: ignore[no-untyped-def]
    early, later = on(offer(), team=team), on(LATER, team=team)
    site.run(early)
    site.seal(site.publish(later, store=Wrapped(site.store, held=[site.path(later.cell).name])))
    return later


def test_without_stand_ins_nothing_but_the_records_is_read(site: Site) -> None:
    site.run(offer())
    reading = ReadsRecords(site.store)
    assert settled(site, reading) == Settled()
    assert set(reading.asked) == {"read_many"}


class ReadsRecords(Wrapped):
    """Notes what is asked of the store."""

    def __init__(self, store):  # type: ignore[no-untyped-def]
        super().__init__(store)
        self.asked: list[str] = []

    def read_many(self, paths):  # type: ignore[no-untyped-def]
        self.asked.append("read_many")
        return self.store.read_many(paths)

    def list_folder(self, path=""):  # type: ignore[no-untyped-def]
        self.asked.append("list_folder")
        return self.store.list_folder(path)

    def lock(self, holder: str):  # type: ignore[no-untyped-def]
        self.asked.append("lock")
        return super().lock(holder)


def test_while_somebody_publishes_nothing_is_done(site: Site, make_site: Callable[..., Site]) -> None:
    with_stand_ins(site)
    with make_site().store as other, other.lock("a run"):
        assert settled(site) == Settled()
    assert len(stand_ins(site)) == 1


def test_what_somebody_wrote_into_the_old_file_stays(site: Site) -> None:
    with_stand_ins(site)
    edited = rendered(CELL, Format.PDF, Kind.LIST, "by hand")
    site.put(site.path(CELL), edited)
    assert settled(site) == Settled(0, (PLAIN,))
    assert site.path(CELL).read_bytes() == edited
    assert len(stand_ins(site)) == 1


def test_what_somebody_wrote_into_the_stand_in_stays(site: Site) -> None:
    with_stand_ins(site)
    (name,) = stand_ins(site)
    edited = rendered(CELL, Format.PDF, Kind.LIST, "by hand")
    site.put(site.root / name, edited)
    assert settled(site).settled == 0
    assert (site.root / name).read_bytes() == edited
    assert site.path(CELL).read_bytes() == rendered(CELL, Format.PDF, Kind.LIST, f"as-is {FIVE}")


def test_a_file_that_is_gone_or_broken_is_made_whole(site: Site) -> None:
    with_stand_ins(site, PLAIN, WORKBOOK)
    site.path(CELL).unlink()
    site.put(site.path(CELL, Kind.LIST, Format.XLSX), b"torn")
    assert settled(site) == Settled(2, ())
    assert site.holds(LATER)


def test_a_stand_in_that_was_open_when_its_file_was_replaced_goes_later(site: Site) -> None:
    with_stand_ins(site)
    (name,) = stand_ins(site)
    held = Wrapped(site.store, held=[name])
    site.seal(site.publish(LATER), store=held)
    assert stand_ins(site) == [name]
    settled(site, held)
    assert stand_ins(site) == [name]
    assert settled(site) == Settled(1, ())
    assert site.holds(LATER)
    assert stand_ins(site) == []


def test_a_whole_file_is_never_replaced_by_a_stand_in_that_was_made_for_it_while_it_was_broken(site: Site) -> None:
    site.run(offer())
    better = site.path(CELL).read_bytes()
    site.put(site.path(CELL), b"torn", at=FIVE)
    worse = offer(verdict=Verdict.INCOMPLETE, content="worse", captured_at=FIVE + HOUR)
    site.seal(site.publish(worse, store=Wrapped(site.store, held=[PLAIN])))
    assert len(stand_ins(site)) == 1
    site.put(site.path(CELL), better, at=FIVE)
    settled(site)
    assert site.path(CELL).read_bytes() == better


@pytest.mark.parametrize("hours", [0, -1], ids=["same capture", "older but whole"])
def test_a_complete_copy_takes_the_place_of_an_incomplete_one_whenever_it_was_captured(site: Site, hours: int) -> None:
    site.run(offer(verdict=Verdict.INCOMPLETE, content="half"))
    complete = offer(content="complete", captured_at=FIVE + hours * HOUR)
    site.seal(site.publish(complete, store=Wrapped(site.store, held=[PLAIN])))
    assert settled(site) == Settled(1, ())
    assert site.holds(complete)


def test_days_past_the_window_are_left_to_retention(site: Site) -> None:
    with_stand_ins(site)
    with site.store as opened:
        later = type(WINDOW)(TODAY + timedelta(days=15), 14, 3)
        assert settle(opened, site.settings, later, "watch", at=site.at) == Settled()
    assert len(stand_ins(site)) == 1


@pytest.mark.parametrize("after", range(7))
def test_after_an_interruption_at_any_point_the_next_run_makes_all_whole(site: Site, after: int) -> None:
    with_stand_ins(site, PLAIN, WORKBOOK)
    with suppress(StoreUnreachable):
        settled(site, Wrapped(site.store, breaks_after=after))
    standing = site.standing(CELL)
    assert (standing.foreign, standing.edited) == ((), ())
    assert not standing.lacking
    assert site.run(LATER).failures == {}
    assert site.holds(LATER)
    assert stand_ins(site) == []
    assert "220621.intent.json" not in site.own_names()


def test_each_group_has_its_own_folder_where_the_store_is_laid_out_so(make_site: Callable[..., Site]) -> None:
    site = make_site(layout="by-team")
    site.run(offer())
    site.seal(site.publish(LATER, store=Wrapped(site.store, held=[f"Ullared/{PLAIN}"])))
    assert settled(site, Wrapped(site.store, held=[f"Ullared/{PLAIN}"])) == Settled(0, (f"Ullared/{PLAIN}",))
    assert settled(site) == Settled(1, ())
    assert sorted(path.name for path in (site.root / "Ullared").iterdir()) == sorted(
        f"220621 {word} Ullared.{fmt}" for word in ("Brukarschema", "Översiktsschema") for fmt in ("pdf", "xlsx")
    )
