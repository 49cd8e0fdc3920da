"""Validation: is each cell complete, and if not, why, in words that a planner understands."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reservplan.domain.history import History
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import Cell, Plan
from reservplan.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from reservplan.validate.judging import Seen

BEFORE_COLUMNS = ("plan_date", "team", "visit_id", "client_id", "start", "end", "protected")


def judge(
    plan: Plan,
    settings: Settings,
    cells: Sequence[Cell],
    history: History | None = None,
    before: "pd.DataFrame | None" = None,
) -> dict[Cell, Judgement]:
    """Judge every cell in one go; the order of `cells` is kept.

    `history` is what the stores remember; `before` has a row for each planned visit of the earlier copies whose capture
    is still in the archive (`BEFORE_COLUMNS`), and may lack any cell.

    Raises:
        LastingError: the plan's frames are not what they must be.
    """
    return judge_seen(look(plan, settings, cells, history, before), settings)


def look(
    plan: Plan,
    settings: Settings,
    cells: Sequence[Cell],
    history: History | None = None,
    before: "pd.DataFrame | None" = None,
) -> "Seen":
    """The first half of `judge`, after which the plan's frames are needed no more.

    Raises:
        LastingError: the plan's frames are not what they must be.
    """
    from reservplan.validate.judging import look_at_cells  # pandas is heavy

    return look_at_cells(plan, settings, cells, history or History(), before)


def may_be_accepted(judgement: Judgement) -> bool:
    """Whether the cell is incomplete only for reasons of which a person may know better."""
    from reservplan.validate.judging import may_be_accepted

    return may_be_accepted(judgement)


def judge_seen(seen: "Seen", settings: Settings) -> dict[Cell, Judgement]:
    """The second half: Great Expectations, which takes as much memory again, and the verdicts."""
    from reservplan.validate.judging import judge_cells

    return judge_cells(seen, settings)
