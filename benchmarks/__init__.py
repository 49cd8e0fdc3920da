"""How long each step takes and how much memory, beside the obvious way of doing the same."""
