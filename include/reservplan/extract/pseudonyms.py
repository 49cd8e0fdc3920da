"""Ids where the source has none, and stand-ins for ids that may not leave: short, stable, keyed where it matters."""

import hashlib
import hmac
import os
import secrets
import stat
import time
from base64 import b32encode
from functools import cached_property
from pathlib import Path

from upath import UPath

from reservplan.domain.errors import SettingsError, SourceError, SourceNotReady

KEY_NAME = "pseudonym.key"
KEY_BYTES = 32


def digest_id(prefix: str, *parts: str) -> str:
    """A stable id from texts that stand beside it on the same row anyway."""
    return f"{prefix}-{_short(hashlib.sha256(chr(0).join(parts).encode()).digest())}"


def _short(digest: bytes) -> str:
    return b32encode(digest)[:12].decode().lower()


class Pseudonyms:
    """Stand-ins made with this installation's own key, which nobody can turn back by trying all numbers.

    The key is made at the first use: 32 random bytes in `pseudonym.key` in the archive folder, readable by us only.
    Where it is lost, the next capture gets other stand-ins and nothing worse.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def of(self, prefix: str, text: str) -> str:
        """The stand-in of a text."""
        return f"{prefix}-{_short(hmac.new(self._key, text.encode(), hashlib.sha256).digest())}"

    @cached_property
    def _key(self) -> bytes:
        place = UPath(self._folder) / KEY_NAME
        try:
            key = _local_key(Path(place)) if isinstance(place, Path) else _remote_key(place)
        except OSError as error:
            raise SourceError(
                f"The key for pseudonyms cannot be read or made ({type(error).__name__}): {place}.",
                do="Let Reservplan write to the folder that `archive` names in the settings.",
            ) from None
        if len(key) != KEY_BYTES:
            raise SourceError(f"{place} is no key of ours: {len(key)} bytes.", do="Remove it; a new one is made.")
        return key


def _local_key(place: Path) -> bytes:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return _key_of_another(place)
    with open(handle, "wb") as file:
        file.write(key := secrets.token_bytes(KEY_BYTES))
    return key


def _key_of_another(place: Path) -> bytes:
    # Another process may be between creating the file and filling it.
    for _ in range(20):
        with open(os.open(place, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            _require_private(file.fileno(), place)
            if key := file.read():
                return key
        time.sleep(0.05)
    return b""


def _require_private(handle: int, place: Path) -> None:
    if stat.S_IMODE(os.fstat(handle).st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(
            f"Others than Reservplan can read or change the key for pseudonyms, {place}: they can find out whom the"
            " pseudonyms stand for.",
            do=f"Run: chmod 600 {place} and see that `archive` in the settings names a folder of Reservplan's own.",
        )


def _remote_key(place: UPath) -> bytes:
    try:
        if not place.exists():
            place.write_bytes(secrets.token_bytes(KEY_BYTES))
        return place.read_bytes()
    except OSError:
        raise
    except Exception as error:  # Each library of object storage has its own for what does not answer.
        raise SourceNotReady(
            f"The key for pseudonyms cannot be read now ({type(error).__name__}): {place}.",
            do="See that the object storage is up, and that every worker reaches it with its key.",
        ) from None
