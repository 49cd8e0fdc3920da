"""The SMB2 requests that we send, and what we read out of their answers.

Built from smbprotocol's own structures (pinned version) and sent through its out-of-band interface, because only there
every answer can have a time limit. A message whose `file_id` is RELATED acts on the handle of the one before it in the
same compound.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from smbprotocol.file_info import (
    FileBasicInformation,
    FileDispositionInformation,
    FileInformationClass,
    FileRenameInformation,
    FileSystemInformationClass,
    InfoType,
)
from smbprotocol.open import (
    SMB2CloseRequest,
    SMB2CreateRequest,
    SMB2FlushRequest,
    SMB2QueryDirectoryRequest,
    SMB2QueryInfoRequest,
    SMB2ReadRequest,
    SMB2SetInfoRequest,
    SMB2WriteRequest,
)

RELATED = b"\xff" * 16
BYTES_A_CREDIT = 65536
# Files up to this size take one compound to write and verify; larger ones go in pieces of it. It costs 16 of the 64
# credits that every server grants at least.
CHUNK_BYTES = 1024 * 1024
FIRST_READ_BYTES = 4 * BYTES_A_CREDIT
LISTING_BYTES = 8 * BYTES_A_CREDIT

# Access, sharing, disposition and options of a CREATE, as MS-SMB2 2.2.13 numbers them.
READ_DATA, WRITE_DATA, READ_ATTRIBUTES, WRITE_ATTRIBUTES, DELETE = 0x1, 0x2, 0x80, 0x100, 0x10000
SHARE_NONE, SHARE_READ, SHARE_ALL = 0x0, 0x1, 0x7
OPEN, CREATE_NEW, OPEN_OR_CREATE = 1, 2, 3
A_FOLDER, NO_FOLDER, DELETE_ON_CLOSE = 0x1, 0x40, 0x1000
HIDDEN, NORMAL = 0x2, 0x80

_IMPERSONATION = 2
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TICKS_A_SECOND = 10_000_000
_LATEST_MICROSECONDS = 265_046_774_399_000_000


@dataclass(frozen=True)
class Message:
    """One request, and what it takes of the credits that the server has granted."""

    structure: Any
    credits: int = 1


class _Packed:
    """A structure in its final bytes: packing costs more than sending, and some messages go with every file."""

    def __init__(self, structure: Any) -> None:
        self.COMMAND = structure.COMMAND
        self._bytes: bytes = structure.pack()

    def pack(self) -> bytes:
        return self._bytes

    def __len__(self) -> int:
        return len(self._bytes)


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
    message = SMB2CreateRequest()
    message["impersonation_level"] = _IMPERSONATION
    message["desired_access"] = access
    message["file_attributes"] = attributes
    message["share_access"] = share
    message["create_disposition"] = disposition
    message["create_options"] = options
    message["buffer_path"] = "\\".join(names).encode("utf-16-le") or b"\0\0"
    return Message(message)


def write(content: bytes, offset: int = 0, file_id: bytes = RELATED) -> Message:
    """Write at an offset."""
    message = SMB2WriteRequest()
    message["length"] = len(content)
    message["offset"] = offset
    message["file_id"] = file_id
    message["buffer"] = content
    return Message(message, _credits(len(content)))


def read(length: int, offset: int = 0, file_id: bytes = RELATED) -> Message:
    """Read from an offset."""
    message = SMB2ReadRequest()
    message["length"] = length
    message["offset"] = offset
    message["file_id"] = file_id
    message["padding"] = b"\x50"
    return Message(message, _credits(length))


@lru_cache(maxsize=8)
def flush(file_id: bytes = RELATED) -> Message:
    """Have the server put the content on its disk."""
    message = SMB2FlushRequest()
    message["file_id"] = file_id
    return Message(_Packed(message))


@lru_cache(maxsize=8)
def close(file_id: bytes = RELATED) -> Message:
    """Close a handle."""
    message = SMB2CloseRequest()
    message["file_id"] = file_id
    return Message(_Packed(message))


@lru_cache(maxsize=8)
def delete_pending(pending: bool, file_id: bytes = RELATED) -> Message:
    """Whether the file goes away when its last handle is closed, even by a client that died."""
    information = FileDispositionInformation()
    information["delete_pending"] = pending
    return _set_info(FileInformationClass.FILE_DISPOSITION_INFORMATION, information.pack(), file_id)


@lru_cache(maxsize=8)
def publishable(mtime: datetime, file_id: bytes = RELATED) -> Message:
    """The attributes and the mtime of a published file; a hidden temp would else become a hidden copy."""
    information = FileBasicInformation()
    information["last_write_time"] = int((mtime - _FILETIME_EPOCH).total_seconds()) * _TICKS_A_SECOND
    information["file_attributes"] = NORMAL
    return _set_info(FileInformationClass.FILE_BASIC_INFORMATION, information.pack(), file_id)


def rename(names: tuple[str, ...], *, replace: bool, file_id: bytes = RELATED) -> Message:
    """Rename the open file; the names start at the root of the share."""
    information = FileRenameInformation()
    information["replace_if_exists"] = replace
    information["file_name"] = "\\".join(names)
    return _set_info(FileInformationClass.FILE_RENAME_INFORMATION, information.pack(), file_id)


def next_entries(file_id: bytes = RELATED) -> Message:
    """The next part of an open folder's listing."""
    message = SMB2QueryDirectoryRequest()
    message["file_information_class"] = FileInformationClass.FILE_DIRECTORY_INFORMATION
    message["file_id"] = file_id
    message["output_buffer_length"] = LISTING_BYTES
    message["buffer"] = "*".encode("utf-16-le")
    return Message(message, _credits(LISTING_BYTES))


def room(file_id: bytes = RELATED) -> Message:
    """How much room the volume of an open file has."""
    message = SMB2QueryInfoRequest()
    message["info_type"] = InfoType.SMB2_0_INFO_FILESYSTEM
    message["file_info_class"] = FileSystemInformationClass.FILE_FS_FULL_SIZE_INFORMATION
    message["output_buffer_length"] = 64
    message["file_id"] = file_id
    return Message(message)


def _set_info(information_class: int, information: bytes, file_id: bytes) -> Message:
    message = SMB2SetInfoRequest()
    message["info_type"] = InfoType.SMB2_0_INFO_FILE
    message["file_info_class"] = information_class
    message["file_id"] = file_id
    message["buffer"] = information
    return Message(_Packed(message))


def _credits(length: int) -> int:
    return (max(length, 1) - 1) // BYTES_A_CREDIT + 1


# Taken apart by hand: smbprotocol's structures take some 0.2 ms each, which thousands of files would feel.


def opened(body: bytes) -> Opened:
    """Read a CREATE's answer."""
    written, size, file_id = struct.unpack_from("<Q16xQ8x16s", body, 24)
    return Opened(file_id, size, _instant(written))


def content_read(body: bytes) -> bytes:
    """Read a READ's answer."""
    offset, length = struct.unpack_from("<xxBxI", body)
    start = offset - 64  # counted from the header's beginning
    return body[start : start + length]


def entries(body: bytes) -> Iterator[Listed]:
    """Read a QUERY_DIRECTORY's answer, without the entries for the folder itself and its parent."""
    offset, length = struct.unpack_from("<xxHI", body)
    buffer = body[offset - 64 : offset - 64 + length]
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
    offset = struct.unpack_from("<xxH", body)[0] - 64
    available, sectors, sector_bytes = map(int, struct.unpack_from("<8xq8xII", body, offset))
    return available * sectors * sector_bytes


def whole_second(at: datetime) -> datetime:
    """The instant cut to its second."""
    return at.replace(microsecond=0)


def _instant(filetime: int) -> datetime:
    # Servers send 0 and the largest number for "never"; the latter is beyond what a datetime holds.
    return _FILETIME_EPOCH + timedelta(microseconds=min(filetime // 10, _LATEST_MICROSECONDS))
