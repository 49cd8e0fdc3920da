"""A mark over every page of a PDF that is there already: the copy of a drill, which nobody may take for a plan."""

import io
from datetime import datetime
from typing import Any

from reservplan.render.document import draw_template


def stamp(pdf: bytes, word: str, below: str, at: datetime) -> bytes:
    """The same pages, each with the word across it and in a black band at its head; `at` is an aware instant.

    The pages below are untouched, so that it is truly the copy. PDF/A is given up.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        for size in {_size(page) for page in document.pages}:
            drawn = draw_template("stamp", {"word": word, "below": below, "width": size[0], "height": size[1]}, at)
            with pikepdf.open(io.BytesIO(drawn)) as mark:
                for page in document.pages:
                    if _size(page) == size:
                        page.add_overlay(mark.pages[0], None)
        target = io.BytesIO()
        document.save(target)
    return target.getvalue()


def _size(page: Any) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    return round(right - left, 2), round(top - bottom, 2)
