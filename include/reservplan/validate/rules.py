"""The rules about a cell: what breaks each, what that makes of the cell, and which count its words name.

Pure: a rule is a column of booleans over the cells' facts. Great Expectations then expects each column to hold no True.
"""

from collections.abc import Sequence

import pandas as pd

from reservplan.domain.plan import Cell, Plan
from reservplan.domain.rules import RULES
from reservplan.settings import Settings, Team, Thresholds
from reservplan.validate.comparing import Compared

_BROKEN_BY_ANY = tuple(rule.code for rule in RULES if rule.code == rule.count)


def broken_rules(facts: pd.DataFrame, compared: Sequence[Compared], plan: Plan, settings: Settings) -> pd.DataFrame:
    """One row a cell (plan_date as ISO text, team), one boolean column a rule: True where the cell breaks it.

    `compared` has what is known from before, for each row of `facts`.
    """
    cells = [Cell(*row) for row in facts[["plan_date", "team"]].itertuples(index=False, name=None)]
    sources = [plan.sources.get(cell) for cell in cells]
    teams = [settings.team(cell.team) for cell in cells]
    limits = settings.thresholds
    broken = pd.DataFrame({"plan_date": [cell.plan_date.isoformat() for cell in cells], "team": facts["team"]})
    closed = [_closed(team, cell) for team, cell in zip(teams, cells, strict=True)]
    covered = pd.Series([source is not None and not source.fault for source in sources])
    few = (facts["visits"] * limits.unreadable_rows_share).clip(lower=1)
    broken["source_too_old"] = bool(plan.too_old)
    broken["file_fault"] = [bool(source and source.fault) for source in sources]
    broken["not_covered"] = [source is None for source in sources]
    broken["no_visits"] = covered & (facts["visits"] == 0) & ~pd.Series(closed, dtype=bool)
    broken["rows_unreadable"] = (facts["unreadable"] > 0) & (facts["unreadable"] <= few)
    broken["rows_unreadable_many"] = facts["unreadable"] > few
    broken["total_differs"] = [
        bool(source and source.expected_visits is not None and source.expected_visits != visits)
        for source, visits in zip(sources, facts["visits"], strict=True)
    ]
    for code, column in _against_before(facts["visits"].tolist(), compared, limits).items():
        broken[code] = column
    broken["unknown_team"] = [team is None for team in teams]
    broken["unassigned_many"] = facts["unassigned"] > facts["visits"] * limits.unassigned_share
    in_two_places = facts["in_two_places"]
    many_places = in_two_places > (facts["visits"] * limits.in_two_places_share).clip(lower=limits.gone_remark_visits)
    broken["in_two_places_many"] = many_places
    for code in _BROKEN_BY_ANY:
        broken[code] = facts[code] > 0
    broken["in_two_places"] &= ~many_places
    for code in limits.ignored_remarks:
        broken[code] = False
    return broken


def _against_before(visits: Sequence[int], compared: Sequence[Compared], limits: Thresholds) -> dict[str, list[bool]]:
    """The rules about the earlier copy and the usual; of each pair the graver one alone."""
    pairs = list(zip(visits, compared, strict=True))
    # Where nothing is left, that is the reason, and enough of one.
    gone_many = [now > 0 and one.met.gone > one.earlier * limits.gone_incomplete_share for now, one in pairs]
    gone = [now > 0 and one.met.gone > limits.ordinary_loss(one.earlier) for now, one in pairs]
    far_fewer = [_is_few(now, one, limits.usual_incomplete_below) and _tells(one, limits) for now, one in pairs]
    far_more = [_is_many(now, one, limits.usual_incomplete_above, limits) and _tells(one, limits) for now, one in pairs]
    fewer = [_is_few(now, one, limits.usual_remark_below) for now, one in pairs]
    more = [_is_many(now, one, limits.usual_remark_above, limits) for now, one in pairs]
    return {
        "times_shifted": [one.met.shifted > one.earlier * limits.times_shifted_share for one in compared],
        "visits_gone_many": gone_many,
        "visits_gone": [some and not many for some, many in zip(gone, gone_many, strict=True)],
        "far_fewer_than_usual": far_fewer,
        "fewer_than_usual": [some and not far for some, far in zip(fewer, far_fewer, strict=True)],
        "far_more_than_usual": far_more,
        "more_than_usual": [some and not far for some, far in zip(more, far_more, strict=True)],
    }


def _tells(compared: Compared, limits: Thresholds) -> bool:
    """Whether there are samples enough for more than a remark."""
    return len(compared.usual.visits) >= limits.usual_samples


def _is_few(visits: int, compared: Compared, share: float) -> bool:
    return 0 < visits < compared.usual.median * share


def _is_many(visits: int, compared: Compared, share: float, limits: Thresholds) -> bool:
    usual = compared.usual.median
    # From one visit to three is three times as many, and no fault: a copy held back for it would lack two.
    return bool(usual) and visits > usual * share and visits - usual > limits.gone_remark_visits


def _closed(team: Team | None, cell: Cell) -> bool:
    return team is not None and team.closed_on(cell.plan_date)
