"""`make benchmark`: measure every step, the whole job and the obvious ways on this machine; print and keep the table.

Everything happens in a temporary folder with a Samba of its own, and is gone afterwards.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import publishing, watching
from benchmarks.many_groups import DAYS, GROUPS
from benchmarks.measuring import Cost, ProgramFailed, measure
from benchmarks.report import HEADINGS, KEPT, TITLES, markdown, write
from benchmarks.results import BESIDE, MANY, STEPS, WHOLE, Machine, Results, Row
from benchmarks.site import Site
from benchmarks.steps import STEPS as STEP_NAMES
from servers.airflow_home import PROJECT, write_private
from servers.samba import SambaServer

PACKAGES = (
    "apache-airflow", "great-expectations", "openpyxl", "pandas", "smbprotocol", "typst", "weasyprint",
    "apache-airflow-providers-samba",
)  # fmt: skip
TEAMS = (11, 100)
# So many lists are drawn in each way: how long one takes does not depend on how many there are.
SAMPLE = 4
# What takes minutes at the larger size and would tell nothing more is measured up to here only.
MOST_CELLS_OF_DEAR_WAYS = 50


@dataclass
class Benchmark:
    """One size: its site, and the rows measured so far."""

    site: Site
    through_airflow: bool
    rows: list[Row] = field(default_factory=list)

    def run(self) -> Iterator[Row]:
        """Measure everything; each row is given as soon as it is there."""
        self.site.prepare("steps")
        request = self.site.write_request()
        for name in STEP_NAMES:
            yield self._keep(STEPS, name, self._step(self.site, request, name))
            if beside := self._beside.get(name):
                yield from beside(request)
        yield from self.whole()

    @property
    def _beside(self) -> dict[str, Callable[[Path], Iterator[Row]]]:
        """The obvious ways of a step, measured right after it."""
        return {
            "extract": self.beside_extract,
            "validate": self.beside_validate,
            "render": self.beside_render,
            "publish": self.beside_publish,
        }

    def beside_validate(self, request: Path) -> Iterator[Row]:
        """One run of Great Expectations a group."""
        ours = self._of(STEPS, "validate")
        yield self._ours("validate: all groups at once", ours)
        theirs = self._obvious("validate_each_team", self.site.config, request)
        yield self._keep(BESIDE, "validate: Great Expectations a group", theirs, ours)

    def beside_render(self, _request: Path) -> Iterator[Row]:
        """A sample of lists, in one process each."""
        if self.site.cells > MOST_CELLS_OF_DEAR_WAYS:
            return
        sample = self.site.folder / "sample"
        documents = sorted(self.site.staged("documents").glob("*.json"))[:SAMPLE]
        sample.mkdir()
        for document in documents:
            shutil.copy(document, sample)
        note = f"{len(documents)} lists"
        ours = self._keep(BESIDE, "PDF: ours (typst)", self._obvious("our_pdf", sample), note=note, of_ours=True)
        yield ours
        yield self._try(BESIDE, "PDF: WeasyPrint", lambda: self._obvious("weasyprint_pdf", sample), ours)
        drawn = self._keep(BESIDE, "xlsx: ours", self._obvious("our_xlsx", sample), note=note, of_ours=True)
        yield drawn
        yield self._try(BESIDE, "PDF: LibreOffice from our xlsx", lambda: self._libreoffice(sample), ours)
        yield self._keep(BESIDE, "xlsx: openpyxl cell by cell", self._obvious("openpyxl_xlsx", sample), drawn)

    def beside_publish(self, _request: Path) -> Iterator[Row]:
        """The same files to the same server."""
        ours = self._of(STEPS, "publish")
        files = self.site.folder / "files"
        files.mkdir()
        published = self.site.samba.share_path / "steps"
        for file in (file for file in published.iterdir() if file.is_file()):
            shutil.copy(file, files)
        count = sum(1 for _ in files.iterdir())
        yield self._ours("publish: ours, whole or not at all", ours, note=_rate(count, ours.work_seconds))
        ways: dict[str, Callable[[], Cost]] = {
            "publish: SambaHook.push_from_local": lambda: self._obvious("samba_hook", files, self._empty_folder()),
            "publish: SambaHook made safe": lambda: self._obvious("samba_hook_made_safe", files, self._empty_folder()),
            "publish: smbclient mput": lambda: self._mput(files, self._empty_folder()),
        }
        for name, way in ways.items():
            row = self._try(BESIDE, name, way, ours)
            yield row if row.missing else self._change(row, note=_rate(count, row.work_seconds))

    def beside_extract(self, _request: Path) -> Iterator[Row]:
        """The same export."""
        ours = self._of(STEPS, "extract")
        yield self._ours("extract .csv: ours", ours)
        yield self._keep(BESIDE, "extract .csv: pandas.read_csv", self._obvious("pandas_csv", self.site.export), ours)
        if self.site.cells > MOST_CELLS_OF_DEAR_WAYS:
            return
        book = _as_workbook(self.site.export, self.site.folder / "Planering.xlsx")
        site = Site(self.site.folder / "workbook", self.site.teams, self.site.samba)
        site.prepare("workbook", source=book)
        cost = self._step(site, site.write_request(), "extract")
        of_book = self._keep(BESIDE, "extract .xlsx: ours (calamine)", cost, of_ours=True)
        yield of_book
        yield self._keep(BESIDE, "extract .xlsx: pandas.read_excel", self._obvious("pandas_xlsx", book), of_book)

    def whole(self) -> Iterator[Row]:
        """The command, the command again, and the same through Airflow onto an empty store."""
        self.site.prepare("command")
        command: list[str | Path] = [
            Path(sys.executable).parent / "reservplan",
            "--config",
            self.site.config,
            "snapshot",
        ]
        for name in ("the command", "second run, nothing changed"):
            yield self._keep(WHOLE, name, measure(command, self.site.environment, self.site.folder))
        if self.through_airflow:
            self.site.prepare("airflow")
            yield self._airflow()

    def _airflow(self) -> Row:
        name = "through Airflow"
        try:
            cost = self._python("benchmarks.through_airflow", self.site.folder, self.site.samba.base)
        except ProgramFailed as failed:
            return self._add(Row(WHOLE, self.site.cells, name, missing=str(failed).strip().splitlines()[-1]))
        found = json.loads(cost.printed.splitlines()[-1])
        airflows = found["wall_seconds"] - found["own_seconds"]
        note = f"of it Airflow's own {airflows:.0f} s ({airflows / found['wall_seconds']:.0%}), {found['tasks']} tasks"
        if found["tried_again"]:
            note += f"; {found['tried_again']} had to be tried again: measure on a machine that is less busy"
        return self._add(
            Row(
                WHOLE, self.site.cells, name, found["wall_seconds"], own_bytes=found["largest_bytes"], note=note,
                airflow_seconds=airflows,
            )
        )  # fmt: skip

    def _step(self, site: Site, request: Path, name: str) -> Cost:
        return measure(
            [sys.executable, "-m", "benchmarks.steps", site.config, request, name], site.environment, site.folder
        )

    def _python(self, module: str, *arguments: str | Path) -> Cost:
        return measure([sys.executable, "-m", module, *arguments], self.site.environment, self.site.folder)

    def _obvious(self, way: str, *arguments: str | Path) -> Cost:
        # Airflow makes its folder where it is imported.
        environment = self.site.environment | {"AIRFLOW_HOME": str(self.site.folder / "airflow-home")}
        command = [sys.executable, "-m", "benchmarks.obvious", way, *arguments]
        return measure(command, environment, self.site.folder)

    def _libreoffice(self, sample: Path) -> Cost:
        program = _program("soffice")
        home = (self.site.folder / "libreoffice").as_uri()
        books = [file for file in sorted(sample.glob("*.xlsx")) if not file.name.endswith(".o.xlsx")]
        target = self.site.folder / "converted"
        command: list[str | Path] = [program, f"-env:UserInstallation={home}", "--headless", "--convert-to", "pdf"]
        command += ["--outdir", target, *books]
        return measure(command, self.site.environment, self.site.folder)

    def _mput(self, files: Path, folder: str) -> Cost:
        samba = self.site.samba
        login = self.site.folder / "smbclient-login"
        write_private(login, f"username={samba.user}\npassword={samba.password}\n")
        command = [_program("smbclient"), f"//{samba.host}/{samba.share}", f"--port={samba.port}",
                   f"--authentication-file={login}", f"--directory={folder}",
                   f"--command=prompt OFF; lcd {files}; mput *"]  # fmt: skip
        return measure(command, self.site.environment, self.site.folder)

    def _empty_folder(self) -> str:
        return Path(tempfile.mkdtemp(prefix="obvious-", dir=self.site.samba.share_path)).name

    def _try(self, table: str, name: str, way: Callable[[], Cost], ours: Row) -> Row:
        """A comparison that not every machine can do."""
        try:
            return self._keep(table, name, way(), ours)
        except (ProgramFailed, FileNotFoundError) as error:
            reason = str(error).strip().splitlines()[-1][:80]
            return self._add(Row(table, self.site.cells, name, missing=reason, of_ours=False))

    def _keep(
        self, table: str, name: str, cost: Cost, beside: Row | None = None, note: str = "", of_ours: bool = False
    ) -> Row:
        work = _work_seconds(cost)
        return self._add(
            Row(
                table, self.site.cells, name, work, cost.wall_seconds, cost.cpu_seconds, cost.own_bytes,
                cost.workers_bytes, work / beside.work_seconds if beside else None, note,
                of_ours=of_ours or beside is None,
            )
        )  # fmt: skip

    def _ours(self, name: str, measured: Row, note: str = "") -> Row:
        """What was measured as a step, shown again above the obvious ways."""
        return self._add(replace(measured, table=BESIDE, name=name, note=note))

    def _of(self, table: str, name: str) -> Row:
        return next(row for row in self.rows if (row.table, row.name) == (table, name))

    def _change(self, row: Row, *, note: str) -> Row:
        self.rows[self.rows.index(row)] = changed = replace(row, note=note)
        return changed

    def _add(self, row: Row) -> Row:
        self.rows.append(row)
        return row


def many_groups(folder: Path, groups: int = GROUPS) -> Iterator[Row]:
    """A thousand groups validated at once, beside plain pandas, and whether both come to the same verdicts."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(folder), "PYTHONPATH": str(PROJECT),
    }  # fmt: skip
    frames = folder / "frames"

    def measured(way: str) -> Cost:
        program = [sys.executable, "-m", "benchmarks.many_groups", way, str(frames), str(groups)]
        return measure(program, environment, folder)

    def row(name: str, cost: Cost, **more: Any) -> Row:
        work = _work_seconds(cost)
        return Row(MANY, groups * DAYS, name, work, cost.wall_seconds, cost.cpu_seconds, cost.own_bytes, **more)

    measured("prepare")
    ours = row("validate: ours", measured("ours"))
    plain = measured("plain")
    verdicts = [json.loads((frames / f"{way}.json").read_text(encoding="utf-8")) for way in ("ours", "plain")]
    same = sum(verdicts[0][cell] == verdict for cell, verdict in verdicts[1].items())
    yield replace(ours, note=f"{len(verdicts[0])} verdicts")
    yield row(
        "validate: plain pandas", plain, ratio=_work_seconds(plain) / ours.work_seconds, of_ours=False,
        note=f"{same} verdicts and reasons the same",
    )  # fmt: skip


def _work_seconds(cost: Cost) -> float:
    """What a process of ours says that it worked; another's program only shows how long it took."""
    lines = cost.printed.strip().splitlines()
    try:
        return float(json.loads(lines[-1])["work_seconds"])
    except (IndexError, ValueError, KeyError, TypeError):
        return cost.wall_seconds


def _rate(files: int, seconds: float) -> str:
    return f"{files / seconds:.0f} files/s"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not on this machine")
    return found


def _as_workbook(export: Path, book: Path) -> Path:
    """The same export as a workbook, all cells as text."""
    import csv

    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Planering")
    with export.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.reader(lines, delimiter=";"):
            sheet.append(row)
    workbook.save(book)
    return book


def benchmark(
    teams: Sequence[int], tell: Callable[[Row], None], *, through_airflow: bool = True, with_all: bool = True
) -> Results:
    """Measure all sizes in a temporary folder, and what has a size of its own; `tell` hears of each row."""
    machine = Machine.here(PACKAGES)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="reservplan-benchmark-") as base, SambaServer(Path(base) / "smb") as samba:
        for count in teams:
            one = Benchmark(Site(Path(base) / str(count), count, samba), through_airflow)
            for row in one.run():
                tell(row)
            rows += one.rows
            for folder in samba.share_path.iterdir():
                shutil.rmtree(folder)
        if with_all:
            for row in many_groups(Path(base)):
                tell(row)
                rows.append(row)
    if with_all:
        rows += publishing.measure()
        rows += watching.measure()
    return Results(replace(machine, load_at_end=os.getloadavg()), rows)


def tell_row(row: Row) -> None:
    """One line to somebody who waits."""
    what = f"not there: {row.missing}" if row.missing else f"{row.work_seconds:8.2f} s  {row.note}"
    print(f"  {row.cells:4} cells  {row.name:38} {what}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="make benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="44 cells only; the page in docs/ is not changed")
    asked = parser.parse_args(arguments)
    os.umask(0o077)
    results = benchmark(TEAMS[:1] if asked.quick else TEAMS, tell_row, with_all=not asked.quick)
    for name in HEADINGS:
        if rows := results.of(name):
            print(f"\n{TITLES[name]}\n{markdown(name, rows)}")
    if not asked.quick:
        write_private(KEPT, results.to_json())
        for file in write(results):
            print(f"Written: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
