"""What is to be told, kept until it was: a crash between deciding and sending loses nothing.

At least once: what was sent just before a crash is sent once more. Never by two watches: each letter is claimed before
it is sent. The incidents are remembered in the same write as the letters that tell of them.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from reservplan.domain.alerts import Alert, Severity
from reservplan.watch.incidents import Incident
from reservplan.watch.memory import Memory

MOST_LETTERS = 50
CLAIM_LASTS = timedelta(minutes=10)
INDEX = "outbox"
# As JSON a letter of the Swedish alphabet takes six characters, so that such a part always stays below the limit.
PART_CHARACTERS = 9_500


@dataclass(frozen=True)
class Letter:
    """An alert that waits to be sent; `number` tells it from others."""

    number: int
    alert: Alert


class _Entry(BaseModel):
    """What the index says of a letter: `parts` counts the values that its text takes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    parts: int
    added_at: AwareDatetime
    claimed_by: str = ""
    claimed_at: AwareDatetime | None = None


class _Index(BaseModel):
    """The one value that makes a write count. `turn` says which of two sets of keys holds the incidents."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    turn: int = 0
    parts: int = 0
    next_number: int = 0
    letters: tuple[_Entry, ...] = ()
    dropped: int = 0

    def entry(self, letter: Letter) -> _Entry | None:
        return next((each for each in self.letters if each.number == letter.number), None)

    def having(self, entry: _Entry) -> "_Index":
        letters = tuple(entry if each.number == entry.number else each for each in self.letters)
        return self.model_copy(update={"letters": letters})


class Outbox:
    """The letters and incidents in a memory, for one round of one watch, under its turn."""

    def __init__(self, memory: Memory, token: str = "") -> None:
        self.memory = memory
        self.token = token or secrets.token_hex(8)

    def incidents(self) -> tuple[Incident, ...]:
        """Those remembered last; one that cannot be read any more is found anew."""
        index = self._index()
        found = []
        for each in _load(self._text(_incidents_key(index.turn), index.parts), list):
            try:
                found.append(Incident.model_validate(each))
            except ValidationError:
                continue
        return tuple(found)

    @property
    def dropped(self) -> int:
        """How many letters were too many, and are told nobody."""
        return self._index().dropped

    def remember(self, incidents: Sequence[Incident], alerts: Sequence[Alert], now: datetime) -> None:
        """Keep the incidents and what is to be told of them, both or neither; `now` is aware.

        Of more than `MOST_LETTERS` the oldest are dropped, and counted.
        """
        before = self._index()
        number = before.next_number
        letters = list(before.letters)
        for alert in alerts:
            parts = self._put(_letter_key(number), json.dumps(asdict(alert), ensure_ascii=False))
            letters.append(_Entry(number=number, parts=parts, added_at=now.astimezone(UTC)))
            number += 1
        turn = 1 - before.turn
        text = json.dumps([incident.model_dump(mode="json") for incident in incidents], ensure_ascii=False)
        parts = self._put(_incidents_key(turn), text)
        too_many = letters[:-MOST_LETTERS]
        after = _Index(
            turn=turn,
            parts=parts,
            next_number=number,
            letters=tuple(letters[-MOST_LETTERS:]),
            dropped=before.dropped + len(too_many),
        )
        self._write(after)
        self._forget(_incidents_key(before.turn), before.parts)
        for letter in too_many:
            self._forget(_letter_key(letter.number), letter.parts)

    def waiting(self, now: datetime) -> tuple[Letter, ...]:
        """The letters that nobody else is about to send, in the order in which they were written."""
        letters = []
        for entry in self._index().letters:
            alert = _alert_of(self._text(_letter_key(entry.number), entry.parts)) if self._is_free(entry, now) else None
            if alert is not None:
                letters.append(Letter(entry.number, alert))
        return tuple(letters)

    def claim(self, letter: Letter, now: datetime) -> bool:
        """Whether we may send it: meanwhile another watch may have sent it, or claimed it."""
        index = self._index()
        entry = index.entry(letter)
        if entry is None or not self._is_free(entry, now):
            return False
        claimed = entry.model_copy(update={"claimed_by": self.token, "claimed_at": now.astimezone(UTC)})
        self._write(index.having(claimed))
        # The last write wins: only who reads back its own may send.
        return self._index().entry(letter) == claimed

    def sent(self, letter: Letter) -> None:
        """Drop what was delivered."""
        index = self._index()
        entry = index.entry(letter)
        if entry is not None:
            self._write(index.model_copy(update={"letters": tuple(each for each in index.letters if each != entry)}))
            self._forget(_letter_key(letter.number), entry.parts)

    def release(self, letter: Letter) -> None:
        """Leave what could not be delivered to the next round."""
        index = self._index()
        entry = index.entry(letter)
        if entry is not None and entry.claimed_by == self.token:
            self._write(index.having(entry.model_copy(update={"claimed_by": "", "claimed_at": None})))

    def _is_free(self, letter: _Entry, now: datetime) -> bool:
        if letter.claimed_at is None or letter.claimed_by == self.token:
            return True
        # A claim of a time to come is one of a clock that was wrong.
        return abs(now - letter.claimed_at) >= CLAIM_LASTS

    def _index(self) -> _Index:
        try:
            return _Index.model_validate(self.memory.get(INDEX) or {})
        except ValidationError:
            return _Index()

    def _write(self, index: _Index) -> None:
        self.memory.set(INDEX, index.model_dump(mode="json"))

    def _put(self, key: str, text: str) -> int:
        """Keep a text under as many keys as it needs; returns their number."""
        parts = [text[begin : begin + PART_CHARACTERS] for begin in range(0, len(text), PART_CHARACTERS)]
        for number, part in enumerate(parts):
            self.memory.set(f"{key}_{number}", part)
        return len(parts)

    def _text(self, key: str, parts: int) -> str:
        values = [self.memory.get(f"{key}_{number}") for number in range(parts)]
        return "".join(value if isinstance(value, str) else "" for value in values)

    def _forget(self, key: str, parts: int) -> None:
        for number in range(parts):
            self.memory.set(f"{key}_{number}", None)


def _incidents_key(turn: int) -> str:
    return f"incidents_{turn}"


def _letter_key(number: int) -> str:
    return f"letter_{number}"


def _load(text: str, kind: type[Any]) -> Any:
    """The JSON value of a kind, or an empty one of it."""
    try:
        value = json.loads(text or "null")
    except ValueError:
        return kind()
    return value if isinstance(value, kind) else kind()


def _alert_of(text: str) -> Alert | None:
    told = _load(text, dict)
    try:
        return Alert(**{**told, "severity": Severity(told["severity"])})
    except (KeyError, TypeError, ValueError):
        return None
