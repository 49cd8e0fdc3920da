"""From what happened to an incident to the message that tells of it: what, where, what it means, what to do. Pure.

No person is named: groups, days, counts and file names only.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from reservplan.domain.alerts import Alert, Severity
from reservplan.domain.days import local_day
from reservplan.domain.run_notes import RunNote
from reservplan.domain.words import WORDS, moment_words, say, weekday_words
from reservplan.settings import Contact, Settings
from reservplan.telling import Alike, alike, contact_words
from reservplan.watch.concerned import Concerned
from reservplan.watch.diagnosis import Diagnosis, Probed, diagnose
from reservplan.watch.effects import STATE_OF, Effects
from reservplan.watch.incidents import Event, Turn
from reservplan.watch.letter import Letter, Section, Step, html_text, plain_text
from reservplan.watch.looking import Coverage
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.subjects import (
    headline_of,
    length_words,
    moment_name,
    span_words,
    subject_of,
    teams_words,
)
from reservplan.watch.what_to_do import MOST_SAID_CHARACTERS, ToDo

RUNBOOKS = "docs/runbooks"
_RUNBOOK_OF = {
    Cause.STORE_AWAY: "share-unreachable.md",
    Cause.NOT_SAVED: "not-saved.md",
    Cause.MISSING: "missing.md",
    Cause.DAMAGED: "missing.md",
    Cause.EDITED: "edited.md",
    Cause.INCOMPLETE: "incomplete.md",
    Cause.OPEN: "open-file.md",
    Cause.RECORD: "manifest-damaged.md",
    Cause.RETENTION: "retention-refused.md",
    Cause.OVERDUE: "retention-refused.md",
    Cause.CLOCK: "clock.md",
    Cause.STRAY: "edited.md",
    Cause.UNKNOWN_TEAM: "unknown-group.md",
    Cause.NOT_HEALED: "missing.md",
    Cause.RUN_FAILED: "failed-run.md",
    Cause.AIRFLOW: "not-saved.md",
}
# So much is told of what was found, and so many reasons.
MOST_FOUND = 4
MOST_REASONS = 3
# Two text messages.
MOST_SHORT_CHARACTERS = 300


def runbook_of(cause: Cause) -> str:
    """Where it stands what to do, step by step."""
    return f"{RUNBOOKS}/{_RUNBOOK_OF[cause]}"


def message_of(
    event: Event,
    diagnosis: Diagnosis | None,
    settings: Settings,
    now: datetime,
    *,
    healing: bool = False,
    open_files: Sequence[str] = (),
    coverages: Sequence[Coverage] = (),
) -> Alert:
    """The alert of an event, in the users' language.

    `healing` says that the watch asks for the copies again by itself, or, of what has ended, that it did. `open_files`
    are lines that say who has which file open. `coverages` are the looks of this round at all stores: they tell what
    can be printed now, and from where; without them less is told.
    """
    problem = event.problem
    severity = problem.severity if problem else event.incident.severity
    sealed_at = next((found.sealed_at for found in coverages if found.store == event.incident.store), None)
    subject = subject_of(event, settings, now, sealed_at)
    sections: Iterable[Section | None]
    if problem is None or event.turn is Turn.CLOSED:
        sections = _of_ended(event, settings, now, healing=healing)
        short = f"{subject}. {say(settings.language, 'alert.closed_nothing')}"
    else:
        lasting = _Lasting(event, problem, diagnosis, settings, now, coverages, open_files, healing=healing)
        sections, short = lasting.sections(), lasting.short(subject)
    letter = Letter(
        band=_band(event.turn, severity, settings.language),
        tone="closed" if event.turn is Turn.CLOSED else severity.value,
        headline=headline_of(event, settings, now, sealed_at),
        below=_below(settings, now),
        sections=tuple(section for section in sections if section is not None),
        ending=tuple(_ending(event, settings)),
        language=settings.language,
    )
    return Alert(subject, plain_text(letter), html_text(letter), severity, short)


def _band(turn: Turn, severity: Severity, language: str) -> str:
    if turn is Turn.CLOSED:
        return say(language, "alert.band_closed")
    band = say(language, f"alert.band_{severity}")
    return band if turn is Turn.OPENED else say(language, f"alert.band_{turn}", band=band)


def _below(settings: Settings, now: datetime) -> str:
    weekday = weekday_words(settings.language, local_day(now, settings.zone))
    moment = moment_words(settings.language, now, settings.zone)
    seen = say(settings.language, "alert.seen", moment=f"{weekday} {moment}")
    return f"{settings.organisation} · {seen}"


def _ending(event: Event, settings: Settings) -> Iterator[tuple[str, str]]:
    language = settings.language
    yield say(language, "alert.runbook"), runbook_of(event.incident.cause)
    if event.turn is not Turn.CLOSED:
        yield say(language, "alert.status"), "reservplan status"
        hours = f"{settings.watch.remind_hours:g}"
        yield say(language, "alert.next"), say(language, "alert.next_last", hours=hours)


def _of_ended(event: Event, settings: Settings, now: datetime, *, healing: bool) -> list[Section]:
    language, incident = settings.language, event.incident
    ended_at = incident.gone_at or now
    words = [
        say(
            language,
            "alert.closed_lasted",
            length=length_words(ended_at - incident.opened_at, language),
            since=moment_name(incident.opened_at, settings, now),
            until=moment_name(ended_at, settings, now),
        )
    ]
    if incident.teams:
        teams = teams_words(incident.teams, settings)
        key = "alert.closed_teams_one" if incident.cells == 1 else "alert.closed_teams"
        words.append(say(language, key, count=incident.cells, teams=teams))
    if healing:
        words.append(say(language, "alert.closed_self"))
    words.append(say(language, "alert.closed_nothing"))
    return [Section(say(language, "alert.happened"), tuple(words))]


class _Lasting:
    """The sections of a message about something that is so still."""

    def __init__(
        self,
        event: Event,
        problem: Problem,
        diagnosis: Diagnosis | None,
        settings: Settings,
        now: datetime,
        coverages: Sequence[Coverage],
        open_files: Sequence[str],
        *,
        healing: bool,
    ) -> None:
        self._event = event
        self._problem = problem
        # Where nobody has asked what answers, the cause tells whom to call.
        self._diagnosis = diagnosis or diagnose(problem, Probed(), settings, now)
        self._settings = settings
        self._now = now
        self._open_files = open_files
        self._healing = healing
        self._here = next((found for found in coverages if found.store == problem.store), None)
        self._effects = Effects(problem, settings, now, coverages)
        self._today = local_day(now, settings.zone)
        self._contact: Contact = getattr(settings.contacts, self._diagnosis.call)

    def sections(self) -> Iterator[Section | None]:
        """In the order in which a reader needs them."""
        yield self._section("happened", self._happened())
        yield self._section("effect", self._effects.words())
        yield self._section("why", self._why())
        yield self._section("open_by", self._open_files)
        yield Section(self._say("do"), steps=tuple(self._steps()))
        yield Section(self._say("call"), contact=self._contact)
        yield Concerned(self._problem, self._effects, self._settings, self._now).section()

    def short(self, subject: str) -> str:
        """For a telephone: the subject, whom to call, and of the rest what has room."""
        told = f"{subject}. {self._say('call')} {contact_words(self._contact)}."
        more = [*self._effects.words()[:1], *(f"{step.words} {step.command}".strip() for step in self._steps())][:2]
        for words in more:
            if len(told) + len(words) < MOST_SHORT_CHARACTERS:
                told = f"{told} {words}"
        return told

    def _say(self, key: str, **values: object) -> str:
        return say(self._settings.language, f"alert.{key}", **values)

    def _section(self, heading: str, words: Iterable[str]) -> Section | None:
        told = tuple(dict.fromkeys(words))
        return Section(self._say(heading), told) if told else None

    def _happened(self) -> Iterator[str]:
        cause, settings = self._problem.cause, self._settings
        if cause is not Cause.STORE_AWAY:
            due_by = f"{settings.schedule.due_by:%H:%M}"
            days = settings.window.days_back
            yield self._say(f"lead_{cause}", store=self._problem.store, due_by=due_by, days=days)
        if cause is Cause.NOT_SAVED and self._here and self._here.sealed_at:
            yield self._say("lead_not_saved_since", moment=moment_name(self._here.sealed_at, settings, self._now))
        if cause is Cause.RUN_FAILED and self._problem.note is not None and self._problem.note.plan_dates:
            yield self._say("lead_run_days", days=span_words(self._problem.note.plan_dates, settings))
        yield from self._found()
        if self._event.turn is not Turn.OPENED:
            begun = self._event.incident.opened_at
            length = length_words(self._now - begun, settings.language)
            yield self._say("lasts", length=length, since=moment_name(begun, settings, self._now))

    def _called(self) -> str:
        store = next((one for one in self._settings.stores if one.name == self._problem.store), None)
        return store.called if store else self._problem.store

    def _found(self) -> Iterator[str]:
        """What the look found, without what the table and the reasons tell again."""
        told = {finding.words for finding in self._here.findings if finding.cells} if self._here else set()
        shown = self._problem.cause in STATE_OF and self._here is not None
        left = [words for words in self._problem.words if not (shown and words in told)]
        for words in left[:MOST_FOUND]:
            yield self._placed(words)
        if len(left) > MOST_FOUND:
            yield self._say("more", count=len(left) - MOST_FOUND)

    def _placed(self, words: str) -> str:
        """A finding's words, which begin with the store's name; of a store that is away, with what people call it."""
        prefix = f"{self._problem.store}: "
        if not words.startswith(prefix):
            return words
        rest = words.removeprefix(prefix)
        if self._problem.cause is Cause.STORE_AWAY:
            return f"{self._problem.store} ({self._called()}) {rest}"
        return rest[:1].upper() + rest[1:]

    def _why(self) -> Iterator[str]:
        if self._diagnosis.words:
            yield self._diagnosis.words
        if self._problem.note is not None:
            yield from self._of_note(self._problem.note)
        groups = self._reasons()
        for one in groups[:MOST_REASONS]:
            yield from one.lines(self._settings.language, most=1)
        if rest := sum(len(one.texts) for one in groups[MOST_REASONS:]):
            yield say(self._settings.language, "watch.more_reasons", count=rest)

    def _reasons(self) -> list[Alike]:
        seen = {cell: self._effects.covered(cell) for cell in self._problem.cells}
        return alike({cell: covered.why for cell, covered in seen.items() if covered is not None})

    def _steps(self) -> Iterator[Step]:
        codes = list(dict.fromkeys(code for one in self._reasons() for code in one.codes))
        return ToDo(self._problem, self._contact, self._settings, self._now).steps(codes, healing=self._healing)

    def _of_note(self, note: RunNote) -> Iterator[str]:
        dag = f"reservplan_{note.job}"
        key = f"mail.subject_{note.code}"
        fault = say(self._settings.language, key, task=note.task_id, dag=dag) if key in WORDS else note.code
        moment = moment_name(note.failed_at, self._settings, self._now)
        yield self._say("note" if note.task_id else "note_run", dag=dag, task=note.task_id, moment=moment, fault=fault)
        if note.tries > 1:
            yield self._say("note_tries", count=note.tries)
        if note.what:
            yield self._say("note_says", words=note.what[:MOST_SAID_CHARACTERS])
