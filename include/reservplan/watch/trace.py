"""What the watch leaves on a store it has looked at: when that was, for programs and for whoever is about to print.

It is written without the store's lock, so that it neither waits for a run nor keeps one waiting.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from html import escape
from importlib.metadata import version
from pathlib import Path

from croniter import croniter

from reservplan.domain.days import local_day, utc_text
from reservplan.domain.errors import StoreRefused
from reservplan.domain.manifest import even_second
from reservplan.domain.names import TRACE_NAME, TRACE_PAGE_NAME
from reservplan.domain.ports import FileToWrite, Outcome, Store
from reservplan.domain.words import WORDS, day_words, moment_words, say
from reservplan.settings import Settings
from reservplan.telling import contact_words

SCHEMA = 1
_TOLD_BY_SCRIPT = ("clock", "days", "fresh", "hours", "minutes", "old")


def leave_trace(store: Store, looked_at: datetime, settings: Settings, *, good: bool) -> None:
    """Write both on the opened store; `looked_at` is aware, `good` says that nothing fell short there.

    Raises:
        StoreRefused: one of them could not be written: it is open or protected.
        StoreUnreachable, StoreFull: the store says no.
    """
    mtime = even_second(looked_at)
    outcomes = store.write(
        [
            FileToWrite(TRACE_NAME, trace_json(looked_at, settings, good=good), mtime),
            FileToWrite(TRACE_PAGE_NAME, trace_page(looked_at, settings), mtime),
        ]
    )
    if kept := [outcome.path for outcome in outcomes if outcome.outcome is not Outcome.DONE]:
        raise StoreRefused(
            f"{store.name}: {', '.join(kept)} could not be written.",
            do="Readers see an older time of the last look. Close the file; the next look writes it.",
        )


def trace_json(looked_at: datetime, settings: Settings, *, good: bool) -> bytes:
    """For programs that watch the watch; no person is in it."""
    next_at = croniter(settings.schedule.watch, looked_at.astimezone(settings.zone)).get_next(datetime)
    tree = {
        "schema": SCHEMA,
        "looked_at": utc_text(looked_at.astimezone(UTC)),
        "next_look_at": utc_text(next_at.astimezone(UTC)),
        "good": good,
        "silent_minutes": settings.watch.silent_minutes,
        "version": version("reservplan"),
    }
    return (json.dumps(tree, indent=1) + "\n").encode()


def trace_page(looked_at: datetime, settings: Settings) -> bytes:
    """What the start page shows in a frame: when, and by the reader's clock how long ago."""
    return ("\n".join(_lines(looked_at, settings)) + "\n").encode()


def _lines(looked_at: datetime, settings: Settings) -> Iterator[str]:
    language = settings.language
    style, script = _beside("trace.css"), _beside("trace.js")
    policy = f"default-src 'none'; style-src {_hash_of(style)}; script-src {_hash_of(script)}; base-uri 'none'"
    who = contact_words(settings.contacts.it_service)
    words = {name: WORDS[f"trace.script_{name}"][language].replace("{who}", who) for name in _TOLD_BY_SCRIPT}
    weekday = day_words(language, local_day(looked_at, settings.zone)).partition(" ")[0]
    moment = f"{weekday} {moment_words(language, looked_at, settings.zone)}"
    yield f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="format-detection" content="telephone=no">'
    yield f"<title>{escape(say(language, 'trace.title'))}</title>\n<style>{style}</style>\n</head>"
    yield f'<body data-looked="{utc_text(looked_at.astimezone(UTC))}"'
    yield f' data-silent-minutes="{settings.watch.silent_minutes:g}"'
    yield f' data-words="{escape(json.dumps(words, ensure_ascii=False, sort_keys=True))}">'
    yield f'<p id="look"><b>{escape(say(language, "trace.looked", moment=moment))}</b>'
    yield f'<span id="age">{escape(say(language, "trace.doubt", who=who))}</span></p>'
    yield f"<script>{script}</script>\n</body>\n</html>"


@cache
def _beside(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _hash_of(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
