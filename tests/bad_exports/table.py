"""`docs/bad-exports.md`, made from what the product does: `python -m tests.bad_exports.table` writes it anew."""

import tempfile
from collections import Counter
from pathlib import Path

from tests.bad_exports.mutations import KINDS, Expected, Kind
from tests.bad_exports.office import CELLS
from tests.bad_exports.trials import Trials

PAGE = Path(__file__).parents[2] / "docs" / "bad-exports.md"
INTRODUCTION = """# Bad exports

What becomes of an export with which something is wrong. Each kind below is made from a good export by
`tests/bad_exports/mutations.py` and put through the whole job: an office of two groups, whose copies of today and
tomorrow were made of yesterday's and this morning's good exports and lie on the share, with the counts of five weeks.
At eleven the bad export arrives, and a run is made. This page is written by `python -m tests.bad_exports.table`, and a
test holds that it is what the product does.

The verdict is that of the worst group and day, and so is what the planner is told:

- **the run stops**: the export cannot be used; nothing on the share is touched.
- **incomplete**: something is missing. The copies that were there stay, byte for byte.
- **remarks**: the copies are replaced, and say on their first page what to look at.
- **understood**: nothing is wrong with the plan: the copies are, and stay, those of the good export.
- **missed**: the export is taken as it is, and nobody is told.

"Share" says how many of the four copies (two groups, two days) were replaced, each by a whole one.
"""


def introduction() -> str:
    """What stands above the table; the counts are what `tests/bad_exports/mutations.py` expects."""
    became = Counter(kind.expected for kind in KINDS.values())
    bad = became.total() - became[Expected.UNDERSTOOD]
    caught = bad - became[Expected.MISSED]
    counts = ", ".join(f"{expected.value} {became[expected]}" for expected in Expected)
    summary = (
        f"{became.total()} kinds: {counts}. Of the {bad} whose plan is wrong, {caught} are caught, {caught / bad:.1%}."
    )
    return f"{INTRODUCTION}\n{summary}\n"


def page(trials: Trials) -> str:
    """The whole page."""
    rows = [line(kind, trials) for kind in KINDS.values()]
    heading = "| kind | what happened | verdict | what is told | share |\n|---|---|---|---|---|"
    return f"{introduction()}\n{heading}\n" + "\n".join(rows) + "\n"


def line(kind: Kind, trials: Trials) -> str:
    """One kind's row."""
    outcome = trials.outcome(kind)
    replaced = len(outcome.replaced)
    share = f"{replaced} of {len(CELLS)} replaced" if replaced else "untouched"
    told = outcome.told(trials.good).replace("|", "\\|") or "–"
    return f"| {kind.name} | {kind.what_happened} | {outcome.became(trials.good).value} | {told} | {share} |"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(page(Trials(Path(folder))), encoding="utf-8")
