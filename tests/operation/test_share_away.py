"""The share is away for a while: the run waits for it, and goes on when it is back; another store does not wait."""

import pytest

from tests.operation.deployment import RUN_SECONDS, SNAPSHOT, Office, wait_until

RETRY_MINUTES = 5


@pytest.mark.long
def test_a_run_waits_while_the_share_is_away_and_goes_on_by_itself(office: Office) -> None:
    samba = office.deployment.samba
    samba.stop()
    try:
        run_id = office.start()
        office.api.wait_for_task(SNAPSHOT, run_id, "compare", ["up_for_retry"], RUN_SECONDS)
        said = office.api.task_log(SNAPSHOT, run_id, "compare")
        assert f"The file server {samba.host} refuses connections" in said
    finally:
        samba.start()
    assert (office.deployment.inbox.mails, office.notes()) == ([], []), "What may pass by itself wakes nobody."
    office.deployment.let_pass(run_id, RETRY_MINUTES)
    office.assert_success(run_id)
    office.assert_whole([office.day(0), office.day(1)])


def test_another_store_is_sealed_while_the_share_is_tried_again_and_the_share_catches_up(office: Office) -> None:
    on_disk = office.folder / "kontoret"
    on_disk.mkdir()
    share = {"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": office.share_folder}
    office.configure(stores=[share, {"name": "office", "kind": "folder", "folder": str(on_disk)}])
    samba = office.deployment.samba
    days = [office.day(0), office.day(1)]
    samba.stop()
    try:
        run_id = office.start()
        wait_until(lambda: states(office, run_id, "shelf").get(1) == "success", "the office's store is not done")
        assert states(office, run_id, "publish") == {0: "up_for_retry", 1: "success"}
        assert states(office, run_id, "seal")[0] is None
        assert {path.stem for path in on_disk.glob(".reservplan/[0-9]*.json")} == {f"{day:%y%m%d}" for day in days}
    finally:
        samba.start()
    assert (office.deployment.inbox.mails, office.notes()) == ([], [])
    office.deployment.let_pass(run_id, RETRY_MINUTES)
    office.assert_success(run_id)
    office.assert_whole(days)
    assert len(list(on_disk.glob("*.pdf"))) == len(list(office.copies.glob("*.pdf")))


def states(office: Office, run_id: str, task_id: str) -> dict[int, str | None]:
    """The state of a task at each store, by the order of the settings."""
    return {
        task["map_index"]: task["state"] for task in office.api.tasks(SNAPSHOT, run_id) if task["task_id"] == task_id
    }
