"""The start page's words and links: what it says of a cell, and that nothing of it can lead astray."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from reservplan.domain.days import Window
from reservplan.domain.manifest import ArtifactEntry, CellEntry, Origin
from reservplan.domain.names import ARTIFACTS, BESIDE, Format, Kind, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.shortfalls import Shortfall
from reservplan.domain.verdict import Reason, Verdict, verdict_of
from reservplan.papers.start_page import StartPage, WeekPackLink, start_page
from reservplan.settings import Settings

TODAY = date(2026, 11, 24)
CAPTURED = datetime(2026, 11, 24, 4, tzinfo=UTC)
WINDOW = Window(TODAY, 14, 3)
ULLARED = Cell(TODAY, "Ullared")
FEW = Reason(code="visits_few", count=131, text="131 besök, brukar vara 204–221.", severity=Verdict.INCOMPLETE)
HOSTILE = "<script>alert(1)</script>\"'&amp;"


def settings(*teams: Any, **changes: Any) -> Settings:
    tree: dict[str, Any] = {
        "organisation": "Falkenbergs kommun",
        "teams": list(teams) or ["Ullared"],
        "source": {"kind": "demo"},
        "stores": [{"name": "share", "kind": "folder", "folder": "copies"}],
        "contacts": {"planner": {"name": "Planerare", "phone": "0346-88 60 00"}},
    }
    return Settings.model_validate({**tree, **changes})


def artifact(cell: Cell, kind: Kind, fmt: Format, suffix: str = "", at: datetime = CAPTURED) -> ArtifactEntry:
    return ArtifactEntry(
        kind=kind,
        format=fmt,
        name=artifact_name(cell.plan_date, kind, cell.team, fmt, suffix),
        bytes=1,
        sha256="0",
        mtime=at,
        captured_at=at,
        stands_in_for=artifact_name(cell.plan_date, kind, cell.team, fmt) if suffix else None,
    )


def entry(cell: Cell, reasons: Iterable[Reason] = (), at: datetime = CAPTURED, **changes: Any) -> CellEntry:
    return CellEntry(**{
        "verdict": verdict_of(reasons), "reasons": tuple(reasons), "origin": Origin.SCHEDULED, "captured_at": at,
        "read_at": at, "confirmed_at": at, "published_at": at, "visits": 212, "unassigned": 3, "employees": 17,
        "content": "0", "artifacts": tuple(artifact(cell, *slot, at=at) for slot in ARTIFACTS), **changes,
    })  # fmt: skip


def told(cells: Mapping[Cell, CellEntry], **changes: Any) -> StartPage:
    return StartPage(**{
        "today": TODAY, "changed_at": CAPTURED, "window": WINDOW, "layout": "flat", "cells": cells, "lacking": {},
        **changes,
    })  # fmt: skip


class _Read(HTMLParser):
    """Tags, links and words; the words of scripts and styles are nobody's to read."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.said: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [unquote(value) for name, value in attrs if name == "href" and value and value[0] not in "#t"]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] not in (["script"], ["style"]):
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def read(page: StartPage, *teams: Any, **changes: Any) -> _Read:
    return _Read(start_page(page, settings(*teams, **changes)))


def test_the_same_gives_the_same_bytes_in_whatever_order_it_comes() -> None:
    cells = {cell: entry(cell) for day in WINDOW for cell in (Cell(day, "Ullared"), Cell(day, "Ätran"))}
    packs = (WeekPackLink("Ullared", date(2026, 11, 23), "a.pdf", (TODAY,)),)
    packs += (WeekPackLink("Ullared", date(2026, 11, 16), "b.pdf", ()),)
    one = start_page(told(cells, week_packs=packs), settings("Ullared", "Ätran"))
    other = told(dict(reversed(cells.items())), week_packs=packs[::-1])
    assert start_page(other, settings("Ätran", "Ullared")) == one


def test_markup_in_names_contacts_and_reasons_is_only_text() -> None:
    reason = Reason(code="x", text=HOSTILE, severity=Verdict.INCOMPLETE)
    contact = {"name": HOSTILE, "phone": HOSTILE, "hours": HOSTILE, "hint": HOSTILE}
    cell = Cell(TODAY, "Höst & Vår 'ö'; {x}")
    page = told({cell: entry(cell, [reason])})
    teams = [{"name": cell.team, "phone": HOSTILE}]
    contacts = dict.fromkeys(("it_service", "vendor", "planner"), contact)
    shown = read(page, *teams, organisation=HOSTILE, contacts=contacts)
    assert shown.tags.count("script") == 1
    assert shown.text.count(HOSTILE) >= 12
    assert cell.team in shown.text


def test_nothing_runs_or_loads_but_the_very_script_and_style_of_the_page() -> None:
    page = start_page(told({}), settings()).decode()
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0])
    for tag in ("script", "style"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert f"{tag}-src 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"\ssrc=|https?:|@import|url\(", page)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_stands_there_without_a_script_never_speaks_of_today(language: str) -> None:
    cells = {Cell(day, "Ullared"): entry(Cell(day, "Ullared")) for day in WINDOW}
    shown = read(told(cells, routine="r.pdf"), "Ullared", "Ätran", language=language)
    assert not re.search(r"i ?dag\b|i ?morgon\b|i ?går\b|today|tomorrow|yesterday", shown.text, re.IGNORECASE)
    day = "Tisdag 24 november 2026" if language == "sv" else "Tuesday 24 November 2026"
    assert day in shown.text


@pytest.mark.parametrize(("suffix", "why"), [(" (ny 0512)", "är äldre, den var öppen"), (BESIDE, "är inte vår")])
def test_of_two_files_the_newest_is_linked_and_it_says_why_its_name_is_another(suffix: str, why: str) -> None:
    old = artifact(ULLARED, Kind.LIST, Format.PDF, at=CAPTURED - timedelta(days=1))
    new = artifact(ULLARED, Kind.LIST, Format.PDF, suffix)
    shown = read(told({ULLARED: entry(ULLARED, artifacts=(new, old))}))
    assert shown.links == [new.name]
    assert f"{old.name} {why}" in shown.text
    assert "Översikten SAKNAS. Ring Planerare 0346-88 60 00." in shown.text


def test_our_whole_file_goes_before_one_that_somebody_changed_and_a_changed_one_says_so() -> None:
    changed = artifact(ULLARED, Kind.LIST, Format.PDF)
    ours = artifact(ULLARED, Kind.LIST, Format.PDF, BESIDE)
    shown = read(told({ULLARED: entry(ULLARED, artifacts=(changed, ours))}, edited={changed.name}))
    assert shown.links == [ours.name]
    assert f"{changed.name} är inte vår, eller har ändrats av någon." in shown.text
    alone = read(told({ULLARED: entry(ULLARED, artifacts=(changed,))}, edited={changed.name}))
    assert alone.links == [changed.name]
    assert f"{changed.name} är ändrad av någon" in alone.text


@pytest.mark.parametrize("hours", [0, -1], ids=["same capture", "older but whole"])
def test_of_two_files_the_one_that_stands_in_is_linked(hours: int) -> None:
    newer = artifact(ULLARED, Kind.LIST, Format.PDF, " (ny 0512)", CAPTURED + timedelta(hours=hours))
    files = (artifact(ULLARED, Kind.LIST, Format.PDF), newer)
    assert read(told({ULLARED: entry(ULLARED, artifacts=files)})).links == [files[1].name]


def test_a_day_that_somebody_accepted_as_without_visits_is_closed() -> None:
    shown = read(told({}, without_visits={ULLARED}), "Ullared", "Ätran")
    assert "Ullared Tisdag 24 november 2026 Gruppen har stängt, inga besök." in shown.text
    assert "Ätran Tisdag 24 november 2026 SAKNAS." in shown.text


@pytest.mark.parametrize(("language", "one", "two"), [("sv", "1 dag", "2 dagar"), ("en", "1 day", "2 days")])
def test_a_week_says_how_many_days_it_holds_and_its_last(language: str, one: str, two: str) -> None:
    packs = tuple(
        WeekPackLink("Ullared", monday, f"{monday}.pdf", days)
        for monday, days in (
            (date(2026, 11, 23), (TODAY,)),
            (date(2026, 11, 30), (date(2026, 11, 30), date(2026, 12, 1))),
        )
    )
    page = start_page(told({}, week_packs=packs), settings(language=language)).decode()
    weeks = re.findall(r'data-last="([^"]+)"><a [^>]+>[^<]+</a> ([^<]+)</p>', page)
    assert weeks == [("2026-11-24", one), ("2026-12-01", two)]


def test_reasons_begin_as_sentences_do_and_the_planner_is_called_also_without_a_number() -> None:
    reason = Reason(code="no_visits", text="inga besök i underlaget.", severity=Verdict.INCOMPLETE)
    lacking = Shortfall(
        reasons=(reason,), visits=0, captured_at=CAPTURED, judged_at=CAPTURED, run_id="r", decision="no_visits"
    )
    shown = read(told({}, lacking={ULLARED: lacking}), contacts={"planner": {"name": "Planeraren"}})
    assert "SAKNAS. Ring Planeraren. Inga besök i underlaget." in shown.text
    nobody = {"planner": {"name": ""}, "it_service": {"name": "IT-service", "phone": "0346-88 55 55"}}
    assert "SAKNAS. Ring IT-service 0346-88 55 55." in read(told({}), contacts=nobody).text


def test_a_file_that_stayed_behind_says_so() -> None:
    old = artifact(ULLARED, Kind.OVERVIEW, Format.PDF, at=CAPTURED - timedelta(days=1))
    new = artifact(ULLARED, Kind.LIST, Format.PDF)
    shown = read(told({ULLARED: entry(ULLARED, artifacts=(new, old))}))
    assert "Översikten är äldre: hämtad 23 november kl. 05:00." in shown.text
    assert "Listan är äldre" not in shown.text


def test_an_incomplete_cell_says_so_with_its_reasons_and_a_kept_one_why_it_was_kept() -> None:
    assert "OFULLSTÄNDIG 212 besök, 17 medarbetare." in read(told({ULLARED: entry(ULLARED, [FEW])})).text
    lacking = Shortfall(
        reasons=(FEW,), visits=131, captured_at=CAPTURED, judged_at=CAPTURED, run_id="r", decision="kept_complete"
    )
    shown = read(told({ULLARED: entry(ULLARED)}, lacking={ULLARED: lacking}))
    assert "Vid senaste hämtningen (24 november kl. 05:00) var underlaget inte helt." in shown.text
    assert FEW.text in shown.text
    missing = read(told({}, lacking={ULLARED: lacking}))
    assert f"SAKNAS. Ring Planerare 0346-88 60 00. {FEW.text}" in missing.text


def test_a_copy_much_older_than_the_others_or_than_the_day_is_called_old() -> None:
    old = entry(ULLARED, at=CAPTURED - timedelta(hours=15))
    assert "GAMMAL: hämtad 23 november kl. 14:00." in read(told({ULLARED: old})).text
    assert "GAMMAL" not in read(told({ULLARED: entry(ULLARED, at=CAPTURED - timedelta(hours=13))})).text
    # Confirmed since, it is as true as the newest.
    assert "GAMMAL" not in read(told({ULLARED: old.model_copy(update={"confirmed_at": CAPTURED})})).text
    before = CAPTURED - timedelta(days=1)
    assert "GAMMAL" in read(told({ULLARED: entry(ULLARED, at=before)}, changed_at=before)).text


def test_a_past_day_is_neither_old_nor_a_reason_to_call_and_one_made_afterwards_says_so() -> None:
    yesterday, earlier = (Cell(TODAY - timedelta(days=days), "Ullared") for days in (1, 3))
    shown = read(told({yesterday: entry(yesterday), earlier: entry(earlier, at=CAPTURED - timedelta(days=3))}))
    fold = shown.text.partition("Dagarna före")[2]
    assert "GAMMAL" not in fold
    assert fold.count("EFTERSKAPAD") == 1
    assert "Söndag 22 november SAKNAS." in fold
    assert "Ring" not in fold
    # Before the oldest copy of all there is nothing to tell of each day.
    assert "20 november" not in fold
    assert "Äldre kopior finns inte här." in fold


def test_a_day_without_a_copy_says_whether_there_should_be_one() -> None:
    teams = (
        {"name": "Stängd", "closed": ["tue"]},
        {"name": "Ny", "active_from": "2026-11-25"},
        "Ullared",
    )
    text = read(told({}, changed_at=None), *teams).text
    assert "Här ligger inga kopior för den dagen eller dagarna efter. Ring IT-service." in text
    assert "Stängd Tisdag 24 november 2026 Gruppen har stängt, inga besök." in text
    assert "Ny Tisdag 24 november 2026 Gruppen har inga kopior den här dagen." in text
    assert "Ullared Tisdag 24 november 2026 SAKNAS. Ring Planerare 0346-88 60 00." in text
    assert "Fredag 27 november Var inte hämtad när sidan skrevs." in text


def test_links_lead_into_the_groups_folder_to_the_week_and_to_the_routine() -> None:
    team = "Höst & Vår 100 % #1 +å"
    cell = Cell(TODAY, team)
    pack = WeekPackLink(team, date(2026, 11, 23), f"{team}/26v48 Brukarschema {team}.pdf", (TODAY,))
    page = told({cell: entry(cell)}, layout="by-team", week_packs=(pack,), routine="Säkerhetsrutiner.pdf")
    shown = read(page, team)
    names = [f"{team}/{artifact.name}" for artifact in entry(cell).artifacts]
    assert sorted(shown.links) == sorted([*names, pack.path, "Säkerhetsrutiner.pdf"])
    raw = start_page(page, settings(team)).decode()
    assert all(re.fullmatch(r"[\w.~%/()-]+", href, re.ASCII) for href in re.findall(r'href="([^#t][^"]*)"', raw))
    assert "vecka 48 i en fil" in shown.text


def test_three_hundred_groups_stay_a_page_that_opens_at_once() -> None:
    teams = [f"{'ABCDEFGHIJKLMNOPRSTUVÅÄÖ'[n % 24]}hemtjänst {n}" for n in range(300)]
    cells = {cell: entry(cell) for team in teams for day in WINDOW for cell in [Cell(day, team)]}
    page = replace(told(cells), window=WINDOW)
    content = start_page(page, settings(*teams))
    assert len(content) < 4_000_000
    jumps = re.findall(r'<li><a href="#g(\d+)">(\w)</a>', content.decode())
    assert "".join(letter for _, letter in jumps) == "ABCDEFGHIJKLMNOPRSTUVÅÄÖ"
    first = {team[0]: number for number, team in reversed(list(enumerate(_headings(content), start=1)))}
    assert all(first[letter] == int(number) for number, letter in jumps)


def _headings(content: bytes) -> list[str]:
    return re.findall(r'<h2 id="g\d+">([^<]*)</h2>', content.decode())
