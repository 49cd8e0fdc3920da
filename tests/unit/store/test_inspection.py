from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from reservplan.domain.errors import ManifestUnreadable, StoreBusy
from reservplan.domain.manifest import ArtifactEntry, Intended, Intent, Manifest, NewerManifest
from reservplan.domain.names import ARTIFACTS, Format, Kind
from reservplan.domain.plan import Cell
from reservplan.domain.standing import CellState, FileState
from reservplan.domain.verdict import Verdict
from reservplan.store.inspection import artifact_path, folders_of, inspect

from tests.unit.publish.cells import CELL, FIVE, HOUR, TODAY, entry, offer
from tests.unit.publish.site import Site, on, site_at

PLAIN = "220621 Brukarschema Ullared.pdf"
EVENING = datetime(2022, 6, 20, 18, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path) -> Site:
    return site_at(tmp_path / "share")


class Noting:
    """A store that notes which contents were read; some files are held open by somebody else alone."""

    def __init__(self, store, held=()):
        self.store, self.held, self.read, self.listed = store, held, [], 0

    def list_folder(self, path=""):
        self.listed += 1
        return self.store.list_folder(path)

    def read_many(self, paths):
        if set(self.held) & set(paths):
            raise StoreBusy("A file is open elsewhere.")
        self.read += [path for path in paths if not path.startswith(".reservplan")]
        return self.store.read_many(paths)


def standing_of(site, held=(), **how):
    with site.store as store:
        noting = Noting(store, held)
        return inspect(noting, site.settings.layout, [CELL], **how)[TODAY].standings["Ullared"], noting


def test_files_as_we_left_them_are_whole_without_being_read(site):
    site.run(offer())
    standing, noting = standing_of(site)
    assert (standing.state, standing.entry.visits, standing.unsealed) == (CellState.WHOLE, 212, False)
    assert (noting.read, noting.listed) == ([], 1)


def test_deep_reads_every_recorded_file_and_no_other(site):
    site.run(offer())
    site.put(site.path(CELL, suffix=" (tidigare)"), b"saved by hand")
    standing, noting = standing_of(site, deep=True)
    assert standing.state is CellState.WHOLE
    assert sorted(noting.read) == sorted(artifact.name for artifact in standing.entry.artifacts)


def test_only_the_file_whose_time_differs_is_read_and_its_bytes_tell(site):
    site.run(offer())
    site.put(site.path(CELL), site.path(CELL).read_bytes())
    standing, noting = standing_of(site)
    assert standing.state is CellState.WHOLE
    assert noting.read == [PLAIN]


@pytest.mark.parametrize(
    ("content", "state"),
    [(b"%PDF-1.7 changed %%EOF", FileState.EDITED), (b"%PDF-1.7 cut sh", FileState.DAMAGED), (b"", FileState.DAMAGED)],
    ids=["edited", "cut short", "empty"],
)
def test_a_file_that_differs_is_edited_where_it_opens_and_damaged_where_it_does_not(site, content, state):
    site.run(offer())
    site.put(site.path(CELL), content)
    assert standing_of(site)[0].files[PLAIN] is state


def test_a_workbook_that_somebody_has_given_a_password_is_edited_though_nothing_can_open_it(site):
    site.run(offer())
    workbook = site.path(CELL, fmt=Format.XLSX)
    site.put(workbook, bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))
    assert standing_of(site)[0].files[workbook.name] is FileState.EDITED


def test_a_file_that_differs_under_our_own_time_is_damaged_even_where_it_opens(site):
    site.run(offer())
    (ours,) = {artifact.mtime for artifact in site.standing(CELL).entry.artifacts}
    site.put(site.path(CELL), b"%PDF-1.7 changed %%EOF", ours)
    assert standing_of(site)[0].files[PLAIN] is FileState.DAMAGED


def test_a_file_that_differs_and_cannot_be_read_is_in_somebody_elses_hands(site):
    site.run(offer())
    site.put(site.path(CELL), b"%PDF-1.7 half saved")
    site.put(site.path(CELL, Kind.OVERVIEW), site.path(CELL, Kind.OVERVIEW).read_bytes())
    standing, _ = standing_of(site, held=[PLAIN])
    assert standing.edited == (PLAIN,)
    assert standing.state is CellState.WHOLE


def test_a_missing_file_makes_the_cell_damaged_and_four_make_it_nothing(site):
    site.run(offer())
    site.path(CELL).unlink()
    assert standing_of(site)[0].state is CellState.DAMAGED
    for path in list(site.root.glob("*Ullared*")):
        path.unlink()
    standing, _ = standing_of(site)
    assert standing.state is CellState.NOTHING
    assert standing.entry.visits == 212


def test_a_cell_that_no_record_knows_is_nothing_and_its_files_are_foreign(site):
    site.put(site.path(CELL), b"saved by hand")
    standing, noting = standing_of(site)
    assert (standing.state, standing.entry, standing.foreign) == (CellState.NOTHING, None, (PLAIN,))
    assert noting.read == []


def test_strays_are_unknown_files_under_the_days_names_of_any_team_and_no_others(site):
    site.run(offer(), on(offer(), team="Vessigebro"))
    for name in ("220621 Brukarschema Okänd.pdf", "220621 Brukarschema Ullared (ny 0301).pdf", "220621 anteckning.pdf",
                 "220622 Brukarschema Ullared.pdf", "220621 Brukarschema Ullared (tidigare).pdf"):  # fmt: skip
        site.put(site.root / name, b"saved by hand")
    assert site.day(CELL).strays == ("220621 Brukarschema Okänd.pdf", "220621 Brukarschema Ullared (ny 0301).pdf")


def test_two_copies_of_one_second_and_size_are_told_apart_by_their_bytes(site):
    site.run(offer(content="one"))
    at = site.at - timedelta(minutes=15)
    site.at = at
    site.publish(offer(content="two"), run_id="crashed")
    standing, noting = standing_of(site)
    assert PLAIN in noting.read
    assert standing.unsealed
    assert standing.entry.content == "two"


def test_a_better_copy_that_came_back_by_hand_is_what_a_new_one_must_beat(site):
    complete = entry(confirmed_at=FIVE)
    written = {slot: b"complete %d" % n for n, slot in enumerate(ARTIFACTS)}
    records = tuple(_record(artifact, written[artifact.kind, artifact.format]) for artifact in complete.artifacts)
    partial = entry(verdict=Verdict.INCOMPLETE, captured_at=FIVE + HOUR, content="partial")
    site.put(site.root / PLAIN, written[ARTIFACTS[0]])
    site.put(site.path(CELL, Kind.OVERVIEW), b"old")
    _record_day(site, complete.model_copy(update={"artifacts": records}), partial)
    standing, _ = standing_of(site)
    assert standing.entry.verdict is Verdict.COMPLETE
    assert standing.files[PLAIN] is FileState.WHOLE
    assert FileState.OLDER in standing.files.values()


def test_team_folders_are_listed_one_by_one_for_the_asked_teams_only(tmp_path):
    site = site_at(tmp_path / "share", layout="by-team")
    site.run(offer(), on(offer(), team="Vessigebro"), on(offer(), team="Ätran"))
    with site.store as store:
        noting = Noting(store)
        day = inspect(noting, "by-team", [CELL, Cell(TODAY, "Ätran")])[TODAY]
    assert noting.listed == 2
    assert {standing.state for standing in day.standings.values()} == {CellState.WHOLE}


def test_a_stick_has_the_workbooks_in_a_folder_of_their_own(tmp_path):
    site = site_at(tmp_path / "stick", layout="stick")
    site.run(offer())
    standing, noting = standing_of(site)
    assert (standing.state, standing.unsealed, noting.read, noting.listed) == (CellState.WHOLE, False, [], 2)
    there = sorted(str(path.relative_to(site.root)) for path in site.root.glob("Ullared/**/*.*"))
    assert there == [
        "Ullared/220621 Brukarschema Ullared.pdf",
        "Ullared/220621 Översiktsschema Ullared.pdf",
        "Ullared/Excel/220621 Brukarschema Ullared.xlsx",
        "Ullared/Excel/220621 Översiktsschema Ullared.xlsx",
    ]


def test_a_workbook_in_another_folder_than_its_own_is_a_stray_and_not_the_cells(tmp_path):
    site = site_at(tmp_path / "stick", layout="stick")
    site.run(offer())
    workbook = "220621 Brukarschema Ullared.xlsx"
    (site.root / "Ullared/Excel" / workbook).rename(site.root / "Ullared" / workbook)
    day = site.day(CELL)
    assert day.standings["Ullared"].files[workbook] is FileState.MISSING
    assert day.strays == (f"Ullared/{workbook}",)


def test_days_are_judged_apart_and_in_order(site):
    tomorrow = on(offer(), day=TODAY + timedelta(days=1))
    site.run(offer())
    (site.root / ".reservplan/220622.json").write_bytes(b"{")
    with site.store as store:
        days = inspect(store, "flat", [tomorrow.cell, CELL])
    assert list(days) == [TODAY, tomorrow.cell.plan_date]
    assert days[TODAY].standing("Ullared").state is CellState.WHOLE
    assert isinstance(days[tomorrow.cell.plan_date].standing("Ullared"), ManifestUnreadable)


def test_a_newer_intent_blocks_its_day(site):
    (site.root / ".reservplan").mkdir()
    (site.root / ".reservplan/220621.intent.json").write_text('{"schema": 2}')
    day = site.day(CELL)
    assert day.blocks
    assert isinstance(day.fault, NewerManifest)


def test_a_newer_manifest_is_not_read_from_the_one_before(site):
    site.run(offer())
    site.run(offer(captured_at=FIVE + HOUR))
    (site.root / ".reservplan/220621.json").write_text('{"schema": 2}')
    assert site.day(CELL).blocks


def test_a_store_that_has_never_been_written_has_nothing_and_no_fault(site):
    day = site.day(CELL)
    assert (day.manifest, day.intent, day.fault, day.strays) == (None, None, None, ())
    assert day.standings["Ullared"].state is CellState.NOTHING


def test_paths_are_in_normal_form_c():
    assert artifact_path("by-team", "A\u0308tran", "O\u0308versikt.pdf") == "Ätran/Översikt.pdf"
    assert artifact_path("stick", "A\u0308tran", "O\u0308versikt.xlsx") == "Ätran/Excel/Översikt.xlsx"


@pytest.mark.parametrize(
    ("layout", "folders"), [("flat", ("",)), ("by-team", ("Ätran",)), ("stick", ("Ätran", "Ätran/Excel"))]
)
def test_a_teams_folders_follow_from_the_layout(layout, folders):
    assert folders_of(layout, "A\u0308tran") == folders


def _record(artifact: ArtifactEntry, content: bytes) -> ArtifactEntry:
    return artifact.model_copy(
        update={"sha256": sha256(content).hexdigest(), "bytes": len(content), "mtime": EVENING}
    )  # fmt: skip


def _record_day(site: Site, sealed, intended) -> None:
    folder = site.root / ".reservplan"
    folder.mkdir()
    manifest = Manifest(plan_date=TODAY, sealed_at=FIVE, run_id="before", cells={"Ullared": sealed})
    (folder / "220621.json").write_bytes(manifest.to_bytes())
    cells = {"Ullared": Intended(run_id="run", written_at=FIVE, entry=intended)}
    (folder / "220621.intent.json").write_bytes(Intent(plan_date=TODAY, cells=cells).to_bytes())
