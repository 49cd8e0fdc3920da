"""Retention: what is older than the window is removed; planned purely, guarded, then done exactly as planned."""

from reservplan.retain.apply import RetentionResult, apply_retention
from reservplan.retain.confirming import how_to_confirm, require_confirmed
from reservplan.retain.facts import RetentionFacts
from reservplan.retain.guards import Refusal
from reservplan.retain.plan import Kept, Removal, RetentionPlan, plan_retention
from reservplan.retain.reading import plan_for, read_retention
from reservplan.retain.table import failures_in_words, result_in_words, retention_table

__all__ = [
    "Kept",
    "Refusal",
    "Removal",
    "RetentionFacts",
    "RetentionPlan",
    "RetentionResult",
    "apply_retention",
    "failures_in_words",
    "how_to_confirm",
    "plan_for",
    "plan_retention",
    "read_retention",
    "require_confirmed",
    "result_in_words",
    "retention_table",
]
