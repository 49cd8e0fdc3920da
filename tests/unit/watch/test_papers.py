"""Start page, routine and week packs: what somebody did to them is told, what the next run mends is not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from reservplan.domain.alerts import Severity
from reservplan.domain.names import ROUTINE_NAME, START_PAGE_NAME, nfc
from reservplan.papers.keeping import Paper, keep_papers
from reservplan.store.folder import FolderStore
from reservplan.watch import coverage

from tests.unit.retain.shelf import Shared
from tests.unit.watch.lookout import DAY, TEN, TODAY, Lookout

PAGE, ROUTINE = nfc(START_PAGE_NAME), nfc(ROUTINE_NAME)
PACK = "22v25 Brukarschema Ullared.pdf"
BESIDE = "22v25 Brukarschema Ullared (Reservplan).pdf"


def put_papers(lookout: Lookout, pack: str = PACK, days: Iterable[date] = (TODAY,), content: str = "1") -> None:
    papers = [
        Paper(PAGE, content, plan_dates=(TODAY,)),
        Paper(ROUTINE, content),
        Paper(pack, content, "Ullared", tuple(days)),
    ]

    def make(asked: Sequence[Paper]) -> list[Mapping[Paper, bytes]]:
        return [{paper: f"%PDF-1.7 {paper.path} {content}".encode() for paper in asked}]

    with lookout.store() as store, store.lock("run"):
        keep_papers(store, papers, make, at=lookout.now)


@pytest.fixture
def filled(lookout: Lookout) -> Lookout:
    lookout.fill()
    put_papers(lookout)
    return lookout


class Counting(Shared):
    """A store that tells which files were read."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.read: set[str] = set()

    def read_many(self, paths: Sequence[str]) -> Mapping[str, bytes | None]:
        self.read.update(paths)
        return self.store.read_many(paths)


def test_papers_as_we_wrote_them_are_no_findings_and_are_not_read(filled: Lookout) -> None:
    store = Counting(FolderStore("share", filled.root), filled.now)
    assert coverage(store, filled.store_settings, filled.settings, filled.now).findings == ()
    assert not store.read & {PAGE, ROUTINE, PACK}


def test_ours_in_other_letters_case_is_ours(filled: Lookout) -> None:
    (filled.root / PACK).rename(filled.root / PACK.casefold())
    assert filled.codes() == []


def test_one_that_is_gone_is_no_finding_since_the_next_run_makes_it(filled: Lookout) -> None:
    for name in (PAGE, ROUTINE, PACK):
        (filled.root / name).unlink()
    assert filled.codes() == []


@pytest.mark.parametrize("name", [PAGE, ROUTINE, PACK])
def test_an_edited_one_is_told_also_when_ours_lies_beside_it(filled: Lookout, name: str) -> None:
    filled.put_file(name, b"%PDF-1.7 by hand")
    for content in ("1", "2"):
        put_papers(filled, content=content)
        found = filled.look()
        (finding,) = found.findings
        assert (finding.code, finding.severity, finding.paths) == ("edited", Severity.INFO, (name,))
        assert f"share: ändrade av någon är {name}. De förnyas inte" in finding.words
        assert not found.good
    (filled.root / name).unlink()
    assert filled.codes() == []


def test_nothing_is_called_edited_while_a_run_is_at_work(filled: Lookout) -> None:
    filled.put_file(PAGE, b"by hand")
    with filled.store() as opened, opened.lock("run"):
        assert filled.codes() == []


@pytest.mark.parametrize("name", ["22v40 Brukarschema Ullared.pdf", BESIDE])
def test_a_file_under_such_a_name_that_nobody_recorded_is_stray(filled: Lookout, name: str) -> None:
    filled.put_file(name, b"by hand")
    found = filled.look()
    assert [(f.code, f.paths) for f in found.findings] == [("stray", (name,))]
    assert found.good


def test_a_stray_one_is_told_by_its_group_only_where_the_settings_know_it(filled: Lookout) -> None:
    filled.put_file("22v25 Brukarschema Elsa Ekdahl.pdf", b"by hand")
    (finding,) = filled.look().findings
    assert finding.paths == ("22v25 Brukarschema ….pdf",)
    assert "Ekdahl" not in finding.words


def test_a_page_that_somebody_put_there_before_us_is_stray(lookout: Lookout) -> None:
    lookout.fill()
    lookout.put_file(PAGE, b"by hand")
    assert [(f.code, f.paths) for f in lookout.look().findings] == [("stray", (PAGE,))]


def test_a_pack_goes_with_its_oldest_day_and_an_edited_one_is_named_until_it_is_gone(lookout: Lookout) -> None:
    lookout.fill(true_at=TEN.replace(hour=4))
    old, older = "22v23 Brukarschema Ullared.pdf", "22v22 Brukarschema Ullared.pdf"
    put_papers(lookout, old, [TODAY - 15 * DAY, TODAY - 14 * DAY])
    put_papers(lookout, older, [TODAY - 16 * DAY])
    lookout.put_file(older, b"%PDF-1.7 by hand")
    late, edited = lookout.look().findings
    assert [(f.code, f.paths) for f in (late, edited)] == [("overdue", (old,)), ("overdue", (older,))]
    assert "--include-edited" in edited.words
    lookout.now = TEN.replace(hour=6, minute=29)
    assert {f.paths for f in lookout.look().findings if old in f.paths} == set(), "its retention is not late yet"
    lookout.now = TEN + timedelta(days=1)
    assert ("overdue", (older,)) in [(f.code, f.paths) for f in lookout.look().findings]


def test_a_pack_of_a_group_that_the_settings_know_no_more_is_found_in_its_folder(lookout: Lookout) -> None:
    lookout.layout = "by-team"
    lookout.fill()
    old = "Vessigebro/22v22 Brukarschema Vessigebro.pdf"
    put_papers(lookout, old, [TODAY - 16 * DAY])
    assert [(f.code, f.paths) for f in lookout.look().findings] == [("overdue", (old,))]


def test_a_record_of_them_that_cannot_be_read_is_told_and_nothing_is_claimed(filled: Lookout) -> None:
    filled.put_file(".reservplan/papers.json", b'{"schema": 7}')
    filled.put_file(PAGE, b"by hand")
    (finding,) = filled.look().findings
    assert finding.code == "record"
    assert "Upgrade Reservplan" in finding.words
