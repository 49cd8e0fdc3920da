"""What to show: the documents of one cell, all texts final and cleaned, as plain JSON values.

Pure: everything is decided here, order, pages of the overview, words and marks. Drawing only draws.
"""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from reservplan.domain.days import utc_text
from reservplan.domain.judgement import Judgement, Marks
from reservplan.domain.names import Kind, nfc
from reservplan.domain.plan import Cell, Plan
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import day_heading, day_words, moment_words, say
from reservplan.render.lettering import clean
from reservplan.render.show_changes import Before, show_changes
from reservplan.render.show_list import show_list
from reservplan.render.show_overview import show_overview
from reservplan.render.team_day import team_day
from reservplan.settings import Settings

# What changes at every capture although nothing else did: left out of the content hash.
STAMP = "stamp"
# What differs from the copy before: the same plan is the same content, whatever it is compared with.
CHANGES = "changes"
_NOT_CONTENT = (STAMP, CHANGES)


def show_cell(
    plan: Plan,
    cell: Cell,
    judgement: Judgement,
    settings: Settings,
    marks: Marks,
    before: Before | None = None,
) -> dict[str, Any]:
    """The cell's documents: `{"list": …, "overview": …}`, each with `stamp` (capture times) apart from the rest.

    The list has `changes` too where there is a copy `before` this one.
    """
    day = team_day(plan, cell, settings.zone)
    compared = {CHANGES: show_changes(before, plan, cell, settings)} if before else {}
    frame = _frame(Kind.OVERVIEW, cell, judgement, settings, marks)
    documents = {
        Kind.LIST.value: {
            **_frame(Kind.LIST, cell, judgement, settings, marks),
            **show_list(day, judgement, settings, created_afterwards=marks.created_afterwards),
            **compared,
        },
        Kind.OVERVIEW.value: {
            **frame,
            **show_overview(day, settings, banded=bool(frame["bands"]) or marks.template_of is not None),
        },
    }
    return documents if marks.template_of is None else _as_templates(documents, marks.template_of, cell, settings)


def _as_templates(documents: dict[str, Any], template_of: date, cell: Cell, settings: Settings) -> dict[str, Any]:
    """The same with another look and other words: nobody may take it for a plan."""
    language = settings.language
    band = [say(language, "template.band", day=day_words(language, template_of))]
    own = {
        "template": say(language, "template.mark"),
        "day": say(language, "template.day", day=day_heading(language, cell.plan_date)),
        "verdict": say(language, "template.mark"),
        "bands": band,
        "sheet_bands": band,
    }
    for document in documents.values():
        document.update(
            own, title=f"{own['template']} {document['title']}", word=f"{own['template']} {document['word']}"
        )
    front = documents[Kind.LIST.value]["front"]
    front.update(
        verdict_says=say(language, "template.says", day=day_words(language, template_of)),
        reasons=[],
        steps=[say(language, f"template.do_{number}") for number in (1, 2, 3)],
    )
    return documents


def content_hash(document: Mapping[str, Any], template_version: str) -> str:
    """A SHA-256 over all that is shown except its capture and its list of changes, and over how it is drawn."""
    shown = {
        kind: {key: value for key, value in part.items() if key not in _NOT_CONTENT} for kind, part in document.items()
    }
    canonical = json.dumps([template_version, shown], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _frame(kind: Kind, cell: Cell, judgement: Judgement, settings: Settings, marks: Marks) -> dict[str, Any]:
    """What stands on every page: day, group, verdict, marks, when captured, what to do with the paper afterwards."""
    language = settings.language
    word = say(language, f"paper.{kind.value}")
    # Only the list tells the reasons: the paper on its first page, the workbook on its second sheet.
    elsewhere = "_overview" if kind is Kind.OVERVIEW else ""
    captured = moment_words(language, marks.captured_at, settings.zone)
    return {
        "kind": kind.value,
        "language": language,
        STAMP: {
            "captured_at": utc_text(marks.captured_at),
            "captured": say(language, "paper.captured", moment=captured),
        },
        "title": f"{word} {clean(nfc(cell.team))} {cell.plan_date.isoformat()}",
        "author": clean(settings.organisation),
        "word": word,
        "day": day_heading(language, cell.plan_date),
        "team": clean(nfc(cell.team)),
        "verdict": say(language, f"paper.verdict_{judgement.verdict.value}"),
        "bands": _bands(judgement, language, marks, elsewhere),
        "sheet_bands": _bands(judgement, language, marks, elsewhere or "_sheet"),
        "footer": f"{clean(settings.organisation)} · {say(language, 'paper.footer_return')}",
        "page": say(language, "paper.page", page="{page}", pages="{pages}"),
        **({"tagged": True} if settings.paper.tagged else {}),
    }


def _bands(judgement: Judgement, language: str, marks: Marks, reasons_at: str) -> list[str]:
    """What every page must shout, and by which key where the reasons stand."""
    shouted = {
        "paper.band_drill": marks.drill,
        "paper.band_old": any(reason.code == "source_too_old" for reason in judgement.reasons),
        f"paper.band_incomplete{reasons_at}": judgement.verdict is Verdict.INCOMPLETE,
        "paper.band_afterwards": marks.created_afterwards,
    }
    return [say(language, key) for key, shout in shouted.items() if shout]
