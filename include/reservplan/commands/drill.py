"""`reservplan drill`: take some groups' lists of today from each store as a reader would, and say how it went."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reservplan.commands.terminal import COULD_NOT_RUN, DONE, FELL_SHORT, command, complain, open_store, tell
from reservplan.domain.words import say
from reservplan.settings import load


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = command(commands, "drill", _run, "open today's lists on each store as a reader would, and keep a protocol")
    parser.add_argument("--team", action="append", default=[], metavar="T", help="this group; may be given again")
    parser.add_argument("--store", metavar="NAME", default="", help="only this store")
    parser.add_argument("--copy", type=Path, metavar="DIR", help="put copies marked as a drill there, to work from")
    parser.add_argument("--seed", type=int, metavar="N", help="draw the groups by this number, not by the day")


def _run(asked: argparse.Namespace) -> int:
    from reservplan.drill_protocol import result_words
    from reservplan.drilling import Asked, copy_for_drill, drill, fault_of, keep, last_tried

    settings, now = load(asked.config), datetime.now(UTC)
    wanted = Asked(tuple(asked.team), asked.store, asked.seed)
    drilled = drill(settings, wanted, last_tried(settings), now, open_store)
    for store in drilled.stores:
        if store.away:
            complain(say(settings.language, "drill.store_away", store=store.store, what=store.away))
        for trial in store.trials:
            counts = f"{'–' if trial.visits is None else trial.visits:>5}  {trial.pages:>3}  {trial.seconds:>6.1f} s"
            tell(f"{store.store:<14} {trial.team:<22} {counts}  {result_words(trial, settings.language)}")
    if asked.copy is not None:
        for path in copy_for_drill(settings, drilled, asked.copy, open_store, now):
            tell(say(settings.language, "drill.copied", path=path))
    tell(say(settings.language, "drill.kept", path=f"{keep(drilled, settings)}.pdf"))
    if fault := fault_of(drilled, settings):
        complain(str(fault))
        return COULD_NOT_RUN if all(store.away for store in drilled.stores) else FELL_SHORT
    return DONE
