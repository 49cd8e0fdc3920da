"""The run that makes copies again: the same steps as every snapshot, for certain cells."""

from collections.abc import Sequence
from datetime import UTC, datetime
from secrets import token_hex

from reservplan.domain.days import local_day
from reservplan.domain.manifest import HEALING_PREFIX, Origin
from reservplan.domain.plan import Cell
from reservplan.run_stores import StoreOpener
from reservplan.settings import Settings
from reservplan.snapshot import Result, Say, Snapshot, SnapshotRequest


def healing_run_id(now: datetime) -> str:
    """A run's id by which it is seen that the watch has asked for it."""
    return f"{HEALING_PREFIX}{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}-{token_hex(3)}"


def heal(
    settings: Settings, cells: Sequence[Cell], now: datetime, open_store: StoreOpener, say: Say = lambda _: None
) -> Result:
    """Make these cells again wherever a store lacks them whole; nothing is made worse.

    Past days come of the archive, and so do the others unless that is old; what neither it nor the export knows is
    taken from a store that holds it. `now` is the aware present.

    Raises:
        ReservplanError: nothing could be done at all.
    """
    request = SnapshotRequest(
        run_id=healing_run_id(now),
        today=local_day(now, settings.zone),
        started_at=now.astimezone(UTC),
        plan_dates=tuple(sorted({cell.plan_date for cell in cells})),
        cells=tuple(cells),
        origin=Origin.HEALING,
    )
    return Snapshot(settings, request, open_store, say).run()
