"""The synthetic export: the same every time, and like a real one where it matters."""

import re
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from reservplan.domain.plan import Plan
from reservplan.extract import input_fingerprint, read_plan
from reservplan.extract.demo import TEAMS, demo_team_names, export_bytes, write_demo_export
from reservplan.settings import load

TODAY = date(2026, 11, 22)
CONFIG = Path(__file__).parents[3] / "config" / "reservplan.yaml"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("exports")
    write_demo_export(folder, today=TODAY)
    settings = load(CONFIG)
    settings = settings.model_copy(update={"source": settings.source.model_copy(update={"path": str(folder)})})
    return read_plan(settings, [TODAY + timedelta(days=n) for n in range(-3, 4)], datetime.now(UTC))


def test_the_example_configuration_reads_every_row(plan: Plan) -> None:
    assert plan.unreadable == ()
    assert plan.unknown_teams == ()
    assert plan.too_old == ""
    assert set(plan.visits["team"]) == set(TEAMS) == {team.name for team in load(CONFIG).teams}
    assert len(plan.sources) == 7 * 11
    assert all(not source.counts and not source.fault for source in plan.sources.values())


def test_a_day_has_about_two_thousand_visits(plan: Plan) -> None:
    visits = plan.visits[plan.visits["status"] != "other"]
    per_day = visits.groupby("plan_date").size()
    assert per_day.loc[TODAY - timedelta(days=3) : TODAY + timedelta(days=3)].between(1800, 2200).all()


def test_nobody_is_in_two_places_at_once(plan: Plan) -> None:
    rows = plan.visits[plan.visits["employee_id"] != ""].sort_values(["employee_id", "start"])
    before = rows["end"].groupby(rows["employee_id"]).shift()
    assert not (rows["start"] < before).any()


def test_it_has_what_a_real_plan_has(plan: Plan) -> None:
    visits = plan.visits
    today = visits[visits["plan_date"] == TODAY]
    assert {"planned", "cancelled", "other"} == set(today["status"])
    unassigned = today[(today["employee_id"] == "") & (today["status"] != "other")]
    assert 0 < len(unassigned) < 0.05 * len(today)
    assert (today["start"].dt.hour < 5).any()
    pairs = today[today["double_staffing_id"] != ""].groupby("double_staffing_id")["employee_id"].nunique()
    assert (pairs == 2).sum() > 20
    assert (visits["end"].dt.date > visits["plan_date"]).any()
    assert all(re.fullmatch(r"0701740(60[5-9]|6[1-9]\d)", phone) for phone in set(visits["phone"]) - {""})
    assert visits["client_id"].str.startswith("0").any()


def test_the_same_arguments_give_the_same_bytes_and_leave_the_file_alone(tmp_path: Path) -> None:
    first = write_demo_export(tmp_path, teams=2, today=TODAY)
    stamp, content = first.stat().st_mtime_ns, first.read_bytes()
    assert first.name == "Planering 2026-11-22.csv"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert write_demo_export(tmp_path, teams=2, today=TODAY) == first
    assert first.stat().st_mtime_ns == stamp
    assert first.read_bytes() == content
    assert [child.name for child in tmp_path.iterdir()] == [first.name]
    assert write_demo_export(tmp_path, teams=2, today=TODAY, seed=1).read_bytes() != content


def test_tomorrow_s_export_tells_nearly_the_same_of_a_day() -> None:
    def of_the_day(today: date) -> set[str]:
        content = export_bytes(demo_team_names(2), TODAY, TODAY + timedelta(days=2), today).decode("utf-8-sig")
        return {line for line in content.split("\r\n") if line.startswith("2026-11-24")}

    now, tomorrow = of_the_day(TODAY), of_the_day(TODAY + timedelta(days=1))
    assert 0 < len(now ^ tomorrow) < 0.05 * len(now)


def test_any_number_of_groups_has_names() -> None:
    assert len(set(demo_team_names(30))) == 30
    assert demo_team_names(2) == ["Ullared", "Vessigebro"]


def test_the_demo_source_needs_no_file() -> None:
    settings = load(CONFIG)
    settings = settings.model_copy(
        update={
            "source": settings.source.model_copy(update={"kind": "demo", "path": "/nowhere", "columns": {}}),
            "teams": settings.teams[:2],
        }
    )
    plan = read_plan(settings, [TODAY], datetime(2026, 11, 22, 4, 17, tzinfo=UTC))
    assert plan.unreadable == ()
    assert set(plan.visits["team"]) == {"Ullared", "Vessigebro"}
    assert {cell.plan_date for cell in plan.sources} == {TODAY}
    assert {s.captured_at for s in plan.sources.values()} == {datetime(2026, 11, 22, 4, tzinfo=UTC)}
    assert input_fingerprint(settings)
