"""What a reading lacked is noted on the store: the reasons outlive the run, and what is no news is no new note."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from reservplan.domain.errors import StoreFull
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileOutcome, FileToWrite
from reservplan.domain.shortfalls import SHORTFALLS_NAME, Shortfall
from reservplan.domain.verdict import Reason, Verdict
from reservplan.publish import Action, Decision, Offer, Sealed, shortfall_of

from tests.unit.publish.cells import CELL, FIVE, HOUR, TODAY, offer
from tests.unit.publish.site import Site, Wrapped, on

FEW = Reason(code="few", count=131, text="131 besök, brukar vara 204–221.", severity=Verdict.INCOMPLETE)
HALF = offer(verdict=Verdict.INCOMPLETE, reasons=(FEW,), visits=131, content="half", captured_at=FIVE + HOUR)
NOTES = "shortfalls.json"


def run(site: Site, *offers: Offer, run_id: str = "run", kept_from: date = TODAY) -> Sealed:
    """Publish, and seal with what the readings lacked, as a run does."""
    published = site.publish(*offers, run_id=run_id)
    judged = {
        new.cell: shortfall_of(new, published[new.cell].decision, run_id, site.at, language="sv") for new in offers
    }
    return site.seal(published, run_id, judged=judged, kept_from=kept_from)


def notes(site: Site) -> dict[str, dict[str, dict[str, object]]]:
    return dict(site.record(NOTES)["cells"])


def test_a_whole_copy_that_was_kept_is_sealed_with_the_reasons_of_the_reading_that_was_not(site: Site) -> None:
    run(site, offer())
    assert NOTES not in site.own_names(), "nothing was lacking"
    run(site, HALF, run_id="eleven")
    note = notes(site)["2022-06-21"]["Ullared"]
    assert (note["decision"], note["visits"], note["run_id"]) == ("kept_complete", 131, "eleven")
    assert note["captured_at"] == "2022-06-21T04:00:00Z"
    assert note["reasons"] == [FEW.model_dump(mode="json")]
    assert site.holds(offer())


def test_a_cell_that_has_nothing_to_seal_is_noted_all_the_same(site: Site) -> None:
    sealed = run(site, offer(visits=0, covered=False, verdict=Verdict.INCOMPLETE, reasons=(FEW,)))
    assert (sealed.cells, sealed.noted) == (0, True)
    assert notes(site)["2022-06-21"]["Ullared"]["decision"] == "not_covered"


def test_that_a_day_which_nobody_knows_was_asked_for_again_is_no_news_until_there_has_been_a_copy(site: Site) -> None:
    unknown = offer(visits=0, covered=False, verdict=Verdict.INCOMPLETE, reasons=(FEW,))
    run(site, replace(unknown, captured_at=FIVE), run_id="five")
    run(site, replace(unknown, captured_at=FIVE + HOUR), run_id="six")
    assert notes(site)["2022-06-21"]["Ullared"]["run_id"] == "five"
    run(site, offer(captured_at=FIVE + 2 * HOUR), run_id="seven")
    run(site, replace(unknown, captured_at=FIVE + 3 * HOUR), run_id="eight")
    assert notes(site)["2022-06-21"]["Ullared"]["run_id"] == "eight"


def test_a_reading_that_is_whole_again_ends_its_note_and_no_other(site: Site) -> None:
    other = on(HALF, team="Ätran")
    run(site, HALF, other)
    run(site, offer(captured_at=FIVE + 2 * HOUR), run_id="later")
    assert set(notes(site)["2022-06-21"]) == {"Ätran"}


def test_days_that_are_no_longer_kept_lose_their_notes(site: Site) -> None:
    run(site, HALF, on(HALF, day=TODAY + timedelta(days=1)))
    run(site, on(HALF, team="Ätran"), kept_from=TODAY + timedelta(days=1))
    assert list(notes(site)) == ["2022-06-22"]


@pytest.mark.parametrize("there", [[], [offer()]], ids=["it was published", "a whole copy was kept"])
def test_the_same_reading_once_more_leaves_the_notes_untouched(site: Site, there: list[Offer]) -> None:
    for new in (*there, HALF):
        run(site, new)
    file = site.root / SHORTFALLS_NAME
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    run(site, HALF, run_id="another")
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def test_a_later_reading_that_lacks_the_same_is_noted_as_later(site: Site) -> None:
    run(site, offer())
    run(site, HALF)
    run(site, replace(HALF, captured_at=FIVE + 2 * HOUR), run_id="later")
    assert notes(site)["2022-06-21"]["Ullared"]["run_id"] == "later"


@pytest.mark.parametrize(
    "older",
    [
        pytest.param(offer(), id="the very copy that lies there"),
        pytest.param(offer(captured_at=FIVE - HOUR, content="older"), id="an older one"),
        pytest.param(replace(HALF, captured_at=FIVE - HOUR, visits=7), id="an older one that lacks more"),
    ],
)
def test_an_older_capture_says_nothing_of_the_newest_reading(site: Site, older: Offer) -> None:
    run(site, offer())
    run(site, HALF, run_id="eleven")
    run(site, older, run_id="from the archive")
    assert notes(site)["2022-06-21"]["Ullared"]["run_id"] == "eleven"


def test_the_same_reading_that_was_accepted_ends_its_note(site: Site) -> None:
    run(site, offer())
    run(site, HALF)
    run(site, replace(HALF, verdict=Verdict.REMARKS), run_id="accepted")
    assert site.holds(HALF)
    assert notes(site) == {}


def test_a_note_from_the_future_gives_way_to_the_next_reading(site: Site) -> None:
    run(site, offer())
    run(site, replace(HALF, captured_at=FIVE + 48 * HOUR))
    run(site, HALF, run_id="next")
    assert notes(site)["2022-06-21"]["Ullared"]["run_id"] == "next"


@pytest.mark.parametrize("content", [b"{", b"[]"])
def test_notes_that_cannot_be_read_are_begun_anew(site: Site, content: bytes) -> None:
    run(site, offer())
    (site.root / SHORTFALLS_NAME).write_bytes(content)
    assert run(site, HALF).noted
    assert set(notes(site)) == {"2022-06-21"}


def test_notes_of_a_newer_version_are_left_alone(site: Site) -> None:
    run(site, offer())
    newer = json.dumps({"schema": 9, "cells": {}}).encode()
    (site.root / SHORTFALLS_NAME).write_bytes(newer)
    assert not run(site, HALF).noted
    assert (site.root / SHORTFALLS_NAME).read_bytes() == newer


class Full(Wrapped):
    """A store that is full when the notes are to be written."""

    def write(self, files: Iterable[FileToWrite]) -> list[FileOutcome]:
        listed = list(files)
        if any(file.path == SHORTFALLS_NAME for file in listed):
            raise StoreFull("share is full.")
        return list(super().write(listed))


@pytest.mark.parametrize("hinder", [Full, lambda store: Wrapped(store, held=[SHORTFALLS_NAME])], ids=["full", "denied"])
def test_copies_count_also_where_the_notes_cannot_be_written(site: Site, hinder: Callable[..., Wrapped]) -> None:
    published = site.publish(HALF)
    note = shortfall_of(HALF, published[CELL].decision, "run", site.at, language="sv")
    sealed = site.seal(published, store=hinder(site.store), judged={CELL: note})
    assert (sealed.cells, sealed.failures, sealed.noted) == (1, {}, False)
    assert site.record("220621.json")["cells"]["Ullared"]["verdict"] == "incomplete"
    assert NOTES not in site.own_names()


def note_of(new: Offer, decision: Decision) -> Shortfall | None:
    return shortfall_of(new, decision, "run", FIVE, language="sv")


def test_a_copy_that_could_not_be_compared_gives_that_as_its_reason() -> None:
    note = note_of(offer(visits=9), Decision(Action.KEEP, "kept_uncompared", alarm=True))
    assert note is not None
    (reason,) = note.reasons
    assert (reason.code, reason.severity) == ("kept_uncompared", Verdict.INCOMPLETE)
    assert "kunde inte jämföras" in reason.text


@pytest.mark.parametrize(
    ("new", "decision"),
    [
        (offer(), Decision(Action.PUBLISH, "new")),
        (offer(captured_at=FIVE - HOUR), Decision(Action.KEEP, "kept_later")),
        (offer(visits=0, closed=True, verdict=Verdict.INCOMPLETE), Decision(Action.NOTHING, "closed")),
        (offer(visits=0, verdict=Verdict.REMARKS), Decision(Action.NOTHING, "accepted")),
        (HALF, Decision(Action.REFUSE, "outside_window")),
    ],
)
def test_what_lacks_nothing_or_is_not_kept_is_no_shortfall(new: Offer, decision: Decision) -> None:
    assert note_of(new, decision) is None


def test_a_copy_that_is_confirmed_learns_its_hours_and_keeps_what_its_paper_compares_with(site: Site) -> None:
    hours = tuple(range(24))
    site.run(offer(changed_since=FIVE - HOUR))
    site.run(offer(captured_at=FIVE + HOUR, by_hour=hours, cancelled=4, changed_since=FIVE))
    cell = site.record("220621.json")["cells"]["Ullared"]
    assert (cell["by_hour"], cell["cancelled"]) == (list(hours), 4)
    assert cell["changed_since"] == "2022-06-21T02:00:00Z"
    assert site.record("counts.json")["cells"]["2022-06-21"]["Ullared"]["by_hour"] == list(hours)


def test_the_cells_of_other_days_stay_noted(site: Site) -> None:
    tomorrow = Cell(TODAY + timedelta(days=1), "Ullared")
    run(site, HALF)
    run(site, on(HALF, day=tomorrow.plan_date))
    assert set(notes(site)) == {"2022-06-21", "2022-06-22"}
