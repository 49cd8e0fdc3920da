"""A site that lives through many days: what publishing and retention do there, whatever happens to it."""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from reservplan.domain.days import Window, days_between
from reservplan.domain.deletions import DELETED_NAME, read_deletions
from reservplan.domain.errors import StoreUnreachable
from reservplan.domain.manifest import read_manifest
from reservplan.domain.names import OWN_FOLDER, Format, Kind, artifact_name, parse_artifact_name, parse_manifest_name
from reservplan.domain.plan import Cell
from reservplan.publish import publish, seal
from reservplan.retain import RetentionPlan, apply_retention, plan_for
from reservplan.settings import Settings, Source, StoreSettings, Team
from reservplan.store.folder import FolderStore
from reservplan.store.inspection import artifact_path

from tests.unit.publish.cells import offer
from tests.unit.publish.site import rendered
from tests.unit.retain.shelf import Shared

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TEAMS = ("Ullared", "Vessigebro")
# An export that is older is not published; copies that were there stay.
OLDEST_EXPORT = timedelta(hours=26)


@dataclass(frozen=True)
class Trouble:
    """What goes wrong for so many days, from one day on.

    kind: store, source or machine (away, or off); clock (this machine's alone) or clocks (the store's as well), wrong
    by `off`; late; cut_off (both runs, after so many changes); edit, take or put_back (by hand).
    """

    kind: str
    days: int = 1
    off: timedelta = timedelta()


@dataclass
class Place:
    """The site: a real folder, the real publishing, the real retention, and clocks that are the test's."""

    root: Path
    chance: random.Random
    layout: str = "flat"
    published: set[str] = field(default_factory=set)
    by_hand: dict[str, bytes] = field(default_factory=dict)
    refused: list[tuple[date, tuple[str, ...]]] = field(default_factory=list)
    confirmed: int = 0
    quiet_days: int = 0
    done_yesterday: bool = False

    def __post_init__(self) -> None:
        self.root.mkdir()
        self.store_settings = StoreSettings(name="share", kind="folder", folder=str(self.root), layout=self.layout)
        self.settings = Settings(
            organisation="Falkenbergs kommun", teams=tuple(Team(name=team) for team in TEAMS),
            source=Source(kind="demo"), stores=(self.store_settings,),
        )  # fmt: skip

    def live(self, today: date, trouble: Trouble | None) -> None:
        """A day: what people do, the snapshot at five, retention half an hour later; then all is judged."""
        kind = trouble.kind if trouble else ""
        self.by_people(today, kind)
        self.quiet_days = 0 if trouble else self.quiet_days + 1
        if self.done_yesterday:
            self.judge(today - DAY, "before the retention")
        self.done_yesterday = False
        if kind == "machine":
            return
        away = self.root.with_name("away")
        if kind == "store":
            self.root.rename(away)
        off = trouble.off if trouble else timedelta()
        late = self.chance.randint(1, 9) * HOUR if kind == "late" else timedelta()
        five = datetime(today.year, today.month, today.day, 5, tzinfo=STOCKHOLM).astimezone(UTC) + late
        breaks = self.chance.randint(0, 40) if kind == "cut_off" else None
        if kind != "source":
            self.snapshot(today, five, off, breaks)
        self.done_yesterday = self.retention(today, five + HOUR / 2, off, kind, breaks)
        if kind == "store":
            assert not self.root.exists(), "a store that is away was made anew"
            away.rename(self.root)
        if self.done_yesterday:
            self.judge(today, "after the retention")
        self.nothing_lost(today)

    def store(self, now: datetime, breaks: int | None = None) -> Shared:
        return Shared(FolderStore("share", self.root), now, breaks_after=breaks)

    def snapshot(self, today: date, at: datetime, off: timedelta, breaks: int | None) -> None:
        """Publish what the export of this morning has of the days for which this machine's clock asks."""
        saved, now = at - HOUR / 4, at + off
        asked = now.astimezone(STOCKHOLM).date()
        if now - saved > OLDEST_EXPORT:
            return
        covered = set(days_between(today - DAY, today + 4 * DAY)) & set(days_between(asked, asked + 3 * DAY))
        offers = [
            offer(cell=Cell(day, team), captured_at=saved, read_at=now, content=f"{day} {day.toordinal() % 3}")
            for day in sorted(covered)
            for team in TEAMS
        ]

        def content_of(cell: Cell, kind: Kind, fmt: Format) -> bytes:
            return rendered(cell, fmt, kind, "as planned")

        try:
            with self.store(now, breaks) as store:
                window = Window(asked, 14, 3)
                done = publish(
                    store, self.store_settings, offers, content_of, "run", window, published_at=now, zone=STOCKHOLM
                )
                seal(store, self.store_settings, done.values(), "run", sealed_at=now.astimezone(STOCKHOLM))
        except StoreUnreachable:
            return
        self.published |= {path for path in self.recorded() if (self.root / path).exists()} - set(self.by_hand)

    def retention(self, today: date, at: datetime, off: timedelta, kind: str, breaks: int | None) -> bool:
        """Retention as scheduled; a refused plan is confirmed by somebody who sees that nothing else is wrong."""
        now, of_store = at + off, at + (off if kind == "clocks" else timedelta())
        try:
            with self.store(of_store, breaks) as store:
                plan = plan_for(store, self.store_settings, self.settings, now)
                confirm = self.answer(today, plan, kind)
                if plan.refusals and not confirm:
                    return False
                result = apply_retention(store, self.store_settings, plan, now=now, confirm=confirm)
        except StoreUnreachable:
            return False
        assert result.failed == ()
        assert not {removal.path for removal in plan.remove} & set(self.by_hand), "a person's file was in the plan"
        named = {kept.path for kept in plan.keep}
        old = {path for path in self.by_hand if self.day_of(path) < plan.window.first}
        assert old <= named, "an old file of somebody's is not named"
        return True

    def answer(self, today: date, plan: RetentionPlan, kind: str) -> str:
        if not plan.refusals:
            return ""
        codes = tuple(refusal.code for refusal in plan.refusals)
        self.refused.append((today, codes))
        assert self.quiet_days < 2, f"{today}: {codes} though nothing was wrong for two days"
        if kind in ("source", "clock", "clocks") or not plan.confirmable:
            return ""
        self.confirmed += 1
        return plan.code

    def by_people(self, today: date, kind: str) -> None:
        """What somebody with a file manager does."""
        here = sorted(self.published)
        if kind == "edit" and here:
            path = self.chance.choice(here)
            named = parse_artifact_name(path.rpartition("/")[2])
            assert named is not None, path
            # One that does not open would be a damaged copy, which is published anew.
            self.put(path, rendered(Cell(named.plan_date, named.team), named.format, named.kind, f"notes of {today}"))
            self.published.discard(path)
        elif kind == "take" and here:
            path = self.chance.choice(here)
            (self.root / path).unlink()
            self.published.discard(path)
        elif kind == "put_back":
            day, team = today - self.chance.randint(16, 300) * DAY, self.chance.choice(TEAMS)
            path = artifact_path(self.layout, team, artifact_name(day, Kind.LIST, team, Format.PDF))
            if not (self.root / path).exists():
                self.put(path, rendered(Cell(day, team), Format.PDF, Kind.LIST, "as planned"))

    def put(self, path: str, content: bytes) -> None:
        file = self.root / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        stamp = 1_600_000_000 + self.chance.randint(0, 9_999_999)
        os.utime(file, (stamp, stamp))
        self.by_hand[path] = content

    def recorded(self) -> Iterator[str]:
        """The paths that the manifests name."""
        for file in (self.root / OWN_FOLDER).iterdir():
            if (day := parse_manifest_name(file.name)) is not None:
                for team, entry in read_manifest(file.read_bytes(), day, file.name).cells.items():
                    yield from (artifact_path(self.layout, team, artifact.name) for artifact in entry.artifacts)

    def day_of(self, path: str) -> date:
        named = parse_artifact_name(path.rpartition("/")[2])
        assert named is not None, path
        return named.plan_date

    def paths(self) -> set[str]:
        files = (path.relative_to(self.root) for path in self.root.rglob("*.*") if path.is_file())
        return {path.as_posix() for path in files if path.parts[0] != OWN_FOLDER}

    def judge(self, today: date, when: str) -> None:
        """Nothing of ours, and no record of ours, is older than the window of a day whose retention was done."""
        first = today - 14 * DAY
        old = {path for path in self.paths() - set(self.by_hand) if self.day_of(path) < first}
        assert not old, f"{today}, {when}: too old: {sorted(old)}"
        of_people = {self.day_of(path) for path in self.by_hand}
        records = {day for file in (self.root / OWN_FOLDER).iterdir() if (day := parse_manifest_name(file.name))}
        assert not {day for day in records if day < first} - of_people, f"{today}, {when}: records too old"
        assert not list(self.root.rglob(".rp-*.tmp"))

    def nothing_lost(self, today: date) -> None:
        """Every copy of the window that was ever published is there, and every file of somebody's as he left it."""
        there = self.paths()
        self.published = {path for path in self.published if self.day_of(path) >= today - 14 * DAY}
        lost = self.published - there
        assert not lost, f"{today}: lost {sorted(lost)}"
        for path, content in self.by_hand.items():
            assert (self.root / path).read_bytes() == content, f"{today}: {path} is not as somebody left it"

    def noted(self) -> set[str]:
        content = (self.root / DELETED_NAME).read_bytes()
        return {name for deletion in read_deletions(content) for name in deletion.files}


def live_through(place: Place, first: date, days: int, calendar: dict[int, Trouble]) -> None:
    """So many days in a row, with the troubles that begin on some of them."""
    trouble, left = None, 0
    for n in range(days):
        if left == 0:
            trouble = calendar.get(n)
            left = trouble.days if trouble else 0
        place.live(first + n * DAY, trouble)
        left = max(0, left - 1)
        trouble = trouble if left else None


def troubles(chance: random.Random, days: int) -> dict[int, Trouble]:
    """A year's troubles by chance, with one month in which the machine stands still."""
    calendar = {chance.randint(30, days - 60): Trouble("machine", 31)}
    n = 3
    while n < days:
        calendar.setdefault(n, by_chance(chance))
        n += chance.choice([1, 2, 3, 5, 8, 13])
    return calendar


KINDS = (
    "store", "source", "machine", "clock", "clock", "clocks", "late", "cut_off", "cut_off", "edit", "edit", "take",
    "put_back",
)  # fmt: skip


def by_chance(chance: random.Random) -> Trouble:
    kind = chance.choice(KINDS)
    sign = chance.choice([1, -1])
    if kind == "clock":
        hours, far = chance.randint(1, 30), chance.choice([2, 20, 365])
        return Trouble(kind, chance.randint(1, 2), sign * chance.choice([hours * HOUR, far * DAY]))
    if kind == "clocks":
        return Trouble(kind, chance.randint(1, 2), sign * chance.choice([2, 3, 4, 20, 365]) * DAY)
    if kind in ("store", "source", "machine"):
        return Trouble(kind, chance.choice([1, 1, 2, 3, 6, 10]))
    return Trouble(kind)
