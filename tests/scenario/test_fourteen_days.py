"""Fourteen days of a town in which everything goes wrong once: who is told what, when, and what heals by itself."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

import pytest
from smbprotocol.open import FilePipePrinterAccessMask, ShareAccess

from tests.scenario.conftest import FIRST_DAY
from tests.scenario.town import FOLDER, TEAMS, Told, Town, local
from tests.store_contract.test_share_faults import somebody_has_open

LOOK = timedelta(minutes=30)
DAYS = 14
ULLARED, VESSIGEBRO = TEAMS


@dataclass(frozen=True)
class Trouble:
    """What goes wrong from when to when, and the messages that it is worth.

    `due` is the instant at which somebody would first miss something: one look later at the latest the first message
    is there. The last comes at the latest `told_within` after it has ended: two looks, where it could have come back.
    `says` are words that must stand in the first one.
    """

    due: datetime
    ends: datetime
    subjects: tuple[str, str]
    says: tuple[str, ...]
    told_within: timedelta = 2 * LOOK


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


# The planning system is away from half past four to half past ten; what it saves then is fetched at eleven.
SOURCE_DOWN = [
    Trouble(
        local(day(number), "06:00"), local(day(number), "11:00"),
        ("LARM: Planen ej sparad sedan i går kl. 16:00, 2 grupper", "Löst: Planen är sparad igen på share (5 h)"),
        ("IntraPhone", "0200-44 30 00", "reservplan snapshot"),
    )
    for number in (2, 3)
]  # fmt: skip
DROPPED = Trouble(
    local(day(4), "05:00"), local(day(5), "05:00"),
    ("LARM: Ofullständig plan för Vessigebro i dag +2 d på share",
     "Löst: Planen är hel igen för Vessigebro på share (1 dygn)"),
    ("Vessigebro", "Planerare"),
)  # fmt: skip
DELETED = Trouble(
    local(day(6), "09:15"), local(day(6), "09:30"),
    ("LARM: Ullared saknas i dag på share", "Löst: Kopiorna finns igen för Ullared på share (30 min)"),
    ("Ullared",),
)  # fmt: skip
DAMAGED = Trouble(
    local(day(7), "13:15"), local(day(7), "13:30"),
    ("LARM: Skadad kopia för Ullared i dag på share", "Löst: Inget skadat kvar för Ullared på share (30 min)"),
    ("Ullared",),
)  # fmt: skip
# Nobody misses anything: it is told when it is still so at the second look.
OPEN = Trouble(
    local(day(8), "11:00"), local(day(8), "14:00"),
    ("Obs: Öppen fil för Ullared i dag på share", "Löst: Nya kopior har fått sin plats på share (3 h)"),
    ("Brukarschema Ullared",),
)  # fmt: skip
SHARE_DOWN = Trouble(
    local(day(9), "13:00"), local(day(9), "17:15"),
    ("LARM: share nås inte sedan i dag kl. 13:00", "Löst: share nås igen (4 h 30 min)"),
    ("IT-service", "0346-88 55 55"),
)  # fmt: skip
# Nothing of Airflow's runs from eight in the evening to eight in the morning: its own watch neither.
PAUSED = Trouble(
    local(day(11), "08:00"), local(day(11), "11:00"),
    ("LARM: Planen ej sparad sedan i går kl. 16:00, 2 grupper", "Löst: Planen är sparad igen på share (3 h)"),
    ("reservplan_snapshot",),
)  # fmt: skip
TROUBLES = (*SOURCE_DOWN, DROPPED, DELETED, DAMAGED, OPEN, SHARE_DOWN, PAUSED)


def eventful(now: datetime) -> bool:
    """Whether something begins to go wrong, or has just ended."""
    turns = [local(day(10), "19:30"), *chain(*((trouble.due, trouble.ends) for trouble in TROUBLES))]
    return any(turn - LOOK <= now <= turn + 3 * LOOK for turn in turns)


@pytest.mark.parametrize("every_look", [False, pytest.param(True, marks=pytest.mark.long)])
def test_fourteen_days_in_which_everything_goes_wrong_once(town: Town, every_look: bool) -> None:
    if not every_look:
        town.eventful = eventful
    healed = everything_goes_wrong_once(town)

    assert [told.subject for told in town.told] == list(chain(*(trouble.subjects for trouble in TROUBLES)))
    for trouble, (first, last) in zip(TROUBLES, pairs(town.told), strict=True):
        assert timedelta() <= first.at - trouble.due <= LOOK, first
        assert timedelta() <= last.at - trouble.ends <= trouble.told_within, last
        for words in trouble.says:
            assert words in first.plain
            assert words in first.html
    # While Airflow is paused its own watch is silent too: only from outside can that be told.
    silent, awake = town.told_outside
    assert "Ingen har kontrollerat kopiorna sedan 2026-11-12 20:00" in silent.subject
    assert timedelta() <= silent.at - local(day(10), "21:30") <= LOOK
    assert timedelta() <= awake.at - local(day(11), "08:00") <= LOOK
    assert healed == {"a file deleted": True, "one damaged": True, "share down": True}
    assert_everything_is_there(town)
    assert_nobody_is_named([*town.told, *town.told_outside])


def everything_goes_wrong_once(town: Town) -> dict[str, bool]:
    """Play it; whether what the watch makes again lay there whole a quarter of an hour after it was noticed."""
    healed: dict[str, bool] = {}

    def see(name: str) -> None:
        healed[name] = town.file().read_bytes().rstrip().endswith(b"%%EOF")

    with ExitStack() as opened:
        for number in (2, 3):
            town.at(local(day(number), "04:30"), town.take_source)
            town.at(local(day(number), "10:30"), town.give_source)
        town.at(local(day(4), "04:30"), lambda: town.dropped.add(VESSIGEBRO))
        town.at(local(day(5), "04:30"), town.dropped.clear)
        town.at(local(day(6), "09:15"), lambda: town.file().unlink())
        town.at(local(day(6), "09:45"), lambda: see("a file deleted"))
        town.at(local(day(7), "13:15"), lambda: town.file().write_bytes(town.file().read_bytes()[:5000]))
        town.at(local(day(7), "13:45"), lambda: see("one damaged"))
        closing = opened.enter_context(ExitStack())
        town.at(local(day(8), "10:45"), lambda: closing.enter_context(open_for_nobody_else(town)))
        town.at(local(day(8), "14:00"), closing.close)
        town.at(local(day(9), "13:00"), town.samba.stop)
        before = local(day(9), "16:00").timestamp()
        town.at(local(day(9), "17:15"), town.samba.start)
        # The run of four in the afternoon could not write; what it would have written is there once the share is.
        town.at(
            local(day(9), "17:45"),
            lambda: healed.update({"share down": captured_at(town) > before - timedelta(minutes=30).total_seconds()}),
        )
        town.at(local(day(10), "20:15"), lambda: setattr(town, "paused", True))
        for half_hours in range(28):
            town.at(local(day(10), "19:00") + half_hours * LOOK, town.second_eyes)
        town.at(local(day(11), "08:00"), lambda: setattr(town, "paused", False))
        town.play(local(day(DAYS - 1), "23:45"))
    return healed


def captured_at(town: Town) -> float:
    """When today's copy of the first group was captured, by the share's own record."""
    record = json.loads((town.copies / ".reservplan" / f"{town.now:%y%m%d}.json").read_bytes())
    return datetime.fromisoformat(record["cells"][ULLARED]["captured_at"]).timestamp()


@contextmanager
def open_for_nobody_else(town: Town) -> Iterator[None]:
    """Somebody has today's list open so that nobody else may write or replace it."""
    path = f"{FOLDER}/{town.file().name}"
    access, share = FilePipePrinterAccessMask.FILE_READ_DATA, ShareAccess.FILE_SHARE_READ
    with somebody_has_open(town.samba, path, access=access, share=share):
        yield


def pairs(told: Sequence[Told]) -> list[tuple[Told, Told]]:
    return list(zip(told[::2], told[1::2], strict=True))


def assert_everything_is_there(town: Town) -> None:
    """Every group has every day since the first, whole."""
    town.now -= timedelta(minutes=15)
    status, said = town.command("status", "--json")
    (store,) = json.loads(said)["stores"]
    states = {(cell["plan_date"], cell["team"]): cell["state"] for cell in store["cells"]}
    assert len(states) == (DAYS + 3) * len(TEAMS)
    assert set(states.values()) == {"ok"}
    assert status == 0


def assert_nobody_is_named(told: Sequence[Told]) -> None:
    for mail in told:
        for name in ("Tuva", "Elias", "Kund"):
            assert name not in str(mail.subject) + mail.plain + mail.html
