from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.publish.site import Site, site_at


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return site_at(tmp_path / "share")


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[..., Site]:
    return lambda name="share", **changes: site_at(tmp_path / name, **changes)
