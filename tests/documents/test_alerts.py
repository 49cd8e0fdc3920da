"""docs/runbooks/alerts.md shows every alert as the code writes it, and what each alert says to do can be done."""

import pytest
from reservplan.watch.incidents import Turn
from reservplan.watch.messages import runbook_of
from reservplan.watch.problems import Cause

from docs.generate_alerts import PAGE, PROJECT, alert_of, example_settings, page
from tests.documents.test_documents import fault_of_command


def test_the_page_shows_the_alerts_as_they_are_written() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/runbooks/alerts.md is out of date: run `make docs`."


@pytest.mark.parametrize("cause", Cause)
def test_each_alert_names_a_runbook_that_is_there(cause: Cause) -> None:
    assert (PROJECT / runbook_of(cause)).is_file()
    assert runbook_of(cause) in alert_of(cause, Turn.OPENED, example_settings("sv")).plain


@pytest.mark.parametrize("cause", Cause)
def test_each_alert_gives_commands_that_can_be_given(cause: Cause) -> None:
    lines = alert_of(cause, Turn.OPENED, example_settings("en")).plain.splitlines()
    commands = [line.strip() for line in lines if line.startswith(("   reservplan ", "   airflow "))]
    assert {command: fault_of_command(command) for command in commands if fault_of_command(command)} == {}
