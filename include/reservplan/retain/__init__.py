"""Retention: what is older than the window is removed; planned purely, guarded, then done exactly as planned."""

from reservplan.retain.apply import RetentionResult, apply_retention
from reservplan.retain.plan import Kept, Refusal, Removal, RetentionFacts, RetentionPlan, plan_retention
from reservplan.retain.reading import plan_for, read_retention
from reservplan.retain.table import retention_table

__all__ = [
    "Kept",
    "Refusal",
    "Removal",
    "RetentionFacts",
    "RetentionPlan",
    "RetentionResult",
    "apply_retention",
    "plan_for",
    "plan_retention",
    "read_retention",
    "retention_table",
]
