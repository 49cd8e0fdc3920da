"""From facts and broken rules to verdicts with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from reservplan.domain.errors import LastingError
from reservplan.domain.history import History
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import SHIFT_COLUMNS, VISIT_COLUMNS, Cell, Plan
from reservplan.domain.verdict import Reason, Verdict, verdict_of
from reservplan.domain.words import say
from reservplan.settings import Settings
from reservplan.validate.expectations import broken_by_cell
from reservplan.validate.facts import cell_facts, planned_visits, visit_facts
from reservplan.validate.rules import RULES, Rule, broken_rules


@dataclass(frozen=True)
class Seen:
    """What was counted, before anything is judged: no person in any of it. `plan` is without its frames.

    `rows` has a row a visit and `broken` a row a cell, as Great Expectations is shown them; `counts` the facts of each
    asked cell, in the order in which they were asked.
    """

    plan: Plan
    counts: Mapping[Cell, Mapping[Any, Any]]
    rows: pd.DataFrame
    broken: pd.DataFrame


def look_at_cells(
    plan: Plan, settings: Settings, cells: Sequence[Cell], history: History, before: pd.DataFrame | None
) -> Seen:
    """See `reservplan.validate.look`."""
    without_frames = replace(plan, visits=pd.DataFrame(), shifts=pd.DataFrame())
    if not cells:
        return Seen(without_frames, {}, pd.DataFrame(), pd.DataFrame())
    _require_frames(plan)
    visits = planned_visits(plan, cells)
    rows = visit_facts(visits, settings)
    facts = cell_facts(plan, cells, visits, rows)
    counts = {Cell(fact["plan_date"], fact["team"]): fact for fact in facts.to_dict("records")}
    return Seen(without_frames, counts, rows, broken_rules(facts, plan, settings))


def judge_cells(seen: Seen, settings: Settings) -> dict[Cell, Judgement]:
    """See `reservplan.validate.judge_seen`."""
    if not seen.counts:
        return {}
    plan, counts = seen.plan, seen.counts
    broken = broken_by_cell(seen.rows, seen.broken)
    return {
        cell: _judge_cell(plan, settings, cell, counts[cell], broken.get((cell.plan_date.isoformat(), cell.team), []))
        for cell in counts
    }


def _require_frames(plan: Plan) -> None:
    """The whitelist of columns is what keeps everything else off paper, so it is held here too."""
    for name, frame, columns in (("visits", plan.visits, VISIT_COLUMNS), ("shifts", plan.shifts, SHIFT_COLUMNS)):
        if differing := sorted(set(frame.columns) ^ set(columns)):
            raise _fault(f"The plan's {name} lack or have too many columns: {', '.join(map(str, differing))}.")
        if mistyped := [column for column, kind in columns.items() if not _is_of(kind, frame[column])]:
            raise _fault(f"The plan's {name} have columns of a wrong type: {', '.join(mistyped)}.")


def _is_of(kind: str, column: pd.Series) -> bool:
    """Whether a column is what the plan says; an absent text compares equal to nothing and would go uncounted."""
    if kind == "datetime":
        return isinstance(column.dtype, pd.DatetimeTZDtype)
    if kind == "bool":
        return bool(column.dtype == bool)
    return bool(column.notna().all())


def _fault(what: str) -> LastingError:
    return LastingError(what, do="Nothing was touched. This is a fault in Reservplan: report it with this line.")


def _judge_cell(
    plan: Plan, settings: Settings, cell: Cell, facts: Mapping[Any, Any], broken: Sequence[str]
) -> Judgement:
    team = settings.team(cell.team)
    source = plan.sources.get(cell)
    closed = team is not None and team.closed_on(cell.plan_date) and facts["visits"] == 0 and not _unread(plan, cell)
    reasons = tuple(_reason(plan, settings, cell, facts, rule) for rule in RULES if rule.code in broken)
    return Judgement(
        verdict=Verdict.COMPLETE if closed else verdict_of(reasons),
        reasons=() if closed else reasons,
        visits=facts["visits"],
        unassigned=facts["unassigned"],
        cancelled=facts["cancelled"],
        employees=facts["employees"],
        captured_at=source.captured_at if source else plan.read_at,
        covered=source is not None,
        closed=closed,
    )


def _unread(plan: Plan, cell: Cell) -> bool:
    """Whether a row that could not be read says that it is the cell's: then nobody knows that there are no visits."""
    return any((row.plan_date, row.team) == cell for row in plan.unreadable)


def _reason(plan: Plan, settings: Settings, cell: Cell, facts: Mapping[Any, Any], rule: Rule) -> Reason:
    source = plan.sources.get(cell)
    count = facts[rule.count] if rule.count else 0
    given = {"source_too_old": plan.too_old, "file_fault": source.fault if source else ""}
    text = given.get(rule.code) or say(
        settings.language,
        f"validate.{rule.code}",
        count=count,
        visits=facts["visits"],
        total=source.expected_visits if source else 0,
    )
    return Reason(code=rule.code, count=count, text=text, severity=rule.severity)
