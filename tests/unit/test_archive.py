"""The archive: what is kept is what a day's papers and verdicts need, whole, private, and no longer than the copies."""

import os
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from reservplan.archive import Archive, ArchiveDamaged, archive_json, archive_table, plan_removal
from reservplan.domain.days import Window, local_day
from reservplan.domain.errors import ReservplanError, SettingsError
from reservplan.domain.history import EarlierCopy
from reservplan.domain.judgement import Judgement, Marks
from reservplan.domain.manifest import whole_second
from reservplan.domain.plan import Cell, Plan
from reservplan.domain.verdict import Verdict
from reservplan.earlier import EarlierCaptures
from reservplan.extract import read_plan
from reservplan.extract.demo import write_demo_export
from reservplan.plan_files import plan_from_files, plan_of_day, plan_to_files
from reservplan.render import show_cell
from reservplan.settings import Settings, load
from reservplan.validate import judge

CONFIG = Path(__file__).parents[2] / "config" / "reservplan.yaml"
ZONE = ZoneInfo("Europe/Stockholm")
TODAY = date(2026, 11, 22)
ONE_DAY = timedelta(days=1)
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
SHA = "ab" * 32


def captured(folder: Path, today: date, seed: int = 220621) -> tuple[Settings, Plan]:
    write_demo_export(folder, today=today, days_back=2, days_ahead=2, seed=seed)
    settings = load(CONFIG)
    settings = settings.model_copy(update={"source": settings.source.model_copy(update={"path": str(folder)})})
    return settings, read_plan(settings, [today - ONE_DAY, today, today + ONE_DAY], datetime.now(UTC))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Plan]:
    return captured(tmp_path_factory.mktemp("exports"), TODAY)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(str(tmp_path / "archive"))


def judgements(plan: Plan, *days: date, verdict: Verdict = Verdict.COMPLETE) -> dict[Cell, Judgement]:
    return {
        cell: Judgement(verdict, (), 9, 0, 0, 2, captured_at=source.captured_at)
        for cell, source in plan.sources.items()
        if cell.plan_date in days
    }


def files_of(archive: Archive) -> list[Path]:
    root = archive.files.root
    assert isinstance(root, Path)
    return sorted(path for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize(("today", "seed"), [
    (TODAY, 1), (date(2026, 3, 29), 2), (date(2026, 10, 25), 3), (date(2028, 2, 29), 4),
])  # fmt: skip
def test_a_day_by_itself_gives_the_same_papers_and_verdicts_as_the_whole_plan(
    tmp_path: Path, today: date, seed: int
) -> None:
    settings, plan = captured(tmp_path, today, seed)
    alone = plan_from_files(plan_to_files(plan_of_day(plan, today, ZONE)))
    cells = [Cell(today, team.name) for team in settings.teams]
    verdicts = judge(plan, settings, cells)
    assert judge(alone, settings, cells) == verdicts
    marks = Marks(NOW, created_afterwards=False)
    for cell in cells:
        assert show_cell(alone, cell, verdicts[cell], settings, marks) == show_cell(
            plan, cell, verdicts[cell], settings, marks
        )


def test_a_day_by_itself_holds_of_its_neighbours_only_the_nights(demo: tuple[Settings, Plan]) -> None:
    _, plan = demo
    alone = plan_of_day(plan, TODAY, ZONE)
    others = alone.visits[alone.visits["plan_date"] != TODAY]
    assert 0 < len(others) < len(alone.visits) / 10
    after = others[others["plan_date"] == TODAY + ONE_DAY]
    assert (after["start"].dt.hour < 12).all()
    assert {cell.plan_date for cell in alone.sources} == {TODAY}


def test_what_is_kept_comes_back(archive: Archive, demo: tuple[Settings, Plan]) -> None:
    _, plan = demo
    assert archive.keep(plan, judgements(plan, TODAY, TODAY + ONE_DAY), SHA, ZONE) == 2
    assert archive.days() == [TODAY, TODAY + ONE_DAY]
    (capture,) = archive.captures(TODAY)
    assert len(capture.cells) == 11
    assert (capture.raw_sha256, capture.plan_date) == (SHA, TODAY)
    assert capture.source.endswith(".csv")
    assert "/" not in capture.source
    back, kept = archive.plan(capture), plan_of_day(plan, TODAY, ZONE)
    assert back.visits.equals(kept.visits)
    assert back.shifts.equals(kept.shifts)
    assert (back.sources, back.read_at) == (kept.sources, plan.read_at)


def test_the_same_capture_is_kept_once_and_a_later_one_comes_first(
    archive: Archive, demo: tuple[Settings, Plan]
) -> None:
    _, plan = demo
    judged = judgements(plan, TODAY)
    assert [archive.keep(plan, judged, SHA, ZONE) for _ in range(2)] == [1, 0]
    later = {
        cell: Judgement(Verdict.REMARKS, (), 9, 0, 0, 2, captured_at=one.captured_at + timedelta(hours=3))
        for cell, one in judged.items()
    }
    assert archive.keep(plan, later, SHA, ZONE) == 1
    first, second = archive.captures(TODAY)
    assert first.captured_at - second.captured_at == timedelta(hours=3)


def test_only_we_may_read_it_whatever_the_umask(archive: Archive, demo: tuple[Settings, Plan]) -> None:
    _, plan = demo
    before = os.umask(0)
    try:
        archive.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files_of(archive)} == {0o600}
    folders = {path.parent for path in files_of(archive)}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_no_name_of_a_file_and_no_record_of_a_capture_tells_of_anybody(
    archive: Archive, demo: tuple[Settings, Plan]
) -> None:
    _, plan = demo
    archive.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    people = {*plan.visits["client_name"], *plan.visits["employee_name"]} - {""}
    records = [path for path in files_of(archive) if path.suffix == ".json"]
    told = " ".join([*(path.name for path in files_of(archive)), *(path.read_text("utf-8") for path in records)])
    assert not [name for name in people if name in told]


def damage_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def damage_gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [damage_cut, damage_gone])
def test_a_capture_that_is_not_as_it_was_written_is_said_not_used(
    archive: Archive, demo: tuple[Settings, Plan], damage: object
) -> None:
    assert callable(damage)
    _, plan = demo
    archive.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    damage(next(path for path in files_of(archive) if path.name.endswith(".visits.parquet")))
    (capture,) = archive.captures(TODAY)
    with pytest.raises(ArchiveDamaged, match="captures/261122"):
        archive.plan(capture)


def test_a_damaged_capture_leaves_the_groups_of_the_others_compared(
    archive: Archive, demo: tuple[Settings, Plan]
) -> None:
    _, plan = demo
    first = judgements(plan, TODAY)
    damaged, whole = sorted(first)[:2]
    later = {cell: replace(one, captured_at=one.captured_at + timedelta(hours=1)) for cell, one in first.items()}
    for one in (first, later):
        archive.keep(plan, one, SHA, ZONE)
    newest = archive.captures(TODAY)[0]
    next(path for path in files_of(archive) if f"{newest.capture_id}.visits" in path.name).write_bytes(b"damaged")
    copies = {
        cell: EarlierCopy(9, 0, whole_second(captured[cell].captured_at), NOW, "x")
        for cell, captured in ((damaged, later), (whole, first))
    }
    read_again = replace(plan, sources={}, read_at=later[damaged].captured_at + timedelta(hours=1))
    visits = EarlierCaptures(archive).visits(copies, read_again)
    assert visits is not None
    assert set(visits["team"]) == {whole.team}


def test_a_run_that_was_killed_while_it_kept_leaves_nothing_that_counts(
    archive: Archive, demo: tuple[Settings, Plan]
) -> None:
    _, plan = demo
    archive.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    record = next(path for path in files_of(archive) if path.suffix == ".json" and not path.name.endswith("plan.json"))
    whole = record.read_bytes()
    for left in (whole[:40], b""):
        record.write_bytes(left)
        assert archive.captures(TODAY) == []
    record.unlink()
    assert archive.captures(TODAY) == []
    assert archive.keep(plan, judgements(plan, TODAY), SHA, ZONE) == 1
    assert len(archive.captures(TODAY)) == 1


def test_what_a_newer_version_has_written_is_left_out_and_left_alone(
    archive: Archive, demo: tuple[Settings, Plan]
) -> None:
    _, plan = demo
    archive.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    record = next(path for path in files_of(archive) if path.suffix == ".json" and not path.name.endswith("plan.json"))
    record.write_text(record.read_text("utf-8").replace('"schema": 1', '"schema": 2'), "utf-8")
    before = record.read_bytes()
    assert archive.captures(TODAY) == []
    assert record.read_bytes() == before


def test_a_day_goes_with_all_its_files_and_the_others_stay(archive: Archive, demo: tuple[Settings, Plan]) -> None:
    _, plan = demo
    archive.keep(plan, judgements(plan, TODAY, TODAY + ONE_DAY), SHA, ZONE)
    assert archive.remove(TODAY) == 4
    assert archive.days() == [TODAY + ONE_DAY]
    assert archive.remove(TODAY) == 0


def days(*back: int) -> list[date]:
    return [TODAY - timedelta(days=n) for n in back]


@pytest.mark.parametrize(("kept", "read_at", "gone", "refusals"), [
    (days(0, 14), NOW, [], ()),
    (days(0, 14, 15, 16), NOW, days(16, 15), ()),
    (days(0, *range(15, 20)), NOW, days(*range(19, 14, -1)), ()),
    (days(0, *range(15, 21)), NOW, days(*range(20, 14, -1)), ("many",)),
    (days(15), NOW - timedelta(days=3), days(15), ("stale",)),
    (days(15), None, days(15), ("stale",)),
    (days(15), NOW + timedelta(days=3), days(15), ("stale",)),
])  # fmt: skip
def test_what_is_older_than_the_window_goes_unless_the_clock_looks_wrong(
    kept: list[date], read_at: datetime | None, gone: list[date], refusals: tuple[str, ...]
) -> None:
    window = Window(local_day(NOW, ZONE), 14, 3)
    removal = plan_removal(kept, window, read_at, NOW, most_days=5)
    assert (list(removal.days), removal.refusals) == (gone, refusals)


@pytest.mark.parametrize(("language", "says"), [("sv", "Hela grupper"), ("en", "Whole groups")])
def test_the_list_says_what_is_kept(archive: Archive, demo: tuple[Settings, Plan], language: str, says: str) -> None:
    _, plan = demo
    assert "261122" not in archive_table([], language, ZONE)
    archive.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    text = archive_table(archive.captures(TODAY), language, ZONE)
    assert says in text
    assert "261122" in text
    assert "11/11" in text
    (listed,) = archive_json(archive.captures(TODAY))["captures"]
    assert listed["plan_date"] == "2026-11-22"
    assert listed["cells"]["Ullared"]["verdict"] == "complete"


@pytest.fixture
def nowhere(tmp_path: Path) -> Archive:
    (tmp_path / "file").write_text("x")
    return Archive(str(tmp_path / "file" / "archive"))


def test_an_archive_that_cannot_be_written_is_a_fault_and_no_capture(
    nowhere: Archive, demo: tuple[Settings, Plan]
) -> None:
    _, plan = demo
    with pytest.raises(ReservplanError, match="Archive at"):
        nowhere.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    assert nowhere.captures(TODAY) == []


def test_what_a_killed_run_left_is_removed_when_it_is_old_and_left_alone_while_another_may_write_it(
    archive: Archive, demo: tuple[Settings, Plan]
) -> None:
    _, plan = demo
    archive.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    whole = files_of(archive)
    folder = whole[0].parent
    old, fresh = folder / "killed.visits.parquet", folder / "running.visits.parquet"
    half, foreign = folder / "killed.json.12ab.half", folder / "somebody's.txt"
    for path in (old, fresh, half, foreign):
        path.write_bytes(b"x")
    long_ago = (datetime.now(UTC) - timedelta(hours=13)).timestamp()
    for path in (old, half, foreign, *whole):
        os.utime(path, (long_ago, long_ago))
    assert archive.keep(plan, judgements(plan, TODAY), SHA, ZONE) == 0
    assert files_of(archive) == sorted([*whole, fresh, foreign])
    assert len(archive.captures(TODAY)) == 1


def test_a_folder_of_ours_that_others_may_enter_is_closed_and_the_sites_own_is_left_as_it_is(
    archive: Archive, demo: tuple[Settings, Plan]
) -> None:
    _, plan = demo
    root = archive.files.root
    assert isinstance(root, Path)
    (root / "captures").mkdir(parents=True)
    for folder in (root, root / "captures"):
        folder.chmod(0o755)
    archive.keep(plan, judgements(plan, TODAY), SHA, ZONE)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (root, root / "captures")] == [0o755, 0o700]


@pytest.mark.parametrize("place", ["../copies", "../copies/archive"])
def test_an_archive_on_a_store_is_refused_by_the_settings(tmp_path: Path, place: str) -> None:
    tree = yaml.safe_load(CONFIG.read_text("utf-8"))
    tree |= {"archive": place, "stores": [{"name": "disk", "kind": "folder", "folder": "../copies"}]}
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "reservplan.yaml"
    file.write_text(yaml.safe_dump(tree), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"archive and stores\.disk\.folder|stores\.disk\.folder and archive"):
        load(file)
