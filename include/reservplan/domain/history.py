"""What the stores remember of earlier captures, as validation compares a new one with it. No person is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reservplan.domain.acceptance import Acceptance
from reservplan.domain.counts import Counts
from reservplan.domain.plan import Cell


@dataclass(frozen=True)
class EarlierCopy:
    """The whole copy of a cell that lies on a store; of several stores, the one that was last known to be true.

    `captured_at` names the capture that the copy was made of, `content` what it shows; `changed_since` is the capture
    with which its own page of changes compares.
    """

    visits: int
    cancelled: int
    captured_at: datetime
    true_at: datetime
    content: str
    changed_since: datetime | None = None


@dataclass(frozen=True)
class History:
    """Earlier copies (never an incomplete one), how many visits each cell had, and what somebody has accepted.

    `stores` names the stores that could be asked.
    """

    copies: Mapping[Cell, EarlierCopy] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    accepted: Mapping[Cell, Acceptance] = field(default_factory=dict)
    stores: tuple[str, ...] = ()
