"""`00 LÄS MIG FÖRST.html` on a store's root: opened by double-click, it leads to the right list in ten seconds.

It needs no server and no script. All that stands in it is true on any later day too: days and times are written out,
and only a small script, where it may run, says which of them is today and how old the copies are.
"""

import json
import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from reservplan.domain.days import ONE_DAY, Window, days_between, first_instant, local_day, utc_text
from reservplan.domain.manifest import ArtifactEntry, CellEntry
from reservplan.domain.names import BESIDE, TRACE_PAGE_NAME, Format, Kind, nfc, parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.shortfalls import Shortfall
from reservplan.domain.swedish import swedish_order
from reservplan.domain.verdict import Reason, Verdict
from reservplan.domain.words import (
    WORDS,
    day_words,
    moment_words,
    month_words,
    say,
    sentences,
    short_day_words,
    week_words,
)
from reservplan.settings import Contact, Settings, Team
from reservplan.store.inspection import artifact_path

_TOLD_BY_SCRIPT = (
    "clock", "days", "filter", "found", "fresh", "hour", "hours", "just_now", "no_list", "not_today", "old", "today",
    "tomorrow",
)  # fmt: skip
_MOST_NAMED = 40  # of more groups only the letters stand at the top
_FILES = ((Format.PDF, Kind.LIST), (Format.PDF, Kind.OVERVIEW), (Format.XLSX, Kind.LIST), (Format.XLSX, Kind.OVERVIEW))


@dataclass(frozen=True)
class WeekPackLink:
    """A week pack that lies there: the week's first day, and the days that it holds."""

    team: str
    monday: date
    path: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class StartPage:
    """What the page tells of its store; no name of any person.

    `today` is the local day of the run that writes it, `changed_at` when the newest copy from that day on was last
    known to be true (aware; None where there is none). `cells` has what lies there of the window, with the files that
    lie there, and `edited` the names of those that somebody has changed; `lacking` what the newest reading of a cell
    lacked; of `without_visits` somebody has said that they have none. `routine` is a path, "" where it is not there.
    `watched` says that the watch has left there when it last looked.
    """

    today: date
    changed_at: datetime | None
    window: Window
    layout: str
    cells: Mapping[Cell, CellEntry]
    lacking: Mapping[Cell, Shortfall]
    edited: Collection[str] = ()
    without_visits: Collection[Cell] = ()
    week_packs: tuple[WeekPackLink, ...] = ()
    routine: str = ""
    watched: bool = False


def start_page(page: StartPage, settings: Settings) -> bytes:
    """The page as UTF-8 HTML, the same bytes for the same arguments."""
    return ("\n".join(_Writer(page, settings).lines()) + "\n").encode()


@cache
def _beside(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _hash_of(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


class _Writer:
    """One page under way: what it tells, and in which language."""

    def __init__(self, page: StartPage, settings: Settings) -> None:
        self.told = page
        self.settings = settings
        self.language = settings.language
        self.teams = sorted(settings.teams, key=lambda team: (swedish_order(team.name), team.name))
        self.packs: dict[str, list[WeekPackLink]] = {}
        for pack in sorted(page.week_packs, key=lambda pack: (pack.monday, pack.path)):
            self.packs.setdefault(pack.team, []).append(pack)
        self.oldest = min((cell.plan_date for cell in page.cells), default=page.today)

    def say(self, key: str, **values: object) -> str:
        """The text, ready to stand in HTML."""
        return escape(self.text(key, **values))

    def text(self, key: str, **values: object) -> str:
        return say(self.language, f"start.{key}", **values)

    def moment(self, instant: datetime) -> str:
        """`24 november kl. 05:00`: weekday and year go without saying, all are near the page's day."""
        local = instant.astimezone(self.settings.zone)
        day = f"{local.day} {month_words(self.language, local.date())}"
        return self.text("moment", day=day, time=f"{local:%H:%M}")

    def lines(self) -> Iterator[str]:
        style, script = _beside("start_page.css"), _beside("start_page.js")
        policy = (
            f"default-src 'none'; style-src {_hash_of(style)}; script-src {_hash_of(script)}; "
            # A page that was opened from the disk has no origin: 'self' is for one that came from a web server.
            "frame-src 'self' file:; base-uri 'none'; form-action 'none'"
        )
        yield f'<!DOCTYPE html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">'
        yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield '<meta name="format-detection" content="telephone=no">'
        yield f"<title>{self.say('title')} – {escape(self.settings.organisation)}</title>"
        yield f"<style>{style}</style>\n</head>"
        yield f"<body {self.for_script()}>"
        yield f'<a class="skip" href="#groups">{self.say("skip")}</a>'
        yield from self.header()
        yield '<main id="groups" tabindex="-1">'
        for number, team in enumerate(self.teams, start=1):
            yield from self.group(number, team)
        yield "</main>"
        yield f"<footer>\n<p>{self.say('footer')}</p>\n</footer>"
        yield f"<script>{script}</script>\n</body>\n</html>"

    def for_script(self) -> str:
        """What the script reads; it fills in what the texts leave open."""
        words = {name: WORDS[f"start.script_{name}"][self.language] for name in _TOLD_BY_SCRIPT}
        who = {"planner": _reached(self.planner()), "it": _reached(self.settings.contacts.it_service)}
        shown = {
            "today": self.told.today.isoformat(),
            "changed": utc_text(self.told.changed_at) if self.told.changed_at else "",
            "stale-hours": f"{self.settings.stale_hours:g}",
            "zone": self.settings.timezone,
            "words": json.dumps(words | who, ensure_ascii=False, sort_keys=True),
        }
        return " ".join(f'data-{name}="{escape(value)}"' for name, value in shown.items())

    # --- the head: which day, how old, whom to call, where the groups are

    def header(self) -> Iterator[str]:
        day = f"{day_words(self.language, self.told.today)}, {week_words(self.language, self.told.today)}"
        yield '<header>\n<div class="about">'
        yield f'<p class="organisation">{escape(self.settings.organisation)}</p>'
        yield f'<h1>{self.say("heading")}</h1>\n<p class="how">{self.say("how")}</p>'
        yield f'<div class="age{" old" if self.all_is_old() else ""}" id="age">'
        yield f"<p><b>{self.say('written', day=day)}</b> {self.newest()}</p>"
        yield f'<p id="doubt" role="status">{self.doubt()}</p>'
        if self.told.watched:
            title = escape(say(self.language, "trace.frame"))
            yield f'<iframe src="{_href(TRACE_PAGE_NAME)}" title="{title}" sandbox="allow-scripts"></iframe>'
        yield "</div>"
        if self.told.routine:
            link = f'<a href="{_href(self.told.routine)}">{self.say("routine")}</a>'
            yield f'<p class="routine">{link}</p>'
        yield "</div>"
        yield from self.jumps()
        yield from self.calls()
        yield "</header>"

    def newest(self) -> str:
        if self.told.changed_at is None:
            return self.say("nothing")
        local = local_day(self.told.changed_at, self.settings.zone)
        weekday = day_words(self.language, local).partition(" ")[0]
        moment = moment_words(self.language, self.told.changed_at, self.settings.zone)
        return self.say("newest", moment=f"{weekday} {moment}")

    def doubt(self) -> str:
        who = _reached(self.settings.contacts.it_service)
        return self.say("call_now" if self.told.changed_at is None else "doubt", who=who)

    def all_is_old(self) -> bool:
        return self.told.changed_at is None or self.is_old(self.told.changed_at)

    def is_old(self, true_at: datetime) -> bool:
        """Whether it was too old when the page was written, at the latest: so it is as true on any later day."""
        known = max(first_instant(self.told.today, self.settings.zone), self.told.changed_at or true_at)
        return known - true_at > timedelta(hours=self.settings.stale_hours)

    def calls(self) -> Iterator[str]:
        contacts = self.settings.contacts
        yield f'<section class="calls" aria-labelledby="calls">\n<h2 id="calls">{self.say("call")}</h2>\n<ul>'
        for key, contact in (
            ("old", contacts.it_service), ("wrong", contacts.planner), ("vendor", contacts.vendor),
        ):  # fmt: skip
            more = ", ".join(filter(None, (contact.hours, contact.hint)))
            small = f" <small>{escape(more)}</small>" if more else ""
            yield f"<li>{self.say(f'call_{key}')}<br><b>{escape(contact.name)}</b> {_tel(contact.phone)}{small}"
        yield "</ul>\n</section>"

    def jumps(self) -> Iterator[str]:
        """To each group, or to each letter where the groups are many."""
        if len(self.teams) <= _MOST_NAMED:
            targets = [(number, nfc(team.name)) for number, team in enumerate(self.teams, start=1)]
        else:
            letters = groupby(enumerate(self.teams, start=1), key=lambda numbered: _letter(numbered[1].name))
            targets = [(next(iter(under))[0], letter) for letter, under in letters]
        yield f'<nav aria-labelledby="jumps">\n<h2 id="jumps">{self.say("groups")}</h2>\n<ul>'
        for number, words in targets:
            yield f'<li><a href="#g{number}">{escape(words)}</a>'
        yield "</ul>\n</nav>"

    # --- a group: the day of the page, the days after, the week, the days before

    def group(self, number: int, team: Team) -> Iterator[str]:
        today, window = self.told.today, self.told.window
        yield f'<section class="group" aria-labelledby="g{number}">\n<h2 id="g{number}">{escape(nfc(team.name))}</h2>'
        if team.phone:
            yield f'<p class="phone">{self.say("team_phone")} {_tel(team.phone)}</p>'
        yield from self.day(team, today, "day first")
        for day in days_between(today + ONE_DAY, window.last):
            yield from self.day(team, day, "day")
        packs = self.packs.get(team.name, [])
        yield from self.weeks([pack for pack in packs if pack.monday + 7 * ONE_DAY > today])
        yield f'<details>\n<summary>{self.say("earlier")}</summary>\n<div class="earlier">'
        for day in reversed(list(days_between(max(window.first, self.oldest), today - ONE_DAY))):
            yield from self.day(team, day, "day")
        yield from self.weeks([pack for pack in packs if pack.monday + 7 * ONE_DAY <= today])
        yield f"<p>{self.say('no_earlier')}</p>"
        yield "</div>\n</details>\n</section>"

    def weeks(self, packs: Iterable[WeekPackLink]) -> Iterator[str]:
        for pack in packs:
            held = self.say("week_day" if len(pack.days) == 1 else "week_days", count=len(pack.days))
            words = self.say("week", week=week_words(self.language, pack.monday))
            last = max(pack.days, default=pack.monday + 6 * ONE_DAY)
            yield f'<p class="week" data-last="{last.isoformat()}"><a href="{_href(pack.path)}">{words}</a> {held}</p>'

    def day(self, team: Team, day: date, css: str) -> Iterator[str]:
        cell = Cell(day, team.name)
        entry = self.told.cells.get(cell)
        yield f'<div class="{css}" data-day="{day.isoformat()}">'
        words = day_words if day == self.told.today else short_day_words
        heading = words(self.language, day)
        yield f"<h3>{escape(heading[:1].upper() + heading[1:])}</h3>"
        if entry is None:
            yield from self.nothing(team, cell)
        else:
            yield from self.files(team, day, entry)
            yield from self.said_of(cell, entry)
        yield "</div>"

    def files(self, team: Team, day: date, entry: CellEntry) -> Iterator[str]:
        yield '<ul class="files">'
        for fmt, kind in _FILES:
            artifact = self.latest(entry, kind, fmt)
            if artifact is not None:
                href = _href(artifact_path(self.told.layout, team.name, artifact.name))
                words = self.say(f"{kind.value}_{fmt.value}")
                # Out of its place, in a screen reader's list of links, each says where it leads. Not in the fold:
                # it would make up a fifth of the page of a large place.
                where = escape(f" {nfc(team.name)} {short_day_words(self.language, day)}")
                more = f"<span>{where}</span>" if day >= self.told.today else ""
                yield f'<li><a class="{fmt.value}" href="{href}">{words}{more}</a>'
        yield "</ul>"

    def said_of(self, cell: Cell, entry: CellEntry) -> Iterator[str]:
        css = "" if entry.verdict is Verdict.COMPLETE else f' class="{entry.verdict.value}"'
        verdict = escape(say(self.language, f"paper.verdict_{entry.verdict.value}"))
        counts = self.say("counts", visits=entry.visits, employees=entry.employees)
        captured = self.say("captured", moment=self.moment(entry.captured_at))
        yield f'<p class="facts"><b{css}>{verdict}</b> {counts}. {captured}.</p>'
        if entry.reasons:
            yield _note(_reasons(entry.reasons), bad=not entry.verdict.whole)
        for words in self.wrong_with(cell, entry):
            yield _note(words, bad=True)
        for words in self.named_otherwise(entry):
            yield _note(words, bad=False)

    def wrong_with(self, cell: Cell, entry: CellEntry) -> Iterator[str]:
        for kind in Kind:
            if not any(self.latest(entry, kind, fmt) for fmt in Format):
                yield f"{self.text(f'no_{kind.value}')} {self.call(cell.plan_date)}".strip()
        if cell.plan_date >= self.told.today and self.is_old(entry.true_at):
            yield self.text("stale", moment=self.moment(entry.true_at))
        for kind in Kind:
            artifact = self.latest(entry, kind, Format.PDF)
            if artifact is not None and artifact.captured_at < entry.captured_at:
                yield self.text(f"older_{kind.value}", moment=self.moment(artifact.captured_at))
        shortfall = self.told.lacking.get(cell)
        if shortfall is not None and entry.verdict.whole:
            kept = self.text("kept", moment=self.moment(shortfall.judged_at))
            yield f"{kept} {_reasons(shortfall.reasons)}".strip()
        if local_day(entry.captured_at, self.settings.zone) > cell.plan_date:
            yield self.text("afterwards")

    def latest(self, entry: CellEntry, kind: Kind, fmt: Format) -> ArtifactEntry | None:
        """One that stands in before the one it stands for, else the newest; an edited one only for want of another.

        What somebody has changed may be all cut away; ours beside it is whole.
        """
        found = (a for a in entry.artifacts if (a.kind, a.format) == (kind, fmt))
        return max(
            found,
            key=lambda a: (a.name not in self.told.edited, a.stands_in_for is not None, a.captured_at, a.name),
            default=None,
        )

    def named_otherwise(self, entry: CellEntry) -> Iterator[str]:
        """Why a link leads to another name than the usual one, which lies there too, or to an edited file."""
        for fmt, kind in _FILES:
            artifact = self.latest(entry, kind, fmt)
            if artifact is not None and artifact.stands_in_for:
                name = parse_artifact_name(artifact.name)
                beside = name is not None and name.suffix == BESIDE
                key = "beside" if beside else "stand_in"
                yield self.text(key, usual=nfc(artifact.stands_in_for), name=nfc(artifact.name))
            if artifact is not None and artifact.name in self.told.edited:
                yield self.text("edited", name=nfc(artifact.name))

    def nothing(self, team: Team, cell: Cell) -> Iterator[str]:
        shortfall = self.told.lacking.get(cell)
        why = _reasons(shortfall.reasons) if shortfall else ""
        if not team.expected_on(cell.plan_date):
            yield _note(self.text("not_expected"), bad=False)
        elif team.closed_on(cell.plan_date) or cell in self.told.without_visits:
            yield _note(self.text("closed"), bad=False)
        elif cell.plan_date == self.told.window.last and not why:
            yield _note(self.text("not_yet", who=_reached(self.planner())), bad=False)
        else:
            missing = self.text("missing")
            yield _note(" ".join(filter(None, (missing, self.call(cell.plan_date), why))), bad=True)

    def call(self, day: date) -> str:
        """Nobody needs to be called about a day that has passed."""
        return self.text("call_now", who=_reached(self.planner())) if day >= self.told.today else ""

    def planner(self) -> Contact:
        """Who knows the visits, also where no number is given; IT where nobody is named."""
        planner = self.settings.contacts.planner
        return planner if _reached(planner) else self.settings.contacts.it_service


def _note(words: str, *, bad: bool) -> str:
    return f'<p class="{"note bad" if bad else "note"}">{escape(words)}</p>'


def _reasons(reasons: Iterable[Reason]) -> str:
    texts = [reason.text for reason in reasons]
    told = sentences(texts) if texts else ""
    return told[:1].upper() + told[1:]


def _letter(name: str) -> str:
    first = nfc(name)[:1].upper()
    return first if first.isalpha() else "#"


def _href(path: str) -> str:
    return quote(nfc(path), safe="/")


def _reached(contact: Contact) -> str:
    return " ".join(part for part in (contact.name, contact.phone or contact.email) if part)


def _tel(phone: str) -> str:
    """A number that a phone calls when it is touched; anything else as it is."""
    digits = re.sub(r"[\s()–-]", "", phone)
    if not re.fullmatch(r"\+?\d{3,15}", digits):
        return escape(phone)
    return f'<a class="tel" href="tel:{digits}">{escape(phone)}</a>'
