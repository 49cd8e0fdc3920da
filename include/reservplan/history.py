"""What each look of the watch found, kept for thirteen months: group names, counts and times, and no value of a person.

One file a month (by UTC), one JSON object a line. A round has one line of its looks, and one for each incident that it
told to have begun or ended. A line that cannot be read, torn by a power cut or written by a newer version, is left out.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from reservplan.domain.days import utc_text
from reservplan.private_files import PrivateFiles
from reservplan.watch.incidents import Event, Turn
from reservplan.watch.looking import Coverage
from reservplan.watch.states import State

FOLDER = "history"
MONTHS_KEPT = 13
# In place of the names of groups: all of them.
EVERY = "*"
_ENDING = ".jsonl"

Line = dict[str, Any]


def round_lines(
    coverages: Sequence[Coverage], events: Sequence[Event], now: datetime, *, healed: int = 0
) -> tuple[Line, ...]:
    """What a round has to remember; `healed` counts the copies that are there again since they were asked for. Pure."""
    seen: Line = {"at": utc_text(now), "stores": {one.store: _store_line(one) for one in coverages}}
    if coverages:
        # The local day, so that the zone may be changed afterwards.
        seen["day"] = coverages[0].window.today.isoformat()
    if healed:
        seen["healed"] = healed
    return (seen, *(_incident_line(event, now) for event in events if event.turn in (Turn.OPENED, Turn.CLOSED)))


def append(folder: str, lines: Sequence[Line]) -> None:
    """Add lines to the history below the watch's folder, and remove the months that are older than it is kept."""
    files = _files(folder)
    by_month: dict[str, list[Line]] = {}
    for line in lines:
        by_month.setdefault(line["at"][:7], []).append(line)
    for month, some in by_month.items():
        text = "".join(f"{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n" for line in some)
        files.append_lines(f"{month}{_ENDING}", text.encode())
    if by_month:
        oldest = _months_before(max(by_month), MONTHS_KEPT)
        files.remove([name for name in files.names() if name.endswith(_ENDING) and name < oldest])


def months(folder: str) -> tuple[str, ...]:
    """The months of which anything is kept, `2026-11`, in order."""
    return tuple(name.removesuffix(_ENDING) for name in _files(folder).names() if name.endswith(_ENDING))


def read_lines(folder: str, first: date, last: date) -> list[Line]:
    """What was remembered in the months of two days and between, in order of time."""
    files = _files(folder)
    wanted = [month for month in months(folder) if f"{first:%Y-%m}" <= month <= f"{last:%Y-%m}"]
    lines = [line for month in wanted for line in _parsed(files.read_or_none(f"{month}{_ENDING}") or b"")]
    return sorted(lines, key=lambda line: str(line["at"]))


def _parsed(content: bytes) -> Iterator[Line]:
    for text in content.split(b"\n"):
        try:
            line = json.loads(text)
            datetime.fromisoformat(line["at"])
        except (ValueError, TypeError, KeyError):
            continue
        yield line


def _store_line(seen: Coverage) -> Line:
    if not seen.reachable:
        return {"away": True}
    states = Counter(covered.state for covered in seen.cells.values())
    todays = [covered for covered in seen.cells.values() if covered.cell.plan_date == seen.window.today]
    short = [covered.cell.team for covered in todays if covered.state.is_finding]
    shut = [covered.cell.team for covered in todays if covered.state is State.CLOSED]
    overdue = sum(len(finding.paths) for finding in seen.findings if finding.code == "overdue")
    line: Line = {"states": {state.value: count for state, count in sorted(states.items())}, "today": len(todays)}
    for key, teams in (("short", short), ("shut", shut)):
        if teams:
            line[key] = EVERY if len(teams) == len(todays) else sorted(teams)
    if overdue:
        line["overdue"] = overdue
    if latest := max(_captures(seen), default=None):
        line["age_minutes"] = round((seen.looked_at - latest).total_seconds() / 60)
    return line


def _captures(seen: Coverage) -> Iterable[datetime]:
    return (covered.true_at for covered in seen.cells.values() if covered.true_at is not None)


def _incident_line(event: Event, now: datetime) -> Line:
    incident = event.incident
    line: Line = {
        "at": utc_text(now),
        "incident": event.turn.value,
        "cause": incident.cause.value,
        "store": incident.store,
        "severity": incident.severity.value,
        "opened_at": utc_text(incident.opened_at),
    }
    if event.turn is Turn.CLOSED:
        line["closed_at"] = utc_text(incident.gone_at or now)
    return line


def _months_before(month: str, count: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 - count, 12)
    return f"{year:04}-{number + 1:02}"


def _files(folder: str) -> PrivateFiles:
    return PrivateFiles.at(folder, "watch.folder").below(FOLDER)
