"""**Every month: takes some groups' lists of today from each store, as somebody in an outage would, and reads them.**

**When:** `schedule.drill` in the settings (09:00 on the first, local time). One drill at a time.

**By hand:** *Trigger* shows a form: certain groups, a certain store. Empty: the groups that were tried longest ago, as
many as `drill.groups` in the settings says, at every store. It cannot be backfilled: only now can be read. A copy
marked ÖVNING to work from holds names, which Airflow may not keep: `reservplan drill --copy DIR` puts it where you are.

**Safe to run again:** always. It reads, and changes nothing on any store. Each drill leaves a protocol to print and
sign, with groups, counts and times and no name of anybody; its path stands in the log of `drill`.

**When it fails:** a list was missing, did not open, or was not the whole list of today, or a store did not answer; the
protocol says which and what to improve, and the watch tells it once. The runbook is `docs/runbooks/drill.md`.
"""

from airflow.sdk import dag
from reservplan_airflow.configuration import settings_or_none
from reservplan_airflow.dag_defaults import NOT_BACKFILLABLE, dag_defaults, timetable, whole_run
from reservplan_airflow.drill_tasks import accept_request, drill
from reservplan_airflow.params import drill_params


@dag(
    schedule=timetable("drill"),
    allowed_run_types=NOT_BACKFILLABLE,
    **dag_defaults("drill", __doc__, params=drill_params(settings_or_none())),
)
def reservplan_drill() -> None:
    drill(accept_request()) >> whole_run()


reservplan_drill()
