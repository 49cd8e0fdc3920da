"""How the watch asks for a run that makes certain copies again: by Airflow's own operator, so that it is seen.

A task of the watch returns none or one of `request_for`; `ask_again` starts a run for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

ASKED_OF = "reservplan_snapshot"


def request_for(asked: Sequence[str], now: datetime) -> dict[str, Any]:
    """A run for these copies; `asked` as a healing plan says them, `now` is aware."""
    from reservplan.healing_run import healing_run_id

    return {"trigger_run_id": healing_run_id(now), "conf": {"cells": list(asked)}}


def ask_again(requests: Any) -> Any:
    """Start a run for each request that a task has returned; without one the task is skipped."""
    return TriggerDagRunOperator.partial(
        task_id="ask_again",
        trigger_dag_id=ASKED_OF,
        # A task that is tried again has perhaps asked already.
        skip_when_already_exists=True,
    ).expand_kwargs(requests)
