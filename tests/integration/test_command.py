"""The `reservplan` command as a hand or a script uses it: what it does, what it says, and its exit status."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from reservplan.domain.names import is_paper_name, parse_artifact_name
from reservplan.extract.demo import write_demo_export

from servers.samba import SambaServer

COMMAND = Path(sys.executable).with_name("reservplan")
EXAMPLE = Path(__file__).parents[2] / "config" / "reservplan.yaml"
TEAMS = ["Ullared", "Älvsered"]


@dataclass
class Office:
    """A configuration with its export and a folder as the only store."""

    root: Path

    @property
    def copies(self) -> Path:
        return self.root / "copies"

    @property
    def today(self) -> date:
        return datetime.now(ZoneInfo("Europe/Stockholm")).date()

    def configure(self, **changes: object) -> None:
        tree = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
        tree |= {
            "teams": TEAMS,
            "window": {"days_back": 14, "days_ahead": 1},
            "stores": [{"name": "disk", "kind": "folder", "folder": "copies"}],
            "alerts": {"critical": ["drift"]},
            "staging": "staging",
            "archive": "archive",
            "reports": "reports",
            "watch": {"folder": "watch"},
            **changes,
        }
        tree["source"] |= {"path": "exports", "teams": {}, "ignore_teams": self.others}
        (self.root / "reservplan.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")

    @property
    def others(self) -> list[str]:
        """Groups of the demo that this office has nothing to do with."""
        names = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["teams"]
        return [name for name in names if name not in TEAMS]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "RESERVPLAN"))}
        return subprocess.run(
            [COMMAND, "--config", self.root / "reservplan.yaml", *arguments],
            capture_output=True, text=True, check=False, cwd="/", env=environment | variables, timeout=120,
        )  # fmt: skip

    def files(self) -> dict[str, tuple[int, int]]:
        """The cells' files."""
        return {name: stamp for name, stamp in self._stamps().items() if parse_artifact_name(name)}

    def papers(self) -> dict[str, tuple[int, int]]:
        """Start page, routine and week packs."""
        return {name: stamp for name, stamp in self._stamps().items() if is_paper_name(name)}

    def _stamps(self) -> dict[str, tuple[int, int]]:
        files = [path for path in self.copies.iterdir() if path.is_file()]
        return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.copies.mkdir()
    write_demo_export(tmp_path / "exports", teams=11, days_back=1, days_ahead=1, today=made.today, seed=1)
    made.configure()
    return made


def test_a_snapshot_publishes_every_cell_and_a_second_one_touches_nothing(office: Office) -> None:
    first = office.run("snapshot")
    assert (first.returncode, first.stderr) == (0, "")
    before = office.files()
    names = {parse_artifact_name(name) for name in before}
    assert {(name.plan_date, name.team) for name in names if name} == {
        (day, team) for day in (office.today, office.today + timedelta(days=1)) for team in TEAMS
    }
    assert len(before) == 16
    weeks = {(office.today + timedelta(days=n)).isocalendar()[:2] for n in range(2)}
    papers = office.papers()
    assert len(papers) == 2 + len(weeks) * len(TEAMS)
    assert not any((office.root / "staging").iterdir())

    second = office.run("snapshot")
    assert (second.returncode, second.stderr) == (0, "")
    assert (office.files(), office.papers()) == (before, papers)

    status = office.run("status", "--json")
    assert status.returncode == 0, status.stderr
    assert "ok" in json.dumps(json.loads(status.stdout))
    table = office.run("status")
    assert all(team in table.stdout for team in TEAMS)

    verified = office.run("verify", "--deep")
    assert verified.returncode == 0, verified.stderr
    assert f"{16 + len(papers)} files" in verified.stdout

    (office.copies / sorted(before)[0]).unlink()
    assert office.run("status").returncode == 1
    spoiled = office.run("verify")
    assert spoiled.returncode == 1
    assert sorted(before)[0] in spoiled.stderr
    mended = office.run("snapshot")
    assert mended.returncode == 0, mended.stderr
    assert office.files().keys() == before.keys()
    assert office.run("verify").returncode == 0


def test_a_past_day_means_that_day_only_and_says_that_it_was_made_afterwards(office: Office) -> None:
    yesterday = office.today - timedelta(days=1)
    done = office.run("snapshot", "--date", yesterday.isoformat(), "--team", "Älvsered")
    assert (done.returncode, done.stderr) == (0, "")
    assert {name[:6] for name in office.files()} == {f"{yesterday:%y%m%d}"}
    page = subprocess.run(
        ["pdftotext", office.copies / f"{yesterday:%y%m%d} Brukarschema Älvsered.pdf", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "EFTERSKAPAD" in page


def test_force_writes_unchanged_cells_anew(office: Office) -> None:
    office.run("snapshot", "--team", "Ullared")
    before = office.files()
    forced = office.run("snapshot", "--team", "Ullared", "--force")
    assert forced.returncode == 0, forced.stderr
    after = office.files()
    assert after.keys() == before.keys()
    assert all(after[name][1] >= before[name][1] for name in before)


def test_an_incomplete_cell_is_published_and_said(office: Office) -> None:
    office.configure(teams=[*TEAMS, "Nybildad"])
    done = office.run("snapshot")
    assert done.returncode == 1
    assert "Nybildad" in done.stderr
    assert len(office.files()) == 16


@pytest.mark.parametrize(("arguments", "says"), [
    (["snapshot", "--team", "Ulared"], "Did you mean Ullared?"),
    pytest.param(["snapshot", "--date", "2026-13-01"], "is no date", marks=pytest.mark.long),
    pytest.param(["snapshot", "--date", "2026-11-22", "--to", "2026-11-20"], "is before", marks=pytest.mark.long),
    pytest.param(["snapshot", "--to", "2126-11-20"], "is not among the days that are kept", marks=pytest.mark.long),
    (["--config", "/nowhere.yaml", "status"], "no configuration at /nowhere.yaml"),
], ids=["a group unknown", "no date", "a range turned round", "a day not kept", "no configuration"])  # fmt: skip
def test_what_cannot_be_run_says_why_and_ends_with_2(office: Office, arguments: list[str], says: str) -> None:
    done = office.run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert office.files() == {}


def test_without_an_export_nothing_is_touched(office: Office) -> None:
    for export in (office.root / "exports").iterdir():
        export.unlink()
    done = office.run("snapshot")
    assert done.returncode == 2
    assert "There is no export in" in done.stderr
    assert office.files() == {}


def test_a_store_that_is_not_mounted_is_said_and_never_made(office: Office) -> None:
    office.copies.rmdir()
    done = office.run("snapshot")
    assert done.returncode == 2
    assert "disk" in done.stderr or "copies" in done.stderr
    assert not office.copies.exists()


def test_one_of_two_stores_that_is_away_is_said_once_and_the_other_has_its_copies(office: Office) -> None:
    stores = [{"name": name, "kind": "folder", "folder": name} for name in ("copies", "stick")]
    office.configure(stores=stores)
    done = office.run("snapshot", "--team", "Ullared")
    assert done.returncode == 1
    assert done.stderr.count("stick is not there") == 1
    assert len(office.files()) == 8


@pytest.mark.parametrize("command", [
    "snapshot", *(pytest.param(other, marks=pytest.mark.long) for other in ("check", "status", "verify")),
])  # fmt: skip
def test_a_mistyped_folder_on_the_share_is_said_and_never_made(
    office: Office, samba: SambaServer, tmp_path: Path, command: str
) -> None:
    right = f"Besöksplanering ALLA grupper {tmp_path.name}"
    mistyped = right.replace("grupper", "gruper")
    (samba.share_path / right).mkdir()
    office.configure(
        stores=[{"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": f"{mistyped}/Planer"}]
    )
    done = office.run(command, AIRFLOW_CONN_RESERVPLAN_SHARE=samba.connection_json())
    assert done.returncode == (1 if command == "check" else 2)
    said = " ".join((done.stdout + done.stderr).split())
    assert f"{mistyped}\\Planer is not there" in said
    assert "mend `folder` in the settings" in said
    assert not (samba.share_path / mistyped).exists()
    assert list((samba.share_path / right).iterdir()) == []


def test_check_says_ok_line_by_line_and_names_what_is_wrong(office: Office) -> None:
    mail = "smtp://mail.example.org:25/?to=drift%40example.org&from_email=reservplan%40example.org"
    good = office.run("check", AIRFLOW_CONN_DRIFT=mail)
    assert good.returncode == 0, good.stdout
    assert {line.split()[0] for line in good.stdout.splitlines()} == {"ok"}
    assert office.files() == {}
    office.copies.joinpath(".reservplan", "lock").unlink(missing_ok=True)
    tree = yaml.safe_load((office.root / "reservplan.yaml").read_text(encoding="utf-8"))
    del tree["source"]["protected"]
    tree["source"]["columns"]["client_name"] = "Kund"
    (office.root / "reservplan.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    bad = office.run("check")
    assert bad.returncode == 1
    assert "warning  settings" in bad.stdout
    assert "Kund" in bad.stdout


def test_check_names_what_would_leave_staff_without_paper_or_word(office: Office) -> None:
    office.configure(alerts={"critical": []})
    for export in (office.root / "exports").iterdir():
        export.unlink()
    write_demo_export(office.root / "exports", teams=11, days_back=1, days_ahead=1, today=office.today - timedelta(5))
    old = office.run("check")
    assert old.returncode == 1
    assert "warning  settings       ingen får larm" in old.stdout
    assert "fault    source         dagens dag finns inte i underlaget" in old.stdout
    office.configure(teams=["Nybildad"])
    none = office.run("check")
    assert none.returncode == 1
    assert "fault    source         inga besök i underlaget för Nybildad" in none.stdout


def test_retention_shows_its_plan_and_removes_nothing_unless_it_is_told_to(office: Office) -> None:
    office.run("snapshot")
    before = office.files()
    planned = office.run("retain")
    assert planned.returncode == 0, planned.stderr + planned.stdout
    assert office.run("retain", "--apply").returncode == 0
    assert office.files() == before


def test_a_demo_export_is_the_same_to_the_byte_for_the_same_seed(office: Office) -> None:
    folders = [office.root / "one", office.root / "two"]
    for folder in folders:
        done = office.run("demo-export", str(folder), "--teams", "2", "--days", "2", "--seed", "7")
        assert done.returncode == 0, done.stderr
    one, two = ([path.read_bytes() for path in folder.iterdir()] for folder in folders)
    assert one == two


def test_a_reader_that_ends_early_ends_the_telling_and_not_the_work(office: Office) -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {COMMAND} --config {office.root}/reservplan.yaml snapshot | true"],
        check=False, timeout=120, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert done.returncode == 0
    assert len(office.files()) == 16


def test_a_terminal_that_knows_no_letters_but_ascii_ends_no_run(office: Office) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [COMMAND, "--config", office.root / "reservplan.yaml", "status"]
    done = subprocess.run(command, capture_output=True, check=False, env=environment, timeout=60)
    assert done.returncode == 1
    assert b"lvsered" in done.stdout
    assert b"Traceback" not in done.stderr


def test_a_run_that_is_ended_from_outside_leaves_nothing_in_staging(office: Office) -> None:
    command = [COMMAND, "--config", office.root / "reservplan.yaml", "snapshot"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        staging = office.root / "staging"
        for _ in range(600):
            if list(staging.rglob("visits.parquet")):
                break
            time.sleep(0.05)
        run.terminate()
        _, said = run.communicate(timeout=30)
    assert run.returncode == 2
    assert b"interrupted" in said
    assert list(staging.iterdir()) == []


def test_what_was_read_is_listed_and_every_place_of_ours_is_checked(office: Office) -> None:
    assert office.run("snapshot").returncode == 0
    listed = office.run("archive", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert f"{office.today:%y%m%d}" in listed.stdout
    (capture, _) = json.loads(office.run("archive", "list", "--json").stdout)["captures"]
    assert set(capture["cells"]) == set(TEAMS)
    lines = {line.split()[1]: line.split()[0] for line in office.run("check").stdout.splitlines()}
    assert [lines[name] for name in ("staging", "archive", "reports", "watch.folder")] == ["ok"] * 4


@pytest.mark.parametrize("place", ["archive", pytest.param("reports", marks=pytest.mark.long)])
def test_a_place_that_cannot_be_written_is_said_and_costs_no_copy(office: Office, place: str) -> None:
    (office.root / place).write_text("a file lies where the folder should be")
    done = office.run("snapshot")
    assert done.returncode == 1
    assert len(office.files()) == 16
    assert len(done.stderr.splitlines()) == 1
    checked = next(line for line in office.run("check").stdout.splitlines() if line.split()[1] == place)
    assert checked.startswith("fault")


def test_an_accepted_group_lies_on_a_real_share_with_its_reason(samba: SambaServer, office: Office) -> None:
    folder = samba.share_path / "Godkänt"
    folder.mkdir(exist_ok=True)
    store = {"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": "Godkänt"}
    office.configure(stores=[store])
    connection = {"AIRFLOW_CONN_RESERVPLAN_SHARE": samba.connection_json()}
    assert office.run("snapshot", **connection).returncode == 0
    export = next((office.root / "exports").iterdir())
    lines = export.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    mine = [n for n, line in enumerate(lines) if ";Ullared;" in line and f"{office.today}" in line]
    export.write_text(
        "".join(line for n, line in enumerate(lines) if n not in mine[: len(mine) // 2]), encoding="utf-8"
    )
    os.utime(export)
    kept = office.run("snapshot", **connection)
    assert kept.returncode == 1
    assert "Ullared" in kept.stderr
    asked = ["accept", "--team", "Ullared", "--date", office.today.isoformat(), "--why", "halva gruppen flyttad"]
    accepted = office.run(*asked, **connection)
    assert accepted.returncode == 0, accepted.stderr
    recorded = json.loads((folder / ".reservplan" / "accepted.json").read_text(encoding="utf-8"))
    assert recorded["cells"][office.today.isoformat()]["Ullared"]["why"] == "halva gruppen flyttad"
    manifest = json.loads((folder / ".reservplan" / f"{office.today:%y%m%d}.json").read_text(encoding="utf-8"))
    assert manifest["cells"]["Ullared"]["verdict"] == "remarks"
    assert office.run("status", **connection).returncode == 0
