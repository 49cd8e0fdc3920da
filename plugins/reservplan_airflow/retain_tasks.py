"""The tasks of retention: plan what to remove from every store, guard the plan, remove exactly what it lists.

Between tasks goes the plan's digest only. The plan is made anew where it is done, and done only if it is the same one.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import TriggerRule
from airflow.sdk.exceptions import AirflowSkipException
from reservplan.domain.confirmation import confirms
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
    return {"dry_run": bool(params["dry_run"]), "confirm": (params["confirm"] or "").replace(",", " ").split()}


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
        "leftovers": len(planned.leftovers),
        "days": len(planned.plan_dates),
        "bytes": planned.bytes,
        "refusals": [refusal.code for refusal in planned.refusals],
    }


# One store's refusal or fault is that store's: the plans of the others go on.
@in_airflow(trigger_rule=TriggerRule.ALL_DONE)
def guard(request: dict[str, Any], planned: dict[str, Any]) -> dict[str, Any]:
    """Stop a plan that looks wrong (a clock that jumped, no fresh copies), unless somebody has confirmed this one."""
    from reservplan.retain import plan_for, require_confirmed

    if planned["refusals"]:
        # Its words are too long to be handed from task to task, and the mail must name the plan that holds at its time.
        settings, of_store, opened = _open(planned["store"])
        with opened:
            again = plan_for(opened, of_store, settings, datetime.now(UTC))
        require_confirmed(again, _code_for(again.digest, request))
    return planned


@in_airflow(pool=PUBLISH_POOL, trigger_rule=TriggerRule.ALL_DONE)
def remove(request: dict[str, Any], planned: dict[str, Any]) -> dict[str, Any]:
    """Remove exactly what the guarded plan lists; in a dry run, nothing."""
    from reservplan.retain import apply_retention, failures_in_words, plan_for, result_in_words

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
        result = apply_retention(opened, of_store, again, now=now, confirm=_code_for(again.digest, request))
    log.info("%s", result_in_words(of_store.name, result, settings.language))
    for line in failures_in_words(result, settings.language):
        log.warning("%s", line)
    if result.failed:
        raise NotRemoved(
            f"Store {of_store.name}: {len(result.failed)} files or records could not be removed or written.",
            do="The log of `remove` names them. They stay on record, and the next run tries again. Close open files.",
            held={of_store.name: [failure.path for failure in result.failed]},
        )
    return {
        "removed": len(result.removed), "bytes": result.bytes, "kept": len(result.kept), "leftovers": result.leftovers,
    }  # fmt: skip


# A store that refuses or is away holds up its own copies only.
@in_airflow(trigger_rule=TriggerRule.ALL_DONE)
def tidy(request: dict[str, Any], ti: Any = None) -> dict[str, Any]:
    """Remove captures and reports of days that are too old, and what dead runs left in staging, by a guarded plan."""
    from reservplan.tidying import plan_tidying, require_confirmed, tidy

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.run_context import has_ended

    settings, now = load_settings(), datetime.now(UTC)
    tidying = plan_tidying(settings, now, lambda run_id: has_ended(run_id, ti))
    for line in tidying.in_words(settings):
        log.info("%s", line)
    confirm = _code_for(tidying.digest, request)
    require_confirmed(settings, tidying, confirm)
    if request["dry_run"]:
        raise AirflowSkipException("Only the plan was asked for.")
    done = tidy(settings, tidying, now=now, confirm=confirm)
    return {"days": len(tidying.days), "files": done.files, "reports": done.reports, "staging": done.staging}


def _code_for(digest: str, request: dict[str, Any]) -> str:
    """The code with which somebody has confirmed this plan; a run may be given those of several stores."""
    return next((given for given in request["confirm"] if confirms(given, digest)), "")


def _open(name: str) -> tuple[Settings, StoreSettings, Store]:
    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import open_store

    settings = load_settings()
    of_store = next((store for store in settings.stores if store.name == name), None)
    if of_store is None:
        raise LastingError(f"The settings have no store {name} any more.", do="Clear the whole run.")
    return settings, of_store, open_store(of_store)
