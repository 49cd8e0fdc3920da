"""`reservplan retain` by hand: what it shows, what it asks for, and that the command it names does what it says."""

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from reservplan import cli
from reservplan.archive import Capture
from reservplan.domain.deletions import read_deletions
from reservplan.report import Reports

from tests.unit.retain.shelf import TEAMS, Shelf, days


@pytest.fixture
def site(tmp_path: Path) -> Shelf:
    """A store of today, with its archive, after a pause: ten days too many."""
    root = tmp_path / "share"
    root.mkdir()
    shelf = Shelf(root, now=datetime.now(UTC))
    shelf.put_days([*days(-30, -21, shelf.today), *days(0, 3, shelf.today)])
    settings = {
        "organisation": "Falkenbergs kommun",
        "teams": list(TEAMS),
        "source": {"kind": "demo"},
        "stores": [{"name": "share", "kind": "folder", "folder": "share"}],
        "staging": "staging",
        "archive": "archive",
        "reports": "reports",
    }
    (tmp_path / "our settings.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    for day in (*days(-30, -21, shelf.today), shelf.today):
        put_capture(tmp_path, day, shelf.now)
        report = tmp_path / "reports" / f"{day:%y%m%d}" / "run.html"
        report.parent.mkdir(parents=True)
        report.write_text("<html></html>")
    return shelf


def put_capture(base: Path, day, now: datetime) -> None:  # type: ignore[no-untyped-def]
    capture = Capture(
        plan_date=day, capture_id="one", captured_at=now, read_at=now, source="Planering.csv", raw_sha256="0", cells={}
    )
    file = base / "archive" / "captures" / f"{day:%y%m%d}" / "one.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(capture.model_dump_json(by_alias=True))


def command(site: Shelf, *arguments: str) -> int:
    return cli.main(["--config", str(site.root.parent / "our settings.yaml"), "retain", *arguments])


def named_in(text: str) -> list[str]:
    """The arguments of the command that a text tells to type."""
    found = re.search(r": (reservplan .*?--confirm \w+)", text)
    assert found, text
    return shlex.split(found[1])[1:]


def test_the_command_that_a_refusal_names_does_what_was_refused(
    site: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(site, "--store", "share", "--apply") == 1
    assert "share: 10 dagar skulle tas bort på en gång" in (told := capsys.readouterr().out)
    assert cli.main(named_in(told)) == 0
    assert "share: borttagna filer: 80" in capsys.readouterr().out
    assert {name[:6] for name in site.names()} == {f"{day:%y%m%d}" for day in days(0, 3, site.today)}
    assert len(site.noted()) == 20


def test_the_archive_is_confirmed_for_itself_and_notes_what_went(
    site: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    base = site.root.parent
    left = base / "staging" / "run-scheduled-2022"
    left.mkdir(parents=True)
    made_at = (site.now - timedelta(hours=13)).isoformat()
    (left / ".reservplan-run").write_text(json.dumps({"run_id": "scheduled-2022", "made_at": made_at}))
    before = site.names()
    assert command(site, "--archive", "--apply") == 1
    said = capsys.readouterr()
    assert "Arkivet: 10 dagar skulle tas bort på en gång" in said.err
    assert "(run-scheduled-2022)" in said.out
    assert left.exists()
    assert cli.main(named_in(said.out)) == 0
    assert [path.name for path in (base / "archive" / "captures").iterdir()] == [f"{site.today:%y%m%d}"]
    assert Reports(str(base / "reports")).names() == [f"{site.today:%y%m%d}/run"]
    assert not left.exists()
    assert site.names() == before
    noted = read_deletions((base / "archive" / "deleted.jsonl").read_bytes())
    assert [one.what.value for one in noted] == ["captures"] * 10 + ["reports"] * 10 + ["staging"]
    assert {one.plan_date for one in noted if one.what == "captures"} == set(days(-30, -21, site.today))


def test_an_archive_of_which_nothing_was_captured_lately_is_never_confirmed(
    site: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in (*days(-30, -21, site.today), site.today):
        put_capture(site.root.parent, day, site.now - timedelta(days=3))
    assert command(site, "--archive", "--apply") == 1
    said = capsys.readouterr()
    assert "ingen bekräfta" in said.err
    assert "--confirm" not in said.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--apply", "--confirm", "3f9ac1e07b2d45"], "--store NAME"),
        (["--store", "share", "--confirm", "3f9ac1e07b2d45"], "--apply"),
        (["--store", "shrae"], "share"),
        (["--store", "share", "--archive"], "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_looked_at(
    site: Shelf, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert command(site, *arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_a_record_that_cannot_be_written_is_named(site: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    (site.root / ".reservplan" / "deleted.jsonl").mkdir()
    command(site, "--store", "share", "--apply")
    assert cli.main(named_in(capsys.readouterr().out)) == 1
    assert "share: .reservplan/deleted.jsonl: kontot får inte ändra den" in capsys.readouterr().err
