"""The tasks of snapshot and refresh: each opens what it needs, calls one step of the product, and returns counts."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import TriggerRule
from airflow.sdk.exceptions import AirflowSkipException
from reservplan.domain.manifest import Origin

from reservplan_airflow.dag_defaults import PUBLISH_POOL
from reservplan_airflow.faults import NotWritten
from reservplan_airflow.report_link import ReportLink
from reservplan_airflow.task_body import in_airflow

if TYPE_CHECKING:
    from reservplan.snapshot import Snapshot

log = logging.getLogger("reservplan")

# A mail or a line of log names so many cells; the rest are counted.
MOST_NAMED = 10

# Two runs may meet at a store, those of a backfill, say: the second waits for its turn, which comes within seconds.
TURN_SECONDS = 300.0

# A run by hand or for a missed day takes the export that there is; by the clock, a newer one may come before it is due.
WAITS_FOR_FRESH = (Origin.SCHEDULED, Origin.REFRESH)


@in_airflow()
def accept_request(dag_run: Any = None, params: Any = None, ti: Any = None) -> dict[str, Any]:
    """Check settings and parameters, fix today, and say what the run is asked to do."""
    from reservplan.staging import clear_leftovers

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.params import refuse_unknown, snapshot_params
    from reservplan_airflow.run_context import as_passed_on, has_ended, snapshot_request

    settings = load_settings()
    refuse_unknown(dag_run.conf, snapshot_params(settings))
    request = snapshot_request(dag_run, dict(params or {}), settings, datetime.now(UTC))
    passed = as_passed_on(request, dict(params or {}))
    snapshot = _snapshot(passed)
    # What is returned is kept in Airflow's database: a group that nobody knows may be anything that somebody typed.
    snapshot.refuse_unknown_teams()
    # A run that is cleared begins with an empty folder, whatever a killed one left there.
    snapshot.clear()
    if cleared := clear_leftovers(settings.staging, lambda run_id: has_ended(run_id, ti)):
        log.info("Removed what %d runs that were killed had left in staging.", cleared)
    return passed


@in_airflow()
def name_stores(request: dict[str, Any]) -> list[str]:
    """The stores to publish to, as the settings say now."""
    return [store.name for store in _snapshot(request).settings.stores]


@in_airflow()
def extract(request: dict[str, Any], ti: Any = None) -> dict[str, Any]:
    """Read the plan of the asked days into staging; one that is too old is waited for while there are tries left."""
    snapshot = _snapshot(request)
    waits = snapshot.request.origin in WAITS_FOR_FRESH and ti.try_number <= ti.max_tries
    return snapshot.extract(insist_on_fresh=waits)


@in_airflow(links=(ReportLink(),))
def validate(request: dict[str, Any]) -> dict[str, Any]:
    """Judge every cell; an incomplete one fails nothing here, the watch alarms."""
    return _snapshot(request).validate()


@in_airflow()
def compare(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask every store what it lacks, and lay the cells out in batches."""
    snapshot = _snapshot(request)
    batches = snapshot.compare()
    for shortfall in snapshot.alarms():
        log.warning("%s", shortfall)
    return [batch.model_dump() for batch in batches]


@in_airflow(execution_timeout=timedelta(minutes=45))
def render(request: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
    """Make the lists and overviews of a batch that some store lacks."""
    from reservplan.run_files import Batch

    return _snapshot(request).render(Batch(**batch))


# A cell that could not be rendered must not keep the others from the stores: what is there is published.
@in_airflow(execution_timeout=timedelta(minutes=45), pool=PUBLISH_POOL, trigger_rule=TriggerRule.ALL_DONE)
def publish(request: dict[str, Any], store: str, batches: list[dict[str, Any]] | None) -> dict[str, Any]:
    """Write all batches to one store, each file whole or not at all, never worse; a new try goes on with the rest."""
    from reservplan.run_files import Batch

    if not batches:
        raise AirflowSkipException("There is nothing to publish.")
    return _snapshot(request).publish(store, [Batch(**batch) for batch in batches])


# What could be written is sealed, whatever else failed.
@in_airflow(pool=PUBLISH_POOL, trigger_rule=TriggerRule.ALL_DONE)
def seal(request: dict[str, Any], store: str) -> dict[str, Any]:
    """Read back what one store holds now, and write its manifests; then fail if a cell could not be written there."""
    snapshot = _snapshot(request)
    if not snapshot.files.has_published(store):
        raise AirflowSkipException("Nothing was published there.")
    counts = snapshot.seal(store)
    if shortfalls := snapshot.shortfalls(store):
        for shortfall in shortfalls:
            log.warning("%s", shortfall)
        more = len(shortfalls) - MOST_NAMED
        raise NotWritten(
            f"Not everything could be written. {'; '.join(shortfalls[:MOST_NAMED])}"
            + (f"; and {more} more, in the log of {store}'s seal." if more > 0 else "."),
            do="All other copies are in place. Close the files that are open; the next run writes the rest by itself.",
            held={store: snapshot.held(store)},
        )
    return counts


# What was sealed shall be found, also where another cell could not be written.
@in_airflow(pool=PUBLISH_POOL, trigger_rule=TriggerRule.ALL_DONE)
def shelf(request: dict[str, Any], store: str) -> dict[str, Any]:
    """Bring one store's start page, routine and week packs up to date; then fail if one could not be."""
    snapshot = _snapshot(request)
    if not snapshot.files.has_published(store):
        raise AirflowSkipException("Nothing was published there.")
    counts = snapshot.shelf(store)
    if short := snapshot.papers_short(store):
        for line in short:
            log.warning("%s", line)
        raise NotWritten(
            f"Papers that are not up to date: {'; '.join(short[:MOST_NAMED])}.",
            do="All copies are in place. Close the files that are open; the next run writes the rest by itself.",
            held={store: snapshot.papers_held(store)},
        )
    return counts


@in_airflow()
def archive(request: dict[str, Any]) -> dict[str, Any]:
    """Keep what was read, so that its days can be made again without the export."""
    return _snapshot(request).archive()


# A run that went wrong needs its report most.
@in_airflow(trigger_rule=TriggerRule.ALL_DONE, links=(ReportLink(),))
def report(request: dict[str, Any] | None) -> dict[str, Any]:
    """Write the validation report, with what became of every cell on every store; a refused request has none."""
    if request is None or not (snapshot := _snapshot(request)).judged:
        raise AirflowSkipException("Nothing was judged.")
    return snapshot.report()


@in_airflow(on_failure_callback=None)
def clear_staging(request: dict[str, Any] | None) -> None:
    """Empty the run's staging folder, whatever happened; a refused request has none."""
    if request is not None:
        _snapshot(request).clear()


def _snapshot(request: dict[str, Any]) -> Snapshot:
    from reservplan.snapshot import Snapshot

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import open_store
    from reservplan_airflow.run_context import request_passed_on

    settings = load_settings()
    return Snapshot(settings, request_passed_on(request, settings), open_store, say=log.info, turn_seconds=TURN_SECONDS)
