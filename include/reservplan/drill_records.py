"""What a drill has found, as it is kept: groups, codes, counts and times; no value of a person."""

import contextlib
from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from reservplan.domain.verdict import Verdict
from reservplan.private_files import PrivateFiles

FOLDER = "drills"
_ENDING = ".json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Trial(_Part):
    """One group at one store.

    `visits` is what the list itself says, `recorded` what the store's record says, `rows` those in Excel that count for
    the day. `seconds` passed until a reader had the list. `faults` and `remarks` are codes.
    """

    team: str
    path: str = ""
    files: int = 0
    pages: int = 0
    visits: int | None = None
    recorded: int | None = None
    rows: int = 0
    overview_rows: int = 0
    verdict: Verdict | None = None
    captured_at: AwareDatetime | None = None
    seconds: float = 0
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether a reader would have had a whole list of the day."""
        return not self.faults


class StoreDrilled(_Part):
    """One store: its groups, or in words why nothing could be taken from it."""

    store: str
    away: str = ""
    trials: tuple[Trial, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every group passed there."""
        return not self.away and all(trial.passed for trial in self.trials)


class Drilled(_Part):
    """A whole drill."""

    drilled_at: AwareDatetime
    today: date
    stores: tuple[StoreDrilled, ...]

    @property
    def passed(self) -> bool:
        """Whether every store passed."""
        return all(store.passed for store in self.stores)

    @property
    def teams(self) -> tuple[str, ...]:
        """The groups that were tried at some store."""
        return tuple(dict.fromkeys(trial.team for store in self.stores for trial in store.trials))


class DrillRecords:
    """Protocols and records of drills, below the watch's folder."""

    def __init__(self, folder: str) -> None:
        self.files = PrivateFiles.at(folder, "watch.folder").below(FOLDER)

    def keep(self, drilled: Drilled, contents: dict[str, bytes]) -> str:
        """Keep the record and its pages (by ending); returns the name without ending."""
        stem = f"{drilled.drilled_at:%Y%m%dT%H%M%SZ}"
        for ending, content in {**contents, _ENDING: drilled.model_dump_json(indent=1).encode()}.items():
            self.files.write_whole(f"{stem}{ending}", content)
        return str(self.files.root / stem)

    def last_tried(self) -> dict[str, date]:
        """When each group was tried last."""
        return {team: drilled.today for drilled in self.all() for team in drilled.teams}

    def all(self) -> list[Drilled]:
        """Every drill that was kept, in order of time; a record that cannot be read counts for nothing."""
        found = []
        for name in self.files.names():
            if name.endswith(_ENDING):
                with contextlib.suppress(ValidationError):
                    found.append(Drilled.model_validate_json(self.files.read_or_none(name) or b""))
        return sorted(found, key=lambda drilled: drilled.drilled_at)
