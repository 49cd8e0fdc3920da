"""Publishing: the never-worse decision, writing to a store, and the seal that makes the copies count."""

from reservplan.publish.comparing import compare, unchanged
from reservplan.publish.decision import Action, Decision, Offer, Place, decide
from reservplan.publish.noting import shortfall_of
from reservplan.publish.sealing import Sealed, seal
from reservplan.publish.settling import Settled, settle
from reservplan.publish.telling import held_files, shortfalls_in_words
from reservplan.publish.writing import Published, from_json, publish, to_json

__all__ = [
    "Action",
    "Decision",
    "Offer",
    "Place",
    "Published",
    "Sealed",
    "Settled",
    "compare",
    "decide",
    "from_json",
    "held_files",
    "publish",
    "seal",
    "settle",
    "shortfall_of",
    "shortfalls_in_words",
    "to_json",
    "unchanged",
]
