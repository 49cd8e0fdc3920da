"""Verdicts that need a memory: the earlier copy, the usual weekday, its hours, and what somebody has accepted."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from reservplan.domain.acceptance import Acceptance
from reservplan.domain.counts import Count, Counts
from reservplan.domain.history import EarlierCopy, History
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import Cell, CellSource
from reservplan.domain.verdict import Verdict
from reservplan.validate import BEFORE_COLUMNS, judge, may_be_accepted

from tests.unit.validate.test_judging import DAY, NAME, READ_AT, ULLARED, codes, plan, settings, spread, unread, visit

WEEK = timedelta(weeks=1)
COMPLETE, REMARKS, INCOMPLETE = Verdict.COMPLETE, Verdict.REMARKS, Verdict.INCOMPLETE


def earlier(visits: int, cancelled: int = 0) -> History:
    copy = EarlierCopy(visits, cancelled, captured_at=READ_AT, true_at=READ_AT, content="x")
    return History(copies={ULLARED: copy}, stores=("disk",))


def usually(*visits: int, by_hour: tuple[int, ...] = ()) -> History:
    """So many on the same weekday of each of the weeks before."""
    cells = {
        DAY - n * WEEK: {"Ullared": Count(visits=many, verdict=COMPLETE, by_hour=by_hour)}
        for n, many in enumerate(visits, start=1)
    }
    return History(counts=Counts(cells=cells))


def before(*rows: tuple[str, str]) -> pd.DataFrame:
    """Planned visits of the earlier copy, by id and client."""
    return copied([visit(1, visit_id=visit_id, client_id=client_id) for visit_id, client_id in rows])


def copied(visits: list[dict[str, Any]], **changes: Any) -> pd.DataFrame:
    """The same visits as an earlier copy had them, but for the changes."""
    return plan(visits).visits[list(BEFORE_COLUMNS)].assign(**changes)


def judged(visits: list[dict[str, Any]], history: History, rows: pd.DataFrame | None = None, **more: Any) -> Judgement:
    # The day is Midsummer's: what is usual is tried on it as on any Saturday.
    changes = {"holidays": ""} | more.pop("changes", {})
    return judge(plan(visits, **more), settings(**changes), [ULLARED], history, rows)[ULLARED]


@pytest.mark.parametrize(("now", "found"), [
    (100, []), (97, []), (96, ["visits_gone"]), (80, ["visits_gone"]), (79, ["visits_gone_many"]),
])  # fmt: skip
def test_visits_gone_since_the_earlier_copy_by_counts(now: int, found: list[str]) -> None:
    judgement = judged(spread(now), earlier(100))
    assert codes(judgement) == found
    assert judgement.verdict is (INCOMPLETE if found == ["visits_gone_many"] else REMARKS if found else COMPLETE)


def test_three_gone_are_an_ordinary_change_in_a_group_of_forty_and_a_fifth_of_a_small_one_is_not() -> None:
    assert codes(judged(spread(37), earlier(40))) == []
    assert codes(judged(spread(36), earlier(40))) == ["visits_gone"]
    assert codes(judged(spread(7), earlier(10))) == ["visits_gone_many"]


def test_what_is_cancelled_is_not_gone() -> None:
    cancelled = [visit(100 + n, status="cancelled") for n in range(30)]
    assert codes(judged([*spread(70), *cancelled], earlier(100))) == []
    rows = before(*((f"v{n}", f"c{n}") for n in range(70)), *((f"v{100 + n}", f"c{100 + n}") for n in range(30)))
    assert codes(judged([*spread(70), *cancelled], earlier(100), rows)) == []


def test_another_groups_plan_of_the_same_size_is_all_gone() -> None:
    rows = before(*((f"other{n}", f"somebody{n}") for n in range(50)))
    judgement = judged(spread(50), earlier(50), rows)
    assert codes(judgement) == ["visits_gone_many"]
    assert judgement.reasons[0].count == 50
    assert "50 av 50" in judgement.reasons[0].text


def test_new_ids_and_moved_visits_of_the_same_clients_are_not_gone() -> None:
    rows = before(*((f"old{n}", f"c{n}") for n in range(50)))
    assert codes(judged(spread(50), earlier(50), rows)) == []


def test_one_clients_visits_do_not_stand_in_for_anothers() -> None:
    rows = before(*((f"v{n}", f"c{n}") for n in range(30)), *((f"gone{n}", "c99") for n in range(10)))
    more = [visit(200 + n, employee=f"x{n}", client_id="c1") for n in range(10)]
    judgement = judged([*spread(30), *more], earlier(40), rows)
    assert [(reason.code, reason.count) for reason in judgement.reasons] == [("visits_gone_many", 10)]


@pytest.mark.parametrize(("moved", "found"), [(6, ["times_shifted"]), (5, [])])
def test_when_most_begin_by_the_same_span_earlier_it_is_the_clock_and_no_planner(moved: int, found: list[str]) -> None:
    an_hour_early = [visit(n, "07:00", employee=f"e{n}") for n in range(moved)]
    now = [*an_hour_early, *spread(10)[moved:]]
    judgement = judged(now, earlier(10), copied(spread(10)))
    assert codes(judgement) == found
    if found:
        assert judgement.verdict is INCOMPLETE
        assert judgement.reasons[0].text.startswith("6 av 10 besök börjar 60 minuter tidigare än i den förra kopian.")
        assert may_be_accepted(judgement)


def test_a_day_that_is_planned_anew_is_not_shifted() -> None:
    now = [visit(n, f"08:{n + 1:02d}", employee=f"e{n}") for n in range(10)]
    assert codes(judged(now, earlier(10), copied(spread(10)))) == []


def test_protected_visits_that_get_a_name_are_held_back_and_those_that_end_are_not() -> None:
    hidden = [visit(n, "08:30", visit_id=f"b-{n}", client_id="k-1", protected=True) for n in range(2)]
    copy = copied([*spread(8), *hidden])
    named = [visit(8 + n, "08:30", employee=f"x{n}") for n in range(2)]
    judgement = judged([*spread(8), *named], earlier(10), copy)
    assert (judgement.verdict, codes(judgement)) == (INCOMPLETE, ["unprotected"])
    assert judgement.reasons[0].count == 2
    assert may_be_accepted(judgement)
    assert codes(judged(spread(8), earlier(10), copy)) == []
    under_another_key = [row | {"protected": True} for row in named]
    assert codes(judged([*spread(8), *under_another_key], earlier(10), copy)) == []


def test_when_nearly_all_are_in_two_places_times_or_employees_are_mixed_up() -> None:
    by_one = [visit(n, employee="e1") for n in range(10)]
    judgement = judged(by_one, History())
    assert (judgement.verdict, codes(judgement)) == (INCOMPLETE, ["in_two_places_many"])
    assert codes(judged(by_one[:4], History())) == ["in_two_places"]
    assert codes(judged([*by_one[:8], *spread(20)[18:]], History())) == ["in_two_places"]


def test_that_all_is_cancelled_is_said() -> None:
    (reason,) = judged([visit(n, status="cancelled") for n in range(4)], History()).reasons
    assert (reason.code, reason.text) == ("no_visits", "alla 4 besök är inställda i underlaget")


def test_a_cell_without_its_capture_is_judged_by_counts_beside_one_that_has_it() -> None:
    other = Cell(DAY, "Vessigebro")
    both = plan([*spread(10), *(visit(n, team="Vessigebro", visit_id=f"w{n}", employee=f"y{n}") for n in range(10))],
                sources={ULLARED: CellSource(READ_AT), other: CellSource(READ_AT)})  # fmt: skip
    copy = EarlierCopy(20, 0, captured_at=READ_AT, true_at=READ_AT, content="x")
    history = History(copies={ULLARED: copy, other: copy})
    rows = before(*((f"v{n}", f"c{n}") for n in range(10)))
    found = judge(both, settings(), [ULLARED, other], history, rows)
    assert (codes(found[ULLARED]), codes(found[other])) == ([], ["visits_gone_many"])


@pytest.mark.parametrize(("now", "found"), [
    (100, []), (70, []), (69, ["fewer_than_usual"]), (50, ["fewer_than_usual"]), (49, ["far_fewer_than_usual"]),
    (130, []), (131, ["more_than_usual"]), (200, ["more_than_usual"]), (201, ["far_more_than_usual"]),
])  # fmt: skip
def test_against_the_median_of_the_weekday(now: int, found: list[str]) -> None:
    judgement = judged(spread(now), usually(100, 90, 110))
    assert codes(judgement) == found
    far = found and found[0].startswith("far")
    assert judgement.verdict is (INCOMPLETE if far else REMARKS if found else COMPLETE)


@pytest.mark.parametrize("now", [20, 300])
def test_with_fewer_than_three_samples_it_is_a_remark_at_most(now: int) -> None:
    assert judged(spread(now), usually(100, 100)).verdict is REMARKS


def test_a_new_group_is_complete() -> None:
    assert judged(spread(20), History()).verdict is COMPLETE


def test_a_group_that_stops_overnight_is_caught_and_once_only() -> None:
    judgement = judged([], usually(100, 100, 100))
    assert (judgement.verdict, codes(judgement)) == (INCOMPLETE, ["no_visits"])


def test_two_groups_in_one_are_caught_and_begin_anew_by_active_from() -> None:
    history = usually(100, 100, 100)
    assert codes(judged(spread(230), history)) == ["far_more_than_usual"]
    teams = [{"name": "Ullared", "active_from": DAY.isoformat()}]
    assert judged(spread(230), history, changes={"teams": teams}).verdict is COMPLETE


def test_three_visits_where_there_was_one_are_not_held_back() -> None:
    assert judged(spread(4), usually(1, 1, 1)).verdict is COMPLETE
    assert judged(spread(5), usually(1, 1, 1)).verdict is INCOMPLETE


def test_the_reason_is_what_a_planner_understands() -> None:
    (reason,) = judged(spread(13), usually(204, 221, 210)).reasons
    assert reason.text == "13 besök, brukar vara 204–221. Kontrollera att exporten tog med alla slingor."
    (english,) = judged(spread(13), usually(210, 210, 210), changes={"language": "en"}).reasons
    assert english.text == "13 visits, usually 210. See that the export took in all routes."


def test_a_holiday_says_that_it_was_compared_with_sundays() -> None:
    sundays = {DAY + timedelta(days=1) - n * WEEK: {"Ullared": Count(visits=120, verdict=COMPLETE)} for n in (1, 2, 3)}
    (reason,) = judged(spread(20), History(counts=Counts(cells=sundays)), changes={"holidays": "SE"}).reasons
    assert reason.text.startswith("20 besök, brukar vara 120 en söndag eller helgdag.")


def hours(**visits: int) -> tuple[int, ...]:
    return tuple(visits.get(f"h{hour:02d}", 0) for hour in range(24))


def test_hours_in_which_nothing_begins_though_there_usually_is_much() -> None:
    history = usually(26, 26, 26, by_hour=hours(h07=6, h08=10, h09=4, h10=3, h11=3))
    given = [
        *(visit(n, "08:10", employee=f"e{n}") for n in range(20)),
        *(visit(n, "13:00", employee=f"e{n}") for n in range(20, 25)),
    ]
    judgement = judged(given, history)
    assert (judgement.verdict, codes(judgement)) == (REMARKS, ["hours_empty"])
    assert judgement.reasons[0].count == 2
    assert "kl. 07–08, 09–10" in judgement.reasons[0].text
    assert "brukar vara 10" in judgement.reasons[0].text
    assert judgement.by_hour == hours(h08=20, h13=5)


def test_hours_are_left_alone_on_the_days_when_clocks_change() -> None:
    from zoneinfo import ZoneInfo

    from reservplan.domain.usual import Usual
    from reservplan.validate.comparing import empty_hours

    usual = Usual(visits=(9, 9, 9), by_hour=tuple([9.0] * 24))
    stockholm = ZoneInfo("Europe/Stockholm")
    for day, empty in ((date(2026, 3, 28), 24), (date(2026, 3, 29), 0), (date(2026, 10, 25), 0)):
        assert len(empty_hours(Cell(day, "Ullared"), 5, [0] * 24, usual, 4, stockholm)) == empty


ACCEPTED = datetime(2022, 6, 25, 9, tzinfo=UTC)


FEW = ("visits_gone_many", "far_fewer_than_usual")


def accepted(history: History, visits: int | None, codes: tuple[str, ...] | None = None) -> History:
    told = codes or (FEW if visits else ("no_visits",))
    return History(
        copies=history.copies,
        counts=history.counts,
        accepted={ULLARED: Acceptance(why="hemlig anledning", accepted_at=ACCEPTED, visits=visits, codes=told)},
    )


def test_what_was_accepted_is_a_remark_that_says_so_and_not_why() -> None:
    judgement = judged(spread(40), accepted(usually(100, 100, 100), 40))
    assert judgement.verdict is REMARKS
    assert codes(judgement) == ["accepted", "far_fewer_than_usual"]
    text = " ".join(reason.text for reason in judgement.reasons)
    assert "25 juni 2022" in text
    assert "hemlig" not in text


@pytest.mark.parametrize(("now", "verdict"), [(60, REMARKS), (40, REMARKS), (37, REMARKS), (36, INCOMPLETE)])
def test_an_accepted_cell_that_loses_more_is_incomplete_again(now: int, verdict: Verdict) -> None:
    assert judged(spread(now), accepted(earlier(100), 40)).verdict is verdict


@pytest.mark.parametrize("visits", [None, 0], ids=["unread", "without visits"])
def test_what_was_accepted_without_visits_is_closed_and_visits_that_come_all_the_same_are_judged(
    visits: int | None,
) -> None:
    assert judged([], accepted(earlier(100), visits)).closed
    assert judged(spread(40), accepted(earlier(100), visits)).verdict is INCOMPLETE
    assert judged(spread(100), accepted(earlier(100), visits)).verdict is COMPLETE


def test_an_accepted_cell_without_visits_is_closed() -> None:
    judgement = judged([], accepted(usually(100, 100, 100), 0))
    assert (judgement.closed, judgement.verdict, judgement.reasons) == (True, COMPLETE, ())


@pytest.mark.parametrize("visits", [None, 0], ids=["unread", "without visits"])
def test_that_there_are_no_visits_was_not_said_of_rows_that_cannot_be_read(visits: int | None) -> None:
    for rows in (1, 50):
        judgement = judged([], accepted(earlier(100), visits), unreadable=unread(rows))
        assert (judgement.closed, judgement.verdict) == (False, INCOMPLETE)
    source = {ULLARED: CellSource(READ_AT, expected_visits=180)}
    assert judged([], accepted(earlier(100), visits), sources=source).verdict is INCOMPLETE


def test_who_accepted_fewer_visits_has_not_accepted_that_nobody_is_protected_any_more() -> None:
    rows = copied(spread(40))
    rows.loc[:4, ["client_id", "protected"]] = ["p-hidden", True]
    assert judged(spread(40), accepted(earlier(40), 40), rows).verdict is INCOMPLETE
    assert judged(spread(40), accepted(earlier(40), 40, ("unprotected",)), rows).verdict is REMARKS


def test_one_visit_less_than_was_accepted_is_no_alarm_although_another_rule_sees_it_now() -> None:
    history = History(copies=earlier(100).copies, counts=usually(80, 80, 80).counts)
    assert codes(judged(spread(40), history))[0] == "visits_gone_many"
    assert judged(spread(39), accepted(history, 40, ("visits_gone_many",))).verdict is REMARKS


def test_the_last_of_a_few_accepted_visits_is_not_lost_in_silence() -> None:
    assert judged([], accepted(earlier(100), 3)).verdict is INCOMPLETE


def test_acceptance_says_nothing_of_a_cell_that_is_whole_by_itself() -> None:
    assert codes(judged(spread(100), accepted(usually(100, 100, 100), 40))) == []


@pytest.mark.parametrize("broken", [
    {"too_old": "gammal"}, {"sources": {}}, {"sources": {ULLARED: CellSource(READ_AT, fault="trasig")}},
])  # fmt: skip
def test_what_nobody_has_read_cannot_be_accepted(broken: dict[str, Any]) -> None:
    judgement = judged(spread(40), accepted(usually(100, 100, 100), 40), **broken)
    assert judgement.verdict is INCOMPLETE
    assert not may_be_accepted(judgement)


def test_rows_that_cannot_be_read_and_totals_may_be_accepted() -> None:
    judgement = judged(spread(20), History(), unreadable=unread(9))
    assert judgement.verdict is INCOMPLETE
    assert may_be_accepted(judgement)
    assert not may_be_accepted(judged(spread(20), History()))


def test_a_remark_that_a_site_does_not_want_is_not_told() -> None:
    given = [visit(1), visit(2, "08:20")]
    assert codes(judged(given, History())) == ["in_two_places"]
    assert codes(judged(given, History(), changes={"thresholds": {"ignored_remarks": ["in_two_places"]}})) == []


@pytest.mark.parametrize("code", ["masked", "protected", "no_visits", "nonsense"])
def test_what_must_be_told_cannot_be_ignored(code: str) -> None:
    with pytest.raises(ValueError, match="no remark that may go untold"):
        settings(thresholds={"ignored_remarks": [code]})


def test_thresholds_out_of_order_and_unknown_countries_are_refused() -> None:
    with pytest.raises(ValueError, match="gone_remark_share must not be above gone_incomplete_share"):
        settings(thresholds={"gone_remark_share": 0.5})
    with pytest.raises(ValueError, match="no country"):
        settings(holidays="Sverige")


def test_a_past_day_that_nobody_has_is_told_so() -> None:
    cell = Cell(READ_AT.date() - timedelta(days=3), "Ullared")
    (reason,) = judge(plan([], sources={}), settings(), [cell])[cell].reasons
    assert (reason.code, "varken i arkivet" in reason.text) == ("not_covered", True)


def test_no_reason_names_anybody() -> None:
    rows = before(*((f"other{n}", f"{NAME}{n}") for n in range(50)))
    texts = [reason.text for reason in judged(spread(20), earlier(50), rows).reasons]
    assert texts
    assert not any(NAME in text for text in texts)
