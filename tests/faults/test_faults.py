"""Whatever breaks while copies are published: nothing torn, nothing lost, nothing of others touched, and it heals."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cases import CASES, Case
from tests.faults.scene import Scene, scene_at
from tests.faults.table import COLUMNS, INTRODUCTION, PAGE, rows_there, told_words
from tests.faults.trials import Row, tried

ANEW = "write it anew: python -m tests.faults.table"


def cases(*, full: bool) -> list[object]:
    """The cases in one of both lengths; those that this machine cannot provoke say so."""
    return [
        pytest.param(
            case,
            case.tries if full else case.short,
            id=case.name,
            marks=[
                *([pytest.mark.long] if full else []),
                pytest.mark.skipif(not case.possible(), reason="needs root and file systems of our own"),
            ],
        )
        for case in CASES
        if full or case.short
    ]


def assert_held(row: Row) -> None:
    assert (row.torn, row.lost) == (0, 0), row.faults
    assert row.foreign == 0 or row.case.has_gap, row.faults
    assert row.not_healed == []
    assert row.looks > row.tries


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One server for all cases that need no disk of their own."""
    with scene_at(tmp_path_factory.mktemp("faults")) as scene:
        yield scene


@pytest.fixture
def scene(case: Case, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    if case.disk is None:
        yield request.getfixturevalue("shared")
    else:
        with scene_at(tmp_path, case.disk) as scene:
            yield scene


@pytest.mark.parametrize(("case", "tries"), cases(full=False))
def test_a_fault_tears_and_loses_nothing_touches_nothing_of_others_and_heals(
    case: Case, tries: int, scene: Scene
) -> None:
    row = tried(case, tries, scene)
    assert_held(row)
    if not case.varies:
        assert set(told_words(row)) == set(_cells(case)["told"].split("<br>")) - {"–"}, ANEW


@pytest.mark.parametrize(("case", "tries"), cases(full=True))
def test_the_same_as_often_as_the_documentation_says(case: Case, tries: int, scene: Scene) -> None:
    assert_held(tried(case, tries, scene))


def test_the_documentation_has_every_case_with_all_its_tries_and_no_harm() -> None:
    assert list(rows_there()) == [case.name for case in CASES], ANEW
    for case in CASES:
        row = _cells(case)
        assert row["how it is provoked"] == case.how, ANEW
        assert int(row["tries"]) >= case.tries, ANEW
        assert (row["torn"], row["lost"]) == ("0", "0")
        assert row["foreign"] == "0" or case.has_gap
        assert re.match(r"in the run itself|the next run, |\d runs, ", row["heals"]), row["heals"]


def test_the_documentation_says_how_it_was_made() -> None:
    assert PAGE.read_text(encoding="utf-8").startswith(INTRODUCTION), ANEW


def _cells(case: Case) -> dict[str, str]:
    row = rows_there()[case.name].strip("| ").split(" | ")
    return dict(zip(COLUMNS, row, strict=True))
