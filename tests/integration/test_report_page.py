"""The validation report as its reader meets it: a real run, Airflow's own web server behind a path, a login."""

import contextlib
import csv
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from reservplan.domain.days import ONE_DAY, local_day
from reservplan.domain.names import START_PAGE_NAME
from reservplan.extract.demo import write_demo_export
from reservplan.report import Reports
from reservplan.settings import load

from servers.airflow_api import AirflowApi, AirflowRefused
from servers.airflow_home import LOGIN, PROJECT, AirflowHome, read_dag
from servers.object_store import ObjectStore
from servers.own_session import OwnSession
from servers.ports import HOST, free_ports
from tests.unit.test_report import TODAY, cell, report, settings

TEAMS = ("Ullared", "Vessigebro")
BEFORE = "/airflow"
START_SECONDS = 120.0
PASSWORDS = {LOGIN: "in-with-all-rights", "guest": "in-without-any"}


@dataclass(frozen=True)
class Answer:
    """What the web server said."""

    status: int
    headers: Message
    body: str


@dataclass(frozen=True)
class Reader:
    """Somebody at a browser; `cookie` is what the login left there."""

    address: str
    cookie: str = ""

    def get(self, path: str, *, browser: bool = True) -> Answer:
        """The answer itself: a redirection is not followed."""
        headers = {"Accept": "text/html"} if browser else {}
        headers |= {"Cookie": f"_token={self.cookie}"} if self.cookie else {}
        request = urllib.request.Request(self.address + path, headers=headers)  # noqa: S310 - ours, on loopback
        try:
            answer = urllib.request.build_opener(_Stays).open(request, timeout=30)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return Answer(answer.status, answer.headers, answer.read().decode())


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Site:
    """One finished run, and the web server that shows it."""

    address: str
    run_id: str
    refused_run_id: str
    export: Path
    settings: Path

    def api(self, login: str = LOGIN) -> AirflowApi:
        return AirflowApi(self.address + BEFORE, login, PASSWORDS[login])

    def reader(self, login: str = "") -> Reader:
        if not login:
            return Reader(self.address)
        given = {"username": login, "password": PASSWORDS[login]}
        return Reader(self.address, self.api(login).ask("POST", "/auth/token", given)["access_token"])

    @property
    def link(self) -> str:
        return self.link_of(self.run_id) or ""

    def link_of(self, run_id: str) -> str | None:
        path = f"/api/v2/dags/reservplan_snapshot/dagRuns/{quote(run_id, safe='')}/taskInstances/report"
        links: dict[str, str | None] = self.api().ask("GET", f"{path}/links")["extra_links"]
        return links["Valideringsrapport"]


def configuration(folder: Path) -> Path:
    tree = yaml.safe_load((PROJECT / "config" / "reservplan.yaml").read_text(encoding="utf-8"))
    tree |= {"teams": list(TEAMS), "window": {"days_back": 14, "days_ahead": 1}}
    tree["source"] |= {"path": "exports", "teams": {}}
    tree["stores"] = [{"name": "disk", "kind": "folder", "folder": "copies"}]
    tree |= {"staging": "staging", "archive": "archive", "reports": "reports"}
    (folder / "copies").mkdir()
    file = folder / "reservplan.yaml"
    file.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def site(airflow_database: AirflowHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("report-page")
    config = configuration(folder)
    today = local_day(datetime.now(UTC), load(config).zone)
    export = write_demo_export(folder / "exports", teams=len(TEAMS), days_back=0, days_ahead=1, today=today)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESERVPLAN_CONFIG", str(config))
        # People may come by another address than this; its path is what counts.
        patch.setenv("AIRFLOW__API__BASE_URL", f"https://reservplan.example.org{BEFORE}")
        refused = read_dag("reservplan_snapshot").test(run_conf={"grupp": "Ullared"})
        run = read_dag("reservplan_snapshot").test()
        assert str(run.state) == "success"
        with web_server(airflow_database, folder) as address:
            yield Site(address, run.run_id, refused.run_id, export, config)


@contextlib.contextmanager
def web_server(home: AirflowHome, folder: Path) -> Iterator[str]:
    """Airflow's, alone, with one who may see runs and one who may not; gives its address."""
    (port,) = free_ports(1)
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps(PASSWORDS))
    environment = os.environ | {
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{LOGIN}:viewer,guest:",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }
    session = OwnSession(folder / "api-server.json", folder / "api-server.log")
    session.start([Path(sys.executable).parent / "airflow", "api-server"], environment, home.folder)
    address = f"http://{HOST}:{port}"
    try:
        wait_until_it_answers(AirflowApi(address + BEFORE, LOGIN, PASSWORDS[LOGIN]), session)
        yield address
    finally:
        session.stop()


def wait_until_it_answers(api: AirflowApi, session: OwnSession) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and session.running:
        with contextlib.suppress(AirflowRefused, OSError):
            api.ask("GET", "/api/v2/version")
            return
        time.sleep(0.2)
    raise AssertionError(f"Airflow's web server does not answer:\n{session.log_tail()}")


def test_the_tasks_link_leads_to_the_page_also_behind_a_path(site: Site) -> None:
    assert site.link.startswith(f"{BEFORE}/reservplan/reports/")
    answer = site.reader(LOGIN).get(site.link)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for words in ("<h1>Valideringsrapport ", *TEAMS, "disk", site.run_id):
        assert words in answer.body


def test_a_run_that_was_refused_has_no_report_and_no_link(site: Site) -> None:
    states = {task["task_id"]: task["state"] for task in site.api().tasks("reservplan_snapshot", site.refused_run_id)}
    assert (states["accept_request"], states["report"]) == ("failed", "skipped")
    assert site.link_of(site.refused_run_id) is None


def test_the_record_lies_beside_it(site: Site) -> None:
    answer = site.reader(LOGIN).get(site.link.removesuffix(".html") + ".json")
    told = json.loads(answer.body)
    assert answer.headers["Content-Type"] == "application/json"
    assert {cell["team"] for cell in told["cells"]} == set(TEAMS)
    assert {outcome["store"] for cell in told["cells"] for outcome in cell["outcomes"]} == {"disk"}


def test_it_is_kept_nowhere_on_the_way_and_may_load_nothing(site: Site) -> None:
    headers = site.reader(LOGIN).get(site.link).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_without_a_login_a_browser_is_sent_there_and_a_program_refused(site: Site) -> None:
    stranger = site.reader()
    sent = stranger.get(site.link)
    assert (sent.status, sent.body) == (307, "")
    assert sent.headers["Location"].startswith(f"{BEFORE}/auth/login?next=")
    for path in (site.link, site.link.replace(".html", ".json"), f"{BEFORE}/reservplan/reports/261123/nothing.html"):
        refused = stranger.get(path, browser=False)
        assert (refused.status, refused.body) == (401, "")


def test_who_may_not_see_the_runs_may_not_see_their_reports(site: Site) -> None:
    answer = site.reader("guest").get(site.link)
    assert answer.status == 403
    assert "Du får inte se körningarna" in answer.body
    assert "Ullared" not in answer.body


def test_of_a_report_that_is_not_there_it_says_so_in_words(site: Site) -> None:
    answer = site.reader(LOGIN).get(f"{BEFORE}/reservplan/reports/200101/snapshot__nothing.html")
    assert answer.status == 404
    assert "Det finns ingen sådan rapport." in answer.body
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "tricked",
    ["261123/..%2f..%2freservplan.yaml", "..%2f/reservplan.yaml", "261123/%2e%2e%2f%2e%2e%2freservplan.html",
     "261123/%252e%252e%252freservplan.json", "%2e%2e/reservplan.html", "261123/.html", "261123/a%00.html",
     "261123/..%5creservplan.html"],
)  # fmt: skip
def test_no_address_leads_out_of_the_reports(site: Site, tricked: str) -> None:
    assert site.settings.exists()
    answer = site.reader(LOGIN).get(f"{BEFORE}/reservplan/reports/{tricked}")
    assert answer.status == 404
    assert "organisation" not in answer.body


def test_nothing_else_is_served_there(site: Site) -> None:
    for reader in (site.reader(), site.reader(LOGIN)):
        for path in ("/", "/docs", "/openapi.json", "/redoc", "/reports", "/reports/261123/"):
            answer = reader.get(f"{BEFORE}/reservplan{path}", browser=False)
            assert answer.status in (307, 404), path
            assert "Ullared" not in answer.body


def test_nobody_of_the_export_is_in_it(site: Site) -> None:
    with open(site.export, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    columns = ("Kundnr", "Gata", "Telefon", "Nyckel", "Medarbetare", "Notering", "BesöksID")
    personal = {row[column] for row in rows for column in columns} | {
        f"{row['Förnamn']} {row['Efternamn']}" for row in rows
    }
    reader = site.reader(LOGIN)
    for path in (site.link, site.link.replace(".html", ".json")):
        told = reader.get(path).body
        assert not [value for value in personal if len(value.strip()) > 3 and value in told]


def test_the_page_is_where_the_settings_say_and_nowhere_else(site: Site) -> None:
    folder = site.settings.parent
    assert sorted(path.suffix for path in (folder / "reports").rglob("*") if path.is_file()) == [".html", ".json"]
    assert [path.name for path in (folder / "copies").rglob("*.html")] == [START_PAGE_NAME]


def test_on_object_storage_what_a_worker_keeps_the_web_server_reads_and_its_day_removes(bucket: ObjectStore) -> None:
    worker, web = (Reports(f"s3://{bucket.bucket}/reports") for _ in range(2))
    assert web.names() == []
    kept = [worker.keep(report(cell(), today=TODAY - n * ONE_DAY), settings()) for n in range(3)]
    assert web.names() == sorted(kept)
    assert (web.read(kept[0], "html") or b"").startswith(b"<!DOCTYPE html>")
    assert worker.prune(TODAY) == 2
    assert web.names() == kept[:1]
    assert web.read(kept[1], "html") is None
    assert len(bucket.names()) == 2
