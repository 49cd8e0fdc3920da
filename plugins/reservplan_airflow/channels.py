"""From the name of an Airflow connection to a channel for alerts."""

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException
from reservplan.channels import ChannelFacts, missing_channel


def channel_from_airflow(name: str) -> ChannelFacts:
    """The channel of that connection.

    Raises:
        SettingsError: Airflow has no such connection.
    """
    try:
        found = BaseHook.get_connection(name)
    except AirflowException:
        raise missing_channel(name) from None
    return ChannelFacts(
        kind=found.conn_type or "",
        host=found.host or "",
        port=found.port,
        login=found.login or "",
        password=found.password or "",
        extra=found.extra_dejson,
    )
