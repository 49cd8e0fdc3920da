"""The mail of a failed run, as a real mail server receives it."""

import html
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from reservplan.domain.errors import ManifestUnreadable, SettingsError, SourceNotReady, StoreRefused, StoreUnreachable
from reservplan.domain.plan import Cell
from reservplan.domain.rules import RULES
from reservplan.domain.shortfalls import SHORTFALLS_NAME, Shortfall, Shortfalls
from reservplan.domain.verdict import Reason, Verdict
from reservplan.domain.words import cell_words
from reservplan_airflow.faults import NotWritten
from reservplan_airflow.notifiers import SUBJECTS, Failure, FailureMail, mail_of

from servers.airflow_home import PROJECT, read_dag
from tests.mailbox import Inbox, text_of
from tests.unit.store.test_owner_files import excels

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
            "staging": "staging",
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


@pytest.mark.usefixtures("airflow_database")
def test_a_run_that_fails_sends_one_mail_that_says_who_does_what(inbox: Inbox, configure: Callable[..., None]) -> None:
    configure()
    run = read_dag("reservplan_snapshot").test(run_conf={"date_from": "2026-11-20", "date_to": "2026-11-21"})
    assert run.state == "failed"
    assert len(inbox.mails) == 1
    recipients, message = inbox.mails[0]
    assert recipients == ["drift@example.org", "jour@example.org"]
    assert message["From"] == "reservplan@example.org"
    assert message["Subject"] == "Reservplan: ingen ny plan att hämta, 20–21 nov"
    body = text_of(message)
    for part in ("Vad har hänt", "Vad det betyder", "Gör så här", "Steg för steg", "Ring"):
        assert part in body
    assert "reservplan_snapshot" in body
    assert "uppgift extract" in body
    assert run.run_id in body.replace("&#43;", "+")
    assert "20–21 nov" in body
    assert "Leverantör, 0200-44 30 00" in body


@pytest.mark.usefixtures("airflow_database")
def test_the_mail_of_the_watch_says_why_copies_are_missing_and_ends_in_words(
    inbox: Inbox, configure: Callable[..., None], tmp_path: Path
) -> None:
    teams = [f"Hemtjänst {n} Norra Halland" for n in range(40)]
    configure(teams=teams)
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo("Europe/Stockholm")).date()
    lacking = {
        Cell(today, team): Shortfall(
            reasons=(Reason(code=code, text=f"{n} besök, brukar vara 204–221.", severity=Verdict.INCOMPLETE),),
            visits=n, captured_at=now, judged_at=now, run_id="run", decision="no_visits",
        )
        for n, team in enumerate(teams)
        for code in (RULES[n % 4].code,)
    }  # fmt: skip
    notes = tmp_path / "store" / SHORTFALLS_NAME
    notes.parent.mkdir(parents=True)
    notes.write_bytes(Shortfalls().updated(dict(lacking), today).to_bytes())
    assert read_dag("reservplan_watch").test().state == "failed"
    [(_, message)] = inbox.mails
    body = html.unescape(text_of(message))
    assert f"{cell_words('sv', Cell(today, teams[0]))}: 0 besök, brukar vara 204–221." in body
    assert "Av samma skäl, med andra tal: Hemtjänst 4 Norra Halland" in body
    assert "Skälen för 20 grupper till visar reservplan status." in body
    assert "larm till: se reservplan status." in body
    assert "characters in all" not in body, "nothing is cut off"
    assert "docs/runbooks/incomplete.md" in body


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


def test_the_text_of_a_foreign_exception_is_never_mailed(inbox: Inbox, configure: Callable[..., None]) -> None:
    configure()
    FailureMail()(context(ValueError(NAME_AND_NUMBER)))
    [(_, message)] = inbox.mails
    everything = message.as_string() + text_of(message)
    assert "Berit" not in everything
    assert "1212" not in everything
    assert "ValueError" in everything


def test_the_products_own_words_are_mailed_as_text_not_as_markup(inbox: Inbox, configure: Callable[..., None]) -> None:
    configure(language="en")
    FailureMail()(context(StoreUnreachable("share: <fs01> does not answer.", do="Call IT.")))
    [(_, message)] = inbox.mails
    assert message["Subject"] == "Reservplan: the store is away"
    assert "&lt;fs01&gt; does not answer" in text_of(message)
    assert "Call IT." in text_of(message)


def test_every_subject_tells_all_in_sixty_characters(configure: Callable[..., None]) -> None:
    from datetime import date

    from reservplan.domain.words import WORDS

    days = (date(2026, 11, 29), date(2026, 12, 2))
    for known in SUBJECTS:
        mail = mail_of(Failure("reservplan_snapshot", "r", "publish", days, known.kind("x", do="y")), None)
        assert len(mail.subject) <= 60
        assert mail.subject.endswith("29 nov–2 dec"), f"The days of {mail.subject} are cut off: shorten {known.word}."
    assert all(set(texts) == {"sv", "en"} for key, texts in WORDS.items() if key.startswith("mail."))
    configure()


KINDS = [*(known.kind for known in SUBJECTS), ValueError, None]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__ if kind else "killed")
@pytest.mark.parametrize("late", [False, True])
def test_every_mail_names_a_runbook_that_is_there(kind: type[BaseException] | None, late: bool) -> None:
    failure = Failure("reservplan_watch", "r", "look", (), kind("x") if kind else None, late)
    [named] = re.findall(r"<b>Steg för steg:</b> (\S+)</p>", mail_of(failure, None).body_html)
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
def test_the_runbook_is_that_of_the_fault(
    inbox: Inbox, configure: Callable[..., None], error: Exception, runbook: str
) -> None:
    configure()
    FailureMail()(context(error))
    [(_, message)] = inbox.mails
    assert f"docs/runbooks/{runbook}" in text_of(message)


def test_a_run_that_took_too_long_is_mailed_by_the_dag(inbox: Inbox, configure: Callable[..., None]) -> None:
    configure()
    late = FailureMail(only_when="timed_out")
    late({**context(None), "reason": "task_failure"})
    assert inbox.mails == []
    late({**context(None), "reason": "timed_out"})
    [(_, message)] = inbox.mails
    assert "tog för lång tid" in message["Subject"]


def test_the_same_notifier_mails_each_run_as_it_is(inbox: Inbox, configure: Callable[..., None]) -> None:
    configure()
    notifier = FailureMail()
    for name in ("share", "office"):
        notifier(context(StoreUnreachable(f"{name} does not answer.")))
    first, second = (text_of(message) for _, message in inbox.mails)
    assert "share does not answer" in first
    assert "office does not answer" in second


def test_the_mail_alone_says_who_has_an_open_file(
    inbox: Inbox, configure: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    configure()
    caplog.set_level(logging.DEBUG)
    book = "261130 Brukarschema Ullared.xlsx"
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / f"~${book}").write_bytes(excels("Åsa <b>Öberg"))
    fault = NotWritten(
        "Not everything could be written.", do="Close the files.", held={"folder": [book], "away": [book]}
    )
    FailureMail()(context(fault))
    [(_, message)] = inbox.mails
    assert f"folder: {book} är öppen hos Åsa &lt;b&gt;Öberg, enligt programmet" in text_of(message)
    assert "docs/runbooks/open-file.md" in text_of(message)
    assert "Öberg" not in caplog.text + str(fault) + str(message["Subject"])


def test_a_store_that_does_not_answer_costs_no_mail(inbox: Inbox, configure: Callable[..., None]) -> None:
    configure()
    FailureMail()(context(NotWritten("Not everything could be written.", held={"folder": ["261130 a.xlsx"]})))
    [(_, message)] = inbox.mails
    assert "Öppen hos" not in text_of(message)


@pytest.mark.parametrize(
    ("task_id", "failed_before", "mails"),
    [("render", [], 1), ("render", [0], 0), ("render", [2], 1), ("publish", [0], 1)],
    ids=["alone", "after another part", "before another part", "another store"],
)
def test_parts_of_one_task_that_fail_together_send_one_mail_and_stores_one_each(
    inbox: Inbox, configure: Callable[..., None], task_id: str, failed_before: list[int], mails: int
) -> None:
    configure()
    ti = SimpleNamespace(
        dag_id="reservplan_snapshot", run_id="scheduled__x", task_id=task_id, map_index=1,
        get_task_states=lambda **_: {"scheduled__x": {f"{task_id}_{n}": "failed" for n in (1, *failed_before)}},
    )  # fmt: skip
    FailureMail()({**context(StoreUnreachable("away.")), "ti": ti})
    assert len(inbox.mails) == mails


@pytest.mark.parametrize(
    "connection",
    [
        None,
        {"conn_type": "smtp", "host": "127.0.0.1", "port": 9, "extra": {"to": "a@example.org", "disable_ssl": True}},
        {"conn_type": "smtp", "host": "127.0.0.1", "extra": {"disable_ssl": True}},
    ],
    ids=["missing", "nobody answers", "no address"],
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
    FailureMail()(context(StoreUnreachable("away.")))
    assert "No mail through drift" in caplog.text
