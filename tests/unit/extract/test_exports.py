"""Which file is the export, and what is said where it cannot be used."""

import gc
import io
import os
import weakref
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from reservplan.domain.errors import ReservplanError, SourceError, SourceNotReady
from reservplan.domain.plan import Cell
from reservplan.extract import input_fingerprint
from reservplan.extract.exports import find_exports, read_whole
from reservplan.extract.layout import TeamNames, visit_layout
from reservplan.extract.patterns import Told
from reservplan.extract.pseudonyms import Pseudonyms
from reservplan.extract.rows import Asked, RowReader
from reservplan.extract.tables import find_table

from tests.unit.extract.conftest import COLUMNS, DAY, HEADINGS, Desk, make_line, table

Line = Callable[..., str]


def book(*rows: list[object], title: str = "Planering", more: dict[str, list[list[object]]] | None = None) -> bytes:
    """A workbook with one sheet of rows, and more sheets behind it."""
    workbook = openpyxl.Workbook()
    sheets = {title: list(rows), **(more or {})}
    workbook.remove(workbook.worksheets[0])
    for name, lines in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in lines:
            sheet.append(row)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def row(**cells: str) -> list[object]:
    return [*make_line(**cells).split(";")]


def names(desk: Desk, **source: object) -> list[str]:
    return sorted(desk.read(desk.settings(**source)).visits["client_name"])


def test_the_newest_export_wins(desk: Desk, line: Line) -> None:
    desk.save(table(line(client_name="Ny")), "a.csv", hours_old=1)
    desk.save(table(line(client_name="Gammal")), "b.csv", hours_old=2)
    assert names(desk) == ["Ny"]


def test_of_the_same_age_the_last_name_wins(desk: Desk, line: Line) -> None:
    one, two = desk.save(table(line(client_name="A")), "a.csv"), desk.save(table(line(client_name="B")), "b.csv")
    os.utime(one, ns=(two.stat().st_mtime_ns,) * 2)
    os.utime(two, ns=(two.stat().st_mtime_ns,) * 2)
    assert names(desk) == ["B"]


@pytest.mark.parametrize("name", ["~$plan.xlsx", ".plan.csv", ".~lock.plan.csv#", "plan.pdf", "plan.csv.tmp"])
def test_lock_files_and_other_files_are_never_exports(desk: Desk, line: Line, name: str) -> None:
    desk.save(b"owner", name, hours_old=0.5)
    desk.save(table(line()), "plan.csv")
    assert names(desk) == ["Elsa Ekdahl"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_encoding_gives_the_same_names(desk: Desk, line: Line, encoding: str) -> None:
    desk.save(table(line(client_name="Åsa Öström-Désirée")).encode(encoding))
    assert names(desk) == ["Åsa Öström-Désirée"]


@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_another_delimiter_is_found_by_the_headings(desk: Desk, line: Line, delimiter: str) -> None:
    desk.save(table(line()).replace(";", delimiter), "plan.txt")
    assert names(desk) == ["Elsa Ekdahl"]


@pytest.mark.parametrize("name", ["plan.xlsx", "plan.xlsm"])
def test_a_workbook_gives_the_same_as_text(desk: Desk, name: str) -> None:
    desk.save(book([*HEADINGS], row()), name)
    plan = desk.read()
    assert plan.visits["client_id"].tolist() == ["0042"]
    assert str(plan.visits["start"][0]) == "2026-11-22 08:05:00+01:00"


def test_an_ods_gives_the_same_as_text(desk: Desk) -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    sheet = Table(name="Planering")
    for cells in ([*HEADINGS], row()):
        line = TableRow()
        for cell in cells:
            element = TableCell(valuetype="string")
            element.addElement(P(text=str(cell)))
            line.addElement(element)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    target = io.BytesIO()
    document.write(target)
    desk.save(target.getvalue(), "plan.ods")
    assert names(desk) == ["Elsa Ekdahl"]


def test_date_and_time_cells_are_read(desk: Desk) -> None:
    cells = row()
    cells[0], cells[5], cells[6] = datetime(2026, 11, 22), datetime(2026, 11, 22, 8, 5).time(), 30  # noqa: DTZ001 - a spreadsheet's moments have no zone
    desk.save(book(["Planering vecka 47"], [], [*HEADINGS], cells), "plan.xlsx")
    plan = desk.read()
    assert str(plan.visits["start"][0]) == "2026-11-22 08:05:00+01:00"
    assert str(plan.visits["end"][0]) == "2026-11-22 08:35:00+01:00"


def fault(desk: Desk, **source: object) -> ReservplanError:
    with pytest.raises(ReservplanError) as caught:
        desk.read(desk.settings(**source))
    assert caught.value.__cause__ is None
    return caught.value


def test_no_export_yet_is_worth_another_try(desk: Desk) -> None:
    assert isinstance(fault(desk), SourceNotReady)


def test_a_folder_that_is_gone_is_worth_another_try(desk: Desk) -> None:
    desk.folder.rmdir()
    assert isinstance(fault(desk), SourceNotReady)


def test_a_broken_newest_export_is_refused_and_the_older_one_is_named(desk: Desk, line: Line) -> None:
    desk.save(table(line()), "older.csv", hours_old=5)
    desk.save(book([*HEADINGS], row())[:900], "newest.xlsx", hours_old=1)
    error = fault(desk)
    assert isinstance(error, SourceError)
    assert "newest.xlsx" in str(error)
    assert "older.csv" in str(error)


@pytest.mark.parametrize(
    ("name", "content", "kind", "words"),
    [
        ("plan.csv", b"", SourceNotReady, "empty"),
        ("plan.csv", b"\n\n", SourceNotReady, "no rows"),
        ("plan.csv", ";".join(HEADINGS).encode(), SourceNotReady, "no rows"),
        ("plan.xlsx", b"Datum;Grupp", SourceError, "no workbook"),
        ("plan.xlsx", b"PK\x03\x04 cut", SourceError, "damaged"),
        ("plan.xlsx", b"\xd0\xcf\x11\xe0 sealed", SourceError, "password"),
        ("plan.csv", b"a;b\nElsa;Ekdahl\n", SourceError, "no headings"),
        ("plan.csv", b"\x81\x8d;a\n", SourceError, "encoding"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_is_wrong(
    desk: Desk, name: str, content: bytes, kind: type[ReservplanError], words: str
) -> None:
    desk.save(content, name)
    error = fault(desk)
    assert type(error) is kind
    assert name in error.what
    assert words in error.what
    assert error.do
    assert "Elsa" not in str(error)


def test_a_fresh_workbook_that_breaks_off_is_worth_another_try(desk: Desk) -> None:
    desk.save(book([*HEADINGS], row())[:900], "plan.xlsx", hours_old=0.01)
    assert isinstance(fault(desk), SourceNotReady)


def test_text_that_breaks_off_in_its_last_row_is_worth_another_try(desk: Desk, line: Line) -> None:
    desk.save(table(line(), line(start="09:00")).removesuffix("\r\n")[:-20])
    error = fault(desk)
    assert isinstance(error, SourceNotReady)
    assert "row 3" in error.what


def test_a_file_that_grows_between_two_looks_is_not_ready(
    desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = desk.save(table(line()), hours_old=0)

    def meanwhile(_: float) -> None:
        with place.open("a") as file:
            file.write(line() + "\r\n")

    monkeypatch.setattr("time.sleep", meanwhile)
    assert isinstance(fault(desk), SourceNotReady)


def test_a_locked_file_is_worth_another_try(desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.save(table(line()))

    def locked(_: Path) -> bytes:
        raise PermissionError(13, "open in Excel")

    monkeypatch.setattr(Path, "read_bytes", locked)
    error = fault(desk)
    assert isinstance(error, SourceNotReady)
    assert "locked" in error.what


def test_a_missing_column_is_named_with_those_that_are_almost_it_and_no_other(desk: Desk, line: Line) -> None:
    desk.save(
        table(line()).replace("Kundnr", "Kundnummer").replace("Längd", "Elsa Ekdahl").replace("Status", "x;Status")
    )
    error = fault(desk)
    assert isinstance(error, SourceError)
    assert "Kundnr, Längd" in error.what
    assert "headings there that the settings do not name: 3, alike: Kundnummer." in error.what
    assert error.do.startswith(
        "Add the column to the export, or change source.columns.client_id, source.columns.minutes"
    )
    assert "Elsa" not in str(error)


@pytest.mark.parametrize(("changes", "key"), [
    ({"protected": "Sekretess"}, "source.protected"),
    ({"employee_protected": "Sekretess"}, "source.employee_protected"),
    ({"other_rows": {"column": "Sekretess", "values": ["Rast"]}}, "source.other_rows.column"),
])  # fmt: skip
def test_a_missing_column_is_told_with_the_setting_that_asks_for_it(
    desk: Desk, line: Line, changes: dict[str, object], key: str
) -> None:
    desk.save(table(line()))
    error = fault(desk, **changes)
    assert "lacks the column Sekretess" in error.what
    assert error.do == f"Add the column to the export, or change {key} in the settings."


def test_rows_of_which_none_can_be_read_are_told_with_what_is_wrong_in_them(desk: Desk, line: Line) -> None:
    desk.save(table(*[line(plan_date="11/23/2026")] * 7))
    error = fault(desk)
    assert isinstance(error, SourceError)
    assert (
        error.what == "export.csv holds 7 rows, and none can be read, for example row 2 (Datum), 3 (Datum), 4 (Datum)."
    )
    assert "2026-11-22" in error.do


def test_a_file_without_headings_never_shows_its_first_row(desk: Desk, line: Line) -> None:
    desk.save(line() + "\r\n" + line(start="09:00") + "\r\n")
    error = fault(desk)
    assert "no headings" in error.what
    assert "Elsa" not in str(error)


def test_a_heading_that_is_there_twice_is_refused(desk: Desk, line: Line) -> None:
    desk.save(table(line() + ";x").replace("Status", "Status;Kund"))
    assert "Kund twice" in fault(desk).what


def test_a_wrong_sheet_is_told_with_the_number_of_the_one_that_fits(desk: Desk) -> None:
    desk.save(book(["Försättsblad"], title="Om", more={"Elsa Ekdahl": [[*HEADINGS], row()]}), "plan.xlsx")
    for sheet in ("", "Planering"):
        error = fault(desk, sheet=sheet) if sheet else fault(desk)
        assert "but the sheet 2 does" in error.what
        assert "Elsa" not in str(error)
    assert names(desk, sheet="elsa ekdahl ") == ["Elsa Ekdahl"]


def test_a_sheet_whose_name_is_almost_the_asked_one_is_named(desk: Desk) -> None:
    desk.save(book(["Försättsblad"], title="Om", more={"Planering 2": [[*HEADINGS], row()]}), "plan.xlsx")
    assert "but the sheet Planering 2 does" in fault(desk, sheet="Planering").what


def test_a_sheet_that_is_not_there_names_no_other(desk: Desk) -> None:
    desk.save(book(["x"], title="Elsa Ekdahl"), "plan.xlsx")
    error = fault(desk, sheet="Planering")
    assert "Planering" in error.what
    assert "Elsa" not in str(error)


PER_CELL = "{team}/{plan_date:%y%m%d} *.csv"
NO_DAY_NO_TEAM = {ours: theirs for ours, theirs in COLUMNS.items() if ours not in ("team", "plan_date")}


def test_one_file_a_group_and_day_takes_both_from_the_name(desk: Desk, line: Line) -> None:
    desk.save(table(line()), "ULLARED/261122 plan.csv")
    desk.save(table(line(start="23:30", minutes="60")), "Vessigebro/261121 natt.csv")
    desk.save(table(line()), "Vessigebro/261122 plan.csv")
    desk.save(table(line()), "Vessigebro/261199 plan.csv")
    plan = desk.read(desk.settings(path=f"{desk.folder}/{PER_CELL}", columns=NO_DAY_NO_TEAM))
    assert sorted(zip(plan.visits["plan_date"], plan.visits["team"], strict=True)) == [
        (date(2026, 11, 21), "Vessigebro"),
        (DAY, "Ullared"),
        (DAY, "Vessigebro"),
    ]
    assert set(plan.sources) == {Cell(DAY, "Ullared"), Cell(DAY, "Vessigebro")}


def test_one_group_s_broken_file_leaves_the_others_whole(desk: Desk, line: Line) -> None:
    desk.save(table(line()), "Ullared/261122 plan.csv")
    desk.save(b"", "Vessigebro/261122 plan.csv")
    plan = desk.read(desk.settings(path=f"{desk.folder}/{PER_CELL}", columns=NO_DAY_NO_TEAM))
    assert plan.sources[Cell(DAY, "Ullared")].fault == ""
    assert plan.sources[Cell(DAY, "Vessigebro")].fault == "Vessigebro/261122 plan.csv är tom."
    assert plan.visits["team"].tolist() == ["Ullared"]


def test_a_group_without_a_file_is_not_covered(desk: Desk, line: Line) -> None:
    desk.save(table(line()), "Ullared/261122 plan.csv")
    plan = desk.read(desk.settings(path=f"{desk.folder}/{PER_CELL}", columns=NO_DAY_NO_TEAM))
    assert set(plan.sources) == {Cell(DAY, "Ullared")}


def test_no_file_for_the_asked_days_says_which_days_there_are(desk: Desk, line: Line) -> None:
    desk.save(table(line()), "Ullared/261101 plan.csv")
    error = fault(desk, path=f"{desk.folder}/{PER_CELL}", columns=NO_DAY_NO_TEAM)
    assert isinstance(error, SourceNotReady)
    assert "2026-11-01" in error.what


def test_group_and_day_may_stand_in_a_title(desk: Desk, line: Line) -> None:
    for team, name in (("Ullared", "a.csv"), ("vessigebro", "b.csv")):
        desk.save(f"Utskrivet 05:00\r\nBesök {team} 2026-11-22\r\n" + table(line(client_name=team)), name)
    plan = desk.read(desk.settings(title="Besök {team} {plan_date:%Y-%m-%d}", columns=NO_DAY_NO_TEAM))
    assert sorted(plan.visits["team"]) == ["Ullared", "Vessigebro"]
    assert set(plan.sources) == {Cell(DAY, "Ullared"), Cell(DAY, "Vessigebro")}


def test_of_two_files_with_the_same_title_the_newest_counts(desk: Desk, line: Line) -> None:
    for name, hours in (("old.csv", 9.0), ("new.csv", 1.0)):
        desk.save("Besök Ullared 2026-11-22\r\n" + table(line(client_name=name)), name, hours_old=hours)
    plan = desk.read(desk.settings(title="Besök {team} {plan_date:%Y-%m-%d}", columns=NO_DAY_NO_TEAM))
    assert plan.visits["client_name"].tolist() == ["new.csv"]


def test_a_file_that_hides_whose_it_is_is_told_to_every_group(desk: Desk, line: Line) -> None:
    desk.save("Besök Ullared 2026-11-22\r\n" + table(line()), "a.csv")
    desk.save(b"PK broken", "b.xlsx")
    plan = desk.read(desk.settings(title="Besök {team} {plan_date:%Y-%m-%d}", columns=NO_DAY_NO_TEAM))
    assert [(u.file, u.plan_date, u.team) for u in plan.unreadable] == [("b.xlsx", None, None)]


def test_an_old_export_is_read_and_said_to_be_old(desk: Desk, line: Line) -> None:
    desk.save(table(line()), hours_old=30)
    assert "30 timmar" in desk.read().too_old
    desk.save(table(line()), hours_old=26.2)
    assert "27 timmar gammal när den lästes; högst 26" in desk.read().too_old
    desk.save(table(line()), hours_old=25)
    assert desk.read().too_old == ""


def test_captured_at_is_when_the_file_was_saved(desk: Desk, line: Line) -> None:
    place = desk.save(table(line()))
    captured_at = desk.read().sources[Cell(DAY, "Ullared")].captured_at
    assert captured_at == datetime.fromtimestamp(int(place.stat().st_mtime), UTC)


def test_an_export_covers_all_groups_on_the_days_that_it_reaches(desk: Desk, line: Line) -> None:
    nyby = [line(team="Nyby", plan_date="2026-11-24", client_id=str(n)) for n in range(5)]
    desk.save(table(line(), line(plan_date="2026-11-24"), *nyby))
    days = [DAY + timedelta(days=n) for n in range(-1, 4)]
    plan = desk.read(days=days)
    covered = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    assert set(plan.sources) == {Cell(day, team) for day in covered for team in ("Ullared", "Vessigebro", "Nyby")}
    assert plan.unknown_teams == ("Nyby",)


def test_the_fingerprint_follows_content_name_and_time(desk: Desk, line: Line) -> None:
    settings = desk.settings()
    assert input_fingerprint(settings) is None
    place = desk.save(table(line()))
    first = input_fingerprint(settings)
    assert first
    assert input_fingerprint(settings) == first
    desk.age(place, 0.5)
    assert input_fingerprint(settings) != first


def test_the_path_may_be_the_file_itself(desk: Desk, line: Line) -> None:
    place = desk.save(table(line()))
    assert names(desk, path=str(place)) == ["Elsa Ekdahl"]


def test_a_total_in_the_last_line_is_no_sign_of_a_cut(desk: Desk, line: Line) -> None:
    desk.save(table(line(), line(start="09:00")) + "Totalt 2 besök")
    assert len(desk.read().visits) == 2


def test_an_old_broken_file_among_titled_ones_is_not_missed(desk: Desk, line: Line) -> None:
    desk.save("Besök Ullared 2026-11-22\r\n" + table(line()), "a.csv", hours_old=1)
    desk.save(b"PK broken", "b.xlsx", hours_old=2)
    plan = desk.read(desk.settings(title="Besök {team} {plan_date:%Y-%m-%d}", columns=NO_DAY_NO_TEAM))
    assert plan.unreadable == ()


def test_the_export_of_a_past_day_does_not_grow_old_after_it(desk: Desk, line: Line) -> None:
    today = datetime.now(UTC).date()
    past = today - timedelta(days=5)
    desk.save(table(line()), f"{past}.csv", hours_old=5 * 24)
    settings = desk.settings(
        path=f"{desk.folder}/{{plan_date:%Y-%m-%d}}.csv", columns={k: v for k, v in COLUMNS.items() if k != "plan_date"}
    )
    assert desk.read(settings, [past]).too_old == ""


def test_a_missing_file_of_shifts_stops_no_list(desk: Desk, line: Line) -> None:
    desk.save(table(line()))
    columns = {"team": "Grupp", "plan_date": "Dag", "employee_name": "Namn", "start": "Från", "end": "Till"}
    plan = desk.read(desk.settings(shifts={"path": "/nowhere/pass.csv", "columns": columns}))
    assert len(plan.visits) == len(plan.shifts) == 1
    assert [(u.code, u.team, u.plan_date) for u in plan.unreadable] == [("shifts_no_shifts", None, None)]


@pytest.mark.parametrize("length", [1e305, -1e305])
def test_a_length_beyond_all_bounds_in_a_workbook_is_one_unreadable_row(desk: Desk, length: float) -> None:
    odd = row()
    odd[[*COLUMNS].index("minutes")] = length
    desk.save(book([*HEADINGS], row(), odd), "plan.xlsx")
    plan = desk.read()
    assert len(plan.visits) == 1
    assert [(u.row, u.code) for u in plan.unreadable] == [(3, "bad_length")]


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_only_a_line_break_ends_a_row_of_text(desk: Desk, line: Line, sign: str) -> None:
    plan = desk.read_saved(table(line(note=f"Ring på{sign}två gånger"), line(client_id="0043", start="09:00")))
    assert len(plan.visits) == 2
    assert not plan.unreadable


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_rows_end_in_any_of_the_three_ways(desk: Desk, line: Line, ending: str) -> None:
    text = table(line(note='"två\nrader"'), line(client_id="0043", start="09:00"))
    plan = desk.read_saved(text.replace("\r\n", ending))
    assert sorted(plan.visits["note"]) == ["", "två / rader"]


def test_what_was_read_of_an_export_is_freed_without_the_collector(desk: Desk, line: Line) -> None:
    source = desk.settings().source
    layout = visit_layout(source)
    desk.save(table(line()))
    export = find_exports(source.path)[0]
    asked = Asked(desk.settings(), frozenset({DAY}), TeamNames(desk.settings()), Pseudonyms(desk.archive))
    reader = RowReader(find_table(export, read_whole(export), source, layout.headings), layout, Told(), asked)
    rows = weakref.ref(reader.table)
    gc.disable()
    try:
        assert len(reader.read().starts) == 1
        del reader
        assert rows() is None
    finally:
        gc.enable()


def test_a_file_saved_under_another_day_s_or_group_s_name_is_told_where_its_visits_go(desk: Desk, line: Line) -> None:
    settings = desk.settings(path=f"{desk.folder}/{{plan_date:%y%m%d}} {{team}}.csv")
    tomorrow = str(DAY + timedelta(days=1))
    stale = line(plan_date=tomorrow, employee_name="Stig Strand", start="10:00")
    desk.save(table(stale, line(plan_date=tomorrow, start="01:30")), "261122 Ullared.csv")
    desk.save(table(line(plan_date=tomorrow), line(team="Vessigebro", plan_date=tomorrow)), "261123 Ullared.csv")
    desk.save(table(line(team="Vessigebro", plan_date=tomorrow, start="09:00")), "261123 Vessigebro.csv")
    plan = desk.read(settings, [DAY, DAY + timedelta(days=1)])
    assert plan.sources[Cell(DAY, "Ullared")].counts == {}
    # The visit after midnight belongs to the night of the day before, and its file.
    assert plan.sources[Cell(DAY + timedelta(days=1), "Ullared")].counts == {"other_file": 1}
    assert plan.sources[Cell(DAY + timedelta(days=1), "Vessigebro")].counts == {"other_file": 1}
