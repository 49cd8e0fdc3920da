"""The configuration, parsed and checked once.

`load()` is the only way in: it reads the file that `RESERVPLAN_CONFIG` names, refuses what it does not know with the
key's path, what is wrong and an example, and makes relative paths absolute against the file's own folder.
"""

import os
import re
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path, PurePath, PurePosixPath
from string import Formatter
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from croniter import croniter
from croniter.croniter import CroniterError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from reservplan.domain.errors import SettingsError
from reservplan.domain.names import nfc, team_key, team_name_fault
from reservplan.domain.plan import VISIT_COLUMNS, Status
from reservplan.domain.rules import NEVER_IGNORED, RULES

CONFIG_VARIABLE = "RESERVPLAN_CONFIG"
DEFAULT_PATH = "config/reservplan.yaml"

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Team(_Part):
    """A group that must have copies; closed on `closed` weekdays, expected from `active_from` to `active_until`."""

    name: str
    active_from: date | None = None
    active_until: date | None = None
    closed: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    phone: str = ""

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        # Such a group would be expected on no day, and nobody would be told that it has no copies.
        if self.active_from and self.active_until and self.active_until < self.active_from:
            raise ValueError(f"active_until, {self.active_until}, is before active_from, {self.active_from}")
        return self

    def expected_on(self, plan_date: date) -> bool:
        """Whether the team must have a copy for the day at all."""
        begun = self.active_from is None or plan_date >= self.active_from
        return begun and (self.active_until is None or plan_date <= self.active_until)

    def closed_on(self, plan_date: date) -> bool:
        """Whether the team has no visits that weekday."""
        return WEEKDAYS[plan_date.weekday()] in self.closed


class WindowDays(_Part):
    """How many days back and ahead must have copies."""

    days_back: int = Field(default=14, ge=1, le=60)
    days_ahead: int = Field(default=3, ge=0, le=14)


def _cron(value: str) -> str:
    example = 'for example "0 5 * * *" for every day at 05:00'
    if len(value.split()) != 5:
        raise ValueError(f"is not a cron expression of five fields, {example}")
    try:
        # A line may be well formed and still never come: 31 February.
        croniter(value, datetime(2022, 6, 20, tzinfo=UTC)).get_next()
    except (CroniterError, ValueError, KeyError):
        raise ValueError(f"is no time that comes, {example}") from None
    return value


Cron = Annotated[str, Field(min_length=9), BeforeValidator(lambda v: _cron(v) if isinstance(v, str) else v)]


class Schedule(_Part):
    """When the DAGs run, in the configured time zone, and by when a day's copies are due."""

    snapshot: Cron = "0 5 * * *"
    refresh: Cron = "0 11,16 * * *"
    retain: Cron = "30 5 * * *"
    watch: Cron = "*/30 * * * *"
    verify: Cron = "30 1 * * *"
    drill: Cron = "0 9 1 * *"
    due_by: time = time(6, 0)

    @field_validator("due_by", mode="before")
    @classmethod
    def _clock_time(cls, value: Any) -> Any:
        # YAML 1.1 reads an unquoted 06:00 as the number 360 (base 60).
        if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError('must be a clock time in quotes, for example "06:00"')
        return time.fromisoformat(value)


class NightDating(StrEnum):
    """How the source dates a visit after midnight: by the calendar, or by the shift it belongs to."""

    CALENDAR = "calendar"
    SHIFT = "shift"


def _headings(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Headings = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_headings)]

_NOT_MAPPED_DIRECTLY = {"minutes"}
VISIT_KEYS = set(VISIT_COLUMNS) | _NOT_MAPPED_DIRECTLY
SHIFT_KEYS = {
    "plan_date", "team", "employee_id", "employee_name", "start", "end", "minutes", "phone", "employee_protected",
}  # fmt: skip


class OtherRows(_Part):
    """Rows that are no visits: those whose `column` (their heading) holds one of `values`."""

    column: str
    values: tuple[str, ...] = Field(min_length=1)


class ShiftSource(_Part):
    """A second sheet, or a second file, that holds the shifts."""

    sheet: str = ""
    path: str = ""
    columns: dict[str, Headings]

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        _only(columns, SHIFT_KEYS)
        if not {"start", "team"} <= set(columns) or not {"employee_id", "employee_name"} & set(columns):
            raise ValueError("needs team, start and employee_name, for example columns: {employee_name: Medarbetare}")
        if not {"end", "minutes"} & set(columns):
            raise ValueError("lacks the length: map end (Till) or minutes")
        return columns


def _told_by_name(pattern: str) -> str:
    """A path or title with at most {team} and a whole {plan_date:…} in it."""
    example = "for example {team}/{plan_date:%y%m%d} *.xlsx"
    try:
        fields = [(field, spec) for _, field, spec, _ in Formatter().parse(pattern) if field is not None]
    except ValueError:
        raise ValueError(f"has braces that do not match, {example}") from None
    for field, spec in fields:
        if field not in ("team", "plan_date") or (field == "team" and spec):
            raise ValueError(f"knows {{team}} and {{plan_date:…}} only, {example}")
        if field == "plan_date" and spec and sorted(re.findall("%(.)", spec.lower())) != ["d", "m", "y"]:
            raise ValueError(f"needs year, month and day once each in {{plan_date:…}}, {example}")
    return pattern


def _only(columns: dict[str, tuple[str, ...]], known: set[str]) -> dict[str, tuple[str, ...]]:
    if unknown := sorted(set(columns) - known):
        raise ValueError(f"has no column named {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return columns


class Source(_Part):
    """Where the plan comes from, and how its columns are to be read.

    `path` and `title` may hold `{team}` and `{plan_date:%y%m%d}`: one file a group and day, or a title cell above the
    headings such as `Besök {team} {plan_date:%Y-%m-%d}`.
    """

    kind: Literal["files", "demo"]
    path: str = ""
    max_age_hours: float = Field(default=26, gt=0)
    sheet: str = ""
    encoding: str = "auto"
    delimiter: str = Field(default=";", min_length=1, max_length=1)
    night_dated_by: NightDating = NightDating.CALENDAR
    columns: dict[str, Headings] = {}
    shifts: ShiftSource | None = None
    # No `Headings` here: it would take not_in_source for a heading.
    protected: tuple[str, ...] | Literal["not_in_source"] | None = None
    employee_protected: tuple[str, ...] | Literal["not_in_source"] | None = None
    employee_protected_shown_by: Literal["initials", "id"] = "initials"
    title: str = ""
    values: dict[str, dict[str, str]] = {}
    other_rows: OtherRows | None = None
    teams: dict[str, str] = {}
    ignore_teams: tuple[str, ...] = ()

    @field_validator("kind", mode="before")
    @classmethod
    def _built(cls, value: Any) -> Any:
        if value in ("http", "sql"):
            raise ValueError(f"{value} is not built yet; use files with an export that the system saves")
        return value

    @field_validator("shifts", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == {} else value

    @field_validator("protected", "employee_protected", mode="before")
    @classmethod
    def _one_heading(cls, value: Any) -> Any:
        return value if value in (None, "not_in_source") else _headings(value)

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return _only(columns, VISIT_KEYS)

    @field_validator("path", "title")
    @classmethod
    def _pattern(cls, value: str) -> str:
        return _told_by_name(value)

    @field_validator("values")
    @classmethod
    def _meanings(cls, values: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        if unknown := sorted(set(values) - set(VISIT_COLUMNS)):
            raise ValueError(f"has no column named {', '.join(unknown)}, for example status: {{Inställt: cancelled}}")
        if wrong := sorted(set(values.get("status", {}).values()) - set(Status)):
            raise ValueError(f"gives the status {', '.join(wrong)}; possible are {', '.join(Status)}")
        return values

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "files":
            self._files_can_be_read()
        return self

    def _files_can_be_read(self) -> None:
        if not self.path:
            raise ValueError("needs path, a folder or a file, for example path: ../exports/")
        given = set(self.columns) | {f for f in ("team", "plan_date") if "{" + f in self.path + self.title}
        if "start" in self.columns:
            given.add("plan_date")  # a start with date and time carries its own day
        needed = {"plan_date", "team", "client_name", "start"} - given
        if needed:
            raise ValueError(f"columns lacks {', '.join(sorted(needed))}, for example columns: {{start: Starttid}}")
        if not {"end", "minutes"} & set(self.columns):
            raise ValueError("columns lacks the length: map minutes (Längd) or end (Sluttid)")


Layout = Literal["flat", "by-team", "stick"]


class StoreSettings(_Part):
    """One place where copies lie; secrets are in the Airflow connection that `connection` names."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    kind: Literal["smb", "folder"]
    connection: str = ""
    folder: str = ""
    on_foreign: Literal["beside", "adopt"] = "beside"
    layout: Layout = "flat"
    # Over a slow network files a second are these by the round trips of one; a server that is near is busy with eight.
    depth: int = Field(default=32, ge=1, le=64)
    shown_as: str = Field(default="", max_length=120)

    @property
    def called(self) -> str:
        """How people know the place; the folder's own name where nobody has said."""
        return self.shown_as or self.folder.replace("\\", "/").rstrip("/").rpartition("/")[2] or self.name

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.kind == "smb" and not self.connection:
            raise ValueError("kind smb needs connection, the name of an Airflow connection, e.g. reservplan_share")
        if self.kind == "folder" and not self.folder:
            raise ValueError("kind folder needs folder, the path of a mounted folder")
        return self


class Contact(_Part):
    """Whom to call; printed on paper and named in alerts."""

    name: str
    phone: str = ""
    email: str = ""
    hours: str = ""
    hint: str = ""


class Contacts(_Part):
    """The roles that the routine names."""

    it_service: Contact = Contact(name="IT-service")
    vendor: Contact = Contact(name="Leverantören")
    planner: Contact = Contact(name="Planerare")
    protected: Contact = Contact(name="Enhetschef")
    operations: Contact = Contact(name="Driftgruppen för Reservplan")


class Routine(_Part):
    """What the paper routine says of itself, and the page on the internet by which staff tell what is down."""

    version: str = Field(default="1", max_length=20)
    owner: str = Field(default="", max_length=80)
    review_date: date | None = None
    other_page: str = Field(default="www.sr.se", min_length=1, max_length=80)
    kept_at: str = Field(default="", max_length=160)


class Paper(_Part):
    """How the lists are set: each employee on pages of her own, or several to a sheet for the binder."""

    list_form: Literal["pages", "compact"] = "pages"
    tagged: bool = False


class Alerts(_Part):
    """Names of Airflow connections that alerts go through; never addresses or secrets."""

    critical: tuple[str, ...] = ()
    info: tuple[str, ...] = ()


def _quiet_hours(value: Any) -> Any:
    if value in (None, ""):
        return None
    clock = r"([01]\d|2[0-3]):[0-5]\d"
    if not isinstance(value, str) or not re.fullmatch(rf"{clock}-{clock}", value):
        raise ValueError('must be two clock times in quotes, for example "20:00-06:30"')
    first, last = (time.fromisoformat(part) for part in value.split("-"))
    if first == last:
        raise ValueError('must not begin and end at the same time, for example "20:00-06:30"')
    return first, last


class Probes(_Part):
    """Addresses by which the watch tells what is down; `outside` empty means the page that the paper routine names."""

    own: str = Field(default="", max_length=200)
    outside: str = Field(default="", max_length=200)


class Watch(_Part):
    """How the watch tells, asks again, and remembers.

    `quiet_hours` hold back what is not critical. `heartbeat` names the Airflow connection of an address outside that
    is told of each round. `airflow` is the address of Airflow's own pages, for links and for its health. `folder`
    keeps what the watch remembers: a folder, or object storage.
    """

    folder: str = "../.run/watch"
    remind_hours: float = Field(default=24, ge=1)
    quiet_hours: Annotated[tuple[time, time] | None, BeforeValidator(_quiet_hours)] = None
    latest_capture_hours: float = Field(default=26, gt=0)
    silent_minutes: float = Field(default=90, ge=5)
    heal: bool = True
    heal_tries: int = Field(default=3, ge=1, le=10)
    heal_pause_minutes: float = Field(default=60, ge=5)
    heartbeat: str = ""
    airflow: str = Field(default="", max_length=200)
    probes: Probes = Probes()


class Drill(_Part):
    """How many groups a drill tries."""

    groups: int = Field(default=3, ge=1, le=1000)


class Thresholds(_Part):
    """Section 10 of the design; shares are fractions of 1."""

    unreadable_rows_share: float = Field(default=0.01, ge=0, le=1)
    unassigned_share: float = Field(default=0.10, ge=0, le=1)
    longest_visit_hours: float = Field(default=24, gt=0, le=48)
    gone_remark_visits: int = Field(default=3, ge=0)
    gone_remark_share: float = Field(default=0.03, ge=0, le=1)
    gone_incomplete_share: float = Field(default=0.20, ge=0, le=1)
    times_shifted_share: float = Field(default=0.50, ge=0, le=1)
    in_two_places_share: float = Field(default=0.80, ge=0, le=1)
    usual_samples: int = Field(default=3, ge=1, le=8)
    usual_remark_below: float = Field(default=0.70, ge=0, le=1)
    usual_remark_above: float = Field(default=1.30, ge=1, le=10)
    usual_incomplete_below: float = Field(default=0.50, ge=0, le=1)
    usual_incomplete_above: float = Field(default=2.00, ge=1, le=10)
    usual_hour_visits: int = Field(default=4, ge=1)
    ignored_remarks: tuple[str, ...] = ()
    clock_skew_minutes: float = Field(default=5, gt=0)
    retention_late_hours: float = Field(default=1, gt=0)
    most_dates_removed_at_once: int = Field(default=5, ge=1)

    def ordinary_loss(self, visits: int) -> float:
        """So many of a copy's visits may be gone on any day."""
        return max(self.gone_remark_visits, visits * self.gone_remark_share)

    @field_validator("ignored_remarks")
    @classmethod
    def _remarks_only(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        known = {rule.code for rule in RULES if rule.severity.whole} - NEVER_IGNORED
        for code in codes:
            if code not in known:
                raise ValueError(f"{code!r} is no remark that may go untold")
        return codes

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for remark, incomplete in (
            ("gone_remark_share", "gone_incomplete_share"),
            ("usual_incomplete_below", "usual_remark_below"),
            ("usual_remark_above", "usual_incomplete_above"),
        ):
            if getattr(self, remark) > getattr(self, incomplete):
                example = ", ".join(f"{name}: {type(self).model_fields[name].default}" for name in (remark, incomplete))
                raise ValueError(f"{remark} must not be above {incomplete}, for example {example}")
        return self


class Settings(_Part):
    """The whole configuration; see config/reservplan.yaml for a commented example."""

    organisation: str
    timezone: str = "Europe/Stockholm"
    language: Literal["sv", "en"] = "sv"
    teams: tuple[Team, ...] = Field(min_length=1)
    window: WindowDays = WindowDays()
    schedule: Schedule = Schedule()
    stale_hours: float = Field(default=14, gt=0)
    source: Source
    stores: tuple[StoreSettings, ...] = Field(min_length=1)
    contacts: Contacts = Contacts()
    routine: Routine = Routine()
    paper: Paper = Paper()
    alerts: Alerts = Alerts()
    watch: Watch = Watch()
    drill: Drill = Drill()
    staging: str = "../.run/staging"
    archive: str = "../.run/archive"
    reports: str = "../.run/reports"
    holidays: str = "SE"
    thresholds: Thresholds = Thresholds()

    @field_validator("thresholds", mode="before")
    @classmethod
    def _none_named(cls, value: Any) -> Any:
        # What is left where every line below it has its # before it.
        return {} if value is None else value

    @field_validator("holidays")
    @classmethod
    def _country_known(cls, value: str) -> str:
        if value in ("", "SE"):
            return value  # without the library: importing it costs every command 20 MB and two tenths of a second
        from holidays import list_supported_countries

        if value not in list_supported_countries():
            raise ValueError(f"{value!r} is no country whose holidays are known, nor empty for none")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone, for example Europe/Stockholm") from None
        return value

    @field_validator("teams", mode="before")
    @classmethod
    def _plain_names(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [{"name": item} if isinstance(item, str) else item for item in value]

    @field_validator("teams")
    @classmethod
    def _possible_names(cls, teams: tuple[Team, ...]) -> tuple[Team, ...]:
        seen: dict[str, str] = {}
        for team in teams:
            if fault := team_name_fault(team.name):
                raise ValueError(f"the group name {team.name!r} {fault}, so no file can carry it; e.g. Ullared")
            if (key := team_key(team.name)) in seen:
                raise ValueError(f"the group {team.name!r} is there twice (as {seen[key]!r}); name each group once")
            seen[key] = team.name
        return teams

    @field_validator("stores")
    @classmethod
    def _stores_once(cls, stores: tuple[StoreSettings, ...]) -> tuple[StoreSettings, ...]:
        names = [store.name for store in stores]
        if len(set(names)) < len(names):
            raise ValueError("two stores have the same name; each needs its own, e.g. share and office")
        return stores

    @field_validator("staging", "archive", "reports")
    @classmethod
    def _place(cls, value: str) -> str:
        # With one slash it would be a folder of that name.
        looks_remote = "://" in value or re.match(r"[a-z][a-z0-9]+:/", value)
        if looks_remote and not re.fullmatch(r"(?!file:|local:)[a-z][a-z0-9]*://[^/@:]+(/.*)?", value):
            # A file:// would be written past the rights that a plain path is given, a login would stand in every log.
            raise ValueError(
                "is neither a path nor the address of a bucket without a login, for example s3://bucket/reservplan"
            )
        return value

    @model_validator(mode="after")
    def _names_known(self) -> Self:
        known = {team.name for team in self.teams}
        for theirs, ours in self.source.teams.items():
            if ours not in known:
                raise ValueError(
                    f"source.teams maps {theirs!r} to {ours!r}, which is not among teams: name one of these, "
                    "or remove the line"
                )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return ZoneInfo(self.timezone)

    def team(self, name: str) -> Team | None:
        """The configured team of that name, or None."""
        return next((team for team in self.teams if team.name == name), None)


def load(path: str | Path | None = None) -> Settings:
    """Read and check the configuration; `path` beats `RESERVPLAN_CONFIG`, which beats config/reservplan.yaml.

    Raises:
        SettingsError: what is wrong, where (the key's path), with an example.
    """
    file = Path(path or os.environ.get(CONFIG_VARIABLE) or DEFAULT_PATH).absolute()
    try:
        tree = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader, see below
    except FileNotFoundError:
        raise SettingsError(
            f"There is no configuration at {file}.",
            do=f"Copy config/reservplan.yaml there, or name yours in {CONFIG_VARIABLE}.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read ({type(error).__name__}).", do="Save it as UTF-8 text.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise SettingsError(f"{file.name}{where}: {problem}.", do="Mend that line.") from None
    except ValueError as error:
        # What looks like a date to YAML and is none: 2026-11-31.
        raise SettingsError(
            f"{file.name}: a date in it is none ({error}).", do="Write dates that exist, for example 2026-11-30."
        ) from None
    if not isinstance(tree, dict):
        raise SettingsError(f"{file.name} holds no settings.", do="Begin with config/reservplan.yaml as the example.")
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(f"{file.name}: {_explain(error)}", do="") from None
    settings = _absolute(settings, file.parent)
    _refuse_shared_folders(settings, file.name)
    return settings


def _refuse_shared_folders(settings: Settings, file_name: str) -> None:
    """Staging is emptied, retention removes from stores, and the archive holds a secret: none may hold another."""
    named = [("staging", settings.staging), ("archive", settings.archive), ("reports", settings.reports)]
    named.append(("watch.folder", settings.watch.folder))
    if settings.source.kind == "files":
        named.append(("source.path", re.split(r"[{*?]", settings.source.path)[0]))
    named += [(f"stores.{store.name}.folder", store.folder) for store in settings.stores if store.kind == "folder"]
    folders = [(name, _as_folder(path)) for name, path in named if path]
    for number, (name, folder) in enumerate(folders):
        for other_number, (other_name, other) in enumerate(folders):
            same = folder == other and number < other_number
            # Exports are only read, and only in their own folder, so the source may lie above the others.
            if same or (name != "source.path" and folder in other.parents):
                raise SettingsError(
                    f"{file_name}: {name} and {other_name} are the same folder, or one lies in the other ({other}).",
                    do="Give each a folder of its own, for example staging: ../.run/staging.",
                )


def _as_folder(path: str) -> PurePath:
    """A path or an address as something whose parents can be asked; addresses never lie in folders of the disk."""
    return PurePosixPath(*path.rstrip("/").split("/")) if "://" in path else Path(path).resolve()


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice: the second would win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is there twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _explain(error: ValidationError) -> str:
    """Each fault as `key.path: what is wrong (example)`."""
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
        lines.append(f"{path or 'the file'}: {_words(fault)}{_example(path)}")
    return "; ".join(dict.fromkeys(lines))


def _words(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "is no key that Reservplan knows; look for a typing mistake"
    if fault["type"] == "missing":
        return "is missing"
    return str(fault["msg"]).removeprefix("Value error, ")


_EXAMPLES = {
    "organisation": "organisation: Falkenbergs kommun",
    "teams": "teams: [Ullared, Vessigebro]",
    "window.days_back": "days_back: 14",
    "window.days_ahead": "days_ahead: 3",
    "stale_hours": "stale_hours: 14",
    "source": "source: {kind: files, path: ../exports/, columns: {…}}",
    "source.kind": "kind: files",
    "source.max_age_hours": "max_age_hours: 26",
    "stores": "stores: [{name: share, kind: smb, connection: reservplan_share, folder: …}]",
    "language": "language: sv",
    # YAML takes an unquoted NO for false.
    "holidays": 'holidays: "SE"',
    "thresholds.ignored_remarks": "ignored_remarks: [outside_shift]",
    # Of a group.
    "active_from": "active_from: 2026-11-01",
    "active_until": "active_until: 2026-11-30",
}


def _example(path: str) -> str:
    section, _, key = path.rpartition(".")
    if section == "thresholds" and key in Thresholds.model_fields and key != "ignored_remarks":
        return f", for example {key}: {Thresholds.model_fields[key].default}"
    example = _EXAMPLES.get(path) or _EXAMPLES.get(key if section.startswith("teams[") else "")
    return f", for example {example}" if example else ""


def _absolute(settings: Settings, base: Path) -> Settings:
    """Relative paths start at the file's own folder, wherever the command was started."""

    def resolve(path: str) -> str:
        return path if not path or "://" in path else os.path.normpath(base / Path(path).expanduser())

    shifts = settings.source.shifts
    source = settings.source.model_copy(
        update={
            "path": resolve(settings.source.path),
            "shifts": shifts and shifts.model_copy(update={"path": resolve(shifts.path)}),
        }
    )
    stores = tuple(
        s.model_copy(update={"folder": nfc(resolve(s.folder) if s.kind == "folder" else s.folder)})
        for s in settings.stores
    )
    return settings.model_copy(
        update={
            "source": source,
            "stores": stores,
            "staging": resolve(settings.staging),
            "archive": resolve(settings.archive),
            "reports": resolve(settings.reports),
            "watch": settings.watch.model_copy(update={"folder": resolve(settings.watch.folder)}),
        }
    )
