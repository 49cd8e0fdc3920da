"""Where the deep checks of the stores are kept, one small file a store, so that every look knows what they found.

Addressed through universal-pathlib: the watch reads what a worker on another machine wrote.
"""

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from reservplan.domain.ports import Store
from reservplan.private_files import PrivateFiles
from reservplan.settings import Settings, StoreSettings
from reservplan.watch import Verified, verify
from reservplan.watch.verified import VerifiedNote

FOLDER = "verified"
_ENDING = ".json"


class VerifiedNotes:
    """The latest deep check of each store, kept below the watch's folder."""

    def __init__(self, folder: str) -> None:
        self.files = PrivateFiles.at(folder, "watch.folder").below(FOLDER)

    def keep(self, store: str, note: VerifiedNote) -> None:
        """Keep what was found, in place of the check before."""
        self.files.write_whole(f"{store}{_ENDING}", note.model_dump_json().encode())

    def all(self) -> dict[str, VerifiedNote]:
        """What was found last, by store; one that cannot be read is left out until it is checked again."""
        found: dict[str, VerifiedNote] = {}
        for name in self.files.names():
            content = self.files.read_or_none(name) if name.endswith(_ENDING) else None
            try:
                if content is not None:
                    found[name.removesuffix(_ENDING)] = VerifiedNote.model_validate_json(content)
            except ValidationError:
                continue
        return found


def read_verified(folder: str) -> dict[str, VerifiedNote]:
    """The latest deep check of each store, as `settings.watch.folder` keeps them."""
    return VerifiedNotes(folder).all()


def check_deeply(
    store_settings: StoreSettings, settings: Settings, now: datetime, open_store: Callable[[StoreSettings], Store]
) -> Verified:
    """Read back and open every file that a store's records name, and keep what was wrong; `now` is the aware present.

    Raises:
        StoreUnreachable, StoreRefused: the store cannot be read; what was found before stays.
    """
    found = verify(open_store(store_settings), store_settings, settings, deep=True)
    VerifiedNotes(settings.watch.folder).keep(store_settings.name, VerifiedNote.of(found, now))
    return found
