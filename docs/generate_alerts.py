"""Writes docs/runbooks/alerts.md, every alert with a made-up example, from the code that writes them: `make docs`.

A test compares the page with the code.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from reservplan.domain.alerts import Alert, Severity
from reservplan.domain.days import Window
from reservplan.domain.names import stood_in_for
from reservplan.domain.plan import Cell
from reservplan.domain.run_notes import RunNote
from reservplan.domain.verdict import Reason, Verdict
from reservplan.domain.words import say
from reservplan.settings import Settings, StoreSettings, load
from reservplan.telling import contact_words
from reservplan.watch.diagnosis import Answer, Probed, diagnose
from reservplan.watch.findings import Finding
from reservplan.watch.incidents import Event, Incident, Turn
from reservplan.watch.looking import Coverage
from reservplan.watch.messages import message_of, runbook_of
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.states import CellCoverage, State

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "runbooks" / "alerts.md"

NOW = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
THIS_MORNING = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
YESTERDAY = THIS_MORNING - timedelta(days=1)

HEAD = """\
# The alerts

Made by `make docs` from the code that writes them; do not edit it by hand. Days, groups and numbers are made up.

Each tells what has happened, what that means for staff, why, what to check and do, and whom to call; the last one says
that all is well again. What lasts is one incident a store and cause: told when it opens, again when it gets worse, at
most daily while it stays, and once when it has ended. **LARM** (alarm): somebody who prints today or tomorrow would
miss something. **Obs** (note): all else. An alert goes out as text and as HTML with the same content; it names groups,
days and files, never a person.
"""
TITLES = {
    Cause.STORE_AWAY: "A store cannot be reached",
    Cause.NOT_SAVED: "The plan was not saved",
    Cause.MISSING: "Copies are gone",
    Cause.DAMAGED: "Copies are damaged",
    Cause.EDITED: "Somebody has edited a copy",
    Cause.INCOMPLETE: "The plan is incomplete",
    Cause.OPEN: "A file is open",
    Cause.RECORD: "A record is damaged",
    Cause.RETENTION: "Retention refuses",
    Cause.OVERDUE: "Files are too old",
    Cause.CLOCK: "A clock is wrong",
    Cause.STRAY: "Unknown files",
    Cause.UNKNOWN_TEAM: "An unknown group",
    Cause.NOT_HEALED: "What could not be mended",
    Cause.RUN_FAILED: "A run has failed",
    Cause.AIRFLOW: "Airflow is not well",
}


WELL = Probed(Answer.OK, Answer.OK, Answer.OK, Answer.OK, Answer.OK, {"share": Answer.OK})


@dataclass(frozen=True)
class Example:
    """What an alert is made of, but for its turn."""

    problem: Problem
    probed: Probed = WELL
    healing: bool = False
    open_files: tuple[str, ...] = ()
    coverages: tuple[Coverage, ...] = ()


@cache
def example_settings(language: str, *, with_stick: bool = False) -> Settings:
    """The example configuration, with Airflow's address, in the language."""
    settings = load(PROJECT / "config" / "reservplan.yaml")
    stick = StoreSettings(name="stick", kind="folder", folder="/media/reservplan", shown_as="USB-minnet på kontoret")
    return settings.model_copy(
        update={
            "language": language,
            "stores": (*settings.stores, stick) if with_stick else settings.stores,
            "watch": settings.watch.model_copy(update={"airflow": "https://airflow.example.org"}),
        }
    )


def example_of(cause: Cause, settings: Settings) -> Example:
    """The made-up example of a cause."""
    return _EXAMPLES[cause](settings)


def alert_of(cause: Cause, turn: Turn, settings: Settings) -> Alert:
    """The alert that the example's turn is told by."""
    example = example_of(cause, settings)
    problem = example.problem
    return message_of(
        Event(turn, incident_of(problem), None if turn is Turn.CLOSED else problem),
        None if turn is Turn.CLOSED else diagnose(problem, example.probed, settings, NOW),
        settings,
        NOW,
        healing=example.healing,
        open_files=example.open_files,
        coverages=example.coverages,
    )


def incident_of(problem: Problem) -> Incident:
    """The incident of a problem that has been there for two and a half hours."""
    return Incident(
        cause=problem.cause,
        store=problem.store,
        severity=problem.severity,
        opened_at=NOW - timedelta(hours=2, minutes=30),
        seen_at=NOW,
        told_at=NOW - timedelta(hours=2, minutes=30),
        teams=problem.teams,
        cells=len(problem.cells),
    )


def example_coverage(settings: Settings, store: str = "share") -> Coverage:
    """A store that holds all of the window, saved this morning."""
    window = Window(TODAY, settings.window.days_back, settings.window.days_ahead)
    cells = {
        Cell(day, team.name): CellCoverage(Cell(day, team.name), State.OK, THIS_MORNING, Verdict.COMPLETE)
        for day in window
        for team in settings.teams
    }
    return Coverage(store, store, NOW, window, cells, (), sealed_at=THIS_MORNING)


def _with(found: Coverage, cells: Sequence[CellCoverage], words: str = "") -> Coverage:
    finding = Finding("cells", Severity.CRITICAL, words, tuple(one.cell for one in cells))
    return replace(found, cells={**found.cells, **{one.cell: one for one in cells}}, findings=(finding,))


def _cells(days: Sequence[int], teams: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(Cell(TODAY + timedelta(days=number), team) for number in days for team in teams)


def _store_away(settings: Settings) -> Example:
    fault = "The file server files.example.org has not answered for 15 seconds."
    words = say(
        settings.language, "watch.unreachable", store="share", fault=fault, it_service="IT-service 0346-88 55 55"
    )
    problem = Problem(Cause.STORE_AWAY, "share", Severity.CRITICAL, (words,))
    elsewhere = (example_coverage(settings, "stick"),) if len(settings.stores) > 1 else ()
    return Example(problem, replace(WELL, stores={"share": Answer.SILENT}), coverages=elsewhere)


def _not_saved(settings: Settings) -> Example:
    cells = _cells((0, 1, 2), [team.name for team in settings.teams])
    note = RunNote(
        job="snapshot",
        run_id="scheduled__2026-11-24T04:00:00+00:00",
        task_id="extract",
        code="source_late",
        what="The newest export, planering.csv, was saved 49 hours ago.",
        do="",
        plan_dates=(TODAY,),
        failed_at=datetime(2026, 11, 24, 4, 55, tzinfo=UTC),
        tries=2,
    )
    old = [CellCoverage(cell, State.STALE, YESTERDAY, Verdict.COMPLETE) for cell in cells]
    found = replace(_with(example_coverage(settings), old), sealed_at=YESTERDAY)
    problem = Problem(Cause.NOT_SAVED, "share", Severity.CRITICAL, (), cells, note=note)
    return Example(problem, replace(WELL, source=Answer.WRONG), coverages=(found,))


def _missing(settings: Settings) -> Example:
    cells = _cells((0, 1), ("Ullared",))
    gone = [
        CellCoverage(cell, State.MISSING, THIS_MORNING, Verdict.COMPLETE, files=tuple(_names(cell))) for cell in cells
    ]
    problem = Problem(Cause.MISSING, "share", Severity.CRITICAL, (), cells, heals=True)
    coverages = [_with(example_coverage(settings), gone)]
    if len(settings.stores) > 1:
        coverages.append(example_coverage(settings, "stick"))
    return Example(problem, healing=True, coverages=tuple(coverages))


def _names(cell: Cell) -> Iterator[str]:
    for word in ("Brukarschema", "Översiktsschema"):
        for fmt in ("pdf", "xlsx"):
            yield f"{cell.plan_date:%y%m%d} {word} {cell.team}.{fmt}"


def _damaged(settings: Settings) -> Example:
    cells = _cells((0,), ("Ullared", "Glommen"))
    broken = [CellCoverage(cell, State.DAMAGED, THIS_MORNING, Verdict.COMPLETE) for cell in cells]
    problem = Problem(Cause.DAMAGED, "share", Severity.CRITICAL, (), cells, heals=True)
    return Example(problem, healing=True, coverages=(_with(example_coverage(settings), broken),))


def _edited(settings: Settings) -> Example:
    cells = _cells((0,), ("Ullared",))
    edited = [CellCoverage(cell, State.EDITED, THIS_MORNING, Verdict.COMPLETE) for cell in cells]
    problem = Problem(Cause.EDITED, "share", Severity.INFO, (), cells)
    return Example(problem, coverages=(_with(example_coverage(settings), edited),))


def _incomplete(settings: Settings) -> Example:
    (cell,) = _cells((0,), ("Ullared",))
    text = {"sv": "61 besök, brukar vara 204–221", "en": "61 visits, usually 204–221"}[settings.language]
    reason = Reason(
        code="far_fewer_than_usual",
        text=text,
        severity=Verdict.INCOMPLETE,
    )
    short = CellCoverage(cell, State.INCOMPLETE, THIS_MORNING, Verdict.INCOMPLETE, 61, (reason,))
    problem = Problem(Cause.INCOMPLETE, "share", Severity.CRITICAL, (), (cell,))
    return Example(problem, coverages=(_with(example_coverage(settings), [short]),))


def _open(settings: Settings) -> Example:
    path = "261124 Brukarschema Ullared (ny 0512).pdf"
    problem = Problem(Cause.OPEN, "share", Severity.INFO, (), paths=(path,))
    who = say(settings.language, "open.by", store="share", path=stood_in_for(path), who="…")
    return Example(problem, open_files=(who,))


def _record(settings: Settings) -> Example:
    fault = ".reservplan/261124.json cannot be read."
    words = say(settings.language, "watch.record", store="share", fault=fault)
    return Example(Problem(Cause.RECORD, "share", Severity.INFO, (words,)))


def _retention(settings: Settings) -> Example:
    language, code = settings.language, "3f9ac1e07b2d45"
    what = say(language, "retain.refused_many", store="share", days=9, limit=5)
    command = f"reservplan retain --store share --apply --confirm {code}"
    do = f"{say(language, 'retain.nothing_removed')} {say(language, 'retain.confirm', command=command, code=code)}"
    failed_at = NOW - timedelta(hours=1)
    note = RunNote(job="retain", run_id="r", task_id="plan", code="retention", what=what, do=do, failed_at=failed_at)
    return Example(Problem(Cause.RETENTION, "share", Severity.CRITICAL, (), note=note))


def _overdue(settings: Settings) -> Example:
    names = ("261108 Brukarschema Ullared.pdf", "261108 Brukarschema Ullared.xlsx")
    words = say(settings.language, "watch.overdue", store="share", count=2, days=14, names=", ".join(names))
    return Example(Problem(Cause.OVERDUE, "share", Severity.INFO, (words,), paths=names))


def _clock(settings: Settings) -> Example:
    words = say(
        settings.language,
        "watch.clock",
        store="share",
        minutes=12,
        it_service=contact_words(settings.contacts.it_service),
    )
    return Example(Problem(Cause.CLOCK, "share", Severity.INFO, (words,)))


def _stray(settings: Settings) -> Example:
    names = ("261124 Brukarschema ….pdf",)
    words = say(settings.language, "watch.stray", store="share", count=1, names=names[0])
    return Example(Problem(Cause.STRAY, "share", Severity.INFO, (words,), paths=names))


def _unknown_team(settings: Settings) -> Example:
    words = say(settings.language, "watch.unknown_team", store="share", names="Fegen")
    return Example(Problem(Cause.UNKNOWN_TEAM, "share", Severity.INFO, (words,), paths=("Fegen",)))


def _not_healed(settings: Settings) -> Example:
    example = _missing(settings)
    problem = replace(example.problem, cause=Cause.NOT_HEALED, heals=False)
    return replace(example, problem=problem, healing=False)


def _run_failed(_: Settings) -> Example:
    failed_at = NOW - timedelta(hours=4)
    run_id = "scheduled__2026-11-24T00:30:00+00:00"
    note = RunNote(job="verify", run_id=run_id, task_id="verify", code="late", failed_at=failed_at)
    return Example(Problem(Cause.RUN_FAILED, "", Severity.INFO, (), note=note))


def _airflow(_: Settings) -> Example:
    return Example(Problem(Cause.AIRFLOW, "", Severity.CRITICAL, ()))


_EXAMPLES: dict[Cause, Callable[[Settings], Example]] = {
    Cause.STORE_AWAY: _store_away,
    Cause.NOT_SAVED: _not_saved,
    Cause.MISSING: _missing,
    Cause.DAMAGED: _damaged,
    Cause.EDITED: _edited,
    Cause.INCOMPLETE: _incomplete,
    Cause.OPEN: _open,
    Cause.RECORD: _record,
    Cause.RETENTION: _retention,
    Cause.OVERDUE: _overdue,
    Cause.CLOCK: _clock,
    Cause.STRAY: _stray,
    Cause.UNKNOWN_TEAM: _unknown_team,
    Cause.NOT_HEALED: _not_healed,
    Cause.RUN_FAILED: _run_failed,
    Cause.AIRFLOW: _airflow,
}


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([HEAD, *_overview(), "", *(line for cause in Cause for line in _section(cause))])


def _overview() -> Iterator[str]:
    yield from ("| alert | subject, for example | runbook |", "| --- | --- | --- |")
    settings = example_settings("sv")
    for cause in Cause:
        anchor = TITLES[cause].lower().replace(" ", "-")
        subject = alert_of(cause, Turn.OPENED, settings).subject
        yield f"| [{TITLES[cause]}](#{anchor}) | {subject} | {_link(cause)} |"


def _link(cause: Cause) -> str:
    name = runbook_of(cause).rpartition("/")[2]
    return f"[{name}]({name})"


def _section(cause: Cause) -> Iterator[str]:
    swedish, english = example_settings("sv"), example_settings("en")
    yield from (f"## {TITLES[cause]}", "", f"Step by step: {_link(cause)}", "")
    yield from ("| when | subject | in English |", "| --- | --- | --- |")
    for turn in Turn:
        subjects = (alert_of(cause, turn, settings).subject for settings in (swedish, english))
        yield f"| {turn} | {' | '.join(subjects)} |"
    for turn in (Turn.OPENED, Turn.CLOSED):
        yield from ("", "```text", alert_of(cause, turn, swedish).plain.rstrip(), "```")
    yield from ("", "<details><summary>In English</summary>")
    for turn in (Turn.OPENED, Turn.CLOSED):
        yield from ("", "```text", alert_of(cause, turn, english).plain.rstrip(), "```")
    yield from ("", "</details>", "")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
