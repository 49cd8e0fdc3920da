"""What differs between a cell's plan and the one that its previous copy shows: each visit matched, each change once.

Pure: two plans in, plain values out. Only planned visits count, and only in the cell in which they begin: a night's
repeats on the day before are no changes of that day.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from reservplan.domain.plan import Cell, Plan, Status
from reservplan.render.lettering import UNKNOWN, clean
from reservplan.render.team_day import clients_of, employee_key, values_of_cell

# Longer names are cut: a line of changes must stay a line or two.
CHANGED_NAME_LIMIT = 60

# Of a visit: instants as microseconds, which are quick to compare.
Row = Mapping[str, Any]
Pair = tuple[Row, Row]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class What(StrEnum):
    """What happened to a visit."""

    ADDED = "added"
    REMOVED = "removed"
    CANCELLED = "cancelled"
    MOVED = "moved"
    REASSIGNED = "reassigned"
    MOVED_AND_REASSIGNED = "moved_and_reassigned"


@dataclass(frozen=True)
class Change:
    """One visit that is not as before; times local and aware, texts ready to print.

    `start` and `end` are the visit's now, of one that is gone the earlier ones. `was_start` and `was_end` are given
    where it has been moved, the employees where they have changed: "" where nobody is assigned, None where the name may
    not be shown. `client` is None where who it was must not be told.
    """

    what: What
    start: datetime
    end: datetime
    client: str | None
    was_start: datetime | None = None
    was_end: datetime | None = None
    employee: str = ""
    was_employee: str | None = ""


def changes_between(before: Plan, plan: Plan, cell: Cell, zone: ZoneInfo) -> tuple[Change, ...]:
    """The cell's changes by time; a visit stands in at most one of them."""
    earlier, later = _rows_that_differ(before, plan, cell)
    was_planned, planned = _with(earlier, Status.PLANNED), _with(later, Status.PLANNED)
    _, _, cancelled = _matched(_with(earlier, Status.CANCELLED), _with(later, Status.CANCELLED), _KEYS)
    pairs, gone, new = _matched(was_planned, planned, _KEYS)
    ended, gone, cancelled = _matched(gone, cancelled, _KEYS)
    shifted, gone, new = _matched(gone, new, (_client,))
    stopped, gone, _ = _matched(gone, cancelled, (_client,))
    hidden, gone, new = _became_protected(gone, new)
    may_name = _names_that_may_stand(before, plan)
    changes = [
        *(change for pair in (*pairs, *shifted, *hidden) if (change := _change(pair, zone))),
        *(_one(What.ADDED, row, _client_name(row), zone) for row in new),
        *(_one(What.CANCELLED, was, _client_name(now), zone) for was, now in (*ended, *stopped)),
        *(_one(What.REMOVED, row, _client_name(row) if may_name(row) else None, zone) for row in gone),
    ]
    return tuple(sorted(changes, key=_by_time))


_COLUMNS = (
    "visit_id", "client_id", "client_name", "start", "end", "employee_id", "employee_name", "protected",
    "employee_protected", "status",
)  # fmt: skip


def _rows_that_differ(before: Plan, plan: Plan, cell: Cell) -> tuple[list[Row], list[Row]]:
    """The cell's rows by time, without those that stand alike in both plans: on most days nearly all."""
    earlier, later = (values_of_cell(each.visits, cell, _COLUMNS) for each in (before, plan))
    alike = set(earlier) & set(later)
    return _by_start(earlier, alike), _by_start(later, alike)


def _by_start(rows: list[tuple[Any, ...]], alike: set[tuple[Any, ...]]) -> list[Row]:
    differing = (dict(zip(_COLUMNS, row, strict=True)) for row in rows if row not in alike)
    return sorted(differing, key=lambda row: (row["start"], row["end"], row["visit_id"]))


def _with(rows: Iterable[Row], status: Status) -> list[Row]:
    return [row for row in rows if row["status"] == status]


Key = Callable[[Row], Hashable | None]


def _visit(row: Row) -> Hashable | None:
    # With the client: where a source numbers its rows anew at each export, its numbers mean somebody else.
    return (row["visit_id"], row["client_id"]) if row["visit_id"] else None


def _same(row: Row) -> Hashable | None:
    # Before the start alone: two colleagues at a double staffing must not seem to have changed places.
    return (row["client_id"], row["start"], row["end"], employee_key(row)) if row["client_id"] else None


def _client_and_start(row: Row) -> Hashable | None:
    return (row["client_id"], row["start"]) if row["client_id"] else None


def _client(row: Row) -> Hashable | None:
    return row["client_id"] or None


def _time_and_employee(row: Row) -> Hashable | None:
    return row["start"], row["end"], employee_key(row)


_KEYS: tuple[Key, ...] = (_visit, _same, _client_and_start)


def _matched(before: list[Row], after: list[Row], keys: Iterable[Key]) -> tuple[list[Pair], list[Row], list[Row]]:
    """Pairs of equal keys, the first key first and in order of time, and what is left over on both sides."""
    pairs: list[Pair] = []
    for key in keys:
        waiting: dict[Hashable, list[Row]] = defaultdict(list)
        for row in reversed(after):
            waiting[key(row)].append(row)
        waiting.pop(None, None)
        left, taken = [], set()
        for row in before:
            if found := waiting.get(key(row)):
                now = found.pop()
                pairs.append((row, now))
                taken.add(id(now))
            else:
                left.append(row)
        before, after = left, [row for row in after if id(row) not in taken]
    return pairs, before, after


def _became_protected(gone: list[Row], new: list[Row]) -> tuple[list[Pair], list[Row], list[Row]]:
    """The visits of clients who are protected since: their ids are new, their times and employees are not."""
    known = [row for row in gone if not row["protected"]]
    pairs, known, protected = _matched(known, [row for row in new if row["protected"]], (_time_and_employee,))
    open_still = [row for row in new if not row["protected"]]
    return pairs, [*known, *(row for row in gone if row["protected"])], [*open_still, *protected]


def _names_that_may_stand(before: Plan, plan: Plan) -> Callable[[Row], bool]:
    """Which clients may be named as removed.

    Who has become protected has got another id: her own name, "removed", must not stand on the paper that hides her.
    """
    earlier, later = clients_of(before.visits), clients_of(plan.visits)
    if later.protected <= earlier.protected:
        return lambda _: True
    return lambda row: bool(row["protected"]) or row["client_id"] in later.open


def _change(pair: Pair, zone: ZoneInfo) -> Change | None:
    was, now = pair
    moved = (was["start"], was["end"]) != (now["start"], now["end"])
    reassigned = employee_key(was) != employee_key(now)
    if not moved and not reassigned:
        return None
    both = What.MOVED_AND_REASSIGNED if moved else What.REASSIGNED
    return Change(
        what=both if reassigned else What.MOVED,
        start=_local(now["start"], zone),
        end=_local(now["end"], zone),
        client=_client_name(now),
        was_start=_local(was["start"], zone) if moved else None,
        was_end=_local(was["end"], zone) if moved else None,
        employee=_employee_name(now) if reassigned else "",
        was_employee=_earlier_employee(was, now) if reassigned else "",
    )


def _earlier_employee(was: Row, now: Row) -> str | None:
    # "Now protected, before Anna Ek" may be the same person, who has become protected since.
    return None if now["employee_protected"] and not was["employee_protected"] else _employee_name(was)


def _local(microseconds: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=microseconds)).astimezone(zone)


def _one(what: What, row: Row, client: str | None, zone: ZoneInfo) -> Change:
    return Change(what, _local(row["start"], zone), _local(row["end"], zone), client)


def _client_name(row: Row) -> str:
    return clean(row["client_name"], CHANGED_NAME_LIMIT)


def _employee_name(row: Row) -> str:
    if not employee_key(row):
        return ""
    return clean(row["employee_name"], CHANGED_NAME_LIMIT) or clean(row["employee_id"]) or UNKNOWN


def _by_time(change: Change) -> tuple[float, float, str, str, str, float]:
    was = change.was_start.timestamp() if change.was_start else 0.0
    times = change.start.timestamp(), change.end.timestamp()
    return (*times, change.client or "", change.what, f"{change.employee}\n{change.was_employee}", was)
