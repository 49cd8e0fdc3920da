"""The manager's month: made-up months with known answers, on one page, with no value of a person."""

import io
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from reservplan.cli import main
from reservplan.history import Line, append
from reservplan.month_report import NoHistory, month_html, month_pdf, read_month
from reservplan.month_report.reckoning import Mark, Reckoned, reckon
from reservplan.settings import Settings, Team

from tests.unit.retain.shelf import STOCKHOLM, Shelf

NOVEMBER = date(2026, 11, 1)
AFTER = datetime(2027, 6, 1, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return with_teams(Shelf(tmp_path).settings, tmp_path, Team(name="Ullared"), Team(name="Vessigebro"))


def with_teams(settings: Settings, folder: Path, *teams: Team) -> Settings:
    watch = settings.watch.model_copy(update={"folder": str(folder / "watch")})
    return settings.model_copy(update={"teams": teams, "watch": watch})


def month_of(first: date, store: Callable[[datetime], dict[str, Any] | None] = lambda _: {}) -> Iterator[Line]:
    """A look each half hour; `store` adds to what the share says at a local time, or drops the look by None."""
    at = datetime(first.year, first.month, 1, tzinfo=STOCKHOLM).astimezone(UTC)
    while (local := at.astimezone(STOCKHOLM)).month == first.month:
        if (more := store(local)) is not None:
            share = more if "away" in more else {"states": {"ok": 36}, "today": 2, **more}
            yield {"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "day": local.date().isoformat(), "stores": {"share": share}}
        at += HALF_AN_HOUR


def reckoned(settings: Settings, lines: Iterator[Line], first: date = NOVEMBER, now: datetime = AFTER) -> Reckoned:
    return reckon(list(lines), settings, first, now)


def counts(found: Reckoned, mark: Mark) -> dict[str, int]:
    return {team.team: team.count(mark) for team in found.teams}


@pytest.mark.parametrize(
    ("first", "days", "hours"), [(NOVEMBER, 30, 720), (date(2026, 3, 1), 31, 743), (date(2026, 10, 1), 31, 745)]
)
def test_a_perfect_month_is_whole_and_looked_at_all_through_also_where_the_clocks_change(
    settings: Settings, first: date, days: int, hours: int
) -> None:
    found = reckoned(settings, month_of(first), first)
    assert counts(found, Mark.WHOLE) == {"Ullared": days, "Vessigebro": days}
    assert found.looked == found.period == timedelta(hours=hours)
    assert all(team.perfect for team in found.teams)


def test_a_group_that_misses_two_days_has_them_marked_and_a_gap_of_their_length(settings: Settings) -> None:
    found = reckoned(settings, month_of(NOVEMBER, lambda at: {"short": ["Ullared"]} if at.day in (10, 11) else {}))
    assert counts(found, Mark.SHORT) == {"Ullared": 2, "Vessigebro": 0}
    assert found.teams[0].gap == timedelta(hours=48)


def test_what_is_not_there_before_it_is_due_breaks_no_day_but_is_a_gap(settings: Settings) -> None:
    night = reckoned(settings, month_of(NOVEMBER, lambda at: {"short": "*"} if at.day == 5 and at.hour < 5 else {}))
    assert counts(night, Mark.SHORT) == {"Ullared": 0, "Vessigebro": 0}
    assert night.teams[0].gap == timedelta(hours=5)


def test_a_share_that_is_away_an_afternoon_breaks_the_day_of_every_group(settings: Settings) -> None:
    found = reckoned(
        settings, month_of(NOVEMBER, lambda at: {"away": True} if at.day == 9 and 13 <= at.hour < 17 else {})
    )
    assert counts(found, Mark.SHORT) == {"Ullared": 1, "Vessigebro": 1}
    assert found.teams[1].gap == timedelta(hours=4)


def test_days_on_which_nobody_looked_are_never_good(settings: Settings) -> None:
    found = reckoned(settings, month_of(NOVEMBER, lambda at: None if at.day in (7, 8) else {}))
    assert counts(found, Mark.UNSEEN) == {"Ullared": 2, "Vessigebro": 2}
    assert found.period - found.looked == timedelta(hours=48.5)
    assert found.days_seen == 28


def test_a_group_that_begins_within_the_month_is_counted_from_then(settings: Settings, tmp_path: Path) -> None:
    begins = with_teams(settings, tmp_path, Team(name="Ullared", active_from=date(2026, 11, 16), closed=("sun",)))
    found = reckoned(begins, month_of(NOVEMBER))
    (team,) = found.teams
    assert [team.count(mark) for mark in (Mark.NONE, Mark.CLOSED, Mark.WHOLE)] == [15, 2, 13]


def test_a_store_is_counted_from_its_first_seal(settings: Settings) -> None:
    lines = list(month_of(NOVEMBER))
    for line in lines:
        if line["day"] < "2026-11-20":
            line["stores"]["stick"] = {"states": {}, "today": 0}
        else:
            line["stores"]["stick"] = {
                "states": {"ok": 1},
                "today": 2,
                **({"short": ["Ullared"]} if line["day"][-2:] == "21" else {}),
            }
    found = reckon(lines, settings, NOVEMBER, AFTER)
    assert counts(found, Mark.SHORT) == {"Ullared": 1, "Vessigebro": 0}


def test_an_incident_is_as_long_as_it_lasted_and_one_that_has_not_ended_says_so(settings: Settings) -> None:
    def line(at: str, opened: str, **more: str) -> Line:
        return {"at": at, "incident": "x", "cause": "missing", "store": "share", "severity": "critical",
                "opened_at": opened, **more}  # fmt: skip

    lines = [
        line("2026-10-31T10:00:00Z", "2026-10-31T10:00:00Z"),
        line("2026-11-01T10:00:00Z", "2026-10-31T10:00:00Z", closed_at="2026-11-01T10:00:00Z"),
        line("2026-11-30T11:00:00Z", "2026-11-30T11:00:00Z"),
        line("2026-12-02T11:00:00Z", "2026-11-30T11:00:00Z", closed_at="2026-12-02T11:00:00Z"),
    ]
    found = reckon(lines, settings, NOVEMBER, AFTER).incidents
    assert [(one.lasted, one.open_at_end) for one in found] == [
        (timedelta(hours=24), False),
        (timedelta(hours=12), True),
    ]


def test_old_copies_that_are_left_count_by_the_day(settings: Settings) -> None:
    found = reckoned(settings, month_of(NOVEMBER, lambda at: {"overdue": 4} if at.day == 3 and at.hour > 8 else {}))
    assert (found.days_overdue, found.days_seen) == (1, 30)


def test_three_hundred_groups_are_one_page_within_five_seconds_the_worst_first(
    settings: Settings, tmp_path: Path
) -> None:
    many = with_teams(settings, tmp_path, *(Team(name=f"Grupp {n:03}") for n in range(300)))
    bad = {day: [f"Grupp {n:03}" for n in range(day)] for day in range(1, 31)}
    append(many.watch.folder, list(month_of(NOVEMBER, lambda at: {"short": bad[at.day]} if at.hour == 12 else {})))
    began = time.perf_counter()
    month = read_month(many, NOVEMBER, AFTER)
    pdf, page = month_pdf(month, many), month_html(month, many).decode()
    assert time.perf_counter() - began < 5
    (sheet,) = PdfReader(io.BytesIO(pdf)).pages
    text = sheet.extract_text()
    assert text.index("Grupp 000") < text.index("Grupp 001")
    assert "Ytterligare 270 grupper hade hela kopior varje dag som kontrollerades." in page
    assert "Ytterligare 6 grupper hade brister" in page
    assert "Underskrift" in text


def test_a_month_of_which_nothing_is_kept_is_refused_with_what_there_is(settings: Settings) -> None:
    append(settings.watch.folder, list(month_of(NOVEMBER)))
    with pytest.raises(NoHistory, match="2026-09") as refused:
        read_month(settings, date(2026, 9, 1), AFTER)
    assert "2026-11" in str(refused.value)
    month = read_month(settings, NOVEMBER, AFTER)
    assert "Månaden var bra" in month_html(month, settings).decode()
    assert not month.running


def test_a_month_that_is_no_month_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", "--month", "november"])
    assert "2026-11" in capsys.readouterr().err
