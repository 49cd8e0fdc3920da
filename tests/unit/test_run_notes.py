"""What failed runs leave for the watch."""

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reservplan.domain.run_notes import RunNote
from reservplan.run_notes import RunNotes

FAILED = datetime(2022, 6, 21, 3, 10, tzinfo=UTC)


@pytest.fixture
def notes(tmp_path: Path) -> RunNotes:
    return RunNotes(str(tmp_path / "watch" / "notes"))


def note(job: str = "snapshot", run_id: str = "a", **changes: Any) -> RunNote:
    return RunNote(job=job, run_id=run_id, code="source", failed_at=FAILED, **changes)


def test_a_note_is_read_as_it_was_left(notes: RunNotes) -> None:
    left = note(task_id="extract", what="Filen är för gammal.", do="Spara en ny.", plan_dates=(FAILED.date(),))
    notes.note(left)
    assert notes.all() == (left,)


def test_only_we_may_read_a_note(notes: RunNotes, tmp_path: Path) -> None:
    notes.note(note())
    (file,) = (tmp_path / "watch" / "notes").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_tries_grow_while_the_same_job_fails_again(notes: RunNotes) -> None:
    for run_id in ("a", "b", "b", "c"):
        notes.note(note(run_id=run_id))
    assert [each.tries for each in notes.all()] == [3]


def test_tries_that_were_counted_by_whoever_left_the_note_are_not_counted_twice(notes: RunNotes) -> None:
    notes.note(note(run_id="a"))
    notes.note(note(run_id="b", tries=2))
    assert [each.tries for each in notes.all()] == [2]


def test_a_job_that_goes_well_takes_away_its_own_note_only(notes: RunNotes) -> None:
    notes.note(note("snapshot"))
    notes.note(note("retain"))
    notes.clear("snapshot")
    notes.clear("drill")
    assert [each.job for each in notes.all()] == ["retain"]
    notes.note(note("snapshot", "later"))
    assert {each.tries for each in notes.all()} == {1}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"job": "snapshot"}', b"\xff"])
def test_a_note_that_cannot_be_read_is_none(notes: RunNotes, tmp_path: Path, content: bytes) -> None:
    notes.note(note("retain"))
    (tmp_path / "watch" / "notes" / "snapshot.json").write_bytes(content)
    assert [each.job for each in notes.all()] == ["retain"]
    notes.note(note("snapshot"))
    assert len(notes.all()) == 2


def test_without_a_folder_there_are_no_notes(notes: RunNotes) -> None:
    assert notes.all() == ()
