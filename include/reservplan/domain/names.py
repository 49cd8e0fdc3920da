"""The one builder and the one parser of names on a store.

`220621 Brukarschema Ullared.pdf`: the users' own routine names files like this, so every habit and script of theirs
relies on it. Names are Unicode NFC: NFC and NFD are two different files on SMB servers and sticks.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

OWN_FOLDER = ".reservplan"
TEMP_PREFIX = ".rp-"
TEMP_SUFFIX = ".tmp"
LOCK_NAME = "lock"
START_PAGE_NAME = "00 LÄS MIG FÖRST.html"
# What the watch leaves on each store that it has looked at.
TRACE_NAME = f"{OWN_FOLDER}/watch.json"
TRACE_PAGE_NAME = f"{OWN_FOLDER}/watch.html"
ROUTINE_NAME = "Säkerhetsrutiner vid driftstopp.pdf"


class Kind(StrEnum):
    """What an artifact shows: the list of visits per employee, or the overview of the day."""

    LIST = "list"
    OVERVIEW = "overview"


class PaperKind(StrEnum):
    """What a paper that belongs to no cell is: the paper routine, forms to fill in, the cover of a week pack."""

    ROUTINE = "routine"
    BLANKS = "blanks"
    WEEK = "week"


class Format(StrEnum):
    """The file format of an artifact."""

    PDF = "pdf"
    XLSX = "xlsx"


WORD_OF_KIND = {Kind.LIST: "Brukarschema", Kind.OVERVIEW: "Översiktsschema"}
KIND_OF_WORD = {word: kind for kind, word in WORD_OF_KIND.items()}
ARTIFACTS = tuple((kind, fmt) for kind in Kind for fmt in Format)

BESIDE = " (Reservplan)"
ADOPTED = " (tidigare)"
_STAND_IN = re.compile(r" \(ny \d{4}\)$")
_NAME = re.compile(
    r"^(?P<day>\d{6}) (?P<word>Brukarschema|Översiktsschema) (?P<team>.+?)"
    r"(?P<suffix> \(Reservplan\)| \(tidigare\)| \(ny \d{4}\))?\.(?P<format>pdf|xlsx)$"
)
_WEEK_PACK = re.compile(
    r"^(?P<year>\d{2})v(?P<week>\d{2}) Brukarschema (?P<team>.+?)(?P<suffix> \(Reservplan\))?\.pdf$"
)
_FORBIDDEN = set('<>:"/\\|?*')
_DOS_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³")}
# 255 bytes is ext4's limit for one name; the longest name around a team is "220621 Översiktsschema  (Reservplan).xlsx".
MAX_NAME_BYTES = 255
MAX_TEAM_BYTES = MAX_NAME_BYTES - len("220621 Översiktsschema  (Reservplan).xlsx".encode())


@dataclass(frozen=True)
class ArtifactName:
    """The name of one artifact on a store; `suffix` is empty or one of the three that are allowed."""

    plan_date: date
    kind: Kind
    team: str
    format: Format
    suffix: str = ""

    def __str__(self) -> str:
        return nfc(f"{self.plan_date:%y%m%d} {WORD_OF_KIND[self.kind]} {self.team}{self.suffix}.{self.format}")


def artifact_name(plan_date: date, kind: Kind, team: str, fmt: Format, suffix: str = "") -> str:
    """The file name of an artifact, e.g. `220621 Brukarschema Ullared.pdf`."""
    return str(ArtifactName(plan_date, kind, team, fmt, suffix))


# A listing has thousands of names and few days, and strptime is the dearest part of reading one.
@lru_cache(maxsize=1024)
def parse_day(text: str) -> date | None:
    """The day that names begin with, `261123`; None where it is none."""
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        return None


def parse_artifact_name(name: str) -> ArtifactName | None:
    """What a file name on the store stands for, or None where it is not one of ours."""
    match = _NAME.match(nfc(name))
    if match is None:
        return None
    plan_date = parse_day(match["day"])
    if plan_date is None:
        return None
    return ArtifactName(
        plan_date, KIND_OF_WORD[match["word"]], match["team"], Format(match["format"]), match["suffix"] or ""
    )


def template_name(kind: Kind, team: str, day: date, fmt: Format) -> str:
    """The name of a template, which no plan ever has: `MALL Brukarschema Ullared 2022-06-29.pdf`."""
    return nfc(f"MALL {WORD_OF_KIND[kind]} {team} {day.isoformat()}.{fmt}")


@dataclass(frozen=True)
class WeekPackName:
    """The name of one group's lists of an ISO week in one file, e.g. `22v25 Brukarschema Ullared.pdf`."""

    monday: date
    team: str
    suffix: str = ""

    def __str__(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return nfc(f"{year % 100:02d}v{week:02d} {WORD_OF_KIND[Kind.LIST]} {self.team}{self.suffix}.pdf")


def parse_week_pack_name(name: str) -> WeekPackName | None:
    """What a file name stands for as a week pack, or None where it is none."""
    match = _WEEK_PACK.match(nfc(name))
    if match is None:
        return None
    try:
        monday = date.fromisocalendar(2000 + int(match["year"]), int(match["week"]), 1)
    except ValueError:
        return None
    return WeekPackName(monday, match["team"], match["suffix"] or "")


def is_paper_name(name: str) -> bool:
    """Whether a bare file name is one of ours that belongs to no cell: start page, routine, week pack."""
    plain = nfc(name).replace(BESIDE, "")
    return plain in (nfc(START_PAGE_NAME), nfc(ROUTINE_NAME)) or parse_week_pack_name(plain) is not None


def beside_name(path: str) -> str:
    """The path of ours beside a file that is not ours: `… (Reservplan).pdf`."""
    stem, dot, ending = path.rpartition(".")
    return f"{stem}{BESIDE}{dot}{ending}"


def stand_in_suffix(at: datetime) -> str:
    """` (ny 0512)`: the suffix of a copy that lies beside one that could not be replaced at that local time."""
    return f" (ny {at:%H%M})"


def is_stand_in(name: str) -> bool:
    """Whether a bare file name is that of a copy beside one that could not be replaced."""
    parsed = parse_artifact_name(name)
    return parsed is not None and _STAND_IN.search(parsed.suffix) is not None


def is_beside(name: str) -> bool:
    """Whether a bare file name is that of a copy of ours that lies beside another file, as a stand-in or for good."""
    parsed = parse_artifact_name(name)
    return parsed is not None and parsed.suffix not in ("", ADOPTED)


def stood_in_for(path: str) -> str:
    """The path of the file that a stand-in lies beside."""
    folder, slash, name = path.rpartition("/")
    parsed = parse_artifact_name(name)
    return path if parsed is None else f"{folder}{slash}{replace(parsed, suffix='')}"


def manifest_name(plan_date: date) -> str:
    """The manifest's path below the store's root."""
    return f"{OWN_FOLDER}/{plan_date:%y%m%d}.json"


def backup_name(plan_date: date) -> str:
    """The path of the manifest before the present one."""
    return f"{manifest_name(plan_date)}.bak"


def intent_name(plan_date: date) -> str:
    """The path of what is about to be written for the day."""
    return f"{OWN_FOLDER}/{plan_date:%y%m%d}.intent.json"


def parse_manifest_name(name: str) -> date | None:
    """The plan_date of a manifest's bare file name, or None."""
    match = re.fullmatch(r"(\d{6})\.json", name)
    return parse_day(match[1]) if match else None


def is_temp_name(name: str) -> bool:
    """Whether a bare file name is one of our temporary names."""
    return name.startswith(TEMP_PREFIX) and name.endswith(TEMP_SUFFIX)


def nfc(text: str) -> str:
    """The text in Unicode normal form C."""
    return unicodedata.normalize("NFC", text)


def team_key(team: str) -> str:
    """What makes two team names the same: NFC, case folded, single spaces."""
    return " ".join(nfc(team).casefold().split())


def team_name_fault(team: str) -> str | None:
    """Why a text cannot be a team's name on every store, in a few English words; None where it can."""
    if not team or team != team.strip():
        return "is empty, or begins or ends with a space"
    if team != nfc(team):
        return "is not in Unicode normal form C"
    if bad := sorted(set(team) & _FORBIDDEN):
        return f"contains {' '.join(bad)}"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in team):
        return "contains a control or invisible character"
    if team.endswith("."):
        return "ends with a dot"
    if team.startswith("."):
        return "begins with a dot"
    if team.split(".")[0].strip().casefold() in _DOS_DEVICES:
        return "is a device name on Windows"
    if team.endswith((BESIDE, ADOPTED)) or _STAND_IN.search(team):
        return "ends like one of Reservplan's own suffixes"
    if len(team.encode()) > MAX_TEAM_BYTES:
        return f"is longer than {MAX_TEAM_BYTES} bytes"
    return None
