"""What the watch remembers of each look: small, whole after a power cut, thirteen months, and no value of a person."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from reservplan.domain.alerts import Severity
from reservplan.domain.days import Window
from reservplan.domain.plan import Cell
from reservplan.history import append, months, read_lines, round_lines
from reservplan.watch import Coverage, State
from reservplan.watch.findings import Finding
from reservplan.watch.incidents import Event, Incident, Turn
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.states import CellCoverage

NOW = datetime(2026, 11, 3, 5, 30, tzinfo=UTC)
TODAY = date(2026, 11, 3)
WINDOW = Window(TODAY, 14, 3)


def seen(teams: int = 2, **todays: State) -> Coverage:
    """A look at a store where all is well, but for today's copies of the groups that are named."""
    cells = {}
    for day in WINDOW:
        for team in (f"G{n}" for n in range(teams)):
            state = todays.get(team, State.OK) if day == TODAY else State.OK
            cells[Cell(day, team)] = CellCoverage(Cell(day, team), state, NOW - timedelta(minutes=90))
    return Coverage("share", r"\\server\share", NOW, WINDOW, cells, ())


def test_a_look_at_three_hundred_groups_that_are_well_takes_less_than_300_bytes() -> None:
    (line,) = round_lines([seen(300)], (), NOW)
    assert len(json.dumps(line)) < 300
    assert line["stores"]["share"] == {"states": {"ok": 5400}, "today": 300, "age_minutes": 90}


def test_groups_whose_copy_of_the_day_is_not_whole_are_named_and_all_of_them_are_a_star() -> None:
    (one,) = round_lines([seen(3, G1=State.MISSING, G2=State.CLOSED)], (), NOW)
    assert (one["stores"]["share"]["short"], one["stores"]["share"]["shut"]) == (["G1"], ["G2"])
    (all_,) = round_lines([seen(2, G0=State.DAMAGED, G1=State.STALE)], (), NOW)
    assert all_["stores"]["share"]["short"] == "*"


def test_a_store_that_is_away_is_away_and_one_with_old_copies_counts_them() -> None:
    away = replace(seen(), store="stick", cells={}, findings=(Finding("unreachable", Severity.CRITICAL, "gone"),))
    old = replace(seen(), findings=(Finding("overdue", Severity.INFO, "old", paths=("a", "b")),))
    (line,) = round_lines([away, old], (), NOW)
    assert line["stores"]["stick"] == {"away": True}
    assert line["stores"]["share"]["overdue"] == 2


def test_an_incident_is_remembered_when_it_is_told_to_begin_and_to_end_and_no_reminder_is() -> None:
    incident = Incident(
        cause=Cause.MISSING, store="share", severity=Severity.CRITICAL, opened_at=NOW, seen_at=NOW, gone_at=NOW
    )
    events = [Event(turn, incident) for turn in Turn]
    _, opened, closed = round_lines([seen()], events, NOW)
    assert opened["incident"] == "opened"
    assert "closed_at" not in opened
    assert closed["closed_at"] == "2026-11-03T05:30:00Z"


def test_nothing_that_a_finding_or_an_incident_quotes_is_remembered() -> None:
    planted = "Sixten Fabricius"
    look = replace(seen(), findings=(Finding("overdue", Severity.INFO, planted, paths=(f"{planted}.pdf",)),))
    incident = Incident(cause=Cause.OVERDUE, store="share", severity=Severity.INFO, opened_at=NOW, seen_at=NOW)
    problem = Problem(Cause.OVERDUE, "share", Severity.INFO, (planted,), paths=(f"{planted}.pdf",))
    lines = round_lines([look], [Event(Turn.OPENED, incident, problem)], NOW)
    assert planted not in json.dumps(lines, ensure_ascii=False)
    assert len(lines) == 2


def test_lines_are_read_back_in_order_and_only_we_may_read_the_file(tmp_path: Path) -> None:
    later = round_lines([seen()], (), NOW + timedelta(hours=1))
    append(str(tmp_path / "watch"), later)
    append(str(tmp_path / "watch"), round_lines([seen()], (), NOW, healed=2))
    lines = read_lines(str(tmp_path / "watch"), TODAY, TODAY)
    assert [line.get("healed") for line in lines] == [2, None]
    file = tmp_path / "watch" / "history" / "2026-11.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_line_torn_by_a_power_cut_loses_no_other(tmp_path: Path) -> None:
    append(str(tmp_path), round_lines([seen()], (), NOW))
    file = tmp_path / "history" / "2026-11.jsonl"
    file.write_bytes(file.read_bytes() + file.read_bytes()[:40])
    append(str(tmp_path), round_lines([seen()], (), NOW + timedelta(minutes=30)))
    assert len(read_lines(str(tmp_path), TODAY, TODAY)) == 2


@pytest.mark.parametrize("torn", [b"\x00" * 80, b"[]\n", b"7\n", b'{"at": 7}\n', b"\xff\xfe\n"])
def test_what_is_no_line_is_left_out(tmp_path: Path, torn: bytes) -> None:
    append(str(tmp_path), round_lines([seen()], (), NOW))
    file = tmp_path / "history" / "2026-11.jsonl"
    file.write_bytes(torn + b"\n" + file.read_bytes())
    assert len(read_lines(str(tmp_path), TODAY, TODAY)) == 1


def test_thirteen_months_before_the_running_one_are_kept(tmp_path: Path) -> None:
    for back in range(16, -1, -1):
        at = datetime(2026 - (back > 10) - (back > 22), (11 - back - 1) % 12 + 1, 3, tzinfo=UTC)
        append(str(tmp_path), round_lines([seen()], (), at))
    assert months(str(tmp_path))[0] == "2025-10"
    assert len(months(str(tmp_path))) == 14


def test_on_object_storage_lines_are_added_too() -> None:
    folder = f"memory://history-{uuid.uuid4().hex}"
    append(folder, round_lines([seen()], (), NOW))
    append(folder, round_lines([seen()], (), NOW))
    assert len(read_lines(folder, TODAY, TODAY)) == 2
