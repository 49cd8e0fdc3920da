"""The stores of a run, asked side by side; one that has kept the run waiting is not waited for at its every step."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from reservplan.domain.errors import LoginRefused, ReservplanError, StoreRefused, StoreUnreachable
from reservplan.domain.ports import Store
from reservplan.run_files import Absence, Away, RunFiles
from reservplan.settings import StoreSettings
from reservplan.side_by_side import side_by_side

T = TypeVar("T")
StoreOpener = Callable[[StoreSettings], Store]
Answers = dict[str, T | ReservplanError]

# A server that is down says so at once, and costs nothing to ask again; one that hangs costs a time limit each time.
SILENT_SECONDS = 5.0
# Shorter than the pause before a task is tried again: each new try asks anew.
AGAIN_AFTER = timedelta(minutes=4)
_FAULTS: Mapping[Absence, type[ReservplanError]] = {
    Absence.LOGIN: LoginRefused,
    Absence.REFUSED: StoreRefused,
    Absence.SILENT: StoreUnreachable,
}


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
                self._require_answering(settings.name, also_silent=also_silent)
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

    @contextlib.contextmanager
    def opened(self, settings: StoreSettings) -> Iterator[Store]:
        """One store to be written, also one that hung a while ago; not one that has refused us."""
        self._require_answering(settings.name, also_silent=True)
        try:
            with self._open(settings) as store:
                yield store
        except LoginRefused as fault:
            self._note(settings.name, Absence.LOGIN, fault)
            raise

    def _answer(self, question: Callable[[StoreSettings, Store], T], settings: StoreSettings, store: Store) -> T:
        begun = time.monotonic()
        try:
            with store:
                return question(settings, store)
        except StoreRefused as fault:
            self._note(settings.name, Absence.LOGIN if isinstance(fault, LoginRefused) else Absence.REFUSED, fault)
            raise
        except StoreUnreachable as fault:
            if time.monotonic() - begun > SILENT_SECONDS:
                self._note(settings.name, Absence.SILENT, fault)
            raise

    def _note(self, name: str, how: Absence, fault: ReservplanError) -> None:
        self._files.put_away(name, Away(how, fault.what, fault.do, datetime.now(UTC)))

    def _require_answering(self, name: str, *, also_silent: bool) -> None:
        """Raise the fault of a store that is not to be asked now."""
        away = self._files.away(name)
        if away is None or (also_silent and away.how is Absence.SILENT):
            return
        # A password that was refused is never tried twice: a few wrong ones lock the account.
        if away.how is Absence.LOGIN or datetime.now(UTC) < away.asked_at + AGAIN_AFTER:
            raise _FAULTS[away.how](away.what, do=away.do)
