"""The numbers of a round of the watch, through Airflow's own metrics; docs/metrics.md says what each means.

Plain StatsD drops tags, so what they would tell stands in the names.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from reservplan.watch import Coverage
    from reservplan.watching import Round

PREFIX = "reservplan"


def emit(done: Round) -> None:
    """Send the numbers of one round; where no metrics are switched on, Airflow sends nothing."""
    from airflow.sdk.observability.stats import gauge, incr, timing
    from reservplan.domain.alerts import Severity

    incr(f"{PREFIX}.rounds")
    gauge(f"{PREFIX}.round_faults", len(done.faults))
    for coverage in done.coverages:
        _emit_store(coverage)
    if done.followed is None:
        return
    open_incidents = Counter(one.severity for one in done.followed.incidents if one.gone_at is None)
    for severity in Severity:
        # What is not sent keeps its last value: none is a number too.
        gauge(f"{PREFIX}.incidents.{severity}", open_incidents[severity])
    for event in done.followed.events:
        if event.problem is None and event.incident.gone_at is not None:
            lasted: timedelta = event.incident.gone_at - event.incident.opened_at
            timing(f"{PREFIX}.time_to_heal.{event.incident.cause}", lasted)


def _emit_store(coverage: Coverage) -> None:
    from airflow.sdk.observability.stats import gauge
    from reservplan.watch import State

    gauge(f"{PREFIX}.store_reachable.{coverage.store}", int(coverage.reachable))
    if not coverage.reachable:
        # Nobody knows what lies there: the numbers of the last look stay.
        return
    cells = Counter(covered.state for covered in coverage.cells.values())
    for state in State:
        gauge(f"{PREFIX}.cells.{coverage.store}.{state}", cells[state])
    captured = [covered.true_at for covered in coverage.cells.values() if covered.true_at is not None]
    if captured:
        age = coverage.looked_at - max(captured)
        gauge(f"{PREFIX}.capture_age_seconds.{coverage.store}", round(age.total_seconds()))
