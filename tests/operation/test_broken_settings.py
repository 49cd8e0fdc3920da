"""A slip in the configuration while everything runs: no DAG vanishes, each says what is wrong, nothing is touched."""

from datetime import UTC, datetime

import pytest
import yaml

from tests.operation.deployment import DAGS, RUN_SECONDS, TEAMS, Office

WATCH = ("reservplan_watch",)

# What stands in the file, what the first task of every run says of it, and which DAGs are asked: the first time all.
BROKEN = {
    "a time zone that is none": ("timezone: Europe/Stokholm", "timezone: 'Europe/Stokholm' is no time zone", DAGS),
    "a key with a typing mistake": ("scedule: {}", "scedule: is no key that Reservplan knows", WATCH),
    "not even YAML": ("teams: [Ullared", ", line ", WATCH),
    "an hour that no clock has": ('schedule: {snapshot: "0 25 * * *"}', "schedule.snapshot", WATCH),
}


def spoil(office: Office, line: str) -> None:
    """The office's settings with one line in place of the one of its key."""
    office.configure()
    tree = yaml.safe_load(office.deployment.config.read_text(encoding="utf-8"))
    tree.pop(line.split(":")[0], None)
    rest = yaml.safe_dump(tree, allow_unicode=True)
    office.deployment.write_config(f"{rest}{line}\n".encode())


@pytest.mark.long
def test_every_dag_stays_and_its_first_task_says_what_is_wrong_until_it_is_mended(office: Office) -> None:
    office.assert_success(office.start({"teams": [TEAMS[0]]}))
    before = office.state()
    for line, says, asked in BROKEN.values():
        spoil(office, line)
        dags = office.deployment.wait_until_parsed(since=datetime.now(UTC))
        assert sorted(dag["dag_id"] for dag in dags if not dag["is_stale"]) == sorted(DAGS)
        assert office.deployment.import_errors() == []
        runs = {dag_id: office.start(dag_id=dag_id) for dag_id in asked}
        for dag_id, run_id in runs.items():
            assert office.api.wait_for_run(dag_id, run_id, RUN_SECONDS) == "failed", f"{dag_id}: {line}"
            assert says in office.api.task_log(dag_id, run_id, "accept_request"), f"{dag_id}: {line}"
        assert office.state() == before
        assert office.staged() == []

    office.configure()
    office.assert_success(office.start())
    office.assert_whole([office.day(0), office.day(1)])
