"""The rules of completeness: what each makes of a cell that breaks it, and which count its words name.

What breaks them is decided in `reservplan.validate`; their words are `validate.<code>` and `validate.rule_<code>`.
"""

from dataclasses import dataclass

from reservplan.domain.verdict import Verdict

INCOMPLETE, REMARKS = Verdict.INCOMPLETE, Verdict.REMARKS


@dataclass(frozen=True)
class Rule:
    """One rule; `code` names its column and its words `validate.<code>`, `count` the fact that is counted."""

    code: str
    severity: Verdict
    count: str = ""


# In the order in which they are read on paper: what is missing first, what is merely worth knowing last.
RULES = (
    Rule("source_too_old", INCOMPLETE),
    Rule("file_fault", INCOMPLETE),
    Rule("not_covered", INCOMPLETE),
    Rule("no_visits", INCOMPLETE),
    Rule("rows_unreadable_many", INCOMPLETE, "unreadable"),
    Rule("total_differs", INCOMPLETE, "visits"),
    Rule("visits_gone_many", INCOMPLETE, "gone"),
    Rule("times_shifted", INCOMPLETE, "shifted"),
    Rule("unprotected", INCOMPLETE, "unprotected"),
    Rule("in_two_places_many", INCOMPLETE, "in_two_places"),
    Rule("far_fewer_than_usual", INCOMPLETE, "visits"),
    Rule("far_more_than_usual", INCOMPLETE, "visits"),
    Rule("visits_gone", REMARKS, "gone"),
    Rule("fewer_than_usual", REMARKS, "visits"),
    Rule("more_than_usual", REMARKS, "visits"),
    Rule("hours_empty", REMARKS, "hours_empty"),
    Rule("rows_unreadable", REMARKS, "unreadable"),
    Rule("unknown_team", REMARKS),
    Rule("blank_columns", REMARKS, "blank_columns"),
    Rule("unassigned_many", REMARKS, "unassigned"),
    Rule("staffed_alone", REMARKS, "staffed_alone"),
    Rule("in_two_places", REMARKS, "in_two_places"),
    Rule("outside_shift", REMARKS, "outside_shift"),
    Rule("duplicates", REMARKS, "duplicates"),
    Rule("duplicate_id", REMARKS, "duplicate_id"),
    Rule("unknown_status", REMARKS, "unknown_status"),
    Rule("moved_clock", REMARKS, "moved_clock"),
    Rule("future_time", REMARKS, "future_time"),
    Rule("other_file", REMARKS, "other_file"),
    Rule("masked", REMARKS, "masked"),
    Rule("protected", REMARKS, "protected"),
)
# Where a person may know better than the numbers; of a file that cannot be read nobody knows anything.
ACCEPTABLE = frozenset(
    {
        "no_visits",
        "rows_unreadable_many",
        "total_differs",
        "visits_gone_many",
        "times_shifted",
        "unprotected",
        "in_two_places_many",
        "far_fewer_than_usual",
        "far_more_than_usual",
    }
)
# Two sights of the same: there are far fewer visits than there were.
TOO_FEW = frozenset({"visits_gone_many", "far_fewer_than_usual"})
# Remarks that somebody must read wherever they arise: that something was hidden.
NEVER_IGNORED = frozenset({"masked", "protected"})
