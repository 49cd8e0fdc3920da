"""What never leaves extract: protected people, identity numbers, and anything of a person in an error's text."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from reservplan.domain.errors import SettingsError, SourceError
from reservplan.domain.plan import Cell
from reservplan.domain.words import say
from reservplan.extract.identity_numbers import MASK
from reservplan.extract.mentions import Mentions

from tests.unit.extract.conftest import COLUMNS, DAY, Desk, table
from tests.unit.extract.test_identity_numbers import check_digit

Line = Callable[..., str]
ULLARED = Cell(DAY, "Ullared")
# An invented birth date in the reserved first minutes of a century that no client is from.
NUMBER = "180203-123" + check_digit("180203123")
MORE = {
    **COLUMNS,
    "address": "Gata",
    "postal_code": "Postnr",
    "city": "Ort",
    "phone": "Tel",
    "access": "Nyckel",
    "activities": "Insats",
}
SECRETS = ("Elsa", "Ekdahl", "Smygvägen", "311 99", "Gömstad", "0701740605", "Kod 9", "Dusch", "Hemlig not", "0042")


def full(line: Callable[..., str], mark: str, **cells: str) -> str:
    return ";".join(
        [line(note="Hemlig not", **cells), "Smygvägen 1", "311 99", "Gömstad", "0701740605", "Kod 9", "Dusch", mark]
    )


def full_table(*lines: str) -> str:
    return table(*lines).replace("Status", "Status;Gata;Postnr;Ort;Tel;Nyckel;Insats;Skydd")


@pytest.mark.parametrize("mark", ["1", "Ja", "x", "true", "SKYDDAD", "nej?"])
def test_a_protected_client_is_a_time_and_whom_to_ask(desk: Desk, line: Line, mark: str) -> None:
    desk.save(full_table(full(line, mark, visit_id="v-0042-1")))
    contacts = {"protected": {"name": "Enhetschef", "phone": "0346-88 60 00"}}
    plan = desk.read(desk.settings(columns=MORE, protected="Skydd", _top={"contacts": contacts}))
    visit = plan.visits.iloc[0]
    assert visit["client_name"] == "Skyddad uppgift – kontakta Enhetschef, 0346-88 60 00"
    assert visit["protected"]
    assert visit["employee_name"] == "Tuva Lindholm"
    assert str(visit["start"]) == "2026-11-22 08:05:00+01:00"
    shown = plan.visits.to_csv() + plan.shifts.to_csv() + repr(plan.unreadable) + repr(plan.sources)
    assert not [secret for secret in SECRETS if secret in shown]
    assert plan.sources[ULLARED].counts == {"protected": 1}


@pytest.mark.parametrize(
    ("priority", "kept"), [("1", "1"), ("3", "3"), ("", ""), ("ring Arne först", ""), ("0042", "")]
)
def test_of_a_protected_client_s_priority_only_one_that_is_one_remains(
    desk: Desk, line: Line, priority: str, kept: str
) -> None:
    desk.save(full_table(full(line, "ja")).replace("Dusch", priority))
    columns = {**MORE, "priority": MORE["activities"]}
    del columns["activities"]
    visit = desk.read(desk.settings(columns=columns, protected="Skydd")).visits.iloc[0]
    assert visit["protected"]
    assert visit["priority"] == kept


@pytest.mark.parametrize("mark", ["", "0", "Nej", "false", "FALSE", " "])
def test_empty_zero_no_and_false_mean_not_protected(desk: Desk, line: Line, mark: str) -> None:
    desk.save(full_table(full(line, mark)))
    visit = desk.read(desk.settings(columns=MORE, protected="Skydd")).visits.iloc[0]
    assert not visit["protected"]
    assert visit["client_name"] == "Elsa Ekdahl"


def test_who_is_protected_on_one_row_is_protected_on_all(desk: Desk, line: Line) -> None:
    desk.save(
        full_table(
            full(line, "ja"), full(line, "", start="12:00"), full(line, "", client_id="0043", client_name="Arne Ås")
        )
    )
    visits = desk.read(desk.settings(columns=MORE, protected="Skydd")).visits
    assert visits["protected"].tolist() == [True, True, False]
    assert visits["client_id"].nunique() == 2


def test_a_client_marked_in_one_file_is_hidden_in_all(desk: Desk, line: Line) -> None:
    desk.save(full_table(full(line, "ja")), "Ullared.csv")
    desk.save(full_table(full(line, "", team="Vessigebro")), "Vessigebro.csv")
    visits = desk.read(desk.settings(path=f"{desk.folder}/{{team}}.csv", columns=MORE, protected="Skydd")).visits
    assert visits["protected"].tolist() == [True, True]
    assert not [secret for secret in SECRETS if secret in visits.to_csv()]


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param({"start": "snart"}, id="unreadable"),
        pytest.param({"plan_date": "2027-03-01"}, id="outside"),
        pytest.param({"team": "LSS"}, id="ignored team"),
        pytest.param({"team": ""}, id="no team"),
        pytest.param({"start": "snart", "status": "ett; för mycket"}, id="extra cells"),
    ],
)
@pytest.mark.parametrize("given", ["0042", ""], ids=["by id", "by name"])
def test_a_mark_on_a_row_that_is_no_visit_hides_the_client_s_others(
    desk: Desk, line: Line, lost: dict[str, str], given: str
) -> None:
    desk.save(full_table(full(line, "ja", client_id=given, **lost), full(line, "", client_id="0042")))
    plan = desk.read(desk.settings(columns=MORE, protected="Skydd", ignore_teams=["LSS"]))
    assert plan.visits["protected"].tolist() == [True]
    assert not [secret for secret in SECRETS if secret in plan.visits.to_csv() + repr(plan.unreadable)]


def test_people_with_ids_who_share_a_name_are_not_each_other(desk: Desk, line: Line) -> None:
    desk.save(full_table(full(line, "ja"), full(line, "", client_id="0043")))
    visits = desk.read(desk.settings(columns=MORE, protected="Skydd")).visits
    assert visits["protected"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Nyckel hos elsa ekdahl, Smygvägen 1", "Nyckel hos ******, ******"),
        ("Ekdahl, Elsa bor ovanpå", "****** bor ovanpå"),
        ("Hämta Elsa Ekdahls post", "Hämta ****** post"),
        ("Grannen: 070-174 06 05", "Grannen: ******"),
        ("Grannen: +46 70 174 06 05.", "Grannen: ******."),
        ("Grannen: 0046 (0)70-1740605", "Grannen: ******"),
        ("Smygvägen 12, Elsa Ekdahlin, 10701740605", "Smygvägen 12, Elsa Ekdahlin, 10701740605"),
        ("Elsa hälsar", "Elsa hälsar"),
    ],
)
@pytest.mark.parametrize("start", ["08:00", "snart"], ids=["on a visit", "on an unreadable row"])
def test_others_rows_do_not_speak_of_a_protected_client(
    desk: Desk, line: Line, start: str, said: str, left: str
) -> None:
    other = line(client_id="0043", client_name="Arne Ås", start="09:00", note=said)
    desk.save(full_table(full(line, "ja", start=start), f"{other};Ågatan 2;;;;{said};{said};"))
    plan = desk.read(desk.settings(columns=MORE, protected="Skydd"))
    visit = plan.visits.iloc[-1]
    assert visit[["note", "access", "activities"]].tolist() == [left] * 3
    assert plan.sources[ULLARED].counts.get("masked", 0) == 3 * left.count("******")


@pytest.mark.parametrize("phone", ["+46 (0)70-174 06 05", "+46701740605", "Dotter 0046701740605, även kväll"])
def test_a_protected_phone_is_found_however_it_is_written(desk: Desk, line: Line, phone: str) -> None:
    other = line(client_id="0043", client_name="Arne Ås", note="Ring 070-174 06 05")
    desk.save(full_table(full(line, "ja").replace("0701740605", phone), f"{other};;;;;;;"))
    visits = desk.read(desk.settings(columns=MORE, protected="Skydd")).visits
    assert visits["note"].tolist() == ["", "Ring ******"]


def test_the_words_of_a_row_whose_cells_are_shifted_stay_in_other_texts(desk: Desk, line: Line) -> None:
    shifted = full(line, "ja", team="Ullared;x", client_id="Dusch")  # stands where a name is looked for
    other = line(client_id="0043", client_name="Arne Ås")
    desk.save(full_table(shifted, f"{other};Ågatan 2;;;;;Dusch, frukost;"))
    visit = desk.read(desk.settings(columns=MORE, protected="Skydd")).visits.iloc[-1]
    assert visit["activities"] == "Dusch, frukost"


def test_headings_repeated_in_the_table_are_nobody_s_mark(desk: Desk, line: Line) -> None:
    lines = full_table(full(line, "", client_name="Kund")).splitlines()
    desk.save("\n".join([*lines, lines[0]]))
    assert desk.read(desk.settings(columns=MORE, protected="Skydd")).visits["protected"].tolist() == [False]


def test_a_protected_client_without_a_name_is_still_a_visit(desk: Desk, line: Line) -> None:
    desk.save(full_table(full(line, "ja", client_name="")))
    plan = desk.read(desk.settings(columns=MORE, protected="Skydd"))
    assert len(plan.visits) == 1
    assert not plan.unreadable


def test_two_protected_clients_without_id_and_name_are_two_visits(desk: Desk, line: Line) -> None:
    plan = desk.read_saved(
        table(*[line(client_id="", client_name="") + ";ja"] * 2).replace("Status", "Status;Skydd"), protected="Skydd"
    )
    assert plan.visits["visit_id"].nunique() == len(plan.visits) == 2
    assert "duplicates" not in plan.sources[ULLARED].counts


@pytest.mark.parametrize(("shown_by", "shown"), [("initials", "T.L."), ("id", "77")])
def test_a_protected_employee_is_shown_by_initials_or_id(desk: Desk, line: Line, shown_by: str, shown: str) -> None:
    text = table(line() + ";77;ja", line(start="09:00") + ";77;").replace("Status", "Status;Anstnr;Dold")
    plan = desk.read_saved(
        text,
        columns={**COLUMNS, "employee_id": "Anstnr"},
        employee_protected="Dold",
        employee_protected_shown_by=shown_by,
    )
    assert plan.visits["employee_name"].tolist() == [shown, shown]
    assert "Lindholm" not in plan.visits.to_csv() + plan.shifts.to_csv()


SHIFT_COLUMNS = {
    "plan_date": "Dag",
    "team": "Grupp",
    "employee_name": "Namn",
    "start": "Från",
    "end": "Till",
    "phone": "Tel",
}


def save_shifts(desk: Desk, *lines: str) -> dict[str, object]:
    """A file of shifts beside the exports, and the settings' `shifts` that read it."""
    place = desk.save("\n".join(["Dag;Grupp;Namn;Från;Till;Tel;Anstnr;Dold", *lines]), "../pass.csv")
    return {"path": str(place), "columns": SHIFT_COLUMNS}


def shift_line(name: str, *more: str) -> str:
    return ";".join(["2026-11-22", "Ullared", name, "07:00", "16:00", "0701740605", *more])


@pytest.mark.parametrize("marks", [("ja", ""), ("", "ja")])
def test_an_employee_marked_in_one_file_is_hidden_in_all(desk: Desk, line: Line, marks: tuple[str, str]) -> None:
    for team, mark in zip(("Ullared", "Vessigebro"), marks, strict=True):
        desk.save(table(line(team=team) + f";77;{mark}").replace("Status", "Status;Anstnr;Dold"), f"{team}.csv")
    plan = desk.read(
        desk.settings(
            path=f"{desk.folder}/{{team}}.csv",
            columns={**COLUMNS, "employee_id": "Anstnr"},
            employee_protected="Dold",
            shifts=save_shifts(desk, shift_line("Tuva Lindholm")),
        )
    )
    assert plan.visits["employee_name"].tolist() == ["T.L.", "T.L."]
    assert plan.shifts[["employee_name", "phone"]].to_numpy().tolist() == [["T.L.", ""]]


def test_a_mark_on_a_row_that_is_no_visit_hides_the_employee_too(desk: Desk, line: Line) -> None:
    plan = desk.read_saved(
        table(line(start="snart") + ";ja", line() + ";").replace("Status", "Status;Dold"), employee_protected="Dold"
    )
    assert plan.visits["employee_name"].tolist() == ["T.L."]


def test_an_employee_marked_on_a_shift_only_is_hidden_everywhere(desk: Desk, line: Line) -> None:
    desk.save(table(line(), line(employee_name="Ebba Roslund", start="09:00")))
    shifts = save_shifts(
        desk,
        shift_line("Tuva Lindholm", "77", "ja"),
        shift_line("Stig Utan-Besök", "78", "ja"),
        shift_line("Ebba Roslund", "79", ""),
    )
    shifts["columns"] = {**SHIFT_COLUMNS, "employee_protected": "Dold"}
    plan = desk.read(desk.settings(shifts=shifts))
    assert plan.visits["employee_name"].tolist() == ["T.L.", "Ebba Roslund"]
    assert plan.visits["employee_protected"].tolist() == [True, False]
    assert plan.shifts["employee_name"].tolist() == ["T.L.", "S.U.B.", "Ebba Roslund"]
    assert plan.shifts["phone"].tolist() == ["", "", "0701740605"]


def test_a_protected_name_written_twice_in_a_row_leaves_nothing_of_either() -> None:
    mentions = Mentions(["Elsa Ekdahl"], [], [])
    assert mentions.hide("Som Elsa Ekdahl, Elsa Ekdahls nyckel") == ("Som ******, ****** nyckel", 2)


def test_a_protected_employee_is_not_named_by_other_people_s_rows(desk: Desk, line: Line) -> None:
    other = line(
        client_name="Bo Bok", client_id="7", employee_name="Ebba Roslund", note="Med Tuva Lindholm, Tuva Lindholms bil"
    )
    desk.save(table(line() + ";ja", other + ";").replace("Status", "Status;Dold"))
    plan = desk.read(desk.settings(employee_protected="Dold"))
    assert plan.visits["note"].tolist() == ["", "Med ******, ****** bil"]
    assert "skyddade" in say("sv", "validate.masked", count=plan.sources[ULLARED].counts["masked"])


def test_an_employee_protected_by_a_shift_or_an_unreadable_row_is_not_named_by_other_people_s_rows(
    desk: Desk, line: Line
) -> None:
    other = line(employee_name="Ebba Roslund", note="Lindholm, Tuva tar över efter Stig Strand")
    desk.save(
        table(line(employee_name="Stig Strand", start="snart") + ";ja", other + ";").replace("Status", "Status;Dold")
    )
    shifts = save_shifts(desk, shift_line("Tuva Lindholm", "77", "ja"))
    shifts["columns"] = {**SHIFT_COLUMNS, "employee_protected": "Dold"}
    plan = desk.read(desk.settings(employee_protected="Dold", shifts=shifts))
    assert plan.visits["note"].tolist() == ["****** tar över efter ******"]


def test_one_employee_id_is_one_person_in_the_first_spelling(desk: Desk, line: Line) -> None:
    names = ["Tuva Lindholm", "Tuva L", "Lindholm Tuva", "Tuva"]
    desk.save(
        table(*(line(employee_name=name, start=f"{8 + n}:00") + ";77" for n, name in enumerate(names))).replace(
            "Status", "Status;Anstnr"
        )
    )
    shifts = save_shifts(desk, shift_line("", "77"))
    shifts["columns"] = {**SHIFT_COLUMNS, "employee_id": "Anstnr"}
    plan = desk.read(desk.settings(columns={**COLUMNS, "employee_id": "Anstnr"}, shifts=shifts))
    assert plan.shifts["employee_name"].tolist() == ["Tuva Lindholm"]


def test_nobody_gets_another_s_name_where_names_are_not_mapped(desk: Desk, line: Line) -> None:
    columns = {ours: theirs for ours, theirs in COLUMNS.items() if ours != "employee_name"} | {"employee_id": "Anstnr"}
    desk.save(table(line() + ";77", line(start="09:00") + ";").replace("Status", "Status;Anstnr"))
    shifts = save_shifts(desk, shift_line("", "80"), shift_line("Ebba Roslund", ""))
    shifts["columns"] = {**SHIFT_COLUMNS, "employee_id": "Anstnr"}
    plan = desk.read(desk.settings(columns=columns, shifts=shifts))
    assert plan.shifts["employee_id"].tolist()[0] == "80"
    assert plan.shifts["employee_name"].tolist() == ["", "Ebba Roslund"]


def test_identity_numbers_in_free_text_are_hidden_and_counted(desk: Desk, line: Line) -> None:
    plan = desk.read_saved(table(line(note=f"Son: {NUMBER}, även {NUMBER}. Tel 0701740605")))
    assert plan.visits["note"].tolist() == [f"Son: {MASK}, även {MASK}. Tel 0701740605"]
    assert plan.sources[ULLARED].counts == {"masked": 2}


def test_identity_numbers_below_the_wrong_headings_are_hidden_too(desk: Desk, line: Line) -> None:
    desk.save(table(line(note=f"pnr {NUMBER}")))
    plan = desk.read(desk.settings(columns={**COLUMNS, "priority": COLUMNS["note"], "city": COLUMNS["note"]}))
    assert plan.visits.loc[0, ["note", "priority", "city"]].tolist() == [f"pnr {MASK}"] * 3


def test_a_client_id_that_is_an_identity_number_becomes_a_keyed_pseudonym(desk: Desk, line: Line) -> None:
    text = table(line(client_id=NUMBER), line(client_id=f"19{NUMBER}".replace("-", ""), start="09:00"))
    plan = desk.read_saved(text)
    (pseudonym,) = set(plan.visits["client_id"])
    assert NUMBER[-4:] not in pseudonym
    again = desk.read()
    assert set(again.visits["client_id"]) == {pseudonym}
    key = desk.archive / "pseudonym.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.unlink()
    assert set(desk.read().visits["client_id"]) != {pseudonym}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(desk: Desk, line: Line, mode: int) -> None:
    desk.read_saved(table(line(client_id=NUMBER)))
    key = desk.archive / "pseudonym.key"
    key.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        desk.read()
    key.chmod(0o600)
    assert len(desk.read().visits) == 1


def test_a_key_is_made_in_a_folder_of_ours_alone_and_never_through_a_link(
    desk: Desk, line: Line, tmp_path: Path
) -> None:
    desk.read_saved(table(line(client_id=NUMBER)))
    assert stat.S_IMODE(desk.archive.stat().st_mode) == 0o700
    elsewhere = tmp_path / "elsewhere"
    key = desk.archive / "pseudonym.key"
    key.rename(elsewhere)
    for target in (elsewhere, tmp_path / "nowhere"):
        key.symlink_to(target)
        with pytest.raises(SourceError, match="cannot be read or made"):
            desk.read()
        key.unlink()
    assert not (tmp_path / "nowhere").exists()


def test_no_key_is_made_where_none_is_needed(desk: Desk, line: Line) -> None:
    desk.read_saved(table(line()))
    assert not desk.archive.exists()


def test_an_identity_number_in_the_time_column_is_hidden_on_paper_too(desk: Desk, line: Line) -> None:
    (row,) = desk.read_saved(table(line(start=NUMBER))).unreadable
    assert row.raw_time == ""


def test_nothing_but_the_plan_s_columns_leaves(desk: Desk, line: Line) -> None:
    plan = desk.read_saved(table(line() + ";Hemlig diagnos").replace("Status", "Status;Diagnos"))
    assert "diagnos" not in plan.visits.to_csv().casefold()
