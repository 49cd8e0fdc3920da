"""A good export is never called incomplete: a gate that cries wolf is soon left open."""

from collections import Counter
from pathlib import Path

import pytest
from reservplan.domain.verdict import Verdict
from reservplan.extract.demo import TEAMS

from tests.bad_exports.good import DAYS_AHEAD, judged
from tests.bad_exports.office import TODAY

CELLS_OF_A_RUN = len(TEAMS) * (DAYS_AHEAD + 1)


def found_in(folder: Path, seeds: range) -> Counter[str]:
    """How many cells of the runs have each verdict, and how many each reason."""
    found: Counter[str] = Counter()
    for seed in seeds:
        judgements = judged(folder, TODAY, seed).values()
        assert len(judgements) == CELLS_OF_A_RUN
        found.update(judgement.verdict.value for judgement in judgements)
        found.update(reason.code for judgement in judgements for reason in judgement.reasons)
    return found


@pytest.mark.parametrize("seeds", [
    range(4), pytest.param(range(4, 100), marks=pytest.mark.long),
], ids=["a few", "a hundred"])  # fmt: skip
def test_good_exports_are_never_called_incomplete_and_seldom_remarked(seeds: range, tmp_path: Path) -> None:
    found = found_in(tmp_path, seeds)
    assert found[Verdict.INCOMPLETE.value] == 0, found
    assert found[Verdict.REMARKS.value] <= 0.02 * len(seeds) * CELLS_OF_A_RUN, found
