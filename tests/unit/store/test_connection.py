"""Connections as the environment gives them."""

import json
import traceback

import pytest
from reservplan.domain.errors import SettingsError
from reservplan.settings import StoreSettings
from reservplan.store import open_store
from reservplan.store.connection import ConnectionFacts, connection_from_environment

VARIABLE = "AIRFLOW_CONN_RESERVPLAN_SHARE"
SECRET = "hEml1gt/å:@"  # noqa: S105 - nobody's
GOOD = {"conn_type": "samba", "host": "fs01.example.se", "schema": "V", "login": "svc", "password": SECRET}


def read(monkeypatch: pytest.MonkeyPatch, value: str) -> ConnectionFacts:
    monkeypatch.setenv(VARIABLE, value)
    return connection_from_environment("reservplan_share")


def test_json_is_read_with_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = read(monkeypatch, json.dumps(GOOD))
    assert (facts.host, facts.share, facts.login, facts.password) == ("fs01.example.se", "V", "svc", SECRET)
    assert (facts.port, facts.user, facts.depth, facts.request_seconds, facts.connect_seconds) == (
        None,
        "svc",
        None,
        30,
        15,
    )


@pytest.mark.parametrize("as_text", [False, True], ids=["an object", "a text"])
def test_extra_holds_domain_depth_and_time_limits(monkeypatch: pytest.MonkeyPatch, as_text: bool) -> None:
    extra = {"domain": "KOMMUN", "depth": 32, "timeout_seconds": 5, "connect_timeout_seconds": "2.5", "share_type": "x"}
    facts = read(monkeypatch, json.dumps({**GOOD, "port": 1445, "extra": json.dumps(extra) if as_text else extra}))
    assert (facts.port, facts.user, facts.depth, facts.request_seconds, facts.connect_seconds) == (
        1445,
        "KOMMUN\\svc",
        32,
        5,
        2.5,
    )


def test_a_uri_is_read_with_its_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = read(monkeypatch, "samba://svc:hEml1gt%2F%C3%A5%3A%40@fs01:1445/Gemensam%20V?domain=KOMMUN&depth=8")
    assert (facts.host, facts.port, facts.share, facts.user) == ("fs01", 1445, "Gemensam V", "KOMMUN\\svc")
    assert (facts.password, facts.depth) == (SECRET, 8)


def test_a_uri_with_airflows_own_extra_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = read(monkeypatch, "samba://svc:pw@fs01/V?__extra__=%7B%22depth%22%3A+4%7D")
    assert facts.depth == 4


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "is not there"),
        ("{" + SECRET, "not JSON"),
        (json.dumps({**GOOD, "port": SECRET}), "port is no number"),
        (json.dumps({**GOOD, "host": ""}), "no host"),
        (json.dumps({**GOOD, "schema": None}), "no schema"),
        (json.dumps({**GOOD, "login": ""}), "no login"),
        (json.dumps({**GOOD, "password": ""}), "no password"),
        (json.dumps({**GOOD, "conn_type": "postgres"}), "another type"),
        (json.dumps({**GOOD, "schema": "V/mapp"}), "slash"),
        (json.dumps({**GOOD, "extra": {"depth": SECRET}}), "extra depth"),
        (json.dumps({**GOOD, "extra": {"depth": 1000}}), "extra depth"),
        (json.dumps({**GOOD, "extra": {"timeout_seconds": 0}}), "extra timeout_seconds"),
        (json.dumps({**GOOD, "extra": "[" + SECRET}), "no JSON object"),
        (f"samba://svc:{SECRET}@fs01/V", "no URI|no host|no schema|slash|no password"),
        (f"samba://svc:{SECRET}@fs01:port/V", "no URI"),
    ],
)
def test_what_is_wrong_is_said_without_the_value(monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as raised:
        read(monkeypatch, value)
    assert "reservplan_share" in str(raised.value)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


def test_neither_password_nor_extra_is_shown() -> None:
    shown = repr(ConnectionFacts("fs01", "V", "svc", SECRET, 445, {"token": SECRET}))
    assert "fs01" in shown
    assert SECRET not in shown


def test_a_share_without_a_connection_is_a_fault_of_the_settings() -> None:
    settings = StoreSettings(name="share", kind="smb", connection="reservplan_share", folder="Planer")
    with pytest.raises(SettingsError, match="needs a connection"):
        open_store(settings, None)


def test_opening_a_share_does_not_connect_and_says_where_it_is() -> None:
    settings = StoreSettings(name="share", kind="smb", connection="reservplan_share", folder="Besöksplanering/ALLA")
    store = open_store(settings, ConnectionFacts("filserver.invalid", "V", "svc", SECRET))
    assert store.place == r"\\filserver.invalid\V\Besöksplanering\ALLA"
    assert store.name == "share"


def test_a_connection_is_checked_also_when_it_comes_from_airflow() -> None:
    settings = StoreSettings(name="share", kind="smb", connection="reservplan_share")
    with pytest.raises(SettingsError, match="no password"):
        open_store(settings, ConnectionFacts("fs01", "V", "svc", ""))
