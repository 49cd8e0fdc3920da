"""The numbers of a round reach a real StatsD listener and a real OpenTelemetry collector's door."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from servers.airflow_home import PROJECT
from servers.ports import HOST
from tests.airflow_for_tests import airflow_home
from tests.unit.watch.listeners import monitor

airflow_home()

# What a task's own process does with the metrics before it runs the task, and a round in which something was healed.
ROUND = """
from datetime import UTC, datetime, timedelta

from airflow.sdk._shared.observability.metrics import stats
from airflow.sdk.observability.metrics import stats_utils
from reservplan.domain.alerts import Severity
from reservplan.domain.plan import Cell
from reservplan.domain.days import Window
from reservplan.watch import CellCoverage, Coverage, State
from reservplan.watch.findings import Finding
from reservplan.watch.incidents import Event, Followed, Incident, Turn
from reservplan.watch.problems import Cause
from reservplan.watching import Round
from reservplan_airflow.metrics import emit

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TODAY = NOW.date()
WINDOW = Window(TODAY, TODAY - timedelta(days=14), TODAY + timedelta(days=3))


def incident(cause, severity, **values):
    opened_at = NOW - timedelta(hours=1)
    return Incident(cause=cause, store="share", severity=severity, opened_at=opened_at, seen_at=NOW, **values)


cells = {
    cell: CellCoverage(cell, state, NOW - timedelta(hours=hours))
    for cell, state, hours in (
        (Cell(TODAY, "Ullared"), State.OK, 5),
        (Cell(TODAY, "Vessigebro"), State.OK, 3),
        (Cell(TODAY, "Ätran"), State.STALE, 30),
    )
}
away = Finding("unreachable", Severity.CRITICAL, "away")
missing = incident(Cause.MISSING, Severity.CRITICAL, gone_at=NOW)
done = Round(
    coverages=[
        Coverage("share", "share", NOW, WINDOW, cells, ()),
        Coverage("stick", "stick", NOW, WINDOW, {}, (away,)),
    ],
    followed=Followed((incident(Cause.STORE_AWAY, Severity.CRITICAL), missing), (Event(Turn.CLOSED, missing),)),
)
stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=False)
emit(done)
"""


def emit_in_a_process(settings: Mapping[str, str]) -> None:
    paths = os.pathsep.join(str(PROJECT / name) for name in ("include", "plugins"))
    switched_on = {f"AIRFLOW__METRICS__{key}": value for key, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-c", ROUND],
        env={**os.environ, "PYTHONPATH": paths, **switched_on},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def statsd() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind((HOST, 0))
        heard.settimeout(2)
        yield heard


def test_a_round_reaches_statsd_by_names_without_tags(statsd: socket.socket) -> None:
    emit_in_a_process({"STATSD_ON": "True", "STATSD_HOST": HOST, "STATSD_PORT": str(statsd.getsockname()[1])})
    lines = {}
    try:
        while len(lines) < 30:
            name, _, value = statsd.recv(4096).decode().partition(":")
            lines[name.removeprefix("airflow.reservplan.")] = value
            if "time_to_heal" in name:
                break
    except TimeoutError:
        pass
    assert lines["rounds"] == "1|c"
    assert lines["round_faults"] == "0|g"
    assert (lines["store_reachable.share"], lines["store_reachable.stick"]) == ("1|g", "0|g")
    assert (lines["cells.share.ok"], lines["cells.share.stale"], lines["cells.share.missing"]) == ("2|g", "1|g", "0|g")
    assert lines["capture_age_seconds.share"] == f"{3 * 3600}|g"
    assert not any(name.startswith(("cells.stick", "capture_age_seconds.stick")) for name in lines)
    assert (lines["incidents.critical"], lines["incidents.info"]) == ("1|g", "0|g")
    assert re.fullmatch(r"3600000(\.0+)?\|ms", lines["time_to_heal.missing"])


def test_a_round_reaches_opentelemetry_before_the_tasks_process_ends() -> None:
    with monitor(body=b"") as collector:
        host, port = collector.url.removeprefix("http://").split(":")
        emit_in_a_process({"OTEL_ON": "True", "OTEL_HOST": host, "OTEL_PORT": port})
    assert set(collector.asked) == {"/v1/metrics"}
    for name in (b"reservplan.cells.share.ok", b"reservplan.rounds", b"reservplan.time_to_heal.missing"):
        assert name in collector.given


def test_every_metric_is_documented_and_every_documented_one_is_sent() -> None:
    told = set(re.findall(r"^\| `(reservplan\.[a-z_.<>]+)`", (PROJECT / "docs/metrics.md").read_text(), re.M))
    code = (PROJECT / "plugins/reservplan_airflow/metrics.py").read_text()
    sent = {re.sub(r"\{[^}]*\}", "*", name) for name in re.findall(r'f"\{PREFIX\}(\.[^"]+)"', code)}
    assert {re.sub(r"<[a-z]+>", "*", name.removeprefix("reservplan")) for name in told} == sent
