"""Source keys that cannot be meant are refused when the configuration is read, with the key and an example."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.extract.conftest import Desk

SHIFT = {"team": "Grupp", "employee_name": "Namn", "start": "Från", "end": "Till"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param({"path": "../exports/{group}.csv"}, "knows {team}", id="an unknown field in the path"),
        pytest.param({"path": "../exports/{team"}, "braces", id="an open brace"),
        pytest.param({"path": "../exports/{plan_date:%m%d}.csv"}, "year, month and day", id="a day without its year"),
        pytest.param({"title": "Besök {plan_date:%Y-%m}"}, "year, month and day", id="a title without a day"),
        pytest.param({"values": {"status": {"Inställt": "canceled"}}}, "canceled", id="an unknown status"),
        pytest.param({"values": {"state": {}}}, "state", id="values of an unknown column"),
        pytest.param({"shifts": {"columns": {"team": "Grupp", "start": "Från"}}}, "employee_name", id="nobody's shift"),
        pytest.param(
            {"shifts": {"columns": {k: v for k, v in SHIFT.items() if k != "end"}}}, "length", id="an endless shift"
        ),
    ],
)
def test_a_source_key_that_cannot_be_meant_is_refused(desk: Desk, source: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        desk.settings(**source)


@pytest.mark.parametrize(
    "source",
    [
        {"path": "../exports/{team}/{plan_date:%y%m%d} *.xlsx"},
        {"title": "Besök {team} {plan_date:%Y-%m-%d}"},
        {"path": "../exports/{plan_date}.csv"},
        {"protected": "not_in_source"},
        {"protected": "Skydd"},
        {"shifts": {"columns": SHIFT}},
        {"shifts": {"columns": {**SHIFT, "employee_protected": "Dold"}}},
        {"shifts": {}},
    ],
)
def test_a_possible_source_key_is_taken(desk: Desk, source: dict[str, Any]) -> None:
    assert desk.settings(**source)


def test_not_in_source_is_no_heading(desk: Desk) -> None:
    assert desk.settings(protected="not_in_source").source.protected == "not_in_source"
    assert desk.settings(protected="Skydd").source.protected == ("Skydd",)
