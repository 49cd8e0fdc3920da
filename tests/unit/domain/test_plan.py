"""Which unreadable rows concern a cell."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
from reservplan.domain.plan import Cell, Plan, Unreadable

DAY = date(2026, 11, 23)


def row(number: int, plan_date: date | None, team: str | None) -> Unreadable:
    return Unreadable(plan_date, team, "x.csv", number, "25:99", "bad_time", "Starttid")


def plan(*unreadable: Unreadable) -> Plan:
    return Plan(pd.DataFrame(), pd.DataFrame(), unreadable, {}, datetime(2026, 11, 23, 4, tzinfo=UTC), "x.csv")


def test_a_row_concerns_every_cell_that_it_may_belong_to_in_the_order_of_the_export() -> None:
    rows = [
        row(2, DAY, "Ullared"), row(3, None, None), row(4, DAY, None), row(5, None, "Ullared"), row(6, DAY, "Glommen"),
        row(7, DAY + timedelta(days=1), "Ullared"), row(8, DAY, "Ullared"),
    ]  # fmt: skip
    assert [one.row for one in plan(*rows).unreadable_of(Cell(DAY, "Ullared"))] == [2, 3, 4, 5, 8]
    assert [one.row for one in plan(*rows).unreadable_of(Cell(DAY, "Vinberg"))] == [3, 4]


class Counted(tuple[Unreadable, ...]):
    """Rows that count how often somebody goes through them all."""

    times = 0

    def __iter__(self) -> Iterator[Unreadable]:
        self.times += 1
        return super().__iter__()


def test_the_rows_are_gone_through_once_however_many_groups_are_asked_for() -> None:
    cells = [Cell(DAY, f"Grupp {n}") for n in range(100)]
    rows = Counted(row(n, *cells[n % 100]) for n in range(1000))
    unreadable = replace(plan(), unreadable=rows)
    assert sum(len(unreadable.unreadable_of(cell)) for cell in cells) == 1000
    assert rows.times == 1
