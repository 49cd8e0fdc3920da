"""From an Airflow connection to an open store, and to the address that the watch reports to."""

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException
from reservplan.domain.errors import SettingsError
from reservplan.domain.ports import Store
from reservplan.settings import Settings, StoreSettings


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


def heartbeat_address(settings: Settings) -> str:
    """The address outside that is told of each round; empty where the settings name none.

    Raises:
        SettingsError: Airflow has no such connection, or it holds no address.
    """
    from reservplan.connection_variables import GivenConnection
    from reservplan.watch.heartbeat import address_of

    name = settings.watch.heartbeat
    if not name:
        return ""
    try:
        found = BaseHook.get_connection(name)
    except AirflowException:
        raise SettingsError(
            f"watch.heartbeat: Airflow has no connection {name}.",
            do=f"Make it under Admin → Connections (type http), or set AIRFLOW_CONN_{name.upper()}.",
        ) from None
    given = GivenConnection(
        kind=found.conn_type or "",
        host=found.host or "",
        schema=found.schema or "",
        port=found.port,
        extra=found.extra_dejson,
    )
    return address_of(given, name)
