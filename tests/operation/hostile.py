"""Exports as they must not be: each has a person's values where nobody expects them, or breaks in the midst of one."""

import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl

from tests.operation.planted import HEADINGS, People, Row, csv_of


@dataclass(frozen=True)
class Export:
    """A file as it is saved, and what the settings' `source` says besides."""

    content: bytes
    suffix: str = ".csv"
    source: Mapping[str, Any] = field(default_factory=dict)


# One mobile number in twenty looks like a personnummer: what stands here is left as it is.
LIKE_NUMBERS = ("Telefon", "Postnr")
KINDS = (
    "name", "number", "short number", "phone", "time and name", "date and name", "many digits", "a power", "no digit",
)  # fmt: skip
Make = Callable[[People, list[Row]], Export]
# Cells that a careless hand may fill with another's value, each with every kind of value.
CELLS = (
    "Datum", "Grupp", "BesöksID", "Kundnr", "Starttid", "Längd", "Anställningsnr", "Medarbetare", "Telefon", "Postnr",
    "Dubbelid", "Prio", "Status", "Sekretess",
)  # fmt: skip


def astray(heading: str, what: str, share: int) -> Make:
    """Every `share`th row has a client's value below a wrong heading."""

    def make(people: People, rows: list[Row]) -> Export:
        for n, row in enumerate(rows):
            if n % share == 0:
                row[heading] = value_of(people, n, what)
        return text(rows)

    return make


def value_of(people: People, n: int, what: str) -> str:
    # The last is protected: his or her name below a wrong heading is another's, as far as anybody can tell.
    client = people.clients[n % (len(people.clients) - 1)]
    return {
        "name": f"{client.first} {client.last}",
        "number": client.identity_number,
        "short number": client.identity_number[2:].replace("-", ""),
        "phone": client.phone,
        "time and name": f"08:15 {client.first} {client.last}",
        "date and name": f"2026-11-23 {client.last}",
        "many digits": client.door_code[1:] * 400,
        "a power": f"{client.door_code[1:]}e{client.door_code[1:]}",
        "no digit": f"{client.first}²",
    }[what]


def text(rows: Sequence[Row], **source: Any) -> Export:
    return Export(csv_of(rows).encode(), source=source)


def half(people: People, rows: list[Row]) -> Export:
    content = csv_of(rows).encode()
    return Export(content[: content.rindex(people.clients[2].last.encode()) + 5])


def no_headings(_: People, rows: list[Row]) -> Export:
    return Export(csv_of(rows).split("\r\n", 1)[1].encode())


def headings_of_people(people: People, rows: list[Row]) -> Export:
    wrong = [people.clients[n % 7].first if n in (4, 11, 14) else heading for n, heading in enumerate(HEADINGS)]
    return Export((";".join(wrong) + "\r\n" + csv_of(rows).split("\r\n", 1)[1]).encode())


def heading_twice(_: People, rows: list[Row]) -> Export:
    return Export(csv_of(rows).replace("Intern anteckning", "Starttid", 1).encode())


def tenfold(_: People, rows: list[Row]) -> Export:
    return text(rows * 10)


def tenfold_with_other_names(people: People, rows: list[Row]) -> Export:
    return text([row | {"Efternamn": client.last} for row in rows for client in people.clients[:-1]])


def damaged_letter(people: People, rows: list[Row]) -> Export:
    name = people.clients[1].last.encode()
    content = csv_of(rows).encode().replace(name, name[:4] + b"\xff\xfe\x81" + name[4:])
    return Export(content, source={"encoding": "utf-8"})


def damaged_letter_guessed(people: People, rows: list[Row]) -> Export:
    return Export(damaged_letter(people, rows).content)


def half_a_letter(_: People, rows: list[Row]) -> Export:
    return Export(csv_of(rows).encode("utf-16")[:-1], source={"encoding": "utf-16"})


def lone_surrogates(people: People, rows: list[Row]) -> Export:
    content = csv_of(rows).encode("unicode_escape").replace(b"\\r\\n", b"\r\n")
    name = people.clients[1].last.encode("unicode_escape")
    return Export(content.replace(name, name + b"\\ud800"), source={"encoding": "unicode_escape"})


def lone_surrogate_in_team(people: People, rows: list[Row]) -> Export:
    content = csv_of(rows).encode("unicode_escape").replace(b"\\r\\n", b"\r\n")
    name = people.clients[1].last.encode("unicode_escape")
    return Export(content.replace(b";Ullared;", b";" + name + b"\\udc80;"), source={"encoding": "unicode_escape"})


def unknown_encoding(_: People, rows: list[Row]) -> Export:
    return text(rows, encoding="utf-88")


def control_letters(people: People, rows: list[Row]) -> Export:
    name = people.clients[1].last
    return Export(csv_of(rows).replace(name, f"{name}\x0b\x00\x1b[31m\u202e").encode())


def open_quote(people: People, rows: list[Row]) -> Export:
    name = people.clients[1].first
    return Export(csv_of(rows).replace(name, f'"{name}', 1).encode())


def open_quote_everywhere(people: People, rows: list[Row]) -> Export:
    name = people.clients[1].first
    return Export(csv_of(rows).replace(name, f'"{name}').encode())


def more_cells(people: People, rows: list[Row]) -> Export:
    name = people.clients[1].first
    return Export(csv_of(rows).replace(name, f"{name};{name};{name}").encode())


def fewer_cells(people: People, rows: list[Row]) -> Export:
    name = people.clients[1].last
    lines = [line.partition(name)[0] + name if name in line else line for line in csv_of(rows).splitlines()]
    return Export("\r\n".join([*lines, ""]).encode())


def endless_note(people: People, rows: list[Row]) -> Export:
    for row in rows[::3]:
        row["Notering"] = f"{people.clients[1].note} " * 20_000
    return text(rows)


def totals_with_names(people: People, rows: list[Row]) -> Export:
    totals = [dict.fromkeys(HEADINGS, "") | {"Datum": f"Summa {client.last}: 12"} for client in people.clients]
    return text([*rows, *totals])


def only_people_as_teams(_: People, rows: list[Row]) -> Export:
    for row in rows:
        row["Grupp"] = f"{row['Förnamn']} {row['Efternamn']}"
    return text(rows)


def contradicting_ids(people: People, rows: list[Row]) -> Export:
    for row in rows:
        row["BesöksID"] = people.clients[0].identity_number
    return text(rows)


def everything_is_a_name(people: People, rows: list[Row]) -> Export:
    return text([dict.fromkeys(HEADINGS, value_of(people, n, "name")) for n, _ in enumerate(rows)])


def workbook(_: People, rows: list[Row]) -> Export:
    return Export(_book(rows), ".xlsx")


def workbook_with_sheets_of_people(people: People, rows: list[Row]) -> Export:
    content = _book(rows, title=people.clients[1].last, before=[people.clients[2].last])
    return Export(content, ".xlsx", {"sheet": "Planering"})


def workbook_cut(_: People, rows: list[Row]) -> Export:
    content = _book(rows)
    return Export(content[: len(content) * 2 // 3], ".xlsx")


def workbook_damaged(_: People, rows: list[Row]) -> Export:
    content = bytearray(_book(rows))
    for at in random.Random(3).sample(range(len(content) // 4, len(content) // 2), 60):  # noqa: S311
        content[at] ^= 0xFF
    return Export(bytes(content), ".xlsx")


def workbook_of_odd_cells(people: People, rows: list[Row]) -> Export:
    name = people.clients[1].last
    odd: list[Any] = [1e300, -5.0, 2958466.0, True, f"={name}()", "#N/A", f"_xD800_{name}", 10**40]
    for n, row in enumerate(rows):
        row["Starttid" if n % 2 else "Längd"] = odd[n % len(odd)]
        row["Datum"] = odd[n % len(odd)] if n % 5 == 0 else row["Datum"]
        row["Efternamn"] = odd[-2] if n % 3 == 0 else row["Efternamn"]
    return Export(_book(rows), ".xlsx")


def no_workbook(_: People, rows: list[Row]) -> Export:
    return Export(csv_of(rows).encode(), ".xlsx")


def with_a_password(_: People, rows: list[Row]) -> Export:
    return Export(b"\xd0\xcf\x11\xe0" + csv_of(rows).encode("utf-16-le"), ".xlsx")


def _book(rows: Sequence[Row], title: str = "Planering", before: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    for name in before:
        book.create_sheet(name[:31], 0)
    sheet = book.create_sheet(title[:31])
    sheet.append(list(HEADINGS))
    for row in rows:
        sheet.append([row[heading] for heading in HEADINGS])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


WHOLE: Mapping[str, Make] = {
    "a good one": lambda _, rows: text(rows),
    "half a file": half,
    "no headings": no_headings,
    "headings that are names": headings_of_people,
    "a heading twice": heading_twice,
    "tenfold rows": tenfold,
    "every client under every name": tenfold_with_other_names,
    "a damaged letter": damaged_letter,
    "a damaged letter, encoding guessed": damaged_letter_guessed,
    "half a letter at the end": half_a_letter,
    "lone surrogates": lone_surrogates,
    "a lone surrogate in the group": lone_surrogate_in_team,
    "an encoding that is none": unknown_encoding,
    "control letters": control_letters,
    "an open quotation mark": open_quote,
    "open quotation marks": open_quote_everywhere,
    "more cells than headings": more_cells,
    "fewer cells than headings": fewer_cells,
    "an endless note": endless_note,
    "totals with names": totals_with_names,
    "groups that are people": only_people_as_teams,
    "one number as every visit's id": contradicting_ids,
    "nothing but names": everything_is_a_name,
    "a workbook": workbook,
    "a workbook with sheets of people": workbook_with_sheets_of_people,
    "a workbook that breaks off": workbook_cut,
    "a workbook with damage": workbook_damaged,
    "a workbook of odd cells": workbook_of_odd_cells,
    "text that calls itself a workbook": no_workbook,
    "a workbook with a password": with_a_password,
}
# The commonest slips for the short form; each kind of value in each cell for the long one.
USUAL_SLIPS: Mapping[str, Make] = {
    "names as start times": astray("Starttid", "name", 4),
    "times with names": astray("Starttid", "time and name", 4),
    "personnummer as lengths": astray("Längd", "number", 4),
    "names as dates": astray("Datum", "name", 4),
    "dates with names": astray("Datum", "date and name", 4),
    "names as groups": astray("Grupp", "name", 4),
    "phones as groups": astray("Grupp", "phone", 3),
    "names as status": astray("Status", "name", 4),
    "names as priority": astray("Prio", "no digit", 4),
    "powers as lengths": astray("Längd", "a power", 4),
    "endless digits as lengths": astray("Längd", "many digits", 4),
}
ALL_SLIPS: Mapping[str, Make] = {
    f"{what} as {heading}, one row in {share}": astray(heading, what, share)
    for heading in CELLS
    for what in KINDS
    for share in (1, 7)
    if not (heading in LIKE_NUMBERS and "number" in what)
    # A group of which all rows tell is one, unless it is called like a person or by a number.
    if not (heading == "Grupp" and share == 1 and what in ("date and name", "no digit"))
}
