"""The validation report of a run: one page for people and one record for programs, neither with personal data."""

from reservplan.report.contents import Outcome, Report, ReportedCell, report_name
from reservplan.report.keeping import Reports, Suffix, day_of
from reservplan.report.page import CONTENT_POLICY, report_html
from reservplan.report.record import report_json

__all__ = [
    "CONTENT_POLICY",
    "Outcome",
    "Report",
    "ReportedCell",
    "Reports",
    "Suffix",
    "day_of",
    "report_html",
    "report_json",
    "report_name",
]
