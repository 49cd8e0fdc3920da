"""What is needed to send through one channel, as an Airflow connection holds it; also read outside Airflow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reservplan.connection_variables import given_connection, unusable
from reservplan.domain.errors import SettingsError

MAIL_TYPES = ("smtp", "email")
SERVICE_TYPES = ("apprise",)
SMTP_PORT, SMTP_SSL_PORT = 25, 465
ANSWER_SECONDS = 15.0

_EXAMPLE = (
    '{"conn_type": "smtp", "host": "mail.example.se", "port": 587, "login": "svc-reservplan", "password": "…",'
    ' "extra": {"from_email": "reservplan@example.se", "to": ["drift@example.se"], "disable_ssl": true}}'
)
_SERVICE_EXAMPLE = '{"conn_type": "apprise", "extra": {"config": [{"path": "json://hooks.example.se/larm"}]}}'


@dataclass(frozen=True)
class ChannelFacts:
    """One channel: mail of its own (`smtp`), or the services of `apprise`. Passwords and addresses are never shown.

    `extra` holds for mail `to`, `from_email`, `disable_ssl`, `disable_tls`, `ssl_context` and `timeout`, as Airflow's
    own SMTP connection does; for apprise `config`, one or a list of `{"path": address}`.
    """

    kind: str
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def check(self, connection_id: str) -> None:
        """Refuse what cannot work; the text names the key and never its value.

        Raises:
            SettingsError: something is missing or is not of its kind.
        """
        if self.is_mail:
            self._check_mail(connection_id)
        elif self.kind in SERVICE_TYPES:
            if not self.addresses:
                fault = 'names no service: its extra needs `config`, one or a list of {"path": address}'
                raise unusable(connection_id, fault, _SERVICE_EXAMPLE)
        else:
            raise unusable(connection_id, "is of another type than smtp, email or apprise", _EXAMPLE)

    def _check_mail(self, connection_id: str) -> None:
        for key, value in (("host", self.host), ("`to` in its extra", self.to), ("`from_email`", self.sender)):
            if not value:
                raise unusable(connection_id, f"has no {key}", _EXAMPLE)
        try:
            works = 0 < self.answer_seconds <= 600
        except (TypeError, ValueError):
            works = False
        if not works:
            raise unusable(connection_id, "has a `timeout` that is no number of seconds up to 600", _EXAMPLE)

    @property
    def is_mail(self) -> bool:
        """Whether we speak with a mail server ourselves."""
        return self.kind in MAIL_TYPES

    @property
    def to(self) -> tuple[str, ...]:
        """Who gets the mail."""
        given = self.extra.get("to") or ()
        parts = given.replace(";", ",").split(",") if isinstance(given, str) else given
        return tuple(text for text in (str(part).strip() for part in parts) if text)

    @property
    def sender(self) -> str:
        """Who the mail is from: `from_email`, else a login that is an address."""
        return str(self.extra.get("from_email") or (self.login if "@" in self.login else ""))

    @property
    def answer_seconds(self) -> float:
        """The time limit for each answer of the server."""
        return float(self.extra.get("timeout") or ANSWER_SECONDS)

    @property
    def from_the_start(self) -> bool:
        """Whether the conversation is encrypted from its first byte (SSL), and not later by STARTTLS."""
        if "disable_ssl" in self.extra or "disable_tls" in self.extra:
            return self._says("disable_tls") and not self._says("disable_ssl")
        return self.port == SMTP_SSL_PORT

    @property
    def starts_tls(self) -> bool:
        """Whether the server is asked to encrypt before anything is said."""
        return not self.from_the_start and not self._says("disable_tls")

    @property
    def trusts_any(self) -> bool:
        """Whether the server's certificate is not checked."""
        return self.extra.get("ssl_context") == "none"

    @property
    def addresses(self) -> tuple[str, ...]:
        """The services of an apprise connection; each holds its own secrets."""
        config = self.extra.get("config") or ()
        if isinstance(config, str):
            try:
                config = json.loads(config)
            except ValueError:
                return ()
        if isinstance(config, Mapping):
            config = (config,)
        return tuple(str(one["path"]) for one in config if isinstance(one, Mapping) and one.get("path"))

    def _says(self, key: str) -> bool:
        # In a URI every value is a text.
        return str(self.extra.get(key, "")).lower() in ("true", "1", "yes")


def channel_from_environment(name: str) -> ChannelFacts:
    """The channel in `AIRFLOW_CONN_<NAME>`.

    Raises:
        SettingsError: it is missing, cannot be read, or is no channel.
    """
    given = given_connection(name, _EXAMPLE)
    facts = ChannelFacts(given.kind, given.host, given.port, given.login, given.password, given.extra)
    facts.check(name)
    return facts


def missing_channel(name: str) -> SettingsError:
    """Airflow knows no connection of that name."""
    return SettingsError(
        f"Airflow has no connection {name}.",
        do=f"Make it under Admin → Connections (type smtp or apprise), or set AIRFLOW_CONN_{name.upper()}.",
    )
