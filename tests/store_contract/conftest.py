"""The stores that are held to the one contract: a folder, and a share on a real Samba."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from reservplan.domain.ports import Store

from servers.samba import SambaServer

from .places import FOLDER, Place, folder_place, smb_place


@pytest.fixture(params=["folder", "smb"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "folder":
        place = folder_place(request.getfixturevalue("tmp_path") / FOLDER)
        place.disk.mkdir()
        return place
    return smb_place(request.getfixturevalue("samba"), f"{FOLDER}/{uuid4().hex[:8]}")


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with place.open() as store:
        yield store


@pytest.fixture
def own_samba(tmp_path: Path) -> Iterator[SambaServer]:
    """A server of the test's own, to be stopped and broken."""
    with SambaServer(tmp_path / "samba") as server:
        yield server
