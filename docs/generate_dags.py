"""Writes docs/dags.md from the DAGs themselves: `make docs`.

The settings' defaults hold, so that the page is the same everywhere. A test compares it with the DAGs.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from servers.airflow_home import AirflowHome

PAGE = Path(__file__).resolve().parent / "dags.md"

HEAD = """\
# The DAGs

Made by `make docs` from `dags/*.py` and the settings' defaults; do not edit it by hand. What to do when a run has
failed, and how to run again, stands in the [runbooks](runbooks/README.md).
"""

RULES = {
    "all_success": "",
    "all_done": "all before it have ended, failed ones too",
    "none_failed": "none before it has failed",
    "all_done_setup_success": "the run has ended, whatever happened (teardown)",
}

# Airflow's own tasks have no text of ours.
WAITS = "EmptyOperator"
OPERATORS = {
    WAITS: "The run's end: where one before it has failed, the run has failed.",
    "TriggerDagRunOperator": "Start a run of `reservplan_snapshot` for the copies to make again, if there are any.",
}


def page_of(dags: Mapping[str, Any]) -> str:
    """The whole page, as Markdown, of DAGs by their id."""
    ordered = sorted(dags.values(), key=_first_mentioned)
    rows = [
        (f"[`{dag.dag_id}`](#{dag.dag_id})", _title(dag), f"`{dag.timetable.expression}`", _words(_run_types(dag)))
        for dag in ordered
    ]
    overview = _table(("DAG", "does", "runs at", "runs that it allows"), rows)
    return "\n".join([HEAD, *overview, "", *(line for dag in ordered for line in _section(dag))])


def _first_mentioned(dag: Any) -> int:
    # The order in which a day meets them, as the settings' `schedule` has it.
    return ["snapshot", "refresh", "retain", "watch", "verify", "drill"].index(_setting(dag))


def _setting(dag: Any) -> str:
    return str(dag.dag_id).removeprefix("reservplan_")


def _title(dag: Any) -> str:
    return str(dag.doc_md).split("**")[1].rstrip(".")


def _section(dag: Any) -> Iterator[str]:
    tasks = list(dag.topological_sort())
    yield from (f"## {dag.dag_id}", "", dag.doc_md.strip(), "", "### When, and how long", "")
    yield from _table(("what", "value"), _facts(dag, tasks))
    yield from ("", "### Parameters of a run by hand", "", *_parameters(dag), "", "### Steps", "", *_diagram(tasks), "")
    yield from _table(("task", "does", "begins when", "may take", "tries again", "pool"), map(_task_row, tasks))
    yield ""


def _facts(dag: Any, tasks: Sequence[Any]) -> Iterator[tuple[str, str]]:
    zone, name = dag.timetable.timezone, _setting(dag)
    retries = max(task.retries for task in tasks)
    yield "schedule", f"`{dag.timetable.expression}` in {zone}; settings: `schedule.{name}`, `timezone`"
    yield "a run may take", f"{_span(dag.dagrun_timeout)}; then it is stopped, and that is mailed"
    yield "runs at a time", f"{dag.max_active_runs} (those of a backfill are counted apart)"
    yield "missed runs", "start all at once" if dag.catchup else "are not made up for by themselves"
    yield "runs that it allows", _words(_run_types(dag))
    yield (
        "tries again",
        (f"passing faults, at most {retries} times, every {_span(tasks[0].retry_delay)}; lasting ones never"),
    )
    pools = sorted({task.pool for task in tasks} - {"default_pool"})
    if pools:
        from reservplan_airflow.dag_defaults import PUBLISH_SLOTS

        named = _words(f"`{pool}`" for pool in pools)
        yield "pool of the writing tasks", f"{named}, {PUBLISH_SLOTS} slots: so many stores are written at a time"
    silent = [f"`{task.task_id}`" for task in tasks if not task.on_failure_callback]
    yield (
        "who is told",
        (
            "every SMTP connection under `alerts.critical` in the settings, of each task that fails for good"
            + (f" (not of {_words(silent)})" if silent else "")
        ),
    )


def _run_types(dag: Any) -> list[str]:
    from airflow.utils.types import DagRunType

    kinds = {kind.value for kind in dag.allowed_run_types or ()} or {kind.value for kind in DagRunType}
    shown = {"scheduled": "by schedule", "manual": "by hand", "backfill": "backfill"}
    return [words for kind, words in shown.items() if kind in kinds]


def _parameters(dag: Any) -> Iterator[str]:
    if not dag.params:
        yield "None. Unknown ones are refused by the first task."
        return
    rows = [
        (f"`{key}`", param.schema.get("title", ""), _kind(param.schema), _plain(param.value), param.description)
        for key, param in dag.params.items()
    ]
    yield from _table(("key", "in the form", "kind", "default", "meaning"), rows)
    yield from ("", "Unknown keys are refused by the first task.")


def _kind(schema: Mapping[str, Any]) -> str:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    named = [str(schema.get("format", kind)) for kind in kinds if kind != "null"]
    return _words([*named, "empty"] if "null" in kinds else named, " or ")


def _plain(value: Any) -> str:
    if value in (None, []):
        return "empty"
    return {False: "off", True: "on"}.get(value, str(value))


def _diagram(tasks: Sequence[Any]) -> Iterator[str]:
    above = _all_above(tasks)
    yield from ("```mermaid", "flowchart LR")
    for task in tasks:
        yield f"    {task.task_id}{_box(task)}"
    for task in tasks:
        # What is before another one that is before it needs no arrow of its own.
        farther = {name for other in task.upstream_task_ids for name in above[other]}
        for name in sorted(task.upstream_task_ids - farther):
            yield f"    {name} --> {task.task_id}"
    yield "```"


def _box(task: Any) -> str:
    if (group := task.get_closest_mapped_task_group()) is not None:
        return f'[["{task.task_id}: {group.group_id.replace("_", " ")}"]]'
    if not task.is_mapped:
        return f'["{task.task_id}"]'
    if task.task_type in OPERATORS:
        return f'[["{task.task_id}: each request"]]'
    return f'[["{task.task_id}: each {_words(task.op_kwargs_expand_input.value, " and ")}"]]'


def _all_above(tasks: Sequence[Any]) -> dict[str, set[str]]:
    above: dict[str, set[str]] = {}
    for task in tasks:
        above[task.task_id] = set(task.upstream_task_ids).union(*(above[name] for name in task.upstream_task_ids))
    return above


def _task_row(task: Any) -> tuple[str, ...]:
    body = getattr(task, "python_callable", None)
    does = " ".join((body.__doc__ or "").split()) if body else OPERATORS[task.task_type]
    waits = task.task_type == WAITS
    before = _words(f"`{name}`" for name in sorted(task.upstream_task_ids))
    rule = RULES[str(getattr(task.trigger_rule, "value", task.trigger_rule))]
    return (
        f"`{task.task_id}`",
        does,
        rule or (f"done: {before}" if before else "the run begins"),
        "" if waits else _span(task.execution_timeout),
        "" if waits else f"{task.retries} times",
        "" if task.pool == "default_pool" else f"`{task.pool}`",
    )


def _span(length: timedelta) -> str:
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))


def _words(parts: Iterable[str], between: str = ", ") -> str:
    return between.join(parts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def main() -> None:
    """Read the DAGs in an Airflow of its own, without a configuration, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        AirflowHome(Path(folder), Path(folder) / "no-configuration.yaml").enter()
        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
        if bag.import_errors:
            raise SystemExit(f"Airflow cannot read {', '.join(Path(file).name for file in bag.import_errors)}.")
        PAGE.write_text(page_of(bag.dags), encoding="utf-8")


if __name__ == "__main__":
    main()
