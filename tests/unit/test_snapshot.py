"""The steps' own decisions: batches, and what an unreachable store or a failed cell costs the others."""

import os
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from reservplan import snapshot as module
from reservplan.domain.errors import StoreBusy, StoreUnreachable
from reservplan.domain.manifest import Origin
from reservplan.domain.names import parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.reading import Reading
from reservplan.settings import Settings, StoreSettings
from reservplan.snapshot import CELLS_IN_A_BATCH, Snapshot, SnapshotRequest
from reservplan.store import open_store

TODAY = date(2026, 11, 22)


def snapshot(folder: Path, teams: int = 2, **changes: Any) -> Snapshot:
    stores = [{"name": name, "kind": "folder", "folder": str(folder / name)} for name in ("share", "office")]
    settings = Settings.model_validate({
        "organisation": "Falkenbergs kommun", "teams": [f"Grupp {n}" for n in range(teams)], "source": {"kind": "demo"},
        "stores": stores, "staging": str(folder / "staging"), "archive": str(folder / "archive"),
        "reports": str(folder / "reports"),
        "window": {"days_back": 14, "days_ahead": 0}, **changes,
    })  # fmt: skip
    now = datetime.now(UTC)
    today = now.astimezone(settings.zone).date()
    request = SnapshotRequest(run_id="r", today=today, started_at=now, plan_dates=(today,), origin=Origin.MANUAL)
    return Snapshot(settings, request, lambda store: open_store(store, None))


def cells(teams: int, days: int) -> list[Cell]:
    return [Cell(TODAY + timedelta(days=day), f"Grupp {n}") for day in range(days) for n in range(teams)]


@pytest.mark.parametrize(("teams", "days", "sizes"), [
    (11, 4, [44]), (25, 4, [100]), (26, 4, [26] * 4), (300, 1, [100, 100, 100]),
    (150, 2, [100, 50, 100, 50]), (0, 1, []),
])  # fmt: skip
def test_a_few_cells_are_one_batch_and_many_at_most_a_hundred_of_one_day(
    tmp_path: Path, teams: int, days: int, sizes: list[int]
) -> None:
    made = snapshot(tmp_path)
    asked = cells(teams, days)
    batches = made._batches(asked, set(asked[::2]))
    assert [batch.cells for batch in batches] == sizes
    staged = [made.files.cells_of(batch) for batch in batches]
    assert sorted(cell for batch in staged for cell in batch.cells) == sorted(asked)
    assert {cell for batch in staged for cell in batch.lacking} == set(asked[::2])
    if len(asked) > CELLS_IN_A_BATCH:
        assert all(len({cell.plan_date for cell in batch.cells}) == 1 for batch in staged)


def test_a_store_that_is_away_is_said_and_the_other_gets_its_copies(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    result = snapshot(tmp_path).run()
    assert any(text.startswith("share: ") for text in result.fell_short)
    assert len([path for path in (tmp_path / "office").iterdir() if parse_artifact_name(path.name)]) == 8
    assert not (tmp_path / "share").exists()
    assert not list((tmp_path / "staging").iterdir())


def test_with_no_store_at_all_nothing_is_rendered_and_staging_is_empty(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable):
        snapshot(tmp_path).run()
    assert not list((tmp_path / "staging").iterdir())


def test_a_store_that_lacks_one_copy_gets_that_one_and_the_other_store_is_left_alone(tmp_path: Path) -> None:
    for name in ("share", "office"):
        (tmp_path / name).mkdir()
    assert not snapshot(tmp_path).run().fell_short
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "share").iterdir() if path.is_file()}
    lost = next(
        path
        for path in (tmp_path / "office").iterdir()
        if path.name.endswith(" Brukarschema Grupp 1.pdf") and parse_artifact_name(path.name)
    )
    lost.unlink()
    result = snapshot(tmp_path).run()
    assert not result.fell_short
    assert result.counts["render"] == {"rendered": 1}
    assert lost.exists()
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_store_that_fails_while_it_is_written_costs_the_other_nothing(tmp_path: Path) -> None:
    for name in ("share", "office"):
        (tmp_path / name).mkdir()
    made = snapshot(tmp_path)
    opened: list[str] = []

    def open_twice_only(settings: StoreSettings) -> Store:
        opened.append(settings.name)
        # Seen before extract and at compare; gone when its turn to be written comes.
        if settings.name == "share" and opened.count("share") > 2:
            raise StoreUnreachable("share: it is gone.", do="Wait.")
        return open_store(settings, None)

    made.open_store = open_twice_only
    result = made.run()
    assert "share: it is gone. Wait." in result.fell_short
    assert len([path for path in (tmp_path / "office").iterdir() if parse_artifact_name(path.name)]) == 8
    assert os.listdir(tmp_path / "staging") == []


def test_a_cell_of_which_only_a_part_was_staged_is_not_published_and_the_others_are(tmp_path: Path) -> None:
    for name in ("share", "office"):
        (tmp_path / name).mkdir()
    made = snapshot(tmp_path)
    made.extract()
    made.validate()
    (batch,) = made.compare()
    made.render(batch)
    torn = next((tmp_path / "staging").glob("run-*/rendered/*Grupp 1*"))
    torn.write_bytes(torn.read_bytes()[:1000])
    made.publish("share", [batch])
    made.seal("share")
    names = {path.name for path in (tmp_path / "share").iterdir() if path.is_file()}
    assert len(names) == 4
    assert all("Grupp 0" in name for name in names)
    (short,) = made.shortfalls("share")
    assert "Grupp 1" in short


def test_a_store_that_is_tried_again_gets_the_rest_and_what_was_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CELLS_IN_A_BATCH", 2)
    for name in ("share", "office"):
        (tmp_path / name).mkdir()
    made = snapshot(tmp_path, teams=4)
    made.extract()
    made.validate()
    first, second = made.compare()
    made.render(first)
    made.render(second)
    assert made.publish("share", [first]) == {"publish": 2}
    before = {path: path.stat().st_ino for path in (tmp_path / "share").iterdir() if path.is_file()}
    said: list[str] = []
    made.say = said.append
    assert made.publish("share", [first, second]) == {"publish": 4}
    assert said[-1] == "  written to share: 8 of 8"
    assert len(before) == 8
    assert {path: path.stat().st_ino for path in before} == before
    assert made.seal("share")["cells"] == 4


def test_a_run_that_meets_another_at_a_store_waits_for_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TURN_PAUSE_SECONDS", 0.05)
    for name in ("share", "office"):
        (tmp_path / name).mkdir()
    made = snapshot(tmp_path)
    made.extract()
    made.validate()
    (batch,) = made.compare()
    made.render(batch)
    said: list[str] = []
    with ExitStack() as another:

        def let_go(text: str) -> None:
            said.append(text)
            another.close()

        store = another.enter_context(open_store(made.settings.stores[0], None))
        another.enter_context(store.lock("backfill"))
        with pytest.raises(StoreBusy):
            made.publish("share", [batch])
        made.turn_seconds, made.say = 60, let_go
        assert made.publish("share", [batch]) == {"publish": 2}
    assert said[0].startswith("  waits: share: ")
    assert "backfill" in said[0]


def test_what_tells_that_nothing_changed_is_the_same_wherever_the_exports_are_mounted(tmp_path: Path) -> None:
    def told(path: str) -> str:
        columns = {"plan_date": "Datum", "team": "Grupp", "client_name": "Namn", "start": "Start", "end": "Slut"}
        made = snapshot(tmp_path, source={"kind": "files", "path": path, "columns": columns})
        return Reading(made.settings, made.request, made.files, "input").made_of[Cell(made.request.today, "Grupp 0")]

    assert told("/srv/one/exports/{team} {plan_date:%y%m%d}.csv") == told("/mnt/two/{team} {plan_date:%y%m%d}.csv")
    assert told("/srv/one/{team} {plan_date:%y%m%d}.csv") != told("/srv/one/{team} {plan_date:%d%m%y}.csv")
