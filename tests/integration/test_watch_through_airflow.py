"""The watch as its DAG runs it, on a real share, with a real mail server and a real receiver of webhooks."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from reservplan.cli import main
from reservplan.commands.terminal import FELL_SHORT

from servers.airflow_home import AirflowHome, read_dag
from servers.samba import SambaServer
from tests.integration.test_healing import Site
from tests.mailbox import Inbox
from tests.webhook import Webhook

TOLD = "LARM: Ullared saknas i dag på share"
WILL_BE_MADE = "Hämtas igen: Ullared"


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with Inbox() as kept:
        monkeypatch.setenv("AIRFLOW_CONN_DRIFT", kept.connection_json("drift@example.org"))
        yield kept


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    with Webhook() as kept:
        monkeypatch.setenv("AIRFLOW_CONN_TEAMS", kept.connection_json())
        yield kept


@pytest.fixture
def site(samba: SambaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A share with every copy, and two channels for what is critical."""
    monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", samba.connection_json())
    made = Site(tmp_path, samba)
    made.fill()
    shutil.copytree(made.office, made.share)
    text = yaml.safe_load(made.config.read_text(encoding="utf-8"))
    text |= {"stores": text["stores"][:1], "alerts": {"critical": ["drift", "teams"]}}
    made.config.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("RESERVPLAN_CONFIG", str(made.config))
    return made


@pytest.fixture
def healing_runs(airflow_database: AirflowHome) -> Iterator[Callable[[], list[Any]]]:  # noqa: ARG001
    """The runs that the watch has asked Airflow for; nobody makes them here, so they must not wait for other tests."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from reservplan.domain.manifest import HEALING_PREFIX
    from sqlalchemy import delete, select

    ours = DagRun.run_id.startswith(HEALING_PREFIX)

    def asked() -> list[Any]:
        with create_session() as session:
            found = session.scalars(select(DagRun).where(ours)).all()
            return [(run.dag_id, str(run.state), run.conf) for run in found]

    yield asked
    with create_session() as session:
        session.execute(delete(DagRun).where(ours))


def round_of_watch() -> dict[str, str]:
    """One run of the watch: how each task ended."""
    run = read_dag("reservplan_watch").test()
    return {ti.task_id: str(ti.state) for ti in run.get_task_instances()}


def everything_in(*folders: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_a_list_that_is_gone_is_told_once_and_asked_for_and_the_run_is_red(
    site: Site, inbox: Inbox, webhook: Webhook, healing_runs: Callable[[], list[Any]]
) -> None:
    site.lose(site.share)
    first, second = round_of_watch(), round_of_watch()

    [(to, mail)] = inbox.mails
    assert to == ["drift@example.org"]
    assert mail["Subject"] == TOLD
    assert [body["title"] for body in webhook.bodies] == [TOLD]
    looked = {"accept_request": "success", "settle": "success", "look": "success", "judge": "failed"}
    assert first == {**looked, "ask_again": "success"}
    assert second == {**looked, "ask_again": "skipped"}
    assert healing_runs() == [("reservplan_snapshot", "queued", {"cells": [f"{site.today} Ullared"]})]


def test_what_would_be_told_and_made_is_shown_and_nothing_is_sent_or_changed(
    site: Site, inbox: Inbox, webhook: Webhook, capsys: pytest.CaptureFixture[str]
) -> None:
    site.lose(site.share)
    before = everything_in(site.folder, site.share)
    assert main(["--config", str(site.config), "watch", "--dry-run"]) == FELL_SHORT
    shown = capsys.readouterr().out
    assert shown.startswith(f"{TOLD}\n")
    assert shown.splitlines()[-1].startswith(WILL_BE_MADE)
    assert everything_in(site.folder, site.share) == before
    assert (inbox.mails, webhook.bodies) == ([], [])
