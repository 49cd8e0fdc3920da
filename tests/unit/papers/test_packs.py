"""Which lists a week pack joins, of what really lies there."""

import pytest
from reservplan.domain.verdict import Verdict
from reservplan.papers.packs import packs
from reservplan.settings import Team

from tests.unit.publish.cells import CELL, FIVE, HOUR, WINDOW, offer
from tests.unit.publish.site import Site, Wrapped, site_at


@pytest.fixture
def site(tmp_path) -> Site:  # type: ignore[no-untyped-def]
    return site_at(tmp_path / "share")


@pytest.mark.parametrize("hours", [0, -1, 1], ids=["same capture", "older but whole", "later"])
def test_a_list_that_stands_in_is_taken_before_the_one_that_was_open(site: Site, hours: int) -> None:
    site.run(offer(verdict=Verdict.INCOMPLETE, content="half"))
    held = Wrapped(site.store, held=[site.path(CELL).name])
    site.seal(site.publish(offer(content="complete", captured_at=FIVE + hours * HOUR), store=held))
    day = site.day(CELL)
    (pack,) = packs({CELL.plan_date: day}, [Team(name=CELL.team)], WINDOW, "flat", frozenset())
    assert [held.path for held in pack.held] == ["220621 Brukarschema Ullared (ny 0530).pdf"]
