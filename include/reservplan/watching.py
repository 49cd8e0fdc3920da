"""One round of the watch: look at every store, name the causes, ask again, tell, leave a trace, remember.

What differs between an orchestrator and the command is handed over as `Hands`. A part that goes wrong stops no other:
it is said at the end, and the heartbeat tells it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from reservplan.channels import ChannelFacts, channel_from_environment, deliver
from reservplan.domain.alerts import Alert, Severity
from reservplan.domain.errors import ReservplanError, StoreRefused
from reservplan.domain.names import stood_in_for
from reservplan.domain.plan import Cell
from reservplan.domain.unexpected import at_store, without_words
from reservplan.domain.words import say as in_words
from reservplan.history import append, round_lines
from reservplan.publish import settle
from reservplan.run_notes import RunNotes
from reservplan.run_stores import StoreOpener
from reservplan.settings import Settings, StoreSettings
from reservplan.side_by_side import side_by_side
from reservplan.store.owner_files import who_has_open
from reservplan.telling import open_words
from reservplan.verified_notes import read_verified
from reservplan.watch import Coverage, coverage
from reservplan.watch.airflow_health import Health, airflow_health, health_problems
from reservplan.watch.diagnosis import Answer, Probed, diagnose
from reservplan.watch.expected import window_of
from reservplan.watch.findings import unreachable
from reservplan.watch.healing import HealingPlan, Tried, healing_problems, plan_healing, recall_tried, remember_tried
from reservplan.watch.heartbeat import Heartbeat
from reservplan.watch.incidents import Event, Followed, Incident, follow
from reservplan.watch.memory import Memory
from reservplan.watch.messages import message_of
from reservplan.watch.outbox import Outbox
from reservplan.watch.probing import probe
from reservplan.watch.problems import Cause, Problem, problems
from reservplan.watch.trace import leave_trace
from reservplan.watch.verified import with_verified

T = TypeVar("T")

NOTES = "notes"
# A cell that one of these concerns is not told once more for having been asked for in vain.
_SAYS_WHY = (Cause.NOT_SAVED, Cause.STORE_AWAY, Cause.INCOMPLETE, Cause.RECORD)


@dataclass(frozen=True)
class Hands:
    """What a round needs of whoever runs it.

    `resolve` finds a channel by its connection's name. `run_active` says whether a run is writing or waits to.
    `ask_again` starts a run for a plan's cells. `why_not_saved` is a code of why the day's snapshot has not come, where
    somebody knows. `heartbeat_address` gives the address that is told of each round, empty where nobody listens.
    """

    open_store: StoreOpener
    memory: Memory
    resolve: Callable[[str], ChannelFacts]
    run_active: Callable[[], bool]
    ask_again: Callable[[HealingPlan], None]
    say: Callable[[str], None]
    heartbeat_address: Callable[[], str] = str
    why_not_saved: Callable[[], str] = str


@dataclass
class Round:
    """What a round has found and done; `faults` say what it could not do."""

    coverages: list[Coverage] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    followed: Followed | None = None
    told: list[Alert] = field(default_factory=list)
    untold: int = 0
    asked: tuple[Cell, ...] = ()
    healed: tuple[Cell, ...] = ()
    faults: list[str] = field(default_factory=list)


def watch_round(settings: Settings, hands: Hands, now: datetime) -> Round:
    """One round; `now` is the aware present.

    Raises:
        StoreBusy: another watch is at work.
    """
    with hands.memory.turn():
        return _Watching(settings, hands, now).round()


def preview(settings: Settings, open_store: StoreOpener, memory: Memory, now: datetime) -> Round:
    """What a round would find, tell and ask for; nothing is sent, asked for, remembered or left."""
    return _Watching(settings, _looking_only(open_store, memory), now).preview()


def _looking_only(open_store: StoreOpener, memory: Memory) -> Hands:
    def nothing(_: object) -> None:
        """A preview asks for nothing."""

    return Hands(open_store, memory, channel_from_environment, lambda: False, nothing, nothing)


class _Watching:
    def __init__(self, settings: Settings, hands: Hands, now: datetime) -> None:
        self.settings = settings
        self.hands = hands
        self.now = now
        self.done = Round()
        self.health = Health()
        # What is sent in place of what is remembered: a person's name is kept nowhere.
        self.naming: dict[Alert, Alert] = {}

    def round(self) -> Round:
        heartbeat = Heartbeat(self._try("heartbeat", self.hands.heartbeat_address) or "")
        heartbeat.start()
        self.look()
        tried = recall_tried(self.hands.memory)
        plan = self.plan(tried)
        remember_tried(self.hands.memory, tried, plan.tried)
        self.done.healed = tuple(cell for cell in tried if cell not in plan.tried)
        self.name_causes(plan)
        # Somebody who prints is told before anything is made, which may take long; what is asked for is remembered
        # already, so that it is never asked for without end.
        self.tell()
        self.ask(plan)
        self._try("trace", self.leave_traces)
        self._try("history", self.remember_round)
        told_all = not self.done.untold
        heard = heartbeat.success() if told_all and not self.done.faults else heartbeat.fail()
        if not heard:
            self.done.faults.append(in_words(self.settings.language, "watch.heartbeat_unheard"))
        return self.done

    def preview(self) -> Round:
        self.look()
        plan = self.plan(recall_tried(self.hands.memory))
        self.name_causes(plan)
        self.done.asked = plan.cells
        self.done.told = self.alerts(self.follow(Outbox(self.hands.memory)))
        return self.done

    def look(self) -> None:
        """Look at every store as it is now, with what the last deep check knows better."""
        verified = self._try("verified", lambda: read_verified(self.settings.watch.folder)) or {}
        found = look_at_all(self.settings, self.hands.open_store)
        self.done.coverages = [with_verified(one, verified.get(one.store), self.settings) for one in found]

    def plan(self, tried: Tried) -> HealingPlan:
        """Decide what to ask for again."""
        # Where nobody knows whether a run is at work, one may be.
        active = self._try("runs", self.hands.run_active)
        return plan_healing(
            self.done.coverages,
            tried,
            self.settings,
            self.now,
            run_active=active is None or active,
            behind=self._were_away(),
        )

    def _were_away(self) -> set[str]:
        """The stores of which the look before told, or was about to tell, that they cannot be reached."""
        remembered = Outbox(self.hands.memory).incidents()
        return {one.store for one in remembered if one.cause is Cause.STORE_AWAY and one.gone_at is None}

    def name_causes(self, plan: HealingPlan) -> None:
        """What is wrong, by cause; what was asked for in vain is told once, by the cause that says why."""
        notes = self._try("notes", RunNotes(f"{self.settings.watch.folder}/{NOTES}").all) or ()
        found = problems(self.done.coverages, notes, self.settings, self.now)
        explained = {(one.store, cell) for one in found if one.cause in _SAYS_WHY for cell in one.cells}
        in_vain = healing_problems(plan, self.settings, self.now)
        self.health = airflow_health(self.settings.watch.airflow)
        self.done.problems = (
            *found,
            *(one for one in in_vain if any((one.store, cell) not in explained for cell in one.cells)),
            *health_problems(self.health, self.settings),
        )

    def ask(self, plan: HealingPlan) -> None:
        """Ask for what is gone or damaged."""
        if plan.left:
            self.hands.say(in_words(self.settings.language, "heal.left", count=plan.left))
        if plan.cells:
            self.done.asked = plan.cells
            self._try("ask", lambda: self.hands.ask_again(plan))

    def tell(self) -> None:
        """Turn problems into incidents, and tell what is to be told; what nobody took is tried again next round."""
        outbox = Outbox(self.hands.memory)
        followed = self.follow(outbox)
        outbox.remember(followed.incidents, self.alerts(followed), self.now)
        for letter in outbox.waiting(self.now):
            if not outbox.claim(letter, self.now):
                continue
            if self._deliver(self.naming.get(letter.alert, letter.alert)):
                outbox.sent(letter)
                self.done.told.append(letter.alert)
            else:
                outbox.release(letter)
                self.done.untold += 1

    def follow(self, outbox: Outbox) -> Followed:
        """What becomes of the incidents by what was found."""
        unseen = {one.store for one in self.done.coverages if not one.reachable}
        self.done.followed = follow(outbox.incidents(), self.done.problems, unseen, self.settings, self.now)
        return self.done.followed

    def alerts(self, followed: Followed) -> list[Alert]:
        """The messages of what has happened; where something is wrong, what else answers is asked first."""
        causes = {event.problem.cause for event in followed.events if event.problem is not None}
        probed = self._try("probe", self._probe) if causes else None
        run = self._try("run", self.hands.why_not_saved) if Cause.NOT_SAVED in causes else None
        return [self._alert(event, probed or Probed(), run or "") for event in followed.events]

    def _probe(self) -> Probed:
        return probe(self.settings, {one.store: _answer_of(one) for one in self.done.coverages}, self.health)

    def _alert(self, event: Event, probed: Probed, run: str) -> Alert:
        problem = event.problem
        tell = partial(
            message_of,
            event,
            diagnose(problem, probed, self.settings, self.now, run=run) if problem else None,
            self.settings,
            self.now,
            healing=problem.heals if problem else self._has_healed(event.incident),
            coverages=self.done.coverages,
        )
        alert = tell()
        if problem is not None and (who := self._who_has_open(problem)):
            self.naming[alert] = tell(open_files=who)
        return alert

    def _who_has_open(self, problem: Problem) -> list[str]:
        """Who has the files open that keep copies from their names, in words; asked only now."""
        of_store = next((store for store in self.settings.stores if store.name == problem.store), None)
        if problem.cause is not Cause.OPEN or of_store is None:
            return []
        # Nobody must be without the alert for want of a name.
        with suppress(Exception), self.hands.open_store(of_store) as store:
            who = who_has_open(store, [stood_in_for(path) for path in problem.paths])
            return open_words(of_store.name, who, self.settings.language)
        return []

    def _has_healed(self, incident: Incident) -> bool:
        """Whether copies that it concerned were asked for again, and are well."""
        return any(cell.team in incident.teams and cell.plan_date in incident.days for cell in self.done.healed)

    def _deliver(self, alert: Alert) -> bool:
        alerts = self.settings.alerts
        names, others = alerts.critical, alerts.info
        if alert.severity is not Severity.CRITICAL:
            names, others = others, names
        if not names and not others:
            self.done.faults.append(in_words(self.settings.language, "check.alerts"))
            return True
        delivery = deliver(alert, names, self.hands.resolve, others=others)
        self.done.faults += [f"{missed.name}: {missed.told or missed.fault}" for missed in delivery.failed]
        return bool(delivery.sent)

    def leave_traces(self) -> None:
        """Say on every store that can be reached that it was looked at, and when."""
        reachable = {one.store: one for one in self.done.coverages if one.reachable}

        def leave(of_store: StoreSettings) -> None:
            found = reachable[of_store.name]
            with self.hands.open_store(of_store) as store:
                leave_trace(store, found.looked_at, self.settings, good=found.good)

        stores = [store for store in self.settings.stores if store.name in reachable]
        for of_store, fault in zip(stores, side_by_side(stores, leave), strict=True):
            if isinstance(fault, Exception):
                self.done.faults.append(at_store(of_store.name, fault))

    def remember_round(self) -> None:
        """Append what was seen and told to the history."""
        followed = self.done.followed
        append(
            self.settings.watch.folder,
            round_lines(
                self.done.coverages, followed.events if followed else (), self.now, healed=len(self.done.healed)
            ),
        )

    def _try(self, part: str, do: Callable[[], T]) -> T | None:
        """What `do` gives; None, and a fault of the round, where it cannot."""
        try:
            return do()
        except Exception as error:
            self.done.faults.append(f"{part}: {without_words(error)}")
            return None


def look_at_all(settings: Settings, open_store: StoreOpener) -> list[Coverage]:
    """Every store as it is now, side by side; one that cannot be opened is away."""

    def look(of_store: StoreSettings) -> Coverage:
        # The time is taken anew for each: a store that answers late must not make another's clock look wrong.
        return coverage(open_store(of_store), of_store, settings, datetime.now(UTC))

    return [
        found if isinstance(found, Coverage) else _unseen(of_store, found, settings)
        for of_store, found in zip(settings.stores, side_by_side(settings.stores, look), strict=True)
    ]


def _answer_of(found: Coverage) -> Answer:
    if found.reachable:
        return Answer.OK
    return Answer.WRONG if found.refused else Answer.REFUSED


def _unseen(of_store: StoreSettings, fault: Exception, settings: Settings) -> Coverage:
    now = datetime.now(UTC)
    finding = unreachable(of_store.name, without_words(fault), settings)
    refused = isinstance(fault, StoreRefused)
    return Coverage(of_store.name, of_store.shown_as, now, window_of(settings, now), {}, (finding,), refused=refused)


def settle_all(
    settings: Settings, open_store: StoreOpener, run_id: str, now: datetime, say: Callable[[str], None]
) -> dict[str, int]:
    """Put copies that stand in for open files in their place, at every store that can be reached; `now` is local."""
    settled, waiting = 0, 0
    for of_store in settings.stores:
        try:
            with open_store(of_store) as store:
                done = settle(store, of_store, window_of(settings, now), run_id, at=now)
        except ReservplanError as error:
            say(at_store(of_store.name, error))
            continue
        settled, waiting = settled + done.settled, waiting + len(done.waiting)
        for path in done.waiting:
            say(f"{of_store.name}: {path} is still open or protected; the new copy lies beside it.")
    return {"settled": settled, "waiting": waiting}
