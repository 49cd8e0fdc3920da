"""What is told of a problem that lasts, and when."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from reservplan.domain.alerts import Severity
from reservplan.domain.plan import Cell
from reservplan.settings import Settings, Watch
from reservplan.watch.incidents import FLAPPING, Event, Followed, Incident, Turn, follow
from reservplan.watch.problems import Cause, Problem

from tests.unit.retain.shelf import STOCKHOLM
from tests.unit.watch.lookout import DAY, TEN, TODAY

LOOK = timedelta(minutes=30)
HOUR = timedelta(hours=1)
CRITICAL, INFO = Severity.CRITICAL, Severity.INFO
SETTINGS = Settings.model_validate(
    {"organisation": "Prov", "teams": ["Ullared"], "source": {"kind": "demo"},
     "stores": [{"name": "share", "kind": "folder", "folder": "/nowhere"}]}
)  # fmt: skip


def with_watch(**changes: Any) -> Settings:
    return SETTINGS.model_copy(update={"watch": Watch.model_validate(changes)})


def problem(cause: Cause = Cause.INCOMPLETE, severity: Severity = INFO, *cells: Cell, **changes: Any) -> Problem:
    return Problem(cause, changes.pop("store", "share"), severity, ("words",), cells, **changes)


def cells(count: int, team: str = "Ullared", first: date = TODAY) -> tuple[Cell, ...]:
    return tuple(Cell(first + n * DAY, team) for n in range(count))


AWAY = problem(Cause.STORE_AWAY, CRITICAL)
HEALS = problem(Cause.MISSING, INFO, *cells(1), heals=True)


class Story:
    """Look after look: what was told at each."""

    def __init__(self, settings: Settings = SETTINGS, begin: datetime = TEN) -> None:
        self.settings = settings
        self.now = begin
        self.incidents: tuple[Incident, ...] = ()
        self.told: list[Event] = []

    def look(self, *problems: Problem, unseen: Iterable[str] = (), after: timedelta = LOOK) -> list[str]:
        done: Followed = follow(self.incidents, problems, set(unseen), self.settings, self.now)
        # As it is remembered between rounds.
        self.incidents = tuple(Incident.model_validate_json(each.model_dump_json()) for each in done.incidents)
        self.told += done.events
        self.now += after
        return [event.turn.value for event in done.events]

    def looks(self, *each: Sequence[Problem]) -> list[list[str]]:
        return [self.look(*problems) for problems in each]


def test_a_problem_is_told_once_and_its_end_once() -> None:
    assert Story().looks([problem()], [problem()], [problem()], [], []) == [["opened"], [], [], ["closed"], []]


def test_the_end_says_when_it_was_gone_and_when_it_began() -> None:
    story = Story()
    story.looks([AWAY], [AWAY], [], [])
    closed = story.told[-1]
    assert (closed.turn, closed.problem) == (Turn.CLOSED, None)
    assert (closed.incident.opened_at, closed.incident.gone_at) == (TEN, TEN + 2 * LOOK)


@pytest.mark.parametrize("cause", sorted(FLAPPING))
def test_what_is_gone_for_one_look_and_back_at_the_next_is_told_once(cause: Cause) -> None:
    there = problem(cause, CRITICAL)
    assert Story().looks(*([there], []) * 4, []) == [["opened"], *([[]] * 7), ["closed"]]


def test_what_a_run_has_ended_is_told_at_once() -> None:
    assert Story().looks([problem(Cause.NOT_SAVED, CRITICAL)], []) == [["opened"], ["closed"]]


def test_what_passes_by_itself_within_one_look_is_never_told() -> None:
    assert Story().looks([HEALS], [], []) == [[], [], []]
    assert Story().looks([HEALS], [HEALS], [], []) == [[], ["opened"], [], ["closed"]]


def test_what_is_critical_is_told_at_once_even_where_it_may_pass() -> None:
    story = Story(with_watch(quiet_hours="00:00-23:59"))
    assert story.look(problem(Cause.MISSING, CRITICAL, *cells(1), heals=True)) == ["opened"]


def test_it_is_told_again_when_a_day_has_passed() -> None:
    story = Story()
    told = [story.look(problem(), after=HOUR) for _ in range(50)]
    assert [n for n, turns in enumerate(told) if turns] == [0, 24, 48]
    assert told[24] == ["reminded"]


@pytest.mark.parametrize(("later", "worse"), [
    pytest.param(problem(Cause.DAMAGED, INFO, *cells(2, first=TODAY + 2 * DAY)), False, id="the same"),
    pytest.param(problem(Cause.DAMAGED, INFO, *cells(1, first=TODAY + 2 * DAY)), False, id="fewer"),
    pytest.param(problem(Cause.DAMAGED, INFO, *cells(3, first=TODAY + 2 * DAY)), True, id="half as many again"),
    pytest.param(problem(Cause.DAMAGED, INFO, *cells(1), *cells(1, "Vessigebro")), True, id="another group"),
    pytest.param(problem(Cause.DAMAGED, CRITICAL, *cells(1)), True, id="critical"),
])  # fmt: skip
def test_it_is_told_again_when_it_gets_worse(later: Problem, worse: bool) -> None:
    story = Story()
    story.look(problem(Cause.DAMAGED, INFO, *cells(2, first=TODAY + 2 * DAY)))
    assert story.look(later) == (["worse"] if worse else [])
    assert story.look(later) == [], "and only once"


def test_what_was_critical_and_is_so_again_is_no_news() -> None:
    critical, less = problem(Cause.DAMAGED, CRITICAL, *cells(1)), problem(Cause.DAMAGED, INFO, *cells(1))
    assert Story().looks([critical], [less], [critical]) == [["opened"], [], []]


def test_copies_that_grow_old_one_after_the_other_are_one_message() -> None:
    farthest, all_days = cells(1, first=TODAY + 3 * DAY), cells(4)
    not_saved = [problem(Cause.NOT_SAVED, CRITICAL, *given) for given in ((), farthest, all_days)]
    assert Story().looks(*([each] for each in not_saved)) == [["opened"], [], []]


def test_midnight_alone_is_not_worse_but_the_morning_tells() -> None:
    saturday = cells(1, first=TODAY + 2 * DAY)
    story = Story(begin=datetime.combine(TODAY, time(23, 30), STOCKHOLM))
    assert story.look(problem(Cause.INCOMPLETE, INFO, *saturday)) == ["opened"]
    told = [story.look(problem(Cause.INCOMPLETE, CRITICAL, *saturday)) for _ in range(16)]
    assert [n for n, turns in enumerate(told) if turns] == [12], "at six, when the day's copies are due"
    assert told[12] == ["worse"]


def test_a_day_that_was_not_told_and_becomes_critical_at_night_is_told_at_night() -> None:
    story = Story(begin=datetime.combine(TODAY, time(1), STOCKHOLM))
    story.look(problem(Cause.INCOMPLETE, INFO, *cells(1, first=TODAY + 2 * DAY)))
    assert story.look(problem(Cause.INCOMPLETE, CRITICAL, *cells(1))) == ["worse"]


def test_a_store_that_cannot_be_looked_at_leaves_its_incidents_as_they_are() -> None:
    story = Story()
    story.look(problem(Cause.DAMAGED, INFO, *cells(1)))
    before = story.incidents
    for _ in range(100):
        story.look(unseen=["share"])
    assert (story.incidents, len(story.told)) == (before, 1)
    assert story.look(problem(Cause.DAMAGED, INFO, *cells(1))) == ["reminded"]


def test_a_store_that_is_away_is_told_though_it_cannot_be_looked_at() -> None:
    story = Story()
    assert story.look(AWAY, unseen=["share"]) == ["opened"]
    assert [story.look(), story.look()] == [[], ["closed"]]


def test_a_failed_run_that_another_problem_tells_of_has_not_gone_well() -> None:
    failed = problem(Cause.RUN_FAILED, INFO, store="refresh")
    not_saved = problem(Cause.NOT_SAVED, CRITICAL)
    assert Story().looks([failed], [not_saved], []) == [["opened"], ["opened"], ["closed", "closed"]]


@pytest.mark.parametrize("clock", ["20:00", "23:59", "00:00", "06:29"])
def test_what_is_not_critical_waits_through_the_quiet_hours(clock: str) -> None:
    begin = datetime.combine(TODAY, time.fromisoformat(clock), STOCKHOLM)
    story = Story(with_watch(quiet_hours="20:00-06:30"), begin)
    assert story.look(problem()) == []


def test_what_ends_within_the_quiet_hours_is_never_told() -> None:
    story = Story(with_watch(quiet_hours="20:00-06:30"), datetime.combine(TODAY, time(21), STOCKHOLM))
    assert story.looks([problem()], [problem()], [], []) == [[], [], [], []]
    assert story.incidents == ()


def test_what_lasts_is_told_when_the_quiet_hours_end_also_in_the_night_of_a_clock_change() -> None:
    # The clocks go back at three: the night from 20:00 to 06:30 lasts eleven hours and a half.
    story = Story(with_watch(quiet_hours="20:00-06:30"), datetime(2022, 10, 29, 20, tzinfo=STOCKHOLM))
    told = [story.look(problem(), after=timedelta()) for story.now in _looks(story.now, 24)]
    assert [n for n, turns in enumerate(told) if turns] == [23]


def test_an_end_that_is_not_critical_waits_through_the_quiet_hours_too() -> None:
    story = Story(with_watch(quiet_hours="20:00-06:30"), datetime.combine(TODAY, time(19, 30), STOCKHOLM))
    assert story.look(problem()) == ["opened"]
    told = [story.look() for _ in range(22)]
    assert [n for n, turns in enumerate(told) if turns] == [21]
    assert told[21] == ["closed"]


def test_a_clock_that_was_set_back_does_not_silence_it() -> None:
    story = Story()
    story.look(problem())
    story.now -= 3 * DAY
    assert story.look(problem()) == ["reminded"]


def _looks(begin: datetime, count: int) -> list[datetime]:
    return [datetime.fromtimestamp(begin.timestamp() + n * LOOK.total_seconds(), STOCKHOLM) for n in range(count)]


STORES = ("share", "stick")
TEAMS = ("Ullared", "Vessigebro", "Glommen")
any_cells = st.lists(
    st.builds(Cell, st.integers(-2, 3).map(lambda n: TODAY + n * DAY), st.sampled_from(TEAMS)), max_size=6, unique=True
)
any_problem = st.builds(
    lambda cause, store, severity, found, heals: Problem(cause, store, severity, ("w",), tuple(found), heals=heals),
    st.sampled_from([Cause.STORE_AWAY, Cause.MISSING, Cause.INCOMPLETE, Cause.NOT_SAVED]),
    st.sampled_from(STORES), st.sampled_from(Severity), any_cells, st.booleans(),
)  # fmt: skip
any_look = st.tuples(
    st.lists(any_problem, max_size=4, unique_by=lambda each: each.key),
    st.sets(st.sampled_from(STORES)),
    st.sampled_from([LOOK, LOOK, HOUR, 7 * HOUR]),
)
any_hours = st.sampled_from([None, "20:00-06:30", "11:00-13:00"])


@given(st.lists(any_look, max_size=30), any_hours)
@hypothesis_settings(max_examples=150, deadline=None)
def test_whatever_is_seen_each_incident_is_told_in_order(looks: list[Any], quiet: str | None) -> None:
    configured = with_watch(quiet_hours=quiet)
    story = Story(configured)
    open_since: dict[str, datetime] = {}
    for found, unseen, after in looks:
        now = story.now
        begun = len(story.told)
        story.look(*found, unseen=unseen, after=after)
        events = story.told[begun:]
        assert len({event.incident.key for event in events}) == len(events), "one message an incident and look"
        for event in events:
            key = event.incident.key
            match event.turn:
                case Turn.OPENED:
                    assert key not in open_since, "opened twice"
                case Turn.CLOSED:
                    assert key in open_since, "closed, and nobody was told"
                case Turn.REMINDED:
                    assert now - open_since[key] >= timedelta(hours=configured.watch.remind_hours)
                case Turn.WORSE:
                    assert key in open_since
            if event.turn is Turn.CLOSED:
                del open_since[key]
            else:
                assert event.problem is not None
                open_since[key] = now
        for each in found:
            if each.severity is CRITICAL:
                assert each.key in open_since, "critical, and nobody knows"
    assert set(open_since) <= {incident.key for incident in story.incidents}, "what is open is remembered"
