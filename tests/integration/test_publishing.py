"""Publishing to the real file server: the same that the unit tests do in a folder, and what only a server can show."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import smbclient
from reservplan.domain.errors import StoreBusy, StoreUnreachable
from reservplan.domain.names import Format, Kind
from reservplan.domain.standing import CellState
from reservplan.publish import Action, Offer
from reservplan.settings import StoreSettings
from reservplan.store import open_store
from reservplan.store.connection import connection_from_environment

from servers.samba import SambaServer
from tests.unit.publish.cells import CELL, FIVE, HOUR, TODAY, offer
from tests.unit.publish.site import Site, Wrapped, on, rendered

PLAIN = "220621 Brukarschema Ullared.pdf"
LATER = offer(captured_at=FIVE + HOUR, content="later")


@pytest.fixture
def site(samba: SambaServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Site:
    return site_on(samba, f"Besöksplanering {request.node.name[:60]}", monkeypatch)


def site_on(samba: SambaServer, folder: str, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", samba.connection_json())
    settings = StoreSettings(name="share", kind="smb", connection="reservplan_share", folder=folder)
    root = samba.share_path / folder
    root.mkdir(parents=True)
    return Site(root, open_store(settings, connection_from_environment("reservplan_share")), settings)


def content_of(shown: Offer) -> bytes:
    return rendered(CELL, Format.PDF, Kind.LIST, f"{shown.content} {shown.captured_at}")


@contextmanager
def open_elsewhere(samba: SambaServer, path: Path) -> Iterator[None]:
    """Somebody has the file open as Excel has: others may read it, nobody may replace it."""
    cache: dict[str, object] = {}
    unc = rf"\\{samba.host}\{samba.share}\{path.relative_to(samba.share_path)}".replace("/", "\\")
    file = smbclient.open_file(
        unc, mode="r+b", share_access="r", buffering=0, port=samba.port, username=samba.user, password=samba.password,
        encrypt=True, connection_cache=cache,
    )  # fmt: skip
    try:
        yield
    finally:
        file.close()
        smbclient.reset_connection_cache(connection_cache=cache)


def test_a_batch_is_published_sealed_left_alone_and_replaced(site: Site) -> None:
    offers = [on(offer(), day, team) for day in (TODAY, TODAY + timedelta(days=1)) for team in ("Ullared", "Ätran")]
    sealed = site.run(*offers)
    assert (sealed.cells, sealed.files, sealed.failures) == (4, 16, {})
    assert all(site.holds(one) for one in offers)
    assert {done.decision.action for done in site.publish(*offers).values()} == {Action.LEAVE}
    later = [replace(one, captured_at=FIVE + HOUR, content="later") for one in offers]
    assert site.run(*later).failures == {}
    assert all(site.holds(one) for one in later)
    assert site.own_names() == {"220621.json", "220621.json.bak", "220622.json", "220622.json.bak", "counts.json"}


def test_a_file_that_is_open_elsewhere_costs_neither_the_old_copy_nor_the_new(samba: SambaServer, site: Site) -> None:
    """Windows refuses to replace an open file; this server does so only within one session's own process."""
    site.run(offer())
    with open_elsewhere(samba, site.path(CELL)):
        published = site.publish(LATER)
        assert site.seal(published).failures == {}
        stand_ins = [site.root / name for name in site.names() if "(ny " in name]
        newest = stand_ins or [site.path(CELL)]
        assert [path.read_bytes() for path in newest] == [content_of(LATER)]
    assert bool(stand_ins) == (published[CELL].short == "stood_in")
    site.run(LATER)
    assert site.holds(LATER)
    assert len(site.names()) == 4


def test_what_is_not_ours_is_left_alone(site: Site) -> None:
    site.run(offer())
    site.put(site.path(CELL), b"%PDF-1.7 edited by hand %%EOF")
    theirs = site.root / "220621 översiktsschema ätran.xlsx"
    site.put(theirs, b"saved by hand")
    other = on(LATER, team="Ätran")
    site.run(LATER, other)
    assert site.path(CELL).read_bytes() == b"%PDF-1.7 edited by hand %%EOF"
    assert theirs.read_bytes() == b"saved by hand"
    assert site.path(CELL, suffix=" (Reservplan)").is_file()
    assert site.path(other.cell, Kind.OVERVIEW, Format.XLSX, " (Reservplan)").is_file()


def test_a_foreign_file_is_adopted_by_renaming(site: Site) -> None:
    site.put(site.path(CELL), b"saved by hand")
    site.settings = site.settings.model_copy(update={"on_foreign": "adopt"})
    site.run(offer())
    assert site.path(CELL, suffix=" (tidigare)").read_bytes() == b"saved by hand"
    assert site.holds(offer())


def test_while_somebody_publishes_nobody_else_does(site: Site) -> None:
    with site.store as holding, holding.lock("other run"):
        other = open_store(site.settings, connection_from_environment("reservplan_share"))
        with pytest.raises(StoreBusy):
            site.publish(offer(), store=other)
    assert site.run(offer()).cells == 1


@pytest.mark.parametrize("after", [0, 1, 3, 5, 6, 7])
def test_after_an_interruption_the_next_run_makes_all_whole(site: Site, after: int) -> None:
    site.run(offer())
    breaking = Wrapped(site.store, breaks_after=after)
    with suppress(StoreUnreachable):
        site.seal(site.publish(LATER, store=breaking), store=breaking)
    assert not site.standing(CELL).edited
    assert not site.standing(CELL).foreign
    assert site.run(LATER).failures == {}
    assert site.holds(LATER)
    assert site.standing(CELL).state is CellState.WHOLE
    assert "220621.intent.json" not in site.own_names()


def test_the_server_may_go_away_between_publishing_and_the_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SambaServer(tmp_path / "samba") as server:
        site = site_on(server, "Besöksplanering", monkeypatch)
        published = site.publish(offer())
        server.kill()
        with pytest.raises(StoreUnreachable):
            site.seal(published)
        server.start()
        assert site.seal(published).cells == 1
        assert site.holds(offer())
