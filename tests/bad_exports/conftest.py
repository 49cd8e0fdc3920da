"""The outcomes of all kinds, each worked out once for all tests of this folder."""

import pytest

from tests.bad_exports.trials import Trials


@pytest.fixture(scope="session")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Trials:
    return Trials(tmp_path_factory.mktemp("bad-exports"))
