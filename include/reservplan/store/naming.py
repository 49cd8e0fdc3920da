"""Paths on a store, as both adapters see them: checked, in NFC, with temporary names of our own."""

import json
import os
import re
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from reservplan.domain.names import TEMP_PREFIX, TEMP_SUFFIX, nfc
from reservplan.domain.ports import FileInfo

LONGEST_RUN = 40


def parts_of(path: str) -> tuple[str, ...]:
    """The names in a path below the store's folder, in NFC; none for the folder itself.

    Raises:
        ValueError: the path could leave the folder.
    """
    if not path:
        return ()
    parts = tuple(nfc(part) for part in path.split("/"))
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise ValueError("a path on a store goes downwards, with forward slashes")
    return parts


def temp_name(run: str) -> str:
    """A new temporary name, `.rp-<run>-<random>.tmp`; the run's id is cut to what every server allows."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", run).strip("-")[:LONGEST_RUN] or "run"
    return f"{TEMP_PREFIX}{plain}-{secrets.token_hex(6)}{TEMP_SUFFIX}"


@dataclass(frozen=True)
class LockNote:
    """Who holds a lock, as it stands in the lock file: machine, process and run, never a person."""

    holder: str
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    since: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    token: str = field(default_factory=lambda: secrets.token_hex(6))

    def to_bytes(self) -> bytes:
        """The lock file's content."""
        return json.dumps(vars(self), ensure_ascii=False).encode()


def describe_holder(content: bytes) -> str:
    """Who holds the lock, in words, from the lock file's content; also where it cannot be read."""
    try:
        note = json.loads(content)
        return f"run {note['holder']} on {note['host']} (process {note['pid']}, since {note['since']})"
    except (ValueError, TypeError, KeyError):
        return "another run"


class Spellings:
    """How names stand on the store where that is not NFC: a listing shows NFC, a request needs the real one."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}

    def listing(self, folder: str, found: Iterable[FileInfo]) -> dict[str, FileInfo]:
        """The files by NFC name. Where one name is there in two forms, the NFC one is the file.

        The other is listed as it is spelled, so that nobody's look-alike goes unseen; no path reaches it.
        """
        listed: dict[str, FileInfo] = {}
        for info in sorted(found, key=lambda it: it.name != nfc(it.name)):
            name = nfc(info.name)
            path = f"{folder}/{name}" if folder else name
            if info.name == name:
                self._real.pop(path, None)
            elif name in listed:
                listed[info.name] = info
                continue
            else:
                self._real[path] = info.name
            listed[name] = FileInfo(name, info.size_bytes, info.mtime, info.name if info.name != name else "")
        return listed

    def real(self, path: str) -> tuple[str, ...]:
        """The names to ask the store for."""
        parts = parts_of(path)
        spelled = self._real.get("/".join(parts))
        return (*parts[:-1], spelled) if spelled else parts

    def written(self, path: str) -> None:
        """The file is there in NFC now."""
        self._real.pop("/".join(parts_of(path)), None)
