"""What publishing does with one cell on one store: the never-worse rule, pure.

`decide` is the design's table, row by row; the first that fits decides. What asked for the copy never matters.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from reservplan.domain.days import Window, local_day
from reservplan.domain.errors import ManifestUnreadable, ReservplanError
from reservplan.domain.manifest import CellEntry, NewerManifest, Origin, whole_second
from reservplan.domain.plan import Cell
from reservplan.domain.standing import CellState, Standing
from reservplan.domain.verdict import Reason, Verdict

OnForeign = Literal["beside", "adopt"]

# A record whose time lies farther in the future than this was made with a wrong clock: it proves no later capture.
CLOCK_SKEW = timedelta(minutes=5)
# Of a whole copy's visits and cancellations, as `thresholds.gone_incomplete_share`.
MOST_GONE_SHARE = 0.20


@dataclass(frozen=True)
class Offer:
    """A cell that could be published: what is known of it before it is rendered.

    `content` is the hash of what would be shown, `source_sha256` that of the whole input and the settings.
    `erased` visits were taken out of the capture since: that they are gone is no loss.
    `compared_with` names the stores whose earlier copies the verdict knows of; `changed_since` is the capture with
    which the list of changes compares. `captured_at` counts in whole seconds, as manifests hold it.
    """

    cell: Cell
    verdict: Verdict
    captured_at: datetime
    read_at: datetime
    origin: Origin
    visits: int
    content: str
    reasons: tuple[Reason, ...] = ()
    unassigned: int = 0
    employees: int = 0
    covered: bool = True
    closed: bool = False
    cancelled: int = 0
    by_hour: tuple[int, ...] = ()
    changed_since: datetime | None = None
    compared_with: tuple[str, ...] = ()
    source_sha256: str = ""
    erased: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "captured_at", whole_second(self.captured_at))


class Action(StrEnum):
    """What is done with the cell's files."""

    PUBLISH = "publish"  # nothing whole lies there
    REPLACE = "replace"
    RENEW = "renew"  # the same content, written anew
    CONFIRM = "confirm"  # the same content, known to be true later: only the manifest moves
    LEAVE = "leave"
    KEEP = "keep"  # what lies there is better
    NOTHING = "nothing"  # there is nothing to publish
    REFUSE = "refuse"  # not a day that is kept
    WAIT = "wait"  # the store or the day cannot be judged: touched in a later run


WRITES = frozenset({Action.PUBLISH, Action.REPLACE, Action.RENEW})


class Place(StrEnum):
    """Under the cell's own names, or some of it beside somebody else's file."""

    OWN = "own"
    BESIDE = "beside"


@dataclass(frozen=True)
class Decision:
    """What to do, and why (`code`, which names the words `publish.<code>` in the catalogue).

    `adopt`: somebody else's file is renamed first. `only_broken`: the whole files are better than the offer and stay.
    """

    action: Action
    code: str
    alarm: bool = False
    place: Place = Place.OWN
    adopt: bool = False
    only_broken: bool = False

    @property
    def writes(self) -> bool:
        """Whether the cell must be rendered and written."""
        return self.action in WRITES


def decide(
    standing: Standing | ReservplanError,
    offer: Offer,
    window: Window,
    *,
    renew: bool = False,
    force: bool = False,
    on_foreign: OnForeign = "beside",
    compared: bool = False,
    most_gone_share: float = MOST_GONE_SHARE,
) -> Decision:
    """Decide one cell; `standing` is the error itself where the store or the day's manifest cannot be used.

    `renew` asks for a new print of the same content, see `renewal_due`; `force` is given by hand. Neither overrides
    never-worse. `compared` says that the verdict knows of the store's copies; where it does not, a whole copy stays if
    more than `most_gone_share` of its visits are gone.
    """
    if isinstance(standing, ReservplanError):
        return Decision(Action.WAIT, _code_of(standing), alarm=True)
    if offer.cell.plan_date not in window:
        return Decision(Action.REFUSE, "outside_window")
    if offer.visits == 0 and offer.closed:
        return Decision(Action.NOTHING, "closed")
    if offer.visits == 0 and offer.verdict.whole:
        # Nothing else makes an open day without visits whole.
        return Decision(Action.NOTHING, "accepted")
    if offer.visits == 0 or not offer.covered:
        return Decision(Action.NOTHING, "no_visits" if offer.covered else "not_covered", alarm=True)
    adopt = bool(standing.foreign) and on_foreign == "adopt"
    beside = bool(standing.edited) or (bool(standing.foreign) and not adopt)
    decision = _decide_ours(standing, offer, renew=renew, force=force, moving=adopt)
    if decision.code == "updated" and not compared and _too_many_gone(standing, offer, most_gone_share):
        decision = Decision(Action.KEEP, "kept_uncompared", alarm=True)
    # Somebody will print that day: the office must know that what was just read is not what lies there.
    held_back = decision.code == "kept_later" and offer.cell.plan_date >= window.today
    return replace(
        decision,
        alarm=decision.alarm or beside or held_back,
        place=Place.BESIDE if beside else Place.OWN,
        adopt=adopt and decision.writes,
    )


def renewal_due(standing: Standing | ReservplanError, window: Window, zone: ZoneInfo) -> bool:
    """Whether the cell was last written on an earlier local day and is of use from today on.

    So the first snapshot of each day writes anew what did not change: paper printed today says when today.
    """
    if isinstance(standing, ReservplanError) or standing.entry is None or standing.cell.plan_date < window.today:
        return False
    return local_day(standing.entry.published_at, zone) < window.today


def may_replace(entry: CellEntry, offer: Offer) -> bool:
    """Never worse: whether the offer may take the place of a whole copy with other content."""
    if entry.verdict.whole != offer.verdict.whole:
        return offer.verdict.whole
    if _is_later(entry, offer):
        return False
    return offer.verdict.whole or offer.visits + offer.erased >= entry.visits


def _too_many_gone(standing: Standing, offer: Offer, most_gone_share: float) -> bool:
    """Whether validation would have called the offer incomplete, had it known of the copy."""
    if standing.entry is None:
        return False
    there = standing.entry.visits + standing.entry.cancelled
    return there - (offer.visits + offer.cancelled + offer.erased) > there * most_gone_share


def _lies_ahead(entry: CellEntry, offer: Offer) -> bool:
    """Whether the record's time cannot be true yet: the export that it came of was saved by a wrong clock."""
    return entry.true_at > offer.read_at + CLOCK_SKEW


def _is_later(entry: CellEntry, offer: Offer) -> bool:
    """Whether the copy is of a later capture than the offer; one from the future would hold back every true one."""
    return offer.captured_at < entry.true_at and not _lies_ahead(entry, offer)


def _code_of(fault: ReservplanError) -> str:
    if isinstance(fault, NewerManifest):
        return "manifest_newer"
    return "manifest_unreadable" if isinstance(fault, ManifestUnreadable) else "store_unreachable"


def _decide_ours(standing: Standing, offer: Offer, *, renew: bool, force: bool, moving: bool) -> Decision:
    """The rows about our own copy; `moving` says that it shall move to its own names, so that it is written anew."""
    entry = standing.entry
    if entry is None or standing.state is not CellState.WHOLE or standing.lacking:
        return _decide_broken(standing, offer)
    if entry.content == offer.content and not moving:
        return _decide_same(entry, offer, renew=renew, force=force)
    if entry.verdict.whole and not offer.verdict.whole:
        return Decision(Action.KEEP, "kept_complete", alarm=True)
    if not entry.verdict.whole and offer.verdict.whole:
        return Decision(Action.REPLACE, "older_but_whole" if _is_later(entry, offer) else "now_whole")
    if offer.verdict.whole:
        return Decision(Action.REPLACE, "updated") if may_replace(entry, offer) else Decision(Action.KEEP, "kept_later")
    if may_replace(entry, offer):
        return Decision(Action.REPLACE, "still_incomplete", alarm=True)
    return Decision(Action.KEEP, "kept_incomplete", alarm=True)


def _decide_broken(standing: Standing, offer: Offer) -> Decision:
    """Nothing, or damaged: publish, but leave those files alone that are whole and better than the offer."""
    incomplete = not offer.verdict.whole
    if standing.entry is None and standing.held() and incomplete:
        # Files of ours of which no record tells how good they are: as good as any.
        return Decision(Action.KEEP, "kept_complete", alarm=True)
    survivors = standing.entry is not None and bool(standing.held())
    if standing.entry is None or not survivors:
        code = "new" if standing.state is CellState.NOTHING else "mended"
        return Decision(Action.PUBLISH, code, alarm=incomplete)
    if may_replace(standing.entry, offer):
        return Decision(Action.PUBLISH, "mended", alarm=incomplete)
    if standing.entry.content == offer.content:
        return Decision(Action.PUBLISH, "mended", alarm=incomplete, only_broken=True)
    if not standing.lacking:
        # Every artifact is whole in some copy that is better; a damaged one waits until the offer is good enough.
        return Decision(Action.KEEP, "kept_later" if offer.verdict.whole else "kept_complete", alarm=True)
    return Decision(Action.PUBLISH, "mended_partly", alarm=True, only_broken=True)


def _decide_same(entry: CellEntry, offer: Offer, *, renew: bool, force: bool) -> Decision:
    incomplete = not offer.verdict.whole
    if _is_later(entry, offer):
        return Decision(Action.LEAVE, "unchanged", alarm=incomplete)
    if offer.captured_at < entry.true_at:
        # Its paper names a time that has not come yet, and a confirmation would leave that time on record.
        return Decision(Action.RENEW, "renewed", alarm=incomplete)
    later = offer.captured_at > entry.true_at
    if force or (renew and later):
        return Decision(Action.RENEW, "forced" if force else "renewed", alarm=incomplete)
    if later:
        return Decision(Action.CONFIRM, "confirmed", alarm=incomplete)
    return Decision(Action.LEAVE, "unchanged", alarm=incomplete)
