"""What to do about a problem, step by step, with the exact command and where to click. Pure."""

import re
import shlex
from collections.abc import Collection, Iterator
from datetime import datetime
from urllib.parse import quote as urlquote

from reservplan.domain.days import local_day
from reservplan.domain.rules import TOO_FEW
from reservplan.domain.words import say
from reservplan.settings import Contact, Settings
from reservplan.telling import what_to_do
from reservplan.watch.letter import Step
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.subjects import cells_of

# A program's own words are told so far.
MOST_SAID_CHARACTERS = 600
# A command names so many groups; without any it is for all.
MOST_TEAMS_IN_COMMAND = 3
# A command within a sentence, to be told on a line of its own too.
_COMMAND = re.compile(r"\breservplan [a-z-]+(?: --[a-z-]+(?: \w(?:[\w.-]*\w)?)?)+")


class ToDo:
    """The steps for whoever gets the message; `contact` is whom it says to call."""

    def __init__(self, problem: Problem, contact: Contact, settings: Settings, now: datetime) -> None:
        self._problem = problem
        self._contact = contact
        self._settings = settings
        self._today = local_day(now, settings.zone)

    def steps(self, codes: Collection[str] = (), *, healing: bool = False) -> Iterator[Step]:
        """In order; `codes` are the rules that the plan broke, `healing` says that the copies are asked for again."""
        said = self._problem.note.do[:MOST_SAID_CHARACTERS] if self._problem.note else ""
        command = _COMMAND.search(said)
        by_note = [Step(said, command[0] if command else "")] if said else []
        # A file that is open must be closed first: until then to ask again makes nothing of it.
        waits = healing and self._problem.cause is not Cause.OPEN
        by_cause = list(self._healing() if waits else self._of_cause(codes))
        # A plan is read before it is confirmed.
        yield from [*by_cause, *by_note] if self._problem.cause is Cause.RETENTION else [*by_note, *by_cause]

    def _say(self, key: str, **values: object) -> str:
        return say(self._settings.language, f"alert.{key}", **values)

    def _healing(self) -> Iterator[Step]:
        minutes, tries = f"{self._settings.watch.heal_pause_minutes:g}", self._settings.watch.heal_tries
        yield Step(self._say("do_heals", minutes=minutes, tries=tries))
        yield self._step("do_heals_or", self._snapshot())

    def _of_cause(self, codes: Collection[str]) -> Iterator[Step]:
        match self._problem.cause:
            case Cause.STORE_AWAY:
                yield self._step("do_store_away")
                yield self._step("do_check", "reservplan check")
                yield self._step("do_store_self")
            case Cause.NOT_SAVED:
                yield self._step("do_not_saved", link=self._dag_link("snapshot"))
                yield self._step("do_save", self._snapshot())
                yield Step(self._say("do_trigger", dag="reservplan_snapshot"))
            case Cause.MISSING | Cause.DAMAGED:
                yield self._step("do_snapshot", self._snapshot())
                yield Step(self._say("do_trigger_days", dag="reservplan_snapshot"))
            case Cause.NOT_HEALED:
                yield self._step("do_not_healed", self._snapshot())
            case Cause.EDITED:
                yield self._step("do_edited")
            case Cause.INCOMPLETE:
                yield from self._mend_plan(codes)
            case Cause.OPEN:
                yield self._step("do_close")
                yield self._step("do_close_self")
            case Cause.RECORD:
                yield self._step("do_record", self._snapshot())
            case Cause.RETENTION:
                yield self._step("do_retain", "reservplan retain", self._dag_link("retain"))
            case Cause.OVERDUE:
                yield self._step("do_retain", "reservplan retain", self._dag_link("retain"))
                yield self._step("do_retain_apply", "reservplan retain --apply")
            case Cause.CLOCK:
                yield self._step("do_clock", "reservplan check")
            case Cause.STRAY:
                yield self._step("do_stray")
            case Cause.UNKNOWN_TEAM:
                yield self._step("do_unknown_team", "reservplan check")
            case Cause.RUN_FAILED:
                yield self._step("do_again", link=self._run_link())
            case Cause.AIRFLOW:
                yield self._step("do_airflow", "airflow jobs check --job-type SchedulerJob --local")

    def _mend_plan(self, codes: Collection[str]) -> Iterator[Step]:
        told = dict.fromkeys(filter(None, (what_to_do(self._settings, code) for code in codes)))
        yield from map(Step, told)
        if not told:
            yield self._step("do_plan")
        yield self._step("do_snapshot", self._snapshot())
        if TOO_FEW & set(codes):
            yield self._step("do_accept", self._accept())

    def _step(self, key: str, command: str = "", link: str = "") -> Step:
        store = next((one for one in self._settings.stores if one.name == self._problem.store), None)
        words = self._say(
            key,
            called=store.called if store else self._problem.store,
            call=self._contact.name,
            planner=self._settings.contacts.planner.name,
            tries=self._settings.watch.heal_tries,
            dag=f"reservplan_{self._problem.note.job}" if self._problem.note else "reservplan_snapshot",
        )
        return Step(words, command, link)

    def _snapshot(self) -> str:
        """The command that makes these copies again, and no more than needed."""
        cells = cells_of(self._problem)
        days = sorted({cell.plan_date for cell in cells})
        words = ["reservplan snapshot"]
        if days and days[0] < self._today:
            words.append(f"--date {days[0]}")
            if days[-1] > days[0]:
                words.append(f"--to {days[-1]}")
        teams = self._problem.teams
        if len(teams) <= MOST_TEAMS_IN_COMMAND and len(teams) < len(self._settings.teams):
            words += [f"--team {_quoted(team)}" for team in teams]
        return " ".join(words)

    def _accept(self) -> str:
        cells = sorted(cells_of(self._problem), key=lambda cell: (cell.plan_date < self._today, cell.plan_date))
        if not cells:
            return ""
        return f'reservplan accept --team {_quoted(cells[0].team)} --date {cells[0].plan_date} --why "…"'

    def _dag_link(self, job: str) -> str:
        address = self._settings.watch.airflow.rstrip("/")
        return f"{address}/dags/reservplan_{job}" if address else ""

    def _run_link(self) -> str:
        note = self._problem.note
        if note is None:
            return ""
        link = self._dag_link(note.job)
        return f"{link}/runs/{urlquote(note.run_id, safe=':+')}" if link else ""


def _quoted(team: str) -> str:
    """As a shell takes it; a plain name stays as people write it."""
    return team if re.fullmatch(r"[\w-]+", team) else shlex.quote(team)
