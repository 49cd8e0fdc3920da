"""What the source cannot give is taken from a store that holds it whole: read, compared with its record, offered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from reservplan.domain.manifest import ArtifactEntry, CellEntry
from reservplan.domain.names import ARTIFACTS
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.standing import CellState, FileState, Slot, Standing
from reservplan.publish import Offer
from reservplan.run_files import Drawn, RunFiles
from reservplan.run_stores import RunStores
from reservplan.settings import StoreSettings
from reservplan.store.inspection import artifact_path, inspect
from reservplan.store.reading import read_what_opens


@dataclass(frozen=True)
class Held:
    """A whole copy on a store: its record, and where its four files lie there."""

    entry: CellEntry
    paths: Mapping[Slot, tuple[str, ArtifactEntry]]


def filled(offers: Sequence[Offer], stores: RunStores, files: RunFiles) -> dict[Cell, Offer]:
    """For those offers that are not whole, that of the latest whole copy on any store; its files are staged as drawn.

    Nothing of a store that cannot be asked, or whose copy is not what its record says.
    """
    # Of what somebody was taken out of, a store may hold a copy from before.
    wanted = {offer.cell: offer for offer in offers if not (_is_whole(offer) or offer.erased)}
    if not wanted:
        return {}
    taken: dict[Cell, CellEntry] = {}

    def held_at(settings: StoreSettings, store: Store) -> dict[Cell, CellEntry]:
        return {cell: held.entry for cell, held in _held(store, settings.layout, list(wanted)).items()}

    found = {name: held for name, held in stores.ask(held_at).items() if isinstance(held, dict)}
    best = {
        cell: max((name for name in found if cell in found[name]), key=lambda name: found[name][cell].true_at)
        for cell in wanted
        if any(cell in held for held in found.values())
    }

    def take(settings: StoreSettings, store: Store) -> None:
        mine = [cell for cell, name in best.items() if name == settings.name]
        for cell, held in _held(store, settings.layout, mine).items():
            if (drawn := _read(store, held)) is not None:
                files.put_drawn(cell, drawn)
                taken[cell] = held.entry

    if best:
        stores.ask(take)
    return {cell: _offer_of(entry, wanted[cell]) for cell, entry in taken.items()}


def _is_whole(offer: Offer) -> bool:
    return offer.closed or (offer.covered and offer.verdict.whole)


def _held(store: Store, layout: str, cells: Sequence[Cell]) -> dict[Cell, Held]:
    """The cells of which a whole, sealed copy of ours lies there."""
    days = inspect(store, layout, cells) if cells else {}
    found: dict[Cell, Held] = {}
    for cell in cells:
        standing = days[cell.plan_date].standing(cell.team)
        if isinstance(standing, Standing) and (held := _as_held(standing, layout)) is not None:
            found[cell] = held
    return found


def _as_held(standing: Standing, layout: str) -> Held | None:
    entry = standing.entry
    if entry is None or standing.unsealed or standing.state is not CellState.WHOLE:
        return None
    # Without its content's hash some of its files are of another copy.
    if not (entry.verdict.whole and entry.content):
        return None
    paths = dict(_paths(standing, entry, layout))
    return Held(entry, paths) if len(paths) == len(ARTIFACTS) else None


def _paths(standing: Standing, entry: CellEntry, layout: str) -> Iterator[tuple[Slot, tuple[str, ArtifactEntry]]]:
    for artifact in entry.artifacts:
        if standing.files.get(artifact.name) is FileState.WHOLE:
            path = artifact_path(layout, standing.cell.team, artifact.name)
            yield (artifact.kind, artifact.format), (path, artifact)


def _read(store: Store, held: Held) -> Drawn | None:
    """The copy's files, if each is what its record says."""
    contents = read_what_opens(store, [path for path, _ in held.paths.values()])
    drawn: Drawn = {}
    for slot, (path, artifact) in held.paths.items():
        content = contents.get(path)
        if content is None or sha256(content).hexdigest() != artifact.sha256:
            return None
        drawn[slot] = content
    return drawn


def _offer_of(entry: CellEntry, asked: Offer) -> Offer:
    """The copy as it was offered to the store that holds it."""
    return Offer(
        cell=asked.cell,
        verdict=entry.verdict,
        captured_at=entry.captured_at,
        read_at=asked.read_at,
        origin=asked.origin,
        visits=entry.visits,
        content=entry.content,
        reasons=entry.reasons,
        unassigned=entry.unassigned,
        employees=entry.employees,
        cancelled=entry.cancelled,
        by_hour=entry.by_hour,
        changed_since=entry.changed_since,
        compared_with=asked.compared_with,
        source_sha256=entry.source_sha256,
    )
