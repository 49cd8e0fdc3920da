"""**Every morning: reads the plan, and puts a printable copy of every group and day on every store.**

**When:** `schedule.snapshot` in the settings (05:00 local time), so that the copies are there by `due_by`. One run at
a time.

**By hand:** *Trigger* shows a form: first and last day, groups, and whether unchanged cells are written too. Left
empty: today and the days ahead, all groups.

**Missed days:** *Backfill*, by the runbook `docs/runbooks/backfill.md`. Each past day captures that day only, as far
as the export still covers it.

**Safe to run again:** always. Unchanged copies are left alone, a whole copy is never replaced by a worse or older
one, nothing is deleted.

**When it fails:** what has been published stands. What may pass (no export yet, store away) is tried again every five
minutes until the copies are due; then the watch says what to do. A store that is away keeps no other waiting; only the
report waits for all. When that is done: open the run, *Clear* the whole run. The runbook is
`docs/runbooks/failed-run.md`. An incomplete group fails nothing here; `reservplan_watch` reports it.
"""

from airflow.sdk import chain, dag, task_group
from reservplan_airflow.configuration import settings_or_none
from reservplan_airflow.dag_defaults import dag_defaults, timetable, whole_run
from reservplan_airflow.params import snapshot_params
from reservplan_airflow.snapshot_tasks import (
    accept_request,
    archive,
    clear_staging,
    compare,
    extract,
    name_stores,
    publish,
    render,
    report,
    seal,
    shelf,
    validate,
)


@dag(
    schedule=timetable("snapshot"),
    **dag_defaults("snapshot", __doc__, params=snapshot_params(settings_or_none())),
)
def reservplan_snapshot() -> None:
    request = accept_request()
    stores = name_stores(request)
    extracted = extract(request)
    validated = validate(request)
    batches = compare(request)
    rendered = render.partial(request=request).expand(batch=batches)
    archived, reported = archive(request), report(request)
    # The seal is set whatever else failed, so the run's own end asks whether all was rendered and published too.
    whole = whole_run()
    cleared = clear_staging(request).as_teardown()

    # Each store goes its own way: one that is away is tried again by itself, and keeps no other waiting.
    @task_group(prefix_group_id=False)
    def each_store(store: str) -> None:
        published, sealed, shelved = publish(request, store, batches), seal(request, store), shelf(request, store)
        chain(published, sealed, shelved)
        [published, sealed, shelved] >> whole

    chain(extracted, validated, batches, rendered, each_store.expand(store=stores), reported, [whole, cleared])
    validated >> archived >> [whole, cleared]
    rendered >> whole >> cleared


reservplan_snapshot()
