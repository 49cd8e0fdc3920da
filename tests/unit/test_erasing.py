"""Taking somebody out of a plan: what goes, what its cells count afterwards, and by which ids a person is found."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from reservplan.archive import Archive
from reservplan.domain.errors import RequestRefused
from reservplan.domain.history import EarlierCopy
from reservplan.domain.judgement import Judgement
from reservplan.domain.manifest import ArtifactEntry, whole_second
from reservplan.domain.names import Format, Kind
from reservplan.domain.plan import ERASED, ERASED_ROWS, VISIT_COLUMNS, Cell, CellSource, Plan
from reservplan.domain.ports import FileInfo
from reservplan.domain.standing import FileState
from reservplan.domain.verdict import Verdict
from reservplan.earlier import copies_before
from reservplan.erasing import Sought, _not_clean, _speaking, typed_id, without
from reservplan.extract.mentions import Mentions
from reservplan.extract.protection import client_ids
from reservplan.extract.pseudonyms import Pseudonyms, digest_id
from reservplan.plan_sources import empty_plan
from reservplan.publish.decision import Action, decide

from tests.unit.publish.cells import FIVE, HOUR, WINDOW, entry, of_files, offer, whole

ZONE = ZoneInfo("Europe/Stockholm")
DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
ULLARED = Cell(DAY, "Ullared")


def plan_of(*rows: dict[str, object], **counts: int) -> Plan:
    """A capture of one day; each row says what is not as usual."""
    empty = empty_plan("Europe/Stockholm", NOW)
    usual: dict[str, object] = {
        **{name: False if kind == "bool" else "" for name, kind in VISIT_COLUMNS.items()},
        "plan_date": DAY, "team": "Ullared", "client_id": "1", "client_name": "Kund Ett", "status": "planned",
        "start": pd.Timestamp("2026-11-24 08:00", tz=ZONE), "end": pd.Timestamp("2026-11-24 08:20", tz=ZONE),
    }  # fmt: skip
    frame = pd.DataFrame([{**usual, "visit_id": str(n), **row} for n, row in enumerate(rows)])
    visits = frame.astype(empty.visits.dtypes.to_dict())
    source = CellSource(NOW, counts=dict(counts), expected_visits=len(rows))
    return Plan(visits, empty.shifts, (), {ULLARED: source}, NOW, "Plan.csv")


def cleared(plan: Plan, *ids: str) -> Plan:
    return without(plan, Sought(frozenset(ids), DAY).rows(plan), DAY)


ELSA = {"client_id": "7"}


def test_all_rows_of_that_client_go_whatever_their_status_and_nobody_else_s() -> None:
    plan = plan_of({}, ELSA, {**ELSA, "double_staffing_id": "d"}, {"double_staffing_id": "d"},
                   {**ELSA, "status": "cancelled"})  # fmt: skip
    assert list(cleared(plan, "7").visits["visit_id"]) == ["0", "3"]


def test_what_the_cell_counts_of_itself_is_as_if_the_client_had_never_been_there() -> None:
    hidden = {**ELSA, "protected": True}
    plan = plan_of({}, ELSA, hidden, {**ELSA, "status": "cancelled"}, protected=2, masked=1)
    source = cleared(plan, "7").sources[ULLARED]
    assert source.counts == {"protected": 1, "masked": 1, ERASED: 2, ERASED_ROWS: 3}
    assert source.expected_visits == 2


def test_a_second_client_adds_to_what_was_taken_out() -> None:
    twice = cleared(cleared(plan_of({}, ELSA, {"client_id": "8"}), "7"), "8")
    assert (twice.erased(ULLARED), len(twice.visits)) == (2, 1)


def test_rows_of_days_before_the_first_stay_and_those_of_a_night_to_come_go() -> None:
    tomorrow = {**ELSA, "plan_date": DAY + timedelta(days=1)}
    plan = plan_of({}, ELSA, tomorrow)
    rows = Sought(frozenset({"7"}), DAY + timedelta(days=1)).rows(plan)
    after = without(plan, rows, DAY)
    assert list(after.visits["visit_id"]) == ["0", "1"]
    # The night's visit is counted on its own day, but the capture remembers that a row is gone.
    assert after.sources[ULLARED].counts == {ERASED_ROWS: 1}
    assert after.sources[ULLARED].expected_visits == 3


def test_another_client_s_row_that_says_the_name_is_found_and_not_the_client_s_own() -> None:
    note = {"note": "Nyckeln finns hos Elsa Zachrisson"}
    plan = plan_of({}, note, {**ELSA, **note}, {"note": "Elsa Zachrissonsson"})
    rows = _speaking(plan, Sought(frozenset({"7"}), DAY), Mentions(["Elsa Zachrisson"], [], []))
    assert list(plan.visits.loc[rows, "visit_id"]) == ["1"]


@pytest.mark.parametrize("typed", ["", "\n \n", "1\n2", "x" * 201])
def test_only_one_id_is_taken(typed: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        typed_id(typed)
    assert "x" * 20 not in str(refused.value)


@pytest.mark.parametrize("typed", ["87431\n", " 87431", "87431\r\n\r\n"])
def test_blank_around_an_id_does_not_count(typed: str) -> None:
    assert typed_id(typed) == "87431"


@pytest.mark.parametrize("typed", ["121212-1212", "19121212-1212", "191212121212", "1212121212"])
def test_an_identity_number_is_the_same_person_however_it_is_written(tmp_path: Path, typed: str) -> None:
    pseudonyms = Pseudonyms(str(tmp_path))
    assert pseudonyms.of("c", "1212121212") in client_ids(typed, pseudonyms)
    # Of a protected client the stand-in has a stand-in.
    assert pseudonyms.of("c", pseudonyms.of("c", "1212121212")) in client_ids(typed, pseudonyms)


def test_where_the_source_has_no_ids_name_and_address_find_the_client(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms(str(tmp_path))
    made = digest_id("c", "elsa ek", "provgatan 1")
    assert made in client_ids("Elsa Ek; Provgatan 1", pseudonyms)
    assert digest_id("c", "elsa ek", "") in client_ids("Elsa Ek", pseudonyms)
    assert pseudonyms.of("c", made) in client_ids("Elsa Ek; Provgatan 1", pseudonyms)


def test_a_capture_is_replaced_whole_and_nothing_of_the_old_one_is_left(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    plan = plan_of({}, ELSA)
    judged = {ULLARED: Judgement(Verdict.COMPLETE, (), 2, 0, 0, 1, captured_at=NOW)}
    archive.keep(plan, judged, "ab" * 32, ZONE)
    (old,) = archive.captures(DAY)
    archive.put_instead(old, cleared(archive.plan(old), "7"), old.cells)
    (new,) = archive.captures(DAY)
    assert (new.captured_at, new.read_at, new.raw_sha256) == (old.captured_at, old.read_at, "")
    assert list(archive.plan(new).visits["client_id"]) == ["1"]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4


def test_what_no_capture_counts_is_removed_when_nobody_else_writes(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    archive.keep(plan_of({}), {ULLARED: Judgement(Verdict.COMPLETE, (), 1, 0, 0, 1, captured_at=NOW)}, "", ZONE)
    folder = tmp_path / "captures" / "261124"
    for name in ("20261124T040000Z-0.visits.parquet", "20261124T040000Z-0.json.1234.half"):
        (folder / name).write_bytes(b"x")
    assert archive.remove_unfinished(DAY) == 2
    assert len(list(folder.iterdir())) == 4


def test_of_the_very_capture_the_earlier_copy_is_as_if_the_client_had_never_been_on_it() -> None:
    plan = cleared(plan_of({}, ELSA, ELSA), "7")
    at = whole_second(NOW)
    copies = {ULLARED: EarlierCopy(3, 0, at, at, "")}
    assert copies_before(plan, [ULLARED], copies)[ULLARED].visits == 1
    earlier = {ULLARED: EarlierCopy(3, 0, at - HOUR, at, "")}
    assert copies_before(plan, [ULLARED], earlier) == earlier


def test_an_incomplete_copy_gives_way_to_the_same_without_the_client_and_to_nothing_less() -> None:
    there = whole(verdict=Verdict.INCOMPLETE, visits=10)
    fewer = offer(verdict=Verdict.INCOMPLETE, visits=8, content="other")
    assert decide(there, fewer, WINDOW).action is Action.KEEP
    assert decide(there, replace(fewer, erased=2), WINDOW).action is Action.REPLACE
    assert decide(there, replace(fewer, erased=1), WINDOW).action is Action.KEEP


def test_an_earlier_capture_without_the_client_still_does_not_replace_a_later_one() -> None:
    there = whole(captured_at=FIVE + HOUR, confirmed_at=FIVE + HOUR)
    earlier = replace(offer(captured_at=FIVE, content="other"), erased=50)
    assert decide(there, earlier, WINDOW).action is Action.KEEP


@pytest.mark.parametrize(
    ("state", "sha256", "current", "why"),
    [
        (FileState.WHOLE, "new", False, []),
        (FileState.WHOLE, "old", False, ["old"]),
        (FileState.WHOLE, "old", True, []),
        (FileState.DAMAGED, "old", True, ["old"]),
        (FileState.EDITED, "old", True, ["edited"]),
        (FileState.MISSING, "old", True, []),
        (None, "old", True, ["foreign"]),
    ],
)
def test_what_lies_there_is_clean_only_if_it_was_made_without_the_client(state, sha256, current, why) -> None:
    name = "220621 Brukarschema Ullared.pdf"
    record = ArtifactEntry(
        kind=Kind.LIST, format=Format.PDF, name=name, bytes=1, sha256=sha256, mtime=FIVE, captured_at=FIVE
    )
    standing = replace(
        of_files(entry(artifacts=(record,)), [FileState.WHOLE]),
        files={} if state is None else {name: state},
        records={} if state is None else {name: record},
        listed={} if state is FileState.MISSING else {name: FileInfo(name, 1, FIVE)},
    )
    found = [code for _, code in _not_clean(standing, frozenset({"new"}), current=current)]
    assert found == why
