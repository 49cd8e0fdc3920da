"""**During the day: reads the plan again and publishes what has changed since.**

**When:** `schedule.refresh` in the settings (11:00 and 16:00 local time). One run at a time. The same tasks as
`reservplan_snapshot`; cells that have not changed are neither rendered nor written.

**By hand:** *Trigger* shows the same form. It cannot be backfilled: a past day's changes are nobody's; backfill
`reservplan_snapshot` for missed days.

**Safe to run again:** always, as `reservplan_snapshot`.

**When it fails:** this morning's copies stand, and the next run tries again. The watch says what to do; the runbook
is `docs/runbooks/failed-run.md`.
"""

from airflow.sdk import chain, dag, task_group
from reservplan_airflow.configuration import settings_or_none
from reservplan_airflow.dag_defaults import NOT_BACKFILLABLE, dag_defaults, timetable, whole_run
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
    schedule=timetable("refresh"),
    allowed_run_types=NOT_BACKFILLABLE,
    **dag_defaults("refresh", __doc__, params=snapshot_params(settings_or_none())),
)
def reservplan_refresh() -> None:
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


reservplan_refresh()
