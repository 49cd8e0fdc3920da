"""One fault tried many times: what was torn, lost and touched, what the operator was told, and how it healed."""

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import reduce
from random import Random

from reservplan.domain.names import nfc

from tests.faults.cases import Case
from tests.faults.onlooker import FOREIGN, GONE, TORN
from tests.faults.scene import MOST_RUNS_TO_HEAL, Scene

# So that the same tries are made each time, as far as the machine's own timing lets them.
SEED = 220621


@dataclass
class Row:
    """What all tries of one case came to."""

    case: Case
    tries: int = 0
    torn: int = 0
    lost: int = 0
    foreign: int = 0
    looks: int = 0
    told: Counter[str] = field(default_factory=Counter)
    runs_to_heal: int = 0
    seconds_to_heal: float = 0.0
    faults: list[str] = field(default_factory=list)
    not_healed: list[str] = field(default_factory=list)


def tried(case: Case, tries: int, scene: Scene) -> Row:
    """Try a case so many times, each time a new generation over the one that lies there."""
    row = Row(case)
    chance = Random(f"{SEED} {case.name}")  # noqa: S311 - no secret
    for _ in range(tries):
        _try(row, scene, chance)
        if case.furnish_anew or row.not_healed:
            scene.furnish()
    return row


def _try(row: Row, scene: Scene, chance: Random) -> None:
    case = row.case
    old, scene.generation = scene.generation, scene.generation.next()
    scene.kept = {}
    without = case.prepare(scene, chance) if case.prepare else ()
    foreign = scene.foreign_now()
    with scene.watched(old, without) as seen:
        told = case.provoke(scene, chance)
        scene.wire.forget()
        ended_at = time.monotonic()
        lost = [name for name in scene.neither(old) if name not in without]
        touched = scene.saved_and_lost()
        runs = _heal(scene)
        seconds = time.monotonic() - ended_at if runs else 0.0
    touched += [name for name, was in foreign.items() if scene.foreign_now().get(name) != was]
    touched += scene.saved_and_lost()
    row.tries += 1
    row.looks += seen.looks
    row.told.update(normalised(told))
    row.torn += len({name for what, name in seen.faults if what == TORN})
    row.lost += len({name for what, name in seen.faults if what == GONE} | set(lost))
    row.foreign += len({name for what, name in seen.faults if what == FOREIGN} | set(touched))
    row.faults += [f"{what}: {name}" for what, name in sorted(seen.faults)] + [f"neither: {name}" for name in lost]
    row.faults += [f"foreign: {name}" for name in touched]
    row.runs_to_heal = max(row.runs_to_heal, runs)
    row.seconds_to_heal = max(row.seconds_to_heal, seconds)
    row.not_healed += scene.not_healed()


def _heal(scene: Scene) -> int:
    """How many runs it takes until all is as if there had been no fault; none where it is so already."""
    for runs in range(MOST_RUNS_TO_HEAL):
        if not scene.not_healed():
            return runs
        scene.run().go()
    return MOST_RUNS_TO_HEAL


# What differs from machine to machine and from try to try, and what stands for it.
_VARIES = (
    (r"127\.0\.0\.1", "fileserver"),
    (r"port \d+", "port 445"),
    (r"run run-\d+ on \S+ \(process \d+, since \S+\)", "run … on … (process …, since …)"),
    (r"again \(\d of 5\)", "again (n of 5)"),
    (r"within \d+ s", "within n s"),
    (r"^share: \d{6} [^:]+: ", "share: {groups and days}: "),
    (r"\d{6} (Brukarschema|Översiktsschema) [^,]+?\.(pdf|xlsx)", "{name}"),
    (r"\{name\}(, \{name\})+", "{names}"),
    (r"\d+ files have our names", "n files have our names"),
    (r"and \d+ more", "and n more"),
    (r"\b2206\d\d(\.json|\.intent)", r"{yymmdd}\1"),
)


def normalised(told: list[str]) -> set[str]:
    """What was told, without what varies."""
    return {reduce(lambda line, varies: re.sub(*varies, line), _VARIES, nfc(line)) for line in told}
