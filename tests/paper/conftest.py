"""The days that are printed and read back, each rendered once for all tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from reservplan.domain.names import Format, Kind
from reservplan.domain.plan import Cell
from reservplan.render import as_json, render_documents, show_cell

from tests.paper.sheets import Sheet, sheets_of
from tests.unit.render.conftest import DAY, PLAIN, TEAM, Build, a_day, judged, make_settings


def usual() -> Build:
    return told_apart(a_day(17, 12))


def sixty_employees() -> Build:
    return told_apart(a_day(60, 6, nights=False, days=(DAY,)))


def sixty_visits() -> Build:
    build = Build()
    for number in range(60):
        build.visit(f"{6 + number // 4:02d}:{number % 4 * 15:02d}", 10, "Åsa Öhrnskog", note="Ring på. " * 9)
    return told_apart(build)


def one_visit() -> Build:
    build = Build()
    build.visit("08:00", 30, "Bo Ek")
    return told_apart(build)


def nobody_at_work() -> Build:
    build = Build()
    for number in range(40):
        build.visit(f"{7 + number // 4:02d}:{number % 4 * 15:02d}", 10, address="Åsbackagatan 4", phone="070-1740605")
    return told_apart(build)


def long_numbers() -> Build:
    """Staff with two shifts and more phone than a column holds, and whose names take the line."""
    build = Build()
    for number in range(9):
        name = f"Maximilian Öhrnskog Åkerblad{number}"
        build.shift("07:00", "11:00", name, phone="070-174 06 05, arb 0346-88 60 01 anknytning 6001")
        build.shift("16:00", "21:30", name)
        build.visit("08:00", 30, name)
    return told_apart(build)


def long_night() -> Build:
    """A night that goes on over columns and pages."""
    build = Build()
    build.shift("21:00", "07:00", "Bo Natt")
    for number in range(6):
        build.visit(f"22:{number * 10:02d}", 5, "Bo Natt")
    for number in range(60):
        at = f"{number // 10:02d}:{number % 10 * 6:02d}"
        build.visit(at, 5, "Bo Natt", day=DAY + timedelta(days=1), note="Ring på två gånger och vänta. " * 2)
    return told_apart(build)


def told_apart(build: Build) -> Build:
    """Each visit's client by a word of her own, which stands nowhere else."""
    for number, row in enumerate(build.visits):
        if row["status"] == "planned":
            row["client_name"] = f"Åke{number}ö"
    return build


DAYS: Mapping[str, Callable[[], Build]] = {
    "a usual day": usual,
    "60 employees": sixty_employees,
    "60 visits for one": sixty_visits,
    "one visit": one_visit,
    "nobody at work": nobody_at_work,
    "long numbers": long_numbers,
    "a long night": long_night,
}


@dataclass(frozen=True)
class Printed:
    """One day, its four files, and the pages of its two PDFs."""

    build: Build
    document: dict[str, Any]
    files: dict[tuple[Kind, Format], bytes]
    list: tuple[Sheet, ...]
    overview: tuple[Sheet, ...]

    @property
    def visits(self) -> list[dict[str, Any]]:
        """The planned visits that begin on the day."""
        return [v for v in self.build.visits if v["status"] == "planned" and v["plan_date"] == DAY]


def printed(builds: Mapping[str, Build], folder: Path, **settings: Any) -> dict[str, Printed]:
    """The days as they come out of the renderers."""
    cells = {Cell(DAY, f"{TEAM}{n}"): name for n, name in enumerate(builds)}
    documents = {
        cell: show_cell(
            builds[name].plan(),
            Cell(DAY, TEAM),
            judged(builds[name], Cell(DAY, TEAM)),
            make_settings(**settings),
            PLAIN,
        )
        for cell, name in cells.items()
    }
    files: dict[Cell, dict[tuple[Kind, Format], bytes]] = {cell: {} for cell in cells}

    def keep(cell: Cell, kind: Kind, fmt: Format, content: bytes) -> None:
        files[cell][kind, fmt] = content

    assert render_documents({cell: as_json(document) for cell, document in documents.items()}, keep) == {}
    return {
        name: Printed(
            builds[name],
            documents[cell],
            files[cell],
            tuple(sheets_of(files[cell][Kind.LIST, Format.PDF], folder)),
            tuple(sheets_of(files[cell][Kind.OVERVIEW, Format.PDF], folder)),
        )
        for cell, name in cells.items()
    }


@pytest.fixture(scope="session")
def swedish(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    return printed({name: build() for name, build in DAYS.items()}, tmp_path_factory.mktemp("sv"))


@pytest.fixture(scope="session")
def english(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    return printed({"a usual day": usual()}, tmp_path_factory.mktemp("en"), language="en")


@pytest.fixture(scope="session")
def compact(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    days = {"a usual day": usual(), "a long night": long_night()}
    return printed(days, tmp_path_factory.mktemp("c"), paper={"list_form": "compact"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the texts that are agreed upon anew")
