"""Writing a batch of cells to one store: intent first, then each file whole or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from reservplan.domain.days import Window, require_aware
from reservplan.domain.errors import ReservplanError
from reservplan.domain.manifest import ArtifactEntry, CellEntry, Intended, Intent, even_second, whole_second
from reservplan.domain.names import ADOPTED, Format, Kind, intent_name, parse_artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.ports import FileOutcome, FileToWrite, Outcome, Store
from reservplan.domain.standing import WHOLE_STATES, Slot, Standing
from reservplan.publish.comparing import decide_for
from reservplan.publish.decision import MOST_GONE_SHARE, Action, Decision, Offer, Place
from reservplan.publish.placing import Target, entry_after, old_stand_in, reusable, slots_to_write, stand_in, targets
from reservplan.settings import StoreSettings
from reservplan.store.inspection import artifact_path, folders_of, inspect

ContentOf = Callable[[Cell, Kind, Format], bytes | None]
Progress = Callable[[int, int], None]

# An artifact that could not be replaced for one of these reasons is open or protected, or somebody has saved something
# there meanwhile: the new one stands in beside it.
STANDS_IN = frozenset({Outcome.BUSY, Outcome.DENIED, Outcome.CHANGED})


@dataclass(frozen=True)
class Published:
    """What publishing did with one cell on one store; no personal data.

    `entry` is the record of what now lies there (None: nothing of ours), which counts once it is sealed. `outcomes`
    has the files that were sent. `short` names why the cell fell short, else it is empty: `not_rendered` and
    `intent_not_written` (nothing was touched), `stood_in` (the new copy lies beside a file that is open or protected),
    `changed_meanwhile` (it lies beside one that somebody saved while we wrote), `partly_written`, `not_written`.
    """

    cell: Cell
    decision: Decision
    entry: CellEntry | None
    outcomes: tuple[FileOutcome, ...] = ()
    short: str = ""

    @property
    def held(self) -> tuple[str, ...]:
        """Paths of the files that could not be replaced: open, protected, or saved by somebody meanwhile."""
        return tuple(outcome.path for outcome in self.outcomes if outcome.outcome in STANDS_IN)

    @property
    def written(self) -> bool:
        """Whether any file of the cell was written, so that it waits for the seal."""
        return self.decision.writes and self.short not in ("not_rendered", "intent_not_written", "not_written")


PUBLISHED = TypeAdapter(list[Published])


def to_json(published: Mapping[Cell, Published]) -> bytes:
    """As one task hands it to the next through the run's staging."""
    return PUBLISHED.dump_json(list(published.values()))


def from_json(content: bytes) -> dict[Cell, Published]:
    """What `to_json` wrote."""
    return {published.cell: published for published in PUBLISHED.validate_json(content)}


def publish(
    store: Store,
    store_settings: StoreSettings,
    offers: Sequence[Offer],
    content_of: ContentOf,
    run_id: str,
    window: Window,
    *,
    published_at: datetime,
    zone: ZoneInfo,
    force: bool = False,
    deep: bool = False,
    most_gone_share: float = MOST_GONE_SHARE,
    language: str = "sv",
    progress: Progress | None = None,
) -> dict[Cell, Published]:
    """Write what is better than what lies there; the seal makes it count.

    `content_of` gives a rendered artifact, twice the same bytes (once for the intent, once to write), or None where it
    was not rendered. `published_at` is aware; its clock time in `zone` names stand-ins. `deep` reads every recorded
    file of the cells instead of going by size and time.

    Raises:
        StoreBusy: somebody else is publishing.
        StoreFull, StoreUnreachable, StoreRefused: the rest could not be tried; files already written are whole and
            their intent lies on the store, so the next run or seal takes them up.
    """
    writing = _Writing(
        store, store_settings.layout, run_id, require_aware(published_at).astimezone(zone), force, language, content_of
    )
    with store.lock(run_id):
        teams = {offer.cell.team for offer in offers}
        for folder in sorted({"", *(folder for team in teams for folder in folders_of(store_settings.layout, team))}):
            store.remove_leftovers(folder)
        days = inspect(store, store_settings.layout, [offer.cell for offer in offers], deep=deep)
        writing.intents = {day.plan_date: day.intent for day in days.values() if day.intent is not None}
        published: dict[Cell, Published] = {}
        jobs: list[_Job] = []
        for offer in offers:
            standing = writing.respell(days[offer.cell.plan_date].standing(offer.cell.team))
            decision = decide_for(
                store_settings, standing, offer, window, zone, force=force, most_gone_share=most_gone_share
            )
            if isinstance(standing, ReservplanError) or not decision.writes:
                published[offer.cell] = _untouched(standing, offer, decision)
            elif (job := writing.prepare(offer, standing, decision)) is not None:
                jobs.append(job)
            else:
                published[offer.cell] = Published(offer.cell, decision, standing.entry, (), "not_rendered")
        published.update(writing.write(jobs, progress or _silent))
    return {offer.cell: published[offer.cell] for offer in offers}


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def _untouched(standing: Standing | ReservplanError, offer: Offer, decision: Decision) -> Published:
    """A cell whose files stay; its record may say that the content was true later, or came of this input too.

    `changed_since` stays: it speaks of the list of changes that the paper has.
    """
    entry = None if isinstance(standing, ReservplanError) else standing.entry
    if entry is not None and decision.action is Action.CONFIRM:
        entry = entry.model_copy(
            update={
                "confirmed_at": offer.captured_at,
                "verdict": offer.verdict,
                "reasons": offer.reasons,
                "cancelled": offer.cancelled,
                "by_hour": offer.by_hour,
                "source_sha256": offer.source_sha256,
            }
        )
    elif entry is not None and decision.action is Action.LEAVE:
        entry = entry.model_copy(update={"source_sha256": offer.source_sha256})
    return Published(offer.cell, decision, entry)


@dataclass(frozen=True)
class _Digest:
    sha256: str
    size_bytes: int


@dataclass
class _Job:
    """One cell on its way: what goes where, and what has come of it."""

    offer: Offer
    standing: Standing
    decision: Decision
    digests: Mapping[Slot, _Digest]
    targets: Mapping[Slot, Target]
    replaced: dict[Slot, ArtifactEntry] = field(default_factory=dict)
    stand_ins: dict[Slot, ArtifactEntry] = field(default_factory=dict)
    outcomes: list[FileOutcome] = field(default_factory=list)

    @property
    def cell(self) -> Cell:
        return self.offer.cell


@dataclass
class _Writing:
    """The circumstances that every cell of one call shares, and the intents as they lie on the store."""

    store: Store
    layout: str
    run_id: str
    at: datetime
    force: bool
    language: str
    content_of: ContentOf
    intents: dict[date, Intent] = field(default_factory=dict)

    @property
    def mtime(self) -> datetime:
        """The even second that all files of the batch get: sticks keep no finer time."""
        return even_second(self.at)

    def respell(self, standing: Standing | ReservplanError) -> Standing | ReservplanError:
        """The standing with our own files under their own names again, where a Mac has renamed them to NFD.

        Else the new file would lie beside the old one, and the two would look alike.
        """
        if isinstance(standing, ReservplanError) or not any(info.spelled for info in standing.listed.values()):
            return standing
        listed = dict(standing.listed)
        for name, info in standing.listed.items():
            path = artifact_path(self.layout, standing.cell.team, info.name)
            ours = standing.files.get(name) in WHOLE_STATES
            if info.spelled and ours and self.store.rename(path, path).outcome is Outcome.DONE:
                listed[name] = replace(info, spelled="")
        return replace(standing, listed=listed)

    def prepare(self, offer: Offer, standing: Standing, decision: Decision) -> _Job | None:
        """The cell with the hashes of what will be written; None where it was not rendered."""
        digests: dict[Slot, _Digest] = {}
        for slot in slots_to_write(standing, decision):
            content = self._content(offer.cell, slot)
            if content is None:
                return None
            digests[slot] = _Digest(sha256(content).hexdigest(), len(content))
        if decision.adopt:
            standing = self._adopt(standing)
            if standing.foreign:
                decision = replace(decision, alarm=True, place=Place.BESIDE)
        return _Job(offer, standing, decision, digests, targets(standing, decision, self.at))

    def write(self, jobs: Sequence[_Job], progress: Progress) -> dict[Cell, Published]:
        """Intent, files, stand-ins for what could not be replaced, and the intent as it turned out."""
        for job in jobs:
            self._take_identical(job)
        intended = self._intend({job.cell: self._expected(job) for job in jobs}, jobs)
        ready = [job for job in jobs if job.cell.plan_date in intended]
        refused = [job for job in jobs if job.cell.plan_date not in intended]
        self._send([(job, target) for job in ready for target in self._to_send(job)], progress)
        behind = [job for job in ready if len(job.replaced) < len(job.targets)]
        if behind:
            self._stand_in(behind)
            self._intend({job.cell: self._entry(job) for job in behind if job.replaced or job.stand_ins}, behind)
        done = {job.cell: self._published(job) for job in ready}
        done.update(
            (job.cell, Published(job.cell, job.decision, job.standing.entry, (), "intent_not_written"))
            for job in refused
        )
        return done

    def _content(self, cell: Cell, slot: Slot) -> bytes | None:
        try:
            return self.content_of(cell, *slot)
        except (OSError, ReservplanError):
            return None

    def _adopt(self, standing: Standing) -> Standing:
        """Rename somebody else's files out of the way; the standing with those that could not be."""
        moved = []
        for name in standing.foreign:
            parsed = parse_artifact_name(name)
            if parsed is None or standing.listed[name].name != name:
                continue
            new = str(replace(parsed, suffix=ADOPTED))
            team = standing.cell.team
            outcome = self.store.rename(artifact_path(self.layout, team, name), artifact_path(self.layout, team, new))
            if outcome.outcome is Outcome.DONE:
                moved.append(name)
        return replace(
            standing,
            foreign=tuple(name for name in standing.foreign if name not in moved),
            listed={name: info for name, info in standing.listed.items() if name not in moved},
        )

    def _take_identical(self, job: _Job) -> None:
        """Unchanged means untouched: a file that holds the very bytes already is not sent again, unless by force."""
        for slot, target in job.targets.items():
            record = None if self.force else reusable(job.standing, target, job.digests[slot].sha256)
            if record is not None:
                job.replaced[slot] = record.model_copy(
                    update={"captured_at": job.offer.captured_at, "stands_in_for": target.stands_in_for}
                )

    def _to_send(self, job: _Job) -> Iterator[Target]:
        yield from (target for slot, target in job.targets.items() if slot not in job.replaced)

    def _record(self, job: _Job, target: Target) -> ArtifactEntry:
        digest = job.digests[target.slot]
        return ArtifactEntry(
            kind=target.kind,
            format=target.format,
            name=target.name,
            bytes=digest.size_bytes,
            sha256=digest.sha256,
            mtime=self.mtime,
            captured_at=job.offer.captured_at,
            stands_in_for=target.stands_in_for,
        )

    def _expected(self, job: _Job) -> CellEntry:
        """The record as it shall be when every file can be written."""
        sent = {target.slot: self._record(job, target) for target in self._to_send(job)}
        return self._entry_with(job, {**job.replaced, **sent}, {})

    def _entry(self, job: _Job) -> CellEntry:
        """The record as it has turned out."""
        return self._entry_with(job, job.replaced, job.stand_ins)

    def _entry_with(
        self, job: _Job, replaced: Mapping[Slot, ArtifactEntry], stand_ins: Mapping[Slot, ArtifactEntry]
    ) -> CellEntry:
        return entry_after(
            job.offer, job.standing, job.decision, replaced, stand_ins, whole_second(self.at), self.language
        )

    def _intend(self, entries: Mapping[Cell, CellEntry], jobs: Sequence[_Job]) -> set[date]:
        """Write what the cells shall be into their days' intents; returns the days whose intent lies there.

        Other teams' entries are kept, and so are those of interrupted runs of which a file lies there still.
        """
        standings = {job.cell: job.standing for job in jobs}
        by_day: dict[date, dict[str, Intended]] = {}
        for cell, entry in entries.items():
            earlier = tuple(old for old in standings[cell].pending if not _covers(entry, old))
            by_day.setdefault(cell.plan_date, {})[cell.team] = Intended(
                run_id=self.run_id, written_at=whole_second(self.at), entry=entry, earlier=earlier
            )
        intents = {
            day: Intent(plan_date=day, cells={**(self.intents[day].cells if day in self.intents else {}), **cells})
            for day, cells in by_day.items()
        }
        outcomes = self.store.write(
            [FileToWrite(intent_name(day), intent.to_bytes(), self.mtime) for day, intent in intents.items()]
        )
        written = {outcome.path for outcome in outcomes if outcome.outcome is Outcome.DONE}
        done = {day for day in intents if intent_name(day) in written}
        self.intents.update((day, intents[day]) for day in done)
        return done

    def _send(self, files: Sequence[tuple[_Job, Target]], progress: Progress) -> None:
        """Write the files in one go, each content taken when its turn comes, so that memory stays small."""
        sent: dict[str, tuple[_Job, Target]] = {}

        def contents() -> Iterator[FileToWrite]:
            for number, (job, target) in enumerate(files):
                progress(number, len(files))
                path = artifact_path(self.layout, job.cell.team, target.name)
                content = self._content(job.cell, target.slot)
                if content is None or sha256(content).hexdigest() != job.digests[target.slot].sha256:
                    job.outcomes.append(FileOutcome(path, Outcome.FAILED, "what was rendered has changed meanwhile"))
                    continue
                sent[path] = (job, target)
                yield FileToWrite(path, content, self.mtime, job.standing.over(target.name))

        for outcome in self.store.write(contents()):
            job, target = sent[outcome.path]
            job.outcomes.append(outcome)
            if outcome.outcome is Outcome.DONE:
                planned = job.targets.get(target.slot) == target
                (job.replaced if planned else job.stand_ins)[target.slot] = self._record(job, target)
        progress(len(files), len(files))

    def _stand_in(self, behind: Sequence[_Job]) -> None:
        """Put the new copy beside each file that cannot be replaced; the same one as before is not written again."""
        files: list[tuple[_Job, Target]] = []
        for job in behind:
            for target in self._unreplaceable(job):
                old = old_stand_in(job.standing, target.slot, job.digests[target.slot].sha256)
                beside = stand_in(job.standing, target.slot, self.at)
                if old is not None:
                    job.stand_ins[target.slot] = old
                elif beside is not None:
                    files.append((job, beside))
        if not files:
            return
        expected = {
            job.cell: self._entry_with(
                job, job.replaced, {**job.stand_ins, **{t.slot: self._record(j, t) for j, t in files if j is job}}
            )
            for job in behind
        }
        intended = self._intend(expected, behind)
        self._send([(job, target) for job, target in files if job.cell.plan_date in intended], _silent)

    def _unreplaceable(self, job: _Job) -> Iterator[Target]:
        stuck = {outcome.path for outcome in job.outcomes if outcome.outcome in STANDS_IN}
        for target in self._to_send(job):
            if artifact_path(self.layout, job.cell.team, target.name) in stuck:
                yield target

    def _published(self, job: _Job) -> Published:
        touched = bool(job.replaced or job.stand_ins)
        entry = self._entry(job) if touched else job.standing.entry
        missing = [slot for slot in job.digests if slot not in job.replaced]
        if not missing:
            short = ""
        elif touched:
            short = _beside(job) if all(slot in job.stand_ins for slot in missing) else "partly_written"
        else:
            short = "not_written"
        return Published(job.cell, job.decision, entry, tuple(job.outcomes), short)


def _beside(job: _Job) -> str:
    """Why the new files lie beside the old ones."""
    saved = any(outcome.outcome is Outcome.CHANGED for outcome in job.outcomes)
    return "changed_meanwhile" if saved else "stood_in"


def _covers(entry: CellEntry, old: CellEntry) -> bool:
    """Whether every file that the old entry names is named with the same bytes by the new one."""
    named = {(artifact.name, artifact.sha256) for artifact in entry.artifacts}
    return all((artifact.name, artifact.sha256) in named for artifact in old.artifacts)
