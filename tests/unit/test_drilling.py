"""What a drill picks, and what it finds wrong in files that a reader opens."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
from pypdf import PdfReader
from reservplan.domain.names import Kind
from reservplan.domain.verdict import Verdict
from reservplan.drill_protocol import protocol_html, protocol_pdf
from reservplan.drill_reading import Looked, Paper, Workbook, compare, read_paper, read_workbook
from reservplan.drill_records import Drilled, DrillRecords, StoreDrilled, Trial
from reservplan.drilling import fault_of, pick
from reservplan.render.stamp import stamp
from reservplan.settings import Settings

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TODAY = date(2026, 11, 23)
TEAMS = [f"Grupp {n:02}" for n in range(10)]
SETTINGS = Settings.model_validate({
    "organisation": "Falkenbergs kommun", "teams": ["Ullared"], "source": {"kind": "demo"},
    "stores": [{"name": "share", "kind": "folder", "folder": "/nowhere"}],
})  # fmt: skip
LOOKED = Looked(TODAY, "Ullared", "sv", ZoneInfo("Europe/Stockholm"))


def drilled(*trials: Trial, away: str = "") -> Drilled:
    return Drilled(drilled_at=NOW, today=TODAY, stores=(StoreDrilled(store="share", trials=trials, away=away),))


def blank_pdf() -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(842, 595))
        document.save(target)
    return target.getvalue()


def test_groups_that_were_never_tried_come_first_then_those_of_longest_ago() -> None:
    tried = {team: TODAY - timedelta(days=n) for n, team in enumerate(TEAMS[:8])}
    assert pick(TEAMS, tried, 3, seed=1) == ("Grupp 07", "Grupp 08", "Grupp 09")


def test_the_same_day_draws_the_same_groups_and_other_days_others() -> None:
    assert pick(TEAMS, {}, 3, seed=5) == pick(list(reversed(TEAMS)), {}, 3, seed=5)
    assert len({pick(TEAMS, {}, 3, seed) for seed in range(20)}) > 5


def test_every_group_is_tried_before_any_is_tried_again() -> None:
    tried: dict[str, date] = {}
    for n in range(4):
        tried.update(dict.fromkeys(pick(TEAMS, tried, 3, seed=n), TODAY + timedelta(days=n)))
    assert set(tried) == set(TEAMS)


def test_a_file_that_is_no_pdf_does_not_open_and_blank_pages_are_no_list() -> None:
    assert read_paper(b"<html>not a list</html>", LOOKED).faults == ("not_opened",)
    assert read_paper(blank_pdf(), LOOKED).faults == ("no_text",)
    assert read_workbook(b"PK not a workbook", Kind.LIST, LOOKED).faults == ("not_opened",)


def test_fewer_visits_on_the_pages_than_page_one_says_or_excel_holds_are_found() -> None:
    paper = Paper(pages=3, visits=20, rows=24, verdict=Verdict.COMPLETE)
    assert list(compare(paper, Workbook(rows=24, visits=20), None)) == []
    assert list(compare(paper, Workbook(rows=25, visits=20), None)) == ["visits_gone"]
    assert list(compare(paper, Workbook(rows=23, visits=19), None)) == ["rows_gone"]


def test_a_mark_lies_over_every_page_and_what_it_lies_over_can_still_be_read() -> None:
    pdf = protocol_pdf(drilled(Trial(team="Ullared")), SETTINGS)
    pages = PdfReader(io.BytesIO(stamp(pdf, "ÖVNING", "Arbeta inte efter den.", NOW))).pages
    for page in pages:
        assert page.extract_text().count("ÖVNING") >= 2
        assert "Ullared" in page.extract_text()


def test_a_failed_drill_says_where_which_group_why_and_what_to_do() -> None:
    fault = fault_of(drilled(Trial(team="Ullared", faults=("page_lost",)), Trial(team="Getinge")), SETTINGS)
    assert fault is not None
    assert "share, Ullared: en sida saknas." in fault.what
    assert "Getinge" not in fault.what
    assert "docs/runbooks/drill.md" in fault.do
    assert fault_of(drilled(Trial(team="Ullared", remarks=("incomplete",))), SETTINGS) is None


def test_the_protocol_is_one_page_also_of_very_many_groups_and_shows_first_what_failed() -> None:
    bad = ("not_opened", "visits_gone")
    trials = [Trial(team=f"Hemtjänstgruppen i Långa Namns by {n}", faults=bad) for n in range(300)]
    found = drilled(Trial(team="Getinge"), *trials, Trial(team="Ullared"))
    (page,) = PdfReader(io.BytesIO(protocol_pdf(found, SETTINGS))).pages
    text = page.extract_text()
    assert "Långa" in text
    assert "Getinge" not in text
    assert "UNDERKÄND" in text
    assert "Underskrift" in text


def test_a_group_s_name_is_text_on_the_page_and_nothing_else() -> None:
    assert b"<b>Ullared" not in protocol_html(drilled(Trial(team="<b>Ullared")), SETTINGS)


def test_what_was_tried_is_known_to_the_next_drill_and_a_damaged_record_hides_no_other(tmp_path: Path) -> None:
    records = DrillRecords(str(tmp_path))
    records.keep(drilled(Trial(team="Ullared")), {})
    (tmp_path / "drills" / "20261124T080000Z.json").write_text("{torn")
    assert records.last_tried() == {"Ullared": TODAY}
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "drills").glob("2026112308*.json")} <= {0o600}
