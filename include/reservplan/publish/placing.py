"""Under which names a cell's artifacts go, and what the record says of the cell afterwards; pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from reservplan.domain.manifest import ArtifactEntry, CellEntry
from reservplan.domain.names import ARTIFACTS, BESIDE, Format, Kind, artifact_name, is_beside, stand_in_suffix
from reservplan.domain.standing import WHOLE_STATES, FileState, Slot, Standing
from reservplan.domain.verdict import Reason, Verdict, verdict_of
from reservplan.domain.words import say
from reservplan.publish.decision import Decision, Offer

# Remarks that publishing itself adds to a cell; the catalogue holds their words under `publish.<code>`.
REMARK_CODES = frozenset({"older_but_whole", "mended_partly"})


@dataclass(frozen=True)
class Target:
    """Where one artifact goes; `stands_in_for` is the cell's own name where that one is taken."""

    kind: Kind
    format: Format
    name: str
    stands_in_for: str | None = None

    @property
    def slot(self) -> Slot:
        """Which of the cell's four artifacts it is."""
        return self.kind, self.format


def targets(standing: Standing, decision: Decision, at: datetime) -> dict[Slot, Target]:
    """The artifacts to write, each under the first of its names that nobody else's content holds.

    One without any free name is left out. `at` is local: stand-ins carry its clock time.
    """
    found = (_target(standing, slot, at) for slot in slots_to_write(standing, decision))
    return {target.slot: target for target in found if target is not None}


def slots_to_write(standing: Standing, decision: Decision) -> list[Slot]:
    """All four artifacts, or only those of which nothing whole lies there."""
    return [slot for slot in ARTIFACTS if not decision.only_broken or slot in standing.lacking]


def stand_in(standing: Standing, slot: Slot, at: datetime) -> Target | None:
    """Where an artifact goes whose own file cannot be replaced; None where that name is taken too."""
    own = artifact_name(standing.cell.plan_date, slot[0], standing.cell.team, slot[1])
    name = artifact_name(standing.cell.plan_date, slot[0], standing.cell.team, slot[1], stand_in_suffix(at))
    return None if standing.taken(name) else Target(*slot, name, own)


def _target(standing: Standing, slot: Slot, at: datetime) -> Target | None:
    own, beside = (
        artifact_name(standing.cell.plan_date, slot[0], standing.cell.team, slot[1], suffix) for suffix in ("", BESIDE)
    )
    if not standing.taken(own):
        return Target(*slot, own)
    if not standing.taken(beside):
        return Target(*slot, beside, own)
    return stand_in(standing, slot, at)


def reusable(standing: Standing, target: Target, sha256: str) -> ArtifactEntry | None:
    """The record of a file that lies under the target's name with the very bytes that would be written."""
    record = standing.records.get(target.name)
    whole = standing.files.get(target.name) in WHOLE_STATES
    return record if record is not None and whole and record.sha256 == sha256 else None


def old_stand_in(standing: Standing, slot: Slot, sha256: str) -> ArtifactEntry | None:
    """A stand-in of an earlier run that holds the very bytes that would be written once more."""
    for name, record in standing.records.items():
        if (record.kind, record.format) == slot and record.stands_in_for and record.sha256 == sha256:
            return record if standing.files[name] in WHOLE_STATES else None
    return None


def entry_after(
    offer: Offer,
    standing: Standing,
    decision: Decision,
    replaced: Mapping[Slot, ArtifactEntry],
    stand_ins: Mapping[Slot, ArtifactEntry],
    published_at: datetime,
    language: str,
) -> CellEntry:
    """The cell's record when the `replaced` artifacts lie there, and the `stand_ins` beside those that could not be.

    Its content is empty unless all four artifacts are of one copy: then the next run tries again.
    """
    artifacts = [a for slot in ARTIFACTS for a in _artifacts(standing, slot, replaced.get(slot), stand_ins.get(slot))]
    complete = len(replaced) == len(ARTIFACTS)
    if decision.only_broken and standing.entry is not None:
        return _mended(standing, standing.entry, offer, replaced, artifacts, language)
    reasons = offer.reasons
    if decision.code in REMARK_CODES:
        reasons = (*reasons, _remark(decision.code, language))
    return CellEntry(
        verdict=_no_better(offer.verdict, reasons),
        reasons=reasons,
        origin=offer.origin,
        captured_at=offer.captured_at,
        read_at=offer.read_at,
        confirmed_at=offer.captured_at,
        published_at=published_at,
        visits=offer.visits,
        unassigned=offer.unassigned,
        employees=offer.employees,
        cancelled=offer.cancelled,
        by_hour=offer.by_hour,
        content=offer.content if complete else "",
        changed_since=offer.changed_since,
        source_sha256=offer.source_sha256,
        artifacts=tuple(artifacts),
    )


def _mended(
    standing: Standing,
    entry: CellEntry,
    offer: Offer,
    replaced: Collection[Slot],
    artifacts: Collection[ArtifactEntry],
    language: str,
) -> CellEntry:
    """The better copy's record with its broken files written from a worse one; the better copy stays the measure."""
    changes: dict[str, object] = {"artifacts": tuple(artifacts)}
    own = {(a.kind, a.format) for a in entry.artifacts if standing.files[a.name] is FileState.WHOLE}
    if entry.content != offer.content or not own.union(replaced).issuperset(ARTIFACTS):
        changes["content"] = ""
    if entry.content != offer.content:
        kept = tuple(reason for reason in entry.reasons if reason.code not in REMARK_CODES)
        reasons = (*kept, _remark("mended_partly", language))
        changes |= {"reasons": reasons, "verdict": _no_better(entry.verdict, reasons)}
    return entry.model_copy(update=changes)


def _artifacts(
    standing: Standing, slot: Slot, new: ArtifactEntry | None, new_stand_in: ArtifactEntry | None
) -> list[ArtifactEntry]:
    """The records of one artifact: the new one, else those that were there; an edited file stays on record always."""
    before = [
        (record, standing.files[name])
        for name, record in standing.records.items()
        if (record.kind, record.format) == slot
    ]
    edited = [record for record, state in before if state is FileState.EDITED]
    if new is not None:
        return [new, *edited]
    # All that lies there stays on record, also by records before the entry: among it is the best copy so far.
    there = [
        record
        for record, state in before
        if state not in (FileState.EDITED, FileState.MISSING) and not (new_stand_in and is_beside(record.name))
    ]
    return [*there, *edited, *([new_stand_in] if new_stand_in else [])]


def _remark(code: str, language: str) -> Reason:
    return Reason(code=code, count=1, text=say(language, f"publish.{code}"), severity=Verdict.REMARKS)


def _no_better(verdict: Verdict, reasons: Collection[Reason]) -> Verdict:
    """The verdict, at best what the reasons allow."""
    if verdict is Verdict.COMPLETE:
        return verdict_of([reason for reason in reasons if reason.code in REMARK_CODES])
    return verdict
