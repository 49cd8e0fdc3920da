"""Each round is told to a monitor outside; the monitors here are real HTTP servers."""

import logging

import pytest
from reservplan.connection_variables import given_connection
from reservplan.domain.errors import SettingsError
from reservplan.watch.heartbeat import Heartbeat, address_from_environment

from servers.ports import free_ports
from tests.unit.watch.listeners import listener, monitor


def test_a_round_says_that_it_begins_and_how_it_ended() -> None:
    with monitor() as outside:
        heartbeat = Heartbeat(f"{outside.url}/ping/abc")
        assert heartbeat.start()
        assert heartbeat.success()
        assert heartbeat.fail()
    assert outside.asked == ["/ping/abc/start", "/ping/abc", "/ping/abc/fail"]


def test_a_key_in_the_query_stays_there() -> None:
    with monitor() as outside:
        Heartbeat(f"{outside.url}/ping/?key=abc").fail()
    assert outside.asked == ["/ping/fail?key=abc"]


def test_a_monitor_with_one_address_hears_of_success_only() -> None:
    with monitor() as outside:
        heartbeat = Heartbeat(f"{outside.url}/ping/abc#only_success")
        assert heartbeat.start()
        assert heartbeat.fail()
        assert heartbeat.success()
    assert outside.asked == ["/ping/abc"]


def test_without_a_monitor_nothing_is_unheard() -> None:
    heartbeat = Heartbeat("")
    assert heartbeat.start()
    assert heartbeat.success()
    assert heartbeat.fail()


@pytest.mark.parametrize("status", [404, 500])
def test_a_monitor_that_does_not_know_us_is_asked_twice_and_has_not_heard(status: int) -> None:
    with monitor(status) as outside:
        assert not Heartbeat(f"{outside.url}/ping/abc").success()
    assert outside.asked == ["/ping/abc", "/ping/abc"]


def test_a_monitor_that_is_not_there_has_not_heard() -> None:
    [port] = free_ports(1)
    assert not Heartbeat(f"http://127.0.0.1:{port}/ping").success()
    assert not Heartbeat("http://monitor.invalid/ping").success()


def test_one_that_speaks_something_else_has_not_heard() -> None:
    with listener(b"220 mail.example.org ESMTP\r\n") as url:
        assert not Heartbeat(url).success()


def test_a_monitor_that_hangs_keeps_nobody() -> None:
    with listener() as url:
        assert not Heartbeat(url, limit_seconds=0.2).success()


def test_the_address_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    [port] = free_ports(1)
    Heartbeat(f"http://127.0.0.1:{port}/ping/secret").success()
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("connection", "address"),
    [
        ("https://monitor.example.org/ping/abc", "https://monitor.example.org/ping/abc"),
        ("http://127.0.0.1:8000/ping/abc", "http://127.0.0.1:8000/ping/abc"),
        (
            '{"conn_type": "http", "host": "https://monitor.example.org/ping/abc"}',
            "https://monitor.example.org/ping/abc",
        ),
        (
            '{"conn_type": "http", "schema": "https", "host": "monitor.example.org", "port": 8443,'
            ' "extra": {"path": "/ping/abc"}}',
            "https://monitor.example.org:8443/ping/abc",
        ),
        (
            '{"conn_type": "http", "host": "https://monitor.example.org/abc", "extra": {"only_success": true}}',
            "https://monitor.example.org/abc#only_success",
        ),
    ],
)
def test_the_address_is_read_from_a_connection(connection: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_OUTSIDE", connection)
    assert address_from_environment("outside") == address


@pytest.mark.parametrize("connection", ['{"conn_type": "smtp", "host": "secret.example.org"}', '{"conn_type": "http"}'])
def test_a_connection_without_an_address_is_refused_without_being_quoted(
    connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_OUTSIDE", connection)
    with pytest.raises(SettingsError, match="outside") as refused:
        address_from_environment("outside")
    assert "secret" not in str(refused.value)
    assert given_connection("outside", "").kind
