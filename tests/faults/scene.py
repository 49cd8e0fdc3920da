"""A real file server on which an earlier generation lies, beside what others keep there."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from reservplan.domain.names import BESIDE, intent_name, is_temp_name, manifest_name, parse_artifact_name
from reservplan.settings import Settings, Source, StoreSettings, Team
from reservplan.store import open_store
from reservplan.store.connection import ConnectionFacts
from reservplan.store.inspection import inspect
from reservplan.watch import coverage, verify

from servers.samba import SambaServer
from tests.faults.disks import Fill
from tests.faults.generations import TEAMS, Generation
from tests.faults.onlooker import Onlooker, Seen, Watched
from tests.faults.publishing import LANGUAGE, Run
from tests.faults.wire import Wire
from tests.unit.publish.site import QUARTER_PAST_FIVE

FOLDER = "Besöksplanering ALLA grupper"
# What others keep there: documents, and names that look like ours without being so.
FOREIGN = (
    "Semesterschema 2022.xlsx",
    "Anteckningar från mötet.docx",
    "~$220621 Brukarschema Ullared.xlsx",
    "220621 Brukarschema Ullared (tidigare).pdf",
    "220620 Brukarschema Källsjö.pdf",
    "220622 Översiktsschema Ätran (Reservplan).xlsx",
    "220622 Brukarschema Vessigebro (ny 0512).pdf",
    "Gamla listor/220601 Brukarschema Ullared.pdf",
)
# Runs lie so far apart that their files differ in time also on a disk that keeps even seconds only.
BETWEEN_RUNS = timedelta(seconds=4)
MOST_RUNS_TO_HEAL = 3


@dataclass
class Scene:
    """The server, the line to it, and which generation lies there; every run comes a little later."""

    server: SambaServer
    wire: Wire
    onlooker: Onlooker
    generation: Generation = field(default_factory=lambda: Generation(0))
    traffic_bytes: int = 0
    extra: dict[str, Any] = field(default_factory=dict)
    fill: Fill | None = None
    others: tuple[str, ...] = ()  # what somebody has put there besides
    kept: dict[str, bytes] = field(default_factory=dict)  # files of ours that somebody has saved, and with what
    _runs: "count[int]" = field(default_factory=count)

    @property
    def root(self) -> Path:
        """The store's folder on the server's disk."""
        return self.server.share_path / FOLDER

    @property
    def settings(self) -> StoreSettings:
        """The share in the settings."""
        return StoreSettings(name="share", kind="smb", connection="reservplan_share", folder=FOLDER)

    def facts(self, **changes: Any) -> ConnectionFacts:
        """How the share is reached: through the wire, unless told otherwise."""
        server = self.server
        plain = {
            "host": server.host,
            "share": server.share,
            "login": server.user,
            "password": server.password,
            "port": self.wire.port,
            "extra": self.extra,
        }
        return ConnectionFacts(**{**plain, **changes})

    @property
    def _all_settings(self) -> Settings:
        return Settings(
            organisation="Falkenbergs kommun",
            teams=tuple(Team(name=team) for team in TEAMS),
            source=Source(kind="demo"),
            stores=(self.settings,),
            language=LANGUAGE,
        )

    def told_of_strays(self) -> list[str]:
        """What the watch says of files under our names that no record knows."""
        store = open_store(self.settings, self.facts())
        found = coverage(store, self.settings, self._all_settings, QUARTER_PAST_FIVE)
        return [f"the watch: {finding.words}" for finding in found.findings if finding.code == "stray"]

    def run(self, facts: ConnectionFacts | None = None, generation: Generation | None = None) -> Run:
        """A run of the present generation."""
        number = next(self._runs)
        at = QUARTER_PAST_FIVE + number * BETWEEN_RUNS
        return Run(generation or self.generation, self.settings, facts or self.facts(), f"run-{number}", at)

    def furnish(self) -> None:
        """Empty the folder, and put there what others keep and a generation of ours, published without any fault."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.kept, self.others = {}, ()
        for name in FOREIGN:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"någon annans {name}".encode() * 500)
        self.generation = self.generation.next()
        told = self.run().go()
        assert not told, told
        self.generation = self.generation.next()
        before = self.wire.passed_bytes
        told = self.run().go()
        assert not told, told
        self.traffic_bytes = self.wire.passed_bytes - before
        assert not (wrong := self.not_healed()), wrong

    def read_anew(self) -> None:
        """There is a newer generation to publish."""
        self.generation = self.generation.next()
        for name, content in self.generation.files.items():
            self.onlooker.allow(name, content)

    def neither(self, old: Generation) -> list[str]:
        """Names that hold neither the old file nor the new one, nor what somebody has saved there."""
        lost = []
        for name, digest in old.hashes.items():
            path = self.root / name
            allowed = {digest, self.generation.hashes[name], sha256(self.kept.get(name, b"")).hexdigest()}
            if not path.is_file() or _hash(path) not in allowed:
                lost.append(name)
        return lost

    def saved_and_lost(self) -> list[str]:
        """Names whose file somebody has saved and that hold it no more; they are ours again."""
        lost = [name for name, content in self.kept.items() if (self.root / name).read_bytes() != content]
        self.kept = {name: content for name, content in self.kept.items() if name not in lost}
        return lost

    def foreign_now(self) -> dict[str, tuple[str, int]]:
        """What others have there: hash and time."""
        return {
            name: (_hash(self.root / name), (self.root / name).stat().st_mtime_ns)
            for name in FOREIGN + self.others
            if (self.root / name).is_file()
        }

    @contextmanager
    def watched(self, old: Generation, without: Sequence[str] = ()) -> Iterator[Seen]:
        """Somebody looks on: each name holds what it held before, or what it shall hold."""
        own = {name: frozenset({digest, self.generation.hashes[name]}) for name, digest in old.hashes.items()}
        foreign = {name: digest for name, (digest, _) in self.foreign_now().items()}
        with self.onlooker.watching(Watched(own, foreign, frozenset(without))) as seen:
            yield seen

    def not_healed(self) -> list[str]:
        """What is not as if there had been no fault."""
        return [*self._names_not_new(), *self._leftovers(), *self._records_not_right(), *self._not_verified()]

    def _names_not_new(self) -> Iterator[str]:
        for own, digest in self.generation.hashes.items():
            name = beside(own) if own in self.kept else own
            if not (self.root / name).is_file() or _hash(self.root / name) != digest:
                yield f"{name} is not new"

    def _leftovers(self) -> Iterator[str]:
        names = [path.name for path in self.root.rglob("*")]
        yield from (f"{name} is left" for name in names if is_temp_name(name))
        known = {
            *self.generation.hashes,
            *(Path(name).name for name in FOREIGN),
            *self.others,
            *map(beside, self.kept),
        }
        yield from (f"{name} lies beside" for name in names if parse_artifact_name(name) and name not in known)
        intents = {intent_name(cell.plan_date) for cell in self.generation.cells}
        yield from (f"{path} is left" for path in sorted(intents) if (self.root / path).exists())

    def _records_not_right(self) -> Iterator[str]:
        with open_store(self.settings, self.facts()) as store:
            days = inspect(store, self.settings.layout, self.generation.cells)
        for day in days.values():
            if day.fault:
                yield str(day.fault)
        for cell in self.generation.cells:
            entry = days[cell.plan_date].entry(cell.team)
            if entry is None or entry.captured_at != self.generation.captured_at or not entry.content:
                yield f"{manifest_name(cell.plan_date)} does not tell of {cell.team}"

    def _not_verified(self) -> Iterator[str]:
        found = verify(open_store(self.settings, self.facts()), self.settings, self._all_settings)
        yield from (f"{fault.path}: {fault.words}" for fault in found.faults if fault.path not in self.kept)


def beside(name: str) -> str:
    """Where our file goes whose own name somebody's holds."""
    parsed = parse_artifact_name(name)
    assert parsed is not None
    return str(replace(parsed, suffix=BESIDE))


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


@contextmanager
def scene_at(base: Path, disk: Callable[[Path], AbstractContextManager[Fill]] | None = None) -> Iterator[Scene]:
    """A scene of its own, on a disk of its own where one is given."""
    with ExitStack() as stack:
        server = SambaServer(base / "samba")
        fill = stack.enter_context(disk(server.share_path)) if disk else None
        stack.enter_context(server)
        (server.share_path / FOLDER).mkdir()
        wire = Wire(server.port)
        stack.callback(wire.close)
        onlooker = Onlooker(server.share_path / FOLDER)
        stack.callback(onlooker.close)
        scene = Scene(server, wire, onlooker, fill=fill)
        scene.furnish()
        yield scene
