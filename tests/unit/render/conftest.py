"""A realistic plan built by hand, and what a page says."""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from reservplan.domain.judgement import Judgement, Marks
from reservplan.domain.plan import SHIFT_COLUMNS, VISIT_COLUMNS, Cell, CellSource, Plan, Unreadable
from reservplan.domain.verdict import Reason, Verdict, verdict_of
from reservplan.settings import Settings

ZONE = ZoneInfo("Europe/Stockholm")
DAY = date(2022, 6, 22)
TEAM = "Ullared"
CELL = Cell(DAY, TEAM)
CAPTURED = datetime(2022, 6, 22, 3, 0, tzinfo=UTC)

FIRST_NAMES = (
    "Anna", "Åsa", "Örjan", "Ärla", "Bo", "Cecilia", "David", "Elin", "Fatima", "Gunnar", "Hanna", "Ingrid",
    "Johan", "Karin", "Lars", "Maria", "Nils", "Olof", "Petra", "Rickard", "Sara", "Tomas", "Ulla", "Viktor",
    "Wilma", "Yvonne", "Zahra", "Åke", "Östen", "Ebba",
)  # fmt: skip
LAST_NAMES = (
    "Ljungström", "Åkerblad", "Öhrnskog", "Bergadal", "Äppelholm", "Granfeldt", "Sjövik", "Tallhage",
    "Rönnfors", "Dalmyr", "Ekströmsson", "Furudal", "Hasselby", "Kvistgård", "Lindåker", "Mossvik", "Nyhage",
    "Olvestad", "Påskbrink", "Stenfalk",
)  # fmt: skip
STREETS = (
    "Hasselvägen", "Björkdungestigen", "Åsbackagatan", "Smedjestigen", "Örtagårdsvägen", "Kvarndammsvägen",
    "Ängsullsgränd",
)  # fmt: skip
ACTIVITIES = (
    "Morgonhjälp, frukost, medicin",
    "Dusch",
    "Lunch, tillsyn",
    "Promenad",
    "Medicin",
    "Kvällshjälp",
    "Städ och tvätt, byta lakan",
    "Inköp",
    "Läkemedelsövertagande, blodtryck, stödstrumpor på",
)


@dataclass
class Build:
    """Rows under way; `plan()` makes the frames."""

    zone: ZoneInfo = ZONE
    visits: list[dict[str, Any]] = field(default_factory=list)
    shifts: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def visit(self, start: str, minutes: int, employee: str = "", *, day: date = DAY, **more: Any) -> str:
        hour, minute = start.split(":")
        local = datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=self.zone)
        end = (local.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(self.zone)
        row: dict[str, Any] = dict.fromkeys(VISIT_COLUMNS, "")
        row |= {
            "plan_date": day,
            "team": TEAM,
            "visit_id": f"v{len(self.visits) + 1}",
            "client_id": f"c{len(self.visits) + 1}",
            "client_name": f"Brukare {len(self.visits) + 1}",
            "start": local,
            "end": end,
            "employee_id": employee,
            "employee_name": employee,
            "protected": False,
            "employee_protected": False,
            "status": "planned",
        }
        row |= more
        self.visits.append(row)
        return str(row["visit_id"])

    def shift(self, start: str, end: str, employee: str, *, day: date = DAY, phone: str = "", **more: Any) -> None:
        from_hour, from_minute = map(int, start.split(":"))
        to_hour, to_minute = map(int, end.split(":"))
        begins = datetime(day.year, day.month, day.day, from_hour, from_minute, tzinfo=self.zone)
        last = day + timedelta(days=1) if (to_hour, to_minute) <= (from_hour, from_minute) else day
        ends = datetime(last.year, last.month, last.day, to_hour, to_minute, tzinfo=self.zone)
        row = {
            "plan_date": day,
            "team": TEAM,
            "employee_id": employee,
            "employee_name": employee,
            "start": begins,
            "end": ends,
            "phone": phone,
        }
        self.shifts.append(row | more)

    def plan(self) -> Plan:
        visits = pd.DataFrame(self.visits, columns=list(VISIT_COLUMNS))
        shifts = pd.DataFrame(self.shifts, columns=list(SHIFT_COLUMNS))
        for frame in (visits, shifts):
            for column in ("start", "end"):
                frame[column] = pd.to_datetime(frame[column], utc=True).dt.tz_convert(self.zone).dt.as_unit("us")
        cells = {Cell(row["plan_date"], row["team"]) for row in self.visits}
        sources = {cell: CellSource(CAPTURED) for cell in cells}
        return Plan(visits, shifts, tuple(self.unreadable), sources, CAPTURED, "test")


def a_day(
    employees: int = 17, visits_each: int = 12, *, nights: bool = True, days: tuple[date, ...] = (), seed: int = 7
) -> Build:
    """A team's usual day: morning and evening shifts, breaks, double staffing, unassigned visits, two on the night."""
    draw = random.Random(seed)  # noqa: S311 - the same day at every run
    build = Build()
    for day in days or (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
        _fill_day(build, draw, day, employees, visits_each, nights)
    return build


def _fill_day(build: Build, draw: random.Random, day: date, employees: int, visits_each: int, nights: bool) -> None:
    people = [f"{FIRST_NAMES[n % 30]} {LAST_NAMES[(n * 7) % 20]}" for n in range(employees + 3)]
    for n, name in enumerate(people[:employees]):
        morning = n % 3 != 2
        begin = 7 * 60 if morning else 14 * 60 + 30
        build.shift(
            f"{begin // 60:02d}:{begin % 60:02d}",
            "16:00" if morning else "22:00",
            name,
            day=day,
            phone=f"070-17406{n % 95 + 5:02d}",
        )
        at = begin + 10
        for k in range(visits_each):
            length = draw.choice((15, 15, 20, 30, 30, 30, 45, 60))
            if at + length > (16 * 60 if morning else 22 * 60) - 5:
                break
            build.visit(f"{at // 60:02d}:{at % 60:02d}", length, name, day=day, **_client(draw))
            at += length + draw.choice((5, 5, 10, 10, 15))
            if k == visits_each // 2:
                build.visit(f"{at // 60:02d}:{at % 60:02d}", 30, name, day=day, client_name="", client_id="",
                            activities="Rast", status="other")  # fmt: skip
                at += 30
    for n in range(4):
        double = {**_client(draw), "double_staffing_id": f"D{n}"}
        for name in people[n : n + 2]:
            build.visit(f"{16 + n // 2:02d}:{15 + n % 2 * 30:02d}", 30, name, day=day, **double)
    for n in range(3):
        build.visit(f"{8 + 4 * n:02d}:15", 30, day=day, **_client(draw))
    for n in range(2):
        build.visit(f"{11 + n:02d}:00", 30, people[0], day=day, status="cancelled", **_client(draw))
    build.shift("08:00", "12:00", people[employees + 2], day=day, phone="070-1740699")
    if not nights:
        return
    for name in people[employees : employees + 2]:
        build.shift("21:00", "07:00", name, day=day, phone="070-1740698")
        for hour in (0, 2, 4, 6):
            build.visit(f"{hour:02d}:20", 25, name, day=day, **_client(draw))
        for hour in (21, 22):
            build.visit(f"{hour}:30", 30, name, day=day, **_client(draw))
        build.visit("23:40", 40, name, day=day, **_client(draw))


def _client(draw: random.Random) -> dict[str, Any]:
    number = draw.randrange(60)
    return {
        "client_id": f"k{number}",
        "client_name": f"{FIRST_NAMES[(number * 11) % 30]} {LAST_NAMES[number % 20]}",
        "address": f"{STREETS[number % 7]} {number + 1}",
        "postal_code": "311 60" if number % 2 else "",
        "city": "Ullared" if number % 2 else "",
        "phone": f"070-17406{number % 95 + 5:02d}",
        "activities": draw.choice(ACTIVITIES),
        "access": draw.choice(("", f"Nyckel {number}", "Digitalt lås", f"Portkod {1000 + number}")),
        "priority": draw.choice(("", "", "1", "2", "3")),
        "note": draw.choice(("", "", "", "Hund i hallen. Ring på två gånger.", "Rullator står i trapphuset.")),
    }


def judged(build: Build, cell: Cell = CELL, *reasons: Reason) -> Judgement:
    """A judgement with counts that fit the plan."""
    rows = [row for row in build.visits if (row["plan_date"], row["team"]) == tuple(cell)]
    planned = [row for row in rows if row["status"] == "planned"]
    return Judgement(
        verdict=verdict_of(reasons),
        reasons=reasons,
        visits=len(planned),
        unassigned=sum(not row["employee_id"] for row in planned),
        cancelled=sum(row["status"] == "cancelled" for row in rows),
        employees=len({row["employee_id"] for row in planned if row["employee_id"]}),
        captured_at=CAPTURED,
    )


INCOMPLETE = Reason(code="rows", count=4, text="4 rader kunde inte läsas", severity=Verdict.INCOMPLETE)
REMARK = Reason(code="double", count=1, text="1 dubbelbemanning har bara en medarbetare")
PLAIN = Marks(captured_at=CAPTURED, created_afterwards=False)


def make_settings(**changes: Any) -> Settings:
    tree: dict[str, Any] = {
        "organisation": "Falkenbergs kommun",
        "teams": [{"name": TEAM, "phone": "0346-88 60 00"}, "Vessigebro"],
        "source": {"kind": "demo"},
        "stores": [{"name": "share", "kind": "folder", "folder": "/nowhere"}],
        "contacts": {
            "it_service": {
                "name": "IT-service", "phone": "0346-88 55 55", "hint": "eller felanmälan på intranätets startsida",
            },
            "vendor": {
                "name": "IntraPhone", "phone": "0200-44 30 00", "email": "support@intraphone.suocrm.eu",
                "hours": "vardagar 08–17",
            },
            "planner": {"name": "Planerare"},
        },
    }  # fmt: skip
    return Settings.model_validate(tree | changes)


@pytest.fixture
def settings() -> Settings:
    return make_settings()


@pytest.fixture
def pdf_text() -> Callable[[bytes], list[str]]:
    """The text of each page, soft breaks taken out."""
    from pypdf import PdfReader

    def read(content: bytes) -> list[str]:
        pages = PdfReader(io.BytesIO(content)).pages
        return [page.extract_text().replace("\u200b", "") for page in pages]

    return read
