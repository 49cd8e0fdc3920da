"""The stores that are held to the one contract: a folder, a share on a real Samba, a stick, a folder as FAT is."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from reservplan.domain.ports import Store

from servers.exfat_stick import ExfatStick, why_no_stick
from servers.samba import SambaServer

from .fat import FatFolder
from .places import FOLDER, Place, folder_place, smb_place


@pytest.fixture(params=["folder", "smb", "exfat", "fat"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "smb":
        return smb_place(request.getfixturevalue("samba"), f"{FOLDER}/{uuid4().hex[:8]}")
    if request.param == "exfat":
        place = folder_place(request.getfixturevalue("exfat_stick").folder / uuid4().hex[:8], blinks=True)
    else:
        place = folder_place(request.getfixturevalue("tmp_path") / FOLDER)
    place.disk.mkdir()
    if request.param == "fat":
        FatFolder(place.disk, request.getfixturevalue("monkeypatch"))
    return place


@pytest.fixture(scope="session")
def exfat_stick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExfatStick]:
    """A stick for all; a test that pulls or fills it makes one of its own."""
    if why := why_no_stick():
        pytest.skip(f"{why}; a folder that behaves as FAT stands in for it")
    with ExfatStick(tmp_path_factory.mktemp("exfat")) as stick:
        yield stick


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with place.open() as store:
        yield store


@pytest.fixture
def own_samba(tmp_path: Path) -> Iterator[SambaServer]:
    """A server of the test's own, to be stopped and broken."""
    with SambaServer(tmp_path / "samba") as server:
        yield server
