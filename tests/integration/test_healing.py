"""What is gone or damaged comes back by itself: found by the look, planned, and made again by a run for just that."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from reservplan.cli import main
from reservplan.commands.terminal import FELL_SHORT, open_store
from reservplan.domain.errors import SourceError
from reservplan.domain.manifest import Origin, read_manifest
from reservplan.domain.names import Format, Kind, artifact_name, manifest_name
from reservplan.domain.plan import Cell
from reservplan.healing_run import heal
from reservplan.settings import Settings, load
from reservplan.snapshot import Result, Snapshot, SnapshotRequest
from reservplan.verified_notes import read_verified
from reservplan.watch import Coverage, State, coverage
from reservplan.watch.healing import HealingPlan, Try, plan_healing
from reservplan.watch.verified import with_verified

from servers.samba import SambaServer
from tests.integration.test_publishing import open_elsewhere

TEAMS = ("Ullared", "Vessigebro")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Site:
    """A share and an office's folder, filled alike with copies of yesterday … tomorrow."""

    def __init__(self, folder: Path, samba: SambaServer) -> None:
        self.folder, self.samba = folder, samba
        self.share, self.office = samba.share_path / folder.name, folder / "office"
        self.config = folder / "reservplan.yaml"
        self.config.write_text(yaml.safe_dump({
            "organisation": "Falkenbergs kommun", "teams": list(TEAMS), "source": {"kind": "demo"},
            "stores": [
                {"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": folder.name},
                {"name": "office", "kind": "folder", "folder": str(self.office)},
            ],
            "staging": str(folder / "staging"), "archive": str(folder / "archive"), "reports": str(folder / "reports"),
            "watch": {"folder": str(folder / "watch")},
            "window": {"days_back": 2, "days_ahead": 1}, "schedule": {"due_by": "00:01"},
        }), encoding="utf-8")  # fmt: skip
        self.now = datetime.now(UTC)
        self.today = self.now.astimezone(self.settings.zone).date()
        self.tried: dict[Cell, Try] = {}

    @property
    def settings(self) -> Settings:
        return load(self.config)

    def fill(self) -> None:
        """Publish to the office, and let the share hold the same."""
        self.office.mkdir()
        days = tuple(self.today + n * DAY for n in (-1, 0, 1))
        settings = self.settings.model_copy(update={"stores": self.settings.stores[1:]})
        request = SnapshotRequest(
            run_id="scheduled__1", today=self.today, started_at=self.now, plan_dates=days, origin=Origin.SCHEDULED
        )
        assert not Snapshot(settings, request, open_store).run().fell_short

    def take(self, filled: Path) -> None:
        """Begin with what another site was filled with."""
        for name in ("archive", "office"):
            shutil.copytree(filled / name, self.folder / name)
        shutil.copytree(self.office, self.share)

    def lose_source(self) -> None:
        """From here on only the archive and the stores know the plan."""
        text = yaml.safe_load(self.config.read_text(encoding="utf-8"))
        empty = self.folder / "empty"
        empty.mkdir()
        text["source"] = {"kind": "files", "path": str(empty), "protected": "not_in_source", "columns": {
            "plan_date": "Datum", "team": "Grupp", "client_name": "Namn", "start": "Start", "minutes": "Längd",
        }}  # fmt: skip
        self.config.write_text(yaml.safe_dump(text), encoding="utf-8")

    def lose_archive(self) -> None:
        shutil.rmtree(self.folder / "archive")

    def look(self) -> list[Coverage]:
        """As the watch sees it: what lies there, with what the last deep check knows better."""
        notes, settings = read_verified(self.settings.watch.folder), self.settings
        found = [coverage(open_store(store), store, settings, datetime.now(UTC)) for store in settings.stores]
        return [with_verified(one, notes.get(one.store), settings) for one in found]

    def states(self) -> dict[str, set[State]]:
        return {found.store: {covered.state for covered in found.cells.values()} for found in self.look()}

    def plan(self, *, later: timedelta = timedelta()) -> HealingPlan:
        plan = plan_healing(self.look(), self.tried, self.settings, self.now + later, run_active=False)
        self.tried = dict(plan.tried)
        return plan

    def heal(self, *, later: timedelta = timedelta()) -> Result:
        """One round of the watch, as far as healing goes."""
        return heal(self.settings, self.plan(later=later).cells, datetime.now(UTC), open_store)

    def path(self, place: Path, day: int = 0, team: str = "Ullared", kind: Kind = Kind.LIST) -> Path:
        return place / artifact_name(self.today + day * DAY, kind, team, Format.PDF)

    def entry(self, place: Path, day: int = 0, team: str = "Ullared") -> Any:
        plan_date = self.today + day * DAY
        return read_manifest((place / manifest_name(plan_date)).read_bytes(), plan_date, "m").cells[team]

    def mtimes(self) -> dict[Path, int]:
        """When each copy was last written."""
        files = [file for place in (self.share, self.office) for file in place.glob("*schema *")]
        return {file: file.stat().st_mtime_ns for file in files}

    def lose(self, place: Path, day: int = 0, team: str = "Ullared") -> dict[str, bytes]:
        """Somebody deletes all four files of a cell; returns what they held."""
        plan_date = self.today + day * DAY
        held = {}
        for kind in Kind:
            for fmt in Format:
                file = place / artifact_name(plan_date, kind, team, fmt)
                held[file.name] = file.read_bytes()
                file.unlink()
        return held


@pytest.fixture(scope="module")
def filled(samba: SambaServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    Site(folder, samba).fill()
    return folder


@pytest.fixture
def site(samba: SambaServer, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", samba.connection_json())
    made = Site(tmp_path, samba)
    made.take(filled)
    return made


ALL_WELL = {State.OK, State.REMARKS}


def is_well(site: Site) -> bool:
    return all(states <= ALL_WELL for states in site.states().values())


def test_a_file_that_somebody_deletes_comes_back_and_nothing_else_is_touched(site: Site) -> None:
    lost = site.path(site.share)
    content = lost.read_bytes()
    lost.unlink()
    before = site.mtimes()
    result = site.heal()
    assert not result.fell_short
    assert lost.read_bytes() == content
    assert {file: at for file, at in site.mtimes().items() if file != lost} == before
    assert is_well(site)
    assert site.plan().cells == ()


def test_a_copy_that_is_gone_is_recorded_as_made_by_the_watch(site: Site) -> None:
    held = site.lose(site.share)
    site.heal()
    assert {name: (site.share / name).read_bytes() for name in held} == held
    assert site.entry(site.share).origin is Origin.HEALING
    assert site.entry(site.office).origin is Origin.SCHEDULED


@pytest.mark.parametrize("day", [-1, pytest.param(0, marks=pytest.mark.long), pytest.param(1, marks=pytest.mark.long)])
def test_the_archive_gives_what_is_gone_while_the_source_is_down(site: Site, day: int) -> None:
    site.lose_source()
    held = [site.lose(place, day) for place in (site.share, site.office)]
    result = site.heal()
    assert "rendered" in result.counts["render"]
    assert all((site.share / name).exists() and (site.office / name).exists() for name in held[0])
    assert is_well(site)


def test_what_neither_source_nor_archive_knows_is_taken_from_the_store_that_holds_it(site: Site) -> None:
    site.lose_source()
    site.lose_archive()
    held = site.lose(site.share, -1)
    before = site.entry(site.office, -1)
    site.heal()
    assert {name: (site.share / name).read_bytes() for name in held} == held
    assert site.entry(site.share, -1).content == before.content
    assert site.entry(site.office, -1) == before
    assert is_well(site)


def test_a_store_never_gives_what_is_not_what_its_record_says(site: Site) -> None:
    site.lose_source()
    site.lose_archive()
    site.lose(site.share, -1)
    flip(site.path(site.office, -1))
    with pytest.raises(SourceError):
        site.heal()
    assert not site.path(site.share, -1).exists()


def test_a_copy_that_nothing_can_make_is_given_up_after_three_tries(site: Site) -> None:
    site.lose_source()
    site.lose_archive()
    for place in (site.share, site.office):
        site.lose(place)
    for n in range(3):
        cells = site.plan(later=n * HOUR).cells
        assert cells == (Cell(site.today, "Ullared"),)
        with pytest.raises(SourceError):
            heal(site.settings, cells, datetime.now(UTC), open_store)
    plan = site.plan(later=3 * HOUR)
    assert (plan.cells, plan.given_up) == ((), dict.fromkeys(("share", "office"), cells))


def flip(file: Path) -> None:
    """One byte of a file, so that it still opens, with the size and time that it had."""
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x01
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_byte_that_flips_unseen_is_found_by_the_night_and_mended(site: Site) -> None:
    flipped = site.path(site.share)
    content = flipped.read_bytes()
    flip(flipped)
    assert is_well(site), "Neither size nor time tell."
    assert main(["--config", str(site.config), "verify", "--deep"]) == FELL_SHORT
    before = site.mtimes()
    site.heal()
    assert flipped.read_bytes() == content
    assert {file: at for file, at in site.mtimes().items() if file != flipped} == {
        file: at for file, at in before.items() if file != flipped
    }
    assert is_well(site), "It was written since the check."
    assert site.plan().cells == ()


def test_what_a_person_wrote_is_neither_asked_for_nor_overwritten(site: Site) -> None:
    edited = site.path(site.share)
    edited.write_bytes(b"%PDF-1.7\nby hand\n%%EOF\n")
    assert main(["--config", str(site.config), "verify", "--deep"]) == FELL_SHORT
    assert site.plan().cells == ()
    site.path(site.share, kind=Kind.OVERVIEW).unlink()
    site.heal()
    assert edited.read_bytes() == b"%PDF-1.7\nby hand\n%%EOF\n"
    assert site.path(site.share, kind=Kind.OVERVIEW).exists()


def test_a_newer_copy_beside_an_open_file_takes_its_place_once_that_is_closed(site: Site) -> None:
    held = site.path(site.share)
    content = held.read_bytes()
    held.write_bytes(content[:99])
    with open_elsewhere(site.samba, held):
        site.heal()
        (beside,) = site.share.glob("* (ny *).pdf")
        assert beside.read_bytes() == content
    assert site.plan(later=HOUR).cells == (Cell(site.today, "Ullared"),)
    site.heal(later=2 * HOUR)
    assert held.read_bytes() == content
    assert not beside.exists()
    assert is_well(site)
