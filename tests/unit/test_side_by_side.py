"""Several at once: their order, their faults, and an end that waits for nobody."""

import threading
import time

import pytest
from reservplan import side_by_side as module
from reservplan.side_by_side import AT_ONCE, side_by_side, stop_if_ended


def test_answers_come_in_the_order_of_the_items_however_late_each_is() -> None:
    def late(number: int) -> int:
        time.sleep(0.2 if number == 0 else 0)
        return number * 10

    assert side_by_side(range(9), late) == [number * 10 for number in range(9)]


def test_a_fault_is_its_own_items_outcome_and_the_others_have_theirs() -> None:
    def work(name: str) -> str:
        if name == "share":
            raise ValueError(name)
        return name

    share, office = side_by_side(["share", "office"], work)
    assert isinstance(share, ValueError)
    assert office == "office"


def test_none_waits_for_another_and_no_more_than_the_limit_work_at_once() -> None:
    all_there = threading.Barrier(AT_ONCE, timeout=10)
    at_work, most = 0, 0
    lock = threading.Lock()

    def work(_: int) -> bool:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        all_there.wait()
        with lock:
            at_work -= 1
        return True

    assert side_by_side(range(2 * AT_ONCE), work) == [True] * (2 * AT_ONCE)
    assert most <= AT_ONCE


def test_a_single_item_is_done_in_the_callers_own_thread() -> None:
    assert side_by_side(["share"], lambda _: threading.get_ident()) == [threading.get_ident()]
    assert side_by_side([], lambda _: 1) == []


def test_an_interruption_stops_what_looks_and_does_not_wait_for_what_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "END_SECONDS", 1.0)
    never, ended, began = threading.Event(), threading.Event(), threading.Event()

    def work(name: str) -> None:
        if name == "hangs":
            never.wait(30)
            return
        began.set()
        try:
            while True:
                stop_if_ended()
                time.sleep(0.01)
        finally:
            ended.set()

    def interrupt(*_: object) -> None:
        assert began.wait(10)
        raise KeyboardInterrupt

    begun = time.monotonic()
    joins = iter([interrupt])
    join = threading.Thread.join
    monkeypatch.setattr(threading.Thread, "join", lambda thread, *given: next(joins, join)(thread, *given))
    with pytest.raises(KeyboardInterrupt):
        side_by_side(["hangs", "writes"], work)
    never.set()
    assert ended.is_set()
    assert time.monotonic() - begun < 10
