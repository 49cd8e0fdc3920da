"""Whatever export arrives, the copies that were there stay whole, and somebody is told."""

import re
from functools import cache
from pathlib import Path

import pytest
from reservplan.domain.verdict import Verdict
from reservplan.telling import grave

from servers.samba import SambaServer
from tests.bad_exports.mutations import IDENTITY_NUMBER, KINDS, Expected, Kind
from tests.bad_exports.office import CELLS, NOON, Office, Outcome, good_export
from tests.bad_exports.table import PAGE, introduction, line
from tests.bad_exports.trials import Trials, tried

ANEW = "write it anew: python -m tests.bad_exports.table"
every_kind = pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, id=name, marks=pytest.mark.long if kind.is_long else ()) for name, kind in KINDS.items()],
)


def kinds(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", [KINDS[name] for name in names], ids=names)


@cache
def persons() -> re.Pattern[str]:
    """Every value of a person in the good export, and the identity number of the bad ones."""
    people = {IDENTITY_NUMBER}
    for row in good_export(NOON).rows:
        name = f"{row['Förnamn']} {row['Efternamn']}"
        people |= {name, row["Medarbetare"], *row["Medarbetare"].split()[1:]}
        people |= {row[heading] for heading in ("Efternamn", "Kundnr", "Anställningsnr", "Gata", "Telefon")}
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(filter(str.strip, people), key=len, reverse=True)))})\b")


def assert_kept_whole(outcome: Outcome) -> None:
    """Law 2: what an incomplete reading concerns is byte for byte what it was; what was replaced is whole."""
    if outcome.error:
        assert outcome.after == outcome.before
        return
    incomplete = {cell for cell in CELLS if outcome.judgements[cell].verdict is Verdict.INCOMPLETE}
    assert incomplete <= outcome.untouched
    for cell in incomplete:
        assert outcome.entries_after[cell] == outcome.entries_before[cell]
    assert outcome.whole


@every_kind
def test_a_bad_export_is_caught_and_the_copies_that_were_there_stay_whole(kind: Kind, trials: Trials) -> None:
    outcome = trials.outcome(kind)
    assert outcome.became(trials.good) is kind.expected, outcome.told(trials.good)
    assert outcome.entries_before.keys() == set(CELLS)
    assert_kept_whole(outcome)
    if kind.expected is Expected.UNDERSTOOD:
        assert not outcome.replaced


@every_kind
def test_what_falls_short_is_said_and_what_is_remarked_stands_on_the_paper(kind: Kind, trials: Trials) -> None:
    outcome = trials.outcome(kind)
    for cell, judgement in outcome.judgements.items():
        if judgement.verdict is Verdict.INCOMPLETE:
            reasons = [reason.text.rstrip(".") for reason in grave(judgement.reasons)]
            assert any(all(reason in said for reason in reasons) for said in outcome.said), cell
    if outcome.replaced:
        for reason in outcome.judgements[outcome.replaced[0]].reasons:
            assert reason.text in outcome.paper


@every_kind
def test_nobody_is_named_in_what_is_said(kind: Kind, trials: Trials) -> None:
    found = persons().search(trials.outcome(kind).messages)
    assert found is None, f"{kind.name}: a value of {len(found.group())} characters"


@every_kind
def test_its_row_in_the_documentation_is_what_the_product_does(kind: Kind, trials: Trials) -> None:
    assert line(kind, trials) in PAGE.read_text(encoding="utf-8").splitlines(), ANEW


def test_the_documentation_has_every_kind_once_and_counts_them() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("| ")][1:]
    assert [row.split(" | ")[:3] for row in rows] == [
        [f"| {kind.name}", kind.what_happened, kind.expected.value] for kind in KINDS.values()
    ], ANEW
    assert text.startswith(introduction()), ANEW


def test_at_least_nineteen_of_twenty_kinds_are_caught() -> None:
    bad = [kind.name for kind in KINDS.values() if kind.expected is not Expected.UNDERSTOOD]
    missed = [kind.name for kind in KINDS.values() if kind.expected is Expected.MISSED]
    assert len(bad) >= 48
    assert len(missed) <= 0.05 * len(bad), missed


@kinds("some dates cannot be read", "lengths in seconds", "yesterdays file copied back", "a total that differs")
def test_on_an_empty_store_an_incomplete_copy_is_better_than_none_and_says_so(kind: Kind, tmp_path: Path) -> None:
    office = Office.with_folder(tmp_path)
    office.share.mkdir()
    outcome = tried(office, kind)
    assert outcome.entries_after.keys() == set(CELLS)
    assert {entry.verdict for entry in outcome.entries_after.values()} == {Verdict.INCOMPLETE}
    assert "OFULLSTÄNDIG" in outcome.paper
    assert outcome.whole
    assert outcome.said


@kinds("half a file", "zero bytes", "a group is left out", "no times")
def test_on_an_empty_store_there_is_no_copy_of_what_holds_no_visits(kind: Kind, tmp_path: Path) -> None:
    office = Office.with_folder(tmp_path)
    office.share.mkdir()
    outcome = tried(office, kind)
    with_visits = {cell for cell, judgement in outcome.judgements.items() if judgement.visits}
    assert outcome.entries_after.keys() == with_visits
    assert outcome.error or outcome.said


@pytest.fixture(scope="module")
def on_a_share(samba: SambaServer, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose copies were published to a real file server."""
    office = Office.with_share(tmp_path_factory.mktemp("office"), samba, "Besöksplanering")
    office.publish_the_good()
    return office


@kinds("half a file", "a group is left out", "yesterdays file copied back")
def test_the_same_holds_on_a_real_share(
    kind: Kind, on_a_share: Office, samba: SambaServer, tmp_path: Path, trials: Trials
) -> None:
    office = Office.with_share(tmp_path / "office", samba, f"Besöksplanering {kind.name}")
    on_a_share.copied_to(office)
    outcome = tried(office, kind)
    assert outcome.became(trials.good) is kind.expected
    assert outcome.entries_before.keys() == set(CELLS)
    assert_kept_whole(outcome)
