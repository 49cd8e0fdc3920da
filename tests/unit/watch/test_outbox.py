"""What is to be told reaches somebody: at least once, and by one watch only."""

import json
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.domain.alerts import Alert, Severity
from reservplan.watch.incidents import Incident
from reservplan.watch.memory import MOST_CHARACTERS
from reservplan.watch.outbox import MOST_LETTERS, Outbox
from reservplan.watch.problems import Cause

from tests.unit.watch.lookout import TEN

NOW = TEN.astimezone(UTC)
MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The process ends here."""


class Shelf:
    """A memory as Airflow's is: JSON values of a limited length; it may end the process before the n-th write."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.writes_left: int | None = None

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def get(self, key: str) -> Any | None:
        return json.loads(self.values[key]) if key in self.values else None

    def set(self, key: str, value: Any) -> None:
        if self.writes_left == 0:
            raise Killed
        if self.writes_left is not None:
            self.writes_left -= 1
        text = json.dumps(value)
        assert len(text) < MOST_CHARACTERS
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = text


def alert(subject: str = "Planen ej sparad", **changes: Any) -> Alert:
    return Alert(subject, "plain", "<html>", Severity.CRITICAL, "short", **changes)


def incident(store: str = "share", **changes: Any) -> Incident:
    return Incident(
        cause=Cause.NOT_SAVED, store=store, severity=Severity.CRITICAL, opened_at=NOW, seen_at=NOW, **changes
    )


def subjects(outbox: Outbox, after: timedelta = timedelta()) -> list[str]:
    return [letter.alert.subject for letter in outbox.waiting(NOW + after)]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_an_alert_and_its_incident_come_back_as_they_were(shelf: Shelf) -> None:
    told = incident(told_at=NOW, teams=("Ätran",), cells=4, days=(TEN.date(),))
    Outbox(shelf).remember([told], [alert()], NOW)
    later = Outbox(shelf)
    assert later.incidents() == (told,)
    assert [letter.alert for letter in later.waiting(NOW)] == [alert()]


def test_what_was_delivered_is_dropped_and_leaves_nothing(shelf: Shelf) -> None:
    outbox = Outbox(shelf)
    outbox.remember([], [alert("a"), alert("b")], NOW)
    first, second = outbox.waiting(NOW)
    assert outbox.claim(first, NOW)
    outbox.sent(first)
    assert subjects(outbox) == ["b"]
    assert outbox.claim(second, NOW)
    outbox.sent(second)
    assert (subjects(outbox), [key for key in shelf.values if key.startswith("letter")]) == ([], [])


def test_what_nobody_took_is_tried_again_in_the_next_round_in_its_order(shelf: Shelf) -> None:
    outbox = Outbox(shelf)
    outbox.remember([], [alert("a")], NOW)
    (letter,) = outbox.waiting(NOW)
    assert outbox.claim(letter, NOW)
    outbox.release(letter)
    later = Outbox(shelf)
    later.remember([], [alert("b")], NOW)
    assert subjects(later) == ["a", "b"]


def test_what_another_watch_is_sending_is_left_to_it_for_ten_minutes(shelf: Shelf) -> None:
    one, other = Outbox(shelf), Outbox(shelf)
    one.remember([], [alert()], NOW)
    (letter,) = one.waiting(NOW)
    (same,) = other.waiting(NOW)
    assert one.claim(letter, NOW)
    assert not other.claim(same, NOW)
    assert subjects(other, 9 * MINUTE) == []
    assert subjects(other, 10 * MINUTE) == [alert().subject], "it crashed while sending"
    assert other.claim(same, NOW + 10 * MINUTE)
    assert not one.claim(letter, NOW + 11 * MINUTE), "and is not sent by both when it wakes up"


def test_what_another_watch_has_sent_is_not_sent_again(shelf: Shelf) -> None:
    one, other = Outbox(shelf), Outbox(shelf)
    one.remember([], [alert()], NOW)
    (letter,) = other.waiting(NOW)
    assert one.claim(letter, NOW)
    one.sent(letter)
    assert not other.claim(letter, NOW + 20 * MINUTE)


def test_of_too_many_the_oldest_are_dropped_and_counted(shelf: Shelf) -> None:
    outbox = Outbox(shelf)
    for n in range(MOST_LETTERS + 3):
        outbox.remember([], [alert(str(n))], NOW)
    assert (len(subjects(outbox)), subjects(outbox)[0], outbox.dropped) == (MOST_LETTERS, "3", 3)


def test_a_long_alert_and_many_incidents_fit(shelf: Shelf) -> None:
    groups = tuple(f"Åäögrupp {n}" for n in range(400))
    incidents = [incident(f"store{n}", teams=groups) for n in range(20)]
    long = Alert("s", "å" * 90_000, "\N{SNOWMAN}" * 50_000, Severity.INFO)
    Outbox(shelf).remember(incidents, [long], NOW)
    assert Outbox(shelf).incidents() == tuple(incidents)
    assert [letter.alert for letter in Outbox(shelf).waiting(NOW)] == [long]


def test_a_memory_with_nonsense_in_it_is_an_empty_one(shelf: Shelf) -> None:
    shelf.set("outbox", {"letters": "nonsense"})
    outbox = Outbox(shelf)
    assert (outbox.incidents(), outbox.waiting(NOW)) == ((), ())
    outbox.remember([incident()], [alert()], NOW)
    assert (len(outbox.incidents()), len(outbox.waiting(NOW))) == (1, 1)


@given(st.integers(0, 40))
def test_wherever_a_round_is_killed_incident_and_alert_are_both_there_or_neither(writes: int) -> None:
    shelf = Shelf()
    Outbox(shelf).remember([incident("before")], [alert("before")], NOW)
    shelf.writes_left = writes
    try:
        outbox = Outbox(shelf)
        outbox.remember(
            [incident("after")],
            [
                alert(
                    "after",
                ),
                alert("more"),
            ],
            NOW,
        )
        for letter in outbox.waiting(NOW):
            if outbox.claim(letter, NOW):
                outbox.sent(letter)
    except Killed:
        pass
    shelf.writes_left = None
    later = Outbox(shelf)
    (remembered,) = later.incidents()
    waiting = subjects(later, 10 * MINUTE)
    if remembered.store == "before":
        assert waiting == ["before"]
    else:
        assert waiting == ["before", "after", "more"][3 - len(waiting) :], "sent in order, nothing lost"
