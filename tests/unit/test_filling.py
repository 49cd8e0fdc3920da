"""What the source cannot give is taken from a store that holds it whole, and only as its record says."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from reservplan.domain.names import Format, Kind, artifact_name
from reservplan.domain.verdict import Verdict
from reservplan.filling import filled
from reservplan.publish import Offer
from reservplan.snapshot import Snapshot

from tests.unit.test_snapshot import snapshot


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Offer]:
    """Two stores that hold a cell alike, and what the source would give of it: nothing."""
    folder = tmp_path_factory.mktemp("stores")
    for name in ("share", "office"):
        (folder / name).mkdir()
    made = snapshot(folder, teams=1)
    offers: list[Offer] = []
    made.run(at_last=lambda run: offers.extend(run.files.offers()))
    nothing = replace(offers[0], verdict=Verdict.INCOMPLETE, visits=0, covered=False, content="", reasons=())
    return made, nothing


@pytest.fixture
def run(published: tuple[Snapshot, Offer]) -> Iterator[Snapshot]:
    made, _ = published
    with made.staging.held():
        yield made


def test_a_cell_that_is_not_to_be_had_is_offered_as_the_store_holds_it(
    run: Snapshot, published: tuple[Snapshot, Offer]
) -> None:
    _, nothing = published
    offer = filled([nothing], run.stores, run.files)[nothing.cell]
    assert (offer.verdict.whole, offer.covered, offer.visits > 0) == (True, True, True)
    drawn = run.files.drawn(nothing.cell)
    folder = Path(run.settings.stores[0].folder)
    name = artifact_name(nothing.cell.plan_date, Kind.LIST, nothing.cell.team, Format.PDF)
    assert drawn[Kind.LIST, Format.PDF] == (folder / name).read_bytes()
    assert len(drawn) == 4


def test_what_somebody_was_taken_out_of_is_not_taken_from_a_store(
    run: Snapshot, published: tuple[Snapshot, Offer]
) -> None:
    _, nothing = published
    assert filled([replace(nothing, covered=True, erased=1)], run.stores, run.files) == {}


@pytest.mark.parametrize("changes", [
    pytest.param({"covered": True, "verdict": Verdict.COMPLETE}, id="whole"),
    pytest.param({"closed": True}, id="closed that day"),
])  # fmt: skip
def test_what_the_source_gives_itself_is_not_looked_for(
    run: Snapshot, published: tuple[Snapshot, Offer], changes: dict[str, object]
) -> None:
    _, nothing = published
    assert filled([replace(nothing, **changes)], run.stores, run.files) == {}


def test_of_a_store_that_lacks_a_file_nothing_is_taken(run: Snapshot, published: tuple[Snapshot, Offer]) -> None:
    _, nothing = published
    name = artifact_name(nothing.cell.plan_date, Kind.LIST, nothing.cell.team, Format.PDF)
    for store in run.settings.stores:
        (Path(store.folder) / name).unlink()
    assert filled([nothing], run.stores, run.files) == {}
