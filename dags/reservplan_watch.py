"""**Every half hour: is everything on every store that should be there now?**

**When:** `schedule.watch` in the settings (every 30 minutes). One look at a time. It looks at the stores themselves,
never at what earlier runs said.

**By hand:** *Trigger*; it has no parameters. It cannot be backfilled: only now can be looked at.

**Safe to run again:** always. `look` reads, and changes nothing. `settle` puts a copy that had to be laid beside an
open file, as `… (ny 0512).pdf`, under that file's own name once it is closed; the look never waits for it.

**When it fails:** either it could not look, or somebody who prints today or tomorrow would miss something. The log of
`look` shows the table of groups and days, and the mail names what is missing. Run `reservplan_snapshot` for those days;
it fills what is missing and leaves the rest alone. The runbook is `docs/runbooks/failed-run.md`; where a store cannot
be reached, `docs/runbooks/share-unreachable.md`.
"""

from airflow.sdk import dag
from reservplan_airflow.dag_defaults import NOT_BACKFILLABLE, dag_defaults, timetable
from reservplan_airflow.watch_tasks import accept_request, look, settle


@dag(
    schedule=timetable("watch"),
    allowed_run_types=NOT_BACKFILLABLE,
    **dag_defaults("watch", __doc__),
)
def reservplan_watch() -> None:
    # Side by side: neither a store that hangs nor a missing pool may keep anybody from looking.
    accept_request() >> [settle(), look()]


reservplan_watch()
