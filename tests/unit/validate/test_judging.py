"""Verdicts: each rule is broken by one odd plan, and no result ever holds a person."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from reservplan.domain.errors import LastingError
from reservplan.domain.history import History
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import SHIFT_COLUMNS, VISIT_COLUMNS, Cell, CellSource, Plan, Unreadable
from reservplan.domain.verdict import Verdict
from reservplan.settings import Settings
from reservplan.validate import judge, look
from reservplan.validate.facts import planned_visits, visit_facts

ZONE = ZoneInfo("Europe/Stockholm")
DAY = date(2022, 6, 25)  # a Saturday
ULLARED, STRANGERS = Cell(DAY, "Ullared"), Cell(DAY, "Okänd grupp")
READ_AT = datetime(2022, 6, 25, 3, tzinfo=UTC)
NAME = "Hemlig Person"


def settings(**changes: Any) -> Settings:
    tree: dict[str, Any] = {
        "organisation": "Falkenbergs kommun",
        "teams": ["Ullared", {"name": "Vessigebro", "closed": ["sat", "sun"]}],
        "source": {"kind": "demo"},
        "stores": [{"name": "disk", "kind": "folder", "folder": "copies"}],
    }
    return Settings.model_validate({**tree, **changes})


def visit(number: int, at: str = "08:00", minutes: int = 30, employee: str = "e1", **more: Any) -> dict[str, Any]:
    day = more.pop("day", DAY)
    start = datetime.combine(day, datetime.strptime(at, "%H:%M").time(), ZONE)  # noqa: DTZ007 - a clock time
    return {
        **dict.fromkeys(VISIT_COLUMNS, ""),
        "plan_date": day, "team": "Ullared", "visit_id": f"v{number}", "client_id": f"c{number}", "client_name": NAME,
        "start": start, "end": start + timedelta(minutes=minutes), "employee_id": employee, "employee_name": NAME,
        "protected": False, "employee_protected": False, "status": "planned", **more,
    }  # fmt: skip


def spread(count: int, **more: Any) -> list[dict[str, Any]]:
    """Visits of different employees, so that none overlaps another."""
    return [visit(n, employee=f"e{n}", **more) for n in range(count)]


def plan(visits: list[dict[str, Any]], shifts: list[dict[str, Any]] | None = None, **more: Any) -> Plan:
    def frame(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
        made = pd.DataFrame(rows, columns=list(columns))
        for name in ("start", "end"):
            made[name] = pd.to_datetime(made[name], utc=True).dt.tz_convert(ZONE).astype(f"datetime64[us, {ZONE}]")
        return made.astype({name: "bool" for name, kind in columns.items() if kind == "bool"})

    sources = more.pop("sources", {ULLARED: CellSource(READ_AT)})
    return Plan(
        frame(visits, VISIT_COLUMNS), frame(shifts or [], SHIFT_COLUMNS), more.pop("unreadable", ()), sources, READ_AT,
        "x", **more,
    )  # fmt: skip


def judged(given: Plan, cell: Cell = ULLARED, **changes: Any) -> Judgement:
    return judge(given, settings(**changes), [cell])[cell]


def codes(judgement: Judgement) -> list[str]:
    return [reason.code for reason in judgement.reasons]


def unread(count: int) -> tuple[Unreadable, ...]:
    return tuple(Unreadable(DAY, "Ullared", "x.csv", n, "25:99", "bad_time", "Starttid") for n in range(count))


def test_a_usual_day_is_complete_and_counted() -> None:
    visits = [
        *spread(19),
        visit(19, employee=""),
        visit(20, status="cancelled"),
        visit(21, status="other", client_id=""),
    ]
    found = judged(plan(visits))
    assert (found.verdict, found.reasons) == (Verdict.COMPLETE, ())
    assert (found.visits, found.unassigned, found.employees, found.cancelled) == (20, 1, 19, 1)
    assert found.captured_at == READ_AT


SHIFT = {"plan_date": DAY, "team": "Ullared", "employee_id": "e1", "employee_name": NAME, "phone": ""}
MORNING = {**SHIFT, "start": datetime(2022, 6, 25, 7, tzinfo=ZONE), "end": datetime(2022, 6, 25, 12, tzinfo=ZONE)}


@pytest.mark.parametrize(("given", "code", "verdict"), [
    (plan(spread(5), too_old="gammal"), "source_too_old", Verdict.INCOMPLETE),
    (plan(spread(5), sources={ULLARED: CellSource(READ_AT, fault="trasig")}), "file_fault", Verdict.INCOMPLETE),
    (plan(spread(5), sources={}), "not_covered", Verdict.INCOMPLETE),
    (plan([visit(1, status="cancelled")]), "no_visits", Verdict.INCOMPLETE),
    (plan(spread(5), sources={ULLARED: CellSource(READ_AT, expected_visits=6)}), "total_differs", Verdict.INCOMPLETE),
    (plan(spread(50), unreadable=unread(1)), "rows_unreadable", Verdict.REMARKS),
    (plan(spread(50), unreadable=unread(2)), "rows_unreadable_many", Verdict.INCOMPLETE),
    (plan(spread(300), unreadable=unread(3)), "rows_unreadable", Verdict.REMARKS),
    (plan([*spread(8), visit(9, employee="")]), "unassigned_many", Verdict.REMARKS),
    (plan([visit(1), visit(2, "08:20")]), "in_two_places", Verdict.REMARKS),
    (plan([visit(1, minutes=120), visit(2, "08:20", 10), visit(3, "09:00")]), "in_two_places", Verdict.REMARKS),
    (plan([visit(1), visit(2, "12:00")], [MORNING]), "outside_shift", Verdict.REMARKS),
    (plan([visit(1, double_staffing_id="d"), visit(2, "09:00", employee="e2", double_staffing_id="d")]),
     "staffed_alone", Verdict.REMARKS),
    (plan([visit(31, double_staffing_id="d"), visit(32, "08:00", employee="", double_staffing_id="d"),
           *spread(20, at="12:00")]), "staffed_alone", Verdict.REMARKS),
    *((plan(spread(5), sources={ULLARED: CellSource(READ_AT, counts={name: 2})}), name, Verdict.REMARKS)
      for name in ("masked", "protected", "moved_clock", "unknown_status", "duplicates", "duplicate_id")),
    (plan([visit(1, visit_id="a"), visit(2, "09:00", visit_id="a"), *spread(40, at="12:00")]), "rows_unreadable",
     Verdict.REMARKS),
    (plan([visit(1, client_id=""), visit(2, "09:00", minutes=0), *spread(40, at="12:00")]), "rows_unreadable_many",
     Verdict.INCOMPLETE),
])  # fmt: skip
def test_a_broken_rule_makes_the_verdict(given: Plan, code: str, verdict: Verdict) -> None:
    found = judged(given)
    assert codes(found) == [code]
    assert found.verdict is verdict
    assert found.reasons[0].text


def test_two_employees_at_the_same_time_are_double_staffing() -> None:
    visits = [visit(1, double_staffing_id="d"), visit(2, "08:10", employee="e2", double_staffing_id="d")]
    assert judged(plan(visits)).verdict is Verdict.COMPLETE


def test_one_teams_fault_is_one_teams() -> None:
    other = Cell(DAY, "Vessigebro")
    given = plan([*spread(5), visit(9, team="Vessigebro", employee="")],
                 sources={ULLARED: CellSource(READ_AT), other: CellSource(READ_AT)})  # fmt: skip
    found = judge(given, settings(), [ULLARED, other])
    assert (codes(found[ULLARED]), codes(found[other])) == ([], ["unassigned_many"])


def test_a_closed_day_without_visits_is_no_fault_and_one_with_visits_is_counted() -> None:
    cell = Cell(DAY, "Vessigebro")
    closed = judged(plan([], sources={cell: CellSource(READ_AT)}), cell)
    assert closed.closed
    assert closed.verdict is Verdict.COMPLETE
    opened = judged(plan([visit(1, team="Vessigebro")], sources={cell: CellSource(READ_AT)}), cell)
    assert (opened.closed, opened.visits) == (False, 1)


def test_a_group_that_the_settings_do_not_know_is_remarked() -> None:
    given = plan(
        [visit(1, team="Okänd grupp")], sources={STRANGERS: CellSource(READ_AT)}, unknown_teams=("Okänd grupp",)
    )
    assert codes(judged(given, STRANGERS)) == ["unknown_team"]


def test_a_row_without_day_or_group_concerns_every_cell() -> None:
    nobody = (Unreadable(None, None, "x.csv", 7, "", "bad_date", "Datum"),)
    assert codes(judged(plan(spread(50), unreadable=nobody))) == ["rows_unreadable"]


def test_margin_days_give_no_verdict_but_a_visit_that_began_there_is_seen() -> None:
    evening = visit(1, "23:50", minutes=60, day=DAY - timedelta(days=1))
    found = judged(plan([evening, visit(2, "00:30")]))
    assert (found.visits, codes(found)) == (1, ["in_two_places"])


def test_thresholds_are_settings() -> None:
    given = plan([*spread(8), visit(9, employee="")])
    assert codes(judged(given, thresholds={"unassigned_share": 0.2})) == []


def test_a_column_that_the_plan_does_not_know_stops_the_run() -> None:
    given = plan(spread(2))
    with pytest.raises(LastingError, match="diagnos"):
        judged(replace(given, visits=given.visits.assign(diagnos="x")))


def test_no_reason_names_a_person_and_english_is_spoken_where_it_is_asked_for() -> None:
    given = plan([visit(1), visit(2, "08:20"), visit(3, client_id="")], unreadable=unread(9))
    for language, word in (("sv", "rader"), ("en", "rows")):
        texts = " ".join(reason.text for reason in judged(given, language=language).reasons)
        assert NAME not in texts
        assert word in texts


def test_a_closed_day_with_a_row_that_could_not_be_read_is_not_passed_over() -> None:
    cell = Cell(DAY, "Vessigebro")
    found = judged(plan([], sources={cell: CellSource(READ_AT)}, unreadable=(
        Unreadable(DAY, "Vessigebro", "x.csv", 4, "25:99", "bad_time", "Starttid"),
        Unreadable(DAY, "Vessigebro", "x.csv", 5, "25:99", "bad_time", "Starttid"),
    )), cell)  # fmt: skip
    assert (found.closed, found.verdict, codes(found)) == (False, Verdict.INCOMPLETE, ["rows_unreadable_many"])
    nobody = (Unreadable(None, None, "x.csv", 7, "", "bad_date", "Datum"),)
    assert judged(plan([], sources={cell: CellSource(READ_AT)}, unreadable=nobody), cell).closed


@pytest.mark.parametrize(("column", "values"), [
    ("start", lambda old: old.dt.tz_localize(None)),
    ("protected", lambda old: old.astype("str")),
    ("employee_id", lambda old: old.where(old != "e1")),
])  # fmt: skip
def test_a_column_of_a_wrong_type_stops_the_run_and_no_value_is_told(column: str, values: Any) -> None:
    given = plan(spread(3))
    with pytest.raises(LastingError, match=column) as caught:
        judged(replace(given, visits=given.visits.assign(**{column: values(given.visits[column])})))
    assert NAME not in str(caught.value)


def test_great_expectations_is_shown_no_person_and_says_nothing(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    persons = {"client_id": "19121212-1212", "client_name": NAME, "employee_name": NAME, "employee_id": "hemlig-id",
               "address": "Hemligatan 1", "note": "hemlig not", "access": "4711"}  # fmt: skip
    given = plan([visit(1, **{k: v for k, v in persons.items() if k != "employee_id"}, employee="hemlig-id"),
                  visit(1, "08:10", minutes=0, client_id="", employee="hemlig-id", note="hemlig not")])  # fmt: skip
    visits = planned_visits(given, [ULLARED])
    rows = visit_facts(given, visits, settings())
    cells = look(given, settings(), [ULLARED], History()).broken
    for frame in (rows, cells):
        assert not any(person in frame.to_csv() for person in persons.values())
        texts = [name for name in frame.columns if frame[name].dtype != bool]
        assert texts == ["plan_date", "team"]
    with caplog.at_level("INFO"):
        assert judged(given).verdict is Verdict.REMARKS
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
