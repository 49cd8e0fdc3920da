"""Who is protected: who is marked on one row, of whatever file and fate, is protected on all."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, compress

from reservplan.extract.cells import first_name_first
from reservplan.extract.rows import Reading, each

# The id that the source gives, and the folded name: two people share a name, none shares an id.
Who = tuple[str, str]


@dataclass(frozen=True)
class _Marks:
    """Who stands on each row of a table and is marked there, and who is marked on its other rows."""

    who: Sequence[Who]
    marks: list[bool]
    set_aside: Sequence[Who]


def spread_marks(readings: Sequence[Reading]) -> None:
    """Mark, in place, every row of everybody who is marked on one of them; before ids are made of names."""
    if any(any(reading.protected) or any(row.protected for row in reading.set_aside) for reading in readings):
        _spread([_clients(reading) for reading in readings])
    if any(
        any(reading.employee_protected) or any(row.employee_protected for row in reading.set_aside)
        for reading in readings
    ):
        _spread([_employees(reading) for reading in readings])


def _clients(reading: Reading) -> _Marks:
    columns = reading.columns
    names = each(list(zip(columns["client_name"], columns["address"], strict=True)), _client_key)
    aside = [(row.client_id, _client_key((row.client_name, row.address))) for row in reading.set_aside if row.protected]
    return _Marks(list(zip(columns["client_id"], names, strict=True)), reading.protected, aside)


def _client_key(client: tuple[str, str]) -> str:
    name, address = client
    # Without a name the address is all that tells one from the next; no name begins so.
    return first_name_first(name).casefold() or (f"\0{address.casefold()}" if address else "")


def _employees(reading: Reading) -> _Marks:
    columns = reading.columns
    names = each(columns["employee_name"], str.casefold)
    aside = [(row.employee_id, row.employee_name.casefold()) for row in reading.set_aside if row.employee_protected]
    return _Marks(list(zip(columns["employee_id"], names, strict=True)), reading.employee_protected, aside)


def _spread(tables: Sequence[_Marks]) -> None:
    marked = set(chain.from_iterable([*compress(table.who, table.marks), *table.set_aside] for table in tables))
    protected = _rows_of(marked, set(chain.from_iterable(table.who for table in tables)))
    for table in tables:
        table.marks[:] = [mark or who in protected for who, mark in zip(table.who, table.marks, strict=True)]


def _rows_of(marked: set[Who], everybody: set[Who]) -> set[Who]:
    """Which of everybody are the marked: by id where both have one, else by name."""
    everybody = everybody | marked
    marked_by_name = {name for given, name in marked if name and not given}
    ids = {given for given, _ in marked} | {given for given, name in everybody if name in marked_by_name}
    ids.discard("")
    names = marked_by_name | {name for given, name in everybody if given in ids}
    names.discard("")
    return {(given, name) for given, name in everybody if (given in ids if given else name in names)}
