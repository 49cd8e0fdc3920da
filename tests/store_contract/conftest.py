"""The stores that are held to the one contract: a folder, and a share on a real Samba."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from reservplan.domain.ports import Store
from reservplan.settings import StoreSettings
from reservplan.store import open_store
from reservplan.store.connection import ConnectionFacts

from demo.samba import SambaServer

FOLDER = "Besöksplanering ALLA grupper"


@dataclass
class Place:
    """A store, what opens it (again), and where its files lie on this machine's disk."""

    kind: str
    open: Callable[[], Store]
    disk: Path


def facts_of(server: SambaServer, **extra: object) -> ConnectionFacts:
    return ConnectionFacts(
        host=server.host, port=server.port, share=server.share, login=server.user, password=server.password, extra=extra
    )


def smb_place(server: SambaServer, folder: str, **extra: object) -> Place:
    settings = StoreSettings(name="share", kind="smb", connection="reservplan_share", folder=folder)
    return Place("smb", lambda: open_store(settings, facts_of(server, **extra)), server.share_path / folder)


@pytest.fixture
def folder_place(tmp_path: Path) -> Place:
    root = tmp_path / FOLDER
    root.mkdir()
    settings = StoreSettings(name="office", kind="folder", folder=str(root))
    return Place("folder", lambda: open_store(settings, None), root)


@pytest.fixture(params=["folder", "smb"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "folder":
        return request.getfixturevalue("folder_place")
    place = smb_place(request.getfixturevalue("samba"), f"{FOLDER}/{uuid4().hex[:8]}")
    place.disk.mkdir(parents=True)
    return place


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with place.open() as store:
        yield store


@pytest.fixture
def own_samba(tmp_path: Path) -> Iterator[SambaServer]:
    """A server of the test's own, to be stopped and broken."""
    with SambaServer(tmp_path / "samba") as server:
        yield server
