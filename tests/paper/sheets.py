"""Printed sheets as a reader sees them: words with their places, sizes of type, and the ink on the page."""

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import Path

from PIL import Image
from pypdf import PdfReader

MM = 72 / 25.4
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


@dataclass(frozen=True)
class Word:
    """A word and its box, in points from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def covers(self, other: "Word") -> float:
        """Which share of the smaller one lies under the other; a third of the height is air."""
        width = min(self.right, other.right) - max(self.left, other.left)
        air = (min(self.bottom - self.top, other.bottom - other.top)) / 3
        height = min(self.bottom, other.bottom) - max(self.top, other.top) - air
        if width <= 0 or height <= 0:
            return 0.0
        smaller = min((w.right - w.left) * (w.bottom - w.top) for w in (self, other))
        return width * height / smaller


@dataclass(frozen=True)
class Sheet:
    """One page."""

    width: float
    height: float
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """Everything in reading order, without the places where long words may break."""
        return " ".join(word.text for word in self.words).replace("\u200b", "")

    @cached_property
    def by_text(self) -> dict[str, list[Word]]:
        """The words by what they say."""
        found: dict[str, list[Word]] = {}
        for word in self.words:
            found.setdefault(word.text, []).append(word)
        return found

    @cached_property
    def left_lines(self) -> list[tuple[float, str]]:
        """The lines at the left edge, as the names of rows stand there: top and text, from above."""
        lines: dict[int, list[Word]] = {}
        for word in sorted(self.words, key=lambda word: word.left):
            if word.left < 48 * MM:
                lines.setdefault(round(word.top), []).append(word)
        return [(line[0].top, " ".join(word.text for word in line)) for _, line in sorted(lines.items())]

    def overlaps(self) -> Iterator[tuple[str, str]]:
        """Words that lie over each other."""
        ordered = sorted(self.words, key=lambda word: word.top)
        for n, word in enumerate(ordered):
            for other in ordered[n + 1 :]:
                if other.top >= word.bottom:
                    break
                if word.covers(other) > 0.15:
                    yield word.text, other.text


def sheets_of(pdf: bytes, folder: Path) -> list[Sheet]:
    """The pages of a PDF by poppler, which is not who made it."""
    file = folder / "read.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, text=True, check=True).stdout
    file.unlink()
    return [Sheet(float(width), float(height), tuple(_words(body))) for width, height, body in _PAGE.findall(told)]


def _words(body: str) -> Iterator[Word]:
    for left, top, right, bottom, text in _WORD.findall(body):
        yield Word(unescape(text), float(left), float(top), float(right), float(bottom))


def type_sizes(pdf: bytes) -> dict[float, int]:
    """How many characters are set in which size, in points."""
    sizes: dict[float, int] = {}

    def count(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            points = round(size * abs(tm[3] or tm[1]) * abs(cm[3] or cm[1]), 2)
            sizes[points] = sizes.get(points, 0) + len(text.strip())

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=count)
    return sizes


def pictures_of(pdf: bytes, folder: Path, *how: str, dpi: int = 72) -> list[Image.Image]:
    """The pages as they are printed."""
    file = folder / "printed.pdf"
    file.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(dpi), *how, file, folder / "printed"], check=True)
    file.unlink()
    pages = sorted(folder.glob("printed-*"))
    pictures = [Image.open(page).convert("L") for page in pages]
    for page in pages:
        page.unlink()
    return pictures
