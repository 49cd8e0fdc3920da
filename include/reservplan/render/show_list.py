"""The list (Brukarschema): a first page for the coordinator, then each employee on a new page."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from reservplan.domain.days import ONE_DAY
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import Unreadable
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import say, short_day_words
from reservplan.render.lettering import clean
from reservplan.render.team_day import Colleague, Shift, TeamDay, Visit, Worker
from reservplan.settings import Contact, Settings

# Beyond these, unreadable rows are named by number only: page 1 must stay a page.
UNREADABLE_WITH_TIME = 120
UNREADABLE_RANGES = 300

COLLEAGUES_LIMIT = 400

_LABELS = (
        "activities", "added", "added_by", "address", "after_midnight_short", "call", "client", "client_phone",
    "details", "deviation", "do", "done_from", "done_to", "employee", "end", "information", "no_visits", "phone",
    "register", "shift", "signature", "staff", "staff_more", "start", "taken_by", "time", "unassigned",
    "unreadable_do", "unreadable_short",
)  # fmt: skip


def show_list(day: TeamDay, judgement: Judgement, settings: Settings, *, created_afterwards: bool) -> dict[str, Any]:
    """What is the list's own; the frame of every page comes from `show`."""
    language = settings.language
    compact = settings.paper.list_form == "compact"
    unassigned = [_row(visit, language) for visit in day.unassigned]
    return {
        "labels": {name: say(language, f"paper.{name}") for name in _LABELS},
        "sheet": say(language, "paper.sheet", number="{number}", count="{count}"),
        "calls_on_page": say(language, "paper.calls_on_page", page="{page}"),
        "front": {
            "verdict_says": _verdict_says(judgement.verdict, settings),
            "reasons": [clean(reason.text) for reason in judgement.reasons],
            "counts": say(
                language,
                "paper.counts",
                visits=judgement.visits,
                employees=judgement.employees,
                unassigned=judgement.unassigned,
                cancelled=judgement.cancelled,
            ),
            "steps": _steps(judgement, language, compact=compact, created_afterwards=created_afterwards),
            "afterwards": [say(language, f"paper.register_{number}") for number in (1, 2, 3)],
            "try_first": say(language, "paper.try_first"),
            "other_page": clean(settings.routine.other_page),
            "calls": _calls(day, settings),
            "unassigned_heading": _unassigned_heading(day, judgement, language),
            "unassigned": unassigned,
            "unreadable_heading": say(language, "paper.unreadable", count=len(day.unreadable)),
            "unreadable": _unreadable(day.unreadable, language),
            "staff": [_staff(worker, language) for worker in day.workers],
            "staff_sum": _staff_sum(day, language),
        },
        "employees": [_employee(worker, day, language) for worker in day.workers if worker.visits],
        **({"compact": True} if compact else {}),
        "empty": not unassigned and not any(worker.visits for worker in day.workers),
    }


def _verdict_says(verdict: Verdict, settings: Settings) -> str:
    """What the verdict means; whom to ask by number, where there is one, if the list must not be trusted."""
    says = say(settings.language, f"paper.verdict_says_{verdict.value}")
    planner = settings.contacts.planner
    if verdict is not Verdict.INCOMPLETE or not planner.phone:
        return says
    return f"{says} {clean(planner.name)}: {clean(planner.phone)}."


def _steps(judgement: Judgement, language: str, *, compact: bool, created_afterwards: bool) -> list[str]:
    keys = ["do_1", "do_2", "do_3_compact" if compact else "do_3"]
    if judgement.verdict is Verdict.INCOMPLETE:
        keys.insert(0, "do_incomplete")
    if created_afterwards:
        keys = ["do_afterwards"]
    return [say(language, f"paper.{key}") for key in keys]


def _unassigned_heading(day: TeamDay, judgement: Judgement, language: str) -> str:
    """How many nobody has; those after midnight are counted on the next day, but somebody must take them tonight."""
    repeats = sum(visit.repeat and not visit.other for visit in day.unassigned)
    key = "unassigned_visits_and" if repeats else "unassigned_visits"
    return say(language, f"paper.{key}", count=judgement.unassigned, repeats=repeats)


def _staff_sum(day: TeamDay, language: str) -> str:
    """How the table's visits add up to those of the plan, so that a missing page is noticed."""
    assigned = sum(worker.counted for worker in day.workers)
    unassigned = sum(not visit.repeat and not visit.other for visit in day.unassigned)
    return say(language, "paper.staff_sum", assigned=assigned, unassigned=unassigned, visits=assigned + unassigned)


def _calls(day: TeamDay, settings: Settings) -> list[dict[str, str]]:
    """Whom to call, by what is wrong."""
    contacts = settings.contacts
    team = settings.team(day.cell.team)
    calls = [
        ("paper.call_it", contacts.it_service),
        ("paper.call_vendor", contacts.vendor),
        ("paper.call_planner", contacts.planner),
    ]
    if team is not None and team.phone:
        calls.append(("paper.call_team", Contact(name=team.name, phone=team.phone)))
    return [
        {
            "when": say(settings.language, key),
            "name": clean(contact.name),
            "phone": clean(contact.phone),
            "more": clean(", ".join(part for part in (contact.email, contact.hours, contact.hint) if part)),
        }
        for key, contact in calls
    ]


def _unreadable(rows: Sequence[Unreadable], language: str) -> list[str]:
    ordered = sorted(rows, key=lambda row: (row.file, row.row))
    shown = [
        say(language, "paper.row_time", row=row.row, raw=clean(row.raw_time, 40))
        if row.raw_time.strip()
        else say(language, "paper.row", row=row.row)
        for row in ordered[:UNREADABLE_WITH_TIME]
    ]
    rest = _ranges(sorted({row.row for row in ordered[UNREADABLE_WITH_TIME:]}))
    if rest:
        more = ", ".join(rest[:UNREADABLE_RANGES]) + (" …" if len(rest) > UNREADABLE_RANGES else "")
        shown.append(say(language, "paper.rows_more", rows=more))
    return shown


def _ranges(numbers: Iterable[int]) -> list[str]:
    """`[3, 4, 5, 9]` as `["3–5", "9"]`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return [str(first) if first == last else f"{first}–{last}" for first, last in spans]


def counted(visits: Iterable[Visit], language: str) -> str:
    """`5 besök`, or `5 besök + 6 efter midnatt`: those are counted on the next day, and done in this night."""
    return " + ".join(filter(None, _counts(visits, language)))


def _counts(visits: Iterable[Visit], language: str) -> tuple[str, str]:
    """How many are counted on this day, and how many come after its midnight, "" where none do."""
    printed = [visit for visit in visits if not visit.other]
    repeats = sum(visit.repeat for visit in printed)
    own = len(printed) - repeats
    return (
        say(language, "paper.visits_one") if own == 1 else say(language, "paper.visits", count=own),
        say(language, "paper.count_after_midnight", count=repeats) if repeats else "",
    )


def _staff(worker: Worker, language: str) -> dict[str, str]:
    own, after_midnight = _counts(worker.visits, language)
    return {
        "name": worker.name,
        "shift": shifts_in_words(worker, language),
        "night": _night_from(worker.night_from, language) if worker.night_from else "",
        "times": " · ".join(clock_span(shift.start, shift.end) for shift in worker.shifts),
        "phone": worker.phone,
        "visits": own if worker.visits else say(language, "paper.no_visits_short"),
        "after_midnight": after_midnight,
    }


def shifts_in_words(worker: Worker, language: str) -> str:
    """`21:00–07:00, nattpass från tisdag 21 juni · 21:00–07:00`."""
    parts = [_night_from(worker.night_from, language)] if worker.night_from else []
    parts += [clock_span(shift.start, shift.end) for shift in worker.shifts]
    return " · ".join(parts)


def _night_from(night: Shift, language: str) -> str:
    words = say(language, "paper.night_from", day=short_day_words(language, night.plan_date))
    return f"{words} {clock_span(night.start, night.end)}"


def _employee(worker: Worker, day: TeamDay, language: str) -> dict[str, Any]:
    routes = sorted({visit.route for visit in worker.visits if visit.route})
    one_route = routes[0] if len(routes) == 1 else ""
    shift = shifts_in_words(worker, language)
    facts = [
        say(language, "paper.shift_times", times=shift) if shift and worker.night_from is None else shift,
        worker.phone,
        counted(worker.visits, language),
        one_route,
    ]
    return {
        "name": worker.name,
        "facts": " · ".join(fact for fact in facts if fact),
        "shift": shift,
        "phone": worker.phone,
        "parts": [part for part in _parts(worker, day, language, bool(one_route)) if part["rows"]],
    }


def _parts(worker: Worker, day: TeamDay, language: str, one_route: bool) -> Iterable[dict[str, Any]]:
    """The employee's visits in time order; a heading only where a night splits them."""
    night = worker.night_from
    tomorrow = short_day_words(language, day.cell.plan_date + ONE_DAY)

    def rows(visits: Iterable[Visit]) -> list[dict[str, Any]]:
        return [_row(visit, language, show_route=not one_route) for visit in visits]

    yield {"heading": _night_from(night, language) if night else "", "rows": rows(worker.from_last_night)}
    # What comes after last night's visits must not be taken for one of them.
    yield {"heading": _today(worker, day, language) if night else "", "rows": rows(worker.today)}
    yield {"heading": say(language, "paper.after_midnight", day=tomorrow), "rows": rows(worker.after_midnight)}


def _today(worker: Worker, day: TeamDay, language: str) -> str:
    times = " · ".join(clock_span(shift.start, shift.end) for shift in worker.shifts)
    if times:
        return say(language, "paper.shift_times", times=times)
    return say(language, "paper.outside_shift", day=short_day_words(language, day.cell.plan_date))


def _row(visit: Visit, language: str, show_route: bool = True) -> dict[str, Any]:
    after = say(language, "paper.after_midnight", day=short_day_words(language, visit.plan_date))
    return {
        "start": f"{visit.start:%H:%M}",
        "end": f"{visit.end:%H:%M}",
        "marks": clock_marks(visit.start, language),
        "after_midnight": after if visit.repeat else "",
        "priority": say(language, "paper.priority", priority=visit.priority) if visit.priority else "",
        "urgent": visit.priority == "1",
        "client": visit.client,
        "address": visit.address,
        "phone": visit.phone,
        "activities": visit.activities,
        "access": visit.access,
        "double": double_words(visit, language),
        "note": visit.note,
        "route": visit.route if show_route else "",
        "other": visit.other,
    }


def double_words(visit: Visit, language: str) -> str:
    """With whom the visit is done, "" where it is done alone."""
    if not visit.double_staffing_id or visit.other:
        return ""
    if not visit.colleagues:
        return say(language, "paper.double_alone")
    names = dict.fromkeys(_colleague(colleague, visit, language) for colleague in visit.colleagues)
    return clean(say(language, "paper.double", colleagues=", ".join(names)), COLLEAGUES_LIMIT)


def _colleague(colleague: Colleague, visit: Visit, language: str) -> str:
    name = colleague.name or say(language, "paper.colleague_unassigned")
    apart = [
        colleague.team,
        f"{colleague.start:%H:%M}" if colleague.start.timestamp() != visit.start.timestamp() else "",
    ]
    more = ", ".join(part for part in apart if part)
    return f"{name} ({more})" if more else name


def clock_span(start: datetime, end: datetime) -> str:
    """`07:00–16:00`."""
    return f"{start:%H:%M}–{end:%H:%M}"


def clock_marks(instant: datetime, language: str) -> list[str]:
    """Which of the two it is, for a time that comes twice in the autumn night."""
    offsets = {instant.replace(fold=fold).utcoffset() for fold in (0, 1)}
    there_and_back = instant.astimezone(UTC).astimezone(instant.tzinfo)
    if len(offsets) == 1 or there_and_back.replace(tzinfo=None) != instant.replace(tzinfo=None):
        return []
    return [say(language, "paper.mark_summer_time" if instant.dst() else "paper.mark_winter_time")]
