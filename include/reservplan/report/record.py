"""The report for programs."""

from typing import Any

from reservplan.domain.days import utc_text
from reservplan.report.contents import Outcome, Report, ReportedCell, rule_counts
from reservplan.settings import Settings

SCHEMA = 1


def report_json(report: Report, settings: Settings) -> dict[str, Any]:
    """The report as a tree; the order of its keys and lists is always the same.

    `schema` grows when a field changes its meaning. Instants are UTC, texts in the users' language.

    - `run`: run_id, origin, today, started_at, made_at, source, notes (texts about the whole run)
    - `totals`: cells, and how many are incomplete, remarks, complete
    - `cells`: plan_date, team, verdict, visits, unassigned, cancelled, employees, closed, captured_at, source (`export`
      or `archive`), reasons (code, count, severity, text), outcomes (store, decision, short, text); `short` is the code
      of why it fell short there, or empty
    - `rules`: code, severity, cells (how many broke it), also those that none broke
    """
    return {
        "schema": SCHEMA,
        "run": {
            "run_id": report.run_id,
            "origin": report.origin.value,
            "today": report.today.isoformat(),
            "started_at": utc_text(report.started_at),
            "made_at": utc_text(report.made_at),
            "source": report.source_label,
            "notes": list(report.notes),
        },
        "totals": {"cells": len(report.cells)} | {verdict.value: n for verdict, n in report.totals().items()},
        "cells": [_cell(reported, settings.language) for reported in report.cells],
        "rules": [
            {"code": rule.code, "severity": rule.severity.value, "cells": rule.cells} for rule in rule_counts(report)
        ],
    }


def _cell(reported: ReportedCell, language: str) -> dict[str, Any]:
    judgement = reported.judgement
    return {
        "plan_date": reported.cell.plan_date.isoformat(),
        "team": reported.cell.team,
        "verdict": judgement.verdict.value,
        "visits": judgement.visits,
        "unassigned": judgement.unassigned,
        "cancelled": judgement.cancelled,
        "employees": judgement.employees,
        "closed": judgement.closed,
        "captured_at": utc_text(judgement.captured_at),
        "source": reported.source,
        "reasons": [
            {"code": reason.code, "count": reason.count, "severity": reason.severity.value, "text": reason.text}
            for reason in judgement.reasons
        ],
        "outcomes": [_outcome(outcome, language) for outcome in reported.outcomes],
    }


def _outcome(outcome: Outcome, language: str) -> dict[str, str]:
    return {
        "store": outcome.store,
        "decision": outcome.decision,
        "short": outcome.short,
        "text": outcome.words(language),
    }
