"""What Reservplan adds to Airflow's web pages: the validation reports.

The code beside the DAGs is the package `reservplan_airflow`, which Airflow finds because this folder is its plugins
folder; the package needs no registration.
"""

from typing import Any

from airflow.plugins_manager import AirflowPlugin


class ReservplanPlugin(AirflowPlugin):
    """Serves the validation reports; Admin → Plugins lists it where the folder was found."""

    name = "reservplan"

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Asked for by the web server only: every part of Airflow reads this file, and the imports take two seconds."""
        from reservplan_airflow.report_link import URL_PREFIX
        from reservplan_airflow.report_pages import report_pages

        return [{"app": report_pages(), "url_prefix": URL_PREFIX, "name": "Reservplan"}]
