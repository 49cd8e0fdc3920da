"""The machine's own Chromium, opening a store's start page as a reader does: from the disk, with nothing around it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
import yaml
from playwright.sync_api import Browser, Page, sync_playwright
from reservplan import cli
from reservplan.domain.names import START_PAGE_NAME, nfc

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (23, 24, 25))
HOSTILE = "Höst & Vår 100 % #1 +ö"
NOWHERE = "Ätran"
TEAMS = ("Ullared", HOSTILE)
DESK, PHONE = (1280, 900), (390, 844)

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass(frozen=True)
class Office:
    """A folder that holds the copies of two days, and the page that leads to them."""

    store: Path

    @property
    def page(self) -> Path:
        return self.store / nfc(START_PAGE_NAME)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two mornings' snapshots, as the command takes them."""
    return _made(tmp_path_factory.mktemp("office"), MONDAY, TUESDAY)


def _made(root: Path, *mornings: date) -> Office:
    """The copies of some mornings; nobody has ever captured those of Ätran."""
    captured = [word for name in TEAMS for word in ("--team", name)]
    tree = {
        "organisation": "Falkenbergs <i>kommun</i>",
        "teams": [{"name": name, "phone": "0346-88 60 00"} for name in (*TEAMS, NOWHERE)],
        "window": {"days_back": 14, "days_ahead": 1},
        "source": {"kind": "demo"},
        "stores": [{"name": "disk", "kind": "folder", "folder": "copies", "layout": "by-team"}],
        "contacts": {"it_service": {"name": "IT-service", "phone": "0346-88 55 55"}},
        **{place: place for place in ("staging", "archive", "reports")},
    }
    (root / "copies").mkdir()
    (root / "reservplan.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    for morning in mornings:
        with time_machine.travel(datetime(morning.year, morning.month, morning.day, 5, tzinfo=STOCKHOLM)):
            cli.main(["--config", str(root / "reservplan.yaml"), "snapshot", *captured])
    return Office(root / "copies")


@pytest.fixture(scope="module")
def browser(office: Office) -> Iterator[Browser]:
    """One for all tests of a module: while it runs, no other event loop can run in this process."""
    assert office.page.is_file(), "the office's own work comes before the browser's loop"
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.fail("No Chromium on this machine. Please run: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=_QUIET)
        yield started
        started.close()


@dataclass(frozen=True)
class Reader:
    """Somebody who opens pages at an hour, on a screen of some width, with scripts or without."""

    browser: Browser

    @contextmanager
    def opens(
        self, path: Path, when: str = "2026-11-24T06:40+01:00", *, size: tuple[int, int] = DESK, scripts: bool = True
    ) -> Iterator[Page]:
        """The open page; whatever it complains about, or asks of a network, fails the test."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, timezone_id="America/New_York"
        )
        faults: list[str] = []
        asked: list[str] = []
        page = context.new_page()
        page.on("console", lambda message: faults.append(f"{message.text} in {page.url}"))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        if scripts:
            page.clock.set_fixed_time(datetime.fromisoformat(when).astimezone(UTC))
        page.goto(path.as_uri())
        yield page
        context.close()
        assert faults == []
        # The browser's own reader of PDFs is an extension of it.
        assert {urlsplit(url).scheme for url in asked} <= {"file", "chrome", "chrome-extension"}


@pytest.fixture
def reader(browser: Browser) -> Reader:
    return Reader(browser)


def target(url: str) -> Path:
    """The file on this machine that a resolved link leads to."""
    parts = urlsplit(url)
    assert (parts.scheme, parts.query, parts.fragment) == ("file", "", ""), url
    return Path(unquote(parts.path))
