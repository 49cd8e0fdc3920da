"""The share is away for a while: the run waits for it, and goes on when it is back."""

from tests.operation.deployment import RUN_SECONDS, SNAPSHOT, Office

RETRY_MINUTES = 5


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
    assert office.deployment.inbox.mails == [], "What may pass by itself wakes nobody."
    office.deployment.let_pass(run_id, RETRY_MINUTES)
    office.assert_success(run_id)
    office.assert_whole([office.day(0), office.day(1)])
