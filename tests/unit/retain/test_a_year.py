"""Day by day, with outages, late runs, wrong clocks and hands: no day in the window is lost, none stays too long."""

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.unit.retain.year import DAY, HOUR, Place, Trouble, live_through, troubles

# Over the night to summer time.
FIRST = date(2026, 3, 8)
SIX_WEEKS = {
    2: Trouble("edit"),
    4: Trouble("store", 2),
    7: Trouble("take"),
    17: Trouble("clock", off=5 * HOUR),
    18: Trouble("put_back"),
    19: Trouble("clock", off=365 * DAY),
    21: Trouble("clocks", off=3 * DAY),
    23: Trouble("clocks", off=-20 * DAY),
    25: Trouble("late"),
    27: Trouble("cut_off"),
    29: Trouble("source", 2),
    33: Trouble("machine", 8),
}


def test_six_weeks_in_which_everything_goes_wrong_once(tmp_path: Path) -> None:
    place = Place(tmp_path / "share", random.Random(6))  # noqa: S311 - a story, no secret
    live_through(place, FIRST, 45, SIX_WEEKS)
    refused = dict(place.refused)
    assert refused[FIRST + 17 * DAY] == ("clock",)
    assert refused[FIRST + 19 * DAY][0] == "clock"
    assert "stale" in refused[FIRST + 21 * DAY]
    assert "backwards" in refused[FIRST + 23 * DAY]
    assert refused[FIRST + 41 * DAY] == ("pause", "many")
    assert place.confirmed == 1
    assert len(place.noted()) >= 29 * 2 * 4 - 2, "what went is on record"


@pytest.mark.long
@pytest.mark.parametrize(("seed", "layout"), [(0, "flat"), (1, "stick"), (2, "by-team")])
def test_a_year_in_which_anything_goes_wrong_at_any_time(tmp_path: Path, seed: int, layout: str) -> None:
    chance = random.Random(seed)  # noqa: S311 - a story, no secret
    place = Place(tmp_path / "share", chance, layout)
    live_through(place, FIRST, 365, troubles(chance, 365))
    assert place.confirmed >= 1
    assert place.published
    assert FIRST + timedelta(days=365) > max(day for day, _ in place.refused)
