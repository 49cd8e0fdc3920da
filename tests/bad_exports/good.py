"""Good exports, judged as the morning's run judges them: by themselves, by yesterday's copies and by earlier weeks."""

import os
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from reservplan.domain.history import EarlierCopy, History
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import Cell, Plan, Status
from reservplan.extract import read_plan
from reservplan.extract.demo import TEAMS, export_bytes
from reservplan.settings import Settings
from reservplan.validate import BEFORE_COLUMNS, judge

from tests.bad_exports.history import usual_counts
from tests.bad_exports.office import Office, at_five

DAYS_AHEAD = 3


def judged(folder: Path, today: date, seed: int) -> dict[Cell, Judgement]:
    """What the run of a morning makes of its good export, with yesterday's copies and five weeks behind it."""
    settings = Office.with_folder(folder).settings(teams=TEAMS)
    days = _asked(today)
    cells = [Cell(day, team) for day in days for team in TEAMS]
    yesterday = _plan(settings, folder, today - timedelta(days=1), seed)
    of_yesterday = judge(yesterday, settings, [Cell(day, team) for day in days[:-1] for team in TEAMS])
    history = History(_copies(of_yesterday), usual_counts(TEAMS, days, seed), {}, ("share",))
    return judge(_plan(settings, folder, today, seed), settings, cells, history, _before(yesterday, days))


def _asked(today: date) -> list[date]:
    return [today + timedelta(days=n) for n in range(DAYS_AHEAD + 1)]


def _plan(settings: Settings, folder: Path, today: date, seed: int) -> Plan:
    place = folder / "exports" / f"Planering {seed} {today}.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    days = _asked(today)
    place.write_bytes(export_bytes(TEAMS, days[0] - timedelta(days=1), days[-1] + timedelta(days=1), today, seed))
    saved_at = at_five(today).timestamp() - 900
    os.utime(place, (saved_at, saved_at))
    source = settings.source.model_copy(update={"path": str(place)})
    return read_plan(settings.model_copy(update={"source": source}), days, at_five(today))


def _copies(judgements: Mapping[Cell, Judgement]) -> dict[Cell, EarlierCopy]:
    return {
        cell: EarlierCopy(judgement.visits, judgement.cancelled, judgement.captured_at, judgement.captured_at, "")
        for cell, judgement in judgements.items()
        if judgement.verdict.whole
    }


def _before(plan: Plan, days: Sequence[date]) -> pd.DataFrame:
    planned = (plan.visits["status"] == Status.PLANNED.value) & plan.visits["plan_date"].isin(days)
    return plan.visits.loc[planned, list(BEFORE_COLUMNS)].reset_index(drop=True)
