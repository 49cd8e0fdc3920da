"""The benchmark of publishing: that it puts whole files in every way, and tells which targets do not hold. No times."""

from dataclasses import replace

import pytest

from benchmarks.publishing import WAYS, measure, network
from benchmarks.report import TARGETS, markdown, page, targets, where_it_goes
from benchmarks.results import (
    AS_IT_IS,
    EXACT,
    HOOK_SAFE,
    MPUT,
    NETWORK,
    OTHERWISE,
    SEALING,
    STEPS,
    UNCHANGED,
    UNREAD,
    UNSYNCED,
    WRITE,
    Machine,
    Results,
    Row,
)


def row(way: str, files_a_second: float, round_trip_ms: float = 0.0, **values: object) -> Row:
    plain = {"table": NETWORK, "cells": 0, "name": way, "way": way, "files": 1000, "file_bytes": 60_000,
             "work_seconds": 1000 / files_a_second, "round_trip_ms": round_trip_ms,
             "of_ours": way == WRITE}  # fmt: skip
    return Row(**{**plain, **values})  # type: ignore[arg-type]


def all_rows(**rates: float) -> list[Row]:
    """Each target just reached, but for the named ways."""
    just = {WRITE: 300.0, MPUT: 600.0, HOOK_SAFE: 100.0, UNCHANGED: 2000.0} | rates
    rows = [row(way, rate) for way, rate in just.items()]
    return [*rows, row(WRITE, 300, 5), row(MPUT, 60, 5), row(WRITE, 300, 20), row(MPUT, 30, 20)]


def test_a_target_that_is_just_reached_holds() -> None:
    told = targets(all_rows())
    assert told.count("holds.**") == len(TARGETS)
    assert "DOES NOT HOLD" not in told


@pytest.mark.parametrize(
    ("rates", "line"),
    [
        ({MPUT: 601.0}, 0),
        ({HOOK_SAFE: 101.0}, 1),
        ({UNCHANGED: 1999.0}, 4),
    ],
    ids=["mput", "hook", "unchanged"],
)
def test_a_target_that_is_missed_is_said_not_to_hold_and_no_other(rates: dict[str, float], line: int) -> None:
    lines = targets(all_rows(**rates)).splitlines()
    assert [number for number, text in enumerate(lines) if "DOES NOT HOLD" in text] == [line]


def test_a_delayed_target_that_is_missed_is_said_not_to_hold() -> None:
    rows = [*all_rows()[:-2], row(WRITE, 299, 20), row(MPUT, 30, 20)]
    assert "At 20 ms round trip, at least 10 × mput: DOES NOT HOLD.** 10 ×" in targets(rows)


def test_a_target_whose_other_way_this_machine_lacks_was_not_measured() -> None:
    rows = [it for it in all_rows() if it.way != MPUT] + [row(MPUT, 1, missing="smbclient is not on this machine")]
    assert targets(rows).count("not measured") == 3
    assert "not there: smbclient is not on this machine" in markdown(NETWORK, rows)


def test_the_table_says_how_many_times_as_fast_ours_is() -> None:
    table = markdown(NETWORK, [row(WRITE, 300, 5), row(MPUT, 60, 5)])
    assert table.splitlines()[-1].split("|")[-2].strip() == "5"


def test_the_processor_time_of_a_file_is_told_in_parts() -> None:
    names = {AS_IT_IS: 3.0, UNREAD: 2.5, UNSYNCED: 2.9, EXACT: 1.5, SEALING: 0.0}
    rows = [row(name, 250, table=OTHERWISE, server_seconds=ms, cpu_seconds=0.7) for name, ms in names.items()]
    told = where_it_goes(rows)
    assert "**3.0 ms in Samba**: 1.5 of them looking through the folder" in told
    assert "0.5 reading the file\n  back; 0.1 in fsync" in told
    assert where_it_goes(rows[1:]) == ""


def test_the_page_says_that_the_machine_was_busy_when_it_was() -> None:
    step = Row(STEPS, 44, "extract", work_seconds=1.0)
    here = Machine.here(())
    for load, busy in ((here.cores + 1.0, True), (0.0, False)):
        made = Results(here, [step, *all_rows()], replace(here, load_at_start=(load, load, load)))
        assert ("The machine was busy with other work" in page(made)) is busy
        assert page(Results.from_json(made.to_json())) == page(made)


def test_every_way_at_hand_puts_whole_files_also_over_a_delay() -> None:
    names = [WRITE, "replace", "publish", MPUT]
    told: list[str] = []
    rows = measure(names, [5.0], rounds=1, files=8, otherwise=False, tell=told.append)
    assert [it.way for it in rows] == names
    assert all(it.files == 8 and it.files_a_second > 0 and it.server_seconds >= 0 for it in rows)
    assert len(told) == len(names)


def test_a_way_that_leaves_something_else_is_no_measurement() -> None:
    with network(8, []) as there:
        at = there.place(WAYS[MPUT], 0.0, "mput")
        (at.on_disk / "half a file").write_bytes(b"")
        with pytest.raises(RuntimeError, match="of 8 files 9 lie there"):
            there.run(WAYS[MPUT], at)
