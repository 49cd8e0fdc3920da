"""A store under test, what opens it, and files to put there."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reservplan.domain.names import is_temp_name
from reservplan.domain.ports import FileInfo, FileToWrite, Outcome, Over, Store
from reservplan.settings import StoreSettings
from reservplan.store import open_store
from reservplan.store.connection import ConnectionFacts

from servers.samba import SambaServer

FOLDER = "Besöksplanering ALLA grupper"
# An even second: FAT keeps no other.
AT = datetime(2022, 6, 21, 5, 12, 32, tzinfo=UTC)
NAME = "220621 Översiktsschema Ullared.xlsx"


@dataclass
class Place:
    """A store, what opens it (again), and where its files lie on this machine's disk.

    Where `blinks`, who opens a file in the instant of a rename may be told that it is not there.
    """

    kind: str
    open: Callable[[], Store]
    disk: Path
    blinks: bool = False


def smb_place(server: SambaServer, folder: str = FOLDER, **extra: object) -> Place:
    """A folder on the share, which is made here: the store never does."""
    (server.share_path / folder).mkdir(parents=True, exist_ok=True)
    settings = StoreSettings(name="share", kind="smb", connection="reservplan_share", folder=folder)
    return Place("smb", lambda: open_store(settings, facts_of(server, **extra)), server.share_path / folder)


def folder_place(root: Path, *, blinks: bool = False) -> Place:
    settings = StoreSettings(name="office", kind="folder", folder=str(root))
    return Place("folder", lambda: open_store(settings, None), root, blinks)


def facts_of(server: SambaServer, **extra: object) -> ConnectionFacts:
    return ConnectionFacts(
        host=server.host, port=server.port, share=server.share, login=server.user, password=server.password, extra=extra
    )


def a_file(
    path: str = NAME, content: bytes = b"innehall", mtime: datetime = AT, over: FileInfo | Over = Over.ANYTHING
) -> FileToWrite:
    return FileToWrite(path, content, mtime, over)


def put(store: Store, *files: FileToWrite) -> list[Outcome]:
    return put_all(store, files)


def put_all(store: Store, files: Iterable[FileToWrite]) -> list[Outcome]:
    return [outcome.outcome for outcome in store.write(files)]


def temps(folder: Path) -> list[str]:
    return [name for _, _, names in os.walk(folder) for name in names if is_temp_name(name)]
