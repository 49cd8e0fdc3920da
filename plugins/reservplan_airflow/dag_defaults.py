"""What all DAGs have in common; the rest of a DAG file is its own wiring."""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import CronTriggerTimetable, TriggerRule

from reservplan_airflow.notifiers import RunFailed, RunWentWell
from reservplan_airflow.retries import retry_policy
from reservplan_airflow.schedule import timing_now

# So many stores are written side by side; a store's own lock lets one writer at a time in.
PUBLISH_POOL = "reservplan_publish"
PUBLISH_SLOTS = 4
TASK_MINUTES = 15
NOT_BACKFILLABLE = ("scheduled", "manual")


def timetable(name: str) -> CronTriggerTimetable:
    """When the DAG `reservplan_<name>` runs, in local time: one run a tick also where clocks change. Never raises."""
    return timing_now(name).timetable


def dag_defaults(name: str, doc: str | None, **own: Any) -> dict[str, Any]:
    """The arguments of the DAG `reservplan_<name>`; what stands in `own` wins. Never raises.

    There is no start_date on purpose: a fresh deployment does nothing until the next tick of its schedule, and any past
    day may be backfilled.
    """
    times = timing_now(name)
    return {
        "dag_id": f"reservplan_{name}",
        "doc_md": doc,
        "catchup": False,
        "max_active_runs": 1,
        "dagrun_timeout": times.run_timeout,
        # Tasks tell what failed and why; the DAG itself only what no task can: that the run took too long.
        "on_failure_callback": RunFailed(only_when="timed_out"),
        "default_args": {
            "owner": "reservplan",
            "retries": times.retries,
            "retry_delay": timedelta(minutes=5),
            "retry_policy": retry_policy(),
            "execution_timeout": min(timedelta(minutes=TASK_MINUTES), times.run_timeout),
            "on_failure_callback": RunFailed(),
        },
        "tags": ["reservplan"],
        **own,
    }


def whole_run() -> EmptyOperator:
    """The last task of a run, which is well only if all the others were: the watch need tell no failure any more."""
    return EmptyOperator(task_id="whole", trigger_rule=TriggerRule.NONE_FAILED, on_success_callback=RunWentWell())
