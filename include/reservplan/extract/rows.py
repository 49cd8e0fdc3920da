"""From the rows of one table to visits; every row has exactly one fate, and none is dropped in silence."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache, partial
from itertools import compress, count
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from reservplan.domain.days import ONE_DAY
from reservplan.domain.names import team_key
from reservplan.domain.plan import Cell, Status, Unreadable
from reservplan.extract.cells import cell_text, first_name_first, is_empty, raw, texts
from reservplan.extract.identity_numbers import mask
from reservplan.extract.layout import Layout, TeamFound, TeamNames
from reservplan.extract.moments import (
    Clock,
    Placed,
    Unplaceable,
    is_blank,
    parse_clock,
    parse_day,
    parse_minutes,
    place,
)
from reservplan.extract.patterns import Told
from reservplan.extract.pseudonyms import Pseudonyms
from reservplan.extract.sheets import Cells
from reservplan.extract.tables import Table, fold
from reservplan.extract.totals import Total, names_nobody, repeats_headings, total_of
from reservplan.settings import NightDating, Settings

# What stood in the time column goes to paper only where it can be nothing but a time: no word, no longer number.
LOOKS_LIKE_A_TIME = re.compile(r"(?=.{1,12}$)(?!.*[0-9]{5})(?:[0-9:.,\-/– ]|kl|el)+", re.IGNORECASE)
# No group is called by so many digits.
LIKE_A_PHONE = re.compile(r"[0-9](?:[ \-/]?[0-9]){5}")
# Rows whose cells cannot be told apart: whatever stands in the time column may be another's.
CELLS_ASTRAY = {"extra_cells", "missing_cells", "broken_quotes"}
TEXT_COLUMNS = (
    "visit_id", "client_id", "client_name", "employee_id", "employee_name", "route", "activities", "address",
    "postal_code", "city", "phone", "access", "double_staffing_id", "priority", "note", "status",
)  # fmt: skip
# A row that fills one of these is somebody's, whatever else it says.
WHOSE = ("visit_id", "client_id", "client_name", "employee_id", "employee_name")
# Without these a list of many visits is of no use.
NEVER_BLANK_ON_ALL = ("activities", "address")
# What "protected" may say and mean no; anything else means yes.
MEANS_NO = {"", "0", "nej", "false"}

V = TypeVar("V", bound=Hashable)
W = TypeVar("W")


class Fate(StrEnum):
    """What became of a row."""

    VISIT = "visit"
    OTHER = "other"
    UNREADABLE = "unreadable"
    IGNORED_TEAM = "ignored_team"
    OUTSIDE = "outside"
    BLANK = "blank"
    TOTAL = "total"


OF_A_GROUP = {Fate.VISIT, Fate.OTHER, Fate.UNREADABLE, Fate.OUTSIDE}
# Fewer than this is no group that the settings lack, but a slip in single rows.
FEWEST_VISITS_OF_A_GROUP, FEWEST_CLIENTS_OF_A_GROUP = 5, 2


@dataclass(frozen=True)
class Asked:
    """What is to be read and how: the days with their margins, the settings, and what stands in for identities."""

    settings: Settings
    days: frozenset[date]
    teams: TeamNames
    pseudonyms: Pseudonyms

    @cached_property
    def kept(self) -> frozenset[date]:
        """The asked days with one margin day at both ends."""
        return frozenset(day + n * ONE_DAY for day in self.days for n in (-1, 0, 1))

    @cached_property
    def nearby(self) -> frozenset[date]:
        """The days on whose date a visit of a kept day may stand: a night's may be its shift's."""
        return frozenset(day + n * ONE_DAY for day in self.kept for n in (-1, 0, 1))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of every clock time."""
        return self.settings.zone

    @property
    def longest_minutes(self) -> float:
        """A visit that is longer is a slip."""
        return self.settings.thresholds.longest_visit_hours * 60


@dataclass(frozen=True)
class Person:
    """An employee as shown on paper."""

    id: str
    name: str
    is_protected: bool = False


@dataclass
class People:
    """How employees are shown, by the id and by the case-folded name that the source gives them."""

    by_id: dict[str, Person] = field(default_factory=dict)
    by_name: dict[str, Person] = field(default_factory=dict)


@dataclass(frozen=True)
class SetAside:
    """Whom a marked row names that became no visit: they are protected on all other rows all the same.

    `in_order` says that every cell stands below its own heading.
    """

    client_id: str
    client_name: str
    address: str
    phone: str
    employee_id: str
    employee_name: str
    protected: bool
    employee_protected: bool
    in_order: bool


@dataclass
class Reading:
    """What one table gave: columns of equal length, and what became of all rows.

    `starts` and `ends` are microseconds of UTC; `days` are those that its rows name, `teams` the known ones
    among them and the unknown ones of rows that could be read.
    """

    file: str
    teams_of_rows: list[str] = field(default_factory=list)
    plan_dates: list[date] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    protected: list[bool] = field(default_factory=list)
    employee_protected: list[bool] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    counts: dict[Cell, Counter[str]] = field(default_factory=dict)
    fates: Counter[Fate] = field(default_factory=Counter)
    days: set[date] = field(default_factory=set)
    teams: set[TeamFound] = field(default_factory=set)
    totals: list[Total] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)

    def count(self, n: int, what: str, how_many: int = 1) -> None:
        """Add to a count of the cell of row n of the columns."""
        self.count_cell(self.plan_dates[n], self.teams_of_rows[n], what, how_many)

    def count_cell(self, plan_date: date, team: str, what: str, how_many: int = 1) -> None:
        """Add to a count of a cell."""
        self.counts.setdefault(Cell(plan_date, team), Counter())[what] += how_many


UNCLEAR: Literal["unclear"] = "unclear"


def _parsed(cell: object, parse: Callable[[object], V | None]) -> V | None:
    """What a cell means; None where it cannot be read, however odd it is: one cell never stops the run."""
    try:
        return parse(cell)
    except (ArithmeticError, ValueError, RecursionError):
        return None


def _given(cell: object, parse: Callable[[object], V | None]) -> V | Literal["unclear"] | None:
    """None where the cell is blank, `UNCLEAR` where it cannot be read."""
    if is_blank(cell):
        return None
    parsed = _parsed(cell, parse)
    return UNCLEAR if parsed is None else parsed


def each(column: Sequence[V], turn: Callable[[V], W]) -> list[W]:
    """`turn` over a column, called once for each value that is there."""
    turned = {value: turn(value) for value in set(column)}
    return list(map(turned.__getitem__, column))


class RowReader:
    """Reads the rows of one table by a layout; `told` is what its name or title says."""

    def __init__(self, table: Table, layout: Layout, told: Told, asked: Asked, *, needs_client: bool = True) -> None:
        self.table = table
        self.layout = layout
        self.told = told
        self.asked = asked
        self.needs_client = needs_client
        self.reading = Reading(table.file)
        self.readable: dict[int, tuple[Placed, TeamFound]] = {}
        self.fewest_cells = max((table.at[fold(heading)] + 1 for heading in layout.headings), default=0)
        self._read_columns()
        # Without `self`, which would hold itself and all rows until the collector comes by.
        self._place = lru_cache(maxsize=None)(partial(_place_once, asked.zone, asked.longest_minutes))

    def _read_columns(self) -> None:
        table, columns = self.table, self.layout.columns
        blank: Cells = [""] * len(table.rows)
        values = {
            ours: {fold(theirs): meaning for theirs, meaning in mapped.items()}
            for ours, mapped in self.asked.settings.source.values.items()
        }

        def cells(ours: str) -> Cells:
            return raw(table, columns[ours]) if ours in columns else blank

        zone = self.asked.zone
        self.raw_starts, self.raw_teams = cells("start"), cells("team")
        self.starts: list[Clock | None] = each(
            self.raw_starts, lambda cell: _parsed(cell, lambda value: parse_clock(value, zone))
        )
        self.ends = each(cells("end"), lambda cell: _given(cell, lambda value: parse_clock(value, zone)))
        self.minutes = each(cells("minutes"), lambda cell: _given(cell, parse_minutes))
        self.days = self._days_in_a_column() if "plan_date" in columns else self._days_not_in_a_column()
        self.teams = each(self.raw_teams, self._team_of_cell)
        self.texts = {ours: texts(table, columns[ours], values.get(ours)) for ours in TEXT_COLUMNS if ours in columns}
        for ours in ("employee_id", "employee_name"):
            if ours in self.texts:
                self.texts[ours] = each(self.texts[ours], _somebody)
        self.is_other = self._marked_other()
        self.is_protected = self._marked(self.layout.protected)
        self.is_employee_protected = self._marked(self.layout.employee_protected)
        self.after_midnight = self._after_midnight()

    def _days_in_a_column(self) -> list[date | None]:
        column = raw(self.table, self.layout.columns["plan_date"])
        return each(column, lambda cell: _parsed(cell, parse_day))

    def _days_not_in_a_column(self) -> list[date | None]:
        return [start.day if start and start.day else self.told.plan_date for start in self.starts]

    def _marked(self, headings: Sequence[str]) -> list[bool]:
        marks = [False] * len(self.table.rows)
        for heading in headings:
            column = texts(self.table, [heading])
            marks = [mark or fold(text) not in MEANS_NO for mark, text in zip(marks, column, strict=True)]
        return marks

    def _marked_other(self) -> list[bool]:
        other = self.layout.other_rows
        if other is None:
            return [False] * len(self.table.rows)
        values = {fold(value) for value in other.values}
        return each(texts(self.table, [other.column]), lambda text: fold(text) in values)

    def _after_midnight(self) -> list[bool]:
        if self.asked.settings.source.night_dated_by is not NightDating.SHIFT:
            return [False] * len(self.table.rows)
        employee = self.texts.get("employee_id") or self.texts.get("employee_name") or [""] * len(self.table.rows)
        keys = list(zip(self.days, map(cell_text, self.raw_teams), employee, strict=True))
        return nights_dated_by_shift(keys, self.starts)

    def read(self) -> Reading:
        """Give every row its fate; what could be read stands in the reading's columns."""
        fates = [self._fate_in_any_case(n, row) for n, row in enumerate(self.table.rows)]
        for n in self._rows_of_no_group():
            placed, _ = self.readable.pop(n)
            fates[n] = self._refuse(n, "unknown_group", "team", placed.plan_date, None)
        self.reading.unreadable.sort(key=lambda unreadable: unreadable.row)
        self.reading.fates = Counter(fates)
        self._keep(fates)
        self._pick(list(self.readable))
        return self.reading

    def _fate_in_any_case(self, n: int, row: Cells) -> Fate:
        try:
            return self._fate(n, row)
        except Exception:  # whatever is wrong with one row, the others are read
            return self._refuse(n, "unreadable_row", "", self.days[n], None)

    def _fate(self, n: int, row: Cells) -> Fate:
        if n in self.table.broken:
            return self._refuse(n, "broken_quotes", "", None, None)
        start, day = self.starts[n], self.days[n]
        if start is None and is_empty(row):
            return Fate.BLANK
        if (start is None or day is None) and self._is_no_row(n, row):
            return Fate.TOTAL
        team = self.teams[n]
        named = team.name if team and team.known else None
        if day:
            self.reading.days.add(day)
        if self._is_shifted(row):
            return self._refuse(n, "extra_cells", "", day, named)
        if self._is_cut(row):
            return self._refuse(n, "missing_cells", "", day, named)
        if team is None:
            code = "no_team" if is_blank(self.raw_teams[n]) else "impossible_team"
            return self._refuse(n, code, "team", day, None)
        if team.ignored:
            return Fate.IGNORED_TEAM
        if day is None and "plan_date" in self.layout.columns:
            return self._refuse(n, "bad_date", "plan_date", None, named)
        if day is None:
            return self._refuse(n, "no_time" if is_blank(self.raw_starts[n]) else "bad_time", "start", None, named)
        if day not in self.asked.nearby and (start is None or start.day not in self.asked.nearby):
            return Fate.OUTSIDE
        placed = self._placed(n, day, start)
        if isinstance(placed, Unplaceable):
            return self._refuse(n, placed.code, placed.column, day, named)
        if placed.plan_date not in self.asked.kept:
            return Fate.OUTSIDE
        if self.needs_client and not (self.is_other[n] or self.is_protected[n] or self.texts["client_name"][n]):
            return self._refuse(n, "no_client", "client_name", placed.plan_date, named)
        self.readable[n] = placed, team
        return Fate.OTHER if self.is_other[n] else Fate.VISIT

    def _is_no_row(self, n: int, row: Cells) -> bool:
        if repeats_headings(row, self.table):
            return True
        if self.is_protected[n] or not all(names_nobody(self.texts[ours][n]) for ours in WHOSE if ours in self.texts):
            return False
        total = total_of(row, self.asked.teams)
        if total is not None:
            self.reading.totals.append(total)
        return total is not None

    def _is_shifted(self, row: Cells) -> bool:
        width = self.table.strict_width
        return width is not None and len(row) > width and not all(is_blank(cell) for cell in row[width:])

    def _is_cut(self, row: Cells) -> bool:
        # What is not there says nothing: neither that a note is empty nor that nobody is protected.
        return self.table.strict_width is not None and len(row) < self.fewest_cells

    def _rows_of_no_group(self) -> list[int]:
        """The rows whose group nobody knows and may be none, but a name that slipped into the wrong column."""
        if not self.needs_client:
            return []
        rows: dict[str, list[int]] = {}
        for n, (_, team) in self.readable.items():
            if not team.known:
                rows.setdefault(team.name, []).append(n)
        people = self._keys_of_people() if rows else set()
        return [
            n
            for name, its_rows in rows.items()
            if not self._is_group(team_key(name), its_rows, people)
            for n in its_rows
        ]

    def _keys_of_people(self) -> set[str]:
        columns = self.layout.columns
        mapped = [columns[ours] for ours in ("client_name", "employee_name") if ours in columns]
        asked = [*mapped, *([heading] for headings in mapped for heading in headings)]
        names = {name for headings in asked for name in texts(self.table, headings)}
        return {team_key(shown) for name in names for shown in (name, first_name_first(name))}

    def _is_group(self, key: str, rows: Sequence[int], people: set[str]) -> bool:
        if names_somebody(key, people):
            return False
        if key == team_key(self.told.team or ""):
            return True
        visits = [n for n in rows if not self.is_other[n]]
        who = self.texts.get("client_id") or self.texts["client_name"]
        return len(visits) >= FEWEST_VISITS_OF_A_GROUP and len({who[n] for n in visits}) >= FEWEST_CLIENTS_OF_A_GROUP

    def _team_of_cell(self, cell: object) -> TeamFound | None:
        return self.asked.teams.find(cell_text(cell) or self.told.team or "")

    def _placed(self, n: int, day: date, start: Clock | None) -> Placed | Unplaceable:
        if start is None:
            return Unplaceable("no_time" if is_blank(self.raw_starts[n]) else "bad_time", "start")
        end, minutes = self.ends[n], self.minutes[n]
        if end == UNCLEAR:
            return Unplaceable("bad_time", "end")
        if end is None and minutes == UNCLEAR:
            return Unplaceable("bad_length", "minutes")
        if end is None and minutes is None:
            return Unplaceable("no_length", "minutes" if "minutes" in self.layout.columns else "end")
        if start.day and start.day != day and not self._dated_by_shift:
            return Unplaceable("date_mismatch", "start")
        return self._place(day + ONE_DAY if self.after_midnight[n] else day, start, end, minutes)

    @property
    def _dated_by_shift(self) -> bool:
        return self.asked.settings.source.night_dated_by is NightDating.SHIFT

    def _refuse(self, n: int, code: str, column: str, day: date | None, team: str | None) -> Fate:
        if day is not None and day not in self.asked.kept:
            return Fate.OUTSIDE
        self.reading.unreadable.append(
            Unreadable(
                plan_date=day,
                team=team,
                file=self.table.file,
                row=self.table.first_row + n,
                raw_time="" if code in CELLS_ASTRAY else self._raw_time(n),
                code=code,
                column=self.layout.column_name(column) if column else "",
            )
        )
        return Fate.UNREADABLE

    def _raw_time(self, n: int) -> str:
        text, masked = mask(cell_text(self.raw_starts[n]))
        is_time = LOOKS_LIKE_A_TIME.fullmatch(text) and not masked and not self.is_protected[n]
        return text if is_time else ""

    def _keep(self, fates: Sequence[Fate]) -> None:
        reading = self.reading
        placed = [placed for placed, _ in self.readable.values()]
        reading.plan_dates = [one.plan_date for one in placed]
        reading.teams_of_rows = [team.name for _, team in self.readable.values()]
        reading.starts = [one.start_us for one in placed]
        reading.ends = [one.end_us for one in placed]
        for n, one in enumerate(placed):
            if one.moved:
                reading.count(n, "moved_clock")
        # A group of the settings is there also where none of its rows can be read; any other only by what is read.
        known = {
            team.name
            for team, fate in zip(self.teams, fates, strict=True)
            if fate in OF_A_GROUP and team and team.known
        }
        unknown = set(reading.teams_of_rows) - known
        reading.teams = {TeamFound(name) for name in known} | {TeamFound(name, known=False) for name in unknown}

    def _pick(self, picked: list[int]) -> None:
        reading = self.reading
        for ours in TEXT_COLUMNS:
            column = self.texts.get(ours)
            reading.columns[ours] = [column[n] for n in picked] if column else [""] * len(picked)
        reading.columns["employee_name"] = each(reading.columns["employee_name"], first_name_first)
        reading.protected = [self.is_protected[n] for n in picked]
        reading.employee_protected = [self.is_employee_protected[n] for n in picked]
        reading.set_aside = self._marked_but_not(picked)
        other = [self.is_other[n] for n in picked]
        self._count_blank_columns(other)
        self._name_other_rows(picked, other)
        self._settle_status(other)

    def _count_blank_columns(self, other: Sequence[bool]) -> None:
        """Columns that are there and empty on all visits of a cell: nobody could work by such a list."""
        reading = self.reading
        cells = [*zip(reading.plan_dates, reading.teams_of_rows, strict=True)]
        visits = Counter(cell for cell, is_other in zip(cells, other, strict=True) if not is_other)
        for ours in NEVER_BLANK_ON_ALL:
            if ours in self.texts:
                shown = zip(cells, reading.columns[ours], other, strict=True)
                filled = {cell for cell, text, is_other in shown if text and not is_other}
                for cell, number in visits.items():
                    if cell not in filled and number >= FEWEST_VISITS_OF_A_GROUP:
                        reading.count_cell(*cell, "blank_columns")

    def _marked_but_not(self, picked: list[int]) -> list[SetAside]:
        marked = set(compress(count(), self.is_protected)).union(compress(count(), self.is_employee_protected))
        aside = sorted(marked.difference(picked)) if marked else []
        return [self._set_aside(n) for n in aside if not repeats_headings(self.table.rows[n], self.table)]

    def _set_aside(self, n: int) -> SetAside:
        def text(ours: str) -> str:
            return self.texts[ours][n] if ours in self.texts else ""

        row = self.table.rows[n]
        return SetAside(
            text("client_id"),
            text("client_name"),
            text("address"),
            text("phone"),
            text("employee_id"),
            first_name_first(text("employee_name")),
            self.is_protected[n],
            self.is_employee_protected[n],
            in_order=n not in self.table.broken and not self._is_shifted(row) and not self._is_cut(row),
        )

    def _name_other_rows(self, picked: list[int], other: list[bool]) -> None:
        if self.layout.other_rows is None:
            return
        named = texts(self.table, [self.layout.other_rows.column])
        activities = self.reading.columns["activities"]
        for n, row in enumerate(picked):
            if other[n] and not activities[n]:
                activities[n] = named[row]

    def _settle_status(self, other: Sequence[bool]) -> None:
        reading = self.reading
        known = each(reading.columns["status"], _known_status)
        for n, status in enumerate(known):
            if status is None and not other[n]:
                reading.count(n, "unknown_status")
        reading.columns["status"] = [
            Status.OTHER.value if is_other else (status or Status.PLANNED.value)
            for status, is_other in zip(known, other, strict=True)
        ]


def _place_once(
    zone: ZoneInfo, longest_minutes: float, day: date, start: Clock, end: Clock | None, minutes: float | None
) -> Placed | Unplaceable:
    return place(day, start, end, minutes, zone, longest_minutes)


def names_somebody(key: str, people: Collection[str]) -> bool:
    """Whether a group's folded name is or holds a person's whole name, an identity number, or digits like a phone's."""
    if key in people or mask(key)[1] or LIKE_A_PHONE.search(key):
        return True
    # One word alone says little: groups are named by places, and so are people.
    return any(" " in person and f" {person} " in f" {key} " for person in people)


def _somebody(text: str) -> str:
    """Who a cell names; a dash or a dot is how some systems write that nobody has the visit yet."""
    return text if any(map(str.isalnum, text)) else ""


def _known_status(text: str) -> str | None:
    status = fold(text) or Status.PLANNED.value
    return status if status in set(Status) else None


# Nobody's day begins before this, and nobody's night goes on past the second: with shifts as dates, a start before the
# first lies after midnight, and one between them does where the same person works that night.
FIRST_DAY_START, LAST_NIGHT_START, EVENING_START = 5 * 3600, 9 * 3600, 20 * 3600


def nights_dated_by_shift(keys: Sequence[Hashable], starts: Sequence[Clock | None]) -> list[bool]:
    """Which visits, dated by their shift, begin on the day after: by the other visits of the same person that day."""
    worked: dict[Hashable, set[str]] = {}
    for key, start in zip(keys, starts, strict=True):
        if start:
            worked.setdefault(key, set()).add(_part_of_day(start.seconds))
    return [
        start is not None and start.day is None and _is_after_midnight(start.seconds, worked[key])
        for key, start in zip(keys, starts, strict=True)
    ]


def _part_of_day(seconds: int) -> str:
    if seconds < FIRST_DAY_START:
        return "night"
    if seconds < LAST_NIGHT_START:
        return "morning"
    return "day" if seconds < EVENING_START else "evening"


def _is_after_midnight(seconds: int, worked: set[str]) -> bool:
    if seconds < FIRST_DAY_START:
        return True
    return seconds < LAST_NIGHT_START and "day" not in worked and {"night", "evening"} <= worked
