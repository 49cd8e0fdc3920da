"""The watch: looks at the stores themselves, never at run history, and says what should be there and is not."""

from reservplan.watch.expected import Expectation, expected
from reservplan.watch.findings import Finding, alarm_words, findings
from reservplan.watch.looking import Coverage, coverage
from reservplan.watch.states import CellCoverage, State, states
from reservplan.watch.table import coverage_json, coverage_table
from reservplan.watch.verifying import Verified, VerifyFault, verify

__all__ = [
    "CellCoverage",
    "Coverage",
    "Expectation",
    "Finding",
    "State",
    "Verified",
    "VerifyFault",
    "alarm_words",
    "coverage",
    "coverage_json",
    "coverage_table",
    "expected",
    "findings",
    "states",
    "verify",
]
