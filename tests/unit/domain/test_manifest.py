"""Manifests and intents: what is read back is what was written; a newer schema is refused."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from reservplan.domain.errors import ManifestUnreadable
from reservplan.domain.manifest import (
    ArtifactEntry,
    CellEntry,
    Intended,
    Intent,
    Manifest,
    NewerManifest,
    Origin,
    read_intent,
    read_manifest,
)  # fmt: skip
from reservplan.domain.names import Format, Kind
from reservplan.domain.verdict import Reason, Verdict, verdict_of

DAY = date(2022, 6, 21)
AT = datetime(2022, 6, 21, 3, 2, 11, 987654, tzinfo=UTC)
ENTRY = CellEntry(
    verdict=Verdict.COMPLETE, reasons=(Reason(code="x", count=3, text="tre"),), origin=Origin.SCHEDULED,
    captured_at=AT, read_at=AT, confirmed_at=AT + timedelta(hours=6), published_at=AT, visits=212, unassigned=3,
    employees=17, content="abc",
    artifacts=(ArtifactEntry(kind=Kind.LIST, format=Format.PDF, name="220621 Brukarschema Ullared.pdf", bytes=118034,
                             sha256="ff", mtime=AT, captured_at=AT),),
)  # fmt: skip
MANIFEST = Manifest(plan_date=DAY, sealed_at=AT, run_id="r1", cells={"Ullared": ENTRY})


def test_what_is_written_is_read_back() -> None:
    assert read_manifest(MANIFEST.to_bytes(), DAY, "m") == MANIFEST
    intent = Intent(plan_date=DAY, cells={"Ullared": Intended(run_id="r1", written_at=AT, entry=ENTRY)})
    assert read_intent(intent.to_bytes(), DAY, "i") == intent


def test_the_fields_on_the_store_are_the_contracts() -> None:
    tree = json.loads(MANIFEST.to_bytes())
    assert tree["schema"] == 1
    assert tree["plan_date"] == "2022-06-21"
    assert tree["sealed_at"] == "2022-06-21T03:02:11Z"
    cell = tree["cells"]["Ullared"]
    assert cell["captured_at"] == "2022-06-21T03:02:11Z"
    assert cell["origin"] == "scheduled"
    assert cell["artifacts"][0] == {
        "kind": "list", "format": "pdf", "name": "220621 Brukarschema Ullared.pdf", "bytes": 118034, "sha256": "ff",
        "mtime": "2022-06-21T03:02:11Z", "captured_at": "2022-06-21T03:02:11Z", "stands_in_for": None,
    }  # fmt: skip


def test_unknown_fields_are_ignored() -> None:
    tree = json.loads(MANIFEST.to_bytes())
    tree["cells"]["Ullared"]["colour"] = "red"
    tree["mood"] = 1
    assert read_manifest(json.dumps(tree).encode(), DAY, "m") == MANIFEST


def test_a_newer_schema_is_refused_even_when_its_shape_is_unknown() -> None:
    for tree in ({"schema": 2}, {**json.loads(MANIFEST.to_bytes()), "schema": 2}):
        with pytest.raises(NewerManifest, match="schema 2"):
            read_manifest(json.dumps(tree).encode(), DAY, "m")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"schema": 1}', MANIFEST.to_bytes()[:200]])
def test_a_damaged_manifest_is_said_to_be_damaged(content: bytes) -> None:
    with pytest.raises(ManifestUnreadable, match=r"^m cannot be read"):
        read_manifest(content, DAY, "m")


def test_a_manifest_of_another_day_is_refused() -> None:
    with pytest.raises(ManifestUnreadable, match="speaks of 2022-06-21"):
        read_manifest(MANIFEST.to_bytes(), date(2022, 6, 22), "m")


@pytest.mark.parametrize(
    "name",
    [
        "Semesterschema.pdf",
        "220622 Brukarschema Ullared.pdf",
        "220621 Brukarschema Vessigebro.pdf",
        "220621 Översiktsschema Ullared.pdf",
        "220621 Brukarschema Ullared.xlsx",
        "220621 Brukarschema Ullared (tidigare).pdf",
        "../220621 Brukarschema Ullared.pdf",
    ],
)
def test_a_record_that_names_a_file_that_cannot_be_its_groups_is_not_believed(name: str) -> None:
    (artifact,) = ENTRY.artifacts
    lie = ENTRY.model_copy(update={"artifacts": (artifact.model_copy(update={"name": name}),)})
    manifest = MANIFEST.model_copy(update={"cells": {"Ullared": lie}})
    intent = Intent(plan_date=DAY, cells={"Ullared": Intended(run_id="r1", written_at=AT, entry=ENTRY, earlier=(lie,))})
    with pytest.raises(ManifestUnreadable, match="cannot be its group's"):
        read_manifest(manifest.to_bytes(), DAY, "m")
    with pytest.raises(ManifestUnreadable, match="cannot be its group's"):
        read_intent(intent.to_bytes(), DAY, "i")


@pytest.mark.parametrize("suffix", ["", " (Reservplan)", " (ny 0512)"])
def test_every_name_that_a_run_may_give_is_believed(suffix: str) -> None:
    (artifact,) = ENTRY.artifacts
    named = artifact.model_copy(update={"name": f"220621 Brukarschema Ullared{suffix}.pdf"})
    manifest = MANIFEST.model_copy(update={"cells": {"Ullared": ENTRY.model_copy(update={"artifacts": (named,)})}})
    assert read_manifest(manifest.to_bytes(), DAY, "m") == manifest


def test_later_compares_the_greater_of_capture_and_confirmation() -> None:
    assert ENTRY.true_at == ENTRY.confirmed_at


def test_the_worst_reason_makes_the_verdict() -> None:
    remark = Reason(code="a", text="")
    broken = Reason(code="b", text="", severity=Verdict.INCOMPLETE)
    assert [verdict_of(r) for r in ((), (remark,), (remark, broken))] == [
        Verdict.COMPLETE, Verdict.REMARKS, Verdict.INCOMPLETE,
    ]  # fmt: skip
