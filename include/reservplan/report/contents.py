"""What a report tells of a run: its cells as they were judged, and what became of each on every store.

Pure. Names of groups, days, counts and words only: nothing of a client or an employee is ever handed to it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from reservplan.domain.judgement import Judgement
from reservplan.domain.manifest import Origin
from reservplan.domain.plan import Cell
from reservplan.domain.rules import RULES
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import WORDS

Source = Literal["export", "archive"]


@dataclass(frozen=True)
class Outcome:
    """What became of a cell on a store: the code of the decision, and of why it fell short (`publish.<code>`).

    `short` is empty where all went as it should; where the store was left alone and somebody must know, it is why.
    """

    store: str
    decision: str
    short: str = ""

    @property
    def code(self) -> str:
        """The one that says how it ended."""
        return self.short or self.decision

    def words(self, language: str) -> str:
        """How it ended, in words."""
        return WORDS[key][language] if (key := f"publish.{self.code}") in WORDS else self.code


@dataclass(frozen=True)
class ReportedCell:
    """One cell, with what spoke for it: the source's export, or an earlier capture in the archive."""

    cell: Cell
    judgement: Judgement
    source: Source
    outcomes: tuple[Outcome, ...] = ()

    @property
    def incomplete(self) -> bool:
        """Whether visits may be missing."""
        return not self.judgement.verdict.whole


@dataclass(frozen=True)
class Report:
    """One run. `notes` are words about the run as a whole, e.g. that the source is too old."""

    run_id: str
    made_at: datetime
    started_at: datetime
    today: date
    origin: Origin
    source_label: str
    cells: tuple[ReportedCell, ...]
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Under which it is kept."""
        return report_name(self.today, self.run_id)

    def totals(self) -> dict[Verdict, int]:
        """How many cells have each verdict, the worst first."""
        counts = Counter(cell.judgement.verdict for cell in self.cells)
        return {verdict: counts[verdict] for verdict in reversed(Verdict)}


def report_name(today: date, run_id: str) -> str:
    """`261123/snapshot__manual__2026-11-23T05-00-00`, without a suffix; run ids hold what no file name may."""
    return f"{today:%y%m%d}/{re.sub(r'[^A-Za-z0-9._-]', '-', run_id)}"


@dataclass(frozen=True)
class RuleCount:
    """A rule and how many cells broke it; `severity` is what that makes of a cell."""

    code: str
    severity: Verdict
    cells: int


def rule_counts(report: Report) -> list[RuleCount]:
    """Every rule there is, in the order in which they are read; after them whatever else was a reason."""
    severities = {rule.code: rule.severity for rule in RULES}
    broken: Counter[str] = Counter()
    for reported in report.cells:
        reasons = {reason.code: reason.severity for reason in reported.judgement.reasons}
        broken.update(reasons.keys())
        severities |= {code: severity for code, severity in reasons.items() if code not in severities}
    return [RuleCount(code, severity, broken[code]) for code, severity in severities.items()]


def rule_words(language: str, code: str) -> str:
    """A rule in words; its code where it has none."""
    return WORDS[key][language] if (key := f"validate.rule_{code}") in WORDS else code


def by_day(cells: Iterable[Cell]) -> dict[date, list[str]]:
    """The groups of each day, in the order in which they come."""
    days: dict[date, list[str]] = {}
    for cell in cells:
        days.setdefault(cell.plan_date, []).append(cell.team)
    return days
