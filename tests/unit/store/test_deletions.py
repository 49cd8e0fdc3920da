from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from reservplan.domain.deletions import DELETED_NAME, Deletion, What, read_deletions
from reservplan.domain.ports import Outcome
from reservplan.store.deletions import note_deletions
from reservplan.store.folder import FolderStore

AT = datetime(2026, 11, 30, 4, 30, tzinfo=UTC)
ONE = Deletion(at=AT, what=What.COPIES, why="old", count=4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FolderStore]:
    with FolderStore("share", tmp_path) as opened, opened.lock("retain"):
        yield opened


def test_deletions_are_added_to_those_before_and_a_year_is_kept(store: FolderStore, tmp_path: Path) -> None:
    assert note_deletions(store, [ONE], at=AT) == []
    assert note_deletions(store, [ONE], at=AT + timedelta(days=1)) == []
    assert read_deletions((tmp_path / DELETED_NAME).read_bytes()) == (ONE, ONE)
    note_deletions(store, [], at=AT + timedelta(days=400))
    assert read_deletions((tmp_path / DELETED_NAME).read_bytes()) == ()


def test_without_news_nothing_is_written(store: FolderStore, tmp_path: Path) -> None:
    assert note_deletions(store, [], at=AT) == []
    assert not (tmp_path / DELETED_NAME).exists()


def test_a_record_that_cannot_be_written_is_said(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / DELETED_NAME).mkdir()
    (failed,) = note_deletions(store, [ONE], at=AT)
    assert (failed.path, failed.outcome) == (DELETED_NAME, Outcome.DENIED)
