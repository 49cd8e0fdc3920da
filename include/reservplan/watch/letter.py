"""What a message is made of, and how it is written: as plain text and as HTML, with the same content. Pure.

HTML for mail programs: one column, styles in the elements, tables for the layout, nothing that is loaded. Every text
passes through `escape`: names of groups come from an export, and may be anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from textwrap import TextWrapper

from reservplan.settings import Contact
from reservplan.watch.subjects import MOST_NAME_CHARACTERS, clipped

WIDTH = 78


@dataclass(frozen=True)
class Step:
    """One thing to do: the words, a command to type, an address to open."""

    words: str
    command: str = ""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A few rows of at most four columns, the first a name; what is not among the `good` texts is set off."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    good: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Section:
    """A heading, and what stands below it."""

    heading: str
    words: tuple[str, ...] = ()
    table: Table | None = None
    steps: tuple[Step, ...] = ()
    contact: Contact | None = None


@dataclass(frozen=True)
class Letter:
    """A whole message: the band tells how urgent it is, in words and by `tone` (critical, info, closed)."""

    band: str
    tone: str
    headline: str
    below: str
    sections: tuple[Section, ...]
    ending: tuple[tuple[str, str], ...]
    language: str


def plain_text(letter: Letter) -> str:
    """The message as text; commands and numbers stand on lines of their own."""
    lines = [letter.band, *_wrapped(letter.headline), letter.below]
    for section in letter.sections:
        lines += ["", section.heading.upper(), *_plain_section(section)]
    lines += ["", "-" * 40]
    for name, words in letter.ending:
        lines += _wrapped(f"{name}: {words}")
    return "\n".join(lines) + "\n"


def _plain_section(section: Section) -> Iterator[str]:
    for words in section.words:
        yield from _wrapped(words)
    if section.table is not None:
        yield from _plain_table(section.table)
    for number, step in enumerate(section.steps, 1):
        yield from _wrapped(f"{number}. {step.words}", later="   ")
        yield from (f"   {more}" for more in (step.command, step.link) if more)
    if section.contact is not None:
        yield from _contact_lines(section.contact)


def _plain_table(table: Table) -> Iterator[str]:
    rows = [(_clipped(name), *texts) for name, *texts in (table.head, *table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.head))]
    for row in rows:
        *cells, last = row
        before = "".join(f"{text.ljust(width)}  " for text, width in zip(cells, widths, strict=False))
        yield from _wrapped(f"{before}{last}".rstrip(), later=" " * len(before), as_is=True)


def _contact_lines(contact: Contact) -> Iterator[str]:
    yield contact.name
    yield from (text for text in (contact.phone, contact.email, contact.hours, contact.hint) if text)


def _wrapped(words: str, later: str = "", *, as_is: bool = False) -> list[str]:
    wrapper = TextWrapper(
        WIDTH, subsequent_indent=later, break_long_words=False, break_on_hyphens=False, replace_whitespace=not as_is
    )
    return wrapper.wrap(words) or [""]


def _clipped(name: str) -> str:
    return clipped(name, MOST_NAME_CHARACTERS)


_TONES = {"critical": "#b00020", "info": "#555555", "closed": "#1d6b34"}
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif"
_TEXT = f"{_FONT};font-size:16px;line-height:1.45;color:#111111"
_BREAKS = "overflow-wrap:anywhere;word-break:break-word"


# A number to dial, a date and a time of the day are read at one glance.
_TOGETHER = re.compile(
    r"--[\w-]{1,20}(?: (?:\w[\w.-]{0,15}|\"…\")(?=\s|$))?|\d+(?:[ -]\d+)+|(?:kl\.|at) \d\d:\d\d|-\w+"
)


def _written(words: str) -> str:
    """The text as it stands in HTML: harmless, and broken only where it may be."""
    parts, end = [], 0
    for match in _TOGETHER.finditer(words):
        parts += [escape(words[end : match.start()]), f'<span style="white-space:nowrap">{escape(match[0])}</span>']
        end = match.end()
    return "".join([*parts, escape(words[end:])])


def html_text(letter: Letter) -> str:
    """The message as one HTML page."""
    tone = _TONES[letter.tone]
    parts = [
        f'<p style="margin:0;padding:10px 16px;background:{tone};color:#ffffff;{_FONT};font-size:16px;'
        f'font-weight:bold;letter-spacing:.04em">{escape(letter.band)}</p>',
        f'<div style="padding:14px 16px 18px;border:1px solid {tone};border-top:0;{_TEXT};{_BREAKS}">',
        f'<h1 style="margin:0 0 2px;font-size:21px;line-height:1.25;{_BREAKS}">{_written(letter.headline)}</h1>',
        f'<p style="margin:0;color:#555555;font-size:14px">{_written(letter.below)}</p>',
        *(part for section in letter.sections for part in _html_section(section)),
        '<p style="margin:20px 0 0;padding-top:10px;border-top:1px solid #cccccc;font-size:14px;color:#444444">',
        "<br>\n".join(f"<b>{escape(name)}:</b> {_written(words)}" for name, words in letter.ending),
        "</p>",
        "</div>",
    ]
    body = "\n".join(parts)
    return f"""\
<!DOCTYPE html>
<html lang="{letter.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{escape(letter.headline)}</title>
</head>
<body style="margin:0;padding:8px;background:#ffffff">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" align="center" style="max-width:600px;\
table-layout:fixed;border-collapse:collapse"><tr><td style="padding:0">
{body}
</td></tr></table>
</body>
</html>
"""


def _html_section(section: Section) -> Iterator[str]:
    yield f'<h2 style="margin:18px 0 4px;font-size:16px">{escape(section.heading)}</h2>'
    yield from (f'<p style="margin:0 0 6px">{_written(words)}</p>' for words in section.words)
    if section.table is not None:
        yield from _html_table(section.table)
    if section.steps:
        yield '<ol style="margin:0;padding-left:24px">'
        yield from map(_html_step, section.steps)
        yield "</ol>"
    if section.contact is not None:
        yield _html_contact(section.contact)


def _html_step(step: Step) -> str:
    command = (
        f'<br><code style="display:inline-block;margin-top:3px;padding:3px 8px;background:#eeeeee;font-family:Consolas,'
        f'Menlo,monospace;font-size:14px;{_BREAKS}">{_written(step.command)}</code>'
    )
    link = f'<br><a href="{escape(step.link)}" style="color:#0b4f9e;{_BREAKS}">{escape(step.link)}</a>'
    more = f"{command if step.command else ''}{link if step.link else ''}"
    return f'<li style="margin:0 0 8px">{_written(step.words)}{more}</li>'


_CELL = "padding:4px 6px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid #cccccc;font-size:13px"
# Of a telephone's width, so much for each column but the first, which breaks its names wherever it must.
_COLUMN_PERCENT = {1: 60, 2: 30, 3: 24}


def _html_table(table: Table) -> Iterator[str]:
    yield (
        '<table cellpadding="0" cellspacing="0" width="100%" style="border-collapse:collapse;table-layout:fixed;'
        'margin:2px 0 6px">'
    )
    percent = _COLUMN_PERCENT[len(table.head) - 1]
    name, *heads = table.head
    cells = [f'<th style="{_CELL};border-bottom-color:#111111;{_BREAKS}">{escape(name)}</th>']
    cells += [
        f'<th width="{percent}%" style="{_CELL};border-bottom-color:#111111">{_written(text)}</th>' for text in heads
    ]
    yield f"<tr>{''.join(cells)}</tr>"
    for name, *texts in table.rows:
        cells = [f'<td style="{_CELL};{_BREAKS}">{escape(_clipped(name))}</td>']
        for text in texts:
            weight = "" if text in table.good else ";font-weight:bold"
            cells.append(f'<td style="{_CELL}{weight};overflow-wrap:normal;word-break:normal">{_written(text)}</td>')
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</table>"


def _html_contact(contact: Contact) -> str:
    number = "".join(sign for sign in contact.phone if sign.isdigit() or sign == "+")
    link = "color:#0b4f9e"
    lines = [
        f"<b>{escape(contact.name)}</b>",
        contact.phone
        and f'<a href="tel:{number}" style="{link};font-size:19px;font-weight:bold">{escape(contact.phone)}</a>',
        contact.email and f'<a href="mailto:{escape(contact.email)}" style="{link}">{escape(contact.email)}</a>',
        *(escape(text) for text in (contact.hours, contact.hint) if text),
    ]
    return f'<p style="margin:0">{"<br>".join(line for line in lines if line)}</p>'
