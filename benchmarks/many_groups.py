"""A thousand groups validated at once, beside plain pandas that does the same checks.

`python -m benchmarks.many_groups prepare FOLDER` makes the frames and what the stores remember, as files;
`… ours FOLDER` and `… plain FOLDER` judge them, each in a process of its own, and print as JSON how long they worked.
Each leaves its verdicts and the codes of their reasons, so that whoever compares the times can compare these too.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from reservplan.domain.counts import WEEKS_KEPT, Count, Counts
from reservplan.domain.history import EarlierCopy, History
from reservplan.domain.plan import SHIFT_COLUMNS, VISIT_COLUMNS, Cell, CellSource, Plan, Unreadable
from reservplan.domain.verdict import Verdict
from reservplan.extract import demo
from reservplan.settings import Settings
from reservplan.validate import BEFORE_COLUMNS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

GROUPS, DAYS = 1000, 4
EMPLOYEES, VISITS_EACH = 29, 9
VISITS = EMPLOYEES * VISITS_EACH
CLIENTS = 120
SEED = 220621
ZONE = "Europe/Stockholm"
# No holiday, and no change of clocks, in the nine weeks that end here.
TODAY = date(2026, 11, 24)
CAPTURED_AT = datetime(2026, 11, 24, 3, 50, tzinfo=UTC)
# Of so many cells a hundred each has this.
FAULTS = {
    "many_gone": 2, "some_gone": 3, "an_hour_gone": 1, "half_gone": 1, "unassigned": 2, "alone": 2, "two_places": 2,
    "outside_shift": 2, "bad_rows": 2, "no_client": 1, "no_visits": 1,
    "shifted": 2, "many_places": 1, "unprotected": 1,
}  # fmt: skip

Verdicts = dict[str, list[Any]]


@dataclass(frozen=True)
class Given:
    """What both ways are given."""

    settings: Settings
    plan: Plan
    before: "pd.DataFrame"
    history: History


def settings_of(groups: int) -> Settings:
    """So many groups, one of them closed on Fridays and one that the source knows and the settings do not."""
    names = demo.demo_team_names(groups)
    teams: list[Any] = [*names[:-2], {"name": names[-2], "closed": ["fri"]}]
    return Settings.model_validate({
        "organisation": "Provkommun", "teams": teams, "source": {"kind": "demo"},
        "stores": [{"name": "share", "kind": "folder", "folder": "/nowhere"}],
    })  # fmt: skip


def days() -> list[date]:
    """Today and the days ahead."""
    return [TODAY + timedelta(days=ahead) for ahead in range(DAYS)]


def cells_of(groups: int) -> list[Cell]:
    """Every cell, day by day."""
    return [Cell(day, team) for day in days() for team in demo.demo_team_names(groups)]


def prepare(folder: Path, groups: int = GROUPS) -> None:
    """Write the plan's frames, the earlier copies' visits, and what the stores remember."""
    import numpy as np

    random = np.random.default_rng(SEED)
    cells = cells_of(groups)
    faults = _faults(len(cells), random)
    visits = _visits(cells, random)
    before = visits.loc[random.random(len(visits)) > 0.004, list(BEFORE_COLUMNS)].copy()
    _hide(before, visits, faults)
    gone = _gone(visits, cells, faults, random)
    visits = visits[~gone].reset_index(drop=True)
    shifts = _shifts(visits)
    _spoil(visits, shifts, cells, faults, random)
    folder.mkdir(parents=True, exist_ok=True)
    visits.to_parquet(folder / "visits.parquet", index=False)
    shifts.to_parquet(folder / "shifts.parquet", index=False)
    # Of one cell in ten the earlier capture is in no archive any more: only its counts are known.
    known = np.repeat(random.random(len(cells)) > 0.1, VISITS)[before.index]
    before[known].to_parquet(folder / "before.parquet", index=False)
    _remember(folder, groups, random)


def _faults(cells: int, random: "np.random.Generator") -> list[str]:
    """What is wrong with each cell; "" where nothing is."""
    names = ["", *FAULTS]
    shares = [1 - sum(FAULTS.values()) / 100, *(share / 100 for share in FAULTS.values())]
    return [str(name) for name in random.choice(names, cells, p=shares)]


def _visits(cells: list[Cell], random: "np.random.Generator") -> "pd.DataFrame":
    """Sound visits of all cells, with every column of the plan filled about as a real export fills it."""
    import numpy as np
    import pandas as pd

    count = len(cells) * VISITS
    of_cell = np.repeat(np.arange(len(cells)), VISITS)
    employee, turn = (np.tile(part, len(cells)) for part in divmod(np.arange(VISITS), VISITS_EACH))
    teams = {team: number for number, team in enumerate(dict.fromkeys(cell.team for cell in cells), start=1)}
    team = np.array([teams[cell.team] for cell in cells])[of_cell]
    day = np.array([f"{cell.plan_date:%y%m%d}" for cell in cells], dtype=object)
    client = random.integers(0, CLIENTS, count)
    # Pairs of colleagues do their fourth visit together; the last has no colleague.
    double = (turn == 3) & (employee < EMPLOYEES // 2 * 2)
    midnight = pd.DatetimeIndex([cell.plan_date for cell in cells], tz=ZONE).as_unit("us")[of_cell]
    minutes = np.where(employee < 18, 420, 870) + turn * 50 + (employee // 2) % 3 * 5
    start = midnight + pd.to_timedelta(minutes, unit="min").as_unit("us")
    length = np.where(double, 20, np.array([15, 20, 25, 30, 45])[random.integers(0, 5, count)])

    def text(values: Any) -> "pd.Series":
        return pd.Series(values, dtype="str")

    def drawn(values: tuple[str, ...]) -> "pd.Series":
        return text(np.array(values, dtype=object)[random.integers(0, len(values), count)])

    people = [f"{first} {beginning}{ending}" for first in demo.FIRST_NAMES for beginning in demo.LAST_NAME_BEGINNINGS
              for ending in demo.LAST_NAME_ENDINGS]  # fmt: skip
    names = np.array(people, dtype=object)
    client_id = text(np.char.zfill((team * 1000 + client).astype(str), 7).astype(object))
    employee_id = text(np.char.zfill((team * 100 + employee).astype(str), 6).astype(object))
    number = np.char.zfill(np.arange(VISITS).astype(str), 4).astype(object)
    of_team = np.char.zfill(np.array([teams[cell.team] for cell in cells]).astype(str), 4).astype(object)
    pair = np.array([f"D{n:02d}" for n in range(EMPLOYEES // 2 + 1)], dtype=object)[employee // 2]
    return pd.DataFrame({
        "plan_date": pd.Series(np.array([cell.plan_date for cell in cells], dtype=object)[of_cell], dtype=object),
        "team": text(np.array([cell.team for cell in cells], dtype=object)[of_cell]),
        "visit_id": text((day + of_team)[of_cell] + np.tile(number, len(cells))),
        "client_id": client_id,
        "client_name": text(names[(team * 977 + client * 31) % len(names)]),
        "start": start,
        "end": start + pd.to_timedelta(length, unit="min").as_unit("us"),
        "employee_id": employee_id,
        "employee_name": text(names[(team * 577 + employee * 37) % len(names)]),
        "route": drawn(tuple(f"Slinga {n}" for n in range(1, 7))),
        "activities": drawn(demo.ACTIVITIES),
        "address": drawn(tuple(f"{street} {n}" for street in demo.STREETS for n in range(1, 49))),
        "postal_code": drawn(tuple(f"311 {n}" for n in range(40, 60))),
        "city": drawn(demo.TEAMS),
        "phone": drawn(tuple(f"0{n}" for n in range(demo.FIRST_PHONE, demo.LAST_PHONE))),
        "access": drawn(("Digitalt lås", "", *(f"Nyckel {n}" for n in range(180)))),
        "double_staffing_id": text(np.where(double, pair, "")),
        "priority": drawn(("1", "2", "3")),
        "note": drawn((*demo.NOTES, *[""] * 3 * len(demo.NOTES))),
        "protected": False,
        "employee_protected": False,
        "status": text(np.where((random.random(count) < 0.009) & ~double, "cancelled", "planned")),
    })[list(VISIT_COLUMNS)]  # fmt: skip


def _hide(before: "pd.DataFrame", visits: "pd.DataFrame", faults: list[str]) -> None:
    """In the copy, one visit of those who get a name now was protected, and known by stand-ins."""
    firsts = [n * VISITS for n, fault in enumerate(faults) if fault == "unprotected" and n * VISITS in before.index]
    before.loc[firsts, "protected"] = True
    for name in ("visit_id", "client_id"):
        before.loc[firsts, name] = "s-" + visits.loc[firsts, name]


def _gone(visits: "pd.DataFrame", cells: list[Cell], faults: list[str], random: "np.random.Generator") -> "np.ndarray":
    """Which of the sound visits the export has lost."""
    import numpy as np

    share = {"many_gone": 0.3, "some_gone": 0.1, "half_gone": 0.6, "no_visits": 1.0}
    lost = np.repeat([share.get(fault, 0.0) for fault in faults], VISITS)
    an_hour = np.repeat([fault == "an_hour_gone" for fault in faults], VISITS) & (visits["start"].dt.hour == 10)
    closed = np.repeat([cell.team == cells[-2].team and cell.plan_date.weekday() == 4 for cell in cells], VISITS)
    return np.asarray((random.random(len(visits)) < lost) | an_hour | closed)


def _shifts(visits: "pd.DataFrame") -> "pd.DataFrame":
    """A shift for each employee and day."""
    import pandas as pd

    work = visits.groupby(["plan_date", "team", "employee_id"], sort=False)
    shifts = work.agg(employee_name=("employee_name", "first"), start=("start", "min"), end=("end", "max"))
    return shifts.reset_index().assign(phone=pd.Series("", index=range(len(shifts)), dtype="str"))[list(SHIFT_COLUMNS)]


def _spoil(
    visits: "pd.DataFrame",
    shifts: "pd.DataFrame",
    cells: list[Cell],
    faults: list[str],
    random: "np.random.Generator",
) -> None:
    """Put into the rows what is wrong with them."""
    import pandas as pd

    minute = pd.Timedelta(minutes=1)
    by_cell, by_shift = _rows_by_cell(visits), _rows_by_cell(shifts)
    chosen: dict[str, list[int]] = {fault: [] for fault in FAULTS}
    shortened: list[int] = []
    for cell, fault in zip(cells, faults, strict=True):
        if fault in ("unassigned", "two_places", "bad_rows", "no_client"):
            count = {"unassigned": 40, "two_places": 3, "bad_rows": 2, "no_client": 6}[fault]
            chosen[fault] += list(random.choice(by_cell[cell], count, replace=False))
        elif fault in ("alone", "shifted", "many_places"):
            chosen[fault] += list(by_cell[cell])
        elif fault == "outside_shift":
            shortened += list(by_shift[cell][:3])
    visits.loc[chosen["unassigned"], ["employee_id", "employee_name"]] = ""
    visits.loc[chosen["no_client"], "client_id"] = ""
    visits.loc[chosen["bad_rows"], "end"] = visits.loc[chosen["bad_rows"], "start"]
    visits.loc[chosen["two_places"], "end"] += 60 * minute
    visits.loc[chosen["shifted"], ["start", "end"]] -= 60 * minute
    visits.loc[chosen["many_places"], "employee_id"] = "000000"
    # Of each pair of colleagues the second does not know that there is a first.
    second = visits.loc[chosen["alone"], "employee_id"].str[-1].isin(["1", "3", "5", "7", "9"])
    visits.loc[second.index[second], "double_staffing_id"] = ""
    shifts.loc[shortened, "end"] -= 120 * minute


def _rows_by_cell(frame: "pd.DataFrame") -> dict[Cell, Any]:
    """The labels of each cell's rows."""
    indices: dict[Any, Any] = frame.groupby(["plan_date", "team"], sort=False).indices
    return {Cell(*key): rows for key, rows in indices.items()}


def _remember(folder: Path, groups: int, random: "np.random.Generator") -> None:
    """What the stores know: eight weeks of counts, the copy of each cell; a group in fifty is new."""
    import numpy as np
    import pandas as pd

    names = demo.demo_team_names(groups)
    profile = np.bincount(_hours_of_a_day(), minlength=24) / VISITS
    rows: list[list[Any]] = []
    kept: dict[date, dict[str, Count]] = {}
    for name in (name for n, name in enumerate(names) if n % 50 != 7):
        for back in range(1, WEEKS_KEPT * 7 + 1):
            day, by_hour = TODAY - timedelta(days=back), tuple(map(int, random.poisson(profile * VISITS)))
            rows.append([day, name, sum(by_hour), "complete", *by_hour])
            count = Count(visits=sum(by_hour), verdict=Verdict.COMPLETE, by_hour=by_hour)
            kept.setdefault(day, {})[name] = count
    counts = pd.DataFrame(rows, columns=["plan_date", "team", "visits", "verdict", *(f"h{n}" for n in range(24))])
    counts.to_parquet(folder / "counts.parquet", index=False)
    (folder / "counts.json").write_bytes(Counts(cells=kept).to_bytes())
    # The farthest day has no copy yet, nor has a new group.
    copied = [
        [cell.plan_date, cell.team, VISITS - 2, 2]
        for n, cell in enumerate(cells_of(groups))
        if cell.plan_date < days()[-1] and n % groups % 50 != 7
    ]
    copies = pd.DataFrame(copied, columns=["plan_date", "team", "visits", "cancelled"])
    copies.to_parquet(folder / "copies.parquet", index=False)


def _hours_of_a_day() -> list[int]:
    """The hour in which each visit of a sound day begins."""
    return [
        ((420 if employee < 18 else 870) + turn * 50 + employee // 2 % 3 * 5) // 60
        for employee in range(EMPLOYEES)
        for turn in range(VISITS_EACH)
    ]


def given(folder: Path, groups: int = GROUPS) -> Given:
    """What `prepare` wrote, as validation is handed it."""
    import pandas as pd

    settings = settings_of(groups)
    cells = cells_of(groups)
    sources = {
        cell: CellSource(CAPTURED_AT, counts={"masked": 1} if n % 97 == 0 else {}) for n, cell in enumerate(cells)
    }
    unreadable = [
        Unreadable(cell.plan_date, cell.team, "export.csv", row, "", "bad_time", "Starttid")
        for n, cell in enumerate(cells)
        for row in range(2, 2 + (n % 211 == 0) * (1 + n % 5))
    ]
    copies = pd.read_parquet(folder / "copies.parquet")
    before = pd.read_parquet(folder / "before.parquet")
    plan = Plan(
        visits=pd.read_parquet(folder / "visits.parquet"),
        shifts=pd.read_parquet(folder / "shifts.parquet"),
        unreadable=tuple(unreadable),
        sources=sources,
        read_at=CAPTURED_AT + timedelta(minutes=10),
        label="export.csv",
        unknown_teams=(cells[-1].team,),
    )
    yesterday = CAPTURED_AT - timedelta(days=1)
    history = History(
        copies={
            Cell(day, team): EarlierCopy(visits, cancelled, yesterday, yesterday, "")
            for day, team, visits, cancelled in copies.itertuples(index=False, name=None)
        },
        counts=Counts.read((folder / "counts.json").read_bytes()) or Counts(),
        stores=("share",),
    )
    return Given(settings, plan, before, history)


def ours(folder: Path, groups: int = GROUPS) -> Callable[[], Verdicts]:
    """The product's validation as a run does it: looks, lets go of the plan, judges."""
    import pyarrow.parquet  # noqa: F401 - imported before the work is timed
    import reservplan.validate.judging  # noqa: F401
    from reservplan.memory import give_memory_back
    from reservplan.validate import judge_seen, look

    held = [given(folder, groups)]

    def work() -> Verdicts:
        one = held.pop()
        seen = look(one.plan, one.settings, cells_of(groups), one.history, one.before)
        settings = one.settings
        del one
        give_memory_back()
        judged = judge_seen(seen, settings)
        return {
            str(cell): [judgement.verdict.value, sorted(reason.code for reason in judgement.reasons)]
            for cell, judgement in judged.items()
        }

    return work


def plain(folder: Path, groups: int = GROUPS) -> Callable[[], Verdicts]:
    """The same checks in plain pandas."""
    import pandas as pd

    from benchmarks.plain_checks import Remembered, checked

    held = [given(folder, groups)]
    remembered = Remembered(pd.read_parquet(folder / "counts.parquet"), pd.read_parquet(folder / "copies.parquet"))
    return lambda: checked(held.pop(), cells_of(groups), remembered)


WAYS = {"ours": ours, "plain": plain}


def main(way: str, folder: str, groups: str = str(GROUPS)) -> None:
    """Do one of them, and print how long it worked."""
    place = Path(folder)
    if way == "prepare":
        prepare(place, int(groups))
        return
    work = WAYS[way](place, int(groups))
    began = monotonic()
    verdicts = work()
    seconds = monotonic() - began
    (place / f"{way}.json").write_text(json.dumps(verdicts, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    print(json.dumps({"work_seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
