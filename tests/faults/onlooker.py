"""Somebody on the file server's own disk who looks all the while: each name holds the old file or the new one."""

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path

from reservplan.domain.names import parse_artifact_name

PAUSE_SECONDS = 0.001
TORN, GONE, FOREIGN = "torn", "gone", "foreign"


@dataclass(frozen=True)
class Watched:
    """What may lie under each published name, by hash, and what others keep there, by path.

    `away` are the names that somebody has taken away.
    """

    own: dict[str, frozenset[str]]
    foreign: dict[str, str]
    away: frozenset[str] = frozenset()


@dataclass
class Seen:
    """What was wrong, as (what, name), and how many times every name was looked at."""

    faults: set[tuple[str, str]] = field(default_factory=set)
    looks: int = 0


class Onlooker:
    """A process of its own, so that neither waits for the other."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._child = context.Process(target=_look_on, args=(theirs, folder), daemon=True)
        self._child.start()
        theirs.close()

    @contextlib.contextmanager
    def watching(self, watched: Watched) -> Iterator[Seen]:
        """Look until the end of the block; what was seen is known after it."""
        seen = Seen()
        self._ask("begin", watched)
        try:
            yield seen
        finally:
            found = self._ask("end")
            seen.faults, seen.looks = found.faults, found.looks

    def allow(self, name: str, content: bytes) -> None:
        """From now on this may lie there too: a person saves it."""
        self._ask("allow", name, sha256(content).hexdigest())

    def close(self) -> None:
        """End the process."""
        self._ours.close()
        self._child.join(10)

    def _ask(self, *question: object) -> Seen:
        self._ours.send(question)
        answer = self._ours.recv()
        assert isinstance(answer, Seen)
        return answer


def _look_on(asked: "Connection[object, object]", folder: Path) -> None:
    look: _Look | None = None
    with contextlib.suppress(EOFError):
        while True:
            while look is not None and not asked.poll(PAUSE_SECONDS):
                look.once()
            match asked.recv():
                case ("begin", Watched() as watched):
                    look = _Look(folder, watched)
                    look.once()
                    asked.send(look.seen)
                case ("allow", str() as name, str() as digest) if look is not None:
                    look.allow(name, digest)
                    asked.send(look.seen)
                case ("end",) if look is not None:
                    look.known.clear()
                    look.once()
                    asked.send(look.seen)
                    look = None


class _Look:
    def __init__(self, folder: Path, watched: Watched) -> None:
        self.folder = folder
        self.watched = watched
        self.seen = Seen()
        # A file that has not changed since it was read is not read again; whoever writes in it moves its ctime.
        self.known: dict[str, tuple[int, int, int]] = {}

    def allow(self, name: str, digest: str) -> None:
        allowed = self.watched.own[name] | {digest}
        self.watched = replace(self.watched, own={**self.watched.own, name: allowed})

    def once(self) -> None:
        for name, allowed in self.watched.own.items():
            self._judge(name, allowed, TORN, may_go=name in self.watched.away)
        for path, digest in self.watched.foreign.items():
            self._judge(path, frozenset({digest}), FOREIGN)
        for name in os.listdir(self.folder):
            if name not in self.watched.own and name not in self.watched.foreign and (own := _own_name(name)):
                self._judge(name, self.watched.own.get(own, frozenset()), TORN, may_go=True)
        self.seen.looks += 1

    def _judge(self, name: str, allowed: frozenset[str], fault: str, *, may_go: bool = False) -> None:
        try:
            with (self.folder / name).open("rb") as file:
                stat = os.fstat(file.fileno())
                mark = (stat.st_ino, stat.st_ctime_ns, stat.st_size)
                if self.known.get(name) == mark:
                    return
                whole = sha256(file.read()).hexdigest() in allowed
        except (FileNotFoundError, IsADirectoryError):
            if not may_go:
                self.seen.faults.add((FOREIGN if fault == FOREIGN else GONE, name))
            return
        if whole:
            self.known[name] = mark
        else:
            self.seen.faults.add((fault, name))


def _own_name(name: str) -> str | None:
    """The cell's own name of a file beside it."""
    parsed = parse_artifact_name(name)
    return str(replace(parsed, suffix="")) if parsed else None
