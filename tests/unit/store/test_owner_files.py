"""Who has a file open, from the small files that office programs put beside it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.store.folder import FolderStore
from reservplan.store.owner_files import MOST_BYTES, owner_in, owner_names, who_has_open

NAME = "220621 Översiktsschema Ullared.xlsx"
WHO = "Åsa Öberg-Nilsson"
OFFICE, LIBRE = f"~${NAME}", f"Ullared/.~lock.{NAME}#"


def excels(who: str = WHO, *, narrow: bytes | None = None) -> bytes:
    """Excel's owner file: 55 bytes of narrow letters with their length, and as much again in UTF-16."""
    short = who.encode("cp1252", "replace") if narrow is None else narrow
    wide = who.encode("utf-16-le")
    return bytes([len(short)]) + short.ljust(54) + len(who).to_bytes(2, "little") + wide.ljust(108, b" ")


def words(who: str = WHO) -> bytes:
    """Word's, which is one byte shorter in the first part."""
    short, wide = who.encode("cp1252", "replace"), who.encode("utf-16-le")
    return bytes([len(short)]) + short.ljust(53, b"\0") + len(who).to_bytes(2, "little") + wide.ljust(106, b"\0")


@pytest.mark.parametrize(
    ("owner", "content", "who"),
    [
        (OFFICE, excels(), WHO),
        (OFFICE, words(), WHO),
        (OFFICE, excels("Жанна Иванова"), "Жанна Иванова"),
        (OFFICE, excels(narrow=b""), WHO),
        (OFFICE, excels()[:55], WHO),
        (LIBRE, f",{WHO},kontor12,30.11.2026 20:45,file:///home/x;".encode(), WHO),
        (LIBRE, f"{WHO},asaobe,kontor12,30.11.2026 20:45,file:///home/x;".encode(), WHO),
    ],
    ids=[
        "excel",
        "word",
        "letters of another alphabet",
        "wide letters only",
        "narrow letters only",
        "account",
        "libre",
    ],
)
def test_the_name_that_stands_in_an_owner_file_is_told(owner: str, content: bytes, who: str) -> None:
    assert owner_in(owner, content) == who


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x05",
        b"\0" * 165,
        b"\xff" * 165,
        b" " * 165,
        excels("\x07\x08bell")[:165],
        excels("a\nb")[:165],
        b"%PDF-1.7 a whole file of something else",
        b",,,;",
        f",{'x' * 80},h,d;".encode(),
    ],
    ids=["empty", "cut", "zeros", "ones", "blanks", "control", "two lines", "another file", "no user", "too long"],
)
@pytest.mark.parametrize("owner", [OFFICE, LIBRE])
def test_garbage_names_nobody(owner: str, content: bytes) -> None:
    assert owner_in(owner, content) is None


@given(st.sampled_from([OFFICE, LIBRE]), st.binary(max_size=200))
def test_whatever_stands_there_never_breaks_a_line(owner: str, content: bytes) -> None:
    who = owner_in(owner, content)
    assert who is None or (who.isprintable() and 0 < len(who) <= 54)


def test_each_program_has_its_own_name_for_it() -> None:
    assert owner_names(NAME) == (f"~${NAME}", f"~${NAME[2:]}", f".~lock.{NAME}#")
    assert owner_names("lista7a.doc")[1] == "~$ista7a.doc"
    assert owner_names("lista.doc") == ("~$lista.doc", ".~lock.lista.doc#")


def test_it_is_asked_of_the_folder_in_which_the_file_lies(tmp_path: Path) -> None:
    (tmp_path / "Ullared").mkdir()
    (tmp_path / "Ullared" / f"~${NAME}").write_bytes(excels())
    (tmp_path / f"~${NAME.replace('Ullared', 'Ätran')}").write_bytes(b"\0" * (MOST_BYTES + 1))
    other, path = NAME.replace("Ullared", "Ätran"), f"Ullared/{NAME}"
    with FolderStore("share", str(tmp_path)) as store:
        assert who_has_open(store, [path, other, NAME]) == {path: WHO}
        assert who_has_open(store, []) == {}
