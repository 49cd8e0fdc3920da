"""`reservplan alert-test`: one test message through each channel, so that somebody can say whether it arrives."""

import argparse
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from reservplan.commands.terminal import COULD_NOT_RUN, DONE, FELL_SHORT, command, complain, tell
from reservplan.domain.alerts import MOST_SUBJECT_CHARACTERS, Alert, Severity
from reservplan.domain.words import moment_words, say
from reservplan.settings import Settings, load


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = command(commands, "alert-test", _run, "send a test message through each channel of alerts")
    parser.add_argument("--dry-run", action="store_true", help="only show the message")


def _run(asked: argparse.Namespace) -> int:
    settings = load(asked.config)
    channels = list(_channels(settings))
    if asked.dry_run:
        name, severity = channels[0] if channels else ("…", Severity.CRITICAL)
        shown = trial_alert(settings, name, severity, datetime.now(UTC))
        tell(f"{shown.subject}\n\n{shown.plain}")
        return DONE
    if not channels:
        complain(say(settings.language, "alert_test.none"))
        return COULD_NOT_RUN
    # What it logs is said here in full.
    logging.getLogger("reservplan.alerts").addHandler(logging.NullHandler())
    taken = [_try(settings, name, severity) for name, severity in channels]
    if all(taken):
        return DONE
    return FELL_SHORT if any(taken) else COULD_NOT_RUN


def _channels(settings: Settings) -> Iterator[tuple[str, Severity]]:
    """Each channel once; one that is in both lists is tried as critical."""
    yield from ((name, Severity.CRITICAL) for name in dict.fromkeys(settings.alerts.critical))
    others = (name for name in dict.fromkeys(settings.alerts.info) if name not in settings.alerts.critical)
    yield from ((name, Severity.INFO) for name in others)


def _try(settings: Settings, name: str, severity: Severity) -> bool:
    """Send through one channel, and say how it went; whether all of it went well."""
    from reservplan.channels import channel_from_environment, deliver

    language = settings.language
    alert = trial_alert(settings, name, severity, datetime.now(UTC))
    done = deliver(alert, [name], channel_from_environment, pauses_seconds=())
    for missed in done.failed:
        complain(f"{'fault':<8} {name:<14} {missed.told or say(language, f'channel.fault_{missed.fault}')}")
    for sent in done.sent:
        if sent in done.partly:
            complain(f"{'warning':<8} {name:<14} {say(language, 'alert_test.partly')}")
        else:
            tell(f"{'ok':<8} {name:<14} {say(language, 'alert_test.sent')}")
    return bool(done.sent) and not done.partly


def trial_alert(settings: Settings, name: str, severity: Severity, now: datetime) -> Alert:
    """The message: that it is a test, what to check, and who has set it up."""
    from reservplan.watch.letter import Letter, Section, Step, html_text, plain_text

    language = settings.language
    looks = (Step(say(language, f"alert_test.look_{what}")) for what in ("who", "place", "number"))
    letter = Letter(
        band=say(language, "alert_test.band"),
        tone=Severity.INFO,
        headline=say(language, "alert_test.headline", channel=name),
        below=f"{settings.organisation} · {moment_words(language, now, settings.zone)}",
        sections=(
            Section(say(language, "alert.happened"), (say(language, "alert_test.what"),)),
            Section(say(language, "alert_test.look"), steps=tuple(looks)),
            Section(say(language, "alert_test.by"), contact=settings.contacts.operations),
        ),
        ending=(
            (say(language, "alert_test.channel"), f"{name} (alerts.{severity})"),
            (say(language, "alert_test.again"), "reservplan alert-test"),
        ),
        language=language,
    )
    subject = say(language, "alert_test.subject", channel=name)[:MOST_SUBJECT_CHARACTERS]
    return Alert(subject, plain_text(letter), html_text(letter), severity, short=subject)
