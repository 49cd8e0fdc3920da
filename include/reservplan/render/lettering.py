"""Which characters our fonts hold, how wide they run, and text made safe to print.

A character that no font holds makes a whole PDF/A fail, and an invisible one can turn text around: everything that is
shown passes through `clean` first. Widths are in millimetres, sizes in points.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONT_FOLDER = Path(__file__).parent / "fonts"
MM_PER_POINT = 25.4 / 72
# The smallest line that cuts neither the ring of Å nor the tail of g: the templates set these text edges.
ASCENT_EM, DESCENT_EM = 0.93, 0.2
# The largest text in the columns of a table: what fits in bold at this size fits in every way it is set.
WIDEST_POINTS = 9.5
# More than two marks above a letter would be drawn across the rows above it.
_FEW_MARKS = re.compile("([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{2})"
                        "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")  # fmt: skip
_POSTAL_PLACE = re.compile(r"\b(\d{3}) ?(\d{2}) (\S+)$")
UNKNOWN = "\u25a1"
ELLIPSIS = "…"
ZERO_WIDTH_SPACE = "\u200b"


class Style(StrEnum):
    """A cut of the typeface, each with the fallback font that typst takes for it."""

    REGULAR = "regular"
    BOLD = "bold"
    NARROW = "narrow"
    NARROW_BOLD = "narrow_bold"


_FILES = {
    Style.REGULAR: ("LiberationSans-Regular.ttf", "DejaVuSans.ttf"),
    Style.BOLD: ("LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf"),
    Style.NARROW: ("LiberationSansNarrow-Regular.ttf", "DejaVuSans.ttf"),
    Style.NARROW_BOLD: ("LiberationSansNarrow-Bold.ttf", "DejaVuSans-Bold.ttf"),
}


class _Widths(dict[str, float]):
    """Advance of each character in millimetres at 1 point, looked up once."""

    def __init__(self, style: Style) -> None:
        self._faces = [_face(name) for name in _FILES[style]]

    def __missing__(self, character: str) -> float:
        width = 1.0 * MM_PER_POINT
        for cmap, advances, units_per_em in self._faces:
            if (glyph := cmap.get(ord(character))) is not None:
                width = advances[glyph][0] / units_per_em * MM_PER_POINT
                break
        self[character] = width
        return width


@cache
def _face(file_name: str) -> tuple[dict[int, str], dict[str, tuple[int, int]], int]:
    with TTFont(FONT_FOLDER / file_name, lazy=True) as font:
        return font.getBestCmap(), dict(font["hmtx"].metrics), font["head"].unitsPerEm


@cache
def _widths(style: Style) -> _Widths:
    return _Widths(style)


class _Safe(dict[int, str | None]):
    """Translation table: what each code point becomes on paper; a code point is looked at once."""

    def __init__(self) -> None:
        # A character is bold in one place and regular in the next: only what every style holds is safe.
        self._covered = frozenset.intersection(
            *(frozenset().union(*(_face(name)[0] for name in names)) for names in _FILES.values())
        )

    def __missing__(self, code_point: int) -> str | None:
        character = chr(code_point)
        result: str | None = character
        if character.isspace():
            result = " "
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co"):
            result = None
        elif code_point not in self._covered:
            result = UNKNOWN
        self[code_point] = result
        return result


@cache
def _safe() -> _Safe:
    return _Safe()


@lru_cache(maxsize=50_000)
def clean(text: str, limit: int = 300) -> str:
    """One line of text that every font can print, in NFC, at most `limit` characters (a cut ends in …)."""
    shown = " ".join(_FEW_MARKS.sub(r"\1", unicodedata.normalize("NFC", text)).translate(_safe()).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + ELLIPSIS


def clean_lines(text: str, limit: int) -> str:
    """As `clean`, for text of several lines: they are joined by a dot, so that no row grows without end."""
    return clean(" · ".join(line.strip() for line in text.splitlines() if line.strip()), limit)


def soft(text: str, available_mm: float) -> str:
    """The text with places to break in words that are wider than their column; for PDF only."""
    if width_mm(text, WIDEST_POINTS, Style.BOLD) <= available_mm:
        return text
    return " ".join(_softened(word, available_mm) for word in text.split(" "))


def _softened(word: str, available_mm: float) -> str:
    if width_mm(word, WIDEST_POINTS, Style.BOLD) <= available_mm:
        return word
    return ZERO_WIDTH_SPACE.join(_pieces(word, available_mm, WIDEST_POINTS, Style.BOLD))


def hold_postal_place(address: str) -> str:
    """The address with its postal code held to its town: half of it at a line's end reads as a house number."""
    return _POSTAL_PLACE.sub("\\1\u00a0\\2\u00a0\\3", address)


def width_mm(text: str, size: float, style: Style) -> float:
    """How wide a line runs, in millimetres."""
    return _width_at_one_point(text, style) * size


@lru_cache(maxsize=50_000)
def _width_at_one_point(text: str, style: Style) -> float:
    return sum(map(_widths(style).__getitem__, text))


def line_mm(size: float) -> float:
    """The height of a line, in millimetres."""
    return size * (ASCENT_EM + DESCENT_EM) * MM_PER_POINT


def cut_to(text: str, available_mm: float, size: float, style: Style) -> str:
    """The text, shortened with … where it would run wider than the space."""
    if width_mm(text, size, style) <= available_mm:
        return text
    while text and width_mm(text + ELLIPSIS, size, style) > available_mm:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def wrap(text: str, available_mm: float, size: float, style: Style) -> list[str]:
    """The text broken into lines at spaces, and inside words that are wider than a line."""
    if width_mm(text, size, style) <= available_mm:
        return [text] if text else []
    lines: list[str] = []
    line = ""
    # Not at spaces that hold words together.
    for word in filter(None, text.split(" ")):
        candidate = f"{line} {word}" if line else word
        if width_mm(candidate, size, style) <= available_mm:
            line = candidate
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, available_mm, size, style)
        lines += full
    return [*lines, line] if line else lines


def _pieces(word: str, available_mm: float, size: float, style: Style) -> list[str]:
    """The word in pieces that fit, broken after a hyphen or a stroke where the piece has one."""
    pieces = [""]
    for character in word:
        piece = pieces[-1]
        if piece and width_mm(piece + character, size, style) > available_mm:
            cut = max(piece.rfind("-"), piece.rfind("/")) + 1 or len(piece)
            pieces[-1:] = [piece[:cut], piece[cut:]]
        pieces[-1] += character
    return pieces
