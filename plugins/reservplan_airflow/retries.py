"""Which faults are tried again: those that may pass. A fault of the data or of the settings needs a person."""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from reservplan_airflow.schedule import RETRY_DELAY

LASTING = "reservplan.domain.errors.LastingError"
PASSING = "reservplan.domain.errors.PassingError"


def retry_policy(delay: timedelta = RETRY_DELAY) -> ExceptionRetryPolicy:
    """Lasting faults fail at once, passing ones are tried again after `delay`, as often as the task's retries say.

    A killed worker raises nothing here: the scheduler tries it again by the same count.
    """
    return ExceptionRetryPolicy(
        rules=[
            RetryRule(exception=LASTING, action=RetryAction.FAIL, reason="needs a person: not tried again"),
            RetryRule(
                exception=PASSING,
                action=RetryAction.RETRY,
                retry_delay=delay,
                reason=f"may pass: tried again in {delay.total_seconds() / 60:g} minutes",
            ),
        ]
    )
