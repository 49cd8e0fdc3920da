"""How many visits a group usually has on such a day: what a planner would remember, read from the stores' counts. Pure.

A public holiday is planned as a Sunday is, so it is compared with Sundays, and counts as one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import median

from reservplan.domain.counts import Count, Counts
from reservplan.domain.plan import Cell

SUNDAY = 6
HOURS = 24


@dataclass(frozen=True)
class Usual:
    """What the earlier days of one kind had, the fewest first; `by_hour` is the median of each hour, or empty.

    `holiday` says that the day itself is a public holiday, and so was compared with Sundays.
    """

    visits: tuple[int, ...] = ()
    by_hour: tuple[float, ...] = ()
    holiday: bool = False

    @property
    def median(self) -> float:
        """The median of the samples; 0 where there is none."""
        return median(self.visits) if self.visits else 0


def usual_of(
    cells: Collection[Cell],
    counts: Counts,
    active_from: Mapping[str, date | None],
    country: str,
    hour_samples: int,
) -> dict[Cell, Usual]:
    """What each cell's group usually has on such a day.

    Samples are whole copies of earlier days of the same kind (never the day itself or a later one, so that a day that
    is judged again is judged as before), none from before the group's `active_from`. Hours need `hour_samples` of them.
    """
    samples: dict[tuple[str, int], list[tuple[date, Count]]] = {}
    for plan_date, teams in sorted(counts.cells.items()):
        kind = kind_of_day(plan_date, country)
        for team, count in teams.items():
            since = active_from.get(team)
            if count.verdict.whole and (since is None or plan_date >= since):
                samples.setdefault((team, kind), []).append((plan_date, count))
    return {cell: _usual(cell, samples, country, hour_samples) for cell in cells}


def _usual(
    cell: Cell, samples: Mapping[tuple[str, int], Sequence[tuple[date, Count]]], country: str, hour_samples: int
) -> Usual:
    of_kind = samples.get((cell.team, kind_of_day(cell.plan_date, country)), ())
    before = [count for day, count in of_kind if day < cell.plan_date]
    with_hours = [count.by_hour for count in before if len(count.by_hour) == HOURS]
    by_hour = tuple(map(median, zip(*with_hours, strict=True))) if len(with_hours) >= hour_samples else ()
    return Usual(
        visits=tuple(sorted(count.visits for count in before)),
        by_hour=by_hour,
        holiday=is_holiday(cell.plan_date, country),
    )


def kind_of_day(day: date, country: str) -> int:
    """The weekday, Monday 0; a public holiday is a Sunday."""
    return SUNDAY if is_holiday(day, country) else day.weekday()


def is_holiday(day: date, country: str) -> bool:
    """Whether the day is a public holiday there, or kept as one (Midsummer Eve, Christmas Eve, New Year's Eve)."""
    return bool(country) and day in _holidays(country, day.year)


@lru_cache(maxsize=32)
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays  # a tenth of a second, and only who judges needs it

    kinds = holidays.country_holidays(country).supported_categories
    kept = tuple(kind for kind in ("public", "de_facto") if kind in kinds)
    return frozenset(holidays.country_holidays(country, years=year, categories=kept))
