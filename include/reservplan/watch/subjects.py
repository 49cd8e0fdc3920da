"""The subject of an alert: severity, what, which groups, which day and where, in at most sixty characters. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import product

from reservplan.domain.alerts import MOST_SUBJECT_CHARACTERS, Severity
from reservplan.domain.days import ONE_DAY, local_day
from reservplan.domain.names import parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.words import WORDS, month_words, say, weekday_words
from reservplan.settings import Settings
from reservplan.telling import MOST_NAMED, some
from reservplan.watch.incidents import Event, Turn
from reservplan.watch.problems import Cause, Problem

# A subject names so many groups; of more it tells the number.
MOST_IN_SUBJECT = 3
# A group's name is shown so far, and several together.
MOST_NAME_CHARACTERS = 40
MOST_NAMES_CHARACTERS = 100
# A store's name in full, or so much of it.
STORE_CHARACTERS = (16, 8)

# How a part of the subject may be said, and what it costs the reader where it is not said in full.
Ways = Sequence[tuple[int, str]]


def subject_of(event: Event, settings: Settings, now: datetime, sealed_at: datetime | None = None) -> str:
    """The wording that fits and tells most: names become counts and times shorter, day and severity always stay.

    `sealed_at` is the latest seal on the store, where it is known.
    """
    prefix, ending = _prefix(event, settings.language), _ending(event, settings, now)
    room = MOST_SUBJECT_CHARACTERS - len(prefix) - len(ending)
    wordings = _wordings(event, settings, now, sealed_at)
    fitting = (words for words in wordings if len(words) <= room)
    return f"{prefix}{next(fitting, None) or clipped(min(wordings, key=len), room)}{ending}"


def headline_of(event: Event, settings: Settings, now: datetime, sealed_at: datetime | None = None) -> str:
    """The same without its severity, in full."""
    return _wordings(event, settings, now, sealed_at)[0] + _ending(event, settings, now)


def cells_of(problem: Problem) -> tuple[Cell, ...]:
    """The copies that it concerns; where only files are known, those that they are copies of."""
    if problem.cells:
        return problem.cells
    named = (parse_artifact_name(path.rpartition("/")[2]) for path in problem.paths)
    return tuple(dict.fromkeys(Cell(one.plan_date, one.team) for one in named if one is not None))


def job_of(event: Event) -> str:
    """The DAG of the failed run that a problem is about, or empty."""
    note = event.problem.note if event.problem else None
    return f"reservplan_{note.job}" if note else ""


def clipped(words: str, most: int) -> str:
    """The words, or as many characters as there may be, with a sign that more follow."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def teams_words(teams: Sequence[str], settings: Settings, most: int = MOST_NAMED) -> str:
    """The first groups, and how many more there are; fewer where their names are long."""
    names = [clipped(team, MOST_NAME_CHARACTERS) for team in teams]
    while most > 1 and sum(map(len, names[:most])) > MOST_NAMES_CHARACTERS:
        most -= 1
    return some(names, settings.language, most)


def day_name(day: date, settings: Settings, now: datetime) -> str:
    """`i dag`, `i går`, `i morgon`, or `tis 24 nov`."""
    key = {-1: "alert.yesterday", 0: "alert.today", 1: "alert.tomorrow"}.get((day - local_day(now, settings.zone)).days)
    return say(settings.language, key) if key else date_name(day, settings)


def date_name(day: date, settings: Settings) -> str:
    """`tis 24 nov`."""
    return f"{weekday_words(settings.language, day)[:3]} {_short(day, settings)}"


def moment_name(instant: datetime, settings: Settings, now: datetime) -> str:
    """`i dag kl. 13:10`, `i går kl. 13:10`, `24 nov kl. 13:10`."""
    local = instant.astimezone(settings.zone)
    back = (local_day(now, settings.zone) - local.date()).days
    day = day_name(local.date(), settings, now) if back in (0, 1) else _short(local.date(), settings)
    return say(settings.language, "alert.moment", day=day, clock=f"{local:%H:%M}")


def span_words(days: Sequence[date], settings: Settings) -> str:
    """`20–24 nov`, `28 nov–2 dec`, `24 nov`: from the first to the last."""
    first, last = min(days), max(days)
    if first == last:
        return _short(first, settings)
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same else _short(first, settings)}–{_short(last, settings)}"


def spans_words(days: Iterable[date], settings: Settings) -> str:
    """`20–24 nov, 26 nov`: those that follow each other together."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == ONE_DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(span_words(run, settings) for run in runs)


def length_words(length: timedelta, language: str) -> str:
    """`2 h 30 min`, `1 d 4 h`: nobody asks for the minutes of days."""
    minutes = max(1, round(length / timedelta(minutes=1)))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [say(language, "alert.length_days", count=days)] if days else []
    parts += [f"{hours} h"] * bool(hours)
    parts += [f"{rest} min"] * bool(rest and not days)
    return " ".join(parts)


def _prefix(event: Event, language: str) -> str:
    if event.turn is Turn.CLOSED:
        return say(language, "alert.turn_closed")
    severity = event.problem.severity if event.problem else event.incident.severity
    return say(language, f"alert.turn_{event.turn}_{'critical' if severity is Severity.CRITICAL else 'info'}")


def _ending(event: Event, settings: Settings, now: datetime) -> str:
    if event.turn is not Turn.CLOSED:
        return ""
    ended_at = event.incident.gone_at or now
    return f" ({length_words(ended_at - event.incident.opened_at, settings.language)})"


def _wordings(event: Event, settings: Settings, now: datetime, sealed_at: datetime | None) -> list[str]:
    """From the one that tells most to the shortest."""
    key = f"alert.{'closed' if event.turn is Turn.CLOSED else 'subject'}_{event.incident.cause}"
    inside = "{store}" in WORDS[key][settings.language]
    job = job_of(event) or say(settings.language, "alert.a_run")
    costs: dict[str, int] = {}
    ways = (_who(event, settings), _days(event, settings, now), _since(event, settings, now, sealed_at))
    for parts in product(*ways, _stores(event, settings, inside=inside)):
        cost, (who, day, since, store) = sum(cost for cost, _ in parts), (words for _, words in parts)
        for_who = say(settings.language, "alert.for_who", who=who) if who else ""
        which = who or say(settings.language, "alert.copies_any")
        values = {
            "who": who,
            "which": which,
            "for_who": for_who,
            "day": day,
            "since": since,
            "store": store,
            "job": job,
        }
        words = say(settings.language, key, **values).strip(" :,")
        if store and not inside:
            words = say(settings.language, "alert.on", subject=words, store=store)
        costs[words] = min(cost, costs.get(words, cost))
    return sorted(costs, key=lambda words: costs[words])


def _stores(event: Event, settings: Settings, *, inside: bool) -> Ways:
    store = event.incident.store
    if not any(known.name == store for known in settings.stores):
        return [(0, "")]
    # Where there are several stores, which one says more than the names of groups.
    shorter = [(n, clipped(store, most)) for n, most in enumerate(STORE_CHARACTERS, 1)]
    if inside:
        return [(0, store), *shorter]
    return [(0, store), *shorter, (10, "")] if len(settings.stores) > 1 else [(0, store), (1, "")]


def _who(event: Event, settings: Settings) -> Ways:
    teams = _teams(event, settings)
    if not teams:
        return [(0, "")]
    counted = say(settings.language, "alert.groups" if len(teams) > 1 else "alert.groups_one", count=len(teams))
    if len(teams) > MOST_IN_SUBJECT:
        return [(0, counted)]
    named = [(len(teams) - most, teams_words(teams, settings, most)) for most in range(len(teams), 0, -1)]
    return [*named, (len(teams), counted)]


def _teams(event: Event, settings: Settings) -> tuple[str, ...]:
    problem = event.problem
    if problem is None:
        return event.incident.teams
    if problem.cause is Cause.UNKNOWN_TEAM:
        return problem.paths
    named = tuple(dict.fromkeys(cell.team for cell in cells_of(problem)))
    if problem.cause is Cause.NOT_SAVED and not named:
        return tuple(team.name for team in settings.teams)
    return named


def _days(event: Event, settings: Settings, now: datetime) -> Ways:
    days = sorted({cell.plan_date for cell in cells_of(event.problem)}) if event.problem else []
    today = local_day(now, settings.zone)
    if len(days) < 2:
        day = days[0] if days else local_day(event.incident.opened_at, settings.zone)
        return [(0, day_name(day, settings, now))]
    if today not in days:
        span = span_words(days, settings)
        return [(0, say(settings.language, "alert.days_many", count=len(days), span=span))]
    full = "alert.today_tomorrow" if days == [today, today + ONE_DAY] else "alert.days_more"
    return [(n, say(settings.language, key, count=len(days) - 1)) for n, key in enumerate((full, "alert.days_short"))]


def _short(day: date, settings: Settings) -> str:
    return f"{day.day} {month_words(settings.language, day)[:3]}"


def _since(event: Event, settings: Settings, now: datetime, sealed_at: datetime | None) -> Ways:
    def day_and_moment(begun: datetime) -> tuple[str, str]:
        day = day_name(local_day(begun, settings.zone), settings, now)
        return day, moment_name(begun, settings, now)

    note = event.problem.note if event.problem else None
    if event.incident.cause is Cause.RUN_FAILED and note is not None:
        day, moment = day_and_moment(note.failed_at)
        return [(0, moment), (3, day)]
    if event.incident.cause is not Cause.NOT_SAVED:
        day, moment = day_and_moment(event.incident.opened_at)
        return [(0, say(settings.language, "alert.since", moment=moment)), (1, moment), (3, day)]
    if sealed_at is None:
        day, moment = day_and_moment(_due_before(now, settings))
        return [(0, moment), (3, day)]
    return [
        (3 * n, say(settings.language, "alert.since", moment=words))
        for n, words in enumerate(reversed(day_and_moment(sealed_at)))
    ]


def _due_before(now: datetime, settings: Settings) -> datetime:
    """When the copies were last due."""
    today = local_day(now, settings.zone)
    due = datetime.combine(today, settings.schedule.due_by, settings.zone)
    return due if due <= now else datetime.combine(today - ONE_DAY, settings.schedule.due_by, settings.zone)
