"""`docs/faults.md`, made from what the product does: `python -m tests.faults.table` writes it anew, in full length.

With words, only the cases whose name holds one of them are tried, and the other rows stay as they are on the page.
"""

import sys
import tempfile
from pathlib import Path

from tests.faults.cases import CASES, Case
from tests.faults.scene import scene_at
from tests.faults.trials import Row, tried

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
INTRODUCTION = """# Faults

What becomes of the copies when something breaks while they are published. Each case below is provoked on a real Samba,
as `tests/faults/cases.py` says, while a run writes the next generation of twelve groups and days (48 files of 60 kB)
over the one that lies there, beside documents of others and names that look like ours. Somebody on the server's own
disk looks on all the while, some hundred times a second. This page is written by `python -m tests.faults.table`, and
a test holds that it is what the product does.

- **torn**: a name that somebody found to hold neither the old file nor the new one, at any moment.
- **lost**: a name that was gone at any moment, or held neither in the end.
- **foreign**: a file of somebody else's that was changed or gone.
- **told**: what the run's operator reads; nothing where there is nothing to do.
- **heals**: how many further runs it took, once the fault was over, until every file is new, every record right,
  nothing left over and `verify` content; and how long.

"At a random byte" means of all that passes between us and the server in a run, so that every step is hit. Disks and
quotas are file systems of the test's own; where the machine lets nobody mount, these cases are not tried.

**A gap that is left.** What lies under a name is looked at right before the rename. SMB has no rename that minds what
it replaces, so a file that somebody saves in the milliseconds between the two is replaced. The row "in the very moment"
counts how often a save of one of the 48 files, at a random byte of the run that replaces them all, meets them.
"""
COLUMNS = ("case", "how it is provoked", "tries", "torn", "lost", "foreign", "told", "heals")
HEADING = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"
NOT_HEALED = "**does not heal**"


def page(rows: list[str]) -> str:
    """The whole page."""
    return f"{INTRODUCTION}\n{HEADING}\n" + "\n".join(rows) + "\n"


def line(row: Row) -> str:
    """One case's row."""
    told = "<br>".join(told_words(row)) or "–"
    counts = f"{row.tries} | {row.torn} | {row.lost} | {row.foreign}"
    return f"| {row.case.name} | {row.case.how} | {counts} | {told} | {heals(row)} |"


def told_words(row: Row) -> list[str]:
    """What was told, the most frequent first."""
    return [text.replace("|", "\\|") for text, _ in row.told.most_common()]


def heals(row: Row) -> str:
    """In how many runs and about how long."""
    if row.not_healed:
        return NOT_HEALED
    if not row.runs_to_heal:
        return "in the run itself"
    runs = "the next run" if row.runs_to_heal == 1 else f"{row.runs_to_heal} runs"
    return f"{runs}, {_about(row.seconds_to_heal)}"


def _about(seconds: float) -> str:
    return next((f"< {limit} s" for limit in (5, 10, 20, 60) if seconds < limit), "over a minute")


def rows_there() -> dict[str, str]:
    """The page's rows, by their case."""
    if not PAGE.exists():
        return {}
    lines = [text for text in PAGE.read_text(encoding="utf-8").splitlines() if text.startswith("| ")]
    return {text.split(" | ")[0].removeprefix("| "): text for text in lines[1:]}


def write(words: list[str]) -> None:
    """Try the cases in full length and write the page, row by row."""
    rows = rows_there()
    for case in CASES:
        if words and not any(word in case.name for word in words):
            continue
        rows[case.name] = line(_tried_in_full(case))
        PAGE.write_text(page([rows[case.name] for case in CASES if case.name in rows]), encoding="utf-8")


def _tried_in_full(case: Case) -> Row:
    with tempfile.TemporaryDirectory() as folder, scene_at(Path(folder), case.disk) as scene:
        row = tried(case, case.tries, scene)
    print(line(row), *row.faults, *row.not_healed, sep="\n  ", flush=True)  # noqa: T201 - says how far it is
    return row


if __name__ == "__main__":
    write(sys.argv[1:])
