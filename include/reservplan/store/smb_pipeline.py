"""Many steps under way at once on one link, begun again where the link was lost."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from reservplan.domain.errors import StoreUnreachable
from reservplan.store.smb_link import Link, LinkLost
from reservplan.store.smb_messages import Answer, Message
from reservplan.store.smb_steps import Look, Steps

log = logging.getLogger(__name__)

T = TypeVar("T")
Work: TypeAlias = Callable[[], Steps[T]]

RECONNECTIONS = 5
FIRST_PAUSE_SECONDS = 0.3
# The server is done with the looks of so many within some milliseconds: so short is the time between look and leap.
LEAPS_AT_ONCE = 8


@dataclass
class _Flight(Generic[T]):
    """One piece of work under way: how it is begun, where it is, and the numbers of what waits for answers."""

    number: int
    begin: Work[T]
    steps: Steps[T]
    link: Link
    requests: Sequence[int] = ()
    answers: list[Answer] | None = None
    held_back: Sequence[Message] = ()  # a look that waits until nothing else is under way
    results: list[T] = field(default_factory=list)  # one when it is finished

    @property
    def waits(self) -> bool:
        return bool(self.requests) and self.answers is None

    def collect(self) -> list[Answer]:
        if self.answers is None:
            self.answers = self.link.answers(self.requests)
        return self.answers


def run_on(link: Link, work: Work[T]) -> T:
    """The result of one piece of work on this very link.

    Raises:
        LinkLost: the link is gone; nothing is begun again.
    """
    under_way = work()
    try:
        messages = next(under_way)
        while True:
            messages = under_way.send(link.answers(link.send(messages)))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


class Pipeline:
    """Runs steps on a link, `depth` of them at a time.

    Steps that come to a `Look` wait there until all others are there too, or done; then they go on, a few at a time.

    `reconnect` makes a new link, with the lock if one was held, and raises what lasts. It is asked at most
    RECONNECTIONS times between two pieces of work that get finished.
    """

    def __init__(self, link: Link, reconnect: Callable[[Link], Link], *, name: str, depth: int) -> None:
        self.link = link
        self._reconnect = reconnect
        self._name = name
        self._depth = depth
        self._tries = 0

    def run(self, work: Iterable[Work[T]]) -> Iterator[tuple[int, T]]:
        """Each piece's number and result as they get finished; work is taken from the iterable when its turn comes.

        Raises:
            StoreUnreachable: the link was lost and could not be had again.
        """
        self._tries = 0
        waiting = enumerate(work)
        again: deque[tuple[int, Work[T]]] = deque()
        flying: deque[_Flight[T]] = deque()
        while True:
            try:
                while len(flying) < self._depth and (next_one := again.popleft() if again else next(waiting, None)):
                    flying.append(flight := _Flight(*next_one, next_one[1](), self.link))
                    self._step(flight, flying)
                if not flying:
                    return
                flight = flying[0]
                if all(flight.held_back or flight.results for flight in flying):
                    self._look_and_leap([flight for flight in flying if flight.held_back])
                elif not flight.results and not flight.held_back:
                    self._step(flight, flying)
                flying.rotate(-1)
            except LinkLost:
                again.extendleft((flight.number, flight.begin) for flight in reversed(flying) if not flight.results)
                flying = deque(flight for flight in flying if flight.results)
                self._connect_again()
            for flight in [flight for flight in flying if flight.results]:
                flying.remove(flight)
                self._tries = 0
                yield flight.number, flight.results[0]

    def _step(self, flight: _Flight[T], flying: Iterable[_Flight[T]]) -> None:
        """Take the answers of the step before, if there was one, and send the next, or finish."""
        answers = flight.collect() if flight.requests else None
        flight.requests, flight.answers = (), None
        try:
            # A generator's first send must be None, whatever its type says.
            messages = flight.steps.send(answers) if answers is not None else next(flight.steps)
        except StopIteration as end:
            flight.results.append(end.value)
            return
        if isinstance(messages, Look):
            flight.held_back = messages
        else:
            self._send(flight, messages, flying)

    def _look_and_leap(self, flights: Sequence[_Flight[T]]) -> None:
        """Finish flights that wait to look, a few at a time: nothing of others stands before them in the server."""
        for start in range(0, len(flights), LEAPS_AT_ONCE):
            group = deque(flights[start : start + LEAPS_AT_ONCE])
            for flight in group:
                self._send(flight, flight.held_back, group)
                flight.held_back = ()
            while group:
                self._step(group[0], group)
                if group[0].held_back or group[0].results:
                    group.popleft()
                group.rotate(-1)

    def _send(self, flight: _Flight[T], messages: Sequence[Message], flying: Iterable[_Flight[T]]) -> None:
        self._make_room(messages, flying)
        flight.requests = flight.link.send(messages)

    def _make_room(self, messages: Sequence[Message], flying: Iterable[_Flight[T]]) -> None:
        """Wait for the answers of others until the server's credits suffice; without others, ask for more."""
        for other in flying:
            if self.link.has_room_for(messages):
                return
            if other.waits:
                other.collect()
        if not self.link.has_room_for(messages):
            self.link.ask_for_room()

    def _connect_again(self) -> None:
        while True:
            self._tries += 1
            if self._tries > RECONNECTIONS:
                raise StoreUnreachable(
                    f"{self._name}: the connection was lost {self._tries} times in a row.",
                    do="Look at the file server and the network; it is tried again by itself.",
                )
            log.warning(
                "%s: the connection was lost; connecting again (%d of %d)", self._name, self._tries, RECONNECTIONS
            )
            time.sleep(FIRST_PAUSE_SECONDS * 2 ** (self._tries - 1))
            try:
                self.link = self._reconnect(self.link)
            except StoreUnreachable:
                if self._tries == RECONNECTIONS:
                    raise
            except LinkLost:
                continue
            else:
                return
