"""From a run to the days that it captures; the day is the local one, never that of UTC."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from reservplan.domain.errors import RequestRefused
from reservplan.domain.manifest import Origin
from reservplan.settings import Settings
from reservplan_airflow.run_context import snapshot_request

from tests.dags.conftest import CONFIGURATION

SETTINGS = Settings.model_validate(CONFIGURATION)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
FOUR_DAYS = tuple(date(2026, 11, day) for day in (22, 23, 24, 25))


def run(kind: str = "scheduled", logical_date: datetime | None = NOW, dag: str = "snapshot") -> Any:
    return SimpleNamespace(
        dag_id=f"reservplan_{dag}", run_id=f"{kind}__x", run_type=kind, logical_date=logical_date, conf={}
    )


def asked(dag_run: Any, now: datetime = NOW, **params: Any) -> Any:
    return snapshot_request(dag_run, params, SETTINGS, now)


def test_the_mornings_run_captures_today_and_the_days_ahead() -> None:
    request = asked(run())
    assert (request.today, request.plan_dates, request.origin) == (TODAY, FOUR_DAYS, Origin.SCHEDULED)


def test_a_backfilled_day_captures_that_day_only() -> None:
    request = asked(run("backfill", datetime(2026, 11, 20, 4, 0, tzinfo=UTC)))
    assert (request.plan_dates, request.origin) == ((date(2026, 11, 20),), Origin.BACKFILL)


def test_a_cleared_run_of_an_earlier_day_captures_that_day_only() -> None:
    assert asked(run(logical_date=datetime(2026, 11, 19, 4, 0, tzinfo=UTC))).plan_dates == (date(2026, 11, 19),)


def test_a_run_just_after_local_midnight_belongs_to_the_new_day() -> None:
    midnight = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
    request = asked(run(logical_date=midnight), now=midnight)
    assert (request.today, request.plan_dates) == (TODAY, FOUR_DAYS)


def test_the_night_when_clocks_go_back_has_one_day() -> None:
    tick = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    assert asked(run("backfill", tick), tick + timedelta(days=3)).plan_dates == (date(2026, 10, 25),)


def test_a_run_by_hand_without_a_logical_date_is_todays() -> None:
    request = asked(run("manual", None))
    assert (request.plan_dates, request.origin) == (FOUR_DAYS, Origin.MANUAL)


def test_the_form_names_one_past_day_or_a_range() -> None:
    assert asked(run("manual", None), date_from="2026-11-20").plan_dates == (date(2026, 11, 20),)
    several = asked(run("manual", None), date_from="2026-11-20", date_to="2026-11-22").plan_dates
    assert several == (date(2026, 11, 20), date(2026, 11, 21), *FOUR_DAYS)


def test_a_scheduled_run_of_refresh_says_so() -> None:
    assert asked(run(dag="refresh")).origin is Origin.REFRESH
    assert asked(run("manual", None, dag="refresh")).origin is Origin.MANUAL


def test_two_dags_that_start_in_the_same_second_have_two_ids() -> None:
    assert asked(run()).run_id != asked(run(dag="refresh")).run_id


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("manual", {"date_from": "22/11"}),
        ("manual", {"date_from": "2026-11-22", "date_to": "2026-11-21"}),
        ("manual", {"date_to": "2026-11-21"}),
        ("manual", {"date_from": "2026-11-07"}),
        ("backfill", {"date_from": "2026-11-20"}),
    ],
)
def test_days_that_make_no_sense_are_refused_with_words(kind: str, params: dict[str, str]) -> None:
    with pytest.raises(RequestRefused) as refusal:
        asked(run(kind), **params)
    assert refusal.value.do
