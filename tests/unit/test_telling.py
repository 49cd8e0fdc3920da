"""Many cells are told in few lines, and nothing of what is wrong goes untold."""

from datetime import date

import pytest
from reservplan.domain.plan import Cell
from reservplan.domain.rules import RULES
from reservplan.domain.verdict import Reason, Verdict
from reservplan.settings import Settings
from reservplan.telling import advice, alike, some, what_to_do

DAY = date(2026, 11, 24)


def few(count: int) -> Reason:
    return Reason(code="far_fewer_than_usual", count=count, text=f"{count} besök.", severity=Verdict.INCOMPLETE)


def settings(language: str = "sv") -> Settings:
    return Settings.model_validate({
        "organisation": "Provkommun", "language": language, "teams": ["Ullared"], "source": {"kind": "demo"},
        "stores": [{"name": "share", "kind": "folder", "folder": "/nowhere"}],
        "contacts": {"planner": {"name": "Planerare", "phone": "0346-88 60 00"}},
    })  # fmt: skip


def test_cells_with_other_numbers_are_counted_after_the_first() -> None:
    (group,) = alike({Cell(DAY, f"Grupp {n}"): [few(n)] for n in range(40)})
    assert group.lines("sv", most=2) == [
        "Grupp 0 tisdag 24 nov: 0 besök.",
        "Grupp 1 tisdag 24 nov: 1 besök. Av samma skäl, med andra tal: Grupp 2 tisdag 24 nov och 37 till.",
    ]


def test_cells_of_which_the_very_same_is_said_share_a_line() -> None:
    (group,) = alike({Cell(DAY, f"Grupp {n}"): [few(3)] for n in range(40)})
    assert group.lines("sv") == ["Grupp 0 tisdag 24 nov och 39 till: 3 besök."]


def test_other_rules_are_another_group_and_the_largest_comes_first() -> None:
    other = Reason(code="no_visits", text="inga besök", severity=Verdict.INCOMPLETE)
    groups = alike({Cell(DAY, "A"): [other], Cell(DAY, "B"): [few(1)], Cell(DAY, "C"): [few(2)], Cell(DAY, "D"): []})
    assert [(group.codes, len(group.texts)) for group in groups] == [
        (("far_fewer_than_usual",), 2),
        (("no_visits",), 1),
    ]


def test_names_beyond_a_handful_are_counted() -> None:
    assert some(["a", "b"], "sv") == "a, b"
    assert some(list("abcdefg"), "sv") == "a, b, c, d, e och 2 till"


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("code", [rule.code for rule in RULES if not rule.severity.whole])
def test_whatever_makes_a_cell_incomplete_says_what_to_do(language: str, code: str) -> None:
    words = what_to_do(settings(language), code)
    assert words
    assert "{" not in words


def test_advice_is_given_once() -> None:
    told = advice(settings(), ["visits_gone_many", "masked", "visits_gone_many"])
    assert told.startswith("Gör så här: Be Planerare 0346-88 60 00 se efter")
    assert told.count("Be Planerare") == 1
    assert advice(settings(), ["masked"]) == ""
