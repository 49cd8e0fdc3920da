"""From facts and broken rules to verdicts with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from reservplan.domain.acceptance import Acceptance
from reservplan.domain.days import local_day
from reservplan.domain.errors import LastingError
from reservplan.domain.history import History
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import SHIFT_COLUMNS, VISIT_COLUMNS, Cell, Plan
from reservplan.domain.rules import ACCEPTABLE, RULES, TOO_FEW, Rule
from reservplan.domain.usual import Usual
from reservplan.domain.verdict import Reason, Verdict, verdict_of
from reservplan.domain.words import date_words, say
from reservplan.memory import give_memory_back
from reservplan.settings import Settings
from reservplan.validate.comparing import Compared, compare, hours_of
from reservplan.validate.expectations import broken_by_cell
from reservplan.validate.facts import cell_facts, planned_visits, visit_facts
from reservplan.validate.rules import broken_rules


@dataclass(frozen=True)
class Seen:
    """What was counted, before anything is judged: no person in any of it. `plan` is without its frames.

    `rows` has a row a visit and `broken` a row a cell, as Great Expectations is shown them; `counts` the facts of each
    asked cell, in the order in which they were asked, `compared` what is known of it from before.
    """

    plan: Plan
    counts: Mapping[Cell, Mapping[Any, Any]]
    by_hour: Mapping[Cell, tuple[int, ...]]
    compared: Mapping[Cell, Compared]
    accepted: Mapping[Cell, Acceptance]
    rows: pd.DataFrame
    broken: pd.DataFrame


def look_at_cells(
    plan: Plan, settings: Settings, cells: Sequence[Cell], history: History, before: pd.DataFrame | None
) -> Seen:
    """See `reservplan.validate.look`."""
    without_frames = replace(plan, visits=pd.DataFrame(), shifts=pd.DataFrame())
    if not cells:
        return Seen(without_frames, {}, {}, {}, {}, pd.DataFrame(), pd.DataFrame())
    _require_frames(plan)
    visits = planned_visits(plan, cells)
    give_memory_back()
    rows = visit_facts(plan, visits, settings)
    give_memory_back()
    facts = cell_facts(plan, cells, visits, rows)
    give_memory_back()
    by_hour = hours_of(visits)
    del visits
    give_memory_back()
    compared = compare(plan, facts, by_hour, history, before, settings)
    for name in ("gone", "unprotected", "shifted"):
        facts[name] = [getattr(one.met, name) for one in compared]
    facts["hours_empty"] = [len(one.empty_hours) for one in compared]
    counts = {Cell(fact["plan_date"], fact["team"]): fact for fact in facts.to_dict("records")}
    return Seen(
        plan=without_frames,
        counts=counts,
        by_hour=by_hour,
        compared=dict(zip(counts, compared, strict=True)),
        accepted=history.accepted,
        rows=rows,
        broken=broken_rules(facts, compared, plan, settings),
    )


def judge_cells(seen: Seen, settings: Settings) -> dict[Cell, Judgement]:
    """See `reservplan.validate.judge_seen`."""
    if not seen.counts:
        return {}
    broken = broken_by_cell(seen.rows, seen.broken, settings.language)
    return {
        cell: _judge_cell(seen, settings, cell, broken.get((cell.plan_date.isoformat(), cell.team), []))
        for cell in seen.counts
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


def _judge_cell(seen: Seen, settings: Settings, cell: Cell, broken: Sequence[str]) -> Judgement:
    facts, source = seen.counts[cell], seen.plan.sources.get(cell)
    reasons = tuple(_reason(seen, settings, cell, rule) for rule in RULES if rule.code in broken)
    accepted = seen.accepted.get(cell)
    known_empty = facts["visits"] == 0 and not _unread(seen.plan, cell)
    if accepted is not None and _holds(accepted, facts["visits"], reasons, settings, known_empty=known_empty):
        reasons = _accepted(reasons, accepted, settings)
        closed = known_empty
    else:
        team = settings.team(cell.team)
        closed = team is not None and team.closed_on(cell.plan_date) and known_empty
    return Judgement(
        verdict=Verdict.COMPLETE if closed else verdict_of(reasons),
        reasons=() if closed else reasons,
        visits=facts["visits"],
        unassigned=facts["unassigned"],
        cancelled=facts["cancelled"],
        employees=facts["employees"],
        captured_at=seen.plan.captured_at(cell),
        covered=source is not None,
        closed=closed,
        by_hour=seen.by_hour.get(cell, (0,) * 24),
    )


def may_be_accepted(judgement: Judgement) -> bool:
    """Whether the cell is incomplete only for reasons of which a person may know better."""
    codes = {reason.code for reason in judgement.reasons if not reason.severity.whole}
    return bool(codes) and codes <= ACCEPTABLE


def _holds(
    accepted: Acceptance, visits: int, reasons: Sequence[Reason], settings: Settings, *, known_empty: bool
) -> bool:
    """Whether what was accepted is what is here: no rule is broken besides, and the cell has not lost more visits."""
    said = set(accepted.codes)
    if said & TOO_FEW:
        # Which of them is broken may differ by one visit; how few were accepted binds both.
        said |= TOO_FEW
    if not {reason.code for reason in reasons if not reason.severity.whole} <= ACCEPTABLE & said:
        return False
    if not accepted.visits:
        # That there are no visits: of some that come all the same nobody has said that they are all.
        return known_empty
    return accepted.visits - visits <= settings.thresholds.ordinary_loss(accepted.visits)


def _accepted(reasons: Sequence[Reason], accepted: Acceptance, settings: Settings) -> tuple[Reason, ...]:
    """The reasons as remarks, and that somebody has said so; what was whole by itself stays as it was."""
    if verdict_of(reasons).whole:
        return tuple(reasons)
    day = date_words(settings.language, local_day(accepted.accepted_at, settings.zone))
    told = Reason(code="accepted", count=1, text=say(settings.language, "validate.accepted", day=day))
    return (told, *(reason.model_copy(update={"severity": Verdict.REMARKS}) for reason in reasons))


def _unread(plan: Plan, cell: Cell) -> bool:
    """Whether a row that could not be read says that it is the cell's: then nobody knows that there are no visits."""
    return any((row.plan_date, row.team) == cell for row in plan.unreadable_of(cell))


def _reason(seen: Seen, settings: Settings, cell: Cell, rule: Rule) -> Reason:
    facts, source, compared = seen.counts[cell], seen.plan.sources.get(cell), seen.compared[cell]
    count = facts[rule.count] if rule.count else 0
    given = {"source_too_old": seen.plan.too_old, "file_fault": source.fault if source else ""}
    code = rule.code
    if code == "not_covered" and cell.plan_date < local_day(seen.plan.read_at, settings.zone):
        code = "not_covered_past"
    if code == "no_visits" and facts["cancelled"]:
        code = "all_cancelled"
    text = given.get(rule.code) or say(
        settings.language,
        f"validate.{code}",
        count=count,
        visits=facts["visits"],
        total=source.expected_visits if source else 0,
        cancelled=facts["cancelled"],
        earlier=compared.earlier,
        span=span_words(settings.language, compared.met.shifted_by),
        usual=usual_words(settings.language, compared.usual),
        hours=hours_words(compared.empty_hours),
        missed=compared.missed_in_hours,
    )
    return Reason(code=rule.code, count=count, text=text, severity=rule.severity)


def usual_words(language: str, usual: Usual) -> str:
    """`204–221`, or `120 en söndag eller helgdag`."""
    if not usual.visits:
        return ""
    fewest, most = usual.visits[0], usual.visits[-1]
    span = str(fewest) if fewest == most else f"{fewest}–{most}"
    return f"{span} {say(language, 'validate.as_on_sundays')}" if usual.holiday else span


def span_words(language: str, minutes: int) -> str:
    """`60 minuter tidigare`."""
    return say(language, "validate.span_earlier" if minutes < 0 else "validate.span_later", minutes=abs(minutes))


def hours_words(hours: Sequence[int]) -> str:
    """`07–09, 13–14`."""
    spans: list[list[int]] = []
    for hour in hours:
        if spans and hour == spans[-1][1]:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return ", ".join(f"{first:02d}–{last:02d}" for first, last in spans)
