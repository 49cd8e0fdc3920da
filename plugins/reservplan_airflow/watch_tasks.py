"""The tasks of the watch: a round that looks, tells and asks again, and the verdict that makes a run red.

Beside the round, copies that stand in for a file that was open take its name where that can be.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import TriggerRule
from airflow.sdk.exceptions import AirflowSkipException

from reservplan_airflow.dag_defaults import PUBLISH_POOL
from reservplan_airflow.faults import CopiesMissing
from reservplan_airflow.task_body import MOST_CHARACTERS, in_airflow
from reservplan_airflow.watch_memory import WATCH_MEMORY

log = logging.getLogger("reservplan")

# Longer texts are cut off in the log's last line: an alarm counts what does not fit instead.
MOST_CHARACTERS_OF_FINDINGS = MOST_CHARACTERS - 120
# What the last round found to be critical, in words, for the verdict.
CRITICAL = "critical"


@in_airflow()
def accept_request(dag_run: Any = None) -> dict[str, Any]:
    """Check the settings; the watch knows no parameters."""
    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.params import refuse_unknown

    settings = load_settings()
    refuse_unknown(dag_run.conf, ())
    return {"stores": [store.name for store in settings.stores]}


@in_airflow(pool=PUBLISH_POOL)
def settle(dag_run: Any = None) -> dict[str, Any]:
    """Put copies that stand in for open files under their own names; a store that is away is the round's to tell."""
    from reservplan.watching import settle_all

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import open_store

    settings = load_settings()
    return settle_all(settings, open_store, dag_run.run_id, datetime.now(settings.zone), log.info)


@in_airflow(inlets=[WATCH_MEMORY])
def look(ti: Any = None, asset_state_store: Any = None) -> list[dict[str, Any]]:
    """Look at every store, tell what is wrong, and say which copies to make again."""
    from reservplan.domain.errors import StoreBusy
    from reservplan.watch import alarm_words, coverage_table
    from reservplan.watching import Hands, watch_round

    from reservplan_airflow.channels import channel_from_airflow
    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import heartbeat_address, open_store
    from reservplan_airflow.healing import request_for
    from reservplan_airflow.metrics import emit
    from reservplan_airflow.run_facts import snapshot_active, why_not_saved
    from reservplan_airflow.watch_memory import AssetMemory

    settings, now = load_settings(), datetime.now(UTC)
    requests: list[dict[str, Any]] = []
    memory = AssetMemory(asset_state_store[WATCH_MEMORY])
    hands = Hands(
        open_store=open_store,
        memory=memory,
        resolve=channel_from_airflow,
        run_active=lambda: snapshot_active(ti),
        ask_again=lambda plan: requests.append(request_for(plan.asked, now)),
        say=log.info,
        heartbeat_address=lambda: heartbeat_address(settings),
        why_not_saved=lambda: why_not_saved(ti, settings, now),
    )
    try:
        done = watch_round(settings, hands, now)
    except StoreBusy as busy:
        raise AirflowSkipException(str(busy)) from None
    for line in coverage_table(done.coverages, settings).splitlines():
        log.info("%s", line)
    for alert in done.told:
        log.info("Told: %s", alert.subject)
    for fault in done.faults:
        log.warning("%s", fault)
    critical = [words for one in done.problems if one.severity == "critical" for words in one.words]
    memory.set(CRITICAL, alarm_words(critical, settings.language, MOST_CHARACTERS_OF_FINDINGS) if critical else None)
    emit(done)
    return requests


# Whatever else went wrong: that somebody would miss something must not look like a run that went well.
@in_airflow(inlets=[WATCH_MEMORY], trigger_rule=TriggerRule.ALL_DONE, retries=0)
def judge(asset_state_store: Any = None) -> dict[str, Any]:
    """Fail while somebody who prints today or tomorrow would miss something; it has been told already."""
    from reservplan.domain.words import say

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.watch_memory import AssetMemory

    language = load_settings().language
    if words := AssetMemory(asset_state_store[WATCH_MEMORY]).get(CRITICAL):
        raise CopiesMissing(f"{say(language, 'watch.alarm')} {words}", do=say(language, "watch.alarm_do"))
    return {"critical": 0}
