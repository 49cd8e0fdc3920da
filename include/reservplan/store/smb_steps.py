"""What we do on a share, step by step; no input or output here.

Each function is a generator: it yields the messages of one compound and is given their answers, until it returns its
result. So many of them can be under way at once (`smb_pipeline`), and one that was cut off can be begun again: each is
safe to repeat. Paths are tuples of names from the root of the share; the first `base` of them are the store's folder,
which is never made.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from reservplan.domain.names import OWN_FOLDER
from reservplan.domain.ports import FileInfo, FileToWrite, Outcome, Over
from reservplan.store import smb_messages as smb
from reservplan.store import smb_status as status
from reservplan.store.smb_messages import Answer, Listed, Message

T = TypeVar("T")
Names: TypeAlias = tuple[str, ...]
Steps: TypeAlias = Generator[list[Message], list[Answer], T]


class Look(list[Message]):
    """A compound that looks at what the next one of the same steps relies on: nothing of others should come between."""


@dataclass(frozen=True)
class Refused:
    """The server said no, with this status."""

    status: int


@dataclass(frozen=True)
class Placed:
    """What became of a file that was to be written; `full` where there is no room for this one or any other."""

    outcome: Outcome
    detail: str = ""
    full: bool = False


CHANGED_MEANWHILE = Placed(Outcome.CHANGED, "somebody has saved a file there meanwhile")


def place(target: Names, temp: Names, file: FileToWrite, *, base: int) -> Steps[Placed]:
    """Put a file whole or not at all: a verified temp in the same folder first, then a rename over what may go.

    The rename is never in the compound that writes: servers carry it out even when the disk was full.
    """
    file_id, fault = yield from _write_verified(temp, file.content, base)
    if fault is None and file.over is not Over.NOTHING:
        # As late as can be: who saves his file in this moment must find it there.
        fault = yield from _what_hinders(target, file)
    if fault is None:
        return (yield from _rename_to(file_id, temp, target, file))
    if file_id:
        yield [smb.delete(file_id), smb.close(file_id)]
    return fault


def _what_hinders(target: Names, file: FileToWrite) -> Steps[Placed | None]:
    """What lies under the name and must stay, if anything does."""
    # Samba replaces a file beneath a program that has it open for editing, whose next save would then undo ours.
    look = [smb.create(target, smb.DELETE, smb.SHARE_ALL), smb.close()]
    there, _ = yield (look if isinstance(file.over, Over) else Look(look))
    if not there.ok:
        return None if there.status in status.MISSING else _refused(there.status)
    if isinstance(file.over, Over):
        return None
    found = smb.opened(there.body)
    if (found.size_bytes, smb.whole_second(found.written_at)) == (file.over.size_bytes, file.over.mtime):
        return None
    return None if (yield from _is_already_there(target, file)) else CHANGED_MEANWHILE


def _is_already_there(target: Names, file: FileToWrite) -> Steps[bool]:
    """Whether the very file lies there: put by us, before a cut that left us without the answer."""
    content = yield from read_file(target)
    return content == file.content


def _write_verified(temp: Names, content: bytes, base: int) -> Steps[tuple[bytes, Placed | None]]:
    """The temp's handle (empty where it could not be made), and what went wrong."""
    pieces = list(_pieces(content))
    first = [
        smb.create(
            temp,
            smb.READ_DATA | smb.WRITE_DATA | smb.READ_ATTRIBUTES | smb.WRITE_ATTRIBUTES | smb.DELETE,
            smb.SHARE_NONE,
            disposition=smb.CREATE_NEW,
            attributes=smb.HIDDEN,
        ),
        smb.write(pieces[0]),
    ]
    if len(pieces) == 1:
        first += [smb.flush(), smb.read(max(len(content), 1))]
    answers = yield first
    if answers[0].status == status.PATH_NOT_FOUND:
        made = yield from make_folders(temp[:-1], base)
        if isinstance(made, Refused):
            return b"", _refused(made.status, "the folder cannot be made: ")
        answers = yield first
    if not answers[0].ok:
        return b"", _refused(answers[0].status)
    file_id = smb.opened(answers[0].body).file_id
    if fault := _first_fault(answers[:3]):
        return file_id, _refused(fault)
    if len(pieces) == 1:
        return file_id, _compare(answers[3], content)
    return file_id, (yield from _write_rest(file_id, pieces))


def _write_rest(file_id: bytes, pieces: list[bytes]) -> Steps[Placed | None]:
    offset = len(pieces[0])
    for piece in pieces[1:]:
        answers = yield [smb.write(piece, offset, file_id)]
        if not answers[0].ok:
            return _refused(answers[0].status)
        offset += len(piece)
    answers = yield [smb.flush(file_id)]
    if not answers[0].ok:
        return _refused(answers[0].status)
    offset = 0
    for piece in pieces:
        answers = yield [smb.read(len(piece), offset, file_id)]
        if fault := _compare(answers[0], piece):
            return fault
        offset += len(piece)
    return None


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, max(len(content), 1), smb.CHUNK_BYTES):
        yield content[start : start + smb.CHUNK_BYTES]


def _compare(answer: Answer, content: bytes) -> Placed | None:
    if answer.status == status.END_OF_FILE and not content:
        return None
    if not answer.ok:
        return _refused(answer.status)
    if smb.content_read(answer.body) != content:
        return Placed(Outcome.FAILED, "what was read back differs from what was sent")
    return None


def _rename_to(file_id: bytes, temp: Names, target: Names, file: FileToWrite) -> Steps[Placed]:
    label, move, _ = yield [
        smb.publishable(file.mtime, file_id),
        smb.rename(target, replace=file.over is not Over.NOTHING),
        smb.close(),
    ]
    if not move.ok:
        yield from remove_file(temp, None)
        return (yield from _why_not_moved(move.status, target, file))
    if label.ok:
        return Placed(Outcome.DONE)
    # Renamed although it could not be labelled: a published file must not stay hidden.
    answers = yield [smb.create(target, smb.WRITE_ATTRIBUTES, smb.SHARE_ALL), smb.publishable(file.mtime), smb.close()]
    fault = _first_fault(answers)
    return _refused(fault) if fault else Placed(Outcome.DONE)


def _why_not_moved(code: int, target: Names, file: FileToWrite) -> Steps[Placed]:
    if code == status.ACCESS_DENIED:
        return (yield from _why_denied(target))
    if code != status.NAME_COLLISION or file.over is not Over.NOTHING:
        return _refused(code)
    there, _ = yield [smb.create(target, smb.READ_ATTRIBUTES, smb.SHARE_ALL), smb.close()]
    if there.status in status.IN_THE_WAY:
        return _refused(there.status)
    return Placed(Outcome.DONE) if (yield from _is_already_there(target, file)) else CHANGED_MEANWHILE


def _why_denied(target: Names) -> Steps[Placed]:
    """Servers answer "access denied" to a rename both for an open target and for a missing right; opening it tells."""
    probe, _ = yield [smb.create(target, smb.DELETE, smb.SHARE_NONE), smb.close()]
    if probe.ok or probe.status in status.BUSY:
        return Placed(Outcome.BUSY, "open elsewhere")  # ok: it was closed just now, and is worth another try
    return _refused(status.ACCESS_DENIED if probe.status in status.MISSING else probe.status)


def _refused(code: int, before: str = "") -> Placed:
    outcome, detail = status.outcome_of(code)
    # A file that we just made and that is missing was taken away by somebody: a failure, not an answer.
    outcome = Outcome.FAILED if outcome is Outcome.MISSING else outcome
    return Placed(outcome, f"{before}{detail or f'the server answered 0x{code:08X}'}", full=code in status.FULL)


def _first_fault(answers: list[Answer]) -> int:
    return next((answer.status for answer in answers if not answer.ok), status.SUCCESS)


def look_for_folder(folder: Names) -> Steps[Refused | None]:
    """Whether the folder is there; refused with MISSING where any name of its path is not."""
    answers = yield [
        smb.create(folder, smb.READ_ATTRIBUTES, smb.SHARE_ALL, options=smb.A_FOLDER),
        smb.close(),
    ]
    return None if answers[0].ok else Refused(answers[0].status)


def make_folders(folder: Names, base: int) -> Steps[Refused | None]:
    """Make what is missing of a folder's path below the store's folder; our own folder becomes a hidden one."""
    for depth in range(base + 1, len(folder) + 1):
        answers = yield [
            smb.create(
                folder[:depth],
                smb.READ_ATTRIBUTES,
                smb.SHARE_ALL,
                disposition=smb.OPEN_OR_CREATE,
                options=smb.A_FOLDER,
                attributes=smb.HIDDEN if folder[depth - 1] == OWN_FOLDER else smb.NORMAL,
            ),
            smb.close(),
        ]
        if not answers[0].ok:
            return Refused(answers[0].status)
    return None


def read_file(path: Names) -> Steps[bytes | Refused | None]:
    """The whole content; None where there is no such file."""
    answers = yield [smb.create(path, smb.READ_DATA, smb.SHARE_ALL), smb.read(smb.FIRST_READ_BYTES)]
    if not answers[0].ok:
        return _no_file(answers[0].status)
    file_id = smb.opened(answers[0].body).file_id
    content = bytearray()
    answer = answers[1]
    while answer.ok and (piece := smb.content_read(answer.body)):
        content += piece
        (answer,) = yield [smb.read(smb.CHUNK_BYTES, len(content), file_id)]
    yield [smb.close(file_id)]
    return bytes(content) if answer.ok or answer.status == status.END_OF_FILE else Refused(answer.status)


def _no_file(code: int) -> Refused | None:
    if code in status.MISSING or code in (status.IS_A_FOLDER, status.NOT_A_FOLDER):
        return None
    return Refused(code)


def list_folder(folder: Names) -> Steps[list[Listed] | Refused]:
    """Files and folders directly in a folder; none where it is missing."""
    found: list[Listed] = []
    answers = yield [
        smb.create(folder, smb.READ_DATA | smb.READ_ATTRIBUTES, smb.SHARE_ALL, options=smb.A_FOLDER),
        smb.next_entries(),
    ]
    if not answers[0].ok:
        return _no_file(answers[0].status) or found
    file_id = smb.opened(answers[0].body).file_id
    answer = answers[1]
    while answer.ok:
        found += smb.entries(answer.body)
        (answer,) = yield [smb.next_entries(file_id)]
    yield [smb.close(file_id)]
    return found if answer.status == status.NO_MORE_FILES else Refused(answer.status)


def rename_file(old: Names, new: Names) -> Steps[tuple[Outcome, str]]:
    """Rename where the new name is free, and nobody has the file open."""
    answers = yield [smb.create(old, smb.DELETE | smb.READ_ATTRIBUTES, smb.SHARE_NONE)]
    if not answers[0].ok:
        return status.outcome_of(answers[0].status)
    move, _ = yield [smb.rename(new, replace=False, file_id=smb.opened(answers[0].body).file_id), smb.close()]
    return (Outcome.DONE, "") if move.ok else status.outcome_of(move.status)


def remove_file(path: Names, expected: FileInfo | None) -> Steps[tuple[Outcome, str]]:
    """Remove the file if nobody has it open and it is the expected one, told by the very handle that removes it."""
    answers = yield [smb.create(path, smb.DELETE | smb.READ_ATTRIBUTES, smb.SHARE_NONE)]
    if not answers[0].ok:
        return status.outcome_of(answers[0].status)
    found = smb.opened(answers[0].body)
    same = expected is None or (
        (found.size_bytes, smb.whole_second(found.written_at)) == (expected.size_bytes, expected.mtime)
    )
    if not same:
        yield [smb.close(found.file_id)]
        return Outcome.CHANGED, ""
    removal, _ = yield [smb.delete(found.file_id), smb.close()]
    return (Outcome.DONE, "") if removal.ok else status.outcome_of(removal.status)


def stamp(probe: Names, *, base: int) -> Steps[datetime | Refused]:
    """The server's time on a new file, which goes away at once."""
    for _ in range(2):
        made, _ = yield [
            smb.create(
                probe,
                smb.DELETE | smb.READ_ATTRIBUTES | smb.WRITE_DATA,
                smb.SHARE_NONE,
                disposition=smb.CREATE_NEW,
                options=smb.NO_FOLDER | smb.DELETE_ON_CLOSE,
                attributes=smb.HIDDEN,
            ),
            smb.close(),
        ]
        if made.status != status.PATH_NOT_FOUND:
            break
        if isinstance(refused := (yield from make_folders(probe[:-1], base)), Refused):
            return refused
    return smb.opened(made.body).written_at if made.ok else Refused(made.status)


def free_room(folder: Names) -> Steps[int | None]:
    """The room left for this login, or None where the server does not tell."""
    _, answer, _ = yield [
        smb.create(folder, smb.READ_ATTRIBUTES, smb.SHARE_ALL, options=smb.A_FOLDER),
        smb.room(),
        smb.close(),
    ]
    return smb.free_bytes(answer.body) if answer.ok else None


def take_lock(lock: Names, note: bytes, *, base: int, again: bool = False) -> Steps[tuple[bytes, bytes] | Refused]:
    """Open the lock file so that nobody else can write it, and say there who holds it.

    Returns the handle, and what stood there before. Taken `again` after a cut, that must be our own note: else somebody
    had the lock meanwhile, and it is let go of.
    """
    first = [
        smb.create(
            lock,
            smb.READ_DATA | smb.WRITE_DATA,
            smb.SHARE_READ,
            disposition=smb.OPEN_OR_CREATE,
            attributes=smb.NORMAL,
        ),
        smb.read(smb.BYTES_A_CREDIT),
    ]
    answers = yield first
    if answers[0].status == status.PATH_NOT_FOUND:
        if isinstance(refused := (yield from make_folders(lock[:-1], base)), Refused):
            return refused
        answers = yield first
    if not answers[0].ok:
        return Refused(answers[0].status)
    file_id = smb.opened(answers[0].body).file_id
    before = smb.content_read(answers[1].body) if answers[1].ok else b""
    if again and before != note:
        yield [smb.close(file_id)]
        return b"", before
    (signed,) = yield [smb.write(note, 0, file_id)]
    if not signed.ok:
        yield [smb.close(file_id)]
        return Refused(signed.status)
    return file_id, before


def close_handle(file_id: bytes) -> Steps[None]:
    """Close a handle."""
    yield [smb.close(file_id)]


def look_at_lock(lock: Names) -> Steps[bool | Refused]:
    """Whether somebody has the lock file open for writing; opens it for an instant, which `take_lock` bears."""
    answers = yield [smb.create(lock, smb.READ_DATA, smb.SHARE_READ), smb.close()]
    code = answers[0].status
    if code in status.BUSY:
        return True
    return False if answers[0].ok or code in status.MISSING else Refused(code)
