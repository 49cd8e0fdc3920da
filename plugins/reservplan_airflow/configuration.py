"""Where the settings come from when Airflow runs Reservplan."""

import os
from pathlib import Path

from reservplan.domain.errors import SettingsError
from reservplan.settings import CONFIG_VARIABLE, DEFAULT_PATH, Settings, load

# plugins/ lies beside config/; Airflow's working directory may be anywhere.
PROJECT = Path(__file__).resolve().parents[2]


def load_settings() -> Settings:
    """The configuration that RESERVPLAN_CONFIG names, else the one beside plugins/.

    Raises:
        SettingsError: what is wrong and where; also for a schedule that no clock can follow.
    """
    from reservplan_airflow.schedule import cron_fault

    settings = load(os.environ.get(CONFIG_VARIABLE) or PROJECT / DEFAULT_PATH)
    for name in ("snapshot", "refresh", "retain", "watch"):
        if fault := cron_fault(getattr(settings.schedule, name)):
            raise SettingsError(
                f"schedule.{name}: {fault}.", do='Write five fields, for example "0 5 * * *" for every day at 05:00.'
            )
    return settings


def settings_or_none() -> Settings | None:
    """The settings for parsing a DAG file: None where they are broken, because parsing must never fail on them."""
    try:
        return load_settings()
    except Exception:
        # Whatever is wrong, the run's first task says it; a DAG that vanished would say nothing.
        return None
