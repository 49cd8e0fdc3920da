from pathlib import Path

import pytest

from tests.unit.retain.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    root = tmp_path / "share"
    root.mkdir()
    return Shelf(root)
