"""Everything on a store besides the copies of its cells: start page, paper routine, week packs.

Made of what the store itself says and holds after the seal, so that no page promises what does not lie there.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any

from reservplan.domain.days import Window, local_day
from reservplan.domain.manifest import CellEntry
from reservplan.domain.names import ROUTINE_NAME, START_PAGE_NAME, nfc, parse_week_pack_name
from reservplan.domain.papers import PaperEntry, Papers
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.shortfalls import SHORTFALLS_NAME, Shortfalls
from reservplan.domain.standing import WHOLE_STATES, FileState
from reservplan.domain.words import day_heading, say, week_words
from reservplan.papers.keeping import KeptPapers, Make, Paper, keep_papers
from reservplan.papers.packs import Pack, PackDay, days_of_packs, packs
from reservplan.papers.start_page import StartPage, WeekPackLink, start_page
from reservplan.settings import Settings, StoreSettings
from reservplan.store.inspection import DayOnStore, inspect
from reservplan.store.papers import record_of

if TYPE_CHECKING:
    from reservplan.render import WeekCover

# About a megabyte each: so many are held in memory at once.
PACKS_AT_ONCE = 24
FEW = 12
# Changes when packs are joined in another way.
_JOINED = "1"
_LATE = timedelta(days=2)
# A page must not send anybody to a file that does not open.
_OPENED_STATES = (*WHOLE_STATES, FileState.EDITED)


@dataclass(frozen=True)
class Shelved:
    """What came of a store's papers: how many were written and left, and why any is not as it should be, by path."""

    written: int
    left: int
    short: Mapping[str, str]


def fill_shelf(
    store: Store, store_settings: StoreSettings, settings: Settings, window: Window, run_id: str, *, at: datetime
) -> Shelved:
    """Bring the opened store's papers up to date, under its lock; what has not changed is left untouched.

    Raises:
        StoreBusy, StoreFull, StoreUnreachable, StoreRefused: the rest is done by the next run.
        ManifestUnreadable: what is ours cannot be told; nothing was touched.
    """
    with store.lock(run_id):
        if _is_of_later_day(record_of(store), window.today):
            return Shelved(0, 0, {})
        plan_dates = sorted({*window, *days_of_packs(window)})
        cells = [Cell(day, team.name) for day in plan_dates for team in settings.teams]
        days = inspect(store, store_settings.layout, cells)
        wanted = packs(days, settings.teams, window, store_settings.layout)
        of_paper = {_paper_of(pack, settings): pack for pack in wanted}
        routine = _routine(settings)
        kept = keep_papers(store, [routine, *of_paper], _maker(store, of_paper, settings), at=at)
        page = start_page(_start_page(store, store_settings, settings, window, days, kept), settings)
        first = Paper(nfc(START_PAGE_NAME), sha256(page).hexdigest(), plan_dates=(window.today,))
        kept_page = keep_papers(store, [first], lambda papers: [dict.fromkeys(papers, page)], at=at)
    return Shelved(kept.written + kept_page.written, kept.left + kept_page.left, {**kept.short, **kept_page.short})


def _is_of_later_day(papers: Papers, today: date) -> bool:
    """Whether a run of a day just after has been here: a late run of the day before must not turn the pages back.

    A day that is farther off comes of a clock that was wrong.
    """
    days = [day for entry in papers.papers if entry.wanted == nfc(START_PAGE_NAME) for day in entry.plan_dates]
    return any(timedelta() < day - today <= _LATE for day in days)


def is_filled(store: Store, today: date) -> bool:
    """Whether all recorded papers lie on the opened store, the start page as of today; their contents are not asked."""
    papers = record_of(store).papers
    listed = {folder: store.list_folder(folder) for folder in {entry.path.rpartition("/")[0] for entry in papers}}
    there = all(entry.path.rpartition("/")[2] in listed[entry.path.rpartition("/")[0]] for entry in papers)
    return there and any(entry.wanted == nfc(START_PAGE_NAME) and entry.plan_dates == (today,) for entry in papers)


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
        entry = day.entry
        return WeekDay(
            plan_date=day.plan_date,
            first_page=first,
            last_page=last,
            captured_at=entry.captured_at if entry else None,
            verdict=entry.verdict if entry else None,
            created_afterwards=bool(entry and local_day(entry.captured_at, settings.zone) > day.plan_date),
            missing=day.missing,
        )

    return WeekCover(pack.team, pack.monday, tuple(map(shown, pack.days)), blanks_page)


# --- making those that differ


def _maker(store: Store, of_paper: Mapping[Paper, Pack], settings: Settings) -> Make:
    def make(papers: Sequence[Paper]) -> Iterator[dict[Paper, bytes]]:
        waiting = iter(papers)
        while batch := list(islice(waiting, PACKS_AT_ONCE)):
            yield _made(store, batch, of_paper, settings)

    return make


def _made(
    store: Store, papers: Sequence[Paper], of_paper: Mapping[Paper, Pack], settings: Settings
) -> dict[Paper, bytes]:
    """The papers of a batch; one that cannot be made is left out, and said to be so by who keeps the papers."""
    from reservplan.render import show_blanks, show_routine, show_week_cover

    batch = {paper: of_paper[paper] for paper in papers if paper in of_paper}
    lists = _lists(store, [day for pack in batch.values() for day in pack.held])
    documents: dict[str, dict[str, Any]] = {}
    for paper, pack in batch.items():
        pages, blanks_page = _pages(pack, lists)
        documents[f"{paper.path}/cover"] = show_week_cover(_cover(pack, pages, settings, blanks_page), settings)
        documents[f"{paper.path}/blanks"] = show_blanks(pack.team, settings)
    documents.update((paper.path, show_routine(settings)) for paper in papers if paper not in batch)
    drawn = _drawn(documents)
    made = {paper: drawn[paper.path] for paper in papers if paper.path in drawn}
    for paper, pack in batch.items():
        parts = drawn.get(f"{paper.path}/cover"), drawn.get(f"{paper.path}/blanks")
        if parts[0] and parts[1] and all(day.path in lists for day in pack.held):
            made[paper] = _joined(pack, parts[0], parts[1], lists, settings)
    return made


def _joined(pack: Pack, cover: bytes, blanks: bytes, lists: Mapping[str, bytes], settings: Settings) -> bytes:
    from reservplan.papers.week_pack import Section, join

    language = settings.language
    days = [Section(day_heading(language, day.plan_date), lists[day.path]) for day in pack.held]
    front = Section(week_words(language, pack.monday), cover)
    return join(front, [*days, Section(say(language, "papers.blanks"), blanks)])


def _lists(store: Store, days: Sequence[PackDay]) -> dict[str, bytes]:
    """The lists by path, each the one that the manifest names: one that changed a moment ago is left out."""
    contents = store.read_many([day.path for day in days])
    return {
        day.path: content
        for day in days
        if (content := contents[day.path]) is not None and sha256(content).hexdigest() == day.sha256
    }


def _pages(pack: Pack, lists: Mapping[str, bytes]) -> tuple[dict[date, tuple[int, int]], int]:
    """Where each day begins and ends in the pack, whose cover is page 1; and where the blank forms begin."""
    from reservplan.papers.week_pack import page_count

    pages: dict[date, tuple[int, int]] = {}
    free = 2
    for day in pack.held:
        count = page_count(lists[day.path]) if day.path in lists else 0
        pages[day.plan_date] = (free, free + count - 1)
        free += count
    return pages, free


def _drawn(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    from reservplan.render import as_json, render_papers

    drawn: dict[str, bytes] = {}
    # A renderer takes as long to start as to draw this many.
    workers = 1 if len(documents) <= FEW else None
    render_papers({name: as_json(document) for name, document in documents.items()}, drawn.__setitem__, workers=workers)
    return drawn


# --- the start page, of what lies there now


def _start_page(
    store: Store,
    store_settings: StoreSettings,
    settings: Settings,
    window: Window,
    days: Mapping[date, DayOnStore],
    kept: KeptPapers,
) -> StartPage:
    cells = {
        Cell(plan_date, team.name): entry
        for plan_date in window
        for team in settings.teams
        if (entry := _lying_there(days[plan_date], team.name)) is not None
    }
    ahead = [entry.true_at for cell, entry in cells.items() if cell.plan_date >= window.today]
    lacking = (Shortfalls.read(store.read_many([SHORTFALLS_NAME])[SHORTFALLS_NAME]) or Shortfalls()).by_cell()
    return StartPage(
        today=window.today,
        changed_at=max(ahead, default=None),
        window=window,
        layout=store_settings.layout,
        cells=cells,
        lacking={cell: shortfall for cell, shortfall in lacking.items() if cell.plan_date in window},
        week_packs=tuple(_links(record_of(store).papers, window)),
        routine=kept.paths.get(nfc(ROUTINE_NAME), ""),
    )


def _lying_there(day: DayOnStore, team: str) -> CellEntry | None:
    """The cell's record with those of its files that can be opened there, also edited ones; None where none can."""
    entry, standing = day.entry(team), day.standings.get(team)
    if entry is None or standing is None:
        return None
    there = tuple(artifact for artifact in entry.artifacts if standing.files.get(artifact.name) in _OPENED_STATES)
    return entry.model_copy(update={"artifacts": there}) if there else None


def _links(papers: Sequence[PaperEntry], window: Window) -> Iterator[WeekPackLink]:
    """The week packs that are on record, also of weeks past, as long as all of their days are kept."""
    for entry in papers:
        name = parse_week_pack_name(entry.wanted.rpartition("/")[2])
        if name is not None and min(entry.plan_dates, default=date.min) >= window.first:
            yield WeekPackLink(entry.team, name.monday, entry.path, entry.plan_dates)
