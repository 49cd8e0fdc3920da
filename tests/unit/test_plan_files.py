"""A plan becomes files and comes back; a day's part of it makes the same papers and verdicts as the whole."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from reservplan.domain.judgement import Marks
from reservplan.domain.plan import Cell, Plan
from reservplan.extract import read_plan
from reservplan.extract.demo import as_files, write_demo_export
from reservplan.plan_files import plan_from_files, plan_of_day, plan_to_files
from reservplan.render import show_cell
from reservplan.settings import Settings, load
from reservplan.validate import judge

CONFIG = Path(__file__).parents[2] / "config" / "reservplan.yaml"
# Enough for nights with and without a neighbour's.
TEAMS = ("Ullared", "Älvsered", "Vessigebro")
SUMMER, SPRING, AUTUMN = date(2026, 6, 17), date(2026, 3, 28), date(2026, 10, 24)


def settings_of(folder: Path) -> Settings:
    settings = load(CONFIG)
    source = settings.source.model_copy(update={"kind": "files", "path": f"{folder}/exports"})
    return as_files(settings.model_copy(update={"source": source, "archive": str(folder / "archive")}))


def demo_plan(folder: Path, today: date, seed: int) -> tuple[Plan, Settings, list[date]]:
    settings = settings_of(folder)
    write_demo_export(folder / "exports", days_back=1, days_ahead=2, today=today, seed=seed)
    days = [today + timedelta(days=n) for n in range(3)]
    now = datetime.combine(today, datetime.min.time(), UTC)
    return read_plan(settings, days, now), settings, days


def papers(plan: Plan, cells: list[Cell], settings: Settings) -> dict[Cell, Any]:
    judgements = judge(plan, settings, cells)
    return {
        cell: (one, show_cell(plan, cell, one, settings, Marks(one.captured_at, False)))
        for cell, one in judgements.items()
    }


def assert_the_parcels_say_the_same(plan: Plan, settings: Settings, days: list[date]) -> None:
    for day in days[:2]:
        cells = [cell for cell in plan.sources if cell.plan_date == day and cell.team in TEAMS]
        assert cells
        parcel = plan_from_files(plan_to_files(plan_of_day(plan, day, settings.zone)))
        assert papers(parcel, cells, settings) == papers(plan, cells, settings)


def altered(plan: Plan, days: list[date]) -> Plan:
    """A plan with what a good one lacks: gone shifts, long visits, rows on another day than theirs, double booking."""
    visits, shifts = plan.visits.copy(), plan.shifts
    for n, day in enumerate(days):
        of_day = visits.index[visits["plan_date"] == day]
        last = of_day[n::23]
        visits.loc[last, "end"] += pd.Timedelta(hours=9)
        visits.loc[of_day[n::31], "start"] -= pd.Timedelta(hours=20)
        visits.loc[of_day[n::37], "employee_id"] = visits.loc[of_day[0], "employee_id"]
    gone = (shifts["plan_date"] == days[1]) & (shifts.index % 2 == 0)
    return Plan(
        visits, shifts[~gone].reset_index(drop=True), plan.unreadable, plan.sources, plan.read_at, plan.label
    )  # fmt: skip


def test_a_plan_comes_back_from_its_files_as_it_was(tmp_path: Path) -> None:
    plan, _, _ = demo_plan(tmp_path, SUMMER, 1)
    back = plan_from_files(plan_to_files(plan))
    pd.testing.assert_frame_equal(back.visits, plan.visits)
    pd.testing.assert_frame_equal(back.shifts, plan.shifts)
    assert (back.unreadable, back.sources, back.read_at) == (plan.unreadable, plan.sources, plan.read_at)


@pytest.mark.parametrize("today", [SPRING, AUTUMN])
def test_a_days_part_makes_the_same_papers_and_verdicts_also_where_much_is_wrong(tmp_path: Path, today: date) -> None:
    plan, settings, days = demo_plan(tmp_path, today, 4)
    assert (plan.shifts["end"].dt.date > plan.shifts["plan_date"]).any(), "no nights, nothing proved"
    assert_the_parcels_say_the_same(altered(plan, days), settings, days)


def test_somebody_whose_only_shift_is_days_away_is_still_known_to_have_shifts(tmp_path: Path) -> None:
    plan, settings, days = demo_plan(tmp_path, SUMMER, 5)
    far = plan.shifts[plan.shifts["plan_date"] == days[-1]].reset_index(drop=True)
    lacking = Plan(plan.visits, far, plan.unreadable, plan.sources, plan.read_at, plan.label)
    cells = [cell for cell in plan.sources if cell.plan_date == days[0]]
    codes = {reason.code for one in judge(lacking, settings, cells).values() for reason in one.reasons}
    assert "outside_shift" in codes
    assert_the_parcels_say_the_same(lacking, settings, days)


def test_a_days_part_holds_little_of_the_days_beside_it(tmp_path: Path) -> None:
    plan, settings, days = demo_plan(tmp_path, SUMMER, 1)
    day = days[1]
    parcel = plan_of_day(plan, day, settings.zone)
    of_day = parcel.visits["plan_date"] == day
    assert set(parcel.visits["plan_date"]) <= {day + timedelta(days=n) for n in (-1, 0, 1)}
    assert of_day.sum() == (plan.visits["plan_date"] == day).sum()
    assert (~of_day).sum() < 0.2 * of_day.sum()
    # Of the day before: nobody who has no visit this day, and nothing that was over before it began.
    before = parcel.visits[parcel.visits["plan_date"] < day]
    assert (before["end"] > pd.Timestamp(day, tz=settings.zone)).all()
    assert {cell.plan_date for cell in parcel.sources} == {day}


def test_where_an_export_lies_is_not_kept(tmp_path: Path) -> None:
    plan, settings, days = demo_plan(tmp_path, SUMMER, 1)
    placed = Plan(plan.visits, plan.shifts, (), plan.sources, plan.read_at, "/srv/exports/Planering.csv")
    assert plan_of_day(placed, days[0], settings.zone).label == "Planering.csv"


def test_a_day_without_a_visit_or_a_shift_is_a_part_too(tmp_path: Path) -> None:
    plan, settings, days = demo_plan(tmp_path, SUMMER, 1)
    empty = Plan(plan.visits[:0], plan.shifts[:0], (), plan.sources, plan.read_at, plan.label)
    assert_the_parcels_say_the_same(empty, settings, days)
