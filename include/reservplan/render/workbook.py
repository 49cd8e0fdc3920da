"""Draws a document as an .xlsx workbook: the same content as the paper, to sort, filter and print."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reservplan.domain.names import Kind
from reservplan.render.show import STAMP
from reservplan.render.workbook_list import list_sheets
from reservplan.render.workbook_overview import overview_sheets
from reservplan.render.workbook_package import Book, packed


def draw_xlsx(document: Mapping[str, Any]) -> bytes:
    """The document of one kind as an .xlsx file."""
    return packed(book_of(document))


def book_of(document: Mapping[str, Any]) -> Book:
    """The document's sheets, and the words that every page of them says as the PDF does."""
    stamp = document[STAMP]
    sheets = list_sheets if document["kind"] == Kind.LIST.value else overview_sheets
    return Book(
        title=document["title"],
        author=document["author"],
        language=document["language"],
        captured_at=datetime.fromisoformat(stamp["captured_at"]).astimezone(UTC).replace(tzinfo=None),
        header=(
            f"{document['day']}   {document['team']}",
            # What must be shouted stands in the rows that are repeated: here it would be printed across the others.
            "",
            f"{stamp['captured']} · {document['verdict']}",
        ),
        footer=(document["footer"], "", document["page"]),
        sheets=sheets(document),
    )
