"""Half past midnight is yesterday in UTC: which day a run is of, what it is called, and what was made afterwards."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from reservplan import cli

from tests.time.office import STOCKHOLM, Office, local, ordinary

DAY = timedelta(days=1)
AFTERWARDS = "EFTERSKAPAD"
HALF_PAST_MIDNIGHT = [
    pytest.param(local("2026-11-26 00:30"), id="winter, 23:30 UTC the day before"),
    pytest.param(local("2026-06-26 00:30"), id="summer, 22:30 UTC the day before"),
]


@pytest.mark.parametrize("when", HALF_PAST_MIDNIGHT)
def test_a_run_at_half_past_midnight_is_of_the_new_day(office: Office, when: datetime) -> None:
    today = when.date()
    assert when.astimezone(ZoneInfo("UTC")).date() == today - DAY
    done = office.captured(when, ordinary(*(today + n * DAY for n in range(-1, 3))))
    assert (done.status, done.err) == (0, "")
    assert office.days() == [f"{today:%y%m%d}", f"{today + DAY:%y%m%d}"]
    sealed = sorted(path.name for path in (office.copies / ".reservplan").glob("[0-9]*.json"))
    assert sealed == [f"{today:%y%m%d}.json", f"{today + DAY:%y%m%d}.json"]
    seen = office.coverage(when)
    assert seen["today"] == today.isoformat()
    assert [cell["plan_date"] for cell in seen["cells"]] == [today.isoformat(), (today + DAY).isoformat()]
    paper = office.paper(today)
    assert f"Hämtat {today.day} {'november' if today.month == 11 else 'juni'} 2026 kl. 00:15" in paper
    assert AFTERWARDS not in paper


@pytest.mark.parametrize("when", HALF_PAST_MIDNIGHT)
@pytest.mark.parametrize(("minutes", "afterwards"), [(35, False), (15, True)])
def test_the_day_that_just_ended_is_made_afterwards_by_the_local_date_of_its_capture(
    office: Office, when: datetime, minutes: int, afterwards: bool
) -> None:
    """Saved at 23:55 it is the plan of a day that still was; saved at 00:15 it is that day still in UTC only."""
    yesterday = when.date() - DAY
    office.export(ordinary(yesterday, when.date()), when - timedelta(minutes=minutes))
    assert office.at(when, "snapshot", "--date", yesterday.isoformat()).status == 0
    assert office.days() == [f"{yesterday:%y%m%d}"]
    assert [AFTERWARDS in office.paper(yesterday, kind) for kind in ("Brukarschema", "Översiktsschema")] == [
        afterwards
    ] * 2


def test_retention_at_half_past_midnight_counts_the_window_from_the_new_day(office: Office) -> None:
    when = local("2026-06-26 00:30")
    today = when.date()
    old = today - 15 * DAY
    office.captured(local(f"{old} 05:00"), ordinary(old, old + DAY))
    office.captured(when, ordinary(today, today + DAY))
    before = office.at(when - timedelta(minutes=31), "retain")
    assert f"{old:%y%m%d}" not in before.out
    assert office.at(when, "retain", "--apply").status == 0
    assert office.days() == [f"{day:%y%m%d}" for day in (old + DAY, today, today + DAY)]


def test_a_day_that_left_the_window_at_midnight_is_refused_and_the_one_after_it_is_not(office: Office) -> None:
    today = date(2026, 11, 26)
    office.export(ordinary(today - 15 * DAY, today - 14 * DAY, today), local("2026-11-25 23:30"))
    oldest = ("snapshot", "--date", (today - 15 * DAY).isoformat())
    assert office.at(local("2026-11-26 00:01"), *oldest).status == 2
    assert office.days() == []
    assert office.at(local("2026-11-25 23:55"), *oldest).status == 0
    assert office.days() == [f"{today - 15 * DAY:%y%m%d}"]


@pytest.mark.parametrize(("begins", "ends"), [
    pytest.param(local("2026-11-25 23:59"), local("2026-11-26 00:04"), id="any night"),
    pytest.param(local("2026-12-31 23:59"), local("2027-01-01 00:04"), id="new year's night"),
])  # fmt: skip
def test_a_run_that_begins_before_midnight_and_seals_after_it_stays_one_days_run(
    office: Office, monkeypatch: pytest.MonkeyPatch, begins: datetime, ends: datetime
) -> None:
    today = begins.date()
    office.export(ordinary(today, today + DAY), begins - timedelta(minutes=10))
    with time_machine.travel(begins) as clock:
        tell = cli.tell

        def tell_and_let_midnight_pass(text: str) -> None:
            tell(text)
            if "judges" in text:
                clock.move_to(ends)

        monkeypatch.setattr(cli, "tell", tell_and_let_midnight_pass)
        status = cli.main(["--config", str(office.root / "reservplan.yaml"), "snapshot"])
    monkeypatch.undo()
    assert (status, office.capsys.readouterr().err) == (0, "")
    assert office.days() == [f"{today:%y%m%d}", f"{today + DAY:%y%m%d}"]
    manifest = office.manifest(today)
    assert manifest.sealed_at.astimezone(STOCKHOLM).date() == today + DAY
    assert office.entry(today).read_at.astimezone(STOCKHOLM).date() == today
    # Captured while it was that day: nothing about it was made afterwards.
    assert AFTERWARDS not in office.paper(today)


def test_a_run_over_midnight_leaves_the_new_days_farthest_day_to_the_morning(office: Office) -> None:
    today = date(2026, 11, 25)
    office.captured(local("2026-11-25 23:59"), ordinary(today, today + DAY))
    assert office.states(local("2026-11-26 00:10")) == {
        "2026-11-25": "ok", "2026-11-26": "ok", "2026-11-27": "not_due",
    }  # fmt: skip
