"""The SMB2 requests that we send, and what we read out of their answers; numbers and layouts are those of MS-SMB2.

Packed and taken apart by hand: smbprotocol's own structures cost several times all the rest of a file
(docs/decisions/0016). A message whose `file_id` is RELATED acts on the handle of the one before it in its compound.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache


class Command(IntEnum):
    """What a request asks for (2.2.1)."""

    LOGOFF = 0x2
    CREATE = 0x5
    CLOSE = 0x6
    FLUSH = 0x7
    READ = 0x8
    WRITE = 0x9
    ECHO = 0xD
    QUERY_DIRECTORY = 0xE
    QUERY_INFO = 0x10
    SET_INFO = 0x11


RELATED = b"\xff" * 16
HEADER_BYTES = 64
BYTES_A_CREDIT = 65536
# Files up to this size take one compound to write and verify; larger ones go in pieces of it. It costs 16 of the 64
# credits that every server grants at least.
CHUNK_BYTES = 1024 * 1024
FIRST_READ_BYTES = 4 * BYTES_A_CREDIT
LISTING_BYTES = 8 * BYTES_A_CREDIT

# Access, sharing, disposition and options of a CREATE (2.2.13).
READ_DATA, WRITE_DATA, READ_ATTRIBUTES, WRITE_ATTRIBUTES, DELETE = 0x1, 0x2, 0x80, 0x100, 0x10000
SHARE_NONE, SHARE_READ, SHARE_ALL = 0x0, 0x1, 0x7
OPEN, CREATE_NEW, OPEN_OR_CREATE = 1, 2, 3
A_FOLDER, NO_FOLDER, DELETE_ON_CLOSE = 0x1, 0x40, 0x1000
HIDDEN, NORMAL = 0x2, 0x80

# Classes of information (MS-FSCC 2.4, 2.5), and which kind they are of (2.2.37, 2.2.39).
FILE_DIRECTORY, FILE_BASIC, FILE_RENAME, FILE_DISPOSITION, VOLUME_FULL_SIZE = 1, 4, 10, 13, 7
_OF_A_FILE, _OF_A_VOLUME = 1, 2

_IMPERSONATION = 2
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TICKS_A_SECOND = 10_000_000
_LATEST_MICROSECONDS = 265_046_774_399_000_000


@dataclass(frozen=True)
class Message:
    """One request without its header, and what it takes of the credits that the server has granted."""

    command: Command
    body: bytes
    credits: int = 1


@dataclass(frozen=True)
class Answer:
    """What the server said to one message: an NTSTATUS (0 is success) and the body."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return self.status == 0


@dataclass(frozen=True)
class Opened:
    """What a CREATE's answer says of the file: its handle, its size, and when the server last saw it written."""

    file_id: bytes
    size_bytes: int
    written_at: datetime


@dataclass(frozen=True)
class Listed:
    """One entry of a folder."""

    name: str
    size_bytes: int
    mtime: datetime
    is_file: bool


def create(
    names: tuple[str, ...],
    access: int,
    share: int,
    *,
    disposition: int = OPEN,
    options: int = NO_FOLDER,
    attributes: int = 0,
) -> Message:
    """Open or make a file or a folder; the names start at the root of the share."""
    name = "\\".join(names).encode("utf-16-le")
    fixed = struct.pack(
        "<HBBI16xIIIIIHHII",
        57, 0, 0, _IMPERSONATION, access, attributes, share, disposition, options, HEADER_BYTES + 56, len(name), 0, 0,
    )  # fmt: skip
    # The root has no name, but the field takes a byte at least.
    return Message(Command.CREATE, fixed + (name or bytes(8)))


def write(content: bytes, offset: int = 0, file_id: bytes = RELATED) -> Message:
    """Write at an offset."""
    fixed = struct.pack("<HHIQ16s16x", 49, HEADER_BYTES + 48, len(content), offset, file_id)
    return Message(Command.WRITE, fixed + (content or b"\0"), _credits(len(content)))


def read(length: int, offset: int = 0, file_id: bytes = RELATED) -> Message:
    """Read from an offset."""
    fixed = struct.pack("<HBBIQ16s16xx", 49, HEADER_BYTES + 16, 0, length, offset, file_id)
    return Message(Command.READ, fixed, _credits(length))


@lru_cache(maxsize=8)
def flush(file_id: bytes = RELATED) -> Message:
    """Have the server put the content on its disk."""
    return Message(Command.FLUSH, struct.pack("<H6x16s", 24, file_id))


@lru_cache(maxsize=8)
def close(file_id: bytes = RELATED) -> Message:
    """Close a handle."""
    return Message(Command.CLOSE, struct.pack("<H6x16s", 24, file_id))


@lru_cache(maxsize=8)
def delete(file_id: bytes = RELATED) -> Message:
    """Have the file go away when its last handle is closed."""
    return _set_info(FILE_DISPOSITION, struct.pack("<?", True), file_id)


@lru_cache(maxsize=8)
def publishable(mtime: datetime, file_id: bytes = RELATED) -> Message:
    """The attributes and the mtime of a published file; a hidden temp would else become a hidden copy."""
    written = int((mtime - _FILETIME_EPOCH).total_seconds()) * _TICKS_A_SECOND
    return _set_info(FILE_BASIC, struct.pack("<16xQ8xI4x", written, NORMAL), file_id)


def rename(names: tuple[str, ...], *, replace: bool, file_id: bytes = RELATED) -> Message:
    """Rename the open file; the names start at the root of the share."""
    name = "\\".join(names).encode("utf-16-le")
    # Servers want a whole structure of its aligned size, also where the name is shorter.
    return _set_info(FILE_RENAME, (struct.pack("<?15xI", replace, len(name)) + name).ljust(24, b"\0"), file_id)


def next_entries(file_id: bytes = RELATED) -> Message:
    """The next part of an open folder's listing."""
    pattern = "*".encode("utf-16-le")
    fixed = struct.pack(
        "<HBBI16sHHI", 33, FILE_DIRECTORY, 0, 0, file_id, HEADER_BYTES + 32, len(pattern), LISTING_BYTES
    )
    return Message(Command.QUERY_DIRECTORY, fixed + pattern, _credits(LISTING_BYTES))


def room(file_id: bytes = RELATED) -> Message:
    """How much room the volume of an open file has."""
    fixed = struct.pack("<HBBIHHIII16sx", 41, _OF_A_VOLUME, VOLUME_FULL_SIZE, 64, 0, 0, 0, 0, 0, file_id)
    return Message(Command.QUERY_INFO, fixed)


def echo() -> Message:
    """Are you there?"""
    return Message(Command.ECHO, struct.pack("<H2x", 4))


def logoff() -> Message:
    """End the session, with all its handles."""
    return Message(Command.LOGOFF, struct.pack("<H2x", 4))


def _set_info(information_class: int, information: bytes, file_id: bytes) -> Message:
    fixed = struct.pack(
        "<HBBIHHI16s", 33, _OF_A_FILE, information_class, len(information), HEADER_BYTES + 32, 0, 0, file_id
    )
    return Message(Command.SET_INFO, fixed + information)


def _credits(length: int) -> int:
    return (max(length, 1) - 1) // BYTES_A_CREDIT + 1


def opened(body: bytes) -> Opened:
    """Read a CREATE's answer."""
    written, size, file_id = struct.unpack_from("<Q16xQ8x16s", body, 24)
    return Opened(file_id, size, _instant(written))


def content_read(body: bytes) -> bytes:
    """Read a READ's answer."""
    offset, length = struct.unpack_from("<xxBxI", body)
    start = offset - HEADER_BYTES
    return body[start : start + length]


def entries(body: bytes) -> Iterator[Listed]:
    """Read a QUERY_DIRECTORY's answer, without the entries for the folder itself and its parent."""
    offset, length = struct.unpack_from("<xxHI", body)
    buffer = body[offset - HEADER_BYTES : offset - HEADER_BYTES + length]
    start = 0
    while buffer:
        step, written, size, attributes, name_bytes = struct.unpack_from("<I20xQ8xQ8xII", buffer, start)
        name = buffer[start + 64 : start + 64 + name_bytes].decode("utf-16-le", "surrogatepass")
        if name not in (".", ".."):
            # A folder, or a reparse point (a link): neither is a file of anybody's plan.
            yield Listed(name, size, whole_second(_instant(written)), not attributes & 0x410)
        if not step:
            return
        start += step


def free_bytes(body: bytes) -> int:
    """Read the answer to `room`: what is left for this login, quotas counted."""
    offset = struct.unpack_from("<xxH", body)[0] - HEADER_BYTES
    available, sectors, sector_bytes = map(int, struct.unpack_from("<8xq8xII", body, offset))
    return available * sectors * sector_bytes


def whole_second(at: datetime) -> datetime:
    """The instant cut to its second."""
    return at.replace(microsecond=0)


def _instant(filetime: int) -> datetime:
    # Servers send 0 and the largest number for "never"; the latter is beyond what a datetime holds.
    return _FILETIME_EPOCH + timedelta(microseconds=min(filetime // 10, _LATEST_MICROSECONDS))
