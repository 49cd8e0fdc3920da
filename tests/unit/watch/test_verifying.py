"""Verification reads everything back: what the listing cannot tell, the content does."""

import io
import os

import pytest
from openpyxl import Workbook
from reservplan.domain.names import Format, Kind, manifest_name
from reservplan.papers.keeping import Paper, keep_papers
from reservplan.watch import Verified, verify
from reservplan.watch.verifying import _opens_deeply

from tests.unit.watch.lookout import DAY, TODAY, Lookout
from tests.unit.watch.test_states import OPENS, overwritten


def verified(lookout: Lookout, *, deep: bool = False) -> Verified:
    return verify(lookout.store(), lookout.store_settings, lookout.settings, deep=deep)


def test_all_that_the_manifests_name_is_read_back(lookout: Lookout) -> None:
    lookout.fill(["Ullared", "Ätran"])
    lookout.put_days([TODAY - 20 * DAY], ["Ullared"])
    found = verified(lookout)
    assert (found.files, found.faults) == (18 * 8 + 4, ())
    assert found.bytes == sum(path.stat().st_size for path in lookout.root.glob("2*"))


def test_a_change_that_keeps_size_and_time_is_found(lookout: Lookout) -> None:
    lookout.fill()
    file = lookout.path(TODAY)
    before = file.stat()
    file.write_bytes(file.read_bytes().replace(b"Ullared", b"Ullareb"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert lookout.codes() == [], "the watch trusts size and time"
    (fault,) = verified(lookout).faults
    assert (fault.path, fault.code) == (file.name, "differs")


def test_each_fault_is_told_apart_and_none_hides_another(lookout: Lookout) -> None:
    lookout.fill()
    overwritten(OPENS, same_mtime=False)(lookout)
    lookout.path(TODAY + DAY).write_bytes(b"%PDF")
    lookout.path(TODAY + 2 * DAY).unlink()
    (lookout.root / manifest_name(TODAY + 3 * DAY)).write_bytes(b"{")
    found = verified(lookout)
    assert [fault.code for fault in found.faults] == ["differs", "broken", "missing", "record"]
    assert all(fault.words for fault in found.faults)
    assert found.files == 17 * 4 - 1


def workbook() -> bytes:
    made = Workbook()
    made.active.append(["08:00", "besök"])
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n29\n%%EOF\n"


def test_files_that_are_whole_open() -> None:
    assert _opens_deeply(Format.XLSX, workbook())
    assert _opens_deeply(Format.PDF, PDF)


@pytest.mark.parametrize(("fmt", "content"), [
    (Format.PDF, b"%PDF-1.7\n%%EOF\n"),
    (Format.PDF, PDF.replace(b"startxref\n29", b"startxref\n99")),
    (Format.PDF, PDF.replace(b"startxref\n29", b"startxref\n9999999")),
    (Format.XLSX, b"PK\x03\x04"),
    (Format.XLSX, workbook().replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml")),
])  # fmt: skip
def test_files_that_only_look_whole_do_not_open(fmt: Format, content: bytes) -> None:
    assert not _opens_deeply(fmt, content)


def test_deep_verification_finds_what_was_written_but_does_not_open(lookout: Lookout) -> None:
    lookout.fill()
    assert verified(lookout).faults == ()
    faults = verified(lookout, deep=True).faults
    assert {fault.code for fault in faults} == {"does_not_open"}, "the tests' own files are no real ones"
    assert lookout.path(TODAY, kind=Kind.OVERVIEW).name in {fault.path for fault in faults}


def test_start_page_and_week_packs_are_read_back_too(lookout: Lookout) -> None:
    papers = [Paper("22v25 Brukarschema Ullared.pdf", "1"), Paper("00 LÄS MIG FÖRST.html", "2")]
    with lookout.store() as store, store.lock("run"):
        keep_papers(store, papers, lambda asked: [{paper: b"%PDF-1.7 " + bytes(9) for paper in asked}], at=lookout.now)
    assert (verified(lookout).files, verified(lookout).faults) == (2, ())
    (lookout.root / "22v25 Brukarschema Ullared.pdf").write_bytes(b"cut")
    (lookout.root / "00 LÄS MIG FÖRST.html").unlink()
    assert [(fault.path, fault.code) for fault in verified(lookout).faults] == [
        ("22v25 Brukarschema Ullared.pdf", "broken"), ("00 LÄS MIG FÖRST.html", "missing"),
    ]  # fmt: skip
    (lookout.root / ".reservplan" / "papers.json").write_bytes(b'{"schema": 7}')
    (fault,) = verified(lookout).faults
    assert (fault.path, fault.code) == (".reservplan/papers.json", "record")
