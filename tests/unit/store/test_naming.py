"""Paths and names on a store."""

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.domain.names import is_temp_name
from reservplan.domain.ports import FileInfo
from reservplan.store.naming import LockNote, Spellings, describe_holder, parts_of, temp_name

AT = datetime(2022, 6, 21, tzinfo=UTC)
NFD = unicodedata.normalize("NFD", "Översikt.pdf")


def test_a_path_is_its_names_in_nfc() -> None:
    assert parts_of(f"Ullared/{NFD}") == ("Ullared", "Översikt.pdf")
    assert parts_of("") == ()


@given(st.text())
def test_no_path_can_leave_the_folder(path: str) -> None:
    try:
        parts = parts_of(path)
    except ValueError:
        return
    assert not {"", ".", ".."} & set(parts)
    assert not any(mark in part for part in parts for mark in "/\\\0")


@given(st.text(max_size=300))
def test_a_temporary_name_is_one_that_every_server_takes_and_that_we_know_again(run: str) -> None:
    name = temp_name(run)
    assert is_temp_name(name)
    assert re.fullmatch(r"\.rp-[A-Za-z0-9-]{1,40}-[0-9a-f]{12}\.tmp", name)


def test_two_temporary_names_are_never_the_same() -> None:
    assert temp_name("run") != temp_name("run")


def test_a_lock_note_says_which_run_where_and_since_when() -> None:
    note = LockNote("scheduled__2022-06-21", host="worker-1", pid=12, since="2022-06-21T03:00:00+00:00")
    assert describe_holder(note.to_bytes().ljust(512)) == (
        "run scheduled__2022-06-21 on worker-1 (process 12, since 2022-06-21T03:00:00+00:00)"
    )


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'"text"', b"null"])
def test_a_lock_note_that_cannot_be_read_is_another_run(content: bytes) -> None:
    assert describe_holder(content) == "another run"


def test_a_listing_remembers_how_a_name_is_really_spelled() -> None:
    spellings = Spellings()
    listed = spellings.listing("Ullared", [FileInfo(NFD, 1, AT)])
    assert listed == {"Översikt.pdf": FileInfo("Översikt.pdf", 1, AT, spelled=NFD)}
    assert spellings.real("Ullared/Översikt.pdf") == ("Ullared", NFD)
    assert spellings.real("Översikt.pdf") == ("Översikt.pdf",)
    spellings.written("Ullared/Översikt.pdf")
    assert spellings.real("Ullared/Översikt.pdf") == ("Ullared", "Översikt.pdf")


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_spellings_the_nfc_one_is_the_file_and_the_other_is_seen(order: int) -> None:
    spellings = Spellings()
    found = [FileInfo(NFD, 1, AT), FileInfo("Översikt.pdf", 2, AT)][::order]
    assert spellings.listing("", found) == {
        "Översikt.pdf": FileInfo("Översikt.pdf", 2, AT),
        NFD: FileInfo(NFD, 1, AT),
    }
    assert spellings.real("Översikt.pdf") == ("Översikt.pdf",)
