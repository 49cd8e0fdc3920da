"""What lies on the demo's store, read back from it, and how that is shown."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from reservplan.domain.plan import Cell
from reservplan.domain.ports import Store
from reservplan.domain.standing import CellState
from reservplan.settings import StoreSettings

from demo.scene import Scene


@dataclass(frozen=True)
class Results:
    """The store as it is now: its coverage table, its files, and the cells of the export that are not whole."""

    table: str
    files: int
    size_bytes: int
    not_whole: tuple[str, ...]
    example: str

    @property
    def whole(self) -> bool:
        """Whether every cell that the export covers lies whole on the store."""
        return not self.not_whole

    def shortfall(self, state: str) -> str:
        """What is wrong, in words."""
        if not self.not_whole:
            return f"Every copy lies there, but Airflow's run ended as {state}."
        shown = ", ".join(self.not_whole[:5]) + (" …" if len(self.not_whole) > 5 else "")
        return f"{len(self.not_whole)} cells are not whole on the store: {shown}."

    @classmethod
    def read(cls, scene: Scene) -> "Results":
        """Read the store back: every file of every cell is opened and its hash compared."""
        from reservplan.store.inspection import inspect
        from reservplan.watch import coverage, coverage_table

        settings = scene.settings()
        of_store = settings.stores[0]
        days = scene.days()
        cells = [Cell(day, team.name) for day in days for team in settings.teams]
        with open_store(of_store) as store:
            found = inspect(store, of_store.layout, cells, deep=True)
        sizes, not_whole, example = [], [], ""
        for cell in cells:
            standing = found[cell.plan_date].standings[cell.team]
            if standing.entry is None or standing.state is not CellState.WHOLE or standing.unsealed:
                not_whole.append(str(cell))
                continue
            sizes += [artifact.bytes for artifact in standing.entry.artifacts]
            if cell.plan_date == scene.today() and not example:
                example = next(artifact.name for artifact in standing.entry.artifacts if artifact.format == "pdf")
        table = coverage_table([coverage(open_store(of_store), of_store, settings, datetime.now(UTC))], settings)
        return cls(table, len(sizes), sum(sizes), tuple(not_whole), example)


def files_on_disk(scene: Scene) -> dict[str, tuple[int, int]]:
    """Each published file with its size and time, to tell afterwards what a run has changed."""
    folder = scene.folder_on_disk()
    found = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


def open_store(settings: StoreSettings) -> Store:
    """The demo's store, as the command opens it."""
    from reservplan.store import open_store as open_with
    from reservplan.store.connection import connection_from_environment

    return open_with(settings, connection_from_environment(settings.connection) if settings.connection else None)


def report(
    scene: Scene, results: Results, before: Mapping[str, tuple[int, int]], steps: Mapping[str, float] | None = None
) -> None:
    """Print the table, the counts, what the run changed, its times, and where to look."""
    changed = len(set(files_on_disk(scene).items()) - set(before.items()))
    print(f"\n{results.table}\n")
    print(f"On the store   {results.files} files, {results.size_bytes / 1e6:.1f} MB, each read back and compared")
    print(f"Written now    {changed} files" if changed else "Written now    nothing: every file is as it was before")
    if steps:
        print("Steps          " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items()))
    print("\nWhere to look")
    print(f"  on this disk   {scene.folder_on_disk()}")
    if results.example:
        print(f"  one to open    {os.fspath(scene.folder_on_disk() / results.example)!r}")
    if scene.store == "smb":
        print(f"  over SMB       {scene.smbclient_command()}")
        print("                 (the file server stays for this; `make down` ends it)")
