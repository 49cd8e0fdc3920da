"""The tasks of retention: plan what to remove from every store, guard the plan, remove exactly what it lists."""

from __future__ import annotations

import logging
from typing import Any

from reservplan_airflow.dag_defaults import PUBLISH_POOL
from reservplan_airflow.task_body import in_airflow

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
def name_stores(request: dict[str, Any]) -> list[str]:  # noqa: ARG001 - named after the request is accepted
    """The stores to look at, as the settings say now."""
    from reservplan_airflow.configuration import load_settings

    return [store.name for store in load_settings().stores]


@in_airflow()
def plan(store: str) -> dict[str, Any]:
    """Decide what to remove from a store, and show it with reasons."""
    raise NotImplementedError(store)


@in_airflow(pool=PUBLISH_POOL)
def remove(request: dict[str, Any], planned: dict[str, Any]) -> dict[str, Any]:
    """Remove exactly what the plan lists."""
    raise NotImplementedError(request, planned)
