"""The results as a page of documentation; `python -m benchmarks.report` makes page and picture again from the last."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.results import (
    BESIDE,
    MANY,
    MEGABYTE,
    MOST_BYTES,
    MOST_BYTES_OF_MANY,
    MOST_TIMES_PANDAS,
    STEPS,
    WHOLE,
    Results,
    Row,
)
from servers.airflow_home import PROJECT

KEPT = PROJECT / ".run" / "benchmarks" / "results.json"
PAGE = PROJECT / "docs" / "benchmarks.md"
PICTURE = PROJECT / "docs" / "pictures" / "benchmarks.png"

TITLES = {
    WHOLE: "The whole job",
    STEPS: "Each step, in a process of its own",
    BESIDE: "Beside the obvious way",
    MANY: "A thousand groups validated at once",
}
HEADINGS = {
    WHOLE: ("cells", "what", "seconds", "processor s", "peak MB", "workers MB", "remark"),
    STEPS: ("cells", "step", "seconds", "with start", "processor s", "peak MB", "workers MB"),
    BESIDE: ("cells", "way", "seconds", "with start", "processor s", "peak MB", "× ours", "remark"),
    MANY: ("cells", "way", "seconds", "with start", "processor s", "peak MB", "× ours", "remark"),
}
INTRODUCTION = """# Benchmarks

Made by `make benchmark`, which writes this page and its picture anew (`make benchmark QUICK=1`: 44 cells only, printed
and not kept). A cell is one group on one day: four files, about 210 rows. 44 cells are 11 groups and 400 are 100
groups, today and the three days ahead, from the demo's export onto a real Samba on the same machine.

![Seconds, memory and ratios at a glance](pictures/benchmarks.png)
"""
MEANINGS = """## What the numbers mean

* **seconds**: the wall time of the work itself. For the whole job and for programs of others: from start to end.
  Validate's seconds hold the import of Great Expectations (3–4 s), which it does only when it has let go of the plan.
* **with start**: the same with the start of the process and all its imports, as a task under an orchestrator pays it.
* **processor s**: processor time of the process and of all that it started and waited for. It suffers less than wall
  time when something else runs on the machine.
* **peak MB**: the highest resident memory of the process that does the step; **workers MB**: of the largest process
  that it started (renderers). In millions of bytes. The kernel's own high-water mark (`VmHWM`) of every process of the
  step's session is read every 20 ms, so a peak between two looks is not missed. Beside the obvious way, and through
  Airflow, it is the largest of all processes, Airflow's services and tasks included. Samba and PostgreSQL are not
  counted.
* **× ours**: the obvious way's seconds divided by ours for the same input, measured right after ours. Above 1: ours is
  quicker.
* **a thousand groups**: 1 000 groups, four days, 261 visits each, less what their faults have lost: a million. Both
  ways are handed the same frames with every column, the visits of the earlier copies, and eight weeks of counts; each
  judges every cell by every rule, and the codes of all reasons are compared. Reading these is not in the seconds; they
  are in the memory, half of it.
* **second run, nothing changed**: the same command again. It compares hashes and touches nothing.
* **Airflow's own share**: of the wall time of the run, the part in which no code of ours worked: starting tasks,
  reading the DAG file, scheduling, keeping books. Ours is read from the tasks' logs, from each body's first line to its
  last. A real scheduler, PostgreSQL, LocalExecutor; the time to start them is not counted.

## What the obvious ways do not do

* Plain pandas has no words and no counts for its reasons, and takes care of nobody's name. Nor does it name its rules:
  who changes one changes a line among others.
* pandas reads the export and makes instants; it does not say which rows could not be read, hides no protected people,
  masks no identity numbers, and knows nothing of nights, copies and totals.
* WeasyPrint and LibreOffice draw the same visits in one table an employee; no free boxes that fill the page, no page 1,
  no overview. LibreOffice converts our workbook, and gives other bytes each time.
* `push_from_local` and `mput` write in place: who opens a file meanwhile reads half of it, and nobody reads it back.
  Ours writes a temporary file, flushes it to disk, reads it back, compares, renames, and keeps lock, intent and hashes.
  "made safe" does the same but for flush, lock and intent.
"""


def page(results: Results) -> str:
    """The whole page."""
    parts = [INTRODUCTION, _machine(results), _limit(results), _limits_of_many(results)]
    parts += [f"## {TITLES[name]}\n\n{markdown(name, results.of(name))}\n" for name in TITLES]
    return "\n".join([*parts, MEANINGS])


def markdown(name: str, rows: Sequence[Row]) -> str:
    """One table, aligned so that it can be read as it is."""
    lines = [list(HEADINGS[name]), *(cells_of(name, row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    # Numbers to the right, words to the left.
    right = [heading not in ("what", "step", "way", "remark") for heading in HEADINGS[name]]

    def shown(line: Sequence[str]) -> str:
        parts = (
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        )
        return f"| {' | '.join(parts)} |"

    rule = ["-" * (width - 1) + (":" if to_right else "-") for width, to_right in zip(widths, right, strict=True)]
    return "\n".join([shown(lines[0]), shown(rule), *map(shown, lines[1:])])


def cells_of(name: str, row: Row) -> list[str]:
    """One row's cells as text."""
    if row.missing:
        return [str(row.cells), row.name, *[""] * (len(HEADINGS[name]) - 3), f"not there: {row.missing}"]
    values = {
        "cells": str(row.cells), "what": row.name, "step": row.name, "way": row.name,
        "seconds": _seconds(row.work_seconds), "with start": _seconds(row.wall_seconds),
        "processor s": _seconds(row.cpu_seconds) if row.cpu_seconds else "",
        "peak MB": _megabytes(row.peak_bytes if name == BESIDE else row.own_bytes),
        "workers MB": _megabytes(row.workers_bytes),
        "× ours": f"{row.ratio:.2g}" if row.ratio is not None else "",
        "remark": row.note,
    }  # fmt: skip
    return [values[heading] for heading in HEADINGS[name]]


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _megabytes(value: int) -> str:
    return f"{value / MEGABYTE:.0f}" if value else ""


def _machine(results: Results) -> str:
    here = results.machine
    load = " ".join(f"{value:.1f}" for value in here.load_at_start)
    after = " ".join(f"{value:.1f}" for value in here.load_at_end)
    versions = ", ".join(f"{name} {number}" for name, number in here.versions.items())
    return f"""Measured {here.measured_at} on {here.cores} cores of {here.processor}, {here.memory_gib:.0f} GiB,
{here.system}, Python {here.python}. Load average (1, 5, 15 minutes) at the start {load}, at the end {after}.
{versions}.
"""


def _limit(results: Results) -> str:
    """Whether the requirement on memory holds, and by which process."""
    measured = [row for row in results.rows if row.of_ours and not row.missing and row.table != MANY]
    largest = max(measured, key=lambda row: row.peak_bytes)
    holds = "holds" if largest.peak_bytes <= MOST_BYTES else "DOES NOT HOLD"
    return f"""**No process of ours over {MOST_BYTES // MEGABYTE} MB: {holds}.** The largest has
{_megabytes(largest.peak_bytes)} MB ({largest.name}, {largest.cells} cells).
"""


def _limits_of_many(results: Results) -> str:
    """Whether the requirements on a million visits hold."""
    rows = results.of(MANY)
    if not rows:
        return ""
    ours, pandas = next(row for row in rows if row.of_ours), next(row for row in rows if not row.of_ours)
    times = ours.work_seconds / pandas.work_seconds
    holds = "hold" if times <= MOST_TIMES_PANDAS and ours.peak_bytes <= MOST_BYTES_OF_MANY else "DO NOT HOLD"
    limits = f"{MOST_TIMES_PANDAS} times as long as plain pandas, and {MOST_BYTES_OF_MANY // MEGABYTE} MB"
    return f"""**A million visits validated in at most {limits}: {holds}.** Ours takes
{times:.1f} times as long, and {_megabytes(ours.peak_bytes)} MB; pandas {_megabytes(pandas.peak_bytes)} MB.
"""


def write(results: Results) -> Iterator[Path]:
    """Write page and picture; gives the files."""
    from benchmarks.picture import draw

    PAGE.write_text(page(results), encoding="utf-8")
    yield PAGE
    draw(results, PICTURE)
    yield PICTURE


if __name__ == "__main__":
    if not KEPT.exists():
        sys.exit("There are no results yet: run `make benchmark`.")
    for written in write(Results.from_json(KEPT.read_text(encoding="utf-8"))):
        print(written)
