"""Validation: is each cell complete, and if not, why, in words that a planner understands."""

from collections.abc import Sequence

from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import Cell, Plan
from reservplan.settings import Settings


def judge(plan: Plan, settings: Settings, cells: Sequence[Cell]) -> dict[Cell, Judgement]:
    """Judge every cell in one go; the order of `cells` is kept.

    Raises:
        LastingError: the plan's frames are not what they must be.
    """
    from reservplan.validate.judging import judge_cells  # pandas and Great Expectations are heavy

    return judge_cells(plan, settings, cells)
