"""Airflow's own health, from a real listener that answers 200 whatever is down."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from reservplan.domain.alerts import Severity
from reservplan.watch.airflow_health import Health, airflow_health, health_problems
from reservplan.watch.diagnosis import Answer
from reservplan.watch.problems import Cause

from servers.ports import free_ports
from tests.unit.watch.listeners import listener, monitor
from tests.unit.watch.test_probing import settings

WELL = Health(Answer.OK, Answer.OK, Answer.OK, Answer.OK)


def says(**changes: Any) -> bytes:
    beat = datetime.now(UTC).isoformat()
    return json.dumps(
        {
            "metadatabase": {"status": "healthy"},
            "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": beat},
            "triggerer": {"status": None, "latest_triggerer_heartbeat": None},
            "dag_processor": {"status": "healthy", "latest_dag_processor_heartbeat": beat},
            **changes,
        }
    ).encode()


def health_of(body: bytes, status: int = 200) -> Health:
    with monitor(status, body) as airflow:
        found = airflow_health(f"{airflow.url}/")
    assert airflow.asked == ["/api/v2/monitor/health"]
    return found


def test_all_is_well_where_all_says_so() -> None:
    assert health_of(says()) == WELL
    assert health_problems(WELL, settings()) == ()


def test_a_dead_scheduler_is_critical_though_the_page_answers_well() -> None:
    health = health_of(says(scheduler={"status": "unhealthy", "latest_scheduler_heartbeat": None}))
    [problem] = health_problems(health, settings())
    assert (problem.cause, problem.severity) == (Cause.AIRFLOW, Severity.CRITICAL)
    assert problem.words == ("Airflows schemaläggare är nere: inga körningar startar.",)


def test_a_scheduler_that_has_said_nothing_for_long_is_dead_whatever_its_status() -> None:
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    health = health_of(says(scheduler={"status": "healthy", "latest_scheduler_heartbeat": old}))
    assert health.scheduler is Answer.SILENT


def test_a_database_that_is_away_is_critical() -> None:
    [problem] = health_problems(health_of(says(metadatabase={"status": "unhealthy"})), settings())
    assert problem.severity is Severity.CRITICAL


def test_that_changes_are_not_read_stops_no_run() -> None:
    [problem] = health_problems(health_of(says(dag_processor={"status": "unhealthy"})), settings())
    assert problem.severity is Severity.INFO


def test_all_that_is_down_is_one_problem() -> None:
    dead = {"status": "unhealthy"}
    [problem] = health_problems(health_of(says(metadatabase=dead, scheduler=dead, dag_processor=dead)), settings())
    assert len(problem.words) == 3


@pytest.mark.parametrize("body", [b"<html>It works!</html>", b"", b"[]", b'{"scheduler": "healthy"}', b"\xff"])
def test_another_page_at_that_address_is_not_airflow(body: bytes) -> None:
    assert health_of(body) == Health(page=Answer.WRONG)


@pytest.mark.parametrize("status", [500, 503])
def test_a_page_that_is_broken_says_nothing_of_the_rest(status: int) -> None:
    health = health_of(says(), status)
    assert health == Health(page=Answer.WRONG)
    [problem] = health_problems(health, settings())
    assert problem.severity is Severity.INFO


def test_nobody_there_and_nobody_who_speaks() -> None:
    assert airflow_health(f"http://127.0.0.1:{free_ports(1)[0]}").page is Answer.REFUSED
    with listener() as silent:
        assert airflow_health(silent, limit_seconds=0.2).page is Answer.SILENT


def test_without_an_address_nothing_is_asked_and_nothing_is_wrong() -> None:
    assert health_problems(airflow_health(""), settings()) == ()
