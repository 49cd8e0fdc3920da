"""The manager's month on one page: that the copies lay there, were deleted in time, and that the drill was done."""

from reservplan.month_report.page import month_html, month_pdf
from reservplan.month_report.reading import Month, NoHistory, read_month

__all__ = ["Month", "NoHistory", "month_html", "month_pdf", "read_month"]
