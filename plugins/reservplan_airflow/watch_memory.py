"""The watch's memory in Airflow's asset state store, so that it is there whichever worker looks next."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset
from reservplan.watch.memory import another_at_work

if TYPE_CHECKING:
    from collections.abc import Iterator

# A task has its state store only where the asset is one of its inlets; an outlet would make an event of each round.
WATCH_MEMORY = Asset(name="reservplan_watch_memory", uri="x-reservplan://watch-memory")
# A round that was killed gives nothing back: it counts as ended after this.
LONGEST_TURN = timedelta(minutes=10)
_TURN = "turn"


class AssetMemory:
    """Values of one asset; `store` is what the task's context gives for it.

    The store knows no locks and keeps what was written last: a turn is a token that must still be there when read
    back. Two watches that begin in the same instant may both have theirs; then the outbox sees to it that each sends
    nothing that the other has claimed.
    """

    def __init__(self, store: Any) -> None:
        self.store = store

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have it for oneself, for as long as a round may take."""
        token = secrets.token_hex(8)
        now = datetime.now(UTC)
        if self._is_held(now):
            raise another_at_work()
        self.set(_TURN, {"token": token, "at": now.isoformat()})
        if self._holder() != token:
            raise another_at_work()
        try:
            yield
        finally:
            if self._holder() == token:
                self.set(_TURN, None)

    def get(self, key: str) -> Any | None:
        """What was last set, or None."""
        return self.store.get(key, default=None)

    def set(self, key: str, value: Any) -> None:
        """Keep a value; None forgets it."""
        if value is None:
            self.store.delete(key)
        else:
            self.store.set(key, value)

    def _holder(self) -> str:
        held = self.get(_TURN)
        return str(held.get("token", "")) if isinstance(held, dict) else ""

    def _is_held(self, now: datetime) -> bool:
        held = self.get(_TURN)
        try:
            return isinstance(held, dict) and abs(now - datetime.fromisoformat(held["at"])) < LONGEST_TURN
        except (KeyError, TypeError, ValueError):
            return False
