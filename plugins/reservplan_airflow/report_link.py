"""The way from a run's task to its validation report."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.sdk import BaseOperatorLink
from reservplan.domain.words import say

if TYPE_CHECKING:
    from airflow.sdk.types import TaskInstanceKey

URL_PREFIX = "/reservplan"
FALLBACK_LANGUAGE = "sv"


class ReportLink(BaseOperatorLink):
    """A button on the page of a task whose first argument is the run's request; its value is kept when the task ends.

    The value is a path, which the browser reads against the address by which its user came: people may come by another
    than `[api] base_url` says. Only a path before Airflow's own is taken from there.
    """

    @cached_property
    def name(self) -> str:
        """What stands on the button."""
        from reservplan_airflow.configuration import settings_or_none

        settings = settings_or_none()
        return say(settings.language if settings else FALLBACK_LANGUAGE, "report.heading")

    def get_link(self, operator: Any, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002 - Airflow's signature
        """The path of the page; empty where the run was refused before it had a request."""
        request = next(iter((*operator.op_args, *operator.op_kwargs.values())), None)
        return report_path(request) if isinstance(request, dict) else ""


def report_path(request: dict[str, Any]) -> str:
    """Where the page of a request's run is served."""
    from datetime import date

    from airflow.sdk.configuration import conf
    from reservplan.report import report_name

    before = urlsplit(conf.get("api", "base_url", fallback="/")).path.rstrip("/")
    name = report_name(date.fromisoformat(request["today"]), request["run_id"])
    return f"{before}{URL_PREFIX}/reports/{name}.html"
