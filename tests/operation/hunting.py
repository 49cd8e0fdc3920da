"""The hunt: an Airflow of its own in which people are planted, and the search of every place that its runs reach.

`Hunt` plays runs; `look_everywhere` then searches. A second search, for secrets, goes where no secret may stand.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
import yaml

from servers.airflow_home import PROJECT
from servers.samba import PROGRAM_PATH
from tests.mailbox import text_of
from tests.operation.deployment import (
    DAGS,
    RUN_SECONDS,
    SNAPSHOT,
    TEAMS,
    Deployment,
    Office,
    deployed,
    quiet_schedule,
    wait_until,
)
from tests.operation.hostile import USUAL_SLIPS, WHOLE, Export
from tests.operation.planted import PROTECTED_COLUMNS, People
from tests.operation.traces import Search, files_below, is_of_a_plan
from tests.operation.watching import RENDERER, Watch, pids_of

# Where the canary puts one word each, and what the names of the places hold in which it must be found.
CANARY_PLACES: Mapping[str, tuple[str, ...]] = {
    "xcom": ("database, xcom", "the cluster", "http xcom"),
    "log": ("http log", "logs/", "output/scheduler"),
    "output": ("http log", "logs/", "output/scheduler"),
    "exception": ("http log", "logs/", "output/scheduler"),
    "rendered field": ("database, rendered_task_instance_fields", "database, serialized_dag", "http task"),
    "temp": ("tmp/",),
    "home": ("user/",),
    "work": ("work/",),
    "memory": ("/dev/shm/",),  # noqa: S108
    "passing file": ("tmp/passing",),
    "command line": ("the command line",),
    "environment": ("the environment",),
    "mail": ("mail",),
    "machine": ("/tmp/",),  # noqa: S108
    "command": ("output/commands.log",),
    "typed": ("database, dag_run", "http run"),
}
# Where Airflow itself keeps what an operator has typed into the form of a run.
TYPED_PLACES = ("database, dag_run", "database, log", "database, backfill", "the cluster", "http run", "http event")
# Cells that have not changed are drawn too, so that there is something to be disturbed in.
DRAW_ALL = {"force": True}
KEPT_SECRETS = ("secrets.json", "passwords.json", "airflow.cfg")
_TABLE = re.compile(r"^INSERT INTO public\.(\w+) ", re.MULTILINE)


@dataclass
class Hunt:
    """One hunt: its deployment, its people, and what has been found so far."""

    deployment: Deployment
    office: Office
    people: People
    canaries: Mapping[str, str]
    typed: Mapping[str, str]
    since: float
    watch: Watch
    states: dict[str, str] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    staged_at_end: dict[str, list[str]] = field(default_factory=dict)
    _saved: int = 0

    @cached_property
    def search(self) -> Search:
        """For people, canaries and what was typed."""
        typed = {value: f"typed: {what}" for what, value in self.typed.items()}
        return Search({**self.people.values, **words_of(self.canaries), **typed})

    @cached_property
    def secrets(self) -> Search:
        """For keys and passwords."""
        services = self.deployment.services
        made = services.home.secrets()
        secrets = {value: name.replace("_", " ") for name, value in made.items()}
        secrets |= {
            self.deployment.samba.password: "the share's password",
            self.deployment.database.password: "the database's password",
        }
        return Search(secrets | {self.canaries["secret"]: "canary: secret"})

    @property
    def home(self) -> Path:
        """Airflow's folder; home, working and temporary folder of all its processes lie in it."""
        return self.deployment.services.home.folder

    # Runs

    def save(self, export: Export) -> None:
        """Save an export as the only one, and put what it needs into the settings."""
        shutil.rmtree(self.office.exports, ignore_errors=True)
        self.office.exports.mkdir()
        self._saved += 1
        saved = self.office.exports / f"plan-{self._saved}{export.suffix}"
        saved.write_bytes(export.content)
        at = time.time() - 60 + self._saved
        os.utime(saved, (at, at))
        self.configure(export.source)

    def save_whole(self, name: str) -> None:
        """Save one of the list of hostile exports."""
        rows = self.people.rows_of([self.office.day(n) for n in range(-2, 6)], TEAMS)
        self.save({**WHOLE, **USUAL_SLIPS}[name](self.people, rows))

    def empty_store(self) -> None:
        """From now on runs publish to a folder of the share on which nothing lies yet."""
        self.office.share_folder += " igen"

    def configure(self, source: Mapping[str, Any] | None = None, *, gap_minutes: int = 9) -> None:
        """Put settings in force for the planted columns; a fault that may pass fails at once, for nobody waits here."""
        tree = yaml.safe_load((PROJECT / "config" / "reservplan.yaml").read_text(encoding="utf-8"))["source"]
        tree |= {"path": str(self.office.exports), "teams": {}, **PROTECTED_COLUMNS, **(source or {})}
        schedule = quiet_schedule(datetime.now(self.office.zone))
        # Two runs so close to each other leave no room for a second try.
        hour = schedule["snapshot"].split()[1]
        schedule |= dict.fromkeys(("snapshot", "refresh", "retain", "watch"), f"0,{gap_minutes} {hour} * * *")
        self.office.configure(source=tree, schedule=schedule, window={"days_back": 14, "days_ahead": 3})

    def play(self, name: str, dag_id: str = SNAPSHOT, conf: dict[str, Any] | None = None) -> str:
        """One run to its end; its state is remembered under its name, and what then lies in staging."""
        run_id = self.office.start(conf, dag_id=dag_id)
        return self.ended(name, run_id, dag_id)

    def ended(self, name: str, run_id: str, dag_id: str = SNAPSHOT) -> str:
        """Wait for the end of a run, and remember it."""
        self.states[name] = self.deployment.api.wait_for_run(dag_id, run_id, RUN_SECONDS)
        self.staged_at_end[name] = self.office.staged()
        return self.states[name]

    def play_with_renderer_killed(self, name: str) -> None:
        """A run whose renderers are ended in the middle, as by a machine that has no memory left."""
        run_id = self.office.start(DRAW_ALL)
        services = self.deployment.services

        def renderers() -> list[int]:
            return pids_of(lambda line: RENDERER in line, [process.pid for process in services.processes()])

        for pid in wait_until(renderers, "no renderer has begun", 90):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.ended(name, run_id)

    def play_with_task_killed(self, name: str, task_id: str = "render") -> None:
        """A run one of whose tasks is ended in the middle."""
        run_id = self.office.start(DRAW_ALL)
        os.kill(self.pid_of(run_id, task_id), signal.SIGKILL)
        self.ended(name, run_id)

    def kill_everything_during(self, name: str, task_id: str = "render") -> None:
        """A power cut in the middle of a run; then everything is started again."""
        run_id = self.office.start(DRAW_ALL)
        self.pid_of(run_id, task_id)
        self.deployment.services.kill()
        assert self.office.staged(), "It was to be killed while something lay in staging."
        self.deployment.services.start()
        self.ended(name, run_id)

    def pid_of(self, run_id: str, task_id: str) -> int:
        """The process of a task that runs now."""
        sql = f"SELECT pid FROM task_instance WHERE state = 'running' AND pid > 0 AND run_id = '{run_id}' "  # noqa: S608
        sql += f"AND task_id = '{task_id}'"
        pid = int(wait_until(lambda: self.deployment.database.query(sql), f"{task_id} does not begin", 90)[0][0])
        assert psutil.pid_exists(pid)
        return pid

    def play_in_minutes(self, name: str) -> None:
        """A run whose share hangs, and whose tasks may take a minute only."""
        begun = datetime.now(UTC)
        self.configure(gap_minutes=1)
        self.deployment.wait_until_parsed(begun)
        self.deployment.samba.pause()
        try:
            self.play(name, conf=DRAW_ALL)
        finally:
            self.deployment.samba.resume()
        begun = datetime.now(UTC)
        self.configure()
        self.deployment.wait_until_parsed(begun)

    def play_without_share(self, name: str) -> None:
        """A run while the file server is down."""
        self.deployment.samba.stop()
        try:
            self.play(name)
        finally:
            self.deployment.samba.start()

    def play_with_wrong_password(self, name: str) -> None:
        """A run whose login the file server does not know any more."""
        samba = self.deployment.samba
        program = shutil.which("pdbedit", path=PROGRAM_PATH)
        assert program
        command = [program, f"--configfile={samba.base}/smb.conf", "--delete", f"--user={samba.user}"]
        subprocess.run(command, check=True, capture_output=True)
        samba.drop_sessions()
        try:
            self.play(name)
            self.command("status")
        finally:
            samba.stop()
            samba.start()

    def play_backfill(self, name: str) -> None:
        """Yesterday, as an operator catches it up."""
        before = {run["dag_run_id"] for run in self.deployment.api.runs(SNAPSHOT)}
        day = datetime.combine(self.office.day(-1), datetime.min.time(), self.office.zone)
        until = day + timedelta(hours=23)
        self.deployment.services.command(
            "backfill", "create", "--dag-id", SNAPSHOT, "--from-date", day.isoformat(), "--to-date", until.isoformat()
        )

        def new() -> list[str]:
            return [run["dag_run_id"] for run in self.deployment.api.runs(SNAPSHOT) if run["dag_run_id"] not in before]

        for run_id in wait_until(new, "no run of the backfill has begun", 90):
            self.ended(name, run_id)

    def command(self, *arguments: str, **environment: str) -> int:
        """`reservplan …` as a person types it; what it prints lies with the other output. Returns its exit status."""
        services = self.deployment.services
        names = ("PATH", "LANG", "HOME", "TMPDIR", "AIRFLOW_CONN_RESERVPLAN_SHARE", "RESERVPLAN_CONFIG")
        with open(self.home / "output" / "reservplan.log", "ab") as output:
            done = subprocess.run(
                [Path(sys.executable).parent / "reservplan", *arguments], stdout=output, stderr=output, check=False,
                env={name: services.environment[name] for name in names} | environment, cwd=self.home / "work",
                timeout=RUN_SECONDS,
            )  # fmt: skip
        self.statuses.append(done.returncode)
        return done.returncode

    # Places

    def look_everywhere(self) -> None:
        """Search all that the runs may have left, and what was seen on the way."""
        self._plant_beside()
        for search in (self.search, self.secrets):
            self._look_at_database(search)
            self._look_at_answers(search)
            self._look_at_mails(search)
            for path in files_below(self.office.folder / "watch"):
                _look_into(search, path, f"what the watch keeps, {path.name}")
        self.deployment.database.query("CHECKPOINT")
        for path in files_below(self.deployment.database.files):
            _look_into(self.search, path, f"the cluster, {path.name}")
        for path in files_below(self.home):
            _look_into(self.search, path, str(path.relative_to(self.home)))
            if path.name not in KEPT_SECRETS:
                _look_into(self.secrets, path, str(path.relative_to(self.home)))
        self._look_at_machine()
        self.search.add(self.watch.passing_search)
        self.search.add(self.watch.process_search)

    def _plant_beside(self) -> None:
        """What is not a task's to leak: a file outside Airflow's folder, and what a command prints."""
        self.stray.write_text(self.canaries["machine"], encoding="utf-8")
        with open(self.home / "output" / "commands.log", "a", encoding="utf-8") as log:
            log.write("\n".join([self.canaries["command"], self.canaries["secret"], ""]))

    @property
    def stray(self) -> Path:
        """The file that is left on purpose outside everything."""
        return Path("/tmp") / f"reservplan-canary-{os.getpid()}"  # noqa: S108

    def _look_at_database(self, search: Search) -> None:
        dump = self.deployment.database.dump()
        begins = [*_TABLE.finditer(dump)]
        search.look(dump[: begins[0].start()], "database, before its tables")
        ends = [*(match.start() for match in begins[1:]), len(dump)]
        tables: dict[str, list[str]] = {}
        for match, end in zip(begins, ends, strict=True):
            tables.setdefault(match[1], []).append(dump[match.start() : end])
        for table, rows in tables.items():
            search.look("".join(rows), f"database, {table}")

    def _look_at_answers(self, search: Search) -> None:
        for place, answer in self.answers:
            search.look(answer, place)

    @cached_property
    def answers(self) -> list[tuple[str, bytes]]:
        """What Airflow's pages are made of: all that its interface says of every run."""
        return list(self._asked())

    def _asked(self) -> Iterator[tuple[str, bytes]]:
        get = self._get
        yield "http event", get("/api/v2/eventLogs?limit=1000")
        yield "http import errors", get("/api/v2/importErrors")
        yield "http jobs", get("/api/v2/jobs?limit=200")
        yield "http asset events", get("/api/v2/assets/events")
        for page in sorted((self.office.folder / "reports").rglob("*.html")):
            yield "http report", get(f"/reservplan/reports/{page.parent.name}/{quote(page.name)}")
        for dag_id in (*DAGS, "canary"):
            for page in ("", "/details", "/dagVersions"):
                yield f"http dag {dag_id}", get(f"/api/v2/dags/{dag_id}{page}")
            yield f"http source {dag_id}", get(f"/api/v2/dagSources/{dag_id}")
            yield f"http backfills {dag_id}", get(f"/api/v2/backfills?dag_id={dag_id}")
            runs = get(f"/api/v2/dags/{dag_id}/dagRuns?limit=200")
            yield f"http run {dag_id}", runs
            for run in json.loads(runs)["dag_runs"]:
                yield from self._asked_of_run(f"/api/v2/dags/{dag_id}/dagRuns/{quote(run['dag_run_id'], safe='')}")

    def _asked_of_run(self, path: str) -> Iterator[tuple[str, bytes]]:
        yield "http run", self._get(path)
        tasks = self._get(f"{path}/taskInstances?limit=200")
        yield "http task", tasks
        for task in json.loads(tasks)["task_instances"]:
            of_task = f"{path}/taskInstances/{task['task_id']}"
            index = f"map_index={task['map_index']}"
            for number in range(1, task["try_number"] + 1):
                yield "http log", self._get(f"{of_task}/logs/{number}?full_content=true&{index}")
            yield "http xcom", self._get(f"{of_task}/xcomEntries?{index}")
            yield "http xcom", self._get(f"{of_task}/xcomEntries/return_value?{index}&stringify=true")

    @cached_property
    def _token(self) -> str:
        api = self.deployment.api
        answer = api.ask("POST", "/auth/token", {"username": api.login, "password": api.password})
        return str(answer["access_token"])

    def _get(self, path: str) -> bytes:
        url = self.deployment.api.address + path
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            return error.read()

    def _look_at_mails(self, search: Search) -> None:
        for recipients, message in self.deployment.inbox.mails:
            search.look(message.as_bytes(), f"mail to {recipients}, as sent")
            search.look(f"{message['Subject']}\n{text_of(message)}", f"mail to {recipients}, as read")

    def _look_at_machine(self) -> None:
        """All that was changed since the hunt began; only phones are others' too, who test here at the same time."""
        search = self.search.but("phone")
        allowed = [
            self.office.exports, self.office.staging, self.office.folder / "archive", self.deployment.samba.share_path,
            self.deployment.database.files, self.home, self.words_file,
        ]  # fmt: skip
        for folder in ("/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108
            search.look_below(Path(folder), leave_out=allowed, since=self.since)
        self.search.add(search)

    @property
    def words_file(self) -> Path:
        """Where the canary reads its words."""
        return self.deployment.folder / "canary.json"

    def strange_files(self) -> list[str]:
        """Files in Airflow's folder of a kind that only the plan's files are, and core dumps."""
        found = []
        for path in files_below(self.home):
            with contextlib.suppress(OSError), open(path, "rb") as file:
                if is_of_a_plan(file.read(20)):
                    found.append(str(path.relative_to(self.home)))
        return found

    def store_search(self) -> tuple[Search, Search]:
        """The paper itself: searched for everybody, and for what may not even stand there."""
        everybody, hidden = Search(self.people.values), Search(self.people.never_leaves)
        for path in files_below(self.deployment.samba.share_path):
            text = b""
            if path.suffix == ".pdf":
                text = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True).stdout
            for search in (everybody, hidden):
                search.look_into(path)
                search.look(text, f"{path.name}, as text")
        return everybody, hidden

    def traces_of(self, *kinds: str, but: tuple[str, ...] = ()) -> list[str]:
        """What was found of these kinds; all kinds of people without any. `but` are places where it may stand."""
        own = ("canary: ", "typed: ")
        return sorted(
            f"{trace.place}: {trace.what} ({trace.form})"
            for trace in self.search.traces
            if (trace.what.startswith(kinds) if kinds else not trace.what.startswith(own))
            and not (but and trace.place.startswith(but))
        )


def _look_into(search: Search, path: Path, place: str) -> None:
    search.look(os.fsencode(path.name), f"{place}, its name")
    with contextlib.suppress(OSError):
        search.look(path.read_bytes(), place)


def words_of(canaries: Mapping[str, str]) -> dict[str, str]:
    """Each canary's word: where it was put."""
    return {word: f"canary: {place}" for place, word in canaries.items()}


@contextlib.contextmanager
def hunting(factory: pytest.TempPathFactory) -> Iterator[Hunt]:
    """Everything that a hunt needs, running, with people planted in a first good export."""
    since = time.time() - 1
    folder = factory.mktemp("hunt")
    people = People.random(clients=8, employees=4)
    words = People.random(clients=4, employees=len(CANARY_PLACES) + 1).employees
    canaries = {place: words[n].last for n, place in enumerate(["secret", *CANARY_PLACES])}
    strangers = People.random(clients=3, employees=1).clients
    typed = {"key": strangers[0].last, "team": f"{strangers[1].first} {strangers[1].last}", "date": strangers[2].first}
    dags = folder / "dags"
    shutil.copytree(PROJECT / "dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name("canary.py"), dags)
    (folder / "canary.json").write_text(json.dumps(canaries), encoding="utf-8")
    (folder / "office").mkdir(mode=0o700)
    settings = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "CANARY_WORDS": str(folder / "canary.json"),
        "CANARY_STAGING": str(folder / "office" / "canary"),
    }
    # A share that hangs is waited for until the task's own time is over.
    with deployed(folder, factory.mktemp("share"), settings, timeout_seconds=300) as deployment:
        home = deployment.services.home
        office = Office(deployment, folder / "office", "Besöksplanering")
        searched = {**people.values, **words_of(canaries)}
        watch = Watch(
            of=home.folder / "work",
            private=[office.staging, office.folder / "archive", office.folder / "canary"],
            passing=[home.folder / "tmp", Path("/dev/shm")],  # noqa: S108
            passing_search=Search(searched),
            process_search=Search(searched),
        )
        hunt = Hunt(deployment, office, people, canaries, typed, since, watch)
        hunt.save_whole("a good one")
        try:
            with deployment.services, watch:
                yield hunt
        finally:
            hunt.stray.unlink(missing_ok=True)
            for left in Path("/dev/shm").glob("canary-*.memory"):  # noqa: S108
                left.unlink()
