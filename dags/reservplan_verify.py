"""**Every night: opens every copy on every store, and compares it with what was written.**

**When:** `schedule.verify` in the settings (01:30 local time), when nobody prints. One check at a time.

**By hand:** *Trigger*; it has no parameters. It cannot be backfilled: only now can be read.

**Safe to run again:** always. It reads, and changes nothing on any store. What it finds is kept for the watch, which
looks every half hour by size and time only: it tells a file that is not what was written, and asks for it to be made
again. A later check that finds nothing, or the file written anew, ends it.

**When it fails:** a store could not be read; what the check before found stands. A damaged file fails nothing here,
`reservplan_watch` reports it. The runbook is `docs/runbooks/failed-run.md`.
"""

from airflow.sdk import dag
from reservplan_airflow.dag_defaults import NOT_BACKFILLABLE, dag_defaults, timetable, whole_run
from reservplan_airflow.verify_tasks import accept_request, verify


@dag(
    schedule=timetable("verify"),
    allowed_run_types=NOT_BACKFILLABLE,
    **dag_defaults("verify", __doc__),
)
def reservplan_verify() -> None:
    verify.expand(store=accept_request()) >> whole_run()


reservplan_verify()
