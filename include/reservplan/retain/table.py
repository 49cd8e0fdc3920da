"""The deletion plan as text, for the terminal and for a run's log."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from reservplan.domain.deletions import DELETED_NAME
from reservplan.domain.words import day_words, say
from reservplan.retain.apply import RetentionResult
from reservplan.retain.confirming import how_to_confirm
from reservplan.retain.plan import Kept, Removal, RetentionPlan

BYTES_IN_A_MEGABYTE = 1_000_000


def retention_table(plan: RetentionPlan, language: str, config: str = "") -> str:
    """What goes and what stays, day by day with reasons, the totals, and why a guard refuses, one fact a line.

    The command that confirms a refused plan names `config`, where somebody has named it to us.
    """
    return "\n".join(_lines(plan, language, config))


def result_in_words(store: str, result: RetentionResult, language: str) -> str:
    """What went, and where that is noted, on one line."""
    unnoted = DELETED_NAME in {failure.path for failure in result.failed}
    return say(
        language,
        "retain.removed_unnoted" if unnoted else "retain.removed",
        store=store,
        files=len(result.removed),
        megabytes=_decimal(result.bytes / BYTES_IN_A_MEGABYTE, language),
        leftovers=result.leftovers,
        record=DELETED_NAME,
    )


def failures_in_words(result: RetentionResult, language: str) -> list[str]:
    """A line for every file or record that could not be removed or written, and why."""
    return [
        say(language, f"retain.failed_{failure.outcome}", path=failure.path, detail=failure.detail)
        for failure in result.failed
    ]


def _lines(plan: RetentionPlan, language: str, config: str) -> Iterator[str]:
    yield say(language, "retain.heading", store=plan.store, first=day_words(language, plan.window.first))
    listed: list[Removal | Kept] = [*plan.remove, *plan.keep]
    for day, rows in groupby(sorted(listed, key=_day_then_path), key=_day):
        yield day_words(language, day)
        yield from (f"  {_row(row, language)}" for row in rows)
    if plan.leftovers:
        yield say(language, "retain.leftovers")
        yield from (f"  {say(language, 'retain.removes')}  {one.path}" for one in plan.leftovers)
    yield say(
        language,
        "retain.total" if plan.remove or plan.keep or plan.leftovers else "retain.total_nothing",
        files=len(plan.remove),
        days=len(plan.plan_dates),
        megabytes=_decimal(plan.bytes / BYTES_IN_A_MEGABYTE, language),
        leftovers=len(plan.leftovers),
        kept=len(plan.keep),
    )
    for refusal in plan.refusals:
        yield say(language, "retain.refused", words=refusal.words)
    yield from how_to_confirm(plan, config)


def _day(row: Removal | Kept) -> date:
    return row.plan_date


def _day_then_path(row: Removal | Kept) -> tuple[date, str]:
    return row.plan_date, row.path


def _row(row: Removal | Kept, language: str) -> str:
    verb = say(language, "retain.removes" if isinstance(row, Removal) else "retain.keeps")
    return f"{verb}  {row.path}  {say(language, f'retain.reason_{row.reason}')}"


def _decimal(number: float, language: str) -> str:
    text = f"{number:.1f}"
    return text.replace(".", ",") if language == "sv" else text
