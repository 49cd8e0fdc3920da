"""What all tests share."""

from collections.abc import Iterator

import pytest

from servers.samba import SambaServer


@pytest.fixture(scope="session")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SambaServer]:
    """A running file server for the whole session; a test that stops or breaks it makes one of its own."""
    with SambaServer(tmp_path_factory.mktemp("samba")) as server:
        yield server
