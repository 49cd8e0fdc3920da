"""Papers on a store: only what differs is written, over nothing but ours, and an interruption mends itself."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from reservplan.domain.errors import ManifestUnreadable, StoreUnreachable
from reservplan.domain.manifest import NewerManifest
from reservplan.domain.names import START_PAGE_NAME, WeekPackName, parse_artifact_name, parse_week_pack_name
from reservplan.papers.keeping import KeptPapers, Paper, forget, keep_papers
from reservplan.store.folder import FolderStore
from reservplan.store.papers import on_shelf, record_of

from tests.unit.publish.site import Wrapped

AT = datetime(2022, 6, 21, 5, 15, tzinfo=ZoneInfo("Europe/Stockholm"))
ROUTINE = Paper("Rutin.pdf", "r1")
PACK = Paper("22v25 Brukarschema Ullared.pdf", "p1", "Ullared", (date(2022, 6, 20), date(2022, 6, 21)))


@dataclass
class Site:
    """A folder store, and what was asked to be made."""

    root: Path
    at: datetime = AT

    def keep(self, *papers: Paper, store: Any = None, make: Any = None) -> KeptPapers:
        self.made: list[Paper] = []
        self.at += timedelta(minutes=15)
        with store or FolderStore("share", self.root) as opened, opened.lock("run"):
            return keep_papers(opened, papers, make or self._make, at=self.at)

    def _make(self, papers: Sequence[Paper]) -> Iterator[Mapping[Paper, bytes]]:
        self.made = list(papers)
        for paper in papers:
            yield {paper: content_of(paper)}

    def edit(self, name: str, content: bytes = b"edited by hand") -> None:
        (self.root / name).write_bytes(content)
        stamp = (self.at + timedelta(seconds=77)).timestamp()
        os.utime(self.root / name, (stamp, stamp))

    def names(self) -> set[str]:
        return {path.name for path in self.root.iterdir() if path.is_file()}

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    @property
    def record(self) -> Any:
        return json.loads((self.root / ".reservplan" / "papers.json").read_text())


def content_of(paper: Paper) -> bytes:
    return f"{paper.path} {paper.content}".encode()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_papers_are_written_once_and_then_left_until_they_change(site: Site) -> None:
    first = site.keep(ROUTINE, PACK)
    assert (first.written, first.left, first.short) == (2, 0, {})
    stamps = {name: (site.root / name).stat().st_mtime_ns for name in site.names()}
    again = site.keep(ROUTINE, PACK)
    assert (again.written, again.left, site.made) == (0, 2, [])
    assert {name: (site.root / name).stat().st_mtime_ns for name in site.names()} == stamps
    changed = site.keep(replace(ROUTINE, content="r2"), PACK)
    assert (changed.written, changed.left, site.made) == (1, 1, [replace(ROUTINE, content="r2")])
    assert site.read("Rutin.pdf") == b"Rutin.pdf r2"
    assert first.paths == changed.paths == {paper.path: paper.path for paper in (ROUTINE, PACK)}


def test_a_file_that_is_not_ours_is_kept_and_ours_lies_beside_it_until_it_is_gone(site: Site) -> None:
    (site.root / "Rutin.pdf").write_bytes(b"the municipality's own")
    kept = site.keep(ROUTINE)
    assert kept.paths == {"Rutin.pdf": "Rutin (Reservplan).pdf"}
    assert (site.read("Rutin.pdf"), site.read("Rutin (Reservplan).pdf")) == (b"the municipality's own", b"Rutin.pdf r1")
    assert site.keep(ROUTINE).left == 1
    (site.root / "Rutin.pdf").unlink()
    assert site.keep(ROUTINE).paths == {"Rutin.pdf": "Rutin.pdf"}
    assert site.names() == {"Rutin.pdf"}
    assert [entry["path"] for entry in site.record["papers"]] == ["Rutin.pdf"]


def test_files_that_are_not_ours_under_both_names_are_kept_and_said(site: Site) -> None:
    for name in ("Rutin.pdf", "Rutin (Reservplan).pdf"):
        (site.root / name).write_bytes(b"somebody's")
    kept = site.keep(ROUTINE, PACK)
    assert (kept.short, kept.written) == ({"Rutin.pdf": "taken"}, 1)
    assert site.read("Rutin (Reservplan).pdf") == b"somebody's"


def test_the_same_name_in_other_letters_is_not_overwritten(site: Site) -> None:
    (site.root / "RUTIN.pdf").write_bytes(b"somebody's")
    assert site.keep(ROUTINE).paths == {"Rutin.pdf": "Rutin (Reservplan).pdf"}


def test_one_that_somebody_edited_is_kept_and_one_that_is_damaged_is_made_anew(site: Site) -> None:
    site.keep(ROUTINE, PACK)
    site.edit("Rutin.pdf")
    stamp = (site.root / PACK.path).stat()
    (site.root / PACK.path).write_bytes(b"cut")
    os.utime(site.root / PACK.path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    kept = site.keep(ROUTINE, PACK)
    assert site.read("Rutin.pdf") == b"edited by hand"
    assert site.read("Rutin (Reservplan).pdf") == content_of(ROUTINE)
    assert site.read(PACK.path) == content_of(PACK)
    assert (kept.written, kept.short) == (2, {})


def test_one_whose_time_was_touched_is_known_by_its_content(site: Site) -> None:
    site.keep(ROUTINE)
    site.edit("Rutin.pdf", content_of(ROUTINE))
    assert site.keep(ROUTINE).left == 1


def test_one_that_is_open_stays_and_is_said_and_the_others_are_written(site: Site) -> None:
    site.keep(ROUTINE, PACK)
    new = (replace(ROUTINE, content="r2"), replace(PACK, content="p2"))
    kept = site.keep(*new, store=Wrapped(FolderStore("share", site.root), held=["Rutin.pdf"]))
    assert (kept.short, kept.written) == ({"Rutin.pdf": "open"}, 1)
    assert (site.read("Rutin.pdf"), site.read(PACK.path)) == (content_of(ROUTINE), content_of(new[1]))
    assert kept.paths["Rutin.pdf"] == "Rutin.pdf"
    assert site.keep(*new).short == {}
    assert site.read("Rutin.pdf") == content_of(new[0])


@pytest.mark.parametrize("was_there", [True, False], ids=["over ours", "under a free name"])
def test_what_somebody_saves_while_one_is_made_stays_and_the_next_run_lays_ours_beside_it(
    site: Site, was_there: bool
) -> None:
    if was_there:
        site.keep(ROUTINE)
    changed = replace(ROUTINE, content="r2")

    def make(papers: Sequence[Paper]) -> Iterator[Mapping[Paper, bytes]]:
        site.edit("Rutin.pdf")
        yield {paper: content_of(paper) for paper in papers}

    assert site.keep(changed, make=make).short == {"Rutin.pdf": "not_written"}
    assert site.read("Rutin.pdf") == b"edited by hand"
    site.keep(changed)
    assert (site.read("Rutin.pdf"), site.read("Rutin (Reservplan).pdf")) == (b"edited by hand", b"Rutin.pdf r2")


def test_one_that_cannot_be_made_is_said_and_what_was_there_stays(site: Site) -> None:
    site.keep(ROUTINE)
    kept = site.keep(replace(ROUTINE, content="r2"), PACK, make=lambda _: [{PACK: b"new"}])
    assert (kept.short, kept.written) == ({"Rutin.pdf": "not_made"}, 1)
    assert site.read("Rutin.pdf") == content_of(ROUTINE)


@pytest.mark.parametrize("changes", range(6))
def test_a_connection_that_breaks_anywhere_is_mended_by_the_next_run(site: Site, changes: int) -> None:
    site.keep(ROUTINE)
    new = replace(ROUTINE, content="r2")
    try:
        site.keep(new, PACK, store=Wrapped(FolderStore("share", site.root), breaks_after=changes))
    except StoreUnreachable:
        assert site.read("Rutin.pdf") in (content_of(ROUTINE), content_of(new))
    kept = site.keep(new, PACK)
    assert kept.short == {}
    assert kept.paths == {"Rutin.pdf": "Rutin.pdf", PACK.path: PACK.path}
    assert site.names() == {"Rutin.pdf", PACK.path}
    assert (site.read("Rutin.pdf"), site.read(PACK.path)) == (content_of(new), content_of(PACK))
    assert site.record["intended"] == []


@pytest.mark.parametrize("second", ["cut off", "open"])
def test_two_interruptions_in_a_row_never_make_our_own_file_foreign(site: Site, second: str) -> None:
    site.keep(ROUTINE)
    for content, changes in (("r2", 3), ("r3", 2)):
        # The first writes the paper and cannot say so, the second does not come so far.
        new = replace(ROUTINE, content=content)
        store = Wrapped(FolderStore("share", site.root), breaks_after=changes)
        if (content, second) == ("r3", "open"):
            assert site.keep(new, store=Wrapped(FolderStore("share", site.root), held=["Rutin.pdf"])).short
        else:
            with pytest.raises(StoreUnreachable):
                site.keep(new, store=store)
        assert site.read("Rutin.pdf") == b"Rutin.pdf r2"
    kept = site.keep(replace(ROUTINE, content="r4"))
    assert kept.paths == {"Rutin.pdf": "Rutin.pdf"}
    assert site.names() == {"Rutin.pdf"}
    assert site.record["intended"] == []


def test_our_own_paper_under_a_name_in_other_letters_is_ours(site: Site) -> None:
    site.keep(PACK)
    louder = replace(PACK, path="22v25 Brukarschema ULLARED.pdf", content="p2", team="ULLARED")
    kept = site.keep(louder)
    assert kept.paths == {louder.path: louder.path}
    assert site.read(louder.path) == content_of(louder)


@pytest.mark.parametrize("path", ["../x.pdf", "/x.pdf", "a//x.pdf", "a\\x.pdf", "x\0.pdf", ""])
def test_a_record_with_a_path_that_leads_out_of_the_store_is_damaged(site: Site, path: str) -> None:
    site.keep(ROUTINE)
    record = {**site.record, "papers": [{**site.record["papers"][0], "path": path}]}
    for name in ("papers.json", "papers.json.bak"):
        (site.root / ".reservplan" / name).write_text(json.dumps(record))
    with pytest.raises(ManifestUnreadable, match="damaged"):
        site.keep(ROUTINE)


def test_what_is_gone_is_forgotten_when_asked_for(site: Site) -> None:
    site.keep(ROUTINE, PACK)
    with FolderStore("share", site.root) as store, store.lock("run"):
        forget(store, [PACK.path], at=AT)
    assert [entry["path"] for entry in site.record["papers"]] == ["Rutin.pdf"]


def test_of_two_records_in_letters_that_a_share_holds_for_the_same_one_is_gone(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.keep(PACK)
    louder = replace(PACK, path="22v25 Brukarschema ULLARED.pdf", content="p2 anew", team="ULLARED")
    site.keep(louder)
    with FolderStore("share", site.root) as store:
        both = on_shelf(store, record_of(store))
        # As on a share, where the second was written over the first.
        (site.root / PACK.path).unlink()
        one = on_shelf(store, record_of(store))
    assert ({entry.path for entry in both.ours}, both.gone) == ({PACK.path, louder.path}, ())
    assert ([entry.path for entry in one.ours], [entry.path for entry in one.gone]) == ([louder.path], [PACK.path])


def test_a_damaged_record_is_replaced_by_the_one_before_and_a_newer_one_is_respected(site: Site) -> None:
    site.keep(ROUTINE)
    site.keep(ROUTINE, PACK)
    record = site.root / ".reservplan" / "papers.json"
    record.write_bytes(b"{")
    assert site.keep(ROUTINE, PACK).paths == {"Rutin.pdf": "Rutin.pdf", PACK.path: PACK.path}
    record.write_text(json.dumps({"schema": 2, "papers": "otherwise"}))
    with pytest.raises(NewerManifest, match="newer version"):
        site.keep(replace(ROUTINE, content="r2"))
    for name in ("papers.json", "papers.json.bak"):
        (site.root / ".reservplan" / name).write_bytes(b"{")
    with pytest.raises(ManifestUnreadable, match="damaged"):
        site.keep(replace(ROUTINE, content="r2"))
    assert site.read("Rutin.pdf") == content_of(ROUTINE)


@pytest.mark.parametrize(
    ("name", "monday", "team"),
    [
        ("22v25 Brukarschema Ullared.pdf", date(2022, 6, 20), "Ullared"),
        ("26v53 Brukarschema Västra gärdet.pdf", date(2026, 12, 28), "Västra gärdet"),
        ("27v01 Brukarschema Å.pdf", date(2027, 1, 4), "Å"),
    ],
)
def test_a_week_packs_name_is_built_and_read_as_one(name: str, monday: date, team: str) -> None:
    assert parse_week_pack_name(name) == WeekPackName(monday, team)
    assert str(WeekPackName(monday, team)) == name
    assert parse_artifact_name(name) is None


@pytest.mark.parametrize(
    "name", ["22v00 Brukarschema A.pdf", "22v53 Brukarschema A.pdf", "220621 Brukarschema A.pdf", START_PAGE_NAME]
)
def test_other_names_are_no_week_packs(name: str) -> None:
    assert parse_week_pack_name(name) is None
