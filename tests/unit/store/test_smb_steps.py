"""The order of what we ask a share, with answers that no real server could be brought to give."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from reservplan.domain.ports import FileInfo, FileToWrite, Outcome, Over
from reservplan.store import smb_status as status
from reservplan.store.smb_messages import Answer, Command, Message, opened
from reservplan.store.smb_steps import Placed, place, read_file

AT = datetime(2022, 6, 21, tzinfo=UTC)
TARGET, TEMP = ("Planer", "220621.pdf"), ("Planer", ".rp-run-0.tmp")
CONTENT = b"innehall"

DISPOSITION, BASIC, RENAME = 13, 4, 10

OK = Answer(0, b"")
OPENED = Answer(0, bytes(24) + struct.pack("<Q16xQ8x16s", 133_000_000_000_000_000, len(CONTENT), b"handle----------"))
SENT_BACK = Answer(0, struct.pack("<xxBxI", 64 + 16, len(CONTENT)).ljust(16, b"\0") + CONTENT)
MISSING = Answer(status.NAME_NOT_FOUND, b"")
FAULT = Answer(0xC00000E5, b"")


def said(message: Message) -> str:
    """A message in a word."""
    if message.command is not Command.SET_INFO:
        return message.command.name.lower()
    return {BASIC: "label", RENAME: "rename", DISPOSITION: "delete"}[message.body[3]]


def a_file(over: FileInfo | Over = Over.ANYTHING) -> FileToWrite:
    return FileToWrite("Planer/220621.pdf", CONTENT, AT, over)


def place_it(over: FileInfo | Over = Over.ANYTHING) -> Any:
    return place(TARGET, TEMP, a_file(over), base=0)


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


WRITTEN = [OPENED, OK, OK, SENT_BACK]
THERE = [OPENED, OK]
NOT_THERE = [MISSING, MISSING]
RENAMED = [OK, OK, OK]
EXPECTED = FileInfo("220621.pdf", len(CONTENT), opened(OPENED.body).written_at.replace(microsecond=0))
OTHER = FileInfo("220621.pdf", len(CONTENT) + 1, EXPECTED.mtime)
COLLISION = [OK, Answer(status.NAME_COLLISION, b""), OK]


@pytest.mark.parametrize("there", [THERE, NOT_THERE])
@pytest.mark.parametrize("over", [Over.ANYTHING, EXPECTED])
def test_a_file_is_verified_then_its_place_is_looked_at_and_then_it_is_renamed(
    there: list[Answer], over: FileInfo | Over
) -> None:
    asked, result = play(place_it(over), WRITTEN, there, RENAMED)
    assert asked == ["create write flush read", "create close", "label rename close"]
    assert result == Placed(Outcome.DONE)


def test_a_free_name_is_not_looked_at_but_taken_only_while_it_is_free() -> None:
    steps = place_it(Over.NOTHING)
    asked, result = play(steps, WRITTEN, RENAMED)
    assert asked == ["create write flush read", "label rename close"]
    assert result == Placed(Outcome.DONE)


def test_what_somebody_has_saved_meanwhile_stays_and_ours_is_thrown_away() -> None:
    other = Answer(0, SENT_BACK.body[:-1] + b"!")
    reading = [OPENED, other], [Answer(status.END_OF_FILE, b"")], [OK]
    asked, result = play(place_it(OTHER), WRITTEN, THERE, *reading, [OK, OK])
    assert asked[-1] == "delete close"
    assert result.outcome is Outcome.CHANGED
    asked, result = play(place_it(Over.NOTHING), WRITTEN, COLLISION, [OPENED], [OK] * 2, THERE, *reading)
    assert "delete close" in asked
    assert result.outcome is Outcome.CHANGED


def test_our_own_file_that_lies_there_after_a_cut_is_no_surprise() -> None:
    reading = [OPENED, SENT_BACK], [Answer(status.END_OF_FILE, b"")], [OK]
    _, result = play(place_it(OTHER), WRITTEN, THERE, *reading, RENAMED)
    assert result.outcome is Outcome.DONE
    _, result = play(place_it(Over.NOTHING), WRITTEN, COLLISION, [OPENED], [OK] * 2, THERE, *reading)
    assert result.outcome is Outcome.DONE


def test_a_folder_under_a_name_that_was_free_is_in_the_way() -> None:
    folder = [Answer(status.IS_A_FOLDER, b"")] * 2
    _, result = play(place_it(Over.NOTHING), WRITTEN, COLLISION, [OPENED], [OK] * 2, folder)
    assert result.outcome is Outcome.DENIED


def test_a_file_that_was_renamed_although_it_could_not_be_labelled_does_not_stay_hidden() -> None:
    asked, result = play(place_it(), WRITTEN, THERE, [FAULT, OK, OK], [OPENED, OK, OK])
    assert asked[-1] == "create label close"
    assert result == Placed(Outcome.DONE)


@pytest.mark.parametrize("fault", [1, 2, 3], ids=["not written", "not flushed", "not read"])
def test_a_file_that_is_not_verified_is_never_renamed(fault: int) -> None:
    answers = list(WRITTEN)
    answers[fault:] = [FAULT] * (4 - fault)
    asked, result = play(place_it(), answers, [OK] * 2)
    assert asked[-1] == "delete close"
    assert result.outcome is Outcome.FAILED
    assert "0xC00000E5" in result.detail


def test_a_file_that_comes_back_differently_is_thrown_away() -> None:
    other = Answer(0, SENT_BACK.body[:-1] + b"!")
    asked, result = play(place_it(), [*WRITTEN[:3], other], [OK] * 2)
    assert asked[-1] == "delete close"
    assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize("code", sorted(status.FULL))
def test_every_kind_of_full_is_full(code: int) -> None:
    full = Answer(code, b"")
    _, result = play(place_it(), [OPENED, full, full, full], [OK] * 2)
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
def test_a_refused_rename_is_looked_into_when_the_temp_is_gone(probe: Answer, outcome: Outcome) -> None:
    refused = [OK, Answer(status.ACCESS_DENIED, b""), OK]
    asked, result = play(place_it(), WRITTEN, THERE, refused, [OPENED], [OK] * 2, [probe, probe])
    assert asked[-3:] == ["create", "delete close", "create close"]
    assert result.outcome is outcome


def test_a_target_that_is_being_edited_is_busy_and_the_temp_goes() -> None:
    busy = Answer(status.SHARING_VIOLATION, b"")
    asked, result = play(place_it(), WRITTEN, [busy, busy], [OK] * 2)
    assert asked == ["create write flush read", "create close", "delete close"]
    assert result.outcome is Outcome.BUSY


def test_a_file_that_cannot_be_read_to_its_end_is_not_given_half() -> None:
    _, result = play(read_file(TARGET), [OPENED, SENT_BACK], [FAULT], [OK])
    assert not isinstance(result, bytes)
    assert result.status == FAULT.status
