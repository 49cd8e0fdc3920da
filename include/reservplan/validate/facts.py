"""What can be counted in the plan before anything is judged: one row a visit, one row a cell, no person in either.

Great Expectations is shown these two frames only, so no result of it can hold a name.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import numpy as np
import pandas as pd

from reservplan.domain.plan import Cell, Plan, Status
from reservplan.memory import give_memory_back
from reservplan.settings import Settings
from reservplan.validate.numbered import numbered

CELL = ["plan_date", "team"]
PERSON = ["team", "employee_id"]
# Booleans of a visit: True where it is as it should be.
VISIT_RULES = ("has_its_own_id", "names_a_client", "has_times", "has_a_possible_length", "begins_on_its_day")
SHORTEST_VISIT = timedelta(minutes=1)
# What is asked of a visit. The texts are most of a frame, and every selection and sorting copies what it is given.
ASKED_OF_VISITS = [
    "plan_date", "team", "visit_id", "client_id", "start", "end", "employee_id", "double_staffing_id",
]  # fmt: skip
COUNTED_BY_EXTRACT = (
    "masked",
    "protected",
    "moved_clock",
    "unknown_status",
    "duplicates",
    "duplicate_id",
    "future_time",
    "other_file",
    "blank_columns",
)


def planned_visits(plan: Plan, cells: Sequence[Cell]) -> pd.DataFrame:
    """The planned visits of the asked cells, `ASKED_OF_VISITS` of each; no margin days, no rows that are no visits."""
    visits = plan.visits.loc[plan.visits["status"] == Status.PLANNED.value, ASKED_OF_VISITS]
    asked = pd.MultiIndex.from_tuples(cells, names=CELL)
    return visits[pd.MultiIndex.from_frame(visits[CELL]).isin(asked)]


def visit_facts(plan: Plan, visits: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """One row a visit: its cell, and a boolean for every rule about single rows."""
    length = visits["end"] - visits["start"]
    longest = timedelta(hours=settings.thresholds.longest_visit_hours)
    facts = visits[CELL].copy()
    # A day at a time: to tell what is there twice takes several times the memory of what is looked at.
    repeats = visits.groupby("plan_date", sort=False)["visit_id"].transform(lambda ids: ids.duplicated(keep="first"))
    facts["has_its_own_id"] = (visits["visit_id"] != "") & ~repeats.astype(bool)
    facts["names_a_client"] = (visits["client_id"] != "") & (plan.visits["client_name"] != "").loc[visits.index]
    facts["has_times"] = visits["start"].notna() & visits["end"].notna()
    facts["has_a_possible_length"] = (length >= SHORTEST_VISIT) & (length <= longest)
    facts["begins_on_its_day"] = visits["start"].dt.date == visits["plan_date"]
    return facts


def cell_facts(plan: Plan, cells: Sequence[Cell], visits: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a cell, in the order of `cells`: counts, and what the source says of it."""
    index = pd.MultiIndex.from_tuples(cells, names=CELL)
    facts = pd.DataFrame(index=index)
    facts["visits"] = _count(visits, index)
    facts["unassigned"] = _count(visits[visits["employee_id"] == ""], index)
    facts["employees"] = _count(_one_of_each_employee(visits), index)
    facts["cancelled"] = _count(plan.visits.loc[plan.visits["status"] == Status.CANCELLED.value, CELL], index)
    faulty = rows[~rows[list(VISIT_RULES)].all(axis=1)]
    facts["unreadable"] = _count(faulty, index) + [len(plan.unreadable_of(cell)) for cell in cells]
    # What follows sorts visits; a million of them take 0.2 GB: one rule after another, a day at a time where that does.
    give_memory_back()
    facts["in_two_places"] = _count(visits[_in_two_places(plan).reindex(visits.index, fill_value=False)], index)
    give_memory_back()
    days = visits.groupby("plan_date", sort=False)
    facts["outside_shift"] = sum(_count(_outside_shift(plan, of_day), index) for _, of_day in days)
    give_memory_back()
    facts["staffed_alone"] = _lonely_double_staffing(visits).groupby(CELL).size().reindex(index)
    for name in COUNTED_BY_EXTRACT:
        facts[name] = [plan.sources[cell].counts.get(name, 0) if cell in plan.sources else 0 for cell in cells]
    return facts.fillna(0).astype("int64").reset_index()


def _count(rows: pd.DataFrame, index: pd.MultiIndex) -> pd.Series:
    return cast(pd.Series, rows.groupby(CELL).size().reindex(index, fill_value=0))


def _one_of_each_employee(visits: pd.DataFrame) -> pd.DataFrame:
    """The first visit of each employee in each cell."""
    (people,) = numbered([*CELL, "employee_id"], visits)
    repeated = pd.Series(people, index=visits.index).duplicated()
    return visits[(visits["employee_id"] != "") & ~repeated]


def _in_two_places(plan: Plan) -> pd.Series:
    """Planned visits that begin while the same employee is at another; also across midnight."""
    is_work = (plan.visits["status"] == Status.PLANNED.value) & (plan.visits["employee_id"] != "")
    visits = plan.visits.loc[is_work, ["start", "end"]]
    visits["person"] = numbered(PERSON, plan.visits)[0][is_work]
    visits = visits.sort_values(["person", "start", "end"])
    give_memory_back()
    return visits["start"] < _latest_end_before(visits, ["person"])


def _latest_end_before(ordered: pd.DataFrame, keys: list[str]) -> pd.Series:
    """For each row the latest end of the rows before it in its group; NaT for the first."""
    # Not only the visit before: a long one may still go on when the next but one begins.
    latest = ordered.groupby(keys, sort=False)["end"].cummax()
    return latest.groupby([ordered[key] for key in keys], sort=False).shift()


def _outside_shift(plan: Plan, visits: pd.DataFrame) -> pd.DataFrame:
    """Those of the visits whose employees have shifts, but that lie inside none of them."""
    on_shift, at_visit = numbered(PERSON, plan.shifts, visits)
    shifts = pd.DataFrame({"person": on_shift, "start": plan.shifts["start"], "until": plan.shifts["end"]})
    shifts = shifts.dropna().sort_values("start")
    # Inside one of several shifts is what ends by the latest end of all that have begun when it begins.
    shifts["until"] = shifts.groupby("person")["until"].cummax()
    judged = visits[["start", "end"]].assign(person=at_visit, row=visits.index)
    judged = judged[np.isin(at_visit, on_shift)].dropna().sort_values("start")
    found = pd.merge_asof(judged, shifts, on="start", by="person")
    return visits.loc[found.loc[~(found["end"] <= found["until"]), "row"]]


def _lonely_double_staffing(visits: pd.DataFrame) -> pd.DataFrame:
    """The occasions of double staffing (a row each) at which no two different employees are at the same time."""
    occasion = [*CELL, "double_staffing_id"]
    ordered = visits[visits["double_staffing_id"] != ""].sort_values([*occasion, "start", "end"])
    together = ordered["start"] < _latest_end_before(ordered, occasion)
    others = ordered["employee_id"] != ordered.groupby(occasion, sort=False)["employee_id"].shift()
    both = together & others & (ordered["employee_id"] != "")
    met = both.groupby([ordered[key] for key in occasion], sort=False).any()
    return met[~met].rename("met").reset_index()
