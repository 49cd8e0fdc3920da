"""The tasks of the drill: which groups, then take their lists as a reader would, and keep the protocol."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from reservplan_airflow.task_body import in_airflow

log = logging.getLogger("reservplan")

PARAMETERS = ("groups", "store")


@in_airflow()
def accept_request(dag_run: Any = None) -> dict[str, Any]:
    """Check the settings and what was asked for."""
    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.params import refuse_unknown

    load_settings()
    asked = dag_run.conf or {}
    refuse_unknown(asked, PARAMETERS)
    return {"groups": list(asked.get("groups") or ()), "store": asked.get("store") or ""}


@in_airflow()
def drill(request: dict[str, Any]) -> dict[str, Any]:
    """Find, open, read and count today's lists on each store; the run fails where a reader would have had none."""
    from reservplan.drill_protocol import result_words
    from reservplan.drilling import Asked, fault_of, keep, last_tried
    from reservplan.drilling import drill as try_copies

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import open_store

    settings = load_settings()
    asked = Asked(tuple(request["groups"]), request["store"])
    drilled = try_copies(settings, asked, last_tried(settings), datetime.now(UTC), open_store)
    trials = [(store.store, trial) for store in drilled.stores for trial in store.trials]
    for store, trial in trials:
        log.info("%s: %s: %s", store, trial.team, result_words(trial, settings.language))
    log.info("The protocol: %s.pdf", keep(drilled, settings))
    if fault := fault_of(drilled, settings):
        raise fault
    return {"stores": len(drilled.stores), "groups": len(drilled.teams), "passed": len(trials)}
