"""Each round of the watch is told to somebody outside, who notices when it falls silent.

The address is a secret to whoever could tell lies by it: it stands in no log and no error.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from reservplan.connection_variables import GivenConnection, given_connection, unusable
from reservplan.watch.asking import LIMIT_SECONDS, ask

TRIES = 2

_EXAMPLE = "https://monitor.example.se/ping/reservplan"
_ONLY_SUCCESS = "only_success"


class Heartbeat:
    """A monitor in the style of healthchecks: its address, and below it `/start` and `/fail`; empty: there is none.

    Every call says whether it was heard, and raises nothing. `only_success` in the address's fragment stands for a
    monitor that knows no more than the address: there a round that failed is silent.
    """

    def __init__(self, url: str, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._parts = urlsplit(url)
        self._limit_seconds = limit_seconds
        self._only_success = self._parts.fragment == _ONLY_SUCCESS

    def start(self) -> bool:
        """A round begins."""
        return self._only_success or self._told("/start")

    def success(self) -> bool:
        """It went well."""
        return self._told("")

    def fail(self) -> bool:
        """The watch could not do all of its work."""
        return self._only_success or self._told("/fail")

    def _told(self, what: str) -> bool:
        if not self._parts.netloc:
            return True
        path = self._parts.path.rstrip("/") + what if what else self._parts.path
        url = urlunsplit((self._parts.scheme, self._parts.netloc, path, self._parts.query, ""))
        return any(200 <= ask(url, self._limit_seconds).status < 300 for _ in range(TRIES))


def address_of(given: GivenConnection, connection_id: str) -> str:
    """The address that a connection of type http holds: in its host alone, or in schema, host, port and extra `path`.

    Raises:
        SettingsError: it holds none; the text names the connection, never what is in it.
    """
    address = given.host if "://" in given.host else _joined(given)
    parts = urlsplit(address)
    if given.kind not in ("http", "https") or parts.scheme not in ("http", "https") or not parts.hostname:
        raise unusable(connection_id, "is not of type http with an address as its host", _EXAMPLE)
    only_success = str(given.extra.get(_ONLY_SUCCESS, "")).lower() in ("true", "1", "yes")
    return urlunsplit((*parts[:4], _ONLY_SUCCESS if only_success else ""))


def address_from_environment(connection_id: str) -> str:
    """The address in `AIRFLOW_CONN_<ID>`.

    Raises:
        SettingsError: it is missing, or holds no address.
    """
    return address_of(given_connection(connection_id, _EXAMPLE), connection_id)


def _joined(given: GivenConnection) -> str:
    """An address written in parts, or as a URI, of which Airflow takes the path for the schema."""
    schema = given.schema if given.schema in ("http", "https") else ""
    path = _path(given.extra) or ("" if schema else given.schema)
    port = f":{given.port}" if given.port else ""
    scheme = schema or ("https" if given.kind == "https" or given.port == 443 else "http")
    return f"{scheme}://{given.host}{port}/{quote(path.lstrip('/'), safe='/-_.~%')}"


def _path(extra: Mapping[str, Any]) -> str:
    return str(extra.get("path") or "")
