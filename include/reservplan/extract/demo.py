"""A synthetic plan: about 2 000 visits a day in eleven groups, with nights, double staffing, absences and changes.

The same arguments give the same bytes. A day is made from the seed and its own date, so that tomorrow's export tells of
the same day nearly the same as today's. All names are put together at random from lists; phone numbers are from the
series that is reserved for fiction.
"""

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from secrets import token_hex

from upath import UPath

from reservplan.domain.days import days_between, local_day
from reservplan.domain.names import TEMP_PREFIX, TEMP_SUFFIX
from reservplan.extract.exports import Export
from reservplan.settings import OtherRows, Settings, Source

SEED = 220621
TEAMS = (
    "Ullared", "Vessigebro", "Älvsered", "Glommen", "Skogstorp", "Slöinge", "Heberg", "Vinberg", "Tröingeberg",
    "Långås", "Ätran",
)  # fmt: skip
COLUMNS = {
    "plan_date": ("Datum",), "team": ("Grupp",), "visit_id": ("BesöksID",), "client_id": ("Kundnr",),
    "client_name": ("Förnamn", "Efternamn"), "address": ("Gata",), "postal_code": ("Postnr",), "city": ("Ort",),
    "phone": ("Telefon",), "access": ("Nyckel",), "start": ("Starttid",), "minutes": ("Längd",),
    "employee_id": ("Anställningsnr",), "employee_name": ("Medarbetare",), "route": ("Slinga",),
    "activities": ("Insatser",), "double_staffing_id": ("Dubbelid",), "priority": ("Prio",), "note": ("Notering",),
    "status": ("Status",),
}  # fmt: skip
HEADINGS = [heading for headings in COLUMNS.values() for heading in headings]
OTHER_ROWS = ("Rast", "Restid", "Möte")

FIRST_NAMES = (
    "Åsa", "Örjan", "Ängla", "Désirée", "André", "Märta", "Göran", "Håkan", "Kerstin", "Gunnel", "Ingegerd", "Birgit",
    "Sven", "Arne", "Bertil", "Maj-Britt", "Karl-Gustav", "Anna-Karin", "Siv", "Rolf", "Elsa", "Tyra", "Ragnhild",
    "Vendela", "Signe", "Folke", "Hjördis", "Lennart", "Mohammed", "Amina", "Zeynep", "Piotr", "Danuta", "Ali",
    "Fatima", "Emelie", "Oskar", "Linnéa", "Filip", "Tuva", "Elias", "Wilma", "Hampus", "Ebba", "Viggo", "Noor",
    "Selma", "Love",
)  # fmt: skip
LAST_NAME_BEGINNINGS = (
    "Björk", "Ek", "Lind", "Häll", "Åker", "Öst", "Näs", "Sjö", "Grön", "Alm", "Hag", "Ljung", "Ros", "Sand", "Ström",
    "Fors", "Vik", "Ängs", "Kvarn", "Lönn", "Brink", "Mos",
)  # fmt: skip
LAST_NAME_ENDINGS = ("holm", "kvist", "dahl", "gren", "berg", "lund", "mark", "stedt", "ås", "ryd", "fält", "hult")
LONG_LAST_NAME = "Häggström-Ängsbackeryd af Åkerhielmskvarn"
STREETS = (
    "Ljungblomsvägen", "Kvarnrännegatan", "Översteängen", "Hagtornsstigen", "Mejerigränden", "Åbrinksvägen",
    "Smörblommevägen", "Gamla Prästhultsvägen", "Skördegatan", "Tallkottsgränd",
)  # fmt: skip
STAIRCASES = ("", "", "", " A", " B, 2 tr")
ACTIVITIES = (
    "Personlig hygien, frukost", "Medicin, tillsyn", "Lunch, promenad", "Dusch", "Städ", "Inköp", "Kvällsmat, disk",
    "Av- och påklädning", "Larm, tillsyn", "Omläggning", "Tvätt", "Toalettbesök, vändning",
    "Insulin, frukost, bäddning",
)  # fmt: skip
NIGHT_ACTIVITIES = ("Tillsyn", "Toalettbesök", "Vändning", "Medicin, tillsyn")
NOTES = (
    "Ring på två gånger.", "Hörselnedsatt, knacka hårt.", "Katten får inte komma ut.", "Rullator i hallen.",
    "Nyckeln ska vridas två varv.", "Vill ha kaffe före medicinen.", "Dottern hämtar 14:00 – lämna väskan i hallen.",
)  # fmt: skip
FIRST_PHONE, LAST_PHONE = 701740605, 701740699

EMPLOYEES_IN_A_TEAM, NIGHT_EMPLOYEES = 20, 4
CLIENTS_IN_A_TEAM = 64
VISITS_OF_AN_EMPLOYEE = 12
DAY_WORKERS, EVENING_WORKERS, NIGHT_WORKERS = 8, 5, 2
LENGTHS_MINUTES = (15, 15, 20, 20, 25, 30, 30, 45)
LONG_TRAVEL_MINUTES = 15
TRAVEL_MINUTES = (5, 5, 10, 10, LONG_TRAVEL_MINUTES)


@dataclass(frozen=True)
class Client:
    """An invented client."""

    number: str
    first_name: str
    last_name: str
    street: str
    postal_code: str
    city: str
    phone: str
    access: str
    note: str


@dataclass(frozen=True)
class Employee:
    """An invented employee."""

    number: str
    name: str


@dataclass(frozen=True)
class Slot:
    """A stretch of somebody's day; `client` is None for breaks and travel."""

    start: datetime
    minutes: int
    client: Client | None
    activities: str
    double: str = ""

    @property
    def end(self) -> datetime:
        """The wall clock at its end."""
        return self.start + timedelta(minutes=self.minutes)


@dataclass
class Team:
    """A group with its people, the same on every day."""

    name: str
    number: int
    clients: list[Client]
    employees: list[Employee]
    busy: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)


def _name(random: Random) -> tuple[str, str]:
    if random.random() < 0.015:
        return random.choice(FIRST_NAMES), LONG_LAST_NAME
    return random.choice(FIRST_NAMES), random.choice(LAST_NAME_BEGINNINGS) + random.choice(LAST_NAME_ENDINGS)


def _team(name: str, number: int, seed: int) -> Team:
    random = Random(f"{seed}/{name}")  # noqa: S311 - invented people need no secrecy
    clients = []
    for n in range(CLIENTS_IN_A_TEAM):
        first, last = _name(random)
        clients.append(
            Client(
                number=f"{number * 1000 + n:06d}",
                first_name=first,
                last_name=last,
                street=f"{random.choice(STREETS)} {random.randint(1, 48)}{random.choice(STAIRCASES)}",
                postal_code=f"311 {number + 40:02d}",
                city=name,
                phone=f"0{random.randint(FIRST_PHONE, LAST_PHONE)}",
                access=random.choice(
                    [f"Nyckel {random.randint(1, 180)}", f"Portkod {random.randint(1000, 9999)}", "Digitalt lås", ""]
                ),
                note=random.choice(NOTES) if random.random() < 0.25 else "",
            )
        )
    employees = [Employee(f"E{number:02d}{n:02d}", " ".join(_name(random))) for n in range(EMPLOYEES_IN_A_TEAM)]
    return Team(name, number, clients, employees)


def _rows_of_shifts(team: Team, day: date, seed: int) -> Iterator[tuple[str, Slot, Employee | None]]:
    """Every row of the shifts that begin on a day: id, what and when, who."""
    random = Random(f"{seed}/{team.name}/{day}")  # noqa: S311
    team.busy = {}
    # Whoever is not drawn is off or ill that day.
    # Nights have their own people: nobody goes from a night straight into a day.
    at_night = random.sample(team.employees[:NIGHT_EMPLOYEES], NIGHT_WORKERS)
    present = random.sample(team.employees[NIGHT_EMPLOYEES:], DAY_WORKERS + EVENING_WORKERS - random.choice([0, 0, 1]))
    at_day, in_evening = present[:DAY_WORKERS], present[DAY_WORKERS:]
    rows: list[tuple[Slot, Employee]] = []
    for workers, first, last in (
        (at_day, time(7), 9 * 60), (in_evening, time(14, 30), 8 * 60), (at_night, time(21, 30), 9 * 60),
    ):  # fmt: skip
        rows += _shifts(team, day, workers, datetime.combine(day, first), last, random)
    for n, (slot, employee) in enumerate(sorted(rows, key=lambda row: (row[0].start, row[1].number))):
        unassigned = slot.client is not None and not slot.double and random.random() < 0.015
        yield f"{day:%y%m%d}{team.number:02d}{n:04d}", slot, None if unassigned else employee


def _shifts(
    team: Team, day: date, workers: Sequence[Employee], begins: datetime, minutes: int, random: Random
) -> Iterator[tuple[Slot, Employee]]:
    ends = begins + timedelta(minutes=minutes)
    doubles: dict[Employee, list[Slot]] = {}
    for n, pair in enumerate(zip(workers[::2], workers[1::2], strict=False)):
        start = begins + timedelta(minutes=5 * random.randint(12, minutes // 5 - 24))
        slot = _visit(team, start, random.choice((20, 30)), random, f"D{day:%y%m%d}{team.number:02d}{begins:%H}{n}")
        for employee in pair:
            doubles[employee] = [slot] if slot else []
    for employee in workers:
        for slot in _fill(team, begins, ends, doubles.get(employee, []), random):
            yield slot, employee


def _fill(team: Team, begins: datetime, ends: datetime, fixed: list[Slot], random: Random) -> Iterator[Slot]:
    """One shift: the fixed visits, others around them, a break in the middle, travel between."""
    waiting = list(fixed)
    now, visits, rested = begins, 0, False
    while now < ends and visits < VISITS_OF_AN_EMPLOYEE:
        length = random.choice(LENGTHS_MINUTES)
        pause = 30 if not rested and visits >= VISITS_OF_AN_EMPLOYEE // 2 else 0
        until = now + timedelta(minutes=max(length, pause))
        if waiting and until > waiting[0].start - timedelta(minutes=5):
            slot = waiting.pop(0)
            yield slot
            now, visits = slot.end + timedelta(minutes=5), visits + 1
            continue
        if until > ends:
            break
        if pause:
            rested = True
            yield Slot(now, pause, None, "Rast")
            now = until
            continue
        travel = random.choice(TRAVEL_MINUTES)
        visit = _visit(team, now, length, random)
        if visit:
            yield visit
            visits += 1
            if travel == LONG_TRAVEL_MINUTES and not (waiting and until + timedelta(minutes=travel) > waiting[0].start):
                yield Slot(until, travel, None, "Restid")
        now = until + timedelta(minutes=travel)
    yield from waiting


def _visit(team: Team, start: datetime, minutes: int, random: Random, double: str = "") -> Slot | None:
    """A visit to a client whom nobody visits at that time; None where none is found soon."""
    end = start + timedelta(minutes=minutes)
    activities = random.choice(NIGHT_ACTIVITIES if start.hour >= 22 or start.hour < 6 else ACTIVITIES)
    for client in random.sample(team.clients, 12):
        busy = team.busy.setdefault(client.number, [])
        if all(end <= other_start or start >= other_end for other_start, other_end in busy):
            busy.append((start, end))
            return Slot(start, minutes, client, activities, double)
    return None


def _lines(teams: Iterable[Team], first: date, last: date, today: date, seed: int) -> Iterator[list[str]]:
    yield HEADINGS
    wanted = set(days_between(first, last))
    for team in teams:
        for day in days_between(first - timedelta(days=1), last):
            changes = Random(f"{seed}/{team.name}/{day}/{today}")  # noqa: S311
            occasions: dict[str, bool] = {}
            for visit_id, slot, employee in _rows_of_shifts(team, day, seed):
                cancelled = slot.client is not None and changes.random() < 0.008
                if slot.double:
                    # Who is not to be visited is not to be visited by one of two either.
                    cancelled = occasions.setdefault(slot.double, cancelled)
                if slot.start.date() in wanted:
                    yield _line(team, visit_id, slot, employee, cancelled)


def _line(team: Team, visit_id: str, slot: Slot, employee: Employee | None, cancelled: bool) -> list[str]:
    client = slot.client
    cells = {
        "Datum": f"{slot.start:%Y-%m-%d}",
        "Grupp": team.name,
        "BesöksID": visit_id,
        "Starttid": f"{slot.start:%H:%M}",
        "Längd": str(slot.minutes),
        "Insatser": slot.activities,
        "Dubbelid": slot.double,
        "Status": "Inställt" if cancelled else "Planerat",
    }
    if employee:
        cells |= {"Anställningsnr": employee.number, "Medarbetare": employee.name}
    if client:
        cells |= {
            "Kundnr": client.number, "Förnamn": client.first_name, "Efternamn": client.last_name,
            "Gata": client.street, "Postnr": client.postal_code, "Ort": client.city, "Telefon": client.phone,
            "Nyckel": client.access, "Notering": client.note, "Prio": str(1 + int(client.number) % 3),
            "Slinga": f"Slinga {1 + int(client.number) % 6}",
        }  # fmt: skip
    return [cells.get(heading, "") for heading in HEADINGS]


def export_bytes(teams: Sequence[str], first: date, last: date, today: date, seed: int = SEED) -> bytes:
    """The export of those days as it was on `today`: CSV with semicolons, UTF-8 with byte order mark."""
    text = io.StringIO(newline="")
    people = [_team(name, number, seed) for number, name in enumerate(teams, start=1)]
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(_lines(people, first, last, today, seed))
    return text.getvalue().encode("utf-8-sig")


def demo_team_names(teams: int) -> list[str]:
    """Names for any number of groups, the example configuration's eleven first."""
    return [*TEAMS[:teams], *(f"Grupp {n}" for n in range(len(TEAMS) + 1, teams + 1))]


def write_demo_export(
    folder: Path, *, teams: int = 11, days_back: int = 3, days_ahead: int = 3, today: date, seed: int = SEED
) -> Path:
    """Write `Planering 2026-11-22.csv` whole or not at all, for us only; where it is already so, leave it untouched.

    The export reaches one day further at both ends, for the nights.
    """
    first, last = today - timedelta(days=days_back + 1), today + timedelta(days=days_ahead + 1)
    content = export_bytes(demo_team_names(teams), first, last, today, seed)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder / f"Planering {today}.csv"
    if place.is_file() and place.read_bytes() == content:
        return place
    temp = folder / f"{TEMP_PREFIX}demo-{token_hex(4)}{TEMP_SUFFIX}"
    with open(os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temp.replace(place)
    return place


def as_files(settings: Settings) -> Settings:
    """The settings with the mapping that the demo's export needs; everything else as configured."""
    source = settings.source.model_copy(
        update={
            "columns": COLUMNS,
            "shifts": None,
            "protected": "not_in_source",
            "title": "",
            "values": VALUES,
            "other_rows": OtherRows(column="Insatser", values=OTHER_ROWS),
            "delimiter": ";",
            "encoding": "auto",
            "night_dated_by": Source.model_fields["night_dated_by"].default,
        }
    )
    return settings.model_copy(update={"source": source})


VALUES = {"status": {"Planerat": "planned", "Inställt": "cancelled"}}


def export_in_memory(settings: Settings, days: Iterable[date], read_at: datetime) -> tuple[Export, bytes]:
    """The demo's export of those days for the configured groups; it counts as saved at the full hour."""
    today = local_day(read_at, settings.zone)
    teams = [team.name for team in settings.teams]
    content = export_bytes(teams, min(days), max(days), today)
    saved_at = read_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    export = Export(UPath("demo.csv"), "demo.csv", int(saved_at.timestamp()) * 1_000_000_000, len(content))
    return export, content


def fingerprint(settings: Settings, read_at: datetime) -> str:
    """What the demo's export depends on: the groups, the day, and the hour at which it counts as saved."""
    hour = read_at.astimezone(settings.zone).strftime("%Y-%m-%dT%H%z")
    return hashlib.sha256("\0".join([hour, *(team.name for team in settings.teams)]).encode()).hexdigest()
