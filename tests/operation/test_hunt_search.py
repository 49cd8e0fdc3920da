"""The search of the hunt finds what it is meant to find: one that cannot proves nothing."""

import base64
import gzip
import hashlib
import html
import io
import json
import os
import time
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.operation.planted import People
from tests.operation.traces import Search, forms_of, is_of_a_plan

NAME = "Kråxvild Ögstråmla"
NUMBER = "19121212-1212"
PLANTED = {NAME: "client 1's name", NUMBER: "client 1's number"}

# How programs write a value; each is written here by another way than the search knows it by, where there is one.
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "UTF-8": str.encode,
    "latin-1": lambda text: text.encode("latin-1"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: text.encode("utf-16-be"),
    "JSON": lambda text: json.dumps({"note": f"says {text}."}).encode(),
    "JSON in JSON": lambda text: json.dumps({"event": json.dumps({"note": text})}).encode(),
    "JSON in JSON in JSON": lambda text: json.dumps(json.dumps(json.dumps([text]))).encode(),
    "JSON with letters": lambda text: json.dumps({"note": text}, ensure_ascii=False).encode(),
    "repr": lambda text: repr({"note": text}).encode(),
    "ascii": lambda text: ascii(ValueError(f"bad row: {text}")).encode(),
    "repr of bytes": lambda text: repr(f"row: {text}".encode()).encode(),
    "repr of latin-1": lambda text: repr(text.encode("latin-1")).encode(),
    "octal": lambda text: "".join(chr(b) if b < 128 else f"\\{b:o}" for b in text.encode()).encode(),
    "a URL": lambda text: urllib.parse.quote(f"/run/{text}/log").encode(),
    "a form": lambda text: urllib.parse.urlencode({"q": text}).encode(),
    "HTML": lambda text: html.escape(f"<p>{text}</p>").encode(),
    "HTML in ASCII": lambda text: text.encode("ascii", "xmlcharrefreplace"),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64, one before": lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
    "base64, two before": lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"ab" + text.encode() + b"\xff\xfe"),
    "hex": lambda text: b"\\x" + text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex().upper().encode(),
    "capitals": lambda text: text.upper().encode(),
    "small letters": lambda text: text.lower().encode("latin-1"),
    "casefolded in JSON": lambda text: json.dumps(text.casefold()).encode(),
    "decomposed": lambda text: unicodedata.normalize("NFD", text).encode(),
    "only ASCII": lambda text: text.translate(str.maketrans("åäöÅÄÖ", "aaoAAO")).encode(),
    "UTF-8 taken for latin-1": lambda text: text.encode().decode("latin-1").encode(),
    "with underscores": lambda text: text.replace(" ", "_").encode(),
    "md5": lambda text: hashlib.md5(text.encode()).hexdigest().encode(),  # noqa: S324
    "sha1": lambda text: hashlib.sha1(text.encode()).hexdigest().encode(),  # noqa: S324
    "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest().encode(),
    "SHA256": lambda text: hashlib.sha256(text.encode()).hexdigest().upper().encode(),
    "sha256 of small letters": lambda text: hashlib.sha256(text.lower().encode()).hexdigest().encode(),
    "sha256, raw": lambda text: hashlib.sha256(text.encode()).digest(),
    "sha256, base64": lambda text: base64.b64encode(hashlib.sha256(text.encode()).digest()),
    "quoted-printable": lambda text: _mail(text, "quoted-printable"),
    "a mail in base64": lambda text: _mail(text, "base64"),
    "gzip": lambda text: gzip.compress(text.encode() * 3),
    "a workbook": lambda text: _zipped(text),
}
PACKED = ("gzip", "a workbook")


def _mail(text: str, encoding: str) -> bytes:
    message = EmailMessage()
    message.set_content(f"{text}\n", cte=encoding)
    return message.as_bytes()


def _zipped(text: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{text}</t>")
    return target.getvalue()


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("value", PLANTED)
def test_each_form_is_found_in_a_file_and_told_by_what_it_is(tmp_path: Path, form: str, value: str) -> None:
    before = b"" if form in PACKED else os.urandom(5000)
    (tmp_path / "some.log").write_bytes(before + WRITTEN[form](value) + os.urandom(5000))
    search = Search(PLANTED)
    search.look_below(tmp_path)
    assert {trace.what for trace in search.traces} == {PLANTED[value]}
    assert all(value not in str(trace) for trace in search.traces), "The finding must not be a leak itself."


@pytest.mark.parametrize("at", [0, 1, (4 << 20) - 7, (4 << 20) - 1, 4 << 20, (8 << 20) - 3])
def test_it_is_found_wherever_it_stands(at: int) -> None:
    content = bytearray(b"." * (8 << 20))
    content[at : at + len(NUMBER)] = NUMBER.encode()
    search = Search(PLANTED)
    search.look(bytes(content[: at + len(NUMBER)]), "at the end")
    search.look(bytes(content), "in the middle")
    assert {trace.place for trace in search.traces} == {"at the end", "in the middle"}


def test_what_is_packed_in_a_databases_bytes_is_found() -> None:
    search = Search(PLANTED)
    packed = zlib.compress(json.dumps({"conf": NAME}).encode()).hex()
    search.look(f"VALUES ('x', '\\x{packed}');", "dump")
    assert {trace.what for trace in search.traces} == {PLANTED[NAME]}


def test_the_name_of_a_file_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.txt").touch()
    search = Search(PLANTED)
    search.look_below(tmp_path)
    assert search.traces


def test_what_is_older_or_left_out_is_not_looked_at(tmp_path: Path) -> None:
    for name in ("store", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(NAME)
    search = Search(PLANTED)
    search.look_below(tmp_path, leave_out=[tmp_path / "store"], since=time.time() + 10)
    assert not search.traces
    search.look_below(tmp_path, leave_out=[tmp_path / "store"])
    assert {trace.place for trace in search.traces} == {str(tmp_path / "other" / "file")}


def test_nothing_is_found_where_nothing_is() -> None:
    people = People.random(clients=20, employees=10)
    search = Search(people.values)
    search.look(os.urandom(8 << 20), "noise")
    search.look(base64.b64encode(os.urandom(3 << 20)), "noise in base64")
    search.look(os.urandom(4 << 20).hex(), "noise in hex")
    search.look("".join(map(str, range(1_200_000))), "digits")
    assert search.traces == set()
    assert search.forms > 10_000


def test_a_search_of_many_values_is_quick_enough_to_be_made_everywhere() -> None:
    search = Search(People.random(clients=20, employees=10).values)
    text = json.dumps([{"event": "Örsåker är på väg å ä ö", "at": n} for n in range(100_000)]).encode()
    begun = time.process_time()
    search.look(text, "log")
    assert (time.process_time() - begun) / len(text) < 2e-6, "seconds of processor time a byte"


def test_short_values_are_refused_as_they_would_be_found_by_chance() -> None:
    with pytest.raises(ValueError, match="door code"):
        Search({"4711": "door code"})


def test_each_form_is_there_once() -> None:
    forms = forms_of(NAME)
    assert len(set(forms.values())) == len(forms)
    assert len(forms) > 100


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7", b"PAR1....", _zipped("x"), b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x04\x00>\x00"],
    ids=["document", "frame", "workbook", "core dump"],
)
def test_files_that_only_a_plan_has_are_known_by_their_kind(content: bytes) -> None:
    assert is_of_a_plan(content)
    assert not is_of_a_plan(b"plain text")
