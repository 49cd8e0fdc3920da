"""The drill on a real share and a folder: what a reader in an outage would get, read back from real copies."""

import contextlib
import io
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pikepdf
import pytest
import yaml
from pypdf import PdfReader
from reservplan.cli import main
from reservplan.commands.terminal import COULD_NOT_RUN, DONE, FELL_SHORT, open_store
from reservplan.domain.names import Format, Kind, artifact_name
from reservplan.drill_records import Drilled, Trial
from reservplan.drilling import Asked, drill
from reservplan.run_notes import RunNotes

from servers.airflow_home import read_dag
from servers.samba import SambaServer
from tests.integration.test_healing import Site


@pytest.fixture(scope="module")
def filled(samba: SambaServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drilled")
    Site(folder, samba).fill()
    return folder


@pytest.fixture
def site(samba: SambaServer, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", samba.connection_json())
    made = Site(tmp_path, samba)
    made.take(filled)
    return made


def drilled(site: Site, asked: Asked | None = None) -> Drilled:
    return drill(site.settings, asked or Asked(("Ullared",)), {}, datetime.now(UTC), open_store)


def trial_at(found: Drilled, store: str) -> Trial:
    return next(one for of in found.stores if of.store == store for one in of.trials)


def copy_of(site: Site, fmt: Format = Format.PDF, kind: Kind = Kind.LIST, day: int = 0) -> Path:
    name = site.path(site.share, day, kind=kind).name
    return site.share / name.replace(".pdf", f".{fmt}")


def client_names(workbook: Path) -> set[str]:
    sheet = openpyxl.load_workbook(workbook).worksheets[0]
    cells = [str(row[4]) for row in sheet.iter_rows(min_row=3, values_only=True) if row[4]]
    return {cell.splitlines()[0] for cell in cells}


def test_whole_copies_pass_at_every_store_with_counts_that_agree(site: Site) -> None:
    found = drilled(site)
    assert found.passed
    assert [of.store for of in found.stores] == ["share", "office"]
    for of in found.stores:
        (trial,) = of.trials
        assert trial.visits == trial.recorded == trial.rows
        assert trial.visits
        assert trial.pages > 5
        assert trial.files == 4
        assert trial.overview_rows > 5
        assert trial.seconds > 0


def remove(site: Site) -> None:
    copy_of(site).unlink()


def cut_off(site: Site) -> None:
    path = copy_of(site)
    path.write_bytes(path.read_bytes()[:3000])


def rename_tomorrows(site: Site) -> None:
    shutil.copyfile(copy_of(site, day=1), copy_of(site))


def rename_other_groups(site: Site) -> None:
    shutil.copyfile(site.path(site.share, team="Vessigebro"), copy_of(site))


def lose_a_page(site: Site) -> None:
    with pikepdf.open(copy_of(site), allow_overwriting_input=True) as document:
        del document.pages[3]
        document.save(copy_of(site))


def lose_rows(site: Site) -> None:
    path = copy_of(site, Format.XLSX)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].delete_rows(10, 12)
    book.save(path)


def lose_the_overview(site: Site) -> None:
    copy_of(site, Format.PDF, Kind.OVERVIEW).unlink()


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (cut_off, "not_opened"),
        (rename_tomorrows, "other_day"),
        pytest.param(rename_other_groups, "other_group", marks=pytest.mark.long),
        (lose_a_page, "page_lost"),
        (lose_rows, "rows_gone"),
        pytest.param(lose_the_overview, "missing_overview_pdf", marks=pytest.mark.long),
    ],
)
def test_a_copy_that_a_reader_could_not_use_fails(site: Site, harm: Callable[[Site], None], code: str) -> None:
    harm(site)
    found = drilled(site, Asked(("Ullared",), "share"))
    assert code in trial_at(found, "share").faults


def test_a_copy_that_is_gone_fails_at_its_store_alone(site: Site) -> None:
    remove(site)
    found = drilled(site)
    assert trial_at(found, "share").faults == ("missing_list_pdf",)
    assert trial_at(found, "office").passed


def test_a_store_that_is_away_fails_and_the_other_is_drilled(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(site.share)
    assert main(["--config", str(site.config), "drill"]) == FELL_SHORT
    told = capsys.readouterr()
    assert "share: inget går att hämta." in told.err
    assert told.out.count("Godkänd") == 2
    shutil.rmtree(site.office)
    assert main(["--config", str(site.config), "drill"]) == COULD_NOT_RUN


def test_an_incomplete_copy_passes_with_a_remark_for_it_says_so_itself(site: Site) -> None:
    """What is drilled is whether a reader gets what the store holds; that the plan is not whole, the watch tells."""
    export = site.folder / "plan.csv"
    day = site.today.isoformat()
    rows = [f"{day};Ullared;Anna A;{time};30;Bo B" for time in ("07:00", "08:00", "trasig", "sönder", "09:00")]
    export.write_text("Datum;Grupp;Namn;Start;Längd;Medarbetare\n" + "\n".join(rows), encoding="utf-8")
    settings = yaml.safe_load(site.config.read_text(encoding="utf-8"))
    settings["teams"] = ["Ullared"]
    settings["source"] = {"kind": "files", "path": str(export), "protected": "not_in_source", "columns": {
        "plan_date": "Datum", "team": "Grupp", "client_name": "Namn", "start": "Start", "minutes": "Längd",
        "employee_name": "Medarbetare",
    }}  # fmt: skip
    site.config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    for place in (site.share, site.office):
        shutil.rmtree(place)
        place.mkdir()
    main(["--config", str(site.config), "snapshot", "--date", day])
    found = trial_at(drilled(site, Asked(store="share")), "share")
    assert found.passed, found.faults
    assert "incomplete" in found.remarks


def test_the_command_keeps_a_protocol_and_copies_that_nobody_takes_for_a_plan(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    copies = site.folder / "copies"
    assert main(["--config", str(site.config), "drill", "--team", "Ullared", "--copy", str(copies)]) == DONE
    (copy,) = copies.iterdir()
    assert copy.name == f"ÖVNING {artifact_name(site.today, Kind.LIST, 'Ullared', Format.PDF)}"
    assert copy.stat().st_mode & 0o777 == 0o600
    pages = [page.extract_text() for page in PdfReader(copy).pages]
    assert len(pages) == len(PdfReader(copy_of(site)).pages)
    assert all(page.count("ÖVNING") >= 2 for page in pages)

    kept = site.folder / "watch" / "drills"
    assert {file.suffix for file in kept.iterdir()} == {".html", ".json", ".pdf"}
    assert {file.stat().st_mode & 0o777 for file in kept.iterdir()} == {0o600}
    told = capsys.readouterr()
    (protocol,) = kept.glob("*.pdf")
    texts = [told.out, told.err, *(file.read_text() for file in kept.iterdir() if file.suffix != ".pdf")]
    texts += [page.extract_text() for page in PdfReader(protocol).pages]
    names = client_names(copy_of(site, Format.XLSX))
    assert len(names) > 20
    assert not [name for name in names for text in texts if name in text]
    assert str(protocol) in told.out


def test_a_group_that_nobody_knows_is_refused(site: Site) -> None:
    assert main(["--config", str(site.config), "drill", "--team", "Nowhere"]) == COULD_NOT_RUN


def run_dag(conf: dict[str, object]) -> tuple[str, str]:
    """Run the DAG to its end; returns its state, and every line that was printed or logged."""
    printed = io.StringIO()
    handler = logging.StreamHandler(printed)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            run = read_dag("reservplan_drill").test(run_conf=conf)
    finally:
        logging.getLogger().removeHandler(handler)
    return str(run.state), printed.getvalue()


@pytest.mark.usefixtures("airflow_database")
def test_a_failed_drill_leaves_a_note_for_the_watch_and_its_log_names_no_client(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESERVPLAN_CONFIG", str(site.config))
    names = client_names(copy_of(site, Format.XLSX))
    lose_a_page(site)
    state, log = run_dag({"groups": ["Ullared"], "store": "share"})
    assert state == "failed"
    (note,) = RunNotes(f"{site.settings.watch.folder}/notes").all()
    assert note.job == "drill"
    assert "share, Ullared: en sida saknas." in note.what
    assert "drills/" in log
    assert not [name for name in names if name in log]
