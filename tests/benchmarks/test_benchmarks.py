"""The benchmark's own parts: that it measures what it says, and that its page has the form that it writes. No times."""

import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.measuring import ProgramFailed, measure
from benchmarks.report import HEADINGS, PAGE, TITLES, markdown, page
from benchmarks.results import BESIDE, MANY, MEGABYTE, MOST_BYTES, STEPS, WHOLE, Machine, Results, Row
from benchmarks.run import Benchmark, many_groups
from benchmarks.site import Site
from benchmarks.through_airflow import covered_seconds
from servers.samba import SambaServer

ALLOCATE = "import time; block = b'x' * ({megabytes} * 1_000_000); time.sleep(0.3)"
ENVIRONMENT = {"PATH": os.environ["PATH"]}


def results(*rows: Row) -> Results:
    return Results(Machine.here(("pandas",)), list(rows))


def row(table: str, name: str, **values: object) -> Row:
    return Row(**{"table": table, "cells": 44, "name": name, "work_seconds": 1.0, **values})  # type: ignore[arg-type]


def test_the_peak_of_a_program_and_of_what_it_starts_are_told_apart(tmp_path: Path) -> None:
    child = ALLOCATE.format(megabytes=160)
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); {ALLOCATE.format(megabytes=80)}"
    cost = measure([sys.executable, "-c", code], ENVIRONMENT, tmp_path)
    assert 80 <= cost.own_bytes / MEGABYTE < 140
    assert 160 <= cost.workers_bytes / MEGABYTE < 220
    assert cost.peak_bytes == cost.workers_bytes
    assert cost.wall_seconds > 0.5


def test_a_program_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="nothing to measure"):
        measure([sys.executable, "-c", "raise SystemExit('nothing to measure')"], ENVIRONMENT, tmp_path)


def test_time_that_several_tasks_share_is_counted_once() -> None:
    begin = datetime(2026, 11, 22, 5, tzinfo=UTC)

    def span(first: int, last: int) -> tuple[datetime, datetime]:
        return begin + timedelta(seconds=first), begin + timedelta(seconds=last)

    assert covered_seconds([span(0, 10), span(12, 14), span(2, 4), span(8, 11)]) == 13
    assert covered_seconds([]) == 0


def test_a_step_and_the_obvious_way_run_at_a_tiny_size_and_stand_in_the_table(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", 1, SambaServer(tmp_path / "samba"))
    one = Benchmark(site, through_airflow=False)
    site.prepare("steps")
    ours = one._keep(STEPS, "extract", one._step(site, site.write_request(), "extract"))
    theirs = one._keep(BESIDE, "pandas", one._obvious("pandas_csv", site.export), ours)
    assert 0 < ours.work_seconds < ours.wall_seconds
    assert ours.own_bytes > 50 * MEGABYTE
    assert theirs.ratio == pytest.approx(theirs.work_seconds / ours.work_seconds)
    assert theirs.of_ours is False
    assert "| pandas" in markdown(BESIDE, one.rows[1:])


def test_the_page_says_whether_the_limit_on_memory_holds_and_who_came_nearest() -> None:
    within = row(STEPS, "extract", own_bytes=MOST_BYTES)
    over = row(STEPS, "validate", own_bytes=MEGABYTE, workers_bytes=MOST_BYTES + MEGABYTE)
    theirs = row(BESIDE, "pandas", own_bytes=2 * MOST_BYTES, of_ours=False)
    assert "over 500 MB: holds.**" in page(results(within, theirs))
    told = page(results(within, over, theirs))
    assert "over 500 MB: DOES NOT HOLD.**" in told
    assert "501 MB (validate, 44 cells)" in told


def test_validation_and_plain_pandas_come_to_the_same_verdicts_on_cells_with_all_kinds_of_faults(
    tmp_path: Path,
) -> None:
    ours, pandas = many_groups(tmp_path, groups=60)
    assert ours.note == "240 verdicts"
    assert pandas.note == "240 verdicts and reasons the same"
    assert pandas.ratio == pytest.approx(pandas.work_seconds / ours.work_seconds)


def test_the_page_says_whether_a_million_visits_stay_within_their_limits() -> None:
    step = row(STEPS, "extract", own_bytes=MEGABYTE)
    pandas = row(MANY, "plain pandas", cells=4000, work_seconds=2.0, own_bytes=MEGABYTE, of_ours=False)
    within = row(MANY, "ours", cells=4000, work_seconds=16.0, own_bytes=1000 * MEGABYTE)
    assert "1000 MB: hold.**" in page(results(step, within, pandas))
    for change in ({"work_seconds": 16.1}, {"own_bytes": 1001 * MEGABYTE}):
        over = row(MANY, "ours", **{"cells": 4000, "work_seconds": 16.0, "own_bytes": MEGABYTE, **change})
        assert "1000 MB: DO NOT HOLD.**" in page(results(step, over, pandas))
    # What only this needs is no process of the job's.
    assert "over 500 MB: holds.**" in page(results(step, within, pandas))


def test_a_comparison_that_this_machine_lacks_says_so_in_its_row() -> None:
    table = markdown(BESIDE, [row(BESIDE, "PDF: LibreOffice", missing="soffice is not on this machine")])
    assert "not there: soffice is not on this machine" in table
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_page_is_the_same_from_what_is_kept() -> None:
    made = results(row(WHOLE, "the command", note="a remark"), row(STEPS, "extract"), row(BESIDE, "pandas", ratio=0.5))
    assert page(Results.from_json(made.to_json())) == page(made)


def test_the_kept_page_has_the_form_that_the_benchmark_writes() -> None:
    kept = PAGE.read_text(encoding="utf-8")
    for name, headings in HEADINGS.items():
        section = kept.partition(f"## {TITLES[name]}\n")[2].partition("\n## ")[0]
        lines = [line for line in section.splitlines() if line.startswith("|")]
        assert [cell.strip() for cell in lines[0].strip("|").split("|")] == list(headings)
        if "cells" not in headings:
            continue
        sizes = {"4000"} if name == MANY else {"44", "400"}
        assert sizes <= {line.strip("|").split("|")[0].strip() for line in lines[2:]}
    assert re.search(r"Measured \d{4}-\d\d-\d\dT.* on \d+ cores", kept)
    assert (PAGE.parent / "pictures" / "benchmarks.png").is_file()
