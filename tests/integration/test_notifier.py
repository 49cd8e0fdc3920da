"""What a failed run leaves: a note for the watch, or a mail at once, as a real mail server receives it."""

import html
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from reservplan.domain.errors import ManifestUnreadable, SettingsError, SourceNotReady, StoreRefused, StoreUnreachable
from reservplan.domain.manifest import HEALING_PREFIX
from reservplan.domain.run_notes import RunNote
from reservplan.run_notes import RunNotes
from reservplan_airflow.faults import CopiesMissing, NotWritten
from reservplan_airflow.notifiers import SUBJECTS, Failure, RunFailed, RunWentWell, alert_of

from servers.airflow_home import PROJECT, AirflowHome, read_dag
from tests.mailbox import Inbox, text_of
from tests.unit.store.test_owner_files import excels
from tests.webhook import Webhook

NAME_AND_NUMBER = "Berit Ek 19121212-1212"


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """A mail server on this machine, and Airflow connections that lead to it."""
    with Inbox() as kept:
        monkeypatch.setenv("AIRFLOW_CONN_DRIFT", kept.connection_json(["drift@example.org", "jour@example.org"]))
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", kept.connection_json("drift@example.org"))
        yield kept


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A configuration without an export, whose alerts go to the connection `drift`."""

    def write(**changes: Any) -> None:
        tree = {
            "organisation": "Provkommun",
            "teams": ["Ullared"],
            "source": {
                "kind": "files", "path": "exports/", "protected": "not_in_source",
                "columns": {"plan_date": "Datum", "team": "Grupp", "client_name": "Namn", "start": "S", "end": "E"},
            },
            "stores": [{"name": "folder", "kind": "folder", "folder": "store"}],
            "staging": "staging", "archive": "archive", "reports": "reports", "watch": {"folder": "watch"},
            "contacts": {"vendor": {"name": "Leverantör", "phone": "0200-44 30 00"}},
            "alerts": {"critical": ["drift"]},
            **changes,
        }  # fmt: skip
        file = tmp_path / "reservplan.yaml"
        file.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
        monkeypatch.setenv("RESERVPLAN_CONFIG", str(file))

    return write


def context(error: BaseException | None, **more: Any) -> dict[str, Any]:
    run = SimpleNamespace(dag_id="reservplan_snapshot", run_id="scheduled__x", logical_date=None)
    return {"dag_run": run, "ti": SimpleNamespace(task_id="publish", map_index=-1), "exception": error, **more}


def of_watch(error: BaseException, before: SimpleNamespace | None = None) -> dict[str, Any]:
    """A failed run of the watch; `before` is the same task in the run before it."""
    run = SimpleNamespace(dag_id="reservplan_watch", run_id="scheduled__x", logical_date=None)
    ti = SimpleNamespace(task_id="watch", map_index=-1, get_previous_ti=lambda: before)
    return {"dag_run": run, "ti": ti, "exception": error}


def notes(tmp_path: Path) -> list[RunNote]:
    """What lies there for the watch."""
    return sorted(RunNotes(str(tmp_path / "watch" / "notes")).all(), key=lambda note: note.job)


@pytest.mark.usefixtures("airflow_database")
def test_a_run_that_fails_leaves_one_note_and_mails_nobody(
    inbox: Inbox, configure: Callable[..., None], tmp_path: Path
) -> None:
    configure()
    run = read_dag("reservplan_snapshot").test(run_conf={"date_from": "2026-11-20", "date_to": "2026-11-21"})
    assert run.state == "failed"
    assert inbox.mails == []
    [note] = notes(tmp_path)
    assert (note.job, note.run_id, note.task_id, note.code) == ("snapshot", run.run_id, "extract", "source_late")
    assert [f"{day:%d}" for day in note.plan_dates] == ["20", "21"]
    assert note.what
    assert note.do


@pytest.mark.usefixtures("airflow_database")
def test_a_run_that_goes_well_takes_the_note_of_its_job_away_and_no_other(
    inbox: Inbox, configure: Callable[..., None], tmp_path: Path
) -> None:
    configure()
    assert read_dag("reservplan_retain").test().state == "failed", "its store is not there"
    RunFailed()(context(SourceNotReady("No new export.")))
    assert [note.job for note in notes(tmp_path)] == ["retain", "snapshot"]
    (tmp_path / "store").mkdir()
    assert read_dag("reservplan_retain").test().state == "success"
    assert [note.job for note in notes(tmp_path)] == ["snapshot"]
    assert inbox.mails == []


@pytest.mark.usefixtures("airflow_database")
def test_what_the_watch_has_found_it_has_told_and_what_kept_it_from_looking_is_mailed_once_a_day(
    inbox: Inbox, configure: Callable[..., None]
) -> None:
    configure()
    notifier = RunFailed()
    notifier(of_watch(CopiesMissing("Copies are missing.")))
    assert inbox.mails == []
    now = datetime.now(UTC)
    for before, mails in (
        (None, 1),
        (SimpleNamespace(state="success", end_date=now), 2),
        (SimpleNamespace(state="failed", end_date=now - timedelta(days=1)), 3),
        (SimpleNamespace(state="failed", end_date=now), 3),
    ):
        notifier(of_watch(StoreUnreachable("Airflow's database is away."), before))
        assert len(inbox.mails) == mails, before
    assert str(inbox.mails[0][1]["Subject"]) == "Reservplan: lagret nås inte"


@pytest.fixture
def no_watch_before(airflow_database: AirflowHome) -> None:  # noqa: ARG001 - its database
    """Airflow knows of no earlier look: one that failed today has told already."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.dag_id == "reservplan_watch"))


@pytest.mark.usefixtures("no_watch_before")
def test_a_watch_that_cannot_look_for_a_whole_day_mails_as_often_as_days_begin(
    inbox: Inbox, configure: Callable[..., None]
) -> None:
    configure()
    for _ in range(3):
        assert read_dag("reservplan_watch").test(run_conf={"unknown": 1}).state == "failed"
    assert 1 <= len(inbox.mails) <= 2, "One, and one more where midnight passed meanwhile."


@pytest.mark.usefixtures("airflow_database")
def test_broken_settings_are_mailed_through_airflows_usual_connection(
    inbox: Inbox, configure: Callable[..., None]
) -> None:
    configure(timezone="Europe/Stokholm")
    assert read_dag("reservplan_snapshot").test().state == "failed"
    [(recipients, message)] = inbox.mails
    assert recipients == ["drift@example.org"]
    assert message["Subject"].startswith("Reservplan: inställningarna är fel")
    assert "Europe/Stokholm" in text_of(message)


@pytest.fixture
def no_notes(tmp_path: Path) -> None:
    """The folder of the notes cannot be made: something lies in its place."""
    (tmp_path / "watch").write_bytes(b"")


@pytest.mark.usefixtures("no_notes")
def test_where_no_note_can_be_left_a_mail_says_who_does_what(inbox: Inbox, configure: Callable[..., None]) -> None:
    configure()
    RunFailed()(context(SourceNotReady("No new export.", do="Save one.")))
    [(recipients, message)] = inbox.mails
    assert recipients == ["drift@example.org", "jour@example.org"]
    assert message["From"] == "reservplan@example.org"
    assert message["Subject"] == "Reservplan: ingen ny plan att hämta"
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    for body in (plain.get_content().lower(), html.unescape(page.get_content()).lower()):
        for part in (
            "vad har hänt", "no new export.", "vad det betyder", "gör så här", "save one.", "steg för steg", "ring",
            "leverantör", "0200-44 30 00", "reservplan_snapshot, uppgift publish, scheduled__x",
        ):  # fmt: skip
            assert part in body


@pytest.mark.usefixtures("no_notes")
def test_where_the_mail_server_is_away_the_other_channel_is_used(
    inbox: Inbox, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(alerts={"critical": ["drift"], "info": ["teams"]})
    monkeypatch.delenv("AIRFLOW_CONN_DRIFT")
    with Webhook() as webhook:
        monkeypatch.setenv("AIRFLOW_CONN_TEAMS", webhook.connection_json())
        RunFailed()(context(StoreUnreachable("share: the server does not answer.")))
    [body] = webhook.bodies
    assert body["title"] == "Reservplan: lagret nås inte"
    assert inbox.mails == []


@pytest.mark.parametrize("at_once", [False, True], ids=["noted", "mailed"])
def test_the_text_of_a_foreign_exception_is_neither_noted_nor_mailed(
    inbox: Inbox, configure: Callable[..., None], tmp_path: Path, at_once: bool
) -> None:
    configure()
    if at_once:
        (tmp_path / "watch").write_bytes(b"")
    RunFailed()(context(ValueError(NAME_AND_NUMBER)))
    left = [path.read_text() for path in (tmp_path / "watch").rglob("*") if path.is_file()]
    everything = "".join([*left, *(message.as_string() + text_of(message) for _, message in inbox.mails)])
    assert everything
    assert "Berit" not in everything
    assert "1212" not in everything


@pytest.mark.usefixtures("no_notes")
def test_the_products_own_words_are_mailed_as_text_not_as_markup(inbox: Inbox, configure: Callable[..., None]) -> None:
    configure(language="en")
    RunFailed()(context(StoreUnreachable("share: <fs01> does not answer.", do="Call IT.")))
    [(_, message)] = inbox.mails
    assert message["Subject"] == "Reservplan: the store is away"
    assert "&lt;fs01&gt; does not answer" in text_of(message)
    assert "Call IT." in text_of(message)


def test_every_subject_tells_all_in_sixty_characters(configure: Callable[..., None]) -> None:
    from datetime import date

    from reservplan.domain.words import WORDS

    days = (date(2026, 11, 29), date(2026, 12, 2))
    for known in SUBJECTS:
        alert = alert_of(Failure("reservplan_snapshot", "r", "publish", days, known.kind("x", do="y")), None)
        assert len(alert.subject) <= 60
        assert alert.subject.endswith("29 nov–2 dec"), f"The days of {alert.subject} are cut: shorten {known.word}."
    assert all(set(texts) == {"sv", "en"} for key, texts in WORDS.items() if key.startswith("mail."))
    configure()


KINDS = [*(known.kind for known in SUBJECTS), ValueError, None]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__ if kind else "killed")
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("job", ["snapshot", "refresh", "retain", "watch", "verify", "drill"])
def test_every_mail_names_a_runbook_that_is_there(kind: type[BaseException] | None, late: bool, job: str) -> None:
    failure = Failure(f"reservplan_{job}", "r", "look", (), kind("x") if kind else None, late)
    [named] = re.findall(r"Steg för steg: (\S+)", alert_of(failure, None).plain)
    assert (PROJECT / named).is_file()


@pytest.mark.parametrize(
    ("error", "runbook"),
    [
        (SettingsError("x"), "broken-configuration.md"),
        (StoreRefused("x"), "share-unreachable.md"),
        (ManifestUnreadable("x"), "manifest-damaged.md"),
        (SourceNotReady("x"), "failed-run.md"),
        (ValueError("x"), "failed-run.md"),
    ],
)
def test_the_runbook_is_that_of_the_fault(error: Exception, runbook: str) -> None:
    alert = alert_of(Failure("reservplan_snapshot", "r", "publish", (), error), None)
    assert f"docs/runbooks/{runbook}" in alert.plain


def test_a_run_that_took_too_long_is_noted_by_the_dag(configure: Callable[..., None], tmp_path: Path) -> None:
    configure()
    late = RunFailed(only_when="timed_out")
    late({**context(None), "reason": "task_failure"})
    assert notes(tmp_path) == []
    late({**context(None), "reason": "timed_out"})
    assert [note.code for note in notes(tmp_path)] == ["late"]


def test_in_one_run_what_has_words_stands_and_the_next_run_is_another(
    configure: Callable[..., None], tmp_path: Path
) -> None:
    configure()
    notifier = RunFailed()
    notifier(context(StoreUnreachable("share does not answer.")))
    notifier({**context(None), "reason": "timed_out"})
    [note] = notes(tmp_path)
    assert (note.code, note.what, note.tries) == ("store", "share does not answer.", 1)
    again = context(StoreUnreachable("office does not answer."))
    again["dag_run"].run_id = "scheduled__y"
    notifier(again)
    [note] = notes(tmp_path)
    assert (note.what, note.tries) == ("office does not answer.", 2)


def test_a_run_that_the_watch_has_asked_for_neither_notes_nor_mails_nor_takes_a_note_away(
    inbox: Inbox, configure: Callable[..., None], tmp_path: Path
) -> None:
    configure()
    RunFailed()(context(StoreUnreachable("share does not answer.")))
    healing = context(StoreUnreachable("office does not answer."))
    healing["dag_run"].run_id = f"{HEALING_PREFIX}x"
    RunFailed()(healing)
    RunWentWell()(healing)
    assert [note.what for note in notes(tmp_path)] == ["share does not answer."]
    assert inbox.mails == []
    RunWentWell()(context(None))
    assert notes(tmp_path) == []


def test_who_has_a_file_open_is_in_no_note(
    configure: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    configure()
    caplog.set_level(logging.DEBUG)
    book = "261130 Brukarschema Ullared.xlsx"
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / f"~${book}").write_bytes(excels("Åsa Öberg"))
    RunFailed()(context(NotWritten("Not everything could be written.", do="Close the files.", held={"folder": [book]})))
    [note] = notes(tmp_path)
    assert (note.code, note.do) == ("unwritten", "Close the files.")
    assert "berg" not in caplog.text + note.model_dump_json()


@pytest.mark.parametrize(
    ("task_id", "failed_before", "told"),
    [("render", [], 1), ("render", [0], 0), ("render", [2], 1), ("publish", [0], 1)],
    ids=["alone", "after another part", "before another part", "another store"],
)
def test_parts_of_one_task_that_fail_together_tell_once(
    configure: Callable[..., None], tmp_path: Path, task_id: str, failed_before: list[int], told: int
) -> None:
    configure()
    ti = SimpleNamespace(
        dag_id="reservplan_snapshot", run_id="scheduled__x", task_id=task_id, map_index=1,
        get_task_states=lambda **_: {"scheduled__x": {f"{task_id}_{n}": "failed" for n in (1, *failed_before)}},
    )  # fmt: skip
    RunFailed()({**context(StoreUnreachable("away.")), "ti": ti})
    assert len(notes(tmp_path)) == told


@pytest.mark.usefixtures("no_notes")
@pytest.mark.parametrize(
    "connection",
    [
        None,
        {"conn_type": "smtp", "host": "127.0.0.1", "extra": {"disable_ssl": True}},
    ],
    ids=["missing", "no address"],
)
def test_a_mail_that_cannot_be_sent_breaks_nothing_and_is_logged(
    connection: dict[str, Any] | None,
    configure: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure()
    monkeypatch.delenv("AIRFLOW_CONN_DRIFT", raising=False)
    if connection:
        monkeypatch.setenv("AIRFLOW_CONN_DRIFT", json.dumps(connection))
    RunFailed()(context(StoreUnreachable("away.")))
    assert "Nobody has been told: Reservplan: lagret nås inte" in caplog.text
    assert "drift" in caplog.text
