"""Everything on a store besides the copies of its cells: start page, paper routine, week packs.

Made of what the store itself says and holds after the seal, so that no page promises what does not lie there.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from reservplan.domain.acceptance import ACCEPTED_NAME, Accepted
from reservplan.domain.days import Window, days_between, local_day
from reservplan.domain.manifest import CellEntry
from reservplan.domain.names import (
    ROUTINE_NAME,
    START_PAGE_NAME,
    TRACE_PAGE_NAME,
    WeekPackName,
    nfc,
    parse_week_pack_name,
    team_key,
)
from reservplan.domain.papers import PaperEntry, Papers
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.shortfalls import SHORTFALLS_NAME, Shortfall, Shortfalls
from reservplan.domain.standing import WHOLE_STATES, FileState
from reservplan.domain.unexpected import without_words
from reservplan.domain.words import day_heading, say, week_words
from reservplan.papers.keeping import KeptPapers, Paper, forget, keep_papers
from reservplan.papers.packs import Pack, PackDay, days_of_packs, packs
from reservplan.papers.start_page import StartPage, WeekPackLink, start_page
from reservplan.settings import Settings, StoreSettings, Team
from reservplan.store.inspection import DayOnStore, artifact_path, inspect
from reservplan.store.papers import OnShelf, listed, on_shelf, record_of
from reservplan.store.reading import read_what_opens

if TYPE_CHECKING:
    from reservplan.render import WeekCover

# About a megabyte each: so many are held in memory at once.
PACKS_AT_ONCE = 24
FEW = 12
# Changes when packs are joined in another way.
_JOINED = "1"
_LATE = timedelta(days=2)
_Work = TypeVar("_Work")
# A page must not send anybody to a file that does not open.
_OPENED_STATES = (*WHOLE_STATES, FileState.EDITED)


@dataclass(frozen=True)
class Short:
    """Why a paper is not as it should be: a code (`papers.<code>`), and what stood in the way, in words of nobody's."""

    code: str
    why: str = ""


@dataclass(frozen=True)
class Shelved:
    """What came of a store's papers: how many were written and left, and why any is not as it should be, by path."""

    written: int
    left: int
    short: Mapping[str, Short]


def fill_shelf(
    store: Store, store_settings: StoreSettings, settings: Settings, window: Window, run_id: str, *, at: datetime
) -> Shelved:
    """Bring the opened store's papers up to date, under its lock; what has not changed is left untouched.

    A paper that cannot be made costs that one alone; whatever stops the others, the start page is tried.

    Raises:
        StoreBusy, StoreFull, StoreUnreachable, StoreRefused: the rest is done by the next run.
        ManifestUnreadable: what is ours cannot be told; nothing was touched.
        RenderError: nothing can be drawn.
    """
    with store.lock(run_id):
        if _is_of_later_day(record_of(store), window.today):
            return Shelved(0, 0, {})
        seen = _see(store, store_settings.layout, settings, window)
        making = _Making(store, settings)
        try:
            wanted = making.papers(packs(seen.days, settings.teams, window, seen.layout, seen.without_visits))
            kept = keep_papers(store, wanted, making.make, at=at)
        except Exception:
            _keep_page(seen, on_shelf(store, record_of(store)), at)
            raise
        shelf = on_shelf(store, record_of(store))
        kept_page = _keep_page(seen, shelf, at)
        # Of what is still to be written the record stays: by it the next run sees that something is missing.
        awaited = {nfc(START_PAGE_NAME), *(paper.path for paper in wanted)} - {*kept.paths, *kept_page.paths}
        gone = {entry.path for entry in shelf.gone if entry.wanted not in awaited} - set(kept_page.paths.values())
        if gone:
            forget(store, gone, at=at)
    return Shelved(
        kept.written + kept_page.written, kept.left + kept_page.left, {**making.short_of(kept), **_short(kept_page)}
    )


def _short(kept: KeptPapers) -> dict[str, Short]:
    return {path: Short(code) for path, code in kept.short.items()}


def _is_of_later_day(papers: Papers, today: date) -> bool:
    """Whether a run of a day just after has been here: a late run of the day before must not turn the pages back.

    A day that is farther off comes of a clock that was wrong.
    """
    days = [day for entry in papers.papers if entry.wanted == nfc(START_PAGE_NAME) for day in entry.plan_dates]
    return any(timedelta() < day - today <= _LATE for day in days)


def is_filled(store: Store, today: date) -> bool:
    """Whether all recorded papers lie on the opened store, the start page as of today; their contents are not asked."""
    papers = record_of(store).papers
    there = listed(store, [entry.path for entry in papers])
    of_today = any(entry.wanted == nfc(START_PAGE_NAME) and entry.plan_dates == (today,) for entry in papers)
    return of_today and len(there) == len({entry.path for entry in papers})


def _see(store: Store, layout: str, settings: Settings, window: Window) -> "_Seen":
    plan_dates = sorted({*window, *days_of_packs(window)})

    def looked_at(teams: Sequence[Team]) -> Mapping[date, DayOnStore]:
        return inspect(store, layout, [Cell(day, team.name) for day in plan_dates for team in teams])

    days = looked_at(settings.teams)
    if unknown := _unknown_teams(days, settings, window):
        settings = settings.model_copy(update={"teams": (*settings.teams, *unknown)})
        days = looked_at(settings.teams)
    return _Seen(store, layout, settings, window, days)


def _unknown_teams(days: Mapping[date, DayOnStore], settings: Settings, window: Window) -> list[Team]:
    """Groups of which copies lie there from today on, published under the source's own name: somebody needs them too.

    One that the settings have given another name has its copies there.
    """
    known = {*(team.name for team in settings.teams), *settings.source.ignore_teams, *settings.source.teams}
    keys = set(map(team_key, known))
    held: dict[str, list[date]] = {}
    for day in days_between(window.today, window.last):
        manifest = days[day].manifest
        for name in manifest.cells if manifest else ():
            if team_key(name) not in keys:
                held.setdefault(name, []).append(day)
    # Nobody knows on which other days it should have any.
    return [Team(name=name, active_from=its[0], active_until=its[-1]) for name, its in sorted(held.items())]


@dataclass(frozen=True)
class _Seen:
    """The store's days as they lie there, and what it remembers; `settings` know all groups that have copies there."""

    store: Store
    layout: str
    settings: Settings
    window: Window
    days: Mapping[date, DayOnStore]

    @cached_property
    def memory(self) -> Mapping[str, bytes | None]:
        """What the store remembers beside its manifests; what cannot be read is none to us."""
        return read_what_opens(self.store, [SHORTFALLS_NAME, ACCEPTED_NAME])

    @property
    def lacking(self) -> dict[Cell, Shortfall]:
        """What the newest readings of the window's cells lacked."""
        noted = (Shortfalls.read(self.memory.get(SHORTFALLS_NAME)) or Shortfalls()).by_cell()
        return {cell: shortfall for cell, shortfall in noted.items() if cell.plan_date in self.window}

    @property
    def without_visits(self) -> frozenset[Cell]:
        """Those of which somebody has said that they have no visits."""
        accepted = (Accepted.read(self.memory.get(ACCEPTED_NAME)) or Accepted()).by_cell()
        return frozenset(cell for cell, acceptance in accepted.items() if not acceptance.visits)


# --- which papers, by what they show


def _routine(settings: Settings) -> Paper:
    from reservplan.render import paper_content_hash, show_routine

    return Paper(nfc(ROUTINE_NAME), paper_content_hash(show_routine(settings)))


def _paper_of(pack: Pack, settings: Settings) -> Paper:
    from reservplan.render import paper_content_hash, show_blanks, show_week_cover

    # The pages' numbers follow from the lists.
    shown = [show_week_cover(_cover(pack, {}, settings), settings), show_blanks(pack.team, settings)]
    lists = [[day.plan_date.isoformat(), day.sha256, day.missing] for day in pack.days]
    said = json.dumps([_JOINED, *(paper_content_hash(document) for document in shown), lists])
    return Paper(pack.path, sha256(said.encode()).hexdigest(), pack.team, tuple(day.plan_date for day in pack.held))


def _cover(pack: Pack, pages: Mapping[date, tuple[int, int]], settings: Settings, blanks_page: int = 0) -> "WeekCover":
    from reservplan.render import WeekCover, WeekDay

    def shown(day: PackDay) -> WeekDay:
        first, last = pages.get(day.plan_date, (None, None))
        entry, captured_at = day.entry, day.captured_at
        return WeekDay(
            plan_date=day.plan_date,
            first_page=first,
            last_page=last,
            captured_at=captured_at,
            verdict=entry.verdict if entry else None,
            created_afterwards=captured_at is not None and local_day(captured_at, settings.zone) > day.plan_date,
            missing=day.missing,
            too_old=entry is not None and any(reason.code == "source_too_old" for reason in entry.reasons),
        )

    return WeekCover(pack.team, pack.monday, tuple(map(shown, pack.days)), blanks_page)


# --- making those that differ


class _Making:
    """The papers under way, the pack that each of them is, and why any could not be made, or in part only, by path."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.packs: dict[str, Pack] = {}
        self.short: dict[str, Short] = {}

    def papers(self, wanted: Sequence[Pack]) -> list[Paper]:
        """All papers but the start page; one whose contents cannot even be told is left out."""
        self.packs = {pack.path: pack for pack in wanted}
        routine = self._try(nfc(ROUTINE_NAME), partial(_routine, self.settings))
        papers = (self._try(pack.path, partial(_paper_of, pack, self.settings)) for pack in wanted)
        return [paper for paper in (routine, *papers) if paper is not None]

    def make(self, papers: Sequence[Paper]) -> Iterator[dict[Paper, bytes]]:
        """The asked papers, batch by batch."""
        waiting = iter(papers)
        while batch := list(islice(waiting, PACKS_AT_ONCE)):
            yield self._made(batch)

    def short_of(self, kept: KeptPapers) -> dict[str, Short]:
        """What is not as it should be, of making and of keeping."""
        return self.short | {
            path: short for path, short in _short(kept).items() if short.code != "not_made" or path not in self.short
        }

    def _try(self, path: str, work: Callable[[], _Work]) -> _Work | None:
        try:
            return work()
        except Exception as error:
            # The fault of one paper is that one's; its own words may quote the plan.
            self.short[path] = Short("not_made", str(without_words(error)))
            return None

    def _made(self, papers: Sequence[Paper]) -> dict[Paper, bytes]:
        """The papers of a batch, each as what it could become; one that cannot be made is left out."""
        asked = {paper.path: self.packs.get(paper.path) for paper in papers}
        lists = _lists(self.store, [day for pack in asked.values() if pack for day in pack.held])
        able = {path: pack and self._of_what_opens(pack, lists) for path, pack in asked.items()}
        documents = {
            path: shown
            for path, pack in able.items()
            if pack is None or pack.held
            if (shown := self._try(path, partial(_documents, pack, lists, self.settings))) is not None
        }
        made: dict[Paper, bytes] = {}
        for path, parts in self._drawn(documents).items():
            pack = able[path]
            content = parts[0] if pack is None else self._try(path, partial(_joined, pack, parts, lists, self.settings))
            if content is not None:
                made[_paper_of(pack, self.settings) if pack else _routine(self.settings)] = content
        return made

    def _of_what_opens(self, pack: Pack, lists: Mapping[str, bytes]) -> Pack:
        lost = [day.path for day in pack.held if day.path not in lists]
        if lost:
            self.short[pack.path] = Short("in_part" if len(lost) < len(pack.held) else "unread")
        return pack.without(lost)

    def _drawn(self, documents: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[bytes]]:
        """The drawn documents of each paper of which all could be drawn."""
        from reservplan.render import as_json, render_papers

        parts = {(path, n): f"{path}/{n}" for path, shown in documents.items() for n in range(len(shown))}
        drawn: dict[str, bytes] = {}
        # A renderer takes as long to start as to draw this many.
        workers = 1 if len(parts) <= FEW else None
        said = {name: as_json(documents[path][n]) for (path, n), name in parts.items()}
        failed = render_papers(said, drawn.__setitem__, workers=workers)
        self.short.update(
            (path, Short("not_made", failed[name])) for (path, _), name in parts.items() if name in failed
        )
        whole = [path for path in documents if all(parts[path, n] in drawn for n in range(len(documents[path])))]
        return {path: [drawn[parts[path, n]] for n in range(len(documents[path]))] for path in whole}


def _documents(pack: Pack | None, lists: Mapping[str, bytes], settings: Settings) -> list[dict[str, Any]]:
    """What is drawn for a pack, cover and forms, or for the routine."""
    from reservplan.render import show_blanks, show_routine, show_week_cover

    if pack is None:
        return [show_routine(settings)]
    pages, blanks_page = _pages(pack, lists)
    cover = show_week_cover(_cover(pack, pages, settings, blanks_page), settings)
    return [cover, show_blanks(pack.team, settings)]


def _joined(pack: Pack, parts: Sequence[bytes], lists: Mapping[str, bytes], settings: Settings) -> bytes:
    from reservplan.papers.week_pack import Section, join

    language = settings.language
    cover, blanks = parts
    days = [Section(day_heading(language, day.plan_date), lists[day.path]) for day in pack.held]
    front = Section(week_words(language, pack.monday), cover)
    return join(front, [*days, Section(say(language, "papers.blanks"), blanks)])


def _lists(store: Store, days: Sequence[PackDay]) -> dict[str, bytes]:
    """The lists by path, each the one on record: one that changed a moment ago, or is held open, is left out."""
    contents = read_what_opens(store, [day.path for day in days])
    return {
        day.path: content
        for day in days
        if (content := contents.get(day.path)) is not None and sha256(content).hexdigest() == day.sha256
    }


def _pages(pack: Pack, lists: Mapping[str, bytes]) -> tuple[dict[date, tuple[int, int]], int]:
    """Where each day begins and ends in the pack, whose cover is page 1; and where the blank forms begin."""
    from reservplan.papers.week_pack import page_count

    pages: dict[date, tuple[int, int]] = {}
    free = 2
    for day in pack.held:
        count = page_count(lists[day.path])
        pages[day.plan_date] = (free, free + count - 1)
        free += count
    return pages, free


# --- the start page, of what lies there now


def _keep_page(seen: _Seen, shelf: OnShelf, at: datetime) -> KeptPapers:
    page = start_page(_start_page(seen, shelf), seen.settings)
    first = Paper(nfc(START_PAGE_NAME), sha256(page).hexdigest(), plan_dates=(seen.window.today,))
    return keep_papers(seen.store, [first], lambda papers: [dict.fromkeys(papers, page)], at=at)


def _start_page(seen: _Seen, shelf: OnShelf) -> StartPage:
    window, teams = seen.window, seen.settings.teams
    cells = {
        Cell(plan_date, team.name): entry
        for plan_date in window
        for team in teams
        if (entry := _lying_there(seen.days[plan_date], team.name)) is not None
    }
    ahead = [entry.true_at for cell, entry in cells.items() if cell.plan_date >= window.today]
    routine = [entry.path for entry in shelf.ours if entry.wanted == nfc(ROUTINE_NAME)]
    return StartPage(
        today=window.today,
        changed_at=max(ahead, default=None),
        window=window,
        layout=seen.layout,
        cells=cells,
        edited=frozenset(
            name for day in window for standing in seen.days[day].standings.values() for name in standing.edited
        ),
        lacking=seen.lacking,
        without_visits=seen.without_visits,
        week_packs=_links(shelf, seen),
        # The shorter name is its own; the other one lies beside a file of somebody else's.
        routine=min(routine, key=len, default=""),
        watched=TRACE_PAGE_NAME in listed(seen.store, [TRACE_PAGE_NAME]),
    )


def _lying_there(day: DayOnStore, team: str) -> CellEntry | None:
    """The record that the cell's files follow, with those that can be opened, also edited ones; None where none can."""
    standing = day.standings.get(team)
    if standing is None or standing.entry is None:
        return None
    named = (artifact.name for artifact in standing.entry.artifacts)
    there = tuple(standing.records[name] for name in named if standing.files.get(name) in _OPENED_STATES)
    return standing.entry.model_copy(update={"artifacts": there}) if there else None


def _links(shelf: OnShelf, seen: _Seen) -> tuple[WeekPackLink, ...]:
    """A group's and week's one pack, of those that lie there: also of weeks past, as long as all of its days are kept.

    Where another layout, or a group's name in other letters' case, has left more than one, it is the one that is kept
    up to date.
    """
    teams = {team_key(team.name): team.name for team in seen.settings.teams}

    def week_of(entry: PaperEntry) -> tuple[str, date] | None:
        name, team = parse_week_pack_name(entry.wanted.rpartition("/")[2]), teams.get(team_key(entry.team))
        kept = min(entry.plan_dates, default=date.min) >= seen.window.first
        return (team, name.monday) if name is not None and team is not None and kept else None

    def kept_up(entry: PaperEntry, team: str, monday: date) -> bool:
        return entry.wanted == artifact_path(seen.layout, team, str(WeekPackName(monday, team)))

    weeks = {entry: week for entry in shelf.ours if (week := week_of(entry)) is not None}
    # The last of each week stays: the one that is kept up to date, else the latest.
    by_week = {
        week: entry
        for entry, week in sorted(weeks.items(), key=lambda pair: (kept_up(pair[0], *pair[1]), pair[0].mtime))
    }
    return tuple(WeekPackLink(*week, entry.path, entry.plan_dates) for week, entry in by_week.items())
