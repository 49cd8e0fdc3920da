"""A mail server on this machine that keeps what it is given; it can want a login, refuse, encrypt, or die."""

import email
import email.policy
import json
import logging
import ssl
from collections.abc import Collection, Mapping
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from servers.ports import HOST, free_ports


class Inbox:
    """Keeps each mail: the envelope's recipients, and the message.

    It knows no recipient of `unknown`; it wants the `password` where one is given; the first `deaths` conversations end
    without an answer once the mail is there. With a `context` it encrypts, from the first byte where `at_once`.
    """

    def __init__(
        self,
        *,
        unknown: Collection[str] = (),
        password: str = "",
        deaths: int = 0,
        context: ssl.SSLContext | None = None,
        at_once: bool = False,
    ) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.logins = 0
        self._unknown = unknown
        self._password = password
        self._deaths = deaths
        (self.port,) = free_ports(1)
        self._controller = Controller(
            self, hostname=HOST, port=self.port, ssl_context=context if at_once else None,
            tls_context=None if at_once else context, require_starttls=bool(context and not at_once),
            authenticator=self._let_in, auth_required=bool(password), auth_require_tls=bool(context and not at_once),
        )  # fmt: skip

    def _let_in(self, server: SMTP, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:  # noqa: ARG002
        self.logins += 1
        assert isinstance(given, LoginPassword)
        return AuthResult(success=given.password.decode() == self._password, handled=False)

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ARG002
        if address in self._unknown:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: ARG002
        if self._deaths:
            self._deaths -= 1
            server.transport.abort()
            return "250 OK"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 OK"

    def connection_json(self, to: str | list[str], *, login: Mapping[str, str] | None = None, **more: Any) -> str:
        """A connection of Airflow that leads here, for AIRFLOW_CONN_…; `more` stands in its extra."""
        extra = {
            "disable_ssl": True,
            "disable_tls": True,
            "from_email": "reservplan@example.org",
            "timeout": 5,
            "to": to,
            **more,
        }
        return json.dumps({"conn_type": "smtp", "host": HOST, "port": self.port, **(login or {}), "extra": extra})

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for _, message in self.mails]

    def __enter__(self) -> Self:
        # It logs every line of every conversation.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._controller.stop()


def text_of(message: EmailMessage) -> str:
    """The body as it is read."""
    part = message.get_body(("html", "plain"))
    assert part is not None
    return str(part.get_content())
