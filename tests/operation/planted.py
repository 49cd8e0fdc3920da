"""People who do not exist, made up anew for each hunt: every value of theirs is there once in the world.

`People.values` says what each value is. `rows_of` writes them into an export as a planning system would, with columns
that nobody has mapped.
"""

import csv
import io
import random
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

CONSONANTS, VOWELS = "bdfgklmnprstvx", "aeiouåäö"
FIRST_PHONE, LAST_PHONE = 701740605, 701740699
# None of these is mapped: what stands there is read with the rest, and must not be seen again.
UNMAPPED = ("Personnummer", "Anhörig", "Diagnos", "Godman", "Intern anteckning")
HEADINGS = (
    "Datum", "Grupp", "BesöksID", "Kundnr", "Förnamn", "Efternamn", "Gata", "Postnr", "Ort", "Telefon", "Nyckel",
    "Starttid", "Längd", "Anställningsnr", "Medarbetare", "Slinga", "Insatser", "Dubbelid", "Prio", "Notering",
    "Status", "Sekretess", "Skyddad personal", *UNMAPPED,
)  # fmt: skip
# What the settings must say for these headings, beside what the example says.
PROTECTED_COLUMNS: Mapping[str, Any] = {"protected": "Sekretess", "employee_protected": "Skyddad personal"}
VISITS_OF_A_CLIENT = 3

Row = dict[str, str]


@dataclass(frozen=True)
class Client:
    """One client; `never_leaves` are the values that not even the paper shows."""

    number: int
    first: str
    last: str
    id: str
    identity_number: str
    street: str
    city: str
    postal_code: str
    phone: str
    door_code: str
    note: str
    activity: str
    route: str
    unmapped: tuple[str, ...]
    protected: bool = False

    @property
    def values(self) -> dict[str, str]:
        """Each value: what it is."""
        who = f"client {self.number}'s"
        named = {
            self.first: "first name",
            self.last: "last name",
            f"{self.first} {self.last}": "name",
            f"{self.last}, {self.first}": "name, last first",
            self.street: "street",
            f"{self.street} {self.number}": "address",
            self.city: "city",
            f"{self.postal_code} {self.city}": "postal address",
            self.door_code: "door code",
            self.door_code[1:]: "door code, digits",
            self.note: "note",
            self.activity: "activity",
            self.route: "route",
            **spellings_of_phone(self.phone),
            **spellings_of_number(self.identity_number),
            **dict.fromkeys(self.unmapped, "unmapped value"),
        }
        if self.id != self.identity_number:
            named[self.id] = "id"
        return {value: f"{who} {what}" for value, what in named.items()}

    @property
    def never_leaves(self) -> dict[str, str]:
        """What not even staging holds: what is not mapped, identity numbers, and all of a protected client."""
        kept = ("unmapped value", "identity number")
        return {value: what for value, what in self.values.items() if self.protected or what.endswith(kept)}


@dataclass(frozen=True)
class Employee:
    """One employee."""

    number: int
    first: str
    last: str
    id: str
    protected: bool = False

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def values(self) -> dict[str, str]:
        """Each value: what it is."""
        named = {self.first: "first name", self.last: "last name", self.name: "name", self.id: "id"}
        return {value: f"employee {self.number}'s {what}" for value, what in named.items()}


@dataclass(frozen=True)
class People:
    """Everybody who is planted."""

    clients: tuple[Client, ...]
    employees: tuple[Employee, ...]

    @classmethod
    def random(cls, *, clients: int = 8, employees: int = 4, seed: int | None = None) -> Self:
        """New people; the last client and the last employee are protected, the first client's id is a number."""
        chance = random.Random(secrets.randbits(64) if seed is None else seed)  # noqa: S311 - nobody's secret
        words = _Words(chance)
        # Neither end: both stand in our own code, where a search would find them.
        phones = chance.sample(range(FIRST_PHONE + 1, LAST_PHONE), clients)
        made = []
        for n in range(clients):
            number = identity_number(chance)
            made.append(
                Client(
                    number=n + 1,
                    first=words.name(),
                    last=words.name(),
                    id=number if n == 0 else f"K{chance.randrange(10**8):08}",
                    identity_number=number,
                    street=f"{words.name()}gatan",
                    city=words.name(),
                    postal_code=f"{chance.randrange(100, 990)} {chance.randrange(10, 99)}",
                    phone=f"0{phones[n]}",
                    door_code=f"#{chance.randrange(10**12):012}",
                    note=words.word(),
                    activity=words.word(),
                    route=words.word(),
                    unmapped=tuple(words.word() for _ in UNMAPPED[1:]),
                    protected=n == clients - 1,
                )
            )
        crew = [
            Employee(n + 1, words.name(), words.name(), f"A{chance.randrange(10**8):08}", protected=n == employees - 1)
            for n in range(employees)
        ]
        return cls(tuple(made), tuple(crew))

    @cached_property
    def values(self) -> dict[str, str]:
        """Each value of everybody: what it is."""
        return {value: what for person in (*self.clients, *self.employees) for value, what in person.values.items()}

    @cached_property
    def never_leaves(self) -> dict[str, str]:
        """What must be gone already when the plan is staged."""
        hidden = {value: what for client in self.clients for value, what in client.never_leaves.items()}
        for employee in self.employees:
            if employee.protected:
                # By initials or by id, as the settings say, they are shown.
                hidden |= {value: what for value, what in employee.values.items() if what.endswith("name")}
        return hidden

    def rows_of(self, days: Iterable[date], teams: Sequence[str]) -> list[Row]:
        """Visits of every client on each of the days; clients and employees belong to one team each."""
        rows = []
        for day in days:
            for client in self.clients:
                team = teams[client.number % len(teams)]
                crew = [one for one in self.employees if one.number % len(teams) == client.number % len(teams)]
                for visit in range(VISITS_OF_A_CLIENT):
                    minute = 60 * (7 + 4 * visit) + 7 * (client.number % 17)
                    employee = (crew or self.employees)[(client.number + visit) % len(crew or self.employees)]
                    rows.append(_row(day, team, client, employee, visit, f"{minute // 60:02}:{minute % 60:02}"))
        return rows


def _row(day: date, team: str, client: Client, employee: Employee, visit: int, start: str) -> Row:
    cells = (
        day.isoformat(), team, f"B{day:%y%m%d}-{client.number}-{visit}", client.id, client.first, client.last,
        f"{client.street} {client.number}", client.postal_code, client.city, client.phone, client.door_code,
        start, "25", employee.id, employee.name, f"Slinga {client.route}",
        f"Medicin, {client.activity}", "", "2",
        f"Obs {client.note}; pnr {client.identity_number}", "Planerat",
        "J" if client.protected else "", "J" if employee.protected else "",
        client.identity_number, *client.unmapped,
    )  # fmt: skip
    return dict(zip(HEADINGS, cells, strict=True))


def csv_of(rows: Sequence[Row], headings: Sequence[str] = HEADINGS) -> str:
    """An export as text."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([row.get(heading, "") for heading in headings] for row in rows)
    return target.getvalue()


def identity_number(chance: random.Random) -> str:
    """A personnummer that is nobody's, with a check digit that fits."""
    # Birth numbers from 980 on are given to nobody: they are kept for tests.
    birth = f"{chance.randrange(1910, 1999)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    tail = f"{chance.randrange(980, 1000)}"
    doubled = [int(digit) * (2 - n % 2) for n, digit in enumerate(birth[2:] + tail)]
    check = -sum(digit // 10 + digit % 10 for digit in doubled) % 10
    return f"{birth}-{tail}{check}"


def spellings_of_number(number: str) -> dict[str, str]:
    """A personnummer as people write it: with and without century and hyphen."""
    birth, _, tail = number.partition("-")
    written = (number, birth + tail, f"{birth} {tail}", f"{birth[2:]}-{tail}", f"{birth[2:]}+{tail}", birth[2:] + tail)
    return dict.fromkeys(written, "identity number")


def spellings_of_phone(phone: str) -> dict[str, str]:
    """A mobile number as people write it."""
    pairs = f"{phone[:3]}-{phone[3:6]} {phone[6:8]} {phone[8:]}"
    return dict.fromkeys(
        (phone, pairs, pairs.replace("-", " "), f"+46{phone[1:]}", f"{phone[:3]}-{phone[3:]}"), "phone"
    )


class _Words:
    """Words that no language has, each once, with letters that ASCII lacks."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._made: set[str] = set()

    def word(self) -> str:
        while True:
            syllables = [self._syllable(self._chance.choice(VOWELS)) for _ in range(5)]
            # One letter at least is not of ASCII, and eight are, so that it is long enough without the others.
            syllables[self._chance.randrange(1, 5)] = self._syllable(self._chance.choice("åäö"))
            made = "".join(syllables) + self._chance.choice(CONSONANTS)
            if sum(letter.isascii() for letter in made) >= 8 and made not in self._made:
                self._made.add(made)
                return made

    def name(self) -> str:
        return self.word().capitalize()

    def _syllable(self, vowel: str) -> str:
        return self._chance.choice(CONSONANTS) + vowel
