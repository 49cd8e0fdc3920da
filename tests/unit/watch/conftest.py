from pathlib import Path

import pytest

from tests.unit.watch.lookout import Lookout


@pytest.fixture
def lookout(tmp_path: Path) -> Lookout:
    root = tmp_path / "share"
    root.mkdir()
    return Lookout(root)
