"""Reasons where people look: a cell that falls short tells why, in the findings, the table, the JSON and the alarm."""

import json
from datetime import timedelta
from typing import Any

import pytest
from reservplan.domain.acceptance import ACCEPTED_NAME, Acceptance, Accepted
from reservplan.domain.alerts import Severity
from reservplan.domain.plan import Cell
from reservplan.domain.shortfalls import SHORTFALLS_NAME, Shortfall, Shortfalls
from reservplan.domain.verdict import Reason, Verdict
from reservplan.settings import Team
from reservplan.watch import State, alarm_words, coverage_json

from tests.unit.watch.lookout import DAY, TEN, TODAY, ULLARED, Lookout

FEW = "131 besök, brukar vara 204–221. Kontrollera att exporten tog med alla slingor."
ABSENT = "dagen finns inte i underlaget"


def put_shortfalls(lookout: Lookout, shortfalls: dict[Cell, Shortfall]) -> None:
    lookout.put_file(SHORTFALLS_NAME, Shortfalls().updated(dict(shortfalls), TODAY - 14 * DAY).to_bytes())


def lacking(
    text: str = FEW, decision: str = "kept_complete", code: str = "far_fewer_than_usual", **changes: Any
) -> Shortfall:
    """What a reading lacked that was made five minutes ago."""
    plain = Shortfall(
        reasons=(Reason(code=code, count=131, text=text, severity=Verdict.INCOMPLETE),), visits=131,
        captured_at=TEN - timedelta(minutes=5), judged_at=TEN, run_id="run", decision=decision,
    )  # fmt: skip
    return plain.model_copy(update=changes)


@pytest.mark.parametrize(("days", "severity"), [(0, Severity.CRITICAL), (1, Severity.CRITICAL), (2, Severity.INFO)])
def test_a_whole_copy_that_is_older_than_an_incomplete_reading_is_told_with_the_reasons(
    lookout: Lookout, days: int, severity: Severity
) -> None:
    lookout.fill()
    day = TODAY + days * DAY
    put_shortfalls(lookout, {Cell(day, "Ullared"): lacking()})
    found = lookout.look()
    (finding,) = found.findings
    assert (finding.code, finding.severity, finding.cells) == ("held_back", severity, (Cell(day, "Ullared"),))
    assert FEW in finding.words
    assert found.cells[Cell(day, "Ullared")].state is State.OK, "it can be printed"
    assert not found.good


def test_what_was_held_back_is_said_as_people_speak(lookout: Lookout) -> None:
    lookout.fill()
    put_shortfalls(lookout, {ULLARED: lacking()})
    assert lookout.look().critical == (
        "share: senaste läsningen av tisdag 21 juni är ofullständig för Ullared, kopian hämtad 21 juni 2022 kl. 05:00 "
        "ligger kvar. Den är hel, men det som ändrats sedan dess är inte med. Ullared tisdag 21 jun: 131 besök, brukar "
        "vara 204–221. Kontrollera att exporten tog med alla slingor. Gör så här: Be Planerare se efter att exporten "
        "har alla slingor och hela dagen. Är det rätt, till exempel för att besök flyttats till en annan grupp: "
        "godkänn dagen (reservplan accept). Har gruppen ändrats för gott: sätt dess active_from. Kör sedan en snapshot "
        "för dagen.",
    )


def test_several_copies_that_stay_say_how_old_the_oldest_is(lookout: Lookout) -> None:
    lookout.fill(["Ullared", "Ätran"])
    other = lookout.put_cell(Cell(TODAY, "Ätran"), true_at=TEN - timedelta(hours=8))
    lookout.put_manifest(TODAY, {"Ullared": lookout.put_cell(ULLARED), "Ätran": other})
    put_shortfalls(lookout, {ULLARED: lacking(), Cell(TODAY, "Ätran"): lacking()})
    (words,) = lookout.look().critical
    assert "för Ullared, Ätran, kopian hämtad 21 juni 2022 kl. 02:00 eller senare ligger kvar" in words


@pytest.mark.parametrize("age", [timedelta(hours=5), timedelta(hours=9)], ids=["the copy's own", "an earlier one"])
def test_a_reading_that_is_no_later_than_the_copy_holds_nothing_back(lookout: Lookout, age: timedelta) -> None:
    lookout.fill()
    put_shortfalls(lookout, {ULLARED: lacking(captured_at=TEN - age)})
    assert lookout.look().findings == ()


def test_a_whole_copy_of_a_day_that_is_over_is_no_finding_for_no_later_reading_will_come(lookout: Lookout) -> None:
    lookout.fill()
    put_shortfalls(lookout, {Cell(TODAY - DAY, "Ullared"): lacking(decision="not_covered")})
    assert lookout.look().good


def test_a_copy_from_the_future_does_not_hide_what_the_latest_reading_lacked(lookout: Lookout) -> None:
    lookout.fill()
    ahead = lookout.put_cell(ULLARED, true_at=TEN + timedelta(days=7))
    lookout.put_manifest(TODAY, {"Ullared": ahead})
    put_shortfalls(lookout, {ULLARED: lacking()})
    assert lookout.look().cells[ULLARED].why[0].text == FEW


@pytest.mark.parametrize(
    "content", [b"{", json.dumps({"schema": 9, "cells": {}}).encode(), b'{"schema": 1, "cells": 3}']
)
@pytest.mark.parametrize("name", [SHORTFALLS_NAME, ACCEPTED_NAME])
def test_notes_that_cannot_be_read_stop_nothing(lookout: Lookout, name: str, content: bytes) -> None:
    lookout.fill()
    lookout.put_file(name, content)
    assert lookout.look().good


def test_a_missing_copy_of_which_nothing_could_be_made_says_why(lookout: Lookout) -> None:
    lookout.now = TEN
    lookout.changes = {"teams": (Team(name="Ullared"), Team(name="Ätran"))}
    put_shortfalls(lookout, {ULLARED: lacking(ABSENT, "not_covered", "not_covered")})
    unread, read = (words for words in lookout.look().critical if "tisdag" in words)
    assert "saknas för Ätran" in unread
    assert "Kör en snapshot" in unread
    assert "saknas för Ullared" in read
    assert f"Ullared tisdag 21 jun: {ABSENT}." in read
    assert "Gör så här: Spara en export som har dagen." in read


def test_a_past_day_that_neither_archive_nor_source_has_says_so(lookout: Lookout) -> None:
    lookout.fill()
    past = Cell(TODAY - 3 * DAY, "Ullared")
    for path in lookout.root.rglob(f"{past.plan_date:%y%m%d}*"):
        path.unlink()
    put_shortfalls(lookout, {past: lacking("dagen finns varken i arkivet eller i underlaget", "not_covered")})
    (finding,) = lookout.look().findings
    assert (finding.code, finding.severity) == ("missing", Severity.INFO)
    assert "Ullared lördag 18 jun: dagen finns varken i arkivet eller i underlaget." in finding.words


def test_a_stale_copy_tells_why_nothing_newer_came(lookout: Lookout) -> None:
    lookout.fill()
    old = lookout.put_cell(ULLARED, true_at=TEN - timedelta(hours=30))
    lookout.put_manifest(TODAY, {"Ullared": old})
    tired = lacking(
        "Exporten var 30 timmar gammal när den lästes; högst 26 är tillåtet.",
        code="source_too_old",
        captured_at=TEN - timedelta(hours=30),
    )
    put_shortfalls(lookout, {ULLARED: tired})
    (finding,) = lookout.look().findings
    assert (finding.code, lookout.state()) == ("stale", State.STALE)
    assert "30 timmar sedan. Ullared tisdag 21 jun: Exporten var 30 timmar gammal när den lästes" in finding.words


def test_the_reasons_of_most_groups_come_first_and_the_rest_are_counted(lookout: Lookout) -> None:
    teams = [f"Grupp {n}" for n in range(12)]
    lookout.fill(teams)
    own = {Cell(TODAY, team): lacking(f"{n} besök, brukar vara 90.") for n, team in enumerate(teams[:5])}
    same = {Cell(TODAY, team): lacking(ABSENT, "not_covered", "not_covered") for team in teams[5:]}
    put_shortfalls(lookout, own | same)
    (words,) = lookout.look().critical
    first = words.index(f"Grupp 5 tisdag 21 jun och 6 till: {ABSENT}.")
    assert first < words.index(
        "Grupp 0 tisdag 21 jun: 0 besök, brukar vara 90. "
        "Av samma skäl, med andra tal: Grupp 1 tisdag 21 jun och 3 till."
    )


def test_only_so_many_different_reasons_are_told_in_full(lookout: Lookout) -> None:
    codes = ("no_visits", "total_differs", "visits_gone_many", "far_fewer_than_usual", "far_more_than_usual")
    lookout.fill(codes)
    put_shortfalls(lookout, {Cell(TODAY, code): lacking(f"just {code}", code=code) for code in codes})
    (words,) = lookout.look().critical
    assert [code for code in codes if f"just {code}." in words] == list(codes[:2])
    assert "Skälen för 3 grupper till visar reservplan status." in words


@pytest.mark.parametrize("age", [timedelta(hours=5), timedelta(hours=30)])
def test_an_old_copy_that_a_newer_reading_did_not_replace_needs_a_better_export_not_a_new_one(
    lookout: Lookout, age: timedelta
) -> None:
    lookout.fill()
    lookout.put_manifest(TODAY, {"Ullared": lookout.put_cell(ULLARED, true_at=TEN - age)})
    put_shortfalls(lookout, {ULLARED: lacking()})
    (finding,) = lookout.look().findings
    assert finding.code == "held_back"
    assert "ligger kvar" in finding.words
    assert "ny export" not in finding.words
    assert "1 av dem (!) ligger kvar från tidigare" in lookout.table()


@pytest.mark.parametrize(("visits", "state"), [(0, State.CLOSED), (None, State.CLOSED), (131, State.MISSING)])
def test_a_cell_that_was_accepted_without_visits_is_closed_not_missing(
    lookout: Lookout, visits: int | None, state: State
) -> None:
    lookout.now = TEN
    lookout.changes = {"teams": (Team(name="Ullared"),)}
    acceptance = Acceptance(why="sammanslagen", accepted_at=TEN, visits=visits)
    lookout.put_file(ACCEPTED_NAME, Accepted().updated({ULLARED: acceptance}, TODAY).to_bytes())
    assert lookout.state() is state
    assert lookout.state(TODAY + DAY) is State.MISSING


def test_a_closed_day_of_which_rows_came_that_nobody_could_read_is_missing(lookout: Lookout) -> None:
    lookout.now = TEN
    lookout.changes = {"teams": (Team(name="Ullared", closed=("tue",)),)}
    assert lookout.state() is State.CLOSED
    put_shortfalls(lookout, {ULLARED: lacking("50 av raderna kunde inte läsas", "no_visits", "rows_unreadable_many")})
    assert lookout.state() is State.MISSING
    assert "50 av raderna kunde inte läsas" in " ".join(lookout.look().critical)
    put_shortfalls(lookout, {ULLARED: lacking(ABSENT, "not_covered", "not_covered")})
    assert lookout.state() is State.CLOSED


def test_an_accepted_copy_grows_stale_as_any_other(lookout: Lookout) -> None:
    lookout.fill()
    lookout.put_manifest(TODAY, {"Ullared": lookout.put_cell(ULLARED, true_at=TEN - timedelta(hours=30))})
    acceptance = Acceptance(why="sammanslagen", accepted_at=TEN, visits=None)
    lookout.put_file(ACCEPTED_NAME, Accepted().updated({ULLARED: acceptance}, TODAY).to_bytes())
    assert lookout.state() is State.STALE


def test_what_a_group_leaves_behind_on_a_day_that_was_accepted_as_empty_is_no_fault(lookout: Lookout) -> None:
    lookout.fill()
    lookout.put_manifest(TODAY, {"Ullared": lookout.put_cell(ULLARED, true_at=TEN - timedelta(hours=30))})
    for accepted_at, state in ((TEN, State.OK), (TEN - timedelta(hours=31), State.STALE)):
        acceptance = Acceptance(why="stängt", accepted_at=accepted_at, visits=0)
        lookout.put_file(ACCEPTED_NAME, Accepted().updated({ULLARED: acceptance}, TODAY).to_bytes())
        assert lookout.state() is state, "visits that came back after it was accepted are renewed as any others"


def test_a_group_that_has_ended_is_expected_no_more_and_its_copies_are_no_finding(lookout: Lookout) -> None:
    lookout.fill()
    lookout.changes = {"teams": (Team(name="Ullared", active_until=TODAY - DAY), Team(name="Ätran", active_from=TODAY))}
    lookout.put_days([TODAY + n * DAY for n in range(4)], ["Ullared", "Ätran"])
    assert lookout.state(TODAY - DAY) is State.OK
    assert lookout.state(TODAY) is None
    assert lookout.look().good


# --- the table and the JSON ---


def test_the_table_has_a_line_for_each_cell_that_falls_short_and_today_comes_first(lookout: Lookout) -> None:
    lookout.fill(["Ullared", "Ätran"])
    gone = Cell(TODAY - 2 * DAY, "Ätran")
    for path in lookout.root.rglob(f"{gone.plan_date:%y%m%d}*"):
        path.unlink()
    half = lookout.put_cell(
        Cell(TODAY, "Ätran"), verdict=Verdict.INCOMPLETE, reasons=lacking("9 besök, brukar vara 90").reasons
    )
    lookout.put_manifest(TODAY, {"Ullared": lookout.put_cell(ULLARED), "Ätran": half})
    put_shortfalls(lookout, {
        gone: lacking(ABSENT, "not_covered"),
        Cell(TODAY + DAY, "Ullared"): lacking(),
        Cell(TODAY, "Ätran"): lacking("9 besök, brukar vara 90", "new"),
    })  # fmt: skip
    lines = lookout.table().splitlines()
    begin = lines.index("Skäl:")
    assert lines[begin + 1 : begin + 4] == [
        "  Ätran tisdag 21 jun: 9 besök, brukar vara 90. [ligger där, märkt OFULLSTÄNDIG]",
        f"  Ullared onsdag 22 jun: {FEW} [den nya är ofullständig, den hela kopian ligger kvar]",
        f"  Ätran söndag 19 jun: {ABSENT}. [ingen kopia kunde göras]",
    ]
    assert [line.count("!") for line in lines if line.startswith(("Ullared ", "Ätran "))] == [1, 0]
    assert "ok! 0h" in lookout.table(), "the copy of tomorrow is held back"


def test_three_hundred_groups_in_trouble_do_not_flood_the_table(lookout: Lookout) -> None:
    teams = [f"Grupp {n}" for n in range(300)]
    lookout.now = TEN
    lookout.changes = {"teams": tuple(Team(name=team) for team in teams)}
    each = {Cell(TODAY, team): lacking(f"{n} besök, brukar vara 900", "no_visits") for n, team in enumerate(teams)}
    same = {Cell(TODAY + DAY, team): lacking(ABSENT, "not_covered", "not_covered") for team in teams}
    put_shortfalls(lookout, each | same)
    lines = lookout.table().splitlines()
    first, second, do = lines[lines.index("Skäl:") + 1 :][:3]
    assert first == (
        "  Grupp 0 tisdag 21 jun: 0 besök, brukar vara 900. Av samma skäl, med andra tal: Grupp 1 tisdag 21 jun "
        "och 298 till. [ingen kopia kunde göras]"
    )
    assert second == f"  Grupp 0 onsdag 22 jun och 299 till: {ABSENT}. [ingen kopia kunde göras]"
    assert do.startswith("  Gör så här: ")


def test_remarks_are_counted_by_kind_with_one_example(lookout: Lookout) -> None:
    teams = [f"Grupp {n}" for n in range(30)]
    late = Reason(code="unassigned_many", count=40, text="40 av 90 besök är inte tilldelade")
    lookout.fill(teams, verdict=Verdict.REMARKS, reasons=(late,))
    masked = Reason(code="masked", count=1, text="1 personnummer är dolt")
    entries = {team: lookout.put_cell(Cell(TODAY, team)) for team in teams}
    entries["Grupp 7"] = entries["Grupp 7"].model_copy(update={"verdict": Verdict.REMARKS, "reasons": (masked,)})
    lookout.put_manifest(TODAY, entries)
    lines = lookout.table().splitlines()
    begin = lines.index("Anmärkningar från i dag och framåt:")
    assert lines[begin + 1 : begin + 3] == [
        "  90 kopior, t.ex. Grupp 0 onsdag 22 jun: 40 av 90 besök är inte tilldelade.",
        "  Grupp 7 tisdag 21 jun: 1 personnummer är dolt.",
    ]


def test_a_decision_that_only_a_newer_version_knows_is_left_out_of_the_table(lookout: Lookout) -> None:
    lookout.fill()
    put_shortfalls(lookout, {ULLARED: lacking(decision="kept_for_reasons_to_come")})
    assert f"  Ullared tisdag 21 jun: {FEW}" in lookout.table().splitlines()


def test_programs_get_the_latest_reading_of_each_cell(lookout: Lookout) -> None:
    lookout.fill()
    put_shortfalls(lookout, {ULLARED: lacking()})
    (store,) = coverage_json([lookout.look()])["stores"]
    by_day = {cell["plan_date"]: cell for cell in store["cells"]}
    assert by_day["2022-06-21"]["latest"] == {
        "captured_at": "2022-06-21T07:55:00Z",
        "visits": 131,
        "decision": "kept_complete",
        "reasons": [{"code": "far_fewer_than_usual", "count": 131, "text": FEW, "severity": "incomplete"}],
    }
    assert (by_day["2022-06-21"]["held_back"], by_day["2022-06-22"]["held_back"]) == (True, False)
    assert by_day["2022-06-22"]["latest"] is None


def test_english_is_spoken_where_it_is_asked_for(lookout: Lookout) -> None:
    lookout.changes = {"language": "en"}
    lookout.fill()
    put_shortfalls(lookout, {ULLARED: lacking("131 visits, usually 204–221")})
    (words,) = lookout.look().critical
    assert "the latest reading of Tuesday 21 June is incomplete for Ullared" in words
    assert "Ullared Tuesday 21 Jun: 131 visits, usually 204–221." in lookout.table()


# --- the alarm ---


def test_an_alarm_tells_the_first_findings_in_full_and_how_many_there_are_besides() -> None:
    found = [f"Fynd {n}: {'x' * 90}." for n in range(40)]
    words = alarm_words(found, "sv", 880)
    assert len(words) <= 1000
    assert words.startswith(f"{found[0]} {found[1]} ")
    assert words.endswith("Och 32 larm till: se reservplan status.")


def test_an_alarm_that_fits_is_told_whole_and_one_that_is_too_long_is_not_left_out() -> None:
    assert alarm_words(["a", "b"], "sv", 880) == "a b"
    assert alarm_words(["a" * 2000, "b"], "sv", 880).startswith("a" * 2000)


def test_forty_groups_that_fall_short_in_four_ways_are_one_alarm_that_is_read_to_its_end(lookout: Lookout) -> None:
    teams = [f"Hemtjänst {n} Norra Halland" for n in range(40)]
    lookout.fill(teams)
    text = "{} besök, brukar vara 204–221. Kontrollera att exporten tog med alla slingor."
    cells = [Cell(TODAY + (n % 2) * DAY, team) for n, team in enumerate(teams)]
    put_shortfalls(lookout, {cell: lacking(text.format(n)) for n, cell in enumerate(cells)})
    found = lookout.look()
    assert len(found.critical) == 2
    words = alarm_words(found.critical, "sv", 880)
    assert "Hemtjänst 0 Norra Halland tisdag 21 jun: 0 besök, brukar vara 204–221." in words
    assert words.endswith("Och 1 larm till: se reservplan status.")
    assert len(words) <= 940
