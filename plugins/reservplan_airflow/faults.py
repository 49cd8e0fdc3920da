"""Faults that only a run under Airflow has, beside those of the product."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from reservplan.domain.errors import LastingError


class _Held(LastingError):
    """`held` are the paths, store by store, of files that are open or protected: whoever mails it may ask who."""

    def __init__(self, what: str, *, do: str = "", held: Mapping[str, Sequence[str]] = MappingProxyType({})) -> None:
        super().__init__(what, do=do)
        self.held = held


class NotWritten(_Held):
    """Some cells could not be written to a store though all others were; the next run tries them again."""


class NotRemoved(_Held):
    """Some files past the window could not be removed from a store; the next run tries them again."""


class CopiesMissing(LastingError):
    """Somebody who prints today or tomorrow would miss something; the watch looks again by itself."""
