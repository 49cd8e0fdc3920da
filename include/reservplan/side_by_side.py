"""Several things at once, so that one that does not answer keeps no other waiting; ended together when the run ends."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
T = TypeVar("T")

# Stores wait for the network, not for this machine; each has a connection and a few files in memory.
AT_ONCE = 4
# So long what is under way may take to end by itself when the run is ended; then the process ends over it.
END_SECONDS = 5.0

_of_thread = threading.local()


class Ended(BaseException):
    """The run has been ended from outside; raised in the threads that still work for it."""


def side_by_side(items: Sequence[Item], work: Callable[[Item], T]) -> list[T | Exception]:
    """What came of each item, in the order of the items: what `work` returned, or the fault that it raised.

    At most `AT_ONCE` at a time, each in a thread of its own; a single one is done in the caller's. Where the caller is
    interrupted, the others are asked to stop (see `stop_if_ended`).
    """
    if len(items) == 1:
        return [_outcome(work, items[0])]
    outcomes: dict[int, T | Exception] = {}
    waiting: SimpleQueue[tuple[int, Item]] = SimpleQueue()
    for numbered in enumerate(items):
        waiting.put(numbered)
    ended = threading.Event()

    def keep_busy() -> None:
        _of_thread.ended = ended
        try:
            while not ended.is_set():
                number, item = waiting.get_nowait()
                outcomes[number] = _outcome(work, item)
        except (Empty, Ended):
            return

    # Daemons: a server that hangs must not keep a process alive that somebody has ended.
    threads = [threading.Thread(target=keep_busy, daemon=True) for _ in range(min(AT_ONCE, len(items)))]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        ended.set()
        last = time.monotonic() + END_SECONDS
        for thread in threads:
            thread.join(max(0.0, last - time.monotonic()))
        raise
    return [outcomes[number] for number in range(len(items))]


def stop_if_ended() -> None:
    """Called now and then by what works for long: raises Ended where the run that it works for has been ended."""
    ended: threading.Event | None = getattr(_of_thread, "ended", None)
    if ended is not None and ended.is_set():
        raise Ended


def _outcome(work: Callable[[Item], T], item: Item) -> T | Exception:
    try:
        return work(item)
    except Exception as fault:
        return fault
