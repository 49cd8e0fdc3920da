"""`reservplan watch`: one round of the watch, for sites that start it without Airflow, and for hands."""

import argparse
from datetime import UTC, datetime
from functools import partial
from typing import Any

from reservplan.commands.terminal import COULD_NOT_RUN, DONE, FELL_SHORT, command, complain, open_store, tell
from reservplan.domain.errors import StoreBusy
from reservplan.domain.unexpected import without_words
from reservplan.domain.words import cell_words, say
from reservplan.settings import Settings, load
from reservplan.watch.healing import HealingPlan


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = command(commands, "watch", _run, "look at every store, tell what is wrong, make again what is gone")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be told and made; nothing is sent or remembered"
    )


def _run(asked: argparse.Namespace) -> int:
    from reservplan.channels import channel_from_environment
    from reservplan.watch.heartbeat import address_from_environment
    from reservplan.watch.memory import FileMemory
    from reservplan.watching import Hands, settle_all, watch_round

    settings = load(asked.config)
    now = datetime.now(UTC)
    if asked.dry_run:
        return _show(settings, now)
    settle_all(settings, open_store, f"watch__{now:%Y-%m-%dT%H%M%SZ}", now.astimezone(settings.zone), tell)
    hands = Hands(
        open_store=open_store,
        memory=FileMemory(settings.watch.folder),
        resolve=channel_from_environment,
        # Each store's own lock tells whether a run is at work there.
        run_active=lambda: False,
        ask_again=partial(_make, settings, now),
        say=tell,
        heartbeat_address=lambda: address_from_environment(named) if (named := settings.watch.heartbeat) else "",
    )
    try:
        done = watch_round(settings, hands, now)
    except StoreBusy as busy:
        tell(str(busy))
        return DONE
    for cell in done.asked:
        tell(say(settings.language, "heal.asked", cell=cell_words(settings.language, cell)))
    for alert in done.told:
        tell(say(settings.language, "watch.told", subject=alert.subject))
    for fault in done.faults:
        complain(fault)
    for problem in done.problems:
        for words in problem.words:
            tell(f"{say(settings.language, f'watch.{problem.severity}')} {words}")
    if not any(one.reachable for one in done.coverages):
        return COULD_NOT_RUN
    return FELL_SHORT if done.problems or done.faults else DONE


def _make(settings: Settings, now: datetime, plan: HealingPlan) -> None:
    from reservplan.healing_run import heal

    try:
        result = heal(settings, plan.cells, now, open_store, tell)
    except Exception as error:
        # The try counts; what is still not there is told by the rounds to come.
        complain(str(without_words(error)))
        return
    for shortfall in dict.fromkeys(result.fell_short):
        complain(shortfall)


def _show(settings: Settings, now: datetime) -> int:
    """What a round would tell, and make again."""
    from reservplan.watch.memory import FileMemory
    from reservplan.watching import preview

    shown = preview(settings, open_store, FileMemory(settings.watch.folder), now)
    for alert in shown.told:
        tell(f"{alert.subject}\n\n{alert.plain}")
    for cell in shown.asked:
        tell(say(settings.language, "heal.asked", cell=cell_words(settings.language, cell)))
    return FELL_SHORT if shown.problems else DONE
