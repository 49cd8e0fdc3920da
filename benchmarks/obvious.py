"""The obvious ways of doing what a step does, each as somebody would write it at first; and ours on the same sample.

`python -m benchmarks.obvious WAY ARGUMENT…` does one of them in a process of its own, and prints as JSON how long it
worked, without the start of the process and its imports.
"""

import html
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.measuring import Work, print_cost

# What a person reads of a visit on the list.
SHOWN = ("start", "end", "client", "address", "phone", "access", "activities", "double", "note")
WRITTEN_BY_HAND = ("Från", "Till", "Avvikelse", "Signatur")
CSS = """
@page { size: A4 landscape; margin: 12mm; @bottom-right { content: "Sida " counter(page) " av " counter(pages); } }
body { font: 8pt Arial, sans-serif; } h2 { break-before: page; }
table { border-collapse: collapse; width: 100%; } td, th { border: 0.5pt solid #666; padding: 2pt; text-align: left; }
thead { display: table-header-group; } tr { break-inside: avoid; }
"""


def our_pdf(sample: str) -> Work:
    """The lists of the sample, drawn as the product draws them."""
    from reservplan.render.document import draw_pdf

    return lambda: _each_list(sample, draw_pdf, ".pdf")


def weasyprint_pdf(sample: str) -> Work:
    """The same lists as tables in HTML, printed by WeasyPrint."""
    from weasyprint import HTML

    return lambda: _each_list(sample, lambda document: bytes(HTML(string=_as_html(document)).write_pdf()), ".w.pdf")


def our_xlsx(sample: str) -> Work:
    """The lists of the sample as workbooks, drawn as the product draws them."""
    from reservplan.render.workbook import draw_xlsx

    return lambda: _each_list(sample, draw_xlsx, ".xlsx")


def openpyxl_xlsx(sample: str) -> Work:
    """The same lists with openpyxl, each cell given its font, border and alignment."""
    import openpyxl  # noqa: F401 - imported before the work is timed

    return lambda: _each_list(sample, _cell_by_cell, ".o.xlsx")


def pandas_csv(export: str) -> Work:
    """An export of text read by pandas, with its times as instants, a frame for each group and day."""
    import pandas as pd

    return lambda: _by_cell(pd.read_csv(export, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig"))


def pandas_xlsx(export: str) -> Work:
    """The same of a workbook, which pandas reads by openpyxl."""
    import openpyxl  # noqa: F401 - imported before the work is timed
    import pandas as pd

    return lambda: _by_cell(pd.read_excel(export, dtype=str, keep_default_na=False, engine="openpyxl"))


def validate_each_team(config: str, request: str) -> Work:
    """Our rules, but one run of Great Expectations for each group."""
    import pyarrow.parquet  # noqa: F401 - imported before the work is timed
    from reservplan.domain.plan import Cell
    from reservplan.run_files import RunFiles
    from reservplan.settings import load
    from reservplan.snapshot import SnapshotRequest
    from reservplan.staging import Staging
    from reservplan.validate import judge

    settings, asked = load(Path(config)), SnapshotRequest.model_validate_json(Path(request).read_bytes())

    def work() -> None:
        from dataclasses import replace

        files = RunFiles(Staging.of_run(settings.staging, asked.run_id))
        (part,) = files.parts()
        plan = files.plan(part)
        for team in settings.teams:
            visits, shifts = (frame[frame["team"] == team.name] for frame in (plan.visits, plan.shifts))
            cells = [Cell(day, team.name) for day in asked.plan_dates]
            judge(replace(plan, visits=visits, shifts=shifts), settings, cells)

    return work


def samba_hook(files: str, folder: str) -> Work:
    """The rendered files by the hook of Airflow's Samba provider: written in place, not read back."""
    from airflow.providers.samba.hooks.samba import SambaHook

    def work() -> None:
        with SambaHook("reservplan_share") as hook:
            for file in _files(files):
                hook.push_from_local(f"{folder}/{file.name}", str(file))

    return work


def samba_hook_made_safe(files: str, folder: str) -> Work:
    """The same made safe as ours is: a temporary name, flushed, read back, compared, then renamed over."""
    from airflow.providers.samba.hooks.samba import SambaHook

    def work() -> None:
        with SambaHook("reservplan_share") as hook:
            for file in _files(files):
                temp, content = f"{folder}/{file.name}.tmp", file.read_bytes()
                with hook.open_file(temp, mode="wb") as writing:
                    writing.write(content)
                    writing.flush()
                    # Only the raw file's own flush asks the server for one.
                    writing.raw.flush()
                with hook.open_file(temp, mode="rb") as written:
                    if written.read() != content:
                        raise RuntimeError(f"{file.name} came back changed")
                hook.replace(temp, f"{folder}/{file.name}")

    return work


WAYS: dict[str, Callable[..., Work]] = {
    way.__name__: way
    for way in (
        our_pdf, weasyprint_pdf, our_xlsx, openpyxl_xlsx, pandas_csv, pandas_xlsx, validate_each_team,
        samba_hook, samba_hook_made_safe,
    )
}  # fmt: skip


def _files(folder: str) -> Iterator[Path]:
    yield from sorted(Path(folder).iterdir())


def _each_list(sample: str, draw: Callable[[dict[str, Any]], bytes], suffix: str) -> None:
    for file in sorted(Path(sample).glob("*.json")):
        content = draw(json.loads(file.read_text(encoding="utf-8"))["list"])
        file.with_suffix(suffix).write_bytes(content)


def _by_cell(frame: Any) -> None:
    import pandas as pd

    starts = pd.to_datetime(frame["Datum"] + " " + frame["Starttid"], format="%Y-%m-%d %H:%M", errors="coerce")
    local = starts.dt.tz_localize("Europe/Stockholm", ambiguous="NaT", nonexistent="shift_forward")
    frame["start"], frame["end"] = local, local + pd.to_timedelta(pd.to_numeric(frame["Längd"]), unit="min")
    cells = dict(tuple(frame.groupby(["Datum", "Grupp"])))
    if not cells:
        raise RuntimeError("nothing was read")


def _rows(document: dict[str, Any]) -> Iterator[tuple[str, list[list[str]]]]:
    yield document["labels"]["unassigned"], [_row(visit) for visit in document["front"]["unassigned"]]
    for employee in document["employees"]:
        visits = [visit for part in employee["parts"] for visit in part["rows"]]
        yield f"{employee['name']} {employee['facts']}", [_row(visit) for visit in visits]


def _row(visit: dict[str, Any]) -> list[str]:
    return [str(visit[name]) for name in SHOWN] + [""] * len(WRITTEN_BY_HAND)


def _headings(document: dict[str, Any]) -> list[str]:
    labels = document["labels"]
    return [labels.get(name, name) for name in SHOWN] + list(WRITTEN_BY_HAND)


def _as_html(document: dict[str, Any]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in _headings(document))
    parts = [f"<style>{CSS}</style><h1>{html.escape(document['title'])}</h1>"]
    for title, rows in _rows(document):
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        parts.append(f"<h2>{html.escape(title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    return "".join(parts)


def _cell_by_cell(document: dict[str, Any]) -> bytes:
    import io

    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, Side

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    thin = Side(style="thin")

    def put(row: int, values: list[str], *, bold: bool) -> None:
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row=row, column=column, value=value)
            cell.font = Font(name="Arial", size=9, bold=bold)
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
            cell.alignment = Alignment(wrap_text=True, vertical="top")

    put(1, ["", *_headings(document)], bold=True)
    number = 2
    for title, rows in _rows(document):
        for row in rows:
            put(number, [title, *row], bold=False)
            number += 1
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def main(way: str, *arguments: str) -> None:
    """Prepare, then work, and print what it cost."""
    print_cost(WAYS[way](*arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
