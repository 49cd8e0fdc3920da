"""The `reservplan` command, for hands and for scripts.

Exit status: 0 done; 1 done, but something fell short (said on stderr); 2 could not run.
"""

import argparse
import contextlib
import getpass
import io
import json
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from reservplan.domain.days import Window, local_day
from reservplan.domain.errors import LastingError, RequestRefused, ReservplanError
from reservplan.domain.manifest import Origin
from reservplan.domain.names import stood_in_for
from reservplan.domain.ports import Store
from reservplan.domain.unexpected import at_store, without_words
from reservplan.domain.words import cell_words, say
from reservplan.settings import Settings, StoreSettings, load
from reservplan.side_by_side import side_by_side

if TYPE_CHECKING:
    from reservplan.erasing import Erasure
    from reservplan.snapshot import Result, Snapshot

T = TypeVar("T")

DONE, FELL_SHORT, COULD_NOT_RUN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    # A core dump would hold the names of clients; a terminal that knows no å must not end a run in the middle.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    asked = _parser().parse_args(arguments)
    # Ended from outside, a run must empty its staging folder as it does on Ctrl-C.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except KeyboardInterrupt:
        _complain(f"reservplan {asked.command}: interrupted; what was published is whole, run it again for the rest.")
    except Exception as error:
        _complain(f"reservplan {asked.command}: {without_words(error)}")
    return COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reservplan",
        description="Keeps verified copies of the home-care plan where staff can print them when every system is down.",
        epilog="Exit status: 0 done, 1 done but something fell short, 2 could not run.",
    )
    parser.add_argument(
        "--config", metavar="FILE", help="the configuration (else $RESERVPLAN_CONFIG, else config/reservplan.yaml)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    snapshot = _command(commands, "snapshot", _snapshot, "read the plan, judge it, render it, publish what is new")
    snapshot.add_argument(
        "--date", type=_day, metavar="D", help="the day (default today, which means today and the days ahead)"
    )
    snapshot.add_argument("--to", type=_day, metavar="D", help="the last day of a range that begins at --date")
    snapshot.add_argument(
        "--team", action="append", default=[], metavar="T", help="only this group; may be given again"
    )
    snapshot.add_argument(
        "--force", action="store_true", help="render and write unchanged cells too (never makes a copy worse)"
    )
    snapshot.add_argument(
        "--from-archive", action="store_true", help="use the latest archived capture of each day, not the export"
    )

    accept = _command(commands, "accept", _accept, "say that an incomplete group and day is right as it is")
    accept.add_argument("--team", required=True, metavar="T", help="the group")
    accept.add_argument("--date", type=_day, required=True, metavar="D", help="the day")
    accept.add_argument("--to", type=_day, metavar="D", help="the last day of a range that begins at --date")
    accept.add_argument("--why", required=True, metavar="TEXT", help="the reason, kept on the stores; name no person")

    status = _command(commands, "status", _status, "what every store holds: group by day, with state and age")
    status.add_argument("--json", action="store_true", help="for programs")

    retain = _command(commands, "retain", _retain, "which copies are old enough to remove, and why")
    retain.add_argument("--apply", action="store_true", help="remove exactly what the plan lists")
    retain.add_argument("--include-edited", action="store_true", help="also files of ours that somebody has edited")
    retain.add_argument("--store", metavar="NAME", help="only this store, and not the archive")
    retain.add_argument("--archive", action="store_true", help="only the archive, reports and staging, and no store")
    retain.add_argument(
        "--confirm", metavar="CODE", default="", help="do a plan that was refused: the code that the refusal named"
    )

    erase = _command(
        commands, "erase", _erase, "take one client out of the days to come; the client's id is asked for, or piped in"
    )
    erase.add_argument(
        "--from", dest="first", type=_day, metavar="D", help="the first day without the client (default today)"
    )
    erase.add_argument("--dry-run", action="store_true", help="only say which groups and days, and how many rows")

    archive = _command(commands, "archive", _archive, "what was read, as it is kept for missed days")
    archive.add_argument("what", choices=["list"], help="list: every day's captures, newest first")
    archive.add_argument("--json", action="store_true", help="for programs")

    template = _command(
        commands, "template", _template, "a day beyond the copies, as that weekday was: a MALL, no plan"
    )
    template.add_argument("--team", required=True, metavar="T", help="the group")
    template.add_argument("--date", type=_day, required=True, metavar="D", help="the day, later than the copies reach")
    template.add_argument(
        "--folder", type=Path, default=Path(), metavar="DIR", help="where to write it (default: the current folder)"
    )

    _command(commands, "check", _check, "settings, source, stores, fonts, disk, clock: ok, or what to do")

    verify = _command(commands, "verify", _verify, "read back what the manifests say and compare")
    verify.add_argument("--deep", action="store_true", help="open every file too")

    demo = _command(commands, "demo-export", _demo_export, "write a realistic synthetic export")
    demo.add_argument("folder", type=Path, metavar="DIR")
    demo.add_argument("--teams", type=_positive, default=11, metavar="N")
    demo.add_argument(
        "--days", type=_positive, default=7, metavar="N", help="3 back, the rest from today on (default 7)"
    )
    demo.add_argument("--seed", type=int, default=220621, metavar="N")
    return parser


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date, for example 2026-11-22") from None


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _tell(text: str) -> None:
    """Print; a reader that has seen enough (`| head`) ends the telling, not the work."""
    _write(text, sys.stdout)


def _complain(text: str) -> None:
    _write(text, sys.stderr)


def _write(text: str, stream: TextIO) -> None:
    try:
        # At once with its end: several stores tell how far they are.
        print(f"{text}\n", end="", file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _snapshot(asked: argparse.Namespace) -> int:
    run = _by_hand(asked, tuple(asked.team), force=asked.force, from_archive=asked.from_archive)
    result = run.run()
    status = _tell_run(result)
    _tell_who(run.settings, result.held)
    return status


def _by_hand(
    asked: argparse.Namespace,
    teams: tuple[str, ...],
    *,
    with_days_ahead: bool = True,
    force: bool = False,
    from_archive: bool = False,
) -> "Snapshot":
    """A run of the asked days and groups."""
    from reservplan.snapshot import Snapshot, SnapshotRequest, asked_days

    settings = load(asked.config)
    now = datetime.now(UTC)
    today = local_day(now, settings.zone)
    window = Window(today, settings.window.days_back, settings.window.days_ahead)
    request = SnapshotRequest(
        run_id=_run_id(now),
        today=today,
        started_at=now,
        plan_dates=asked_days(asked.date, asked.to, window, with_days_ahead=with_days_ahead),
        teams=teams,
        origin=Origin.MANUAL,
        force=force,
        from_archive=from_archive,
    )
    return Snapshot(settings, request, _open_store, say=_tell)


def _run_id(now: datetime) -> str:
    return f"manual__{now:%Y-%m-%dT%H%M%SZ}-{token_hex(3)}"


def _tell_run(result: "Result") -> int:
    for step, seconds in result.seconds.items():
        counts = ", ".join(f"{key} {value}" for key, value in result.counts.get(step, {}).items())
        _tell(f"{step:<9} {seconds:6.1f} s  {counts}".rstrip())
    # A store that is away says so at each step that needs it.
    for shortfall in dict.fromkeys(result.fell_short):
        _complain(shortfall)
    return FELL_SHORT if result.fell_short else DONE


def _tell_who(settings: Settings, held: Mapping[str, Sequence[str]]) -> None:
    """Say who has the files open that stood in the way, by store; asked of the stores now, and kept nowhere."""
    from reservplan.store.owner_files import who_has_open
    from reservplan.telling import open_words

    for store_settings in settings.stores:
        if paths := held.get(store_settings.name):
            # That the name is not to be had is no fault of the run.
            with contextlib.suppress(ReservplanError), _open_store(store_settings) as store:
                for line in open_words(store_settings.name, who_has_open(store, paths), settings.language):
                    _complain(line)


def _accept(asked: argparse.Namespace) -> int:
    from reservplan.accepting import accept, in_words

    run = _by_hand(asked, (asked.team,), with_days_ahead=False)
    result = accept(run, asked.why)
    status = _tell_run(result.run)
    for line in in_words(result, run.settings.language):
        _tell(line)
    for fault in result.faults:
        if fault not in result.run.fell_short:
            _complain(fault)
    return FELL_SHORT if result.refused or result.faults else status


def _erase(asked: argparse.Namespace) -> int:
    from reservplan import erasing

    settings = load(asked.config)
    now = datetime.now(UTC)
    today = local_day(now, settings.zone)
    first = asked.first or today
    if first < today:
        raise RequestRefused(f"{first} has passed.", do="Past days stay as they are until they are pruned.")
    # Before anything else is said: the prompt is the last that stands on the screen while somebody types.
    typed = erasing.typed_id(_typed(say(settings.language, "erase.prompt")))
    erasure = erasing.plan_erasure(settings, typed, first, now, _tell)
    del typed
    for line in erasing.in_words(erasure, settings.language):
        _tell(line)
    told = erasing.warnings(erasure, settings.language)
    if erasure.in_source is None:
        _tell(say(settings.language, "erase.source_unread"))
    done = False
    if asked.dry_run or not erasure.cells:
        _tell(say(settings.language, "erase.nothing_touched"))
        told += _unchecked(settings, erasure)
    else:
        done, fell_short = _do_erase(settings, erasure, now, today)
        told += fell_short
    if not erasure.rows:
        none = say(settings.language, "erase.none", first=first)
        if done:
            _tell(f"{none} {say(settings.language, 'erase.finished')}")
        else:
            told.append(none)
    for line in dict.fromkeys(told):
        _complain(line)
    return FELL_SHORT if told else DONE


def _typed(prompt: str) -> str:
    """What somebody types, not shown, or pipes in."""
    if not sys.stdin.isatty():
        return sys.stdin.read()
    with warnings.catch_warnings():
        # A terminal that cannot hide it would show it, and keep it on the screen.
        warnings.simplefilter("error", getpass.GetPassWarning)
        return getpass.getpass(prompt)


def _do_erase(settings: Settings, erasure: "Erasure", now: datetime, today: date) -> tuple[bool, list[str]]:
    """Do it and tell; returns whether anything was done on any store, and what fell short."""
    from reservplan.erasing import erase
    from reservplan.snapshot import Snapshot, SnapshotRequest

    request = SnapshotRequest(
        run_id=_run_id(now),
        today=today,
        started_at=now,
        plan_dates=tuple(sorted({cell.plan_date for cell in erasure.cells})),
        cells=erasure.cells,
        origin=Origin.MANUAL,
        from_archive=True,
    )
    result = erase(erasure, Snapshot(settings, request, _open_store, say=_tell))
    for name, cells in result.withdrawn.items():
        for cell in sorted(cell for cell, paths in cells.items() if paths):
            words = say(settings.language, "erase.withdrawn")
            _tell(f"{name}: {cell_words(settings.language, cell)}: {words}")
    _tell_who(settings, result.run.held)
    fell_short = [*result.run.fell_short, *result.left]
    if erasure.rows and not fell_short:
        _tell(say(settings.language, "erase.done"))
    return result.changed, fell_short


def _unchecked(settings: Settings, erasure: "Erasure") -> list[str]:
    """What lies on the stores of which nobody can say whether the person stands on it."""
    from reservplan.erasing import unchecked

    lines: list[str] = []

    def look(store_settings: StoreSettings) -> bool:
        with _open_store(store_settings) as store:
            found = unchecked(store, erasure, settings.language)
        lines.extend(f"{store_settings.name}: {line}" for line in found)
        return not found

    _at_each_store(settings, look)
    return lines


def _archive(asked: argparse.Namespace) -> int:
    from reservplan.archive import Archive, archive_json, archive_table

    settings = load(asked.config)
    archive = Archive(settings.archive)
    captures = [capture for day in reversed(archive.days()) for capture in archive.captures(day)]
    if asked.json:
        _tell(json.dumps(archive_json(captures), ensure_ascii=False, indent=1))
    else:
        _tell(archive_table(captures, settings.language, settings.zone))
    return DONE


def _template(asked: argparse.Namespace) -> int:
    from reservplan.template import make_template

    settings = load(asked.config)
    today = local_day(datetime.now(UTC), settings.zone)
    window = Window(today, settings.window.days_back, settings.window.days_ahead)
    for path in make_template(settings, asked.team, asked.date, asked.folder, window, _tell):
        _tell(str(path))
    return DONE


def _status(asked: argparse.Namespace) -> int:
    from reservplan.watch import Coverage, coverage, coverage_json, coverage_table

    settings = load(asked.config)
    found: list[Coverage] = []

    def look(store_settings: StoreSettings) -> Coverage:
        return coverage(_open_store(store_settings), store_settings, settings, datetime.now(UTC))

    def note(_: StoreSettings, seen: Coverage) -> bool:
        found.append(seen)
        return seen.good

    status = _looked_at(settings, look, note)
    if asked.json:
        _tell(json.dumps(coverage_json(found), ensure_ascii=False, indent=1))
    elif found:
        _tell(coverage_table(found, settings))
    _tell_who(settings, {one.store: [stood_in_for(path) for path in one.stand_ins] for one in found})
    return status if any(one.reachable for one in found) else COULD_NOT_RUN


def _retain(asked: argparse.Namespace) -> int:
    settings = load(asked.config)
    if asked.store is not None and asked.store not in {store.name for store in settings.stores}:
        names = ", ".join(store.name for store in settings.stores)
        raise RequestRefused(f"The settings have no store {asked.store!r}.", do=f"They have {names}.")
    if asked.store is not None and asked.archive:
        raise RequestRefused("Only one store, and only the archive, exclude each other.", do="Name one of the two.")
    if asked.confirm and not (asked.apply and (asked.store or asked.archive)):
        raise RequestRefused(
            "A code confirms one plan.", do="Name it: --apply, and --store NAME or --archive, as the refusal says."
        )
    some = [store for store in settings.stores if asked.store in (None, store.name)]
    status = DONE if asked.archive else _at_each_store(settings, lambda store: _retain_at(store, settings, asked), some)
    return status if asked.store else max(status, _retain_archive(settings, asked))


def _retain_at(store_settings: StoreSettings, settings: Settings, asked: argparse.Namespace) -> bool:
    from reservplan.retain import apply_retention, failures_in_words, plan_for, result_in_words, retention_table

    now = datetime.now(UTC)
    with _open_store(store_settings) as store:
        plan = plan_for(store, store_settings, settings, now, include_edited=asked.include_edited)
        _tell(retention_table(plan, settings.language, asked.config or ""))
        if not asked.apply or (plan.refusals and not asked.confirm):
            return not plan.refusals
        result = apply_retention(store, store_settings, plan, now=now, confirm=asked.confirm)
    _tell(result_in_words(store_settings.name, result, settings.language))
    for line in failures_in_words(result, settings.language):
        _complain(f"{store_settings.name}: {line}")
    _tell_who(settings, {store_settings.name: [failure.path for failure in result.failed]})
    return not (result.failed or result.kept)


def _retain_archive(settings: Settings, asked: argparse.Namespace) -> int:
    from reservplan.tidying import plan_tidying, tidy

    try:
        now = datetime.now(UTC)
        tidying = plan_tidying(settings, now)
        for line in tidying.in_words(settings, asked.config or ""):
            _tell(line)
        if not asked.apply:
            return FELL_SHORT if tidying.refusals else DONE
        done = tidy(settings, tidying, now=now, confirm=asked.confirm)
        _tell(say(settings.language, "archive.removed", files=done.files, reports=done.reports, staging=done.staging))
    except Exception as error:
        _complain(at_store("archive", error))
        return FELL_SHORT
    return DONE


def _verify(asked: argparse.Namespace) -> int:
    from reservplan.watch import Verified, verify

    settings = load(asked.config)

    def read_back(store_settings: StoreSettings) -> Verified:
        return verify(_open_store(store_settings), store_settings, settings, deep=asked.deep)

    def tell(store_settings: StoreSettings, found: Verified) -> bool:
        _tell(f"{store_settings.name}: {found.files} files, {found.bytes} bytes read back")
        for fault in found.faults:
            _complain(f"{store_settings.name}: {fault.path}: {fault.words}")
        return not found.faults

    return _looked_at(settings, read_back, tell)


def _looked_at(settings: Settings, look: Callable[[StoreSettings], T], tell: Callable[[StoreSettings, T], bool]) -> int:
    """Look at all stores side by side, and tell of each in the order of the settings."""
    seen = {
        store.name: found for store, found in zip(settings.stores, side_by_side(settings.stores, look), strict=True)
    }

    def of_one(store_settings: StoreSettings) -> bool:
        found = seen[store_settings.name]
        if isinstance(found, Exception):
            raise found
        return tell(store_settings, found)

    return _at_each_store(settings, of_one)


def _at_each_store(
    settings: Settings, body: Callable[[StoreSettings], bool], some: Sequence[StoreSettings] | None = None
) -> int:
    """Do something at every store, which says whether all is well there; one store's fault keeps none from its turn."""
    good, faults = True, 0
    stores = settings.stores if some is None else some
    for store_settings in stores:
        try:
            good &= body(store_settings)
        except Exception as error:
            _complain(at_store(store_settings.name, error))
            faults += 1
    if faults == len(stores):
        return COULD_NOT_RUN
    return DONE if good and not faults else FELL_SHORT


def _check(asked: argparse.Namespace) -> int:
    from reservplan.check import Level, check

    settings = load(asked.config)
    worst = Level.OK
    for line in check(settings, _open_store, datetime.now(UTC)):
        _tell(f"{line.level.value:<8} {line.subject:<14} {line.text}")
        worst = max(worst, line.level, key=list(Level).index)
    return {Level.OK: DONE, Level.WARNING: DONE, Level.FAULT: FELL_SHORT}[worst]


def _open_store(settings: StoreSettings) -> Store:
    from reservplan.store import open_store
    from reservplan.store.connection import connection_from_environment

    return open_store(settings, connection_from_environment(settings.connection) if settings.connection else None)


def _demo_export(asked: argparse.Namespace) -> int:
    from reservplan.extract.demo import write_demo_export

    back = min(3, asked.days - 1)
    # The demo has no configured zone; the machine's day will do.
    today = datetime.now().astimezone().date()
    ahead = asked.days - 1 - back
    try:
        file = write_demo_export(
            asked.folder, teams=asked.teams, days_back=back, days_ahead=ahead, today=today, seed=asked.seed
        )
    except OSError as error:
        raise LastingError(f"{asked.folder}: {error.strerror}.", do="Name a folder that can be written to.") from None
    _tell(str(file))
    return DONE
