"""One run to one share, as the command makes it: what is told of it is what its operator reads."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.unexpected import at_store
from reservplan.domain.words import say
from reservplan.publish import Published, compare, publish, seal, shortfalls_in_words
from reservplan.settings import StoreSettings
from reservplan.store import open_store
from reservplan.store.connection import ConnectionFacts

from tests.faults.generations import Generation
from tests.unit.publish.cells import WINDOW

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LANGUAGE = "en"


@dataclass(frozen=True)
class Run:
    """One run: of which generation, to which share, when. It can be handed to another process."""

    generation: Generation
    settings: StoreSettings
    facts: ConnectionFacts
    run_id: str
    at: datetime

    def go(self) -> list[str]:
        """Ask, publish and seal; what hinders it and what fell short is told.

        As with the command, a run whose only store cannot be asked ends there.
        """
        with _warnings() as told:
            published: dict[Cell, Published] = {}
            if not self._try(told, lambda: self._compare(told)):
                return told
            self._try(told, lambda: self._publish(published))
            # Also after a fault: what was written before it counts only once it is sealed.
            self._try(told, lambda: self._seal(published, told))
        return list(dict.fromkeys(told))

    def _try(self, told: list[str], step: Callable[[], None]) -> bool:
        try:
            step()
        except Exception as error:
            told.append(at_store(self.settings.name, error))
            return False
        return True

    def _open(self) -> Store:
        return open_store(self.settings, self.facts)

    def _compare(self, told: list[str]) -> None:
        with self._open() as store:
            decisions = compare(store, self.settings, self.generation.offers, WINDOW, zone=STOCKHOLM)
        self._tell(told, {cell: found.code for cell, found in decisions.items() if found.alarm and not found.writes})

    def _publish(self, published: dict[Cell, Published]) -> None:
        with self._open() as store:
            done = publish(
                store,
                self.settings,
                self.generation.offers,
                self.generation.content_of,
                self.run_id,
                WINDOW,
                published_at=self.at,
                zone=STOCKHOLM,
                language=LANGUAGE,
            )
        published.update(done)

    def _seal(self, published: Mapping[Cell, Published], told: list[str]) -> None:
        with self._open() as store:
            sealed = seal(store, self.settings, published.values(), self.run_id, sealed_at=self.at)
        told += shortfalls_in_words(self.settings.name, published, LANGUAGE)
        self._tell(told, sealed.failures)

    def _tell(self, told: list[str], codes: Mapping[Cell, str] | Mapping[str, str]) -> None:
        told += [f"{self.settings.name}: {say(LANGUAGE, f'publish.{code}')}" for code in sorted(set(codes.values()))]


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """The lines of the log that the operator sees meanwhile."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = Lines(logging.WARNING)
    logger = logging.getLogger("reservplan")
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
