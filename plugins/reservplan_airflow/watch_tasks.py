"""The tasks of the watch: look at every store as it is now, show it, and fail when somebody would miss something.

Beside the look, copies that stand in for a file that was open take its name where that can be.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from reservplan_airflow.dag_defaults import PUBLISH_POOL
from reservplan_airflow.faults import CopiesMissing
from reservplan_airflow.task_body import MOST_CHARACTERS, in_airflow

log = logging.getLogger("reservplan")

# Longer texts are cut off in the mail and in the log's last line: an alarm counts what does not fit instead.
MOST_CHARACTERS_OF_FINDINGS = MOST_CHARACTERS - 120


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
    """Put the copies that stand in for open files under their own names; a store that is away is the look's to tell."""
    from reservplan.domain.errors import ReservplanError
    from reservplan.publish import settle as settle_at
    from reservplan.watch.expected import window_of

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import open_store

    settings = load_settings()
    now = datetime.now(settings.zone)
    settled, waiting = 0, 0
    for of_store in settings.stores:
        try:
            with open_store(of_store) as store:
                done = settle_at(store, of_store, window_of(settings, now), dag_run.run_id, at=now)
        except ReservplanError as error:
            log.warning("%s: %s", of_store.name, error)
            continue
        settled, waiting = settled + done.settled, waiting + len(done.waiting)
        for path in done.waiting:
            log.info("%s: %s is still open or protected; the new copy lies beside it.", of_store.name, path)
    return {"settled": settled, "waiting": waiting}


@in_airflow()
def look() -> dict[str, Any]:
    """Log the coverage of every store as a table; fail when something critical is missing."""
    from reservplan.domain.errors import ReservplanError
    from reservplan.domain.words import say
    from reservplan.watch import alarm_words, coverage, coverage_table

    from reservplan_airflow.configuration import load_settings
    from reservplan_airflow.connections import open_store

    settings = load_settings()
    # The time is taken anew for each: a store that answers late must not make the next one's clock look wrong.
    found, critical = [], []
    for store in settings.stores:
        try:
            found.append(coverage(open_store(store), store, settings, datetime.now(UTC)))
        except ReservplanError as error:
            critical.append(f"{store.name}: {error}")
    for line in coverage_table(found, settings).splitlines():
        log.info("%s", line)
    critical += [text for one in found for text in one.critical]
    if critical:
        words = alarm_words(critical, settings.language, MOST_CHARACTERS_OF_FINDINGS)
        raise CopiesMissing(
            f"{say(settings.language, 'watch.alarm')} {words}", do=say(settings.language, "watch.alarm_do")
        )
    return {"stores": len(found), "cells": sum(len(one.cells) for one in found), "critical": 0}
