"""Freed memory goes back to the system: neither Arrow nor the C library does that by itself."""

import ctypes
import sys


def give_memory_back() -> None:
    """Between two heavy parts of a run; else what the first has freed counts as used all through the second."""
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    # Only glibc keeps so much that this is needed, and only it has the function.
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
