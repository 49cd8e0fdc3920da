"""Captures and reports go with the copies of their day, and stay where the clock looks wrong."""

from datetime import date, timedelta

from tests.time.office import Office, local, ordinary

DAY = timedelta(days=1)
FIRST = date(2026, 11, 2)


def captures(office: Office) -> list[str]:
    return sorted(path.name for path in (office.root / "archive" / "captures").iterdir())


def reports(office: Office) -> list[str]:
    return sorted(path.name for path in (office.root / "reports").iterdir())


def every_morning(office: Office, days: int) -> date:
    for n in range(days):
        today = FIRST + n * DAY
        assert office.captured(local(f"{today} 05:00"), ordinary(today, visits=1)).status == 0
    return FIRST + (days - 1) * DAY


def test_captures_reports_and_copies_of_a_day_go_together(office: Office) -> None:
    office.configure(window={"days_back": 2, "days_ahead": 0})
    today = every_morning(office, 5)
    kept = [f"{today - n * DAY:%y%m%d}" for n in (2, 1, 0)]
    old = [f"{FIRST + n * DAY:%y%m%d}" for n in (0, 1)]
    shown = office.at(local(f"{today} 05:30"), "retain")
    assert ", ".join(old) in shown.out
    assert captures(office) == reports(office) == [*old, *kept]
    done = office.at(local(f"{today} 05:31"), "retain", "--apply")
    assert (done.status, done.err) == (0, "")
    assert captures(office) == reports(office) == kept == office.days()
    assert "inget är för gammalt" in office.at(local(f"{today} 05:32"), "retain").out


def test_after_a_jump_of_the_clock_nothing_goes(office: Office) -> None:
    office.configure(window={"days_back": 2, "days_ahead": 0})
    today = every_morning(office, 3)
    before = captures(office)
    jumped = office.at(local(f"{today + 30 * DAY} 05:30"), "retain", "--apply")
    assert jumped.status == 1
    assert "klockan" in jumped.out
    assert "VÄGRAR: Arkivet: inget är hämtat" in jumped.out
    assert captures(office) == before


def test_what_no_run_has_put_there_stays(office: Office) -> None:
    office.configure(window={"days_back": 1, "days_ahead": 0})
    today = every_morning(office, 4)
    (office.root / "archive" / "pseudonym.key").write_bytes(b"k" * 32)
    (office.root / "archive" / "captures" / "annat").mkdir()
    office.at(local(f"{today} 05:31"), "retain", "--apply")
    assert (office.root / "archive" / "pseudonym.key").exists()
    assert captures(office) == [f"{today - DAY:%y%m%d}", f"{today:%y%m%d}", "annat"]
