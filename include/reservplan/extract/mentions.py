"""Protected people where other people's rows speak of them: names, clients' addresses and phones are hidden."""

import re
from collections.abc import Iterable

from reservplan.extract.cells import first_name_first

HIDDEN = "******"
# What is shorter stands in any text.
SHORTEST_PHRASE = 3
SHORTEST_NUMBER = 6

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\+?[0-9](?:[ \u00a0\-/.()]{0,3}[0-9]){5,}")
_COUNTRY = re.compile(r"^(?:0046|46(?=0?[1-9][0-9]{7,})|0)0?")
_NOT_A_DIGIT = re.compile(r"[^0-9]+")


class Mentions:
    """What must not be said of some people; finding that a text says nothing of it is quick however many they are."""

    def __init__(self, names: Iterable[str], addresses: Iterable[str], phones: Iterable[str]) -> None:
        self._phrases: dict[str, set[str]] = {}
        for name in filter(None, names):
            for spelling in _spellings(name):
                self._add(spelling, f"{_pattern(spelling)}s?")  # "Elsa Ekdahls nyckel"
        for address in filter(None, addresses):
            self._add(address, _pattern(address))
        self._numbers = {_core(number) for phone in phones for number in _NUMBER.findall(phone)} - {""}

    def __bool__(self) -> bool:
        return bool(self._phrases or self._numbers)

    def _add(self, phrase: str, pattern: str) -> None:
        words = _WORD.findall(phrase.casefold())
        if len("".join(words)) < SHORTEST_PHRASE or "".join(words).isdecimal():
            return
        for first in (words[0], f"{words[0]}s"):
            self._phrases.setdefault(first, set()).add(pattern)

    def hide(self, text: str) -> tuple[str, int]:
        """The text without them, and how often they stood there."""
        # The longest first: "Provgatan 1 B" must not leave its "B". In one pass from the left: of "Elsa Ekdahl, Elsa
        # Ekdahls nyckel" the spelling "Ekdahl, Elsa" must not be taken, which would leave the rest of two names.
        patterns = sorted(self._candidates(text), key=lambda pattern: (-len(pattern), pattern))
        if not patterns:
            return text, 0
        return re.subn(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", HIDDEN, text, flags=re.IGNORECASE)

    def _candidates(self, text: str) -> set[str]:
        words = self._phrases.keys() & _WORD.findall(text.casefold())
        patterns = {pattern for word in words for pattern in self._phrases[word]}
        if self._numbers and len(digits := _NOT_A_DIGIT.sub("", text)) >= SHORTEST_NUMBER:
            patterns |= {_number_pattern(number) for number in self._numbers if number in digits}
        return patterns


def _spellings(name: str) -> set[str]:
    straight = first_name_first(name)
    first, _, last = straight.rpartition(" ")
    return {straight, f"{last}, {first}", f"{last} {first}"} if first else {straight}


def _pattern(phrase: str) -> str:
    return r"\s+".join(map(re.escape, phrase.split()))


def _core(number: str) -> str:
    """The digits of a phone number that are the same with and without the country; empty where they are too few."""
    core = _COUNTRY.sub("", _NOT_A_DIGIT.sub("", number))
    return core if len(core) >= SHORTEST_NUMBER else ""


def _number_pattern(core: str) -> str:
    between = r"[ \u00a0\-/.()]{0,3}"
    return rf"(?:(?:\+|00)46{between}(?:0{between})?|0{between})?{between.join(core)}"
