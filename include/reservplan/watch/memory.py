"""What the watch remembers between its rounds: in Airflow's asset state store, or in files outside Airflow."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from reservplan.domain.errors import StoreBusy
from reservplan.private_files import PrivateFiles

# What each value must stay below, as JSON in ASCII: Airflow refuses more than 64 KiB.
MOST_CHARACTERS = 60_000
FOLDER = "memory"
_LOCK = "lock"


class Memory(Protocol):
    """Small JSON values by key; no value of a person, each below `MOST_CHARACTERS`."""

    def turn(self) -> AbstractContextManager[None]:
        """Have it for oneself while a round reads, tells and writes. Raises StoreBusy where another is at work."""

    def get(self, key: str) -> Any | None:
        """What was last set, or None; of a value that cannot be read any more, None."""

    def set(self, key: str, value: Any) -> None:
        """Keep a value; None forgets it."""


class FileMemory:
    """A file for each key, below `settings.watch.folder`; on this machine's disk a turn ends with its process.

    Object storage knows no locks: there two watches must not be started at once.
    """

    def __init__(self, folder: str) -> None:
        self.files = PrivateFiles.at(folder, "watch.folder").below(FOLDER)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have it for oneself; the system gives it back also where we are killed."""
        if self.files.folder is None:
            yield
            return
        # Makes the folder, with its rights; a lock has no content.
        self.files.write(_LOCK, b"")
        lock = os.open(self.files.folder / _LOCK, os.O_RDWR)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise another_at_work() from None
            yield
        finally:
            os.close(lock)

    def get(self, key: str) -> Any | None:
        """What was last set, or None."""
        content = self.files.read_or_none(_name(key))
        try:
            return None if content is None else json.loads(content)
        except ValueError:
            return None

    def set(self, key: str, value: Any) -> None:
        """Keep a value; None forgets it."""
        if value is None:
            self.files.remove([_name(key)])
            return
        self.files.write_whole(_name(key), json.dumps(value).encode())


def another_at_work() -> StoreBusy:
    """The error of a turn that cannot be had."""
    return StoreBusy("Another round of the watch is at work.", do="Wait until it is done; it tells what it finds.")


def _name(key: str) -> str:
    return f"{key}.json"
