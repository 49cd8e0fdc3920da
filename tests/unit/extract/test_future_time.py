"""An export that a wrong clock saved."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from reservplan.domain.plan import Cell

from tests.unit.extract.conftest import DAY, Desk, table


@pytest.mark.parametrize(("minutes", "remarked"), [(-60, 0), (4, 0), (60, 1)])
def test_an_export_from_the_future_counts_as_read_now_and_is_remarked(
    desk: Desk, line: Callable[..., str], minutes: int, remarked: int
) -> None:
    desk.save(table(line()), hours_old=-minutes / 60)
    plan = desk.read()
    source = plan.sources[Cell(DAY, "Ullared")]
    assert source.counts.get("future_time", 0) == remarked
    if remarked:
        assert source.captured_at == plan.read_at.replace(microsecond=0)
    assert source.captured_at.tzinfo is UTC
    assert datetime.now(UTC) >= plan.read_at
