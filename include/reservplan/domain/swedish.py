"""Names in the order of a Swedish telephone book."""

import unicodedata

_LAST_LETTERS = {"å": "z1", "ä": "z2", "æ": "z2", "ö": "z3", "ø": "z3", "ü": "y", "ß": "ss", "đ": "d", "ł": "l"}


def swedish_order(text: str) -> tuple[str, ...]:
    """A sort key in which å, ä and ö come last, as in every Swedish list of names; other accents do not count."""
    parts = []
    for character in unicodedata.normalize("NFC", text).casefold():
        if character in _LAST_LETTERS:
            parts.append(_LAST_LETTERS[character])
        else:
            parts.append(unicodedata.normalize("NFD", character)[0])
    return tuple(parts)
