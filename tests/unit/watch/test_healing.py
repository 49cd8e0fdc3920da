"""What the watch asks for again by itself: the right cells, not too often, and not for ever."""

import json
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.domain.days import Window
from reservplan.domain.errors import RequestRefused
from reservplan.domain.names import Format, Kind, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.shortfalls import Shortfall
from reservplan.domain.verdict import Reason, Verdict
from reservplan.settings import Settings, Team, Watch
from reservplan.watch import CellCoverage, Coverage, Finding, State
from reservplan.watch.healing import (
    MOST_CHARACTERS_ASKED,
    HealingPlan,
    Try,
    as_asked,
    cells_of,
    healing_problems,
    plan_healing,
    recall_tried,
    remember_tried,
)

from tests.unit.watch.lookout import DAY, TEN, TODAY, ULLARED, Lookout

NOW = TEN.astimezone(UTC)
HOUR = timedelta(hours=1)
WINDOW = Window(TODAY, 14, 3)
GAP = Reason(code="no_visits", text="Inga besök", severity=Verdict.INCOMPLETE)
READ = Shortfall(reasons=(GAP,), visits=0, captured_at=NOW, judged_at=NOW, run_id="r", decision="no_visits")


@pytest.fixture
def settings(lookout: Lookout) -> Settings:
    return lookout.settings.model_copy(update={"teams": (Team(name="Ullared"), Team(name="Vessigebro"))})


def covered(state: State, cell: Cell = ULLARED, **changes: Any) -> CellCoverage:
    files = (artifact_name(cell.plan_date, Kind.LIST, cell.team, Format.PDF),)
    copied = {"true_at": NOW - HOUR, "files": files, **changes}
    return CellCoverage(cell, state, **copied)


def seen(*cells: CellCoverage, store: str = "share", **changes: Any) -> Coverage:
    findings = changes.pop("findings", ())
    return Coverage(store, "there", NOW, WINDOW, {one.cell: one for one in cells}, findings, **changes)


def planned(
    *coverages: Coverage, settings: Settings, tried: Any = None, now: datetime = NOW, active: bool = False
) -> HealingPlan:
    return plan_healing(coverages, tried or {}, settings, now, run_active=active)


AWAY = (Finding("unreachable", "critical", "away"),)  # type: ignore[arg-type]
STAND_IN = f"{TODAY:%y%m%d} Brukarschema Ullared (ny 0512).pdf"


@pytest.mark.parametrize(("coverage", "asked"), [
    pytest.param(seen(covered(State.MISSING)), True, id="missing"),
    pytest.param(seen(covered(State.MISSING, true_at=None, files=())), True, id="never made: the run did not come"),
    pytest.param(seen(covered(State.MISSING, true_at=None, latest=READ)), False, id="read, and nothing in it"),
    pytest.param(seen(covered(State.MISSING, latest=READ)), True, id="gone, whatever was read since"),
    pytest.param(seen(covered(State.DAMAGED)), True, id="damaged"),
    pytest.param(seen(covered(State.DAMAGED, files=())), False, id="the day's record cannot be read"),
    pytest.param(seen(covered(State.EDITED)), False, id="edited"),
    pytest.param(seen(covered(State.INCOMPLETE)), False, id="incomplete"),
    pytest.param(seen(covered(State.STALE)), False, id="stale"),
    pytest.param(seen(covered(State.CLOSED)), False, id="closed"),
    pytest.param(seen(covered(State.NOT_DUE)), False, id="not due"),
    pytest.param(seen(covered(State.OK)), False, id="well"),
    pytest.param(seen(covered(State.OK), findings=(Finding("stand_in", "info", "", paths=(STAND_IN,)),)),  # type: ignore[arg-type]
                 True, id="a stand-in lies beside it"),
    pytest.param(seen(covered(State.MISSING), writing=True), False, id="a run is at work there"),
    pytest.param(seen(findings=AWAY), False, id="the store is away"),
])  # fmt: skip
def test_only_what_a_run_can_make_is_asked_for(settings: Settings, coverage: Coverage, asked: bool) -> None:
    plan = planned(coverage, settings=settings)
    assert plan.cells == ((ULLARED,) if asked else ())
    assert plan.tried == ({ULLARED: Try(1, NOW)} if asked else {})


def test_what_a_store_missed_while_it_was_away_is_asked_for_once_from_today_on(settings: Settings) -> None:
    past = Cell(TODAY - timedelta(days=1), "Ullared")
    back = seen(covered(State.OK), covered(State.OK, past))
    plan = plan_healing([back], {}, settings, NOW, run_active=False, behind={"share"})
    assert plan.cells == (ULLARED,)
    assert plan_healing([back], plan.tried, settings, NOW + HOUR, run_active=False) == HealingPlan()
    elsewhere = seen(covered(State.OK), store="stick")
    assert plan_healing([elsewhere], {}, settings, NOW, run_active=False, behind={"share"}).cells == ()


def test_nothing_is_asked_for_while_a_run_is_active(settings: Settings) -> None:
    plan = planned(seen(covered(State.MISSING)), settings=settings, active=True)
    assert (plan.cells, plan.tried) == ((), {})


def test_nothing_is_asked_for_where_the_settings_say_so(settings: Settings) -> None:
    off = settings.model_copy(update={"watch": Watch(heal=False)})
    assert planned(seen(covered(State.MISSING)), settings=off) == HealingPlan()


def test_what_was_read_in_vain_is_asked_for_where_another_store_can_give_it(settings: Settings) -> None:
    lacking = seen(covered(State.MISSING, true_at=None, latest=READ))
    assert planned(lacking, seen(covered(State.STALE), store="stick"), settings=settings).cells == (ULLARED,)
    assert planned(lacking, seen(covered(State.INCOMPLETE), store="stick"), settings=settings).cells == ()


def test_a_cell_that_two_stores_lack_is_asked_for_once(settings: Settings) -> None:
    two = (seen(covered(State.MISSING)), seen(covered(State.DAMAGED), store="stick"))
    assert planned(*two, settings=settings).cells == (ULLARED,)


def test_a_cell_that_no_run_can_make_is_given_up_after_three_tries_and_told_once(settings: Settings) -> None:
    coverage, tried, asked, told = seen(covered(State.MISSING)), {}, [], []
    for look in range(24):
        plan = planned(coverage, settings=settings, tried=tried, now=NOW + look * HOUR / 2)
        tried = dict(plan.tried)
        asked.append(bool(plan.cells))
        told.append(bool(plan.given_up))
    assert [n for n, each in enumerate(asked) if each] == [0, 2, 4]
    assert told == [False] * 6 + [True] * 18, "given up one pause after the last try, and it stays so"


def test_a_cell_that_was_given_up_may_be_asked_for_again_once_it_has_been_well(settings: Settings) -> None:
    spent = {ULLARED: Try(3, NOW - 5 * HOUR)}
    assert planned(seen(covered(State.MISSING)), settings=settings, tried=spent).given_up == {"share": (ULLARED,)}
    well = planned(seen(covered(State.OK)), settings=settings, tried=spent)
    assert well.tried == {}
    assert planned(seen(covered(State.MISSING)), settings=settings, tried=well.tried).cells == (ULLARED,)


def test_tries_are_remembered_while_a_store_is_away(settings: Settings) -> None:
    spent = {ULLARED: Try(3, NOW - 5 * HOUR)}
    assert planned(seen(findings=AWAY), settings=settings, tried=spent).tried == spent


def test_a_cell_past_the_window_is_forgotten(settings: Settings) -> None:
    old = Cell(WINDOW.first - DAY, "Ullared")
    assert planned(seen(findings=AWAY), settings=settings, tried={old: Try(3, NOW)}).tried == {}


def test_a_stand_in_that_stays_is_not_told_a_second_time(settings: Settings) -> None:
    beside = (Finding("stand_in", "info", "", paths=(STAND_IN,)),)  # type: ignore[arg-type]
    plan = planned(seen(covered(State.OK), findings=beside), settings=settings, tried={ULLARED: Try(3, NOW - 2 * HOUR)})
    assert (plan.cells, plan.given_up) == ((), {})


def test_today_comes_before_the_days_ahead_and_the_past(settings: Settings) -> None:
    days = [TODAY + n * DAY for n in (-2, -1, 0, 1)]
    plan = planned(seen(*(covered(State.MISSING, Cell(day, "Ullared")) for day in days)), settings=settings)
    assert [cell.plan_date for cell in plan.cells] == [days[2], days[3], days[1], days[0]]


def test_a_day_of_which_everything_is_gone_is_asked_for_as_a_day(settings: Settings) -> None:
    gone = [covered(State.MISSING, Cell(TODAY, team)) for team in ("Ullared", "Vessigebro")]
    plan = planned(seen(*gone, covered(State.MISSING, Cell(TODAY + DAY, "Ullared"))), settings=settings)
    assert plan.asked == ("2022-06-21 *", "2022-06-22 Ullared")
    assert cells_of(plan.asked, settings, WINDOW) == tuple(sorted(plan.cells))


def test_a_whole_window_of_three_hundred_groups_fits_in_one_request(settings: Settings) -> None:
    teams = tuple(Team(name=f"Grupp {n:03}") for n in range(300))
    many = settings.model_copy(update={"teams": teams})
    cells = [Cell(day, team.name) for day in WINDOW for team in teams]
    taken, asked = as_asked(cells, many)
    assert len(taken) == len(cells)
    assert len(json.dumps({"cells": asked})) < MOST_CHARACTERS_ASKED


def test_what_has_no_room_is_not_counted_as_tried(settings: Settings) -> None:
    teams = tuple(Team(name=f"Grupp {n:03}") for n in range(300))
    many = settings.model_copy(update={"teams": teams})
    gone = seen(*(covered(State.MISSING, Cell(TODAY, team.name)) for team in teams[:-1]))
    plan = planned(gone, settings=many)
    assert 0 < len(plan.cells) < 299
    assert plan.tried.keys() == set(plan.cells)
    assert plan.left == 299 - len(plan.cells)
    assert len(json.dumps({"cells": plan.asked})) < MOST_CHARACTERS_ASKED + 20
    later = planned(gone, settings=many, tried=plan.tried, now=NOW + HOUR / 2)
    assert not set(later.cells) & set(plan.cells)


@pytest.mark.parametrize("asked", ["22-06-21 Ullared", "Ullared", "2022-06-21", "2022-06-21 Anna", "2022-07-21 *", ""])
def test_a_request_that_makes_no_sense_is_refused_without_repeating_it(settings: Settings, asked: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        cells_of([asked], settings, WINDOW)
    assert "Anna" not in str(refused.value)


def test_all_groups_of_a_day_are_those_that_it_expects(settings: Settings) -> None:
    later = (Team(name="Ullared"), Team(name="Ny", active_from=TODAY + DAY))
    changed = settings.model_copy(update={"teams": later})
    assert cells_of([f"{TODAY} *"], changed, WINDOW) == (ULLARED,)


def test_what_was_given_up_is_told_by_day_with_the_groups(settings: Settings) -> None:
    cells = (Cell(TODAY, "Ullared"), Cell(TODAY, "Vessigebro"), Cell(TODAY - 9 * DAY, "Ullared"))
    (problem,) = healing_problems(HealingPlan(given_up={"share": cells}), settings, NOW)
    assert (problem.key, problem.severity, problem.cells) == ("not_healed:share", "critical", cells)
    assert problem.words[0] == (
        "share: tisdag 21 juni för Ullared, Vessigebro har beställts om 3 gånger av sig självt, och är ändå inte hel."
    )
    (past,) = healing_problems(HealingPlan(given_up={"share": cells[2:]}), settings, NOW)
    assert past.severity == "info"


class Kept:
    """A memory of what is JSON only."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def get(self, key: str) -> Any | None:
        return json.loads(self.values[key]) if key in self.values else None

    def set(self, key: str, value: Any) -> None:
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = json.dumps(value)


def test_tries_are_kept_a_day_to_a_value_and_forgotten_with_it() -> None:
    memory = Kept()
    first = {Cell(TODAY, f"Grupp {n:03}"): Try(3, NOW) for n in range(300)}
    both = first | {Cell(TODAY + DAY, "Ullared"): Try(1, NOW)}
    remember_tried(memory, {}, both)
    assert recall_tried(memory) == both
    assert max(map(len, memory.values.values())) < 60_000
    remember_tried(memory, both, {Cell(TODAY + DAY, "Ullared"): Try(2, NOW)})
    assert recall_tried(memory) == {Cell(TODAY + DAY, "Ullared"): Try(2, NOW)}
    assert len(memory.values) == 2
    remember_tried(memory, recall_tried(memory), {})
    assert json.loads(memory.values.popitem()[1]) == []


@pytest.mark.parametrize("broken", ['["2022-06-21"]', '["no date"]', "7", '{"a": 1}', "[7]"])
def test_a_memory_that_cannot_be_read_is_begun_anew(broken: str) -> None:
    memory = Kept()
    memory.values = {"healing": broken, "healing_2022-06-21": '{"Ullared": "three"}'}
    assert recall_tried(memory) == {}


STATES = st.sampled_from([State.MISSING, State.DAMAGED, State.OK, State.EDITED])
LOOK = st.tuples(st.integers(1, 90), STATES, STATES, st.booleans(), st.booleans())


@given(st.lists(LOOK, max_size=60))
def test_no_cell_is_asked_for_more_often_than_allowed(looks: list[tuple[int, State, State, bool, bool]]) -> None:
    now, tried, since_well, asked_at = NOW, {}, 0, None
    for minutes, at_share, at_stick, away, active in looks:
        now += timedelta(minutes=minutes)
        stick = seen(findings=AWAY, store="stick") if away else seen(covered(at_stick), store="stick")
        plan = plan_healing([seen(covered(at_share)), stick], tried, _SETTINGS, now, run_active=active)
        tried = dict(plan.tried)
        if not away and State.MISSING not in (at_share, at_stick) and State.DAMAGED not in (at_share, at_stick):
            since_well, asked_at = 0, None
        if plan.cells:
            since_well += 1
            assert not active
            assert since_well <= _SETTINGS.watch.heal_tries
            assert asked_at is None or now - asked_at >= HOUR
            asked_at = now
        assert not (plan.cells and plan.given_up)


_SETTINGS = Settings.model_validate(
    {
        "organisation": "Falkenbergs kommun",
        "teams": ["Ullared"],
        "source": {"kind": "demo"},
        "stores": [{"name": "share", "kind": "folder", "folder": "/x"}],
    }
)
