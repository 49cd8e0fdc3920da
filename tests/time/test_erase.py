"""One client is taken out of the days to come: nothing of theirs is left, and nobody else has lost anything."""

import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pypdf import PdfReader
from reservplan.archive import Archive
from reservplan.domain.deletions import DELETED_NAME, Deletion, What, read_deletions
from reservplan.domain.names import parse_artifact_name
from reservplan.private_files import PrivateFiles
from reservplan.snapshot import Snapshot

from tests.time.office import ULLARED, Done, Office, as_once, local

TODAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 25)
NOON = local("2026-11-24 12:00")
HEADINGS = {
    "plan_date": "Datum",
    "team": "Grupp",
    "visit_id": "Id",
    "client_id": "Kundnr",
    "client_name": "Kund",
    "address": "Gata",
    "phone": "Telefon",
    "start": "Start",
    "minutes": "Längd",
    "employee_name": "Medarbetare",
    "note": "Notering",
}


@dataclass(frozen=True)
class Client:
    """Somebody of the plan."""

    number: str
    name: str
    street: str
    phone: str
    protected: str = ""


ELSA = Client("87431", "Elsa Zachrisson", "Utkiksgatan 77", "0346-77 11 77")
# What tells of Elsa and of nobody else, as letters and digits.
TRACES = ("87431", "zachrisson", "utkiksgatan", "0346771177", "lillkatt")
OTHERS = [Client(f"1{n:04}", f"Kund{n:02}", f"Provgatan {n}", f"0346-60 00 {n:02}") for n in range(12)]
TUVA, ELIAS = "Tuva Lind", "Elias Ek"


def visit(day: date, start: str, client: Client, who: str = TUVA, note: str = "", team: str = ULLARED) -> str:
    told = [
        day,
        team,
        f"{day:%y%m%d}{start}{client.name}{who}",
        client.number,
        client.name,
        client.street,
        client.phone,
    ]
    return ";".join(map(str, [*told, start, 20, who, note, client.protected]))


def day_of(day: date, elsa: int = 3, others: int = 12, team: str = ULLARED, client: Client = ELSA) -> list[str]:
    """Everybody once, Elsa so many times, the first of these with two employees."""
    lines = [
        visit(day, f"{8 + n // 3:02}:{n % 3 * 20:02}", other, (TUVA, ELIAS)[n % 2], team=team)
        for n, other in enumerate(OTHERS[:others])
    ]
    for n in range(elsa):
        lines.append(visit(day, f"{14 + n}:00", client, TUVA, "Lillkatt matas", team))
    return lines + ([visit(day, "14:00", client, ELIAS, "", team)] if elsa else [])


@pytest.fixture
def shop(office: Office) -> Office:
    office.configure(teams=[ULLARED, SMALL, ALONE], source={"columns": HEADINGS, "protected": "Skydd"})
    return office


def save(office: Office, lines: Iterable[str], saved: datetime) -> None:
    place = office.root / "exports" / "Planering.csv"
    place.write_text("\n".join([";".join([*HEADINGS.values(), "Skydd"]), *lines, ""]), encoding="utf-8")
    os.utime(place, (saved.timestamp(), saved.timestamp()))


def captured(office: Office, when: str, lines: Iterable[str]) -> Done:
    save(office, lines, local(when) - timedelta(minutes=15))
    return office.at(local(when), "snapshot")


def erase(office: Office, typed: str = ELSA.number, when: datetime = NOON, *arguments: str) -> Done:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))
        return office.at(when, "erase", *arguments)


def letters(text: str) -> str:
    return re.sub(r"[^a-zåäö0-9]", "", text.casefold())


def text_of(path: Path) -> str:
    """All that a file tells, whatever it is."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    if path.suffix == ".pdf":
        return " ".join(page.extract_text() for page in PdfReader(path).pages)
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return " ".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return path.read_bytes().decode("utf-8", "replace")


def told_of_elsa(*places: Path, but: Iterable[Path] = ()) -> list[str]:
    """Where anything tells of Elsa."""
    files = [path for place in places for path in place.rglob("*") if path.is_file() and path not in set(but)]
    return [
        f"{path.name}: {trace}"
        for path in files
        for trace in TRACES
        if trace in letters(f"{path.name} {text_of(path)}")
    ]


def all_places(office: Office) -> list[Path]:
    return [office.root / name for name in ("copies", "archive", "staging", "reports")]


def names_nobody(done: Done) -> bool:
    return not any(trace in letters(done.out + done.err) for trace in TRACES)


def state_of(office: Office) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for place in all_places(office)
        for path in place.rglob("*")
        if path.is_file() and path.name not in ("pseudonym.key", "lock")
    }


def noted(office: Office, store: str = "copies") -> list[Deletion]:
    place = office.root / store / DELETED_NAME
    return list(read_deletions(place.read_bytes() if place.exists() else None))


SMALL, ALONE = "Liten", "Ensam"


def both_days(elsa: int) -> list[str]:
    """A large group, one of which most is hers, and one that has nobody else."""
    return [
        line
        for day in (TODAY, TOMORROW)
        for team, others in ((ULLARED, 12), (SMALL, 2), (ALONE, 0))
        for line in day_of(day, elsa, others, team)
    ]


def text_of_copy(office: Office, day: date, team: str) -> str:
    return letters(text_of(office.copies / f"{day:%y%m%d} Brukarschema {team}.pdf"))


@pytest.mark.long
def test_nothing_tells_of_the_client_any_more_and_everybody_else_is_there(shop: Office) -> None:
    assert captured(shop, "2026-11-24 05:00", both_days(elsa=2)).status == 0
    # Two captures, so that the paper tells what has changed since the first: a visit more, of her.
    assert captured(shop, "2026-11-24 11:00", both_days(elsa=3)).status == 0
    assert "Elsa Zachrisson" in shop.pages(TODAY)[0]
    save(shop, both_days(elsa=0), local("2026-11-24 11:50"))
    done = erase(shop)
    assert (done.status, done.err) == (0, "")
    assert told_of_elsa(*all_places(shop)) == []
    assert names_nobody(done)
    for day in (TODAY, TOMORROW):
        for team, others in ((ULLARED, 12), (SMALL, 2)):
            paper = text_of_copy(shop, day, team)
            assert all(letters(text) in paper for other in OTHERS[:others] for text in (other.name, other.street))
            entry = shop.manifest(day).cells[team]
            assert entry.visits == others
            assert entry.verdict.whole
        assert ALONE not in shop.manifest(day).cells
        assert not list(shop.copies.glob(f"*{ALONE}*"))
        assert shop.entry(day).verdict == "complete"
    assert {(one.plan_date, one.team, one.count, one.what) for one in noted(shop)} == {
        (day, team, 4, What.ERASED) for day in (TODAY, TOMORROW) for team in (ULLARED, SMALL, ALONE)
    }
    removed = {path for one in noted(shop) for path in one.files}
    assert {(name.team, name.plan_date) for path in removed if (name := parse_artifact_name(path))} == {
        (ALONE, TODAY), (ALONE, TOMORROW),
    }  # fmt: skip
    assert shop.at(NOON + timedelta(minutes=5), "verify", "--deep").status == 0
    assert shop.at(NOON + timedelta(minutes=5), "status").status == 0
    lies = {path: content for path, content in state_of(shop).items() if "/reports/" not in path}
    again = erase(shop, when=NOON + timedelta(minutes=10))
    assert again.status == 1
    assert "inga rader med detta id" in again.err
    assert {path: content for path, content in state_of(shop).items() if "/reports/" not in path} == lies


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "office"


@pytest.fixture
def one_group(office: Office, kept: Path) -> Office:
    """One group whose two days were captured in the morning: two clients, and Elsa twice, once by two."""

    def prepare() -> None:
        assert captured(office, "2026-11-24 05:00", [*small_day(TODAY), *small_day(TOMORROW)]).status == 0

    configure_one(office)
    as_once(office, kept, prepare)
    configure_one(office)
    save(office, [*small_day(TODAY, elsa=0), *small_day(TOMORROW, elsa=0)], local("2026-11-24 11:50"))
    return office


def configure_one(office: Office, **changes: Any) -> None:
    office.configure(source={"columns": HEADINGS, "protected": "Skydd"}, **changes)


def small_day(day: date, elsa: int = 2, client: Client = ELSA) -> list[str]:
    return day_of(day, elsa, others=2, client=client)


def test_an_unknown_id_touches_nothing_and_is_not_repeated(one_group: Office) -> None:
    before = state_of(one_group)
    done = erase(one_group, "4711-hemligt")
    assert done.status == 1
    assert "inga rader med detta id" in done.err
    assert "Ingenting är ändrat" in done.out
    assert "4711" not in done.out + done.err
    assert state_of(one_group) == before


@pytest.mark.parametrize("typed", ["", " \n ", "87431\n10001", "8" * 300], ids=["none", "blank", "two", "too long"])
def test_what_is_not_one_id_is_refused(one_group: Office, typed: str) -> None:
    before = state_of(one_group)
    done = erase(one_group, typed)
    assert done.status == 2
    assert "id" in done.err
    assert names_nobody(done)
    assert state_of(one_group) == before


def test_a_dry_run_says_which_days_and_how_many_rows_and_changes_nothing(one_group: Office) -> None:
    before = state_of(one_group)
    done = erase(one_group, ELSA.number, NOON, "--dry-run")
    assert (done.status, done.err) == (0, "")
    assert "Ullared tisdag 24 nov: 3 rader" in done.out
    assert "Ullared onsdag 25 nov: 3 rader" in done.out
    assert names_nobody(done)
    assert state_of(one_group) == before


def test_a_day_that_has_passed_is_no_first_day(one_group: Office) -> None:
    done = erase(one_group, ELSA.number, NOON, "--from", "2026-11-23")
    assert done.status == 2
    assert "has passed" in done.err


@pytest.mark.long
def test_from_a_later_day_on_the_days_before_it_stay(one_group: Office) -> None:
    today = (one_group.copies / f"{TODAY:%y%m%d} Brukarschema {ULLARED}.pdf").read_bytes()
    done = erase(one_group, ELSA.number, NOON, "--from", f"{TOMORROW}")
    assert (done.status, done.err) == (0, "")
    assert (one_group.copies / f"{TODAY:%y%m%d} Brukarschema {ULLARED}.pdf").read_bytes() == today
    assert "zachrisson" not in text_of_copy(one_group, TOMORROW, ULLARED)


@pytest.mark.long
def test_an_export_that_still_holds_the_client_is_said(one_group: Office) -> None:
    save(one_group, [*small_day(TODAY), *small_day(TOMORROW)], local("2026-11-24 11:50"))
    done = erase(one_group)
    assert done.status == 1
    assert "Exporten har fortfarande 6 rader om personen (261124, 261125)" in done.err
    assert told_of_elsa(*all_places(one_group)) == []
    assert names_nobody(done)


def test_a_file_that_somebody_edited_is_named_and_left(one_group: Office) -> None:
    edited = one_group.copies / f"{TODAY:%y%m%d} Brukarschema {ULLARED}.xlsx"
    with zipfile.ZipFile(edited, "a") as book:
        book.writestr("egen.txt", "planerarens egen")
    content = edited.read_bytes()
    done = erase(one_group)
    assert done.status == 1
    assert f"{edited.name}: någon har ändrat" in done.err
    assert edited.read_bytes() == content
    assert told_of_elsa(*all_places(one_group), but=[edited]) == []
    assert (one_group.copies / f"{TODAY:%y%m%d} Brukarschema {ULLARED} (Reservplan).xlsx").is_file()
    assert names_nobody(done)
    # What is not done is not on record.
    assert {one.plan_date for one in noted(one_group)} == {TOMORROW}


@contextmanager
def protected(file: Path) -> Iterator[None]:
    """A file that not even root may replace or remove."""
    subprocess.run(["chattr", "+i", file], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", file], check=True)


@pytest.mark.long
def test_a_file_that_cannot_be_replaced_is_named_until_it_can(one_group: Office) -> None:
    held = one_group.copies / f"{TODAY:%y%m%d} Brukarschema {ULLARED}.pdf"
    with protected(held):
        first = erase(one_group)
        assert first.status == 1
        assert f"{held.name}: kunde inte bytas ut och har personen kvar" in first.err
        assert set(told_of_elsa(*all_places(one_group))) == set(told_of_elsa(held.parent))
        assert {line.partition(":")[0] for line in told_of_elsa(one_group.copies)} == {held.name}
        assert names_nobody(first)
        assert {one.plan_date for one in noted(one_group)} == {TOMORROW}
    second = erase(one_group, when=NOON + timedelta(minutes=5))
    assert (second.status, second.err) == (0, "")
    assert told_of_elsa(*all_places(one_group)) == []
    assert {(one.plan_date, one.count) for one in noted(one_group)} == {(TODAY, 3), (TOMORROW, 3)}


@pytest.mark.long
def test_a_store_that_was_away_is_cleared_when_the_command_is_given_again(office: Office) -> None:
    configure_one(office, stores=[{"name": n, "kind": "folder", "folder": n} for n in ("copies", "stick")])
    (office.root / "stick").mkdir()
    assert captured(office, "2026-11-24 05:00", [*small_day(TODAY), *small_day(TOMORROW)]).status == 0
    save(office, [*small_day(TODAY, elsa=0), *small_day(TOMORROW, elsa=0)], local("2026-11-24 11:50"))
    (office.root / "stick").rename(office.root / "pocket")
    first = erase(office)
    assert first.status == 1
    assert "stick" in first.err
    assert "kör kommandot igen när den är tillbaka" in first.err
    assert told_of_elsa(*all_places(office)) == []
    assert len(noted(office)) == 2
    (office.root / "pocket").rename(office.root / "stick")
    assert told_of_elsa(office.root / "stick")
    second = erase(office, when=NOON + timedelta(hours=1))
    assert (second.status, second.err) == (0, "")
    assert told_of_elsa(*all_places(office), office.root / "stick") == []
    assert len(noted(office, "stick")) == len(noted(office)) == 2


class Killed(BaseException):
    """As if the process had been ended here."""


@pytest.mark.long
@pytest.mark.parametrize("after", range(5))
def test_whoever_is_killed_while_the_archive_is_cleared_does_it_again(
    one_group: Office, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    # Each number ends it at another file of the old capture.
    real, removed = PrivateFiles.remove, []

    def remove(files: PrivateFiles, names: list[str]) -> None:
        for name in names:
            if len(removed) == after:
                raise Killed
            real(files, [name])
            removed.append(name)

    with monkeypatch.context() as patch:
        patch.setattr(PrivateFiles, "remove", remove)
        with pytest.raises(Killed):
            erase(one_group)
    # Whatever is in the archive can be used: one capture or two of each day, none of them damaged.
    archive = Archive(str(one_group.root / "archive"))
    held = [archive.plan(capture) for day in archive.days() for capture in archive.captures(day)]
    assert len(held) in (2, 3)
    done = erase(one_group)
    assert (done.status, done.err) == (0, "")
    assert told_of_elsa(*all_places(one_group)) == []


@pytest.mark.long
def test_whoever_is_killed_before_the_stores_have_had_their_turn_does_it_again(
    one_group: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Snapshot, "publish", killed)
        with pytest.raises(Killed):
            erase(one_group)
    assert told_of_elsa(one_group.copies)
    assert told_of_elsa(one_group.root / "archive") == []
    done = erase(one_group)
    assert (done.status, done.err) == (0, "")
    assert told_of_elsa(*all_places(one_group)) == []
    assert {(one.plan_date, one.count) for one in noted(one_group)} == {(TODAY, 3), (TOMORROW, 3)}


@pytest.mark.long
def test_an_incomplete_copy_loses_the_client_too(office: Office) -> None:
    configure_one(office)
    unreadable = [visit(TODAY, "nio", other) for other in OTHERS[3:6]]
    assert captured(office, "2026-11-24 05:00", [*small_day(TODAY), *small_day(TOMORROW), *unreadable]).status == 1
    assert office.entry(TODAY).verdict == "incomplete"
    save(office, [*small_day(TODAY, elsa=0), *small_day(TOMORROW, elsa=0), *unreadable], local("2026-11-24 11:50"))
    erase(office)
    assert (office.entry(TODAY).verdict, office.entry(TODAY).visits) == ("incomplete", 2)
    assert told_of_elsa(*all_places(office)) == []


@pytest.mark.long
def test_an_identity_number_finds_the_rows_of_its_stand_in(office: Office) -> None:
    configure_one(office)
    somebody = Client("19121212-1212", ELSA.name, ELSA.street, ELSA.phone)
    lines = [*small_day(TODAY, client=somebody), *small_day(TOMORROW, client=somebody)]
    assert captured(office, "2026-11-24 05:00", lines).status == 0
    assert told_of_elsa(office.copies)
    save(office, [*small_day(TODAY, elsa=0), *small_day(TOMORROW, elsa=0)], local("2026-11-24 11:50"))
    done = erase(office, "121212-1212")
    assert (done.status, done.err) == (0, "")
    assert "1212-1212" not in done.out
    assert told_of_elsa(*all_places(office)) == []


@pytest.mark.long
def test_a_protected_client_is_found_by_the_id_that_the_planning_system_knows(office: Office) -> None:
    configure_one(office)
    hidden = Client(ELSA.number, ELSA.name, ELSA.street, ELSA.phone, "ja")
    lines = [*small_day(TODAY, client=hidden), *small_day(TOMORROW, client=hidden)]
    captured(office, "2026-11-24 05:00", lines)
    assert office.entry(TODAY).visits == 5
    save(office, [*small_day(TODAY, elsa=0), *small_day(TOMORROW, elsa=0)], local("2026-11-24 11:50"))
    done = erase(office)
    assert (done.status, done.err) == (0, "")
    assert office.entry(TODAY).visits == 2
    assert "Skyddad" not in office.paper(TODAY)


@pytest.mark.long
def test_past_days_stay_but_for_a_night_that_is_still_to_come(office: Office) -> None:
    configure_one(office)
    night = [
        visit(TODAY, "22:00", OTHERS[5], ELIAS),
        visit(TOMORROW, "01:30", ELSA, ELIAS),
        visit(TOMORROW, "02:30", OTHERS[5], ELIAS),
    ]
    lines = [*small_day(TODAY), *small_day(TOMORROW, elsa=0), *night]
    assert captured(office, "2026-11-24 05:00", lines).status == 0
    past = local("2026-11-25 00:20")
    save(office, [*small_day(TODAY), *small_day(TOMORROW, elsa=0), night[0], night[2]], past - timedelta(minutes=20))
    assert office.paper(TODAY).count("01:30") > 0
    done = erase(office, when=past)
    assert (done.status, done.err) == (0, "")
    assert "01:30" not in office.paper(TODAY)
    assert "02:30" in office.paper(TODAY)
    # Yesterday's own visits are as they were.
    assert "14:00" in office.paper(TODAY)
    assert "Zachrisson" in office.paper(TODAY)
    assert "Zachrisson" not in office.paper(TOMORROW)
