"""What Reservplan adds to Airflow's web pages: nothing yet.

The code beside the DAGs is the package `reservplan_airflow`, which Airflow finds because this folder is its plugins
folder; the package needs no registration.
"""

from airflow.plugins_manager import AirflowPlugin


class ReservplanPlugin(AirflowPlugin):
    """Shows under Admin → Plugins that the folder was found."""

    name = "reservplan"
