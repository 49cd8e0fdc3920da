"""The snapshot as it runs in the house: real Airflow, a real export, a real Samba; judged by what lies on the share."""

import contextlib
import csv
import io
import json
import logging
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from reservplan.domain.days import local_day
from reservplan.domain.names import ROUTINE_NAME, START_PAGE_NAME, Format, Kind, WeekPackName, artifact_name
from reservplan.extract.demo import write_demo_export
from reservplan.settings import Settings, load

from servers.airflow_home import PROJECT, AirflowHome, read_dag
from servers.samba import SambaServer

TEAMS = ("Ullared", "Vessigebro", "Älvsered")
FOLDER = "Genom Airflow – Besöksplanering ÅÄÖ"
NO_VISITS = {"Rast", "Restid", "Möte"}
AFTER_MIDNIGHT = "efter midnatt"


@dataclass(frozen=True)
class Played:
    """One run: what Airflow said, what was logged, and where everything lies."""

    run: Any
    log: str
    settings: Settings
    export: Path
    folder: Path
    days: tuple[date, ...]
    home: AirflowHome

    def rows(self, day: date, team: str) -> list[dict[str, str]]:
        """The export's visits of a cell that are to be printed."""
        text = self.export.read_text(encoding="utf-8-sig")
        return [
            row
            for row in csv.DictReader(io.StringIO(text), delimiter=";")
            if (row["Datum"], row["Grupp"]) == (day.isoformat(), team)
            and row["Insatser"] not in NO_VISITS
            and row["Status"] != "Inställt"
        ]


def configuration(folder: Path) -> Path:
    tree = yaml.safe_load((PROJECT / "config" / "reservplan.yaml").read_text(encoding="utf-8"))
    tree["teams"] = list(TEAMS)
    tree["window"] = {"days_back": 14, "days_ahead": 1}
    tree["source"]["path"] = "exports"
    tree["source"]["teams"] = {}
    tree["stores"] = [{"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": FOLDER}]
    tree |= {"staging": "staging", "archive": "archive", "reports": "reports"}
    file = folder / "reservplan.yaml"
    file.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return file


def run_dag(conf: dict[str, Any] | None = None) -> tuple[Any, str]:
    """Run the DAG to its end; returns the run and every line that was printed or logged."""
    printed = io.StringIO()
    handler = logging.StreamHandler(printed)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            run = read_dag("reservplan_snapshot").test(run_conf=conf)
    finally:
        logging.getLogger().removeHandler(handler)
    return run, printed.getvalue()


@pytest.fixture(scope="module")
def played(
    samba: SambaServer, airflow_database: AirflowHome, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    """The first run, onto an empty folder of the share."""
    (samba.share_path / FOLDER).mkdir()
    folder = tmp_path_factory.mktemp("through-airflow")
    config = configuration(folder)
    settings = load(config)
    today = local_day(datetime.now(UTC), settings.zone)
    export = write_demo_export(folder / "exports", teams=len(TEAMS), days_back=1, days_ahead=1, today=today)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESERVPLAN_CONFIG", str(config))
        patch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", samba.connection_json())
        run, log = run_dag()
        days = (today, today + timedelta(days=1))
        yield Played(run, log, settings, export, samba.share_path / FOLDER, days, airflow_database)


def on_disk(folder: Path) -> dict[str, tuple[int, str]]:
    """Each file below a folder with its mtime and a hash of its bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_the_run_succeeds_with_every_step(played: Played) -> None:
    states = {(ti.task_id, ti.map_index): str(ti.state) for ti in played.run.get_task_instances()}
    assert str(played.run.state) == "success", played.log[-3000:]
    assert set(states.values()) == {"success"}
    assert {task for task, _ in states} >= {
        "extract",
        "validate",
        "compare",
        "render",
        "publish",
        "seal",
        "shelf",
        "whole",
    }


def test_each_group_and_day_lies_there_under_the_routines_names(played: Played) -> None:
    wanted = {
        artifact_name(day, kind, team, fmt) for day in played.days for team in TEAMS for kind in Kind for fmt in Format
    }
    packs = {str(WeekPackName(monday, team)) for monday in _mondays(played.days) for team in TEAMS}
    found = {path.name for path in played.folder.iterdir() if path.is_file()}
    assert found == wanted | packs | {START_PAGE_NAME, ROUTINE_NAME}
    assert all(name == unicodedata.normalize("NFC", name) for name in found)
    assert f"{played.days[0]:%y%m%d} Översiktsschema Älvsered.pdf" in found


def _mondays(days: tuple[date, ...]) -> set[date]:
    return {day - timedelta(days=day.weekday()) for day in days}


def test_the_manifest_tells_what_lies_there(played: Played) -> None:
    for day in played.days:
        manifest = json.loads((played.folder / ".reservplan" / f"{day:%y%m%d}.json").read_text(encoding="utf-8"))
        assert set(manifest["cells"]) == set(TEAMS)
        for team, cell in manifest["cells"].items():
            assert cell["origin"] == "manual"
            assert cell["verdict"] in ("complete", "remarks")
            assert cell["visits"] == len(played.rows(day, team))
            for artifact in cell["artifacts"]:
                content = (played.folder / artifact["name"]).read_bytes()
                assert (len(content), sha256(content).hexdigest()) == (artifact["bytes"], artifact["sha256"])
    assert not list(played.folder.rglob("*.intent.json")), "The seal takes away what it has made good."


@pytest.mark.parametrize("team", TEAMS)
def test_every_visit_stands_unmarked_on_exactly_one_list_in_excel(played: Played, team: str) -> None:
    for day in played.days:
        sheet = openpyxl.load_workbook(played.folder / artifact_name(day, Kind.LIST, team, Format.XLSX)).worksheets[0]
        found = Counter(
            (start, client.split("\n")[0], "" if employee.isupper() else employee)
            for employee, _, start, _, client, _, _, note, *_ in sheet.iter_rows(min_row=3, values_only=True)
            if client and AFTER_MIDNIGHT not in (note or "")
        )
        wanted = Counter(
            (row["Starttid"], f"{row['Förnamn']} {row['Efternamn']}", row["Medarbetare"])
            for row in played.rows(day, team)
        )
        assert found == wanted


@pytest.mark.parametrize("team", TEAMS)
def test_every_visit_stands_on_the_printed_list(played: Played, team: str) -> None:
    day = played.days[0]
    text = printed(played.folder / artifact_name(day, Kind.LIST, team, Format.PDF))
    for row in played.rows(day, team):
        start = datetime.strptime(row["Starttid"], "%H:%M")  # noqa: DTZ007 - a time of day
        end = start + timedelta(minutes=int(row["Längd"]))
        assert f"{start:%H:%M}–{end:%H:%M}" in text
        assert row["Telefon"] in text
        # A long name is broken over lines, with the phone between: each of its words stands there.
        for word in f"{row['Förnamn']} {row['Efternamn']}".replace("-", " ").split():
            assert word in text


def test_every_page_says_day_group_capture_and_its_number(played: Played) -> None:
    day, team = played.days[0], TEAMS[0]
    for kind in Kind:
        file = played.folder / artifact_name(day, kind, team, Format.PDF)
        sheets = printed(file, "-layout").split("\f")[:-1]
        for number, page in enumerate(sheets, start=1):
            assert f"VECKA {day.isocalendar().week}" in page.upper()
            assert team in page
            assert "Hämtat" in page
            assert f"Sida {number} av {len(sheets)}" in page


def test_staging_is_empty_and_private(played: Played) -> None:
    staging = Path(played.settings.staging)
    assert list(staging.iterdir()) == []
    assert staging.stat().st_mode & 0o077 == 0


def test_a_second_run_changes_nothing(played: Played) -> None:
    before = on_disk(played.folder)
    run, log = run_dag()
    assert str(run.state) == "success", log[-3000:]
    assert on_disk(played.folder) == before
    states = {ti.task_id: str(ti.state) for ti in run.get_task_instances()}
    assert states["render"] == "skipped", "What is unchanged is not even rendered."


@pytest.mark.usefixtures("played")
def test_a_group_that_nobody_knows_is_refused_before_anything_is_read() -> None:
    run, log = run_dag({"teams": ["Ulared"]})
    assert str(run.state) == "failed"
    assert "Did you mean Ullared?" in log


def printed(file: Path, *options: str) -> str:
    """The text of a PDF, as a program that is not ours reads it; a form feed ends each page."""
    command = [shutil.which("pdftotext") or "pdftotext", *options, str(file), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
