"""Where the plan of each cell comes from: decided purely, a test for each case."""

from datetime import UTC, date, datetime, timedelta

from reservplan.archive import ArchivedCell, Capture
from reservplan.domain.plan import Cell
from reservplan.domain.verdict import Verdict
from reservplan.plan_sources import captures_of, choose, empty_plan

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)
FIVE = datetime(2026, 11, 22, 4, tzinfo=UTC)
SIXTEEN = FIVE + timedelta(hours=11)
WHOLE, LACKING = Verdict.COMPLETE, Verdict.INCOMPLETE
ULLARED, GLOMMEN = Cell(YESTERDAY, "Ullared"), Cell(YESTERDAY, "Glommen")


def capture(name: str, at: datetime, *, day: date = YESTERDAY, visits: int = 9, **verdicts: Verdict) -> Capture:
    cells = {team: ArchivedCell(captured_at=at, verdict=verdict, visits=visits) for team, verdict in verdicts.items()}
    return Capture(
        plan_date=day, capture_id=name, captured_at=at, read_at=at, source="plan.csv", raw_sha256="0", cells=cells
    )


def test_today_and_coming_days_are_read_from_the_export_whatever_the_archive_holds() -> None:
    cell = Cell(TODAY, "Ullared")
    choice = choose([cell], {TODAY: [capture("a", FIVE, day=TODAY, Ullared=WHOLE)]}, TODAY)
    assert (choice.exported, choice.archived) == ((cell,), {})


def test_without_the_export_today_comes_from_the_archive_too() -> None:
    cell = Cell(TODAY, "Ullared")
    captures = {TODAY: [capture("a", FIVE, day=TODAY, Ullared=WHOLE)]}
    choice = choose([cell], captures, TODAY, from_archive=True)
    assert (choice.exported, choice.archived) == ((), {(TODAY, "a"): (cell,)})


def test_what_is_made_again_comes_from_the_archive_unless_that_is_old_and_then_where_the_export_lacks_it() -> None:
    cell = Cell(TODAY, "Ullared")
    captures = {TODAY: [capture("a", FIVE, day=TODAY, Ullared=WHOLE)]}
    fresh = choose([cell], captures, TODAY, archived_since=FIVE)
    assert (fresh.exported, fresh.archived) == ((), {(TODAY, "a"): (cell,)})
    old = choose([cell], captures, TODAY, archived_since=SIXTEEN)
    assert (old.exported, old.archived) == ((cell,), {})
    assert old.next_best([cell]) == {(TODAY, "a"): (cell,)}


def test_a_past_day_comes_from_the_newest_capture_that_held_it_whole() -> None:
    captures = {YESTERDAY: [capture("b", SIXTEEN, Ullared=LACKING, Glommen=WHOLE), capture("a", FIVE, Ullared=WHOLE)]}
    choice = choose([ULLARED, GLOMMEN], captures, TODAY)
    assert choice.archived == {(YESTERDAY, "a"): (ULLARED,), (YESTERDAY, "b"): (GLOMMEN,)}
    assert choice.exported == ()


def test_what_no_capture_holds_whole_is_asked_of_the_export_and_the_next_best_is_known() -> None:
    captures = {YESTERDAY: [capture("b", SIXTEEN, Ullared=LACKING), capture("a", FIVE, Ullared=LACKING)]}
    choice = choose([ULLARED, GLOMMEN], captures, TODAY)
    assert choice.exported == (ULLARED, GLOMMEN)
    assert choice.next_best([ULLARED, GLOMMEN]) == {(YESTERDAY, "b"): (ULLARED,)}
    assert choice.next_best([GLOMMEN]) == {}


def test_in_place_of_a_damaged_capture_comes_the_next_older_one_that_is_whole() -> None:
    captures = {
        YESTERDAY: [
            capture("c", SIXTEEN, Ullared=WHOLE, Glommen=WHOLE), capture("b", FIVE, Ullared=LACKING, Glommen=WHOLE),
            capture("a", FIVE - timedelta(hours=9), Ullared=WHOLE),
        ],
        TODAY: [capture("other day", FIVE, day=TODAY, Ullared=WHOLE)],
    }  # fmt: skip
    choice = choose([ULLARED, GLOMMEN], captures, TODAY)
    assert choice.older((YESTERDAY, "c"), [ULLARED, GLOMMEN]) == {
        (YESTERDAY, "a"): (ULLARED,), (YESTERDAY, "b"): (GLOMMEN,),
    }  # fmt: skip
    assert choice.older((YESTERDAY, "b"), [GLOMMEN]) == {}


def test_a_capture_without_a_single_visit_is_no_next_best() -> None:
    choice = choose([ULLARED], {YESTERDAY: [capture("a", FIVE, visits=0, Ullared=LACKING)]}, TODAY)
    assert choice.next_best([ULLARED]) == {}


def test_a_closed_day_is_whole_without_visits() -> None:
    choice = choose([ULLARED], {YESTERDAY: [capture("a", FIVE, visits=0, Ullared=WHOLE)]}, TODAY)
    assert choice.archived == {(YESTERDAY, "a"): (ULLARED,)}


def test_the_capture_of_a_copy_is_found_by_its_second() -> None:
    exact = FIVE + timedelta(microseconds=250)
    captures = {YESTERDAY: [capture("b", SIXTEEN, Ullared=WHOLE), capture("a", exact, Ullared=WHOLE)]}
    ((found, cells),) = captures_of({ULLARED: FIVE, GLOMMEN: FIVE}, captures)
    assert (found.capture_id, cells) == ("a", (ULLARED,))
    assert captures_of({ULLARED: FIVE - timedelta(seconds=1)}, captures) == []


def test_a_plan_of_nothing_has_the_types_of_a_plan() -> None:
    plan = empty_plan("Europe/Stockholm", FIVE)
    assert plan.visits.empty
    assert str(plan.visits["start"].dtype) == "datetime64[us, Europe/Stockholm]"
    assert plan.sources == {}
