"""What a channel's connection holds, and what is said of one that cannot work."""

import json

import pytest
from reservplan.channels import ChannelFacts, channel_from_environment
from reservplan.domain.errors import SettingsError

PASSWORD = "hemligt-4711"  # noqa: S105 - nobody's
MAIL = {
    "conn_type": "smtp", "host": "mail.example.org", "login": "svc@example.org", "password": PASSWORD,
    "extra": {"to": ["a@example.org", "b@example.org"]},
}  # fmt: skip


def facts(monkeypatch: pytest.MonkeyPatch, value: object) -> ChannelFacts:
    monkeypatch.setenv("AIRFLOW_CONN_DRIFT", value if isinstance(value, str) else json.dumps(value))
    return channel_from_environment("drift")


def test_a_uri_says_the_same_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"smtp://svc%40example.org:{PASSWORD}@mail.example.org?to=a%40example.org%3B%20b%40example.org"
    found, same = facts(monkeypatch, uri), facts(monkeypatch, MAIL)
    assert (found.host, found.login, found.password) == (same.host, same.login, same.password)
    assert found.to == same.to == ("a@example.org", "b@example.org")
    assert found.sender == "svc@example.org"


@pytest.mark.parametrize(
    ("port", "extra", "encrypts"),
    [
        (None, {}, "starttls"),
        (465, {}, "ssl"),
        (587, {"disable_ssl": True}, "starttls"),
        (587, {"disable_ssl": "true", "disable_tls": "False"}, "starttls"),
        (None, {"disable_tls": True}, "ssl"),
        (25, {"disable_ssl": True, "disable_tls": True}, "not"),
    ],
)
def test_it_is_encrypted_unless_both_ways_are_turned_off(
    port: int | None, extra: dict[str, object], encrypts: str
) -> None:
    found = ChannelFacts("smtp", "mail.example.org", port, extra=extra)
    said = "ssl" if found.from_the_start else "starttls" if found.starts_tls else "not"
    assert said == encrypts


@pytest.mark.parametrize(
    ("config", "addresses"),
    [
        ({"path": "json://a"}, ("json://a",)),
        ([{"path": "json://a", "tag": "x"}, {"path": "json://b"}], ("json://a", "json://b")),
        ('[{"path": "json://a"}]', ("json://a",)),
    ],
    ids=["one", "a list", "as text"],
)
def test_services_are_named_as_airflows_own_hook_reads_them(
    monkeypatch: pytest.MonkeyPatch, config: object, addresses: tuple[str, ...]
) -> None:
    assert facts(monkeypatch, {"conn_type": "apprise", "extra": {"config": config}}).addresses == addresses


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "is not there"),
        ({**MAIL, "conn_type": "samba"}, "another type"),
        ({**MAIL, "host": ""}, "has no host"),
        ({**MAIL, "extra": {}}, "has no `to`"),
        ({**MAIL, "login": "svc"}, "has no `from_email`"),
        ({**MAIL, "extra": {**MAIL["extra"], "timeout": PASSWORD}}, "`timeout`"),  # type: ignore[dict-item]
        ({"conn_type": "apprise", "password": PASSWORD, "extra": {"config": PASSWORD}}, "names no service"),
        (f'{{"conn_type": "smtp", "password": "{PASSWORD}"', "is not JSON"),
        (f"smtp://x:{PASSWORD}@host:port", "is no URI"),
    ],
)
def test_what_cannot_work_is_said_by_its_key_and_never_with_its_value(
    monkeypatch: pytest.MonkeyPatch, value: object, says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        facts(monkeypatch, value)
    assert says in str(refused.value)
    assert "drift" in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_nothing_secret_is_shown_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(facts(monkeypatch, MAIL))
    assert PASSWORD not in shown
    assert "a@example.org" not in shown
