"""Two Celery workers that share no disk make the copies of 60 groups; when one is killed, the other ends its work."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from reservplan.domain.names import OWN_FOLDER, is_paper_name, is_temp_name
from reservplan.extract.demo import demo_team_names, write_demo_export

from servers.airflow_api import ENDED
from servers.airflow_home import PROJECT
from servers.samba import SambaServer
from tests.operation.celery_site import Overheard, RenderersSeen, Site, Worker
from tests.operation.deployment import SNAPSHOT, names_of, quiet_schedule, wait_until, zone_away_from_midnight
from tests.operation.planted import PROTECTED_COLUMNS, People, csv_of
from tests.operation.traces import Search

TEAMS = demo_team_names(60)
# Each day is a batch: two workers can share two days.
FEW_DAYS, ALL_DAYS = 2, 4
# Each site its own: what another has published there need not be rendered again.
FOLDERS = {FEW_DAYS: "Två arbetare, två dagar", ALL_DAYS: "Två arbetare, fyra dagar"}
RUN_SECONDS = 900.0


class Played:
    """The site with its first run done, and all that was seen and heard while it was."""

    def __init__(self, site: Site, people: People, days: list[date]) -> None:
        self.site = site
        self.people = people
        self.days = days
        self.copies = site.samba.share_path / FOLDERS[len(days)]
        self.copies.mkdir(exist_ok=True)
        with Overheard(site.broker) as overheard, RenderersSeen(site) as seen:
            self.run_id, self.state = self.run()
        self.overheard = overheard.content
        self.renderers = seen.programs
        self.written = site.bucket.written()
        self.staged_afterwards = self.staged()

    def start(self, **conf: Any) -> str:
        """Trigger a run by hand."""
        self.site.services.api.set_paused(SNAPSHOT, False)
        return self.site.services.api.trigger(SNAPSHOT, conf)

    def run(self, **conf: Any) -> tuple[str, str]:
        """Trigger a run and wait for its end."""
        run_id = self.start(**conf)
        return run_id, self.site.services.api.wait_for_run(SNAPSHOT, run_id, RUN_SECONDS)

    def staged(self) -> list[str]:
        """What lies in staging."""
        return [name for name in self.site.bucket.names() if name.startswith("staging/")]

    def on_disk(self) -> dict[str, tuple[int, str]]:
        """Each file of the store with its mtime in ns and a hash of its bytes; the lock not."""
        return {
            str(path.relative_to(self.copies)): (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest())
            for path in sorted(self.copies.rglob("*"))
            if path.is_file() and path.name != "lock"
        }

    def told(self, day: date) -> dict[str, Any]:
        """The cells of a day's manifest."""
        from reservplan.domain.manifest import Manifest

        path = self.copies / OWN_FOLDER / f"{day:%y%m%d}.json"
        return dict(Manifest.model_validate_json(path.read_bytes()).cells)

    def assert_whole(self) -> None:
        """Each cell lies there whole as its manifest tells, with nothing beside it and nothing half done."""
        found = self.on_disk()
        wanted = set()
        for day in self.days:
            told = self.told(day)
            assert set(told) == set(TEAMS)
            for team, entry in told.items():
                artifacts = {artifact.name: artifact.sha256 for artifact in entry.artifacts}
                assert set(artifacts) == set(names_of(day, team))
                assert artifacts == {name: found[name][1] for name in artifacts}
                wanted |= set(artifacts)
        cells = {name for name in found if not name.startswith(OWN_FOLDER) and not is_paper_name(name)}
        assert cells == wanted
        assert not [name for name in found if is_temp_name(Path(name).name) or name.endswith(".intent.json")]

    def let_wait_pass(self, run_id: str, minutes: int = 6) -> None:
        """Make the tasks that wait for their next try believe that so much time has passed."""
        where = f"WHERE run_id = '{run_id}' AND state = 'up_for_retry'"
        earlier = f"end_date - interval '{minutes} minutes'"
        self.site.database.query(f"UPDATE task_instance SET end_date = {earlier} {where}")  # noqa: S608 - our own words

    def worker_at(self, run_id: str, task_id: str) -> Worker:
        """The worker that is doing a task now."""
        sql = "SELECT pid FROM task_instance WHERE state = 'running' AND pid IS NOT NULL "
        sql += f"AND run_id = '{run_id}' AND task_id = '{task_id}'"
        rows = wait_until(lambda: self.site.database.query(sql), f"{task_id} does not begin")
        return self.site.worker_of(int(rows[0][0]))


def write_export(folder: Path, people: People, days: list[date]) -> None:
    """The demo's export of 60 groups, and people of our own in it."""
    ahead = len(days) - 1
    demo = write_demo_export(folder / "demo", teams=len(TEAMS), days_back=0, days_ahead=ahead, today=days[0])
    rows = list(csv.DictReader(io.StringIO(demo.read_text(encoding="utf-8-sig")), delimiter=";"))
    rows += people.rows_of(days, TEAMS)
    (folder / "exports").mkdir()
    (folder / "exports" / "Planering.csv").write_text(csv_of(rows), encoding="utf-8-sig", newline="")


def configuration(zone: str, now: datetime, days: int) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load((PROJECT / "config" / "reservplan.yaml").read_text(encoding="utf-8"))
    tree |= {"timezone": zone, "teams": list(TEAMS), "window": {"days_back": 14, "days_ahead": days - 1}}
    tree |= {"schedule": quiet_schedule(now), "alerts": {"critical": []}}
    tree["source"] |= {"path": "../../exports", "teams": {}, **PROTECTED_COLUMNS}
    tree["stores"] = [{"name": "share", "kind": "smb", "connection": "reservplan_share", "folder": FOLDERS[days]}]
    return tree


@pytest.fixture(
    scope="module", params=[FEW_DAYS, pytest.param(ALL_DAYS, marks=pytest.mark.long)], ids=["two days", "four days"]
)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, samba: SambaServer
) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("celery")
    zone = zone_away_from_midnight()
    now = datetime.now(UTC).astimezone(zone)
    people = People.random()
    days = [now.date() + timedelta(days=n) for n in range(request.param)]
    write_export(folder, people, days)
    with Site(folder, samba, configuration(str(zone), now, len(days)), folder / "exports") as site:
        made = Played(site, people, days)
        yield made


def test_the_snapshot_of_sixty_groups_completes(played: Played) -> None:
    assert played.state == "success"
    assert len(TEAMS) == 60
    played.assert_whole()


def test_both_workers_have_done_their_part_with_their_own_copies(played: Played) -> None:
    one, two = (worker.tasks_of(played.run_id) for worker in played.site.workers)
    assert one["render"]
    assert two["render"]
    tasks = [task["task_id"] for task in played.site.services.api.tasks(SNAPSHOT, played.run_id)]
    assert one + two == Counter(tasks)
    assert played.renderers == {str(worker.python) for worker in played.site.workers}


def test_staging_lay_in_the_bucket_and_is_empty_afterwards(played: Played) -> None:
    lay = {name.split("/", 2)[2] for name in played.written if name.startswith("staging/")}
    assert {"visits.parquet", "shifts.parquet", "plan.json"} <= {name.rpartition("/")[2] for name in lay}
    assert {"parts.json", "judgements.json", "offers.json"} <= lay
    for kind in ("documents", "rendered"):
        assert len([name for name in lay if name.startswith(f"{kind}/")]) == len(TEAMS) * len(played.days)
    assert played.staged_afterwards == []


def test_archive_and_report_lie_in_the_bucket_and_of_the_two_only_the_archive_knows_people(played: Played) -> None:
    kept = [name for name in played.site.bucket.names() if not name.startswith("staging/")]
    captures = {name.split("/")[2] for name in kept if name.startswith("archive/captures/")}
    assert {f"{day:%y%m%d}" for day in played.days} <= captures
    of_archive, of_reports = Search(played.people.values), Search(played.people.values)
    for name in kept:
        content = played.site.bucket.read(name)
        if name.endswith(".parquet"):
            of_archive.look(pd.read_parquet(io.BytesIO(content)).to_csv(), name)
        elif name.startswith("reports/"):
            of_reports.look(content, name)
    assert {Path(name).suffix for name in kept if name.startswith("reports/")} == {".html", ".json"}
    assert of_archive.traces, "A search that finds nothing where it is proves nothing."
    assert of_reports.traces == set()


def test_no_worker_has_anything_of_the_plan_on_its_disk_but_the_export(played: Played) -> None:
    search, of_exports = Search(played.people.values), Search(played.people.values)
    for worker in played.site.workers:
        of_exports.look_below(worker.folder / "exports")
        search.look_below(worker.folder, leave_out=[worker.folder / "exports"])
        files = [  # its interpreter is the tests' own
            path for path in worker.folder.rglob("*") if path.is_file() and worker.folder / "venv" not in path.parents
        ]
        assert not [path for path in files if path.suffix in (".parquet", ".pdf", ".xlsx")]
        assert not list(worker.folder.rglob("run-*"))
    assert of_exports.traces, "A search that finds nothing where it is proves nothing."
    assert search.traces == set()


def test_nothing_of_a_person_and_no_password_of_the_share_goes_through_the_broker(played: Played) -> None:
    heard = played.overheard
    tasks = [task for task in played.site.services.api.tasks(SNAPSHOT, played.run_id) if task["task_id"] != "whole"]
    # On a slow machine one may be queued twice.
    assert heard.count(b'"LPUSH" "default"') >= len(tasks), "A broker that was not heard proves nothing."
    secrets = {played.site.samba.password: "the share's password", played.site.bucket.key: "the bucket's key"}
    search = Search(played.people.values | secrets)
    search.look(heard, "the broker")
    assert search.traces == set()


@pytest.mark.long
def test_a_second_run_writes_nothing_whoever_does_it(played: Played) -> None:
    before = played.on_disk()
    run_id, state = played.run()
    assert state == "success"
    assert played.on_disk() == before
    states = {task["task_id"]: task["state"] for task in played.site.services.api.tasks(SNAPSHOT, run_id)}
    assert states["render"] == "skipped"
    assert played.staged() == []


@pytest.mark.long
@pytest.mark.parametrize("step", ["render", "publish"])
def test_a_worker_killed_in_the_middle_is_replaced_by_the_other(played: Played, step: str) -> None:
    played.site.wait_until_ready()
    teams = TEAMS[:6]
    before = played.on_disk()
    run_id = played.start(force=True, teams=list(teams))
    victim = played.worker_at(run_id, step)
    (survivor,) = (worker for worker in played.site.workers if worker is not victim)
    if step == "render":
        wait_until(lambda: any("/rendered/" in name for name in played.staged()), "nothing is rendered")
    else:
        wait_until(lambda: played.on_disk() != before, "nothing is published")
    victim.kill()
    try:
        assert played.staged() != []

        def end() -> str:
            played.let_wait_pass(run_id)
            state = str(played.site.services.api.run(SNAPSHOT, run_id)["state"])
            return state if state in ENDED else ""

        assert wait_until(end, "the run does not end", RUN_SECONDS) == "success"
    finally:
        victim.start()
    assert survivor.tasks_of(run_id)[step]
    assert played.staged() == []
    played.assert_whole()
    after = played.on_disk()
    written = {name for name in after if not name.startswith(OWN_FOLDER) and after[name][0] != before[name][0]}
    assert written == {name for day in played.days for team in teams for name in names_of(day, team)}
