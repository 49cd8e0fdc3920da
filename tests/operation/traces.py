"""The search for planted values in everything that a run leaves behind, in every form that a program may give them.

`Search` is told what was planted and is then shown one place after the other: bytes, texts, files, whole folders. It
looks at all forms in one pass, so that hundreds of values can be looked for in hundreds of megabytes.
"""

import base64
import contextlib
import functools
import hashlib
import html.entities
import io
import json
import os
import quopri
import re
import stat
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

# Shorter values are met by chance in so many bytes, and in a hash or in base64 anything short is.
FEWEST_BYTES = 8
ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16-le", "utf-16-be", "utf-32-le")
HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b")
# What is written with backslashes may be written so again, and again: JSON in JSON in a log line of JSON.
BACKSLASHES = (1, 2, 4)

# How a form begins: the forms that do, each with what it is of and its name.
Patterns = dict[bytes, list[tuple[bytes, str, str]]]

_ANCHOR_BYTES = 6
_MASK = np.uint64((1 << 8 * _ANCHOR_BYTES) - 1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_TABLE_BITS = 22
_CHUNK_BYTES = 4 << 20
_HEX_LITERAL = re.compile(rb"\\x((?:[0-9a-f]{2}){8,})")
_MOST_UNPACKED_BYTES = 64 << 20
# What cannot be encoded, unpacked or opened is simply not there.
_BROKEN = contextlib.suppress(UnicodeError, OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile)


@dataclass(frozen=True, order=True)
class Trace:
    """A planted value that was found: where, whose or what it is, and in which form; the value is not repeated."""

    place: str
    what: str
    form: str


@dataclass
class Search:
    """What was planted (value: what it is), what has been looked at so far, and what was found there.

    Letter case makes no difference anywhere.
    """

    planted: Mapping[str, str]
    traces: set[Trace] = field(default_factory=set)
    places: int = 0
    size_bytes: int = 0

    def __post_init__(self) -> None:
        if short := [what for value, what in self.planted.items() if len(value) < FEWEST_BYTES]:
            raise ValueError(f"Too short to be told from chance: {short}")
        self._patterns, self._may_begin = _compiled(tuple(self.planted.items()))

    @property
    def forms(self) -> int:
        """How many forms of all values are looked for."""
        return sum(map(len, self._patterns.values()))

    def look(self, content: bytes | str, place: str) -> None:
        """Look through one place."""
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self.places += 1
        self.size_bytes += len(raw)
        folded = raw.lower()
        self._look_at(folded, place)
        for match in _HEX_LITERAL.finditer(folded):
            # PostgreSQL writes bytes so; what is packed in them is unpacked.
            with _BROKEN:
                self._look_at(_inflated(bytes.fromhex(match[1].decode())).lower(), f"{place}, packed bytes")

    def look_into(self, path: Path) -> None:
        """Look through a file's name and its content, and through what is packed in it; one that is gone is none."""
        self.look(os.fsencode(path), f"the name of {path.name[:40]}")
        try:
            content = path.read_bytes()
        except (FileNotFoundError, PermissionError, OSError):
            return
        self.look(content, str(path))
        for name, member in unpacked(content):
            self.look(member, f"{path}, {name}")

    def look_below(self, folder: Path, *, leave_out: Iterable[Path] = (), since: float = 0.0) -> None:
        """Look through every file below a folder that was changed since then (seconds of the epoch)."""
        for path in files_below(folder, leave_out=leave_out, since=since):
            self.look_into(path)

    def but(self, *what: str) -> "Search":
        """A new search for all but the kinds of values whose description holds one of these words."""
        return Search({v: w for v, w in self.planted.items() if not any(word in w for word in what)})

    def add(self, other: "Search") -> None:
        """Take over what another search has seen and found."""
        self.traces |= other.traces
        self.places += other.places
        self.size_bytes += other.size_bytes

    @property
    def summary(self) -> str:
        """What was looked for, and where, in numbers."""
        return (
            f"{len(self.planted)} values in {self.forms} forms, "
            f"{self.places} places, {self.size_bytes / 1e6:.1f} MB: {len(self.traces)} traces"
        )

    def _look_at(self, folded: bytes, place: str) -> None:
        padded = folded + bytes(8)
        for start in range(0, len(folded), _CHUNK_BYTES):
            count = min(_CHUNK_BYTES, len(folded) - start)
            windows: np.ndarray = np.ndarray((count,), dtype="<u8", buffer=padded, offset=start, strides=(1,))
            for found in np.flatnonzero(self._may_begin[_spread(windows & _MASK)]):
                at = start + int(found)
                for pattern, what, form in self._patterns.get(padded[at : at + _ANCHOR_BYTES], ()):
                    if folded.startswith(pattern, at):
                        self.traces.add(Trace(place, what, form))


def forms_of(value: str) -> dict[str, bytes]:
    """Every form in which a program may write a value, by its name; bytes in lower case."""
    forms: dict[str, bytes] = {}
    for spelling, text in spellings(value).items():
        for form, pattern in _forms_of_spelling(text):
            if len(pattern) >= FEWEST_BYTES:
                forms.setdefault(f"{form}{spelling and f' ({spelling})'}", pattern.lower())
    return _without_doubles(forms)


def spellings(value: str) -> dict[str, str]:
    """The value as it is, and as careless programs change it; letters that ASCII lacks are not folded by bytes."""
    composed = unicodedata.normalize("NFC", value)
    found = {
        "": composed,
        "upper": composed.upper(),
        "lower": composed.lower(),
        "title": composed.title(),
        "decomposed": unicodedata.normalize("NFD", composed),
        "only ASCII": unicodedata.normalize("NFD", composed).encode("ascii", "ignore").decode(),
        "dropped": composed.encode("ascii", "ignore").decode(),
        "question marks": composed.encode("ascii", "replace").decode(),
        "UTF-8 read as latin-1": composed.encode().decode("latin-1"),
        "UTF-8 read as cp1252": composed.encode().decode("cp1252", "replace"),
        "underscores": composed.replace(" ", "_"),
        "hyphens": composed.replace(" ", "-"),
        "no spaces": composed.replace(" ", ""),
    }
    kept: dict[str, str] = {}
    for name, text in found.items():
        if text not in kept.values() and len(text) >= FEWEST_BYTES:
            kept[name] = text
    return kept


def _forms_of_spelling(text: str) -> Iterator[tuple[str, bytes]]:
    for encoding in ENCODINGS:
        with _BROKEN:
            yield encoding, text.encode(encoding)
    yield from _escaped(text)
    for encoding in ("utf-8", "utf-16-le", "latin-1"):
        with _BROKEN:
            encoded = text.encode(encoding)
            yield f"hex of {encoding}", encoded.hex().encode()
            yield from _base64(encoded, encoding)
    for name in HASHES:
        digest = hashlib.new(name, text.encode())
        yield name, digest.hexdigest().encode()
        yield f"{name}, raw", digest.digest()
        yield f"{name}, base64", base64.b64encode(digest.digest()).rstrip(b"=")


def _escaped(text: str) -> Iterator[tuple[str, bytes]]:
    yield "quoted in a URL", urllib.parse.quote(text, safe="").encode()
    yield "quoted in a form", urllib.parse.quote_plus(text).encode()
    yield "HTML", html.escape(text).encode()
    yield "HTML, numbers", text.encode("ascii", "xmlcharrefreplace")
    yield "HTML, hex numbers", "".join(c if c.isascii() else f"&#x{ord(c):x};" for c in text).encode()
    names = html.entities.codepoint2name
    yield "HTML, names", "".join(f"&{names[ord(c)]};" if ord(c) in names else c for c in text).encode()
    yield "quoted-printable", quopri.encodestring(text.encode())
    yield "quoted-printable, latin-1", quopri.encodestring(text.encode("latin-1", "ignore"))
    single = {
        "JSON": json.dumps(text)[1:-1],
        "Python": text.encode("unicode_escape").decode(),
        "Python, ASCII": ascii(text)[1:-1],
        "Python, bytes": repr(text.encode())[2:-1],
        "octal": "".join(c if c.isascii() else "".join(f"\\{byte:03o}" for byte in c.encode()) for c in text),
    }
    for name, escaped in single.items():
        for times in BACKSLASHES:
            yield f"{name} × {times}", escaped.replace("\\", "\\" * times).encode()


def _base64(content: bytes, encoding: str) -> Iterator[tuple[str, bytes]]:
    """The letters that hold nothing but the content, for each of the three ways in which it may lie among others."""
    for skipped in range(3):
        letters = base64.b64encode(bytes(skipped) + content)
        inner = letters[(0, 2, 3)[skipped] : (len(content) + skipped) * 8 // 6]
        yield f"base64 of {encoding} + {skipped}", inner
        yield f"base64 of {encoding} for URLs + {skipped}", inner.translate(bytes.maketrans(b"+/", b"-_"))


def _without_doubles(forms: dict[str, bytes]) -> dict[str, bytes]:
    seen: dict[bytes, str] = {}
    for name, pattern in forms.items():
        seen.setdefault(pattern, name)
    return {name: pattern for pattern, name in seen.items()}


def unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    """What is packed in a file: members of a zip (and so of a workbook), a gzip; one level deep, never without end."""
    if content.startswith(b"PK\x03\x04"):
        with _BROKEN, zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if member.file_size <= _MOST_UNPACKED_BYTES:
                    yield member.filename, archive.read(member)
    elif content.startswith(b"\x1f\x8b"):
        with _BROKEN:
            yield "unpacked", zlib.decompressobj(wbits=31).decompress(content, _MOST_UNPACKED_BYTES)


def is_of_a_plan(content: bytes) -> bool:
    """Whether a file is of a kind that only the plan's files are: a document, a workbook, a frame, a core dump."""
    core = content[:4] == b"\x7fELF" and content[16:18] == b"\x04\x00"
    return core or content.startswith((b"%PDF", b"PAR1", b"PK\x03\x04"))


def files_below(folder: Path, *, leave_out: Iterable[Path] = (), since: float = 0.0) -> Iterator[Path]:
    """Regular files below a folder, without the left-out folders and what is older; whatever vanishes is none."""
    out = {str(path) for path in leave_out}
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(above, name) not in out]
        for name in names:
            path = Path(above, name)
            with _BROKEN:
                status = path.lstat()
                newest = max(status.st_mtime, status.st_ctime)
                if stat.S_ISREG(status.st_mode) and newest >= since and str(path) not in out:
                    yield path


@functools.lru_cache(maxsize=8)
def _compiled(planted: tuple[tuple[str, str], ...]) -> tuple[Patterns, np.ndarray]:
    """All forms by how they begin, and a table that tells of any six bytes that none begins so."""
    patterns: Patterns = {}
    for value, what in planted:
        for form, pattern in forms_of(value).items():
            patterns.setdefault(pattern[:_ANCHOR_BYTES], []).append((pattern, what, form))
    anchors = np.array([int.from_bytes(anchor, "little") for anchor in patterns], dtype=np.uint64)
    may_begin = np.zeros(1 << _TABLE_BITS, dtype=bool)
    may_begin[_spread(anchors)] = True
    return patterns, may_begin


def _spread(windows: np.ndarray) -> np.ndarray:
    return ((windows * _SPREAD) >> np.uint64(64 - _TABLE_BITS)).astype(np.int64)


def _inflated(content: bytes) -> bytes:
    return zlib.decompressobj().decompress(content, _MOST_UNPACKED_BYTES) if content[:1] == b"\x78" else content
