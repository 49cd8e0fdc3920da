"""Keeping papers on a store: only what differs is made and written, whole or not at all, over nothing but ours.

What is about to be written is noted first, so that a run that is cut off never makes our own file look foreign.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from reservplan.domain.days import require_aware
from reservplan.domain.manifest import even_second
from reservplan.domain.names import beside_name, nfc
from reservplan.domain.papers import PAPERS_BACKUP_NAME, PAPERS_NAME, PaperEntry, Papers
from reservplan.domain.ports import FileInfo, FileToWrite, Outcome, Over, Store
from reservplan.store.papers import There, listed, look_at, record_of


@dataclass(frozen=True)
class Paper:
    """A paper that a store should hold; `content` is a hash over all that it shows and how it is drawn."""

    path: str
    content: str
    team: str = ""
    plan_dates: tuple[date, ...] = ()


@dataclass(frozen=True)
class KeptPapers:
    """What came of it: `paths` says where each wanted paper lies now, `short` why one is not as it should be.

    The codes: `open` (the old one stays until the next run), `denied`, `not_written`, `not_made`, `taken` (files that
    are not ours lie under both of its names).
    """

    written: int = 0
    left: int = 0
    paths: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)


# In batches, each written before the next is made: a hundred week packs are not held in memory at once. What could be
# made in part only comes under the paper that it became.
Make = Callable[[Sequence[Paper]], Iterable[Mapping[Paper, bytes]]]

_SHORT_OF_OUTCOME = {Outcome.BUSY: "open", Outcome.DENIED: "denied"}


def keep_papers(store: Store, papers: Sequence[Paper], make: Make, *, at: datetime) -> KeptPapers:
    """Bring the papers up to date on the opened store, whose lock the caller holds.

    `make` is asked once for those that differ and gives what it could make, batch by batch; `at` is aware.

    Raises:
        ManifestUnreadable: what is ours cannot be told; nothing was touched.
        StoreFull, StoreUnreachable, StoreRefused: the rest is done by the next run.
    """
    shelf = _Shelf(store, record_of(store), even_second(require_aware(at)))
    shelf.look([name for paper in papers for name in _names(paper)])
    targets = {paper.path: target for paper in papers if (target := shelf.target(paper)) is not None}
    placed = [paper for paper in papers if paper.path in targets]
    stale = [paper for paper in placed if not shelf.is_current(paper, targets[paper.path])]
    short = {paper.path: "taken" for paper in papers if paper.path not in targets}
    short.update(shelf.write(stale, make, targets) if stale else {})
    shelf.settle([paper for paper in papers if paper.path not in short])
    return KeptPapers(
        written=sum(paper.path not in short for paper in stale),
        left=len(placed) - len(stale),
        paths={path: target for path, target in targets.items() if shelf.states[target] is There.OURS},
        short=short,
    )


def forget(store: Store, paths: Collection[str], *, at: datetime) -> None:
    """Take paths under which nothing lies any more out of the record; where that cannot be written, the next run does.

    Raises as `keep_papers` does.
    """
    shelf = _Shelf(store, record_of(store), even_second(require_aware(at)))
    shelf.note(shelf.record.without(paths))


def _names(paper: Paper) -> tuple[str, str]:
    return nfc(paper.path), beside_name(nfc(paper.path))


class _Shelf:
    """The papers of one store as they lie there, and its record as it stands."""

    def __init__(self, store: Store, record: Papers, at: datetime) -> None:
        self.store = store
        self.record = record
        self.at = at
        self.listed: dict[str, FileInfo] = {}
        self.states: dict[str, There] = {}
        self.found: dict[str, PaperEntry] = {}

    def look(self, paths: Sequence[str]) -> None:
        """See what lies under the paths; only files in doubt are read."""
        self.listed.update(listed(self.store, paths))
        for path in paths:
            info = self.listed.get(path)
            self.states[path], entry = look_at(self.store, self.record, path, info)
            if entry is not None:
                self.found[path] = entry

    def target(self, paper: Paper) -> str | None:
        """The first of its two names under which nothing lies that is not ours."""
        return next((name for name in _names(paper) if self.states[name] is not There.NOT_OURS), None)

    def is_current(self, paper: Paper, target: str) -> bool:
        """Whether the very paper lies there already."""
        entry = self.found.get(target)
        return entry is not None and (entry.content, entry.plan_dates) == (paper.content, paper.plan_dates)

    def write(self, papers: Sequence[Paper], make: Make, targets: Mapping[str, str]) -> dict[str, str]:
        """Write what `make` gives, each batch noted before; returns by path why one is not as it should be."""
        short = {paper.path: "not_made" for paper in papers}
        for batch in make(papers):
            files = {self._entry(paper, targets[paper.path], content): content for paper, content in batch.items()}
            short.update(self._write_batch(files))
        return {path: code for path, code in short.items() if code}

    def _entry(self, paper: Paper, target: str, content: bytes) -> PaperEntry:
        return PaperEntry(
            path=target,
            wanted=paper.path,
            bytes=len(content),
            sha256=sha256(content).hexdigest(),
            mtime=self.at,
            content=paper.content,
            team=paper.team,
            plan_dates=paper.plan_dates,
        )

    def _write_batch(self, files: Mapping[PaperEntry, bytes]) -> dict[str, str]:
        """By path: why it is not as it should be, "" where it is."""
        if not self.note(self._with(intended=files)):
            return {entry.wanted: "not_written" for entry in files}
        outcomes = self.store.write(
            FileToWrite(entry.path, content, self.at, self.listed.get(entry.path, Over.NOTHING))
            for entry, content in files.items()
        )
        done = [entry for entry, outcome in zip(files, outcomes, strict=True) if outcome.outcome is Outcome.DONE]
        for entry in done:
            self.states[entry.path], self.found[entry.path] = There.OURS, entry
        noted = self.note(self._with(papers=done))
        short = {
            entry.wanted: _SHORT_OF_OUTCOME.get(outcome.outcome, "not_written")
            for entry, outcome in zip(files, outcomes, strict=True)
        }
        return short | {entry.wanted: "" if noted else "not_written" for entry in done}

    def _with(self, *, papers: Collection[PaperEntry] = (), intended: Collection[PaperEntry] = ()) -> Papers:
        """The record with these instead of what it says of their paths; what is published is intended no more.

        What an interrupted run meant to write stays intended while it lies there: a second interruption, or an open
        file, would else make it foreign.
        """
        published = {entry.path for entry in papers}
        lying = {self.found.get(entry.path) for entry in intended}
        under_way = {entry.path for entry in intended}
        before = (
            entry
            for entry in self.record.intended
            if entry.path not in published and (entry.path not in under_way or entry in lying)
        )
        return Papers(
            papers=(*(entry for entry in self.record.papers if entry.path not in published), *papers),
            intended=(*before, *intended),
        )

    def settle(self, papers: Iterable[Paper]) -> None:
        """Take up what an interrupted run wrote, and take away ours beside a file that is ours again."""
        taken_up, gone = [], []
        for paper in papers:
            own, beside = _names(paper)
            taken_up += [self.found[path] for path in (own, beside) if self.found.get(path) in self.record.intended]
            info = self.listed.get(beside)
            if self.states[own] is There.OURS and self.states[beside] is There.OURS and info is not None:
                outcome = self.store.remove(beside, info)
                gone += [beside] if outcome.outcome in (Outcome.DONE, Outcome.MISSING) else []
        if taken_up or gone:
            self.note(self._with(papers=taken_up).without(gone))

    def note(self, record: Papers) -> bool:
        """Write the record, the one before put by first; it counts only where it could be written."""
        before = FileToWrite(PAPERS_BACKUP_NAME, self.record.to_bytes(), self.at)
        outcomes = self.store.write([before, FileToWrite(PAPERS_NAME, record.to_bytes(), self.at)])
        if any(outcome.outcome is not Outcome.DONE for outcome in outcomes):
            return False
        self.record = record
        return True
