"""What is needed to reach a share, as an Airflow connection holds it; also read outside Airflow."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from reservplan.domain.errors import SettingsError

VARIABLE_PREFIX = "AIRFLOW_CONN_"
SMB_PORT = 445
REQUEST_SECONDS = 30.0
CONNECT_SECONDS = 15.0
LARGEST_DEPTH = 64
CONNECTION_TYPES = ("samba", "smb")
_EXAMPLE = (
    '{"conn_type": "samba", "host": "fileserver.example.se", "schema": "V", "login": "svc-reservplan", "password": "…"}'
)


@dataclass(frozen=True)
class ConnectionFacts:
    """Host, share and login. Neither the password nor `extra` is ever shown.

    `extra` may hold `domain`, `timeout_seconds` (for each answer, default 30), `connect_timeout_seconds` (15) and
    `depth` (files under way at once, else the store's own setting); other keys are left alone.
    """

    host: str
    share: str
    login: str
    password: str = field(repr=False)
    port: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def check(self, connection_id: str) -> None:
        """Refuse what cannot work; the text names the key and never its value.

        Raises:
            SettingsError: something is missing or is not of its kind.
        """
        for key, value in (("host", self.host), ("schema (the share)", self.share), ("login", self.login)):
            if not value:
                raise _unusable(connection_id, f"has no {key}")
        if not self.password:
            raise _unusable(connection_id, "has no password")
        if any(mark in self.host + self.share for mark in "/\\"):
            raise _unusable(connection_id, "has a slash in host or schema: the folder belongs in the store's `folder`")
        for key, convert, lowest, highest in _LIMITS:
            if key in self.extra and not _within(self.extra[key], convert, lowest, highest):
                raise _unusable(connection_id, f"has an extra {key} that is no number from {lowest:g} to {highest:g}")

    @property
    def domain(self) -> str:
        """The login's domain, or empty."""
        return str(self.extra.get("domain") or "")

    @property
    def user(self) -> str:
        r"""The login with its domain: `DOMAIN\login`."""
        return rf"{self.domain}\{self.login}" if self.domain else self.login

    @property
    def depth(self) -> int | None:
        """How many files may be under way at once, where the connection says."""
        return int(self.extra["depth"]) if "depth" in self.extra else None

    @property
    def request_seconds(self) -> float:
        """The time limit for each answer."""
        return float(self.extra.get("timeout_seconds", REQUEST_SECONDS))

    @property
    def connect_seconds(self) -> float:
        """The time limit for connecting, and for the first answer."""
        return float(self.extra.get("connect_timeout_seconds", CONNECT_SECONDS))


_LIMITS: tuple[tuple[str, type[float] | type[int], float, float], ...] = (
    ("timeout_seconds", float, 1, 600),
    ("connect_timeout_seconds", float, 1, 600),
    ("depth", int, 1, LARGEST_DEPTH),
)


def _within(value: Any, convert: type[float] | type[int], lowest: float, highest: float) -> bool:
    try:
        return lowest <= convert(value) <= highest
    except (TypeError, ValueError):
        return False


def connection_from_environment(connection_id: str) -> ConnectionFacts:
    """The connection in `AIRFLOW_CONN_<ID>`, as JSON or as a URI, the way Airflow itself reads it.

    Raises:
        SettingsError: it is missing, cannot be read, or is no SMB connection. The value is never repeated: it holds
            the password.
    """
    variable = VARIABLE_PREFIX + connection_id.upper()
    text = os.environ.get(variable, "").strip()
    if not text:
        raise SettingsError(
            f"The connection {connection_id} is not there: the environment has no {variable}.",
            do=f"Set it, for example {variable}='{_EXAMPLE}'.",
        )
    kind, facts = _from_json(connection_id, text) if text.startswith("{") else _from_uri(connection_id, text)
    if kind not in CONNECTION_TYPES:
        raise _unusable(connection_id, "is of another type than samba")
    facts.check(connection_id)
    return facts


def _from_json(connection_id: str, text: str) -> tuple[str, ConnectionFacts]:
    try:
        given = json.loads(text)
        port = int(given["port"]) if given.get("port") else None
    except (ValueError, TypeError, AttributeError):
        raise _unusable(connection_id, "is not JSON that can be read, or its port is no number") from None
    return str(given.get("conn_type") or ""), ConnectionFacts(
        host=str(given.get("host") or ""),
        share=str(given.get("schema") or ""),
        login=str(given.get("login") or ""),
        password=str(given.get("password") or ""),
        port=port,
        extra=_extra(connection_id, given.get("extra")),
    )


def _from_uri(connection_id: str, text: str) -> tuple[str, ConnectionFacts]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _unusable(connection_id, "is no URI that can be read (percent-encode login and password)") from None
    query = dict(parse_qsl(parts.query))
    return parts.scheme, ConnectionFacts(
        host=unquote(parts.hostname or ""),
        share=unquote(parts.path.lstrip("/")),
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        port=port,
        extra=_extra(connection_id, query.pop("__extra__", None)) or query,
    )


def _extra(connection_id: str, value: Any) -> Mapping[str, Any]:
    if not value:
        return {}
    try:
        extra = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        extra = None
    if not isinstance(extra, Mapping):
        raise _unusable(connection_id, "has an extra that is no JSON object")
    return extra


def _unusable(connection_id: str, fault: str) -> SettingsError:
    return SettingsError(
        f"The connection {connection_id or 'of the share'} {fault}.",
        do=f"Mend it in Airflow under Admin → Connections, or in the environment, for example {_EXAMPLE}.",
    )
