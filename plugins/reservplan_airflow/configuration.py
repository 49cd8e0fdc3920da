"""Where the settings come from when Airflow runs Reservplan."""

import os
from pathlib import Path

from reservplan.settings import CONFIG_VARIABLE, DEFAULT_PATH, Settings, load

# plugins/ lies beside config/; Airflow's working directory may be anywhere.
PROJECT = Path(__file__).resolve().parents[2]


def load_settings() -> Settings:
    """The configuration that RESERVPLAN_CONFIG names, else the one beside plugins/.

    Raises:
        SettingsError: what is wrong and where.
    """
    return load(os.environ.get(CONFIG_VARIABLE) or PROJECT / DEFAULT_PATH)


def settings_or_none() -> Settings | None:
    """The settings for parsing a DAG file: None where they are broken, because parsing must never fail on them."""
    try:
        return load_settings()
    except Exception:
        # Whatever is wrong, the run's first task says it; a DAG that vanished would say nothing.
        return None
