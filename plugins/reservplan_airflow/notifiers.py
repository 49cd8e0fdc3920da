"""The mail that a failed run sends, through the SMTP connections that the settings name under `alerts.critical`.

Addresses are in the connection: `extra` holds `to` (one address or a list) and `from_email`. A mail never carries the
text of an exception that is not Reservplan's own: such a text may quote a row of the plan.
"""

from __future__ import annotations

import contextlib
import html
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow.sdk import BaseHook, BaseNotifier
from reservplan.domain.errors import (
    DeletionRefused,
    ManifestUnreadable,
    RenderError,
    RequestRefused,
    ReservplanError,
    SettingsError,
    SourceError,
    SourceNotReady,
    StagingRefused,
    StagingUnreachable,
    StoreBusy,
    StoreFull,
    StoreRefused,
    StoreUnreachable,
)
from reservplan.domain.words import month_words, say

from reservplan_airflow.configuration import settings_or_none
from reservplan_airflow.faults import CopiesMissing, NotRemoved, NotWritten
from reservplan_airflow.run_context import day_of_run
from reservplan_airflow.task_body import clipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from reservplan.settings import Contact, Settings

log = logging.getLogger("reservplan.mail")

MOST_SUBJECT_CHARACTERS = 60
TIMED_OUT = "timed_out"
# Where the settings are broken and cannot say whom to tell, Airflow's own usual connection is tried.
FALLBACK_CONNECTION = "smtp_default"

RUNBOOKS = "docs/runbooks"
OPEN_FILES = "open-file.md"
# Of so many files a mail says who has them open.
MOST_OPEN = 10

# Mapped over parts of one job: the first that fails tells for all. Others are mapped over stores, each of which tells
# for itself.
IN_PARTS = ("render",)


class Known(NamedTuple):
    """A fault that the mail has words for: how its subject names it, which contact helps, and which runbook."""

    kind: type[BaseException] | None
    word: str
    contact: str
    runbook: str


# The first that fits.
SUBJECTS: Sequence[Known] = (
    Known(SettingsError, "settings", "it_service", "broken-configuration.md"),
    Known(RequestRefused, "refused", "it_service", "failed-run.md"),
    Known(SourceNotReady, "source_late", "vendor", "failed-run.md"),
    Known(SourceError, "source", "vendor", "failed-run.md"),
    Known(StagingUnreachable, "staging", "it_service", "failed-run.md"),
    Known(StagingRefused, "staging", "it_service", "failed-run.md"),
    Known(StoreUnreachable, "store", "it_service", "share-unreachable.md"),
    Known(StoreFull, "store_full", "it_service", "share-unreachable.md"),
    Known(StoreRefused, "store_refused", "it_service", "share-unreachable.md"),
    Known(StoreBusy, "unwritten", "it_service", "failed-run.md"),
    Known(NotWritten, "unwritten", "it_service", "failed-run.md"),
    Known(CopiesMissing, "missing", "planner", "incomplete.md"),
    Known(RenderError, "unwritten", "it_service", "failed-run.md"),
    Known(DeletionRefused, "retention", "it_service", "retention-refused.md"),
    Known(NotRemoved, "unremoved", "it_service", "retention-refused.md"),
    Known(ManifestUnreadable, "record", "it_service", "manifest-damaged.md"),
)
TOO_LATE = Known(None, "late", "it_service", "failed-run.md")
ANY_OTHER = Known(None, "fault", "it_service", "failed-run.md")


@dataclass(frozen=True)
class Failure:
    """What is known of a failed run; `error` is None where nothing but its end is known."""

    dag_id: str
    run_id: str
    task_id: str
    plan_dates: tuple[date, ...]
    error: BaseException | None
    late: bool = False


@dataclass(frozen=True)
class Mail:
    """A mail before it has an address."""

    subject: str
    body_html: str


class FailureMail(BaseNotifier):
    """Mails a failure; with `only_when`, only one of that reason. It never raises: the run's own fault must stand."""

    # Airflow fills templates into this very object, and would then send the first run's text for the next.
    template_fields = ()

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Nothing to fill in; Airflow's own would ask the DAG for templates, which not every callback's DAG has."""

    def __init__(self, only_when: str | None = None) -> None:
        super().__init__()
        self.only_when = only_when

    def notify(self, context: Mapping[str, Any]) -> None:
        """Send the mail to every critical connection; whatever goes wrong is logged."""
        if self.only_when and context.get("reason") != self.only_when:
            return
        try:
            if has_been_mailed(context):
                return
            settings = settings_or_none()
            failure = failure_of(context, settings)
            mail = mail_of(failure, settings, open_by(failure, settings))
        except Exception as error:
            log.warning("No failure mail was sent: %s while writing it.", type(error).__name__)
            return
        names = settings.alerts.critical if settings else (FALLBACK_CONNECTION,)
        if not names:
            log.warning("No failure mail was sent: alerts.critical in the settings names no connection.")
        for name in names:
            send(mail, name)


def send(mail: Mail, connection: str) -> bool:
    """Send through one SMTP connection to the addresses in its extra; False, and a warning, where that fails."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    try:
        to = BaseHook.get_connection(connection).extra_dejson.get("to")
        if not to:
            log.warning("No mail through %s: its extra names no address under `to`.", connection)
            return False
        with SmtpHook(smtp_conn_id=connection) as hook:
            hook.send_email_smtp(to=to, subject=mail.subject, html_content=mail.body_html)
    except Exception as error:
        # Its text may hold addresses, or the server's answer to a password.
        log.warning("No mail through %s: %s.", connection, type(error).__name__)
        return False
    log.info("Mailed through %s: %s", connection, mail.subject)
    return True


def has_been_mailed(context: Mapping[str, Any]) -> bool:
    """Whether an earlier part of the same job has failed, and so has told already.

    Of two that fail in the same moment the first by number always mails: rather one mail too many than none.
    """
    ti = context.get("ti")
    map_index = getattr(ti, "map_index", -1)
    if ti is None or map_index < 1 or ti.task_id not in IN_PARTS:
        return False
    try:
        states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[ti.task_id], run_ids=[ti.run_id])
    except Exception:
        return False
    of_run = states.get(ti.run_id, {})
    return any(str(of_run.get(f"{ti.task_id}_{number}")).endswith("failed") for number in range(map_index))


def failure_of(context: Mapping[str, Any], settings: Settings | None) -> Failure:
    """What a callback's context tells; it differs between a task, a killed task and a run."""
    ti, dag_run = context.get("ti"), context.get("dag_run")
    error = context.get("exception")
    return Failure(
        dag_id=dag_run.dag_id if dag_run else context["dag"].dag_id,
        run_id=dag_run.run_id if dag_run else str(context.get("run_id", "")),
        task_id=ti.task_id if ti else "",
        plan_dates=_plan_dates(ti, dag_run, settings),
        error=error if isinstance(error, BaseException) else None,
        late=context.get("reason") == TIMED_OUT,
    )


def open_by(failure: Failure, settings: Settings | None) -> list[str]:
    """Who has the files open that stood in the way, in words.

    A person's name: it is asked of the store only now, stands in the mail, and is kept nowhere.
    """
    from reservplan.store.owner_files import who_has_open
    from reservplan.telling import open_words

    from reservplan_airflow.connections import open_store

    held: Mapping[str, Sequence[str]] = getattr(failure.error, "held", {})
    if settings is None:
        return []
    lines: list[str] = []
    for of_store in (store for store in settings.stores if held.get(store.name)):
        # Nobody must be without the mail for want of a name.
        with contextlib.suppress(Exception), open_store(of_store) as store:
            lines += open_words(of_store.name, who_has_open(store, held[of_store.name]), settings.language)
    return lines[:MOST_OPEN]


def mail_of(failure: Failure, settings: Settings | None, open_files: Sequence[str] = ()) -> Mail:
    """Subject and body in the users' language; `settings` is None where they are broken."""
    language = settings.language if settings else "sv"
    known = _kind(failure)
    name = failure.dag_id.removeprefix("reservplan_")
    values = {"task": failure.task_id, "dag": name}
    days = days_in_words(failure.plan_dates, language)
    subject = f"Reservplan: {say(language, f'mail.subject_{known.word}', **values)}{', ' if days else ''}{days}"
    own = failure.error if isinstance(failure.error, ReservplanError) else None
    run = ", ".join(
        part
        for part in (
            failure.dag_id,
            failure.task_id and say(language, "mail.task", task=failure.task_id),
            failure.run_id,
        )
        if part
    )
    rows = [
        ("mail.happened", clipped(own.what) if own else _unspoken(failure, language)),
        ("mail.open", " ".join(open_files)),
        ("mail.run", run),
        ("mail.days", days),
        ("mail.effect", say(language, f"mail.effect_{name}")),
        ("mail.do", f"{own.do if own else ''} {say(language, 'mail.do_again')}".strip()),
        ("mail.runbook", f"{RUNBOOKS}/{_runbook(failure, known)}"),
        ("mail.call", _contact(getattr(settings.contacts, known.contact)) if settings else ""),
    ]
    body = "\n".join(
        f"<p><b>{html.escape(say(language, key))}:</b> {html.escape(text)}</p>" for key, text in rows if text
    )
    return Mail(_shortened(subject), f"<html><body>\n{body}\n</body></html>\n")


def days_in_words(plan_dates: Sequence[date], language: str) -> str:
    """`22–25 nov`, `29 nov–2 dec`, `22 nov`; empty for none."""
    if not plan_dates:
        return ""
    first, last = min(plan_dates), max(plan_dates)
    end = f"{last.day} {month_words(language, last)[:3]}"
    if first == last:
        return end
    start = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else ""
    return f"{start or f'{first.day} {month_words(language, first)[:3]}'}–{end}"


def _kind(failure: Failure) -> Known:
    if failure.late:
        return TOO_LATE
    return next((known for known in SUBJECTS if known.kind and isinstance(failure.error, known.kind)), ANY_OTHER)


def _runbook(failure: Failure, known: Known) -> str:
    is_held = isinstance(failure.error, NotWritten) and any(failure.error.held.values())
    return OPEN_FILES if is_held else known.runbook


def _unspoken(failure: Failure, language: str) -> str:
    if failure.late:
        return say(language, "mail.late")
    return say(language, "mail.fault_unknown", kind=type(failure.error).__name__ if failure.error else "?")


def _contact(contact: Contact) -> str:
    parts = (contact.name, contact.phone, contact.email, contact.hours, contact.hint)
    return ", ".join(part for part in parts if part)


def _shortened(subject: str) -> str:
    return subject if len(subject) <= MOST_SUBJECT_CHARACTERS else subject[: MOST_SUBJECT_CHARACTERS - 1] + "…"


def _plan_dates(ti: Any, dag_run: Any, settings: Settings | None) -> tuple[date, ...]:
    from datetime import date

    try:
        request = ti.xcom_pull(task_ids="accept_request")
        return tuple(date.fromisoformat(text) for text in request["plan_dates"])
    except Exception:
        # No request was made, or this process cannot ask for it: the run's own day is what is left.
        day = day_of_run(dag_run, settings.zone) if dag_run and settings else None
        return (day,) if day else ()
