"""The manager's month: made-up months with known answers, on one page, with no value of a person."""

import io
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml
from pypdf import PdfReader
from reservplan.cli import main
from reservplan.domain.words import say
from reservplan.drill_records import Drilled, DrillRecords, StoreDrilled, Trial
from reservplan.history import Line, append
from reservplan.month_report import NoHistory, month_html, month_pdf, read_month
from reservplan.month_report.reckoning import Mark, Reckoned, reckon
from reservplan.settings import Settings, Team
from reservplan.watch.problems import Cause

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


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_the_clocks_change_is_one_day_and_its_gap_as_long_as_it_is(
    settings: Settings, day: date, hours: int
) -> None:
    first = day.replace(day=1)
    found = reckoned(settings, month_of(first, lambda at: {"short": "*"} if at.date() == day else {}), first)
    assert counts(found, Mark.SHORT) == {"Ullared": 1, "Vessigebro": 1}
    assert found.teams[0].gap == timedelta(hours=hours)


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
    assert "Grupper med hela kopior varje dag som kontrollerades, och inte i listan: 270." in page
    assert "Grupper med brister som inte får plats i listan: 10." in page
    assert "Underskrift" in text


def test_a_month_of_which_nothing_is_kept_is_refused_with_what_there_is(settings: Settings) -> None:
    append(settings.watch.folder, list(month_of(NOVEMBER)))
    with pytest.raises(NoHistory, match="2026-09") as refused:
        read_month(settings, date(2026, 9, 1), AFTER)
    assert "2026-11" in str(refused.value)
    month = read_month(settings, NOVEMBER, AFTER)
    assert "Månaden var bra" in month_html(month, settings).decode()
    assert not month.running


def test_a_group_has_no_gap_of_days_on_which_nothing_was_owed_to_it(settings: Settings, tmp_path: Path) -> None:
    teams = (Team(name="Ullared", active_from=date(2026, 11, 16)), Team(name="Getinge", closed=("mon",)))
    begins = with_teams(settings, tmp_path, *teams)
    found = reckoned(begins, month_of(NOVEMBER, lambda at: {"away": True} if at.day == 9 and at.hour == 13 else {}))
    assert [team.gap for team in found.teams] == [timedelta(0)] * 2


INCIDENT_CAUSES = list(Cause)


def incidents(count: int) -> Iterator[Line]:
    for number in range(count):
        at = f"2026-11-{number % 28 + 1:02}T07:00:00Z"
        line = {"at": at, "cause": INCIDENT_CAUSES[number % len(INCIDENT_CAUSES)].value, "store": "share",
                "severity": "critical", "opened_at": at}  # fmt: skip
        yield {**line, "incident": "opened"}
        if number:
            yield {**line, "incident": "closed", "closed_at": at.replace("T07", "T09")}


def keep_drills(settings: Settings, count: int, *faults: str, team: str = "Ullared") -> None:
    for number in range(count):
        at = datetime(2026, 11, 3 + 4 * number, 8, tzinfo=UTC)
        trials = (Trial(team=team, visits=20, faults=faults if number == 1 else ()), Trial(team="Vessigebro"))
        drilled = Drilled(drilled_at=at, today=at.date(), stores=(StoreDrilled(store="share", trials=trials),))
        DrillRecords(settings.watch.folder).keep(drilled, {})


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_worst_of_months_is_one_page_with_its_drills_its_incidents_and_its_signature(
    settings: Settings, tmp_path: Path, language: str
) -> None:
    names = [f"Hemtjänstgruppen i Långa Namnens by {n:04}" for n in range(300)]
    worst = with_teams(settings, tmp_path, *(Team(name=name) for name in names)).model_copy(
        update={"language": language}
    )
    lines = month_of(NOVEMBER, lambda at: {"short": names, "overdue": 2} if at.hour == 12 else {"overdue": 2})
    append(worst.watch.folder, [*(line for line in lines if line["day"][-2:] != "30"), *incidents(40)])
    keep_drills(worst, 6, "page_lost", team=names[0])
    month = read_month(worst, NOVEMBER, AFTER)
    (sheet,) = PdfReader(io.BytesIO(month_pdf(month, worst))).pages
    text = " ".join(sheet.extract_text().split())
    assert all(name in text for name in names[:20])
    day, signed = ("7 november underkänd", "Underskrift") if language == "sv" else ("7 November failed", "Signature")
    assert day in text
    assert signed in text
    assert "40, " in text


def test_a_failed_drill_makes_no_month_good(settings: Settings) -> None:
    append(settings.watch.folder, list(month_of(NOVEMBER)))
    keep_drills(settings, 2, "page_lost")
    page = month_html(read_month(settings, NOVEMBER, AFTER), settings).decode()
    assert "Månaden var bra" not in page
    assert "Övningar som underkändes: 1." in page
    assert "2: 3 november godkänd (grupper: 2); 7 november underkänd (grupper: 2)." in page


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_cause_has_its_word(language: str) -> None:
    assert all(say(language, f"month.cause_{cause}") for cause in [*Cause, "other"])


def test_a_name_that_a_store_or_a_drill_has_read_is_on_no_page(settings: Settings) -> None:
    # What a newer version, or a hand, has written beside what is known.
    planted = "Sixten Fabricius"
    lines = [{**line, "client": planted, "note": planted} for line in month_of(NOVEMBER)]
    append(settings.watch.folder, [*lines, *({**line, "words": [planted]} for line in incidents(3))])
    keep_drills(settings, 2, planted)
    month = read_month(settings, NOVEMBER, AFTER)
    assert planted not in month_html(month, settings).decode()
    assert planted not in PdfReader(io.BytesIO(month_pdf(month, settings))).pages[0].extract_text()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A configuration whose history holds November."""
    tree = yaml.safe_load((Path(__file__).parents[2] / "config" / "reservplan.yaml").read_text(encoding="utf-8"))
    tree.update(teams=["Ullared"], stores=[{"name": "share", "kind": "folder", "folder": str(tmp_path / "copies")}])
    tree["watch"] = {"folder": str(tmp_path / "watch")}
    config = tmp_path / "reservplan.yaml"
    config.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    append(str(tmp_path / "watch"), list(month_of(NOVEMBER)))
    return config


def report(site: Path, *arguments: str) -> int:
    return main(["--config", str(site), "report", "--folder", str(site.parent / "out"), *arguments])


def test_the_command_writes_the_page_twice_and_says_where(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(site, "--month", "2026-11") == 0
    files = [site.parent / "out" / f"Reservplan 2026-11{ending}" for ending in (".pdf", ".html")]
    assert capsys.readouterr().out.splitlines()[:2] == [str(file) for file in files]
    assert [file.read_bytes()[:5] for file in files] == [b"%PDF-", b"<!DOC"]


@pytest.mark.parametrize(("today", "running"), [("2026-12-01T05:00:00Z", False), ("2026-11-20T05:00:00Z", True)])
def test_the_last_whole_month_is_meant_where_none_is_named_and_a_running_one_says_so(
    site: Path, capsys: pytest.CaptureFixture[str], today: str, running: bool
) -> None:
    with time_machine.travel(today, tick=False):
        assert report(site, *(("--month", "2026-11") if running else ())) == 0
    assert "Reservplan 2026-11.pdf" in (said := capsys.readouterr().out)
    page = (site.parent / "out" / "Reservplan 2026-11.html").read_text(encoding="utf-8")
    assert ("Månaden pågår" in said) is ("Månaden pågår" in page) is running
    assert ("Månaden var bra" in page) is not running


def test_a_month_without_history_is_refused_and_nothing_is_written(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(site, "--month", "2026-09") == 2
    assert "2026-11" in capsys.readouterr().err
    assert not (site.parent / "out").exists()


def test_a_month_that_is_no_month_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", "--month", "november"])
    assert "2026-11" in capsys.readouterr().err
