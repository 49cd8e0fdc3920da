"""Names and titles that tell a group and a day.

Such as `{team}/{plan_date:%y%m%d} *.xlsx` for a path and `Besök {team} {plan_date:%Y-%m-%d}` for a title.
"""

import re
from dataclasses import dataclass
from datetime import date
from string import Formatter

from reservplan.domain.names import nfc

_DIRECTIVES = {"%Y": r"(?P<Y>\d{4})", "%y": r"(?P<y>\d{2})", "%m": r"(?P<m>\d{1,2})", "%d": r"(?P<d>\d{1,2})"}
# Without a separator between them one digit could belong to either, so names hold two.
_STRICT = {"%m": r"(?P<m>\d{2})", "%d": r"(?P<d>\d{2})"}


@dataclass(frozen=True)
class Told:
    """What a name or a title says: each None where it says nothing of it."""

    team: str | None = None
    plan_date: date | None = None


NOTHING_TOLD = Told()


def is_pattern(text: str) -> bool:
    """Whether a path component is more than a fixed name."""
    return any(char in text for char in "{*?")


def match_pattern(pattern: str, text: str, *, anywhere: bool = False) -> Told | None:
    """What the text says, or None where it does not follow the pattern; case and kinds of spaces make no difference."""
    compiled = _compile(pattern)
    cleaned = " ".join(nfc(text).split())
    match = compiled.search(cleaned) if anywhere else compiled.fullmatch(cleaned)
    if match is None:
        return None
    parts = match.groupdict()
    team = parts.get("team")
    if not {"m", "d"} & set(parts):
        return Told(team)
    try:
        day = date(int(parts.get("Y") or "20" + parts["y"]), int(parts["m"]), int(parts["d"]))
    except ValueError:
        return None
    return Told(team, day)


def _compile(pattern: str) -> re.Pattern[str]:
    out = []
    for literal, field, spec, _ in Formatter().parse(nfc(pattern)):
        out.append(_literal(literal))
        if field == "team":
            out.append(r"(?P<team>[^/]+?)")
        elif field == "plan_date":
            out.append(_day(spec or "%Y-%m-%d"))
    # A search would end a group's name after its first letter.
    return re.compile("".join(out) + ("$" if pattern.rstrip().endswith("{team}") else ""), re.IGNORECASE)


def _literal(text: str) -> str:
    pieces = re.split(r"(\s+|\*|\?)", text)
    return "".join(r"\s+" if p.isspace() else {"*": ".*", "?": "."}.get(p, re.escape(p)) for p in pieces)


def _day(spec: str) -> str:
    packed = re.search(r"%[mdyY]%[mdyY]", spec)
    known = {**_DIRECTIVES, **_STRICT} if packed else _DIRECTIVES
    pieces = re.split(r"(%[Yymd])", spec)
    return "".join(known.get(piece) or re.escape(piece) for piece in pieces)
