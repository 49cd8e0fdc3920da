"""The results as a page of documentation; `python -m benchmarks.report` makes page and pictures again from the last."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.results import (
    AS_IT_IS,
    BESIDE,
    EXACT,
    HOOK_SAFE,
    LOOK,
    MANY,
    MEGABYTE,
    MOST_BYTES,
    MOST_BYTES_OF_MANY,
    MOST_SECONDS_OF_LOOK,
    MOST_TIMES_PANDAS,
    MPUT,
    NETWORK,
    OTHERWISE,
    ROUND_TRIP_OF_LOOK,
    SEALING,
    STEPS,
    UNCHANGED,
    UNREAD,
    UNSYNCED,
    WATCHING,
    WHOLE,
    WITHOUT_CELLS,
    WRITE,
    Machine,
    Results,
    Row,
)
from servers.airflow_home import PROJECT

KEPT = PROJECT / ".run" / "benchmarks" / "results.json"
PAGE = PROJECT / "docs" / "benchmarks.md"
PICTURE = PROJECT / "docs" / "pictures" / "benchmarks.png"
PICTURE_OF_NETWORK = PICTURE.with_name("benchmarks-network.png")

TITLES = {
    WHOLE: "The whole job",
    STEPS: "Each step, in a process of its own",
    BESIDE: "Beside the obvious way",
    MANY: "A thousand groups validated at once",
    NETWORK: "Publishing over a network",
    OTHERWISE: "Where publishing's time goes",
    WATCHING: "One look of the watch",
}
HEADINGS = {
    WHOLE: ("cells", "what", "seconds", "processor s", "peak MB", "workers MB", "remark"),
    STEPS: ("cells", "step", "seconds", "with start", "processor s", "peak MB", "workers MB"),
    BESIDE: ("cells", "way", "seconds", "with start", "processor s", "peak MB", "× ours", "remark"),
    MANY: ("cells", "way", "seconds", "with start", "processor s", "peak MB", "× ours", "remark"),
    NETWORK: (
        "round trip",
        "way",
        "files",
        "files/s",
        "MB/s",
        "client ms",
        "server ms",
        "peak MB",
        "ours × this",
    ),
    OTHERWISE: ("round trip", "what", "files/s", "MB/s", "ms a file", "client ms", "server ms", "peak MB"),
    WATCHING: ("round trip", "way", "files", "seconds", "processor s", "peak MB", "× ours"),
}
# What publishing shall reach: where, ours, the other (None: the number itself, in files a second), how many times it.
TARGETS = (
    ("Without delay, at least half of mput, which neither verifies nor flushes", 0.0, WRITE, MPUT, 0.5),
    ("Without delay, at least 3 × SambaHook made safe the same way", 0.0, WRITE, HOOK_SAFE, 3.0),
    ("At 5 ms round trip, at least 5 × mput", 5.0, WRITE, MPUT, 5.0),
    ("At 20 ms round trip, at least 10 × mput", 20.0, WRITE, MPUT, 10.0),
    ("Unchanged, at least 2 000 files a second", 0.0, UNCHANGED, None, 2000.0),
)
INTRODUCTION = """# Benchmarks

Made by `make benchmark`, which writes this page and its picture anew (`make benchmark QUICK=1`: 44 cells only, printed
and not kept). A cell is one group on one day: four files, about 210 rows. 44 cells are 11 groups and 400 are 100
groups, today and the three days ahead, from the demo's export onto a real Samba on the same machine.

![Seconds, memory and ratios at a glance](pictures/benchmarks.png)
"""
PICTURED = "\n![Files a second at each round trip](pictures/benchmarks-network.png)\n"
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
* **publishing over a network**: two thousand files of 60 kB that cannot be compressed, in one folder of a Samba with
  its defaults, signed and encrypted. A proxy on this machine delays each direction by half of the round trip, and
  limits nothing else. All ways in turns, twice; the middle counts. The slowest get fewer files: a fuller folder would
  only make them slower. Connecting is in all seconds; starting Python is not, starting smbclient and rclone is.
  Ours has 16 files under way at once where a row does not say otherwise; the setting `depth` is 32 by default.
  **client ms**, **server ms**: processor time a file, in the client and in Samba: they suffer less from what else runs
  on the machine than files/s do. A way that waits for the network hardly needs the processor, ours does: on a busy
  machine the ratios are lower than the network alone would make them. **ours × this**: how many times as fast as that
  way ours puts files, verified and flushed. "publish and seal" is all that a run does with 500 rendered cells;
  "unchanged" is the same call again.
* **one look of the watch**: 60 groups, 18 days, 4 320 files of 2 kB in one folder, each as a run leaves it, over the
  same proxy. Ours says the state of every cell from manifests, counts, records and one listing, and connects anew.
  A listing alone does not tell whether what lies there is what was published, how old its content is, or whether it
  is complete; asking for each file tells its size and time (400 were asked for, and are told for all).
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
  "made safe" does the same but for lock and intent. rclone 1.60 writes in place too, and compares sizes only.
"""


def page(results: Results) -> str:
    """The whole page."""
    parts = [INTRODUCTION, machine(results.machine), _limit(results), _limits_of_many(results)]
    before = {
        NETWORK: _apart(results) + targets(results.of(NETWORK)) + PICTURED,
        WATCHING: look(results),
        OTHERWISE: where_it_goes(results.of(OTHERWISE)),
    }
    for name, title in TITLES.items():
        if rows := results.of(name):
            parts += [f"## {title}\n", *filter(None, [before.get(name)]), f"{markdown(name, rows)}\n"]
    return "\n".join([*parts, MEANINGS])


def _apart(results: Results) -> str:
    """When publishing was measured, if not with the rest, and whether the machine did other work too."""
    here = results.network_machine or results.machine
    said = f"This part was measured by itself. {machine(here)}\n" if results.network_machine else ""
    if here.load_at_start[0] > here.cores:
        load = f"load {here.load_at_start[0]:.0f} on {here.cores} cores"
        said += f"""**The machine was busy with other work** ({load}), and files/s are far from what it can do.
Ours needs the processor where others wait for the network, so that this is to our disadvantage.

"""
    return said


def look(results: Results) -> str:
    """Whether a look is quick enough, and where it was measured if not with the rest."""
    rows = [row for row in results.of(WATCHING) if (row.way, row.round_trip_ms) == (LOOK, ROUND_TRIP_OF_LOOK)]
    if not rows:
        return ""
    said = (
        f"This part was measured by itself. {machine(results.watching_machine)}\n" if results.watching_machine else ""
    )
    holds = "holds" if rows[0].work_seconds <= MOST_SECONDS_OF_LOOK else "DOES NOT HOLD"
    what = f"60 groups × 18 days at {ROUND_TRIP_OF_LOOK:g} ms round trip in under {MOST_SECONDS_OF_LOOK:g} s"
    return f"{said}**{what}: {holds}.** {rows[0].work_seconds:.2g} s.\n"


def targets(rows: Sequence[Row]) -> str:
    """A line for each target of publishing: how far it is reached, and whether it holds."""
    measured = {(row.round_trip_ms, row.way): row.files_a_second for row in rows if not row.missing}
    lines = []
    for what, round_trip_ms, ours, other, least in TARGETS:
        rate = measured.get((round_trip_ms, ours))
        beside = 1.0 if other is None else measured.get((round_trip_ms, other))
        if rate is None or beside is None:
            lines.append(f"* {what}: not measured.")
            continue
        reached = rate / beside
        unit = "files/s" if other is None else "×"
        shown = f"{reached:.0f}" if reached >= 100 else f"{reached:.2g}"
        lines.append(f"* **{what}: {'holds' if reached >= least else 'DOES NOT HOLD'}.** {shown} {unit}.")
    return "\n".join([*lines, ""])


def where_it_goes(rows: Sequence[Row]) -> str:
    """The processor time of one file in parts, and what is left to gain."""
    of = {row.name: row for row in rows}
    if not {AS_IT_IS, UNREAD, UNSYNCED, EXACT, SEALING} <= of.keys():
        return ""
    whole = of[AS_IT_IS]

    def ms(seconds: float) -> str:
        return f"{max(1000 * seconds / whole.files, 0):.1f}"

    in_all, server, client = ms(whole.work_seconds), ms(whole.server_seconds), ms(whole.cpu_seconds)
    spared = ms(whole.cpu_seconds - of[UNREAD].cpu_seconds)
    searching, reading, syncing = (ms(whole.server_seconds - of[it].server_seconds) for it in (EXACT, UNREAD, UNSYNCED))
    at_least = ms(of[SEALING].cpu_seconds)
    return f"""Ours with one thing otherwise each time; some tenths of a millisecond are the machine's unrest.
A file of 60 kB takes {in_all} ms without delay; in these the processors work

* **{server} ms in Samba**: {searching} of them looking through the folder for other spellings of a name that is not
  there, twice a file (the temporary name and the published one; it grows with the folder); {reading} reading the file
  back; {syncing} in fsync;
* **{client} ms in our process**: {at_least} of them what no client can leave out: reading the file, sealing it,
  opening what is read back (without reading back it is {spared} less); the rest is packing, matching answers, the
  kernel's sockets, and names.

Samba serves a connection with one process, so that without delay its time is the limit, and ours runs beside it. With
delay, a file waits two round trips (written, flushed and read back; labelled, renamed and closed), three where it goes
over another, and as many files wait at once as `depth` says: at most `depth ÷ (2 × round trip)` files a second.

What a further factor would cost:

* **in Samba**, `case sensitive = yes` on the share: a setting of the operator's, not ours;
* **a second connection**: another process in Samba, where the server has a core for it. The lock, the order "files
  before manifest" and beginning again after a cut would have to hold over both;
* **temporary files in a small folder of their own**: saves one of the two searches. Windows keeps the rights of the
  folder in which a file was made, so that copies could end up with others than their folder's;
* **nothing read back, or nothing flushed**: gains what stands above, and is what the copies are trusted for;
* **our process in a compiled language**: nothing, as long as the server takes longer than we do.
"""


def markdown(name: str, rows: Sequence[Row]) -> str:
    """One table, aligned so that it can be read as it is."""
    lines = [list(HEADINGS[name]), *(cells_of(name, row, rows) for row in rows)]
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


def cells_of(name: str, row: Row, rows: Sequence[Row] = ()) -> list[str]:
    """One row's cells as text; `rows` are all of its table."""
    if name in (NETWORK, OTHERWISE):
        return _network_cells(name, row, rows)
    if name == WATCHING:
        return _watching_cells(row, rows)
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


def _network_cells(name: str, row: Row, rows: Sequence[Row]) -> list[str]:
    values = {"round trip": _round_trip(row), "way": row.name, "what": row.name}
    if row.missing:
        values[HEADINGS[name][-1]] = f"not there: {row.missing}"
        return [values.get(heading, "") for heading in HEADINGS[name]]
    beside = (it for it in rows if (it.round_trip_ms, it.way) == (row.round_trip_ms, WRITE) and not it.missing)
    ours = next(beside, None)
    values |= {
        "files": str(row.files),
        "files/s": f"{row.files_a_second:.0f}",
        "MB/s": f"{row.files_a_second * row.file_bytes / MEGABYTE:.1f}" if row.way != UNCHANGED else "",
        "ms a file": _milliseconds(row.work_seconds, row),
        "client ms": _milliseconds(row.cpu_seconds, row),
        "server ms": _milliseconds(row.server_seconds, row),
        "peak MB": _megabytes(row.own_bytes),
        "ours × this": f"{ours.files_a_second / row.files_a_second:.2g}" if ours and not row.of_ours else "",
    }
    return [values[heading] for heading in HEADINGS[name]]


def _watching_cells(row: Row, rows: Sequence[Row]) -> list[str]:
    ours = next(it for it in rows if (it.round_trip_ms, it.way) == (row.round_trip_ms, LOOK))
    values = {
        "round trip": _round_trip(row), "way": row.name, "files": str(row.files),
        "seconds": _seconds(row.work_seconds), "processor s": _seconds(row.cpu_seconds),
        "peak MB": _megabytes(row.own_bytes),
        "× ours": f"{row.work_seconds / ours.work_seconds:.2g}" if not row.of_ours else "",
    }  # fmt: skip
    return [values[heading] for heading in HEADINGS[WATCHING]]


def _milliseconds(seconds: float, row: Row) -> str:
    return f"{1000 * seconds / row.files:.2f}"


def _round_trip(row: Row) -> str:
    return f"{row.round_trip_ms:g} ms" if row.round_trip_ms else "none"


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _megabytes(value: int) -> str:
    return f"{value / MEGABYTE:.0f}" if value else ""


def machine(here: Machine) -> str:
    """Where and when it was measured, in words."""
    load = " ".join(f"{value:.1f}" for value in here.load_at_start)
    after = " ".join(f"{value:.1f}" for value in here.load_at_end)
    versions = ", ".join(f"{name} {number}" for name, number in here.versions.items())
    return f"""Measured {here.measured_at} on {here.cores} cores of {here.processor}, {here.memory_gib:.0f} GiB,
{here.system}, Python {here.python}. Load average (1, 5, 15 minutes) at the start {load}, at the end {after}.
{versions}.
"""


def _limit(results: Results) -> str:
    """Whether the requirement on memory holds, and by which process."""
    measured = [row for row in results.rows if row.of_ours and not row.missing and row.table not in WITHOUT_CELLS]
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
    """Write page and pictures; gives the files."""
    from benchmarks.picture import draw, draw_network

    PAGE.write_text(page(results), encoding="utf-8")
    yield PAGE
    draw(results, PICTURE)
    yield PICTURE
    if results.of(NETWORK):
        draw_network(results, PICTURE_OF_NETWORK)
        yield PICTURE_OF_NETWORK


if __name__ == "__main__":
    if not KEPT.exists():
        sys.exit("There are no results yet: run `make benchmark`.")
    for written in write(Results.from_json(KEPT.read_text(encoding="utf-8"))):
        print(written)
