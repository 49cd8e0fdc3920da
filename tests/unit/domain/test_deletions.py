from datetime import UTC, date, datetime, timedelta

import pytest
from reservplan.domain.deletions import Deletion, What, read_deletions, with_deletions

AT = datetime(2026, 11, 30, 4, 30, tzinfo=UTC)
COPIES = Deletion(
    at=AT, what=What.COPIES, why="old", count=1, by="3f9a0c1b2d4e", plan_date=date(2026, 11, 15), team="Ullared",
    size_bytes=118034, files=("261115 Översiktsschema Ullared.pdf",),
)  # fmt: skip
LEFTOVERS = Deletion(at=AT, what=What.LEFTOVERS, why="leftover", count=3)


def test_what_is_noted_is_read_again():
    content = with_deletions(None, [COPIES, LEFTOVERS], at=AT)
    assert content.count(b"\n") == 2
    assert "261115 Översiktsschema Ullared.pdf".encode() in content
    assert read_deletions(content) == (COPIES, LEFTOVERS)


def test_nothing_noted_is_an_empty_record():
    assert read_deletions(None) == ()
    assert with_deletions(None, [], at=AT) == b""


@pytest.mark.parametrize(("days", "left"), [(366, 2), (367, 1)])
def test_a_deletion_is_kept_for_a_year(days, left):
    content = with_deletions(None, [COPIES], at=AT)
    later = AT + timedelta(days=days)
    after = with_deletions(content, [LEFTOVERS.model_copy(update={"at": later})], at=later)
    assert len(read_deletions(after)) == left


@pytest.mark.parametrize(
    "line",
    [
        b'{"at": "2026-11-',
        b"\xff\xfe",
        b"[1]",
        b"[" * 100_000,
        b'{"schema":2,"at":"2020-01-01T00:00:00Z","what":"copies","why":"old","count":1}',
        b'{"at":"2020-01-01T00:00:00Z","what":"something of a newer version","why":"old","count":1}',
    ],
)
def test_a_line_that_cannot_be_read_is_kept_as_it_is(line):
    before = with_deletions(None, [COPIES], at=AT) + line
    later = AT + timedelta(days=400)
    after = with_deletions(before, [LEFTOVERS], at=later)
    assert after == line + b"\n" + LEFTOVERS.to_line()
    assert read_deletions(after) == (LEFTOVERS,)


def test_a_line_with_fields_of_a_newer_version_is_read_and_kept_whole():
    line = b'{"at":"2026-11-30T04:30:00Z","what":"leftovers","why":"leftover","count":3,"more":{"of":"it"}}\n'
    assert read_deletions(line) == (LEFTOVERS,)
    assert with_deletions(line, [], at=AT) == line


def test_a_last_line_that_was_cut_off_does_not_swallow_the_next():
    cut_off = COPIES.to_line()[:-20]
    assert read_deletions(with_deletions(cut_off, [LEFTOVERS], at=AT)) == (LEFTOVERS,)
