"""Problems that last: each is told once when it opens, again when it gets worse or a day has passed, once when it ends.

Pure: from what is remembered and what was found now to what is to be remembered and told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from reservplan.domain.alerts import Severity
from reservplan.settings import Settings
from reservplan.watch.expected import window_of
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.states import urgent

# Half as many copies again as were told are worth a message of their own.
WORSE_BY = 1.5
# What can be gone at one look and back at the next: told to have ended at the second look in a row without it. The
# others end by a run or a setting, which lasts.
FLAPPING = (
    Cause.STORE_AWAY,
    Cause.MISSING,
    Cause.DAMAGED,
    Cause.EDITED,
    Cause.OPEN,
    Cause.CLOCK,
    Cause.STRAY,
    Cause.AIRFLOW,
)


# What tells, while it is there, also of what another told before.
COVERED_BY: Mapping[Cause, tuple[Cause, ...]] = {
    Cause.RUN_FAILED: (Cause.NOT_SAVED, Cause.STORE_AWAY),
    Cause.OVERDUE: (Cause.RETENTION,),
    Cause.MISSING: (Cause.NOT_SAVED,),
    Cause.STRAY: (Cause.NOT_SAVED,),
}


class Incident(BaseModel):
    """A problem that was there at an earlier look, as it is remembered between rounds.

    `told_at` is None while nobody was told: it may pass by itself, or the hour is quiet. `severity`, `teams`, `days`
    and `cells` (how many copies) are those that were told last. `seen_at` is the last look that found it, `gone_at`
    the first since then that did not.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    cause: Cause
    store: str
    severity: Severity
    opened_at: AwareDatetime
    seen_at: AwareDatetime
    told_at: AwareDatetime | None = None
    teams: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    cells: int = 0
    gone_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        """The key of its problem."""
        return f"{self.cause}:{self.store}"


class Turn(StrEnum):
    """What happened to an incident that somebody is to be told of."""

    OPENED = "opened"
    WORSE = "worse"
    REMINDED = "reminded"
    CLOSED = "closed"


@dataclass(frozen=True)
class Event:
    """Something to tell: `problem` is None where it has ended."""

    turn: Turn
    incident: Incident
    problem: Problem | None = None


@dataclass(frozen=True)
class Followed:
    """What to remember, and what to tell, in this order."""

    incidents: tuple[Incident, ...]
    events: tuple[Event, ...]


def follow(
    incidents: Sequence[Incident],
    problems: Sequence[Problem],
    unseen: Collection[str],
    settings: Settings,
    now: datetime,
) -> Followed:
    """What has become of the incidents at an aware instant, and which of the problems are new.

    `unseen` names the stores that could not be looked at: what is remembered of them stays, and nothing is told of it.
    """
    now = now.astimezone(UTC)
    remembered = {incident.key: incident for incident in incidents}
    found = {problem.key: problem for problem in problems}
    kept: list[Incident] = []
    events: list[Event] = []
    for problem in found.values():
        incident, event = _lasting(remembered.get(problem.key), problem, settings, now)
        kept.append(incident)
        events += [event] if event else []
    for incident in remembered.values():
        if incident.key in found:
            continue
        if incident.store in unseen or any(_covers(problem, incident) for problem in found.values()):
            kept.append(incident)
        elif _may_be_back(incident, settings, now):
            kept.append(incident.model_copy(update={"gone_at": incident.gone_at or now}))
        elif incident.told_at is not None:
            events.append(Event(Turn.CLOSED, incident.model_copy(update={"gone_at": incident.gone_at or now})))
    return Followed(tuple(kept), tuple(events))


def _lasting(
    before: Incident | None, problem: Problem, settings: Settings, now: datetime
) -> tuple[Incident, Event | None]:
    """The incident of a problem that is there, and what is to be told of it."""
    if before is None:
        incident = Incident(
            cause=problem.cause, store=problem.store, severity=problem.severity, opened_at=now, seen_at=now
        )
    else:
        incident = before.model_copy(update={"seen_at": now, "gone_at": None})
    turn = _turn(incident, problem, settings, now, is_first=before is None)
    if turn is None:
        return incident, None
    told = incident.model_copy(
        update={
            "told_at": now,
            "severity": problem.severity,
            "teams": problem.teams,
            "days": tuple(sorted({cell.plan_date for cell in problem.cells})),
            "cells": len(problem.cells),
        }
    )
    return told, Event(turn, told, problem)


def _turn(incident: Incident, problem: Problem, settings: Settings, now: datetime, *, is_first: bool) -> Turn | None:
    if problem.severity is Severity.INFO:
        passes = is_first and problem.heals
        if _is_quiet(settings, now) or (incident.told_at is None and passes):
            return None
    if incident.told_at is None:
        return Turn.OPENED
    if _is_worse(incident, problem, settings, now):
        return Turn.WORSE
    # A clock that was set back must not silence it.
    waited = abs(now - incident.told_at)
    return Turn.REMINDED if waited >= timedelta(hours=settings.watch.remind_hours) else None


def _is_worse(incident: Incident, problem: Problem, settings: Settings, now: datetime) -> bool:
    if problem.severity is Severity.CRITICAL and incident.severity is not Severity.CRITICAL:
        by_day = not (_is_night(settings, now) and _midnight_alone(incident, problem, settings, now))
        if by_day:
            return True
    if problem.cause is Cause.NOT_SAVED:
        # Told for all groups where it names none; then one copy after the other grows old, which is nothing else.
        return bool(incident.teams) and not set(problem.teams) <= set(incident.teams)
    if not set(problem.teams) <= set(incident.teams):
        return True
    return bool(incident.cells) and len(problem.cells) >= WORSE_BY * incident.cells


def _covers(problem: Problem, incident: Incident) -> bool:
    """Whether a problem tells of what the incident told: that it is not found by itself does not say that it ended."""
    same_store = problem.store == incident.store or incident.cause in (Cause.RUN_FAILED, Cause.OVERDUE)
    return same_store and problem.cause in COVERED_BY.get(incident.cause, ())


def _midnight_alone(incident: Incident, problem: Problem, settings: Settings, now: datetime) -> bool:
    """Whether it is critical only because days that were told have come near; nobody prints them at night."""
    window = window_of(settings, now)
    near = {cell.plan_date for cell in problem.cells if urgent(cell.plan_date, window)}
    return bool(near) and near <= set(incident.days) and set(problem.teams) <= set(incident.teams)


def _is_night(settings: Settings, now: datetime) -> bool:
    """Whether the day's own copies are not due yet."""
    return now.astimezone(settings.zone).time() < settings.schedule.due_by


def _is_quiet(settings: Settings, now: datetime) -> bool:
    """Whether it is between the quiet hours' first and last, by the clock on the wall."""
    if settings.watch.quiet_hours is None:
        return False
    first, last = settings.watch.quiet_hours
    clock = now.astimezone(settings.zone).time()
    return first <= clock < last if first < last else clock >= first or clock < last


def _may_be_back(incident: Incident, settings: Settings, now: datetime) -> bool:
    """Whether an incident that is not there is still to be remembered: it may be back, or the hour is quiet."""
    if incident.told_at is None:
        return False
    if incident.severity is Severity.INFO and _is_quiet(settings, now):
        return True
    return incident.cause in FLAPPING and incident.gone_at is None
