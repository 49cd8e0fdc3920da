"""Coverage as people and programs read it: a table of groups by days for a terminal or a log, and JSON."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from reservplan.domain.days import utc_text
from reservplan.domain.plan import Cell
from reservplan.domain.shortfalls import Shortfall
from reservplan.domain.verdict import Reason
from reservplan.domain.words import WORDS, cell_words, moment_words, say, sentences, short_day_words, weekday_words
from reservplan.settings import Settings
from reservplan.telling import advice, alike
from reservplan.watch.looking import Coverage
from reservplan.watch.states import CellCoverage, State

# Longer tables repeat their heading, so that it is never off the screen.
ROWS_BETWEEN_HEADINGS = 20
MOST_CHARACTERS_OF_A_NAME = 28
# A past day is two letters; from today on the age follows: `ok  3h`.
PAST_WIDTH, PRESENT_WIDTH = 3, 8
# Above this many hours an age is told in days.
MOST_HOURS = 96
# What is wrong with all groups at once is told so far; the JSON has every cell.
MOST_LINES_OF_REASONS = 40


def coverage_table(coverages: Sequence[Coverage], settings: Settings) -> str:
    """Every store's groups by days in fixed width, what is wrong in words and why, and a legend at the end.

    Each state is two letters, capital where something is wrong; from today on, the age of what is known follows, after
    a `!` where a newer reading was held back.
    """
    lines = [line for found in coverages for line in (*_store(found, settings), "")]
    return "\n".join([*lines, *_legend(settings.language)])


def coverage_json(coverages: Sequence[Coverage]) -> dict[str, Any]:
    """The same for programs: instants in UTC, ages in hours; no person is in it."""
    return {"stores": [_store_json(found) for found in coverages]}


def _store(found: Coverage, settings: Settings) -> Iterator[str]:
    language = settings.language
    seen = moment_words(language, found.looked_at, settings.zone)
    yield say(language, "watch.heading", store=found.store, place=found.place, seen=seen)
    if found.cells:
        yield from _grid(found, settings)
        yield _totals(found, language)
        yield from _extent(found, language)
        yield from _reasons(found, settings)
        yield from _remarks(found, language)
    for finding in found.findings:
        yield f"{say(language, f'watch.{finding.severity}')} {finding.words}"
    if not found.findings:
        yield say(language, "watch.nothing_wrong")


def _grid(found: Coverage, settings: Settings) -> Iterator[str]:
    teams = list(dict.fromkeys(cell.team for cell in found.cells))
    order = {team.name: n for n, team in enumerate(settings.teams)}
    teams.sort(key=lambda team: order.get(team, len(order)))
    width = min(max(map(len, teams)), MOST_CHARACTERS_OF_A_NAME)
    for number, team in enumerate(teams):
        if number % ROWS_BETWEEN_HEADINGS == 0:
            yield from _headings(found, settings.language, width)
        cells = (_field(found, Cell(day, team), settings.language) for day in _shown_days(found))
        yield f"{_clipped(team, width):<{width}}{''.join(cells)}".rstrip()


def _shown_days(found: Coverage) -> list[date]:
    """The window without the days before the first that anybody is expected to have."""
    first = min(cell.plan_date for cell in found.cells)
    return [day for day in found.window if day >= min(first, found.window.today)]


def _headings(found: Coverage, language: str, width: int) -> Iterator[str]:
    days = _shown_days(found)
    today = say(language, "watch.today")
    yield "".join(
        [" " * width, *(_column(found, day, today if day == found.window.today else "") for day in days)]
    ).rstrip()
    yield "".join([" " * width, *(_column(found, day, weekday_words(language, day)[:2]) for day in days)]).rstrip()
    # The month stands once, and again where it changes.
    turns = [n == 0 or day.day == 1 for n, day in enumerate(days)]
    yield "".join([" " * width, *(_column(found, day, f"{day:%d}") for day in days)]).rstrip()
    if days[0].month != days[-1].month:
        yield "".join(
            [
                " " * width,
                *(_column(found, day, f"/{day.month}" if turn else "") for day, turn in zip(days, turns, strict=True)),
            ]
        ).rstrip()


def _column(found: Coverage, day: date, text: str) -> str:
    """Right of a gap; a little more before today, which is where everybody looks."""
    if day < found.window.today:
        return f" {text[:2]:<{PAST_WIDTH - 1}}"
    return f"  {text:<{PRESENT_WIDTH - 2}}"


def _field(found: Coverage, cell: Cell, language: str) -> str:
    covered = found.cells.get(cell)
    if covered is None:
        return _column(found, cell.plan_date, "")
    text = say(language, f"watch.short_{covered.state}")
    if cell.plan_date >= found.window.today and covered.true_at is not None:
        text = f"{text}{'!' if covered.held_back else ' '}{_age(found.looked_at - covered.true_at):>3}"
    return _column(found, cell.plan_date, text)


def _age(age: timedelta) -> str:
    hours = max(0, round(age / timedelta(hours=1)))
    return f"{hours}h" if hours <= MOST_HOURS else f"{round(hours / 24)}d"


def _clipped(team: str, width: int) -> str:
    return team if len(team) <= width else f"{team[: width - 1]}…"


def _totals(found: Coverage, language: str) -> str:
    states = [covered.state for covered in found.cells.values()]
    counted = [f"{states.count(state)} {say(language, f'watch.state_{state}')}" for state in State if state in states]
    held_back = sum(covered.held_back for covered in found.cells.values())
    totals = say(language, "watch.totals", cells=len(states), counted=", ".join(counted))
    return f"{totals} {say(language, 'watch.held_back', count=held_back)}" if held_back else totals


def _extent(found: Coverage, language: str) -> Iterator[str]:
    """How much lies there, and how old the oldest is that somebody would print from today on."""
    megabytes = ceil(found.bytes / 1_000_000)
    yield say(language, "watch.extent", files=found.files, megabytes=megabytes)
    oldest = found.oldest
    if oldest is not None and oldest.true_at is not None:
        age = _age(found.looked_at - oldest.true_at)
        day = short_day_words(language, oldest.cell.plan_date)
        yield say(language, "watch.oldest", age=age, team=oldest.cell.team, day=day)


def _reasons(found: Coverage, settings: Settings) -> Iterator[str]:
    """Why cells have no whole copy of the newest reading, what was done with it, and what to do about it.

    Of one day those that broke the same rules are told together.
    """
    language, today = settings.language, found.window.today
    wrong = [covered for covered in found.cells.values() if covered.is_finding and covered.why]
    # Today and the days to come in order, then the past, the latest first.
    wrong.sort(key=lambda c: (c.cell.plan_date < today, abs(c.cell.plan_date - today)))
    by_fate: dict[tuple[date, str], dict[Cell, Sequence[Reason]]] = {}
    for covered in wrong:
        by_fate.setdefault((covered.cell.plan_date, _done(covered, language)), {})[covered.cell] = covered.why
    groups = [(one, done) for (_, done), reasons in by_fate.items() for one in alike(reasons)]
    if groups:
        yield say(language, "watch.reasons")
    for one, done in groups[:MOST_LINES_OF_REASONS]:
        (line,) = one.lines(language, most=1)
        yield f"  {line}{f' [{done}]' if done else ''}"
    if rest := sum(len(one.texts) for one, _ in groups[MOST_LINES_OF_REASONS:]):
        yield f"  {say(language, 'watch.more_lines', count=rest)}"
    if told := advice(settings, (code for one, _ in groups for code in one.codes)):
        yield f"  {told}"


def _done(covered: CellCoverage, language: str) -> str:
    """What publishing did with the reading, as far as the state does not say it already."""
    if covered.state is State.MISSING:
        return say(language, "watch.nothing_made") if covered.verdict is None else ""
    decision = covered.latest.decision if covered.latest else ""
    # A newer version may have noted a decision that this one has no words for.
    if decision.startswith("kept") or covered.verdict is None or covered.verdict.whole:
        return WORDS.get(f"publish.{decision}", {}).get(language, "")
    return say(language, "watch.lies_marked")


def _remarks(found: Coverage, language: str) -> Iterator[str]:
    """How many copies from today on have each remark, with one of them as the example."""
    alike: dict[str, list[tuple[Cell, Reason]]] = {}
    for covered in found.cells.values():
        if covered.state is State.REMARKS and covered.cell.plan_date >= found.window.today:
            for reason in covered.reasons:
                alike.setdefault(reason.code, []).append((covered.cell, reason))
    if alike:
        yield say(language, "watch.remarks")
    for those in sorted(alike.values(), key=lambda those: -len(those)):
        cell, reason = those[0]
        words = f"{cell_words(language, cell)}: {sentences([reason.text])}"
        yield f"  {say(language, 'watch.remark_of_many', count=len(those), words=words) if len(those) > 1 else words}"


def _legend(language: str) -> Iterator[str]:
    entries = [f"{say(language, f'watch.short_{state}')} = {say(language, f'watch.state_{state}')}" for state in State]
    yield say(language, "watch.legend", entries=", ".join(entries))


def _store_json(found: Coverage) -> dict[str, Any]:
    return {
        "store": found.store,
        "place": found.place,
        "looked_at": utc_text(found.looked_at),
        "today": found.window.today.isoformat(),
        "reachable": found.reachable,
        "good": found.good,
        "files": found.files,
        "bytes": found.bytes,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "words": finding.words,
                "cells": [{"plan_date": cell.plan_date.isoformat(), "team": cell.team} for cell in finding.cells],
                "paths": list(finding.paths),
            }
            for finding in found.findings
        ],
        "cells": [_cell_json(covered, found.looked_at) for covered in found.cells.values()],
    }


def _cell_json(covered: CellCoverage, looked_at: datetime) -> dict[str, Any]:
    true_at = covered.true_at
    return {
        "plan_date": covered.cell.plan_date.isoformat(),
        "team": covered.cell.team,
        "state": covered.state.value,
        "verdict": covered.verdict.value if covered.verdict else None,
        "visits": covered.visits,
        "true_at": utc_text(true_at) if true_at else None,
        "age_hours": round((looked_at - true_at) / timedelta(hours=1), 1) if true_at else None,
        "reasons": _reasons_json(covered.reasons),
        "files": list(covered.files),
        "held_back": covered.held_back,
        "latest": _latest_json(covered.latest) if covered.latest else None,
    }


def _latest_json(latest: Shortfall) -> dict[str, Any]:
    return {
        "captured_at": utc_text(latest.captured_at),
        "visits": latest.visits,
        "decision": latest.decision,
        "reasons": _reasons_json(latest.reasons),
    }


def _reasons_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [{"code": r.code, "count": r.count, "text": r.text, "severity": r.severity.value} for r in reasons]
