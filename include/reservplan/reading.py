"""What a run reads: decides of each cell whether the archive or the export speaks for it, and stages both.

An export that cannot be read stops nothing that the archive holds; it is said, and its cells are nobody's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from reservplan.archive import Archive, Capture
from reservplan.domain.errors import ReservplanError, SourceNotReady
from reservplan.domain.plan import Cell, Plan
from reservplan.plan_sources import Choice, Key, choose, empty_plan
from reservplan.run_files import Part, RunFiles
from reservplan.settings import Settings

if TYPE_CHECKING:
    from reservplan.snapshot import SnapshotRequest


class Reading:
    """One run's reading. `input_sha256` is a hash over the export's files, None where it cannot be known beforehand."""

    def __init__(
        self, settings: Settings, request: "SnapshotRequest", files: RunFiles, input_sha256: str | None
    ) -> None:
        self.settings = settings
        self.request = request
        self.files = files
        self.input_sha256 = input_sha256
        self.archive = Archive(settings.archive)
        self.notes: list[str] = []

    @cached_property
    def choice(self) -> Choice:
        """Which captures speak for which cells, and what must be asked of the export."""
        request = self.request
        # A copy that is gone is made again of what it was made of, unless that is old by now.
        since = request.started_at - timedelta(hours=self.settings.stale_hours) if request.cells else None
        past = [day for day in request.plan_dates if day < request.today or request.from_archive or since]
        captures = {day: self.archive.captures(day) for day in past}
        cells = configured_cells(self.settings, request)
        if not (request.teams or request.cells):
            # A group that the settings do not know has copies of its own, and so it may have missed days.
            known = {*(team.name for team in self.settings.teams), *self.settings.source.ignore_teams}
            cells += [Cell(day, team) for day in past for team in sorted(_teams_of(captures[day]) - known)]
        return choose(cells, captures, request.today, from_archive=request.from_archive, archived_since=since)

    @cached_property
    def made_of(self) -> dict[Cell, str]:
        """A hash over all that decides what each cell's copy is to show; empty where that cannot be known yet."""
        made = dict.fromkeys(self.choice.exported, self._hash(self.input_sha256))
        for key, cells in self.choice.archived.items():
            made |= dict.fromkeys(cells, self._hash(_input_of(self.choice.captures[key])))
        return made

    def stage(self, *, insist_on_fresh: bool) -> dict[str, int]:
        """Read all that was chosen and stage it as the run's parts; returns counts.

        Raises:
            SourceNotReady, SourceError: the export cannot be read, and the archive has nothing of what is asked.
        """
        parts = list(self._stage_captures(self.choice.archived))
        # A capture that turns out to be damaged speaks for none of its cells.
        left = sorted(self.made_of.keys() - {cell for part in parts for cell in part.cells})
        exported = self._read_export(left, insist_on_fresh=insist_on_fresh)
        lacking = [cell for cell in left if exported is None or cell not in exported.sources]
        parts += self._stage_captures(self.choice.next_best(lacking), first=len(parts))
        left = sorted(set(left) - {cell for part in parts for cell in part.cells})
        parts += self._stage_export(left, exported, number=len(parts))
        self.files.put_input_sha256(self.input_sha256 or "")
        self.files.put_parts(parts)
        self.files.put_texts("notes", self.notes)
        return {
            "cells": sum(len(part.cells) for part in parts),
            "archived": sum(len(part.cells) for part in parts if part.archived),
            "rows": len(exported.visits) if exported else 0,
            "unreadable": len(exported.unreadable) if exported else 0,
        }

    def _stage_captures(self, wanted: Mapping[Key, tuple[Cell, ...]], first: int = 0) -> Iterator[Part]:
        """Stage archived captures as parts of the run; one that is damaged is said, and the one before it taken."""
        number = first
        for key, cells in wanted.items():
            capture = self.choice.captures[key]
            try:
                plan = self.archive.plan(capture)
            except ReservplanError as fault:
                self.notes.append(str(fault))
                for part in self._stage_captures(self.choice.older(key, cells), number):
                    yield part
                    number += 1
                continue
            part = Part(number, cells, capture.source, True, self._hash(_input_of(capture)))
            self.files.put_plan(part, plan)
            yield part
            number += 1

    def _read_export(self, wanted: Sequence[Cell], *, insist_on_fresh: bool) -> Plan | None:
        """The export's plan; None where nothing is asked of it, or it cannot be read and the archive has something."""
        from reservplan.extract import read_plan

        in_archive = self.choice.archived or self.choice.second_best
        if self.request.from_archive or (in_archive and not wanted):
            return None
        days = sorted({cell.plan_date for cell in wanted}) or self.request.plan_dates
        try:
            plan = read_plan(self.settings, days, self.request.started_at)
        except ReservplanError as fault:
            if not (in_archive or self.request.cells):
                raise
            self.notes.append(str(fault))
            # A store may hold what neither archive nor export can give; where none does, this is why.
            self.files.put_texts("unread", [fault.what, fault.do])
            return None
        if plan.too_old and insist_on_fresh:
            raise SourceNotReady(plan.too_old, do="Save a new export; until then it is looked for again.")
        return plan

    def _stage_export(self, left: Sequence[Cell], plan: Plan | None, *, number: int) -> Iterator[Part]:
        """Stage the export as a part of the run: what only it has, groups that the settings do not know among it.

        Where it could not be read, the cells that are left are nobody's: an empty plan says so of each.
        """
        certain = self.request.teams or self.request.cells
        strangers = plan.unknown_teams if plan and not certain else ()
        cells = (*left, *(cell for cell in (plan.sources if plan else ()) if cell.team in strangers))
        if not cells:
            return
        plan = plan or empty_plan(self.settings.timezone, self.request.started_at)
        part = Part(number, cells, plan.label, False, self._hash(self.input_sha256))
        self.files.put_plan(part, plan)
        yield part

    def _hash(self, content: str | None) -> str:
        from reservplan.render import template_version

        if not content:
            return ""
        source = self.settings.source
        places = [source.path, source.shifts.path if source.shifts else ""]
        # Where the exports lie may differ from worker to worker; what their names tell does not.
        told_by_name = [re.sub(r"^[^{*?]*/", "", place) for place in places]
        rules = self.settings.model_dump_json(
            exclude={
                **dict.fromkeys(
                    ("staging", "archive", "reports", "schedule", "alerts", "watch", "drill", "stores"), True
                ),
                "contacts": {"operations": True},
                "source": {"path": True, "shifts": {"path": True}},
            }
        )
        made_by = f"{rules}\n{told_by_name}\n{template_version()}\n{code_version()}"
        return sha256(f"{content}\n{made_by}".encode()).hexdigest()


def configured_cells(settings: Settings, request: "SnapshotRequest") -> list[Cell]:
    """Every cell that a run must look at, day by day: of the settings, unless it was asked for certain ones."""
    if request.cells:
        return list(request.cells)
    teams = [team for team in settings.teams if not request.teams or team.name in request.teams]
    return [Cell(day, team.name) for day in request.plan_dates for team in teams if team.expected_on(day)]


def _input_of(capture: Capture) -> str:
    """The input that a capture was made of: a copy made of it at once, or of the archive later, is made of the same."""
    return capture.raw_sha256 or capture.capture_id


def _teams_of(captures: Iterable[Capture]) -> set[str]:
    return {team for capture in captures for team in capture.cells}


@cache
def code_version() -> str:
    """Changes with the product's own code, so that a corrected rule or layout makes copies anew."""
    folder = Path(__file__).parent
    digest = sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
