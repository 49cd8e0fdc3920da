"""The hunt for personal data: people are planted, runs of every kind are played, and nothing of them is found outside.

Nowhere but on paper (the store), in staging and in the archive, and where the plan came from. The long form plays more
kinds of runs; hundreds of broken exports are in `test_hunt_exports.py`.
"""

import shutil
from collections.abc import Iterator

import pytest

from servers.airflow_api import AirflowRefused
from tests.operation.deployment import TEAMS
from tests.operation.hunting import CANARY_PLACES, DRAW_ALL, TYPED_PLACES, Hunt, hunting


@pytest.fixture(scope="module", params=["short", pytest.param("long", marks=pytest.mark.long)])
def hunt(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Hunt]:
    """All runs, one after the other where they would be in each other's way; then everything is searched."""
    with hunting(tmp_path_factory) as hunt:
        play(hunt)
        if request.param == "long":
            play_more(hunt)
        hunt.look_everywhere()
        yield hunt


def play(hunt: Hunt) -> None:
    canary = hunt.office.start({"note": hunt.canaries["typed"]}, dag_id="canary")
    hunt.play("good")
    hunt.ended("canary", canary, "canary")
    watch = hunt.office.start(dag_id="reservplan_watch")
    retain = hunt.office.start({"dry_run": True}, dag_id="reservplan_retain")
    hunt.play_with_task_killed("a task is killed")
    hunt.ended("watch", watch, "reservplan_watch")
    hunt.ended("retain", retain, "reservplan_retain")
    hunt.empty_store()
    hunt.save_whole("names as start times")
    hunt.play("unreadable rows")
    hunt.save_whole("headings that are names")
    refresh = hunt.office.start({hunt.typed["key"]: "x"}, dag_id="reservplan_refresh")
    hunt.play("wrong headings")
    hunt.ended("an unknown parameter", refresh, "reservplan_refresh")
    with pytest.raises(AirflowRefused):
        hunt.office.start({"date_from": hunt.typed["date"]})
    hunt.play("an unknown group", conf={"teams": [hunt.typed["team"], TEAMS[0]]})
    hunt.command("snapshot")
    hunt.save_whole("lone surrogates")
    hunt.command("snapshot", "--team", TEAMS[0])
    hunt.command("snapshot", "--team", hunt.typed["team"])


# Each is read in `test_hunt_exports.py` too; here the whole command does it, down to the paper.
BY_COMMAND = (
    "a damaged letter, encoding guessed", "control letters", "open quotation marks", "more cells than headings",
    "totals with names", "groups that are people", "a workbook of odd cells", "a workbook with sheets of people",
)  # fmt: skip
LONG_AND_FAILED = (
    "nothing there",
    "half a file",
    "a renderer is killed",
    "the share is down",
    "a wrong password",
    "out of time",
)


def play_more(hunt: Hunt) -> None:
    shutil.rmtree(hunt.office.exports)
    hunt.play("nothing there")
    for name in BY_COMMAND:
        # Each onto what the one before has left, as it comes in life.
        hunt.save_whole(name)
        hunt.command("snapshot", "--force")
    hunt.command("verify", "--deep")
    hunt.command("check")
    hunt.save_whole("half a file")
    hunt.play("half a file")
    hunt.empty_store()
    hunt.save_whole("a good one")
    hunt.play_with_renderer_killed("a renderer is killed")
    hunt.kill_everything_during("a power cut")
    hunt.play("after the power cut", conf=DRAW_ALL)
    hunt.play_without_share("the share is down")
    hunt.play_with_wrong_password("a wrong password")
    hunt.play_in_minutes("out of time")
    hunt.play_backfill("yesterday")
    hunt.play("refresh", "reservplan_refresh")
    hunt.play("watch again", "reservplan_watch")
    hunt.play("retain for good", "reservplan_retain")
    hunt.play("at last")


def test_the_runs_were_what_they_are_meant_to_be(hunt: Hunt) -> None:
    """A good one that did not publish, or a bad one that did not fail, would be searched for nothing."""
    for name in ("good", "watch", "retain", "unreadable rows"):
        assert hunt.states[name] == "success", name
    for name in (
        "a task is killed",
        "wrong headings",
        "an unknown group",
        "an unknown parameter",
        "canary",
    ):
        assert hunt.states[name] == "failed", name
    assert hunt.statuses[:3] == [2, 2, 2]
    for name in LONG_AND_FAILED:
        assert hunt.states.get(name, "failed") == "failed", name
    assert len(hunt.office.cells()) >= 8


def test_nothing_of_anybody_is_found_anywhere(hunt: Hunt) -> None:
    assert hunt.traces_of() == []
    assert hunt.search.forms > 20_000
    assert hunt.search.size_bytes > 50e6


@pytest.mark.parametrize("place", CANARY_PLACES)
def test_what_is_put_somewhere_on_purpose_is_found_there(hunt: Hunt, place: str) -> None:
    found = hunt.traces_of(f"canary: {place}")
    for part in CANARY_PLACES[place]:
        assert any(part in trace for trace in found), f"{place} is not found in {part}, but in {found}"


def test_no_key_and_no_password_is_found_where_others_read(hunt: Hunt) -> None:
    found = {trace for trace in hunt.secrets.traces if not trace.what.startswith("canary")}
    assert found == set()
    assert any(trace.what == "canary: secret" for trace in hunt.secrets.traces)


def test_what_an_operator_types_stays_where_airflow_itself_keeps_it(hunt: Hunt) -> None:
    assert hunt.traces_of("typed: ", but=TYPED_PLACES) == []


def test_every_report_was_read_as_airflow_serves_it(hunt: Hunt) -> None:
    reports = [answer for place, answer in hunt.answers if place == "http report"]
    assert len(reports) >= 3
    assert all(b"Valideringsrapport" in report for report in reports)


def test_what_is_not_mapped_and_who_is_protected_is_not_on_the_store_either(hunt: Hunt) -> None:
    on_store, hidden = hunt.store_search()
    assert on_store.traces, "Who is not protected stands on paper: it must be found there."
    assert hidden.traces == set()


def test_staging_is_private_while_runs_are_under_way_and_empty_afterwards(hunt: Hunt) -> None:
    seen = {path for path in hunt.watch.seen if "canary" not in path}
    assert any(path.endswith(".parquet") for path in seen)
    assert any("/rendered/" in path for path in seen)
    assert any(path.endswith("pseudonym.key") for path in seen)
    opened = hunt.watch.open_to_others
    assert {path for path in opened if "canary" not in path} == set()
    assert any("canary" in path for path in opened), "A folder that others may read is seen."
    # A power cut, or a run's own time limit, leaves what the next run takes away; else a run's last task does.
    assert {name for name, left in hunt.staged_at_end.items() if left} <= {"a power cut", "out of time"}
    assert hunt.office.staged() == []


def test_renderers_know_no_secret_and_leave_no_core(hunt: Hunt) -> None:
    assert hunt.watch.renderers > 1
    assert hunt.watch.renderers_with_secrets == set()
    assert hunt.watch.renderers_that_dump == set()
    assert hunt.strange_files() == []
