"""Names on the store: one builder and one parser that undo each other."""

import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.domain import names
from reservplan.domain.names import ARTIFACTS, ArtifactName, Format, Kind, artifact_name, parse_artifact_name

DAY = date(2022, 6, 21)


def test_the_routines_own_example_is_the_name() -> None:
    assert artifact_name(DAY, Kind.LIST, "Ullared", Format.PDF) == "220621 Brukarschema Ullared.pdf"
    assert artifact_name(DAY, Kind.OVERVIEW, "Ullared", Format.XLSX) == "220621 Översiktsschema Ullared.xlsx"


def test_every_name_is_nfc_whatever_form_the_team_came_in() -> None:
    name = artifact_name(DAY, Kind.OVERVIEW, unicodedata.normalize("NFD", "Västra gärdet"), Format.PDF)
    assert name == unicodedata.normalize("NFC", name)


TEAMS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda team: names.team_name_fault(team) is None)
)


@given(
    st.dates(date(2000, 1, 1), date(2068, 12, 31)),
    TEAMS,
    st.sampled_from(ARTIFACTS),
    st.sampled_from(["", " (Reservplan)", " (tidigare)", " (ny 0512)"]),
)
def test_what_the_builder_makes_the_parser_reads(
    day: date, team: str, artifact: tuple[Kind, Format], suffix: str
) -> None:
    kind, fmt = artifact
    assert parse_artifact_name(artifact_name(day, kind, team, fmt, suffix)) == ArtifactName(
        day, kind, team, fmt, suffix
    )


@pytest.mark.parametrize("name", [
    "220631 Brukarschema Ullared.pdf", "22061 Brukarschema Ullared.pdf", "220621 brukarschema Ullared.pdf",
    "220621 Brukarschema Ullared.docx", "220621 Brukarschema .pdf", "~$220621 Brukarschema Ullared.xlsx",
    "Kopia av 220621 Brukarschema Ullared.pdf", ".rp-x-1.tmp",
])  # fmt: skip
def test_a_name_that_is_not_ours_is_not_parsed(name: str) -> None:
    assert parse_artifact_name(name) is None


@pytest.mark.parametrize(("team", "fault"), [
    ("", "is empty"), (" Ullared", "space"), ("Ullared ", "space"), ("A/B", "contains /"), ('A"B', 'contains "'),
    ("Ullared.", "ends with a dot"), (".dold", "begins with a dot"), ("con", "device"), ("LPT1.väst", "device"),
    ("A\tB", "control"), ("A\u202eB", "control"),
    ("Ullared (tidigare)", "suffixes"), ("Ullared (Reservplan)", "suffixes"),
    ("Ullared (ny 0512)", "suffixes"), ("å" * 120, "longer"), (unicodedata.normalize("NFD", "Åsa"), "normal form"),
])  # fmt: skip
def test_a_team_name_that_no_file_can_carry_is_refused(team: str, fault: str) -> None:
    assert fault in (names.team_name_fault(team) or "")


@pytest.mark.parametrize("team", ["Ullared", "Västra gärdet", "Natt 1", "A & B", "Hemtjänst (öst)", "Ö", "contra"])
def test_a_usual_team_name_is_accepted(team: str) -> None:
    assert names.team_name_fault(team) is None


def test_team_names_that_differ_only_in_case_or_form_are_the_same() -> None:
    assert names.team_key("ÅSA  Norra") == names.team_key(unicodedata.normalize("NFD", "Åsa norra"))


def test_own_files_are_named_by_day_and_read_back() -> None:
    assert names.manifest_name(DAY) == ".reservplan/220621.json"
    assert names.intent_name(DAY) == ".reservplan/220621.intent.json"
    assert names.parse_manifest_name("220621.json") == DAY
    assert names.parse_manifest_name("220621.intent.json") is None
    assert names.parse_manifest_name("counts.json") is None


def test_a_stand_in_says_the_local_time() -> None:
    assert names.stand_in_suffix(datetime(2022, 6, 21, 5, 12)) == " (ny 0512)"  # noqa: DTZ001 - wall clock wording
