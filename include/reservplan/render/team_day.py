"""One team's day as people see it: who works when, which visits each has, and which stand here a second time.

Pure: the plan's frames in, plain values out. A visit is shown unmarked in the cell in which it begins; a night shift's
visits after midnight are shown once more, as repeats, on the list of the day on which the shift began.
"""

from __future__ import annotations

import weakref
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from reservplan.domain.days import ONE_DAY, first_instant
from reservplan.domain.plan import Cell, Plan, Status, Unreadable
from reservplan.domain.swedish import swedish_order
from reservplan.render.lettering import UNKNOWN, clean, clean_lines

if TYPE_CHECKING:
    import pandas as pd

NOTE_LIMIT = 500
# A row may not grow taller than a page: no part of it may be longer than this.
TEXT_LIMIT = 600
NAME_LIMIT = 300
NIGHT_SHIFT_FROM_HOUR = 18


@dataclass(frozen=True)
class Visit:
    """A visit, or another row of the plan, with all its texts ready to print; times are local and aware."""

    visit_id: str
    plan_date: date
    start: datetime
    end: datetime
    employee: str
    employee_name: str
    client: str
    address: str
    phone: str
    activities: str
    access: str
    note: str
    priority: str
    route: str
    double_staffing_id: str
    colleagues: tuple[Colleague, ...] = ()
    other: bool = False
    repeat: bool = False


@dataclass(frozen=True)
class Colleague:
    """Somebody who does the same visit; `team` only where it is another team, "" as name where nobody is assigned."""

    name: str
    team: str
    start: datetime


@dataclass(frozen=True)
class Shift:
    """One shift; `plan_date` is the day on which it begins."""

    plan_date: date
    employee: str
    employee_name: str
    start: datetime
    end: datetime
    phone: str

    def passes(self, midnight: datetime) -> bool:
        """Whether the shift is still on after that midnight."""
        return self.start.timestamp() < midnight.timestamp() < self.end.timestamp()

    @property
    def is_night(self) -> bool:
        """Whether it begins in the evening and goes on after midnight; who begins earlier works the evening."""
        ends_later = self.end.date() > self.plan_date and self.end.time() > time.min
        return ends_later and self.start.hour >= NIGHT_SHIFT_FROM_HOUR

    def holds(self, visit: Visit) -> bool:
        """Whether the visit begins during the shift."""
        return self.start.timestamp() <= visit.start.timestamp() < self.end.timestamp()


@dataclass(frozen=True)
class Worker:
    """An employee's day: visits of the night shift that began yesterday, today's visits, and repeats after midnight."""

    name: str
    phone: str
    shifts: tuple[Shift, ...]
    night_from: Shift | None
    from_last_night: tuple[Visit, ...]
    today: tuple[Visit, ...]
    after_midnight: tuple[Visit, ...]

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Everything on the employee's pages, in time order."""
        return (*self.from_last_night, *self.today, *self.after_midnight)

    def in_shift(self, visit: Visit) -> bool:
        """Whether the visit lies in one of today's shifts."""
        return any(shift.holds(visit) for shift in self.shifts)

    def in_coming_night(self, visit: Visit) -> bool:
        """Whether the visit lies in a night shift that begins today."""
        return any(shift.is_night and shift.holds(visit) for shift in self.shifts)

    @property
    def counted(self) -> int:
        """Visits that count on this day: no repeats, no breaks."""
        return sum(not visit.repeat and not visit.other for visit in self.visits)


@dataclass(frozen=True)
class TeamDay:
    """What the paper of one cell shows."""

    cell: Cell
    workers: tuple[Worker, ...]
    unassigned: tuple[Visit, ...]
    unreadable: tuple[Unreadable, ...]


def team_day(plan: Plan, cell: Cell, zone: ZoneInfo) -> TeamDay:
    """Put one cell together; employees A–Ö, visits by time."""
    tomorrow = cell.plan_date + ONE_DAY
    shared_names = _shared_names(plan, cell)
    today = _visits(plan, cell, zone, shared_names)
    shifts = _shifts(plan, cell, zone, shared_names)
    nights_before = [
        shift
        for shift in _shifts(plan, Cell(cell.plan_date - ONE_DAY, cell.team), zone, shared_names)
        if shift.passes(first_instant(cell.plan_date, zone))
    ]
    nights_ahead = [shift for shift in shifts if shift.passes(first_instant(tomorrow, zone))]
    night_ends = max((night.end for night in nights_ahead), default=None, key=datetime.timestamp)
    ahead = _visits(plan, Cell(tomorrow, cell.team), zone, shared_names, night_ends) if night_ends else []
    repeats = [replace(visit, repeat=True) for visit in ahead if _in_a_night(visit, nights_ahead)]
    workers = _workers(today, repeats, shifts, nights_before)
    unassigned = [visit for visit in (*today, *repeats) if not visit.employee]
    return TeamDay(
        cell=cell,
        workers=tuple(sorted(workers, key=lambda worker: (swedish_order(worker.name), worker.name))),
        unassigned=tuple(sorted(unassigned, key=_by_time)),
        unreadable=plan.unreadable_of(cell),
    )


def _in_a_night(visit: Visit, nights: Iterable[Shift]) -> bool:
    """Whether the visit lies in its employee's night; an unassigned one may fall to anybody who works that night."""
    return any(
        visit.start.timestamp() < night.end.timestamp() and visit.employee in ("", night.employee) for night in nights
    )


def _workers(
    today: list[Visit], repeats: list[Visit], shifts: list[Shift], nights_before: list[Shift]
) -> Iterable[Worker]:
    by_employee: dict[str, list[Visit]] = defaultdict(list)
    for visit in (*today, *repeats):
        if visit.employee:
            by_employee[visit.employee].append(visit)
    shifts_of: dict[str, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda shift: shift.start.timestamp()):
        shifts_of[shift.employee].append(shift)
    night_of = {shift.employee: shift for shift in nights_before}
    for employee in sorted({*by_employee, *shifts_of, *night_of}):
        visits = sorted(by_employee[employee], key=_by_time)
        night = night_of.get(employee)
        own_shifts = tuple(shifts_of[employee])
        known = [*own_shifts, *([night] if night else [])]
        last_night = {v.visit_id for v in visits if night and not v.repeat and _in_a_night(v, [night])}
        yield Worker(
            name=next(filter(None, (v.employee_name for v in visits)), "")
            or _name(known)
            or clean(employee)
            or UNKNOWN,
            phone=next((shift.phone for shift in known if shift.phone), ""),
            shifts=own_shifts,
            night_from=night,
            from_last_night=tuple(v for v in visits if not v.repeat and v.visit_id in last_night),
            today=tuple(v for v in visits if not v.repeat and v.visit_id not in last_night),
            after_midnight=tuple(v for v in visits if v.repeat),
        )


def _name(shifts: Iterable[Shift]) -> str:
    return next((shift.employee_name for shift in shifts if shift.employee_name), "")


def _by_time(visit: Visit) -> tuple[float, float, str, str]:
    # Instants, not wall clocks: in the autumn night 02:30 comes twice.
    return visit.start.timestamp(), visit.end.timestamp(), visit.client, visit.visit_id


def _visits(
    plan: Plan, cell: Cell, zone: ZoneInfo, shared_names: Set[str], before: datetime | None = None
) -> list[Visit]:
    """The cell's rows that are printed, so not cancelled ones; `before` leaves out those that start later."""
    rows = _rows(plan.visits, cell)
    return [
        _visit(plan, row, zone, shared_names)
        for row in rows
        if row["status"] != Status.CANCELLED and (before is None or row["start"].timestamp() < before.timestamp())
    ]


def _visit(plan: Plan, row: Mapping[str, Any], zone: ZoneInfo, shared_names: Set[str]) -> Visit:
    place = f"{row['postal_code']} {row['city']}".strip()
    return Visit(
        visit_id=row["visit_id"],
        plan_date=row["plan_date"],
        start=_local(row["start"], zone),
        end=_local(row["end"], zone),
        employee=employee_key(row),
        employee_name=_employee_name(row, shared_names),
        client=clean(row["client_name"], NAME_LIMIT),
        address=clean(", ".join(part for part in (row["address"], place) if part)),
        phone=clean(row["phone"]),
        activities=clean_lines(row["activities"], TEXT_LIMIT),
        access=clean_lines(row["access"], NAME_LIMIT),
        note=clean_lines(row["note"], NOTE_LIMIT),
        priority=clean(row["priority"], 12),
        route=clean(row["route"], 40),
        double_staffing_id=row["double_staffing_id"],
        colleagues=_colleagues(plan, row, zone, shared_names) if row["double_staffing_id"] else (),
        other=row["status"] == Status.OTHER,
    )


def _colleagues(plan: Plan, row: Mapping[str, Any], zone: ZoneInfo, shared_names: Set[str]) -> tuple[Colleague, ...]:
    """Who shares the occasion; in another team only at the same client's, for numbers may be reused between teams."""
    occasion = (row["plan_date"], row["double_staffing_id"])
    others = [
        other
        for other in _index(plan.visits).by_occasion.get(occasion, ())
        if other["visit_id"] != row["visit_id"]
        and other["status"] == Status.PLANNED
        and (other["team"] == row["team"] or other["client_id"] == row["client_id"])
    ]
    return tuple(
        sorted(
            (
                Colleague(
                    name=_employee_name(other, shared_names),
                    team="" if other["team"] == row["team"] else clean(other["team"]),
                    start=_local(other["start"], zone),
                )
                for other in others
            ),
            key=lambda colleague: (swedish_order(colleague.name), colleague.team, colleague.start.timestamp()),
        )
    )


def _shifts(plan: Plan, cell: Cell, zone: ZoneInfo, shared_names: Set[str]) -> list[Shift]:
    return [
        Shift(
            plan_date=row["plan_date"],
            employee=employee_key(row),
            employee_name=_employee_name(row, shared_names),
            start=_local(row["start"], zone),
            end=_local(row["end"], zone),
            phone=clean(row["phone"], 60),
        )
        for row in _rows(plan.shifts, cell)
    ]


def _shared_names(plan: Plan, cell: Cell) -> frozenset[str]:
    """The names that several of those bear who have visits in the cell; protected people's do not count."""
    rows = values_of_cell(plan.visits, cell, ("employee_id", "employee_name", "employee_protected"))
    people = {(employee_id, name) for employee_id, name, protected in rows if employee_id and not protected}
    names = Counter(name for _, name in people)
    return frozenset(name for name, count in names.items() if count > 1)


def _employee_name(row: Mapping[str, Any], shared_names: Set[str]) -> str:
    """The name, with the id where it alone does not tell who it is: others bear it, or no font of ours can write it.

    Protected people stay as the source's reading has left them.
    """
    name, employee_id = row["employee_name"], row["employee_id"]
    shown = clean(name, NAME_LIMIT)
    tells = name and UNKNOWN not in shown and name not in shared_names
    if tells or employee_id in ("", name) or row.get("employee_protected", False):
        return shown
    return clean(f"{shown} ({employee_id})", NAME_LIMIT)


def employee_key(row: Mapping[str, Any]) -> str:
    """Who does it: the id, or the name where the source has none; "" for nobody."""
    return str(row["employee_id"] or row["employee_name"])


def _local(instant: Any, zone: ZoneInfo) -> datetime:
    local: datetime = instant.to_pydatetime().astimezone(zone)
    return local


@dataclass(frozen=True)
class Clients:
    """The ids of a frame's clients, by whether they are protected."""

    protected: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Index:
    """Where a frame's rows of a cell stand; rows of occasions with several employees, `_OF_COLLEAGUES`; its clients."""

    by_cell: Mapping[tuple[date, str], Any]
    by_occasion: Mapping[tuple[date, str], list[dict[str, Any]]]
    clients: Clients


_OF_COLLEAGUES = [
    "visit_id", "team", "client_id", "status", "employee_id", "employee_name", "employee_protected", "start"
]  # fmt: skip

# A run lays out thousands of cells of the same frames; looking through the whole frame for each would take hours. The
# entry goes with its frame: a frame that is gone can never be taken for a new one at the same address.
_INDEXES: dict[int, tuple[weakref.ref[pd.DataFrame], _Index]] = {}


def _index(frame: pd.DataFrame) -> _Index:
    key = id(frame)
    held = _INDEXES.get(key)
    if held is None or held[0]() is not frame:
        by_occasion: dict[tuple[date, str], list[dict[str, Any]]] = {}
        if "double_staffing_id" in frame.columns:
            shared = frame[(frame["double_staffing_id"] != "").to_numpy()]
            occasions = zip(shared["plan_date"], shared["double_staffing_id"], strict=True)
            for occasion, row in zip(occasions, _records(shared, _OF_COLLEAGUES), strict=True):
                by_occasion.setdefault(occasion, []).append(row)
        by_cell: dict[tuple[date, str], list[int]] = {}
        for position, name in enumerate(zip(frame["plan_date"], frame["team"], strict=True)):
            by_cell.setdefault(name, []).append(position)
        reference = weakref.ref(frame, lambda _: _INDEXES.pop(key, None))
        held = _INDEXES[key] = (reference, _Index(by_cell, by_occasion, _clients(frame)))
    return held[1]


def _clients(frame: pd.DataFrame) -> Clients:
    if "protected" not in frame.columns:
        return Clients()
    protected = frame["protected"].to_numpy(dtype=bool)
    ids = frame["client_id"]
    return Clients(frozenset(ids[protected].unique()), frozenset(ids[~protected].unique()))


def clients_of(visits: pd.DataFrame) -> Clients:
    """Whose visits the frame holds, looked up once a frame."""
    return _index(visits).clients


def values_of_cell(frame: pd.DataFrame, cell: Cell, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """These columns of one cell's rows; instants as microseconds since 1970."""
    positions = _index(frame).by_cell.get((cell.plan_date, cell.team))
    if positions is None:
        return []
    # Of a sorted frame a cell is one piece, and a slice costs nothing.
    whole = positions[-1] - positions[0] == len(positions) - 1
    asked = slice(positions[0], positions[-1] + 1) if whole else positions
    return list(zip(*(_values(frame[name].array[asked]) for name in names), strict=True))


def _values(array: Any) -> list[Any]:
    instants = array.dtype.kind == "M"
    return list((array.as_unit("us").asi8 if instants else array.to_numpy(dtype=object)).tolist())


def _rows(frame: pd.DataFrame, cell: Cell) -> list[dict[str, Any]]:
    positions = _index(frame).by_cell.get((cell.plan_date, cell.team))
    if positions is None:
        return []
    return _records(frame.take(positions), list(frame.columns))


def _records(frame: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    # By way of NumPy: asked for its values one by one, Arrow takes ten times as long.
    columns = [frame[name].to_numpy(dtype=object).tolist() for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
