"""The start page as a carer meets it: opened from the disk in a real browser, in the morning or days too late."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from pypdf import PdfReader
from reservplan.domain.names import START_PAGE_NAME, Format, Kind, artifact_name, nfc
from reservplan.domain.plan import Cell
from reservplan.papers.start_page import start_page
from reservplan.store.folder import FolderStore
from reservplan.watch.trace import leave_trace

from tests.browser.conftest import DESK, HOSTILE, NOWHERE, PHONE, TEAMS, TUESDAY, WEDNESDAY, Office, Reader, target
from tests.unit.papers.test_start_page import ULLARED, entry, settings, told

THREE_DAYS_LATER = "2026-11-27T06:40+01:00"
NEXT_DAY = "2026-11-25T06:40+01:00"
SIZES = pytest.mark.parametrize("size", [DESK, PHONE])


def links(page: Page) -> dict[str, Path]:
    """Every file that the page leads to, by what the link says of itself."""
    found = page.locator("a:not([href^='#']):not([href^='tel:'])")
    return {
        link.inner_text() + f" ({n})": target(str(link.evaluate("link => link.href")))
        for n, link in enumerate(found.all())
    }


def first_days(page: Page) -> list[str]:
    return [heading.inner_text() for heading in page.locator(".first h3").all()]


@pytest.mark.parametrize("scripts", [True, False])
def test_every_link_leads_to_a_file_of_the_store_and_every_copy_has_one(
    office: Office, reader: Reader, scripts: bool
) -> None:
    with reader.opens(office.page, scripts=scripts) as page:
        found = set(links(page).values())
    there = {path for path in office.store.rglob("*") if path.is_file() and ".reservplan" not in path.parts}
    assert found == there - {office.page}
    # Two groups, three days, four files; a week's file each; the routine.
    assert len(found) == 2 * 3 * 4 + 2 + 1


def test_a_click_on_the_list_opens_that_very_file_from_a_folder_with_a_hostile_name(
    office: Office, reader: Reader
) -> None:
    with reader.opens(office.page) as page:
        group = page.locator("section.group", has=page.get_by_role("heading", name=HOSTILE, exact=True))
        group.locator(".first a.pdf").first.click()
        page.wait_for_url("**/*.pdf")
        opened = target(page.url)
    assert opened == office.store / HOSTILE / artifact_name(TUESDAY, Kind.LIST, HOSTILE, Format.PDF)
    assert opened.read_bytes().startswith(b"%PDF")


@SIZES
@pytest.mark.parametrize("when", ["2026-11-24T06:40+01:00", THREE_DAYS_LATER])
def test_nothing_stands_in_the_way_of_anybody(office: Office, reader: Reader, size: tuple[int, int], when: str) -> None:
    with reader.opens(office.page, when, size=size) as page:
        page.locator("details").first.click(position={"x": 10, "y": 10})
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
        too_small = page.evaluate("""() => Array.from(document.querySelectorAll("body *"), e => getComputedStyle(e))
            .filter(style => parseFloat(style.fontSize) < 16).length""")
        assert too_small == 0
        if size == PHONE:
            heights = [link.bounding_box() for link in page.locator("main a:visible, nav a, summary, .tel").all()]
            assert min(box["height"] for box in heights if box) >= 44
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


@SIZES
def test_the_days_workbooks_stand_on_one_line_beneath_its_papers(
    office: Office, reader: Reader, size: tuple[int, int]
) -> None:
    with reader.opens(office.page, size=size) as page:
        days = page.locator(".day:visible" if size == PHONE else ".first", has=page.locator("a.xlsx")).all()
        assert len(days) == (4 if size == PHONE else 2)
        for day in days:
            papers, workbooks = (
                [box for link in day.locator(f"a.{form}").all() if (box := link.bounding_box())]
                for form in ("pdf", "xlsx")
            )
            assert len(papers) == len(workbooks) == 2
            assert len({box["y"] for box in workbooks}) == len({box["y"] for box in papers}) == 1
            assert workbooks[0]["y"] >= papers[0]["y"] + papers[0]["height"]


def test_the_keyboard_reaches_the_first_list_in_a_few_presses(office: Office, reader: Reader) -> None:
    with reader.opens(office.page) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Till listorna"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.inner_text().startswith("Lista")
        assert focused.evaluate("link => getComputedStyle(link).outlineStyle") != "none"
        page.keyboard.press("Enter")
        page.wait_for_url("**/*.pdf")
        assert target(page.url).name == artifact_name(TUESDAY, Kind.LIST, HOSTILE, Format.PDF)


def test_without_a_script_the_page_says_when_and_never_today(office: Office, reader: Reader) -> None:
    with reader.opens(office.page, scripts=False) as page:
        said = page.inner_text("body")
        assert "Sidan skrevs tisdag 24 november 2026, vecka 48." in said
        assert "Kopiorna hämtades senast tisdag 24 november 2026 kl. 05:00." in said
        assert "Är det en annan dag nu har kopiorna inte uppdaterats" in said
        assert "ring IT-service 0346-88 55 55" in said
        assert "i dag" not in said.lower()
        assert "idag" not in said.lower()
        assert first_days(page) == ["Tisdag 24 november 2026"] * 3
        assert "Falkenbergs <i>kommun</i>" in said


def test_in_the_morning_it_says_today_tomorrow_and_how_old(office: Office, reader: Reader) -> None:
    with reader.opens(office.page) as page:
        assert first_days(page) == ["Tisdag 24 november 2026 I DAG"] * 3
        assert page.locator(".label.tomorrow").count() == 3
        assert page.inner_text("#doubt") == "I dag är det tisdag 24 november 2026. Kopiorna är 2 timmar gamla."
        assert page.locator("#age.old").count() == 0
        groups = [heading.inner_text() for heading in page.locator("section.group h2").all()]
        assert groups == [HOSTILE, "Ullared", "Ätran"]
        # Nothing is wrong with what was captured this morning, and of Ätran there is nothing.
        assert page.locator("section.group .note.bad:visible").count() == 1


def test_a_group_without_copies_stands_there_and_says_whom_to_call(office: Office, reader: Reader) -> None:
    with reader.opens(office.page, scripts=False) as page:
        group = page.locator("section.group", has=page.get_by_role("heading", name=NOWHERE, exact=True))
        first = group.locator(".first")
        assert first.locator("a").count() == 0
        assert "SAKNAS. Ring Planerare." in first.inner_text()


def test_on_the_next_day_that_day_comes_first_and_yesterday_lies_in_the_fold(office: Office, reader: Reader) -> None:
    with reader.opens(office.page, NEXT_DAY) as page:
        assert first_days(page) == ["Onsdag 25 november I DAG"] * 3
        fold = page.locator("details").first
        assert [day.get_attribute("data-day") for day in fold.locator(".day").all()] == ["2026-11-24", "2026-11-23"]
        assert page.locator("#age.old").count() == 1
        assert "GAMLA KOPIOR. I dag är det onsdag 25 november 2026. Kopiorna är 26 timmar gamla" in page.inner_text(
            "#age"
        )
        shown = page.locator("section.group").nth(1).locator(".first a.pdf").first
        name = artifact_name(WEDNESDAY, Kind.LIST, TEAMS[0], Format.PDF)
        assert target(str(shown.evaluate("link => link.href"))).name == name


def test_three_days_later_it_says_loudly_that_no_list_is_of_that_day(office: Office, reader: Reader) -> None:
    with reader.opens(office.page, THREE_DAYS_LATER) as page:
        assert first_days(page) == ["Fredag 27 november 2026 I DAG"] * 3
        assert page.locator(".first a").count() == 0
        assert "Kopiorna är 74 timmar gamla" in page.inner_text("#doubt")
        # What there is lies open below, and nobody can take it for today's.
        assert page.locator("details[open] .day h3").count() == page.locator("details[open] h3 .not_today").count() == 9
        assert set(links(page).values()) >= set(office.store.rglob("*.xlsx"))


def test_last_weeks_file_is_not_todays_either(office: Office, reader: Reader) -> None:
    with reader.opens(office.page, "2026-12-01T06:40+01:00") as page:
        assert "Kopiorna är 7 dygn gamla" in page.inner_text("#doubt")
        weeks = page.locator(".week").all()
        assert len(weeks) == page.locator("details[open] .week .not_today").count() == 2
        assert all("INTE I DAG" in week.inner_text() for week in weeks)
        assert page.locator("section.group > .week").count() == 0
        assert Axe().run(page).violations_count == 0
    with reader.opens(office.page) as page:
        assert page.locator("section.group > .week").count() == 2
        assert page.locator(".week .label").count() == 0


@pytest.mark.parametrize(
    ("when", "told"),
    [("2020-01-01T06:40+01:00", "onsdag 1 januari 2020"), ("2031-07-01T06:40+02:00", "tisdag 1 juli 2031")],
)
def test_a_clock_that_is_wrong_is_said_and_nothing_is_called_today(
    office: Office, reader: Reader, when: str, told: str
) -> None:
    with reader.opens(office.page, when) as page:
        assert f"Datorns klocka visar {told}" in page.inner_text("#age")
        assert page.locator(".label").count() == 0
        assert first_days(page) == ["Tisdag 24 november 2026"] * 3


@pytest.mark.parametrize("scripts", [True, False])
def test_it_prints_on_upright_sheets_with_what_is_folded_and_without_today(
    office: Office, reader: Reader, scripts: bool
) -> None:
    with reader.opens(office.page, scripts=scripts) as page:
        printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    width, height = (float(length) for length in printed.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)
    text = " ".join(" ".join(sheet.extract_text() for sheet in printed.pages).split())
    assert len(printed.pages) == 1
    assert text.count("Måndag 23 november") == 3
    assert text.count("Lista · Översikt") == 6
    assert "I DAG" not in text
    assert "0346-88 55 55" in text


def test_in_english(tmp_path: Path, reader: Reader) -> None:
    cells = {cell: entry(cell) for cell in (Cell(TUESDAY, "Ullared"), Cell(WEDNESDAY, "Ullared"))}
    place = tmp_path / START_PAGE_NAME
    place.write_bytes(start_page(told(cells), settings(language="en")))
    with reader.opens(place, NEXT_DAY) as page:
        assert page.evaluate("document.documentElement.lang") == "en"
        assert first_days(page) == ["Wednesday 25 November TODAY"]
        assert "OLD COPIES. Today is Wednesday 25 November 2026." in page.inner_text("#age")
        assert Axe().run(page).violations_count == 0


def test_among_three_hundred_groups_one_is_found_by_its_letter_or_a_few_keys(tmp_path: Path, reader: Reader) -> None:
    teams = [f"{'ABCDEFGHIJKLMNOPRSTUVÅÄÖ'[n % 24]}hemtjänst {n}" for n in range(300)]
    cells = {cell: entry(cell) for team in teams for cell in (Cell(TUESDAY, team), Cell(WEDNESDAY, team))}
    place = tmp_path / START_PAGE_NAME
    place.write_bytes(start_page(told(cells), settings(*teams)))
    with reader.opens(place, NEXT_DAY, size=PHONE) as page:
        page.get_by_role("link", name="Ö", exact=True).click()
        assert page.evaluate("document.querySelector(':target').textContent").startswith("Öhemtjänst")
        page.get_by_label("Sök grupp").fill("ÄHEMTJÄNST 118")
        assert page.locator("section.group:visible h2").all_inner_texts() == ["Ähemtjänst 118"]
        assert page.get_by_text("1 av 300 grupper").is_visible()
        page.keyboard.press("Enter")
        assert page.locator(":focus").inner_text().split() == ["Lista", "Ähemtjänst", "118", "onsdag", "25", "november"]
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


LOOKED = "2026-11-24T06:30+01:00"


@contextmanager
def looked_at(office: Office, copies: Path) -> Iterator[Path]:
    """The office's folder after the watch has been there, and the next run after it has written the page anew."""
    watched = shutil.copytree(office.store, copies)
    at = datetime.fromisoformat(LOOKED)
    with FolderStore("disk", watched) as store:
        leave_trace(store, at, settings(), good=True)
    page = start_page(told({ULLARED: entry(ULLARED)}, watched=True), settings())
    (watched / nfc(START_PAGE_NAME)).write_bytes(page)
    yield watched / nfc(START_PAGE_NAME)


@SIZES
@pytest.mark.parametrize(("opened", "said", "strong"), [
    ("2026-11-24T06:42+01:00", "Det var för 12 min sedan.", False),
    ("2026-11-24T09:30+01:00", "Det är 3 timmar sedan, för länge.", True),
    ("2026-11-24T05:00+01:00", "Datorns klocka stämmer inte med det.", False),
])  # fmt: skip
def test_the_page_says_how_old_the_last_look_is(
    office: Office, reader: Reader, tmp_path: Path, opened: str, said: str, strong: bool, size: tuple[int, int]
) -> None:
    with looked_at(office, tmp_path / "copies") as page_file, reader.opens(page_file, opened, size=size) as page:
        frame = page.frame_locator("iframe")
        words = frame.locator("#look").inner_text()
        assert "Kopiorna kontrollerades tisdag 24 november 2026 kl. 06:30." in words
        assert said in words
        assert (frame.locator(".old").count() == 1) is strong
        # All of it is seen: what does not fit in a frame is cut off.
        assert frame.locator("body").evaluate("body => body.scrollHeight <= window.innerHeight")


def test_without_scripts_the_last_look_is_told_as_it_is(office: Office, reader: Reader, tmp_path: Path) -> None:
    with looked_at(office, tmp_path / "copies") as page_file, reader.opens(page_file, scripts=False) as page:
        words = page.frame_locator("iframe").locator("#look").inner_text()
    assert "kl. 06:30. Är det länge sedan: gå efter vad som står på papperet" in words


def test_before_the_first_look_the_page_has_no_frame(office: Office, reader: Reader) -> None:
    with reader.opens(office.page) as page:
        assert page.locator("iframe").count() == 0
