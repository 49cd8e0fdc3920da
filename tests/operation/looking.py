"""Somebody who looks again and again while something else goes on."""

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Onlooker(ABC):
    """Looks in a thread of its own until it is left, and raises there what kept it from looking.

    A thread that ended in silence would make a test that rests on it prove nothing.
    """

    pause_seconds: float

    @abstractmethod
    def look(self) -> None:
        """Look once."""

    def __enter__(self) -> Self:
        self._fault: BaseException | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        if self._fault and error is None:
            raise self._fault

    def _look_on(self) -> None:
        try:
            while not self._ended.wait(self.pause_seconds):
                self.look()
        except Exception as fault:
            self._fault = fault
