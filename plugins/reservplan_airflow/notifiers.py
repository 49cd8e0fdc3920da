"""What a failed run leaves behind: a note that the watch tells of, or, where that cannot be, an alert at once.

An alert or a note never carries the text of an exception that is not Reservplan's own: such a text may quote a row of
the plan.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from airflow.sdk import BaseNotifier
from reservplan.domain.alerts import MOST_SUBJECT_CHARACTERS, Alert, Severity
from reservplan.domain.days import local_day
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
from reservplan.domain.run_notes import RunNote
from reservplan.domain.words import moment_words, month_words, say

from reservplan_airflow.configuration import settings_or_none
from reservplan_airflow.faults import CopiesMissing, NotRemoved, NotWritten
from reservplan_airflow.run_context import DAG_PREFIX, day_of_run, is_healing
from reservplan_airflow.task_body import clipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from reservplan.run_notes import RunNotes
    from reservplan.settings import Settings
    from reservplan.watch.letter import Letter

log = logging.getLogger("reservplan.alerts")

TIMED_OUT = "timed_out"
# Where the settings are broken and cannot say whom to tell, Airflow's own usual connection is tried.
FALLBACK_CONNECTION = "smtp_default"
# The watch tells what it found; what kept it from looking, nobody but its own failed run can tell.
WATCH = "watch"

RUNBOOKS = "docs/runbooks"
OPEN_FILES = "open-file.md"

# Mapped over parts of one job: the first that fails tells for all. Others are mapped over stores, each of which tells
# for itself.
IN_PARTS = ("render",)


class Known(NamedTuple):
    """A fault that there are words for: how a subject names it, which contact helps, and which runbook."""

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


class _Silent(BaseNotifier):
    """A notifier that has nothing to fill in: Airflow fills templates into this very object.

    It would send the first run's text for the next.
    """

    template_fields = ()

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Airflow's own would ask the DAG for templates, which not every callback's DAG has."""


class AlertNotifier(_Silent):
    """Sends one alert through the channels of Airflow's connections; it never raises."""

    def __init__(self, alert: Alert, names: Sequence[str], others: Sequence[str] = ()) -> None:
        super().__init__()
        self.alert = alert
        self.names = names
        self.others = others

    def notify(self, context: Mapping[str, Any]) -> None:  # noqa: ARG002
        """Send it; `others` are used where none of the names takes it."""
        from reservplan.channels import deliver

        from reservplan_airflow.channels import channel_from_airflow

        done = deliver(self.alert, self.names, channel_from_airflow, others=self.others)
        if done.sent:
            log.info("Sent through %s: %s", ", ".join(done.sent), self.alert.subject)
        else:
            log.warning("Nobody has been told: %s", self.alert.subject)


class RunFailed(_Silent):
    """Tells of a failed run; with `only_when`, only of one with that reason. It never raises: the run's fault stands.

    The watch tells of it within half an hour, with everything else of the same cause, by the note that is left here.
    """

    def __init__(self, only_when: str | None = None) -> None:
        super().__init__()
        self.only_when = only_when

    def notify(self, context: Mapping[str, Any]) -> None:
        """Leave a note, or send the alert; whatever goes wrong is logged."""
        if self.only_when and context.get("reason") != self.only_when:
            return
        try:
            if is_told_by_another(context):
                return
            settings = settings_or_none()
            failure = failure_of(context, settings)
            if is_told_by_watch(failure, context, settings) or (settings and leave_note(failure, settings)):
                return
            alert = alert_of(failure, settings)
        except Exception as error:
            log.warning("Nobody has been told of the failure: %s while writing it.", type(error).__name__)
            return
        names = settings.alerts.critical if settings else (FALLBACK_CONNECTION,)
        AlertNotifier(alert, names, settings.alerts.info if settings else ()).notify(context)


class RunWentWell(_Silent):
    """Takes away the note of the job's last failure; it never raises."""

    def notify(self, context: Mapping[str, Any]) -> None:
        """Clear the note; where that fails, the next run that goes well does it."""
        try:
            run, settings = context["dag_run"], settings_or_none()
            # A healing run is about a few cells: that it went well says nothing of the morning's.
            if settings and not is_healing(run.run_id):
                run_notes(settings).clear(job_of(run.dag_id))
        except Exception as error:
            log.warning("The note of the last failure could not be taken away: %s.", type(error).__name__)


def job_of(dag_id: str) -> str:
    """`snapshot` of `reservplan_snapshot`."""
    return dag_id.removeprefix(DAG_PREFIX)


def run_notes(settings: Settings) -> RunNotes:
    """Where the watch looks for notes."""
    from reservplan.run_notes import RunNotes

    return RunNotes(f"{settings.watch.folder}/notes")


def leave_note(failure: Failure, settings: Settings) -> bool:
    """Leave a note for the watch; False where it cannot be left, or where nobody would read it."""
    if job_of(failure.dag_id) == WATCH:
        return False
    try:
        notes = run_notes(settings)
        note = note_of(failure, notes.all(), datetime.now(UTC))
        if note is not None:
            notes.note(note)
    except Exception as error:
        log.warning("No note could be left for the watch: %s.", type(error).__name__)
        return False
    log.info("Noted for the watch, which tells of it.")
    return True


def note_of(failure: Failure, before: Sequence[RunNote], now: datetime) -> RunNote | None:
    """What the watch should know; None where a note of the same run says more already."""
    job = job_of(failure.dag_id)
    own = failure.error if isinstance(failure.error, ReservplanError) else None
    if own is None and any((note.job, note.run_id) == (job, failure.run_id) and note.what for note in before):
        return None
    return RunNote(
        job=job,
        run_id=failure.run_id,
        task_id=failure.task_id,
        code=_kind(failure).word,
        what=clipped(own.what) if own else "",
        do=own.do if own else "",
        plan_dates=failure.plan_dates,
        failed_at=now,
    )


def is_told_by_watch(failure: Failure, context: Mapping[str, Any], settings: Settings | None) -> bool:
    """Whether the watch tells: of what it found and asked for always, of what keeps it from looking today already.

    Only Airflow remembers what the run before met: the settings may be what is broken.
    """
    if is_healing(failure.run_id):
        return True
    if job_of(failure.dag_id) != WATCH:
        return False
    if isinstance(failure.error, CopiesMissing):
        return True
    try:
        last = context["ti"].get_previous_ti()
        ended_at: datetime | None = last.end_date if last and str(last.state).endswith("failed") else None
    except Exception:
        # Rather one alert too many than none.
        return False
    if ended_at is None:
        return False
    zone = settings.zone if settings else ZoneInfo("UTC")
    return local_day(ended_at, zone) == local_day(datetime.now(UTC), zone)


def is_told_by_another(context: Mapping[str, Any]) -> bool:
    """Whether an earlier part of the same job has failed, and so has told already.

    Of two that fail in the same moment the first by number always tells: rather told twice than never.
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


def alert_of(failure: Failure, settings: Settings | None) -> Alert:
    """The alert in the users' language; `settings` is None where they are broken."""
    from reservplan.watch.letter import html_text, plain_text

    subject = f"Reservplan: {_headline(failure, settings)}"
    letter = _letter(failure, settings)
    called = getattr(settings.contacts, _kind(failure).contact) if settings else None
    call = f" {say(letter.language, 'mail.call')} {called.name} {called.phone}".rstrip() if called else ""
    short = f"{subject}.{call}"
    return Alert(_shortened(subject), plain_text(letter), html_text(letter), Severity.CRITICAL, short)


def _letter(failure: Failure, settings: Settings | None) -> Letter:
    from reservplan.watch.letter import Letter, Section, Step

    language = settings.language if settings else "sv"
    known = _kind(failure)
    job = job_of(failure.dag_id)
    own = failure.error if isinstance(failure.error, ReservplanError) else None
    headline = _headline(failure, settings)
    steps = [Step(own.do)] if own and own.do else []
    sections = [
        Section(say(language, "mail.happened"), (clipped(own.what) if own else _unspoken(failure, language),)),
        Section(say(language, "mail.effect"), (say(language, f"mail.effect_{job}"),)),
        Section(say(language, "mail.do"), steps=(*steps, Step(say(language, "mail.do_again")))),
    ]
    if settings:
        sections.append(Section(say(language, "mail.call"), contact=getattr(settings.contacts, known.contact)))
    return Letter(
        band=say(language, "alert.band_critical"),
        tone=Severity.CRITICAL,
        headline=headline[:1].upper() + headline[1:],
        below=_below(settings, language),
        sections=tuple(sections),
        ending=tuple(
            (say(language, key), words)
            for key, words in (
                ("mail.runbook", f"{RUNBOOKS}/{_runbook(failure, known)}"),
                ("mail.days", days_in_words(failure.plan_dates, language)),
                ("mail.run", _run_words(failure, language)),
            )
            if words
        ),
        language=language,
    )


def _headline(failure: Failure, settings: Settings | None) -> str:
    language = settings.language if settings else "sv"
    days = days_in_words(failure.plan_dates, language)
    fault = say(language, f"mail.subject_{_kind(failure).word}", task=failure.task_id, dag=job_of(failure.dag_id))
    return f"{fault}, {days}" if days else fault


def _below(settings: Settings | None, language: str) -> str:
    if settings is None:
        return "Reservplan"
    return f"{settings.organisation} · {moment_words(language, datetime.now(UTC), settings.zone)}"


def _run_words(failure: Failure, language: str) -> str:
    task = say(language, "mail.task", task=failure.task_id) if failure.task_id else ""
    return ", ".join(part for part in (failure.dag_id, task, failure.run_id) if part)


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
