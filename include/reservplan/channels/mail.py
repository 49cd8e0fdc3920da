"""An alert as a mail: plain text and HTML in one message, given to the mail server of a channel."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from reservplan.channels.facts import SMTP_PORT, SMTP_SSL_PORT, ChannelFacts
from reservplan.channels.faults import Fault, NotTaken
from reservplan.domain.alerts import Alert, Severity


class MailChannel:
    """One message for one mail server; `send` may be called again until it is taken.

    It is the same message each time: a mail program shows one that came twice only once, by its Message-ID.
    """

    def __init__(self, alert: Alert, facts: ChannelFacts) -> None:
        self._facts = facts
        self._message = mail_of(alert, facts)

    def send(self) -> bool:
        """Give it to the server; whether it took all recipients.

        Raises:
            NotTaken: it took none.
        """
        try:
            return not self._refused()
        except smtplib.SMTPAuthenticationError:
            # Tried again, a wrong password would lock the account.
            raise NotTaken(Fault.LOGIN, lasts=True) from None
        except smtplib.SMTPNotSupportedError:
            raise NotTaken(Fault.ENCRYPTION, lasts=True) from None
        except smtplib.SMTPRecipientsRefused as refused:
            lasts = all(code >= _LASTING for code, _ in refused.recipients.values())
            raise NotTaken(Fault.REFUSED, lasts=lasts) from None
        except smtplib.SMTPResponseException as answer:
            raise NotTaken(Fault.REFUSED, lasts=answer.smtp_code >= _LASTING) from None
        except ssl.SSLError:
            raise NotTaken(Fault.ENCRYPTION) from None
        except (OSError, smtplib.SMTPException):
            raise NotTaken(Fault.AWAY) from None

    def _refused(self) -> int:
        """How many recipients the server did not take."""
        facts = self._facts
        with _connected(facts) as client:
            if facts.starts_tls:
                client.starttls(context=_trust(facts))
            if facts.login and facts.password:
                client.login(facts.login, facts.password)
            return len(client.send_message(self._message, facts.sender, list(facts.to)))


# 4xx answers pass, 5xx do not.
_LASTING = 500


def mail_of(alert: Alert, facts: ChannelFacts) -> EmailMessage:
    """The whole message; answering machines know by its header that nobody wrote it."""
    message = EmailMessage()
    message["Subject"] = " ".join(alert.subject.split())
    message["From"] = facts.sender
    message["To"] = ", ".join(facts.to)
    message["Date"] = formatdate(localtime=True)
    # With the sender's domain: the usual one is the name of this machine.
    message["Message-ID"] = make_msgid("reservplan", facts.sender.rpartition("@")[2] or "reservplan")
    message["Auto-Submitted"] = "auto-generated"
    if alert.severity is Severity.CRITICAL:
        message["Importance"] = "high"
        message["X-Priority"] = "1"
    message.set_content(alert.plain)
    message.add_alternative(alert.html, subtype="html")
    return message


def _connected(facts: ChannelFacts) -> smtplib.SMTP:
    if facts.from_the_start:
        return smtplib.SMTP_SSL(
            facts.host, facts.port or SMTP_SSL_PORT, timeout=facts.answer_seconds, context=_trust(facts)
        )
    return smtplib.SMTP(facts.host, facts.port or SMTP_PORT, timeout=facts.answer_seconds)


def _trust(facts: ChannelFacts) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if facts.trusts_any:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
