"""The tasks of retention: plan what to remove from every store, guard the plan, remove exactly what it lists.

Between tasks goes the plan's digest only. The plan is made anew where it is done, and done only if it is the same one.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import TriggerRule
from airflow.sdk.exceptions import AirflowSkipException
from reservplan.domain.errors import LastingError

from reservplan_airflow.dag_defaults import PUBLISH_POOL
from reservplan_airflow.faults import NotRemoved
from reservplan_airflow.task_body import in_airflow

if TYPE_CHECKING:
    from reservplan.domain.ports import Store
    from reservplan.settings import Settings, StoreSettings

log = logging.getLogger("reservplan")


@in_airflow()
def accept_request(dag_run: Any = None, params: Any = None) -> dict[str, Any]:
    """Check settings and parameters, and say whether the run only shows its plan."""
    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.params import refuse_unknown, retain_params

    load_settings()
    refuse_unknown(dag_run.conf, retain_params())
    return {"dry_run": bool(params["dry_run"])}


@in_airflow()
def name_stores(request: dict[str, Any]) -> list[str]:  # noqa: ARG001 - after the request has been accepted
    """The stores to look at, as the settings say now."""
    from reservplan_airflow.configuration import load_settings

    return [store.name for store in load_settings().stores]


@in_airflow()
def plan(store: str) -> dict[str, Any]:
    """Decide what to remove from a store, and show it with its reasons; nothing is touched."""
    from reservplan.retain import plan_for, retention_table

    settings, of_store, opened = _open(store)
    with opened:
        planned = plan_for(opened, of_store, settings, datetime.now(UTC))
    for line in retention_table(planned, settings.language).splitlines():
        log.info("%s", line)
    return {
        "store": store,
        "digest": planned.digest,
        "files": len(planned.remove),
        "days": len(planned.plan_dates),
        "bytes": planned.bytes,
        "refusals": [refusal.code for refusal in planned.refusals],
    }


# One store's refusal or fault is that store's: the plans of the others go on.
@in_airflow(trigger_rule=TriggerRule.ALL_DONE)
def guard(planned: dict[str, Any]) -> dict[str, Any]:
    """Stop a plan that looks wrong: a clock that jumped, no fresh copies, too many days at once."""
    if planned["refusals"]:
        raise LastingError(
            f"Store {planned['store']}: retention refuses its plan ({', '.join(planned['refusals'])}).",
            do="Nothing was removed. The log of `plan` says why in words, and what to look at.",
        )
    return planned


@in_airflow(pool=PUBLISH_POOL, trigger_rule=TriggerRule.ALL_DONE)
def remove(request: dict[str, Any], planned: dict[str, Any]) -> dict[str, Any]:
    """Remove exactly what the guarded plan lists; in a dry run, nothing."""
    from reservplan.retain import apply_retention, plan_for

    if request["dry_run"]:
        raise AirflowSkipException("Only the plan was asked for.")
    settings, of_store, opened = _open(planned["store"])
    now = datetime.now(UTC)
    with opened:
        again = plan_for(opened, of_store, settings, now)
        if again.digest != planned["digest"]:
            raise LastingError(
                f"Store {of_store.name}: what lies there has changed since the plan was guarded.",
                do="Nothing was removed. Clear the whole run, from its first task.",
            )
        result = apply_retention(opened, of_store, again, now=now)
    if result.failed:
        raise NotRemoved(
            f"Store {of_store.name}: {len(result.failed)} of {len(again.remove)} files could not be removed.",
            do="They stay on record, and the next run tries again. Close files that are open.",
        )
    return {"removed": len(result.removed), "bytes": result.bytes, "kept": len(result.kept)}


# A store that refuses or is away holds up its own copies only.
@in_airflow(trigger_rule=TriggerRule.ALL_DONE)
def tidy(request: dict[str, Any]) -> dict[str, Any]:
    """Remove captures and reports of days that are too old, by a guarded plan; in a dry run, only show it."""
    from reservplan.tidying import plan_tidying, tidy

    from reservplan_airflow.configuration import load_settings

    settings = load_settings()
    tidying = plan_tidying(settings, datetime.now(UTC))
    for line in tidying.in_words(settings):
        log.info("%s", line)
    if tidying.removal.refusals:
        raise LastingError(
            f"Archive: retention refuses its plan ({', '.join(tidying.removal.refusals)}).",
            do="Nothing was removed. The log of `tidy` says why in words, and what to look at.",
        )
    if request["dry_run"]:
        raise AirflowSkipException("Only the plan was asked for.")
    files, reports = tidy(settings, tidying)
    return {"days": len(tidying.removal.days), "files": files, "reports": reports}


def _open(name: str) -> tuple[Settings, StoreSettings, Store]:
    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import open_store

    settings = load_settings()
    of_store = next((store for store in settings.stores if store.name == name), None)
    if of_store is None:
        raise LastingError(f"The settings have no store {name} any more.", do="Clear the whole run.")
    return settings, of_store, open_store(of_store)
