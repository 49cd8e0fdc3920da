"""What the first page says of the copy before: every visit matched once, and nobody's name who may not stand there."""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from reservplan.domain.names import Format, Kind
from reservplan.domain.plan import Cell, CellSource
from reservplan.render import Before, as_json, content_hash, render_documents, show_cell
from reservplan.render.changes import Change, What, changes_between
from reservplan.render.show_changes import show_changes
from reservplan.settings import Settings

from .conftest import CAPTURED, CELL, DAY, PLAIN, ZONE, Build, a_day, judged, make_settings

EARLIER = CAPTURED - timedelta(days=1)
THURSDAY = DAY + timedelta(days=1)


def plan_of(build: Build) -> Any:
    plan = build.plan()
    return replace(plan, sources=plan.sources | {CELL: CellSource(CAPTURED)})


def changed(before: Build, after: Build) -> tuple[Change, ...]:
    return changes_between(plan_of(before), plan_of(after), CELL, ZONE)


def shown(after: Build, before: Build | None, settings: Settings) -> dict[str, Any]:
    earlier = Before(plan_of(before) if before else None, EARLIER)
    return show_cell(plan_of(after), CELL, judged(after), settings, PLAIN, earlier)


def lines(before: Build, after: Build, language: str = "sv") -> list[tuple[str, str, str]]:
    block = shown(after, before, make_settings(language=language))["list"]["changes"]
    return [(line["time"], line["who"], line["what"]) for line in block["lines"]]


def one(start: str = "08:00", minutes: int = 30, employee: str = "Ali Lindgren", **more: Any) -> Build:
    build = Build()
    build.visit(start, minutes, employee, **{"client_name": "Åsa Ek", "client_id": "k1", "visit_id": "v1", **more})
    return build


@pytest.mark.parametrize(
    ("after", "swedish", "english"),
    [
        (one("09:15"), "flyttad från 08:00 till 09:15", "moved from 08:00 to 09:15"),
        (one(minutes=45), "slutar 08:45, inte 08:30", "ends 08:45, not 08:30"),
        (one(employee="Signe Björkholm"), "nu Signe Björkholm, var Ali Lindgren",
         "now Signe Björkholm, was Ali Lindgren"),
        (one(employee=""), "inte längre tilldelad, var Ali Lindgren", "no longer assigned, was Ali Lindgren"),
        (one("09:15", employee="Bo"), "flyttad från 08:00 till 09:15, nu Bo, var Ali Lindgren",
         "moved from 08:00 to 09:15, now Bo, was Ali Lindgren"),
        (one(status="cancelled"), "inställd", "cancelled"),
        (one(status="other"), "struken", "removed"),
        (Build(), "struken", "removed"),
    ],
)  # fmt: skip
def test_each_change_is_said_in_words(after: Build, swedish: str, english: str) -> None:
    for language, words in (("sv", swedish), ("en", english)):
        [(_, who, what)] = lines(one(), after, language)
        assert (who, what) == ("Åsa Ek", words)


def test_what_is_new_or_newly_assigned_is_said_and_all_stands_by_time() -> None:
    before, after = one(employee=""), one()
    after.visit("07:00", 15, "Bo", client_name="Nils", client_id="k2", visit_id="v2")
    assert lines(before, after) == [
        ("07:00–07:15", "Nils", "ny"),
        ("08:00–08:30", "Åsa Ek", "nu Ali Lindgren, var ej tilldelad"),
    ]


def test_a_visit_that_was_cancelled_before_already_is_no_change_and_one_that_is_on_again_is_new() -> None:
    assert lines(one(status="cancelled"), one(status="cancelled")) == []
    assert lines(one(status="cancelled"), Build()) == []
    assert lines(one(status="cancelled"), one()) == [("08:00–08:30", "Åsa Ek", "ny")]


def test_a_removed_visit_is_not_taken_for_one_that_was_cancelled_before_already() -> None:
    before, after = one(), Build()
    for build in (before, after):
        build.visit("12:00", 30, "Bo", client_name="Åsa Ek", client_id="k1", visit_id="v2", status="cancelled")
    assert lines(before, after) == [("08:00–08:30", "Åsa Ek", "struken")]


def test_a_source_that_numbers_its_rows_anew_makes_no_change() -> None:
    before, after = Build(), Build()
    for build, order in ((before, (1, 2, 3)), (after, (3, 1, 2))):
        for n in order:
            build.visit(f"{7 + n:02d}:00", 30, "Bo", client_id=f"k{n}")
    assert changed(before, after) == ()


def test_two_colleagues_at_one_visit_do_not_seem_to_change_places() -> None:
    before, after = Build(), Build()
    for build, names in ((before, "AB"), (after, "BA")):
        for name in names:
            build.visit("08:00", 30, name, client_id="k1", visit_id=f"{name}{id(build)}", double_staffing_id="D")
    assert changed(before, after) == ()


def test_without_lasting_ids_a_clients_visits_are_matched_in_order_of_time() -> None:
    before, after = one("08:00", visit_id="a"), one("08:20", visit_id="c")
    before.visit("12:00", 30, "Bo", client_name="Åsa Ek", client_id="k1", visit_id="b")
    after.visit("12:10", 30, "Bo", client_name="Åsa Ek", client_id="k1", visit_id="d")
    assert [what for _, _, what in lines(before, after)] == [
        "flyttad från 08:00 till 08:20", "flyttad från 12:00 till 12:10",
    ]  # fmt: skip


def test_breaks_the_other_days_and_the_nights_repeats_are_no_changes() -> None:
    before, after = one(), one()
    for build in (before, after):
        build.shift("21:00", "07:00", "Bo Natt")
    after.visit("01:30", 30, "Bo Natt", day=THURSDAY)
    after.visit("12:00", 30, "Bo Natt", status="other", client_id="")
    after.visit("12:00", 30, "Bo", team="Vessigebro")
    assert changed(before, after) == ()


def test_both_half_past_two_of_the_autumn_night_are_told_apart() -> None:
    autumn = date(2022, 10, 30)
    builds = one(day=autumn), one(day=autumn)
    for hour, build in enumerate(builds):
        start = datetime(2022, 10, 30, hour, 30, tzinfo=UTC)
        build.visits[0] |= {"start": start, "end": start + timedelta(minutes=20)}
    earlier, later = (build.plan() for build in builds)
    block = show_changes(Before(earlier, EARLIER), later, Cell(autumn, CELL.team), make_settings())
    assert block["lines"][0]["what"] == "flyttad från 02:30 sommartid till 02:30 vintertid"


# --- people with protected identity


PROTECTED = {"client_name": "Skyddad 7", "client_id": "c-x", "visit_id": "v-x", "protected": True}


def test_a_client_who_has_become_protected_is_named_nowhere(settings: Settings) -> None:
    before = one()
    before.visit("12:00", 30, "Bo", client_name="Åsa Ek", client_id="k1", visit_id="v2")
    before.visit("13:00", 30, "Bo", client_name="Nils", client_id="k2", visit_id="v3")
    after = one(**PROTECTED)
    after.visit("15:00", 30, "Bo", client_name="Skyddad 7", client_id="c-x", visit_id="v-y", protected=True)
    document = shown(after, before, settings)
    assert "Åsa" not in str(document)
    assert [(line["who"], line["what"]) for line in document["list"]["changes"]["lines"]] == [
        ("namnet visas inte", "struken"), ("namnet visas inte", "struken"), ("Skyddad 7", "ny"),
    ]  # fmt: skip


def test_a_client_who_was_protected_before_already_hides_nobody_elses_name() -> None:
    before, after = one(**PROTECTED), one(**PROTECTED)
    before.visit("13:00", 30, "Bo", client_name="Nils", client_id="k2", visit_id="v3")
    assert lines(before, after) == [("13:00–13:30", "Nils", "struken")]


def test_an_employee_who_has_become_protected_is_not_named_as_the_earlier_one() -> None:
    after = one(employee="e-x", employee_name="Skyddad medarbetare", employee_protected=True)
    assert lines(one(), after) == [("08:00–08:30", "Åsa Ek", "nu Skyddad medarbetare")]


# --- the block


def test_without_an_earlier_copy_there_is_no_block(settings: Settings) -> None:
    build = one()
    assert "changes" not in show_cell(plan_of(build), CELL, judged(build), settings, PLAIN)["list"]


def test_an_unchanged_plan_says_so(settings: Settings) -> None:
    block = shown(one(), one(), settings)["list"]["changes"]
    assert block == {
        "heading": "Ändringar sedan kopian hämtad 21 juni 2022 kl. 05:00 (0)", "lines": [], "rest": "Inga ändringar.",
    }  # fmt: skip


def test_where_a_plan_is_gone_or_could_not_be_read_the_block_says_so_and_lists_nothing(settings: Settings) -> None:
    build = one()
    faulty = replace(plan_of(build), sources={CELL: CellSource(EARLIER, fault="tom fil")})
    absent = replace(plan_of(build), sources={})
    for before in (None, faulty, absent):
        block = show_cell(plan_of(build), CELL, judged(build), settings, PLAIN, Before(before, EARLIER))
        assert block["list"]["changes"]["lines"] == []
        assert "kan inte visas" in block["list"]["changes"]["rest"]


@pytest.mark.parametrize(("count", "listed", "rest"), [(14, 14, ""), (15, 14, "och 1 till"), (60, 14, "och 46 till")])
def test_fourteen_changes_are_listed_and_the_rest_counted(
    settings: Settings, count: int, listed: int, rest: str
) -> None:
    block = shown(many(count), Build(), settings)["list"]["changes"]
    assert (len(block["lines"]), block["rest"]) == (listed, rest)
    assert block["heading"].endswith(f"({count})")


def test_a_visit_that_is_gone_in_the_evening_is_not_hidden_behind_the_mornings_moves(settings: Settings) -> None:
    before, after = Build(), Build()
    for n in range(16):
        more = {"visit_id": f"v{n}", "client_id": f"k{n}", "client_name": f"Brukare {n}"}
        before.visit(f"{6 + n // 5:02d}:{n % 5 * 10:02d}", 10, "Bo", **more)
        after.visit(f"{6 + n // 5:02d}:{n % 5 * 10 + 5:02d}", 10, "Bo", **more)
    before.visit("20:00", 30, "Eva", visit_id="late", client_id="k99", client_name="Åsa Ek")
    block = shown(after, before, settings)["list"]["changes"]
    times = [line["time"] for line in block["lines"]]
    assert (block["lines"][-1]["who"], block["lines"][-1]["what"]) == ("Åsa Ek", "struken")
    assert (len(times), times, block["rest"]) == (14, sorted(times), "och 3 till")


def test_the_hash_is_the_same_whatever_the_plan_is_compared_with(settings: Settings) -> None:
    build = a_day(3, 3)
    alone = show_cell(build.plan(), CELL, judged(build), settings, PLAIN)
    compared = [shown(build, before, settings) for before in (None, Build(), a_day(3, 3), a_day(4, 4, seed=8))]
    assert {content_hash(document) for document in compared} == {content_hash(alone)}
    assert len({str(document) for document in compared}) == 4


def test_the_same_two_plans_give_the_same_block_whatever_the_order_of_their_rows() -> None:
    before, after = a_day(4, 6), a_day(4, 6, seed=8)
    first = changed(before, after)
    before.visits.reverse()
    after.visits.reverse()
    assert changed(before, after) == first


# --- every visit accounted for


def builds() -> st.SearchStrategy[Build]:
    row = st.fixed_dictionaries(
        {
            "visit_id": st.sampled_from("abcdefgh"),
            "client_id": st.sampled_from(["", "k1", "k2", "k3"]),
            "hour": st.integers(6, 9),
            "minutes": st.sampled_from([15, 30]),
            "employee": st.sampled_from(["", "Bo", "Eva"]),
            "protected": st.booleans(),
            "status": st.sampled_from(["planned", "planned", "planned", "cancelled", "other"]),
        }
    )

    def build(rows: list[dict[str, Any]]) -> Build:
        made = Build()
        for given_row in rows:
            more = dict(given_row)
            made.visit(f"{more.pop('hour'):02d}:00", more.pop("minutes"), more.pop("employee"), **more)
        return made

    return st.lists(row, max_size=8, unique_by=lambda r: r["visit_id"]).map(build)


@hypothesis_settings(max_examples=150, deadline=None)
@given(before=builds(), after=builds())
def test_every_visit_is_unchanged_or_in_exactly_one_change(before: Build, after: Build) -> None:
    changes = changed(before, after)
    kinds = Counter(change.what for change in changes)
    was, now = (
        Counter((r["start"].timestamp(), r["end"].timestamp()) for r in b.visits if r["status"] == "planned")
        for b in (before, after)
    )
    stay = kinds[What.MOVED] + kinds[What.REASSIGNED] + kinds[What.MOVED_AND_REASSIGNED]
    gone = kinds[What.REMOVED] + kinds[What.CANCELLED]
    unchanged = was.total() - gone - stay
    assert unchanged >= 0
    assert unchanged == now.total() - kinds[What.ADDED] - stay
    # Played on the earlier times, the changes give the later ones.
    for change in changes:
        at = (change.start.timestamp(), change.end.timestamp())
        if change.what in (What.REMOVED, What.CANCELLED):
            was[at] -= 1
        elif change.what is What.ADDED:
            was[at] += 1
        elif change.was_start and change.was_end:
            was[change.was_start.timestamp(), change.was_end.timestamp()] -= 1
            was[at] += 1
    assert +was == now
    assert min(was.values(), default=0) >= 0


@hypothesis_settings(max_examples=50, deadline=None)
@given(build=builds())
def test_a_plan_has_not_changed_from_itself(build: Build) -> None:
    assert changed(build, build) == ()


# --- on paper


LONG = "Wilhelmina-Charlotta Ängsullsgrändsberg von Påskbrinkshjelm " * 3
HOSTILE = '=cmd|"/c calc"!A1 #let \u202egnirts $x$ <b>&'


def many(count: int, name: str = "Brukare") -> Build:
    build = Build()
    for n in range(count):
        build.visit(f"{6 + n // 5:02d}:{n % 5 * 10:02d}", 30, f"Medarbetare {n % 6}", client_name=f"{name} {n}")
    return build


def drawn(document: dict[str, Any]) -> dict[Format, bytes]:
    files: dict[Format, bytes] = {}

    def write(_cell: Any, kind: Kind, fmt: Format, content: bytes) -> None:
        if kind is Kind.LIST:
            files[fmt] = content

    assert dict(render_documents({CELL: as_json(document)}, write)) == {}
    return files


def information(content: bytes) -> str:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]
    return "\n".join(str(value) for row in sheet.iter_rows(values_only=True) for value in row if value)


def words_of(text: str) -> str:
    return "".join(text.split())


def test_pdf_and_workbook_say_every_change_a_hostile_name_as_it_stands(
    settings: Settings, pdf_text: Callable[[bytes], list[str]]
) -> None:
    before, after = many(20), many(19)
    after.visits[3]["client_name"] = before.visits[3]["client_name"] = LONG
    after.visits[4]["client_name"] = before.visits[4]["client_name"] = HOSTILE
    for row in after.visits[2:6]:
        row["employee_id"] = row["employee_name"] = "Signe Björkholm"
    document = shown(after, before, settings)
    files = drawn(document)
    block = document["list"]["changes"]
    expected = [block["heading"], *(text for line in block["lines"] for text in line.values())]
    assert len(block["lines"]) == 5
    assert "\u202e" not in str(block)
    page, sheet = words_of(pdf_text(files[Format.PDF])[0]), words_of(information(files[Format.XLSX]))
    for text in expected:
        assert words_of(text) in page
        assert words_of(text) in sheet
