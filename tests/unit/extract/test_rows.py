"""What becomes of each row: every odd form by itself, and that none is ever lost."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reservplan.domain.plan import SHIFT_COLUMNS, VISIT_COLUMNS, Cell
from reservplan.extract.capture import plan_of, read_exports
from reservplan.extract.layout import TeamNames, visit_layout
from reservplan.extract.patterns import Told
from reservplan.extract.pseudonyms import Pseudonyms
from reservplan.extract.rows import Asked, Fate, RowReader
from reservplan.extract.sheets import Cells
from reservplan.extract.tables import Table, fold
from reservplan.settings import Settings

from tests.unit.extract.conftest import COLUMNS, DAY, HEADINGS, Desk, make_line, table

Line = Callable[..., str]
ULLARED = Cell(DAY, "Ullared")


def one(desk: Desk, text: str, **source: Any) -> pd.Series:
    desk.save(text)
    plan = desk.read(desk.settings(**source))
    assert not plan.unreadable
    assert len(plan.visits) == 1
    return plan.visits.iloc[0]


def asked_of(configured: Settings) -> Asked:
    return Asked(configured, frozenset({DAY}), TeamNames(configured), Pseudonyms(configured.archive))


def test_the_frames_have_exactly_the_columns_and_types_of_the_plan(desk: Desk, line: Line) -> None:
    desk.save(table(line()))
    plan = desk.read()
    for frame, columns in ((plan.visits, VISIT_COLUMNS), (plan.shifts, SHIFT_COLUMNS)):
        assert list(frame.columns) == list(columns)
        for name, kind in columns.items():
            if kind == "datetime":
                assert str(frame[name].dtype) == "datetime64[us, Europe/Stockholm]"
            elif kind == "string":
                assert frame[name].dtype == "str"
                assert not frame[name].isna().any()
            elif kind == "bool":
                assert frame[name].dtype == bool
            else:
                assert all(type(value) is date for value in frame[name])


def test_a_plan_without_rows_for_the_days_has_the_same_columns(desk: Desk, line: Line) -> None:
    desk.save(table(line(plan_date="2026-11-10"), line(plan_date="2026-11-30")))
    plan = desk.read()
    assert plan.visits.empty
    assert list(plan.visits.columns) == list(VISIT_COLUMNS)
    assert list(plan.shifts.columns) == list(SHIFT_COLUMNS)
    assert set(plan.sources) == {ULLARED, Cell(DAY, "Vessigebro")}


@pytest.mark.parametrize(
    "heading_line",
    [
        "datum;grupp;ID;kundnr;KUND;start;längd;medarbetare;notering;status",
        " Datum ;Grupp\u00a0;Id;Kundnr;Kund;Start;La\u0308ngd;Medarbetare;Notering;Status",
        "\ufeffDatum;Grupp;Id;Kundnr;Kund;Start;Längd;Medarbetare;Notering;Status",
    ],
    ids=["letter case", "spaces and decomposed letters", "a byte order mark"],
)
def test_headings_are_known_however_they_are_written(desk: Desk, line: Line, heading_line: str) -> None:
    assert one(desk, f"{heading_line}\r\n{line()}\r\n")["client_name"] == "Elsa Ekdahl"


def test_columns_may_stand_in_any_order_among_others(desk: Desk, line: Line) -> None:
    rows = [["Extra", *reversed(HEADINGS)], ["x", *reversed(line().split(";"))]]
    visit = one(desk, "\n".join(";".join(row) for row in rows))
    assert (visit["client_id"], visit["employee_name"]) == ("0042", "Tuva Lindholm")


def test_titles_and_blank_lines_may_stand_above_the_headings(desk: Desk, line: Line) -> None:
    assert one(desk, "Planering\r\nUtskriven 2026-11-22;;;\r\n\r\n" + table(line()))["client_id"] == "0042"


def test_columns_are_joined_with_a_space(desk: Desk, line: Line) -> None:
    text = table(line(client_name="Elsa;Ekdahl")).replace("Kund;", "Förnamn;Efternamn;")
    assert one(desk, text, columns={**COLUMNS, "client_name": ["Förnamn", "Efternamn"]})["client_name"] == "Elsa Ekdahl"


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        pytest.param({"client_id": "000042"}, "client_id", "000042", id="leading zeros"),
        pytest.param({"client_id": "NA"}, "client_id", "NA", id="NA is text"),
        pytest.param({"client_name": "  Elsa\u00a0 Ekdahl "}, "client_name", "Elsa Ekdahl", id="odd spaces"),
        pytest.param({"employee_name": "Lindholm, Tuva"}, "employee_name", "Tuva Lindholm", id="last name first"),
        pytest.param({"employee_name": ""}, "employee_id", "", id="unassigned"),
        pytest.param({"team": "ullared\u00a0"}, "team", "Ullared", id="letter case of a group"),
        pytest.param({"status": "INSTÄLLT"}, "status", "cancelled", id="a status in capitals"),
        pytest.param({"status": ""}, "status", "planned", id="no status"),
        pytest.param(
            {"note": '"två\r\nrader; och ""citat"""'}, "note", 'två / rader; och "citat"', id="lines and quotes"
        ),
        pytest.param({"note": "De\u0301sire\u0301e"}, "note", "Désirée", id="decomposed letters"),
    ],
)
def test_a_cell_is_read_as_it_is_meant(
    desk: Desk, line: Line, cells: dict[str, str], column: str, expected: str
) -> None:
    assert one(desk, table(line(**cells)))[column] == expected


def test_our_name_of_a_group_replaces_theirs(desk: Desk, line: Line) -> None:
    text = table(line(team="HTJ ULLARED Dag"))
    assert one(desk, text, teams={"HTJ Ullared dag": "Ullared"})["team"] == "Ullared"


def test_a_start_with_its_date_carries_the_day(desk: Desk, line: Line) -> None:
    columns = {ours: theirs for ours, theirs in COLUMNS.items() if ours != "plan_date"}
    visit = one(desk, table(line(start="2026-11-22 23:45")), columns=columns)
    assert visit["plan_date"] == DAY


def test_an_end_time_may_stand_instead_of_a_length(desk: Desk, line: Line) -> None:
    columns = {**{ours: theirs for ours, theirs in COLUMNS.items() if ours != "minutes"}, "end": "Längd"}
    visit = one(desk, table(line(start="23:45", minutes="00:15")), columns=columns)
    assert str(visit["end"]) == "2026-11-23 00:15:00+01:00"


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"plan_date": "22/11"}, "bad_date", "Datum"),
        ({"plan_date": ""}, "bad_date", "Datum"),
        ({"start": "åtta"}, "bad_time", "Start"),
        ({"start": ""}, "no_time", "Start"),
        ({"minutes": "länge"}, "bad_length", "Längd"),
        ({"minutes": ""}, "no_length", "Längd"),
        ({"minutes": "0"}, "end_not_after_start", "Längd"),
        ({"minutes": "1500"}, "too_long", "Längd"),
        ({"client_name": " "}, "no_client", "Kund"),
        ({"team": ""}, "no_team", "Grupp"),
        ({"team": "Ullared/Dag"}, "impossible_team", "Grupp"),
        ({"start": "2026-11-23 08:05"}, "date_mismatch", "Start"),
        ({"status": "Planerat", "note": "en;cell för mycket"}, "extra_cells", ""),
        ({"team": "Nyby"}, "unknown_group", "Grupp"),
        ({"status": "Planerat;en cell för mycket"}, "extra_cells", ""),
        ({"note": '"citat" som inte slutar'}, "broken_quotes", ""),
    ],
)
def test_a_row_that_cannot_be_read_says_where_and_why(
    desk: Desk, line: Line, cells: dict[str, str], code: str, column: str
) -> None:
    desk.save(table(line(), line(start="09:00"), line(**cells)))
    plan = desk.read()
    assert len(plan.visits) == 2
    assert [(u.file, u.row, u.code, u.column) for u in plan.unreadable] == [("export.csv", 4, code, column)]


@pytest.mark.parametrize(
    "cells",
    [
        {"plan_date": "0001-01-01", "start": "00:00"},
        {"plan_date": "9999-12-31", "start": "24:00"},
        {"start": "0001-01-01T00:00:00Z"},
        {"start": "9999-12-31T23:59:59.9"},
        {"minutes": "1e305"},
    ],
)
def test_no_cell_however_odd_stops_the_other_rows(desk: Desk, line: Line, cells: dict[str, str]) -> None:
    desk.save(table(line(), line(**cells)))
    plan = desk.read()
    assert len(plan.visits) == 1
    assert [u.row for u in plan.unreadable] == [3]


@pytest.mark.parametrize("cut", [1, 3, 5, 9])
def test_a_row_with_too_few_cells_is_not_read_as_if_the_others_were_empty(desk: Desk, line: Line, cut: int) -> None:
    short = ";".join(line(start="09:00").split(";")[:-cut])
    plan = desk.read_saved(table(line(), short), protected="Status")
    assert [(u.row, u.code, u.raw_time) for u in plan.unreadable] == [(3, "missing_cells", "")]
    assert len(plan.visits) == 1


def test_cells_that_nobody_asks_for_may_be_left_out_at_the_end(desk: Desk, line: Line) -> None:
    assert one(desk, table(line()).replace("Status", "Status;Övrigt;Mer"))["client_name"] == "Elsa Ekdahl"


def strangers(team: str, visits: int, clients: int, **cells: str) -> list[str]:
    return [make_line(team=team, client_id=str(n % clients), start=f"{n + 8:02}:00", **cells) for n in range(visits)]


def test_a_group_that_the_settings_lack_is_kept_where_it_has_visits_enough(desk: Desk, line: Line) -> None:
    plan = desk.read_saved(table(line(), *strangers("Nyby", 5, 2)))
    assert plan.unknown_teams == ("Nyby",)
    assert len(plan.visits) == 6
    assert not plan.unreadable


@pytest.mark.parametrize(
    ("team", "visits", "clients"),
    [
        ("Nyby", 4, 2),
        ("Nyby", 5, 1),
        ("elsa EKDAHL", 5, 2),
        ("Tuva Lindholm", 5, 2),
        ("Viggo Ekfält", 5, 2),
        ("Hos Elsa Ekdahl kväll", 5, 2),
        ("19121212-1212", 5, 2),
        ("070-174 06 05", 5, 2),
    ],
    ids=[
        "few visits",
        "one client",
        "a client's name",
        "an employee's name",
        "last name first",
        "a name and more",
        "an identity number",
        "a phone number",
    ],
)
def test_what_may_be_a_person_s_never_becomes_a_group(
    desk: Desk, line: Line, team: str, visits: int, clients: int
) -> None:
    others = [line(), line(employee_name="Ekfält, Viggo", start="09:00")]
    plan = desk.read_saved(table(*others, *strangers(team, visits, clients)))
    assert plan.unknown_teams == ()
    assert set(plan.visits["team"]) == {cell.team for cell in plan.sources} - {"Vessigebro"} == {"Ullared"}
    assert {(u.plan_date, u.team, u.code) for u in plan.unreadable} == {(DAY, None, "unknown_group")}
    assert [u.row for u in plan.unreadable] == [*range(4, 4 + visits)]


def test_an_unreadable_row_of_an_unknown_group_concerns_all_groups_of_its_day(desk: Desk, line: Line) -> None:
    (row,) = desk.read_saved(table(line(), line(team="Arne Björkås", start="x"))).unreadable
    assert (row.plan_date, row.team, row.code) == (DAY, None, "bad_time")


class Unspeakable:
    """A cell that cannot even be shown."""

    def __str__(self) -> str:
        raise RuntimeError("Elsa Ekdahl")


def test_a_row_that_breaks_the_reading_is_unreadable_and_no_more(desk: Desk, line: Line) -> None:
    asked = asked_of(desk.settings())
    rows: list[Cells] = [[*line().split(";"), ""], [*line(start="25:00").split(";"), Unspeakable()]]
    headings: Cells = [*HEADINGS, "Övrigt"]
    at = {fold(heading): n for n, heading in enumerate(headings)}
    read = RowReader(
        Table("export.xlsx", 2, rows, at, headings, Told()), visit_layout(asked.settings.source), Told(), asked
    ).read()
    assert read.fates == {Fate.VISIT: 1, Fate.UNREADABLE: 1}
    assert [(u.row, u.code, u.raw_time) for u in read.unreadable] == [(3, "unreadable_row", "25:00")]


def test_an_unreadable_row_belongs_to_its_cell_and_shows_its_time(desk: Desk, line: Line) -> None:
    desk.save(table(line(), line(start="kl 8-25:00")))
    (row,) = desk.read().unreadable
    assert (row.plan_date, row.team, row.raw_time) == (DAY, "Ullared", "kl 8-25:00")


@pytest.mark.parametrize(
    "cells",
    [
        {"start": "Elsa Ekdahl"},
        {"start": "070-1740605"},
        {"start": "121212-1212"},
        {"start": "25:00", "note": "ja"},
        {"start": "25:00", "status": ";för mycket"},
        {"start": "25:00", "status": '"inget slut'},
    ],
    ids=["a name", "a phone number", "an identity number", "somebody protected", "a cell too many", "a broken line"],
)
def test_an_unreadable_row_shows_only_what_is_a_time_and_nobody_s(
    desk: Desk, line: Line, cells: dict[str, str]
) -> None:
    desk.save(table(line(), line(**cells)))
    (row,) = desk.read(desk.settings(protected="Notering")).unreadable
    assert row.raw_time == ""


def test_a_row_number_is_the_one_that_the_spreadsheet_shows(desk: Desk, line: Line) -> None:
    desk.save("Titel\r\n\r\n" + table(line(), "", line(note='"två\r\nrader"', start="09:00"), line(start="x")))
    assert [u.row for u in desk.read().unreadable] == [7]


OPEN, NOTE = '"Ring först', '"två\r\nrader; och ""citat"""'


@pytest.mark.parametrize(
    "closing",
    [
        {"status": 'skärm 5"'},
        {"note": 'skärm 5"'},
        {"client_name": 'Arne Björkås"', "client_id": "7"},
        {"plan_date": '2026-11-22"', "client_id": "7"},
    ],
    ids=["at the end", "in the same column", "before it", "in the first column"],
)
def test_a_quotation_mark_left_open_swallows_no_visits(desk: Desk, line: Line, closing: dict[str, str]) -> None:
    desk.save(
        table(
            line(start="07:00", note=NOTE),
            line(start="08:00", note=OPEN),
            line(start="09:00", client_name="Arne Björkås"),
            line(start="10:00", **closing),
            line(start="11:00", note=NOTE),
        )
    )
    plan = desk.read()
    starts = plan.visits["start"].dt.strftime("%H").tolist()
    assert (plan.unreadable[0].row, plan.unreadable[0].code) == (3, "broken_quotes")
    assert len(starts) + len(plan.unreadable) == 5
    assert {"07", "09", "11"} <= set(starts)
    assert not plan.visits["note"].str.contains("Björkås").any()


def test_an_open_quotation_mark_is_seen_where_another_column_stands_first(desk: Desk, line: Line) -> None:
    rows = [line(start="08:00", note=OPEN), line(start="09:00"), line(start="10:00", client_name='Arne 5"')]
    team_first = [";".join([row.split(";")[1], row.split(";")[0], *row.split(";")[2:]]) for row in rows]
    desk.save("\r\n".join([";".join([HEADINGS[1], HEADINGS[0], *HEADINGS[2:]]), *team_first]))
    plan = desk.read()
    assert plan.visits["start"].dt.strftime("%H").tolist() == ["09", "10"]
    assert [(u.row, u.code) for u in plan.unreadable] == [(2, "broken_quotes")]


def test_notes_of_several_lines_stay_whole_beside_a_broken_line(desk: Desk, line: Line) -> None:
    dated = '"Uppföljning\r\n2026-11-22\r\n12 december 2026, ring dottern"'
    desk.save(
        table(line(note=NOTE), line(start="09:00", note='"citat" som inte slutar'), line(start="10:00", note=dated))
    )
    plan = desk.read()
    assert plan.visits["note"].tolist() == [
        'två / rader; och "citat"',
        "Uppföljning / 2026-11-22 / 12 december 2026, ring dottern",
    ]
    assert [(u.row, u.code) for u in plan.unreadable] == [(3, "broken_quotes")]


@pytest.mark.parametrize(
    "total",
    [
        "Summa;;;;;;90;;;",
        "Totalt 2 besök;;;;;;;;;",
        ";;;;;Summa:;60;;;",
        ";;;;Summa:;;60;;;",
        "Datum;Grupp;Id;Kundnr;Kund;Start;Längd;Medarbetare;Notering;Status",
    ],
)
def test_totals_and_repeated_headings_are_no_rows(desk: Desk, line: Line, total: str) -> None:
    desk.save(table(line(), line(start="09:00"), total))
    plan = desk.read()
    assert not plan.unreadable
    assert len(plan.visits) == 2


@pytest.mark.parametrize(
    "cells",
    [
        {"note": "Total hjälp vid förflyttning"},
        {"note": "Summa", "client_name": "", "employee_name": ""},
        {"note": "Summa", "client_name": "", "client_id": "", "employee_name": "", "visit_id": "7"},
        {"note": "Summa", "client_name": "", "client_id": ""},
        {"client_name": "Total Svensson", "client_id": "", "employee_name": ""},
        {"note": "Hjälp, total", "client_name": "", "client_id": "", "employee_name": ""},
    ],
)
def test_a_row_that_is_somebody_s_is_never_a_total(desk: Desk, line: Line, cells: dict[str, str]) -> None:
    desk.save(table(line(), line(start="åtta", **cells)))
    assert [(u.row, u.code) for u in desk.read().unreadable] == [(3, "bad_time")]


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        ("Totalt 2 besök;;;;;;;;;", 2),
        ("Antal besök;2;;;;;60;;;", 2),
        ("Summa Ullared;2 besök;;;;;;;;", 2),
        ("Summa;;;;;;60;;;", None),
        ("Summa Vessigebro;7 besök;;;;;;;;", None),
    ],
)
def test_the_source_s_own_total_of_visits_is_handed_on(
    desk: Desk, line: Line, total: str, expected: int | None
) -> None:
    desk.save(table(line(), line(start="09:00"), total))
    assert desk.read().sources[ULLARED].expected_visits == expected


def test_a_total_over_several_groups_is_nobody_s(desk: Desk, line: Line) -> None:
    desk.save(table(line(), line(team="Vessigebro"), "Totalt 2 besök"))
    assert {source.expected_visits for source in desk.read().sources.values()} == {None}


def test_rest_and_travel_are_no_visits(desk: Desk, line: Line) -> None:
    desk.save(table(line(), line(start="09:00", client_name="", client_id="", note="Rast")))
    plan = desk.read(desk.settings(other_rows={"column": "Notering", "values": ["rast", "Restid"]}))
    assert plan.visits["status"].tolist() == ["planned", "other"]
    assert plan.visits["activities"].tolist() == ["", "Rast"]


def test_an_unknown_status_is_planned_and_counted(desk: Desk, line: Line) -> None:
    desk.save(table(line(status="Preliminärt")))
    plan = desk.read()
    assert plan.visits["status"].tolist() == ["planned"]
    assert plan.sources[ULLARED].counts == {"unknown_status": 1}


@pytest.mark.parametrize(("filled", "counts"), [(0, {"blank_columns": 1}), (1, {})])
def test_activities_that_no_visit_of_a_cell_has_are_counted(
    desk: Desk, line: Line, filled: int, counts: dict[str, int]
) -> None:
    starts = [f"{hour:02d}:00" for hour in range(8, 13)]
    visits = [line(start=start, note="Dusch" if n < filled else "") for n, start in enumerate(starts)]
    desk.save(table(*visits, line(start="13:00", client_name="", client_id="", note="Rast")))
    columns = {ours: theirs for ours, theirs in COLUMNS.items() if ours != "note"} | {"activities": "Notering"}
    plan = desk.read(desk.settings(columns=columns, other_rows={"column": "Notering", "values": ["Rast"]}))
    assert plan.sources[ULLARED].counts == counts


def test_a_moved_clock_is_counted(desk: Desk, line: Line) -> None:
    desk.save(table(line(plan_date="2026-03-29", start="02:30")))
    day = date(2026, 3, 29)
    assert desk.read(days=[day]).sources[Cell(day, "Ullared")].counts == {"moved_clock": 1}


def test_the_same_row_twice_is_kept_once(desk: Desk, line: Line) -> None:
    desk.save(table(line(visit_id="7"), line(visit_id="7")))
    plan = desk.read()
    assert plan.visits["visit_id"].tolist() == ["7"]
    assert plan.sources[ULLARED].counts == {"duplicates": 1}


def test_two_visits_with_one_id_are_both_kept(desk: Desk, line: Line) -> None:
    desk.save(table(line(visit_id="7"), line(visit_id="7", employee_name="Viggo Ekfält")))
    plan = desk.read()
    assert plan.visits["visit_id"].tolist() == ["7", "7-2"]
    assert plan.sources[ULLARED].counts == {"duplicate_id": 1}


def test_without_ids_equal_unassigned_visits_are_both_kept(desk: Desk, line: Line) -> None:
    desk.save(table(line(employee_name=""), line(employee_name=""), line(start="09:00"), line(start="09:00")))
    plan = desk.read()
    assert len(plan.visits) == 3
    assert plan.visits["visit_id"].is_unique
    assert plan.sources[ULLARED].counts == {"duplicates": 1}


def test_derived_ids_stay_the_same_when_other_rows_come_and_go(desk: Desk, line: Line) -> None:
    desk.save(table(line()))
    before = desk.read().visits.iloc[0]
    desk.save(table(line(start="07:00"), line(), line(team="Vessigebro")))
    after = desk.read().visits.query("start.dt.hour == 8 and team == 'Ullared'").iloc[0]
    assert before["visit_id"] == after["visit_id"]
    assert before["employee_id"] == after["employee_id"] != ""


def test_ignored_groups_are_left_out(desk: Desk, line: Line) -> None:
    desk.save(table(line(), line(team="LSS")))
    plan = desk.read(desk.settings(ignore_teams=["lss"]))
    assert set(plan.visits["team"]) == {"Ullared"}
    assert plan.unknown_teams == ()


def test_the_days_beside_the_asked_ones_are_read_for_the_nights(desk: Desk, line: Line) -> None:
    days = [DAY + timedelta(days=n) for n in range(-2, 3)]
    desk.save(table(*(line(plan_date=str(day)) for day in days)))
    plan = desk.read()
    assert plan.visits["plan_date"].tolist() == days[1:-1]
    assert {cell.plan_date for cell in plan.sources} == {DAY}


NIGHT = ["21:30", "23:45", "01:30", "04:00", "06:15"]


def test_nights_dated_by_shift_begin_on_the_next_day(desk: Desk, line: Line) -> None:
    night = [line(start=start, minutes="20") for start in NIGHT]
    early = line(start="06:45", employee_name="Viggo Ekfält")
    split = [line(start=s, employee_name="Ebba Roslund") for s in ("07:00", "11:00", "20:30")]
    desk.save(table(*night, early, *split))
    plan = desk.read(desk.settings(night_dated_by="shift"))
    visits = plan.visits.sort_values("start")
    of_the_night = visits[visits["employee_name"] == "Tuva Lindholm"]
    assert of_the_night["start"].dt.strftime("%d %H:%M").tolist() == [
        "22 21:30",
        "22 23:45",
        "23 01:30",
        "23 04:00",
        "23 06:15",
    ]
    assert set(visits[visits["employee_name"] != "Tuva Lindholm"]["plan_date"]) == {DAY}
    assert of_the_night["plan_date"].tolist() == [DAY, DAY, *[DAY + timedelta(days=1)] * 3]


def test_nights_dated_by_calendar_stay_where_they_are(desk: Desk, line: Line) -> None:
    desk.save(table(*(line(start=start, minutes="20") for start in NIGHT)))
    assert set(desk.read().visits["plan_date"]) == {DAY}


def test_shifts_are_derived_from_the_visits_over_midnight_too(desk: Desk, line: Line) -> None:
    desk.save(
        table(
            line(start="21:30"),
            line(start="23:45"),
            line(plan_date="2026-11-23", start="05:30"),
            line(start="07:00", employee_name="Ebba Roslund"),
            line(start="15:30", employee_name="Ebba Roslund"),
            line(start="06:00", employee_name="Viggo Ekfält", status="Inställt"),
        )
    )
    shifts = desk.read().shifts
    assert {
        (name, f"{start:%d %H:%M}", f"{end:%d %H:%M}")
        for name, start, end in zip(shifts["employee_name"], shifts["start"], shifts["end"], strict=True)
    } == {("Ebba Roslund", "22 07:00", "22 16:00"), ("Tuva Lindholm", "22 21:30", "23 06:00")}


def test_shifts_of_their_own_file_get_the_ids_of_the_visits(desk: Desk, line: Line, tmp_path: Path) -> None:
    desk.save(table(line()))
    place = tmp_path / "pass.csv"
    place.write_text("Dag;Grupp;Namn;Från;Till;Tel\n2026-11-22;Ullared;Lindholm, Tuva;07:00;16:00;0701740605\n")
    desk.age(place, 1)
    columns = {
        "plan_date": "Dag",
        "team": "Grupp",
        "employee_name": "Namn",
        "start": "Från",
        "end": "Till",
        "phone": "Tel",
    }
    plan = desk.read(desk.settings(shifts={"path": str(place), "columns": columns}))
    shift = plan.shifts.iloc[0]
    assert shift["employee_id"] == plan.visits.iloc[0]["employee_id"]
    assert (shift["employee_name"], shift["phone"]) == ("Tuva Lindholm", "0701740605")
    assert str(shift["end"]) == "2026-11-22 16:00:00+01:00"


ODD_CELLS = {
    "plan_date": ["2026-11-22", "2026-11-22", "2026-11-23", "2026-11-30", "x", ""],
    "team": ["Ullared", "Vessigebro", "Nyby", "LSS", "", "a/b"],
    "visit_id": ["", "", "1", "2"],
    "client_name": ["Elsa Ekdahl", "Arne Björkås", ""],
    "start": ["08:05", "8.05", "23:50", "x", ""],
    "minutes": ["30", "0", "x", "1:15", ""],
    "employee_name": ["Tuva Lindholm", "", "Lindholm, Tuva"],
    "note": ["", "Rast", '"trasigt citat', "Summa"],
    "status": ["", "Inställt", "okänt", "x;för mycket"],
}
ODD_LINES = st.one_of(
    st.builds(make_line, **{ours: st.sampled_from(cells) for ours, cells in ODD_CELLS.items()}),
    st.sampled_from(["", ";;;;", "Summa;;;;;;30", ";".join(HEADINGS)]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(ODD_LINES, max_size=12))
def test_no_row_is_ever_lost(desk: Desk, lines: list[str]) -> None:
    """Every line below the headings is a visit, another row, unreadable, left out by the settings or no row at all."""
    desk.save(table(make_line(), *lines))
    configured = desk.settings(ignore_teams=["LSS"], other_rows={"column": "Notering", "values": ["Rast"]})
    asked = asked_of(configured)
    captured, failed = read_exports(asked)
    plan = plan_of(asked, captured, failed, datetime.now(UTC), "")
    reading = captured[0].reading
    written_twice = sum(counter["duplicates"] for counter in reading.counts.values())
    fates = reading.fates
    assert sum(fates.values()) == len(lines) + 1
    assert fates[Fate.UNREADABLE] == len(plan.unreadable)
    assert fates[Fate.VISIT] + fates[Fate.OTHER] == len(plan.visits) + written_twice
    assert fates[Fate.BLANK] == sum(not line.strip(";") for line in lines)
    assert fates[Fate.IGNORED_TEAM] <= sum(";LSS;" in line for line in lines)
    assert fates[Fate.OUTSIDE] <= sum(line.startswith("2026-11-30") for line in lines)
    assert fates[Fate.TOTAL] <= sum("Summa" in line or line.startswith("Datum") for line in lines)


MARKED = st.tuples(
    st.sampled_from(["client_name", "employee_name", "note", "status"]),
    st.sampled_from(["", '"{}', '{}"', '"{}"', '{}"{}']),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marks=st.lists(MARKED, min_size=1, max_size=12))
def test_every_line_is_accounted_for_however_its_quotation_marks_stand(
    desk: Desk, marks: list[tuple[str, str]]
) -> None:
    lines = [
        make_line(visit_id=f"B{n}", client_id=str(n), **({column: form.replace("{}", "text")} if form else {}))
        for n, (column, form) in enumerate(marks)
    ]
    desk.save(table(make_line(visit_id="sound"), *lines))
    plan = desk.read()
    assert len(plan.visits) + len(plan.unreadable) == len(lines) + 1
    assert (
        not plan.visits[["client_name", "employee_name", "note"]]
        .apply(lambda column: column.str.contains(";"))
        .any()
        .any()
    )


@pytest.mark.parametrize("nobody", ["-", "–", ".", " - ", "?"])
def test_a_visit_whose_employee_is_a_dash_is_unassigned(desk: Desk, line: Line, nobody: str) -> None:
    plan = desk.read_saved(table(line(employee_name=nobody), line(start="09:00")))
    assert plan.visits["employee_name"].tolist() == ["", "Tuva Lindholm"]
    assert (plan.visits["employee_id"] == "").tolist() == [True, False]
