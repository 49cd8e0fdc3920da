"""Files that people have open, or save while we write: on the real file server, and on a folder."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from reservplan.domain.names import Format, Kind
from reservplan.domain.plan import Cell
from reservplan.publish import Settled, held_files, settle, shortfalls_in_words
from reservplan.store.owner_files import who_has_open

from servers.samba import SambaServer
from tests.integration.test_publishing import LATER, PLAIN, content_of, open_elsewhere, site_on
from tests.store_contract.test_share_faults import somebody_has_open
from tests.unit.publish.cells import CELL, WINDOW, offer
from tests.unit.publish.site import Site, rendered, site_at
from tests.unit.store.test_owner_files import WHO, excels

BY_HAND = rendered(CELL, Format.PDF, Kind.LIST, "saved by a planner")
BESIDE = " (Reservplan)"
READ_AND_WRITE, READ, SHARE_READ, SHARE_ALL = 0x3, 0x1, 0x1, 0x7


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reservplan.store.smb.BUSY_PAUSES_SECONDS", (0.0, 0.2))


@pytest.fixture
def shared(samba: SambaServer, monkeypatch: pytest.MonkeyPatch) -> Site:
    return site_on(samba, f"Öppna filer {uuid4().hex[:8]}", monkeypatch)


@pytest.fixture(params=["smb", "folder"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return request.getfixturevalue("shared") if request.param == "smb" else site_at(tmp_path / "share")


def saved_while_we_write(site: Site) -> Callable[[Cell, Kind, Format], bytes]:
    """Renders the later copy; when the list is asked for to be sent, a planner has just saved it."""
    asked: list[tuple[Kind, Format]] = []

    def content(cell: Cell, kind: Kind, fmt: Format) -> bytes:
        asked.append((kind, fmt))
        if asked.count((Kind.LIST, Format.PDF)) == 2 and (kind, fmt) == (Kind.LIST, Format.PDF):
            site.put(site.path(CELL), BY_HAND)
        return rendered(cell, fmt, kind, f"{LATER.content} {LATER.captured_at}")

    return content


def beside(site: Site) -> list[Path]:
    return [site.root / name for name in site.names() if "(ny " in name]


def settled(site: Site) -> Settled:
    site.at += timedelta(minutes=15)
    with site.store as opened:
        return settle(opened, site.settings, WINDOW, "watch", at=site.at)


@pytest.mark.parametrize("was_there", [True, False], ids=["over ours", "under a free name"])
def test_what_a_planner_saves_while_we_write_stays_and_the_new_copy_lies_beside_it(site: Site, was_there: bool) -> None:
    if was_there:
        site.run(offer())
    published = site.publish(LATER, content_of=saved_while_we_write(site))
    assert (published[CELL].short, held_files(published.values())) == ("changed_meanwhile", [PLAIN])
    assert PLAIN in shortfalls_in_words("share", published, "sv")[0]
    assert site.seal(published).failures == {}
    assert site.path(CELL).read_bytes() == BY_HAND
    assert [path.read_bytes() for path in beside(site)] == [content_of(LATER)]
    assert settled(site) == Settled(0, (PLAIN,))
    site.run(LATER)
    assert site.path(CELL).read_bytes() == BY_HAND
    assert site.path(CELL, suffix=BESIDE).read_bytes() == content_of(LATER)
    assert beside(site) == []


def test_a_file_that_excel_has_open_gets_its_stand_in_and_takes_it_up_once_it_is_closed(
    samba: SambaServer, shared: Site
) -> None:
    shared.run(offer())
    morning = shared.path(CELL).read_bytes()
    with has_open(samba, shared.path(CELL), READ_AND_WRITE, SHARE_READ) as close:
        published = shared.publish(LATER)
        assert published[CELL].short == "stood_in"
        assert shared.seal(published).failures == {}
        assert settled(shared) == Settled(0, (PLAIN,))
        assert shared.path(CELL).read_bytes() == morning
        assert [path.read_bytes() for path in beside(shared)] == [content_of(LATER)]
        close()
        assert settled(shared) == Settled(1, ())
    assert shared.holds(LATER)
    assert beside(shared) == []
    assert settled(shared) == Settled()


def test_a_stand_in_that_excel_has_open_stays_until_it_is_closed(samba: SambaServer, shared: Site) -> None:
    shared.run(offer())
    with open_elsewhere(samba, shared.path(CELL)):
        shared.seal(shared.publish(LATER))
    (stand_in,) = beside(shared)
    with has_open(samba, stand_in, READ_AND_WRITE, SHARE_READ):
        settled(shared)
        assert shared.path(CELL).read_bytes() == content_of(LATER)
        assert stand_in.exists()
    assert settled(shared) == Settled(1, ())
    assert shared.holds(LATER)
    assert beside(shared) == []


def test_whoever_only_reads_a_file_keeps_nobody_from_the_new_one(samba: SambaServer, shared: Site) -> None:
    shared.run(offer())
    with has_open(samba, shared.path(CELL), READ, SHARE_ALL):
        assert shared.run(LATER).failures == {}
    assert shared.holds(LATER)


def test_who_has_it_open_is_read_while_excel_holds_its_owner_file(samba: SambaServer, shared: Site) -> None:
    shared.run(offer())
    book = shared.path(CELL, Kind.LIST, Format.XLSX)
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(excels())
    with has_open(samba, owner, READ_AND_WRITE, SHARE_READ), shared.store as opened:
        assert who_has_open(opened, [book.name, PLAIN]) == {book.name: WHO}


def has_open(samba: SambaServer, path: Path, access: int, share: int) -> AbstractContextManager[Callable[[], None]]:
    return somebody_has_open(samba, str(path.relative_to(samba.share_path)), access=access, share=share)
