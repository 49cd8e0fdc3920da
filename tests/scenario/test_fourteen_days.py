"""Fourteen days of a town in which everything goes wrong once: who is told what, when, and what heals by itself."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from smbprotocol.open import FilePipePrinterAccessMask, ShareAccess

from tests.scenario.conftest import FIRST_DAY
from tests.scenario.town import FOLDER, TEAMS, Told, Town, local
from tests.store_contract.test_share_faults import somebody_has_open

DAY = timedelta(days=1)
LOOK = timedelta(minutes=30)


@dataclass(frozen=True)
class Trouble:
    """What happens, from when to when, and the messages that it is worth."""

    name: str
    begins: datetime
    ends: datetime
    subjects: tuple[str, ...]
    # How long after its beginning the first message may come; a deadline counts from `due_by`.
    noticed_within: timedelta = LOOK
    # How long after its end the last message may come: two looks where it may come back.
    told_within: timedelta = 2 * LOOK


def day(number: int) -> date:
    return FIRST_DAY + number * DAY


def troubles() -> list[Trouble]:
    """Two messages each: what is wrong, and that it is over."""
    return [
        *(
            Trouble(
                f"source down, morning {number - 1}", local(day(number), "04:30"), local(day(number), "10:30"),
                ("LARM: Planen ej sparad sedan i går kl. 16:00, 2 grupper", "Löst: Planen är sparad igen på share (5 h)"),
                noticed_within=timedelta(hours=1, minutes=30),
            )
            for number in (2, 3)
        ),
        Trouble(
            "a group dropped", local(day(4), "04:30"), local(day(5), "04:30"),
            ("LARM: Ofullständig plan för Vessigebro i dag +2 d på share",
             "Löst: Planen är hel igen för Vessigebro på share (1 dygn)"),
        ),
        Trouble(
            "a file deleted", local(day(6), "09:15"), local(day(6), "09:30"),
            ("LARM: Ullared saknas i dag på share", "Löst: Kopiorna finns igen för Ullared på share (30 min)"),
        ),
        Trouble(
            "one damaged", local(day(7), "13:15"), local(day(7), "13:30"),
            ("LARM: Skadad kopia för Ullared i dag på share", "Löst: Inget skadat kvar för Ullared på share (30 min)"),
        ),
        Trouble("one open", local(day(8), "10:45"), local(day(8), "14:00"), ()),
        Trouble(
            "share down", local(day(9), "13:00"), local(day(9), "17:15"),
            ("LARM: share nås inte sedan i dag kl. 13:00", "Löst: share nås igen (4 h 30 min)"),
        ),
        Trouble(
            "Airflow paused", local(day(10), "20:15"), local(day(11), "08:00"),
            ("LARM: Planen ej sparad sedan i går kl. 16:00, 2 grupper", "Löst: Planen är sparad igen på share (3 h)"),
            noticed_within=timedelta(hours=12),
        ),
    ]  # fmt: skip


def test_probe(town: Town) -> None:
    play_all(town)
    for told in town.told:
        print(told)
    (open("/tmp/told.txt", "w")).write(
        "\n\n=====\n".join(f"{t}\n{t.message.get_body(('plain',)).get_content()}" for t in town.told)
    )
    print(town.command("status"))


def play_all(town: Town) -> None:
    """Everything goes wrong once."""
    with ExitStack() as opened:
        for number in (2, 3):
            town.at(local(day(number), "04:30"), town.take_source)
            town.at(local(day(number), "10:30"), town.give_source)
        town.at(local(day(4), "04:30"), lambda: town.dropped.add(TEAMS[1]))
        town.at(local(day(5), "04:30"), town.dropped.clear)
        town.at(local(day(6), "09:15"), lambda: town.file().unlink())
        town.at(local(day(7), "13:15"), lambda: town.file().write_bytes(town.file().read_bytes()[:5000]))
        closing = ExitStack()
        opened.enter_context(closing)
        town.at(local(day(8), "10:45"), lambda: closing.enter_context(_open_for_nobody_else(town)))
        town.at(local(day(8), "14:00"), closing.close)
        town.at(local(day(9), "13:00"), town.samba.stop)
        town.at(local(day(9), "17:15"), lambda: town.samba.start())
        town.at(local(day(10), "20:15"), lambda: setattr(town, "paused", True))
        town.at(local(day(11), "08:00"), lambda: setattr(town, "paused", False))
        town.play(local(day(13), "23:45"))


@contextmanager
def _open_for_nobody_else(town: Town) -> Iterator[None]:
    """Somebody has today's list open, as Excel has a workbook: nobody else may write or replace it."""
    path = f"{FOLDER}/{town.file().name}"
    access, share = FilePipePrinterAccessMask.FILE_READ_DATA, ShareAccess.FILE_SHARE_READ
    with somebody_has_open(town.samba, path, access=access, share=share):
        yield
