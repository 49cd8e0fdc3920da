"""The validation report: what it tells, that it needs nothing but itself, and that it goes when its day goes."""

import contextlib
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from reservplan.domain.errors import LastingError
from reservplan.domain.judgement import Judgement
from reservplan.domain.manifest import Origin
from reservplan.domain.plan import Cell
from reservplan.domain.rules import RULES
from reservplan.domain.verdict import Reason, Verdict, verdict_of
from reservplan.report import Outcome, Report, ReportedCell, Reports, report_html, report_json
from reservplan.settings import Settings

TODAY = date(2026, 11, 23)
CAPTURED = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FEW = Reason(
    code="visits_few",
    count=131,
    text="131 besök, brukar vara 204–221. Se efter slingorna.",
    severity=Verdict.INCOMPLETE,
)
NOT_COVERED = Reason(code="not_covered", text="dagen finns inte i underlaget", severity=Verdict.INCOMPLETE)
UNASSIGNED = Reason(code="unassigned_many", count=23, text="23 av 91 besök är inte tilldelade")
KEPT = Outcome("share", "kept_complete")


def settings(**changes: Any) -> Settings:
    tree: dict[str, Any] = {
        "organisation": "Falkenbergs kommun",
        "teams": ["Ullared", "Glommen"],
        "source": {"kind": "demo"},
        "stores": [{"name": "share", "kind": "folder", "folder": "copies"}],
        "contacts": {"planner": {"name": "Planerare", "phone": "0346-88 60 00"}},
    }
    return Settings.model_validate({**tree, **changes})


def cell(
    team: str = "Ullared",
    days: int = 0,
    reasons: Sequence[Reason] = (),
    outcomes: Sequence[Outcome] = (Outcome("share", "unchanged"),),
    **more: Any,
) -> ReportedCell:
    source = more.pop("source", "export")
    judgement = Judgement(
        verdict=verdict_of(reasons),
        reasons=tuple(reasons),
        **{"visits": 212, "unassigned": 3, "cancelled": 2, "employees": 17, "captured_at": CAPTURED, **more},
    )
    return ReportedCell(Cell(TODAY + timedelta(days=days), team), judgement, source, tuple(outcomes))


def report(*cells: ReportedCell, **changes: Any) -> Report:
    return replace(
        Report(
            run_id="snapshot__scheduled__2026-11-23T04:00:00+00:00",
            made_at=CAPTURED + timedelta(minutes=2),
            started_at=CAPTURED,
            today=TODAY,
            origin=Origin.SCHEDULED,
            source_label="planering.csv",
            cells=cells,
        ),
        **changes,
    )


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and the text that is read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] and self.elements[-1][0] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def attributes(self, tag: str) -> list[dict[str, str]]:
        return [found for name, found in self.elements if name == tag]


def page(*cells: ReportedCell, language: str = "sv", **changes: Any) -> Page:
    return Page(report_html(report(*cells, **changes), settings(language=language)))


class TestThePage:
    def test_says_first_how_many_are_incomplete_and_then_which_and_why(self) -> None:
        text = page(cell(days=1, reasons=[FEW], outcomes=[KEPT]), cell("Glommen")).text
        found = [
            text.index(words)
            for words in (
                "måndag 23 november 2026",
                "ofullständigt för 1 av 2 kopior",
                "Det här är fel",
                "Ullared tisdag 24 nov",
                "131 besök, brukar vara 204–221.",
                "share: den nya är ofullständig, den hela kopian ligger kvar",
                "Planerare, 0346-88 60 00",
                "Varje grupp och dag",
                "Alla regler",
            )
        ]
        assert found == sorted(found)

    def test_names_nothing_wrong_and_nobody_to_call_where_all_is_whole(self) -> None:
        text = page(cell(), cell("Glommen", reasons=[UNASSIGNED])).text
        assert "Ingen av 2 kopior är ofullständig." in text
        assert "Det här är fel" not in text
        assert "Vem ringer vi?" not in text

    def test_tells_once_what_is_the_same_of_several_cells(self) -> None:
        text = page(*(cell(team, days, [NOT_COVERED]) for days in (2, 3) for team in ("Ullared", "Glommen"))).text
        told = text[text.index("Det här är fel") : text.index("Varje grupp")]
        assert told.count("dagen finns inte i underlaget") == 1
        assert "4 kopior ons 25 nov: Ullared, Glommen tor 26 nov: Ullared, Glommen" in told

    def test_groups_remarks_by_what_is_said_in_the_order_of_the_rules(self) -> None:
        masked = Reason(code="masked", count=1, text="1 personnummer är dolt")
        text = page(cell(reasons=[masked]), cell("Glommen", 1, [UNASSIGNED]), cell("Glommen", 2, [masked])).text
        told = text[text.index("Anmärkningar") : text.index("Varje grupp")]
        assert told.index("23 av 91 besök") < told.index(
            "1 personnummer är dolt mån 23 nov: Ullared ons 25 nov: Glommen"
        )

    def test_says_what_to_do_where_there_are_words_for_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from reservplan.domain.words import WORDS

        monkeypatch.setitem(WORDS, "validate.do_visits_few", {"sv": "Ring {planner} om <b>.", "en": ""})
        assert "Gör så här: Ring Planerare 0346-88 60 00 om <b>." in page(cell(reasons=[FEW])).text

    def test_names_whole_copies_that_did_not_get_to_a_store(self) -> None:
        away = Outcome("stick", "new", short="not_written")
        text = page(cell(outcomes=[away]), cell("Glommen", outcomes=[away])).text
        assert "2 hela kopior kom inte till ett lager som de skulle." in text
        assert "stick: kunde inte skrivas, det som finns ligger kvar mån 23 nov: Ullared, Glommen" in text

    def test_names_a_store_that_nothing_reached(self) -> None:
        text = page(cell(outcomes=[])).text
        assert "Ingen av 1 kopior är ofullständig. Inget nådde share." in text
        assert "share: ingenting skrevs eller kontrollerades där." in text
        assert "Inget nådde" not in page(cell()).text

    def test_shows_every_group_and_day_with_sign_and_visits(self) -> None:
        cells = [
            cell(days=0, reasons=[FEW], visits=131),
            cell(days=1, reasons=[UNASSIGNED], visits=91),
            cell("Glommen", 0, source="archive"),
            cell("Glommen", 1, visits=0, closed=True),
        ]
        told = page(*cells).text
        assert "OF ofullständig, an anmärkning, ok komplett, – stängt, * ur arkivet" in told
        assert "mån 23 nov tis 24 nov Ullared OF 131 an 91 Glommen ok 212* –" in told

    def test_says_when_the_content_was_true_that_came_from_the_archive(self) -> None:
        assert "Ur arkivet hämtat 23 november 2026 kl. 05:00: mån 23 nov: Ullared" in page(cell(source="archive")).text

    def test_counts_the_cells_that_broke_every_rule(self) -> None:
        html = report_html(report(cell(reasons=[UNASSIGNED]), cell("Glommen", reasons=[UNASSIGNED, FEW])), settings())
        counts = re.findall(r'<td class="n">(?:<b>)?(\d+)', html[html.index('class="rules"') :])
        assert len(counts) == len({rule.code for rule in RULES} | {FEW.code})
        assert sorted(map(int, counts))[-2:] == [1, 2]
        assert "Många besök utan medarbetare" in html

    def test_tells_the_runs_own_words_at_the_top(self) -> None:
        text = page(cell(), notes=("Underlaget är 30 timmar gammalt.",)).text
        assert text.index("Underlaget är 30 timmar gammalt.") < text.index("Varje grupp")

    def test_of_an_empty_run_says_so(self) -> None:
        assert "Inget att bedöma" in page().text

    def test_is_in_the_users_language(self) -> None:
        english = page(cell(reasons=[NOT_COVERED], outcomes=[KEPT]), language="en")
        assert english.attributes("html") == [{"lang": "en"}]
        assert "Validation report Monday 23 November 2026" in english.text
        assert "incomplete for 1 of 1 copies" in english.text
        assert "Ullared Monday 23 Nov" in english.text
        assert page(cell()).attributes("html") == [{"lang": "sv"}]

    def test_runs_nothing_that_a_group_is_named(self) -> None:
        hostile = "<script>alert(1)</script>\"'&amp;<img src=//evil.example/x onerror=alert(1)>"
        bad = Reason(code="<b>odd", text=f"{hostile} {'ö' * 300}", severity=Verdict.INCOMPLETE)
        cells = [cell(hostile, days, [bad, replace_code(bad)], [Outcome(hostile, hostile, hostile)]) for days in (0, 1)]
        made = page(*cells, cell(hostile, 2, outcomes=[Outcome("x", "new", hostile)]), notes=(hostile,),
                    source_label=hostile, run_id=hostile)  # fmt: skip
        assert {tag for tag, _ in made.elements} & {
            "script",
            "img",
            "iframe",
            "object",
            "link",
            "form",
            "base",
        } == set()
        assert not [attrs for _, attrs in made.elements if any(name.startswith("on") for name in attrs)]
        assert made.text.count("<script>alert(1)</script>") > 10

    def test_needs_nothing_but_itself(self) -> None:
        html = report_html(report(cell(reasons=[FEW, UNASSIGNED])), settings())
        made = Page(html)
        addresses = [attrs[name] for _, attrs in made.elements for name in ("src", "href", "action") if name in attrs]
        assert addresses == ["snapshot__scheduled__2026-11-23T04-00-00-00-00.json"]
        assert not re.search(r"url\(|@import|//", html)
        policy = [attrs["content"] for attrs in made.attributes("meta") if "http-equiv" in attrs]
        assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]

    def test_is_small(self) -> None:
        teams = [f"Hemtjänstgrupp {number} Falkenbergs norra landsbygd" for number in range(300)]
        reasons = [[FEW], [UNASSIGNED], [], [], []]
        cells = [cell(team, days, reasons[n % 5]) for days in range(4) for n, team in enumerate(teams)]
        assert len(report_html(report(*cells[:11], *cells[300:333]), settings()).encode()) < 60_000
        assert len(report_html(report(*cells), settings()).encode()) < 300_000


def replace_code(reason: Reason) -> Reason:
    return reason.model_copy(update={"code": "unassigned_many", "severity": Verdict.REMARKS})


class TestTheRecord:
    def test_holds_what_the_page_tells_in_an_order_that_never_changes(self) -> None:
        told = report_json(report(cell(reasons=[FEW, UNASSIGNED], outcomes=[KEPT]), cell("Glommen")), settings())
        assert list(told) == ["schema", "run", "totals", "cells", "rules"]
        assert told["totals"] == {"cells": 2, "incomplete": 1, "remarks": 0, "complete": 1}
        assert list(told["run"]) == ["run_id", "origin", "today", "started_at", "made_at", "source", "notes"]
        assert told["cells"][0] == {
            "plan_date": "2026-11-23", "team": "Ullared", "verdict": "incomplete", "visits": 212, "unassigned": 3,
            "cancelled": 2, "employees": 17, "closed": False, "captured_at": "2026-11-23T04:00:00Z", "source": "export",
            "reasons": [
                {"code": "visits_few", "count": 131, "severity": "incomplete", "text": FEW.text},
                {"code": "unassigned_many", "count": 23, "severity": "remarks", "text": UNASSIGNED.text},
            ],
            "outcomes": [{"store": "share", "decision": "kept_complete", "short": "",
                          "text": "den nya är ofullständig, den hela kopian ligger kvar"}],
        }  # fmt: skip
        assert [rule["code"] for rule in told["rules"]][: len(RULES)] == [rule.code for rule in RULES]

    def test_is_the_same_bytes_for_the_same_run(self, tmp_path: Path) -> None:
        once, twice = Reports(str(tmp_path / "a")), Reports(str(tmp_path / "b"))
        told = report(cell(reasons=[FEW]), cell("Glommen"))
        name = once.keep(told, settings())
        assert twice.keep(told, settings()) == name
        assert [once.read(name, "json"), once.read(name, "html")] == [
            twice.read(name, "json"),
            twice.read(name, "html"),
        ]


@contextlib.contextmanager
def as_somebody_else() -> Iterator[None]:
    """Rights hold nobody who is root."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(own)


@pytest.fixture(params=["folder", "bucket"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "reports") if request.param == "folder" else f"memory://{tmp_path.name}/reports"


class TestKeeping:
    def test_what_was_kept_is_read_by_whoever_looks_later(self, base: str) -> None:
        name = Reports(base).keep(report(cell(reasons=[FEW])), settings())
        assert name == "261123/snapshot__scheduled__2026-11-23T04-00-00-00-00"
        html, record = Reports(base).read(name, "html"), Reports(base).read(name, "json")
        assert html is not None
        assert record is not None
        assert html.decode().startswith("<!DOCTYPE html>")
        assert json.loads(record)["cells"][0]["team"] == "Ullared"
        assert Reports(base).names() == [name]

    def test_the_same_run_again_replaces_its_report(self, base: str) -> None:
        Reports(base).keep(report(cell(reasons=[FEW])), settings())
        name = Reports(base).keep(report(cell()), settings())
        assert Reports(base).names() == [name]
        assert "Ingen av 1 kopior" in (Reports(base).read(name, "html") or b"").decode()

    def test_reports_of_earlier_days_are_removed_and_others_stay(self, base: str) -> None:
        reports = Reports(base)
        names = [
            reports.keep(report(cell(), today=TODAY - timedelta(days=n), run_id=f"r{n}"), settings()) for n in range(4)
        ]
        assert reports.prune(TODAY - timedelta(days=1)) == 2
        assert reports.names() == sorted(names[:2])
        assert reports.read(names[3], "json") is None
        assert reports.prune(TODAY - timedelta(days=1)) == 0

    def test_there_may_be_none_yet(self, base: str) -> None:
        assert Reports(base).names() == []
        assert Reports(base).prune(TODAY) == 0
        assert Reports(base).read("261123/x", "html") is None

    def test_what_is_not_ours_stays_though_its_day_is_over(self, tmp_path: Path) -> None:
        reports = Reports(str(tmp_path))
        reports.keep(report(cell(), today=TODAY - timedelta(days=30)), settings())
        others = [
            tmp_path / "261024" / "notes.txt",
            tmp_path / "261024" / ".hidden.html",
            tmp_path / "991399" / "x.html",
        ]
        for other in others:
            other.parent.mkdir(exist_ok=True)
            other.write_text("x")
        assert reports.prune(TODAY) == 1
        assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(others)
        assert not [path for path in tmp_path.iterdir() if path.is_dir() and not any(path.iterdir())]

    def test_only_we_may_read_them(self, tmp_path: Path) -> None:
        Reports(str(tmp_path / "reports")).keep(report(cell()), settings())
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]

    def test_who_may_not_read_them_is_told_what_to_do(self, tmp_path: Path) -> None:
        name = Reports(str(tmp_path / "reports")).keep(report(cell()), settings())
        (tmp_path / "reports" / f"{name}.html").chmod(0)
        with as_somebody_else(), pytest.raises(LastingError, match="same user as the workers"):
            Reports(str(tmp_path / "reports")).read(name, "html")

    @pytest.mark.parametrize(
        "name",
        ["261123/../../secret", "../secret", "261123/..", "/etc/passwd", "261123", "261123/", "261123/a/b", "secret",
         "261123/.secret", "261399/secret", "261123\\secret", "261123/secret\n", "٢٦١١٢٣/secret"],
    )  # fmt: skip
    def test_no_name_leads_out_of_them(self, name: str, tmp_path: Path) -> None:
        for folder in (tmp_path, tmp_path / "reports", tmp_path / "reports" / "261123"):
            folder.mkdir(exist_ok=True)
            (folder / "secret.html").write_text("secret")
        if name == "261123/secret\n":
            (tmp_path / "reports" / "261123" / "secret\n.html").write_text("secret")
        assert Reports(str(tmp_path / "reports")).read(name, "html") is None
