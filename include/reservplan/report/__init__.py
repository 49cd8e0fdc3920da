"""The validation report of a run: one page for people and one record for programs, neither with personal data."""

from reservplan.report.contents import Outcome, Report, ReportedCell, Source
from reservplan.report.keeping import Reports, report_name
from reservplan.report.page import report_html
from reservplan.report.record import report_json

__all__ = ["Outcome", "Report", "ReportedCell", "Reports", "Source", "report_html", "report_json", "report_name"]
