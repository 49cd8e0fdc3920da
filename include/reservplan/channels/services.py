"""An alert to Teams, Slack, telephones, webhooks: whatever apprise knows by the addresses of a channel."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from reservplan.channels.faults import Fault, NotTaken
from reservplan.domain.alerts import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apprise import NotifyBase

    from reservplan.channels.facts import ChannelFacts
    from reservplan.domain.alerts import Alert

# They log whole addresses, in which the services' keys stand.
_TALKATIVE = ("apprise", "urllib3", "urllib3.connectionpool", "urllib3.util.retry", "requests", "httpx")


class ServiceChannel:
    """One message for the services of one channel; those that have taken it are not sent it again."""

    def __init__(self, alert: Alert, facts: ChannelFacts) -> None:
        import apprise

        self._alert = alert
        with _hushed():
            made = [apprise.Apprise.instantiate(address, suppress_exceptions=True) for address in facts.addresses]
        self._left = [service for service in made if service is not None]
        self._unknown = len(made) - len(self._left)
        self._taken = 0

    def send(self) -> bool:
        """Give it to each service that has not had it; whether all of them took it.

        Raises:
            NotTaken: some did not, and may yet; or, where that lasts, no address is one that apprise knows.
        """
        if not self._left and not self._taken:
            raise NotTaken(Fault.UNUSABLE, lasts=True)
        with _hushed():
            missed = [service for service in self._left if not self._took(service)]
        self._taken += len(self._left) - len(missed)
        self._left = missed
        if missed:
            raise NotTaken(Fault.SERVICE)
        return not self._unknown

    @property
    def is_taken_by_some(self) -> bool:
        """Whether one service at least has taken it."""
        return self._taken > 0

    def _took(self, service: NotifyBase) -> bool:
        from apprise import Apprise, NotifyFormat, NotifyType

        kind = NotifyType.FAILURE if self._alert.severity is Severity.CRITICAL else NotifyType.INFO
        one = Apprise()
        one.add(service)
        title, body = wording(self._alert, service)
        return bool(one.notify(body=body, title=title, notify_type=kind, body_format=NotifyFormat.TEXT))


def wording(alert: Alert, service: NotifyBase) -> tuple[str, str]:
    """Title and body, as far as the service can show them."""
    if service.title_maxlen:
        return alert.subject, alert.plain
    # A service without titles is a telephone: what fits there, and no bill for ten messages.
    return "", (alert.short or alert.subject)[: service.body_maxlen]


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was
