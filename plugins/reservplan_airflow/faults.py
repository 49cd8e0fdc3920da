"""Faults that only a run under Airflow has, beside those of the product."""

from reservplan.domain.errors import LastingError


class NotWritten(LastingError):
    """Some cells could not be written to a store though all others were; the next run tries them again."""


class NotRemoved(LastingError):
    """Some files past the window could not be removed from a store; the next run tries them again."""


class CopiesMissing(LastingError):
    """Somebody who prints today or tomorrow would miss something; the watch looks again by itself."""
