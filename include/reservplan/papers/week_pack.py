"""The week pack: the lists of an ISO week as they lie on the store, one file to print in a long outage.

The pages are the published ones, untouched: joined behind a cover, with bookmarks for each day and employee.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf


@dataclass(frozen=True)
class Section:
    """One PDF of the pack, and what its bookmark says."""

    title: str
    content: bytes


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def join(cover: Section, sections: Sequence[Section]) -> bytes:
    """The cover and the sections in one PDF/A, the same bytes for the same input.

    Title, language and colour profile are the cover's.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(cover.content)) as pack:
        first_pages = []
        opened = [pikepdf.open(io.BytesIO(section.content)) for section in sections]
        for document in opened:
            first_pages.append(len(pack.pages))
            pack.pages.extend(document.pages)
            for page in pack.pages[first_pages[-1] :]:
                # The structure of a tagged list stays behind in its own file.
                if "/StructParents" in page:
                    del page["/StructParents"]
        with pack.open_outline() as outline:
            outline.root.clear()
            outline.root.append(pikepdf.OutlineItem(cover.title, 0))
            for section, first, document in zip(sections, first_pages, opened, strict=True):
                item = pikepdf.OutlineItem(section.title, first)
                item.children.extend(_bookmarks(document, first))
                item.is_closed = True
                outline.root.append(item)
        target = io.BytesIO()
        pack.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
        for document in opened:
            document.close()
    return target.getvalue()


def _bookmarks(document: "pikepdf.Pdf", first: int) -> Iterator[Any]:
    """The document's own bookmarks, pointing to its pages as they lie in the pack; its first page has the section's."""
    import pikepdf

    numbers = {page.obj.objgen: number for number, page in enumerate(document.pages)}
    with document.open_outline() as outline:
        for item in outline.root:
            target = item.destination
            number = numbers.get(target[0].objgen) if isinstance(target, pikepdf.Array) else None
            if number:
                yield pikepdf.OutlineItem(item.title, first + number)
