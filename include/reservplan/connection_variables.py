"""Connections outside Airflow: what `AIRFLOW_CONN_<ID>` holds, as JSON or as a URI, the way Airflow itself reads it.

What is wrong is told by the connection's name only: the value holds a password.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from reservplan.domain.errors import SettingsError

VARIABLE_PREFIX = "AIRFLOW_CONN_"


@dataclass(frozen=True)
class GivenConnection:
    """The fields of a connection as they were given; neither the password nor `extra` is ever shown."""

    kind: str
    host: str = ""
    schema: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    port: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def given_connection(connection_id: str, example: str) -> GivenConnection:
    """The connection of that name; `example` is shown to whoever must set or mend it.

    Raises:
        SettingsError: it is missing, or cannot be read.
    """
    variable = VARIABLE_PREFIX + connection_id.upper()
    text = os.environ.get(variable, "").strip()
    if not text:
        raise SettingsError(
            f"The connection {connection_id} is not there: the environment has no {variable}.",
            do=f"Set it, for example {variable}='{example}'.",
        )
    read = _from_json if text.startswith("{") else _from_uri
    return read(connection_id, text, example)


def unusable(connection_id: str, fault: str, example: str) -> SettingsError:
    """A connection that cannot work: `fault` names the key, never its value."""
    return SettingsError(
        f"The connection {connection_id or 'of the share'} {fault}.",
        do=f"Mend it in Airflow under Admin → Connections, or in the environment, for example {example}.",
    )


def _from_json(connection_id: str, text: str, example: str) -> GivenConnection:
    try:
        given = json.loads(text)
        port = int(given["port"]) if given.get("port") else None
    except (ValueError, TypeError, AttributeError):
        raise unusable(connection_id, "is not JSON that can be read, or its port is no number", example) from None
    return GivenConnection(
        kind=str(given.get("conn_type") or ""),
        host=str(given.get("host") or ""),
        schema=str(given.get("schema") or ""),
        login=str(given.get("login") or ""),
        password=str(given.get("password") or ""),
        port=port,
        extra=_extra(connection_id, given.get("extra"), example),
    )


def _from_uri(connection_id: str, text: str, example: str) -> GivenConnection:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        fault = "is no URI that can be read (percent-encode login and password)"
        raise unusable(connection_id, fault, example) from None
    query = dict(parse_qsl(parts.query))
    return GivenConnection(
        kind=parts.scheme,
        host=unquote(parts.hostname or ""),
        schema=unquote(parts.path.lstrip("/")),
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        port=port,
        extra=_extra(connection_id, query.pop("__extra__", None), example) or query,
    )


def _extra(connection_id: str, value: Any, example: str) -> Mapping[str, Any]:
    if not value:
        return {}
    try:
        extra = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        extra = None
    if not isinstance(extra, Mapping):
        raise unusable(connection_id, "has an extra that is no JSON object", example)
    return extra
