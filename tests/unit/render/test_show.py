"""What is shown, decided purely: order, nights, colleagues, texts, hashes."""

import copy
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from reservplan.domain.judgement import Marks
from reservplan.domain.plan import Cell, Unreadable
from reservplan.domain.swedish import swedish_order
from reservplan.render import TEMPLATE_VERSION, content_hash, show_cell
from reservplan.render.lettering import Style, clean, cut_to, soft, width_mm, wrap
from reservplan.settings import Settings

from .conftest import CAPTURED, CELL, DAY, INCOMPLETE, PLAIN, REMARK, TEAM, Build, a_day, judged, make_settings

THURSDAY = DAY + timedelta(days=1)


def shown(build: Build, settings: Settings, cell: Cell = CELL, marks: Marks = PLAIN, *reasons: Any) -> dict[str, Any]:
    return show_cell(build.plan(), cell, judged(build, cell, *reasons), settings, marks)


def rows_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    listed = document["list"]
    rows = [row for employee in listed["employees"] for part in employee["parts"] for row in part["rows"]]
    return [*listed["front"]["unassigned"], *rows]


def boxes_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        box
        for page in document["overview"]["pages"]
        for block in page["blocks"]
        for row in block["rows"]
        for box in row["boxes"]
    ]


def all_words(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)


def test_every_visit_stands_unmarked_exactly_once_over_two_days_with_nights(settings: Settings) -> None:
    build = a_day(8, 9)
    for row in build.visits:
        row["client_name"] = f"{row['client_name']} {row['visit_id']}" if row["status"] == "planned" else ""
    unmarked: Counter[str] = Counter()
    for day in (DAY, THURSDAY):
        rows = rows_of(shown(build, settings, Cell(day, TEAM)))
        unmarked.update(row["client"] for row in rows if not row["after_midnight"] and not row["other"])
        assert {row["after_midnight"] for row in rows if row["after_midnight"]} <= {
            "efter midnatt, torsdag 23 juni", "efter midnatt, fredag 24 juni"
        }  # fmt: skip
    expected = {row["client_name"] for row in build.visits
                if row["status"] == "planned" and row["plan_date"] in (DAY, THURSDAY)}  # fmt: skip
    assert set(unmarked) == expected
    assert set(unmarked.values()) == {1}


def test_a_night_shift_shows_its_visits_after_midnight_on_the_day_it_began_and_on_the_next(settings: Settings) -> None:
    build = Build()
    build.shift("21:00", "07:00", "Bo Natt", phone="070-1740605")
    build.visit("22:00", 30, "Bo Natt", client_name="Kväll")
    build.visit("23:40", 40, "Bo Natt", client_name="Över midnatt")
    build.visit("01:30", 30, "Bo Natt", day=THURSDAY, client_name="Natt")
    build.visit("08:00", 30, "Dag Dagson", day=THURSDAY, client_name="Morgon")
    wednesday, thursday = shown(build, settings), shown(build, settings, Cell(THURSDAY, TEAM))

    assert [(r["client"], r["start"], r["end"], r["after_midnight"]) for r in rows_of(wednesday)] == [
        ("Kväll", "22:00", "22:30", ""),
        ("Över midnatt", "23:40", "00:20", ""),
        ("Natt", "01:30", "02:00", "efter midnatt, torsdag 23 juni"),
    ]
    parts = wednesday["list"]["employees"][0]["parts"]
    assert [part["heading"] for part in parts] == ["", "efter midnatt, torsdag 23 juni"]
    assert [(r["client"], r["after_midnight"]) for r in rows_of(thursday)] == [("Natt", ""), ("Morgon", "")]
    night = thursday["list"]["employees"][0]
    assert night["parts"][0]["heading"] == "nattpass från onsdag 22 juni 21:00–07:00"
    assert thursday["list"]["front"]["staff"][0]["night"] == "nattpass från onsdag 22 juni 21:00–07:00"
    staff = wednesday["list"]["front"]["staff"][0]
    assert (staff["visits"], staff["after_midnight"]) == ("2 besök", "1 efter midnatt")
    assert wednesday["list"]["employees"][0]["facts"].endswith("2 besök + 1 efter midnatt")
    assert [box["kind"] for box in boxes_of(wednesday)] == ["visit", "visit", "repeat"]


def test_an_unassigned_visit_in_the_night_stands_on_the_night_staffs_list_too(settings: Settings) -> None:
    build = Build()
    build.shift("21:00", "07:00", "Bo Natt")
    build.visit("22:00", 30, "Bo Natt")
    build.visit("03:00", 30, day=THURSDAY, client_name="Ingens")
    front = shown(build, settings)["list"]["front"]
    [row] = front["unassigned"]
    assert (row["client"], row["after_midnight"]) == ("Ingens", "efter midnatt, torsdag 23 juni")
    assert front["unassigned_heading"] == "Ej tilldelade besök (0, och 1 efter midnatt)"


def test_an_evening_after_a_night_is_not_taken_for_a_part_of_it(settings: Settings) -> None:
    build = Build()
    build.shift("21:00", "07:00", "Bo Natt", day=DAY - timedelta(days=1))
    build.visit("01:30", 30, "Bo Natt", client_name="Natt")
    build.visit("18:00", 30, "Bo Natt", client_name="Kväll")
    document = shown(build, settings)
    parts = document["list"]["employees"][0]["parts"]
    assert [(part["heading"], [row["client"] for row in part["rows"]]) for part in parts] == [
        ("nattpass från tisdag 21 juni 21:00–07:00", ["Natt"]),
        ("onsdag 22 juni, utanför passet", ["Kväll"]),
    ]


def test_an_evenings_shift_stands_in_one_row_of_the_overview_and_only_nights_on_the_nights_axis(
    settings: Settings,
) -> None:
    build = Build()
    build.shift("21:00", "07:00", "Bo Natt", day=DAY - timedelta(days=1))
    build.visit("01:30", 30, "Bo Natt")
    build.shift("21:00", "07:00", "Cilla Natt")
    for start in ("21:30", "23:00"):
        build.visit(start, 30, "Cilla Natt")
    build.shift("14:00", "22:45", "Kvällsson")
    for start in ("14:00", "22:10"):
        build.visit(start, 30, "Kvällsson")
    build.shift("14:00", "00:30", "Sent")
    for start in ("14:00", "23:30"):
        build.visit(start, 30, "Sent")
    build.visit("23:10", 20)
    blocks = shown(build, settings)["overview"]["pages"][0]["blocks"]
    placed = [{row["name"]: (row["sub"], len(row["boxes"])) for row in block["rows"]} for block in blocks]
    assert placed == [
        {"Bo Natt": (["21:00–07:00"], 1)},
        {"Kvällsson": (["14:00–22:45"], 2), "Sent": (["14:00–00:30"], 2)},
        {"EJ TILLDELAT": (["1 besök"], 1), "Cilla Natt": (["21:00–07:00"], 2)},
    ]


def test_two_of_one_name_are_told_apart_and_nobody_else_gets_a_number(settings: Settings) -> None:
    build = Build()
    build.visit("08:00", 30, "Anna", employee_id="17", double_staffing_id="1", client_id="k")
    build.visit("08:00", 30, "Bo", employee_id="18", double_staffing_id="1", client_id="k")
    build.visit("09:00", 30, "Anna", employee_id="19")
    build.visit("10:00", 30, "李小龍", employee_id="20")
    build.visit("11:00", 30, "A.B.", employee_id="21", employee_protected=True)
    build.visit("12:00", 30, "A.B.", employee_id="22", employee_protected=True)
    document = shown(build, settings)
    names = {employee["name"] for employee in document["list"]["employees"]}
    assert names == {"Anna (17)", "Anna (19)", "Bo", "□□□ (20)", "A.B."}
    assert "DUBBELBEMANNING med Anna (17)" in all_words(document)


def test_a_list_of_a_past_day_and_an_incomplete_one_say_what_to_do_with_them(settings: Settings) -> None:
    build = Build()
    build.visit("08:00", 30, "Bo")
    past = Marks(CAPTURED + timedelta(days=1), created_afterwards=True)
    [step] = shown(build, settings, marks=past)["list"]["front"]["steps"]
    assert "registrera i efterhand" in step
    reached = make_settings(contacts={"planner": {"name": "Planerare", "phone": "0346-88 60 00"}})
    document = shown(build, reached, CELL, PLAIN, INCOMPLETE)
    assert document["list"]["front"]["verdict_says"].endswith("fråga planeraren. Planerare: 0346-88 60 00.")
    assert "se första sidan" in document["list"]["bands"][0]
    assert "se bladet Information" in document["list"]["sheet_bands"][0]
    assert "se Brukarschemats första sida" in document["overview"]["bands"][0]


def test_a_night_of_another_team_marks_nothing_here(settings: Settings) -> None:
    build = Build()
    build.shift("21:00", "07:00", "Bo Natt", team="Vessigebro")
    build.visit("08:00", 30, "Bo Natt")
    build.visit("01:30", 30, "Bo Natt", day=THURSDAY)
    assert [row["start"] for row in rows_of(shown(build, settings))] == ["08:00"]


def test_both_half_past_two_of_the_autumn_night_are_told_apart_and_in_order(settings: Settings) -> None:
    autumn = date(2022, 10, 30)
    build = Build()
    build.visit("01:30", 120, "Bo", day=autumn, client_name="Lång")
    for number, hour in enumerate((0, 1)):
        instant = datetime(2022, 10, 30, hour, 30, tzinfo=UTC)
        build.visit("02:30", 20, "Bo", day=autumn, client_name=f"Nr {number}")
        build.visits[-1] |= {"start": instant, "end": instant + timedelta(minutes=20)}
    rows = rows_of(shown(build, settings, Cell(autumn, TEAM)))
    assert [(row["client"], row["start"], row["marks"]) for row in rows] == [
        ("Lång", "01:30", []),
        ("Nr 0", "02:30", ["sommartid"]),
        ("Nr 1", "02:30", ["vintertid"]),
    ]
    assert rows[0]["end"] == "02:30"


def test_the_hour_that_spring_skips_carries_no_mark(settings: Settings) -> None:
    spring = date(2022, 3, 27)
    build = Build()
    build.visit("03:15", 20, "Bo", day=spring)
    assert rows_of(shown(build, settings, Cell(spring, TEAM)))[0]["marks"] == []


def test_employees_stand_in_swedish_order_by_name_as_printed(settings: Settings) -> None:
    build = Build()
    names = ["Örjan", "Zahra", "Åke", "Ärla", "Anna", "åsa", "Émile", "Eva", "Wilma", "Viktor", "Über"]
    for name in names:
        build.visit("08:00", 30, name)
    order = [employee["name"] for employee in shown(build, settings)["list"]["employees"]]
    assert order == ["Anna", "Émile", "Eva", "Viktor", "Wilma", "Über", "Zahra", "Åke", "åsa", "Ärla", "Örjan"]


def test_swedish_order_takes_composed_and_decomposed_letters_alike() -> None:
    assert swedish_order("A\u030ake") == swedish_order("Åke")


def test_a_cancelled_visit_is_not_printed_but_counted(settings: Settings) -> None:
    build = Build()
    build.visit("08:00", 30, "Bo", client_name="Kvar")
    build.visit("09:00", 30, "Bo", client_name="Borta", status="cancelled")
    document = shown(build, settings)
    assert "Borta" not in all_words(document)
    assert document["list"]["front"]["counts"] == "1 besök, 1 medarbetare, 0 ej tilldelade, 1 inställda"


def test_double_staffing_names_the_colleague_and_what_is_odd_about_it(settings: Settings) -> None:
    build = Build()
    build.visit("08:00", 30, "Anna", client_id="k1", double_staffing_id="1")
    build.visit("08:15", 30, "Bo", client_id="k1", double_staffing_id="1")
    build.visit("09:00", 30, "Anna", client_id="k2", double_staffing_id="2")
    build.visit("09:00", 30, "", client_id="k2", double_staffing_id="2")
    build.visit("10:00", 30, "Anna", client_id="k3", double_staffing_id="3")
    build.visit("10:00", 30, "Cilla", client_id="k3", double_staffing_id="3", team="Vessigebro")
    build.visit("11:00", 30, "Anna", client_id="k4", double_staffing_id="4")
    build.visit("11:00", 30, "Doris", client_id="k99", double_staffing_id="4", team="Vessigebro")
    anna = shown(build, settings)["list"]["employees"][0]["parts"][0]["rows"]
    assert [row["double"] for row in anna] == [
        "DUBBELBEMANNING med Bo (08:15)",
        "DUBBELBEMANNING med kollega som inte är tilldelad än",
        "DUBBELBEMANNING med Cilla (Vessigebro)",
        "DUBBELBEMANNING – kollega saknas i planen, fråga planeraren",
    ]


def test_rows_that_could_not_be_read_stand_on_the_first_page_with_row_and_raw_time(settings: Settings) -> None:
    build = Build()
    build.visit("08:00", 30, "Bo")
    build.unreadable += [
        Unreadable(DAY, TEAM, "x.csv", 43, "", "time", "start"),
        Unreadable(None, None, "x.csv", 17, "8:3O", "time", "start"),
        Unreadable(DAY, "Vessigebro", "x.csv", 18, "9:3O", "time", "start"),
    ]
    front = shown(build, settings)["list"]["front"]
    assert front["unreadable_heading"] == "Kunde inte läsas (2)"
    assert front["unreadable"] == ["rad 17, tid ”8:3O”", "rad 43"]


def test_thousands_of_unreadable_rows_are_all_named(settings: Settings) -> None:
    build = Build()
    build.unreadable += [Unreadable(DAY, TEAM, "x.csv", n, "?", "time", "start") for n in range(2, 2002)]
    assert shown(build, settings)["list"]["front"]["unreadable"][-1] == "dessutom rad 122–2001"


def test_a_shift_without_visits_has_no_page_but_stands_among_the_staff_and_on_the_overview(settings: Settings) -> None:
    build = Build()
    build.visit("08:00", 30, "Bo")
    build.shift("08:00", "12:00", "Ledig Ledigson", phone="070-1740606")
    document = shown(build, settings)
    assert [employee["name"] for employee in document["list"]["employees"]] == ["Bo"]
    assert {"name": "Ledig Ledigson", "visits": "inga besök"}.items() <= document["list"]["front"]["staff"][1].items()
    assert document["overview"]["idle"] == ["Pass utan besök: Ledig Ledigson 08:00–12:00"]


def test_the_bands_say_incomplete_created_afterwards_and_drill(settings: Settings) -> None:
    build = Build()
    build.visit("08:00", 30, "Bo")
    marks = Marks(CAPTURED, created_afterwards=True, drill=True)
    for part in shown(build, settings, CELL, marks, INCOMPLETE).values():
        assert [band.split()[0] for band in part["bands"]] == ["ÖVNING", "OFULLSTÄNDIG", "EFTERSKAPAD"]
    for part in shown(build, settings, CELL, PLAIN, REMARK).values():
        assert (part["bands"], part["verdict"]) == ([], "ANMÄRKNING")


def test_the_paper_speaks_english_when_asked() -> None:
    build = a_day(3, 3)
    document = shown(build, make_settings(language="en"))
    assert document["list"]["day"] == "WEDNESDAY 22 JUNE 2022 · week 25"
    assert document["list"]["stamp"]["captured"] == "Captured 22 June 2022 at 05:00"


def test_the_hash_does_not_change_with_the_time_of_capture_alone(settings: Settings) -> None:
    build = a_day(3, 3)
    later = replace(PLAIN, captured_at=CAPTURED + timedelta(hours=5))
    assert content_hash(shown(build, settings)) == content_hash(shown(build, settings, CELL, later))


@pytest.mark.parametrize("change", ["note", "verdict", "afterwards", "time"])
def test_the_hash_changes_with_anything_that_is_shown(settings: Settings, change: str) -> None:
    build = a_day(3, 3)
    before = content_hash(shown(build, settings))
    marks, reasons = PLAIN, []
    if change == "note":
        next(r for r in build.visits if r["plan_date"] == DAY and r["status"] == "planned")["note"] += "!"
    elif change == "time":
        next(r for r in build.visits if r["plan_date"] == DAY)["end"] += timedelta(minutes=1)
    elif change == "verdict":
        reasons = [REMARK]
    else:
        marks = replace(PLAIN, created_afterwards=True)
    assert content_hash(shown(build, settings, CELL, marks, *reasons)) != before


def test_showing_a_cell_leaves_the_plan_as_it_was_and_gives_the_same_again(settings: Settings) -> None:
    build = a_day(4, 4)
    plan, judgement = build.plan(), judged(build)
    visits = copy.deepcopy(plan.visits)
    first = show_cell(plan, CELL, judgement, settings, PLAIN)
    assert show_cell(plan, CELL, judgement, settings, PLAIN) == first
    assert plan.visits.equals(visits)
    assert json.loads(json.dumps(first)) == first


def test_the_template_version_is_short_and_stays_the_same() -> None:
    assert len(TEMPLATE_VERSION) == 16


def box_ends(row: dict[str, Any]) -> list[tuple[float, float, float]]:
    return [(box["y"], box["x"], box["x"] + box["width"]) for box in row["boxes"]]


def test_boxes_of_one_employee_never_lie_over_each_other(settings: Settings) -> None:
    build = Build()
    for start, minutes in (("08:00", 60), ("08:15", 30), ("08:30", 60), ("09:00", 5), ("09:05", 5), ("09:10", 5)):
        build.visit(start, minutes, "Bo")
    [page] = shown(build, settings)["overview"]["pages"]
    [row] = page["blocks"][0]["rows"]
    places = sorted(box_ends(row))
    assert all(a[0] != b[0] or a[2] <= b[1] + 0.02 for a, b in pairwise(places))
    assert len(places) == 6


def test_every_visit_on_the_overview_says_its_time_and_client_or_a_number_that_its_row_explains(
    settings: Settings,
) -> None:
    document = shown(a_day(20, 13), settings)
    for page in document["overview"]["pages"]:
        for block in page["blocks"]:
            for row in block["rows"]:
                explained = " ".join(note["text"] for note in row["notes"])
                for box in row["boxes"]:
                    text = " ".join(line["text"] for line in box["lines"])
                    assert box["kind"] == "other" or ":" in text or f"{text.split()[-1]}: " in explained


def test_text_on_the_overview_never_runs_into_the_next_box(settings: Settings) -> None:
    document = shown(a_day(20, 13), settings)
    for page in document["overview"]["pages"]:
        for row in (row for block in page["blocks"] for row in block["rows"]):
            for box in row["boxes"]:
                to_the_right = [b["x"] for b in row["boxes"] if b["y"] == box["y"] and b["x"] > box["x"]]
                room = min(to_the_right, default=239.0) - box["x"]
                for line in box["lines"]:
                    style = Style.NARROW_BOLD if line["bold"] else Style.NARROW
                    size = page["points"] if box["kind"] != "other" else 6
                    assert width_mm(line["text"], size, style) <= room + 0.05


@pytest.mark.parametrize(("employees", "pages"), [(1, 1), (15, 1), (28, 1), (40, 2), (60, 2)])
def test_up_to_28_employees_stand_on_one_page_of_the_overview(settings: Settings, employees: int, pages: int) -> None:
    build = a_day(employees, 8, nights=False)
    overview = shown(build, settings)["overview"]
    assert len(overview["pages"]) == pages
    assert all(page["points"] >= 6 for page in overview["pages"])
    assert all(page["height"] <= 175 for page in overview["pages"])


def test_the_axis_grows_with_the_day_and_nights_get_their_own(settings: Settings) -> None:
    build = Build()
    build.visit("05:20", 30, "Bo")
    build.visit("22:30", 45, "Bo")
    [page] = shown(build, settings)["overview"]["pages"]
    hours = [hour["text"] for hour in page["blocks"][0]["hours"]]
    assert (hours[0], hours[-1]) == ("05", "00") if len(page["blocks"]) == 1 else page["blocks"]
    [page] = shown(a_day(3, 3), settings)["overview"]["pages"]
    assert [block["title"] for block in page["blocks"]] == [
        "nattpass från tisdag 21 juni",
        "",
        "nattpass till torsdag 23 juni",
    ]


def test_both_boxes_of_a_double_staffing_carry_the_same_letter(settings: Settings) -> None:
    build = Build()
    for name in ("Anna", "Bo"):
        build.visit("08:00", 60, name, double_staffing_id="7", client_id="k1")
    double = [box for box in boxes_of(shown(build, settings)) if box["kind"] == "double"]
    assert [box["lines"][0]["text"] for box in double] == ["A 08:00", "A 08:00"]


def test_unassigned_visits_are_the_first_row_of_the_overview(settings: Settings) -> None:
    build = Build()
    build.visit("08:00", 60, "Anna")
    build.visit("08:00", 60)
    rows = shown(build, settings)["overview"]["pages"][0]["blocks"][0]["rows"]
    assert [row["name"] for row in rows] == ["EJ TILLDELAT", "Anna"]


@given(st.text())
@hypothesis_settings(max_examples=300, deadline=None)
def test_cleaned_text_is_one_printable_line_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert "\n" not in cleaned
    assert len(cleaned) <= 300
    cleaned.encode("utf-8")
    assert soft(cleaned, 20).replace("\u200b", "") == cleaned


@given(st.text(alphabet="abcåäöÅÄÖ mMiI", max_size=80), st.floats(min_value=5, max_value=80))
@hypothesis_settings(max_examples=200, deadline=None)
def test_wrapped_lines_hold_all_letters_and_fit(text: str, room: float) -> None:
    lines = wrap(text, room, 9, Style.REGULAR)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_mm(line, 9, Style.REGULAR) <= room for line in lines)
    assert width_mm(cut_to(text, room, 9, Style.REGULAR), 9, Style.REGULAR) <= max(room, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna\u202eevil", "Annaevil"),
        ("🧸 Björn 李", "□ Björn □"),
        ("A\u030ake", "Åke"),
        ("Z" + "\u0301" * 60, "Ź\u0301\u0301"),
        ("rad ett\r\nrad två\tslut", "rad ett rad två slut"),
        ("x\ud800y\x00", "xy"),
        ("#panic(\"x\") $x$ <script>", "#panic(\"x\") $x$ <script>"),
    ],
)  # fmt: skip
def test_clean_keeps_what_can_be_printed_and_nothing_else(text: str, expected: str) -> None:
    assert clean(text) == expected
