"""What the watch remembers between its rounds: in Airflow's asset state store, or in files outside Airflow."""

from contextlib import AbstractContextManager
from typing import Any, Protocol


class Memory(Protocol):
    """Small JSON values by key; no value of a person, each below 60 000 characters."""

    def turn(self) -> AbstractContextManager[None]:
        """Have it for oneself while a round reads, tells and writes. Raises StoreBusy where another is at work."""

    def get(self, key: str) -> Any | None:
        """What was last set, or None; of a value that cannot be read any more, None."""

    def set(self, key: str, value: Any) -> None:
        """Keep a value; None forgets it."""
