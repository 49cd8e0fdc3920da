"""What all tests share."""

from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from servers.samba import SambaServer

# Those that share one real deployment, which takes the longest to start and to finish: one after another.
TOGETHER = ("tests/operation/", "tests/deployment/")


class ByFile(LoadScopeScheduling):
    """Where tests run side by side, those of a file stay together, for what they share."""

    def _split_scope(self, nodeid: str) -> str:
        return "deployment" if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin."""
    items.sort(key=lambda item: not item.nodeid.startswith(TOGETHER))


@pytest.fixture(scope="session")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SambaServer]:
    """A running file server for the whole session; a test that stops or breaks it makes one of its own."""
    with SambaServer(tmp_path_factory.mktemp("samba")) as server:
        yield server
