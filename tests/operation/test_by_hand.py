"""Runs by hand, as an operator triggers them."""

from tests.operation.deployment import TEAMS, Office


def test_a_run_by_hand_publishes_today_and_the_days_ahead(office: Office) -> None:
    _, state = office.run()
    assert state == "success"
    days = [office.day(0), office.day(1)]
    assert office.cells() == {(day, team) for day in days for team in TEAMS}
    office.assert_whole(days)
    assert all(cell["origin"] == "manual" for day in days for cell in office.manifest(day)["cells"].values())
