"""Swedish identity numbers in free text: found by date and check digit, and hidden.

A personnummer is a birth date and four digits, the last a check digit; a samordningsnummer is the same with 60 added to
the day. Written with or without century, with hyphen, plus sign, space or nothing between.
"""

import re
from datetime import date

MASK = "******-****"

_CANDIDATE = re.compile(
    r"(?<![0-9])(?:(?P<century>1[89]|20)?(?P<birth>[0-9]{6})|(?P<dashed>(?:1[89]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}))"
    r"(?P<sep> ?[-+\u2010-\u2015\u2212] ?|[ \u00a0\u2007\u202f]?)(?P<tail>[0-9]{4})(?![0-9])"
)
# Most texts hold nothing of the kind, which is quickly seen.
_LIKE_A_BIRTH_DATE = re.compile(r"[0-9]{6}|[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
# 2026-11-22 0805 is a date and a time of a plan, not somebody's number.
LAST_YEAR_BEFORE_PLANS = 2009

_PHONE_WORD = (
    r"\b(?:tel(?:efon(?:en)?)?|tfn|mob(?:il(?:en)?)?|phone|mobile|ring(?:a|er|t)?|sms:?a?|fax)[ .]?(?:nr|nummer|no)?\b"
)
_RIGHT_AFTER = re.compile(_PHONE_WORD + r"[\s:.,=(\-–]*\+?$", re.IGNORECASE)
_SOON_AFTER = re.compile(_PHONE_WORD + r"(?P<between>[^0-9\n;]{0,40})$", re.IGNORECASE)
_IN_A_LIST = re.compile(
    _PHONE_WORD
    + r"(?P<between>[^0-9\n;]{0,40})(?:\+?[0-9][0-9 \-/()]{5,18}[0-9][ \t]*(?:,|/|\boch\b|\beller\b|&)\s*)+$",
    re.IGNORECASE,
)
_OF_A_PERSON = re.compile(r"p(?:ers(?:on)?)?[. ]?(?:nr|nummer)|född|\bf\.|\bid\b", re.IGNORECASE)


def mask(text: str) -> tuple[str, int]:
    """The text with every identity number hidden, and how many there were.

    Left alone: phone numbers after tel, mobil, ring and the like, dates, and digits inside longer runs of digits.
    """
    if not _LIKE_A_BIRTH_DATE.search(text):
        return text, 0
    pieces: list[str] = []
    done = at = found = 0
    while match := _CANDIDATE.search(text, at):
        if _is_identity_number(match) and not _is_phone(text, match):
            pieces += [text[done : match.start()], MASK]
            done = at = match.end()
            found += 1
        else:
            at = match.start() + 1
    return ("".join([*pieces, text[done:]]), found) if found else (text, 0)


def is_identity_number(text: str) -> bool:
    """Whether the whole text is one identity number."""
    match = _CANDIDATE.fullmatch(text.strip())
    return match is not None and _is_identity_number(match)


def _is_identity_number(match: re.Match[str]) -> bool:
    century, birth = match["century"], match["birth"]
    if dashed := match["dashed"]:
        apart = match["sep"] and not match["sep"].isspace()
        if not apart and int(dashed[:4]) > LAST_YEAR_BEFORE_PLANS:
            return False
        century, birth = dashed[:2], dashed[2:].replace("-", "")
    return _is_birth_date(century, birth) and _check_digit_fits(birth + match["tail"])


def _is_birth_date(century: str | None, birth: str) -> bool:
    year, month, day = int(birth[:2]), int(birth[2:4]), int(birth[4:])
    if day > 60:
        day -= 60
    return any(_exists(int(c) * 100 + year, month, day) for c in ([century] if century else ["18", "19", "20"]))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _check_digit_fits(digits: str) -> bool:
    doubled = (int(digit) * (2 - n % 2) for n, digit in enumerate(digits))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _is_phone(text: str, match: re.Match[str]) -> bool:
    if match["century"] or match["dashed"]:
        return False  # no phone number is that long
    before = text[max(0, match.start() - 120) : match.start()]
    if _RIGHT_AFTER.search(before):
        return True
    # Further away only what is written like a phone number: "ring dottern 0701740605", not "ring, pnr 470101-…".
    if not match["birth"].startswith("0") or match["sep"].strip():
        return False
    near = _SOON_AFTER.search(before) or _IN_A_LIST.search(before)
    return near is not None and not _OF_A_PERSON.search(near["between"])
