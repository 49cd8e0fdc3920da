"""What the latest reading of each cell lacked, noted on the store for whoever looks; pure."""

from collections.abc import Mapping
from datetime import date, datetime

from reservplan.domain.plan import Cell
from reservplan.domain.shortfalls import Shortfall, Shortfalls
from reservplan.domain.verdict import Reason, Verdict
from reservplan.domain.words import say
from reservplan.publish.decision import Decision, Offer

# Decisions by which a reading falls short although its own verdict is whole.
_FALLS_SHORT = frozenset({"not_covered", "no_visits", "kept_uncompared"})
# A run that finds everything as it was says nothing new of what the run before it did.
_AS_IT_WAS = "unchanged"
_NOT_READ = "not_covered"


def shortfall_of(
    offer: Offer, decision: Decision, run_id: str, judged_at: datetime, *, language: str
) -> Shortfall | None:
    """What the reading lacks and what publishing did with it; None where it is whole, or where the day is not kept."""
    falls_short = not offer.verdict.whole or decision.code in _FALLS_SHORT
    if not falls_short or decision.code in ("outside_window", "closed"):
        return None
    reasons = offer.reasons
    if offer.verdict.whole:
        text = say(language, f"publish.{decision.code}")
        reasons = (Reason(code=decision.code, count=1, text=text, severity=Verdict.INCOMPLETE), *reasons)
    return Shortfall(
        reasons=reasons,
        visits=offer.visits,
        captured_at=offer.captured_at,
        judged_at=judged_at,
        run_id=run_id,
        decision=decision.code,
    )


def noted(
    there: Shortfalls, judged: Mapping[Cell, Shortfall | None], left: Mapping[Cell, datetime], kept_from: date
) -> Shortfalls:
    """What is to be noted after a run; equal to what is there where the run has found nothing new.

    `left` has the cells whose copy stays, and when each was last known to be true: a run of an older capture (from the
    archive, say) says nothing of the newest reading.
    """
    changes: dict[Cell, Shortfall | None] = dict(judged)
    for cell, before in there.by_cell().items():
        if cell in judged and _stays(before, judged[cell], left.get(cell)):
            changes[cell] = before
    return there.updated(changes, kept_from)


def _stays(before: Shortfall, new: Shortfall | None, copy_true_at: datetime | None) -> bool:
    is_news = copy_true_at is None or before.captured_at > copy_true_at
    if new is None:
        return copy_true_at is not None and is_news
    same = (new.reasons, new.visits) == (before.reasons, before.visits)
    if new.decision == before.decision == _NOT_READ:
        # Nothing was captured: that it was asked for once more is no news.
        return same and is_news
    if before.captured_at > new.captured_at:
        # Not where its own time cannot be true: no later reading would ever be noted.
        return before.captured_at <= new.judged_at
    return new.decision in (before.decision, _AS_IT_WAS) and same and new.captured_at == before.captured_at
