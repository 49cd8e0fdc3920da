"""What publishing would do, without doing it: which cells need rendering, and whether anything changed at all."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from reservplan.domain.days import Window
from reservplan.domain.errors import ReservplanError
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.standing import CellState, Standing
from reservplan.publish.decision import MOST_GONE_SHARE, Decision, Offer, decide, renewal_due
from reservplan.settings import StoreSettings
from reservplan.store.inspection import DayOnStore, inspect


def compare(
    store: Store,
    store_settings: StoreSettings,
    offers: Sequence[Offer],
    window: Window,
    *,
    zone: ZoneInfo,
    force: bool = False,
    deep: bool = False,
    most_gone_share: float = MOST_GONE_SHARE,
) -> dict[Cell, Decision]:
    """What publishing would do with each offer now; only cells whose decision writes need rendering.

    `deep` reads every recorded file of the cells instead of going by size and time. Raises StoreUnreachable or
    StoreRefused.
    """
    days = inspect(store, store_settings.layout, [offer.cell for offer in offers], deep=deep)
    standings = {offer.cell: days[offer.cell.plan_date].standing(offer.cell.team) for offer in offers}
    return {
        offer.cell: decide_for(
            store_settings, standings[offer.cell], offer, window, zone, force=force, most_gone_share=most_gone_share
        )
        for offer in offers
    }


def decide_for(
    store_settings: StoreSettings,
    standing: Standing | ReservplanError,
    offer: Offer,
    window: Window,
    zone: ZoneInfo,
    *,
    force: bool,
    most_gone_share: float = MOST_GONE_SHARE,
) -> Decision:
    """Decide one cell by the store's own rules, with a new print where one is due."""
    return decide(
        standing,
        offer,
        window,
        renew=renewal_due(standing, window, zone),
        force=force,
        on_foreign=store_settings.on_foreign,
        compared=store_settings.name in offer.compared_with,
        most_gone_share=most_gone_share,
    )


def unchanged(day: DayOnStore, made_of: Mapping[Cell, str]) -> bool:
    """Whether every cell of the day is whole, sealed, not incomplete, and made of the input that `made_of` names."""
    return day.fault is None and all(
        _is_unchanged(day.standings.get(cell.team), source_sha256)
        for cell, source_sha256 in made_of.items()
        if cell.plan_date == day.plan_date
    )


def _is_unchanged(standing: Standing | None, source_sha256: str) -> bool:
    if standing is None or standing.entry is None or standing.unsealed or standing.foreign or standing.edited:
        return False
    whole = standing.state is CellState.WHOLE and bool(standing.entry.content) and standing.entry.verdict.whole
    return whole and standing.entry.source_sha256 == source_sha256
