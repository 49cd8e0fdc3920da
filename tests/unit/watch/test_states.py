"""The state of a cell: what is on the store decides, never what a run says it did."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from reservplan.domain.manifest import CellEntry, Intended, Intent
from reservplan.domain.names import BESIDE, Format, Kind, intent_name
from reservplan.domain.plan import Cell
from reservplan.domain.verdict import Reason, Verdict
from reservplan.settings import Team
from reservplan.watch import State

from tests.unit.retain.shelf import STOCKHOLM
from tests.unit.watch.lookout import DAY, TEN, TODAY, ULLARED, Lookout


def overwritten(content: bytes, *, same_mtime: bool) -> Callable[[Lookout], None]:
    def change(lookout: Lookout) -> None:
        file = lookout.path(TODAY)
        before = file.stat().st_mtime
        file.write_bytes(content)
        at = before if same_mtime else before + 77
        os.utime(file, (at, at))

    return change


def resealed(**changes: Any) -> Callable[[Lookout], None]:
    return lambda lookout: lookout.put_days([TODAY], ["Ullared"], **changes)


def unlinked(*formats: Format) -> Callable[[Lookout], None]:
    def change(lookout: Lookout) -> None:
        for kind in Kind:
            for fmt in formats:
                lookout.path(TODAY, "Ullared", kind, fmt).unlink()

    return change


OPENS = b"%PDF-1.7\nedited\n%%EOF\n"
REMARK = Reason(code="masked", count=1, text="1 personnummer doldes")
GAP = Reason(code="no_visits", text="Inga besök", severity=Verdict.INCOMPLETE)


@pytest.mark.parametrize(("change", "state"), [
    pytest.param(lambda _: None, State.OK, id="as we wrote it"),
    pytest.param(unlinked(Format.PDF, Format.XLSX), State.MISSING, id="all four files gone"),
    pytest.param(lambda lookout: lookout.path(TODAY).unlink(), State.MISSING, id="one of four files gone"),
    pytest.param(lambda lookout: (lookout.root / ".reservplan/220621.json").unlink(), State.MISSING, id="not sealed"),
    pytest.param(overwritten(b"%PDF-1.7", same_mtime=True), State.DAMAGED, id="cut off with our time"),
    pytest.param(overwritten(b"%PDF-1.7", same_mtime=False), State.DAMAGED, id="does not open"),
    pytest.param(overwritten(OPENS, same_mtime=True), State.DAMAGED, id="other content with our time"),
    pytest.param(overwritten(OPENS, same_mtime=False), State.EDITED, id="edited"),
    pytest.param(lambda lookout: lookout.put_file(".reservplan/220621.json", b"{"), State.DAMAGED,
                 id="record cannot be read"),
    pytest.param(resealed(verdict=Verdict.INCOMPLETE, reasons=(GAP,)), State.INCOMPLETE, id="incomplete"),
    pytest.param(resealed(true_at=TEN - timedelta(hours=14, minutes=1)), State.STALE, id="captured too long ago"),
    pytest.param(resealed(true_at=TEN - timedelta(hours=14)), State.OK, id="captured just not too long ago"),
    pytest.param(resealed(true_at=TEN - timedelta(hours=50), confirmed_at=TEN - timedelta(hours=1)), State.OK,
                 id="confirmed since"),
    pytest.param(resealed(true_at=TEN + timedelta(minutes=6)), State.STALE, id="captured in the future"),
    pytest.param(resealed(true_at=TEN + timedelta(minutes=4)), State.OK, id="captured by a clock just ahead"),
    pytest.param(resealed(verdict=Verdict.REMARKS, reasons=(REMARK,)), State.REMARKS, id="remarks"),
    pytest.param(resealed(verdict=Verdict.INCOMPLETE, true_at=TEN - timedelta(hours=50)), State.INCOMPLETE,
                 id="incomplete comes before stale"),
    pytest.param(resealed(verdict=Verdict.REMARKS, true_at=TEN - timedelta(hours=50)), State.STALE,
                 id="stale comes before remarks"),
])  # fmt: skip
def test_a_cell_has_the_first_state_that_fits(
    lookout: Lookout, change: Callable[[Lookout], None], state: State
) -> None:
    lookout.fill()
    change(lookout)
    assert lookout.state() is state


def test_a_file_that_is_gone_comes_before_one_that_is_damaged(lookout: Lookout) -> None:
    lookout.fill()
    overwritten(b"%PDF", same_mtime=True)(lookout)
    lookout.path(TODAY, "Ullared", Kind.OVERVIEW).unlink()
    assert lookout.state() is State.MISSING


def test_other_days_and_groups_keep_their_own_state(lookout: Lookout) -> None:
    lookout.fill(["Ullared", "Vessigebro"])
    lookout.path(TODAY).unlink()
    wrong = [cell for cell, covered in lookout.look().cells.items() if covered.state is not State.OK]
    assert wrong == [ULLARED]


def test_a_day_that_is_past_never_gets_stale(lookout: Lookout) -> None:
    lookout.fill()
    assert {covered.state for covered in lookout.look().cells.values()} == {State.OK}
    assert lookout.state(TODAY - 14 * DAY) is State.OK


def test_the_edited_file_is_named_although_ours_lies_beside_it(lookout: Lookout) -> None:
    lookout.fill()
    beside = lookout.put_cell(ULLARED, BESIDE)
    entry = lookout.put_cell(ULLARED)
    lookout.put_manifest(TODAY, {"Ullared": entry.model_copy(update={"artifacts": entry.artifacts + beside.artifacts})})
    overwritten(OPENS, same_mtime=False)(lookout)
    found = lookout.look().cells[ULLARED]
    assert (found.state, found.files) == (State.EDITED, (lookout.path(TODAY).name,))


@pytest.mark.parametrize("change", [overwritten(b"%PDF", same_mtime=True), overwritten(OPENS, same_mtime=False)])
def test_while_a_run_writes_nothing_is_called_damaged_or_edited(
    lookout: Lookout, change: Callable[[Lookout], None]
) -> None:
    lookout.fill()
    change(lookout)
    with lookout.store() as opened, opened.lock("another run"):
        assert lookout.state() is State.OK
    assert lookout.state() in (State.DAMAGED, State.EDITED)


@pytest.mark.parametrize(("age", "state"), [(timedelta(minutes=10), State.OK), (timedelta(hours=2), State.DAMAGED)])
def test_only_a_fresh_intent_excuses_what_looks_damaged(lookout: Lookout, age: timedelta, state: State) -> None:
    lookout.fill()
    entry = lookout.put_cell(ULLARED)
    put_intent(lookout, entry.model_copy(update={"content": "other"}), TEN - age)
    overwritten(b"%PDF", same_mtime=True)(lookout)
    assert lookout.state() is state


def put_intent(lookout: Lookout, entry: CellEntry, at: datetime) -> None:
    intended = Intended(run_id="run", written_at=at, entry=entry)
    lookout.put_file(intent_name(TODAY), Intent(plan_date=TODAY, cells={"Ullared": intended}).to_bytes())


SATURDAY = TODAY + 4 * DAY


def test_a_closed_day_without_a_copy_is_closed_and_one_with_a_copy_is_judged(lookout: Lookout) -> None:
    lookout.changes = {"teams": (Team(name="Ullared", closed=("sat",)), Team(name="Vessigebro", closed=("sat",)))}
    lookout.now = datetime(2022, 6, 25, 10, tzinfo=STOCKHOLM)
    lookout.put_days([SATURDAY], ["Vessigebro"], true_at=lookout.now - timedelta(hours=50))
    assert lookout.state(SATURDAY, "Ullared") is State.CLOSED
    assert lookout.state(SATURDAY, "Vessigebro") is State.OK, "what was left behind is renewed by nobody"
    lookout.path(SATURDAY, "Vessigebro").unlink()
    assert lookout.state(SATURDAY, "Vessigebro") is State.MISSING


@pytest.mark.parametrize(("at", "state"), [("05:59", State.NOT_DUE), ("06:00", State.MISSING)])
def test_the_farthest_day_is_not_due_before_the_clock_time_by_which_it_is(
    lookout: Lookout, at: str, state: State
) -> None:
    lookout.fill(true_at=TEN.replace(hour=4))
    for kind in Kind:
        for fmt in Format:
            lookout.path(TODAY + 3 * DAY, "Ullared", kind, fmt).unlink()
    (lookout.root / ".reservplan/220624.json").unlink()
    lookout.now = datetime.combine(TODAY, datetime.strptime(at, "%H:%M").time(), STOCKHOLM)  # noqa: DTZ007 - clock
    assert lookout.state(TODAY + 3 * DAY) is state
    assert lookout.state(TODAY + 2 * DAY) is State.OK


def test_what_lies_there_early_is_judged_early(lookout: Lookout) -> None:
    lookout.fill(true_at=TEN.replace(hour=4))
    lookout.now = TEN.replace(hour=5)
    assert lookout.state(TODAY + 3 * DAY) is State.OK


def test_every_expected_cell_has_exactly_one_state(lookout: Lookout) -> None:
    lookout.fill(["Ullared", "Ätran"])
    assert set(lookout.look().cells) == {
        Cell(TODAY + n * DAY, team) for n in range(-14, 4) for team in ("Ullared", "Ätran")
    }


def test_in_a_layout_by_team_the_files_are_looked_for_in_its_folder(lookout: Lookout) -> None:
    lookout.layout = "by-team"
    lookout.fill()
    assert lookout.state() is State.OK
    lookout.path(TODAY).unlink()
    assert lookout.state() is State.MISSING


def test_on_a_stick_the_workbooks_and_what_we_left_beside_them_are_looked_for_in_their_folder(lookout: Lookout) -> None:
    lookout.layout = "stick"
    lookout.fill()
    assert lookout.look().findings == ()
    (lookout.root / "Ullared" / "Excel" / ".rp-run-0123456789ab.tmp").write_bytes(b"halv")
    (stray,) = lookout.look().findings
    assert stray.paths == ("Ullared/Excel/.rp-run-0123456789ab.tmp",)
    lookout.path(TODAY, fmt=Format.XLSX).unlink()
    assert lookout.state() is State.MISSING
