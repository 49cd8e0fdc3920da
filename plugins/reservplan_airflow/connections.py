"""From an Airflow connection to an open store."""

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException
from reservplan.domain.errors import SettingsError
from reservplan.domain.ports import Store
from reservplan.settings import StoreSettings


def open_store(settings: StoreSettings) -> Store:
    """The store that the settings name, with login and password from its Airflow connection.

    Raises:
        SettingsError: Airflow has no such connection.
    """
    from reservplan.store import open_store as open_with
    from reservplan.store.connection import ConnectionFacts

    if not settings.connection:
        return open_with(settings, None)
    try:
        found = BaseHook.get_connection(settings.connection)
    except AirflowException:
        raise SettingsError(
            f"Store {settings.name}: Airflow has no connection {settings.connection}.",
            do=f"Make it under Admin → Connections (type samba), or set AIRFLOW_CONN_{settings.connection.upper()}.",
        ) from None
    facts = ConnectionFacts(
        host=found.host or "",
        port=found.port,
        share=found.schema or "",
        login=found.login or "",
        password=found.password or "",
        extra=found.extra_dejson,
    )
    return open_with(settings, facts)
