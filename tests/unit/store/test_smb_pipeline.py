"""The order in which a pipeline asks, on a link that only notes it."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from reservplan.store.smb_link import LinkLost
from reservplan.store.smb_messages import Answer, Message
from reservplan.store.smb_pipeline import LEAPS_AT_ONCE, Pipeline
from reservplan.store.smb_steps import Look, Steps

OK = Answer(0, b"")


class Noting:
    """A link that answers everything, and breaks at the sending of one number."""

    def __init__(self, breaks_at: int = -1) -> None:
        self.sent: list[str] = []
        self.breaks_at = breaks_at

    def has_room_for(self, _: Sequence[Message]) -> bool:
        return True

    def send(self, messages: Sequence[Any]) -> list[int]:
        if len(self.sent) == self.breaks_at:
            self.breaks_at = -1
            raise LinkLost
        self.sent.append(" ".join(messages))
        return [len(self.sent)]

    def answers(self, numbers: Sequence[int]) -> list[Answer]:
        return [OK for _ in numbers]


def careful(number: int) -> Steps[int]:
    yield [f"write {number}"]
    yield Look([f"look {number}"])
    yield [f"leap {number}"]
    return number


def plain(number: int) -> Steps[int]:
    yield [f"write {number}"]
    yield [f"leap {number}"]
    return number


def run(link: Noting, works: Sequence[Any], depth: int) -> list[int]:
    pipeline = Pipeline(link, lambda _: link, name="share", depth=depth)  # type: ignore[arg-type]
    return sorted(result for _, result in pipeline.run(works))


def between(sent: Sequence[str], number: int) -> Iterator[str]:
    """What was asked between a flight's last look and its leap."""
    leap = len(sent) - 1 - sent[::-1].index(f"leap {number}")
    look = leap - sent[:leap][::-1].index(f"look {number}")
    yield from sent[look:leap]


@pytest.mark.parametrize("depth", [1, 3, 16, 32])
@pytest.mark.parametrize("breaks_at", [-1, 5, 40, 70, 90])
def test_between_a_look_and_its_leap_only_a_few_others_look_and_leap(
    depth: int, breaks_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reservplan.store.smb_pipeline.FIRST_PAUSE_SECONDS", 0)
    link = Noting(breaks_at)
    works = [partial(plain if number % 5 == 0 else careful, number) for number in range(50)]
    assert run(link, works, depth) == list(range(50))
    for number in range(50):
        if number % 5:
            others = list(between(link.sent, number))
            assert not any(said.startswith("write") for said in others)
            assert len(others) < 2 * LEAPS_AT_ONCE


def test_many_are_under_way_before_the_first_looks() -> None:
    link = Noting()
    run(link, [partial(careful, number) for number in range(40)], 16)
    assert [said.split()[0] for said in link.sent[:17]] == ["write"] * 16 + ["look"]
