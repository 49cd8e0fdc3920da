"""`reservplan report`: a month on one page for the manager, on paper and on a screen."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from reservplan.commands.terminal import DONE, command, tell
from reservplan.domain.days import ONE_DAY, local_day
from reservplan.domain.words import say
from reservplan.settings import load


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = command(commands, "report", _run, "a month's proof on one page: copies, gaps, deletions, drills")
    parser.add_argument("--month", type=_month, metavar="YYYY-MM", help="default: the last whole one")
    parser.add_argument(
        "--folder", type=Path, default=Path(), metavar="DIR", help="where to write it (default: the current folder)"
    )


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no month, for example 2026-11") from None


def _run(asked: argparse.Namespace) -> int:
    from reservplan.month_report import month_html, month_pdf, read_month

    settings, now = load(asked.config), datetime.now(UTC)
    first = asked.month or (local_day(now, settings.zone).replace(day=1) - ONE_DAY).replace(day=1)
    month = read_month(settings, first, now)
    asked.folder.mkdir(parents=True, exist_ok=True)
    for ending, content in ((".pdf", month_pdf(month, settings)), (".html", month_html(month, settings))):
        path = asked.folder / f"Reservplan {first:%Y-%m}{ending}"
        path.write_bytes(content)
        tell(str(path))
    if month.running:
        tell(say(settings.language, "month.running"))
    return DONE
