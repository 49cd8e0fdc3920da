"""How Airflow itself is, by what it says: its page answers with 200 whatever is down behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from reservplan.domain.alerts import Severity
from reservplan.domain.words import say
from reservplan.settings import Settings
from reservplan.watch.asking import LIMIT_SECONDS, ask
from reservplan.watch.diagnosis import Answer
from reservplan.watch.problems import Cause, Problem

# Airflow itself says so after half a minute; a page that is kept by somebody on the way must not hide it for ever.
LONGEST_SILENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Health:
    """How each part of Airflow answered; of a page that does not answer, the parts were not asked."""

    page: Answer = Answer.NOT_ASKED
    database: Answer = Answer.NOT_ASKED
    scheduler: Answer = Answer.NOT_ASKED
    dag_processor: Answer = Answer.NOT_ASKED


def airflow_health(address: str, *, limit_seconds: float = LIMIT_SECONDS) -> Health:
    """Ask Airflow at the address of its pages; not asked where there is none."""
    if not address:
        return Health()
    heard = ask(f"{address.rstrip('/')}/api/v2/monitor/health", limit_seconds)
    if heard.answer is not Answer.OK:
        return Health(page=heard.answer)
    tree = heard.tree
    if not isinstance(tree.get("metadatabase"), Mapping):
        return Health(page=Answer.WRONG)
    now = datetime.now(UTC)
    return Health(
        Answer.OK,
        database=_of(tree, "metadatabase", now),
        scheduler=_of(tree, "scheduler", now),
        dag_processor=_of(tree, "dag_processor", now),
    )


def _of(tree: Mapping[str, Any], part: str, now: datetime) -> Answer:
    told = tree.get(part)
    if not isinstance(told, Mapping) or told.get("status") != "healthy":
        return Answer.WRONG
    beat = told.get(f"latest_{part}_heartbeat")
    try:
        beat_at = datetime.fromisoformat(str(beat)) if beat else None
    except ValueError:
        return Answer.WRONG
    if beat_at is not None and now - (beat_at if beat_at.tzinfo else beat_at.replace(tzinfo=UTC)) > LONGEST_SILENCE:
        return Answer.SILENT
    return Answer.OK


def health_problems(health: Health, settings: Settings) -> tuple[Problem, ...]:
    """What is not well, as one problem; critical where no run begins, for then nobody saves tomorrow's copies."""
    unwell = tuple(_unwell(health))
    if not unwell:
        return ()
    grave = {"database", "scheduler"} & set(unwell)
    words = tuple(say(settings.language, f"diagnosis.airflow_{part}") for part in unwell)
    return (Problem(Cause.AIRFLOW, "", Severity.CRITICAL if grave else Severity.INFO, words),)


def _unwell(health: Health) -> Iterator[str]:
    for part in ("database", "scheduler", "dag_processor", "page"):
        if getattr(health, part) not in (Answer.OK, Answer.NOT_ASKED):
            yield part
