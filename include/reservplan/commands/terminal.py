"""What every command has in common: exit status, telling and complaining, arguments, and every store in its turn."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TextIO, TypeVar

from reservplan.domain.errors import ReservplanError
from reservplan.domain.ports import Store
from reservplan.domain.unexpected import at_store
from reservplan.settings import Settings, StoreSettings
from reservplan.side_by_side import side_by_side

T = TypeVar("T")

DONE, FELL_SHORT, COULD_NOT_RUN = 0, 1, 2


def command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
    """Add a command that `run` does; `what` is its one line of help."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.set_defaults(run=run)
    return parser


def day(text: str) -> date:
    """An argument that is a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date, for example 2026-11-22") from None


def positive(text: str) -> int:
    """An argument that is a number above 0."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def tell(text: str) -> None:
    """Print; a reader that has seen enough (`| head`) ends the telling, not the work."""
    _write(text, sys.stdout)


def complain(text: str) -> None:
    """Say on stderr what fell short."""
    _write(text, sys.stderr)


def _write(text: str, stream: TextIO) -> None:
    try:
        # At once with its end: several stores tell how far they are.
        print(f"{text}\n", end="", file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def tell_who(settings: Settings, held: Mapping[str, Sequence[str]]) -> None:
    """Say who has the files open that stood in the way, by store; asked of the stores now, and kept nowhere."""
    from reservplan.store.owner_files import who_has_open
    from reservplan.telling import open_words

    for store_settings in settings.stores:
        if paths := held.get(store_settings.name):
            # That the name is not to be had is no fault of the run.
            with contextlib.suppress(ReservplanError), open_store(store_settings) as store:
                for line in open_words(store_settings.name, who_has_open(store, paths), settings.language):
                    complain(line)


def looked_at(settings: Settings, look: Callable[[StoreSettings], T], tell: Callable[[StoreSettings, T], bool]) -> int:
    """Look at all stores side by side, and tell of each in the order of the settings."""
    seen = {
        store.name: found for store, found in zip(settings.stores, side_by_side(settings.stores, look), strict=True)
    }

    def of_one(store_settings: StoreSettings) -> bool:
        found = seen[store_settings.name]
        if isinstance(found, Exception):
            raise found
        return tell(store_settings, found)

    return at_each_store(settings, of_one)


def at_each_store(
    settings: Settings, body: Callable[[StoreSettings], bool], some: Sequence[StoreSettings] | None = None
) -> int:
    """Do something at every store, which says whether all is well there; one store's fault keeps none from its turn."""
    good, faults = True, 0
    stores = settings.stores if some is None else some
    for store_settings in stores:
        try:
            good &= body(store_settings)
        except Exception as error:
            complain(at_store(store_settings.name, error))
            faults += 1
    if faults == len(stores):
        return COULD_NOT_RUN
    return DONE if good and not faults else FELL_SHORT


def open_store(settings: StoreSettings) -> Store:
    """The store, with its connection from the environment."""
    from reservplan.store import open_store as open_with
    from reservplan.store.connection import connection_from_environment

    return open_with(settings, connection_from_environment(settings.connection) if settings.connection else None)
