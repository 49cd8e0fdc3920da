"""The stores of a run, asked side by side; one that has kept the run waiting is not waited for at its every step."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from reservplan.domain.errors import ReservplanError, StoreRefused, StoreUnreachable
from reservplan.domain.ports import Store
from reservplan.run_files import Away, RunFiles
from reservplan.settings import StoreSettings
from reservplan.side_by_side import side_by_side

T = TypeVar("T")
StoreOpener = Callable[[StoreSettings], Store]
Answers = dict[str, T | ReservplanError]

# A server that is down says so at once, and costs nothing to ask again; one that hangs costs a time limit each time.
SILENT_SECONDS = 5.0
# Shorter than the pause before a task is tried again: each new try asks anew.
AGAIN_AFTER = timedelta(minutes=4)


class RunStores:
    """The stores of the settings, and what this run knows of those that are away."""

    def __init__(self, stores: Sequence[StoreSettings], open_store: StoreOpener, files: RunFiles) -> None:
        self._stores = stores
        self._open = open_store
        self._files = files

    def ask(self, question: Callable[[StoreSettings, Store], T], *, also_silent: bool = False) -> Answers[T]:
        """Each store's answer, or its fault, by name in the order of the settings.

        One that has refused us some minutes ago, or has let us wait (unless `also_silent`), is not asked: what it did
        then is its answer.
        """
        faults: dict[str, ReservplanError] = {}
        asked: list[tuple[StoreSettings, Store]] = []
        for settings in self._stores:
            try:
                self.require_answering(settings.name, also_silent=also_silent)
                asked.append((settings, self._open(settings)))
            except ReservplanError as fault:
                faults[settings.name] = fault
        given = side_by_side(asked, lambda pair: self._answer(question, *pair))
        answers: Answers[T] = dict(faults)
        for (settings, _), answer in zip(asked, given, strict=True):
            if isinstance(answer, Exception) and not isinstance(answer, ReservplanError):
                raise answer
            answers[settings.name] = answer
        return {settings.name: answers[settings.name] for settings in self._stores}

    def require_answering(self, name: str, *, also_silent: bool = True) -> None:
        """Raise the fault of a store that is not to be asked now: a password is not tried again that was refused."""
        away = self._files.away(name)
        if away is None or datetime.now(UTC) > away.asked_at + AGAIN_AFTER:
            return
        if away.refused:
            raise StoreRefused(away.what, do=away.do)
        if not also_silent:
            raise StoreUnreachable(away.what, do=away.do)

    def _answer(self, question: Callable[[StoreSettings, Store], T], settings: StoreSettings, store: Store) -> T:
        begun = time.monotonic()
        try:
            with store:
                return question(settings, store)
        except (StoreRefused, StoreUnreachable) as fault:
            refused = isinstance(fault, StoreRefused)
            if refused or time.monotonic() - begun > SILENT_SECONDS:
                away = Away(refused=refused, what=fault.what, do=fault.do, asked_at=datetime.now(UTC))
                self._files.put_away(settings.name, away)
            raise
