"""XCom keeps references and counts; a person's data never gets into Airflow's database."""

from typing import Any

import pytest
from reservplan_airflow.xcom import StrictXCom, XComRefused, fault_of

REFERENCES = {
    "nothing": None,
    "counts": {"cells": 44, "complete": 40, "remarks": 4, "unchanged": False},
    "batches": [{"number": 0, "cells": 100, "lacking": 3}],
    "a request": {
        "run_id": "snapshot__manual__2026-11-22T23:13:44.123456+00:00",
        "plan_dates": ["2026-11-22", "2026-11-23"],
        "teams": ["Östra Åäö"],
        "origin": "manual",
        "force": False,
    },
}
REFUSED = {
    "an identity number": {"note": "19121212-1212"},
    "one without century": ["121212-1212"],
    "one without a hyphen inside a text": "kund 191212121212 ringde",
    "a coordination number": "701063-2391",
    "one as a number": {"client": 191212121212},
    "a float": {"seconds": 1.5},
    "bytes": b"abc",
    "a tuple": (1, 2),
    "a set": {1},
    "a key that is a name": {"Berit Ek": 3},
    "a long text": "a" * 201,
    "several lines": "en rad\nen till",
    "deep nesting": [[[[[[1]]]]]],
    "too much": [{"number": number, "cells": number} for number in range(1000)],
}


@pytest.mark.parametrize("value", REFERENCES.values(), ids=REFERENCES)
def test_references_and_counts_are_kept(value: Any) -> None:
    assert fault_of(value) is None
    assert StrictXCom.serialize_value(value, key="return_value") is not None or value is None


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_the_rest_is_refused_and_not_repeated(value: Any) -> None:
    with pytest.raises(XComRefused) as refusal:
        StrictXCom.serialize_value(value, key="return_value", dag_id="d", task_id="t")
    assert "1212" not in str(refusal.value)
    assert "Berit" not in str(refusal.value)


def test_only_what_a_task_returns_is_kept() -> None:
    with pytest.raises(XComRefused):
        StrictXCom.serialize_value({"cells": 1}, key="plan", dag_id="d", task_id="t")


def test_a_class_of_its_own_is_refused_also_when_it_is_a_text() -> None:
    class Frame(str):
        pass

    assert fault_of(Frame("x"))


def test_airflow_uses_it() -> None:
    from airflow.sdk.execution_time.xcom import XCom

    assert XCom is StrictXCom
