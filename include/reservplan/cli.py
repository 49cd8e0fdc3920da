"""The `reservplan` command, for hands and for scripts.

Exit status: 0 done; 1 done, but something fell short (said on stderr); 2 could not run.
"""

import argparse
import getpass
import io
import json
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, TypeVar

from reservplan.commands import alert_test, drill, report, watch
from reservplan.commands.terminal import (
    COULD_NOT_RUN,
    DONE,
    FELL_SHORT,
    at_each_store,
    command,
    complain,
    day,
    looked_at,
    open_store,
    positive,
    tell,
    tell_who,
)
from reservplan.domain.days import Window, local_day
from reservplan.domain.errors import LastingError, RequestRefused
from reservplan.domain.manifest import Origin
from reservplan.domain.names import stood_in_for
from reservplan.domain.unexpected import at_store, without_words
from reservplan.domain.words import cell_words, say
from reservplan.settings import Settings, StoreSettings, load

if TYPE_CHECKING:
    from reservplan.erasing import Erasure
    from reservplan.snapshot import Result, Snapshot

T = TypeVar("T")


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
        complain(f"reservplan {asked.command}: interrupted; what was published is whole, run it again for the rest.")
    except Exception as error:
        complain(f"reservplan {asked.command}: {without_words(error)}")
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

    snapshot = command(commands, "snapshot", _snapshot, "read the plan, judge it, render it, publish what is new")
    snapshot.add_argument(
        "--date", type=day, metavar="D", help="the day (default today, which means today and the days ahead)"
    )
    snapshot.add_argument("--to", type=day, metavar="D", help="the last day of a range that begins at --date")
    snapshot.add_argument(
        "--team", action="append", default=[], metavar="T", help="only this group; may be given again"
    )
    snapshot.add_argument(
        "--force", action="store_true", help="render and write unchanged cells too (never makes a copy worse)"
    )
    snapshot.add_argument(
        "--from-archive", action="store_true", help="use the latest archived capture of each day, not the export"
    )

    accept = command(commands, "accept", _accept, "say that an incomplete group and day is right as it is")
    accept.add_argument("--team", required=True, metavar="T", help="the group")
    accept.add_argument("--date", type=day, required=True, metavar="D", help="the day")
    accept.add_argument("--to", type=day, metavar="D", help="the last day of a range that begins at --date")
    accept.add_argument("--why", required=True, metavar="TEXT", help="the reason, kept on the stores; name no person")

    status = command(commands, "status", _status, "what every store holds: group by day, with state and age")
    status.add_argument("--json", action="store_true", help="for programs")

    retain = command(commands, "retain", _retain, "which copies are old enough to remove, and why")
    retain.add_argument("--apply", action="store_true", help="remove exactly what the plan lists")
    retain.add_argument("--include-edited", action="store_true", help="also files of ours that somebody has edited")
    retain.add_argument("--store", metavar="NAME", help="only this store, and not the archive")
    retain.add_argument("--archive", action="store_true", help="only the archive, reports and staging, and no store")
    retain.add_argument(
        "--confirm", metavar="CODE", default="", help="do a plan that was refused: the code that the refusal named"
    )

    erase = command(
        commands, "erase", _erase, "take one client out of the days to come; the client's id is asked for, or piped in"
    )
    erase.add_argument(
        "--from", dest="first", type=day, metavar="D", help="the first day without the client (default today)"
    )
    erase.add_argument("--dry-run", action="store_true", help="only say which groups and days, and how many rows")

    archive = command(commands, "archive", _archive, "what was read, as it is kept for missed days")
    archive.add_argument("what", choices=["list"], help="list: every day's captures, newest first")
    archive.add_argument("--json", action="store_true", help="for programs")

    template = command(commands, "template", _template, "a day beyond the copies, as that weekday was: a MALL, no plan")
    template.add_argument("--team", required=True, metavar="T", help="the group")
    template.add_argument("--date", type=day, required=True, metavar="D", help="the day, later than the copies reach")
    template.add_argument(
        "--folder", type=Path, default=Path(), metavar="DIR", help="where to write it (default: the current folder)"
    )

    command(commands, "check", _check, "settings, source, stores, alerts, fonts, disk, clock: ok, or what to do")
    alert_test.add_to(commands)
    drill.add_to(commands)
    report.add_to(commands)
    watch.add_to(commands)

    verify = command(commands, "verify", _verify, "read back what the manifests say and compare")
    verify.add_argument("--deep", action="store_true", help="open every file too")

    demo = command(commands, "demo-export", _demo_export, "write a realistic synthetic export")
    demo.add_argument("folder", type=Path, metavar="DIR")
    demo.add_argument("--teams", type=positive, default=11, metavar="N")
    demo.add_argument(
        "--days", type=positive, default=7, metavar="N", help="3 back, the rest from today on (default 7)"
    )
    demo.add_argument("--seed", type=int, default=220621, metavar="N")
    return parser


def _snapshot(asked: argparse.Namespace) -> int:
    run = _by_hand(asked, tuple(asked.team), force=asked.force, from_archive=asked.from_archive)
    result = run.run()
    status = _tell_run(result)
    tell_who(run.settings, result.held)
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
    return Snapshot(settings, request, open_store, say=tell)


def _run_id(now: datetime) -> str:
    return f"manual__{now:%Y-%m-%dT%H%M%SZ}-{token_hex(3)}"


def _tell_run(result: "Result") -> int:
    for step, seconds in result.seconds.items():
        counts = ", ".join(f"{key} {value}" for key, value in result.counts.get(step, {}).items())
        tell(f"{step:<9} {seconds:6.1f} s  {counts}".rstrip())
    # A store that is away says so at each step that needs it.
    for shortfall in dict.fromkeys(result.fell_short):
        complain(shortfall)
    return FELL_SHORT if result.fell_short else DONE


def _accept(asked: argparse.Namespace) -> int:
    from reservplan.accepting import accept, in_words

    run = _by_hand(asked, (asked.team,), with_days_ahead=False)
    result = accept(run, asked.why)
    status = _tell_run(result.run)
    for line in in_words(result, run.settings.language):
        tell(line)
    for fault in result.faults:
        if fault not in result.run.fell_short:
            complain(fault)
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
    erasure = erasing.plan_erasure(settings, typed, first, now, tell)
    del typed
    for line in erasing.in_words(erasure, settings.language):
        tell(line)
    told = erasing.warnings(erasure, settings.language)
    if erasure.in_source is None:
        tell(say(settings.language, "erase.source_unread"))
    done = False
    if asked.dry_run or not erasure.cells:
        tell(say(settings.language, "erase.nothing_touched"))
        told += _unchecked(settings, erasure)
    else:
        done, fell_short = _do_erase(settings, erasure, now, today)
        told += fell_short
    if not erasure.rows:
        none = say(settings.language, "erase.none", first=first)
        if done:
            tell(f"{none} {say(settings.language, 'erase.finished')}")
        else:
            told.append(none)
    for line in dict.fromkeys(told):
        complain(line)
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
    result = erase(erasure, Snapshot(settings, request, open_store, say=tell))
    for name, cells in result.withdrawn.items():
        for cell in sorted(cell for cell, paths in cells.items() if paths):
            words = say(settings.language, "erase.withdrawn")
            tell(f"{name}: {cell_words(settings.language, cell)}: {words}")
    tell_who(settings, result.run.held)
    fell_short = [*result.run.fell_short, *result.left]
    if erasure.rows and not fell_short:
        tell(say(settings.language, "erase.done"))
    return result.changed, fell_short


def _unchecked(settings: Settings, erasure: "Erasure") -> list[str]:
    """What lies on the stores of which nobody can say whether the person stands on it."""
    from reservplan.erasing import unchecked

    lines: list[str] = []

    def look(store_settings: StoreSettings) -> bool:
        with open_store(store_settings) as store:
            found = unchecked(store, erasure, settings.language)
        lines.extend(f"{store_settings.name}: {line}" for line in found)
        return not found

    at_each_store(settings, look)
    return lines


def _archive(asked: argparse.Namespace) -> int:
    from reservplan.archive import Archive, archive_json, archive_table

    settings = load(asked.config)
    archive = Archive(settings.archive)
    captures = [capture for day in reversed(archive.days()) for capture in archive.captures(day)]
    if asked.json:
        tell(json.dumps(archive_json(captures), ensure_ascii=False, indent=1))
    else:
        tell(archive_table(captures, settings.language, settings.zone))
    return DONE


def _template(asked: argparse.Namespace) -> int:
    from reservplan.template import make_template

    settings = load(asked.config)
    today = local_day(datetime.now(UTC), settings.zone)
    window = Window(today, settings.window.days_back, settings.window.days_ahead)
    for path in make_template(settings, asked.team, asked.date, asked.folder, window, tell):
        tell(str(path))
    return DONE


def _status(asked: argparse.Namespace) -> int:
    from reservplan.watch import Coverage, coverage, coverage_json, coverage_table

    settings = load(asked.config)
    found: list[Coverage] = []

    def look(store_settings: StoreSettings) -> Coverage:
        return coverage(open_store(store_settings), store_settings, settings, datetime.now(UTC))

    def note(_: StoreSettings, seen: Coverage) -> bool:
        found.append(seen)
        return seen.good

    status = looked_at(settings, look, note)
    if asked.json:
        tell(json.dumps(coverage_json(found), ensure_ascii=False, indent=1))
    elif found:
        tell(coverage_table(found, settings))
    tell_who(settings, {one.store: [stood_in_for(path) for path in one.stand_ins] for one in found})
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
    status = DONE if asked.archive else at_each_store(settings, lambda store: _retain_at(store, settings, asked), some)
    return status if asked.store else max(status, _retain_archive(settings, asked))


def _retain_at(store_settings: StoreSettings, settings: Settings, asked: argparse.Namespace) -> bool:
    from reservplan.retain import apply_retention, failures_in_words, plan_for, result_in_words, retention_table

    now = datetime.now(UTC)
    with open_store(store_settings) as store:
        plan = plan_for(store, store_settings, settings, now, include_edited=asked.include_edited)
        tell(retention_table(plan, settings.language, asked.config or ""))
        if not asked.apply or (plan.refusals and not asked.confirm):
            return not plan.refusals
        result = apply_retention(store, store_settings, plan, now=now, confirm=asked.confirm)
    tell(result_in_words(store_settings.name, result, settings.language))
    for line in failures_in_words(result, settings.language):
        complain(f"{store_settings.name}: {line}")
    tell_who(settings, {store_settings.name: [failure.path for failure in result.failed]})
    return not (result.failed or result.kept)


def _retain_archive(settings: Settings, asked: argparse.Namespace) -> int:
    from reservplan.tidying import plan_tidying, tidy

    try:
        now = datetime.now(UTC)
        tidying = plan_tidying(settings, now)
        for line in tidying.in_words(settings, asked.config or ""):
            tell(line)
        if not asked.apply:
            return FELL_SHORT if tidying.refusals else DONE
        done = tidy(settings, tidying, now=now, confirm=asked.confirm)
        tell(say(settings.language, "archive.removed", files=done.files, reports=done.reports, staging=done.staging))
    except Exception as error:
        complain(at_store("archive", error))
        return FELL_SHORT
    return DONE


def _verify(asked: argparse.Namespace) -> int:
    from reservplan.verified_notes import check_deeply
    from reservplan.watch import Verified, verify

    settings = load(asked.config)

    def read_back(store_settings: StoreSettings) -> Verified:
        if asked.deep:
            return check_deeply(store_settings, settings, datetime.now(UTC), open_store)
        return verify(open_store(store_settings), store_settings, settings)

    def say_all(store_settings: StoreSettings, found: Verified) -> bool:
        tell(f"{store_settings.name}: {found.files} files, {found.bytes} bytes read back")
        for fault in found.faults:
            complain(f"{store_settings.name}: {fault.path}: {fault.words}")
        return not found.faults

    return looked_at(settings, read_back, say_all)


def _check(asked: argparse.Namespace) -> int:
    from reservplan.check import Level, check

    settings = load(asked.config)
    worst = Level.OK
    for line in check(settings, open_store, datetime.now(UTC)):
        tell(f"{line.level.value:<8} {line.subject:<14} {line.text}")
        worst = max(worst, line.level, key=list(Level).index)
    return {Level.OK: DONE, Level.WARNING: DONE, Level.FAULT: FELL_SHORT}[worst]


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
    tell(str(file))
    return DONE
