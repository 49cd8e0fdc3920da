"""**Every day: removes copies that are older than the window, and nothing else.**

**When:** `schedule.retain` in the settings (05:30 local time), after the morning's snapshot. One run at a time.

**By hand:** *Trigger* shows a form: with *Only show the plan* it says what would be removed, and why, and removes
nothing. *Confirm* takes the code of a plan that was refused; the alert names it. It cannot be backfilled: what is too
old is told by today.

**Safe to run again:** always. It plans first, then a guard refuses a plan that looks wrong (a clock that jumped, no
fresh copies, too many days at once), then exactly what the plan lists is removed: only files that our manifests name,
that nobody has changed, and our own temporary files. Days to come are never removed. At last archived captures and
reports of those days go, too. What went is noted for a year, on each store and in the archive.

**When it fails:** nothing that is needed has been removed. The log of `plan` lists every file with its reason. The
alert that retention refuses says why, and how to confirm the plan where a person may. The runbook is
`docs/runbooks/retention-refused.md`.
"""

from airflow.sdk import dag
from reservplan_airflow.dag_defaults import NOT_BACKFILLABLE, dag_defaults, timetable, whole_run
from reservplan_airflow.params import retain_params
from reservplan_airflow.retain_tasks import accept_request, guard, name_stores, plan, remove, tidy


@dag(
    schedule=timetable("retain"),
    allowed_run_types=NOT_BACKFILLABLE,
    **dag_defaults("retain", __doc__, params=retain_params()),
)
def reservplan_retain() -> None:
    request = accept_request()
    stores = name_stores(request)
    planned = plan.expand(store=stores)
    guarded = guard.partial(request=request).expand(planned=planned)
    removed = remove.partial(request=request).expand(planned=guarded)

    # Each store goes its own way to its end; the run is whole only if all of them did.
    whole = whole_run()
    tidied = tidy(request)
    removed >> tidied
    [planned, guarded, removed, tidied] >> whole


reservplan_retain()
