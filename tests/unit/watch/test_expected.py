"""What should lie there: days before the beginning are not asked for, days that were lost are."""

import json
from datetime import date, datetime, timedelta

import pytest
from reservplan.domain.counts import COUNTS_NAME, Count, Counts
from reservplan.domain.verdict import Verdict
from reservplan.settings import Schedule, Settings, Source, StoreSettings, Team
from reservplan.watch import State
from reservplan.watch.expected import overdue_from

from tests.unit.retain.shelf import STOCKHOLM
from tests.unit.watch.lookout import DAY, TEN, TODAY, Lookout


def local(year: int, month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM, fold=fold)


def test_an_empty_store_lacks_today_and_the_days_to_come(lookout: Lookout) -> None:
    lookout.now = TEN
    lookout.changes = {"teams": (Team(name="Ullared"),)}
    found = lookout.look()
    assert {cell.plan_date for cell in found.cells} == {TODAY + n * DAY for n in range(4)}
    assert {covered.state for covered in found.cells.values()} == {State.MISSING}


def test_days_before_the_first_seal_are_not_expected(lookout: Lookout) -> None:
    lookout.now = TEN
    lookout.changes = {"teams": (Team(name="Ullared"),)}
    lookout.put_days([TODAY - 2 * DAY, TODAY], ["Ullared"])
    assert lookout.state(TODAY - 3 * DAY) is None
    assert lookout.state(TODAY - 2 * DAY) is State.OK
    assert lookout.state(TODAY - DAY) is State.MISSING


def test_a_day_before_the_first_seal_that_was_made_afterwards_is_shown(lookout: Lookout) -> None:
    lookout.now = TEN
    lookout.changes = {"teams": (Team(name="Ullared"), Team(name="Ätran"))}
    lookout.put_days([TODAY], ["Ullared", "Ätran"])
    lookout.put_days([TODAY - 5 * DAY], ["Ullared"], true_at=TEN - timedelta(hours=1))
    assert lookout.state(TODAY - 5 * DAY, "Ullared") is State.OK
    assert lookout.state(TODAY - 5 * DAY, "Ätran") is None


def test_a_day_whose_manifest_was_lost_is_missed_even_if_it_was_the_first(lookout: Lookout) -> None:
    lookout.fill()
    counted = Counts(cells={TODAY - 14 * DAY: {"Ullared": Count(visits=9, verdict=Verdict.COMPLETE)}})
    lookout.put_file(COUNTS_NAME, counted.to_bytes())
    for path in lookout.root.rglob("220607*"):
        path.unlink()
    assert lookout.state(TODAY - 14 * DAY) is State.MISSING


def test_after_a_long_silence_the_days_that_were_not_made_are_missed(lookout: Lookout) -> None:
    lookout.changes = {"teams": (Team(name="Ullared"),)}
    lookout.now = TEN - 18 * DAY
    lookout.put_days([lookout.now.date()], ["Ullared"])
    lookout.now = TEN
    lookout.put_days([TODAY], ["Ullared"])
    assert lookout.state(TODAY - 14 * DAY) is State.MISSING
    assert lookout.state(TODAY - DAY) is State.MISSING


@pytest.mark.parametrize(("counted", "first_missed"), [
    pytest.param(40, 14, id="in use long before the window"),
    pytest.param(16, 2, id="may have been made afterwards, two days ago"),
    pytest.param(1, 0, id="in use since today at the latest"),
])  # fmt: skip
def test_the_counts_tell_how_long_a_store_has_been_in_use_when_its_manifests_are_gone(
    lookout: Lookout, counted: int, first_missed: int
) -> None:
    lookout.now = TEN
    lookout.changes = {"teams": (Team(name="Ullared"),)}
    counts = Counts(cells={TODAY - counted * DAY: {"Vessigebro": Count(visits=9, verdict=Verdict.COMPLETE)}})
    lookout.put_file(COUNTS_NAME, counts.to_bytes())
    assert min(cell.plan_date for cell in lookout.look().cells) == TODAY - first_missed * DAY


@pytest.mark.parametrize("content", [b"{", json.dumps({"schema": 99, "cells": {}}).encode()])
def test_counts_that_cannot_be_read_stop_nothing(lookout: Lookout, content: bytes) -> None:
    lookout.fill()
    lookout.put_file(COUNTS_NAME, content)
    assert lookout.state() is State.OK


def test_a_group_is_not_expected_before_it_is_active(lookout: Lookout) -> None:
    lookout.fill()
    lookout.changes = {"teams": (Team(name="Ullared", active_from=TODAY),)}
    assert lookout.state(TODAY - DAY) is None
    assert lookout.state(TODAY) is State.OK


@pytest.mark.parametrize(("now", "first", "last"), [
    pytest.param(local(2024, 3, 14, 10), date(2024, 2, 29), date(2024, 3, 17), id="leap day"),
    pytest.param(local(2022, 1, 2, 10), date(2021, 12, 19), date(2022, 1, 5), id="year's end"),
    pytest.param(local(2022, 3, 27, 3, 0), date(2022, 3, 13), date(2022, 3, 30), id="the short night"),
    pytest.param(local(2022, 10, 30, 2, 30, fold=1), date(2022, 10, 16), date(2022, 11, 2), id="the long night"),
    pytest.param(local(2022, 6, 21, 0, 0), date(2022, 6, 7), date(2022, 6, 24), id="midnight"),
])  # fmt: skip
def test_the_window_is_of_local_days(lookout: Lookout, now: datetime, first: date, last: date) -> None:
    window = lookout.look(now).window
    assert (window.first, window.last) == (first, last)


def settings(retain: str) -> Settings:
    return Settings(
        organisation="x", teams=(Team(name="Ullared"),), source=Source(kind="demo"),
        stores=(StoreSettings(name="share", kind="folder", folder="x"),), schedule=Schedule(retain=retain),
    )  # fmt: skip


@pytest.mark.parametrize(("retain", "day", "now", "late"), [
    pytest.param("30 5 * * *", date(2022, 6, 6), local(2022, 6, 21, 6, 29), False, id="within the hour"),
    pytest.param("30 5 * * *", date(2022, 6, 6), local(2022, 6, 21, 6, 30), True, id="an hour late"),
    pytest.param("30 5 * * *", date(2022, 6, 7), local(2022, 6, 21, 23, 0), False, id="still in the window"),
    pytest.param("30 5 * * *", date(2022, 6, 1), local(2022, 6, 21, 0, 10), True, id="days late"),
    pytest.param("0 4 * * mon", date(2022, 6, 6), local(2022, 6, 26, 12, 0), False, id="weekly, not yet"),
    pytest.param("0 4 * * 1", date(2022, 6, 6), local(2022, 6, 27, 5, 0), True, id="weekly, an hour late"),
    pytest.param("*/20 4-5,22 * * 7", date(2022, 6, 6), local(2022, 6, 26, 5, 0), True, id="sunday is 7 too"),
    pytest.param("0 4 1 jan *", date(2022, 6, 6), local(2022, 12, 31, 12, 0), False, id="once a year"),
    pytest.param("0 4 1 * sat", date(2022, 6, 6), local(2022, 6, 25, 5, 0), True, id="either day fits"),
    pytest.param("30 2 * * *", date(2022, 3, 12), local(2022, 3, 27, 4, 30), True, id="a time that the night skips"),
    pytest.param("30 2 * * *", date(2022, 3, 12), local(2022, 3, 27, 4, 29), False, id="and within its hour"),
])  # fmt: skip
def test_a_copy_is_overdue_an_hour_after_the_retention_that_should_have_taken_it(
    retain: str, day: date, now: datetime, late: bool
) -> None:
    assert (overdue_from(day, settings(retain), now) is not None) is late
