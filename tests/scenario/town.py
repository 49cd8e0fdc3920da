"""A town that lives through many days: its planners, its share, its mail, and a clock that is the test's.

Everything is real but the time: a Samba server, a mail server, the commands that a scheduler would start, and the
independent script that watches the watch. `play` goes from tick to tick and does what is due.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
import yaml
from reservplan import cli

from servers.samba import SambaServer
from tests.mailbox import Inbox, text_of
from tests.outside.test_second_eyes import second_eyes
from tests.time.office import COLUMNS

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TICK = timedelta(minutes=15)
TEAMS = ("Ullared", "Vessigebro")
FOLDER = "Besöksplanering ALLA grupper"
SAVED_AT = (time(4, 45), time(10, 45), time(15, 45))
PLANNED_AT = (time(5), time(11), time(16))
RETAINED_AT, VERIFIED_AT = time(5, 30), time(1, 30)
SUNDAY = 6


@dataclass(frozen=True)
class Told:
    """A mail as it was received, and when by the town's clock."""

    at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def plain(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        return text_of(self.message)

    def __str__(self) -> str:
        return f"{self.at:%a %d %b %H:%M}  {self.subject}"


@dataclass
class Town:
    """Two groups, their export, one share; what is to happen at an instant happens before anything else of that tick.

    `eventful` says when every look counts: in between the watch looks only now and then, the plan is saved at five and
    at four, and everything is opened on Sundays only.
    """

    root: Path
    samba: SambaServer
    inbox: Inbox
    capsys: pytest.CaptureFixture[str]
    now: datetime
    eventful: Callable[[datetime], bool] = lambda _: True
    happenings: dict[datetime, list[Callable[[], object]]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    told_outside: list[Told] = field(default_factory=list)
    paused: bool = False
    source_down: bool = False
    dropped: set[str] = field(default_factory=set)
    version: int = 0

    @property
    def copies(self) -> Path:
        """The folder as the server has it on its disk."""
        return self.samba.share_path / FOLDER

    @property
    def config(self) -> Path:
        return self.root / "reservplan.yaml"

    def configure(self, **changes: Any) -> None:
        tree = {
            "organisation": "Provkommun",
            "teams": list(TEAMS),
            "source": {"kind": "files", "path": "exports", "columns": COLUMNS, "protected": "not_in_source"},
            "stores": [{"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": FOLDER}],
            "contacts": {
                "it_service": {"name": "IT-service", "phone": "0346-88 55 55"},
                "vendor": {"name": "IntraPhone", "phone": "0200-44 30 00", "hours": "vardagar 08–17"},
            },
            "alerts": {"critical": ["drift"], "info": ["drift"]},
            "staging": "staging", "archive": "archive", "reports": "reports",
            **changes,
        }  # fmt: skip
        self.config.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")

    def at(self, when: datetime, happen: Callable[[], object]) -> None:
        """Something is to happen at an instant of the town's clock."""
        self.happenings.setdefault(when, []).append(happen)

    def play(self, until: datetime) -> None:
        """Let time pass, tick by tick, up to and with `until`."""
        while self.now <= until:
            for happen in self.happenings.get(self.now, []):
                happen()
            for command in self._due():
                self.command(*command)
            self.now = (self.now.astimezone(UTC) + TICK).astimezone(STOCKHOLM)

    def command(self, *words: str) -> tuple[int, str]:
        """Give a command now; its exit status, and all that it said."""
        seen = len(self.inbox.mails)
        with time_machine.travel(self.now):
            status = cli.main(["--config", str(self.config), *words])
        said = self.capsys.readouterr()
        self.told += [Told(self.now, message) for _, message in self.inbox.mails[seen:]]
        return status, said.out + said.err

    def _due(self) -> Iterator[Sequence[str]]:
        clock = self.now.time()
        if clock in SAVED_AT and not self.source_down:
            self.save_export()
        if self.paused:
            return
        eventful = self.eventful(self.now)
        if clock in PLANNED_AT and (eventful or clock != PLANNED_AT[1]):
            yield ("snapshot",)
        if clock == RETAINED_AT:
            yield "retain", "--apply"
        if clock == VERIFIED_AT and (eventful or self.now.weekday() == SUNDAY):
            yield "verify", "--deep"
        if clock.minute in (0, 30) if eventful else (clock.hour % 3, clock.minute) == (0, 0):
            yield ("watch",)

    def second_eyes(self) -> None:
        """Another machine looks whether the watch is awake, as its timer would have it."""
        settings = self.root / "second_eyes.ini"
        settings.write_text(
            f"[copies]\npath = {self.copies}\nstate = {self.root / 'second_eyes.json'}\n"
            f"[mail]\nhost = 127.0.0.1\nport = {self.inbox.port}\ntls = none\n"
            "from = second-eyes@example.org\nto = drift@example.org\n[contacts]\nit = IT-service, 0346-88 55 55\n",
            encoding="utf-8",
        )
        seen = len(self.inbox.mails)
        with time_machine.travel(self.now, tick=False):
            second_eyes.main([str(settings)], self.now)
        self.told_outside += [Told(self.now, message) for _, message in self.inbox.mails[seen:]]

    # What people do

    def save_export(self) -> None:
        """The planning system saves the plan of today and the days ahead; each time some visit has moved."""
        self.version += 1
        today = self.now.date()
        lines = [
            line
            for day in (today + timedelta(days=ahead) for ahead in range(-1, 5))
            for team in TEAMS
            if team not in self.dropped
            for line in _visits(day, team, self.version if day >= today else 0)
        ]
        place = self.root / "exports" / "Planering.csv"
        place.write_text("\r\n".join([";".join(COLUMNS.values()), *lines, ""]), encoding="utf-8")
        os.utime(place, (self.now.timestamp(), self.now.timestamp()))

    def take_source(self) -> None:
        """The planning system is down: it saves nothing, and its folder cannot be reached."""
        self.source_down = True
        (self.root / "exports").rename(self.root / "exports.away")

    def give_source(self) -> None:
        """It is there again, and saves what it missed."""
        (self.root / "exports.away").rename(self.root / "exports")
        self.source_down = False
        self.save_export()

    def file(self, kind: str = "Brukarschema", team: str = TEAMS[0], ending: str = "pdf") -> Path:
        """Today's file on the server's disk."""
        return self.copies / f"{self.now:%y%m%d} {kind} {team}.{ending}"


def local(day: date, clock: str) -> datetime:
    """An instant of the town's wall clock."""
    return datetime.combine(day, time.fromisoformat(clock), STOCKHOLM)


def _visits(day: date, team: str, version: int) -> Iterator[str]:
    """Eight visits of a group's day; one of them moves with each version of the plan."""
    clock = datetime.combine(day, time(8))
    for number in range(8):
        start = clock + timedelta(minutes=30 * number + (5 * (version % 3) if number == 7 else 0))
        visit = f"{day:%y%m%d}-{team}-{number}"
        who = ("Tuva Lind", "Elias Ek")[number % 2]
        yield ";".join([f"{day}", team, visit, f"Kund{number}", f"{start:%H:%M}", "", "20", who])
