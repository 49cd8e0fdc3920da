"""How many visits each group had in earlier weeks, as those weeks' own good exports tell: the store's memory."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from reservplan.domain.counts import Count, Counts
from reservplan.domain.plan import Cell
from reservplan.domain.verdict import Verdict
from reservplan.extract.demo import OTHER_ROWS, export_bytes

WEEKS_OF_HISTORY = 5


def usual_counts(teams: Sequence[str], days: Sequence[date], seed: int) -> Counts:
    """The counts of the same weekdays in the weeks before a run of days."""
    counted: dict[Cell, Count | None] = {}
    for weeks in range(1, WEEKS_OF_HISTORY + 1):
        earlier = [day - timedelta(weeks=weeks) for day in days]
        content = export_bytes(teams, min(earlier), max(earlier), min(earlier), seed)
        counted |= dict(_counts(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")))
    return Counts().updated(counted, date.min)


def _counts(rows: Iterable[dict[str, str]]) -> Iterator[tuple[Cell, Count]]:
    hours: dict[Cell, Counter[int]] = {}
    for row in rows:
        if row["Insatser"] not in OTHER_ROWS and row["Status"] == "Planerat":
            cell = Cell(date.fromisoformat(row["Datum"]), row["Grupp"])
            hours.setdefault(cell, Counter())[int(row["Starttid"][:2])] += 1
    for cell, counter in hours.items():
        by_hour = tuple(counter[hour] for hour in range(24))
        yield cell, Count(visits=counter.total(), verdict=Verdict.COMPLETE, by_hour=by_hour)
