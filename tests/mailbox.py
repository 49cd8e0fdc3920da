"""A mail server on this machine that keeps what it is given."""

import email
import email.policy
import json
import logging
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from servers.ports import HOST, free_ports


class Inbox:
    """Keeps each mail: the envelope's recipients, and the message."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        (self.port,) = free_ports(1)
        self._controller = Controller(self, hostname=HOST, port=self.port)

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: ARG002
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 OK"

    def connection_json(self, to: str | list[str]) -> str:
        """A connection of Airflow that leads here, for AIRFLOW_CONN_…."""
        extra = {
            "disable_ssl": True,
            "disable_tls": True,
            "from_email": "reservplan@example.org",
            "timeout": 5,
            "to": to,
        }
        return json.dumps({"conn_type": "smtp", "host": HOST, "port": self.port, "extra": extra})

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
