"""Each kind of bad export tried once, in an office of its own whose copies are those of good exports."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from tests.bad_exports.mutations import Kind
from tests.bad_exports.office import NOON, Office, Outcome, good_arrival, good_export

AN_HOUR = timedelta(hours=1)


class Trials:
    """Outcomes by kind, worked out when they are asked for; nothing of the offices is left but these."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._outcomes: dict[str, Outcome] = {}

    @cached_property
    def office(self) -> Office:
        """Where yesterday's and this morning's good exports have been published; the others are copies of it."""
        office = Office.with_folder(self.root / "office")
        office.publish_the_good()
        return office

    @cached_property
    def good(self) -> Outcome:
        """What becomes of the good export of the same moment."""
        return self._in_a_copy("good", lambda office: office.run(good_arrival(NOON)))

    def outcome(self, kind: Kind) -> Outcome:
        """What becomes of a kind."""
        if kind.name not in self._outcomes:
            self._outcomes[kind.name] = self._in_a_copy(kind.name, lambda office: tried(office, kind))
        return self._outcomes[kind.name]

    def _in_a_copy(self, name: str, run: Callable[[Office], Outcome]) -> Outcome:
        root = self.root / name
        try:
            return run(self.office.copied_to(Office.with_folder(root)))
        finally:
            shutil.rmtree(root)


def tried(office: Office, kind: Kind) -> Outcome:
    """A kind arrives at an office; what must be there before it, an hour earlier."""
    if kind.after is not None:
        office.run(kind.after(good_export(NOON - AN_HOUR)), NOON - AN_HOUR)
    return office.run(kind.mutate(good_export(NOON)), NOON)
