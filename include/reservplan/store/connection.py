"""What is needed to reach a share, as an Airflow connection holds it; also read outside Airflow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reservplan.connection_variables import given_connection, unusable
from reservplan.domain.errors import SettingsError

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
    """The connection in `AIRFLOW_CONN_<ID>`.

    Raises:
        SettingsError: it is missing, cannot be read, or is no SMB connection.
    """
    given = given_connection(connection_id, _EXAMPLE)
    if given.kind not in CONNECTION_TYPES:
        raise _unusable(connection_id, "is of another type than samba")
    facts = ConnectionFacts(
        host=given.host,
        share=given.schema,
        login=given.login,
        password=given.password,
        port=given.port,
        extra=given.extra,
    )
    facts.check(connection_id)
    return facts


def _unusable(connection_id: str, fault: str) -> SettingsError:
    return unusable(connection_id, fault, _EXAMPLE)
