"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.samba import SambaServer

# Those that share one real deployment, which takes the longest to start and to finish: one after another.
TOGETHER = ("operation", "deployment")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where tests run side by side, those of a file stay together, for what they share; the longest begin."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    tests = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(tests).parts[0]
        item.add_marker(pytest.mark.xdist_group("deployment" if folder in TOGETHER else str(item.path)))
    items.sort(key=lambda item: item.path.relative_to(tests).parts[0] not in TOGETHER)


@pytest.fixture(scope="session")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SambaServer]:
    """A running file server for the whole session; a test that stops or breaks it makes one of its own."""
    with SambaServer(tmp_path_factory.mktemp("samba")) as server:
        yield server
