import json
import os
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from reservplan.domain.days import Window
from reservplan.domain.errors import LastingError, StoreBusy, StoreUnreachable
from reservplan.domain.manifest import read_manifest
from reservplan.domain.names import Format, Kind, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileInfo, Outcome
from reservplan.domain.standing import FileState
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import LANGUAGES, WORDS
from reservplan.papers.keeping import Paper, keep_papers
from reservplan.publish import publish, seal
from reservplan.retain import RetentionFacts, plan_retention, retention_table
from reservplan.retain.facts import OldDay, OldFile
from reservplan.settings import Team, Thresholds
from reservplan.store.inspection import artifact_path
from reservplan.store.papers import record_of

from tests.unit.publish.cells import offer
from tests.unit.publish.site import WINDOW, rendered
from tests.unit.retain.shelf import NOW, STOCKHOLM, TEAMS, TODAY, Shelf, days

OLD = TODAY - timedelta(days=15)
EDGE = TODAY - timedelta(days=14)


def codes(plan):
    return [refusal.code for refusal in plan.refusals]


def files_of(day: date, teams=TEAMS) -> set[str]:
    return {artifact_name(day, kind, team, fmt) for team in teams for kind in Kind for fmt in Format}


# --- the plain way ---


def test_the_day_before_the_window_goes_and_all_others_stay(shelf):
    shelf.put_days([OLD, EDGE, *days(-1, 3)])
    result = shelf.retain()
    assert {removal.path for removal in result.removed} == files_of(OLD)
    assert shelf.names() == set().union(*(files_of(day) for day in (EDGE, *days(-1, 3))))
    assert "220606.json" not in shelf.own_names()
    assert "220607.json" in shelf.own_names()
    assert (result.kept, result.failed) == ((), ())


def test_what_publishing_wrote_itself_is_known_as_ours(shelf):
    contents = {}

    def content_of(cell, kind, fmt):
        return contents.setdefault((cell, kind, fmt), rendered(cell, fmt, kind, "one"))

    with shelf.store() as store:
        new = offer(captured_at=NOW - timedelta(hours=1))
        done = publish(
            store, shelf.store_settings, [new], run_id="run", content_of=content_of, published_at=NOW, window=WINDOW,
            zone=STOCKHOLM,
        )  # fmt: skip
        seal(store, shelf.store_settings, done.values(), "run", sealed_at=NOW)
    shelf.now = NOW + timedelta(days=15)
    shelf.put_days([shelf.today])
    assert len(shelf.retain().removed) == 4
    assert shelf.names() == files_of(shelf.today)


def test_planning_changes_nothing_on_the_store(shelf):
    shelf.put_days([OLD, TODAY])
    before = {path: path.stat().st_mtime_ns for path in shelf.root.rglob("*") if path.is_file()}
    assert shelf.plan().remove
    assert {path: path.stat().st_mtime_ns for path in shelf.root.rglob("*") if path.is_file()} == before


def test_the_result_counts_the_bytes_that_went(shelf):
    shelf.put_days([OLD, TODAY])
    size = sum((shelf.root / name).stat().st_size for name in files_of(OLD))
    plan = shelf.plan()
    assert plan.bytes == size
    assert shelf.apply(plan).bytes == size


def test_the_day_of_the_run_is_remembered(shelf):
    shelf.put_days([TODAY])
    shelf.retain()
    assert json.loads((shelf.root / ".reservplan/retention.json").read_text()) == {
        "schema": 1,
        "last_run": "2022-06-21",
    }


def test_a_second_run_finds_nothing_to_do(shelf):
    shelf.put_days([OLD, TODAY])
    shelf.retain()
    plan = shelf.plan()
    assert (plan.remove, plan.keep, plan.tidied, plan.refusals) == ((), (), (), ())
    assert shelf.apply(plan).removed == ()


@pytest.mark.parametrize("layout", ["by-team", "stick"])
def test_a_groups_folders_are_emptied_of_old_copies(shelf, layout):
    shelf.layout = layout
    shelf.put_days([OLD, TODAY])
    assert len(shelf.retain().removed) == 8
    assert shelf.names() == {artifact_path(layout, team, name) for team in TEAMS for name in files_of(TODAY, [team])}


def test_stand_ins_and_copies_beside_are_ours_where_the_manifest_names_them(shelf):
    entries = {
        "Ullared": shelf.put_cell(Cell(OLD, "Ullared"), " (Reservplan)"),
        "Vessigebro": shelf.put_cell(Cell(OLD, "Vessigebro"), " (ny 0512)"),
    }
    shelf.put_manifest(OLD, entries)
    shelf.put_days([TODAY])
    shelf.retain()
    assert shelf.names() == files_of(TODAY)


def test_what_only_an_intent_names_is_ours_too(shelf):
    shelf.put_intent(OLD, {"Ullared": shelf.put_cell(Cell(OLD, "Ullared"))})
    shelf.put_days([TODAY])
    assert len(shelf.retain().removed) == 4
    assert shelf.own_names() == {"220621.json", "deleted.jsonl", "retention.json"}


def test_a_file_that_was_only_copied_anew_is_ours_by_its_content(shelf):
    shelf.put_days([OLD, TODAY])
    shelf.put_file(shelf.path(OLD).name, shelf.path(OLD).read_bytes())
    assert len(shelf.retain().removed) == 8


# --- hands off ---


def test_an_edited_file_is_kept_and_reported_and_its_record_with_it(shelf):
    shelf.put_days([OLD, TODAY])
    edited = shelf.path(OLD)
    shelf.put_file(edited.name, rendered(Cell(OLD, "Ullared"), Format.PDF, Kind.LIST, "edited"))
    result = shelf.retain()
    assert [(kept.path, kept.reason) for kept in result.kept] == [(edited.name, "edited")]
    assert shelf.names() == files_of(TODAY) | {edited.name}
    manifest = read_manifest((shelf.root / ".reservplan/220606.json").read_bytes(), OLD, "manifest")
    assert {team: [a.name for a in entry.artifacts] for team, entry in manifest.cells.items()} == {
        "Ullared": [edited.name]
    }
    again = shelf.plan()
    assert [kept.path for kept in again.keep] == [edited.name]
    assert not again.tidied


def test_an_edited_file_goes_when_somebody_says_so(shelf):
    shelf.put_days([OLD, TODAY])
    shelf.put_file(shelf.path(OLD).name, rendered(Cell(OLD, "Ullared"), Format.PDF, Kind.LIST, "edited"))
    shelf.retain()
    assert len(shelf.retain(include_edited=True).removed) == 1
    assert shelf.names() == files_of(TODAY)
    assert "220606.json" not in shelf.own_names()


def test_a_file_that_no_longer_opens_is_kept_and_reported(shelf):
    shelf.put_days([OLD, TODAY])
    shelf.put_file(shelf.path(OLD).name, b"protected by somebody with a password")
    assert [kept.reason for kept in shelf.retain().kept] == ["damaged"]
    assert shelf.path(OLD).exists()


@pytest.mark.parametrize("include_edited", [False, True])
def test_foreign_files_are_never_touched(shelf, include_edited):
    shelf.put_days([OLD, TODAY])
    foreign = {"220606 Brukarschema Ullared (tidigare).pdf", "220606 Brukarschema Okome.pdf", "220606 anteckning.txt"}
    for name in foreign:
        shelf.put_file(name, b"%PDF-1.7\n%%EOF\n")
    result = shelf.retain(include_edited=include_edited)
    assert shelf.names() == files_of(TODAY) | foreign
    assert {(kept.path, kept.reason) for kept in result.kept} == {
        (name, "foreign") for name in foreign if name.endswith(".pdf")
    }


def test_a_file_that_somebody_has_open_is_tried_again_the_next_day(shelf):
    shelf.put_days([OLD, TODAY])
    held = shelf.path(OLD).name
    result = shelf.apply(shelf.plan(), held={held})
    assert [(outcome.path, outcome.outcome) for outcome in result.failed] == [(held, Outcome.BUSY)]
    assert shelf.names() == files_of(TODAY) | {held}
    assert [removal.path for removal in shelf.retain().removed] == [held]
    assert "220606.json" not in shelf.own_names()


def test_a_record_that_names_a_file_of_a_day_in_the_window_refuses(shelf):
    shelf.put_days([TODAY])
    shelf.put_manifest(OLD, {"Ullared": shelf.put_cell(Cell(TODAY, "Ullared"))})
    assert refused(shelf) == ["record"]


def test_a_file_whose_name_is_of_another_day_than_its_record_is_kept_whatever_the_record_says():
    window = Window(TODAY, 14, 3)
    info = FileInfo(artifact_name(TODAY, Kind.LIST, "Ullared", Format.PDF), 9, NOW)
    file = OldFile("Ullared", info.name, info.name, info, FileState.WHOLE)
    facts = RetentionFacts("share", clock=NOW, days=(OldDay(OLD, files=(file,)),))
    plan = plan_retention(facts, window, Thresholds(), NOW)
    assert plan.remove == ()
    assert [(kept.path, kept.reason) for kept in plan.keep] == [(info.name, "other_day")]


def test_days_to_come_are_never_removed_however_far_ahead(shelf):
    shelf.put_days([TODAY, *days(20, 22)])
    assert shelf.retain().removed == ()


# --- the guards ---


def refused(shelf: Shelf) -> list[str]:
    """The codes of the guards that refuse; that nothing goes, and that the words are the error's."""
    before = shelf.names()
    plan = shelf.plan()
    with pytest.raises(LastingError) as error:
        shelf.apply(plan)
    assert shelf.names() == before
    assert all(refusal.words in str(error.value) for refusal in plan.refusals)
    return codes(plan)


@pytest.mark.parametrize("minutes", [-60, -6, 6, 60])
def test_a_clock_that_differs_refuses(shelf, minutes):
    shelf.put_days([OLD, TODAY])
    shelf.clock_off = timedelta(minutes=minutes)
    assert refused(shelf) == ["clock"]


def test_a_clock_that_differs_refuses_also_where_nothing_would_go(shelf):
    shelf.put_days([TODAY])
    shelf.clock_off = timedelta(hours=1)
    assert refused(shelf) == ["clock"]


@pytest.mark.parametrize(
    ("last_run", "expected"),
    [("2022-06-22", ["backwards"]), ("2022-06-21", []), ("2022-06-17", []), ("2022-06-16", ["pause"])],
)
def test_a_calendar_that_jumped_since_the_last_run_refuses(shelf, last_run, expected):
    shelf.put_days([OLD, TODAY])
    shelf.put_file(".reservplan/retention.json", json.dumps({"schema": 1, "last_run": last_run}).encode())
    assert codes(shelf.plan()) == expected
    if expected:
        assert refused(shelf) == expected


@pytest.mark.parametrize("content", [b"", b"[]", b'{"schema": 2, "last_run": "2022-06-20"}', b'{"schema": 1}'])
def test_a_memory_that_cannot_be_read_refuses(shelf, content):
    shelf.put_days([OLD, TODAY])
    shelf.put_file(".reservplan/retention.json", content)
    assert refused(shelf) == ["record"]


def test_without_a_fresh_copy_of_today_nothing_goes(shelf):
    shelf.put_days([OLD, TODAY - timedelta(days=1)])
    shelf.put_days([TODAY], true_at=NOW - timedelta(hours=27))
    assert refused(shelf) == ["stale"]


def test_a_copy_captured_later_than_now_is_not_fresh(shelf):
    shelf.put_days([OLD])
    shelf.put_days([TODAY], true_at=NOW + timedelta(hours=1))
    assert refused(shelf) == ["stale"]


def test_an_incomplete_copy_of_today_is_not_enough(shelf):
    shelf.put_days([OLD])
    shelf.put_days([TODAY], verdict=Verdict.INCOMPLETE)
    assert refused(shelf) == ["stale"]


def test_one_whole_group_of_today_is_enough(shelf):
    shelf.put_days([OLD])
    complete = shelf.put_cell(Cell(TODAY, "Ullared"), verdict=Verdict.REMARKS)
    shelf.put_manifest(
        TODAY,
        {"Ullared": complete, "Vessigebro": shelf.put_cell(Cell(TODAY, "Vessigebro"), verdict=Verdict.INCOMPLETE)},
    )
    assert codes(shelf.plan()) == []


def test_a_manifest_whose_files_are_gone_proves_no_fresh_copy(shelf):
    shelf.put_days([OLD, TODAY])
    for name in files_of(TODAY):
        (shelf.root / name).unlink()
    assert refused(shelf) == ["stale"]


def test_a_day_on_which_every_group_is_closed_is_vouched_for_by_the_next(shelf):
    shelf.changes = {"teams": tuple(Team(name=team, closed=("tue",)) for team in TEAMS)}
    shelf.put_days([OLD, *days(1, 3)])
    assert codes(shelf.plan()) == []


def test_nothing_from_today_on_refuses(shelf):
    shelf.put_days([OLD, EDGE])
    assert refused(shelf) == ["empty", "stale"]


def test_too_many_days_at_once_refuse(shelf):
    shelf.put_days([*days(-20, -15), TODAY])
    assert refused(shelf) == ["many"]
    shelf.changes = {"thresholds": Thresholds(most_dates_removed_at_once=6)}
    assert len(shelf.retain().removed) == 6 * 8


def test_a_clock_a_year_ahead_without_any_memory_refuses(shelf):
    shelf.put_days(days(-14, 3))
    shelf.now = NOW + timedelta(days=365)
    assert refused(shelf) == ["empty", "stale", "many"]


def test_where_nothing_is_old_neither_freshness_nor_amounts_matter(shelf):
    shelf.put_days([EDGE])
    assert codes(shelf.plan()) == []


@pytest.mark.parametrize("content", [b"{", b'{"schema": 9}'])
@pytest.mark.parametrize("name", ["220606.json", "220606.intent.json", "220621.json"])
def test_a_record_that_cannot_be_read_refuses(shelf, name, content):
    shelf.put_days([OLD, OLD - timedelta(days=1), TODAY])
    shelf.put_file(f".reservplan/{name}", content)
    assert "record" in refused(shelf)


def test_a_lost_manifest_refuses_rather_than_trusting_the_one_before(shelf):
    shelf.put_days([OLD, TODAY])
    (shelf.root / ".reservplan/220606.json").rename(shelf.root / ".reservplan/220606.json.bak")
    assert refused(shelf) == ["record"]


def test_a_plan_that_no_longer_fits_the_store_is_not_done(shelf):
    shelf.put_days([OLD, TODAY])
    plan = shelf.plan()
    shelf.put_file(shelf.path(OLD).name, rendered(Cell(OLD, "Ullared"), Format.PDF, Kind.LIST, "edited since"))
    before = shelf.names()
    with pytest.raises(LastingError, match="ändrats sedan planen gjordes"):
        shelf.apply(plan)
    assert shelf.names() == before


def test_a_plan_that_was_doctored_is_not_done(shelf):
    shelf.put_days([OLD, TODAY])
    plan = shelf.plan()
    with pytest.raises(LastingError):
        shelf.apply(replace(plan, remove=plan.remove[:1]))
    assert shelf.names() == files_of(OLD) | files_of(TODAY)


def test_a_guard_that_refuses_only_since_the_plan_was_made_refuses_still(shelf):
    shelf.put_days([OLD, TODAY])
    plan = shelf.plan()
    shelf.clock_off = timedelta(hours=1)
    with pytest.raises(LastingError, match="klocka"):
        shelf.apply(plan)


def test_while_somebody_publishes_nothing_is_removed(shelf):
    shelf.put_days([OLD, TODAY])
    plan = shelf.plan()
    with shelf.store() as other, other.lock("snapshot"), pytest.raises(StoreBusy):
        shelf.apply(plan)
    assert files_of(OLD) <= shelf.names()


# --- interruptions ---


def test_an_interruption_at_any_step_is_mended_by_the_next_run(shelf):
    shelf.put_file("220606 Brukarschema Okome.pdf", b"%PDF-1.7\n%%EOF\n")
    for steps in range(30):
        shelf.put_days([OLD, TODAY])
        shelf.put_intent(OLD, {"Ullared": shelf.put_cell(Cell(OLD, "Ullared"), " (Reservplan)")})
        shelf.put_file(".reservplan/220606.json.bak", (shelf.root / ".reservplan/220606.json").read_bytes())
        try:
            shelf.apply(shelf.plan(), breaks_after=steps)
        except StoreUnreachable:
            shelf.retain()
            finished = False
        else:
            finished = True
        assert shelf.names() == files_of(TODAY) | {"220606 Brukarschema Okome.pdf"}
        assert shelf.own_names() == {"220621.json", "deleted.jsonl", "retention.json"}
        if finished:
            break
    assert finished
    assert steps == 12 + 1 + 3 + 1


def test_an_interruption_between_removal_and_manifest_leaves_a_plan_without_removals(shelf):
    shelf.put_days([OLD, TODAY])
    with pytest.raises(StoreUnreachable):
        shelf.apply(shelf.plan(), breaks_after=8)
    assert shelf.names() == files_of(TODAY)
    plan = shelf.plan()
    assert (plan.remove, plan.tidied, plan.refusals) == ((), (OLD,), ())
    shelf.apply(plan)
    assert shelf.own_names() == {"220621.json", "deleted.jsonl", "retention.json"}


# --- days ---


@pytest.mark.parametrize(
    ("now", "last_removed"),
    [
        (datetime(2026, 3, 29, 5, 30, tzinfo=STOCKHOLM), date(2026, 3, 14)),  # the night to summer time
        (datetime(2026, 4, 12, 0, 30, tzinfo=STOCKHOLM), date(2026, 3, 28)),  # half an hour into the day, 22:30 UTC
        (datetime(2026, 10, 25, 5, 30, tzinfo=STOCKHOLM), date(2026, 10, 10)),  # the night to winter time
        (datetime(2024, 3, 14, 5, 30, tzinfo=STOCKHOLM), date(2024, 2, 28)),  # a leap day is the first that stays
        (datetime(2025, 3, 15, 5, 30, tzinfo=STOCKHOLM), date(2025, 2, 28)),  # no leap day
        (datetime(2027, 1, 10, 5, 30, tzinfo=STOCKHOLM), date(2026, 12, 26)),  # over the end of a year
    ],
)
def test_exactly_the_days_before_the_window_go(shelf, now, last_removed):
    shelf.now = now
    shelf.put_days(days(-16, 3, shelf.today), ["Ullared"])
    plan = shelf.plan()
    assert plan.plan_dates == (last_removed - timedelta(days=1), last_removed)
    shelf.apply(plan)
    assert shelf.names() == set().union(*(files_of(day, ["Ullared"]) for day in days(-14, 3, shelf.today)))


# --- the plan as text ---


def test_the_table_names_every_file_with_its_reason_and_the_totals(shelf):
    shelf.put_days([OLD, TODAY])
    shelf.put_file(shelf.path(OLD).name, rendered(Cell(OLD, "Ullared"), Format.PDF, Kind.LIST, "edited"))
    table = retention_table(shelf.plan(), "sv")
    lines = table.splitlines()
    assert lines[0] == "share: gallring; allt från och med tisdag 7 juni 2022 behålls"
    assert lines[1] == "måndag 6 juni 2022"
    assert sum(line.startswith("  tas bort  220606 ") for line in lines) == 7
    assert any(line.startswith(f"  behålls  {shelf.path(OLD).name}  ändrad av någon") for line in lines)
    assert lines[-1] == "Ska bort: 7 filer, 0,0 MB, dagar: 1; tillfälliga: 0. Behålls: 1 filer."


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_says_why_a_guard_refuses(shelf, language):
    shelf.changes = {"language": language}
    shelf.put_days([*days(-20, -15), TODAY - timedelta(days=1)])
    shelf.clock_off = timedelta(hours=1)
    shelf.put_file(".reservplan/retention.json", b'{"schema": 1, "last_run": "2022-06-01"}')
    plan = shelf.plan()
    assert codes(plan) == ["clock", "pause", "empty", "stale", "many"]
    table = retention_table(plan, language)
    assert all(refusal.words in table for refusal in plan.refusals)


def test_every_text_of_retention_stands_in_both_languages():
    texts = [text for key, text in WORDS.items() if key.startswith("retain.")]
    assert texts
    assert all(set(text) == set(LANGUAGES) for text in texts)


# --- week packs ---


def put_packs(shelf, *weeks: tuple[str, tuple[date, ...]]) -> None:
    """Packs as the product keeps them, by name and the days that they hold."""
    papers = [Paper(name, "content", "Ullared", held) for name, held in weeks]
    with shelf.store() as store, store.lock("run"):
        keep_papers(store, papers, lambda asked: [dict.fromkeys(asked, b"%PDF-1.7 pack")], at=shelf.now)


def pack_names(shelf) -> set[str]:
    return {name for name in shelf.names() if "v" in name[:6]}


def test_a_week_pack_goes_with_the_first_day_that_it_holds_and_is_forgotten(shelf):
    shelf.put_days([OLD, EDGE, *days(-1, 3)])
    put_packs(
        shelf, ("22v23 Brukarschema Ullared.pdf", (OLD, EDGE)), ("22v24 Brukarschema Ullared.pdf", (EDGE, TODAY)),
        ("00 LÄS MIG FÖRST.html", (OLD,)),
    )  # fmt: skip
    result = shelf.retain()
    assert "22v23 Brukarschema Ullared.pdf" in {removal.path for removal in result.removed}
    assert pack_names(shelf) == {"22v24 Brukarschema Ullared.pdf"}
    assert "00 LÄS MIG FÖRST.html" in shelf.names()
    with shelf.store() as store:
        assert {entry.path for entry in record_of(store).papers} == {
            "22v24 Brukarschema Ullared.pdf", "00 LÄS MIG FÖRST.html",
        }  # fmt: skip
    assert shelf.retain().removed == ()


def test_a_week_pack_that_somebody_edited_is_kept_and_named_until_asked_for(shelf):
    shelf.put_days([OLD, *days(-1, 3)])
    put_packs(shelf, ("22v23 Brukarschema Ullared.pdf", (OLD, EDGE)))
    (shelf.root / "22v23 Brukarschema Ullared.pdf").write_bytes(b"%PDF-1.7 with notes")
    kept = shelf.retain().kept
    assert [(one.path, one.reason) for one in kept] == [("22v23 Brukarschema Ullared.pdf", "edited")]
    assert pack_names(shelf)
    shelf.retain(include_edited=True)
    assert not pack_names(shelf)


def test_a_week_pack_that_somebody_took_away_is_forgotten(shelf):
    shelf.put_days([OLD, *days(-1, 3)])
    put_packs(shelf, ("22v23 Brukarschema Ullared.pdf", (OLD, EDGE)))
    (shelf.root / "22v23 Brukarschema Ullared.pdf").unlink()
    shelf.retain()
    with shelf.store() as store:
        assert record_of(store).papers == ()


def test_a_record_of_papers_that_cannot_be_read_refuses_the_plan(shelf):
    shelf.put_days([OLD, *days(-1, 3)])
    (shelf.root / ".reservplan" / "papers.json").write_bytes(b'{"schema": 2}')
    assert codes(shelf.plan()) == ["record"]


def test_a_week_pack_that_was_only_copied_back_is_ours_by_its_content(shelf):
    shelf.put_days([OLD, *days(-1, 3)])
    put_packs(shelf, ("22v23 Brukarschema Ullared.pdf", (OLD, EDGE)))
    os.utime(shelf.root / "22v23 Brukarschema Ullared.pdf", (1_600_000_000, 1_600_000_000))
    shelf.retain()
    assert not pack_names(shelf)


def test_a_week_pack_whose_name_was_changed_in_its_letters_case_is_in_the_plan(shelf):
    shelf.put_days([OLD, *days(-1, 3)])
    put_packs(shelf, ("22v23 Brukarschema Ullared.pdf", (OLD, EDGE)))
    (shelf.root / "22v23 Brukarschema Ullared.pdf").rename(shelf.root / "22v23 Brukarschema ULLARED.pdf")
    assert "22v23 Brukarschema Ullared.pdf" in {removal.path for removal in shelf.plan().remove}
