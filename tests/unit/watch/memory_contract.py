"""What every memory of the watch does, wherever it keeps its values."""

import pytest
from reservplan.domain.errors import StoreBusy
from reservplan.watch.memory import Memory


def remembers_and_forgets(memory: Memory) -> None:
    """Values come back as they were, and go when they are to."""
    assert memory.get("healing_2022-06-21") is None
    for value in ({"Ullared": [1, "2022-06-21T03:00:00Z"]}, [], "åäö ☃", 0, False, {"a": None}):
        memory.set("healing_2022-06-21", value)
        assert memory.get("healing_2022-06-21") == value
    memory.set("other", "x")
    memory.set("healing_2022-06-21", None)
    memory.set("never_there", None)
    assert (memory.get("healing_2022-06-21"), memory.get("other")) == (None, "x")
    memory.set("other", None)


def keeps_the_longest_value(memory: Memory) -> None:
    """As long as a part of the outbox may be."""
    longest = "å" * 9_500
    memory.set("longest", longest)
    assert memory.get("longest") == longest
    memory.set("longest", None)


def is_had_by_one_at_a_time(memory: Memory, other: Memory) -> None:
    """Two that mean the same values do not take their turns at once."""
    with memory.turn():
        memory.set("turned", 1)
        with pytest.raises(StoreBusy), other.turn():
            raise AssertionError("both had it")
    with pytest.raises(ZeroDivisionError), other.turn():
        raise ZeroDivisionError
    with memory.turn():
        assert memory.get("turned") == 1
        memory.set("turned", None)


CONTRACT = (remembers_and_forgets, keeps_the_longest_value)
