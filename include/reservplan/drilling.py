"""The drill: some groups' copies of today, taken from each store as a reader in an outage would, and read back.

What is found is codes, counts and times. Names are read in memory to be counted, and go nowhere else.
"""

import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from reservplan.domain.days import local_day
from reservplan.domain.errors import LastingError, RequestRefused
from reservplan.domain.manifest import CellEntry
from reservplan.domain.names import ADOPTED, BESIDE, Format, Kind, nfc, parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.unexpected import without_words
from reservplan.domain.words import day_words, say
from reservplan.drill_protocol import protocol_html, protocol_pdf
from reservplan.drill_reading import Looked, Workbook, compare, read_paper, read_workbook, remarks
from reservplan.drill_records import Drilled, DrillRecords, StoreDrilled, Trial
from reservplan.run_stores import StoreOpener
from reservplan.settings import Settings, StoreSettings
from reservplan.side_by_side import side_by_side
from reservplan.store.inspection import artifact_path, folders_of, read_records
from reservplan.store.reading import read_what_opens

FILES = tuple((kind, fmt) for kind in (Kind.LIST, Kind.OVERVIEW) for fmt in (Format.PDF, Format.XLSX))


class DrillFailed(LastingError):
    """A reader would not have had a whole list of today from some store."""


@dataclass(frozen=True)
class Asked:
    """What a drill shall try; nothing named means what the settings say, at every store."""

    teams: tuple[str, ...] = ()
    store: str = ""
    seed: int | None = None


def pick(teams: Sequence[str], tried: Mapping[str, date], count: int, seed: int) -> tuple[str, ...]:
    """The groups to try: those that were never tried or longest ago, by lot where that is equal; pure."""
    lots = random.Random(seed)  # noqa: S311 - a draw that can be repeated, and no secret
    drawn = sorted(teams)
    lots.shuffle(drawn)
    drawn.sort(key=lambda team: tried.get(team, date.min))
    return tuple(sorted(drawn[:count]))


def drill(
    settings: Settings, asked: Asked, tried: Mapping[str, date], now: datetime, open_store: StoreOpener
) -> Drilled:
    """Try the groups at each store, side by side; `tried` says when each group was tried last, `now` is aware.

    Raises:
        RequestRefused: a group or store that the settings do not know, or no group that has a plan today.
    """
    today = local_day(now, settings.zone)
    teams = _teams(settings, asked, tried, today)
    stores = [store for store in settings.stores if asked.store in ("", store.name)]
    if not stores:
        raise RequestRefused("The settings have no store of that name.", do=f"Known are {_names(settings.stores)}.")
    outcomes = side_by_side(stores, lambda store: drill_store(open_store, store, teams, settings, now))
    found = [
        outcome if isinstance(outcome, StoreDrilled) else _away(store, outcome)
        for store, outcome in zip(stores, outcomes, strict=True)
    ]
    return Drilled(drilled_at=now, today=today, stores=tuple(found))


def drill_store(
    open_store: StoreOpener, store_settings: StoreSettings, teams: Sequence[str], settings: Settings, now: datetime
) -> StoreDrilled:
    """Try the groups at one store.

    Raises:
        StoreUnreachable, StoreRefused: no reader gets anything from it.
    """
    begun = time.monotonic()
    today = local_day(now, settings.zone)
    with open_store(store_settings) as store:
        opened_seconds = time.monotonic() - begun
        entries = read_records(store, [today])[today]
        trials = []
        for team in teams:
            looked = Looked(today, team, settings.language, settings.zone)
            trial = _try(store, store_settings.layout, looked, entries.entry(team), settings, now)
            # What opening the store took, every reader waits for.
            trials.append(trial.model_copy(update={"seconds": round(trial.seconds + opened_seconds, 2)}))
    return StoreDrilled(store=store_settings.name, trials=tuple(trials))


def last_tried(settings: Settings) -> dict[str, date]:
    """When each group was tried last."""
    return DrillRecords(settings.watch.folder).last_tried()


def keep(drilled: Drilled, settings: Settings) -> str:
    """Keep the record, which the month's report reads, and the protocol; returns where, without the files' ending."""
    contents = {".html": protocol_html(drilled, settings), ".pdf": protocol_pdf(drilled, settings)}
    return DrillRecords(settings.watch.folder).keep(drilled, contents)


def fault_of(drilled: Drilled, settings: Settings) -> DrillFailed | None:
    """What makes a drill fail, in words for a run or a screen; None where it passed."""
    failed = [words for store in drilled.stores for words in failures(store, settings.language)]
    if not failed:
        return None
    return DrillFailed(
        say(settings.language, "drill.failed", day=day_words(settings.language, drilled.today), what=" ".join(failed)),
        do=say(settings.language, "drill.failed_do"),
    )


def failures(found: StoreDrilled, language: str) -> Iterator[str]:
    """What went wrong at a store, group by group."""
    if found.away:
        yield say(language, "drill.store_away", store=found.store, what=found.away)
    for trial in found.trials:
        if not trial.passed:
            reasons = ", ".join(say(language, f"drill.fault_{code}") for code in trial.faults)
            yield say(language, "drill.group_failed", store=found.store, team=trial.team, reasons=reasons)


def copy_for_drill(
    settings: Settings, drilled: Drilled, folder: Path, open_store: StoreOpener, now: datetime
) -> list[Path]:
    """Put each group's list, marked over every page, into a folder; from the first store where it can be read.

    The files are for our account alone: they hold what the list holds.
    """
    from reservplan.render.stamp import stamp

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: list[Path] = []
    word = say(settings.language, "paper.band_drill")
    below = say(settings.language, "drill.stamp_below", moment=day_words(settings.language, drilled.today))
    for store_settings in settings.stores:
        found = next((one for one in drilled.stores if one.store == store_settings.name and not one.away), None)
        readable = [trial for trial in found.trials if trial.pages] if found else []
        left = [trial for trial in readable if not any(path.name == _copy_name(word, trial) for path in written)]
        if not left:
            continue
        with open_store(store_settings) as store:
            contents = store.read_many([trial.path for trial in left])
        for trial in left:
            if content := contents[trial.path]:
                path = folder / _copy_name(word, trial)
                _write_private(path, stamp(content, word, below, now))
                written.append(path)
    return written


def _copy_name(word: str, trial: Trial) -> str:
    return nfc(f"{word} {trial.path.rpartition('/')[2]}")


def _write_private(path: Path, content: bytes) -> None:
    # The mode is given at creation: chmod afterwards would leave a moment in which others can read.
    path.unlink(missing_ok=True)
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)


def _teams(settings: Settings, asked: Asked, tried: Mapping[str, date], today: date) -> tuple[str, ...]:
    known = [team.name for team in settings.teams]
    if unknown := [name for name in asked.teams if name not in known]:
        raise RequestRefused(
            f"{len(unknown)} of the groups that were asked for are not in the settings.",
            do=f"Known are {', '.join(known)}.",
        )
    open_today = [team.name for team in settings.teams if team.expected_on(today) and not team.closed_on(today)]
    teams = [name for name in dict.fromkeys(asked.teams) if name in open_today] if asked.teams else open_today
    if not teams:
        raise RequestRefused("No group that was asked for has a plan today.", do="Name others, or drill another day.")
    if asked.teams:
        return tuple(teams)
    seed = asked.seed if asked.seed is not None else today.toordinal()
    return pick(teams, tried, settings.drill.groups, seed)


def _names(stores: Sequence[StoreSettings]) -> str:
    return ", ".join(store.name for store in stores)


def _away(store: StoreSettings, fault: Exception) -> StoreDrilled:
    return StoreDrilled(store=store.name, away=str(without_words(fault)).removeprefix(f"{store.name}: "))


def _try(
    store: Store, layout: str, looked: Looked, entry: CellEntry | None, settings: Settings, now: datetime
) -> Trial:
    """One group at one store: find, fetch, open, read, compare."""
    begun = time.monotonic()
    paths = _find(store, layout, Cell(looked.day, looked.team))
    contents = read_what_opens(store, list(paths.values()))
    faults: list[str] = []
    notes: list[str] = []
    held: dict[tuple[Kind, Format], bytes] = {}
    for kind, fmt in FILES:
        path = paths.get((kind, fmt))
        content = contents.get(path) if path else None
        if content is not None:
            held[kind, fmt] = content
        else:
            faults.append(f"missing_{kind.value}_{fmt.value}" if path is None else "held_open")
        if path and _is_beside(path):
            notes.append("beside")
    paper = read_paper(held.get((Kind.LIST, Format.PDF), b""), looked) if (Kind.LIST, Format.PDF) in held else None
    # From here on somebody has the list on the screen, and can print it.
    seconds = time.monotonic() - begun
    books = {kind: read_workbook(held[kind, Format.XLSX], kind, looked) for kind in Kind if (kind, Format.XLSX) in held}
    overview = read_paper(held[Kind.OVERVIEW, Format.PDF], looked) if (Kind.OVERVIEW, Format.PDF) in held else None
    for found in (paper, overview, *books.values()):
        faults.extend(found.faults if found else ())
    if paper:
        if not paper.faults:
            notes.extend(remarks(paper, entry, looked, now, settings.stale_hours))
        faults.extend(compare(paper, books.get(Kind.LIST), entry))
    listed = books.get(Kind.LIST) or Workbook()
    return Trial(
        team=looked.team,
        path=paths.get((Kind.LIST, Format.PDF), ""),
        files=len(held),
        pages=paper.pages if paper else 0,
        visits=paper.visits if paper else None,
        recorded=entry.visits if entry else None,
        rows=listed.visits,
        overview_rows=books.get(Kind.OVERVIEW, Workbook()).rows,
        verdict=paper.verdict if paper else None,
        captured_at=entry.captured_at if entry else None,
        seconds=round(seconds, 2),
        faults=tuple(dict.fromkeys(faults)),
        remarks=tuple(dict.fromkeys(notes)),
    )


def _find(store: Store, layout: str, cell: Cell) -> dict[tuple[Kind, Format], str]:
    """The group's files of the day by their names in the folder; of several, the one that a reader is told to take.

    That is the newer one beside an open file, then ours beside somebody else's, then the plain name.
    """
    found: dict[tuple[Kind, Format], tuple[int, str]] = {}
    for folder in folders_of(layout, cell.team):
        for name in store.list_folder(folder):
            parsed = parse_artifact_name(name)
            if parsed is None or (parsed.plan_date, parsed.team, parsed.suffix == ADOPTED) != (*_key(cell), False):
                continue
            rank = 0 if not parsed.suffix else 1 if parsed.suffix == BESIDE else 2
            path = artifact_path(layout, cell.team, name)
            found[parsed.kind, parsed.format] = max(found.get((parsed.kind, parsed.format), (-1, "")), (rank, path))
    return {slot: path for slot, (_, path) in found.items()}


def _key(cell: Cell) -> tuple[date, str]:
    return cell.plan_date, cell.team


def _is_beside(path: str) -> bool:
    parsed = parse_artifact_name(path.rpartition("/")[2])
    return parsed is not None and bool(parsed.suffix)
