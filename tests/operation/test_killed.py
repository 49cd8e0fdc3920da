"""What is killed in the middle, and run again: every copy whole, nothing left behind.

In use a scheduler takes a silent task for dead after five minutes, and a silent scheduler after half a minute.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random

import psutil
import pytest

from servers.airflow_api import ENDED, AirflowRefused
from tests.operation.deployment import SNAPSHOT, NeverCame, Office, wait_until
from tests.operation.reading import Reader

# Four days: so many files that there is a middle.
AHEAD = 3
BEGIN_SECONDS = 300.0
RETRY_MINUTES = 5
# A scheduler is taken for dead after half a minute; then its tasks are begun again.
POWER_CUT_MINUTES = 1
LONGEST_RUN_SECONDS = 15.0


@pytest.fixture
def days(office: Office) -> list[date]:
    """The days of a run, whose files are written one at a time."""
    store = {
        "name": "share",
        "kind": "smb",
        "connection": "reservplan_share",
        "folder": office.share_folder,
        "depth": 1,
    }
    office.configure(window={"days_back": 14, "days_ahead": AHEAD}, stores=[store])
    return [office.day(n) for n in range(AHEAD + 1)]


@contextmanager
def read_meanwhile(office: Office) -> Iterator[None]:
    """Somebody reads the share all the time, and never meets half a file."""
    with Reader(office.copies) as reader:
        yield
    assert reader.faults == []
    assert reader.opened >= len(office.names()), "Who has not read everything proves nothing."


def pids(office: Office, run_id: str, task_id: str = "%") -> list[int]:
    """The processes of a run's tasks that are at work now."""
    sql = "SELECT pid FROM task_instance WHERE state = 'running' AND pid IS NOT NULL "
    sql += f"AND run_id = '{run_id}' AND task_id LIKE '{task_id}'"
    return [int(pid) for (pid,) in office.deployment.database.query(sql)]


def pid_of(office: Office, run_id: str, task_id: str) -> int:
    """The process of a task, as soon as it has begun."""
    found = wait_until(lambda: pids(office, run_id, task_id), f"{task_id} of {run_id} has not begun", BEGIN_SECONDS)
    return int(found[0])


def await_file(folder: Path, pattern: str) -> None:
    """Wait, looking all the time, until something lies there: what follows must not come too late."""
    deadline = time.monotonic() + BEGIN_SECONDS
    while not any(folder.glob(pattern)):
        if time.monotonic() > deadline:
            raise NeverCame(f"After {BEGIN_SECONDS:.0f} s nothing lies in {folder} as {pattern}.")
        time.sleep(0.001)


def assert_half_written(office: Office, days: list[date]) -> None:
    """Some files are there, not all, and no manifest: else it was not the middle."""
    assert 0 < len(office.names()) < len(days) * 8
    assert office.intents()
    assert not any((office.copies / ".reservplan" / f"{day:%y%m%d}.json").exists() for day in days)


def test_a_task_killed_while_it_publishes_is_noticed_at_once_and_the_cleared_run_makes_all_whole(
    office: Office, days: list[date]
) -> None:
    with read_meanwhile(office):
        run_id = office.start()
        pid = pid_of(office, run_id, "publish")
        await_file(office.copies, "*.pdf")
        os.kill(pid, signal.SIGKILL)
        assert_half_written(office, days)
        office.api.wait_for_task(SNAPSHOT, run_id, "publish", ["up_for_retry"], 60)
        office.api.clear(SNAPSHOT, run_id)
        office.assert_success(run_id)
    office.assert_whole(days)
    assert {office.manifest(day)["run_id"] for day in days} == {f"snapshot__{run_id}"}
    assert (office.deployment.inbox.mails, office.notes()) == ([], [])


@pytest.mark.long
def test_a_task_killed_while_it_renders_leaves_no_process_and_is_tried_again_by_itself(
    office: Office, days: list[date]
) -> None:
    run_id = office.start()
    pid = pid_of(office, run_id, "render")
    await_file(office.staging, "run-*/rendered/*")
    renderers = psutil.Process(pid).children(recursive=True)
    os.kill(pid, signal.SIGKILL)
    assert renderers
    wait_until(lambda: not any(alive(process) for process in renderers), "renderers live on", 30)
    assert office.names() == set()
    office.api.wait_for_task(SNAPSHOT, run_id, "render", ["up_for_retry"], 60)
    office.deployment.let_pass(run_id, RETRY_MINUTES)
    office.assert_success(run_id)
    office.assert_whole(days)


def test_after_a_power_cut_while_it_publishes_the_run_goes_on_by_itself(office: Office, days: list[date]) -> None:
    services = office.deployment.services
    with read_meanwhile(office):
        run_id = office.start()
        pid_of(office, run_id, "publish")
        await_file(office.copies, "*.pdf")
        # All is written within the time that ending so many processes may take.
        office.deployment.samba.pause()
        services.kill()
        office.deployment.samba.resume()
        try:
            assert_half_written(office, days)
            assert office.staged(), "A power cut empties nothing."
            office.deployment.let_services_be_missed(POWER_CUT_MINUTES)
        finally:
            services.start()
        await_end(office, run_id)
    office.assert_whole(days)
    assert {office.manifest(day)["run_id"] for day in days} == {f"snapshot__{run_id}"}


def await_end(office: Office, run_id: str) -> None:
    """Wait for success, and let the minutes before another try pass.

    After a start the scheduler may be ready before the server that its tasks ask: such a task is tried again. So is one
    that was killed and cleared before Airflow had noticed that it was dead.
    """

    def ended() -> bool:
        office.deployment.let_pass(run_id, RETRY_MINUTES)
        return office.api.run(SNAPSHOT, run_id)["state"] in ENDED

    wait_until(ended, f"{run_id} does not end")
    office.assert_success(run_id)


def alive(process: psutil.Process) -> bool:
    """Whether a process is at work; one that nobody has collected yet is not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_killed_at_any_moment_the_cleared_run_makes_all_whole(
    office: Office, days: list[date], seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - which moment is no secret
    victim = random.choice(["task", "task", "worker", "all"])
    moment = random.uniform(0, LONGEST_RUN_SECONDS)
    with read_meanwhile(office):
        run_id = office.start()
        # No proof hangs on this moment: each is as good as another.
        time.sleep(moment)
        if victim == "all":
            office.deployment.services.kill()
            office.deployment.services.start()
        for pid in pids(office, run_id) if victim != "all" else []:
            kill_task(pid, with_worker=victim == "worker")
        wait_until(lambda: cleared(office, run_id), "the run cannot be cleared", 60)
        await_end(office, run_id)
    office.assert_whole(days)


def cleared(office: Office, run_id: str) -> bool:
    """Clear the run; False where Airflow stumbled over a task that ended at that very moment: ask again."""
    try:
        office.api.clear(SNAPSHOT, run_id)
    except AirflowRefused as refused:
        # Two wrote the same row of a task's history, or no answer came of it.
        if refused.status not in (409, 500):
            raise
        return False
    return True


def kill_task(pid: int, *, with_worker: bool) -> None:
    """End a task's process, and the one that watches over it first, so that nobody tells Airflow."""
    try:
        task = psutil.Process(pid)
        worker = task.parent()
        if with_worker and worker is not None and "LocalExecutor" in worker.name():
            worker.kill()
        task.kill()
    except psutil.NoSuchProcess:
        return
