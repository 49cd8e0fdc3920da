"""The order of what we ask a share, with answers that no real server could be brought to give."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from reservplan.domain.ports import Outcome
from reservplan.store import smb_status as status
from reservplan.store.smb_messages import Answer, Message
from reservplan.store.smb_steps import Placed, place, read_file

AT = datetime(2022, 6, 21, tzinfo=UTC)
TARGET, TEMP = ("Planer", "220621.pdf"), ("Planer", ".rp-run-0.tmp")
CONTENT = b"innehall"

CREATE, CLOSE, FLUSH, READ, WRITE, SET_INFO = 0x5, 0x6, 0x7, 0x8, 0x9, 0x11
BASIC, RENAME, DISPOSITION = 4, 10, 13

OK = Answer(0, b"")
OPENED = Answer(0, bytes(24) + struct.pack("<Q16xQ8x16s", 133_000_000_000_000_000, len(CONTENT), b"handle----------"))
SENT_BACK = Answer(0, struct.pack("<xxBxI", 64 + 16, len(CONTENT)).ljust(16, b"\0") + CONTENT)
MISSING = Answer(status.NAME_NOT_FOUND, b"")
FAULT = Answer(0xC00000E5, b"")


def said(message: Message) -> str:
    """A message in a word."""
    structure = message.structure
    if structure.COMMAND != SET_INFO:
        return {CREATE: "create", CLOSE: "close", FLUSH: "flush", READ: "read", WRITE: "write"}[structure.COMMAND]
    packed = structure.pack()
    if packed[3] == DISPOSITION:
        return "delete" if packed[-1] else "keep"
    return {BASIC: "label", RENAME: "rename"}[packed[3]]


def play(steps: Any, *answers: Sequence[Answer]) -> tuple[list[str], Any]:
    """What is asked, compound by compound, and the result, when these are the answers."""
    asked = []
    try:
        messages = next(steps)
        for compound in answers:
            asked.append(" ".join(said(message) for message in messages))
            assert len(compound) == len(messages)
            messages = steps.send(list(compound))
    except StopIteration as end:
        return asked, end.value
    pytest.fail(f"more was asked: {[said(message) for message in messages]}")


WRITTEN = [OPENED, OK, OK, OK, SENT_BACK]


def test_a_file_is_verified_before_it_is_kept_and_renamed() -> None:
    asked, result = play(place(TARGET, TEMP, CONTENT, AT, base=0), [MISSING] * 2, WRITTEN, [OK] * 3, [OK])
    assert asked == ["create close", "create delete write flush read", "keep label rename", "close"]
    assert result == Placed(Outcome.DONE)


@pytest.mark.parametrize("fault", [0, 1], ids=["keeping failed", "labelling failed"])
def test_a_file_that_was_renamed_all_the_same_is_kept_before_its_handle_is_closed(fault: int) -> None:
    answers = [OK, OK, OK]
    answers[fault] = FAULT
    asked, result = play(place(TARGET, TEMP, CONTENT, AT, base=0), [MISSING] * 2, WRITTEN, answers, [OK] * 3)
    assert asked[-1] == "keep label close"
    assert result == Placed(Outcome.DONE)


@pytest.mark.parametrize("fault", [1, 2, 3, 4], ids=["deletion not pending", "not written", "not flushed", "not read"])
def test_a_file_that_is_not_verified_is_never_renamed(fault: int) -> None:
    answers = list(WRITTEN)
    answers[fault:] = [FAULT] * (5 - fault)
    asked, result = play(place(TARGET, TEMP, CONTENT, AT, base=0), [OK] * 2, answers, [OK] * 2)
    assert asked[-1] == "delete close"
    assert result.outcome is Outcome.FAILED
    assert "0xC00000E5" in result.detail


def test_a_file_that_comes_back_differently_is_thrown_away() -> None:
    other = Answer(0, SENT_BACK.body[:-1] + b"!")
    asked, result = play(place(TARGET, TEMP, CONTENT, AT, base=0), [OK] * 2, [*WRITTEN[:4], other], [OK] * 2)
    assert asked[-1] == "delete close"
    assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize("code", sorted(status.FULL))
def test_every_kind_of_full_is_full(code: int) -> None:
    full = Answer(code, b"")
    _, result = play(place(TARGET, TEMP, CONTENT, AT, base=0), [OK] * 2, [OPENED, OK, full, full, full], [OK] * 2)
    assert result.full


@pytest.mark.parametrize(
    ("probe", "outcome"),
    [
        (Answer(status.SHARING_VIOLATION, b""), Outcome.BUSY),
        (OK, Outcome.BUSY),
        (Answer(status.ACCESS_DENIED, b""), Outcome.DENIED),
        (MISSING, Outcome.DENIED),
        (Answer(status.IS_A_FOLDER, b""), Outcome.DENIED),
    ],
    ids=["open elsewhere", "closed just now", "no right", "the folder may not be changed", "a folder"],
)
def test_a_refused_rename_is_looked_into(probe: Answer, outcome: Outcome) -> None:
    refused = [OK, OK, Answer(status.ACCESS_DENIED, b"")]
    asked, result = play(place(TARGET, TEMP, CONTENT, AT, base=0), [OK] * 2, WRITTEN, refused, [OK] * 2, [probe, probe])
    assert asked[-2:] == ["delete close", "create close"]
    assert result.outcome is outcome


def test_a_target_that_is_being_edited_costs_no_transfer() -> None:
    busy = Answer(status.SHARING_VIOLATION, b"")
    asked, result = play(place(TARGET, TEMP, CONTENT, AT, base=0), [busy, busy])
    assert asked == ["create close"]
    assert result.outcome is Outcome.BUSY


def test_a_file_that_cannot_be_read_to_its_end_is_not_given_half() -> None:
    _, result = play(read_file(TARGET), [OPENED, SENT_BACK], [FAULT], [OK])
    assert not isinstance(result, bytes)
    assert result.status == FAULT.status
