"""What a deep check found is told at every look, until the files were written anew or a check is clean."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from reservplan.domain.names import START_PAGE_NAME, Kind
from reservplan.domain.plan import Cell
from reservplan.verified_notes import VerifiedNotes, read_verified
from reservplan.watch import Coverage, State, verify
from reservplan.watch.verified import FileFault, VerifiedNote, with_verified

from tests.unit.watch.lookout import DAY, TEN, TODAY, ULLARED, Lookout

LATER = TEN + timedelta(hours=1)


def flip(file: Path) -> None:
    """One byte of a file, with the size and time that it had."""
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x01
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def told(lookout: Lookout, note: VerifiedNote | None = None) -> Coverage:
    """A look with what a check knows, by default one that is made now."""
    if note is None:
        note = VerifiedNote.of(verify(lookout.store(), lookout.store_settings, lookout.settings), LATER)
    return with_verified(lookout.look(), note, lookout.settings)


def test_a_file_that_differs_though_size_and_time_look_right_is_damaged_once_it_was_read(lookout: Lookout) -> None:
    lookout.fill()
    flip(lookout.path(TODAY))
    assert lookout.state() is State.OK, "The half-hourly look goes by size and time."
    found = told(lookout)
    assert found.cells[ULLARED].state is State.DAMAGED
    assert found.cells[ULLARED].files == (lookout.path(TODAY).name,)
    (finding,) = found.findings
    assert (finding.code, finding.severity, finding.cells) == ("damaged", "critical", (ULLARED,))
    assert [cell for cell, covered in found.cells.items() if covered.state is not State.OK] == [ULLARED]


def test_a_clean_check_changes_nothing(lookout: Lookout) -> None:
    lookout.fill()
    assert told(lookout) == lookout.look()


def test_what_was_written_since_the_check_is_as_the_look_says(lookout: Lookout) -> None:
    lookout.fill()
    written = lookout.look().cells[ULLARED].written_at
    assert written is not None
    fault = (FileFault(path=lookout.path(TODAY).name, code="differs"),)
    before = VerifiedNote(at=written - timedelta(seconds=1), files=1, faults=fault)
    assert told(lookout, before).cells[ULLARED].state is State.OK
    after = VerifiedNote(at=written, files=1, faults=fault)
    assert told(lookout, after).cells[ULLARED].state is State.DAMAGED


@pytest.mark.parametrize("code", ["missing", "busy", "record"])
def test_what_every_look_sees_itself_is_left_to_it(lookout: Lookout, code: str) -> None:
    lookout.fill()
    note = VerifiedNote(at=LATER, files=1, faults=(FileFault(path=lookout.path(TODAY).name, code=code),))
    assert told(lookout, note) == lookout.look()


def test_a_file_that_somebody_edited_stays_edited(lookout: Lookout) -> None:
    lookout.fill()
    lookout.path(TODAY).write_bytes(b"%PDF-1.7\nby hand\n%%EOF\n")
    assert told(lookout).cells[ULLARED].state is State.EDITED


def test_a_day_that_has_left_the_window_is_no_longer_told(lookout: Lookout) -> None:
    lookout.fill()
    name = lookout.path(TODAY - 14 * DAY, "Ullared", Kind.LIST).name.replace(f"{TODAY - 14 * DAY:%y%m%d}", "220101")
    note = VerifiedNote(at=LATER, files=1, faults=(FileFault(path=name, code="differs"),))
    assert Cell(TODAY - 14 * DAY, "Ullared") in told(lookout, note).cells
    assert told(lookout, note).findings == ()


def test_a_damaged_start_page_is_told_with_what_to_do(lookout: Lookout) -> None:
    lookout.fill()
    note = VerifiedNote(at=LATER, files=1, faults=(FileFault(path=START_PAGE_NAME, code="differs"),))
    (finding,) = told(lookout, note).findings
    assert (finding.code, finding.paths) == ("damaged", (START_PAGE_NAME,))
    assert "Ta bort filen där" in finding.words


def test_a_note_that_cannot_be_read_is_as_none(tmp_path: Path) -> None:
    notes = VerifiedNotes(str(tmp_path))
    notes.keep("share", VerifiedNote(at=LATER, files=3))
    notes.files.write("office.json", b"{")
    notes.files.write("x.txt", b"")
    assert read_verified(str(tmp_path)) == {"share": VerifiedNote(at=LATER, files=3)}
    assert (tmp_path / "verified" / "share.json").stat().st_mode & 0o777 == 0o600


def test_no_check_yet_is_no_finding(tmp_path: Path, lookout: Lookout) -> None:
    lookout.fill()
    assert read_verified(str(tmp_path / "none")) == {}
    assert with_verified(lookout.look(), None, lookout.settings) == lookout.look()
