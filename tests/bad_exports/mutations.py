"""Bad exports, each made from a good one as it happens in an office, and what must become of each.

A kind is a small function: its name says what is wrong with the export, its docstring what somebody did. It is given
the good export of that moment and returns the file, or the files, that lie in the folder instead.
"""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from random import Random
from typing import Any

from openpyxl import Workbook
from reservplan.extract.demo import COLUMNS, HEADINGS, OTHER_ROWS, export_bytes

Row = dict[str, str]
ULLARED, ALVSERED = TEAMS = ("Ullared", "Älvsered")
# Nobody's, but valid by its date and check digit.
IDENTITY_NUMBER = "19121212-1212"


class Expected(StrEnum):
    """What must become of the worst cell; `UNDERSTOOD`: the copy is the good one all the same."""

    STOPPED = "the run stops"
    INCOMPLETE = "incomplete"
    REMARKS = "remarks"
    UNDERSTOOD = "understood"
    MISSED = "missed"


@dataclass(frozen=True)
class File:
    """One file in the folder of exports; without `saved_at` it was saved a quarter of an hour before the run."""

    content: bytes
    name: str = "Planering.csv"
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Arrival:
    """What lies in the folder when the run begins, and what else the settings say of the source."""

    files: tuple[File, ...]
    source: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Good:
    """The good export of a moment, of two groups, from the day before `today` to the day after tomorrow."""

    today: date
    now: datetime
    seed: int

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)

    def content(self, as_of: date | None = None) -> bytes:
        """The bytes as the planning system saved them on a day."""
        as_of = as_of or self.today
        return export_bytes(TEAMS, as_of - timedelta(days=1), as_of + timedelta(days=2), as_of, self.seed)

    @cached_property
    def text(self) -> str:
        """The export of today without its byte order mark."""
        return self.content().decode("utf-8-sig")

    @property
    def rows(self) -> list[Row]:
        """Its rows by heading; the caller's own."""
        return list(csv.DictReader(io.StringIO(self.text, newline=""), delimiter=";"))

    @property
    def chance(self) -> Random:
        """The same dice for every kind."""
        return Random(self.seed)  # noqa: S311 - nobody's secret

    def day_of(self, row: Row) -> date:
        return date.fromisoformat(row["Datum"])


def text_of(rows: Iterable[Row], headings: Sequence[str] = HEADINGS, delimiter: str = ";") -> str:
    """Rows as the planning system writes them."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([row.get(heading, "") for heading in headings] for row in rows)
    return target.getvalue()


def workbook_of(rows: Iterable[Row], title: str = "Planering", first_sheet: str = "") -> bytes:
    """Rows as a workbook; `first_sheet` is the title of a sheet before them that holds something else."""
    book = Workbook(write_only=True)
    if first_sheet:
        book.create_sheet(first_sheet).append(["Grupp", "Antal"])
    sheet = book.create_sheet(title)
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append([row[heading] for heading in HEADINGS])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def saved(content: bytes | str | Iterable[Row], name: str = "Planering.csv", **source: Any) -> Arrival:
    """One file, saved just now."""
    if not isinstance(content, bytes):
        text = content if isinstance(content, str) else text_of(content)
        content = text.encode("utf-8-sig")
    return Arrival((File(content, name),), source)


Mutation = Callable[[Good], Arrival]


@dataclass(frozen=True)
class Kind:
    """One kind of bad export; `after` makes the one that was published an hour before, where it is not the good one.

    `is_long` leaves it to the long form of the tests, where the short one has others of its sort.
    """

    name: str
    what_happened: str
    mutate: Mutation
    expected: Expected
    after: Mutation | None = None
    is_long: bool = False


KINDS: dict[str, Kind] = {}


def becomes(
    expected: Expected, after: Mutation | None = None, *, is_long: bool = False
) -> Callable[[Mutation], Mutation]:
    """Enter a function among the kinds, under its own name."""

    def enter(mutate: Mutation) -> Mutation:
        name = mutate.__name__.replace("_", " ")
        KINDS[name] = Kind(name, " ".join((mutate.__doc__ or "").split()), mutate, expected, after, is_long)
        return mutate

    return enter


STOPPED, INCOMPLETE, REMARKS = Expected.STOPPED, Expected.INCOMPLETE, Expected.REMARKS
UNDERSTOOD, MISSED = Expected.UNDERSTOOD, Expected.MISSED


def is_visit(row: Row) -> bool:
    return row["Insatser"] not in OTHER_ROWS


def changed(rows: Iterable[Row], **columns: Callable[[Row], str] | str) -> list[Row]:
    """The rows with columns set anew."""
    return [
        row | {heading: value if isinstance(value, str) else value(row) for heading, value in columns.items()}
        for row in rows
    ]


# Something is left out


@becomes(INCOMPLETE)
def a_group_is_left_out(good: Good) -> Arrival:
    """A group was not ticked in the selection."""
    return saved(row for row in good.rows if row["Grupp"] != ALVSERED)


@becomes(INCOMPLETE, is_long=True)
def only_one_group(good: Good) -> Arrival:
    """A coordinator saved her own group only, over everybody's export."""
    return saved(row for row in good.rows if row["Grupp"] == ULLARED)


@becomes(INCOMPLETE, is_long=True)
def a_day_is_left_out(good: Good) -> Arrival:
    """Tomorrow is not there, the days around it are."""
    return saved(row for row in good.rows if good.day_of(row) != good.tomorrow)


@becomes(INCOMPLETE, is_long=True)
def one_day_only(good: Good) -> Arrival:
    """The selection was "today" instead of the week."""
    return saved(row for row in good.rows if good.day_of(row) == good.today)


@becomes(REMARKS, is_long=True)
def an_hour_is_left_out_in_all_groups(good: Good) -> Arrival:
    """The selection began at eight: nothing from 07 to 08 is there."""
    return saved(row for row in good.rows if not row["Starttid"].startswith("07:"))


@becomes(REMARKS)
def an_hour_is_left_out_in_one_group(good: Good) -> Arrival:
    """The same, in one group's own selection."""
    return saved(row for row in good.rows if row["Grupp"] != ULLARED or not row["Starttid"].startswith("07:"))


@becomes(REMARKS, is_long=True)
def a_route_is_left_out(good: Good) -> Arrival:
    """One route (slinga) of each group is hidden by a filter."""
    return saved(row for row in good.rows if row["Slinga"] != "Slinga 3")


@becomes(REMARKS, is_long=True)
def an_employee_is_left_out(good: Good) -> Arrival:
    """Whoever has left is taken out of the system, and her visits of today with her."""
    of_today = [row for row in good.rows if row["Grupp"] == ULLARED and good.day_of(row) == good.today]
    ((gone, _),) = Counter(row["Anställningsnr"] for row in of_today).most_common(1)
    return saved(row for row in good.rows if row["Anställningsnr"] != gone)


@becomes(REMARKS)
def six_visits_are_left_out(good: Good) -> Arrival:
    """Six visits of one group are gone, nobody knows why."""
    rows = good.rows
    of_today = [
        n
        for n, row in enumerate(rows)
        if row["Grupp"] == ULLARED and good.day_of(row) == good.today and is_visit(row) and row["Status"] == "Planerat"
    ]
    gone = set(good.chance.sample(of_today, 6))
    return saved(row for n, row in enumerate(rows) if n not in gone)


@becomes(INCOMPLETE, is_long=True)
def a_third_is_left_out(good: Good) -> Arrival:
    """The database behind the export answers only for some of the clients."""
    chance = good.chance
    return saved(row for row in good.rows if chance.random() >= 0.3)


@becomes(INCOMPLETE, is_long=True)
def nothing_after_noon(good: Good) -> Arrival:
    """The selection ended at twelve."""
    return saved(row for row in good.rows if row["Starttid"] < "12")


@becomes(REMARKS, is_long=True)
def the_evening_is_left_out(good: Good) -> Arrival:
    """The evening's planning is not released yet: nothing from 18 to 22."""
    return saved(row for row in good.rows if not "18" <= row["Starttid"] < "22")


@becomes(REMARKS, is_long=True)
def the_nights_are_left_out(good: Good) -> Arrival:
    """The night patrol has moved to a group of its own, which nobody exports."""
    return saved(row for row in good.rows if "06" <= row["Starttid"] < "21:30")


@becomes(REMARKS, is_long=True)
def one_of_two_at_double_staffing(good: Good) -> Arrival:
    """The export shows a visit by two only once."""
    rows = good.rows
    first = {row["Dubbelid"]: n for n, row in reversed(list(enumerate(rows)))}
    return saved(row for n, row in enumerate(rows) if not row["Dubbelid"] or first[row["Dubbelid"]] == n)


@becomes(MISSED, is_long=True)
def what_nobody_has_yet_is_left_out(good: Good) -> Arrival:
    """The export is by employee: visits that nobody has been given are not on it."""
    return saved(row for row in good.rows if row["Medarbetare"])


@becomes(STOPPED)
def half_a_file(good: Good) -> Arrival:
    """The disk was full: the file ends in the middle of a row."""
    content = good.content()
    return saved(content[: content.index(b"Slinga", len(content) // 2)])


@becomes(INCOMPLETE, is_long=True)
def half_the_rows(good: Good) -> Arrival:
    """The system gives at most so many rows: the file ends after a whole one."""
    rows = good.rows
    return saved(rows[: len(rows) // 2])


@becomes(STOPPED)
def only_headings(_: Good) -> Arrival:
    """The selection matched nothing."""
    return saved([])


@becomes(STOPPED)
def zero_bytes(_: Good) -> Arrival:
    """The system made the file and died."""
    return saved(b"")


@becomes(STOPPED)
def no_file_at_all(_: Good) -> Arrival:
    """Somebody tidied up the folder of exports."""
    return Arrival(())


@becomes(INCOMPLETE, is_long=True)
def every_visit_is_cancelled(good: Good) -> Arrival:
    """A slip in the system cancelled the whole week."""
    return saved(changed(good.rows, Status="Inställt"))


@becomes(REMARKS, is_long=True)
def a_third_of_the_visits_are_cancelled(good: Good) -> Arrival:
    """A storm: every third visit of the coming days is cancelled, which may be quite right."""
    chance = good.chance
    return saved(changed(good.rows, Status=lambda row: "Inställt" if chance.random() < 0.35 else row["Status"]))


# Something is there that should not be


@becomes(REMARKS)
def every_row_twice(good: Good) -> Arrival:
    """A join went wrong: every row is there twice."""
    return saved([row for row in good.rows for _ in range(2)])


@becomes(REMARKS, is_long=True)
def two_exports_in_one_file(good: Good) -> Arrival:
    """The system adds to the file instead of writing it anew."""
    return saved(good.text + good.text)


@becomes(REMARKS, is_long=True)
def some_rows_twice_under_new_ids(good: Good) -> Arrival:
    """Every tenth visit was planned twice."""
    rows = good.rows
    return saved(rows + changed(rows[::10], BesöksID=lambda row: f"{row['BesöksID']}-2"))


@becomes(REMARKS, is_long=True)
def some_ids_twice_for_different_visits(good: Good) -> Arrival:
    """Ids lost their last digit."""
    return saved(changed(good.rows, BesöksID=lambda row: row["BesöksID"][:-1]))


@becomes(INCOMPLETE)
def tenfold_rows(good: Good) -> Arrival:
    """A join with the list of ten activities: each visit ten times, under new ids."""
    return saved(row | {"BesöksID": f"{row['BesöksID']}-{n}"} for row in good.rows for n in range(10))


@becomes(REMARKS, is_long=True)
def a_group_for_tests(good: Good) -> Arrival:
    """Somebody tried a new version with a group called TEST, in the real system."""
    rows = good.rows
    copied = changed(rows, Grupp="TEST", BesöksID=lambda row: f"T{row['BesöksID']}")
    return saved(rows + copied[: len(copied) // 3])


@becomes(REMARKS)
def an_identity_number_in_the_note(good: Good) -> Arrival:
    """Somebody wrote a personal identity number into a visit's note."""
    return saved(changed(good.rows, Notering=lambda row: f"Pnr {IDENTITY_NUMBER}" * (row["Prio"] == "1")))


def with_marks(good: Good, mark: str) -> Arrival:
    first = {row["Grupp"]: row["Kundnr"] for row in reversed(good.rows) if row["Kundnr"]}
    rows = changed(good.rows, Sekretess=lambda row: mark if row["Kundnr"] in first.values() else "")
    return saved(text_of(rows, [*HEADINGS, "Sekretess"]), protected="Sekretess")


@becomes(STOPPED, after=lambda good: with_marks(good, "ja"))
def the_column_of_protection_is_missing(good: Good) -> Arrival:
    """Somebody unticked the column that says who is protected."""
    return saved(good.text, protected="Sekretess")


@becomes(INCOMPLETE, after=lambda good: with_marks(good, "ja"))
def marks_of_protection_are_gone(good: Good) -> Arrival:
    """The account that exports may no longer see who is protected: the column is there, and empty."""
    return with_marks(good, "")


# Groups


@becomes(INCOMPLETE)
def a_group_is_renamed(good: Good) -> Arrival:
    """The group got a new name in the planning system."""
    new = {ALVSERED: "Älvsered norra"}
    return saved(changed(good.rows, Grupp=lambda row: new.get(row["Grupp"], row["Grupp"])))


@becomes(INCOMPLETE)
def two_groups_are_merged(good: Good) -> Arrival:
    """Two groups are one since today, under the name of the first."""
    return saved(changed(good.rows, Grupp=lambda row: ULLARED if row["Grupp"] == ALVSERED else row["Grupp"]))


@becomes(INCOMPLETE, is_long=True)
def two_groups_have_changed_names(good: Good) -> Arrival:
    """Two rows in a list of groups were mixed up: each group has the other's visits."""
    other = {ULLARED: ALVSERED, ALVSERED: ULLARED}
    return saved(changed(good.rows, Grupp=lambda row: other.get(row["Grupp"], row["Grupp"])))


def a_file_each(rows: Sequence[Row], contents: Mapping[str, str]) -> Arrival:
    """One file a group: `contents` says whose rows lie under which group's name."""
    files = [
        File(text_of(row for row in rows if row["Grupp"] == theirs).encode("utf-8-sig"), f"{name}.csv")
        for name, theirs in contents.items()
    ]
    return Arrival(tuple(files), {"path": "{team}.csv"})


@becomes(INCOMPLETE, is_long=True)
def another_groups_file_under_our_name(good: Good) -> Arrival:
    """One file a group: Älvsered's visits were saved over Ullared's file too."""
    return a_file_each(good.rows, {ULLARED: ALVSERED, ALVSERED: ALVSERED})


@becomes(INCOMPLETE)
def one_of_the_files_is_broken(good: Good) -> Arrival:
    """One file a group: Älvsered's ends in the middle of a row."""
    whole = a_file_each(good.rows, dict(zip(TEAMS, TEAMS, strict=True)))
    files = tuple(
        File(file.content[: file.content.index(b"Slinga", 9000)], file.name) if ALVSERED in file.name else file
        for file in whole.files
    )
    return Arrival(files, whole.source)


@becomes(INCOMPLETE, is_long=True)
def no_group_on_any_row_of_one(good: Good) -> Arrival:
    """The group is blank where it is Älvsered's."""
    return saved(changed(good.rows, Grupp=lambda row: "" if row["Grupp"] == ALVSERED else row["Grupp"]))


@becomes(INCOMPLETE, is_long=True)
def a_total_that_differs(good: Good) -> Arrival:
    """One file a group and day, each with its total: 90 visits say that they are 100."""
    files = []
    for team in TEAMS:
        for day in (good.today, good.tomorrow):
            rows = [row for row in good.rows if row["Grupp"] == team and good.day_of(row) == day]
            planned = sum(is_visit(row) and row["Status"] == "Planerat" for row in rows)
            total = f"Summa besök;{planned + 10}\r\n"
            files.append(File((text_of(rows) + total).encode("utf-8-sig"), f"{team} {day:%y%m%d}.csv"))
    return Arrival(tuple(files), {"path": "{team} {plan_date:%y%m%d}.csv"})


@becomes(INCOMPLETE, is_long=True)
def every_group_is_renamed(good: Good) -> Arrival:
    """The upgrade writes the unit before every group: HTJ Ullared."""
    return saved(changed(good.rows, Grupp=lambda row: f"HTJ {row['Grupp']}"))


# Days and times


def moved(good: Good, days: int) -> Arrival:
    return saved(changed(good.rows, Datum=lambda row: str(good.day_of(row) + timedelta(days=days))))


@becomes(INCOMPLETE)
def all_a_day_later(good: Good) -> Arrival:
    """A formula slipped: every visit stands on the day after its own."""
    return moved(good, 1)


@becomes(INCOMPLETE, is_long=True)
def all_a_day_earlier(good: Good) -> Arrival:
    """Midnight was read as UTC: every visit stands on the day before its own."""
    return moved(good, -1)


@becomes(INCOMPLETE, is_long=True)
def all_a_week_earlier(good: Good) -> Arrival:
    """The export is made today, of last week."""
    return moved(good, -7)


@becomes(INCOMPLETE)
def times_in_utc(good: Good) -> Arrival:
    """A new server writes every time an hour early."""

    def earlier(row: Row) -> Row:
        start = datetime.fromisoformat(f"{row['Datum']} {row['Starttid']}") - timedelta(hours=1)
        return row | {"Datum": f"{start:%Y-%m-%d}", "Starttid": f"{start:%H:%M}"}

    return saved(map(earlier, good.rows))


@becomes(INCOMPLETE, is_long=True)
def every_time_at_midnight(good: Good) -> Arrival:
    """The time was cut off the moment: every visit begins at 00:00."""
    return saved(changed(good.rows, Starttid="00:00"))


@becomes(INCOMPLETE, is_long=True)
def no_times(good: Good) -> Arrival:
    """The column of times is there, and empty."""
    return saved(changed(good.rows, Starttid=""))


def with_ends(good: Good) -> list[Row]:
    """The rows with the clock time at which they end."""

    def end(row: Row) -> str:
        start = datetime.fromisoformat(f"{row['Datum']} {row['Starttid']}")
        return f"{start + timedelta(minutes=int(row['Längd'])):%H:%M}"

    return changed(good.rows, Sluttid=end)


WITH_ENDS = {"columns": {ours: theirs for ours, theirs in COLUMNS.items() if ours != "minutes"} | {"end": ("Sluttid",)}}
HEADINGS_WITH_END = [{"Längd": "Sluttid"}.get(heading, heading) for heading in HEADINGS]


@becomes(INCOMPLETE)
def end_before_start(good: Good) -> Arrival:
    """The export has start and end, and their headings have changed places."""
    swapped = [{"Starttid": "Sluttid", "Sluttid": "Starttid"}.get(heading, heading) for heading in HEADINGS_WITH_END]
    text = text_of(with_ends(good), HEADINGS_WITH_END)
    return saved(text.replace(";".join(HEADINGS_WITH_END), ";".join(swapped), 1), **WITH_ENDS)


@becomes(INCOMPLETE, is_long=True)
def end_is_start(good: Good) -> Arrival:
    """The export has start and end, and the same time in both."""
    rows = changed(with_ends(good), Sluttid=lambda row: row["Starttid"])
    return saved(text_of(rows, HEADINGS_WITH_END), **WITH_ENDS)


@becomes(INCOMPLETE, is_long=True)
def negative_lengths(good: Good) -> Arrival:
    """Lengths are reckoned the wrong way round."""
    return saved(changed(good.rows, Längd=lambda row: f"-{row['Längd']}"))


@becomes(INCOMPLETE, is_long=True)
def lengths_of_nothing(good: Good) -> Arrival:
    """Every visit is 0 minutes long."""
    return saved(changed(good.rows, Längd="0"))


@becomes(INCOMPLETE, is_long=True)
def lengths_in_seconds(good: Good) -> Arrival:
    """Lengths are seconds since the last upgrade: half an hour is 1800."""
    return saved(changed(good.rows, Längd=lambda row: str(int(row["Längd"]) * 60)))


@becomes(INCOMPLETE, is_long=True)
def lengths_in_words(good: Good) -> Arrival:
    """Lengths have become words."""
    return saved(changed(good.rows, Längd="enligt plan"))


@becomes(UNDERSTOOD, is_long=True)
def decimal_lengths(good: Good) -> Arrival:
    """Lengths have two decimals since the last upgrade: 30,00."""
    return saved(changed(good.rows, Längd=lambda row: f"{row['Längd']},00"))


@becomes(STOPPED)
def the_year_1900(good: Good) -> Arrival:
    """A spreadsheet that counts days from another year was between: 1900 for every year."""
    return saved(changed(good.rows, Datum=lambda row: f"1900{row['Datum'][4:]}"))


@becomes(INCOMPLETE, is_long=True)
def the_year_2062(good: Good) -> Arrival:
    """A slip of the keyboard in a template: 2062 for every year."""
    return saved(changed(good.rows, Datum=lambda row: f"2062{row['Datum'][4:]}"))


@becomes(STOPPED)
def american_dates(good: Good) -> Arrival:
    """The server's language is English since the upgrade: 11/18/2026."""
    return saved(changed(good.rows, Datum=lambda row: f"{good.day_of(row):%m/%d/%Y}"))


@becomes(STOPPED, is_long=True)
def day_and_month_have_changed_places(good: Good) -> Arrival:
    """Dates are year, day, month: 2026-18-11."""
    return saved(changed(good.rows, Datum=lambda row: f"{good.day_of(row):%Y-%d-%m}"))


@becomes(INCOMPLETE, is_long=True)
def some_dates_cannot_be_read(good: Good) -> Arrival:
    """Every twentieth date is a spreadsheet's #VÄRDEFEL!."""
    rows = good.rows
    return saved(row | {"Datum": "#VÄRDEFEL!"} if n % 20 == 0 else row for n, row in enumerate(rows))


@becomes(UNDERSTOOD, is_long=True)
def times_as_fractions_in_text(good: Good) -> Arrival:
    """A spreadsheet wrote its own numbers as text: 0,3125 for half past seven."""

    def fraction(row: Row) -> str:
        hour, minute = map(int, row["Starttid"].split(":"))
        return f"{(hour * 60 + minute) / 1440:.6f}".replace(".", ",")

    return saved(changed(good.rows, Starttid=fraction))


@becomes(UNDERSTOOD, is_long=True)
def times_without_colons(good: Good) -> Arrival:
    """Times are written 7.15 since the last upgrade."""
    return saved(changed(good.rows, Starttid=lambda row: row["Starttid"].removeprefix("0").replace(":", ".")))


# Columns


@becomes(STOPPED)
def a_column_is_missing(good: Good) -> Arrival:
    """Somebody unticked the activities."""
    return saved(text_of(good.rows, [heading for heading in HEADINGS if heading != "Insatser"]))


@becomes(STOPPED)
def headings_are_renamed(good: Good) -> Arrival:
    """The upgrade calls things by other names."""
    return saved(good.text.replace("Starttid", "Planerad start", 1).replace("Medarbetare", "Personal", 1))


@becomes(STOPPED)
def no_headings(good: Good) -> Arrival:
    """The export begins with the first visit."""
    return saved(good.text.partition("\r\n")[2])


@becomes(STOPPED)
def a_heading_twice(good: Good) -> Arrival:
    """Two columns are called Medarbetare: the planned one and the permanent contact."""
    return saved(good.text.replace("Slinga", "Medarbetare", 1))


@becomes(UNDERSTOOD, is_long=True)
def a_title_above_the_headings(good: Good) -> Arrival:
    """The system writes a title and a blank line above the headings."""
    return saved(f"Planering hemtjänst, utskriven {good.today}\r\n\r\n{good.text}")


@becomes(UNDERSTOOD, is_long=True)
def columns_in_another_order(good: Good) -> Arrival:
    """The upgrade turned the columns round and added some."""
    return saved(text_of(changed(good.rows, Personnummer=IDENTITY_NUMBER), ["Personnummer", *reversed(HEADINGS)]))


@becomes(STOPPED)
def every_cell_one_to_the_right(good: Good) -> Arrival:
    """A column without a heading was put first."""
    headings, _, body = good.text.partition("\r\n")
    return saved(headings + "\r\n" + "".join(f"x;{line}\r\n" for line in body.splitlines()))


def exchanged(good: Good, one: str, other: str) -> Arrival:
    """The two columns' contents under each other's headings, on the rows of visits."""
    return saved(row | {one: row[other], other: row[one]} if is_visit(row) else row for row in good.rows)


@becomes(INCOMPLETE)
def clients_and_employees_have_changed_places(good: Good) -> Arrival:
    """The mapping in the export was turned round."""
    rows = changed(
        good.rows,
        Kundnr=lambda row: row["Anställningsnr"] if is_visit(row) else "",
        Förnamn=lambda row: row["Medarbetare"] if is_visit(row) else "",
        Efternamn="",
        Anställningsnr=lambda row: row["Kundnr"],
        Medarbetare=lambda row: f"{row['Förnamn']} {row['Efternamn']}".strip(),
    )
    return saved(rows)


@becomes(INCOMPLETE, is_long=True)
def groups_and_employees_have_changed_places(good: Good) -> Arrival:
    """The mapping in the export was turned round: where the group should be, a person's name is."""
    return exchanged(good, "Grupp", "Medarbetare")


@becomes(INCOMPLETE)
def no_clients(good: Good) -> Arrival:
    """The account that exports may no longer see clients' names."""
    return saved(changed(good.rows, Kundnr="", Förnamn="", Efternamn=""))


@becomes(INCOMPLETE, is_long=True)
def all_clients_are_the_same(good: Good) -> Arrival:
    """A test of anonymity was left on: every client is called Kund, number 1."""
    return saved(changed(good.rows, Kundnr="1", Förnamn="Kund", Efternamn=""))


@becomes(REMARKS)
def no_employees(good: Good) -> Arrival:
    """The schedule is not published: every visit is without anybody."""
    return saved(changed(good.rows, Anställningsnr="", Medarbetare=""))


@becomes(INCOMPLETE, is_long=True)
def all_by_one_employee(good: Good) -> Arrival:
    """A reset in the system gave every visit to the same person."""
    first = next(row for row in good.rows if row["Medarbetare"])
    return saved(changed(good.rows, Anställningsnr=first["Anställningsnr"], Medarbetare=first["Medarbetare"]))


@becomes(UNDERSTOOD, is_long=True)
def no_ids(good: Good) -> Arrival:
    """The column of ids is there, and empty."""
    return saved(changed(good.rows, BesöksID=""))


@becomes(REMARKS, is_long=True)
def the_same_id_on_all(good: Good) -> Arrival:
    """Every visit has the id 0."""
    return saved(changed(good.rows, BesöksID="0"))


@becomes(UNDERSTOOD, is_long=True)
def all_ids_are_new(good: Good) -> Arrival:
    """The system was moved to another server and gave every visit a new id."""
    return saved(changed(good.rows, BesöksID=lambda row: f"N{row['BesöksID']}"))


@becomes(REMARKS, is_long=True)
def double_staffing_by_one_person(good: Good) -> Arrival:
    """Both visits of an occasion by two are the same person's."""
    first: dict[str, Row] = {}

    def same(row: Row) -> Row:
        if not row["Dubbelid"]:
            return row
        of_first = first.setdefault(row["Dubbelid"], row)
        return row | {heading: of_first[heading] for heading in ("Anställningsnr", "Medarbetare")}

    return saved(map(same, good.rows))


@becomes(REMARKS, is_long=True)
def an_unknown_status_on_all(good: Good) -> Arrival:
    """The upgrade calls planned visits Beslutad."""
    return saved(changed(good.rows, Status="Beslutad"))


@becomes(REMARKS, is_long=True)
def no_activities(good: Good) -> Arrival:
    """The column of activities is there, and empty: nobody sees what to do."""
    return saved(changed(good.rows, Insatser=lambda row: "" if is_visit(row) else row["Insatser"]))


@becomes(REMARKS, is_long=True)
def no_addresses(good: Good) -> Arrival:
    """The columns of addresses and keys are there, and empty."""
    return saved(changed(good.rows, Gata="", Postnr="", Ort="", Nyckel=""))


# Letters and formats


@becomes(STOPPED)
def utf_16_without_a_mark(good: Good) -> Arrival:
    """A script of the operations team writes UTF-16 and leaves out the byte order mark."""
    return saved(good.text.encode("utf-16-le"))


@becomes(STOPPED)
def the_letters_of_dos(good: Good) -> Arrival:
    """An old transfer job writes å, ä and ö as DOS did (code page 850)."""
    return saved(good.text.replace("–", "-").encode("cp850"))


@becomes(STOPPED)
def utf_8_taken_for_latin_1(good: Good) -> Arrival:
    """Somebody opened the file in a spreadsheet and saved it: Ã¥ for å."""
    return saved(good.text.encode().decode("cp1252", "replace"))


@becomes(STOPPED)
def latin_1_and_utf_8_mixed(good: Good) -> Arrival:
    """Two jobs write to the same file, the second with other letters."""
    half = good.text.rindex("\r\n", 0, len(good.text) // 2) + 2
    return saved(good.text[:half].encode("utf-8-sig") + good.text[half:].replace("–", "-").encode("latin-1"))


@becomes(INCOMPLETE, is_long=True)
def headings_in_latin_1_and_rows_in_utf_8(good: Good) -> Arrival:
    """The template with the headings is old, the rows come from the new system."""
    headings, _, body = good.text.partition("\r\n")
    return saved((headings + "\r\n").encode("latin-1") + body.encode())


@becomes(STOPPED)
def question_marks_for_letters(good: Good) -> Arrival:
    """A transfer through ASCII made every å, ä and ö a question mark."""
    return saved(good.text.encode("ascii", "replace"))


@becomes(STOPPED)
def nul_bytes(good: Good) -> Arrival:
    """A bad sector: the second half of the file is nothing but NUL."""
    content = good.content()
    half = len(content) // 2
    return saved(content[:half] + bytes(len(content) - half))


@becomes(UNDERSTOOD, is_long=True)
def tabs_for_semicolons(good: Good) -> Arrival:
    """The cells are divided by tabs since the last upgrade."""
    return saved(text_of(good.rows, delimiter="\t"))


@becomes(INCOMPLETE, is_long=True)
def commas_without_quotation_marks(good: Good) -> Arrival:
    """The cells are divided by commas, and so are the activities within one."""
    return saved(good.text.replace(";", ","))


@becomes(INCOMPLETE, is_long=True)
def quotation_marks_that_do_not_close(good: Good) -> Arrival:
    """A transfer job lost the second of each pair of quotation marks in the notes."""
    return saved(good.text.replace(";Ring på två gånger.;", ';"Ring på två gånger.;'))


ERROR_PAGE = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n<body>Try later</body></html>\n"


@becomes(STOPPED)
def an_error_page_as_text(_: Good) -> Arrival:
    """The download saved the gateway's error page under the export's name."""
    return saved(ERROR_PAGE.encode())


@becomes(STOPPED)
def an_error_page_as_a_workbook(_: Good) -> Arrival:
    """The same, where the export is a workbook."""
    return saved(ERROR_PAGE.encode(), "Planering.xlsx")


@becomes(STOPPED)
def a_truncated_workbook(good: Good) -> Arrival:
    """The transfer of the workbook broke off."""
    whole = workbook_of(good.rows)
    return saved(whole[: len(whole) // 2], "Planering.xlsx")


@becomes(STOPPED)
def a_zip_that_is_no_workbook(good: Good) -> Arrival:
    """The export was packed, and the packed file given the workbook's name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("Planering.csv", good.content())
    return saved(target.getvalue(), "Planering.xlsx")


@becomes(STOPPED)
def a_workbook_with_a_password(_: Good) -> Arrival:
    """Somebody meant well and protected the workbook with a password."""
    return saved(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "Planering.xlsx")


@becomes(STOPPED)
def the_wrong_sheet(good: Good) -> Arrival:
    """The workbook has a new first sheet, a summary."""
    return saved(workbook_of(good.rows, first_sheet="Sammanställning"), "Planering.xlsx")


@becomes(UNDERSTOOD, is_long=True)
def a_workbook_of_texts(good: Good) -> Arrival:
    """The export is a workbook since today, every cell of it text."""
    return saved(workbook_of(good.rows), "Planering.xlsx")


# The wrong file


@becomes(INCOMPLETE)
def last_weeks_file(good: Good) -> Arrival:
    """Last week's file was saved once more."""
    return saved(good.content(good.today - timedelta(days=7)))


@becomes(INCOMPLETE, is_long=True)
def yesterdays_file_copied_back(good: Good) -> Arrival:
    """A restore put yesterday's file in place of today's, with its own time."""
    file = File(good.content(good.today - timedelta(days=1)), saved_at=good.now - timedelta(hours=30))
    return Arrival((file,))


@becomes(MISSED)
def yesterdays_file_saved_again(good: Good) -> Arrival:
    """Somebody opened yesterday's file and saved it: its time is now, its plan yesterday's."""
    return saved(good.content(good.today - timedelta(days=1)))


@becomes(REMARKS, is_long=True)
def a_file_from_the_future(good: Good) -> Arrival:
    """The clock of the planning server is five hours fast."""
    return Arrival((File(good.content(), saved_at=good.now + timedelta(hours=5)),))
