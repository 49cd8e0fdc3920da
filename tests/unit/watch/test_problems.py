"""From what was found at the stores to problems: one a cause and store, with its reason."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from reservplan.domain.alerts import Severity
from reservplan.domain.errors import StoreUnreachable
from reservplan.domain.names import TEMP_PREFIX, TEMP_SUFFIX, manifest_name
from reservplan.domain.plan import Cell
from reservplan.domain.run_notes import RunNote
from reservplan.domain.verdict import Verdict
from reservplan.settings import Schedule, Team, Watch
from reservplan.watch import Coverage
from reservplan.watch.findings import unreachable
from reservplan.watch.problems import Cause, Problem, problems

from tests.unit.retain.shelf import STOCKHOLM
from tests.unit.watch.lookout import DAY, TEN, TODAY, ULLARED, Lookout
from tests.unit.watch.test_reasons import lacking, put_shortfalls
from tests.unit.watch.test_states import OPENS, overwritten

TOMORROW = TODAY + DAY
HOUR = timedelta(hours=1)
CRITICAL, INFO = Severity.CRITICAL, Severity.INFO


def at(clock: str, day: date = TOMORROW) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), STOCKHOLM)


def note(job: str = "snapshot", code: str = "source", failed_at: datetime = TEN, **changes: Any) -> RunNote:
    return RunNote(job=job, run_id="r", code=code, what="what", do="do", failed_at=failed_at, **changes)


def found(lookout: Lookout, *notes: RunNote, now: datetime = TEN) -> tuple[Problem, ...]:
    return problems([lookout.look(now)], notes, lookout.settings, now)


def causes(lookout: Lookout, *notes: RunNote, now: datetime = TEN) -> list[tuple[str, str]]:
    return [(problem.cause.value, problem.severity.value) for problem in found(lookout, *notes, now=now)]


def filled(lookout: Lookout, teams: Sequence[str] = ("Ullared",)) -> None:
    """Copies of all days but the window's oldest, so that none is too old the day after."""
    lookout.now = TEN
    lookout.changes = {"teams": tuple(Team(name=team) for team in teams), **lookout.changes}
    lookout.put_days([TODAY + n * DAY for n in range(-13, 4)], teams)


def confirmed(lookout: Lookout, now: datetime, teams: Sequence[str] = ("Ullared",)) -> None:
    """The copies from today on are known to be true now, but nothing was sealed."""
    for n in range(4):
        day = TODAY + n * DAY
        lookout.put_manifest(day, {t: lookout.put_cell(Cell(day, t), true_at=now) for t in teams})


def test_a_whole_store_has_no_problem(lookout: Lookout) -> None:
    filled(lookout)
    assert found(lookout) == ()


@pytest.mark.parametrize(("clock", "told"), [("05:59", False), ("06:00", True), ("06:30", True)])
def test_what_is_not_saved_by_the_time_it_is_due_is_critical(lookout: Lookout, clock: str, told: bool) -> None:
    filled(lookout)
    confirmed(lookout, at("04:50"))
    lookout.now = TEN
    assert causes(lookout, now=at(clock)) == ([("not_saved", "critical")] if told else [])


def test_three_hundred_groups_without_copies_are_one_problem(lookout: Lookout) -> None:
    teams = [f"Grupp {n}" for n in range(300)]
    lookout.changes = {"teams": tuple(Team(name=team) for team in teams)}
    (problem,) = found(lookout)
    assert (problem.cause, problem.severity, len(problem.teams)) == (Cause.NOT_SAVED, CRITICAL, 300)


def test_copies_that_grew_old_and_those_never_made_are_one_problem_today_first(lookout: Lookout) -> None:
    filled(lookout, ["Ullared", "Vessigebro"])
    (problem,) = found(lookout, now=at("09:00") - timedelta(hours=2))
    assert problem.cause is Cause.NOT_SAVED
    days = list(dict.fromkeys(cell.plan_date for cell in problem.cells))
    assert days == [TOMORROW + n * DAY for n in range(4)]


def test_a_snapshot_that_sealed_on_the_day_is_in_time(lookout: Lookout) -> None:
    filled(lookout)
    for n in (1, 2, 3, 4):
        lookout.now = at("09:00")
        lookout.put_days([TODAY + n * DAY], ["Ullared"], true_at=at("05:00"))
    assert causes(lookout, now=at("07:00")) == []


def test_a_snapshot_of_the_evening_before_is_due_the_next_morning(lookout: Lookout) -> None:
    filled(lookout)
    lookout.changes["schedule"] = Schedule(snapshot="0 22 * * *")
    assert causes(lookout, now=at("18:00", TODAY)) == [], "sealed at five, after ten the evening before"
    lookout.now = at("09:00")
    lookout.put_days([TODAY + n * DAY for n in range(1, 5)], ["Ullared"], true_at=at("05:00"))
    # Sealed at five that morning.
    assert causes(lookout, now=at("06:00")) == []
    confirmed(lookout, at("22:00"))
    assert ("not_saved", "critical") in causes(lookout, now=at("06:00", TOMORROW + DAY))


def test_on_days_without_a_snapshot_that_of_the_last_counts(lookout: Lookout) -> None:
    filled(lookout)
    # It runs on Tuesdays only, and what it made is not too old for a week.
    lookout.changes |= {"schedule": Schedule(snapshot="0 5 * * tue"), "stale_hours": 200,
                        "watch": Watch(latest_capture_hours=200)}  # fmt: skip
    (problem,) = found(lookout, now=at("09:00"))
    assert (problem.cause, problem.cells) == (Cause.MISSING, (Cell(TODAY + 4 * DAY, "Ullared"),))


def test_a_run_that_held_everything_back_has_been_there(lookout: Lookout) -> None:
    filled(lookout)
    read = lacking(captured_at=at("04:50"), judged_at=at("05:10"))
    put_shortfalls(lookout, {Cell(TODAY + n * DAY, "Ullared"): read for n in range(1, 5)})
    assert causes(lookout, now=at("06:30")) == [("incomplete", "critical")]


def test_a_run_that_has_nothing_to_seal_as_all_are_closed_is_no_fault(lookout: Lookout) -> None:
    # Wednesday's farthest day is Saturday.
    lookout.changes = {"teams": (Team(name="Ullared", closed=("sat", "sun")),), "stale_hours": 30}
    filled(lookout)
    assert (TOMORROW + 3 * DAY).weekday() == 5
    assert causes(lookout, now=at("09:00")) == []


def test_where_no_group_is_expected_nothing_is_late(lookout: Lookout) -> None:
    lookout.changes = {"teams": (Team(name="Ullared", active_from=TODAY + 30 * DAY),)}
    assert found(lookout) == ()


def test_a_snapshot_that_failed_for_good_is_told_before_copies_are_due(lookout: Lookout) -> None:
    filled(lookout)
    failed = note(failed_at=at("05:12"))
    (problem,) = found(lookout, failed, now=at("05:30"))
    assert (problem.cause, problem.severity, problem.note) == (Cause.NOT_SAVED, CRITICAL, failed)


def test_copies_that_grow_old_while_the_snapshot_has_its_time_are_not_told_yet(lookout: Lookout) -> None:
    filled(lookout)
    confirmed(lookout, at("15:30", TODAY))
    assert causes(lookout, now=at("05:45")) == [], "fourteen hours and a quarter"
    assert causes(lookout, now=at("06:00")) == [("not_saved", "critical")]
    confirmed(lookout, at("14:30", TODAY))
    assert causes(lookout, now=at("05:45")) == [("not_saved", "critical")], "too old before it began"


@pytest.mark.parametrize(("hours", "told"), [(25, False), (27, True)])
def test_a_latest_capture_that_is_too_old_is_critical(lookout: Lookout, hours: int, told: bool) -> None:
    # What the settings take for stale may be older.
    filled(lookout)
    lookout.changes["stale_hours"] = 26.5
    lookout.put_days([TODAY + n * DAY for n in range(4)], ["Ullared"], true_at=TEN - hours * HOUR)
    assert causes(lookout) == ([("not_saved", "critical")] if told else [])
    if told:
        assert "mer än 26 timmar" in " ".join(found(lookout)[0].words)


def test_a_group_without_copies_though_the_run_has_come_is_missing_and_asked_for(lookout: Lookout) -> None:
    filled(lookout, ["Ullared"])
    lookout.changes["teams"] = (Team(name="Ullared"), Team(name="Vessigebro"))
    (problem,) = found(lookout)
    assert (problem.cause, problem.teams, problem.heals) == (Cause.MISSING, ("Vessigebro",), True)


def test_a_store_that_is_away_is_that_and_nothing_else(lookout: Lookout) -> None:
    fault = StoreUnreachable("share does not answer.")
    finding = unreachable("share", fault, lookout.settings)
    seen = Coverage("share", "there", TEN, lookout.look().window, {}, (finding,))
    (problem,) = problems([seen], [note(code="store")], lookout.settings, TEN)
    assert (problem.cause, problem.severity, problem.words) == (Cause.STORE_AWAY, CRITICAL, (finding.words,))
    assert problem.note is not None


def test_a_deleted_file_is_missing_and_asked_for(lookout: Lookout) -> None:
    filled(lookout)
    lookout.path(TODAY - DAY).unlink()
    lookout.path(TODAY + 2 * DAY).unlink()
    (problem,) = found(lookout)
    assert (problem.cause, problem.severity, problem.heals) == (Cause.MISSING, INFO, True)
    assert [cell.plan_date - TODAY for cell in problem.cells] == [2 * DAY, -DAY]
    assert set(problem.paths) == {lookout.path(TODAY - DAY).name, lookout.path(TODAY + 2 * DAY).name}
    lookout.changes["watch"] = Watch(heal=False)
    assert not found(lookout)[0].heals


def test_a_deleted_file_of_today_is_critical(lookout: Lookout) -> None:
    filled(lookout)
    lookout.path(TODAY).unlink()
    assert causes(lookout) == [("missing", "critical")]


def test_a_file_that_does_not_open_is_damaged(lookout: Lookout) -> None:
    filled(lookout)
    overwritten(b"garbage", same_mtime=True)(lookout)
    assert causes(lookout) == [("damaged", "critical")]


def test_an_edited_file_is_told_of_as_that(lookout: Lookout) -> None:
    filled(lookout)
    overwritten(OPENS, same_mtime=False)(lookout)
    (problem,) = found(lookout)
    assert (problem.cause, problem.severity, problem.heals) == (Cause.EDITED, INFO, False)


def test_an_incomplete_copy_and_one_that_is_held_back_are_one_problem(lookout: Lookout) -> None:
    filled(lookout)
    lookout.put_manifest(TODAY, {"Ullared": lookout.put_cell(ULLARED, verdict=Verdict.INCOMPLETE)})
    put_shortfalls(lookout, {Cell(TOMORROW, "Ullared"): lacking()})
    (problem,) = found(lookout)
    assert (problem.cause, len(problem.words), len(problem.cells)) == (Cause.INCOMPLETE, 2, 2)


def test_a_day_that_was_read_and_holds_nothing_is_incomplete_not_gone(lookout: Lookout) -> None:
    filled(lookout, ["Ullared"])
    lookout.changes["teams"] = (Team(name="Ullared"), Team(name="Vessigebro", active_from=TODAY))
    every_day = [TODAY + n * DAY for n in range(4)]
    put_shortfalls(lookout, {Cell(day, "Vessigebro"): lacking(decision="no_visits") for day in every_day})
    assert causes(lookout) == [("incomplete", "critical")]


def test_a_day_whose_record_cannot_be_read_is_a_record(lookout: Lookout) -> None:
    filled(lookout)
    lookout.put_file(manifest_name(TODAY), b"{")
    (problem,) = found(lookout)
    assert (problem.cause, problem.heals) == (Cause.RECORD, False)


def test_each_cause_of_a_store_is_a_problem_of_its_own(lookout: Lookout) -> None:
    filled(lookout)
    lookout.clock_off = timedelta(minutes=20)
    lookout.put_file(f"{TEMP_PREFIX}run-x{TEMP_SUFFIX}", b"x")
    lookout.put_manifest(TODAY, {"Ullared": lookout.put_cell(ULLARED), "Okänd": lookout.put_cell(Cell(TODAY, "Okänd"))})
    assert sorted(causes(lookout)) == [("clock", "info"), ("stray", "info"), ("unknown_team", "info")]


def test_what_retention_refused_is_critical_and_why_old_files_lie_there(lookout: Lookout) -> None:
    filled(lookout)
    late = at("09:00")
    lookout.put_days([TODAY - 14 * DAY], ["Ullared"])
    lookout.now = late
    lookout.put_days([TODAY + n * DAY for n in range(1, 5)], ["Ullared"], true_at=at("05:00"))
    assert causes(lookout, now=late) == [("overdue", "info")]
    refused = note("retain", "retention")
    (problem,) = found(lookout, refused, now=late)
    assert (problem.cause, problem.store, problem.severity) == (Cause.RETENTION, "", CRITICAL)
    assert problem.note == refused
    assert problem.paths, "the files that lie there for it"


def test_a_failed_run_that_no_problem_tells_of_is_told_by_itself(lookout: Lookout) -> None:
    filled(lookout)
    later = note("refresh", failed_at=TEN)
    (problem,) = found(lookout, later)
    assert (problem.cause, problem.key, problem.severity, problem.note) == (
        Cause.RUN_FAILED, "run_failed:refresh", INFO, later,
    )  # fmt: skip


def test_two_failed_jobs_are_two_problems(lookout: Lookout) -> None:
    filled(lookout)
    keys = {problem.key for problem in found(lookout, note("refresh"), note("drill", "fault"))}
    assert keys == {"run_failed:refresh", "run_failed:drill"}


def test_a_failed_run_before_the_latest_seal_explains_nothing_more(lookout: Lookout) -> None:
    filled(lookout)
    past = note(failed_at=at("04:00", TODAY))
    assert found(lookout, past) == ()
    (problem,) = found(lookout, past, now=at("07:00"))
    assert (problem.cause, problem.note) == (Cause.NOT_SAVED, None)


def test_a_file_that_is_open_is_why_the_run_could_not_write_it(lookout: Lookout) -> None:
    filled(lookout)
    entry = lookout.put_cell(ULLARED)
    beside = lookout.put_cell(ULLARED, " (ny 0512)")
    stand_ins = tuple(
        new.model_copy(update={"stands_in_for": old.name})
        for new, old in zip(beside.artifacts, entry.artifacts, strict=True)
    )
    lookout.put_manifest(TODAY, {"Ullared": entry.model_copy(update={"artifacts": (*entry.artifacts, *stand_ins)})})
    unwritten = note(code="unwritten")
    (problem,) = found(lookout, unwritten)
    assert (problem.cause, problem.heals, problem.note) == (Cause.OPEN, True, unwritten)


def test_what_an_interrupted_run_left_unsealed_is_part_of_what_was_not_saved(lookout: Lookout) -> None:
    filled(lookout)
    lookout.now = at("05:00")
    day = TODAY + 4 * DAY
    lookout.put_intent(day, {"Ullared": lookout.put_cell(Cell(day, "Ullared"))})
    assert causes(lookout, now=at("07:30")) == [("not_saved", "critical")]


def test_each_store_has_its_own_problems_the_critical_first(lookout: Lookout) -> None:
    filled(lookout)
    lookout.path(TODAY - DAY).unlink()
    seen = lookout.look()
    away = unreachable("stick", StoreUnreachable("stick does not answer."), lookout.settings)
    stick = Coverage("stick", "there", TEN, seen.window, {}, (away,))
    keys = [problem.key for problem in problems([seen, stick], [], lookout.settings, TEN)]
    assert keys == ["store_away:stick", "missing:share"]


@pytest.mark.parametrize("day", [date(2022, 3, 27), date(2022, 10, 30)])
def test_the_deadline_is_on_the_wall_clock_also_when_the_clock_changes(lookout: Lookout, day: date) -> None:
    lookout.now = datetime.combine(day - DAY, time(10), STOCKHOLM)
    lookout.changes = {"teams": (Team(name="Ullared"),)}
    lookout.put_days([day + n * DAY for n in range(-2, 4)], ["Ullared"])
    for n in range(4):
        there = day + n * DAY
        lookout.put_manifest(there, {"Ullared": lookout.put_cell(Cell(there, "Ullared"), true_at=at("04:00", day))})
    assert causes(lookout, now=at("05:59", day)) == []
    assert causes(lookout, now=at("06:00", day).astimezone(UTC)) == [("not_saved", "critical")]
