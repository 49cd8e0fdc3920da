"""**Every half hour: is everything on every store that should be there now?**

**When:** `schedule.watch` in the settings (every 30 minutes). One look at a time. It looks at the stores themselves,
never at what earlier runs said.

**By hand:** *Trigger*; it has no parameters. It cannot be backfilled: only now can be looked at.

**Safe to run again:** always. `look` looks at the stores, tells what has changed since the round before (each problem
once, a reminder a day, once when it ends), and says which copies to make again; `ask_again` starts a run of
`reservplan_snapshot`, named `healing__…`, for just those. `settle` puts a copy that had to be laid beside an open file,
as `… (ny 0512).pdf`, under that file's own name once it is closed; the look never waits for it.

**When it fails:** `judge` is red while somebody who prints today or tomorrow would miss something: the alerts have said
what to do, and the log of `look` shows the table of groups and days. If another task is red, the watch could not do its
work: the mail says why. The runbooks are listed in `docs/runbooks/alerts.md`.
"""

from airflow.sdk import dag
from reservplan_airflow.dag_defaults import NOT_BACKFILLABLE, dag_defaults, timetable
from reservplan_airflow.healing import ask_again
from reservplan_airflow.watch_tasks import accept_request, judge, look, settle


@dag(
    schedule=timetable("watch"),
    allowed_run_types=NOT_BACKFILLABLE,
    **dag_defaults("watch", __doc__),
)
def reservplan_watch() -> None:
    # Side by side: neither a store that hangs nor a missing pool may keep anybody from looking.
    requests = look()
    accept_request() >> [settle(), requests]
    ask_again(requests) >> judge()


reservplan_watch()
