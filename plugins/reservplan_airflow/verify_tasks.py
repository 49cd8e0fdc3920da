"""The task of the nightly deep check: read back all that lies on a store, and keep what is wrong for the watch."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from reservplan.domain.errors import LastingError

from reservplan_airflow.task_body import in_airflow

log = logging.getLogger("reservplan")


@in_airflow()
def accept_request(dag_run: Any = None) -> list[str]:
    """Check the settings, and name the stores; the check knows no parameters."""
    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.params import refuse_unknown

    settings = load_settings()
    refuse_unknown(dag_run.conf, ())
    return [store.name for store in settings.stores]


# A store of a few thousand files over a slow network takes its time; nobody waits for it at night.
@in_airflow(execution_timeout=timedelta(hours=3))
def verify(store: str) -> dict[str, Any]:
    """Open every file of a store as a reader would, compare it with its record, and keep what is wrong."""
    from reservplan.verified_notes import check_deeply

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import open_store

    settings = load_settings()
    of_store = next((one for one in settings.stores if one.name == store), None)
    if of_store is None:
        raise LastingError(f"The settings have no store {store} any more.", do="Clear the whole run.")
    found = check_deeply(of_store, settings, datetime.now(UTC), open_store)
    for fault in found.faults:
        log.warning("%s: %s: %s", store, fault.path, fault.words)
    return {"files": found.files, "bytes": found.bytes, "faults": len(found.faults)}
