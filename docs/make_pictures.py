"""Makes docs/pictures/ of every artifact anew from the demo data, the same each time: `make pictures`."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

import time_machine
import yaml
from PIL import Image
from playwright.sync_api import sync_playwright
from reservplan import cli
from reservplan.domain.days import utc_text
from reservplan.drill_records import Drilled, DrillRecords, StoreDrilled, Trial
from reservplan.extract.demo import write_demo_export
from reservplan.history import append

PICTURES = Path(__file__).parent / "pictures"
CONFIG = Path(__file__).parents[1] / "config" / "reservplan.yaml"
MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TEAMS = ["Ullared", "Vessigebro", "Älvsered"]
MORE_TEAMS = ["Falkenberg Centrum", "Falkenberg Norr", "Getinge", "Glommen", "Skogstorp"]
# Of the month's report: cause, severity, day, hour and hours.
INCIDENTS = [("store_away", "critical", 12, 13, 3), ("missing", "critical", 18, 7, 3), ("open", "info", 25, 6, 1)]
WIDTH = 1000
GREYS = 16
BROWSER = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


def main() -> int:
    """Make them all; the exit status is 0 where all could be made."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        plain = _site(folder / "pages", "pages")
        binder = _site(folder / "compact", "compact")
        for day in range(3):
            _snapshot(plain, MONDAY + timedelta(days=day))
        _snapshot(binder, MONDAY)
        today = f"{MONDAY + timedelta(days=2):%y%m%d}"
        copies = plain / "copies"
        _page(copies / f"{today} Brukarschema Ullared.pdf", 1, "list-front")
        _page(copies / f"{today} Brukarschema Ullared.pdf", 2, "list")
        _page(copies / f"{today} Översiktsschema Ullared.pdf", 1, "overview")
        _page(binder / "copies" / f"{MONDAY:%y%m%d} Brukarschema Ullared.pdf", 2, "compact")
        _sheet(copies / f"{today} Brukarschema Ullared.xlsx", 2, "list-xlsx", folder)
        _sheet(copies / f"{today} Översiktsschema Ullared.xlsx", 1, "overview-xlsx", folder)
        pack = copies / "26v48 Brukarschema Ullared.pdf"
        _page(pack, 1, "week-pack")
        _page(pack, -2, "blank-form")
        _page(copies / "Säkerhetsrutiner vid driftstopp.pdf", 1, "routine-1")
        _page(copies / "Säkerhetsrutiner vid driftstopp.pdf", 2, "routine-2")
        _page(_template(plain, folder), 1, "template")
        _start_page(copies / "00 LÄS MIG FÖRST.html")
        _page(_month_report(plain, folder), 1, "month-report")
    print(f"{len(list(PICTURES.glob('*.png')))} pictures in {PICTURES}")
    return 0


def _site(folder: Path, form: str) -> Path:
    """A folder with an export, an empty store and a configuration."""
    (folder / "copies").mkdir(parents=True)
    tree = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    tree.update(teams=TEAMS, stores=[{"name": "share", "kind": "folder", "folder": "copies"}])
    tree["stores"][0]["shown_as"] = "V:\\Besöksplanering ALLA grupper"
    tree["source"]["path"] = "exports"
    tree["paper"]["list_form"] = form
    tree["routine"].update(owner="Enhetschef", review_date=date(2027, 11, 1))
    tree.update({key: key for key in ("staging", "archive", "reports")})
    (folder / "reservplan.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return folder


def _run(*arguments: str | Path) -> int:
    return cli.main([str(argument) for argument in arguments])


def _snapshot(site: Path, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        export = write_demo_export(site / "exports", teams=3, days_back=1, days_ahead=8, today=at.date(), seed=220621)
        saved = (at - timedelta(minutes=15)).timestamp()
        os.utime(export, (saved, saved))
        if _run("--config", site / "reservplan.yaml", "snapshot") == cli.COULD_NOT_RUN:
            raise SystemExit("The demo's copies could not be made.")


def _template(site: Path, folder: Path) -> Path:
    with time_machine.travel(MONDAY + timedelta(days=2), tick=False):
        arguments = ("--team", "Ullared", "--date", "2026-12-02", "--folder", folder)
        _run("--config", site / "reservplan.yaml", "template", *arguments)
    return next(folder.glob("MALL Brukarschema *.pdf"))


def _month_report(site: Path, folder: Path) -> Path:
    """A made-up November: the share was away an afternoon, a group's list was gone a morning, nobody looked one day."""
    watch = str(folder / "month" / "watch")
    (folder / "month").mkdir()
    tree = yaml.safe_load((site / "reservplan.yaml").read_text(encoding="utf-8"))
    tree["teams"] = TEAMS + MORE_TEAMS
    tree["watch"] = {"folder": watch}
    config = folder / "month" / "reservplan.yaml"
    config.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    begins = datetime(2026, 10, 31, 23, tzinfo=UTC)
    append(watch, [look for half in range(30 * 48) if (look := _look(begins + half * timedelta(minutes=30)))])
    for cause, severity, day, hour, hours in INCIDENTS:
        opened = begins + timedelta(days=day - 1, hours=hour)
        closed = opened + timedelta(hours=hours)
        told = {"cause": cause, "store": "share", "severity": severity, "opened_at": utc_text(opened)}
        append(watch, [{"at": utc_text(closed), "incident": "closed", "closed_at": utc_text(closed), **told}])
    at = datetime(2026, 11, 4, 9, tzinfo=UTC)
    trials = tuple(Trial(team=team) for team in TEAMS)
    drilled = Drilled(drilled_at=at, today=at.date(), stores=(StoreDrilled(store="share", trials=trials),))
    DrillRecords(watch).keep(drilled, {})
    with time_machine.travel(datetime(2026, 12, 1, 7, tzinfo=UTC), tick=False):
        _run("--config", config, "report", "--month", "2026-11", "--folder", folder / "month")
    return next((folder / "month").glob("*.pdf"))


def _look(at: datetime) -> dict[str, Any] | None:
    local = at + timedelta(hours=1)
    share: dict[str, Any] = {"states": {"ok": 144}, "today": 8}
    if local.day == 22:
        return None
    if local.day == 12 and 13 <= local.hour < 16:
        share = {"away": True}
    elif local.day == 18 and 7 <= local.hour < 10:
        share["short"] = ["Vessigebro"]
    return {"at": utc_text(at), "day": local.date().isoformat(), "stores": {"share": share}}


def _page(pdf: Path, number: int, name: str) -> None:
    """One page of a PDF; a number below 0 counts from the end."""
    info = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    pages = int(next(line.split()[1] for line in info.splitlines() if line.startswith("Pages:")))
    asked = str(number if number > 0 else pages + 1 + number)
    target = PICTURES / name
    subprocess.run(
        ["pdftoppm", "-r", "110", "-gray", "-png", "-singlefile", "-f", asked, "-l", asked, pdf, target],
        check=True,
    )
    _small(target.with_suffix(".png"))


def _sheet(workbook: Path, number: int, name: str, folder: Path) -> None:
    """A page of a workbook as LibreOffice prints it."""
    profile = (folder / "office").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run([*command, folder, workbook], check=True, capture_output=True)
    _page(folder / f"{workbook.stem}.pdf", number, name)


def _start_page(page: Path) -> None:
    browser_path = next(filter(None, map(which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=list(BROWSER))
        for width, height in ((1280, 1100), (390, 1400)):
            opened = browser.new_page(viewport={"width": width, "height": height})
            opened.clock.set_fixed_time(MONDAY + timedelta(days=2, hours=1))
            opened.goto(page.as_uri())
            target = PICTURES / f"start-page-{width}.png"
            opened.screenshot(path=target)
            _small(target, colours=64)
        browser.close()


def _small(picture: Path, colours: int = GREYS) -> None:
    with Image.open(picture) as image:
        height = round(image.height * min(1, WIDTH / image.width))
        scaled = image.resize((min(WIDTH, image.width), height), Image.Resampling.LANCZOS)
        scaled.convert("P", palette=Image.Palette.ADAPTIVE, colors=colours).save(picture, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
