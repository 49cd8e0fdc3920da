"""An alert's HTML on a telephone: nothing is wider than the screen, however long the names are."""

import pytest
from playwright.sync_api import Browser
from reservplan.domain.alerts import Severity
from reservplan.domain.plan import Cell
from reservplan.watch.incidents import Event, Turn
from reservplan.watch.messages import message_of
from reservplan.watch.problems import Cause, Problem

from docs.generate_alerts import NOW, TODAY, alert_of, example_settings, incident_of
from tests.browser.conftest import PHONE

OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_alert_fits_a_telephone(browser: Browser, language: str) -> None:
    settings = example_settings(language)
    pages = {
        (cause, turn): alert_of(cause, turn, settings).html for cause in Cause for turn in (Turn.OPENED, Turn.CLOSED)
    }
    assert overhanging(browser, pages) == {}


def test_long_names_fit_a_telephone(browser: Browser) -> None:
    cells = tuple(Cell(TODAY, team) for team in ("Ö" * 100, "Hemtjänstgruppen Norra Skogstorp natt och dag", "Å"))
    found = {cause: Problem(cause, "share", Severity.CRITICAL, (), cells) for cause in Cause}
    pages = {
        (cause, Turn.WORSE): message_of(
            Event(Turn.WORSE, incident_of(problem), problem), None, example_settings("sv"), NOW
        ).html
        for cause, problem in found.items()
    }
    assert overhanging(browser, pages) == {}


def overhanging(browser: Browser, pages: dict[tuple[Cause, Turn], str]) -> dict[tuple[Cause, Turn], int]:
    """By how many pixels each page is wider than the telephone, of those that are."""
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    found = {}
    for which, html in pages.items():
        page.set_content(html)
        found[which] = int(page.evaluate(OVERHANG))
    page.close()
    return {which: pixels for which, pixels in found.items() if pixels}
