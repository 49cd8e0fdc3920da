"""An alert through all channels that it has: each is tried again, and where none takes it others are used."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from reservplan.channels.facts import ChannelFacts
from reservplan.channels.faults import Fault, NotTaken
from reservplan.channels.mail import MailChannel
from reservplan.channels.services import ServiceChannel
from reservplan.domain.alerts import Alert
from reservplan.domain.errors import SettingsError

log = logging.getLogger("reservplan.alerts")

# Each channel is tried once more than there are pauses.
PAUSES_SECONDS = (2.0, 8.0)


@dataclass(frozen=True)
class Missed:
    """A channel that did not take it, and why; `told` are our own words, where there are any."""

    name: str
    fault: Fault
    told: str = ""


@dataclass(frozen=True)
class Delivery:
    """Which channels took an alert, which of them not to everybody, and which did not take it at all."""

    sent: tuple[str, ...]
    failed: tuple[Missed, ...]
    partly: tuple[str, ...] = ()


class _Channel(Protocol):
    def send(self) -> bool: ...


def deliver(
    alert: Alert,
    names: Sequence[str],
    resolve: Callable[[str], ChannelFacts],
    *,
    others: Sequence[str] = (),
    pauses_seconds: Sequence[float] = PAUSES_SECONDS,
    wait: Callable[[float], None] = time.sleep,
) -> Delivery:
    """Send the alert to every channel of `names`; to `others` where none of them takes it. Never raises.

    `resolve` finds a channel by the name of its connection.
    """
    sent, failed, partly = _to_each(alert, names, resolve, pauses_seconds, wait)
    if not sent:
        left = [name for name in others if name not in names]
        sent, also_failed, partly = _to_each(alert, left, resolve, pauses_seconds, wait)
        failed += also_failed
    return Delivery(tuple(sent), tuple(failed), tuple(partly))


def _to_each(
    alert: Alert,
    names: Sequence[str],
    resolve: Callable[[str], ChannelFacts],
    pauses_seconds: Sequence[float],
    wait: Callable[[float], None],
) -> tuple[list[str], list[Missed], list[str]]:
    sent: list[str] = []
    failed: list[Missed] = []
    partly: list[str] = []
    for name in dict.fromkeys(names):
        try:
            whole = _sent_whole(_channel(alert, name, resolve), name, pauses_seconds, wait)
        except NotTaken as missed:
            failed.append(Missed(name, missed.fault, missed.told))
            continue
        except Exception as error:
            log.warning("No alert through %s: %s.", name, type(error).__name__)
            failed.append(Missed(name, Fault.OTHER))
            continue
        sent.append(name)
        if not whole:
            log.warning("An alert went through %s, but not to everybody.", name)
            partly.append(name)
    return sent, failed, partly


def _channel(alert: Alert, name: str, resolve: Callable[[str], ChannelFacts]) -> _Channel:
    try:
        facts = resolve(name)
        facts.check(name)
    except SettingsError as error:
        log.warning("No alert through %s: %s", name, error)
        raise NotTaken(Fault.UNUSABLE, lasts=True, told=str(error)) from None
    return MailChannel(alert, facts) if facts.is_mail else ServiceChannel(alert, facts)


def _sent_whole(channel: _Channel, name: str, pauses_seconds: Sequence[float], wait: Callable[[float], None]) -> bool:
    for pause in (*pauses_seconds, None):
        try:
            return channel.send()
        except NotTaken as missed:
            log.warning("An alert was not taken by %s: %s.", name, missed.fault)
            if missed.lasts or pause is None:
                if isinstance(channel, ServiceChannel) and channel.is_taken_by_some:
                    return False
                raise
            wait(pause)
    raise AssertionError("the last try returns or raises")
