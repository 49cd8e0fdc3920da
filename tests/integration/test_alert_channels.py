"""An alert on its way: to a real mail server and a real webhook, and past those that refuse, hang or die."""

import json
import logging
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from reservplan.channels import Delivery, Fault, channel_from_environment, deliver
from reservplan.cli import main
from reservplan.domain.alerts import Alert, Severity

from servers.ports import HOST, free_ports
from tests.mailbox import Inbox
from tests.webhook import KEY, Webhook

PASSWORD = "hemligt-4711"  # noqa: S105 - nobody's
ALERT = Alert(
    "Åtta grupper saknar dagens lista", "Ring IT-service på 0346-88 55 55.\n", "<p>Ring <b>IT-service</b></p>",
    Severity.CRITICAL, short="Åtta grupper saknar lista. Ring 0346-88 55 55.",
)  # fmt: skip


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All that any library logs; no key, password or address may be in it."""
    caplog.set_level(1)
    yield caplog
    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("mail", "asyncio"))
    )
    for secret in (PASSWORD, KEY, "drift@example.org"):
        assert secret not in ours


def sent(*names: str, others: tuple[str, ...] = ()) -> tuple[Delivery, list[float]]:
    """What became of the alert, and the pauses that were made."""
    pauses: list[float] = []
    done = deliver(ALERT, names, channel_from_environment, others=others, wait=pauses.append)
    return done, pauses


def connect(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", value)


def test_a_mail_tells_the_same_as_text_and_as_html_and_that_nobody_wrote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with Inbox() as inbox:
        connect(monkeypatch, "drift", inbox.connection_json(["drift@example.org", "jour@example.org"]))
        done, pauses = sent("drift")
    assert (done, pauses) == (Delivery(("drift",), ()), [])
    [(recipients, message)] = inbox.mails
    assert recipients == ["drift@example.org", "jour@example.org"]
    assert message["Subject"] == "Åtta grupper saknar dagens lista"
    assert message.get_content_type() == "multipart/alternative"
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert "Ring IT-service på 0346-88 55 55." in plain.get_content()
    assert "<b>IT-service</b>" in page.get_content()
    assert (message["Auto-Submitted"], message["Importance"]) == ("auto-generated", "high")
    assert message["Date"]
    assert message["Message-ID"].endswith("@example.org>")
    assert socket.gethostname() not in message["Message-ID"]


def test_a_webhook_gets_subject_and_text(monkeypatch: pytest.MonkeyPatch) -> None:
    with Webhook() as webhook:
        connect(monkeypatch, "teams", webhook.connection_json())
        done, _ = sent("teams")
    assert done.sent == ("teams",)
    [body] = webhook.bodies
    assert body["title"] == ALERT.subject
    assert body["message"].strip() == ALERT.plain.strip()
    assert body["type"] == "failure"


def test_every_channel_of_the_list_gets_it_though_one_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with Inbox() as inbox, Webhook() as webhook:
        connect(monkeypatch, "drift", inbox.connection_json("drift@example.org"))
        connect(monkeypatch, "teams", webhook.connection_json())
        done, _ = sent("nowhere", "drift", "teams", others=("drift",))
    assert done.sent == ("drift", "teams")
    assert [(missed.name, missed.fault) for missed in done.failed] == [("nowhere", Fault.UNUSABLE)]
    assert "AIRFLOW_CONN_NOWHERE" in done.failed[0].told
    assert len(inbox.mails) == len(webhook.bodies) == 1


def test_where_none_of_its_channels_takes_it_another_is_used(
    monkeypatch: pytest.MonkeyPatch, logged: pytest.LogCaptureFixture
) -> None:
    (nobody,) = free_ports(1)
    dead = {"to": "drift@example.org", "from_email": "a@example.org", "disable_ssl": True, "disable_tls": True}
    connect(monkeypatch, "drift", json.dumps({"conn_type": "smtp", "host": HOST, "port": nobody, "extra": dead}))
    with Webhook() as webhook:
        connect(monkeypatch, "teams", webhook.connection_json())
        done, pauses = sent("drift", others=("drift", "teams"))
    assert done.sent == ("teams",)
    assert [missed.fault for missed in done.failed] == [Fault.AWAY]
    assert pauses == sorted(pauses)
    assert len(pauses) == 2, "each is tried three times"
    assert "not taken by drift: away" in logged.text


def test_a_server_that_hangs_costs_its_time_limit_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as silent:
        extra = {"to": "drift@example.org", "from_email": "a@example.org", "timeout": 0.2}
        port = silent.getsockname()[1]
        connect(monkeypatch, "drift", json.dumps({"conn_type": "smtp", "host": HOST, "port": port, "extra": extra}))
        done, _ = sent("drift")
    assert [missed.fault for missed in done.failed] == [Fault.AWAY]


def test_a_server_that_dies_in_the_middle_is_tried_again_with_the_same_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Inbox(deaths=1) as inbox:
        connect(monkeypatch, "drift", inbox.connection_json("drift@example.org"))
        done, pauses = sent("drift")
    assert done.sent == ("drift",)
    assert len(pauses) == 1
    assert len(inbox.mails) == 1


def test_a_server_that_knows_some_of_the_receivers_has_it_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with Inbox(unknown=["gone@example.org"]) as inbox:
        connect(monkeypatch, "drift", inbox.connection_json(["gone@example.org", "jour@example.org"]))
        connect(monkeypatch, "nobody", inbox.connection_json("gone@example.org"))
        done, pauses = sent("drift", "nobody")
    assert (done.sent, done.partly) == (("drift",), ("drift",))
    assert [(missed.name, missed.fault) for missed in done.failed] == [("nobody", Fault.REFUSED)]
    assert pauses == [], "An answer that lasts is not asked for again."
    assert [recipients for recipients, _ in inbox.mails] == [["jour@example.org"]]


def test_a_service_that_took_it_is_not_sent_it_again_for_the_sake_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with Webhook() as good, Webhook(faults=1) as late, Webhook(faults=9) as bad:
        connect(monkeypatch, "teams", good.connection_json(late.address))
        connect(monkeypatch, "half", good.connection_json(bad.address))
        done, _ = sent("teams", "half")
    assert (done.sent, done.partly) == (("teams", "half"), ("half",))
    assert (good.asked, late.asked, bad.asked) == (2, 2, 3)


def test_an_address_that_nobody_knows_is_no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = {"conn_type": "apprise", "extra": {"config": {"path": f"nonsense://{KEY}"}}}
    connect(monkeypatch, "teams", json.dumps(unknown))
    done, pauses = sent("teams")
    assert [missed.fault for missed in done.failed] == [Fault.UNUSABLE]
    assert pauses == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Of a server that nobody vouches for."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


# The server does not see that the conversation is encrypted already.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "ssl"])
def test_mail_goes_encrypted_with_a_login_and_only_to_whom_the_certificate_is_trusted(
    monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext, at_once: bool
) -> None:
    ways = {"disable_tls": at_once, "disable_ssl": not at_once}
    login = {"login": "svc", "password": PASSWORD}
    with Inbox(password=PASSWORD, context=certificate, at_once=at_once) as inbox:
        to = "drift@example.org"
        connect(monkeypatch, "drift", inbox.connection_json(to, login=login, ssl_context="none", **ways))
        connect(monkeypatch, "strict", inbox.connection_json(to, login=login, **ways))
        wrong = {**login, "password": "gammalt"}
        connect(monkeypatch, "wrong", inbox.connection_json(to, login=wrong, ssl_context="none", **ways))
        assert sent("drift")[0].sent == ("drift",)
        logins = inbox.logins
        done, _ = sent("strict")
        assert [missed.fault for missed in done.failed] == [Fault.ENCRYPTION]
        assert inbox.logins == logins, "The password was told to somebody who may be anybody."
        done, pauses = sent("wrong")
        assert [missed.fault for missed in done.failed] == [Fault.LOGIN]
        assert pauses == [], "A wrong password that is tried again locks the account."
    assert len(inbox.mails) == 1


def test_no_password_is_told_to_a_server_that_does_not_encrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    with Inbox() as inbox:
        login = {"login": "svc", "password": PASSWORD}
        connect(monkeypatch, "drift", inbox.connection_json("drift@example.org", login=login, disable_tls=False))
        done, _ = sent("drift")
    assert [missed.fault for missed in done.failed] == [Fault.ENCRYPTION]
    assert (inbox.mails, inbox.logins) == ([], 0)


@pytest.fixture
def configuration(tmp_path: Path) -> str:
    tree = {
        "organisation": "Provkommun",
        "teams": ["Ullared"],
        "source": {"kind": "demo"},
        "stores": [{"name": "folder", "kind": "folder", "folder": "store"}],
        "alerts": {"critical": ["drift"], "info": ["teams", "drift"]},
        "contacts": {"operations": {"name": "Driftgruppen", "phone": "0346-88 55 55"}},
    }
    file = tmp_path / "reservplan.yaml"
    file.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return str(file)


def test_alert_test_sends_one_message_a_channel_and_says_how_each_went(
    monkeypatch: pytest.MonkeyPatch, configuration: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Inbox() as inbox, Webhook() as webhook:
        connect(monkeypatch, "drift", inbox.connection_json("drift@example.org"))
        connect(monkeypatch, "teams", webhook.connection_json())
        assert main(["--config", configuration, "alert-test"]) == 0
        assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [["ok", "drift"], ["ok", "teams"]]
        [(_, message)] = inbox.mails
        assert message["Subject"] == "Reservplan: PROV av larm, drift"
        plain = message.get_body(("plain",))
        assert plain is not None
        assert "0346-88 55 55" in plain.get_content()
        assert "PROV – INGET ÄR FEL" in webhook.bodies[0]["message"]
        monkeypatch.delenv("AIRFLOW_CONN_DRIFT")
        assert main(["--config", configuration, "alert-test"]) == 1
        told = capsys.readouterr()
        assert "AIRFLOW_CONN_DRIFT" in told.err
        assert "ok" in told.out
        monkeypatch.delenv("AIRFLOW_CONN_TEAMS")
        assert main(["--config", configuration, "alert-test"]) == 2


def test_alert_test_can_show_the_message_alone(configuration: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", configuration, "alert-test", "--dry-run"]) == 0
    assert "PROV av larm" in capsys.readouterr().out


def test_the_telephone_gets_the_short_form_within_one_message(logged: pytest.LogCaptureFixture) -> None:
    del logged
    from apprise import Apprise
    from reservplan.channels.services import wording

    phone = Apprise.instantiate(f"46elks://user:{PASSWORD}@+46701234567")
    assert phone is not None
    logging.getLogger("apprise").setLevel(logging.WARNING)
    assert wording(ALERT, phone) == ("", ALERT.short)
