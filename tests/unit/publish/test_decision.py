from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.domain.errors import ManifestUnreadable, StoreUnreachable
from reservplan.domain.manifest import NewerManifest, Origin
from reservplan.domain.plan import Cell
from reservplan.domain.standing import CellState, FileState, Standing
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import WORDS
from reservplan.publish.comparing import decide_for
from reservplan.publish.decision import Action, Decision, Offer, Place, decide, renewal_due
from reservplan.settings import StoreSettings

from tests.unit.publish.cells import CELL, FIVE, HOUR, TODAY, WINDOW, entry, nothing, of_files, offer, whole

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LAST_MINUTE = datetime(2022, 6, 20, 23, 59, tzinfo=STOCKHOLM)
COMPLETE, REMARKS, INCOMPLETE = Verdict.COMPLETE, Verdict.REMARKS, Verdict.INCOMPLETE
W, OLDER, DAMAGED, EDITED, MISSING = (
    FileState.WHOLE, FileState.OLDER, FileState.DAMAGED, FileState.EDITED, FileState.MISSING,
)  # fmt: skip


def short(decision: Decision) -> tuple[Action, bool]:
    return decision.action, decision.alarm


# --- row 1: unreachable, or a manifest of a newer schema ---


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (StoreUnreachable("share does not answer."), "store_unreachable"),
        (NewerManifest("220621.json has schema 9."), "manifest_newer"),
        (ManifestUnreadable("220621.json cannot be read."), "manifest_unreadable"),
    ],
)
def test_a_store_that_cannot_be_judged_is_not_touched_but_alarmed_and_caught_up_later(fault, code):
    assert decide(fault, offer(), WINDOW, force=True) == Decision(Action.WAIT, code, alarm=True)


# --- row 2: outside the window ---


@pytest.mark.parametrize("days", [-15, 4, 400])
def test_a_day_outside_the_window_is_refused_even_by_force(days):
    cell = Cell(TODAY + timedelta(days=days), "Ullared")
    assert decide(nothing(), offer(cell=cell), WINDOW, force=True).action is Action.REFUSE


@pytest.mark.parametrize("days", [-14, 3])
def test_both_ends_of_the_window_are_published(days):
    cell = Cell(TODAY + timedelta(days=days), "Ullared")
    assert decide(nothing(), offer(cell=cell), WINDOW).action is Action.PUBLISH


# --- rows 3 and 4: nothing to publish ---


@pytest.mark.parametrize("standing", [nothing(), whole(), of_files(entry(), [DAMAGED] * 4)])
@pytest.mark.parametrize(
    ("changes", "code", "alarm"),
    [
        ({"visits": 0}, "no_visits", True),
        ({"covered": False}, "not_covered", True),
        ({"covered": False, "visits": 0}, "not_covered", True),
        ({"closed": True, "visits": 0}, "closed", False),
        ({"closed": True, "visits": 0, "covered": False}, "closed", False),
    ],
)
def test_without_visits_nothing_is_published_and_what_is_there_stays(standing, changes, code, alarm):
    decision = decide(standing, offer(verdict=INCOMPLETE, **changes), WINDOW, force=True)
    assert decision == Decision(Action.NOTHING, code, alarm=alarm)


def test_visits_of_a_team_that_should_be_closed_are_published_all_the_same():
    assert decide(nothing(), offer(closed=True), WINDOW).action is Action.PUBLISH


# --- rows 5 and 6: somebody else's file, and an edited one ---

FOREIGN = replace(nothing(), foreign=("220621 Brukarschema Ullared.pdf",))


def test_ours_goes_beside_a_foreign_file_with_an_alarm():
    assert decide(FOREIGN, offer(), WINDOW) == Decision(Action.PUBLISH, "new", alarm=True, place=Place.BESIDE)


def test_a_foreign_file_is_adopted_where_the_store_says_so_without_an_alarm():
    assert decide(FOREIGN, offer(), WINDOW, on_foreign="adopt") == Decision(Action.PUBLISH, "new", adopt=True)


def test_ours_moves_to_its_own_names_once_foreign_files_are_to_be_adopted():
    standing = replace(whole(), foreign=FOREIGN.foreign)
    decision = decide(standing, offer(), WINDOW, on_foreign="adopt")
    assert (decision.action, decision.adopt) == (Action.REPLACE, True)


def test_a_foreign_file_is_not_renamed_for_a_copy_that_is_not_written():
    standing = replace(whole(), foreign=FOREIGN.foreign)
    decision = decide(standing, offer(verdict=INCOMPLETE, content="new"), WINDOW, on_foreign="adopt")
    assert (decision.action, decision.adopt) == (Action.KEEP, False)


@pytest.mark.parametrize("on_foreign", ["beside", "adopt"])
def test_an_edited_file_is_kept_and_ours_goes_beside_even_where_foreign_files_are_adopted(on_foreign):
    standing = of_files(entry(), [EDITED, W, W, W])
    decision = decide(standing, offer(), WINDOW, on_foreign=on_foreign)
    assert decision == Decision(Action.PUBLISH, "mended", alarm=True, place=Place.BESIDE)


def test_beside_a_foreign_file_the_rows_below_apply_and_the_alarm_stays():
    standing = replace(whole(), foreign=FOREIGN.foreign)
    assert short(decide(standing, offer(), WINDOW)) == (Action.LEAVE, True)
    assert short(decide(standing, offer(captured_at=FIVE + HOUR), WINDOW)) == (Action.CONFIRM, True)
    assert short(decide(standing, offer(captured_at=FIVE - HOUR, content="new"), WINDOW)) == (Action.KEEP, True)


# --- row 7: nothing, or damaged ---


@pytest.mark.parametrize("standing", [nothing(), of_files(entry(), [MISSING] * 4), of_files(entry(), [DAMAGED] * 4)])
@pytest.mark.parametrize("captured_at", [FIVE - HOUR, FIVE, FIVE + HOUR])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_where_nothing_whole_lies_any_copy_is_published_and_an_incomplete_one_alarmed(standing, captured_at, verdict):
    decision = decide(standing, offer(verdict=verdict, captured_at=captured_at, content="new"), WINDOW)
    assert (decision.action, decision.only_broken) == (Action.PUBLISH, False)
    assert decision.alarm == (verdict is INCOMPLETE)


@pytest.mark.parametrize("lost", [DAMAGED, MISSING])
@pytest.mark.parametrize(
    "worse",
    [{"verdict": INCOMPLETE, "captured_at": FIVE + HOUR}, {"captured_at": FIVE - HOUR}],
    ids=["incomplete", "earlier"],
)
def test_only_the_broken_file_is_written_where_the_others_are_better(lost, worse):
    decision = decide(of_files(entry(), [lost, W, W, W]), offer(content="new", **worse), WINDOW)
    assert decision == Decision(Action.PUBLISH, "mended_partly", alarm=True, only_broken=True)


def test_a_lost_file_of_the_same_content_is_mended_from_an_earlier_capture_without_an_alarm():
    decision = decide(of_files(entry(), [MISSING, W, W, W]), offer(captured_at=FIVE - HOUR), WINDOW)
    assert decision == Decision(Action.PUBLISH, "mended", only_broken=True)


def test_the_whole_cell_is_written_where_one_file_is_broken_and_the_new_copy_is_as_good():
    decision = decide(of_files(entry(), [DAMAGED, W, W, W]), offer(content="new"), WINDOW)
    assert decision == Decision(Action.PUBLISH, "mended")


# --- rows 8 and 9: the same content ---


@pytest.mark.parametrize("captured_at", [FIVE - HOUR, FIVE, FIVE + timedelta(microseconds=900_000)])
def test_the_same_content_of_the_same_or_an_earlier_capture_is_left(captured_at):
    assert short(decide(whole(), offer(captured_at=captured_at), WINDOW, renew=True)) == (Action.LEAVE, False)


def test_the_same_content_of_a_later_capture_moves_confirmed_at_only():
    assert short(decide(whole(), offer(captured_at=FIVE + HOUR), WINDOW)) == (Action.CONFIRM, False)


def test_a_copy_confirmed_later_than_the_capture_is_left():
    standing = whole(confirmed_at=FIVE + 2 * HOUR)
    assert decide(standing, offer(captured_at=FIVE + HOUR), WINDOW).action is Action.LEAVE


def test_the_same_content_of_a_later_capture_is_written_anew_where_a_renewal_is_due():
    assert decide(whole(), offer(captured_at=FIVE + HOUR), WINDOW, renew=True) == Decision(Action.RENEW, "renewed")


@pytest.mark.parametrize(("days", "due"), [(-1, False), (0, True), (3, True)])
def test_a_copy_of_an_earlier_local_day_is_due_for_renewal_from_today_on(days, due):
    cell = Cell(TODAY + timedelta(days=days), "Ullared")
    assert renewal_due(replace(whole(published_at=LAST_MINUTE), cell=cell), WINDOW, STOCKHOLM) is due


def test_a_copy_is_renewed_once_a_local_day():
    standing = whole(published_at=LAST_MINUTE + timedelta(minutes=2))
    assert not renewal_due(standing, WINDOW, STOCKHOLM)
    assert not renewal_due(nothing(), WINDOW, STOCKHOLM)
    assert not renewal_due(StoreUnreachable("share does not answer."), WINDOW, STOCKHOLM)


@pytest.mark.parametrize(("later", "action"), [(-HOUR, Action.LEAVE), (0 * HOUR, Action.RENEW), (HOUR, Action.RENEW)])
def test_force_writes_unchanged_cells_too_but_never_an_earlier_capture(later, action):
    assert decide(whole(), offer(captured_at=FIVE + later), WINDOW, force=True).action is action


def test_an_unchanged_incomplete_copy_stays_alarmed():
    standing = whole(verdict=INCOMPLETE)
    assert short(decide(standing, offer(verdict=INCOMPLETE), WINDOW)) == (Action.LEAVE, True)


# --- row 10: complete or remarks | incomplete ---


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("later", [-HOUR, 0 * HOUR, HOUR])
@pytest.mark.parametrize("there", [COMPLETE, REMARKS])
def test_a_complete_copy_is_kept_from_an_incomplete_one_with_an_alarm(there, later, force):
    new = offer(verdict=INCOMPLETE, content="new", captured_at=FIVE + later, visits=500)
    assert short(decide(whole(verdict=there), new, WINDOW, force=force)) == (Action.KEEP, True)


# --- row 11: incomplete | complete or remarks ---


@pytest.mark.parametrize("new", [COMPLETE, REMARKS])
@pytest.mark.parametrize(("later", "code"), [(-HOUR, "older_but_whole"), (0 * HOUR, "now_whole"), (HOUR, "now_whole")])
def test_an_incomplete_copy_gives_way_to_a_whole_one_of_any_capture(new, later, code):
    decision = decide(whole(verdict=INCOMPLETE), offer(verdict=new, content="new", captured_at=FIVE + later), WINDOW)
    assert decision == Decision(Action.REPLACE, code)


# --- rows 12 and 13: complete or remarks | complete or remarks ---


@pytest.mark.parametrize("there", [COMPLETE, REMARKS])
@pytest.mark.parametrize("new", [COMPLETE, REMARKS])
@pytest.mark.parametrize("later", [0 * HOUR, HOUR])
def test_a_whole_copy_gives_way_to_other_content_of_the_same_or_a_later_capture(there, new, later):
    decision = decide(whole(verdict=there), offer(verdict=new, content="new", captured_at=FIVE + later), WINDOW)
    assert decision == Decision(Action.REPLACE, "updated")


@pytest.mark.parametrize("force", [False, True])
def test_a_whole_copy_is_kept_from_an_earlier_capture(force):
    decision = decide(whole(), offer(content="new", captured_at=FIVE - HOUR), WINDOW, force=force)
    assert decision == Decision(Action.KEEP, "kept_later", alarm=True)


@pytest.mark.parametrize(("days", "alarm"), [(-1, False), (0, True), (3, True)])
def test_a_copy_kept_from_an_earlier_capture_is_alarmed_where_somebody_will_print_it(days, alarm):
    cell = Cell(TODAY + timedelta(days=days), "Ullared")
    decision = decide(replace(whole(), cell=cell), offer(cell=cell, content="new", captured_at=FIVE - HOUR), WINDOW)
    assert decision == Decision(Action.KEEP, "kept_later", alarm=alarm)


# --- a copy whose time lies in the future ---


def from_the_future(**changes: object) -> Standing:
    """A copy from an export that a clock a week ahead saved."""
    ahead = offer().read_at + timedelta(days=7)
    return whole(captured_at=ahead, confirmed_at=ahead, **changes)


def test_a_copy_from_the_future_gives_way_to_other_content_read_now():
    assert decide(from_the_future(), offer(content="new"), WINDOW) == Decision(Action.REPLACE, "updated")


def test_a_copy_from_the_future_with_the_same_content_is_written_anew_with_its_true_time():
    assert decide(from_the_future(), offer(), WINDOW) == Decision(Action.RENEW, "renewed")


def test_a_complete_copy_from_the_future_is_still_never_replaced_by_an_incomplete_one():
    decision = decide(from_the_future(), offer(verdict=INCOMPLETE, content="new"), WINDOW)
    assert short(decision) == (Action.KEEP, True)


def test_an_incomplete_copy_from_the_future_gives_way_to_a_whole_one_that_is_not_called_older():
    decision = decide(from_the_future(verdict=INCOMPLETE), offer(content="new"), WINDOW)
    assert decision == Decision(Action.REPLACE, "now_whole")


@pytest.mark.parametrize(("minutes", "action"), [(5, Action.KEEP), (6, Action.REPLACE)])
def test_clocks_that_differ_by_a_few_minutes_are_no_future(minutes, action):
    ahead = offer().read_at + timedelta(minutes=minutes)
    assert decide(whole(confirmed_at=ahead), offer(content="new"), WINDOW).action is action


def test_later_is_counted_from_the_confirmation():
    standing = whole(confirmed_at=FIVE + 2 * HOUR)
    assert decide(standing, offer(content="new", captured_at=FIVE + HOUR), WINDOW).action is Action.KEEP


# --- rows 14 and 15: incomplete | incomplete ---


@pytest.mark.parametrize("later", [0 * HOUR, HOUR])
@pytest.mark.parametrize("visits", [212, 213])
def test_an_incomplete_copy_gives_way_to_a_later_one_with_no_fewer_visits_and_stays_alarmed(later, visits):
    new = offer(verdict=INCOMPLETE, content="new", captured_at=FIVE + later, visits=visits)
    assert short(decide(whole(verdict=INCOMPLETE), new, WINDOW)) == (Action.REPLACE, True)


@pytest.mark.parametrize("changes", [{"visits": 211}, {"captured_at": FIVE - HOUR}], ids=["fewer", "earlier"])
def test_an_incomplete_copy_is_kept_from_an_incomplete_one_that_is_earlier_or_holds_fewer_visits(changes):
    new = offer(verdict=INCOMPLETE, content="new", **changes)
    assert short(decide(whole(verdict=INCOMPLETE), new, WINDOW)) == (Action.KEEP, True)


# --- an interrupted publishing ---


def test_a_mixture_of_two_copies_is_written_whole_again_by_the_same_capture():
    standing = of_files(entry(content=""), [W, W, OLDER, OLDER])
    assert decide(standing, offer(), WINDOW) == Decision(Action.REPLACE, "updated")


def test_a_mixture_of_two_copies_is_not_made_older():
    standing = of_files(entry(content=""), [W, W, OLDER, OLDER])
    assert decide(standing, offer(captured_at=FIVE - HOUR), WINDOW).action is Action.KEEP


# --- properties ---

offers = st.builds(
    offer,
    verdict=st.sampled_from(Verdict),
    captured_at=st.integers(-3, 3).map(lambda n: FIVE + n * HOUR),
    visits=st.integers(0, 3),
    content=st.sampled_from(["as-is", "new"]),
    covered=st.booleans(),
    closed=st.booleans(),
)
entries = st.builds(
    entry,
    verdict=st.sampled_from(Verdict),
    captured_at=st.integers(-2, 0).map(lambda n: FIVE + n * HOUR),
    confirmed_at=st.integers(-2, 2).map(lambda n: FIVE + n * HOUR),
    visits=st.integers(1, 3),
    content=st.sampled_from(["as-is", "other", ""]),
)
standings = st.one_of(
    st.just(nothing()),
    st.just(FOREIGN),
    st.builds(of_files, entries, st.lists(st.sampled_from(FileState), min_size=4, max_size=4)),
)
circumstances = st.fixed_dictionaries(
    {"renew": st.booleans(), "force": st.booleans(), "on_foreign": st.sampled_from(["beside", "adopt"])}
)


def overwrites_whole_files(standing: Standing, decision: Decision) -> bool:
    return decision.writes and not decision.only_broken and standing.entry is not None and bool(standing.held())


@given(standings, offers, circumstances)
def test_a_complete_copy_is_never_replaced_by_an_incomplete_one(standing, new, how):
    if overwrites_whole_files(standing, decide(standing, new, WINDOW, **how)):
        assert new.verdict.whole or not standing.entry.verdict.whole or new.content == standing.entry.content


@given(standings, offers, circumstances)
def test_an_earlier_capture_replaces_nothing_whole_unless_it_makes_it_complete(standing, new, how):
    if overwrites_whole_files(standing, decide(standing, new, WINDOW, **how)):
        became_whole = new.verdict.whole and not standing.entry.verdict.whole
        assert new.captured_at >= standing.entry.true_at or became_whole


@given(standings, offers, circumstances, st.sampled_from(Origin), st.sampled_from(Origin))
def test_what_asked_for_the_copy_never_matters(standing, new, how, one, other):
    first = decide(standing, replace(new, origin=one), WINDOW, **how)
    assert first == decide(standing, replace(new, origin=other), WINDOW, **how)


@given(standings, offers, circumstances)
def test_every_decision_can_be_said_in_words(standing, new, how):
    assert f"publish.{decide(standing, new, WINDOW, **how).code}" in WORDS


@given(standings, offers)
def test_deciding_again_after_publishing_changes_nothing(standing, new):
    decision = decide(standing, new, WINDOW)
    if decision.writes and not decision.only_broken:
        assert decide(after(standing, new), new, WINDOW).action is Action.LEAVE


def after(standing: Standing, new: Offer) -> Standing:
    written = entry(
        verdict=new.verdict, captured_at=new.captured_at, confirmed_at=new.captured_at, visits=new.visits,
        content=new.content,
    )  # fmt: skip
    return replace(of_files(written, [W] * 4, CellState.WHOLE), foreign=standing.foreign, cell=CELL)


# --- a store that could not be asked when the plan was judged ---


@pytest.mark.parametrize(
    ("there", "new", "action"),
    [
        pytest.param({"visits": 100}, {"visits": 79}, Action.KEEP, id="more than a fifth is gone"),
        pytest.param({"visits": 100}, {"visits": 80}, Action.REPLACE, id="a fifth is gone"),
        pytest.param({"visits": 100}, {"visits": 60, "cancelled": 30}, Action.REPLACE, id="cancelled is not gone"),
        pytest.param({"visits": 60, "cancelled": 40}, {"visits": 60}, Action.KEEP, id="cancelled before, and gone now"),
        pytest.param({"visits": 100, "verdict": INCOMPLETE}, {"visits": 60}, Action.REPLACE, id="it was incomplete"),
    ],
)
def test_a_whole_copy_that_the_verdict_does_not_know_stays_where_many_visits_are_gone(there, new, action):
    unknowing = offer(content="new", captured_at=FIVE + HOUR, compared_with=("office",), **new)
    assert decide(whole(**there), unknowing, WINDOW, compared=False).action is action
    assert decide(whole(**there), unknowing, WINDOW, compared=True).action is Action.REPLACE


def test_a_copy_that_could_not_be_compared_is_kept_with_an_alarm_also_by_force():
    decision = decide(whole(), offer(content="new", captured_at=FIVE + HOUR, visits=9), WINDOW, force=True)
    assert decision == Decision(Action.KEEP, "kept_uncompared", alarm=True)


def test_how_much_may_be_gone_is_a_setting():
    decision = decide(whole(), offer(content="new", captured_at=FIVE + HOUR, visits=9), WINDOW, most_gone_share=1.0)
    assert decision.action is Action.REPLACE


def test_a_store_says_by_its_name_whether_it_was_asked():
    asked, away = (StoreSettings(name=name, kind="folder", folder="x") for name in ("share", "office"))
    new = offer(content="new", captured_at=FIVE + HOUR, visits=9)
    decisions = [decide_for(store, whole(), new, WINDOW, STOCKHOLM, force=False) for store in (asked, away)]
    assert [decision.code for decision in decisions] == ["updated", "kept_uncompared"]


def test_an_open_day_without_visits_that_was_accepted_alarms_nobody():
    for covered in (True, False):
        decision = decide(nothing(), offer(visits=0, verdict=REMARKS, covered=covered), WINDOW)
        assert decision == Decision(Action.NOTHING, "accepted")
